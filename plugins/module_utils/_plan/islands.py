# Copyright (c) 2026, the mdmkit.apps_books authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Targets that need the same assets stand in a group, and groups that have to do with each other on an island."""

from __future__ import annotations

from collections import defaultdict
from typing import DefaultDict, Dict, List, NamedTuple, Sequence, Tuple

from ansible_collections.mdmkit.apps_books.plugins.module_utils._model import Assignments, Limits
from ansible_collections.mdmkit.apps_books.plugins.module_utils._plan.bits import numbers_in


class Size(NamedTuple):
    """A number of users and of devices."""

    users: int
    devices: int

    def requests(self, limits: Limits) -> int:
        """How often a request must be sent that takes so many users and so many devices."""
        return max(-(-self.users // limits.client_user_ids), -(-self.devices // limits.serial_numbers))


class Group(NamedTuple):
    """All targets that need exactly these assets.

    :ivar assets: never empty, ascending; numbers, of places among the sorted assets of all pairs, since these are compared very often
    :ivar users: sorted
    :ivar devices: sorted
    """

    assets: Tuple[int, ...]
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


def sizes_by_asset(island: Island) -> Dict[int, Size]:
    users: DefaultDict[int, int] = defaultdict(int)
    devices: DefaultDict[int, int] = defaultdict(int)
    for assets, group_users, group_devices in island:
        more_users, more_devices = len(group_users), len(group_devices)
        for asset in assets:
            users[asset] += more_users
            devices[asset] += more_devices
    return {asset: Size(users[asset], devices[asset]) for asset in sorted(users)}


def _groups_of(pairs: Assignments) -> List[Group]:
    groups: Dict[int, Group] = {}
    for kind in ("users", "devices"):
        # The assets of a target as bits of an int: a list for each of a million targets would keep the garbage collector busy for seconds.
        needed: Dict[str, int] = {}
        for number, asset in enumerate(sorted(pairs)):
            bit = 1 << number
            for target in getattr(pairs[asset], kind):
                needed[target] = needed.get(target, 0) | bit
        # Sets of texts have another order in each process.
        for target in sorted(needed):
            assets = needed[target]
            group = groups.get(assets)
            if group is None:
                group = groups[assets] = Group(tuple(numbers_in(assets)), [], [])
            getattr(group, kind).append(target)
    return sorted(groups.values(), key=lambda group: group.assets)


def _joined(groups: Sequence[Group]) -> List[Island]:
    above: Dict[int, int] = {}

    def first_of(asset: int) -> int:
        while above.setdefault(asset, asset) != asset:
            above[asset] = asset = above[above[asset]]
        return asset

    for group in groups:
        first = first_of(group.assets[0])
        for asset in group.assets[1:]:
            above[first_of(asset)] = first
    islands: Dict[int, Island] = {}
    for group in groups:
        islands.setdefault(first_of(group.assets[0]), []).append(group)
    return list(islands.values())
