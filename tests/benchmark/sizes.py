# Copyright (c) 2026, the mdmkit.apps_books authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""In what shape the simulator is, and how large the scenarios are."""

from __future__ import annotations

from typing import Any, NamedTuple

_NO_LIMIT = 100_000


class Shape(NamedTuple):
    """:ivar latency: seconds that every answer takes
    :ivar requests_per_second: None where there is no limit
    :ivar event_seconds: from the acceptance of a write until it is worked off
    :ivar wait_interval: of the modules; None leaves their default
    """

    latency: float
    requests_per_second: int | None
    page_size: int
    event_seconds: float
    wait_interval: float | None = None

    @property
    def behaviour(self) -> dict[str, Any]:
        """For the seed of the simulator."""
        return {
            "latency_ms": round(self.latency * 1000),
            "page_size": self.page_size,
            "event_seconds": self.event_seconds,
            "max_requests_per_second": self.requests_per_second or 0,
            "limits": {"maxRequestPerSecond": self.requests_per_second or _NO_LIMIT},
        }

    def unhindered(self) -> Shape:
        """Without latency and limit, so that what is left is our own time."""
        return self._replace(latency=0.0, requests_per_second=None, event_seconds=0.0, wait_interval=0.05)


class Sizes(NamedTuple):
    """Playbooks are measured at the two small sizes and extrapolated from them; without small sizes they are left out.

    :ivar reads: devices that hold 25 apps each, of three locations
    :ivar small_reads: the same, of locations that a playbook reads
    :ivar pairs: devices that get 25 apps each
    :ivar small_apps: how many apps a playbook looks at or gives
    :ivar users: of a location of which one in a hundred changed
    :ivar small_users: the same, of locations that a playbook changes
    :ivar fed: users of a location who get 10 apps each
    :ivar shrink: how many times smaller than their reference the batching families are
    """

    reads: tuple[int, int, int]
    small_reads: tuple[int, ...]
    pairs: int
    small_apps: tuple[int, ...]
    users: int
    small_users: tuple[int, ...]
    fed: int
    shrink: int


SERVICE = Shape(latency=0.08, requests_per_second=15, page_size=1000, event_seconds=0.05)
FULL = Sizes((800, 8_000, 40_000), (200, 800), 10_000, (1, 2), 50_000, (2_000, 4_000), 100_000, 1)
QUICK = Sizes((80, 400, 1_600), (40, 80), 2_000, (1, 2), 5_000, (1_000, 2_000), 5_000, 10)
