# Copyright (c) 2026, the mdmkit.apps_books authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Waiting for events: many at once, asked seldom (README section 8)."""

from __future__ import annotations

import time
from typing import Callable, Dict, Iterator, List, Optional, Sequence

from ansible_collections.mdmkit.apps_books.plugins.module_utils._api.service import Service
from ansible_collections.mdmkit.apps_books.plugins.module_utils._model import Event

_FIRST_PAUSES = (1.0, 2.0, 4.0, 8.0, 15.0)


def wait_for_events(
    service: Service,
    event_ids: Sequence[str],
    timeout: float,
    longest_pause: float = 30.0,
    clock: Callable[[], float] = time.monotonic,
    sleep: Callable[[float], None] = time.sleep,
    seen: Optional[Dict[str, Event]] = None,
) -> List[Event]:
    """Ask for the events until none is pending or the time is over, once at least, and return each as last seen, in the order given.

    The service works events off in the order it accepted them. So a round of questions ends at the first pending event: those behind
    it are pending too, or are asked about one round later. The last round asks for all that are left, since an event may be stuck.

    :param timeout: seconds
    :param longest_pause: seconds between two rounds at most
    :param seen: filled with the events as they are seen, for a caller that wants to know even when the waiting ends with an error
    """
    deadline = clock() + timeout
    seen = {} if seen is None else seen
    seen.update((event_id, Event(event_id, None, "PENDING")) for event_id in event_ids)
    waiting = list(seen)
    pauses = _pauses(longest_pause)
    is_last_round = False
    while waiting and not is_last_round:
        sleep(max(0.0, min(next(pauses), deadline - clock())))
        is_last_round = clock() >= deadline
        for event_id in list(waiting):
            event = seen[event_id] = service.event(event_id)
            if not event.pending:
                waiting.remove(event_id)
            elif not is_last_round:
                break
    return [seen[event_id] for event_id in event_ids]


def _pauses(longest: float) -> Iterator[float]:
    for pause in _FIRST_PAUSES:
        yield min(pause, longest)
    while True:
        yield longest
