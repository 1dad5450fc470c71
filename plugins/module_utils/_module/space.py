# Copyright (c) 2026, the mdmkit.apps_books authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How much of a result is shown, so that it stays below 1 MiB however large a location is.

Ansible copies, searches and prints every result. Counting things is not enough for that: an id may be a thousand characters long.
"""

from __future__ import annotations

import json
from typing import Any, Dict, Iterable, List, Mapping

USUAL_MOST_LISTED = 1000

_BYTES: Dict[str, int] = {
    # Together they leave 100,000 bytes for texts and for what is always shown.
    "changes": 190000,
    "not_done": 190000,
    "events": 210000,
    "diff": 120000,
    "users": 100000,
    "shortages": 20000,
    "irrevocable": 100000,
    "failures": 60000,
    "answers_lost": 10000,
    # These never come with those above.
    "faults": 200000,
    "listing": 800000,
    "files": 100000,
    # Within a failure, and within an event of a listing.
    "names": 4000,
    "failures of an event": 40000,
}
"""The space for each list as JSON, where at most 1,000 things are listed."""

_ARGUMENTS_SHOWN = 20
_LONGEST_ARGUMENT = 1000


def first(name: str, records: Iterable[Any], most: int) -> List[Any]:
    """The first of the records: at most so many, and no more than there is space for under this name.

    More than the usual number of them is also given more space.
    """
    left = _BYTES[name] * max(1.0, most / USUAL_MOST_LISTED)
    shown: List[Any] = []
    for record in records:
        left -= len(json.dumps(record)) + 2
        if left < 0 or len(shown) == most:
            break
        shown.append(record)
    return shown


def few_arguments(value: Any, most: int = _ARGUMENTS_SHOWN) -> Any:
    """Options as -vvv shows them, without most of long lists: Ansible would repeat a hundred thousand users in the result."""
    if isinstance(value, Mapping):
        return {name: few_arguments(entry, most) for name, entry in value.items()}
    if isinstance(value, (list, tuple)):
        left_out = [f"... and {len(value) - most} more"] if len(value) > most else []
        return [few_arguments(entry, max(1, most // 4)) for entry in value[:most]] + left_out
    return value


def short_texts(value: Any) -> Any:
    """The same without most of long texts. Secrets in them have to be concealed before: nobody recognises one that is cut off."""
    if isinstance(value, Mapping):
        return {name: short_texts(entry) for name, entry in value.items()}
    if isinstance(value, list):
        return [short_texts(entry) for entry in value]
    return value[:_LONGEST_ARGUMENT] + "..." if isinstance(value, str) and len(value) > _LONGEST_ARGUMENT else value
