# Copyright (c) 2026, the mdmkit.apps_books authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Sorted arrays of target numbers: four bytes for each assignment.

The arrays are replaced and never changed in place, so a kept reference is a snapshot for free (see ``Library.frozen``).
"""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections.abc import Iterable, Sequence

TYPECODE = "I"


def holdings(numbers: Iterable[int] = ()) -> array[int]:
    """A new array; ``numbers`` must ascend."""
    return array(TYPECODE, numbers)


def holds(held: Sequence[int], number: int) -> bool:
    """Whether the number is in the array."""
    place = bisect_left(held, number)
    return place < len(held) and held[place] == number


def with_added(held: array[int], numbers: Sequence[int]) -> array[int]:
    """A copy with the (ascending, not yet held) numbers merged in. Slices are copied in C, so cost is bytes moved plus one step a number."""
    result = holdings()
    start = 0
    for number in numbers:
        place = bisect_left(held, number, start)
        result.extend(held[start:place])
        result.append(number)
        start = place
    result.extend(held[start:])
    return result


def without(held: array[int], numbers: Sequence[int]) -> array[int]:
    """A copy without the (ascending, held) numbers; the counterpart of `with_added`."""
    result = holdings()
    start = 0
    for number in numbers:
        place = bisect_left(held, number, start)
        result.extend(held[start:place])
        start = place + 1
    result.extend(held[start:])
    return result
