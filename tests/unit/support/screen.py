# Copyright (c) 2026, the mdmkit.apps_books authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a terminal shows in the end of what was written to it: as much of it as one live line needs."""

from __future__ import annotations

import re
from typing import List


def screen(said: str) -> List[str]:
    """The lines of a terminal that is wide and high enough for all of it. Colours are left out.

    :raises ValueError: there is a sequence in it that this terminal does not know
    """
    lines, column = [""], 0
    for part in re.findall(r"\x1b\[[0-9;]*[A-Za-z]|[\s\S]", said):
        if part == "\r":
            column = 0
        elif part == "\n":
            lines.append("")
            column = 0
        elif part == "\x1b[K":
            lines[-1] = lines[-1][:column]
        elif part.startswith("\x1b"):
            if not part.endswith("m"):
                raise ValueError(f"unknown sequence {part!r}")
        else:
            lines[-1] = lines[-1][:column].ljust(column) + part + lines[-1][column + 1:]
            column += 1
    return lines
