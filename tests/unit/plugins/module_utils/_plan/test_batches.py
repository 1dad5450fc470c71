# Copyright (c) 2026, the mdmkit.apps_books authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import math
import subprocess
import sys
from collections import Counter
from typing import Dict, FrozenSet, List, Set, Tuple

import pytest
from ansible_collections.mdmkit.apps_books.plugins.module_utils._model import Asset, Assignments, Limits, Targets
from ansible_collections.mdmkit.apps_books.plugins.module_utils._plan.pairs import PairStep
from ansible_collections.mdmkit.apps_books.plugins.module_utils._plan.batches import Rectangle, cover
from ansible_collections.mdmkit.apps_books.tests.unit.support.draw import examples, pair_sets, small_limits
from ansible_collections.mdmkit.apps_books.tests.unit.support.instances import Instance, reference_points
from ansible_collections.mdmkit.apps_books.tests.unit.support.world import DEVICE, USER, Pair, World, Owned, as_assignments
from hypothesis import given
from hypothesis import strategies as st

ROOMY = Limits(25, 1000, 1000, 100, 100, 100, 512, 100, 100, 255)


def pairs_of(rectangle: Rectangle) -> List[Pair]:
    return [
        (asset, kind, target)
        for asset in rectangle.assets
        for kind, targets in ((USER, rectangle.users), (DEVICE, rectangle.devices))
        for target in targets
    ]


def requests_for(assets: int, users: int, devices: int, limits: Limits) -> int:
    """Requests that a full rectangle takes: users and devices go side by side."""
    rows = max(math.ceil(users / limits.client_user_ids), math.ceil(devices / limits.serial_numbers))
    return math.ceil(assets / limits.assets) * rows


@examples(100)
@given(pairs=pair_sets, limits=small_limits)
def test_rectangles_hold_every_pair_once_and_no_other(pairs: Set[Pair], limits: Limits) -> None:
    covered = Counter(pair for rectangle in cover(as_assignments(pairs), limits).rectangles for pair in pairs_of(rectangle))

    assert covered == Counter(pairs)


@examples(100)
@given(pairs=pair_sets, limits=small_limits)
def test_never_more_requests_than_asset_by_asset_or_signature_by_signature(pairs: Set[Pair], limits: Limits) -> None:
    by_asset = {asset: [pair for pair in pairs if pair[0] == asset] for asset in {pair[0] for pair in pairs}}
    signatures = {target: frozenset(pair[0] for pair in pairs if pair[1:] == target) for target in {pair[1:] for pair in pairs}}
    groups = {signature: [target for target in signatures if signatures[target] == signature] for signature in set(signatures.values())}

    sent = len(PairStep("associate", "", as_assignments(pairs)).requests(limits))

    assert sent <= sum(
        requests_for(1, sum(kind == USER for dummy, kind, name in held), sum(kind == DEVICE for dummy, kind, name in held), limits)
        for held in by_asset.values()
    )
    assert sent <= sum(
        requests_for(len(signature), sum(kind == USER for kind, name in members), sum(kind == DEVICE for kind, name in members), limits)
        for signature, members in groups.items()
    )
    assert bool(sent) == bool(pairs)


@pytest.mark.parametrize("constant", ["batches.LARGEST_SHEET", "search.MANY_BITS", "batches.ALL_EFFORT"])
@examples(50)
@given(pairs=pair_sets, limits=small_limits)
def test_too_much_for_a_thorough_search_is_covered_exactly_too(constant: str, pairs: Set[Pair], limits: Limits) -> None:
    """The ways for large sets of pairs, shown with small ones."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(f"ansible_collections.mdmkit.apps_books.plugins.module_utils._plan.{constant}", 1)
        rectangles = cover(as_assignments(pairs), limits).rectangles

    assert Counter(pair for rectangle in rectangles for pair in pairs_of(rectangle)) == Counter(pairs)
    asset_by_asset = (Rectangle([asset], sorted(targets.users), sorted(targets.devices)) for asset, targets in as_assignments(pairs).items())
    assert sum(rectangle.requests(limits) for rectangle in rectangles) <= sum(rectangle.requests(limits) for rectangle in asset_by_asset)


@examples(50)
@given(pairs=pair_sets, limits=small_limits)
def test_the_same_pairs_give_the_same_rectangles(pairs: Set[Pair], limits: Limits) -> None:
    """In whatever order they came to us."""
    forwards, backwards = as_assignments(sorted(pairs)), as_assignments(sorted(pairs, reverse=True))

    assert cover(forwards, limits) == cover(backwards, limits)


def test_the_same_pairs_give_the_same_requests_in_every_process() -> None:
    """Sets of texts come in another order in each process; what is sent must not."""
    script = (
        "from ansible_collections.mdmkit.apps_books.plugins.module_utils._model import *\n"
        "from ansible_collections.mdmkit.apps_books.plugins.module_utils._plan.assignments import PairStep\n"
        "from ansible_collections.mdmkit.apps_books.plugins.module_utils._plan.revocation import RevokeStep\n"
        "users = {'u-%d' % number for number in range(50)}\n"
        "pairs = {Asset(str(number)): Targets({user for user in users if len(user) > 3 or number % 2}, set(users)) for number in range(8)}\n"
        "pairs[Asset('8')] = Targets({user for user in users if int(user[2:]) * 7 % 5}, {user for user in users if int(user[2:]) * 5 % 7})\n"
        "for step in (PairStep('associate', '', pairs), RevokeStep('revoke', '', pairs)):\n"
        "    print(step.requests(Limits(2, 7, 5, 6, 4, 1, 1, 1, 1, 1)), [change.key for change in step.changes()])\n"
    )
    told = set()
    for seed in ("1", "2"):
        told.add(subprocess.run([sys.executable, "-c", script], env={"PYTHONHASHSEED": seed}, capture_output=True, check=True, text=True).stdout)

    assert len(told) == 1
    assert told.pop().count("Request(") > 10


def test_a_full_block_is_one_rectangle() -> None:
    assets = [Asset(str(number)) for number in range(25)]
    devices = {f"D{number}" for number in range(10000)}

    (rectangle,) = cover({asset: Targets(set(), devices) for asset in assets}, ROOMY).rectangles

    assert (rectangle.assets, len(rectangle.devices)) == (sorted(assets), 10000)


def test_one_asset_for_many_different_targets_goes_asset_by_asset() -> None:
    """Each target with a set of its own: signatures would take a request for every target."""
    assets = [Asset(str(number)) for number in range(4)]
    pairs: Assignments = {asset: Targets({f"u-{user}" for user in range(15) if user + 1 >> index & 1}, set()) for index, asset in enumerate(assets)}

    assert len(PairStep("associate", "", pairs).requests(ROOMY)) == 4


def test_users_and_devices_that_need_the_same_share_a_request() -> None:
    world = World({Asset("1"): Owned(None), Asset("2"): Owned(None)})
    pairs = {asset: Targets({"u-1", "u-2"}, {"D1", "D2", "D3"}) for asset in world.owned}

    (request,) = PairStep("associate", "", pairs).requests(ROOMY)

    world.carry_out([request], ROOMY)
    assert len(world.pairs) == 10


def test_no_pairs_no_rectangles() -> None:
    assert cover({}, ROOMY) == ([], 0)


@examples(200)
@given(pairs=pair_sets, limits=small_limits)
def test_the_bound_is_never_above_what_is_sent(pairs: Set[Pair], limits: Limits) -> None:
    step = PairStep("associate", "", as_assignments(pairs))

    requests, at_least = step.batches(limits)

    assert at_least <= len(requests)
    assert bool(at_least) == bool(pairs)


def fewest_of_all(missing: FrozenSet[Tuple[int, str, int]], limits: Limits, known: Dict[FrozenSet[Tuple[int, str, int]], int]) -> int:
    """The true optimum, by trying every rectangle that holds the first pair."""
    if not missing:
        return 0
    if missing not in known:
        first = min(missing)
        assets = sorted({pair[0] for pair in missing})
        targets = sorted({pair[1:] for pair in missing})
        best = len(missing)
        for chosen_assets in subsets_with(assets, first[0], limits.assets):
            fitting = [target for target in targets if all((asset, *target) in missing for asset in chosen_assets)]
            for chosen in subsets_with(fitting, first[1:], limits.client_user_ids + limits.serial_numbers) if first[1:] in fitting else []:
                users = sum(kind == USER for kind, dummy in chosen)
                if users <= limits.client_user_ids and len(chosen) - users <= limits.serial_numbers:
                    rest = missing - {(asset, *target) for asset in chosen_assets for target in chosen}
                    best = min(best, 1 + fewest_of_all(rest, limits, known))
        known[missing] = best
    return known[missing]


def subsets_with(values: List, one: object, most: int) -> List[List]:
    others = [value for value in values if value != one]
    chosen = ([value for index, value in enumerate(others) if bits >> index & 1] for bits in range(2 ** len(others)))
    return [[one, *some] for some in chosen if len(some) < most]


@examples(150)
@given(bits=st.integers(0, 2 ** 12 - 1), kinds=st.integers(0, 2), limits=small_limits)
def test_the_bound_is_never_above_the_true_optimum(bits: int, kinds: int, limits: Limits) -> None:
    """Three assets and four targets: users, devices, or two of each."""
    targets = [(DEVICE if number < 2 * kinds else USER, number) for number in range(4)]
    missing = frozenset((place % 3, *targets[place // 3]) for place in range(12) if bits >> place & 1)
    pairs = as_assignments((Asset(str(asset)), kind, f"T{number}") for asset, kind, number in missing)
    optimum = fewest_of_all(missing, limits, {})

    rectangles, at_least = cover(pairs, limits)

    assert at_least <= optimum <= sum(rectangle.requests(limits) for rectangle in rectangles)


REACHED = {"full": (10, 10), "5% held": (13, 51), "50% held": (14, 41), "twelve groups": (25, 98), "one app each": (40, 40), "twenty teams": (20, 20)}
"""Requests: at least, and reached. Fewer is better; more means that the search has become worse."""


@pytest.mark.parametrize("instance", list(reference_points()), ids=lambda instance: instance.name)
def test_reference_points(instance: Instance) -> None:
    rectangles, at_least = cover(instance.pairs, ROOMY)

    held: Set[Pair] = set()
    for rectangle in rectangles:
        pairs = pairs_of(rectangle)
        assert held.isdisjoint(pairs)
        held.update(pairs)
    assert as_assignments(held) == instance.pairs
    assert at_least >= REACHED[instance.name][0]
    assert sum(rectangle.requests(ROOMY) for rectangle in rectangles) <= REACHED[instance.name][1]
