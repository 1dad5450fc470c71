# Copyright (c) 2026, the mdmkit.apps_books authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What accepted writes do, and how their events tell of it."""

from __future__ import annotations

import time
from typing import Any

import pytest
from vpp_simulator.testing import ApiClient, SimulatorHandle

APP = {"adamId": "1001", "pricingParam": "STDQ"}


def counts(api: ApiClient, adam_id: str, pricing_param: str = "STDQ") -> tuple[int, int, int, int]:
    """assigned, available, retired, total"""
    [asset] = api.get("/assets", adamId=adam_id, pricingParam=pricing_param).json["assets"]
    return asset["assignedCount"], asset["availableCount"], asset["retiredCount"], asset["totalCount"]


def holders(api: ApiClient, adam_id: str, pricing_param: str = "STDQ") -> list[str]:
    records = api.listed("/assignments", adamId=adam_id, pricingParam=pricing_param)
    return sorted(record.get("clientUserId") or record["serialNumber"] for record in records)


def outcome(status: dict[str, Any]) -> tuple[str, int, int]:
    return status["eventStatus"], status["numCompleted"], status["numRequested"]


def failures(status: dict[str, Any]) -> dict[int, dict[str, Any]]:
    return {failure["errorNumber"]: failure["errorInfo"] for failure in status["failures"]}


# Associate


def test_associate_is_a_cross_product(api: ApiClient) -> None:
    body = {"assets": [APP, {"adamId": "1003", "pricingParam": "STDQ"}], "clientUserIds": ["u-2"], "serialNumbers": ["N1", "N2"]}
    accepted = api.post("/assets/associate", body)
    assert accepted.status == 200
    assert accepted.json["uId"] == "2049025000431439" and accepted.json["tokenExpirationDate"]
    status = api.finished(accepted.json["eventId"])
    assert outcome(status) == ("COMPLETE", 6, 6)
    assert status["eventType"] == "ASSOCIATE" and "failures" not in status
    assert holders(api, "1001") == ["N1", "N2", "S1", "u-1", "u-2"]
    assert holders(api, "1003") == ["N1", "N2", "S2", "u-2"]
    assert counts(api, "1001") == (5, 0, 0, 5)
    assert counts(api, "1003") == (4, 2147483643, 0, 2147483647)


def test_associating_again(simulator: SimulatorHandle, api: ApiClient) -> None:
    body = {"assets": [APP], "serialNumbers": ["S1", "N1"]}
    assert outcome(api.written("/assets/associate", body)) == ("COMPLETE", 2, 2)
    assert counts(api, "1001")[0] == 3
    simulator.behaviour(associate_existing="fail")
    status = api.written("/assets/associate", {"assets": [APP], "serialNumbers": ["S1", "N2"]})
    assert outcome(status) == ("FAILED", 1, 2)
    assert failures(status) == {9616: {"serialNumbers": ["S1"]}}
    assert holders(api, "1001") == ["N1", "N2", "S1", "u-1"]


def test_shortage_first_come(api: ApiClient) -> None:
    status = api.written("/assets/associate", {"assets": [APP], "clientUserIds": ["u-2"], "serialNumbers": ["S1", "N1", "N2", "N3"]})
    # S1 has the app already, so three licences go to the first three that have not.
    assert outcome(status) == ("FAILED", 4, 5)
    assert failures(status) == {9709: {"serialNumbers": ["N3"]}}
    assert holders(api, "1001") == ["N1", "N2", "S1", "u-1", "u-2"]


def test_shortage_whole_group(simulator: SimulatorHandle, api: ApiClient) -> None:
    simulator.behaviour(shortage="whole_group")
    assets = [APP, {"adamId": "1003", "pricingParam": "STDQ"}]
    status = api.written("/assets/associate", {"assets": assets, "clientUserIds": ["u-2", "nobody"], "serialNumbers": ["N1", "N2", "N3"]})
    assert outcome(status) == ("FAILED", 4, 10)
    assert failures(status) == {
        9709: {"clientUserIds": ["u-2"], "serialNumbers": ["N1", "N2", "N3"]},
        9609: {"clientUserIds": ["nobody"]},
    }
    assert holders(api, "1001") == ["S1", "u-1"]
    assert holders(api, "1003") == ["N1", "N2", "N3", "S2", "u-2"]
    # A group that fits is given whole.
    assert outcome(api.written("/assets/associate", {"assets": [APP], "serialNumbers": ["N1", "N2", "N3"]})) == ("COMPLETE", 3, 3)


@pytest.mark.parametrize("shortage", ["first_come", "whole_group"])
def test_a_group_refused_whole_stays_refused_in_slices(simulator: SimulatorHandle, api: ApiClient, shortage: str) -> None:
    simulator.behaviour(shortage=shortage, event_tasks_per_second=40)
    status = api.written("/assets/associate", {"assets": [APP], "serialNumbers": ["N1", "N2", "N3", "N4", "N5"]})
    assert outcome(status) == (("FAILED", 3, 5) if shortage == "first_come" else ("FAILED", 0, 5))


def test_products_that_are_not_owned(api: ApiClient) -> None:
    status = api.written("/assets/associate", {"assets": [{"adamId": "77"}, {"adamId": "1003"}], "serialNumbers": ["N1"]})
    assert outcome(status) == ("FAILED", 1, 2)
    assert failures(status) == {9709: {"serialNumbers": ["N1"]}}


@pytest.mark.parametrize("name", ["nobody", "u-3"])
def test_unknown_and_retired_users(simulator: SimulatorHandle, api: ApiClient, name: str) -> None:
    body = {"assets": [APP, {"adamId": "1003"}], "clientUserIds": ["u-1", name]}
    status = api.written("/assets/associate", body)
    # The user failed for both assets and is named once (Apple's worked example).
    assert outcome(status) == ("FAILED", 2, 4)
    assert failures(status) == {9609: {"clientUserIds": [name]}}
    simulator.behaviour(unknown_user="sync")
    refused = api.post("/assets/associate", body)
    assert (refused.status, refused.error) == (400, 9609)
    assert refused.json["errorInfo"] == {"clientUserIds": [name]}


def test_unknown_users_of_other_writes(simulator: SimulatorHandle, api: ApiClient) -> None:
    writes = [
        ("/assets/disassociate", {"assets": [APP], "clientUserIds": ["nobody"]}),
        ("/users/update", {"users": [{"clientUserId": "nobody", "email": "a@example.test"}]}),
        ("/users/retire", {"users": [{"clientUserId": "nobody"}]}),
    ]
    for path, body in writes:
        assert failures(api.written(path, body)) == {9609: {"clientUserIds": ["nobody"]}}
    simulator.behaviour(unknown_user="sync")
    for path, body in writes:
        assert api.post(path, body).error == 9609


def test_failures_may_name_assets(simulator: SimulatorHandle, api: ApiClient) -> None:
    simulator.behaviour(failures_name_assets=True)
    status = api.written("/assets/associate", {"assets": [{"adamId": "77"}], "serialNumbers": ["N1"]})
    assert failures(status) == {9709: {"assets": [{"adamId": "77", "pricingParam": "STDQ"}], "serialNumbers": ["N1"]}}


def test_registered_users_and_any_serial_number_are_taken(api: ApiClient) -> None:
    body = {"assets": [APP], "clientUserIds": ["u-4"], "serialNumbers": ["  odd serial "]}
    assert outcome(api.written("/assets/associate", body)) == ("COMPLETE", 2, 2)
    assert holders(api, "1001") == ["  odd serial ", "S1", "u-1", "u-4"]


@pytest.mark.parametrize(
    ("meaning", "given"),
    [("stdq", ["STDQ"]), ("owned", ["PLUS"]), ("refuse", [])],
)
def test_a_missing_pricing_param(reset_to: Any, simulator: SimulatorHandle, meaning: str, given: list[str]) -> None:
    plus = {"adamId": "2002", "pricingParam": "PLUS", "totalCount": 5}
    api = reset_to(assets=[plus, {**plus, "pricingParam": "STDQ"}] if meaning == "stdq" else [plus], assignments=[])
    simulator.behaviour(missing_pricing_param=meaning)
    answer = api.post("/assets/associate", {"assets": [{"adamId": "2002"}], "serialNumbers": ["N1"]})
    assert answer.error == (None if given else 9602)
    assert [record["pricingParam"] for record in api.listed("/assignments")] == given


# Disassociate and revoke


def test_disassociate(api: ApiClient) -> None:
    status = api.written("/assets/disassociate", {"assets": [APP], "clientUserIds": ["u-1"], "serialNumbers": ["S1"]})
    assert outcome(status) == ("COMPLETE", 2, 2) and status["eventType"] == "DISASSOCIATE"
    assert holders(api, "1001") == [] and holders(api, "1001", "PLUS") == ["S1"]
    assert counts(api, "1001") == (0, 5, 0, 5)


def test_disassociating_what_is_not_held(simulator: SimulatorHandle, api: ApiClient) -> None:
    body = {"assets": [APP, {"adamId": "77"}], "clientUserIds": ["u-2", "u-3"], "serialNumbers": ["S1", "unheard"]}
    assert outcome(api.written("/assets/disassociate", body)) == ("COMPLETE", 8, 8)
    assert holders(api, "1001") == ["u-1"]
    simulator.behaviour(disassociate_missing="fail")
    status = api.written("/assets/disassociate", {"assets": [APP], "clientUserIds": ["u-1", "u-2"], "serialNumbers": ["S1"]})
    assert outcome(status) == ("FAILED", 1, 3)
    assert failures(status) == {9619: {"clientUserIds": ["u-2"], "serialNumbers": ["S1"]}}


def test_licences_move_when_disassociate_is_sent_first(reset_to: Any) -> None:
    api = reset_to(assets=[{"adamId": "1", "totalCount": 1}], assignments=[{"adamId": "1", "serialNumber": "OLD"}])
    taken = api.post("/assets/disassociate", {"assets": [{"adamId": "1"}], "serialNumbers": ["OLD"]}).json["eventId"]
    given = api.post("/assets/associate", {"assets": [{"adamId": "1"}], "serialNumbers": ["NEW"]}).json["eventId"]
    assert [outcome(api.finished(event)) for event in (taken, given)] == [("COMPLETE", 1, 1)] * 2
    assert holders(api, "1") == ["NEW"]


def test_revoke_takes_everything_revocable(api: ApiClient) -> None:
    api.written("/assets/associate", {"assets": [APP, {"adamId": "1002"}], "clientUserIds": ["u-4"]})
    status = api.written("/assets/revoke", {"clientUserIds": ["u-4", "nobody"], "serialNumbers": ["S1", "unheard"]})
    # u-4 has the app and a book, S1 the app in both qualities.
    assert outcome(status) == ("COMPLETE", 3, 3) and status["eventType"] == "REVOKE"
    assert holders(api, "1001") == ["u-1"] and holders(api, "1001", "PLUS") == []
    assert holders(api, "1002") == ["u-2", "u-3", "u-4"]
    assert outcome(api.written("/assets/revoke", {"serialNumbers": ["S1"]})) == ("COMPLETE", 0, 0)


# Users


def test_create_users(api: ApiClient) -> None:
    new = [
        {"clientUserId": "u-5", "email": "u5@example.test"},
        {"clientUserId": "u-6", "email": "u6@example.test", "managedAppleId": "U6@appleid.example.test"},
        {"clientUserId": "u-1"},
        {"clientUserId": "u-3"},
        {"clientUserId": "u-7", "managedAppleId": "U2@appleid.example.test"},
    ]
    status = api.written("/users/create", {"users": new})
    assert outcome(status) == ("FAILED", 3, 5) and status["eventType"] == "CREATE"
    assert failures(status) == {9716: {"clientUserIds": ["u-1"]}, 9641: {"clientUserIds": ["u-7"]}}
    active = {user["clientUserId"]: user for user in api.listed("/users", activeOnly="true")}
    assert (active["u-5"]["status"], active["u-6"]["status"], active["u-3"]["status"]) == ("Registered", "Associated", "Registered")
    assert active["u-5"]["email"] == "u5@example.test" and active["u-5"]["inviteCode"]
    assert active["u-6"]["idHash"] and "inviteCode" not in active["u-6"] and "managedAppleId" not in active["u-6"]
    assert "u-7" not in active


def test_update_users(api: ApiClient) -> None:
    changes = [
        {"clientUserId": "u-1", "email": "new@example.test"},
        {"clientUserId": "u-2", "email": None},
        {"clientUserId": "u-3", "email": "gone@example.test"},
        {"clientUserId": "u-4", "managedAppleId": "u4@appleid.example.test"},
    ]
    status = api.written("/users/update", {"users": changes})
    assert outcome(status) == ("FAILED", 3, 4) and status["eventType"] == "UPDATE"
    assert failures(status) == {9609: {"clientUserIds": ["u-3"]}}
    users = {user["clientUserId"]: user for user in api.listed("/users")}
    assert users["u-1"]["email"] == "new@example.test"
    assert (users["u-4"]["status"], users["u-4"]["email"]) == ("Associated", "u4@example.test")
    assert users["u-4"]["idHash"] and "inviteCode" not in users["u-4"]
    assert "email" not in users["u-3"]
    taken = api.written("/users/update", {"users": [{"clientUserId": "u-1", "managedAppleId": "u4@appleid.example.test"}]})
    assert failures(taken) == {9641: {"clientUserIds": ["u-1"]}}


def test_unknown_managed_apple_accounts(reset_to: Any) -> None:
    api = reset_to(managedAppleIds=["U2@appleid.example.test", "known@appleid.example.test"])
    users = [{"clientUserId": "n1", "managedAppleId": "foreign@elsewhere.test"}, {"clientUserId": "n2", "managedAppleId": "Known@appleid.example.test"}]
    assert failures(api.written("/users/create", {"users": users})) == {9635: {"clientUserIds": ["n1"]}}
    assert [user["clientUserId"] for user in api.listed("/users", activeOnly="true")] == ["u-1", "u-2", "u-4", "n2"]
    assert failures(api.written("/users/update", {"users": [{**users[0], "clientUserId": "u-1"}]})) == {9635: {"clientUserIds": ["u-1"]}}


def test_a_retired_user_frees_the_account(api: ApiClient) -> None:
    api.written("/users/retire", {"users": [{"clientUserId": "u-2"}]})
    status = api.written("/users/create", {"users": [{"clientUserId": "u-9", "managedAppleId": "u2@appleid.example.test"}]})
    assert outcome(status) == ("COMPLETE", 1, 1)
    users = {user["clientUserId"]: user for user in api.listed("/users")}
    assert users["u-2"]["idHash"] == users["u-9"]["idHash"]


@pytest.mark.parametrize("releases", [True, False])
def test_retire_users(simulator: SimulatorHandle, api: ApiClient, releases: bool) -> None:
    simulator.behaviour(retire_releases=releases)
    api.written("/assets/associate", {"assets": [{"adamId": "1002"}], "clientUserIds": ["u-1"]})
    status = api.written("/users/retire", {"users": [{"clientUserId": "u-1"}, {"clientUserId": "u-3"}]})
    assert outcome(status) == ("FAILED", 1, 2) and status["eventType"] == "RETIRE"
    assert failures(status) == {9609: {"clientUserIds": ["u-3"]}}
    [user] = api.get("/users", clientUserId="u-1").json["users"]
    assert user["status"] == "Retired" and "inviteCode" not in user
    # The book stays and counts as retired; whether the app comes back is the switch.
    assert counts(api, "1002") == (1, 1, 2, 4)
    assert counts(api, "1001") == ((1, 4, 0, 5) if releases else (1, 3, 1, 5))
    assert holders(api, "1001") == (["S1"] if releases else ["S1", "u-1"])
    if not releases:
        assert outcome(api.written("/assets/revoke", {"clientUserIds": ["u-1"]})) == ("COMPLETE", 1, 1)
        assert counts(api, "1001") == (1, 4, 0, 5)


# Time


def test_events_run_one_after_another_in_order(simulator: SimulatorHandle, api: ApiClient, other_api: ApiClient) -> None:
    simulator.behaviour(event_seconds=0.4)
    first = api.post("/users/create", {"users": [{"clientUserId": "n1"}]}).json["eventId"]
    second = api.post("/users/create", {"users": [{"clientUserId": "n2"}]}).json["eventId"]
    elsewhere = other_api.post("/users/create", {"users": [{"clientUserId": "n3"}]}).json["eventId"]
    pending = api.get("/status", eventId=second).json
    assert outcome(pending) == ("PENDING", 0, 1) and "failures" not in pending
    assert outcome(api.finished(first)) == ("COMPLETE", 1, 1)
    assert api.get("/status", eventId=second).json["eventStatus"] == "PENDING"
    # Locations do not wait for each other.
    assert outcome(other_api.finished(elsewhere, 0.3)) == ("COMPLETE", 1, 1)
    assert outcome(api.finished(second)) == ("COMPLETE", 1, 1)
    assert [user["clientUserId"] for user in api.listed("/users")][-2:] == ["n1", "n2"]


def test_progress_grows_and_is_visible(simulator: SimulatorHandle, api: ApiClient) -> None:
    simulator.behaviour(event_tasks_per_second=100)
    event = api.post("/assets/associate", {"assets": [{"adamId": "1003"}], "serialNumbers": [f"N{index:02d}" for index in range(30)]}).json["eventId"]
    seen = []
    while (status := api.get("/status", eventId=event).json)["eventStatus"] == "PENDING":
        assert status["numRequested"] == 30
        held = counts(api, "1003")[0] - 1
        assert status["numCompleted"] <= held
        seen.append(status["numCompleted"])
        time.sleep(0.02)
    assert outcome(status) == ("COMPLETE", 30, 30)
    assert seen == sorted(seen) and len(set(seen)) > 3
    # Tasks are done in the order of the request.
    assert [record["serialNumber"] for record in api.listed("/assignments", adamId="1003")][1:4] == ["N00", "N01", "N02"]


def test_waiting_events_can_be_released(simulator: SimulatorHandle, api: ApiClient) -> None:
    simulator.behaviour(event_seconds=600)
    event = api.post("/users/create", {"users": [{"clientUserId": "n"}]}).json["eventId"]
    assert api.get("/status", eventId=event).json["eventStatus"] == "PENDING"
    simulator.behaviour(event_seconds=0)
    assert api.get("/status", eventId=event).json["eventStatus"] == "COMPLETE"


def test_events_are_forgotten(simulator: SimulatorHandle, api: ApiClient) -> None:
    event = api.post("/users/create", {"users": [{"clientUserId": "n"}]}).json["eventId"]
    assert api.get("/status", eventId=event).status == 200
    simulator.behaviour(event_retention_seconds=0)
    assert api.get("/status", eventId=event).error == 9708


def test_reads_lag_behind_completion(simulator: SimulatorHandle, api: ApiClient) -> None:
    simulator.behaviour(visibility_delay_ms=600)

    def shown() -> tuple[Any, ...]:
        return tuple(api.get(path).json for path in ("/assets", "/assignments", "/users"))

    before = shown()
    first = api.post("/assets/associate", {"assets": [{"adamId": "1003"}], "serialNumbers": ["N1"]}).json["eventId"]
    second = api.post("/users/retire", {"users": [{"clientUserId": "u-1"}]}).json["eventId"]
    assert api.finished(first)["eventStatus"] == api.finished(second)["eventStatus"] == "COMPLETE"
    # Everything is as before, versions included, although both events are done.
    assert shown() == before
    assert api.get("/assignments", serialNumber="N1").json["assignments"] == []
    assert {"adamId": "1003", "pricingParam": "STDQ", "serialNumber": "N1"} in simulator.state("one")["assignments"]
    time.sleep(0.65)
    assert len(api.get("/assignments", serialNumber="N1").json["assignments"]) == 1
    after = shown()
    assert all(new["versionId"] != old["versionId"] for new, old in zip(after, before, strict=True))
    assert len(api.get("/assignments", sinceVersionId=before[1]["versionId"]).json["assignments"]) == 1


def test_each_event_becomes_visible_by_itself(simulator: SimulatorHandle, api: ApiClient) -> None:
    simulator.behaviour(visibility_delay_ms=600)
    api.written("/users/create", {"users": [{"clientUserId": "n1"}]})
    time.sleep(0.4)
    api.written("/users/create", {"users": [{"clientUserId": "n2"}]})
    time.sleep(0.4)
    # The first has become visible, the second has not.
    assert [user["clientUserId"] for user in api.listed("/users")][-1] == "n1"
    time.sleep(0.4)
    assert [user["clientUserId"] for user in api.listed("/users")][-1] == "n2"


def test_an_event_is_invisible_while_it_runs_too(simulator: SimulatorHandle, api: ApiClient) -> None:
    simulator.behaviour(visibility_delay_ms=50, event_tasks_per_second=20)
    event = api.post("/assets/associate", {"assets": [{"adamId": "1003"}], "serialNumbers": ["N1", "N2", "N3", "N4"]}).json["eventId"]
    while api.get("/status", eventId=event).json["numCompleted"] < 2:
        time.sleep(0.01)
    assert counts(api, "1003")[0] == 1
    assert len(simulator.state("one")["history"][0]["pairs"]) >= 2
    api.finished(event)
    time.sleep(0.06)
    assert counts(api, "1003")[0] == 5
