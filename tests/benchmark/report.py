# Copyright (c) 2026, the mdmkit.apps_books authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The rows as a table to read, as JSON, and as a page of the documentation."""

from __future__ import annotations

import os
import platform
import sys
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from ansible.release import __version__ as ansible_version

from .cost import exponent
from .scenarios import PLAYBOOK, SCRIPT, Row
from .sizes import Shape

HEADER = ("task", "way", "reads", "writes", "wall s", "bound s", "wall/bound", "CPU s", "MiB", "note")
_WIDTHS = (54, 23, 8, 8, 9, 9, 11, 9, 7, 0)
_LEFT = (0, 1, 9)
_CALCULATED = "≈"


class Growth(NamedTuple):
    """How the cost of a way to do something grows with the size: the exponents of seconds and of memory."""

    way: str
    wall: float
    memory: float


def cells(row: Row) -> tuple[str, ...]:
    """What the table shows of a row. Figures that were not measured have a sign before them."""
    cost = row.cost
    counts = ("" if row.reads is None else f"{row.reads:,}", f"{row.writes:,}")
    if cost is None or row.bound is None:
        return (row.task, row.way, *counts, "", "", "", "", "", row.note)
    sign = _CALCULATED if row.extrapolated else ""
    ratio = f"{sign}{cost.wall / row.bound:.2f}" if row.bound else ""
    figures = (f"{sign}{cost.wall:,.1f}", f"{sign}{row.bound:,.1f}", ratio, f"{sign}{cost.cpu:,.1f}", f"{sign}{cost.memory:,.0f}")
    refused = [f"refused as too many: {cost.refused}"] if cost.refused else []
    return (row.task, row.way, *(sign + count for count in counts), *figures, "; ".join(filter(None, [row.note, *refused])))


def line(values: Sequence[str]) -> str:
    """A line of the table on the screen."""
    placed = (value.ljust(width) if column in _LEFT else value.rjust(width) for column, (value, width) in enumerate(zip(values, _WIDTHS)))
    return "  ".join(placed).rstrip()


def growths(rows: Sequence[Row]) -> list[Growth]:
    """Of the full reads, from the sizes that were measured."""
    reads = [row for row in rows if row.scenario == "full_read" and not row.extrapolated and row.cost]
    found = []
    for way in dict.fromkeys(row.way for row in reads):
        of_way = [row for row in reads if row.way == way]
        if len(of_way) > 2:
            sizes = [row.size for row in of_way]
            found.append(Growth(way, exponent(sizes, [row.cost.wall for row in of_way]), exponent(sizes, [row.cost.memory for row in of_way])))
    return found


def summary(rows: Sequence[Row]) -> Iterator[str]:
    """What follows from the table, a sentence each."""
    for growth in growths(rows):
        yield f"Full read, {growth.way}: time grows with the size to the power of {growth.wall:.2f}, memory {growth.memory:.2f}."
    for row in rows:
        if row.scenario == "full_read" and row.way not in (SCRIPT, PLAYBOOK) and row.cost and row.bound:
            yield f"Full read, {row.way}, {row.size:,} assignments: {row.cost.wall / row.bound:.2f} times the bound."


def as_data(rows: Sequence[Row], shape: Shape) -> dict[str, Any]:
    """All figures, for JSON. Seconds and MiB."""
    return {
        "shape": shape._asdict(),
        "machine": machine(),
        "rows": [
            {**row._asdict(), "extrapolated": row.extrapolated, "cost": row.cost and {**row.cost._asdict(), "own_time": row.cost.own_time}} for row in rows
        ],
        "growth": [growth._asdict() for growth in growths(rows)],
    }


def machine() -> dict[str, Any]:
    return {
        "processors": os.cpu_count(),
        "system": f"{platform.system()} {platform.machine()}",
        "python": ".".join(map(str, sys.version_info[:3])),
        "ansible_core": ansible_version,
    }


_PAGE = """\
# Benchmark

What the collection costs, beside what people would use instead: requests first, since the service allows {limit} a second for a location, then
seconds and memory. `make bench` wrote this page, [benchmark.json](benchmark.json) and the plot, in one run on {processors} processors with Python
{python} and ansible-core {ansible_core}. Machines differ and so do runs: compare figures of this page with each other, and quote counts and ratios
rather than seconds.

![Wall time of a full read and of other tasks, and the number of writes of each way to put assignments into requests](benchmark.svg)

## What is measured

Everything works against the simulator (`tests/simulator`), which answers each request {latency:.0f} ms late, refuses more than {limit} requests in a
second, gives {page_size:,} records a page, and works off a write {event_seconds:g} s after accepting it. Apple takes longer for that: about half a
minute for 25,000 assignments. That comes on top for every way, and again for each write of those that wait for one write before they send the next.

* **Modules** (`vpp_...`) run in a process of their own, as Ansible runs them but for the archive that Ansible packs them into. A *play* is
  `ansible-playbook`, whole. Options that a task does not need have their defaults.
* **{script}** is `tests/benchmark/sequential.py`, what people write with `requests` in an afternoon: one request after the other, one app after the
  other, 1,000 targets a request, and a look at the event every second.
* **{playbook}** is one of the playbooks in `tests/benchmark/playbooks`, as a careful admin writes them with `ansible.builtin.uri` in loops. Where
  there is a lot to do they are measured at two small sizes. Figures with {sign} are not measured: they lie on the straight line through those two.
* **counted** are the writes of other ways to put the same assignments into requests: asset by asset; targets that lack the same assets together; and
  the number below which nobody can come, which the module returns as `plan.requests_at_least`.

Each run is checked: what was wanted is there afterwards, and nothing else.

## How to read the columns

* **reads, writes**: requests that arrived, with questions about events and the reading back of what was written among the reads.
* **wall**: seconds from the start of the process to its end. **CPU**: of the process and its children, not of the simulator. **MiB**: the largest
  process at its peak.
* **bound**: the larger of two times that *these* requests need, however they are sent. One is requests / {limit} s. The other is the critical path:
  the time that they need because one has to wait for the other, at {latency:.0f} ms each. Of reads of one endpoint that follow each other, the pages
  0 come first, then the other pages, five at a time, which is what Apple allows. Writes go one after the other. Events are asked about once, five at
  a time, as soon as the last one can be done. Anything else waits for what came before.
* **own time**: the larger of CPU, and wall without the time in which the simulator had a request to answer.

## Figures

{table}

{summary}

## Again

`make bench` takes about a quarter of an hour and writes this page anew. `make bench ONLY=full_read,drift` measures these scenarios only and leaves
the page alone; `QUICK=1` shrinks all sizes, to try whether it works. Both write to `.cache/benchmark`.
"""


def page(rows: Sequence[Row], shape: Shape) -> str:
    """The page of the documentation, in Markdown."""
    lines = [HEADER, tuple("---" if column in _LEFT else "---:" for column in range(len(HEADER))), *map(cells, rows)]
    return _PAGE.format(
        limit=shape.requests_per_second,
        latency=shape.latency * 1000,
        page_size=shape.page_size,
        event_seconds=shape.event_seconds,
        script=SCRIPT,
        playbook=PLAYBOOK,
        sign=_CALCULATED,
        table="\n".join(f"| {' | '.join(values)} |" for values in lines),
        summary="\n".join(f"* {sentence}" for sentence in summary(rows)),
        **machine(),
    )
