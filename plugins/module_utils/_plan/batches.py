# Copyright (c) 2026, the mdmkit.apps_books authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Covering pairs of asset and target exactly by rectangles: every asset of a rectangle is given to every target of it."""

from __future__ import annotations

import math
from typing import Dict, FrozenSet, List, NamedTuple

from ansible_collections.mdmkit.apps_books.plugins.module_utils._model import Asset, Assignments, Limits


class Rectangle(NamedTuple):
    """Of any size; a request that holds it may have to be split to keep the limits."""

    assets: List[Asset]
    users: List[str]
    devices: List[str]

    def requests(self, limits: Limits) -> int:
        rows = max(math.ceil(len(self.users) / limits.client_user_ids), math.ceil(len(self.devices) / limits.serial_numbers))
        return math.ceil(len(self.assets) / limits.assets) * rows


def cover(pairs: Assignments, limits: Limits) -> List[Rectangle]:
    """Rectangles that hold every pair once and no other pair, chosen so that few requests come of them.

    The same pairs always give the same rectangles.
    """
    ways = (_by_asset(pairs), _by_signature(pairs))
    return min(ways, key=lambda rectangles: sum(rectangle.requests(limits) for rectangle in rectangles))


def _by_asset(pairs: Assignments) -> List[Rectangle]:
    return [Rectangle([asset], sorted(pairs[asset].users), sorted(pairs[asset].devices)) for asset in sorted(pairs)]


def _by_signature(pairs: Assignments) -> List[Rectangle]:
    """Targets that need the same set of assets stand together."""
    rectangles: Dict[FrozenSet[Asset], Rectangle] = {}
    for kind in ("users", "devices"):
        needed: Dict[str, List[Asset]] = {}
        for asset in sorted(pairs):
            for target in getattr(pairs[asset], kind):
                needed.setdefault(target, []).append(asset)
        for target in sorted(needed):
            signature = frozenset(needed[target])
            rectangle = rectangles.get(signature)
            if rectangle is None:
                rectangle = rectangles[signature] = Rectangle(needed[target], [], [])
            getattr(rectangle, kind).append(target)
    return list(rectangles.values())
