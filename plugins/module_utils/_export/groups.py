# Copyright (c) 2026, the mdmkit.apps_books authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which sets of targets get a name, and which of them are made of others, so that little has to be written and nobody is listed many times."""

from __future__ import annotations

from collections import Counter
from typing import Dict, Iterable, List, Mapping, NamedTuple, Sequence, Set, Tuple

from ansible_collections.mdmkit.apps_books.plugins.module_utils._plan.bits import count_bits, numbers_in

FEW = 5
"""So many targets of one entry stand in it rather than in a group."""

# Of a group that is made of others, at most a quarter stands beside them. Otherwise its members are listed, even where they are in other lists, too:
# all devices, and those with one more app, are two lists for a person, not one list and what is left.
_MOST_BESIDE = 4
_MOST_COMPARED = 300
# A list for each asset, with nearly everybody in each, is short in words but nothing else than a list of pairs. So whoever is in more lists than these
# on average is paid for, a word for so many lines.
_LISTS_OF_EACH = 4
_LINES_OF_A_WORD = 25


class Telling(NamedTuple):
    """A set of rows told by sets that have a name, and by rows whose members are listed."""

    sets: Tuple[int, ...]
    rows: Tuple[int, ...]

    def words(self, sizes: Sequence[int]) -> int:
        """A long list is a file, and counts as little as a short one. Groups with others beside them take longer to be understood."""
        return len(self.sets) + min(_members(self.rows, sizes), FEW + 1) + (2 if self.sets and self.rows else 0)


class Arrangement(NamedTuple):
    """:ivar named: sets of rows that become groups
    :ivar unnamed: sets that are told where they are used
    :ivar words: how much has to be written of all that
    """

    named: Dict[int, Telling]
    unnamed: Dict[int, Telling]
    words: int


def arrange(uses: Mapping[int, int], sizes: Sequence[int]) -> Arrangement:
    """
    :param uses: sets of rows, as bits, and how many entries are about each
    :param sizes: how many targets there are in each row; more than 0 for those in the sets
    """
    shared = _shared_rows(uses, sizes)
    members = {rows: _members(numbers_in(rows), sizes) for rows in uses}
    parts_of_others = sorted((rows for rows in uses if count_bits(rows) > 1), key=lambda rows: (-members[rows], rows))[:_MOST_COMPARED]
    tellings = {rows: _telling(rows, parts_of_others, shared, sizes) for rows in uses}
    everybody = 0
    for rows in uses:
        everybody |= rows
    named = {part: tellings.get(part) or Telling((), tuple(numbers_in(part))) for telling in tellings.values() for part in telling.sets}
    unnamed: Dict[int, Telling] = {}
    for rows, telling in tellings.items():
        is_group = rows in named or (rows == everybody and telling.sets) or _deserves_a_name(uses[rows], telling, sizes)
        (named if is_group else unnamed)[rows] = telling
    written = sum(2 + telling.words(sizes) for telling in named.values()) + sum(uses[rows] for rows in named if rows in uses)
    written += sum(uses[rows] * telling.words(sizes) for rows, telling in unnamed.items())
    lines = sum(_members(telling.rows, sizes) for telling in named.values())
    needless = max(0, lines - _LISTS_OF_EACH * _members(numbers_in(everybody), sizes))
    return Arrangement(named, unnamed, written + needless // _LINES_OF_A_WORD)


def _deserves_a_name(uses: int, telling: Telling, sizes: Sequence[int]) -> bool:
    if uses > 1:
        return telling.words(sizes) > 2
    return _members(telling.rows, sizes) > FEW


def _shared_rows(uses: Mapping[int, int], sizes: Sequence[int]) -> Set[int]:
    """Rows whose members shall not be listed in each of the sets that they are in."""
    sets_of_row = Counter(row for rows in uses for row in numbers_in(rows))
    shared = {row for row, sets in sets_of_row.items() if (sizes[row] - 1) * (sets - 1) > 3}
    sets_themselves = {row for row in shared if 1 << row in uses}
    # Where everything overlaps with everything, there would be more groups than anybody could tell apart.
    return shared if len(shared) - len(sets_themselves) <= len(uses) else sets_themselves


def _telling(rows: int, others: Sequence[int], shared: Set[int], sizes: Sequence[int]) -> Telling:
    """By the largest parts that have nothing in common, then by single rows."""
    every_row = tuple(numbers_in(rows))
    if len(every_row) == 1:
        return Telling((), every_row)
    parts: List[int] = []
    rest = rows
    for other in others:
        if other != rows and not other & ~rest:
            parts.append(other)
            rest &= ~other
    beside = tuple(row for row in numbers_in(rest) if row not in shared)
    if _members(beside, sizes) * _MOST_BESIDE > _members(every_row, sizes):
        return Telling((), every_row)
    return Telling((*parts, *(1 << row for row in numbers_in(rest) if row in shared)), beside)


def _members(rows: Iterable[int], sizes: Sequence[int]) -> int:
    return sum(sizes[row] for row in rows)
