# Copyright (c) 2026, the mdmkit.apps_books authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How fast the requests that were sent could have been at best."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable, Mapping
from typing import Any

from .sizes import Shape

AT_ONCE = 5
"""So many pages may be asked for at a time (apple-api, section 6)."""


def critical_path(journal: Iterable[Mapping[str, Any]], shape: Shape) -> float:
    """Seconds that requests need because one has to wait for the other, whatever the limit.

    * Of a run of reads of one endpoint, first the page 0 of each, then the other pages; five at a time.
    * One write after the other.
    * Before the events of a run of writes are asked about, the last one has to be worked off; each event is asked about once, five at a time.
    * What has another method or endpoint waits for what came before.

    :param journal: in the order of arrival
    """
    seconds = 0.0
    for (method, path), run in itertools.groupby(journal, key=lambda entry: (entry["method"], entry["path"])):
        entries = list(run)
        if method == "POST":
            rounds = len(entries)
        elif path == "/status":
            # While the answer to the write travels, the event is worked on.
            seconds += max(0.0, shape.event_seconds - shape.latency)
            rounds = _rounds(len({entry["query"].get("eventId") for entry in entries}))
        else:
            first = sum(entry["query"].get("pageIndex", "0") == "0" for entry in entries)
            rounds = _rounds(first) + _rounds(len(entries) - first)
        seconds += rounds * shape.latency
    return seconds


def bound(requests: int, path: float, shape: Shape) -> float:
    """Seconds below which nobody can send so many requests: the limit's, or those of the critical path."""
    return max(requests / shape.requests_per_second if shape.requests_per_second else 0.0, path)


def _rounds(requests: int) -> int:
    return math.ceil(requests / AT_ONCE)
