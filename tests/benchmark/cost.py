# Copyright (c) 2026, the mdmkit.apps_books authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a run cost, and what it would have cost at another size."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from .bound import critical_path
from .sizes import Shape

_TOO_MANY_REQUESTS = 429


class Cost(NamedTuple):
    """:ivar reads_before: reads before the first write; all of them where there is none
    :ivar wall: seconds from the start of the process to its end
    :ivar cpu: seconds of processor that it and its children used; the simulator is none of them
    :ivar memory: MiB at most, of the largest process
    :ivar refused: requests among the reads and writes that came too fast
    :ivar path: seconds, see bound.critical_path
    :ivar served: seconds in which the simulator had a request to answer
    """

    reads: int
    writes: int
    reads_before: int
    wall: float
    cpu: float
    memory: float
    refused: int
    path: float
    served: float

    @property
    def requests(self) -> int:
        return self.reads + self.writes

    @property
    def own_time(self) -> float:
        """Seconds that are not the simulator's: what is left of the wall time, or what the processors say if that is more, since both work at once."""
        return max(self.cpu, self.wall - self.served)


def cost_of(wall: float, cpu: float, memory: float, journal: Sequence[Mapping[str, Any]], shape: Shape) -> Cost:
    """
    :param journal: of the simulator, in the order of arrival
    """
    methods = [entry["method"] for entry in journal]
    writes = methods.count("POST")
    reads_before = methods.index("POST") if writes else len(methods)
    refused = sum(entry["status"] == _TOO_MANY_REQUESTS for entry in journal)
    return Cost(len(journal) - writes, writes, reads_before, wall, cpu, memory, refused, critical_path(journal, shape), _served(journal))


def _served(journal: Sequence[Mapping[str, Any]]) -> float:
    seconds, end = 0.0, -math.inf
    for entry in sorted(journal, key=lambda entry: entry["time"]):
        start, end_of_this = max(end, entry["time"]), entry["time"] + entry["seconds"]
        if end_of_this > start:
            seconds, end = seconds + end_of_this - start, end_of_this
    return seconds


def extrapolated(measured: Sequence[tuple[int, Cost]], size: int) -> Cost:
    """The cost at a size, on the straight line through the costs at two smaller sizes."""
    (small, low_cost), (large, high_cost) = measured
    share = (size - small) / (large - small)
    line = (low + share * (high - low) for low, high in zip(low_cost, high_cost))
    return Cost(*(round(value) if isinstance(low, int) else value for low, value in zip(low_cost, line)))


def exponent(sizes: Sequence[float], values: Sequence[float]) -> float:
    """How a value grows: the slope of the straight line that fits the logarithms best. 1 is in proportion to the size, 0 not at all."""
    across, up = [math.log(size) for size in sizes], [math.log(value) for value in values]
    middle, height = sum(across) / len(across), sum(up) / len(up)
    return sum((x - middle) * (y - height) for x, y in zip(across, up)) / sum((x - middle) ** 2 for x in across)
