# Copyright (c) 2026, the mdmkit.apps_books authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every synchronous error of the endpoints that exist, except those of tokens and client config."""

from __future__ import annotations

from typing import Any

import pytest
from vpp_simulator.testing import ApiClient, SimulatorHandle

APP = {"adamId": "1001", "pricingParam": "STDQ"}
BOOK = {"adamId": "1002", "pricingParam": "STDQ"}


def numbers(count: int, prefix: str = "X") -> list[str]:
    return [f"{prefix}{index}" for index in range(count)]


def assets(count: int) -> list[dict[str, str]]:
    return [{"adamId": str(5000 + index)} for index in range(count)]


REFUSED = [
    # path, body, HTTP status, error number
    ("/assets/associate", {"serialNumbers": ["S1"]}, 400, 9718),
    ("/assets/associate", {"assets": [], "serialNumbers": ["S1"]}, 400, 9718),
    ("/assets/associate", {"assets": None, "serialNumbers": ["S1"]}, 400, 9718),
    ("/assets/disassociate", {"serialNumbers": ["S1"]}, 400, 9718),
    ("/assets/associate", {"assets": [APP]}, 400, 9719),
    ("/assets/associate", {"assets": [APP], "serialNumbers": [], "clientUserIds": None}, 400, 9719),
    ("/assets/disassociate", {"assets": [APP]}, 400, 9719),
    ("/assets/revoke", {}, 400, 9719),
    ("/assets/associate", {"assets": assets(26), "serialNumbers": ["S1"]}, 400, 9700),
    ("/assets/disassociate", {"assets": assets(26), "serialNumbers": ["S1"]}, 400, 9700),
    ("/assets/associate", {"assets": [APP], "clientUserIds": numbers(1001)}, 400, 9701),
    ("/assets/disassociate", {"assets": [APP], "clientUserIds": numbers(1001)}, 400, 9701),
    ("/assets/revoke", {"clientUserIds": numbers(101)}, 400, 9701),
    ("/assets/associate", {"assets": [APP], "serialNumbers": numbers(1001)}, 400, 9702),
    ("/assets/disassociate", {"assets": [APP], "serialNumbers": numbers(1001)}, 400, 9702),
    ("/assets/revoke", {"serialNumbers": numbers(101)}, 400, 9702),
    ("/assets/associate", {"assets": [APP, APP], "serialNumbers": ["S1"]}, 400, 9703),
    ("/assets/associate", {"assets": [APP, {"adamId": "1001"}], "serialNumbers": ["S1"]}, 400, 9703),
    ("/assets/disassociate", {"assets": [APP, APP], "serialNumbers": ["S1"]}, 400, 9703),
    ("/assets/associate", {"assets": [APP], "clientUserIds": ["u-1", "u-1"]}, 400, 9704),
    ("/assets/revoke", {"clientUserIds": ["u-1", "u-1"]}, 400, 9704),
    ("/assets/associate", {"assets": [APP], "serialNumbers": ["S1", "S2", "S1"]}, 400, 9705),
    ("/assets/revoke", {"serialNumbers": ["S1", "S1"]}, 400, 9705),
    ("/assets/disassociate", {"assets": [BOOK], "clientUserIds": ["u-2"]}, 400, 9706),
    ("/assets/disassociate", {"assets": [APP, BOOK], "clientUserIds": ["u-2"]}, 400, 9706),
    ("/assets/associate", {"assets": [BOOK], "serialNumbers": ["S1"]}, 400, 9707),
    ("/assets/associate", {"assets": [APP, {"adamId": "1004"}], "clientUserIds": ["u-1"], "serialNumbers": ["S1"]}, 400, 9707),
    ("/users/create", {"users": [{"clientUserId": name} for name in numbers(101)]}, 400, 9714),
    ("/users/update", {"users": [{"clientUserId": name} for name in numbers(101)]}, 400, 9714),
    ("/users/retire", {"users": [{"clientUserId": name} for name in numbers(101)]}, 400, 9714),
    ("/users/create", {"users": [{"clientUserId": "n"}, {"clientUserId": "n"}]}, 400, 9715),
    ("/users/retire", {"users": [{"clientUserId": "u-1"}, {"clientUserId": "u-1"}]}, 400, 9715),
    ("/users/create", {"users": [{"clientUserId": "n", "email": "not an address"}]}, 400, 9717),
    ("/users/create", {"users": [{"clientUserId": "n", "email": ""}]}, 400, 9717),
    ("/users/update", {"users": [{"clientUserId": "u-1", "email": "a@b"}]}, 400, 9717),
    ("/users/create", {"users": []}, 400, 9720),
    ("/users/update", {}, 400, 9720),
    ("/users/retire", {"users": None}, 400, 9720),
    # Ill-formed arguments
    ("/assets/associate", {"assets": {"adamId": "1001"}, "serialNumbers": ["S1"]}, 400, 9602),
    ("/assets/associate", {"assets": ["1001"], "serialNumbers": ["S1"]}, 400, 9602),
    ("/assets/associate", {"assets": [{"adamId": 1001}], "serialNumbers": ["S1"]}, 400, 9602),
    ("/assets/associate", {"assets": [{"pricingParam": "STDQ"}], "serialNumbers": ["S1"]}, 400, 9602),
    ("/assets/associate", {"assets": [{"adamId": "1001", "pricingParam": "BEST"}], "serialNumbers": ["S1"]}, 400, 9602),
    ("/assets/associate", {"assets": [APP], "serialNumbers": "S1"}, 400, 9602),
    ("/assets/associate", {"assets": [APP], "serialNumbers": [1]}, 400, 9602),
    ("/assets/associate", {"assets": [APP], "clientUserIds": [""]}, 400, 9602),
    ("/users/create", {"users": ["n"]}, 400, 9602),
    ("/users/create", {"users": [{"email": "a@example.test"}]}, 400, 9602),
    ("/users/create", {"users": [{"clientUserId": 7}]}, 400, 9602),
    ("/users/create", {"users": [{"clientUserId": "n", "managedAppleId": ""}]}, 400, 9602),
    ("/users/create", [], 400, 9602),
]


@pytest.mark.parametrize(("path", "body", "status", "error"), REFUSED)
def test_refused_at_once(simulator: SimulatorHandle, api: ApiClient, path: str, body: Any, status: int, error: int) -> None:
    before = simulator.state("one")
    answer = api.post(path, body)
    assert (answer.status, answer.error) == (status, error)
    assert answer.json["errorMessage"]
    # A synchronous error means that nothing at all was done.
    assert simulator.state("one") == before


def test_refusals_say_what_they_are_about(api: ApiClient) -> None:
    repeated = api.post("/assets/associate", {"assets": [APP], "serialNumbers": ["S1", "S2", "S1", "S1"]}).json
    assert repeated["errorInfo"] == {"serialNumbers": ["S1"]}
    irrevocable = api.post("/assets/disassociate", {"assets": [APP, BOOK], "clientUserIds": ["u-2"]}).json
    assert irrevocable["errorInfo"] == {"assets": [BOOK]}


def test_limits_can_shrink_while_running(simulator: SimulatorHandle, api: ApiClient) -> None:
    body = {"assets": [APP], "serialNumbers": ["S1", "S2"]}
    assert api.post("/assets/associate", body).status == 200
    simulator.behaviour(limits={"maxSerialNumbers": 1})
    assert api.post("/assets/associate", body).error == 9702
    assert api.get("/service/config").json["limits"]["maxSerialNumbers"] == 1
    simulator.behaviour(limits={"maxAssets": 3})
    limits = api.get("/service/config").json["limits"]
    assert (limits["maxAssets"], limits["maxSerialNumbers"]) == (3, 1)
    simulator.behaviour(limits={"maxSerialNumbers": None})
    assert "maxSerialNumbers" not in api.get("/service/config").json["limits"]
    assert api.post("/assets/associate", {"assets": [APP], "serialNumbers": numbers(1500)}).status == 200


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/service/config"),
        ("DELETE", "/client/config"),
        ("PUT", "/client/config"),
        ("POST", "/assets"),
        ("PATCH", "/users"),
        ("GET", "/assets/associate"),
        ("GET", "/users/create"),
        ("POST", "/status"),
    ],
)
def test_wrong_method(api: ApiClient, method: str, path: str) -> None:
    answer = api.request(method, path, content=b"{}", headers={"Content-Type": "application/json"})
    assert (answer.status, answer.error) == (405, 9726)


@pytest.mark.parametrize("content_type", [None, "text/plain", "application/x-www-form-urlencoded", "application/jsonp"])
def test_wrong_content_type(api: ApiClient, content_type: str | None) -> None:
    headers = {"Content-Type": content_type} if content_type else {}
    answer = api.request("POST", "/users/create", content=b'{"users": [{"clientUserId": "n"}]}', headers=headers)
    assert (answer.status, answer.error) == (415, 9727)


def test_content_type_may_have_parameters(api: ApiClient) -> None:
    content = b'{"users": [{"clientUserId": "n"}]}'
    assert api.request("POST", "/users/create", content=content, headers={"Content-Type": "application/json; charset=utf-8"}).status == 200


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b'"text"', b"null", b"\xff"])
def test_bodies_that_are_no_object(api: ApiClient, content: bytes) -> None:
    answer = api.request("POST", "/users/create", content=content, headers={"Content-Type": "application/json"})
    assert (answer.status, answer.error) == (400, 9602)


def test_unknown_members_and_endpoints(api: ApiClient) -> None:
    assert api.post("/users/create", {"users": [{"clientUserId": "n", "shoeSize": 7}], "color": "red"}).status == 200
    assert api.get("/subscriptions").status == 404
    assert api.get("/assets/").status == 404


def test_unknown_events(api: ApiClient, other_api: ApiClient) -> None:
    event_id = api.post("/users/create", {"users": [{"clientUserId": "n"}]}).json["eventId"]
    assert api.get("/status", eventId=event_id).status == 200
    for client, query in ((other_api, {"eventId": event_id}), (api, {"eventId": "unknown"}), (api, {})):
        answer = client.get("/status", **query)
        assert (answer.status, answer.error) == (400, 9708)


@pytest.mark.parametrize(("number", "status"), [(9603, 500), (9623, 400), (9634, 410), (9637, 403), (9647, 403), (9646, 429), (9729, 503)])
def test_what_only_a_fault_rule_provokes_has_its_status(simulator: SimulatorHandle, api: ApiClient, number: int, status: int) -> None:
    simulator.faults([{"do": {"errorNumber": number}}])
    answer = api.get("/assets")
    assert (answer.status, answer.error) == (status, number)
    assert api.get("/assets").status == 200
