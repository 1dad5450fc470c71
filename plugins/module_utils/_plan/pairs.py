# Copyright (c) 2026, the mdmkit.apps_books authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Pairs of asset and target: counting, comparing, and the step that changes them. No result of this file has an asset with an empty set of targets."""

from __future__ import annotations

from typing import AbstractSet, Iterator, Optional, Sequence, Tuple

from ansible_collections.mdmkit.apps_books.plugins.module_utils._model import Asset, Assignments, Failure, Limits, Targets, TitleOf
from ansible_collections.mdmkit.apps_books.plugins.module_utils._plan.batches import cover
from ansible_collections.mdmkit.apps_books.plugins.module_utils._plan.plan import Batches, Change, DivisibleStep, Request

NOBODY = Targets(set(), set())


def count_pairs(pairs: Assignments) -> int:
    return sum(targets.count for targets in pairs.values())


def iterate_pairs(pairs: Assignments) -> Iterator[Tuple[Asset, str, str]]:
    """(asset, "client_user_id" or "serial_number", id), sorted."""
    for asset in sorted(pairs):
        for client_user_id in sorted(pairs[asset].users):
            yield asset, "client_user_id", client_user_id
        for serial_number in sorted(pairs[asset].devices):
            yield asset, "serial_number", serial_number


def pair_names(pairs: Assignments) -> Iterator[str]:
    """The pairs as a person calls them."""
    for asset, member, target in iterate_pairs(pairs):
        yield f"{asset} of {'user' if member == 'client_user_id' else 'device'} {target}"


def without_empty(pairs: Assignments) -> Assignments:
    return {asset: targets for asset, targets in pairs.items() if targets.count}


def minus(left: Assignments, right: Assignments) -> Assignments:
    """Where nothing is taken away, the sets are those of the left side."""
    result = {}
    for asset, targets in left.items():
        other = right.get(asset, NOBODY)
        result[asset] = Targets(targets.users - other.users, targets.devices - other.devices) if other.count else targets
    return without_empty(result)


def both(left: Assignments, right: Assignments) -> Assignments:
    result = {}
    for asset, targets in left.items():
        other = right.get(asset, NOBODY)
        result[asset] = Targets(targets.users & other.users, targets.devices & other.devices)
    return without_empty(result)


def targets_of(pairs: Assignments) -> Targets:
    """Every target that stands in a pair."""
    return Targets(set().union(*(targets.users for targets in pairs.values())), set().union(*(targets.devices for targets in pairs.values())))


def no_title(asset: Asset, target: str, is_device: bool) -> Optional[str]:
    """The title of an assignment to which nobody gave one."""
    return None


class PairStep(DivisibleStep):
    """
    :ivar pairs: what is given (kind ``associate``) or taken away (every other kind)
    :ivar title_of: what each of them is for
    """

    def __init__(self, kind: str, why: str, pairs: Assignments, title_of: TitleOf = no_title) -> None:
        self.kind = kind
        self.why = why
        self.pairs = pairs
        self.title_of = title_of

    @property
    def count(self) -> int:
        return count_pairs(self.pairs)

    def changes(self) -> Iterator[Change]:
        for asset, member, target in iterate_pairs(self.pairs):
            key = f"{asset} -> {'user' if member == 'client_user_id' else 'device'} {target}"
            told = {"adam_id": asset.adam_id, "pricing_param": asset.pricing_param, member: target}
            title = self.title_of(asset, target, member == "serial_number")
            if title:
                told["title"] = title
            held, free = f"assigned ({title})" if title else "assigned", None
            before, after = (free, held) if self.kind == "associate" else (held, free)
            yield Change(key, told, before, after)

    def batches(self, limits: Limits) -> Batches:
        rectangles, at_least = cover(self.pairs, limits)
        requests = (Request(self.kind, tuple(assets), tuple(users), tuple(devices)) for assets, users, devices in rectangles)
        return Batches([part for request in requests for part in request.split(limits)], at_least)

    def remaining(self, present: Assignments) -> PairStep:
        return self._with(minus(self.pairs, present) if self.kind == "associate" else both(self.pairs, present))

    def within(self, requests: Sequence[Request]) -> PairStep:
        found: Assignments = {}
        for request in (request for request in requests if request.kind == self.kind):
            users, devices = set(request.users), set(request.devices)
            # A revocation names no assets and reaches them all.
            for asset in request.assets or self.pairs:
                if asset in self.pairs:
                    _add(found, asset, self.pairs[asset].users & users, self.pairs[asset].devices & devices)
        return self._with(without_empty(found))

    def about(self, failure: Failure) -> PairStep:
        named = Targets(set(failure.client_user_ids), set(failure.serial_numbers))
        pairs = {asset: targets for asset, targets in self.pairs.items() if not failure.assets or asset in failure.assets}
        return self._with(both(pairs, dict.fromkeys(pairs, named)) if named.count else pairs)

    def without(self, other: DivisibleStep) -> PairStep:
        if other is self:
            return self._with({})
        return self._with(minus(self.pairs, other.pairs if isinstance(other, PairStep) else {}))

    def joined(self, other: DivisibleStep) -> PairStep:
        if not other.count or not self.count:
            return self._with(other.pairs if isinstance(other, PairStep) and other.count else self.pairs)
        pairs = {asset: Targets(set(targets.users), set(targets.devices)) for asset, targets in self.pairs.items()}
        for asset, targets in (other.pairs if isinstance(other, PairStep) else {}).items():
            _add(pairs, asset, targets.users, targets.devices)
        return self._with(pairs)

    def _with(self, pairs: Assignments) -> PairStep:
        return type(self)(self.kind, self.why, pairs, self.title_of)


def _add(pairs: Assignments, asset: Asset, users: AbstractSet[str], devices: AbstractSet[str]) -> None:
    targets = pairs.setdefault(asset, Targets(set(), set()))
    targets.users.update(users)
    targets.devices.update(devices)
