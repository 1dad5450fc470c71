# Copyright (c) 2026, the mdmkit.apps_books authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The control surface."""

from __future__ import annotations

import json
import time
import urllib.error
import urllib.request
from typing import Any

import pytest
from vpp_simulator.testing import ApiClient, ControlError, SimulatorHandle

APP_S1 = {"adamId": "1001", "pricingParam": "STDQ", "serialNumber": "S1"}


# State


def test_state_is_in_seed_form_and_loadable(simulator: SimulatorHandle, api: ApiClient) -> None:
    simulator.control("POST", "client_config", {"location": "one", "mdmInfo": {"id": "i", "name": "n", "metadata": "m"}})
    api.written("/users/create", {"users": [{"clientUserId": "u-3", "managedAppleId": "u3@appleid.example.test"}]})
    api.written("/assets/associate", {"assets": [{"adamId": "1002"}], "clientUserIds": ["u-3", "nobody"]})
    state = simulator.state("one")
    # Both records of u-3 hold the book, so the retired one is told by its place.
    assert [record for record in state["assignments"] if record.get("clientUserId") == "u-3"] == [
        {"adamId": "1002", "pricingParam": "STDQ", "clientUserId": "u-3", "userRecord": 0},
        {"adamId": "1002", "pricingParam": "STDQ", "clientUserId": "u-3"},
    ]
    assert [event["type"] for event in state["events"]] == ["CREATE", "ASSOCIATE"]
    assert state["events"][1] == {
        "id": state["events"][1]["id"],
        "type": "ASSOCIATE",
        "status": "FAILED",
        "numRequested": 2,
        "numCompleted": 1,
        "failures": [{"errorNumber": 9609, "errorMessage": "Unable to find the registered user.", "errorInfo": {"clientUserIds": ["nobody"]}}],
    }
    assert [entry["users"] for entry in state["history"]] == [["u-3"], []]
    assert state["history"][1]["pairs"] == [{"adamId": "1002", "pricingParam": "STDQ", "clientUserId": "u-3"}]
    assert state["versionIds"]["users"] == api.get("/users").json["versionId"]
    simulator.reset({"locations": [state]})
    again = simulator.state("one")
    for part in ("name", "uId", "mdmInfo", "assets", "users", "assignments"):
        assert again[part] == state[part]
    assert (again["events"], again["history"]) == ([], [])


def test_known_managed_apple_accounts_are_part_of_the_state(simulator: SimulatorHandle, reset_to: Any) -> None:
    reset_to(managedAppleIds=["B@x.test", "a@x.test"], users=[], assignments=[])
    state = simulator.state("one")
    assert state["managedAppleIds"] == ["a@x.test", "b@x.test"]
    simulator.reset({"locations": [state]})
    assert simulator.state() == state


def test_history_tells_only_real_changes(simulator: SimulatorHandle, api: ApiClient) -> None:
    api.written("/assets/associate", {"assets": [{"adamId": "1001"}], "serialNumbers": ["S1", "N1"]})
    api.written("/users/update", {"users": [{"clientUserId": "u-1", "email": "u1@example.test"}, {"clientUserId": "u-4", "email": "x@example.test"}]})
    api.written("/users/retire", {"users": [{"clientUserId": "u-1"}]})
    history = simulator.state("one", ["history"])["history"]
    assert [(entry["type"], [pair.get("serialNumber", pair.get("clientUserId")) for pair in entry["pairs"]], entry["users"]) for entry in history] == [
        ("ASSOCIATE", ["N1"], []),
        ("UPDATE", [], ["u-4"]),
        ("RETIRE", ["u-1"], ["u-1"]),
    ]


def test_history_tells_when_events_ran(simulator: SimulatorHandle, api: ApiClient) -> None:
    simulator.behaviour(event_seconds=0.1)
    simulator.faults([{"match": {"path": "/assets/revoke"}, "do": {"event_stuck": True}}])
    before = time.time()
    api.post("/assets/revoke", {"serialNumbers": ["S1"]})
    api.written("/assets/associate", {"assets": [{"adamId": "1001"}], "serialNumbers": ["N1"]})
    stuck, done = simulator.state("one", ["history"])["history"]
    assert stuck["finished"] is None and before - 0.05 <= stuck["accepted"] <= done["accepted"]
    assert done["finished"] - done["accepted"] == pytest.approx(0.1, abs=0.01) and done["finished"] <= time.time() + 0.05


def test_parts_of_the_state(simulator: SimulatorHandle) -> None:
    state = simulator.state("one", ["users", "events"])
    assert "users" in state and "events" in state and "versionIds" in state
    assert not {"assets", "assignments", "history"} & set(state)
    assert [location["name"] for location in simulator.control("GET", "state", parts="events")["locations"]] == ["one", "two"]
    with pytest.raises(ControlError, match="parts: unknown: colours"):
        simulator.state("one", ["colours"])
    with pytest.raises(ControlError, match="there is none named three"):
        simulator.state("three")
    with pytest.raises(ControlError, match="several locations"):
        simulator.state()


# Journal


def test_journal(simulator: SimulatorHandle, api: ApiClient) -> None:
    api.get("/users", clientUserId="u-1")
    api.post("/users/create", {"users": [{"clientUserId": "n"}], "notificationAuthToken": "hush"})
    api.post("/users/create", {"users": []})
    api.request("POST", "/users/create", content=b"{not json", headers={"Content-Type": "application/json"})
    ApiClient(simulator.base_url, None).get("/assets")
    read, write, refused, broken, anonymous = simulator.requests()
    assert [entry["id"] for entry in simulator.requests()] == [1, 2, 3, 4, 5]
    assert (read["method"], read["path"], read["query"], read["body"], read["status"], read["location"]) == (
        "GET",
        "/users",
        {"clientUserId": "u-1"},
        None,
        200,
        "one",
    )
    assert read["accepted"] is False and read["answered"] is True and read["reached"] is True and read["fault"] is False
    assert write["body"] == {"users": [{"clientUserId": "n"}], "notificationAuthToken": "********"}
    assert write["eventId"] == simulator.state("one")["events"][0]["id"]
    assert (refused["status"], refused["errorNumber"], refused["accepted"], refused["eventId"]) == (400, 9720, False, None)
    assert broken["body"] == "{not json"
    assert (anonymous["location"], anonymous["errorNumber"]) == (None, 9601)
    assert read["time"] <= write["time"] and 0 <= read["seconds"] < 5
    assert [entry["id"] for entry in simulator.writes()] == [2, 3, 4]
    assert [entry["id"] for entry in simulator.writes(accepted=True)] == [2]


def test_clearing_the_journal(simulator: SimulatorHandle, api: ApiClient) -> None:
    api.get("/users")
    simulator.clear_requests()
    assert simulator.requests() == []
    api.get("/users")
    assert [entry["id"] for entry in simulator.requests()] == [2]


def test_control_calls_and_health_are_not_journalled(simulator: SimulatorHandle) -> None:
    simulator.state("one")
    with urllib.request.build_opener().open(simulator.origin + "/healthz") as answer:
        assert json.load(answer)["status"] == "ok"
    assert simulator.requests() == []


# By hand


def test_purchase(simulator: SimulatorHandle, api: ApiClient) -> None:
    before = api.get("/assets").json["versionId"]
    asset = simulator.purchase("1001", 3, location="one")
    assert (asset["totalCount"], asset["availableCount"]) == (8, 6)
    assert api.get("/assets").json["versionId"] != before
    assert simulator.purchase("1001", -6, location="one")["availableCount"] == 0
    new = simulator.purchase("3001", 7, location="one", productType="Book", supportedPlatforms=["macOS"])
    assert (new["totalCount"], new["revocable"], new["supportedPlatforms"]) == (7, False, ["macOS"])
    assert simulator.purchase("1001", 2, location="one", pricingParam="PLUS")["totalCount"] == 5
    assert [asset["adamId"] for asset in api.get("/assets").json["assets"]][-1] == "3001"
    for adam_id, count, told in (
        ("1001", -1, "only 0 are available"),
        ("9999", -1, "only 0 are available"),
        ("1003", 1, "unlimited"),
        ("1001", 2147483647, "exceed"),
    ):
        with pytest.raises(ControlError, match=told):
            simulator.purchase(adam_id, count, location="one")
    with pytest.raises(ControlError, match="count: is missing"):
        simulator.control("POST", "purchase", {"location": "one", "adamId": "1001"})


def test_assign_and_unassign(simulator: SimulatorHandle, api: ApiClient) -> None:
    before = api.get("/assignments").json["versionId"]
    new = [{"adamId": "1001", "serialNumber": "N1"}, {"adamId": "1001", "clientUserId": "u-2"}, APP_S1, {"adamId": "1001", "serialNumber": "N1"}]
    assert simulator.assign(new, location="one") == 2
    assert api.get("/assets", adamId="1001", pricingParam="STDQ").json["assets"][0]["assignedCount"] == 4
    assert len(api.get("/assignments", sinceVersionId=before).json["assignments"]) == 2
    assert simulator.unassign([APP_S1, {"adamId": "1001", "serialNumber": "unheard"}, {"adamId": "1001", "clientUserId": "u-4"}], location="one") == 1
    assert api.get("/assignments", serialNumber="S1").json["assignments"] == [{"adamId": "1001", "pricingParam": "PLUS", "serialNumber": "S1"}]
    # Drift is no request of ours, and no event.
    assert simulator.writes() == [] and simulator.state("one")["events"] == []


@pytest.mark.parametrize(
    ("call", "pairs", "told"),
    [
        ("assign", [{"adamId": "77", "serialNumber": "S1"}], "pairs[0]: there is no asset 77 STDQ"),
        ("assign", [APP_S1, {"adamId": "1001", "clientUserId": "nobody"}], "pairs[1]: there is no such user: nobody"),
        ("assign", [{"adamId": "1001", "clientUserId": "u-3"}], "pairs[0]: the user is retired"),
        ("assign", [{"adamId": "1002", "serialNumber": "S1"}], "pairs[0]: 1002 is not device-assignable"),
        ("assign", [{"adamId": "1001", "serialNumber": f"N{index}"} for index in range(4)], "4 of 1001 STDQ wanted, 3 available"),
        ("assign", [{"adamId": "1001"}], "pairs[0]: must have either clientUserId or serialNumber"),
        ("assign", [], "pairs: is missing"),
        ("unassign", [{"adamId": "1002", "clientUserId": "u-2"}], "pairs[0]: 1002 is not revocable"),
        ("unassign", [{"adamId": "1001", "serialNumber": "S1", "why": "x"}], "pairs[0].why: is not known here"),
    ],
)
def test_impossible_hands_change_nothing(simulator: SimulatorHandle, call: str, pairs: list[dict[str, str]], told: str) -> None:
    before = simulator.state("one")
    with pytest.raises(ControlError) as refusal:
        simulator.control("POST", call, {"location": "one", "pairs": pairs})
    assert told in str(refusal.value)
    assert simulator.state("one") == before


def test_users_by_hand(simulator: SimulatorHandle, api: ApiClient) -> None:
    before = api.get("/users").json["versionId"]
    changed = simulator.users(
        location="one",
        create=[{"clientUserId": "h-1", "email": "h1@example.test"}, {"clientUserId": "h-2", "managedAppleId": "h2@appleid.example.test"}],
        retire=["u-1"],
        associate=["h-1", {"clientUserId": "u-4", "managedAppleId": "u4@appleid.example.test"}],
    )
    assert {user["clientUserId"]: user["status"] for user in changed} == {"h-1": "Associated", "h-2": "Associated", "u-1": "Retired", "u-4": "Associated"}
    assert {user["clientUserId"] for user in api.get("/users", sinceVersionId=before).json["users"]} == {"h-1", "h-2", "u-1", "u-4"}
    assert api.get("/assignments", clientUserId="u-1").json["assignments"] == []
    assert simulator.state("one")["events"] == []


@pytest.mark.parametrize(
    ("lists", "told"),
    [
        ({"create": [{"clientUserId": "u-1"}]}, "u-1 has an active record already"),
        ({"create": [{"clientUserId": "n"}, {"clientUserId": "n"}]}, "a clientUserId occurs twice"),
        ({"create": [{"clientUserId": "n", "managedAppleId": "U2@appleid.example.test"}]}, "belongs to another active user"),
        ({"create": [{"clientUserId": name, "managedAppleId": "n@example.test"} for name in "ab"]}, "create[1]: the Managed Apple Account belongs"),
        ({"create": [{"email": "x@example.test"}]}, "create[0].clientUserId: is missing"),
        ({"retire": ["u-3"]}, "there is no active user u-3"),
        ({"associate": ["nobody"]}, "there is no active user nobody"),
        ({"retire": ["u-1"], "associate": ["u-1"]}, "there is no active user u-1"),
    ],
)
def test_impossible_users_by_hand(simulator: SimulatorHandle, lists: dict[str, Any], told: str) -> None:
    before = simulator.state("one")
    with pytest.raises(ControlError) as refusal:
        simulator.users(location="one", **lists)
    assert told in str(refusal.value)
    assert simulator.state("one") == before


def test_somebody_takes_over(simulator: SimulatorHandle, api: ApiClient) -> None:
    other = {"id": "other", "name": "Other Manager", "metadata": "x"}
    hook = {"notificationUrl": "https://other.example.test/hook", "notificationAuthToken": "theirs", "notificationTypes": ["ASSET_COUNT"]}
    simulator.client_config(location="one", mdmInfo=other, **hook)
    answer = api.get("/client/config").json
    assert answer["mdmInfo"] == other and answer["notificationUrl"] == hook["notificationUrl"]
    simulator.client_config(location="one", notificationUrl=None, notificationAuthToken=None)
    assert "notificationUrl" not in api.get("/client/config").json
    simulator.client_config(location="one", mdmInfo=None)
    answer = api.get("/client/config").json
    assert "mdmInfo" not in answer and answer["subscribedNotificationTypes"] == ["ASSET_COUNT"]
    with pytest.raises(ControlError, match="mdmInfo.metadata: is missing"):
        simulator.client_config(location="one", mdmInfo={"id": "x", "name": "y"})


def test_hands_come_after_what_is_due(simulator: SimulatorHandle, api: ApiClient) -> None:
    api.post("/assets/associate", {"assets": [{"adamId": "1001"}], "serialNumbers": ["N1", "N2", "N3"]})
    with pytest.raises(ControlError, match="1 of 1001 STDQ wanted, 0 available"):
        simulator.assign([{"adamId": "1001", "serialNumber": "N4"}], location="one")


# Behaviour, reset, strangers


def test_unknown_behaviour_is_refused_whole(simulator: SimulatorHandle) -> None:
    before = simulator.behaviour()
    with pytest.raises(ControlError) as refusal:
        simulator.behaviour(page_size=0, colour="red", shortage="none", errors_as_200=1, limits={"maxAssets": "few"}, latency_ms=5)
    for told in (
        "page_size: must be a whole number, 1 or more",
        "colour: is not a behaviour key",
        "shortage: must be one of first_come, whole_group",
        "errors_as_200: must be true or false",
        "limits: must be whole numbers or null: maxAssets",
    ):
        assert told in str(refusal.value)
    assert simulator.behaviour() == before
    with pytest.raises(ControlError, match="must be a mapping"):
        simulator.control("POST", "behaviour", [1])
    with pytest.raises(ControlError, match="limits: must be a map"):
        simulator.behaviour(limits=[])


def test_reset_goes_back_to_the_first_seed(simulator: SimulatorHandle, api: ApiClient) -> None:
    before = simulator.state("one")
    simulator.behaviour(page_size=1)
    simulator.faults([{"match": {"path": "/status"}, "do": {"status": 500}}])
    event_id = api.post("/users/create", {"users": [{"clientUserId": "n"}]}).json["eventId"]
    simulator.retire_token(location="one")
    simulator.reset({"locations": [{"name": "three"}]})
    assert simulator.state()["name"] == "three"
    assert simulator.behaviour()["max_requests_per_second"] == 15
    simulator.reset()
    assert simulator.state("one") == before
    assert simulator.behaviour()["page_size"] == 1000
    assert simulator.fault_counters() == [] and simulator.requests() == [] and simulator.notifications() == []
    assert api.get("/status", eventId=event_id).error == 9708


def test_an_ill_seed_resets_nothing(simulator: SimulatorHandle) -> None:
    before = simulator.state("one")
    with pytest.raises(ControlError, match=r"locations\[0\].assets\[0\].totalCount: is missing"):
        simulator.reset({"locations": [{"name": "x", "assets": [{"adamId": "1"}]}]})
    assert simulator.state("one") == before


def test_wrong_control_calls(simulator: SimulatorHandle) -> None:
    with pytest.raises(ControlError, match="there is no control call GET /_control/weather"):
        simulator.control("GET", "weather")
    with pytest.raises(ControlError, match="there is no control call DELETE /_control/state"):
        simulator.control("DELETE", "state")
    with pytest.raises(urllib.error.HTTPError) as refusal:
        urllib.request.build_opener().open(urllib.request.Request(simulator.origin + "/_control/reset", b"{", method="POST"))
    with refusal.value as answer:
        assert answer.code == 400 and json.load(answer)["faults"][0].startswith("the body is not JSON")
    with pytest.raises(ControlError, match="the body must be a JSON object"):
        simulator.control("POST", "purchase", [])
    with pytest.raises(ControlError, match="location: is missing"):
        simulator.control("POST", "retire_token", {"how": "revoked"})
    with pytest.raises(ControlError, match="how: must be one of revoked, expired, replaced"):
        simulator.retire_token("lost", location="one")
