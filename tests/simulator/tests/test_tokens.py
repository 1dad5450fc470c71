# Copyright (c) 2026, the mdmkit.apps_books authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who is let in."""

from __future__ import annotations

import base64
from typing import Any

import pytest
from vpp_simulator.testing import ApiClient, SimulatorHandle, content_token, inner_token

FULL = content_token("full-rights-token")
READ_ONLY = content_token("read-only-token")
REVOKED = content_token("revoked-token-text")
EXPIRED = content_token("expired-token-text", exp_date="2020-01-01T00:00:00+0000")


@pytest.fixture
def several(simulator: SimulatorHandle) -> SimulatorHandle:
    """One location with a token of every kind."""
    simulator.reset(
        {
            "behaviour": {"max_requests_per_second": 0, "event_seconds": 0},
            "locations": [
                {
                    "name": "one",
                    "tokens": [
                        {"content_token": FULL},
                        {"content_token": READ_ONLY, "read_only": True},
                        {"content_token": REVOKED, "revoked": True},
                        {"token": {"token": "expired-token-text", "expDate": "2020-01-01T00:00:00+0000", "orgName": "Example Organization"}},
                    ],
                }
            ],
        }
    )
    return simulator


UNKNOWN = content_token("never-heard-of")


@pytest.mark.parametrize(
    ("header", "error"),
    [
        (None, 9601),
        ("", 9722),
        ("Bearer", 9722),
        ("Bearer ", 9722),
        (f"bearer {FULL}", 9722),
        (f"Basic {FULL}", 9722),
        (FULL, 9722),
        (f"Bearer  {FULL}", 9722),
        (f"Bearer {UNKNOWN}", 9622),
        ("Bearer anything", 9622),
        (f"Bearer {inner_token(FULL)}", 9622),
        (f"Bearer {base64.b64decode(FULL).decode()}", 9622),
        (f"Bearer {REVOKED}", 9625),
        (f"Bearer {EXPIRED}", 9621),
    ],
)
def test_refused_tokens(several: SimulatorHandle, header: str | None, error: int) -> None:
    api = ApiClient(several.base_url, None)
    headers = {} if header is None else {"Authorization": header}
    for method, path in (("GET", "/assets"), ("GET", "/client/config"), ("POST", "/users/create")):
        answer = api.request(method, path, headers=headers)
        assert (answer.status, answer.error) == (401, error)
    # Service Config needs no token and proves nothing about one.
    assert api.request("GET", "/service/config", headers=headers).status == 200


def test_token_dates_are_answered(several: SimulatorHandle) -> None:
    assert several.api(FULL).get("/assets").json["tokenExpirationDate"] == "2099-12-31T23:59:59+0000"


def test_read_only_tokens_read_three_lists_and_nothing_else(several: SimulatorHandle) -> None:
    api = several.api(READ_ONLY)
    for path in ("/assets", "/assignments", "/users"):
        assert api.get(path).status == 200
    for answer in (api.get("/client/config"), api.get("/status", eventId="x"), api.post("/client/config", {})):
        assert (answer.status, answer.error) == (403, 9637)
    assert api.post("/users/create", {"users": [{"clientUserId": "n"}]}).status == 403
    assert several.state()["users"] == []


def test_the_number_for_read_only_tokens_can_be_chosen(several: SimulatorHandle) -> None:
    several.behaviour(read_only_error=9647)
    answer = several.api(READ_ONLY).post("/users/create", {})
    assert (answer.status, answer.error) == (403, 9647)


def test_revoked_and_expired_while_running(simulator: SimulatorHandle, api: ApiClient, other_api: ApiClient) -> None:
    assert simulator.retire_token("expired", location="one") is None
    assert api.get("/assets").error == 9621
    simulator.retire_token("revoked", location="one")
    assert api.get("/assets").error == 9625
    assert other_api.get("/assets").status == 200


def test_a_newer_token_revokes_the_older(simulator: SimulatorHandle, api: ApiClient) -> None:
    new = simulator.retire_token("replaced", location="one")
    assert new
    assert api.get("/assets").error == 9625
    assert simulator.api(new).get("/assets").json["uId"] == "2049025000431439"
    newer = simulator.retire_token("replaced", location="one")
    assert newer != new
    assert simulator.api(new).get("/assets").error == 9625


def test_several_tokens_of_one_location_share_everything(several: SimulatorHandle) -> None:
    several.behaviour(max_requests_per_second=3)
    assert several.api(FULL).written("/users/create", {"users": [{"clientUserId": "n"}]})["eventStatus"] == "COMPLETE"
    read_only = several.api(READ_ONLY)
    assert [user["clientUserId"] for user in read_only.get("/users").json["users"]] == ["n"]
    assert read_only.get("/users").error == 9646


def test_errors_may_come_with_status_200(simulator: SimulatorHandle, api: ApiClient) -> None:
    simulator.behaviour(errors_as_200=True)
    for answer, error in (
        (ApiClient(simulator.base_url, "wrong").get("/assets"), 9622),
        (api.get("/assets", pageIndex=9), 9650),
        (api.post("/users/create", {}), 9720),
    ):
        assert (answer.status, answer.error) == (200, error)
    simulator.behaviour(errors_as_200=False)
    assert api.get("/assets", pageIndex=9).status == 400


def test_made_up_tokens_are_told_and_given_ones_are_not(simulator: SimulatorHandle, seed: dict[str, Any]) -> None:
    del seed["locations"][1]["content_token"]
    simulator.reset(seed)
    given, made_up = simulator.tokens()
    assert (given["location"], given["status"], given["content_token"]) == ("one", "valid", None)
    assert simulator.api(made_up["content_token"]).get("/client/config").json["locationName"] == "two"
    assert simulator.token() == simulator.token("two") == made_up["content_token"]


def test_no_token_is_shown_anywhere(simulator: SimulatorHandle, api: ApiClient) -> None:
    text, inner = content_token("token-of-location-one"), "token-of-location-one"
    api.request("POST", "/users/create", {"sToken": text}, content=f'{{"sToken": "{text}", "t": "{inner}"}}'.encode())
    api.get("/assets", adamId=inner)
    simulator.api(inner).get("/assets")
    for shown in (simulator.requests(), simulator.control("GET", "state"), simulator.tokens(), simulator.control("GET", "behaviour"), simulator.violations()):
        assert text not in str(shown) and inner not in str(shown)
    assert simulator.requests()[0]["query"] == {"sToken": "********"}
    assert "Authorization" not in str(simulator.requests())
