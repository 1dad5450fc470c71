# Copyright (c) 2026, the mdmkit.apps_books authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How fast requests may go, and how long a task may wait for a service that refuses them."""

from __future__ import annotations

import datetime
import email.utils
import random
import threading
import time
from typing import Callable, Optional

from ansible_collections.mdmkit.apps_books.plugins.module_utils._progress import Progress

DEFAULT_REQUESTS_PER_SECOND = 15
"""Assumed where Service Config does not say (README section 3)."""

# Requests leave evenly spaced, never in bursts: the task before this one may have used up its second a moment ago. A second is taken
# for longer than it is, because the service counts requests when they arrive, and their travel times differ.
_LONG_SECOND = 1.05
# How far a request that left late may let the next one catch up; less than a second is too long.
_SLACK = 0.02
_LONGEST_BACKOFF = 60.0
_GROWING_ATTEMPTS = 6
_BEFORE_ANOTHER_TRY = "before another try"


class Pacing:
    """The one gate through which all requests of a task leave, whatever thread they come from.

    It keeps two promises: no more than so many requests in a second, and none before the time that the service asked to be left alone
    (clients that ask earlier may be shut out for longer, README section 10).

    :param retry_budget: seconds that the task may stand still, in all, because the service refused requests
    :param progress: told of it
    """

    def __init__(
        self,
        retry_budget: float,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
        uniform: Callable[[float, float], float] = random.uniform,
        progress: Optional[Progress] = None,
    ) -> None:
        self.retry_budget = retry_budget
        self._budget_left = retry_budget
        self._clock = clock
        self._sleep = sleep
        self._uniform = uniform
        self._progress = progress or Progress()
        self._lock = threading.Lock()
        self._spacing = _LONG_SECOND / DEFAULT_REQUESTS_PER_SECOND
        self._next_turn = float("-inf")
        self._closed_until = float("-inf")
        # Until then the service wants to be left alone, but the retry budget does not last so long.
        self._barred_until = float("-inf")

    def set_requests_per_second(self, number: int) -> None:
        with self._lock:
            self._spacing = _LONG_SECOND / number

    def wait_for_turn(self) -> bool:
        """
        :returns: False where no request may leave: the service asked to be left alone for longer than the retry budget lasts
        """
        while True:
            with self._lock:
                now = self._clock()
                if now < self._barred_until:
                    return False
                turn = max(self._next_turn, now - _SLACK)
                opens = max(turn, self._closed_until)
                if opens <= now:
                    self._next_turn = turn + self._spacing
                    return True
            self._sleep(opens - now)

    def back_off(self, attempt: int, at_least: float = 0.0) -> bool:
        """Close the gate for everybody: full jitter that grows with the attempts (counted from 0), never less than the service asked for.

        :returns: False where that would overdraw the retry budget
        """
        pause = max(at_least, self._uniform(0.0, min(_LONGEST_BACKOFF, 2.0 ** min(attempt, _GROWING_ATTEMPTS))))
        if self.rest(pause, "as Apple asks" if at_least else _BEFORE_ANOTHER_TRY):
            return True
        with self._lock:
            self._barred_until = max(self._barred_until, self._clock() + at_least)
        return False

    def rest(self, pause: float, why: str = _BEFORE_ANOTHER_TRY) -> bool:
        """Close the gate for so many seconds, at the expense of the retry budget.

        :returns: False where that would overdraw the retry budget; the gate is left as it was
        """
        with self._lock:
            now = self._clock()
            closed_until = max(self._closed_until, now + pause)
            # Threads that are refused together wait together, so their common pause is paid for once.
            cost = closed_until - max(self._closed_until, now)
            if cost > self._budget_left:
                return False
            self._budget_left -= cost
            self._closed_until = closed_until
        self._progress.wait(why, closed_until - now)
        return True


def seconds_of_retry_after(value: Optional[str], now: Optional[datetime.datetime] = None) -> float:
    """The wait that a Retry-After header asks for: seconds or an HTTP date; 0 where it is missing or unreadable."""
    if not value:
        return 0.0
    try:
        return max(0.0, float(value))
    except ValueError:
        pass
    try:
        moment = email.utils.parsedate_to_datetime(value)
    except (TypeError, ValueError):
        return 0.0
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=datetime.timezone.utc)
    return max(0.0, (moment - (now or datetime.datetime.now(datetime.timezone.utc))).total_seconds())
