# Copyright (c) 2026, the mdmkit.apps_books authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Small parts by themselves: sorted arrays, versions, ids."""

from __future__ import annotations

import copy
import uuid

import pytest
from hypothesis import given
from hypothesis import strategies as st
from vpp_simulator.events import InjectedFailure
from vpp_simulator.holdings import holdings, holds, with_added, without
from vpp_simulator.ids import Ids
from vpp_simulator.versions import VersionLine

NUMBERS = st.sets(st.integers(0, 60))


@given(NUMBERS, NUMBERS)
def test_sorted_arrays_are_sets(held: set[int], others: set[int]) -> None:
    before = holdings(sorted(held))
    new, gone = sorted(others - held), sorted(others & held)
    assert list(with_added(before, new)) == sorted(held | others)
    assert list(without(before, gone)) == sorted(held - others)
    assert list(before) == sorted(held)
    assert {number for number in range(61) if holds(before, number)} == held


@given(st.lists(NUMBERS, max_size=8), st.integers(0, 8))
def test_changes_since_any_version(steps: list[set[int]], looked_at: int) -> None:
    line = VersionLine(lambda number: f"v{number}")
    names = [line.current]
    frozen = copy.copy(line)
    for index, keys in enumerate(steps):
        line.record(sorted(keys))
        line.commit()
        names.append(line.current)
        if index + 1 == looked_at:
            frozen = copy.copy(line)
    for index, name in enumerate(names):
        assert line.changed_since(name) == set().union(*steps[index:])
    # A step without changes makes no version.
    assert len(set(names)) == 1 + sum(map(bool, steps))
    # A frozen line neither moves nor tells of what came later.
    if looked_at <= len(steps):
        assert frozen.current == names[looked_at]
        assert frozen.changed_since(names[0]) == set().union(*steps[:looked_at])
    with pytest.raises(KeyError):
        line.changed_since("v99")


@given(st.integers(0, 200), st.floats(0, 1))
def test_injected_failures_are_spread_evenly(tasks: int, share: float) -> None:
    hits = sum(InjectedFailure(9603, share).hits(task) for task in range(tasks))
    assert abs(hits - tasks * share) <= 1


def test_ids() -> None:
    ids = Ids("seed")
    assert ids.uuid("a", 1) == Ids("seed").uuid("a", 1) != ids.uuid("a", 2)
    assert Ids("seed").uuid("a", 1) != Ids("other").uuid("a", 1)
    assert ids.uuid("a", "1b") != ids.uuid("a1", "b")
    assert uuid.UUID(ids.uuid("a")).version == 4
    assert len(ids.hex("a")) == 32 and len(ids.digits("a")) == 16 and ids.digits("a").isdigit()
