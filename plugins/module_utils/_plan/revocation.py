# Copyright (c) 2026, the mdmkit.apps_books authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The plan for revocation: take back everything revocable from some targets."""

from __future__ import annotations

from typing import Mapping, NamedTuple, Optional, Sequence

from ansible_collections.mdmkit.apps_books.plugins.module_utils._model import Asset, AssetRecord, Assignments, Limits, Targets
from ansible_collections.mdmkit.apps_books.plugins.module_utils._plan.guards import Ceiling, check_removals
from ansible_collections.mdmkit.apps_books.plugins.module_utils._plan.pairs import PairStep, count_pairs, pair_names, targets_of
from ansible_collections.mdmkit.apps_books.plugins.module_utils._plan.plan import Batches, Plan, Request


class RevokeStep(PairStep):
    """The pairs that go; the requests name only the targets, since the service takes all that it can (README section 7)."""

    def batches(self, limits: Limits) -> Batches:
        targets = targets_of(self.pairs)
        request = Request(self.kind, users=tuple(sorted(targets.users)), devices=tuple(sorted(targets.devices)))
        return Batches.as_few_as_can_be(request.split(limits))


class RevocationPlan(NamedTuple):
    plan: Plan
    irrevocable: Assignments
    """What the targets will go on holding."""


def everybody_but(listed: Targets, users: bool, devices: bool, present: Assignments) -> Targets:
    """All holders who are not listed.

    :param users, devices: whether it is about them; of the others nobody is meant
    :param present: everything that is held
    """
    holders = targets_of(present)
    return Targets(holders.users - listed.users if users else set(), holders.devices - listed.devices if devices else set())


def plan_revocation(
    targets: Targets,
    present: Assignments,
    assets: Mapping[Asset, AssetRecord],
    ceiling: Optional[Ceiling] = None,
    why: str = "shall hold nothing revocable",
    kinds: Sequence[str] = (),
) -> RevocationPlan:
    """
    :param present: complete for the targets
    :param kinds: "users", "devices" or both, where everybody of a kind is meant but for some; then ``present`` is complete for the kind,
        and the ceiling holds for each by itself: a list of devices that was cut off must not hide behind many users
    :raises TooManyRemovals: more would go than the ceiling allows
    """
    revocable: Assignments = {}
    irrevocable: Assignments = {}
    for asset, holders in present.items():
        held = Targets(holders.users & targets.users, holders.devices & targets.devices)
        if held.count:
            (revocable if _is_revocable(asset, assets) else irrevocable)[asset] = held
    in_all = count_pairs(revocable)
    for kind in kinds:
        of_kind = _of_kind(kind, revocable)
        reach = count_pairs(_of_kind(kind, {asset: holders for asset, holders in present.items() if _is_revocable(asset, assets)}))
        check_removals(ceiling, count_pairs(of_kind), reach, f"assignments of {kind}", pair_names(of_kind), in_all)
    held_in_all = sum(record.assigned_count for record in assets.values())
    check_removals(ceiling, in_all, held_in_all, "assignments", pair_names(revocable))
    return RevocationPlan(Plan((RevokeStep("revoke", why, revocable),)), irrevocable)


def _is_revocable(asset: Asset, assets: Mapping[Asset, AssetRecord]) -> bool:
    # What is held but no longer listed among the assets cannot be judged; the service leaves irrevocable things alone.
    return asset not in assets or assets[asset].revocable


def _of_kind(kind: str, pairs: Assignments) -> Assignments:
    if kind == "users":
        return {asset: Targets(targets.users, set()) for asset, targets in pairs.items()}
    return {asset: Targets(set(), targets.devices) for asset, targets in pairs.items()}
