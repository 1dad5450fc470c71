# Copyright (c) 2026, the mdmkit.apps_books authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from typing import Any, Callable, Dict, List

import pytest
from ansible_collections.mdmkit.apps_books.plugins.module_utils._api.errors import ServiceError
from ansible_collections.mdmkit.apps_books.plugins.module_utils._api.events import accepted, wait_for_events
from ansible_collections.mdmkit.apps_books.plugins.module_utils._model import Asset, Event, Failure
from ansible_collections.mdmkit.apps_books.tests.unit.support.connection import Connection
from ansible_collections.mdmkit.apps_books.tests.unit.support.web import Answer, Seen, Web
from vpp_simulator.testing import SimulatorHandle

Connections = Callable[..., Connection]
Webs = Callable[..., Web]


NEVER = 10.0**9


def wait(connection: Connection, *event_ids: str, **options: float) -> List[Event]:
    events = accepted(event_ids)
    wait_for_events(connection.service, events, **{"timeout": 60, **options}, clock=connection.clock, sleep=connection.clock.sleep)
    return list(events.values())


class Status:
    """A server of events that end at given moments of the connection's clock.

    :ivar asked: (seconds since the start, event id) of every question
    """

    def __init__(self, webs: Webs, connections: Connections, ends: Dict[str, float]) -> None:
        self.ends = ends
        self.asked: List[Any] = []
        self.connection = connections(webs(self._reply).base_url)
        self.connection.transport.pacing.set_requests_per_second(10**6)
        self.connection.service.limits()
        self.connection.transport.pacing.set_requests_per_second(10**6)
        self.clock = self.connection.clock
        self.start = self.clock.now

    def _reply(self, seen: Seen) -> Answer:
        if "eventId" not in seen.query:
            return Answer({"limits": {"maxRequestPerSecond": 10**6}})
        event_id = seen.query["eventId"]
        now = round(self.clock.now - self.start, 3)
        self.asked.append((now, event_id))
        done = now >= self.ends[event_id]
        return Answer({"eventStatus": "COMPLETE" if done else "PENDING", "eventType": "ASSOCIATE", "numRequested": 4, "numCompleted": 4 if done else 1})

    def wait(self, *event_ids: str, timeout: float = 600, longest_pause: float = 30, stuck_after: float = NEVER) -> List[Event]:
        return wait(self.connection, *event_ids, timeout=timeout, longest_pause=longest_pause, stuck_after=stuck_after)

    def times(self) -> List[float]:
        return [now for now, dummy in self.asked]


ASSETS = [Asset("1000000001"), Asset("1000000003")]


def test_questions_come_after_1_2_4_8_15_and_then_every_30_seconds(webs: Webs, connections: Connections) -> None:
    status = Status(webs, connections, {"e": 130})

    (event,) = status.wait("e")

    assert status.times() == [1, 3, 7, 15, 30, 60, 90, 120, 150]
    assert event == Event("e", "ASSOCIATE", "COMPLETE", 4, 4)


@pytest.mark.parametrize(
    "longest, times",
    [
        (30, [1, 3, 7, 15, 30, 60, 90]),
        (10, [1, 3, 7, 15, 25, 35, 45]),
        (2, [1, 3, 5, 7, 9, 11, 13]),
        (0.5, [0.5, 1, 1.5, 2, 2.5, 3, 3.5]),
        (60, [1, 3, 7, 15, 30, 90, 150]),
    ],
)
def test_wait_interval_is_the_longest_pause(webs: Webs, connections: Connections, longest: float, times: List[float]) -> None:
    status = Status(webs, connections, {"e": times[-1]})
    status.wait("e", longest_pause=longest)

    assert status.times() == times


def test_the_longest_pause_is_thirty_seconds_unless_told_otherwise(webs: Webs, connections: Connections) -> None:
    status = Status(webs, connections, {"e": 90})
    wait(status.connection, "e", timeout=600)

    assert status.times() == [1, 3, 7, 15, 30, 60, 90]


@pytest.mark.parametrize("timeout, times", [(20, [1, 3, 7, 15, 20]), (15, [1, 3, 7, 15]), (0.5, [0.5]), (0, [0])])
def test_after_the_timeout_the_event_is_returned_as_last_seen(webs: Webs, connections: Connections, timeout: float, times: List[float]) -> None:
    status = Status(webs, connections, {"e": NEVER})

    (event,) = status.wait("e", timeout=timeout)

    assert status.times() == times
    assert event.pending
    assert status.clock.now - status.start == pytest.approx(timeout)
    assert (event.num_requested, event.num_completed) == (4, 1)


def test_many_events_are_asked_for_in_their_order_and_only_up_to_the_first_that_is_pending(webs: Webs, connections: Connections) -> None:
    """The service works them off in the order it accepted them."""
    status = Status(webs, connections, {"a": 2, "b": 2, "c": 6, "d": 20, "e": 20})

    events = status.wait("a", "b", "c", "d", "e")

    assert status.asked == [(1, "a"), (3, "a"), (3, "b"), (3, "c"), (7, "c"), (7, "d"), (15, "d"), (30, "d"), (30, "e")]
    assert [event.event_id for event in events] == ["a", "b", "c", "d", "e"]
    assert all(event.succeeded for event in events)


def test_a_hundred_events_that_are_done_cost_a_question_each(webs: Webs, connections: Connections) -> None:
    names = [f"event-{number}" for number in range(100)]
    status = Status(webs, connections, dict.fromkeys(names, 0))

    assert all(event.succeeded for event in status.wait(*names))
    assert status.asked == [(1, name) for name in names]


def test_an_event_that_got_stuck_does_not_hide_those_behind_it(webs: Webs, connections: Connections) -> None:
    """When the time is over, each is told as it is."""
    status = Status(webs, connections, {"stuck": NEVER, "b": 0, "c": 0, "d": NEVER})

    events = status.wait("stuck", "b", "c", "d", timeout=60)

    assert [event.status for event in events] == ["PENDING", "COMPLETE", "COMPLETE", "PENDING"]


def test_without_progress_the_events_are_stuck_and_all_are_asked_about(webs: Webs, connections: Connections) -> None:
    status = Status(webs, connections, {"stuck": NEVER, "b": 0, "c": NEVER})

    events = status.wait("stuck", "b", "c", timeout=600, stuck_after=50)

    assert [event.status for event in events] == ["PENDING", "COMPLETE", "PENDING"]
    assert status.asked[-3:] == [(50, "stuck"), (50, "b"), (50, "c")]


def test_the_time_without_progress_begins_anew_with_every_event_that_ends(webs: Webs, connections: Connections) -> None:
    """Events are worked off one after the other; one that waits for its turn is not stuck."""
    status = Status(webs, connections, {"a": 40, "b": 80, "c": 120, "d": NEVER})

    events = status.wait("a", "b", "c", "d", timeout=600, stuck_after=45, longest_pause=10)

    assert [event.status for event in events] == ["COMPLETE", "COMPLETE", "COMPLETE", "PENDING"]
    assert 120 + 45 <= status.times()[-1] <= 125 + 45 + 10


def test_the_time_ends_before_anything_is_stuck(webs: Webs, connections: Connections) -> None:
    status = Status(webs, connections, {"a": NEVER})
    status.wait("a", timeout=30, stuck_after=600)
    assert status.times()[-1] == 30


def test_what_was_seen_is_kept_when_asking_fails(simulator: SimulatorHandle, connection: Connection) -> None:
    event_id = connection.service.associate(ASSETS, ["u-1"], ["D7"])
    events = accepted([event_id, "00000000-0000-0000-0000-000000000000"])
    with pytest.raises(ServiceError):
        wait_for_events(connection.service, events, 60, 30, clock=connection.clock, sleep=connection.clock.sleep)
    assert [event.status for event in events.values()] == ["COMPLETE", "PENDING"]


def test_nothing_to_wait_for(webs: Webs, connections: Connections) -> None:
    status = Status(webs, connections, {})

    assert (status.wait(), status.asked, status.clock.slept) == ([], [], [])


def test_the_same_event_twice_is_asked_for_once(webs: Webs, connections: Connections) -> None:
    status = Status(webs, connections, {"a": 0})

    assert [event.event_id for event in status.wait("a", "a")] == ["a"]
    assert status.asked == [(1, "a")]


def test_questions_go_no_faster_than_the_rate(simulator: SimulatorHandle, connection: Connection) -> None:
    simulator.behaviour(limits={"maxRequestPerSecond": 5})
    service = connection.service
    names = [service.retire_users([{"client_user_id": f"nobody-{number}"}]) for number in range(10)]
    simulator.behaviour(max_requests_per_second=0)
    start = connection.clock.now

    wait(connection, *names)

    assert connection.clock.now - start >= 1 + 9 / 5


def test_an_event_with_its_failures(simulator: SimulatorHandle, connection: Connection) -> None:
    simulator.behaviour(failures_name_assets=True)
    event_id = connection.service.associate(ASSETS, ["u-1", "nobody"], ["D7"])

    (event,) = wait(connection, event_id, longest_pause=0.01)

    assert (event.event_type, event.status, event.num_requested, event.num_completed) == ("ASSOCIATE", "FAILED", 6, 4)
    (failure,) = event.failures
    assert failure == Failure(9609, failure.error_message, tuple(ASSETS), ("nobody",), ())
    assert failure.error_message
    assert not event.succeeded and not event.pending


def test_an_event_that_nobody_knows_is_told(connection: Connection) -> None:
    with pytest.raises(ServiceError) as caught:
        wait(connection, "00000000-0000-0000-0000-000000000000")
    assert caught.value.number == 9708


@pytest.mark.parametrize(
    "event, succeeded",
    [
        (Event("e", "CREATE", "COMPLETE", 3, 3), True),
        (Event("e", "CREATE", "COMPLETE", 3, 2), False),
        (Event("e", "CREATE", "COMPLETE", 3, 3, (Failure(9603, "x"),)), False),
        (Event("e", "CREATE", "FAILED", 3, 3), False),
        (Event("e", "CREATE", "PENDING", 3, 3), False),
        (Event("e", "REVOKE", "COMPLETE", 0, 0), True),
    ],
)
def test_success_needs_all_three_signs(event: Event, succeeded: bool) -> None:
    assert event.succeeded is succeeded


def test_progress_counts_events_that_ended_and_the_share_of_the_first_that_did_not(webs: Webs, connections: Connections) -> None:
    status = Status(webs, connections, {"one": 2, "two": 10, "three": 10})
    progress = status.connection.service.progress
    told = []

    def sleep(seconds: float) -> None:
        told.append(progress.told(""))
        status.clock.sleep(seconds)

    wait_for_events(status.connection.service, accepted(["one", "two", "three"]), 600, clock=status.clock, sleep=sleep)

    assert [(step.doing, step.unit, step.total) for step in told] == [("waiting for Apple", "events", 3)] * len(told)
    # Of the four tasks of a pending event, one is done.
    assert [step.done for step in told] == [0, 0.25, 1.25, 1.25]
    assert progress.told("").doing == ""
