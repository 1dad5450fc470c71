# Copyright (c) 2026, the mdmkit.apps_books authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Large sets of missing pairs, the same ones on every version of Python: reference points for batching."""

from __future__ import annotations

import random
from typing import Iterable, Iterator, NamedTuple, Set

from ansible_collections.mdmkit.apps_books.plugins.module_utils._model import Asset, Assignments, Targets


class Instance(NamedTuple):
    name: str
    pairs: Assignments


def reference_points(seed: int = 1) -> Iterator[Instance]:
    """Each with one kind of target. They are drawn one after the other from one sequence of random numbers."""
    lots = random.Random(seed)
    apps = range(25)
    yield _instance("full", [set(apps)] * 10000)
    yield _instance("5% held", [{app for app in apps if lots.random() > 0.05} for dummy in range(10000)])
    yield _instance("50% held", [{app for app in apps if lots.random() > 0.5} for dummy in range(4000)])
    groups = [set(lots.sample(range(60), lots.randint(3, 15))) for dummy in range(12)]
    members = [lots.sample(range(12), lots.randint(1, 3)) for dummy in range(20000)]
    yield _instance("twelve groups", [set().union(*(groups[number] for number in numbers)) for numbers in members])
    yield _instance("one app each", [{lots.randrange(40)} for dummy in range(5000)])
    yield _instance("twenty teams", [set(range(10 * (number % 20), 10 * (number % 20) + 10)) for number in range(6000)])


def _instance(name: str, missing: Iterable[Set[int]]) -> Instance:
    """:param missing: of each device, the numbers of the assets that it misses"""
    pairs: Assignments = {}
    for number, assets in enumerate(missing):
        for asset in sorted(assets):
            pairs.setdefault(Asset(str(1000000001 + asset)), Targets(set(), set())).devices.add(f"D{number:05d}")
    return Instance(name, pairs)
