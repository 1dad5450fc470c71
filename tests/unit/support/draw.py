# Copyright (c) 2026, the mdmkit.apps_books authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How Hypothesis is run, and what it draws: small worlds, in which everything meets everything."""

from __future__ import annotations

import os
from typing import Any, Dict, List, NamedTuple, Sequence, Set, Tuple

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

from ansible_collections.mdmkit.apps_books.plugins.module_utils._model import Asset, Assignments, Limits, Targets
from ansible_collections.mdmkit.apps_books.tests.unit.support.world import DEVICE, USER, Owned, Pair, World, as_assignments


def examples(number: int) -> settings:
    """So many examples, times MDMKIT_EXAMPLES of the environment. Nothing is kept on disk, and a slow machine is no fault."""
    number *= int(os.environ.get("MDMKIT_EXAMPLES", "1"))
    return settings(max_examples=number, deadline=None, database=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture])


ASSETS = [Asset("1000000001"), Asset("1000000001", "PLUS"), Asset("1000000002"), Asset("1000000003"), Asset("1000000004")]
# One name is both a user and a device: they must not be taken for each other.
USERS = ["both", "u-1", "u-2", "u-3", "u-4"]
DEVICES = ["both", "D1", "D2", "D3", "D4"]
TARGETS = [(USER, user) for user in USERS] + [(DEVICE, device) for device in DEVICES]
PAIRS = [(asset, kind, target) for asset in ASSETS for kind, target in TARGETS]

MODES = [("present", "none"), ("present", "assets"), ("present", "targets"), ("present", "location"), ("absent", "none")]


def _limits(code: int) -> Limits:
    numbers = []
    for dummy in range(6):
        code, number = divmod(code, 3)
        numbers.append(number + 1)
    return Limits(*numbers, 512, 100, 100, 255)


small_limits = st.integers(0, 3 ** 6 - 1).map(_limits)
"""One to three of everything in a request."""


def subset(values: Sequence[Any], bits: int) -> List[Any]:
    return [value for index, value in enumerate(values) if bits >> index & 1]


# A world is drawn as one number for its pairs and one for its assets, and a wish as one number for each block: drawing dozens of small
# things for each example takes far longer than the code under test does.
pair_sets = st.integers(0, 2 ** len(PAIRS) - 1).map(lambda bits: set(subset(PAIRS, bits)))

_SPARE = (100, 0, 1, 2, 3, 4, None)


def worlds(restricted: bool = False, scarce: bool = False) -> st.SearchStrategy[World]:
    """
    :param restricted: some assets are irrevocable or not device-assignable
    :param scarce: licences may not suffice
    """

    def world(pairs: Set[Pair], code: int) -> World:
        owned: Dict[Asset, Owned] = {}
        for asset in ASSETS:
            code, spare = divmod(code, len(_SPARE))
            code, retired = divmod(code, 3)
            code, flags = divmod(code, 4)
            held = sum(1 for pair in pairs if pair[0] == asset)
            more = _SPARE[spare] if scarce or _SPARE[spare] is None else 100
            owned[asset] = Owned(
                None if more is None else held + retired + more,
                revocable=not restricted or not flags & 1,
                device_assignable=not restricted or not flags & 2,
                retired=retired,
            )
        return World(owned, pairs)

    return st.builds(world, pair_sets, st.integers(0, (len(_SPARE) * 3 * 4) ** len(ASSETS) - 1))


class Wish(NamedTuple):
    """What a task asks for.

    :ivar assets: every asset that is named, in the order of the input
    :ivar targets: every target that is named
    :ivar pairs: every pair that is wanted, in the order of the input; pairs may come twice
    """

    assets: List[Asset]
    targets: Set[Tuple[str, str]]
    pairs: List[Pair]

    def wanted(self) -> Assignments:
        wanted = as_assignments(self.pairs)
        for asset in self.assets:
            wanted.setdefault(asset, Targets(set(), set()))
        return wanted

    def named(self) -> Targets:
        return Targets({target for kind, target in self.targets if kind == USER}, {target for kind, target in self.targets if kind == DEVICE})

    def in_order(self, asset: Asset) -> List[Tuple[str, bool]]:
        return [(target, kind == DEVICE) for held, kind, target in self.pairs if held == asset]


def _wish(codes: List[int]) -> Wish:
    blocks = []
    for code in codes:
        code, first = divmod(code, len(TARGETS))
        targets, assets = divmod(code, 2 ** len(ASSETS))
        blocks.append((subset(ASSETS, assets), subset(TARGETS[first:] + TARGETS[:first], targets)))
    return Wish(
        [asset for assets, dummy in blocks for asset in assets],
        {target for dummy, targets in blocks for target in targets},
        [(asset, *target) for assets, targets in blocks for asset in assets for target in targets],
    )


wishes = st.lists(st.integers(0, len(TARGETS) * 2 ** (len(ASSETS) + len(TARGETS)) - 1), max_size=3).map(_wish)
