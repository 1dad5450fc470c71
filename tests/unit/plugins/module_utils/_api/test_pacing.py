# Copyright (c) 2026, the mdmkit.apps_books authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import datetime
import threading
import time
from typing import Any, List, Optional, Tuple

import pytest
from ansible_collections.mdmkit.apps_books.plugins.module_utils._api.pacing import DEFAULT_REQUESTS_PER_SECOND, Pacing, seconds_of_retry_after
from ansible_collections.mdmkit.apps_books.plugins.module_utils._progress import Progress
from ansible_collections.mdmkit.apps_books.tests.unit.support.clock import FakeClock
from ansible_collections.mdmkit.apps_books.tests.unit.support.draw import examples
from hypothesis import given
from hypothesis import strategies as st

# What happens to the gate: time passes, a request leaves, somebody is refused.
steps = st.lists(
    st.one_of(
        st.tuples(st.just("wait"), st.floats(0, 3)),
        st.tuples(st.just("leave"), st.integers(1, 8)),
        st.tuples(st.just("refused"), st.tuples(st.integers(0, 9), st.floats(0, 20))),
    ),
    max_size=25,
)


def most_in_a_second(departures: List[float]) -> int:
    """The greatest number of departures within any window of one second, its end excluded."""
    return max((sum(1 for other in departures if moment <= other < moment + 1) for moment in departures), default=0)


@examples(150)
@given(number=st.integers(1, 20), start=st.floats(0, 1e9), course=steps)
def test_never_more_than_so_many_in_any_second_and_none_before_time(number: int, start: float, course: List[Tuple[str, Any]]) -> None:
    clock = FakeClock(start)
    pacing = Pacing(1e9, clock, clock.sleep, lambda low, high: high)
    pacing.set_requests_per_second(number)
    departures, closed_until = [], start
    for action, value in course:
        if action == "wait":
            clock.sleep(value)
        elif action == "refused":
            attempt, at_least = value
            assert pacing.back_off(attempt, at_least)
            closed_until = max(closed_until, clock.now + max(at_least, min(60.0, 2.0 ** attempt)))
        else:
            for dummy in range(value):
                pacing.wait_for_turn()
                departures.append(clock.now)
                assert clock.now >= closed_until

    assert most_in_a_second(departures) <= number


@examples(60)
@given(numbers=st.lists(st.integers(1, 20), min_size=1, max_size=5), each=st.integers(1, 30))
def test_a_new_rate_holds_from_then_on(numbers: List[int], each: int) -> None:
    clock = FakeClock()
    pacing = Pacing(0, clock, clock.sleep)
    highest = 0
    departures: List[float] = []
    for number in numbers:
        pacing.set_requests_per_second(number)
        since = len(departures)
        highest = max(highest, number)
        for dummy in range(each):
            pacing.wait_for_turn()
            departures.append(clock.now)
        assert most_in_a_second(departures[since:]) <= number
    assert most_in_a_second(departures) <= highest


def test_fifteen_a_second_unless_told_otherwise() -> None:
    clock = FakeClock()
    pacing = Pacing(0, clock, clock.sleep)
    for dummy in range(46):
        pacing.wait_for_turn()

    assert DEFAULT_REQUESTS_PER_SECOND == 15
    assert 3.0 <= clock.now - 1000.0 < 3.3, "three full windows, and no more than a tenth on top"


def test_nobody_waits_where_there_is_room() -> None:
    clock = FakeClock()
    pacing = Pacing(0, clock, clock.sleep)
    for dummy in range(40):
        pacing.wait_for_turn()
        clock.now += 0.08

    assert clock.slept == []


def test_setting_the_same_rate_again_forgets_nothing() -> None:
    clock = FakeClock()
    pacing = Pacing(0, clock, clock.sleep)
    departures = []
    for dummy in range(40):
        pacing.set_requests_per_second(15)
        pacing.wait_for_turn()
        departures.append(clock.now)

    assert most_in_a_second(departures) == 15


def test_threads_share_the_gate() -> None:
    """With a real clock: forty requests of eight threads take as long as those of one."""
    pacing = Pacing(0)
    before = time.monotonic()
    threads = [threading.Thread(target=lambda: [pacing.wait_for_turn() for dummy in range(5)]) for dummy in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert time.monotonic() - before >= 25 / 15, "fifteen at most in the first second, and as many in the next"


@examples(100)
@given(budget=st.floats(0, 500), course=steps)
def test_the_budget_is_never_overdrawn(budget: float, course: List[Tuple[str, Any]]) -> None:
    """What it pays for is the time for which the gate is closed, however many were refused meanwhile."""
    clock = FakeClock(0.0)
    pacing = Pacing(budget, clock, clock.sleep, lambda low, high: high)
    closed_until = paid = barred_until = 0.0
    for action, value in course:
        if action == "wait":
            clock.now += value
        elif action == "refused":
            attempt, at_least = value
            until = clock.now + max(at_least, min(60.0, 2.0 ** attempt))
            cost = max(0.0, until - max(closed_until, clock.now))
            allowed = pacing.back_off(attempt, at_least)
            if abs(paid + cost - budget) > 1e-6:
                assert allowed == (paid + cost <= budget)
            if allowed:
                paid += cost
                closed_until = max(closed_until, until)
            else:
                barred_until = max(barred_until, clock.now + at_least)
    assert paid <= budget + 1e-6
    before = clock.now
    leaves = pacing.wait_for_turn()
    assert leaves or clock.now < barred_until, "nobody asks earlier than the service asked for"
    if leaves:
        assert clock.now == pytest.approx(max(before, closed_until)), "a refused pause leaves the gate as it was"


def test_when_the_budget_is_used_up_the_service_is_left_alone_for_as_long_as_it_asked() -> None:
    clock = FakeClock(0.0)
    pacing = Pacing(10, clock, clock.sleep, lambda low, high: high)
    assert not pacing.back_off(0, 30.0)
    assert not pacing.wait_for_turn() and clock.now == 0
    clock.now = 29.0
    assert not pacing.wait_for_turn()
    clock.now = 30.0
    assert pacing.wait_for_turn()


def test_a_rest_is_paid_for_and_keeps_requests_back() -> None:
    clock = FakeClock(0.0)
    pacing = Pacing(10, clock, clock.sleep, lambda low, high: high)
    assert pacing.rest(6) and not pacing.rest(20)
    assert pacing.wait_for_turn() and clock.now == 6


def test_threads_that_are_refused_together_pay_once() -> None:
    clock = FakeClock()
    pacing = Pacing(10, clock, clock.sleep, lambda low, high: 8.0)

    assert [pacing.back_off(3) for dummy in range(5)] == [True] * 5
    pacing.wait_for_turn()
    assert sum(clock.slept) == 8.0
    assert not pacing.back_off(3), "two of the ten seconds are left"


@pytest.mark.parametrize("attempt, most", [(0, 1.0), (1, 2.0), (2, 4.0), (5, 32.0), (6, 60.0), (9, 60.0), (5000, 60.0)])
def test_full_jitter_grows_with_the_attempts_up_to_a_minute(attempt: int, most: float) -> None:
    asked: List[Tuple[float, float]] = []

    def uniform(low: float, high: float) -> float:
        asked.append((low, high))
        return high

    pacing = Pacing(1000, FakeClock(), lambda seconds: None, uniform)

    assert pacing.back_off(attempt)
    assert asked == [(0.0, most)]


def test_what_the_service_asked_for_is_never_cut_short() -> None:
    clock = FakeClock()
    pacing = Pacing(300, clock, clock.sleep, lambda low, high: low)

    assert pacing.back_off(0, at_least=120.0)
    pacing.wait_for_turn()
    assert sum(clock.slept) == 120.0
    assert not pacing.back_off(0, at_least=181.0), "asking earlier is worse than giving up"
    assert pacing.back_off(0, at_least=180.0)


def test_without_a_budget_nothing_is_tried_again() -> None:
    assert not Pacing(0, FakeClock(), lambda seconds: None).back_off(0)


NOW = datetime.datetime(2026, 11, 22, 12, 0, 0, tzinfo=datetime.timezone.utc)


@pytest.mark.parametrize(
    "value, seconds",
    [
        (None, 0.0),
        ("", 0.0),
        ("0", 0.0),
        ("120", 120.0),
        (" 120 ", 120.0),
        ("1.5", 1.5),
        ("-5", 0.0),
        ("soon", 0.0),
        ("nan", 0.0),
        ("Sun, 22 Nov 2026 12:02:00 GMT", 120.0),
        ("Sun, 22 Nov 2026 12:02:00 -0000", 120.0),
        ("Sunday, 22-Nov-26 12:02:00 GMT", 120.0),
        ("Sun, 22 Nov 2026 05:02:00 -0700", 120.0),
        ("Sun, 22 Nov 2026 11:59:00 GMT", 0.0),
        ("Sun, 99 Nov 2026 11:59:00 GMT", 0.0),
    ],
)
def test_retry_after_is_seconds_or_a_date(value: Optional[str], seconds: float) -> None:
    assert seconds_of_retry_after(value, NOW) == seconds


def test_a_date_is_counted_from_now() -> None:
    later = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(seconds=90)

    assert 80 < seconds_of_retry_after(later.strftime("%a, %d %b %Y %H:%M:%S GMT")) <= 90


@examples(200)
@given(value=st.text(max_size=40))
def test_any_header_is_some_time(value: str) -> None:
    assert seconds_of_retry_after(value, NOW) >= 0.0


@pytest.mark.parametrize("at_least, why", [(0.0, "before another try"), (30.0, "as Apple asks")])
def test_progress_is_told_of_standing_still(at_least: float, why: str) -> None:
    clock = FakeClock()
    progress = Progress(clock)
    pacing = Pacing(300, clock, clock.sleep, lambda low, high: high, progress)

    assert pacing.back_off(3, at_least)

    told = progress.told("")
    assert (told.waits, told.waits_until) == (why, clock.now + max(at_least, 8.0))


def test_progress_is_not_told_of_a_wait_that_there_is_no_time_for() -> None:
    clock = FakeClock()
    progress = Progress(clock)

    assert not Pacing(20, clock, clock.sleep, progress=progress).back_off(0, 30)
    assert progress.told("").waits == ""
