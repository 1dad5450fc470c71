# Copyright (c) 2026, the mdmkit.apps_books authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Events: accepted writes, worked off one after another for each location, in the order accepted (apple-api section 8).

Nothing runs in the background. Whoever looks at a location first calls `EventLine.advance` with the time, and everything that is due by
then happens at its due moment. So the outcome depends only on the requests and the clock, never on how the process was scheduled.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, Protocol

from vpp_simulator.behaviour import Behaviour
from vpp_simulator.errors import error_body
from vpp_simulator.library import AssetKey, Library, Pair


@dataclass(frozen=True)
class Receiver:
    """A user or device as a request names it."""

    name: str
    is_user: bool


@dataclass(frozen=True)
class InjectedFailure:
    """A fault rule's wish that a share of an event's tasks fails, spread evenly over them."""

    number: int
    share: float

    def hits(self, task: int) -> bool:
        """Whether the task of this index is one of them."""
        return math.floor((task + 1) * self.share) > math.floor(task * self.share)


class Failures:
    """Failed tasks, grouped by error as the status shows them: one entry for each number, with the targets concerned."""

    def __init__(self) -> None:
        self._groups: dict[int, dict[str, dict[Any, None]]] = {}

    def __bool__(self) -> bool:
        return bool(self._groups)

    def add(self, number: int, receiver: Receiver, asset: AssetKey | None = None) -> None:
        """Note one failed task. Dictionaries serve as ordered sets."""
        group = self._groups.setdefault(number, {"assets": {}, "clientUserIds": {}, "serialNumbers": {}})
        group["clientUserIds" if receiver.is_user else "serialNumbers"][receiver.name] = None
        if asset:
            group["assets"][asset] = None

    def as_list(self) -> list[dict[str, Any]]:
        """``failures`` of the StatusResponse."""
        return [error_body(number, self._info(group)) for number, group in self._groups.items()]

    @staticmethod
    def _info(group: dict[str, dict[Any, None]]) -> dict[str, Any]:
        info: dict[str, Any] = {name: list(members) for name, members in group.items() if members}
        if "assets" in info:
            info["assets"] = [{"adamId": adam_id, "pricingParam": pricing_param} for adam_id, pricing_param in info["assets"]]
        return info


@dataclass
class Outcome:
    """What the tasks of an event came to so far. ``users`` are target numbers."""

    injected: InjectedFailure | None = None
    name_assets: bool = False
    completed: int = 0
    failures: Failures = field(default_factory=Failures)
    pairs: list[Pair] = field(default_factory=list)
    users: list[int] = field(default_factory=list)

    def done(self, count: int = 1) -> None:
        """Tasks that worked, whether or not they changed anything."""
        self.completed += count

    def failed(self, number: int, receiver: Receiver, asset: AssetKey | None = None) -> None:
        """A task that did not work."""
        self.failures.add(number, receiver, asset if self.name_assets else None)

    def refuses(self, task: int, receiver: Receiver, asset: AssetKey | None = None) -> bool:
        """Whether a fault rule makes this task fail; it is noted then."""
        if self.injected is None or not self.injected.hits(task):
            return False
        self.failed(self.injected.number, receiver, asset)
        return True

    def changed_pairs(self, pairs: Iterable[Pair]) -> None:
        """Assignments made or taken back."""
        self.pairs.extend(pairs)


class Work(Protocol):
    """The tasks of an event, numbered from 0, to be run in slices."""

    def prepare(self, library: Library) -> int:
        """Look at the library as it is when the event's turn comes; returns the number of tasks."""

    def requested(self) -> int:
        """The number of tasks as far as it is known before the event's turn."""

    def run(self, library: Library, behaviour: Behaviour, outcome: Outcome, start: int, stop: int) -> None:
        """Carry out the tasks from ``start`` up to ``stop``."""


@dataclass
class Event:
    """One accepted write."""

    event_id: str
    kind: str
    work: Work
    accepted_at: float
    stuck: bool = False
    outcome: Outcome = field(default_factory=Outcome)
    requested: int = 0
    started_at: float | None = None
    tasks_run: int = 0
    finished_at: float | None = None

    @property
    def status(self) -> str:
        """FAILED includes partial success (apple-api section 8)."""
        if self.finished_at is None:
            return "PENDING"
        return "FAILED" if self.outcome.failures else "COMPLETE"

    def progress(self) -> dict[str, Any]:
        """The StatusResponse without the common members. ``numCompleted`` counts the tasks that worked (apple-api section 8)."""
        members: dict[str, Any] = {
            "eventStatus": self.status,
            "eventType": self.kind,
            "numCompleted": self.outcome.completed,
            "numRequested": self.requested,
        }
        if self.outcome.failures:
            members["failures"] = self.outcome.failures.as_list()
        return members

    def forgotten(self, now: float, retention_seconds: float) -> bool:
        """Whether it ended so long ago that its status is no longer told."""
        return self.finished_at is not None and now - self.finished_at > retention_seconds


@dataclass(frozen=True)
class _Shadow:
    """A frozen library that reads show until a point in time."""

    library: Library
    until: float


class EventLine:
    """The events of one location, and the library they change."""

    def __init__(self, library: Library) -> None:
        self.library = library
        self.events: dict[str, Event] = {}
        self._waiting: deque[Event] = deque()
        self._free_at = -math.inf
        # For the delay between COMPLETE and visibility in reads: the states before events that are done but not visible yet, oldest first,
        # and the one before the event that is being worked on.
        self._shadows: deque[_Shadow] = deque()
        self._running_shadow: Library | None = None

    def accept(self, event: Event) -> None:
        """Queue an event. A stuck one stays PENDING for ever and holds nobody up (assumption: else sending it again would not help)."""
        event.requested = event.work.requested()
        self.events[event.event_id] = event
        if not event.stuck:
            self._waiting.append(event)

    def advance(self, now: float, behaviour: Behaviour) -> None:
        """Do everything that is due by now."""
        while self._waiting and self._work_on(self._waiting[0], now, behaviour):
            self._waiting.popleft()

    def visible(self, now: float) -> Library:
        """The library as reads show it."""
        while self._shadows and self._shadows[0].until <= now:
            self._shadows.popleft()
        if self._shadows:
            return self._shadows[0].library
        return self._running_shadow or self.library

    def _work_on(self, event: Event, now: float, behaviour: Behaviour) -> bool:
        """Bring one event up to date; True when it is finished."""
        if event.started_at is None:
            event.started_at = max(event.accepted_at, self._free_at)
            event.requested = event.work.prepare(self.library)
            event.outcome.name_assets = behaviour.failures_name_assets
            self._running_shadow = self.library.frozen() if behaviour.visibility_delay_ms else None
        rate = behaviour.event_tasks_per_second
        first_task_at = event.started_at + behaviour.event_seconds
        end = first_task_at + (event.requested / rate if rate else 0)
        due = event.requested if now >= end else min(event.requested, max(0, math.floor((now - first_task_at) * rate)))
        if due > event.tasks_run:
            event.work.run(self.library, behaviour, event.outcome, event.tasks_run, due)
            event.tasks_run = due
            self.library.commit()
        if now < end:
            return False
        event.finished_at = self._free_at = end
        if self._running_shadow is not None:
            self._shadows.append(_Shadow(self._running_shadow, end + behaviour.visibility_delay_ms / 1000))
            self._running_shadow = None
        return True
