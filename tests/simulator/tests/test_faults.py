# Copyright (c) 2026, the mdmkit.apps_books authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Fault rules: every matcher and every action."""

from __future__ import annotations

import http.client
import time
from typing import Any

import pytest
from vpp_simulator.testing import ApiClient, ControlError, SimulatorHandle

LOST = (http.client.RemoteDisconnected, ConnectionResetError)
CREATE = {"users": [{"clientUserId": "n"}]}


def statuses(api: ApiClient, path: str, count: int) -> list[int]:
    return [api.get(path).status for dummy in range(count)]


# Matchers


@pytest.mark.parametrize(
    ("match", "hit"),
    [
        ({}, {"GET /users", "GET /assets", "POST /users/create", "GET /assets?pageIndex=0"}),
        ({"method": "GET"}, {"GET /users", "GET /assets", "GET /assets?pageIndex=0"}),
        ({"method": "post"}, {"POST /users/create"}),
        ({"path": "/users"}, {"GET /users"}),
        ({"path": "users"}, {"GET /users"}),
        ({"path": "/mdm/v2/users"}, {"GET /users"}),
        ({"path": "/users*"}, {"GET /users", "POST /users/create"}),
        ({"path": "/assets", "query": {"pageIndex": 0}}, {"GET /assets?pageIndex=0"}),
        ({"path": "/assets", "method": "POST"}, set()),
        ({"location": "one"}, {"GET /users", "GET /assets", "POST /users/create", "GET /assets?pageIndex=0"}),
        ({"location": "two"}, set()),
    ],
)
def test_matchers(simulator: SimulatorHandle, api: ApiClient, match: dict[str, Any], hit: set[str]) -> None:
    simulator.faults([{"match": match, "do": {"status": 503}, "times": 0}])
    answers = {
        "GET /users": api.get("/users"),
        "GET /assets": api.get("/assets"),
        "GET /assets?pageIndex=0": api.get("/assets", pageIndex=0),
        "POST /users/create": api.post("/users/create", CREATE),
    }
    assert {name for name, answer in answers.items() if answer.status == 503} == hit


def test_location_of_a_rule(simulator: SimulatorHandle, api: ApiClient, other_api: ApiClient) -> None:
    simulator.faults([{"match": {"location": "two"}, "do": {"status": 500}}])
    assert (api.get("/assets").status, other_api.get("/assets").status) == (200, 500)


def test_rules_fire_once_unless_told_otherwise(simulator: SimulatorHandle, api: ApiClient) -> None:
    simulator.faults([{"do": {"status": 503}}])
    assert statuses(api, "/users", 3) == [503, 200, 200]
    simulator.faults([{"do": {"status": 503}, "times": 2}])
    assert statuses(api, "/users", 3) == [503, 503, 200]
    simulator.faults([{"do": {"status": 503}, "times": 0}])
    assert statuses(api, "/users", 5) == [503] * 5


def test_the_nth_match(simulator: SimulatorHandle, api: ApiClient) -> None:
    simulator.faults([{"match": {"path": "/users", "nth": 3}, "do": {"status": 503}, "times": 2}])
    api.get("/assets")
    assert statuses(api, "/users", 6) == [200, 200, 503, 503, 200, 200]
    [rule] = simulator.fault_counters()
    assert (rule["seen"], rule["fired"]) == (6, 2)


def test_the_first_rule_in_force_wins_and_all_count(simulator: SimulatorHandle, api: ApiClient) -> None:
    simulator.faults(
        [{"match": {"nth": 2}, "do": {"status": 503}}, {"match": {"nth": 1}, "do": {"status": 500}}, {"match": {"nth": 3}, "do": {"status": 429}}]
    )
    assert statuses(api, "/users", 4) == [500, 503, 429, 200]
    assert [rule["seen"] for rule in simulator.fault_counters()] == [4, 4, 4]


def test_rules_are_replaced_and_removed(simulator: SimulatorHandle, api: ApiClient) -> None:
    simulator.faults([{"do": {"status": 500}, "times": 0}])
    simulator.faults([{"do": {"status": 503}, "times": 0}])
    assert api.get("/users").status == 503
    simulator.control("DELETE", "faults")
    assert api.get("/users").status == 200
    assert simulator.fault_counters() == []


def test_pages_can_fail(simulator: SimulatorHandle, api: ApiClient) -> None:
    simulator.behaviour(page_size=2)
    simulator.faults([{"match": {"path": "/assignments", "query": {"pageIndex": "1"}}, "do": {"status": 500}}])
    assert [api.get("/assignments", pageIndex=index).status for index in (0, 1, 2, 1)] == [200, 500, 200, 200]


def test_faults_concern_service_config_too(simulator: SimulatorHandle, api: ApiClient) -> None:
    simulator.faults([{"match": {"path": "/service/config"}, "do": {"status": 503}}])
    assert statuses(api, "/service/config", 2) == [503, 200]


# Actions


@pytest.mark.parametrize(
    ("do", "status", "error"),
    [
        ({"status": 500}, 500, 9603),
        ({"status": 503}, 503, 9729),
        ({"status": 429}, 429, 9646),
        ({"status": 403}, 403, 9637),
        ({"errorNumber": 9729}, 503, 9729),
        ({"errorNumber": 9709}, 400, 9709),
        ({"status": 200, "errorNumber": 9622}, 200, 9622),
        ({"status": 500, "errorNumber": 9729}, 500, 9729),
    ],
)
def test_errors_in_place_of_the_service(simulator: SimulatorHandle, api: ApiClient, do: dict[str, Any], status: int, error: int) -> None:
    simulator.faults([{"match": {"path": "/users/create"}, "do": do}])
    answer = api.post("/users/create", CREATE)
    assert (answer.status, answer.error) == (status, error)
    assert simulator.state("one")["events"] == []
    assert simulator.writes() == []
    [entry] = simulator.requests()
    assert (entry["status"], entry["errorNumber"], entry["fault"], entry["reached"], entry["answered"]) == (status, error, True, False, True)


def test_an_error_number_that_nobody_knows(simulator: SimulatorHandle, api: ApiClient) -> None:
    simulator.faults([{"do": {"errorNumber": 9999}}])
    answer = api.get("/users")
    assert (answer.status, answer.error) == (400, 9999)
    # This one is meant to break the contract, and is noticed.
    assert "9999" in simulator.violations()[0]["problem"]
    simulator.control("DELETE", "violations")


@pytest.mark.parametrize("value", [120, "120", "Wed, 21 Oct 2099 07:28:00 GMT"])
def test_retry_after(simulator: SimulatorHandle, api: ApiClient, value: object) -> None:
    simulator.faults([{"do": {"status": 503, "retry_after": value}}])
    assert api.get("/users").headers["Retry-After"] == str(value)


@pytest.mark.parametrize(
    ("do", "status", "content"),
    [
        ({"body": "<html>busy</html>"}, 500, b"<html>busy</html>"),
        ({"status": 502, "body": "Bad Gateway"}, 502, b"Bad Gateway"),
        ({"status": 200, "body": ""}, 200, b""),
        ({"status": 200, "body": {"assets": "none"}}, 200, b'{"assets":"none"}'),
        ({"status": 502}, 502, b""),
    ],
)
def test_bodies_that_are_not_the_services(simulator: SimulatorHandle, api: ApiClient, do: dict[str, Any], status: int, content: bytes) -> None:
    simulator.faults([{"do": do}])
    answer = api.get("/assets")
    assert (answer.status, answer.content) == (status, content)


@pytest.mark.parametrize(("do", "status"), [({}, 307), ({"status": 302}, 302)])
def test_redirects(simulator: SimulatorHandle, api: ApiClient, do: dict[str, Any], status: int) -> None:
    simulator.faults([{"do": {"redirect": "https://elsewhere.example.test/mdm/v2/assets", **do}}])
    answer = api.get("/assets")
    assert (answer.status, answer.headers["Location"]) == (status, "https://elsewhere.example.test/mdm/v2/assets")


def test_dropped_before(simulator: SimulatorHandle, api: ApiClient) -> None:
    simulator.faults([{"match": {"method": "POST"}, "do": {"drop_before": True}}])
    with pytest.raises(LOST):
        api.post("/users/create", CREATE)
    assert simulator.state("one")["events"] == []
    [entry] = simulator.requests()
    assert (entry["answered"], entry["reached"], entry["accepted"], entry["status"]) == (False, False, False, None)
    assert api.post("/users/create", CREATE).status == 200


def test_dropped_after(simulator: SimulatorHandle, api: ApiClient) -> None:
    simulator.faults([{"do": {"drop_after": True}}])
    with pytest.raises(LOST):
        api.post("/users/create", CREATE)
    # Accepted all the same; only the answer is lost.
    [event] = simulator.state("one")["events"]
    [entry] = simulator.writes(accepted=True)
    assert (entry["answered"], entry["status"], entry["eventId"]) == (False, 200, event["id"])
    assert api.get("/users", clientUserId="n").json["size"] == 1


@pytest.mark.parametrize(
    ("do", "status", "error_number"),
    [({"status": 500}, 500, 9603), ({"errorNumber": 9603, "status": 200}, 200, 9603), ({"status": 502, "body": "<html>Bad Gateway</html>"}, 502, None)],
)
def test_an_error_after_acceptance(simulator: SimulatorHandle, api: ApiClient, do: dict[str, Any], status: int, error_number: int | None) -> None:
    simulator.faults([{"match": {"method": "POST"}, "do": {**do, "carried_out": True}}])
    answer = api.post("/users/create", CREATE)
    assert answer.status == status and b"eventId" not in answer.content
    [event] = simulator.state("one")["events"]
    [entry] = simulator.writes(accepted=True)
    told = (entry["answered"], entry["reached"], entry["status"], entry["errorNumber"], entry["eventId"])
    assert told == (True, True, status, error_number, event["id"])
    assert api.get("/users", clientUserId="n").json["size"] == 1


def test_what_the_service_refuses_is_not_accepted_by_a_fault(simulator: SimulatorHandle, api: ApiClient) -> None:
    simulator.faults([{"do": {"status": 500, "carried_out": True}}])
    assert api.post("/users/create", {"users": []}).status == 500
    assert simulator.writes(accepted=True) == [] and simulator.state("one")["events"] == []


def test_dropped_reads(simulator: SimulatorHandle, api: ApiClient) -> None:
    simulator.faults([{"do": {"drop_after": True}}, {"do": {"drop_before": True}}])
    for dummy in range(2):
        with pytest.raises(LOST):
            api.get("/users")
    assert api.get("/users").status == 200


def test_hanging(simulator: SimulatorHandle, api: ApiClient) -> None:
    simulator.faults([{"do": {"hang_ms": 150}}])
    started = time.monotonic()
    answer = api.post("/users/create", CREATE)
    assert time.monotonic() - started >= 0.15
    assert answer.status == 200
    assert simulator.requests()[0]["seconds"] >= 0.15


def test_a_hanging_request_is_carried_out_at_once(simulator: SimulatorHandle, api: ApiClient) -> None:
    simulator.faults([{"match": {"method": "POST"}, "do": {"hang_ms": 400, "drop_after": True}}])
    other = ApiClient(simulator.base_url, None)
    other._connection.timeout = 0.1
    with pytest.raises(TimeoutError):
        other.request("POST", "/users/create", content=b'{"users": [{"clientUserId": "n"}]}', headers=bearer(api))
    assert api.get("/users", clientUserId="n").json["size"] == 1


def bearer(api: ApiClient) -> dict[str, str]:
    return {"Authorization": f"Bearer {api._token}", "Content-Type": "application/json"}


def test_hanging_before_a_drop(simulator: SimulatorHandle, api: ApiClient) -> None:
    simulator.faults([{"do": {"hang_ms": 100, "drop_before": True}}])
    started = time.monotonic()
    with pytest.raises(LOST):
        api.post("/users/create", CREATE)
    assert time.monotonic() - started >= 0.1
    assert simulator.state("one")["events"] == []


@pytest.mark.parametrize(("share", "failing"), [(None, 8), (1, 8), (0.5, 4), (0.25, 2), (0.1, 0), (0, 0)])
def test_failing_events(simulator: SimulatorHandle, api: ApiClient, share: float | None, failing: int) -> None:
    do = {"errorNumber": 9603} if share is None else {"errorNumber": 9603, "share": share}
    simulator.faults([{"match": {"path": "/assets/associate"}, "do": {"event_fail": do}}])
    body = {"assets": [{"adamId": "1003"}, {"adamId": "1001", "pricingParam": "STDQ"}], "serialNumbers": ["N1", "N2"], "clientUserIds": ["u-2", "u-4"]}
    simulator.behaviour(limits={})
    simulator.purchase("1001", 5, location="one")
    status = api.written("/assets/associate", body)
    assert (status["numRequested"], status["numCompleted"]) == (8, 8 - failing)
    assert status["eventStatus"] == ("FAILED" if failing else "COMPLETE")
    if failing:
        assert [failure["errorNumber"] for failure in status["failures"]] == [9603]
    [history] = simulator.state("one")["history"]
    assert len(history["pairs"]) == 8 - failing
    assert api.written("/assets/associate", body)["eventStatus"] == "COMPLETE"


def test_failing_user_and_revoke_events(simulator: SimulatorHandle, api: ApiClient) -> None:
    simulator.faults([{"do": {"event_fail": {"errorNumber": 9644}}, "match": {"method": "POST"}, "times": 2}])
    created = api.written("/users/create", CREATE)
    assert created["failures"] == [{"errorNumber": 9644, "errorMessage": created["failures"][0]["errorMessage"], "errorInfo": {"clientUserIds": ["n"]}}]
    revoked = api.written("/assets/revoke", {"serialNumbers": ["S1"]})
    assert (revoked["numRequested"], revoked["numCompleted"]) == (2, 0)
    assert revoked["failures"][0]["errorInfo"] == {"serialNumbers": ["S1"]}
    assert len(api.listed("/assignments", serialNumber="S1")) == 2


def test_stuck_events_hold_nobody_up(simulator: SimulatorHandle, api: ApiClient) -> None:
    simulator.faults([{"do": {"event_stuck": True}}])
    stuck = api.post("/users/create", CREATE).json["eventId"]
    again = api.post("/users/create", CREATE).json["eventId"]
    assert api.finished(again)["eventStatus"] == "COMPLETE"
    status = api.get("/status", eventId=stuck).json
    assert (status["eventStatus"], status["numCompleted"], status["numRequested"]) == ("PENDING", 0, 1)


def test_meanwhile_somebody_else_acts(simulator: SimulatorHandle, api: ApiClient) -> None:
    """The change comes right before the request is served, so it falls between two pages or between a read and a write."""
    simulator.behaviour(page_size=2)
    pair = {"adamId": "1001", "pricingParam": "STDQ", "serialNumber": "S1"}
    mdm_info = {"id": "other", "name": "Other Manager", "metadata": "x"}
    wishes = [
        {"unassign": {"location": "one", "pairs": [pair]}},
        {"purchase": {"location": "one", "adamId": "1001", "count": 2}},
        {"client_config": {"location": "one", "mdmInfo": mdm_info}},
    ]
    simulator.faults([{"match": {"path": "/assignments", "nth": 2}, "do": {"meanwhile": wishes}}])
    first, second = (api.get("/assignments", pageIndex=index).json for index in (0, 1))
    assert pair in first["assignments"] and first["versionId"] != second["versionId"]
    assert "mdmInfo" not in first and second["mdmInfo"] == mdm_info
    assert api.get("/assets", adamId="1001").json["assets"][0]["totalCount"] == 7


def test_an_impossible_wish_does_not_go_unnoticed(simulator: SimulatorHandle, api: ApiClient) -> None:
    pair = {"adamId": "77", "serialNumber": "S1"}
    simulator.faults([{"do": {"meanwhile": [{"assign": {"location": "one", "pairs": [pair]}}]}}])
    answer = api.get("/users")
    assert (answer.status, answer.error) == (500, 9603)
    [violation] = simulator.violations()
    assert "there is no asset 77" in violation["problem"]
    simulator.control("DELETE", "violations")


def test_a_token_can_die_meanwhile(simulator: SimulatorHandle, api: ApiClient) -> None:
    simulator.faults([{"match": {"nth": 2}, "do": {"meanwhile": [{"retire_token": {"location": "one"}}]}}])
    assert [api.get("/users").status for dummy in range(3)] == [200, 401, 401]


@pytest.mark.parametrize(
    ("rules", "told"),
    [
        ({"do": {"status": 500}}, "must be a list"),
        ([{"match": {}}], "[0].do: is missing"),
        ([{"do": {"status": 500}, "matches": {}}], "[0].matches: is not known here"),
        ([{"do": {"explode": True}}], "[0].do.explode: is not known here"),
        ([{"do": {}, "match": {"verb": "GET"}}], "[0].match.verb: is not known here"),
        ([{"do": {}, "match": {"nth": 0}}], "[0].match.nth: must be a whole number, 1 or more"),
        ([{"do": {}, "match": {"query": "pageIndex=1"}}], "[0].match.query: must be a mapping"),
        ([{"do": {}, "times": -1}], "[0].times: must be a whole number, 0 or more"),
        ([{"do": {"status": "500"}}], "[0].do.status: must be a whole number"),
        ([{"do": {"hang_ms": "long"}}], "[0].do.hang_ms: must be a number"),
        ([{"do": {"drop_after": 1}}], "[0].do.drop_after: must be true or false"),
        ([{"do": {"carried_out": True}}], "[0].do.carried_out: goes with status, errorNumber or body"),
        ([{"do": {"carried_out": True, "redirect": "https://elsewhere.example.test"}}], "[0].do.carried_out: goes with status"),
        ([{"do": {"retry_after": [1]}}], "[0].do.retry_after: must be seconds or an HTTP date"),
        ([{"do": {"event_fail": {"share": 0.5}}}], "[0].do.event_fail.errorNumber: is missing"),
        ([{"do": {"event_fail": {"errorNumber": 9603, "share": 2}}}], "[0].do.event_fail.share: must be a number from 0 to 1"),
        ([{"do": {"meanwhile": [{"sing": {}}]}}], "[0].do.meanwhile[0]: must be a mapping of one of purchase"),
        (["drop"], "[0]: must be a mapping"),
    ],
)
def test_ill_formed_rules_are_refused_whole(simulator: SimulatorHandle, rules: Any, told: str) -> None:
    simulator.faults([{"do": {"status": 500}}])
    with pytest.raises(ControlError) as refusal:
        simulator.control("POST", "faults", rules)
    assert told in str(refusal.value)
    assert len(simulator.fault_counters()) == 1
