# Copyright (c) 2026, the mdmkit.apps_books authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Covering pairs of asset and target exactly by rectangles: every asset of a rectangle is given to every target of it.

A request holds a rectangle of some assets, users and devices. As few requests as possible are wanted that hold every pair once and no other pair. The pairs
fall into islands that have nothing to do with each other (``islands``). For each of them the better of two ways is taken: group by group, a group being all
targets that need the same assets; and what a search finds (``search``), which starts with asset by asset. Asset by asset is also what is done with an island
too large to be written down as a sheet (``sheet``).

``bounds`` tells how many requests there must be at least. Where a way takes so few, no other one is tried.
"""

from __future__ import annotations

from collections import defaultdict
from typing import DefaultDict, List, NamedTuple, Sequence

from ansible_collections.mdmkit.apps_books.plugins.module_utils._model import Asset, Assignments, Limits
from ansible_collections.mdmkit.apps_books.plugins.module_utils._plan.bounds import fewest_for
from ansible_collections.mdmkit.apps_books.plugins.module_utils._plan.islands import Island, Size, islands_of
from ansible_collections.mdmkit.apps_books.plugins.module_utils._plan.search import Effort, search
from ansible_collections.mdmkit.apps_books.plugins.module_utils._plan.sheet import Sheet

ALL_EFFORT = 20 * 10 ** 9
"""About three seconds."""
LARGEST_SHEET = 4 * 10 ** 8
"""In bits: 50 MB."""


class Rectangle(NamedTuple):
    """Of any size; a request that holds it may have to be split to keep the limits."""

    assets: List[Asset]
    users: List[str]
    devices: List[str]

    def requests(self, limits: Limits) -> int:
        return -(-len(self.assets) // limits.assets) * Size(len(self.users), len(self.devices)).requests(limits)


class Cover(NamedTuple):
    """Rectangles that hold every pair once and no other pair.

    :ivar requests_at_least: how many requests the pairs take however they are covered; nobody knows whether so few suffice
    """

    rectangles: List[Rectangle]
    requests_at_least: int


def cover(pairs: Assignments, limits: Limits) -> Cover:
    """Cover the pairs so that few requests come of it.

    The same pairs always give the same rectangles. Never more requests than asset by asset, and never more than group by group.
    """
    islands = islands_of(pairs)
    weights = [sum(len(group.assets) * sum(group.size) for group in island) for island in islands]
    assets = sorted(pairs)
    covers = [_cover_island(island, assets, limits, Effort(ALL_EFFORT * weight // sum(weights))) for island, weight in zip(islands, weights)]
    return Cover([rectangle for each in covers for rectangle in each.rectangles], sum(each.requests_at_least for each in covers))


def _cover_island(island: Island, assets: Sequence[Asset], limits: Limits, effort: Effort) -> Cover:
    by_group = [Rectangle([assets[number] for number in group.assets], group.users, group.devices) for group in island]
    enough = fewest_for(island, limits)
    if _requests(by_group, limits) == enough:
        return Cover(by_group, enough)
    width = len({number for group in island for number in group.assets})
    height = sum(sum(group.size) for group in island)
    other = _by_asset(by_group) if width * height > LARGEST_SHEET else _by_search(Sheet(island, limits), assets, enough, effort)
    return Cover(min(by_group, other, key=lambda rectangles: _requests(rectangles, limits)), enough)


def _by_search(sheet: Sheet, assets: Sequence[Asset], enough: int, effort: Effort) -> List[Rectangle]:
    contents = (sheet.contents(block) for block in search(sheet, enough, effort).blocks)
    return [Rectangle([assets[number] for number in numbers], users, devices) for numbers, users, devices in contents]


def _requests(rectangles: List[Rectangle], limits: Limits) -> int:
    return sum(rectangle.requests(limits) for rectangle in rectangles)


def _by_asset(rectangles: List[Rectangle]) -> List[Rectangle]:
    """The same pairs, differently."""
    users: DefaultDict[Asset, List[str]] = defaultdict(list)
    devices: DefaultDict[Asset, List[str]] = defaultdict(list)
    for rectangle in rectangles:
        for asset in rectangle.assets:
            users[asset] += rectangle.users
            devices[asset] += rectangle.devices
    return [Rectangle([asset], sorted(users[asset]), sorted(devices[asset])) for asset in sorted(users)]
