# Copyright (c) 2026, the mdmkit.apps_books authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What keeps a plan from doing more than somebody meant."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Iterable, NamedTuple, Optional, Tuple

from ansible_collections.mdmkit.apps_books.plugins.module_utils._model import AppsBooksError, InputError

ALWAYS_ALLOWED = 5
"""So many removals pass under every ceiling."""

_AMOUNT = re.compile(r"\s*([0-9]+(?:\.[0-9]+)?)\s*(%?)\s*\Z")
_NAMED = 5
_LONGEST_NAME = 120


class Ceiling(NamedTuple):
    """A limit for removals: a number, or percent of what is there now."""

    value: Decimal
    percent: bool

    def allows(self, removals: int, of: int) -> bool:
        if not self.percent:
            return removals <= max(self.value, ALWAYS_ALLOWED)
        return removals <= ALWAYS_ALLOWED or removals * 100 <= self.value * of

    def __str__(self) -> str:
        return f"{self.value.normalize():f}" + ("%" if self.percent else "")


class Threshold(NamedTuple):
    """What is running low: a number, or percent of all."""

    value: Decimal
    percent: bool

    def is_above(self, left: int, of: int) -> bool:
        return left * 100 < self.value * of if self.percent else left < self.value


class TooManyRemovals(AppsBooksError):
    """The plan takes away more than max_removals allows. Nothing has been written."""


def check_not_empty(wanted: int, purge: bool, allow_empty: bool, what: str) -> None:
    """An empty file must not empty a school.

    :param wanted: how much is wanted
    :param what: what is wanted, in the plural
    :raises InputError: nothing is wanted, and so purge would leave nothing
    """
    if purge and not wanted and not allow_empty:
        raise InputError([f"there are no {what} in the input, so purge would leave none; if that is meant, set allow_empty: true"])


def check_purge(purge: bool, state: str) -> None:
    """
    :raises InputError: what is to be absent says nothing about the rest
    """
    if purge and state == "absent":
        raise InputError(["purge goes with state: present only"])


def some_of(names: Iterable[str], count: int) -> str:
    """The first few names, long ones cut off, and how many more there are.

    :param count: how many names there are in all; no more are asked for than are told
    """
    first = [name if len(name) <= _LONGEST_NAME else name[:_LONGEST_NAME] + "..." for dummy, name in zip(range(_NAMED), names)]
    return ", ".join(first) + (f" and {count - len(first)} more" if count > len(first) else "")


def parse_ceiling(text: str) -> Ceiling:
    """
    :raises InputError: the text is neither a number nor a percentage
    """
    return Ceiling(*_amount(text, "max_removals"))


def parse_threshold(text: str, option: str) -> Threshold:
    """
    :raises InputError: the text is neither a number nor a percentage
    """
    return Threshold(*_amount(text, option))


def _amount(text: str, option: str) -> Tuple[Decimal, bool]:
    match = _AMOUNT.match(text)
    if match is None or (match.group(2) and Decimal(match.group(1)) > 100) or (not match.group(2) and "." in match.group(1)):
        raise InputError([f"{option} {text!r} is neither a number such as 50 nor a percentage such as 20%"])
    # Not a float: 0.57% of 10,000 are 57, not a little less.
    return Decimal(match.group(1)), bool(match.group(2))


def check_removals(ceiling: Optional[Ceiling], removals: int, of: int, what: str, names: Iterable[str], in_all: Optional[int] = None) -> None:
    """
    :param of: how many there are now, within the reach of the task
    :param what: what would be removed, in the plural
    :param names: the removals by name; only the first are told
    :param in_all: how many the task would remove, if that is more
    :raises TooManyRemovals: more would go than the ceiling allows
    """
    if ceiling is None or ceiling.allows(removals, of):
        return
    raise TooManyRemovals(
        f"{removals} of {of} {what} would be removed, but max_removals is {ceiling}: {some_of(names, removals)}. Nothing was written.",
        f"If that is meant, allow it with max_removals: {in_all or removals}.",
        {"removals": removals, "present": of},
    )
