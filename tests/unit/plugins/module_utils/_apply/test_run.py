# Copyright (c) 2026, the mdmkit.apps_books authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import random
from typing import Any, Dict, List, Set

import pytest
from ansible_collections.mdmkit.apps_books.plugins.module_utils._api.errors import AnswerLost, GaveUpRetrying, NotOurs, ServiceError
from ansible_collections.mdmkit.apps_books.plugins.module_utils._apply.run import Outcome, Waiting, apply_requests, configure
from ansible_collections.mdmkit.apps_books.plugins.module_utils._model import Asset, ClientConfig, MdmInfo, Targets
from ansible_collections.mdmkit.apps_books.plugins.module_utils._plan.assignments import compare, plan_assignments
from ansible_collections.mdmkit.apps_books.plugins.module_utils._plan.client_config import plan_client_config
from ansible_collections.mdmkit.apps_books.plugins.module_utils._plan.plan import Plan, Request
from ansible_collections.mdmkit.apps_books.plugins.module_utils._plan.revocation import plan_revocation
from ansible_collections.mdmkit.apps_books.plugins.module_utils._plan.users import UserWish, plan_users
from ansible_collections.mdmkit.apps_books.plugins.module_utils._state.assignments import Question, read_assignments
from ansible_collections.mdmkit.apps_books.plugins.module_utils._state.ownership import ensure_ours
from ansible_collections.mdmkit.apps_books.plugins.module_utils._state.users import ActiveUsers
from ansible_collections.mdmkit.apps_books.tests.unit.support.connection import TOKEN, Connection
from ansible_collections.mdmkit.apps_books.tests.unit.support.world import DEVICE, USER, Pair, as_assignments
from vpp_simulator.testing import SimulatorHandle

A, FREE, BOOK, USERS_ONLY = Asset("1000000001"), Asset("1000000003"), Asset("1000000002"), Asset("1000000004")
SOON = Waiting(True, 20, 0.02)

GIVE_A = Request("associate", (A,), ("u-2",), ("D7",))
GIVE_FREE = Request("associate", (FREE,), ("u-1",), ("D7",))
REFUSED = Request("associate", (USERS_ONLY,), ("u-1",), ("D7",))


def pairs_of(listed: Dict[str, Any], member: str = "pairs") -> List[Pair]:
    return [
        (Asset(entry["adamId"], entry["pricingParam"]), USER if "clientUserId" in entry else DEVICE, entry.get("clientUserId") or entry["serialNumber"])
        for entry in listed[member]
    ]


def held(simulator: SimulatorHandle) -> Set[Pair]:
    return set(pairs_of(simulator.state(parts=["assignments"]), "assignments"))


def posts(simulator: SimulatorHandle) -> List[Dict[str, Any]]:
    return [entry for entry in simulator.requests() if entry["method"] == "POST"]


def asked(simulator: SimulatorHandle, path: str) -> List[Dict[str, Any]]:
    return [entry for entry in simulator.requests() if entry["path"] == path]


def statuses(outcome: Outcome) -> List[str]:
    return [event.status for event in outcome.events]


def fault(path: str, nth: int = 1, times: int = 1, **action: Any) -> Dict[str, Any]:
    return {"match": {"path": path, "nth": nth}, "do": action, "times": times}


# All goes well


def test_requests_are_sent_in_order_and_waited_for_together(simulator: SimulatorHandle, connection: Connection) -> None:
    simulator.behaviour(event_seconds=0.1)
    requests = [GIVE_A, GIVE_FREE, Request("disassociate", (A,), ("u-2",), ())]

    outcome = apply_requests(connection.service, requests, SOON)

    assert [entry["path"] for entry in posts(simulator)] == ["/assets/associate", "/assets/associate", "/assets/disassociate"]
    assert [event.event_id for event in outcome.events] == [entry["eventId"] for entry in posts(simulator)]
    assert all(event.succeeded for event in outcome.events)
    assert [event.event_type for event in outcome.events] == ["ASSOCIATE", "ASSOCIATE", "DISASSOCIATE"]
    assert (outcome.failures, outcome.stopped_by, outcome.pending, outcome.changed) == ([], None, [], True)
    kinds = [entry["path"] for entry in simulator.requests()]
    assert kinds.index("/status") > max(index for index, path in enumerate(kinds) if path.startswith("/assets"))
    assert (A, USER, "u-2") not in held(simulator) and (A, DEVICE, "D7") in held(simulator)


@pytest.mark.parametrize(
    "request_, path",
    [
        (Request("create", user_records=({"client_user_id": "new"},)), "/users/create"),
        (Request("update", user_records=({"client_user_id": "u-1", "email": "x@example.test"},)), "/users/update"),
        (Request("retire", user_records=({"client_user_id": "u-1"},)), "/users/retire"),
        (GIVE_A, "/assets/associate"),
        (Request("disassociate", (A,), ("u-1",), ()), "/assets/disassociate"),
        (Request("revoke", (), ("u-1",), ("D1",)), "/assets/revoke"),
    ],
)
def test_every_kind_of_request_has_its_endpoint(simulator: SimulatorHandle, connection: Connection, request_: Request, path: str) -> None:
    outcome = apply_requests(connection.service, [request_], SOON)

    assert [entry["path"] for entry in posts(simulator)] == [path]
    assert outcome.changed and all(event.succeeded for event in outcome.events)


def test_nothing_to_send(simulator: SimulatorHandle, connection: Connection) -> None:
    assert apply_requests(connection.service, [], SOON) == Outcome([], [], None)
    assert simulator.requests() == []
    assert not Outcome([], [], None).changed


def test_without_waiting_the_events_are_pending(simulator: SimulatorHandle, connection: Connection) -> None:
    outcome = apply_requests(connection.service, [GIVE_A, GIVE_FREE], Waiting(False, 20, 0.02))

    assert asked(simulator, "/status") == []
    assert statuses(outcome) == ["PENDING", "PENDING"]
    assert [event.event_id for event in outcome.pending] == [entry["eventId"] for entry in posts(simulator)]
    assert outcome.changed


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

    outcome = apply_requests(service, plan().requests(service.limits()), SOON)

    assert (outcome.failures, outcome.stopped_by) == ([], None)
    assert held(simulator) == wanted
    changed = [pair for event in simulator.state()["history"] for pair in pairs_of(event)]
    assert sorted(changed) == sorted(before ^ wanted), "each change is made once, and no other is"
    assert not plan().changed
    assert all(entry["errorNumber"] is None for entry in simulator.requests())


# Limits


@pytest.mark.parametrize(
    "limits, request_, number, parts",
    [
        ({"maxAssets": 1}, Request("associate", (A, FREE), ("u-2",), ("D7",)), 9700, 2),
        ({"maxClientUserIds": 1}, Request("associate", (FREE,), ("u-1", "u-2", "u-3"), ()), 9701, 3),
        ({"maxSerialNumbers": 2}, Request("associate", (FREE,), (), ("D1", "D2", "D3")), 9702, 2),
        ({"maxUsers": 2}, Request("create", user_records=tuple({"client_user_id": f"new-{number}"} for number in range(5))), 9714, 3),
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

    outcome = apply_requests(connection.service, [request_, GIVE_A], SOON)

    assert [entry["errorNumber"] for entry in posts(simulator)] == [number] + [None] * (parts + 1)
    assert (outcome.failures, outcome.stopped_by) == ([], None)
    assert len(outcome.events) == parts + 1
    assert all(event.succeeded for event in outcome.events)
    assert len(asked(simulator, "/service/config")) == 2
    tasks = [event.num_requested for event in outcome.events[:-1]]
    assert sum(tasks) == max(1, len(request_.assets)) * (len(request_.users) + len(request_.devices)) + len(request_.user_records) or request_.kind == "revoke"


def test_limits_that_shrink_twice(simulator: SimulatorHandle, connection: Connection) -> None:
    """The limits that were just read are refused as well."""
    simulator.faults([fault("/users/create", times=2, errorNumber=9714)])
    request = Request("create", user_records=tuple({"client_user_id": f"new-{number}"} for number in range(5)))

    outcome = apply_requests(connection.service, [request], SOON)

    assert outcome.stopped_by is None and all(event.succeeded for event in outcome.events)
    assert len(asked(simulator, "/service/config")) == 3
    users = [user["clientUserId"] for user in simulator.state(parts=["users"])["users"]]
    assert {f"new-{number}" for number in range(5)} <= set(users)


def test_limits_that_never_hold_are_told(simulator: SimulatorHandle, connection: Connection) -> None:
    simulator.faults([fault("/users/create", times=0, errorNumber=9714)])

    outcome = apply_requests(connection.service, [Request("create", user_records=({"client_user_id": "new"},)), GIVE_A], SOON)

    assert isinstance(outcome.stopped_by, ServiceError) and outcome.stopped_by.number == 9714
    assert 2 <= len(posts(simulator)) <= 5
    assert (outcome.events, outcome.changed) == ([], False)


# Refusals


@pytest.mark.parametrize("position", [0, 1, 2])
def test_after_a_refusal_nothing_is_sent_and_what_was_accepted_is_waited_for(simulator: SimulatorHandle, connection: Connection, position: int) -> None:
    simulator.behaviour(event_seconds=0.05)
    requests = [GIVE_A, GIVE_FREE]
    requests.insert(position, REFUSED)

    outcome = apply_requests(connection.service, requests, SOON)

    assert len(posts(simulator)) == position + 1
    assert statuses(outcome) == ["COMPLETE"] * position
    assert isinstance(outcome.stopped_by, ServiceError) and outcome.stopped_by.number == 9707
    ((kind, failure),) = outcome.failures
    assert (kind, failure.error_number) == ("associate", 9707)
    assert outcome.changed is (position > 0)


def test_a_refused_part_of_a_request_leaves_its_accepted_parts_known(simulator: SimulatorHandle, connection: Connection) -> None:
    connection.service.limits()
    simulator.behaviour(limits={"maxUsers": 1})
    simulator.faults([fault("/users/create", nth=3, errorNumber=9602)])

    outcome = apply_requests(
        connection.service, [Request("create", user_records=({"client_user_id": "a"}, {"client_user_id": "b"}, {"client_user_id": "c"}))], SOON
    )

    assert statuses(outcome) == ["COMPLETE"]
    assert isinstance(outcome.stopped_by, ServiceError) and outcome.changed
    assert len(posts(simulator)) == 3


@pytest.mark.parametrize("action", [{"drop_after": True}, {"drop_before": True}, {"status": 500}])
def test_a_lost_answer_ends_the_sending(simulator: SimulatorHandle, connection: Connection, action: Dict[str, Any]) -> None:
    simulator.faults([fault("/assets/associate", nth=2, **action)])

    outcome = apply_requests(connection.service, [GIVE_A, GIVE_FREE, GIVE_A], SOON)

    assert isinstance(outcome.stopped_by, AnswerLost)
    assert statuses(outcome) == ["COMPLETE"]
    assert (outcome.failures, outcome.changed) == ([], True)
    assert len(posts(simulator)) == 2


def test_another_holder_on_the_way_ends_the_sending(simulator: SimulatorHandle, connection: Connection) -> None:
    """Somebody takes the location over while the second of three requests is sent; its answer shows that."""
    ours: Dict[str, Any] = {"id": "ours", "name": "Our service", "metadata": "m"}
    simulator.client_config(mdmInfo=ours)
    ensure_ours(connection.service, "ours")
    simulator.faults([fault("/assets/associate", nth=2, meanwhile=[{"client_config": {"mdmInfo": dict(ours, id="theirs")}}])])

    outcome = apply_requests(connection.service, [GIVE_A, GIVE_FREE, GIVE_A], SOON)

    assert isinstance(outcome.stopped_by, NotOurs)
    assert statuses(outcome) == ["COMPLETE", "COMPLETE"]
    assert len(posts(simulator)) == 2
    assert outcome.changed


def test_another_holder_while_waiting_is_told_too(simulator: SimulatorHandle, connection: Connection) -> None:
    ours: Dict[str, Any] = {"id": "ours", "name": "Our service", "metadata": "m"}
    simulator.client_config(mdmInfo=ours)
    ensure_ours(connection.service, "ours")
    simulator.faults([fault("/status", meanwhile=[{"client_config": {"mdmInfo": dict(ours, id="theirs")}}])])

    outcome = apply_requests(connection.service, [GIVE_A], SOON)

    assert isinstance(outcome.stopped_by, NotOurs)
    assert (statuses(outcome), outcome.changed) == (["COMPLETE"], True)


def test_giving_up_ends_the_sending(simulator: SimulatorHandle, connection: Connection) -> None:
    simulator.faults([fault("/assets/associate", nth=2, times=0, status=429)])

    outcome = apply_requests(connection.service, [GIVE_A, GIVE_FREE, GIVE_A], SOON)

    assert isinstance(outcome.stopped_by, GaveUpRetrying)
    assert statuses(outcome) == ["COMPLETE"]
    assert {entry["status"] for entry in posts(simulator)[1:]} == {429}


# Events that do not end well


def test_failures_are_told_with_the_kind_of_write(simulator: SimulatorHandle, connection: Connection) -> None:
    requests = [Request("create", user_records=({"client_user_id": "new"}, {"client_user_id": "u-1"})), Request("associate", (A,), ("u-9", "u-2"), ())]

    outcome = apply_requests(connection.service, requests, SOON)

    assert statuses(outcome) == ["FAILED", "FAILED"]
    assert [(kind, failure.error_number, failure.client_user_ids) for kind, failure in outcome.failures] == [
        ("create", 9716, ("u-1",)),
        ("associate", 9609, ("u-9",)),
    ]
    assert (outcome.stopped_by, outcome.changed) == (None, True)
    assert [event.num_completed for event in outcome.events] == [1, 1]


def test_an_event_of_which_nothing_worked_changed_nothing(simulator: SimulatorHandle, connection: Connection) -> None:
    simulator.faults([fault("/assets/associate", event_fail={"errorNumber": 9603, "share": 1})])

    outcome = apply_requests(connection.service, [GIVE_A], SOON)

    assert (statuses(outcome), outcome.changed) == (["FAILED"], False)
    assert [failure.error_number for dummy, failure in outcome.failures] == [9603]


def test_events_that_do_not_end_in_time_are_pending(simulator: SimulatorHandle, connection: Connection) -> None:
    simulator.faults([fault("/assets/associate", event_stuck=True)])

    outcome = apply_requests(connection.service, [GIVE_A, GIVE_FREE], Waiting(True, 0.1, 0.02))

    assert statuses(outcome) == ["PENDING", "COMPLETE"]
    assert [event.event_id for event in outcome.pending] == [posts(simulator)[0]["eventId"]]
    assert (outcome.stopped_by, outcome.changed) == (None, True)


@pytest.mark.parametrize("nth", [1, 2])
def test_when_asking_fails_what_was_seen_until_then_is_told(simulator: SimulatorHandle, connection: Connection, nth: int) -> None:
    requests = [Request("associate", (A,), ("nobody", "u-2"), ()), GIVE_FREE]
    simulator.faults([fault("/status", nth=nth, times=0, errorNumber=9708)])

    outcome = apply_requests(connection.service, requests, SOON)

    assert isinstance(outcome.stopped_by, ServiceError) and outcome.stopped_by.number == 9708
    assert statuses(outcome) == (["PENDING", "PENDING"] if nth == 1 else ["FAILED", "PENDING"])
    assert [failure.error_number for dummy, failure in outcome.failures] == ([] if nth == 1 else [9609])
    assert outcome.changed


def test_the_first_trouble_is_told_even_when_asking_fails_too(simulator: SimulatorHandle, connection: Connection) -> None:
    simulator.faults([fault("/status", times=0, errorNumber=9708)])

    outcome = apply_requests(connection.service, [GIVE_A, REFUSED], SOON)

    assert isinstance(outcome.stopped_by, ServiceError) and outcome.stopped_by.number == 9707


# Client configuration


def test_a_configuration_is_stored_at_once(simulator: SimulatorHandle, connection: Connection) -> None:
    info = MdmInfo("ours", "Our service", "m")
    present = connection.service.client_config()
    plan = plan_client_config(present, connection.service.limits(), info, notification_types=("ASSET_COUNT",))

    stored = configure(connection.service, plan)

    assert stored is not None and stored[:4] == (info, None, None, ("ASSET_COUNT",))
    assert connection.service.client_config() == stored
    assert [entry["path"] for entry in posts(simulator)] == ["/client/config"]


def test_the_same_configuration_is_not_sent_again(simulator: SimulatorHandle, connection: Connection) -> None:
    """That would trigger another test notification."""
    present = connection.service.client_config()

    assert configure(connection.service, plan_client_config(present, connection.service.limits())) is None
    assert configure(connection.service, Plan()) is None
    assert posts(simulator) == []


def test_a_configuration_that_is_refused_is_told(simulator: SimulatorHandle, connection: Connection) -> None:
    plan = plan_client_config(
        ClientConfig(None, None, None, ()), connection.service.limits(), notification_url="https://127.0.0.1:1/x", notification_auth_token="secret-text"
    )

    with pytest.raises(ServiceError) as caught:
        configure(connection.service, plan)
    assert caught.value.number == 9728
    assert "secret-text" not in str(caught.value)
    assert simulator.state()["mdmInfo"] is None


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

    outcome = apply_requests(service, plan_users(wishes, users.by_id, purge=True).requests(service.limits()), SOON)
    users.refresh()

    assert (outcome.failures, outcome.stopped_by) == ([], None)
    assert {key: user.email for key, user in users.by_id.items()} == {"u-2": "new@example.test", "u-9": None, "a": "a@example.test", "b": None, "c": None}
    assert users.by_id["b"].status == "Associated"
    assert [entry["path"] for entry in posts(simulator)] == ["/users/retire", "/users/create", "/users/create", "/users/update"]
    assert not plan_users(wishes, users.by_id, purge=True).changed


def test_targets_lose_everything_revocable(simulator: SimulatorHandle, connection: Connection) -> None:
    service = connection.service
    simulator.assign([{"adamId": A.adam_id, "clientUserId": "u-2"}, {"adamId": FREE.adam_id, "serialNumber": "D1"}])
    records = {record.asset: record for record in service.assets()}
    targets = Targets({"u-2", "u-3"}, {"D1"})
    plan, irrevocable = plan_revocation(targets, read_assignments(service, records, Question(targets=targets)).assignments, records)

    outcome = apply_requests(service, plan.requests(service.limits()), SOON)

    assert held(simulator) == {(A, USER, "u-1"), (BOOK, USER, "u-2")}
    assert [(event.num_requested, event.num_completed) for event in outcome.events] == [(plan.counts()["revoke"],) * 2]
    assert irrevocable == {BOOK: Targets({"u-2"}, set())}
