# Copyright (c) 2026, the mdmkit.apps_books authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Targets that need the same assets stand in a group, and groups that have to do with each other on an island."""

from __future__ import annotations

from collections import defaultdict
from typing import DefaultDict, Dict, List, NamedTuple, Sequence, Tuple

from ansible_collections.mdmkit.apps_books.plugins.module_utils._model import Asset, Assignments, Limits


class Size(NamedTuple):
    """A number of users and of devices."""

    users: int
    devices: int

    def requests(self, limits: Limits) -> int:
        """How often a request must be sent that takes so many users and so many devices."""
        return max(-(-self.users // limits.client_user_ids), -(-self.devices // limits.serial_numbers))


class Group(NamedTuple):
    """All targets that need exactly these assets.

    :ivar assets: never empty, ascending
    :ivar users: sorted
    :ivar devices: sorted
    """

    assets: Tuple[Asset, ...]
    users: List[str]
    devices: List[str]

    @property
    def size(self) -> Size:
        return Size(len(self.users), len(self.devices))


Island = List[Group]
"""Groups that are joined by common assets, directly or by way of others, in the order of their assets.

No rectangle reaches from one island to another, so each can be thought about alone.
"""


def islands_of(pairs: Assignments) -> List[Island]:
    """In the order of their first assets."""
    return _joined(_groups_of(pairs))


def sizes_by_asset(island: Island) -> Dict[Asset, Size]:
    users: DefaultDict[Asset, int] = defaultdict(int)
    devices: DefaultDict[Asset, int] = defaultdict(int)
    for group in island:
        for asset in group.assets:
            users[asset] += len(group.users)
            devices[asset] += len(group.devices)
    return {asset: Size(users[asset], devices[asset]) for asset in sorted(users)}


def _groups_of(pairs: Assignments) -> List[Group]:
    groups: Dict[Tuple[Asset, ...], Group] = {}
    for kind in ("users", "devices"):
        needed: DefaultDict[str, List[Asset]] = defaultdict(list)
        for asset in sorted(pairs):
            for target in getattr(pairs[asset], kind):
                needed[target].append(asset)
        # Sets of texts have another order in each process.
        for target in sorted(needed):
            assets = tuple(needed[target])
            group = groups.get(assets)
            if group is None:
                group = groups[assets] = Group(assets, [], [])
            getattr(group, kind).append(target)
    return [groups[assets] for assets in sorted(groups)]


def _joined(groups: Sequence[Group]) -> List[Island]:
    above: Dict[Asset, Asset] = {}

    def first_of(asset: Asset) -> Asset:
        while above.setdefault(asset, asset) != asset:
            above[asset] = asset = above[above[asset]]
        return asset

    for group in groups:
        first = first_of(group.assets[0])
        for asset in group.assets[1:]:
            above[first_of(asset)] = first
    islands: Dict[Asset, Island] = {}
    for group in groups:
        islands.setdefault(first_of(group.assets[0]), []).append(group)
    return list(islands.values())
