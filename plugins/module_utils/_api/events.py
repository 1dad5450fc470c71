# Copyright (c) 2026, the mdmkit.apps_books authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Waiting for events: many at once, asked seldom (README section 8)."""

from __future__ import annotations

import time
from typing import Callable, Dict, Iterable

from ansible_collections.mdmkit.apps_books.plugins.module_utils._api.service import Service
from ansible_collections.mdmkit.apps_books.plugins.module_utils._model import Event

FIRST_PAUSES = (1.0, 2.0, 4.0, 8.0, 15.0)
"""Seconds. Together the time that an event of 25,000 tasks was seen to need (README section 8)."""


def accepted(event_ids: Iterable[str]) -> Dict[str, Event]:
    """Events that nobody has asked about yet, by id."""
    return {event_id: Event(event_id, None, "PENDING") for event_id in event_ids}


def wait_for_events(
    service: Service,
    events: Dict[str, Event],
    timeout: float,
    longest_pause: float = 30.0,
    stuck_after: float = float("inf"),
    clock: Callable[[], float] = time.monotonic,
    sleep: Callable[[float], None] = time.sleep,
) -> None:
    """Ask for the pending events until none is left, the time is over, or they are stuck; once at least.

    The service works events off in the order it accepted them. So a round of questions ends at the first pending event: those behind
    it are pending too, or are asked about one round later. The last round asks for all that are left, since an event may be stuck.

    :param events: by id, in the order in which they were accepted. Brought up to date with every answer, so that nothing is lost if the
        waiting ends with an error
    :param timeout: seconds
    :param longest_pause: seconds between two rounds at most
    :param stuck_after: seconds in which the first of the pending events shows no progress
    """
    moved_at = clock()
    deadline = moved_at + timeout
    rounds = 0
    over = False
    with service.progress.step("waiting for Apple", "events", len(events)) as step:
        while not over and any(event.pending for event in events.values()):
            end = min(deadline, moved_at + stuck_after)
            sleep(max(0.0, min(pause_after(rounds, longest_pause), end - clock())))
            rounds += 1
            ask_for_all = clock() >= end
            over = clock() >= deadline
            first_moved = None
            for event_id, before in list(events.items()):
                if not before.pending:
                    continue
                event = events[event_id] = service.event(event_id)
                if first_moved is None:
                    # What nobody has asked about yet has no numbers; learning them is no progress.
                    first_moved = event != before and before.event_type is not None
                if event.pending and not ask_for_all:
                    break
            if first_moved:
                moved_at = clock()
            elif ask_for_all:
                over = True
            step.done = sum(map(_share_done, events.values()))


def _share_done(event: Event) -> float:
    if not event.pending:
        return 1.0
    return (event.num_completed or 0) / event.num_requested if event.num_requested else 0.0


def pause_after(questions: int, longest: float) -> float:
    """Seconds to wait after so many questions: short at first, in the hope that the service is quick."""
    return min(FIRST_PAUSES[questions], longest) if questions < len(FIRST_PAUSES) else longest
