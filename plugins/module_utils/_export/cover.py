# Copyright (c) 2026, the mdmkit.apps_books authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who holds what, as blocks that a person would write: these apps for all of those.

Unlike a request, which has to hold every pair once, blocks may overlap. So what everybody holds is one block, and each further app another.
"""

from __future__ import annotations

import heapq
from typing import Dict, Iterator, List, NamedTuple, Sequence, Tuple

from ansible_collections.mdmkit.apps_books.plugins.module_utils._export.groups import FEW
from ansible_collections.mdmkit.apps_books.plugins.module_utils._plan.bits import count_bits, from_ranges
from ansible_collections.mdmkit.apps_books.plugins.module_utils._plan.islands import Island

MOST_SIGNATURES = 2000
"""With more of them, one block for each is nothing that anybody wants to read."""
LARGEST_CHOICE = 2 * 10 ** 7
"""In bits: so much is looked at for what could be a block, beside what holds each asset."""


class Block(NamedTuple):
    """:ivar assets: ascending numbers, those of the island's groups
    :ivar rows: the places of groups in the island, as bits
    """

    assets: Tuple[int, ...]
    rows: int


def coverings(island: Island) -> Iterator[List[Block]]:
    """Different ways of writing down the same, each of which holds every pair of the island and no other pair."""
    table = _Table(island)
    chosen = _chosen(table)
    yield table.in_assets(_without_needless(chosen, table, all_rows_stay=True))
    yield table.in_assets(_without_needless(chosen, table, all_rows_stay=False))
    if len(island) <= MOST_SIGNATURES:
        yield [Block(group.assets, 1 << row) for row, group in enumerate(island)]
    yield [Block(tuple(bundle), column) for bundle, column in zip(table.bundles, table.columns)]


_Choice = Tuple[Tuple[int, ...], int]
"""Bundles, by their numbers, for rows, as bits."""


class _Table:
    """Which group holds which assets.

    :ivar bundles: assets that are always held together
    :ivar columns: the rows that hold each bundle
    :ivar all_rows: as bits
    :ivar large_rows: those of more targets than would be listed in an entry
    """

    def __init__(self, island: Island) -> None:
        rows_of: Dict[int, List[int]] = {}
        for row, group in enumerate(island):
            for asset in group.assets:
                rows_of.setdefault(asset, []).append(row)
        bundles: Dict[int, List[int]] = {}
        for asset, rows in sorted(rows_of.items()):
            bundles.setdefault(from_ranges((range(row, row + 1) for row in rows), len(island)), []).append(asset)
        self.bundles = list(bundles.values())
        self.columns = list(bundles)
        self.all_rows = (1 << len(island)) - 1
        bundle_of = {asset: number for number, bundle in enumerate(self.bundles) for asset in bundle}
        self._held = [tuple(sorted({bundle_of[asset] for asset in group.assets})) for group in island]
        self._largest_first = sorted(range(len(island)), key=lambda row: -sum(island[row].size))
        self.large_rows = from_ranges((range(row, row + 1) for row, group in enumerate(island) if sum(group.size) > FEW), len(island))

    def choices(self) -> Iterator[_Choice]:
        """Blocks that cannot be made larger: those of the holders of each bundle, and those of what each of the largest groups holds.

        A few devices that lack an app shall not part what all others hold. So it is also looked at what the holders of each bundle hold but for those.
        """
        for rows in self.columns:
            yield tuple(number for number, column in enumerate(self.columns) if not rows & ~column), rows
        for rows in dict.fromkeys(column & self.large_rows for column in self.columns):
            if rows:
                yield self.held_by_all(tuple(number for number, column in enumerate(self.columns) if not rows & ~column))
        for row in self._largest_first[:LARGEST_CHOICE // len(self._held)]:
            yield self.held_by_all(self._held[row])

    def held_by_all(self, numbers: Tuple[int, ...]) -> _Choice:
        """These bundles, for all rows that hold all of them."""
        rows = self.columns[numbers[0]]
        for number in numbers[1:]:
            rows &= self.columns[number]
        return numbers, rows

    def in_assets(self, choices: Sequence[_Choice]) -> List[Block]:
        return [Block(tuple(sorted(asset for number in numbers for asset in self.bundles[number])), rows) for numbers, rows in choices]


def _chosen(table: _Table) -> List[_Choice]:
    """Blocks that hold everything, each the one that tells most in the fewest words of what those before it do not tell.

    The large rows come first, so that what a few targets hold beside that stands in blocks of its own.
    """
    choices = list(dict.fromkeys(table.choices()))
    missing = list(table.columns)
    return [choice for rows in (table.large_rows, table.all_rows) if rows for choice in _chosen_for(rows, choices, missing, table)]


def _chosen_for(about: int, choices: Sequence[_Choice], missing: List[int], table: _Table) -> Iterator[_Choice]:
    """
    :param about: rows of which nothing shall be left
    :param missing: the rows of each bundle that no block tells yet; what the chosen ones tell is taken away
    """
    queue = [(-_worth(choice, about, missing, table), place) for place, choice in enumerate(choices)]
    heapq.heapify(queue)
    while any(rows & about for rows in missing):
        dummy, place = heapq.heappop(queue)
        worth = _worth(choices[place], about, missing, table)
        if queue and -worth > queue[0][0]:
            if worth:
                heapq.heappush(queue, (-worth, place))
            continue
        numbers, rows = choices[place]
        choice = table.held_by_all(tuple(number for number in numbers if rows & about & missing[number]))
        yield choice
        for number in choice[0]:
            missing[number] &= ~choice[1]


def _worth(choice: _Choice, about: int, missing: Sequence[int], table: _Table) -> float:
    """How many pairs of asset and group the choice would add for each word that has to be written."""
    numbers, rows = choice
    pairs, assets, needed = 0, 0, 0
    for number in numbers:
        added = rows & about & missing[number]
        if added:
            pairs += len(table.bundles[number]) * count_bits(added)
            assets += len(table.bundles[number])
            needed |= added
    return pairs / (2 + assets + count_bits(needed))


def _without_needless(choices: Sequence[_Choice], table: _Table, all_rows_stay: bool) -> List[_Choice]:
    """The same blocks without what others of them tell, beginning with the last.

    :param all_rows_stay: whether a block for everybody stays one, so that the others can do without its assets
    """
    earlier: List[List[int]] = []
    told = [0] * len(table.columns)
    for numbers, rows in choices:
        earlier.append([told[number] for number in numbers])
        for number in numbers:
            told[number] |= rows
    later = [0] * len(table.columns)
    kept: Dict[int, List[int]] = {}
    for (numbers, rows), before in reversed(list(zip(choices, earlier))):
        only_here = [(number, rows & ~told_before & ~later[number]) for number, told_before in zip(numbers, before)]
        kept_numbers = [number for number, needed in only_here if needed]
        if not (all_rows_stay and rows == table.all_rows):
            rows = 0
            for dummy, needed in only_here:
                rows |= needed
        for number in kept_numbers:
            later[number] |= rows
            kept.setdefault(rows, []).append(number)
    return [(tuple(sorted(set(numbers))), rows) for rows, numbers in reversed(list(kept.items()))]
