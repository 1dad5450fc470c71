# Copyright (c) 2026, the mdmkit.apps_books authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The plan for assignments: disassociate, then associate; what cannot be, and what there are not enough licences for."""

from __future__ import annotations

from typing import Any, Callable, Dict, Iterable, List, Mapping, NamedTuple, Optional, Tuple

from ansible_collections.mdmkit.apps_books.plugins.module_utils._model import AppsBooksError, Asset, AssetRecord, Assignments, Targets, TitleOf
from ansible_collections.mdmkit.apps_books.plugins.module_utils._plan.guards import Ceiling, check_removals
from ansible_collections.mdmkit.apps_books.plugins.module_utils._plan.pairs import (
    NOBODY,
    PairStep,
    both,
    count_pairs,
    minus,
    no_title,
    pair_names,
    without_empty,
)
from ansible_collections.mdmkit.apps_books.plugins.module_utils._plan.plan import Plan

_SHORTAGES_TOLD = 50

InOrder = Callable[[Asset], Iterable[Tuple[str, bool]]]
"""Who is wanted to have an asset, first come first: (id, whether it is a device)."""


class Shortage(NamedTuple):
    asset: Asset
    needed: int
    available: int
    """Those that are free now and those that the same plan frees."""

    def told(self) -> Dict[str, Any]:
        return {"adam_id": self.asset.adam_id, "pricing_param": self.asset.pricing_param, "needed": self.needed, "available": self.available}


class Difference(NamedTuple):
    """:ivar removals: held, but not wanted, and within reach
    :ivar additions: wanted, but not held
    :ivar reached: how many assignments there are within the reach of the task
    :ivar why: why the removals go
    """

    removals: Assignments
    additions: Assignments
    reached: int
    why: str


class NotEnoughLicences(AppsBooksError):
    """More licences are wanted than there are. Nothing has been written.

    :ivar shortages: of every short asset
    """

    def __init__(self, shortages: List[Shortage]) -> None:
        listed = "; ".join(f"{shortage.asset}: {shortage.needed} needed, {shortage.available} free" for shortage in shortages[:_SHORTAGES_TOLD])
        if len(shortages) > _SHORTAGES_TOLD:
            listed += f"; and {len(shortages) - _SHORTAGES_TOLD} more assets"
        super().__init__(
            f"There are not enough licences, nothing was written. {listed}.", "Buy or free licences, or give out what there is with on_shortage: partial."
        )
        self.shortages = shortages


def compare(
    wanted: Assignments,
    named: Targets,
    present: Assignments,
    assets: Mapping[Asset, AssetRecord],
    state: str = "present",
    purge: str = "none",
) -> Difference:
    """
    :param wanted: every named asset is a key
    :param named: every named target
    :param present: complete for what purge reaches, or for the wanted pairs
    :param state: ``present`` or ``absent``; purge goes with ``present`` only
    """
    if state == "absent":
        reached = sum(assets[asset].assigned_count for asset in wanted if asset in assets)
        return Difference(both(wanted, present), {}, reached, "listed as absent")
    reach = _reach(wanted, named, present, purge)
    return Difference(minus(reach, wanted), minus(wanted, present), count_pairs(reach), f"not listed, and purge is {purge}")


def plan_assignments(
    difference: Difference,
    assets: Mapping[Asset, AssetRecord],
    in_order: InOrder,
    partial: bool = False,
    ceiling: Optional[Ceiling] = None,
    title_of: TitleOf = no_title,
) -> Tuple[Plan, List[Shortage]]:
    """Removals first, so that the licences they free can be given to others.

    :param assets: holds every asset of the additions
    :param partial: give what there is where licences are short, instead of refusing
    :returns: the plan, and what there are not enough licences for
    :raises TooManyRemovals: more would go than the ceiling allows
    :raises NotEnoughLicences: naming every short asset
    """
    removals, additions = difference.removals, difference.additions
    check_removals(ceiling, count_pairs(removals), difference.reached, "assignments", pair_names(removals))
    shortages = find_shortages(removals, additions, assets)
    if shortages and not partial:
        raise NotEnoughLicences(shortages)
    given = _given(additions, shortages, in_order)
    return Plan((PairStep("disassociate", difference.why, removals, title_of), PairStep("associate", "not there", given, title_of))), shortages


def affordable(step: PairStep, assets: Mapping[Asset, AssetRecord], in_order: InOrder) -> Tuple[PairStep, List[Shortage]]:
    """Of pairs that could not be given for want of licences, those that there are licences for now, and what there still are not enough for."""
    shortages = find_shortages({}, step.pairs, assets)
    return PairStep(step.kind, step.why, _given(step.pairs, shortages, in_order), step.title_of), shortages


def irrevocable_removals(difference: Difference, assets: Mapping[Asset, AssetRecord]) -> Assignments:
    """Removals that the service would refuse (9706)."""
    return {asset: targets for asset, targets in difference.removals.items() if asset in assets and not assets[asset].revocable}


def _reach(wanted: Assignments, named: Targets, present: Assignments, purge: str) -> Assignments:
    """What is held within the reach of purge: the only things that it may take away."""
    if purge == "location":
        return present
    if purge == "targets":
        return both(dict.fromkeys(present, named), present)
    if purge == "assets":
        return {asset: targets for asset, targets in present.items() if asset in wanted}
    return {}


def find_shortages(removals: Assignments, additions: Assignments, assets: Mapping[Asset, AssetRecord]) -> List[Shortage]:
    """
    :param assets: holds every asset of the additions
    """
    shortages = []
    for asset in sorted(additions):
        record = assets[asset]
        if not record.unlimited:
            available = (record.available_count or 0) + removals.get(asset, NOBODY).count
            if additions[asset].count > available:
                shortages.append(Shortage(asset, additions[asset].count, available))
    return shortages


def _given(additions: Assignments, shortages: List[Shortage], in_order: InOrder) -> Assignments:
    given = dict(additions)
    for shortage in shortages:
        given[shortage.asset] = _first(additions[shortage.asset], in_order(shortage.asset), shortage.available)
    return without_empty(given)


def _first(targets: Targets, in_order: Iterable[Tuple[str, bool]], most: int) -> Targets:
    """As many of the targets as there are licences, in the order in which they are wanted."""
    chosen = Targets(set(), set())
    for target, is_device in in_order:
        if chosen.count >= most:
            break
        missing, taken = (targets.devices, chosen.devices) if is_device else (targets.users, chosen.users)
        if target in missing:
            taken.add(target)
    return chosen
