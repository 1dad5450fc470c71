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
from typing import Any, Callable, Dict, Iterator, List, NamedTuple, Optional, Sequence, Set, Tuple

from ansible_collections.mdmkit.apps_books.plugins.module_utils._wanted.checks import as_name, shown
from ansible_collections.mdmkit.apps_books.plugins.module_utils._wanted.text_file import UnreadableText, read_text

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
    """The file cannot be read as a list.

    :ivar faults: each names file and line
    """

    def __init__(self, *faults: str) -> None:
        super().__init__("; ".join(faults))
        self.faults = faults


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
        raise UnreadableFile(f"{as_name(path)}: the ending {shown(ending)} is not one of {FORMATS}")
    text = _text(path)
    if reader is _csv:
        return _csv(path, text, columns, other_columns)
    try:
        return reader(path, text)
    except RecursionError:
        raise UnreadableFile(f"{path}: nested too deeply, or within itself") from None


def _text(path: str) -> str:
    try:
        return read_text(path)
    except UnreadableText as error:
        raise UnreadableFile(f"{as_name(path)}{'' if error.line is None else f':{error.line}'}: {error.reason}") from None


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
    entries, lines = [], []
    faults: List[str] = []
    for number, line in enumerate(_LINE_END.split(text), 1):
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
    entries, lines = [], []
    for number, line in enumerate(_LINE_END.split(text), 1):
        value = line.strip()
        if value and not value.startswith("#"):
            entries.append(value)
            lines.append(number)
    return _at_lines(path, entries, lines)


def _csv(path: str, text: str, columns: Sequence[str], other_columns: bool) -> Listing:
    header = _LINE_END.split(text, 1)[0]
    if text.strip() and not header.strip():
        raise UnreadableFile(f"{path}:1: the first line is blank; it has to name columns of {', '.join(columns)}")
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=max(",;\t", key=header.count), strict=True)
    faults: List[str] = []
    entries: List[Any] = []
    lines: List[int] = []
    line_before = 0
    try:
        names = [name.strip() for name in next(rows, [])]
        _check_header(path, names, columns, other_columns)
        places = [names.index(name) for name in columns if name in names]
        kept = [names[place] for place in places]
        line_before = rows.line_num
        for row in rows:
            cells = [cell.strip() for cell in row]
            line_before = rows.line_num
            if not any(cells):
                continue
            if len(cells) != len(names):
                faults.append(f"{path}:{rows.line_num}: {_fields(len(cells))}, but the first line names {len(names)}")
                continue
            if len(columns) == 1:
                entries.append(cells[places[0]])
            else:
                entries.append({name: cells[place] for name, place in zip(kept, places) if cells[place]})
            lines.append(rows.line_num)
    except csv.Error as error:
        if "unexpected end" in str(error):
            faults.append(f"{path}:{line_before + 1}: not CSV: the quotation mark that is opened here is never closed")
        else:
            faults.append(f"{path}:{rows.line_num}: not CSV: {error}")
    if faults:
        raise UnreadableFile(*faults)
    return _at_lines(path, entries, lines)


def _fields(count: int) -> str:
    return "1 field" if count == 1 else f"{count} fields"


def _check_header(path: str, names: List[str], columns: Sequence[str], other_columns: bool) -> None:
    wanted = ", ".join(columns)
    if not names:
        raise UnreadableFile(f"{path}: the file is empty; the first line of CSV names the columns ({wanted})")
    double = sorted({name for name in names if names.count(name) > 1 and name in columns})
    if double:
        raise UnreadableFile(f"{path}:1: the column {', '.join(double)} comes twice")
    unknown = [name for name in names if name not in columns]
    if not set(columns).intersection(names) or (unknown and not other_columns):
        raise UnreadableFile(f"{path}:1: the first line has to name columns of {wanted}; it has {as_name(', '.join(names))}")


def _yaml(path: str, text: str) -> Listing:
    node = compose_yaml(path, text)
    _check_yaml(path, node)
    if not isinstance(node, yaml.SequenceNode):
        raise UnreadableFile(f"{path}: a list is expected" if node is not None else f"{path}: the file is empty; an empty list is written []")
    known: Dict[int, Any] = {}
    entries = [plain(entry, known) for entry in node.value]
    return _at_lines(path, entries, [entry.start_mark.line + 1 for entry in node.value])


def check_mapping_file(path: str, forbidden: "re.Pattern[str]", why: str) -> None:
    """Make sure that a YAML file is empty or one mapping with texts as keys.

    :param forbidden: what may stand nowhere in it
    :raises UnreadableFile: with everything that keeps the file from being read
    """
    text = _text(path)
    found = forbidden.search(text)
    if found:
        raise UnreadableFile(f"{path}:{1 + len(_LINE_END.findall(text[:found.start()]))}: {why}")
    try:
        node = compose_yaml(path, text)
        _check_yaml(path, node)
        keys = list(_keys_that_are_no_text(node, set()))
    except RecursionError:
        raise UnreadableFile(f"{path}: nested too deeply, or within itself") from None
    if keys:
        raise UnreadableFile(*(f"{path}:{key.start_mark.line + 1}: the key {shown(key.value)} is not text; put it into quotes" for key in keys))
    if node is not None and not isinstance(node, yaml.MappingNode):
        kind = "a list" if isinstance(node, yaml.SequenceNode) else "text"
        raise UnreadableFile(f"{path}:{node.start_mark.line + 1}: keys and values are expected, not {kind}")


def _keys_that_are_no_text(node: Any, seen: Set[int]) -> Iterator[Any]:
    if id(node) in seen:
        return
    seen.add(id(node))
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            if key.tag not in ("tag:yaml.org,2002:str", "tag:yaml.org,2002:merge"):
                yield key
            yield from _keys_that_are_no_text(value, seen)
    elif isinstance(node, yaml.SequenceNode):
        for entry in node.value:
            yield from _keys_that_are_no_text(entry, seen)


def _check_yaml(path: str, node: Any) -> None:
    faults: List[Tuple[int, str]] = []
    if node is not None and _inspected(node, {}, faults) > _MOST_YAML_VALUES:
        raise UnreadableFile(f"{path}: its aliases stand for more than {_MOST_YAML_VALUES} values")
    if faults:
        raise UnreadableFile(*(f"{path}:{line}: {fault}" for line, fault in faults))


_MOST_YAML_VALUES = 2000000
_YAML_TAGS = frozenset("tag:yaml.org,2002:" + name for name in ("bool", "float", "int", "map", "merge", "null", "seq", "str", "timestamp", "value"))


def _inspected(node: Any, known: Dict[int, int], faults: List[Tuple[int, str]]) -> int:
    """Look at every node once.

    :param known: the answers for the nodes seen before, by their id()
    :param faults: lines, and what is wrong there
    :returns: how many values the node stands for; a few lines of aliases of aliases can stand for billions
    """
    if id(node) in known:
        return known[id(node)]
    if node.tag not in _YAML_TAGS:
        faults.append((node.start_mark.line + 1, f"the tag {shown(node.tag)} is not supported; a file is plain data"))
    size = 1
    if isinstance(node, yaml.MappingNode):
        names: Set[str] = set()
        for key, value in node.value:
            # Otherwise the last one would win, and what the others say would be as if it were not wanted.
            if isinstance(key, yaml.ScalarNode) and key.value in names:
                faults.append((key.start_mark.line + 1, f"{as_name(key.value)} comes twice in one mapping"))
            names.add(str(key.value))
            size += _inspected(key, known, faults) + _inspected(value, known, faults)
    elif isinstance(node, yaml.SequenceNode):
        size += sum(_inspected(entry, known, faults) for entry in node.value)
    known[id(node)] = size
    return size


def compose_yaml(path: str, text: str) -> Any:
    """The document as nodes, which know their lines; None where it is empty."""
    if yaml is None:
        raise UnreadableFile(f"{path}: reading YAML needs PyYAML for the Python that runs the module; JSON and CSV do not")
    try:
        return yaml.compose(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        # What is never closed is noticed at the end, but has to be mended where it begins.
        if mark and error.context_mark and mark.index >= len(text.rstrip()):
            mark = error.context_mark
        # The end of a text without a line break at its end is counted as one line more.
        line = f":{min(mark.line + 1, len(_LINE_END.split(text.rstrip())))}" if mark else ""
        problem = _YAML_PROBLEMS.get(error.problem, error.problem)
        raise UnreadableFile(f"{path}{line}: not YAML: {problem}") from None
    except yaml.reader.ReaderError as error:
        line_number = 1 + len(_LINE_END.findall(text[:error.position]))
        raise UnreadableFile(f"{path}:{line_number}: not YAML: {shown(text[error.position:error.position + 1])} is not allowed") from None
    except yaml.YAMLError as error:
        raise UnreadableFile(f"{path}: not YAML: {' '.join(str(error).split())}") from None


_YAML_PROBLEMS = {
    "but found another document": "a second document begins here, but a file is one list",
    "found character that cannot start any token": "found character that cannot start any token; indent with spaces, never with tabs",
}


def plain(node: Any, known: Optional[Dict[int, Any]] = None) -> Any:
    """A node as plain data in which a scalar stays the text that was written.

    YAML would read an id such as 0017 as the number 15, and NO as false.

    :param known: what nodes have become already, by their id(), so that an alias costs nothing
    """
    known = {} if known is None else known
    if isinstance(node, yaml.ScalarNode):
        return None if node.tag == "tag:yaml.org,2002:null" else node.value
    if id(node) not in known:
        if isinstance(node, yaml.MappingNode):
            known[id(node)] = {str(plain(key, known)): plain(value, known) for key, value in node.value}
        else:
            known[id(node)] = [plain(entry, known) for entry in node.value]
    return known[id(node)]


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
