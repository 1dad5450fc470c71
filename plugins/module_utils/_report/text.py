# Copyright (c) 2026, the mdmkit.apps_books authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Text of others on its way into a page, and what of a long list fits into little space."""

from __future__ import annotations

import re
import unicodedata
from typing import Any, Iterable, List, Match, Sequence

_LONGEST_CELL = 160

# Arabic, Persian and the scripts of India need these two for their letters; they turn nothing around.
_JOINERS = "\u200c\u200d"
_NOT_ASCII = re.compile("[^ -~]")


def _escaped(match: Match[str]) -> str:
    character = match.group()
    code = ord(character)
    no_character = code & 0xFFFE == 0xFFFE or 0xFDD0 <= code <= 0xFDEF
    if character not in _JOINERS and (no_character or unicodedata.category(character) in ("Cc", "Cf", "Cs", "Zl", "Zp")):
        return f"\\U{code:08x}" if code > 0xFFFF else f"\\u{code:04x}"
    return character


def visible(text: str) -> str:
    """A text on one line, in which nothing hides: line ends, control characters, halves of characters, and what turns the direction of writing
    around stand there as Python writes them."""
    return _NOT_ASCII.sub(_escaped, text)


def clipped(text: str, most: int = _LONGEST_CELL) -> str:
    """The same, short enough for the cell of a table."""
    return visible(text if len(text) <= most else text[: most - 1] + "\u2026")


def number(value: int) -> str:
    """A number with a comma at the thousands."""
    return f"{value:,}"


def counted(count: int, one: str, many: str) -> str:
    """A count with its noun."""
    return f"{number(count)} {one if count == 1 else many}"


def shown(value: Any) -> str:
    """A value of a report as a person reads it; nothing for None."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int):
        return number(value)
    if isinstance(value, (list, tuple)):
        return clipped(", ".join(value))
    return clipped(value)


def fair_shares(sizes: Sequence[int], space: int) -> List[int]:
    """How much of each of several things fits when all of them share a space: all of the small ones, the same of each large one.

    The shares add up to the space, or to all the sizes where these are less. What cannot be shared evenly goes to the first ones.
    """
    shares = [0] * len(sizes)
    order = sorted(range(len(sizes)), key=lambda index: sizes[index])
    for position, index in enumerate(order):
        # Rounding up gives the first of equals the rest.
        shares[index] = min(sizes[index], -(-space // (len(order) - position)))
        space -= shares[index]
    return shares


def fitting(sizes: Iterable[int], space: int) -> int:
    """How many of several things fit into a space, taken in order."""
    count = 0
    for size in sizes:
        space -= size
        if space < 0:
            break
        count += 1
    return count


def sharing(lists: Sequence[Sequence[str]], space: int) -> List[List[str]]:
    """The first pieces of each of several lists, so that all of them fit into a space: fair shares, and what is then left to the first lists."""
    sizes = [[len(piece) for piece in pieces] for pieces in lists]
    counts = [fitting(some, share) for some, share in zip(sizes, fair_shares([sum(some) for some in sizes], space))]
    left = space - sum(sum(some[:count]) for some, count in zip(sizes, counts))
    for index, some in enumerate(sizes):
        more = fitting(some[counts[index]:], left)
        left -= sum(some[counts[index]: counts[index] + more])
        counts[index] += more
    return [list(pieces[:count]) for pieces, count in zip(lists, counts)]
