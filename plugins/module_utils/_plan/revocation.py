# Copyright (c) 2026, the mdmkit.apps_books authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The plan for revocation: take back everything revocable from some targets."""

from __future__ import annotations

from typing import Mapping, NamedTuple, Optional

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
) -> RevocationPlan:
    """
    :param present: complete for the targets
    :raises TooManyRemovals: more would go than the ceiling allows
    """
    revocable: Assignments = {}
    irrevocable: Assignments = {}
    for asset, holders in present.items():
        held = Targets(holders.users & targets.users, holders.devices & targets.devices)
        if held.count:
            # What is held but no longer listed among the assets cannot be judged; the service leaves irrevocable things alone.
            (revocable if asset not in assets or assets[asset].revocable else irrevocable)[asset] = held
    held_in_all = sum(record.assigned_count for record in assets.values())
    check_removals(ceiling, count_pairs(revocable), held_in_all, "assignments", pair_names(revocable))
    return RevocationPlan(Plan((RevokeStep("revoke", why, revocable),)), irrevocable)
