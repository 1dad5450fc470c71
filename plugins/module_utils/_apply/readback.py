# Copyright (c) 2026, the mdmkit.apps_books authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reading back what a plan was to change, and only that: reading decides, not what an event says about itself."""

from __future__ import annotations

import abc
from typing import Callable, Dict, List, Mapping, Optional, Tuple

from ansible_collections.mdmkit.apps_books.plugins.module_utils._api.service import Service
from ansible_collections.mdmkit.apps_books.plugins.module_utils._model import Asset, AssetRecord, Targets
from ansible_collections.mdmkit.apps_books.plugins.module_utils._plan.pairs import PairStep, targets_of
from ansible_collections.mdmkit.apps_books.plugins.module_utils._plan.plan import DivisibleStep, Plan
from ansible_collections.mdmkit.apps_books.plugins.module_utils._state.assets import OwnedAssets
from ansible_collections.mdmkit.apps_books.plugins.module_utils._state.assignments import Question, read_assignments
from ansible_collections.mdmkit.apps_books.plugins.module_utils._state.snapshot import KnownAssignments
from ansible_collections.mdmkit.apps_books.plugins.module_utils._state.users import ActiveUsers


class ReadBack(abc.ABC):
    """Knows how to read what plans of one module change.

    :ivar gives_what_there_is: whether licences that are short are no failure
    """

    gives_what_there_is = False

    def begin(self) -> None:
        """What has been read so far is from before the next writes."""

    @abc.abstractmethod
    def remaining(self, sure: Plan, doubtful: Plan, witness: Plan, reading: int) -> Plan:
        """What of both parts is not done, read now.

        :param sure: what events say is done
        :param doubtful: what may be done or not
        :param witness: the little of ``sure`` that was written last
        :param reading: counts the readings since the writes, from 0
        """

    def affordable(self, step: DivisibleStep) -> DivisibleStep:
        """Of changes that failed for want of licences, those that shall be tried again with what licences there are now."""
        return step.without(step)


class UserReadBack(ReadBack):
    """:param present: the reading that the plan rests on; it is brought up to date"""

    def __init__(self, present: ActiveUsers) -> None:
        self._present = present

    def remaining(self, sure: Plan, doubtful: Plan, witness: Plan, reading: int) -> Plan:
        self._present.refresh()
        everything = sure.joined(doubtful)
        left = everything.remaining(self._present.by_id)
        if left.changed and reading == 0:
            self._present.look_up([change.key for step in left.steps for change in step.changes()])
            left = everything.remaining(self._present.by_id)
        return left


# To read so many targets one by one costs no more than to compare counts.
_FEW_TARGETS = 2
# The changes of so many fit on one page, so what is known is soon brought up to date.
_FEW_CHANGES = 1000
# The counts of assets get so many chances to show what events say, before every pair is read.
_READINGS_OF_COUNTS = 2

Affordable = Callable[[PairStep, Mapping[Asset, AssetRecord]], PairStep]


class AssignmentReadBack(ReadBack):
    """For what is surely done, two witnesses beside the event have to agree: how many are assigned of each asset, and what the last target
    that was written holds, since events become visible in their order. Where they do not, and for everything doubtful, each pair is read.

    :param owned: as read for the plan
    :param affordable: which of the pairs that failed for want of licences shall be tried again; None where none shall
    :param known: all assignments, where they can be brought up to date; then the next task finds them so
    """

    def __init__(
        self, service: Service, owned: OwnedAssets, affordable: Optional[Affordable] = None, known: Optional[KnownAssignments] = None
    ) -> None:
        self._service = service
        self._owned = owned
        self._known = known
        self._before: Mapping[Asset, AssetRecord] = owned.records
        self._now: Mapping[Asset, AssetRecord] = owned.records
        self._affordable = affordable
        self.gives_what_there_is = affordable is not None
        self._exact: Optional[Tuple[Dict[Asset, int], Plan]] = None

    def begin(self) -> None:
        self._before = self._now
        self._exact = None

    def remaining(self, sure: Plan, doubtful: Plan, witness: Plan, reading: int) -> Plan:
        everything = sure.joined(doubtful)
        if not everything.changed:
            return everything
        left = self._brought_up_to_date(everything)
        if left is not None:
            return left
        if _targets(everything).count <= _FEW_TARGETS:
            return self._read(everything)
        self._now = self._owned.read()
        left = self._read(doubtful)
        if not sure.changed or (self._counts_agree(everything.without(left)) and not self._read(witness).changed):
            return left
        if reading < _READINGS_OF_COUNTS:
            return sure.joined(left)
        counts = {asset: record.assigned_count for asset, record in self._now.items()}
        if self._exact is None or self._exact[0] != counts:
            self._exact = (counts, self._read(sure))
        return self._exact[1].joined(left)

    def affordable(self, step: DivisibleStep) -> DivisibleStep:
        if self._affordable is None or not isinstance(step, PairStep):
            return super().affordable(step)
        self._now = self._owned.read()
        return self._affordable(step, self._now)

    def _brought_up_to_date(self, plan: Plan) -> Optional[Plan]:
        if self._known is None or plan.count > _FEW_CHANGES:
            return None
        losers = _targets(plan, lambda step: step.kind != "associate")
        if not self._known.refresh(losers.users, losers.devices):
            self._known = None
            return None
        return plan.remaining(self._known.holdings.active)

    def _read(self, plan: Plan) -> Plan:
        if not plan.changed:
            return plan
        targets = _targets(plan)
        assets = None if targets.count <= _FEW_TARGETS else {asset for step in _pair_steps(plan) for asset in step.pairs}
        # Counts may lag behind the assignments themselves, so an asset that nobody seems to hold is asked about all the same.
        records = {asset: record._replace(assigned_count=max(record.assigned_count, 1)) for asset, record in self._now.items()}
        return plan.remaining(read_assignments(self._service, records, Question(assets, targets), all_assets=self._owned.complete).assignments)

    def _counts_agree(self, done: Plan) -> bool:
        expected = {asset: record.assigned_count for asset, record in self._before.items()}
        touched = set()
        for step in _pair_steps(done):
            for asset, targets in step.pairs.items():
                touched.add(asset)
                expected[asset] = expected.get(asset, 0) + (targets.count if step.kind == "associate" else -targets.count)
        return all(asset in self._now and self._now[asset].assigned_count == expected[asset] for asset in touched)


def _pair_steps(plan: Plan) -> List[PairStep]:
    return [step for step in plan.steps if isinstance(step, PairStep)]


def _targets(plan: Plan, chosen: Callable[[PairStep], bool] = lambda step: True) -> Targets:
    targets = Targets(set(), set())
    for step in filter(chosen, _pair_steps(plan)):
        of_step = targets_of(step.pairs)
        targets.users.update(of_step.users)
        targets.devices.update(of_step.devices)
    return targets
