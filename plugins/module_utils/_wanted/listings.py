# Copyright (c) 2026, the mdmkit.apps_books authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Lists of things that are wanted, from an option or from a file, each thing with its place.

A file's format is told by its ending; the same content means the same in every format and inline.
"""

from __future__ import annotations

import functools
import os
from array import array
from typing import Any, Callable, Dict, List, NamedTuple, Optional, Sequence, Tuple

from ansible_collections.mdmkit.apps_books.plugins.module_utils._wanted.checks import as_name, kind_of, shown
from ansible_collections.mdmkit.apps_books.plugins.module_utils._wanted.json_text import beginnings_of_entries, decoded_json, is_whole, lines_of_json
from ansible_collections.mdmkit.apps_books.plugins.module_utils._wanted.places import Lines, Step, Told, as_path
from ansible_collections.mdmkit.apps_books.plugins.module_utils._wanted.tables import is_table, rows_of
from ansible_collections.mdmkit.apps_books.plugins.module_utils._wanted.text_file import LINE_END, UnreadableFile, text_of

FORMATS = ".json, .jsonl (or .ndjson), .csv, .yml (or .yaml), .txt (or none)"


class Listing(NamedTuple):
    """Things in order, and where each comes from."""

    name: str
    """The option, or the file's path as given."""
    entries: List[Any]
    place: Told
    """Where the entry with this index comes from, for messages: ``users[3]`` or ``users.csv:17``. Further steps lead to a part of the entry."""


def inline(option: str, entries: Sequence[Any]) -> Listing:
    return Listing(option, list(entries), lambda *steps, near=None: option + as_path(*steps))


def ids_from_file(path: str, column: str) -> Listing:
    """Read a file as a list of single values.

    :param column: the one that counts in a CSV file; others are left out
    :raises UnreadableFile: with everything that keeps the file from being read
    """
    return _column(path, column) if is_table(path) else from_file(path)


def from_file(path: str) -> Listing:
    """Read a file as a list. Where a line is one value, the entry is that value. Tables are read with rows_of.

    :raises UnreadableFile: with everything that keeps the file from being read
    """
    ending = os.path.splitext(path)[1].lower()
    reader = _READERS.get(ending)
    if reader is None:
        raise UnreadableFile(f"{as_name(path)}: the ending {shown(ending)} is not one of {FORMATS}")
    text = text_of(path)
    try:
        return reader(path, text)
    except RecursionError:
        raise UnreadableFile(f"{path}: nested too deeply, or within itself") from None


def resolved(path: str, beside: Optional[str]) -> str:
    """A path within a file is meant relative to that file."""
    return os.path.normpath(os.path.join(os.path.dirname(beside), path)) if beside else path


def _at_lines(path: str, entries: List[Any], lines: Sequence[int]) -> Listing:
    return Listing(path, entries, lambda index, *dummy, near=None: f"{path}:{lines[index]}")


def _json(path: str, text: str) -> Listing:
    entries = decoded_json(path, text)
    if not isinstance(entries, list):
        raise UnreadableFile(f"{path}: a list is expected, not {kind_of(entries)}")

    # Finding the lines takes another reading of the text, which a file without faults never needs.
    @functools.lru_cache(maxsize=None)
    def beginnings() -> List[Tuple[int, int]]:
        return list(beginnings_of_entries(text, len(entries)))

    @functools.lru_cache(maxsize=1)
    def lines_of(index: int) -> Lines:
        return lines_of_json(text, *beginnings()[index])

    def place(index: int, *steps: Step, near: Optional[Step] = None) -> str:
        return f"{path}:{lines_of(index).of(steps, near) if steps or near is not None else beginnings()[index][1]}"

    return _of_whole_characters(Listing(path, entries, place), text)


def _json_lines(path: str, text: str) -> Listing:
    entries: List[Any] = []
    lines = array("L")
    faults: List[str] = []
    for number, line in enumerate(LINE_END.split(text), 1):
        if line.strip():
            try:
                entries.append(decoded_json(path, line, number))
            except UnreadableFile as error:
                faults.extend(error.faults)
            lines.append(number)
    if faults:
        raise UnreadableFile(*faults)
    return _of_whole_characters(_at_lines(path, entries, lines), text)


def _of_whole_characters(listing: Listing, text: str) -> Listing:
    """JSON can escape one half of a character that takes two. Such a text can be neither sent nor shown."""
    if "\\ud" in text or "\\uD" in text:
        faults = [f"{listing.place(index)}: half a character (\\ud800 to \\udfff)" for index, entry in enumerate(listing.entries) if not is_whole(entry)]
        if faults:
            raise UnreadableFile(*faults)
    return listing


def _one_a_line(path: str, text: str) -> Listing:
    entries: List[Any] = []
    lines = array("L")
    for number, line in enumerate(LINE_END.split(text), 1):
        value = line.strip()
        if value and not value.startswith("#"):
            entries.append(value)
            lines.append(number)
    return _at_lines(path, entries, lines)


def _column(path: str, column: str) -> Listing:
    entries: List[Any] = []
    lines = array("L")
    for line, (cell,) in rows_of(path, (column,), other_columns=None):
        entries.append(cell)
        lines.append(line)
    return _at_lines(path, entries, lines)


def _yaml(path: str, text: str) -> Listing:
    # PyYAML takes a tenth of the time that a module takes to start, and most tasks read no YAML.
    from ansible_collections.mdmkit.apps_books.plugins.module_utils._wanted.yaml_text import lines_of_yaml, read_yaml_list

    entries, lines = read_yaml_list(path, text)

    # As with JSON. What PyYAML knows of the lines of a large file takes more memory than its content.
    @functools.lru_cache(maxsize=None)
    def all_lines() -> Lines:
        return lines_of_yaml(path, text)

    def place(index: int, *steps: Step, near: Optional[Step] = None) -> str:
        return f"{path}:{all_lines().of((index, *steps), near) if steps or near is not None else lines[index]}"

    return Listing(path, entries, place)


_READERS: Dict[str, Callable[..., Listing]] = {
    ".json": _json,
    ".jsonl": _json_lines,
    ".ndjson": _json_lines,
    ".yml": _yaml,
    ".yaml": _yaml,
    ".txt": _one_a_line,
    "": _one_a_line,
}
