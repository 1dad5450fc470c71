# Copyright (c) 2026, the mdmkit.apps_books authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from typing import Set, Tuple

import pytest
from ansible_collections.mdmkit.apps_books.plugins.module_utils._model import Limits, Targets
from ansible_collections.mdmkit.apps_books.plugins.module_utils._plan.guards import TooManyRemovals, parse_ceiling
from ansible_collections.mdmkit.apps_books.plugins.module_utils._plan.revocation import everybody_but, plan_revocation
from ansible_collections.mdmkit.apps_books.tests.unit.support.draw import ASSETS, DEVICES, TARGETS, USERS, examples, small_limits, subset, worlds
from ansible_collections.mdmkit.apps_books.tests.unit.support.world import DEVICE, USER, Owned, World, as_assignments, as_pairs
from hypothesis import given
from hypothesis import strategies as st

A, B = ASSETS[0], ASSETS[2]
ROOMY = Limits(25, 1000, 1000, 100, 100, 100, 512, 100, 100, 255)

target_sets = st.integers(0, 2 ** len(TARGETS) - 1).map(lambda bits: set(subset(TARGETS, bits)))


def named(targets: Set[Tuple[str, str]]) -> Targets:
    return Targets({target for kind, target in targets if kind == USER}, {target for kind, target in targets if kind == DEVICE})


@examples(120)
@given(world=worlds(restricted=True), targets=target_sets, limits=small_limits, read_everything=st.booleans())
def test_the_targets_hold_nothing_revocable_afterwards(world: World, targets: Set[Tuple[str, str]], limits: Limits, read_everything: bool) -> None:
    before = set(world.pairs)
    goes = {pair for pair in before if pair[1:] in targets and world.owned[pair[0]].revocable}
    stays = {pair for pair in before if pair[1:] in targets and not world.owned[pair[0]].revocable}
    present = before if read_everything else {pair for pair in before if pair[1:] in targets}

    plan, irrevocable = plan_revocation(named(targets), as_assignments(present), world.records())
    requests = plan.requests(limits)
    world.carry_out(requests, limits)

    assert world.pairs == before - goes
    assert as_pairs(irrevocable) == stays
    assert sorted(world.done) == sorted(("revoke", pair) for pair in goes), "the plan shows what the service does"
    assert plan.counts() == {"revoke": len(goes)}
    assert plan.diff(1000) == {"before": {f"{asset} -> {kind} {target}": "assigned" for asset, kind, target in goes}, "after": {}}
    asked = [(USER, user) for request in requests for user in request.users] + [(DEVICE, device) for request in requests for device in request.devices]
    assert sorted(asked) == sorted({pair[1:] for pair in goes}), "no request names a target that loses nothing, and each is named once"


@examples(40)
@given(world=worlds(restricted=True), targets=target_sets, limits=small_limits)
def test_planning_again_afterwards_gives_nothing(world: World, targets: Set[Tuple[str, str]], limits: Limits) -> None:
    first = plan_revocation(named(targets), world.assignments(), world.records())
    world.carry_out(first.plan.requests(limits), limits)

    again = plan_revocation(named(targets), world.assignments(), world.records())

    assert (again.plan.changed, again.plan.requests(limits)) == (False, [])
    assert as_pairs(again.irrevocable) == as_pairs(first.irrevocable)


@examples(120)
@given(world=worlds(restricted=True), listed=target_sets, users=st.booleans(), devices=st.booleans(), limits=small_limits)
def test_everybody_but_those_listed_loses_what_can_be_taken_back(
    world: World, listed: Set[Tuple[str, str]], users: bool, devices: bool, limits: Limits
) -> None:
    before = set(world.pairs)
    meant = {USER: users, DEVICE: devices}
    stays = {pair for pair in before if pair[1:] in listed or not meant[pair[1]] or not world.owned[pair[0]].revocable}

    others = everybody_but(named(listed), users, devices, world.assignments())
    plan, irrevocable = plan_revocation(others, world.assignments(), world.records(), why="not listed in everybody_but")
    world.carry_out(plan.requests(limits), limits)

    assert world.pairs == stays
    assert as_pairs(irrevocable) == {pair for pair in stays if pair[1:] not in listed and meant[pair[1]]}
    assert plan.counts() == {"revoke": len(before - stays)}
    assert {change["why"] for change in plan.told()} <= {"not listed in everybody_but"}


def test_what_is_irrevocable_does_not_count_as_removal() -> None:
    world = World({A: Owned(50), B: Owned(50, revocable=False)}, [(asset, USER, user) for asset in (A, B) for user in USERS])

    plan, irrevocable = plan_revocation(Targets(set(USERS), set()), world.assignments(), world.records(), parse_ceiling("0"))

    assert plan.counts() == {"revoke": 5}
    assert as_pairs(irrevocable) == {(B, USER, user) for user in USERS}


def test_the_ceiling_is_a_share_of_all_assignments() -> None:
    world = World({A: Owned(50), B: Owned(50)}, [(asset, kind, target) for asset in (A, B) for kind, target in TARGETS])
    targets = Targets(set(), set(DEVICES[:4]))

    assert plan_revocation(targets, world.assignments(), world.records(), parse_ceiling("40%")).plan.counts() == {"revoke": 8}
    with pytest.raises(TooManyRemovals, match="8 of 20 assignments would be removed, but max_removals is 39%"):
        plan_revocation(targets, world.assignments(), world.records(), parse_ceiling("39%"))


def test_where_all_of_a_kind_are_meant_the_ceiling_is_a_share_of_that_kind() -> None:
    """A list of devices that was cut off must not hide behind many users, nor behind what can never be taken back."""
    users = [(A, USER, f"u-{number}") for number in range(95)]
    devices = [(asset, DEVICE, f"D{number}") for asset in (A, B) for number in range(10)]
    world = World({A: Owned(500), B: Owned(500, revocable=False)}, users + devices)
    targets = everybody_but(Targets(set(), {"D0"}), False, True, world.assignments())

    def planned(ceiling: str, *kinds: str) -> int:
        return plan_revocation(targets, world.assignments(), world.records(), parse_ceiling(ceiling), kinds=kinds).plan.counts()["revoke"]

    assert planned("20%") == planned("9", "devices") == planned("90%", "users", "devices") == 9
    with pytest.raises(TooManyRemovals, match="9 of 10 assignments of devices would be removed, but max_removals is 20%"):
        planned("20%", "users", "devices")


def test_a_product_that_is_no_longer_listed_is_left_to_the_service() -> None:
    """Whether it is revocable cannot be known; the service leaves alone what it cannot take back."""
    plan, irrevocable = plan_revocation(Targets({"u-1"}, set()), as_assignments({(A, USER, "u-1")}), {})

    (request,) = plan.requests(ROOMY)
    assert (request.kind, request.users, request.devices, irrevocable) == ("revoke", ("u-1",), (), {})
