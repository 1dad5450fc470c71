# Copyright (c) 2026, the mdmkit.apps_books authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Lists of things that are wanted, from an option or from a file, each thing with its place.

A file's format is told by its ending; the same content means the same in every format and inline.
"""

from __future__ import annotations

import json
import os
import re
from array import array
from typing import Any, Callable, Dict, Iterator, List, NamedTuple, Optional, Sequence, Set, Tuple

from ansible_collections.mdmkit.apps_books.plugins.module_utils._wanted.checks import as_name, shown
from ansible_collections.mdmkit.apps_books.plugins.module_utils._wanted.tables import is_table, rows_of
from ansible_collections.mdmkit.apps_books.plugins.module_utils._wanted.text_file import LINE_END, UnreadableFile, text_of

FORMATS = ".json, .jsonl (or .ndjson), .csv, .yml (or .yaml), .txt (or none)"


class Listing(NamedTuple):
    """Things in order, and where each comes from."""

    name: str
    """The option, or the file's path as given."""
    entries: List[Any]
    place: Callable[[int], str]
    """Where the entry with this index comes from, for messages: ``users[3]`` or ``users.csv:17``."""


class Place(NamedTuple):
    """Where a thing comes from. It becomes text only when somebody has to read it."""

    place: Callable[[int], str]
    index: int

    def __str__(self) -> str:
        return self.place(self.index)


def inline(option: str, entries: Sequence[Any]) -> Listing:
    return Listing(option, list(entries), lambda index: f"{option}[{index}]")


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
    return Listing(path, entries, lambda index: f"{path}:{lines[index]}")


def _json(path: str, text: str) -> Listing:
    entries = _decoded(path, text, 1)
    if not isinstance(entries, list):
        raise UnreadableFile(f"{path}: a list is expected, not {_kind(entries)}")
    lines: List[int] = []

    def place(index: int) -> str:
        # Finding the lines takes another reading of the text, which a file without faults never needs.
        if not lines:
            lines.extend(_lines_of_json_entries(text, len(entries)))
        return f"{path}:{lines[index]}"

    return _of_whole_characters(Listing(path, entries, place), text)


def _json_lines(path: str, text: str) -> Listing:
    entries: List[Any] = []
    lines = array("L")
    faults: List[str] = []
    for number, line in enumerate(LINE_END.split(text), 1):
        if line.strip():
            try:
                entries.append(_decoded(path, line, number))
            except UnreadableFile as error:
                faults.extend(error.faults)
            lines.append(number)
    if faults:
        raise UnreadableFile(*faults)
    return _of_whole_characters(_at_lines(path, entries, lines), text)


class _RepeatedKey(Exception):
    pass


def _object(members: List[Tuple[str, Any]]) -> Dict[str, Any]:
    found = dict(members)
    if len(found) != len(members):
        raise _RepeatedKey
    return found


def _refuse_constant(name: str) -> Any:
    raise ValueError(name)


# With this hook no other decoder is faster, and without it the last of two members of one name would win.
_DECODER = json.JSONDecoder(object_pairs_hook=_object, parse_constant=_refuse_constant)


def _decoded(path: str, text: str, first_line: int) -> Any:
    if not text.strip(_JSON_SPACE):
        raise UnreadableFile(f"{path}: the file is empty; an empty list is written []")
    try:
        return _DECODER.decode(text)
    except _RepeatedKey:
        # Otherwise the last one would win, and what the others say would be as if it were not wanted.
        raise UnreadableFile(*(f"{path}:{first_line + line}: {as_name(name)} comes twice in one mapping" for line, name in _repeated_members(text))) from None
    except json.JSONDecodeError as error:
        raise UnreadableFile(f"{path}:{first_line + error.lineno - 1}: not JSON, column {error.colno}: {error.msg}") from None
    except ValueError:
        line, number = next(_strange_numbers(text), (0, ""))
        raise UnreadableFile(f"{path}:{first_line + line}: not JSON: {shown(number)} is no number that can be read") from None


_JSON_SPACE = " \t\r\n"
_JSON_STRING = r'"(?:[^"\\]|\\.)*"'
_JSON_TOKEN = re.compile(_JSON_STRING + r"|[{}:]|\n")
_STRANGE_NUMBER = re.compile(_JSON_STRING + r"|-?Infinity|NaN|[0-9]{1000,}|\n")


def _strange_numbers(text: str) -> Iterator[Tuple[int, str]]:
    """What Python reads or writes as a number, but JSON does not know or Python does not take: (lines before it, text)."""
    line = 0
    for token in (match.group() for match in _STRANGE_NUMBER.finditer(text)):
        if token == "\n":
            line += 1
        elif not token.startswith('"'):
            yield line, token


def _repeated_members(text: str) -> Iterator[Tuple[int, str]]:
    """Members of an object that have the name of one before: (lines before it, name). The text is JSON up to there at least."""
    line = 0
    name, name_line = "", 0
    objects: List[Set[str]] = []
    for token in (match.group() for match in _JSON_TOKEN.finditer(text)):
        if token == "\n":
            line += 1
        elif token == "{":
            objects.append(set())
        elif token == "}":
            objects.pop()
        elif token == ":":
            if name in objects[-1]:
                yield name_line, name
            objects[-1].add(name)
        else:
            name, name_line = json.loads(token), line


def _of_whole_characters(listing: Listing, text: str) -> Listing:
    """JSON can escape one half of a character that takes two. Such a text can be neither sent nor shown."""
    if "\\ud" in text or "\\uD" in text:
        faults = [f"{listing.place(index)}: half a character (\\ud800 to \\udfff)" for index, entry in enumerate(listing.entries) if not _whole(entry)]
        if faults:
            raise UnreadableFile(*faults)
    return listing


def _whole(entry: Any) -> bool:
    try:
        json.dumps(entry, ensure_ascii=False).encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True


def _lines_of_json_entries(text: str, count: int) -> Iterator[int]:
    """The line on which each entry of the outermost list begins."""
    decoder = json.JSONDecoder()
    position = text.index("[") + 1
    line, counted = 1, 0
    for dummy in range(count):
        while text[position] in " \t\r\n,":
            position += 1
        line += text.count("\n", counted, position)
        counted = position
        yield line
        position = decoder.raw_decode(text, position)[1]


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
    from ansible_collections.mdmkit.apps_books.plugins.module_utils._wanted.yaml_text import read_yaml_list

    return _at_lines(path, *read_yaml_list(path, text))


def _kind(value: Any) -> str:
    names: Dict[type, str] = {dict: "a mapping", str: "text", bool: "a boolean", int: "a number", float: "a number", type(None): "nothing"}
    return names.get(type(value), "a list")


_READERS: Dict[str, Callable[..., Listing]] = {
    ".json": _json,
    ".jsonl": _json_lines,
    ".ndjson": _json_lines,
    ".yml": _yaml,
    ".yaml": _yaml,
    ".txt": _one_a_line,
    "": _one_a_line,
}
