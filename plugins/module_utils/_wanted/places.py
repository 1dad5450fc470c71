# Copyright (c) 2026, the mdmkit.apps_books authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where things come from, for messages."""

from __future__ import annotations

from typing import Any, Callable, Dict, NamedTuple, Optional, Tuple, Union

Step = Union[str, int]
"""From a mapping to a member, or from a list to an entry."""

Told = Callable[..., str]
"""Takes steps, and gives the place of what they lead to as a person reads it. With ``near``, on the line of a part of it that is to blame."""


class Place(NamedTuple):
    """Where a thing comes from. It becomes text only when somebody has to read it."""

    place: Callable[[int], str]
    index: int

    def __str__(self) -> str:
        return self.place(self.index)


class Lines(NamedTuple):
    """The line on which a part of a document begins, and those of its own parts. A member of a mapping begins with its name."""

    line: int
    parts: Dict[Step, Any]

    def of(self, steps: Tuple[Step, ...], near: Optional[Step] = None) -> int:
        """The line of what the steps lead to, or of the last part on the way that is there."""
        found = self
        for step in (*steps, near):
            if step is None or step not in found.parts:
                break
            found = found.parts[step]
        return found.line


def as_path(*steps: Step) -> str:
    """The way to a part of a document, such as ``mdm_info.id`` or ``users[3]``."""
    return "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in steps).lstrip(".")
