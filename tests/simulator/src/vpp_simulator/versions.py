# Copyright (c) 2026, the mdmkit.apps_books authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The versions of one endpoint's data set, and what changed with each (apple-api section 6)."""

from __future__ import annotations

from array import array
from bisect import bisect_right
from collections.abc import Callable, Iterable


class VersionLine:
    """A counter with opaque names and a log of changed keys.

    ``copy.copy`` of a line is a frozen view: it shares the log and the names but keeps its own ``number``, and therefore neither
    sees nor names anything newer.
    """

    def __init__(self, name_of: Callable[[int], str]) -> None:
        self.number = 0
        self._name_of = name_of
        self._number_of = {name_of(0): 0}
        self._log_numbers = array("Q")
        self._log_keys = array("Q")
        self._dirty = False

    @property
    def current(self) -> str:
        """The versionId as answers carry it."""
        return self._name_of(self.number)

    def touch(self) -> None:
        """Something changed that is not looked up later by ``sinceVersionId``."""
        self._dirty = True

    def record(self, keys: Iterable[int]) -> None:
        """These keys changed; they belong to the version that the next `commit` makes."""
        before = len(self._log_keys)
        self._log_keys.extend(keys)
        self._log_numbers.extend([self.number + 1] * (len(self._log_keys) - before))
        self._dirty = self._dirty or len(self._log_keys) > before

    def commit(self) -> None:
        """Make a new version, if anything changed: one for each step of work, however many keys it touched."""
        if self._dirty:
            self._dirty = False
            self.number += 1
            self._number_of[self._name_of(self.number)] = self.number

    def changed_since(self, version_id: str) -> set[int]:
        """Keys changed after that version. Raises KeyError for an id that was never ours."""
        since = self._number_of[version_id]
        first = bisect_right(self._log_numbers, since)
        last = bisect_right(self._log_numbers, self.number)
        return set(self._log_keys[first:last])
