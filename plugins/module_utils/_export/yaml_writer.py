# Copyright (c) 2026, the mdmkit.apps_books authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Writing YAML for people: nothing is quoted that need not be, and nothing is read as something else than the text that it is."""

from __future__ import annotations

import re
from typing import Iterable

# A letter first, or a number of things: no number, no date, and no sign of YAML begins so.
_PLAIN = re.compile(r"(?:[0-9]+ )?[A-Za-z](?:[A-Za-z0-9@._+/-]| (?=[A-Za-z0-9(]))*\Z")
_NOT_TEXT = frozenset(("y", "n", "yes", "no", "true", "false", "on", "off", "null", "none"))
# What begins a template. Files of a location that seem to hold one are refused.
_TEMPLATE = re.compile(r"\{(?=[{%#])")
_WIDTH = 120


def scalar(text: str) -> str:
    if _PLAIN.match(text) and text.lower() not in _NOT_TEXT:
        return text
    written = "".join(map(_character, text))
    return '"' + _TEMPLATE.sub(r"\\x7B", written) + '"'


def _character(character: str) -> str:
    if character in '"\\':
        return "\\" + character
    return character if character.isprintable() else f"\\U{ord(character):08x}"


def listing(name: str, texts: Iterable[str], indent: str) -> str:
    """A member that is a list: on one line if it fits there.

    :param texts: as YAML writes them
    """
    texts = list(texts)
    line = f"{indent}{name}: [{', '.join(texts)}]\n"
    if len(line) <= _WIDTH:
        return line
    return f"{indent}{name}:\n" + "".join(f"{indent}  - {text}\n" for text in texts)


def comment(text: str, indent: str = "") -> str:
    """Text of any origin as a comment of one line."""
    words = "".join(character if character.isprintable() else " " for character in text).split()
    return f"{indent}# {_TEMPLATE.sub('{ ', ' '.join(words))}\n"
