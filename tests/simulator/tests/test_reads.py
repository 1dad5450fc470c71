# Copyright (c) 2026, the mdmkit.apps_books authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""GET assets, assignments and users, with every filter of the contract."""

from __future__ import annotations

from typing import Any

import pytest
from vpp_simulator.testing import ApiClient, SimulatorHandle


def assets_of(api: ApiClient, **query: str | int) -> list[tuple[str, str]]:
    return [(asset["adamId"], asset["pricingParam"]) for asset in api.get("/assets", **query).json["assets"]]


def targets_of(api: ApiClient, **query: str | int) -> list[tuple[str, str, str]]:
    records = api.listed("/assignments", **query)
    return [(record["adamId"], record["pricingParam"], record.get("clientUserId") or record["serialNumber"]) for record in records]


def users_of(api: ApiClient, **query: str | int) -> list[tuple[str, str]]:
    return [(user["clientUserId"], user["status"]) for user in api.listed("/users", **query)]


def test_assets_carry_counts_that_add_up(api: ApiClient) -> None:
    answer = api.get("/assets").json
    assert answer["assets"][0] == {
        "adamId": "1001",
        "pricingParam": "STDQ",
        "productType": "App",
        "deviceAssignable": True,
        "revocable": True,
        "supportedPlatforms": ["iOS", "macOS"],
        "assignedCount": 2,
        "availableCount": 3,
        "retiredCount": 0,
        "totalCount": 5,
    }
    book = answer["assets"][2]
    assert (book["assignedCount"], book["retiredCount"], book["availableCount"], book["totalCount"]) == (1, 1, 2, 4)
    assert (book["deviceAssignable"], book["revocable"]) == (False, False)
    assert {name: answer[name] for name in ("currentPageIndex", "size", "totalPages", "uId")} == {
        "currentPageIndex": 0,
        "size": 5,
        "totalPages": 1,
        "uId": "2049025000431439",
    }
    assert "nextPageIndex" not in answer and "mdmInfo" not in answer
    assert answer["tokenExpirationDate"] == "2099-12-31T23:59:59+0000"


STDQ_APP, PLUS_APP, BOOK, FREE_APP, USER_APP = ("1001", "STDQ"), ("1001", "PLUS"), ("1002", "STDQ"), ("1003", "STDQ"), ("1004", "STDQ")


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({}, [STDQ_APP, PLUS_APP, BOOK, FREE_APP, USER_APP]),
        ({"adamId": "1001"}, [STDQ_APP, PLUS_APP]),
        ({"adamId": "9"}, []),
        ({"productType": "Book"}, [BOOK]),
        ({"productType": "App"}, [STDQ_APP, PLUS_APP, FREE_APP, USER_APP]),
        ({"pricingParam": "PLUS"}, [PLUS_APP]),
        ({"deviceAssignable": "false"}, [BOOK, USER_APP]),
        ({"deviceAssignable": "true"}, [STDQ_APP, PLUS_APP, FREE_APP]),
        ({"revocable": "false"}, [BOOK]),
        ({"revocable": "true"}, [STDQ_APP, PLUS_APP, FREE_APP, USER_APP]),
        ({"minAvailableCount": 3}, [STDQ_APP, FREE_APP, USER_APP]),
        ({"maxAvailableCount": 3}, [STDQ_APP, PLUS_APP, BOOK]),
        ({"minAvailableCount": 2, "maxAvailableCount": 2}, [PLUS_APP, BOOK]),
        ({"minAssignedCount": 1, "maxAssignedCount": 1}, [PLUS_APP, BOOK, FREE_APP]),
        ({"minAssignedCount": 2}, [STDQ_APP]),
        ({"maxAssignedCount": 0}, [USER_APP]),
        ({"unlimited": "false"}, [STDQ_APP, PLUS_APP, BOOK, USER_APP]),
        ({"unlimited": "true"}, [STDQ_APP, PLUS_APP, BOOK, USER_APP]),
        ({"adamId": "1001", "pricingParam": "PLUS", "revocable": "true"}, [PLUS_APP]),
        ({"pageSize": 1}, [STDQ_APP, PLUS_APP, BOOK, FREE_APP, USER_APP]),
    ],
)
def test_asset_filters(api: ApiClient, query: dict[str, Any], expected: list[tuple[str, str]]) -> None:
    assert assets_of(api, **query) == expected


def test_unlimited_assets(api: ApiClient) -> None:
    listed = {asset["adamId"]: asset for asset in api.get("/assets").json["assets"]}
    assert listed["1003"]["totalCount"] == 2147483647
    assert listed["1003"]["availableCount"] == 2147483646
    apart = api.get("/assets", unlimited="true").json
    assert apart["unlimitedAssets"] == [
        {
            "adamId": "1003",
            "pricingParam": "STDQ",
            "productType": "App",
            "deviceAssignable": True,
            "revocable": True,
            "supportedPlatforms": ["iOS"],
            "assignedCount": 1,
        }
    ]
    assert apart["size"] == 5
    assert "unlimitedAssets" not in api.get("/assets", unlimited="false").json


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        (
            {},
            [
                ("1001", "STDQ", "u-1"),
                ("1001", "STDQ", "S1"),
                ("1001", "PLUS", "S1"),
                ("1002", "STDQ", "u-2"),
                ("1002", "STDQ", "u-3"),
                ("1003", "STDQ", "S2"),
            ],
        ),
        ({"adamId": "1001"}, [("1001", "STDQ", "u-1"), ("1001", "STDQ", "S1"), ("1001", "PLUS", "S1")]),
        ({"adamId": "1001", "pricingParam": "STDQ"}, [("1001", "STDQ", "u-1"), ("1001", "STDQ", "S1")]),
        ({"pricingParam": "PLUS"}, [("1001", "PLUS", "S1")]),
        ({"clientUserId": "u-1"}, [("1001", "STDQ", "u-1")]),
        ({"serialNumber": "S1"}, [("1001", "STDQ", "S1"), ("1001", "PLUS", "S1")]),
        ({"serialNumber": "s1"}, []),
        ({"serialNumber": "u-1"}, []),
        ({"clientUserId": "S1"}, []),
        ({"clientUserId": "u-1", "serialNumber": "S1"}, []),
        ({"adamId": "7"}, []),
        ({"adamId": "1002", "excludeInactiveUsers": "true"}, [("1002", "STDQ", "u-2")]),
        ({"adamId": "1002", "excludeInactiveUsers": "false"}, [("1002", "STDQ", "u-2"), ("1002", "STDQ", "u-3")]),
        ({"clientUserId": "u-3", "excludeInactiveUsers": "true"}, []),
    ],
)
def test_assignment_filters(api: ApiClient, query: dict[str, Any], expected: list[tuple[str, str, str]]) -> None:
    assert targets_of(api, **query) == expected


def test_user_state_is_added_on_request(api: ApiClient) -> None:
    plain = api.get("/assignments").json["assignments"]
    assert all(set(record) in ({"adamId", "pricingParam", "clientUserId"}, {"adamId", "pricingParam", "serialNumber"}) for record in plain)
    records = api.get("/assignments", includeUserState="true").json["assignments"]
    state = {record.get("clientUserId", record.get("serialNumber")): record for record in records}
    assert state["u-1"]["userStatus"] == "Registered" and "idHash" not in state["u-1"]
    assert state["u-2"]["userStatus"] == "Associated" and state["u-2"]["idHash"]
    assert state["u-3"]["userStatus"] == "Retired"
    assert "userStatus" not in state["S1"]


def test_user_records(api: ApiClient) -> None:
    users = {user["clientUserId"]: user for user in api.get("/users").json["users"]}
    assert set(users["u-1"]) == {"clientUserId", "email", "inviteCode", "status"}
    assert len(users["u-1"]["inviteCode"]) == 32
    assert set(users["u-2"]) == {"clientUserId", "idHash", "status"}
    assert users["u-3"] == {"clientUserId": "u-3", "status": "Retired"}


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({}, [("u-1", "Registered"), ("u-2", "Associated"), ("u-3", "Retired"), ("u-4", "Registered")]),
        ({"activeOnly": "true"}, [("u-1", "Registered"), ("u-2", "Associated"), ("u-4", "Registered")]),
        ({"activeOnly": "false", "retiredOnly": "false"}, [("u-1", "Registered"), ("u-2", "Associated"), ("u-3", "Retired"), ("u-4", "Registered")]),
        ({"retiredOnly": "true"}, [("u-3", "Retired")]),
        ({"activeOnly": "true", "retiredOnly": "true"}, []),
        ({"clientUserId": "u-2"}, [("u-2", "Associated")]),
        ({"clientUserId": "u-3", "activeOnly": "true"}, []),
        ({"clientUserId": "nobody"}, []),
    ],
)
def test_user_filters(api: ApiClient, query: dict[str, Any], expected: list[tuple[str, str]]) -> None:
    assert users_of(api, **query) == expected


def test_a_client_user_id_can_have_several_records(api: ApiClient) -> None:
    assert api.written("/users/create", {"users": [{"clientUserId": "u-3", "email": "new@example.test"}]})["eventStatus"] == "COMPLETE"
    assert users_of(api, clientUserId="u-3") == [("u-3", "Retired"), ("u-3", "Registered")]
    # What the old record holds is still listed under the id; the new record holds nothing.
    assert targets_of(api, clientUserId="u-3") == [("1002", "STDQ", "u-3")]
    assert targets_of(api, clientUserId="u-3", excludeInactiveUsers="true") == []
    assert api.written("/assets/associate", {"assets": [{"adamId": "1002"}], "clientUserIds": ["u-3"]})["eventStatus"] == "COMPLETE"
    assert targets_of(api, clientUserId="u-3") == [("1002", "STDQ", "u-3"), ("1002", "STDQ", "u-3")]
    assert targets_of(api, clientUserId="u-3", excludeInactiveUsers="true") == [("1002", "STDQ", "u-3")]


def test_legacy_deleted_users_are_inactive(reset_to: Any) -> None:
    api = reset_to(users=[{"clientUserId": "u-1", "status": "Deleted"}, {"clientUserId": "u-2"}], assignments=[])
    assert users_of(api, activeOnly="true") == [("u-2", "Registered")]
    assert users_of(api, retiredOnly="true") == [("u-1", "Deleted")]


@pytest.mark.parametrize(
    ("path", "query"),
    [
        ("/assets", {"deviceAssignable": "maybe"}),
        ("/assets", {"unlimited": ""}),
        ("/assets", {"productType": "Film"}),
        ("/assets", {"minAvailableCount": "many"}),
        ("/assets", {"pageIndex": "first"}),
        ("/assignments", {"pricingParam": "CHEAP"}),
        ("/assignments", {"includeUserState": "1"}),
        ("/users", {"activeOnly": "yes"}),
    ],
)
def test_ill_formed_filters_are_invalid_arguments(api: ApiClient, path: str, query: dict[str, Any]) -> None:
    answer = api.get(path, **query)
    assert (answer.status, answer.error) == (400, 9602)


def test_service_config_leads_back_to_the_simulator(simulator: SimulatorHandle, api: ApiClient) -> None:
    config = api.get("/service/config").json
    assert config["limits"]["maxAssets"] == 25
    assert len(config["errorCodes"]) == 38
    assert {"errorNumber": 9601, "errorMessage": "Login required."} in config["errorCodes"]
    assert config["notificationTypes"] == ["ASSET_MANAGEMENT", "USER_MANAGEMENT", "USER_ASSOCIATED", "ASSET_COUNT"]
    assert len(config["urls"]) == 13
    assert all(url.startswith(simulator.origin) for url in config["urls"].values())
    assert "%25inviteCode%25" in config["urls"]["invitationEmail"]
    for name, path in (("getAssets", "/assets"), ("eventStatus", "/status"), ("retireUsers", "/users/retire"), ("clientConfig", "/client/config")):
        assert config["urls"][name] == simulator.base_url + path
