# Copyright (c) 2026, the mdmkit.apps_books authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Lists of things that are wanted, from an option or from a file, each thing with its place.

A file's format is told by its ending; the same content means the same in every format and inline.
"""

from __future__ import annotations

import csv
import io
import json
import os
import re
from typing import Any, Callable, Dict, Iterator, List, NamedTuple, Optional, Sequence, Set

try:
    from orjson import loads as _loads
except ImportError:
    from json import loads as _loads

try:
    import yaml
except ImportError:
    yaml = None

# str.splitlines() would also split at separators that may stand within an id or a JSON text.
_LINE_END = re.compile("\r\n|\n|\r")

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

    listing: Listing
    index: int

    def __str__(self) -> str:
        return self.listing.place(self.index)


class UnreadableFile(Exception):
    """The file cannot be read as a list; the message names file and line."""


def inline(option: str, entries: Sequence[Any]) -> Listing:
    return Listing(option, list(entries), lambda index: f"{option}[{index}]")


def from_file(path: str, columns: Sequence[str], other_columns: bool = False) -> Listing:
    """Read a file as a list.

    :param columns: the columns that a CSV file may have; where a line is one value (CSV with one column of these, or one value a
        line), the entry is that value itself
    :param other_columns: whether a CSV file may have further columns, which are left out
    :raises UnreadableFile: with everything that keeps the file from being read
    """
    ending = os.path.splitext(path)[1].lower()
    reader = _READERS.get(ending)
    if reader is None:
        raise UnreadableFile(f"{path}: the ending {ending!r} is not one of {FORMATS}")
    try:
        # Spreadsheet programs put a byte order mark first.
        with open(path, encoding="utf-8-sig", newline="") as stream:
            text = stream.read()
    except OSError as error:
        raise UnreadableFile(f"{path}: {error.strerror}") from None
    except UnicodeDecodeError as error:
        raise UnreadableFile(f"{path}: not UTF-8 text (byte {error.start})") from None
    if reader is _csv:
        return _csv(path, text, columns, other_columns)
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
    try:
        entries = _loads(text)
    except ValueError:
        raise UnreadableFile(_json_fault(path, text, 1)) from None
    if not isinstance(entries, list):
        raise UnreadableFile(f"{path}: a list is expected, not {_kind(entries)}")
    lines: List[int] = []

    def place(index: int) -> str:
        # Finding the lines takes another reading of the text, which a file without faults never needs.
        if not lines:
            lines.extend(_lines_of_json_entries(text, len(entries)))
        return f"{path}:{lines[index]}"

    return Listing(path, entries, place)


def _json_lines(path: str, text: str) -> Listing:
    entries, lines = [], []
    for number, line in enumerate(_LINE_END.split(text), 1):
        if line.strip():
            try:
                entries.append(_loads(line))
            except ValueError:
                raise UnreadableFile(_json_fault(path, line, number)) from None
            lines.append(number)
    return _at_lines(path, entries, lines)


def _json_fault(path: str, text: str, first_line: int) -> str:
    if not text.strip():
        return f"{path}: the file is empty; an empty list is written []"
    try:
        json.loads(text)
    except json.JSONDecodeError as error:
        return f"{path}:{first_line + error.lineno - 1}: not JSON, column {error.colno}: {error.msg}"
    return f"{path}: not JSON"


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
    entries, lines = [], []
    for number, line in enumerate(_LINE_END.split(text), 1):
        value = line.strip()
        if value and not value.startswith("#"):
            entries.append(value)
            lines.append(number)
    return _at_lines(path, entries, lines)


def _csv(path: str, text: str, columns: Sequence[str], other_columns: bool) -> Listing:
    header = text.split("\n", 1)[0]
    rows = csv.reader(io.StringIO(text), delimiter=max(",;\t", key=header.count), strict=True)
    try:
        names = [name.strip() for name in next(rows, [])]
        _check_header(path, names, columns, other_columns)
        entries: List[Any] = []
        lines: List[int] = []
        places = [names.index(name) for name in columns if name in names]
        kept = [names[place] for place in places]
        for row in rows:
            cells = [cell.strip() for cell in row]
            if not any(cells):
                continue
            if len(cells) != len(names):
                raise UnreadableFile(f"{path}:{rows.line_num}: {len(cells)} fields, but the first line names {len(names)}")
            if len(columns) == 1:
                entries.append(cells[places[0]])
            else:
                entries.append({name: cells[place] for name, place in zip(kept, places) if cells[place]})
            lines.append(rows.line_num)
    except csv.Error as error:
        raise UnreadableFile(f"{path}:{rows.line_num}: not CSV: {error}") from None
    return _at_lines(path, entries, lines)


def _check_header(path: str, names: List[str], columns: Sequence[str], other_columns: bool) -> None:
    wanted = ", ".join(columns)
    if not names:
        raise UnreadableFile(f"{path}: the file is empty; the first line of CSV names the columns ({wanted})")
    double = sorted({name for name in names if names.count(name) > 1 and name in columns})
    if double:
        raise UnreadableFile(f"{path}:1: the column {', '.join(double)} comes twice")
    unknown = [name for name in names if name not in columns]
    if not set(columns).intersection(names) or (unknown and not other_columns):
        raise UnreadableFile(f"{path}:1: the first line has to name columns of {wanted}; it has {', '.join(names)}")


def _yaml(path: str, text: str) -> Listing:
    node = compose_yaml(path, text)
    if not isinstance(node, yaml.SequenceNode):
        raise UnreadableFile(f"{path}: a list is expected" if node is not None else f"{path}: the file is empty; an empty list is written []")
    entries = [plain(entry) for entry in node.value]
    # Otherwise the last one would win, and what the others say would be as if it were not wanted.
    twice = [f"{path}:{key.start_mark.line + 1}: {key.value} comes twice in one mapping" for key in _repeated_keys(node)]
    if twice:
        raise UnreadableFile("; ".join(twice))
    return _at_lines(path, entries, [entry.start_mark.line + 1 for entry in node.value])


def _repeated_keys(node: Any) -> Iterator[Any]:
    if isinstance(node, yaml.MappingNode):
        seen: Set[str] = set()
        for key, value in node.value:
            if isinstance(key, yaml.ScalarNode) and key.value in seen:
                yield key
            seen.add(str(key.value))
            yield from _repeated_keys(value)
    elif isinstance(node, yaml.SequenceNode):
        for entry in node.value:
            yield from _repeated_keys(entry)


def compose_yaml(path: str, text: str) -> Any:
    """The document as nodes, which know their lines; None where it is empty."""
    if yaml is None:
        raise UnreadableFile(f"{path}: reading YAML needs PyYAML for the Python that runs the module; JSON and CSV do not")
    try:
        return yaml.compose(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    except yaml.MarkedYAMLError as error:
        line = f":{error.problem_mark.line + 1}" if error.problem_mark else ""
        raise UnreadableFile(f"{path}{line}: not YAML: {error.problem}") from None
    except yaml.YAMLError as error:
        raise UnreadableFile(f"{path}: not YAML: {error}") from None


def plain(node: Any) -> Any:
    """A node as plain data in which a scalar stays the text that was written.

    YAML would read an id such as 0017 as the number 15, and NO as false.
    """
    if isinstance(node, yaml.MappingNode):
        return {str(plain(key)): plain(value) for key, value in node.value}
    if isinstance(node, yaml.SequenceNode):
        return [plain(entry) for entry in node.value]
    return None if node.tag == "tag:yaml.org,2002:null" else node.value


def _kind(value: Any) -> str:
    names: Dict[type, str] = {dict: "a mapping", str: "text", bool: "a boolean", int: "a number", float: "a number", type(None): "nothing"}
    return names.get(type(value), "a list")


_READERS: Dict[str, Callable[..., Listing]] = {
    ".json": _json,
    ".jsonl": _json_lines,
    ".ndjson": _json_lines,
    ".csv": _csv,
    ".yml": _yaml,
    ".yaml": _yaml,
    ".txt": _one_a_line,
    "": _one_a_line,
}
