# Copyright (c) 2026, the mdmkit.apps_books authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who holds what, as groups and entries of a location's files: as short as a person would write it, and the same for the same pairs."""

from __future__ import annotations

from collections import Counter
from typing import Dict, Iterable, List, NamedTuple, Sequence, Tuple

from ansible_collections.mdmkit.apps_books.plugins.module_utils._export.cover import Block, coverings
from ansible_collections.mdmkit.apps_books.plugins.module_utils._export.groups import Arrangement, arrange
from ansible_collections.mdmkit.apps_books.plugins.module_utils._model import Asset, Assignments
from ansible_collections.mdmkit.apps_books.plugins.module_utils._plan.bits import from_ranges, numbers_in
from ansible_collections.mdmkit.apps_books.plugins.module_utils._plan.islands import Island, islands_of

KINDS = ("users", "devices")


class NamedGroup(NamedTuple):
    """Users or devices under one name.

    :ivar kind: ``users`` or ``devices``
    :ivar groups: names of groups of the same kind, whose members belong to it too
    :ivar members: the others, sorted
    :ivar count: of all of them
    """

    name: str
    kind: str
    groups: List[str]
    members: List[str]
    count: int


class Entry(NamedTuple):
    """Every one of the assets for every one of the targets.

    :ivar groups: names
    :ivar count: of all targets, those of the groups included
    """

    assets: List[Asset]
    groups: List[str]
    users: List[str]
    devices: List[str]
    count: int


class Shape(NamedTuple):
    """:ivar groups: users first, then devices, each kind with the largest first
    :ivar entries: those with the most targets first
    """

    groups: List[NamedGroup]
    entries: List[Entry]


def shape_of(pairs: Assignments, active_users: int) -> Shape:
    """
    :param active_users: how many there are, those that hold nothing included
    """
    assets = sorted(pairs)
    drafts = [_best(island) for island in islands_of(pairs)]
    devices = sum(len(group.devices) for draft in drafts for group in draft.island)
    names = _names(drafts, {"users": active_users, "devices": devices})
    groups = []
    for (place, kind, rows), name in names.items():
        draft = drafts[place]
        telling = draft.arrangements[kind].named[rows]
        parts = _in_order(names[place, kind, part] for part in telling.sets)
        groups.append(NamedGroup(name, kind, parts, draft.members(kind, telling.rows), draft.count(kind, rows)))
    entries = []
    for place, draft in enumerate(drafts):
        for block in draft.blocks:
            told = {kind: _told(draft, kind, block.rows, place, names) for kind in KINDS}
            entries.append(
                Entry(
                    [assets[number] for number in block.assets],
                    [name for kind in KINDS for name in _in_order(told[kind][0])],
                    told["users"][1],
                    told["devices"][1],
                    sum(draft.count(kind, block.rows) for kind in KINDS),
                )
            )
    return Shape(groups, sorted(entries, key=lambda entry: (-entry.count, entry.assets)))


_Names = Dict[Tuple[int, str, int], str]
"""By the place of the island, the kind and the rows."""


class _Draft(NamedTuple):
    """:ivar having: the rows of the island that have targets of each kind"""

    island: Island
    having: Dict[str, int]
    blocks: List[Block]
    arrangements: Dict[str, Arrangement]

    @property
    def words(self) -> int:
        """How much has to be written."""
        return sum(2 + len(block.assets) for block in self.blocks) + sum(arrangement.words for arrangement in self.arrangements.values())

    def members(self, kind: str, rows: Sequence[int]) -> List[str]:
        return sorted(member for row in rows for member in getattr(self.island[row], kind))

    def count(self, kind: str, rows: int) -> int:
        return sum(len(getattr(self.island[row], kind)) for row in numbers_in(rows))


def _best(island: Island) -> _Draft:
    """The one that takes least to be written."""
    sizes = {kind: [len(getattr(group, kind)) for group in island] for kind in KINDS}
    having = {kind: from_ranges((range(row, row + 1) for row, size in enumerate(sizes[kind]) if size), len(island)) for kind in KINDS}
    drafts = []
    for blocks in coverings(island):
        uses = {kind: Counter(block.rows & having[kind] for block in blocks if block.rows & having[kind]) for kind in KINDS}
        drafts.append(_Draft(island, having, blocks, {kind: arrange(uses[kind], sizes[kind]) for kind in KINDS}))
    return min(drafts, key=lambda draft: draft.words)


def _names(drafts: Sequence[_Draft], totals: Dict[str, int]) -> _Names:
    """Numbers, the largest group first, but for a group of everybody."""
    names: _Names = {}
    for kind in KINDS:
        keys = [(-draft.count(kind, rows), place, rows) for place, draft in enumerate(drafts) for rows in draft.arrangements[kind].named]
        number = 0
        for count, place, rows in sorted(keys):
            if -count == totals[kind]:
                names[place, kind, rows] = f"all-{kind}"
            else:
                number += 1
                names[place, kind, rows] = f"{kind}-{number}"
    return names


def _in_order(names: Iterable[str]) -> List[str]:
    """Not devices-10 before devices-2."""
    return sorted(names, key=lambda name: (len(name), name))


def _told(draft: _Draft, kind: str, rows: int, place: int, names: _Names) -> Tuple[List[str], List[str]]:
    """The names of groups, and the targets that are in none of them."""
    rows &= draft.having[kind]
    if not rows:
        return [], []
    if (place, kind, rows) in names:
        return [names[place, kind, rows]], []
    telling = draft.arrangements[kind].unnamed[rows]
    return [names[place, kind, part] for part in telling.sets], draft.members(kind, telling.rows)
