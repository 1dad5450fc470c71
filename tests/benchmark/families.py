# Copyright (c) 2026, the mdmkit.apps_books authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Families of missing pairs, for counting how many requests give them: the project's reference points, with the seed that they have there."""

from __future__ import annotations

import math
import random
from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

MOST_ASSETS = 25
MOST_TARGETS = 1000


class Family(NamedTuple):
    """:ivar missing: the numbers of the assets that each target lacks"""

    name: str
    missing: list[set[int]]

    @property
    def pairs(self) -> int:
        return sum(map(len, self.missing))

    @property
    def assets(self) -> int:
        """How many assets there are."""
        return 1 + max(asset for lacking in self.missing for asset in lacking)


def families(shrink: int = 1) -> list[Family]:
    """
    :param shrink: how many times fewer targets than in the reference; 1 makes exactly the reference's instances
    """
    chance = random.Random(1)
    apps = range(25)
    full = [set(apps) for dummy in range(10_000 // shrink)]
    nearly = [{app for app in apps if chance.random() > 0.05} for dummy in range(10_000 // shrink)]
    half = [{app for app in apps if chance.random() > 0.5} for dummy in range(4_000 // shrink)]
    groups = [set(chance.sample(range(60), chance.randint(3, 15))) for dummy in range(12)]
    members = [set().union(*(groups[group] for group in chance.sample(range(12), chance.randint(1, 3)))) for dummy in range(20_000 // shrink)]
    single = [{chance.randrange(40)} for dummy in range(5_000 // shrink)]
    teams = [set(range(10 * (number % 20), 10 * (number % 20) + 10)) for number in range(6_000 // shrink)]
    return [
        Family("all of 25 apps", full),
        Family("5% already held", nearly),
        Family("50% already held", half),
        Family("12 overlapping groups", members),
        Family("one app each", single),
        Family("20 disjoint teams", teams),
    ]


def per_asset(missing: Sequence[set[int]]) -> int:
    """Requests of whoever takes one asset after the other."""
    counts = Counter(asset for lacking in missing for asset in lacking)
    return sum(math.ceil(count / MOST_TARGETS) for count in counts.values())


def by_signature(missing: Sequence[set[int]]) -> int:
    """Requests of whoever puts together the targets that lack the same assets."""
    counts = Counter(frozenset(lacking) for lacking in missing if lacking)
    return sum(math.ceil(count / MOST_TARGETS) * math.ceil(len(assets) / MOST_ASSETS) for assets, count in counts.items())


def at_least(missing: Sequence[set[int]]) -> int:
    """Requests that are needed if every one of them could be full."""
    return math.ceil(sum(map(len, missing)) / (MOST_ASSETS * MOST_TARGETS))
