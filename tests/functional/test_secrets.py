# Copyright (c) 2026, the mdmkit.apps_books authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a module prints while something is wrong: never a secret, and still what is wrong. The suite in tests/canary does the same under Ansible."""

from __future__ import annotations

import base64
import json
from typing import Any, Dict

import pytest
from ansible_collections.mdmkit.apps_books.tests.canary.search import Search, Secret
from ansible_collections.mdmkit.apps_books.tests.canary.world import NEW_SECRET, secret_text
from vpp_simulator.testing import SimulatorHandle, content_token, notification_receiver

from .conftest import Location, run_in_process, seed

INNER = secret_text("functional")
TOKEN = content_token(token=INNER, org_name="Springfield Schools")
DECODED = base64.b64decode(TOKEN).decode()
SEARCH = Search([Secret("token", TOKEN), Secret("inner token", INNER), Secret("decoded token", DECODED, whole=True), Secret("secret", NEW_SECRET)])
NOTIFIED = {"notification_url": "https://hooks.example.test/apple", "notification_auth_token": NEW_SECRET}


def shown(simulator: SimulatorHandle, module: str, **options: Any) -> Dict[str, Any]:
    """The result of a failing module at the highest verbosity, in which no secret may be found."""
    arguments = {"base_url": simulator.base_url, "content_token": TOKEN, "retry_budget": 0, "_ansible_verbosity": 4, "_ansible_diff": True, **options}
    result = run_in_process(module, {name: value for name, value in arguments.items() if value is not None})
    assert list(map(str, SEARCH.text(json.dumps(result), module).hits)) == []
    assert result["failed"] and result["invocation"]
    return result


@pytest.fixture
def service(simulator: SimulatorHandle) -> SimulatorHandle:
    simulator.reset(seed(content_token=TOKEN))
    return simulator


ECHOES = {
    "cut off": f"<html>{'An error occurred. ' * 9}{TOKEN}</html>",
    "Base64": base64.b64encode(b"Bearer " + TOKEN.encode()).decode(),
    "inner": f"The token is {INNER}.",
    "JSON-escaped": f"The token is {INNER}.".replace("/", "\\/"),
}


@pytest.mark.parametrize("echo", ECHOES.values(), ids=ECHOES)
@pytest.mark.parametrize("method, module", [("GET", "vpp_client_config_info"), ("POST", "vpp_client_config")])
def test_an_answer_that_repeats_the_token(service: SimulatorHandle, method: str, module: str, echo: str) -> None:
    service.faults([{"match": {"method": method, "path": "/client/config"}, "do": {"status": 500, "body": echo}, "times": 0}])

    result = shown(service, module, **({} if method == "GET" else NOTIFIED))

    assert "HTTP 500: " in result["msg"]


def test_an_answer_that_repeats_the_notification_secret_and_is_cut_off(service: SimulatorHandle) -> None:
    echo = "x " * 85 + NEW_SECRET
    service.faults([{"match": {"method": "POST"}, "do": {"status": 500, "body": echo}, "times": 0}])

    assert "x x x" in shown(service, "vpp_client_config", **NOTIFIED)["msg"]


def test_an_error_of_the_service_that_repeats_the_token(service: SimulatorHandle) -> None:
    body = {"errorNumber": 9602, "errorMessage": f"Not understood: {TOKEN[:77]}"}
    service.faults([{"match": {"path": "/assets"}, "do": {"status": 400, "body": body}, "times": 0}])

    result = shown(service, "vpp_asset_info")

    assert "Not understood: (left out) (error 9602, HTTP 400)" in result["msg"] and result["error_number"] == 9602


@pytest.mark.parametrize("what", ["outer", "inner", "decoded"])
def test_a_token_in_place_of_the_name_of_its_file(service: SimulatorHandle, what: str) -> None:
    text = {"outer": TOKEN, "inner": INNER, "decoded": DECODED}[what]

    result = shown(service, "vpp_asset_info", content_token=None, content_token_file=text)

    assert "not shown) cannot be read: No such file or directory." in result["msg"] and result["requests"] == {"reads": 0, "writes": 0}


def test_a_token_in_the_variable_for_the_name_of_its_file(service: SimulatorHandle, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VPP_CONTENT_TOKEN_FILE", TOKEN)

    result = shown(service, "vpp_asset_info", content_token=None)

    assert result["msg"].startswith("The content token from the file (not shown), named by VPP_CONTENT_TOKEN_FILE, cannot be read: ")


def test_the_name_of_a_file_that_is_missing_is_told(service: SimulatorHandle, tmp_path: Any) -> None:
    path = str(tmp_path / "springfield-elementary.vpptoken")

    result = shown(service, "vpp_asset_info", content_token=None, content_token_file=path)

    assert result["msg"] == f"The content token from content_token_file {path} cannot be read: No such file or directory."


MISPLACED: Dict[str, Dict[str, Any]] = {
    "a misspelt option": {"content_tokn": INNER},
    "an option of another module": {"notification_auth_tokens": NEW_SECRET},
    "within another option": {"mdm_info": {"id": "x", "name": "x", "metadata": "x", "notification_auth_token": NEW_SECRET}},
    "a token in another option": {"notification_types": [TOKEN], "mdm_id": 5, "retry_budget": "soon"},
    "a decoded token in another option": {"mdm_id": DECODED, "retry_budget": "soon"},
    "a mapping": {"notification_auth_token": {"secret": NEW_SECRET}, "retry_budget": "soon"},
    "a list": {"notification_auth_token": [NEW_SECRET], "retry_budget": "soon"},
}


@pytest.mark.parametrize("options", MISPLACED.values(), ids=MISPLACED)
def test_a_secret_in_the_wrong_place(service: SimulatorHandle, options: Dict[str, Any]) -> None:
    result = shown(service, "vpp_client_config", **options)

    wrong = set(options) & {"content_tokn", "notification_auth_tokens", "mdm_info", "retry_budget"}
    assert all(name in result["msg"] for name in wrong)
    assert service.requests() == []


def test_an_answer_that_nobody_foresaw(service: SimulatorHandle) -> None:
    body = {"assets": [{"adamId": "1", "assignedCount": f"Bearer {TOKEN}"}], "totalPages": 1, "currentPageIndex": 0}
    service.faults([{"match": {"path": "/assets"}, "do": {"status": 200, "body": body}, "times": 0}])

    result = shown(service, "vpp_asset_info")

    assert "answered in a form that was not expected, or this module has a fault: ValueError: invalid literal" in result["msg"]
    assert not result["changed"] and result["requests"] == {"reads": 2, "writes": 0}
    assert "service.py" in result.get("exception", "service.py"), "the traceback helps to find the fault"


def test_a_crash_after_a_write_is_told_as_a_change(service: SimulatorHandle) -> None:
    service.faults([{"match": {"path": "/client/config", "method": "POST"}, "do": {"status": 200, "body": {"subscribedNotificationTypes": [1, TOKEN]}}}])
    service.behaviour(notification_http=True)
    with notification_receiver() as receiver:
        result = shown(service, "vpp_client_config", **{**NOTIFIED, "notification_url": receiver.url})

    assert result["changed"] and "TypeError" in result["msg"]


def test_invite_codes_are_shown_only_where_they_are_asked_for(location: Location) -> None:
    codes = [user["inviteCode"] for user in location.users().values() if "inviteCode" in user]
    search = Search([Secret("invite code", code) for code in codes])
    calls = {"vpp_user_info": {}, "vpp_user": {"users": [{"client_user_id": "u-2", "email": "new@example.test"}, {"client_user_id": "u-3"}]}}
    assert len(codes) == 2
    for module, options in calls.items():
        for check in (True, False):
            assert search.text(json.dumps(location.ok(module, check, **options)), module).hits == ()
        asked = location.ok(module, **options, return_invitations=True)
        assert {user.pop("invite_code", None) for user in asked["users"]} >= set(codes)
        for user in asked["users"]:
            user.pop("invitation_url", None)
        assert search.text(json.dumps(asked), module).hits == (), "neither in the plan nor in the difference"
