# Copyright (c) 2026, the mdmkit.apps_books authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from typing import Set, Tuple

from ansible_collections.mdmkit.apps_books.plugins.module_utils._model import Limits, Targets, User
from ansible_collections.mdmkit.apps_books.plugins.module_utils._plan.assignments import compare, plan_assignments
from ansible_collections.mdmkit.apps_books.plugins.module_utils._plan.assumption import Licences, without_targets
from ansible_collections.mdmkit.apps_books.plugins.module_utils._plan.revocation import plan_revocation
from ansible_collections.mdmkit.apps_books.plugins.module_utils._plan.users import UserWish, plan_users
from ansible_collections.mdmkit.apps_books.tests.unit.support.draw import ASSETS, TARGETS, USERS, Wish, examples, subset, wishes, worlds
from ansible_collections.mdmkit.apps_books.tests.unit.support.world import DEVICE, USER, World, as_pairs
from hypothesis import given
from hypothesis import strategies as st

ROOMY = Limits(25, 1000, 1000, 100, 100, 100, 512, 100, 100, 255)

target_sets = st.integers(0, 2 ** len(TARGETS) - 1).map(lambda bits: set(subset(TARGETS, bits)))


def named(targets: Set[Tuple[str, str]]) -> Targets:
    return Targets({target for kind, target in targets if kind == USER}, {target for kind, target in targets if kind == DEVICE})


def check(assumed: Licences, world: World) -> None:
    """What was assumed is what the service did."""
    assert as_pairs(assumed.assignments) == world.pairs
    for asset, record in world.records().items():
        told = assumed.assets[asset]
        # Nobody asks how many of an unlimited product are free.
        available = record.available_count if not record.unlimited else told.available_count
        assert told == record._replace(available_count=available)


@examples(80)
@given(world=worlds(restricted=True, scarce=True), targets=target_sets)
def test_what_is_assumed_of_a_revocation_is_what_the_service_does(world: World, targets: Set[Tuple[str, str]]) -> None:
    assumed = without_targets(world.assignments(), world.records(), named(targets))

    world.carry_out(plan_revocation(named(targets), world.assignments(), world.records()).plan.requests(ROOMY), ROOMY)

    check(assumed, world)


@examples(80)
@given(world=worlds(restricted=True, scarce=True), targets=target_sets)
def test_what_is_assumed_of_a_retirement_is_what_the_service_does(world: World, targets: Set[Tuple[str, str]]) -> None:
    """What is irrevocable stays used up, but nobody holds it any more."""
    retired = named(targets).users
    assumed = without_targets(world.assignments(), world.records(), Targets(retired, set()), retired)
    world.users = {user: User(user, None, "Registered") for user in USERS}

    world.carry_out(plan_users([UserWish(user) for user in sorted(retired)], world.users, state="absent").requests(ROOMY), ROOMY)

    check(assumed, world)


@examples(60)
@given(world=worlds(scarce=True), targets=target_sets, wish=wishes, purge=st.sampled_from(["none", "assets", "targets", "location"]))
def test_a_plan_on_the_assumption_is_the_plan_that_follows(world: World, targets: Set[Tuple[str, str]], wish: Wish, purge: str) -> None:
    """Check mode's second task shows what the second task of the real run does."""
    assignments, records = without_targets(world.assignments(), world.records(), named(targets))
    assumed = plan_assignments(compare(wish.wanted(), wish.named(), assignments, records, "present", purge), records, wish.in_order, partial=True)

    world.carry_out(plan_revocation(named(targets), world.assignments(), world.records()).plan.requests(ROOMY), ROOMY)
    real = plan_assignments(
        compare(wish.wanted(), wish.named(), world.assignments(), world.records(), "present", purge), world.records(), wish.in_order, partial=True
    )

    assert assumed[0].requests(ROOMY) == real[0].requests(ROOMY)
    assert assumed[1] == real[1]


def test_a_product_that_is_no_longer_listed_is_given_back_too() -> None:
    """Whether it is revocable cannot be known, as in a revocation itself."""
    held = {ASSETS[0]: Targets({"u-1", "u-2"}, {"D1"})}

    assert without_targets(held, {}, Targets({"u-1"}, {"D1"})) == ({ASSETS[0]: Targets({"u-2"}, set())}, {})


@examples(20)
@given(world=worlds(restricted=True), targets=target_sets)
def test_what_is_there_now_is_left_as_it_was(world: World, targets: Set[Tuple[str, str]]) -> None:
    assignments, records = world.assignments(), world.records()

    without_targets(assignments, records, named(targets))

    assert (assignments, records) == (world.assignments(), world.records())
