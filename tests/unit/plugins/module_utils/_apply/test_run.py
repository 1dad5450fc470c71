# Copyright (c) 2026, the mdmkit.apps_books authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import random
import time
from typing import Any, Dict, List, Sequence, Set, Tuple

import pytest
from ansible_collections.mdmkit.apps_books.plugins.module_utils._api.errors import AnswerLost, GaveUpRetrying, NotOurs, ServiceError
from ansible_collections.mdmkit.apps_books.plugins.module_utils._api.service import Service
from ansible_collections.mdmkit.apps_books.plugins.module_utils._apply.outcome import LostAnswer, Outcome
from ansible_collections.mdmkit.apps_books.plugins.module_utils._apply.readback import AssignmentReadBack, ReadBack, UserReadBack
from ansible_collections.mdmkit.apps_books.plugins.module_utils._apply.run import Waiting, apply_plan
from ansible_collections.mdmkit.apps_books.plugins.module_utils._model import Asset, Assignments, Targets
from ansible_collections.mdmkit.apps_books.plugins.module_utils._plan.assignments import compare, plan_assignments
from ansible_collections.mdmkit.apps_books.plugins.module_utils._plan.pairs import PairStep
from ansible_collections.mdmkit.apps_books.plugins.module_utils._plan.plan import Plan, Request
from ansible_collections.mdmkit.apps_books.plugins.module_utils._plan.revocation import RevokeStep, plan_revocation
from ansible_collections.mdmkit.apps_books.plugins.module_utils._plan.users import UserChange, UserStep, UserWish, plan_users
from ansible_collections.mdmkit.apps_books.plugins.module_utils._state.assets import OwnedAssets
from ansible_collections.mdmkit.apps_books.plugins.module_utils._state.assignments import Question, read_assignments
from ansible_collections.mdmkit.apps_books.plugins.module_utils._state.ownership import ensure_ours
from ansible_collections.mdmkit.apps_books.plugins.module_utils._state.users import ActiveUsers
from ansible_collections.mdmkit.apps_books.tests.unit.support.connection import TOKEN, Connection
from ansible_collections.mdmkit.apps_books.tests.unit.support.journal import fault, posts
from ansible_collections.mdmkit.apps_books.tests.unit.support.world import DEVICE, USER, Pair, as_assignments
from vpp_simulator.testing import SimulatorHandle

A, FREE, BOOK, USERS_ONLY = Asset("1000000001"), Asset("1000000003"), Asset("1000000002"), Asset("1000000004")
SOON = Waiting(True, 20, 0.02)

GIVE_A = Request("associate", (A,), ("u-2",), ("D7",))
GIVE_FREE = Request("associate", (FREE,), ("u-1",), ("D7",))
TAKE_A = Request("disassociate", (A,), ("u-1",), ("D1",))
REFUSED = Request("associate", (USERS_ONLY,), ("u-1",), ("D7",))
OURS: Dict[str, Any] = {"id": "ours", "name": "Our service", "metadata": "m"}
TAKEN_OVER = [{"client_config": {"mdmInfo": dict(OURS, id="theirs")}}]


def plan_of(requests: Sequence[Request]) -> Plan:
    """The plan that such requests would come of."""
    pairs: Dict[str, Assignments] = {}
    users: Dict[str, List[UserChange]] = {}
    for request in requests:
        for record in request.user_records:
            users.setdefault(request.kind, []).append(UserChange(record["client_user_id"], record, None, exists=request.kind != "create"))
        # What a revocation reaches is what its targets hold; in these tests that is A.
        for asset in () if request.user_records else request.assets or (A,):
            targets = pairs.setdefault(request.kind, {}).setdefault(asset, Targets(set(), set()))
            targets.users.update(request.users)
            targets.devices.update(request.devices)
    steps = [(RevokeStep if kind == "revoke" else PairStep)(kind, "", held) for kind, held in pairs.items()]
    return Plan((*steps, *(UserStep(kind, "", changes) for kind, changes in users.items())))


def read_back_of(connection: Connection, plan: Plan) -> ReadBack:
    if any(isinstance(step, UserStep) for step in plan.steps):
        return UserReadBack(ActiveUsers(connection.service).read())
    return AssignmentReadBack(connection.service, owned_assets(connection.service))


def owned_assets(service: Service) -> OwnedAssets:
    owned = OwnedAssets(service)
    owned.read()
    return owned


def send(connection: Connection, requests: Sequence[Request], waiting: Waiting = SOON, slowly: bool = True) -> Outcome:
    """:param slowly: whether waiting takes real time, as the simulator's work does"""
    plan = plan_of(requests)
    clock = (time.monotonic, time.sleep) if slowly else (connection.clock, connection.clock.sleep)
    return apply_plan(connection.service, plan, requests, read_back_of(connection, plan), waiting, *clock)


def pairs_of(listed: Dict[str, Any], member: str = "pairs") -> List[Pair]:
    return [
        (Asset(entry["adamId"], entry["pricingParam"]), USER if "clientUserId" in entry else DEVICE, entry.get("clientUserId") or entry["serialNumber"])
        for entry in listed[member]
    ]


def held(simulator: SimulatorHandle) -> Set[Pair]:
    return set(pairs_of(simulator.state(parts=["assignments"]), "assignments"))


def asked(simulator: SimulatorHandle, path: str) -> List[Dict[str, Any]]:
    return [entry for entry in simulator.requests() if entry["path"] == path]


def statuses(outcome: Outcome) -> List[str]:
    return [event.status for event in outcome.events]


def counts(outcome: Outcome) -> Dict[str, int]:
    """Without those that are 0."""
    return {name: number for name, number in outcome.counts().items() if number}


def undone(outcome: Outcome) -> List[Tuple[str, str, Any]]:
    """(key, verdict, error number) of every change that is not made."""
    return [
        (change.key, part.verdict, part.failure.error_number if part.failure else None) for part in outcome.undone for change in part.part.changes()
    ]


def creating(*client_user_ids: str, **more: str) -> Request:
    return Request("create", user_records=tuple({"client_user_id": client_user_id, **more} for client_user_id in client_user_ids))


# All goes well


def test_requests_are_sent_in_order_and_waited_for_together(simulator: SimulatorHandle, connection: Connection) -> None:
    simulator.behaviour(event_seconds=0.1)

    outcome = send(connection, [TAKE_A, GIVE_A, GIVE_FREE])

    assert [entry["path"] for entry in posts(simulator)] == ["/assets/disassociate", "/assets/associate", "/assets/associate"]
    assert [event.event_id for event in outcome.events] == [entry["eventId"] for entry in posts(simulator)]
    assert all(event.succeeded for event in outcome.events)
    assert [event.event_type for event in outcome.events] == ["DISASSOCIATE", "ASSOCIATE", "ASSOCIATE"]
    assert (counts(outcome), outcome.stopped_by, outcome.pending, outcome.changed) == ({"done": 6}, None, [], True)
    kinds = [entry["path"] for entry in simulator.requests()]
    assert kinds.index("/status") > max(index for index, path in enumerate(kinds) if path.startswith("/assets/"))
    assert (A, USER, "u-1") not in held(simulator) and (A, DEVICE, "D7") in held(simulator)


@pytest.mark.parametrize(
    "request_, path",
    [
        (creating("new"), "/users/create"),
        (Request("update", user_records=({"client_user_id": "u-1", "email": "x@example.test"},)), "/users/update"),
        (Request("retire", user_records=({"client_user_id": "u-1"},)), "/users/retire"),
        (GIVE_A, "/assets/associate"),
        (TAKE_A, "/assets/disassociate"),
        (Request("revoke", (), ("u-1",), ("D1",)), "/assets/revoke"),
    ],
)
def test_every_kind_of_request_has_its_endpoint(simulator: SimulatorHandle, connection: Connection, request_: Request, path: str) -> None:
    outcome = send(connection, [request_])

    assert [entry["path"] for entry in posts(simulator)] == [path]
    assert outcome.changed and set(counts(outcome)) == {"done"} and all(event.succeeded for event in outcome.events)


def test_nothing_to_send(simulator: SimulatorHandle, connection: Connection) -> None:
    assert send(connection, []) == Outcome()
    assert posts(simulator) == []
    assert not Outcome().changed


def test_without_waiting_the_events_are_pending(simulator: SimulatorHandle, connection: Connection) -> None:
    outcome = send(connection, [GIVE_A, GIVE_FREE], Waiting(False, 20, 0.02))

    assert asked(simulator, "/status") == []
    assert statuses(outcome) == ["PENDING", "PENDING"]
    assert [event.event_id for event in outcome.pending] == [entry["eventId"] for entry in posts(simulator)]
    assert outcome.changed and counts(outcome) == {"unknown": 4}


@pytest.mark.parametrize("number", range(6))
def test_a_plan_for_the_service_as_it_is_makes_it_as_it_is_wanted(simulator: SimulatorHandle, connection: Connection, number: int) -> None:
    """All rooms together, over HTTP: read, compare, plan, send, wait, read again."""
    chance = random.Random(number)
    assets = [Asset(str(1000000001 + index)) for index in range(4)]
    targets = [(USER, f"u-{index}") for index in range(6)] + [(DEVICE, f"D{index}") for index in range(6)]
    everything = [(asset, *target) for asset in assets for target in targets]
    before = set(chance.sample(everything, 20))
    wanted = set(chance.sample(everything, 20))
    simulator.reset(
        {
            "behaviour": {
                "max_requests_per_second": 0,
                "event_seconds": 0,
                "limits": {"maxAssets": 2, "maxClientUserIds": 3, "maxSerialNumbers": 2},
                "page_size": 7,
            },
            "locations": [
                {
                    "name": "springfield",
                    "content_token": TOKEN,
                    # As many licences as there are targets: the removals have to come first.
                    "assets": [
                        {"adamId": asset.adam_id, "totalCount": max(len([p for p in pairs if p[0] == asset]) for pairs in (before, wanted))}
                        for asset in assets
                    ],
                    "users": [{"clientUserId": target} for kind, target in targets if kind == USER],
                    "assignments": [
                        {"adamId": asset.adam_id, "clientUserId" if kind == USER else "serialNumber": target} for asset, kind, target in sorted(before)
                    ],
                }
            ],
        }
    )
    service = connection.service
    pairs = {**dict.fromkeys(assets, Targets(set(), set())), **as_assignments(wanted)}

    def plan() -> Plan:
        records = {record.asset: record for record in service.assets()}
        present = read_assignments(service, records, Question()).assignments
        return plan_assignments(compare(pairs, Targets(set(), set()), present, records, "present", "location"), records, lambda asset: ())[0]

    planned = plan()
    outcome = apply_plan(service, planned, planned.requests(service.limits()), AssignmentReadBack(service, owned_assets(service)), SOON)

    assert (outcome.stopped_by, counts(outcome)) == (None, {"done": len(before ^ wanted)})
    assert held(simulator) == wanted
    changed = [pair for event in simulator.state()["history"] for pair in pairs_of(event)]
    assert sorted(changed) == sorted(before ^ wanted), "each change is made once, and no other is"
    assert not plan().changed
    assert all(entry["errorNumber"] is None for entry in simulator.requests())


# Limits


@pytest.mark.parametrize(
    "limits, request_, number, parts",
    [
        ({"maxAssets": 1}, Request("associate", (FREE, USERS_ONLY), ("u-2",), ()), 9700, 2),
        ({"maxClientUserIds": 1}, Request("associate", (FREE,), ("u-1", "u-2", "u-3"), ()), 9701, 3),
        ({"maxSerialNumbers": 2}, Request("associate", (FREE,), (), ("D1", "D2", "D3")), 9702, 2),
        ({"maxUsers": 2}, creating(*(f"new-{number}" for number in range(5))), 9714, 3),
        ({"maxRevokeClientUserIds": 1}, Request("revoke", (), ("u-1", "u-2"), ()), 9701, 2),
        ({"maxRevokeSerialNumbers": 1}, Request("revoke", (), (), ("D1", "D2")), 9702, 2),
    ],
    ids=lambda value: str(value) if isinstance(value, (dict, int)) else None,
)
def test_limits_that_shrink_on_the_way_are_read_again_and_kept(
    simulator: SimulatorHandle, connection: Connection, limits: Dict[str, int], request_: Request, number: int, parts: int
) -> None:
    connection.service.limits()
    simulator.behaviour(limits=limits)

    requests = [request_, *([GIVE_A] if request_.kind == "associate" else [])]

    outcome = send(connection, requests)

    others = len(requests) - 1
    assert [entry["errorNumber"] for entry in posts(simulator)] == [number] + [None] * (parts + others)
    assert outcome.stopped_by is None and set(counts(outcome)) == {"done"}
    assert len(outcome.events) == parts + others
    assert all(event.succeeded for event in outcome.events)
    assert len(asked(simulator, "/service/config")) == 2


def test_limits_that_shrink_twice(simulator: SimulatorHandle, connection: Connection) -> None:
    """The limits that were just read are refused as well."""
    simulator.faults([fault("/users/create", times=2, errorNumber=9714)])

    outcome = send(connection, [creating(*(f"new-{number}" for number in range(5)))])

    assert counts(outcome) == {"done": 5} and all(event.succeeded for event in outcome.events)
    assert len(asked(simulator, "/service/config")) == 3


def test_limits_that_never_hold_are_told(simulator: SimulatorHandle, connection: Connection) -> None:
    simulator.faults([fault("/users/create", times=0, errorNumber=9714)])

    outcome = send(connection, [creating("new")])

    assert undone(outcome) == [("new", "failed", 9714)]
    assert 2 <= len(posts(simulator)) <= 5
    assert (outcome.events, outcome.changed) == ([], False)


# Refusals


@pytest.mark.parametrize("position", [0, 1, 2])
def test_a_refused_request_does_not_keep_others_from_being_sent(simulator: SimulatorHandle, connection: Connection, position: int) -> None:
    requests = [GIVE_A, GIVE_FREE]
    requests.insert(position, REFUSED)

    outcome = send(connection, requests)

    assert len(posts(simulator)) == 3 and statuses(outcome) == ["COMPLETE", "COMPLETE"]
    assert counts(outcome) == {"done": 4, "failed": 2} and outcome.stopped_by is None
    assert {(verdict, number) for dummy, verdict, number in undone(outcome)} == {("failed", 9707)}


@pytest.mark.parametrize("position", [0, 1, 2])
def test_unless_it_is_to_stop_at_a_failure(simulator: SimulatorHandle, connection: Connection, position: int) -> None:
    requests = [GIVE_A, GIVE_FREE]
    requests.insert(position, REFUSED)

    outcome = send(connection, requests, SOON._replace(stop_at_failure=True))

    assert len(posts(simulator)) == position + 1
    expected = {"done": 2 * position, "failed": 2, "unsent": 2 * (2 - position)}
    assert counts(outcome) == {name: number for name, number in expected.items() if number}


def test_stopping_at_a_failure_waits_for_each_request(simulator: SimulatorHandle, connection: Connection) -> None:
    simulator.faults([fault("/assets/associate", event_fail={"errorNumber": 9609, "share": 1})])

    outcome = send(connection, [TAKE_A, GIVE_A, GIVE_FREE], SOON._replace(stop_at_failure=True))

    assert [entry["path"] for entry in posts(simulator)] == ["/assets/disassociate", "/assets/associate"]
    assert counts(outcome) == {"done": 2, "failed": 2, "unsent": 2}


def test_what_rests_on_a_refused_request_is_not_sent(simulator: SimulatorHandle, connection: Connection) -> None:
    simulator.faults([fault("/assets/disassociate", errorNumber=9706)])

    outcome = send(connection, [TAKE_A, GIVE_A, GIVE_FREE])

    assert [entry["path"] for entry in posts(simulator)] == ["/assets/disassociate", "/assets/associate"]
    assert counts(outcome) == {"done": 2, "failed": 2, "unsent": 2}
    assert {key.split()[0] for key, verdict, dummy in undone(outcome) if verdict == "unsent"} == {A.adam_id}


def test_an_account_that_was_not_freed_is_not_given_to_another(simulator: SimulatorHandle, connection: Connection) -> None:
    simulator.faults([fault("/users/retire", errorNumber=9602)])
    requests = [Request("retire", user_records=({"client_user_id": "u-2"},)), creating("a", managed_apple_id="u2@appleid.example.test"), creating("b")]

    outcome = send(connection, requests)

    assert [(key, verdict) for key, verdict, dummy in undone(outcome)] == [("a", "unsent"), ("u-2", "failed")]
    assert counts(outcome) == {"done": 1, "failed": 1, "unsent": 1}


@pytest.mark.parametrize("named", [True, False])
def test_only_what_the_refusal_is_about_is_left_out(simulator: SimulatorHandle, connection: Connection, named: bool) -> None:
    """One of the users was retired meanwhile, and the service refuses the whole request because of it."""
    simulator.behaviour(unknown_user="sync")
    simulator.users(retire=["u-3"])
    if not named:
        simulator.faults([fault("/assets/associate", status=400, errorNumber=9609)])

    outcome = send(connection, [Request("associate", (FREE,), ("u-1", "u-2", "u-3"), ("D7",))])

    assert undone(outcome) == [(f"{FREE} -> user u-3", "failed", 9609)]
    assert counts(outcome) == {"done": 3, "failed": 1} and len(posts(simulator)) == 2


def test_a_token_that_is_refused_ends_the_sending(simulator: SimulatorHandle, connection: Connection) -> None:
    simulator.faults([fault("/assets/associate", nth=2, errorNumber=9625)])

    outcome = send(connection, [GIVE_A, GIVE_FREE, TAKE_A])

    assert isinstance(outcome.stopped_by, ServiceError) and outcome.stopped_by.number == 9625
    assert len(posts(simulator)) == 2 and counts(outcome) == {"done": 2, "unsent": 4}


def test_another_holder_on_the_way_ends_the_sending(simulator: SimulatorHandle, connection: Connection) -> None:
    """Somebody takes the location over while the second of three requests is sent; its answer shows that."""
    simulator.client_config(mdmInfo=OURS)
    ensure_ours(connection.service, "ours")
    simulator.faults([fault("/assets/associate", nth=2, meanwhile=TAKEN_OVER)])

    outcome = send(connection, [GIVE_A, GIVE_FREE, TAKE_A])

    assert isinstance(outcome.stopped_by, NotOurs)
    assert len(posts(simulator)) == 2 and counts(outcome) == {"done": 4, "unsent": 2}


def test_another_holder_while_waiting_is_told_too(simulator: SimulatorHandle, connection: Connection) -> None:
    simulator.client_config(mdmInfo=OURS)
    ensure_ours(connection.service, "ours")
    simulator.faults([fault("/status", meanwhile=TAKEN_OVER)])

    outcome = send(connection, [GIVE_A])

    assert isinstance(outcome.stopped_by, NotOurs) and counts(outcome) == {"done": 2}


def test_nothing_is_sent_again_to_another_holder(simulator: SimulatorHandle, connection: Connection) -> None:
    simulator.client_config(mdmInfo=OURS)
    ensure_ours(connection.service, "ours")
    simulator.faults([fault("/assets/associate", drop_before=True), fault("/assignments", meanwhile=TAKEN_OVER)])

    outcome = send(connection, [GIVE_A])

    assert isinstance(outcome.stopped_by, NotOurs) and counts(outcome) == {"unknown": 2} and len(posts(simulator)) == 1


def test_giving_up_ends_the_sending(simulator: SimulatorHandle, connection: Connection) -> None:
    simulator.faults([fault("/assets/associate", nth=2, times=0, status=429)])

    outcome = send(connection, [GIVE_A, GIVE_FREE, TAKE_A])

    assert isinstance(outcome.stopped_by, GaveUpRetrying)
    assert {entry["status"] for entry in posts(simulator)[1:]} == {429} and counts(outcome) == {"done": 2, "unsent": 4}


def test_what_was_refused_needs_no_reading_back(simulator: SimulatorHandle, connection: Connection) -> None:
    simulator.faults([fault("/assets/associate", errorNumber=9602)])

    outcome = send(connection, [GIVE_A])

    assert counts(outcome) == {"failed": 2} and asked(simulator, "/assignments") == []


def test_after_giving_up_nothing_is_asked_earlier_than_the_service_wants(simulator: SimulatorHandle, connection: Connection) -> None:
    simulator.faults([fault("/assets/associate", times=0, status=429, retry_after=200)])

    outcome = send(connection, [GIVE_A], slowly=False)

    assert isinstance(outcome.stopped_by, GaveUpRetrying) and counts(outcome) == {"unsent": 2}
    assert simulator.requests()[-1]["path"] == "/assets/associate"


# Answers that are lost


@pytest.mark.parametrize("action, found", [({"drop_after": True}, 2), ({"drop_before": True}, 0), ({"status": 500}, 0), ({"body": "<html>", "status": 200}, 0)])
def test_what_a_lost_answer_leaves_open_is_read_back_and_only_what_is_missing_is_sent_again(
    simulator: SimulatorHandle, connection: Connection, action: Dict[str, Any], found: int
) -> None:
    simulator.faults([fault("/assets/associate", nth=2, **action)])

    outcome = send(connection, [GIVE_A, GIVE_FREE, TAKE_A], slowly=False)

    assert counts(outcome) == {"done": 6} and outcome.stopped_by is None
    assert outcome.lost_answers == [LostAnswer("POST assets/associate", outcome.lost_answers[0].cause, found, 2 - found, not found)]
    sent = [entry["path"] for entry in posts(simulator)]
    assert sent == ["/assets/associate"] * (2 if found else 3) + ["/assets/disassociate"]
    between = [entry for entry in simulator.requests() if posts(simulator)[1]["id"] < entry["id"] < posts(simulator)[2]["id"]]
    assert any(entry["path"] == "/assignments" for entry in between)


def test_the_service_gets_the_time_that_an_event_needs_before_anything_is_sent_again(simulator: SimulatorHandle, connection: Connection) -> None:
    simulator.faults([fault("/assets/associate", drop_before=True)])
    start = connection.clock.now

    outcome = send(connection, [GIVE_A], Waiting(True, 900, 30), slowly=False)

    assert counts(outcome) == {"done": 2} and 30 <= connection.clock.now - start < 40


def test_lost_answers_are_bounded_by_the_retry_budget(simulator: SimulatorHandle, connection: Connection) -> None:
    simulator.faults([fault("/assets/associate", times=0, status=500)])
    start = connection.clock.now

    outcome = send(connection, [GIVE_A, GIVE_FREE], Waiting(True, 10000, 100), slowly=False)

    assert isinstance(outcome.stopped_by, AnswerLost) and counts(outcome) == {"unknown": 2, "unsent": 2}
    assert outcome.lost_answers[-1][2:] == (0, 2, False)
    assert connection.clock.now - start <= 300 + 10 and 2 <= len(posts(simulator)) <= 10


def test_lost_answers_are_bounded_by_the_time_to_wait(simulator: SimulatorHandle, connection: Connection) -> None:
    simulator.faults([fault("/assets/associate", times=0, status=500)])
    start = connection.clock.now

    outcome = send(connection, [GIVE_A, GIVE_FREE], Waiting(True, 40, 30), slowly=False)

    assert isinstance(outcome.stopped_by, AnswerLost) and counts(outcome) == {"unknown": 2, "unsent": 2}
    assert connection.clock.now - start <= 45


def test_a_part_of_a_lost_request_that_is_there_is_not_sent_again(simulator: SimulatorHandle, connection: Connection) -> None:
    """Somebody else gives one of the two pairs by hand meanwhile."""
    by_hand = [{"assign": {"pairs": [{"adamId": A.adam_id, "serialNumber": "D7"}]}}]
    simulator.faults([fault("/assets/associate", drop_before=True), fault("/assignments", meanwhile=by_hand)])

    outcome = send(connection, [GIVE_A], slowly=False)

    assert counts(outcome) == {"done": 2}
    assert "serialNumbers" not in posts(simulator)[1]["body"] and posts(simulator)[1]["body"]["clientUserIds"] == ["u-2"]


@pytest.mark.parametrize("kind", ["create", "update", "retire"])
@pytest.mark.parametrize("action", ["drop_before", "drop_after"])
def test_lost_answers_about_users(simulator: SimulatorHandle, connection: Connection, kind: str, action: str) -> None:
    records = {
        "create": ({"client_user_id": "a", "email": "a@example.test"},),
        "update": ({"client_user_id": "u-1", "email": "x@example.test"},),
        "retire": ({"client_user_id": "u-1"},),
    }[kind]
    simulator.faults([fault(f"/users/{kind}", **{action: True})])

    outcome = send(connection, [Request(kind, user_records=records)], slowly=False)

    assert counts(outcome) == {"done": 1} and len(posts(simulator)) == (2 if action == "drop_before" else 1)


def test_an_account_cannot_be_read_back_so_its_update_is_sent_again(simulator: SimulatorHandle, connection: Connection) -> None:
    simulator.faults([fault("/users/update", drop_before=True)])
    record = {"client_user_id": "u-1", "email": "u1@example.test", "managed_apple_id": "u1@appleid.example.test"}

    outcome = send(connection, [Request("update", user_records=(record,))], slowly=False)

    assert counts(outcome) == {"done": 1} and len(posts(simulator)) == 2
    assert {user["clientUserId"]: user["status"] for user in simulator.state(parts=["users"])["users"]}["u-1"] == "Associated"


def test_without_waiting_a_lost_answer_ends_the_sending(simulator: SimulatorHandle, connection: Connection) -> None:
    simulator.faults([fault("/assets/associate", nth=2, drop_after=True)])

    outcome = send(connection, [GIVE_A, GIVE_FREE, TAKE_A], Waiting(False, 20, 0.02))

    assert isinstance(outcome.stopped_by, AnswerLost) and counts(outcome) == {"unknown": 4, "unsent": 2} and len(posts(simulator)) == 2


# Events that do not end well


def test_failures_are_told_for_each_change(simulator: SimulatorHandle, connection: Connection) -> None:
    outcome = send(connection, [Request("associate", (A,), ("u-9", "u-2"), ())])

    assert statuses(outcome) == ["FAILED"] and outcome.changed
    assert undone(outcome) == [(f"{A} -> user u-9", "failed", 9609)] and counts(outcome) == {"done": 1, "failed": 1}


def test_a_user_whom_somebody_else_created_meanwhile_is_compared(simulator: SimulatorHandle, connection: Connection) -> None:
    """Error 9716: one of them is as it should be, the other gets its email."""
    created = {"users": {"create": [{"clientUserId": "a", "email": "x@example.test"}, {"clientUserId": "b", "email": "other@example.test"}]}}
    simulator.faults([fault("/users/create", meanwhile=[created])])

    outcome = send(connection, [creating("a", "b", "c", email="x@example.test")])

    assert outcome.counts() == {"done": 2, "already": 1, "failed": 0, "short": 0, "unknown": 0, "unsent": 0}
    assert [(entry["path"], [user["clientUserId"] for user in entry["body"]["users"]]) for entry in posts(simulator)] == [
        ("/users/create", ["a", "b", "c"]),
        ("/users/update", ["b"]),
    ]
    emails = {user["clientUserId"]: user.get("email") for user in simulator.state(parts=["users"])["users"]}
    assert emails["a"] == emails["b"] == emails["c"] == "x@example.test"


@pytest.mark.parametrize("account, number", [("nobody@appleid.example.test", 9635), ("u2@appleid.example.test", 9641)])
def test_an_account_that_cannot_be_attached_is_told_though_the_user_is_there(
    simulator: SimulatorHandle, connection: Connection, account: str, number: int
) -> None:
    simulator.faults([fault("/users/update", event_fail={"errorNumber": number, "share": 1})])
    record = {"client_user_id": "u-1", "email": "u1@example.test", "managed_apple_id": account}

    outcome = send(connection, [Request("update", user_records=(record,))])

    assert undone(outcome) == [("u-1", "failed", number)] and counts(outcome) == {"failed": 1}


@pytest.mark.parametrize("number", [9603, 9644])
def test_a_failure_that_may_pass_is_sent_again(simulator: SimulatorHandle, connection: Connection, number: int) -> None:
    simulator.faults([fault("/assets/associate", event_fail={"errorNumber": number, "share": 0.5})])

    outcome = send(connection, [GIVE_A, GIVE_FREE])

    assert counts(outcome) == {"done": 4} and statuses(outcome) == ["FAILED", "COMPLETE", "COMPLETE"]
    again = posts(simulator)[2]["body"]
    assert len(again.get("clientUserIds", []) + again.get("serialNumbers", [])) == 1


def test_a_failure_that_does_not_pass_is_told_in_the_end(simulator: SimulatorHandle, connection: Connection) -> None:
    simulator.faults([fault("/assets/associate", times=0, event_fail={"errorNumber": 9603, "share": 1})])

    outcome = send(connection, [GIVE_A])

    assert {(verdict, number) for dummy, verdict, number in undone(outcome)} == {("failed", 9603)}
    assert (counts(outcome), outcome.changed, len(posts(simulator))) == ({"failed": 2}, False, 5)


@pytest.mark.parametrize("existing", ["noop", "fail"])
def test_what_somebody_else_gave_meanwhile_is_no_failure(simulator: SimulatorHandle, connection: Connection, existing: str) -> None:
    simulator.behaviour(associate_existing=existing)
    by_hand = [{"assign": {"pairs": [{"adamId": A.adam_id, "serialNumber": "D7"}]}}]
    simulator.faults([fault("/assets/associate", meanwhile=by_hand)])

    outcome = send(connection, [GIVE_A])

    assert counts(outcome) == ({"done": 2} if existing == "noop" else {"done": 1, "already": 1}) and len(posts(simulator)) == 1


def test_a_user_who_was_retired_meanwhile_needs_no_retiring(simulator: SimulatorHandle, connection: Connection) -> None:
    simulator.faults([fault("/users/retire", meanwhile=[{"users": {"retire": ["u-1"]}}])])

    outcome = send(connection, [Request("retire", user_records=({"client_user_id": "u-1"}, {"client_user_id": "u-3"}))])

    assert counts(outcome) == {"done": 1, "already": 1}


def test_events_that_do_not_end_in_time_are_pending(simulator: SimulatorHandle, connection: Connection) -> None:
    simulator.faults([fault("/assets/associate", event_stuck=True)])

    outcome = send(connection, [GIVE_A, GIVE_FREE], Waiting(True, 0.1, 0.02))

    assert statuses(outcome) == ["PENDING", "COMPLETE"]
    assert [event.event_id for event in outcome.pending] == [posts(simulator)[0]["eventId"]]
    assert (outcome.stopped_by, outcome.changed, counts(outcome)) == (None, True, {"done": 2, "unknown": 2})


def test_what_a_stuck_event_was_to_change_is_sent_again_once(simulator: SimulatorHandle, connection: Connection) -> None:
    simulator.faults([fault("/assets/associate", event_stuck=True)])
    start = connection.clock.now

    outcome = send(connection, [GIVE_A, GIVE_FREE], Waiting(True, 900, 30), slowly=False)

    assert statuses(outcome) == ["PENDING", "COMPLETE", "COMPLETE"] and counts(outcome) == {"done": 4}
    assert posts(simulator)[2]["body"] == posts(simulator)[0]["body"] and 600 <= connection.clock.now - start < 650


def test_what_gets_stuck_twice_is_told(simulator: SimulatorHandle, connection: Connection) -> None:
    simulator.faults([fault("/assets/associate", times=0, event_stuck=True)])

    outcome = send(connection, [GIVE_A], Waiting(True, 5000, 30), slowly=False)

    assert statuses(outcome) == ["PENDING", "PENDING"] and counts(outcome) == {"unknown": 2} and len(posts(simulator)) == 2
    assert {part.event_id for part in outcome.undone} == {posts(simulator)[1]["eventId"]}


@pytest.mark.parametrize("delay", [0, 300])
def test_reading_back_waits_until_what_is_done_can_be_seen(simulator: SimulatorHandle, connection: Connection, delay: int) -> None:
    simulator.behaviour(visibility_delay_ms=delay)

    outcome = send(connection, [GIVE_A, GIVE_FREE, TAKE_A], Waiting(True, 20, 0.05))

    assert counts(outcome) == {"done": 6}
    seen = [page.assignments for page in connection.service.assignments({"serial_number": "D7"})]
    assert {record.asset for records in seen for record in records} == {A, FREE}


def test_what_somebody_else_takes_away_at_once_is_not_called_done(simulator: SimulatorHandle, connection: Connection) -> None:
    by_hand = [{"unassign": {"pairs": [{"adamId": A.adam_id, "serialNumber": "D7"}]}}]
    simulator.faults([fault("/assets", nth=2, meanwhile=by_hand)])

    outcome = send(connection, [GIVE_A, Request("associate", (A,), (), ("D8",))], Waiting(True, 1, 0.02))

    assert undone(outcome) == [(f"{A} -> device D7", "unknown", None)] and counts(outcome) == {"done": 2, "unknown": 1}


@pytest.mark.parametrize("nth", [1, 2])
def test_when_asking_fails_what_can_be_read_is_told(simulator: SimulatorHandle, connection: Connection, nth: int) -> None:
    requests = [Request("associate", (A,), ("nobody", "u-2"), ()), GIVE_FREE]
    simulator.faults([fault("/status", nth=nth, times=0, errorNumber=9708)])

    outcome = send(connection, requests)

    assert isinstance(outcome.stopped_by, ServiceError) and outcome.stopped_by.number == 9708
    assert statuses(outcome) == (["PENDING", "PENDING"] if nth == 1 else ["FAILED", "PENDING"])
    assert counts(outcome) == {"done": 3, "unknown" if nth == 1 else "failed": 1}


def test_when_nothing_can_be_read_any_more_the_events_are_believed(simulator: SimulatorHandle, connection: Connection) -> None:
    simulator.faults([fault("/assets", nth=2, times=0, errorNumber=9625)])

    outcome = send(connection, [GIVE_A, Request("associate", (FREE,), ("nobody",), ("D7",))])

    assert isinstance(outcome.stopped_by, ServiceError) and outcome.stopped_by.number == 9625
    assert counts(outcome) == {"done": 2, "failed": 1, "unknown": 1}


def test_an_event_that_claims_more_than_it_did_is_found_out(simulator: SimulatorHandle, connection: Connection) -> None:
    """Reading decides: a pair is taken away again before anybody reads, and the counts show it."""
    targets = tuple(f"X{number}" for number in range(10))
    by_hand = [{"unassign": {"pairs": [{"adamId": FREE.adam_id, "serialNumber": "X3"}]}}]
    simulator.faults([fault("/assets", nth=2, meanwhile=by_hand)])

    outcome = send(connection, [Request("associate", (FREE,), (), targets)], Waiting(True, 1, 0.02))

    assert undone(outcome) == [(f"{FREE} -> device X3", "unknown", None)]


def test_many_pairs_are_proven_by_counts_and_a_witness(simulator: SimulatorHandle, connection: Connection) -> None:
    targets = tuple(f"X{number:04}" for number in range(2500))
    requests = Request("associate", (FREE,), (), targets).split(connection.service.limits())
    simulator.clear_requests()

    outcome = send(connection, requests)

    assert counts(outcome) == {"done": 2500} and len(asked(simulator, "/assets")) == 2
    assert [entry["query"].get("serialNumber") for entry in asked(simulator, "/assignments")] == ["X2499"]


# Users and revocations, over HTTP


def test_users_become_as_they_are_wanted(simulator: SimulatorHandle, connection: Connection) -> None:
    service = connection.service
    simulator.behaviour(limits={"maxUsers": 2})
    wishes = [
        UserWish("u-2", "new@example.test"),
        UserWish("u-9"),
        UserWish("a", "a@example.test"),
        UserWish("b", None, "b@appleid.example.test"),
        UserWish("c"),
    ]
    users = ActiveUsers(service).read()

    plan = plan_users(wishes, users.by_id, purge=True)

    outcome = apply_plan(service, plan, plan.requests(service.limits()), UserReadBack(users), SOON)

    assert (counts(outcome), outcome.stopped_by) == ({"done": plan.count}, None)
    assert {key: user.email for key, user in users.by_id.items()} == {"u-2": "new@example.test", "u-9": None, "a": "a@example.test", "b": None, "c": None}
    assert users.by_id["b"].status == "Associated"
    assert [entry["path"] for entry in posts(simulator)] == ["/users/retire", "/users/create", "/users/create", "/users/update"]
    assert not plan_users(wishes, users.by_id, purge=True).changed


def test_targets_lose_everything_revocable(simulator: SimulatorHandle, connection: Connection) -> None:
    service = connection.service
    simulator.assign([{"adamId": A.adam_id, "clientUserId": "u-2"}, {"adamId": FREE.adam_id, "serialNumber": "D1"}])
    owned = owned_assets(service)
    targets = Targets({"u-2", "u-3"}, {"D1"})
    plan, irrevocable = plan_revocation(targets, read_assignments(service, owned.records, Question(targets=targets)).assignments, owned.records)

    outcome = apply_plan(service, plan, plan.requests(service.limits()), AssignmentReadBack(service, owned), SOON)

    assert held(simulator) == {(A, USER, "u-1"), (BOOK, USER, "u-2")}
    assert [(event.num_requested, event.num_completed) for event in outcome.events] == [(plan.counts()["revoke"],) * 2]
    assert irrevocable == {BOOK: Targets({"u-2"}, set())}


@pytest.mark.parametrize("unknown_user", ["async", "sync"])
def test_who_was_retired_and_is_still_to_be_seen_is_waited_for(simulator: SimulatorHandle, connection: Connection, unknown_user: str) -> None:
    """The answer is lost, reads lag behind, and sent again the user is unknown (9609)."""
    simulator.behaviour(unknown_user=unknown_user, visibility_delay_ms=400)
    simulator.faults([fault("/users/retire", status=500, carried_out=True)])

    outcome = send(connection, [Request("retire", user_records=({"client_user_id": "u-1"}, {"client_user_id": "u-3"}))], Waiting(True, 20, 0.15))

    assert counts(outcome) == {"done": 2} and outcome.changed
