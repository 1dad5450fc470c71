# Copyright (c) 2026, the mdmkit.apps_books authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the oracle must not let through: evidence of a play in which all went well, doctored in one place after the other."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from typing import Any

import pytest

from .model import Task
from .oracle import CHECKS, complaints
from .runner import Evidence, Run
from .schedule import HOLDER, LOCATION, OTHER_HOLDER, Fault, Schedule

START = 1_800_000_000.0
SECRET = "canary-of-this-test"
HTTP_TIMEOUT = 10.0
PLAY = [
    Task("vpp_client_config", {"mdm_info": {"id": HOLDER, "name": "Chaos", "metadata": "one"}}),
    Task("vpp_user", {"users": [{"client_user_id": "u-1"}], "purge": False}),
    Task("vpp_asset_revocation", {"users": [], "devices": ["D7"]}),
    Task(
        "vpp_asset_assignment",
        {"assignments": [{"assets": [{"adam_id": "1001", "pricing_param": "STDQ"}], "users": ["u-1"], "devices": ["D1"]}], "purge": "assets"},
    ),
]
CONFIG, USERS, REVOCATION, ASSIGNMENT = range(4)


def held(target: str, adam_id: str = "1001") -> dict[str, Any]:
    return {"adamId": adam_id, "pricingParam": "STDQ", "clientUserId" if target.startswith("u") else "serialNumber": target}


def asset(adam_id: str, assigned: int, **more: Any) -> dict[str, Any]:
    record = {"adamId": adam_id, "pricingParam": "STDQ", "deviceAssignable": True, "revocable": True}
    return {**record, "totalCount": 10, "assignedCount": assigned, "retiredCount": 0, **more}


def state(first: list[str], second: list[str], users: list[str], holder: str | None = HOLDER) -> dict[str, Any]:
    """A location: who holds 1001, who holds 1002, and who is active."""
    return {
        "assets": [asset("1001", len(first)), asset("1002", len(second))],
        "users": [{"clientUserId": name, "status": "Registered"} for name in users],
        "assignments": [held(target) for target in first] + [held(target, "1002") for target in second],
        "mdmInfo": holder and {"id": holder, "name": "Chaos", "metadata": "one"},
        "notificationUrl": None,
        "notificationAuthToken": None,
        "notificationTypes": [],
        "history": [],
    }


def entry(moment: float, method: str, path: str, body: Any = None, **more: Any) -> dict[str, Any]:
    common = {"method": method, "path": path, "query": {}, "body": body, "location": LOCATION, "status": 200, "errorNumber": None, "eventId": None}
    outcome = {"reached": True, "accepted": method == "POST", "answered": True, "fault": False, "seconds": 0.002}
    return {"id": 0, "time": START + moment, **common, **outcome, **more}


def event(number: int, kind: str, accepted: float, pairs: list[dict[str, Any]], users: list[str]) -> dict[str, Any]:
    times = {"accepted": START + accepted, "finished": START + accepted + 0.05}
    return {"eventId": f"event-{number}", "type": kind, **times, "pairs": pairs, "users": users}


def body_of(*targets: str, adam_id: str = "1001") -> dict[str, Any]:
    body: dict[str, Any] = {"assets": [{"adamId": adam_id, "pricingParam": "STDQ"}]}
    for target in targets:
        body.setdefault("clientUserIds" if target.startswith("u") else "serialNumbers", []).append(target)
    return body


def run_of(phase: str, task: int, began: float, after: dict[str, Any], *requests: dict[str, Any]) -> Run:
    changed = any(request["method"] == "POST" for request in requests)
    run = Run(phase, 0 if phase == "faulty" else 1, PLAY[task], {"http_timeout": HTTP_TIMEOUT}, [], [], START + began, START + began + 0.9)
    run.requests, run.state = list(requests), copy.deepcopy(after)
    run.result = {"changed": changed}
    run.output = json.dumps(run.result)
    return run


def good_evidence() -> Evidence:
    """D2 lost 1001 to D1 and the new user u-1; D7 was revoked; D9 is none of our business."""
    before = state(["D2"], ["D7", "D9"], [], None)
    claimed = state(["D2"], ["D7", "D9"], [])
    created = state(["D2"], ["D7", "D9"], ["u-1"])
    revoked = state(["D2"], ["D9"], ["u-1"])
    done = state(["u-1", "D1"], ["D9"], ["u-1"])
    runs = [
        run_of("faulty", CONFIG, 0, claimed, entry(0.1, "GET", "/client/config"), entry(0.2, "POST", "/client/config", {"mdmInfo": {"id": HOLDER}})),
        run_of(
            "faulty",
            USERS,
            1,
            created,
            entry(1.1, "GET", "/users"),
            entry(1.2, "POST", "/users/create", {"users": [{"clientUserId": "u-1"}]}, eventId="event-1"),
        ),
        run_of(
            "faulty",
            REVOCATION,
            2,
            revoked,
            entry(2.1, "GET", "/assignments"),
            entry(2.2, "POST", "/assets/revoke", {"serialNumbers": ["D7"]}, eventId="event-2"),
        ),
        run_of(
            "faulty",
            ASSIGNMENT,
            3,
            done,
            entry(3.1, "GET", "/assets"),
            entry(3.2, "GET", "/assignments"),
            entry(3.3, "POST", "/assets/disassociate", body_of("D2"), eventId="event-3"),
            entry(3.4, "POST", "/assets/associate", body_of("u-1", "D1"), eventId="event-4"),
            entry(3.6, "GET", "/status"),
        ),
        run_of("clean", CONFIG, 4, done, entry(4.1, "GET", "/client/config")),
        run_of("clean", USERS, 5, done, entry(5.1, "GET", "/users")),
        run_of("clean", REVOCATION, 6, done, entry(6.1, "GET", "/assignments")),
        run_of("clean", ASSIGNMENT, 7, done, entry(7.1, "GET", "/assets"), entry(7.2, "GET", "/assignments")),
    ]
    runs[-1].state["history"] = [
        event(1, "CREATE", 1.2, [], ["u-1"]),
        event(2, "REVOKE", 2.2, [held("D7", "1002")], []),
        event(3, "DISASSOCIATE", 3.3, [held("D2")], []),
        event(4, "ASSOCIATE", 3.4, [held("u-1"), held("D1")], []),
    ]
    behaviour = {"max_requests_per_second": 0, "visibility_delay_ms": 0}
    schedule = Schedule(0, ["killed"], {"behaviour": behaviour}, PLAY, [[] for dummy in PLAY], False)
    return Evidence(schedule, before, copy.deepcopy(done), runs, [SECRET])


Doctor = Callable[[Evidence], None]
DOCTORS: dict[str, tuple[str, Doctor]] = {}


def doctored(check: str) -> Callable[[Doctor], Doctor]:
    """Declares that the check has to find what the function spoils."""

    def declare(doctor: Doctor) -> Doctor:
        DOCTORS[doctor.__name__.replace("_", " ")] = (check, doctor)
        return doctor

    return declare


@doctored("clean results")
def a_traceback(evidence: Evidence) -> None:
    evidence.runs[1].errors = "Traceback (most recent call last):\n  ..."


@doctored("clean results")
def no_json(evidence: Evidence) -> None:
    evidence.runs[1].result, evidence.runs[1].output = None, "oops"


@doctored("clean results")
def a_failure_without_a_message(evidence: Evidence) -> None:
    evidence.runs[1].result, evidence.runs[1].status = {"failed": True, "changed": True, "msg": " "}, 1


@doctored("clean results")
def a_run_that_hangs(evidence: Evidence) -> None:
    evidence.runs[1].status = -9


@doctored("secrets stay secret")
def a_secret_in_a_message(evidence: Evidence) -> None:
    evidence.runs[1].output = json.dumps({"changed": True, "warnings": [SECRET]})


@doctored("success means done")
def success_without_the_licence(evidence: Evidence) -> None:
    evidence.runs[3].state["assignments"] = [held("D1"), held("D9", "1002")]
    evidence.runs[3].state["assets"][0]["assignedCount"] = 1


@doctored("changed is true")
def a_change_that_is_not_told(evidence: Evidence) -> None:
    evidence.runs[3].result = {"failed": True, "msg": "no answer", "changed": False}
    evidence.runs[3].status = 1


@doctored("changed is true")
def a_change_that_never_was(evidence: Evidence) -> None:
    del evidence.runs[2].requests[1]


@doctored("converges")
def a_last_play_that_changes_something(evidence: Evidence) -> None:
    evidence.runs[7].result = {"changed": True}
    evidence.runs[7].requests.append(entry(7.3, "POST", "/assets/associate", body_of("D1")))


@doctored("converges")
def a_last_play_that_fails(evidence: Evidence) -> None:
    evidence.runs[7].result, evidence.runs[7].status = {"failed": True, "msg": "no", "changed": False}, 1


@doctored("converges")
def a_wanted_licence_that_is_missing_in_the_end(evidence: Evidence) -> None:
    evidence.final["assignments"].remove(held("D1"))
    evidence.final["assets"][0]["assignedCount"] = 1


@doctored("converges")
def a_licence_of_somebody_else_that_is_gone_in_the_end(evidence: Evidence) -> None:
    """The state between the phases lacks it too, so only the state before the faults can tell."""
    for after in (evidence.settled, evidence.final):
        after["assignments"].remove(held("D9", "1002"))
        after["assets"][1]["assignedCount"] = 0


@doctored("licences are counted")
def a_licence_used_twice(evidence: Evidence) -> None:
    evidence.runs[3].state["assets"][0]["assignedCount"] = 3


@doctored("only what is planned")
def an_unplanned_pair(evidence: Evidence) -> None:
    evidence.final["history"].append(event(5, "ASSOCIATE", 3.7, [held("D5")], []))


@doctored("only what is planned")
def a_pair_beyond_reach_taken_away(evidence: Evidence) -> None:
    evidence.final["history"].append(event(5, "DISASSOCIATE", 3.7, [held("D9", "1002")], []))


@doctored("only what is planned")
def a_wanted_pair_taken_away(evidence: Evidence) -> None:
    evidence.final["history"].append(event(5, "DISASSOCIATE", 3.7, [held("D1")], []))


@doctored("only what is planned")
def a_revocation_of_somebody_else(evidence: Evidence) -> None:
    evidence.final["history"].append(event(5, "REVOKE", 3.7, [held("D9", "1002")], []))


@doctored("only what is planned")
def a_user_retired_without_purge(evidence: Evidence) -> None:
    evidence.final["history"].append(event(5, "RETIRE", 3.7, [], ["u-9"]))


@doctored("only what is planned")
def a_user_created_unasked(evidence: Evidence) -> None:
    evidence.final["history"].append(event(5, "CREATE", 3.7, [], ["u-9"]))


@doctored("only what is planned")
def an_unplanned_pair_that_was_refused(evidence: Evidence) -> None:
    evidence.runs[3].requests.append(entry(3.8, "POST", "/assets/associate", body_of("D5"), status=400, errorNumber=9709, accepted=False))


@doctored("nothing twice without reading")
def a_repeated_write(evidence: Evidence) -> None:
    evidence.runs[3].requests.append(entry(3.8, "POST", "/assets/associate", body_of("u-1", "D1")))


@doctored("nothing twice without reading")
def a_pair_of_an_earlier_write(evidence: Evidence) -> None:
    evidence.runs[3].requests.append(entry(3.8, "POST", "/assets/associate", body_of("D1")))


@doctored("nothing twice without reading")
def a_write_repeated_after_a_reset_that_nobody_could_know_to_be_harmless(evidence: Evidence) -> None:
    lost = entry(3.35, "POST", "/assets/associate", body_of("D1"), status=None, reached=False, accepted=False, answered=False, fault=True)
    evidence.runs[3].requests.insert(3, lost)


@doctored("nothing twice without reading")
def a_write_repeated_after_an_internal_error(evidence: Evidence) -> None:
    failed = entry(3.35, "POST", "/assets/associate", body_of("D1"), status=500, errorNumber=9603, accepted=False, fault=True)
    evidence.runs[3].requests.insert(3, failed)


@doctored("nothing twice without reading")
def a_write_repeated_after_a_refusal_that_came_too_late(evidence: Evidence) -> None:
    late = entry(3.35, "POST", "/assets/associate", body_of("D1"), status=503, accepted=False, fault=True, seconds=HTTP_TIMEOUT + 1)
    evidence.runs[3].requests.insert(3, late)


@doctored("nothing twice without reading")
def a_read_of_something_else_between(evidence: Evidence) -> None:
    evidence.runs[3].requests += [entry(3.7, "GET", "/users"), entry(3.8, "POST", "/assets/associate", body_of("D1"))]


@doctored("nothing that is there already")
def a_pair_that_the_reading_had_to_show(evidence: Evidence) -> None:
    evidence.initial["assignments"].append(held("D1"))
    del evidence.final["history"][3]["pairs"][1]


@doctored("nothing that is there already")
def a_pair_given_again_after_reading_back(evidence: Evidence) -> None:
    evidence.runs[3].requests += [entry(3.8, "GET", "/assignments"), entry(3.9, "POST", "/assets/associate", body_of("D1"))]


@doctored("nothing that is there already")
def a_user_created_again(evidence: Evidence) -> None:
    again = entry(1.4, "POST", "/users/create", {"users": [{"clientUserId": "u-1"}]})
    evidence.runs[1].requests += [entry(1.3, "GET", "/users"), again]


@doctored("rate")
def a_burst(evidence: Evidence) -> None:
    evidence.schedule.behaviour["max_requests_per_second"] = 10
    evidence.runs[7].requests += [entry(7.3 + number / 100, "GET", "/assignments") for number in range(13)]


def refused(evidence: Evidence, retry_after: Any, *later: dict[str, Any]) -> None:
    """The first page of the last reading is refused, and other requests follow."""
    rule = {"match": {"method": "GET", "path": "/assignments"}, "do": {"status": 503, "retry_after": retry_after}}
    run = evidence.runs[7]
    run.faults, run.rules, run.fired = [Fault("503 with seconds", rule)], [rule], [1]
    run.requests[1].update(status=503, errorNumber=9729, reached=False, fault=True, query={"pageIndex": "0"})
    run.requests += later


@doctored("Retry-After")
def a_refused_read_repeated_too_soon(evidence: Evidence) -> None:
    refused(evidence, 1, entry(7.3, "GET", "/assignments", query={"pageIndex": "0"}))


@doctored("Retry-After")
def another_request_too_soon(evidence: Evidence) -> None:
    refused(evidence, 1, entry(7.9, "GET", "/assignments", query={"pageIndex": "1"}))


@doctored("Retry-After")
def more_pages_under_way_than_there_can_be(evidence: Evidence) -> None:
    refused(evidence, 1, *(entry(7.22 + page / 100, "GET", "/assignments", query={"pageIndex": str(page)}) for page in range(1, 6)))


@doctored("Retry-After")
def a_request_before_the_date(evidence: Evidence) -> None:
    refused(evidence, "Fri, 15 Jan 2027 08:00:09 GMT", entry(8.5, "GET", "/assignments", query={"pageIndex": "0"}))


def taken_over(evidence: Evidence, run: Run, before: dict[str, Any]) -> None:
    hand = {"client_config": {"mdmInfo": OTHER_HOLDER}}
    rule = {"match": {"method": before["method"], "path": before["path"]}, "do": {"meanwhile": [hand]}}
    run.faults, run.rules, run.fired = [Fault("taken over", rule)], [rule], [1]
    before["fault"] = True


@doctored("no write after a takeover")
def a_write_after_a_takeover(evidence: Evidence) -> None:
    taken_over(evidence, evidence.runs[3], evidence.runs[3].requests[1])


@doctored("no write after a takeover")
def a_write_in_the_run_after_a_takeover(evidence: Evidence) -> None:
    taken_over(evidence, evidence.runs[2], evidence.runs[2].requests[1])


@doctored("no write with a revoked token")
def a_write_with_a_revoked_token(evidence: Evidence) -> None:
    evidence.runs[3].requests[2].update(status=401, errorNumber=9625, accepted=False)


@doctored("contract")
def an_answer_against_the_contract(evidence: Evidence) -> None:
    evidence.violations.append({"problem": "the service is at fault"})


def test_evidence_of_a_good_play_is_not_complained_about() -> None:
    assert complaints(good_evidence()) == []


@pytest.mark.parametrize("name", DOCTORS)
def test_what_went_wrong_is_found(name: str) -> None:
    check, doctor = DOCTORS[name]
    evidence = good_evidence()
    doctor(evidence)
    assert check in {complaint.check for complaint in complaints(evidence)}


def test_every_check_can_fail() -> None:
    assert {check for check, dummy in DOCTORS.values()} == set(CHECKS)


GOOD: dict[str, Doctor] = {}


def harmless(doctor: Doctor) -> Doctor:
    """Declares that nothing is wrong with what the function does."""
    GOOD[doctor.__name__.replace("_", " ")] = doctor
    return doctor


@harmless
def a_write_repeated_after_a_refusal(evidence: Evidence) -> None:
    refusal = entry(3.35, "POST", "/assets/associate", body_of("u-1", "D1"), status=503, errorNumber=9729, reached=False, accepted=False, fault=True)
    evidence.runs[3].requests.insert(3, refusal)


@harmless
def a_write_repeated_in_parts_after_it_was_too_long(evidence: Evidence) -> None:
    refusal = entry(3.35, "POST", "/assets/associate", body_of("u-1", "D1"), status=400, errorNumber=9702, accepted=False)
    evidence.runs[3].requests.insert(3, refusal)


@harmless
def a_lost_write_repeated_after_reading(evidence: Evidence) -> None:
    lost = entry(3.32, "POST", "/assets/associate", body_of("u-1", "D1"), status=None, reached=False, accepted=False, answered=False, fault=True)
    evidence.runs[3].requests[3:3] = [lost, entry(3.36, "GET", "/assignments")]


@harmless
def a_run_that_was_killed(evidence: Evidence) -> None:
    run = evidence.runs[3]
    run.killed, run.status, run.result, run.output = True, -9, None, ""


@harmless
def pages_that_were_under_way_when_one_was_refused(evidence: Evidence) -> None:
    refused(evidence, 1, *(entry(7.21 + page / 100, "GET", "/assignments", query={"pageIndex": str(page)}) for page in range(1, 5)))


@harmless
def a_configuration_stored_in_the_moment_of_a_takeover(evidence: Evidence) -> None:
    taken_over(evidence, evidence.runs[0], evidence.runs[0].requests[1])


@pytest.mark.parametrize("doctor", GOOD.values(), ids=GOOD.keys())
def test_what_is_right_is_not_complained_about(doctor: Doctor) -> None:
    evidence = good_evidence()
    doctor(evidence)
    assert complaints(evidence) == []
