# Copyright (c) 2026, the mdmkit.apps_books authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from decimal import Decimal
from random import Random
from typing import Any, Dict, List, Set, Tuple

import pytest
from ansible_collections.mdmkit.apps_books.plugins.module_utils._model import UNLIMITED_COUNT, Asset, AssetRecord, Limits, Targets
from ansible_collections.mdmkit.apps_books.plugins.module_utils._plan.assignments import (
    Difference,
    NotEnoughLicences,
    Shortage,
    compare,
    irrevocable_removals,
    plan_assignments,
)
from ansible_collections.mdmkit.apps_books.plugins.module_utils._plan.guards import Ceiling, TooManyRemovals, parse_ceiling
from ansible_collections.mdmkit.apps_books.tests.unit.support.draw import (
    ASSETS,
    DEVICES,
    MODES,
    PAIRS,
    TARGETS,
    USERS,
    Wish,
    examples,
    small_limits,
    wishes,
    worlds,
)
from ansible_collections.mdmkit.apps_books.tests.unit.support.world import DEVICE, USER, Owned, Pair, Refused, World, as_assignments, as_pairs
from hypothesis import event, given
from hypothesis import strategies as st

every_mode = pytest.mark.parametrize("state, purge", MODES)

A, B = ASSETS[0], ASSETS[2]
ROOMY = Limits(25, 1000, 1000, 100, 100, 100, 512, 100, 100, 255)


def within_reach(purge: str, wish: Wish) -> Set[Pair]:
    """What purge may take from: nothing else may hold the listed assets, the listed targets may hold nothing else, nothing else at all."""
    if purge == "assets":
        return {pair for pair in PAIRS if pair[0] in wish.assets}
    if purge == "targets":
        return {pair for pair in PAIRS if pair[1:] in wish.targets}
    return set(PAIRS) if purge == "location" else set()


def goal(state: str, purge: str, wish: Wish, held: Set[Pair]) -> Set[Pair]:
    """Who shall hold what afterwards."""
    wanted = set(wish.pairs)
    if state == "absent":
        return held - wanted
    return (held - within_reach(purge, wish)) | wanted


def scope(state: str, purge: str, wish: Wish) -> Set[Pair]:
    """The only pairs that the task may touch."""
    return set(wish.pairs) | (within_reach(purge, wish) if state == "present" else set())


def difference(world: World, wish: Wish, state: str, purge: str) -> Difference:
    return compare(wish.wanted(), wish.named(), world.assignments(), world.records(), state, purge)


def plan_for(world: World, wish: Wish, state: str, purge: str, **options: Any) -> Tuple[Any, List[Shortage]]:
    return plan_assignments(difference(world, wish, state, purge), world.records(), wish.in_order, **options)


@every_mode
@examples(50)
@given(world=worlds(), wish=wishes, limits=small_limits)
def test_carrying_out_the_requests_gives_exactly_the_wanted_state(state: str, purge: str, world: World, wish: Wish, limits: Limits) -> None:
    before = set(world.pairs)
    wanted = goal(state, purge, wish, before)
    plan, shortages = plan_for(world, wish, state, purge)

    requests = plan.requests(limits)
    world.carry_out(requests, limits)

    assert world.pairs == wanted
    assert shortages == []
    assert bool(requests) == plan.changed == (before != wanted)
    removed, added = sorted(before - wanted), sorted(wanted - before)
    touched = [pair for dummy, pair in world.done]
    assert sorted(touched) == sorted(removed + added), "every pair that changes comes once over all requests, and no other does"
    assert set(touched) <= scope(state, purge, wish)
    assert [kind for kind, dummy in world.done] == ["disassociate"] * len(removed) + ["associate"] * len(added)
    assert plan.counts() == {"disassociate": len(removed), "associate": len(added)}
    event(f"changes: {bool(touched)}")


@every_mode
@examples(25)
@given(world=worlds(), wish=wishes, limits=small_limits)
def test_planning_again_afterwards_gives_nothing(state: str, purge: str, world: World, wish: Wish, limits: Limits) -> None:
    world.carry_out(plan_for(world, wish, state, purge)[0].requests(limits), limits)

    again, shortages = plan_for(world, wish, state, purge)

    assert not again.changed
    assert again.requests(limits) == []
    assert list(again.told()) == []
    assert shortages == []


@every_mode
@examples(25)
@given(world=worlds(), wish=wishes)
def test_an_answer_that_is_complete_for_the_reach_is_enough(state: str, purge: str, world: World, wish: Wish) -> None:
    """What was read beyond it, or not read, makes no difference."""
    of_assets = {pair for pair in world.pairs if pair[0] in wish.assets}
    of_targets = {pair for pair in world.pairs if pair[1:] in wish.targets}
    views = {"assets": [of_assets], "targets": [of_targets], "location": [world.pairs], "none": [of_assets, of_targets]}[purge]
    whole = difference(world, wish, state, purge)

    for view in views:
        part = compare(wish.wanted(), wish.named(), as_assignments(view), world.records(), state, purge)
        assert (as_pairs(part.removals), as_pairs(part.additions), part.reached) == (as_pairs(whole.removals), as_pairs(whole.additions), whole.reached)


@every_mode
@examples(25)
@given(world=worlds(), wish=wishes, random=st.randoms(use_true_random=False))
def test_the_order_in_which_things_are_named_changes_no_request(state: str, purge: str, world: World, wish: Wish, random: Random) -> None:
    shuffled = Wish(random.sample(wish.assets, len(wish.assets)), wish.targets, random.sample(wish.pairs, len(wish.pairs)))

    assert plan_for(world, shuffled, state, purge)[0].requests(ROOMY) == plan_for(world, wish, state, purge)[0].requests(ROOMY)


@every_mode
@examples(50)
@given(world=worlds(restricted=True), wish=wishes, limits=small_limits)
def test_irrevocable_removals_are_exactly_those_that_the_service_refuses(state: str, purge: str, world: World, wish: Wish, limits: Limits) -> None:
    world.owned = {asset: owned._replace(device_assignable=True) for asset, owned in world.owned.items()}
    found = irrevocable_removals(difference(world, wish, state, purge), world.records())
    kept = {pair for pair in world.pairs - goal(state, purge, wish, world.pairs) if not world.owned[pair[0]].revocable}

    assert as_pairs(found) == kept
    requests = plan_for(world, wish, state, purge)[0].requests(limits)
    if kept:
        with pytest.raises(Refused, match="9706"):
            world.carry_out(requests, limits)
    else:
        world.carry_out(requests, limits)


@pytest.mark.parametrize("purge", ["none", "assets", "targets", "location"])
@examples(60)
@given(world=worlds(scarce=True), wish=wishes, limits=small_limits)
def test_partial_gives_exactly_what_there_is_first_come_first(purge: str, world: World, wish: Wish, limits: Limits) -> None:
    before = set(world.pairs)
    wanted = goal("present", purge, wish, before)
    plan, shortages = plan_for(world, wish, "present", purge, partial=True)

    world.carry_out(plan.requests(limits), limits)

    expected_shortages = []
    for asset, owned in sorted(world.owned.items()):
        queue = [pair for pair in dict.fromkeys(wish.pairs) if pair[0] == asset and pair not in before]
        stays = {pair for pair in before & wanted if pair[0] == asset}
        free = len(queue) if owned.total is None else owned.total - owned.retired - len(stays)
        assert {pair for pair in world.pairs if pair[0] == asset} == stays | set(queue[:free])
        if len(queue) > free:
            expected_shortages.append(Shortage(asset, len(queue), free))
    assert shortages == expected_shortages
    assert all(owned.total is None or world.holders(asset) + owned.retired <= owned.total for asset, owned in world.owned.items())
    event(f"short: {bool(shortages)}")


@pytest.mark.parametrize("purge", ["none", "assets", "targets", "location"])
@examples(40)
@given(world=worlds(scarce=True), wish=wishes, limits=small_limits)
def test_a_shortage_is_refused_as_a_whole_unless_partial_is_wanted(purge: str, world: World, wish: Wish, limits: Limits) -> None:
    short = {shortage.asset: shortage for shortage in plan_for(world, wish, "present", purge, partial=True)[1]}
    if not short:
        world.carry_out(plan_for(world, wish, "present", purge)[0].requests(limits), limits)
        assert world.pairs >= set(wish.pairs)
        return
    with pytest.raises(NotEnoughLicences) as caught:
        plan_for(world, wish, "present", purge)
    assert caught.value.shortages == [shortage for dummy, shortage in sorted(short.items())]
    for asset, shortage in short.items():
        assert f"{asset}: {shortage.needed} needed, {shortage.available} free" in caught.value.message


def test_licences_that_the_same_plan_frees_are_counted() -> None:
    world = World({A: Owned(2)}, [(A, USER, "u-1"), (A, DEVICE, "D1")])
    wish = Wish([A], {(USER, "u-2"), (USER, "u-3")}, [(A, USER, "u-2"), (A, USER, "u-3")])

    plan, shortages = plan_for(world, wish, "present", "assets")

    world.carry_out(plan.requests(ROOMY), ROOMY)
    assert (world.pairs, shortages) == ({(A, USER, "u-2"), (A, USER, "u-3")}, [])
    with pytest.raises(NotEnoughLicences):
        plan_for(World({A: Owned(2)}, [(A, USER, "u-1"), (A, DEVICE, "D1")]), wish, "present", "none")


def test_licences_freed_of_one_price_are_not_given_at_the_other() -> None:
    standard, plus = ASSETS[:2]
    world = World({standard: Owned(1), plus: Owned(1)}, [(plus, USER, "u-1"), (standard, USER, "u-1")])
    wish = Wish([plus, standard], {(USER, "u-2"), (USER, "u-1")}, [(plus, USER, "u-1"), (standard, USER, "u-1"), (plus, USER, "u-2")])

    with pytest.raises(NotEnoughLicences, match=r"1000000001 PLUS: 1 needed, 0 free\."):
        plan_for(world, wish, "present", "assets")


@pytest.mark.parametrize("total", [UNLIMITED_COUNT, None])
def test_an_unlimited_product_is_never_short(total: Any) -> None:
    record = AssetRecord(A, "App", True, True, (), 7, 0 if total is not None else None, 0 if total is not None else None, total)

    plan, shortages = plan_assignments(Difference({}, {A: Targets({"u-1", "u-2"}, {"D1"})}, 0, ""), {A: record}, lambda asset: ())

    assert (plan.counts()["associate"], shortages) == (3, [])


def test_retired_licences_are_not_free() -> None:
    world = World({A: Owned(3, retired=2)}, [])
    wish = Wish([A], {(USER, "u-1"), (USER, "u-2")}, [(A, USER, "u-1"), (A, USER, "u-2")])

    with pytest.raises(NotEnoughLicences, match="2 needed, 1 free"):
        plan_for(world, wish, "present", "none")


@every_mode
@examples(30)
@given(world=worlds(), wish=wishes, percent=st.integers(0, 100))
def test_the_ceiling_is_a_share_of_what_is_within_reach(state: str, purge: str, world: World, wish: Wish, percent: int) -> None:
    removals = len(world.pairs - goal(state, purge, wish, world.pairs))
    reach = {pair for pair in world.pairs if pair[0] in wish.assets} if state == "absent" else world.pairs & within_reach(purge, wish)
    ceiling = Ceiling(Decimal(percent), True)

    if removals <= 5 or removals * 100 <= percent * len(reach):
        assert plan_for(world, wish, state, purge, ceiling=ceiling)[0].counts()["disassociate"] == removals
    else:
        with pytest.raises(TooManyRemovals) as caught:
            plan_for(world, wish, state, purge, ceiling=ceiling)
        assert caught.value.details == {"removals": removals, "present": len(reach)}


def test_what_is_over_the_ceiling_is_told_with_names_and_numbers() -> None:
    world = World({A: Owned(100)}, [(A, USER, user) for user in USERS] + [(A, DEVICE, device) for device in DEVICES])
    wish = Wish([A], {(USER, "u-1")}, [(A, USER, "u-1")])

    with pytest.raises(TooManyRemovals) as caught:
        plan_for(world, wish, "present", "assets", ceiling=parse_ceiling("20%"))

    assert caught.value.message == (
        "9 of 10 assignments would be removed, but max_removals is 20%: 1000000001 STDQ of user both, 1000000001 STDQ of user u-2, "
        "1000000001 STDQ of user u-3, 1000000001 STDQ of user u-4, 1000000001 STDQ of device D1 and 4 more. Nothing was written."
    )
    assert caught.value.hint == "If that is meant, allow it with max_removals: 9."


@every_mode
@examples(30)
@given(world=worlds(), wish=wishes)
def test_diff_and_list_name_exactly_the_changed_objects(state: str, purge: str, world: World, wish: Wish) -> None:
    wanted = goal(state, purge, wish, world.pairs)
    plan = plan_for(world, wish, state, purge)[0]
    removed, added = world.pairs - wanted, wanted - world.pairs

    diff = plan.diff(1000)
    assert diff["before"] == {f"{asset} -> {kind} {target}": "assigned" for asset, kind, target in removed}
    assert diff["after"] == {f"{asset} -> {kind} {target}": "assigned" for asset, kind, target in added}

    listed = list(plan.told())
    member = {USER: "client_user_id", DEVICE: "serial_number"}
    assert sorted(((change["action"], change["adam_id"], change["pricing_param"]) + _target(change)) for change in listed) == sorted(
        [("disassociate", *asset, member[kind], target) for asset, kind, target in removed]
        + [("associate", *asset, member[kind], target) for asset, kind, target in added]
    )
    assert {change["why"] for change in listed if change["action"] == "associate"} <= {"not there"}
    assert {change["why"] for change in listed if change["action"] == "disassociate"} <= {
        "listed as absent" if state == "absent" else f"not listed, and purge is {purge}"
    }


@examples(30)
@given(world=worlds(), wish=wishes)
def test_changes_are_shown_in_the_order_of_asset_and_target(world: World, wish: Wish) -> None:
    """Whatever order things were named or read in."""

    def listed(backwards: bool) -> List[Dict[str, Any]]:
        wanted = as_assignments(sorted(set(wish.pairs), reverse=backwards))
        present = as_assignments(sorted(world.pairs, reverse=backwards))
        found = compare(wanted, wish.named(), present, world.records(), "present", "location")
        return list(plan_assignments(found, world.records(), wish.in_order)[0].told())

    assert listed(True) == listed(False)
    assert listed(True) == sorted(
        listed(True), key=lambda change: (change["action"] == "associate", change["adam_id"], change["pricing_param"], *_target(change))
    )


def _target(change: Dict[str, Any]) -> Tuple[str, str]:
    (member,) = {"client_user_id", "serial_number"} & set(change)
    return member, change[member]


@every_mode
@examples(25)
@given(world=worlds(), wish=wishes, most=st.integers(0, 12))
def test_a_diff_is_capped_and_the_rest_is_counted(state: str, purge: str, world: World, wish: Wish, most: int) -> None:
    plan = plan_for(world, wish, state, purge)[0]
    everything = list(plan.changes())

    diff = plan.diff(most)
    note = diff["after"].pop("...", None)
    assert note == (f"{len(everything) - most} more changed objects are not shown" if len(everything) > most else None)
    assert len(diff["before"]) + len(diff["after"]) == min(most, len(everything))


def test_targets_are_not_taken_for_each_other() -> None:
    """The same text may be a client_user_id and a serial number."""
    world = World({A: Owned(10)}, [(A, USER, "both")])
    wish = Wish([A], {(DEVICE, "both")}, [(A, DEVICE, "both")])

    plan = plan_for(world, wish, "present", "targets")[0]

    world.carry_out(plan.requests(ROOMY), ROOMY)
    assert world.pairs == {(A, USER, "both"), (A, DEVICE, "both")}


def test_an_asset_named_without_targets_loses_all_holders_under_purge_assets_only() -> None:
    pairs = [(A, USER, "u-1"), (B, USER, "u-1")]
    wish = Wish([A], set(), [])

    left = {}
    for purge in ("none", "assets", "targets", "location"):
        world = World({A: Owned(5), B: Owned(5)}, pairs)
        world.carry_out(plan_for(world, wish, "present", purge)[0].requests(ROOMY), ROOMY)
        left[purge] = world.pairs
    assert left == {"none": set(pairs), "assets": {(B, USER, "u-1")}, "targets": set(pairs), "location": set()}


def test_a_target_named_without_assets_loses_everything_under_purge_targets_only() -> None:
    pairs = [(A, USER, "u-1"), (B, USER, "u-2")]
    wish = Wish([], {(USER, "u-1")}, [])

    left = {}
    for purge in ("none", "assets", "targets", "location"):
        world = World({A: Owned(5), B: Owned(5)}, pairs)
        world.carry_out(plan_for(world, wish, "present", purge)[0].requests(ROOMY), ROOMY)
        left[purge] = world.pairs
    assert left == {"none": set(pairs), "assets": set(pairs), "targets": {(B, USER, "u-2")}, "location": set()}


def test_the_worked_figure_of_the_service_takes_ten_requests() -> None:
    """10,000 devices x 25 apps: 10 requests, and none in the second run."""
    assets = [Asset(str(2000000001 + number)) for number in range(25)]
    devices = {f"D{number:07d}" for number in range(10000)}
    wanted = {asset: Targets(set(), devices) for asset in assets}
    records = {asset: AssetRecord(asset, "App", True, True, (), 0, 10000, 0, 10000) for asset in assets}

    first = plan_assignments(compare(wanted, Targets(set(), devices), {}, records), records, lambda asset: ())[0]
    assert len(first.requests(ROOMY)) == 10
    assert first.counts()["associate"] == 250000
    second = plan_assignments(compare(wanted, Targets(set(), devices), wanted, records), records, lambda asset: ())[0]
    assert second.requests(ROOMY) == []


def test_every_target_is_in_the_drawn_worlds() -> None:
    """The properties above speak of all pairs only if there are pairs of every kind."""
    assert {(kind, target) for dummy, kind, target in PAIRS} == set(TARGETS)
    assert len(PAIRS) == len(ASSETS) * (len(USERS) + len(DEVICES))


def test_a_title_goes_with_the_changes_of_what_it_is_about_and_with_parts_of_them() -> None:
    titles = {(A, "D1", True): "Cart 1", (A, "D2", True): "Cart 2"}
    difference = Difference({A: Targets({"D1"}, {"D2"})}, {A: Targets(set(), {"D1"})}, 3, "listed as absent")
    records = {A: AssetRecord(A, "App", True, True, (), 0, 9, 0, 9)}
    plan, dummy = plan_assignments(difference, records, lambda asset: iter(()), title_of=lambda *what: titles.get(what))

    told = {(change["action"], change.get("serial_number"), change.get("title")) for change in plan.told()}
    assert told == {("disassociate", None, None), ("disassociate", "D2", "Cart 2"), ("associate", "D1", "Cart 1")}
    assert plan.diff(9) == {
        "before": {f"{A} -> user D1": "assigned", f"{A} -> device D2": "assigned (Cart 2)"}, "after": {f"{A} -> device D1": "assigned (Cart 1)"}
    }
    assert [change.get("title") for change in plan.joined(plan.empty()).told()] == [change.get("title") for change in plan.told()]
