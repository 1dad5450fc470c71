# Copyright (c) 2026, the mdmkit.apps_books authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""YAML files as plain data, lists or mappings, and on which line each part of them stands."""

from __future__ import annotations

from typing import Any, Dict, Iterator, List, NamedTuple, Optional, Set, Tuple

from ansible_collections.mdmkit.apps_books.plugins.module_utils._wanted.checks import as_name, shown
from ansible_collections.mdmkit.apps_books.plugins.module_utils._wanted.places import Lines, Step
from ansible_collections.mdmkit.apps_books.plugins.module_utils._wanted.text_file import LINE_END, UnreadableFile

try:
    import yaml
except ImportError:
    yaml = None


class YamlList(NamedTuple):
    """:ivar lines: the line on which each entry begins"""

    entries: List[Any]
    lines: List[int]


def read_yaml_list(path: str, text: str) -> YamlList:
    """
    :raises UnreadableFile: with everything that keeps the text from being read as a list
    """
    node = _compose(path, text)
    _check_yaml(path, node)
    if not isinstance(node, yaml.SequenceNode):
        raise UnreadableFile(f"{path}: a list is expected" if node is not None else f"{path}: the file is empty; an empty list is written []")
    known: Dict[int, Any] = {}
    entries = [_plain(entry, known) for entry in node.value]
    return YamlList(entries, [entry.start_mark.line + 1 for entry in node.value])


class YamlMapping(NamedTuple):
    members: Dict[str, Any]
    lines: Lines


def read_yaml_mapping(path: str, text: str, as_written: bool) -> YamlMapping:
    """
    :param as_written: whether every scalar stays the text that is written; otherwise it becomes what YAML, and so Ansible, makes of it
    :returns: of an empty text, an empty mapping
    :raises UnreadableFile: with everything that keeps the text from being read as a mapping with texts as keys
    """
    node = _compose(path, text)
    _check_yaml(path, node)
    if node is None or node.tag == "tag:yaml.org,2002:null":
        return YamlMapping({}, Lines(1, {}))
    if not isinstance(node, yaml.MappingNode):
        kind = "a list" if isinstance(node, yaml.SequenceNode) else "text"
        raise UnreadableFile(f"{path}:{node.start_mark.line + 1}: keys and values are expected, not {kind}")
    keys = list(_keys_that_are_no_text(node, as_written, set()))
    if keys:
        raise UnreadableFile(*(f"{path}:{key.start_mark.line + 1}: the key {shown(key.value)} is not text; put it into quotes" for key in keys))
    _merge(path, node, set())
    return YamlMapping(_plain(node) if as_written else _constructed(node, {}), _lines(node, {}))


def lines_of_yaml(path: str, text: str) -> Lines:
    """The lines of all parts of a text without faults."""
    return _lines(_compose(path, text), {})


def _lines(node: Any, known: Dict[int, Lines]) -> Lines:
    """:param known: the answers for the nodes seen before, by their id()"""
    if id(node) not in known:
        parts: Dict[Step, Lines] = {}
        if isinstance(node, yaml.MappingNode):
            parts.update((str(key.value), Lines(key.start_mark.line + 1, _lines(value, known).parts)) for key, value in node.value)
        elif isinstance(node, yaml.SequenceNode):
            parts.update(enumerate(_lines(entry, known) for entry in node.value))
        known[id(node)] = Lines(node.start_mark.line + 1, parts)
    return known[id(node)]


def _keys_that_are_no_text(node: Any, as_written: bool, seen: Set[int]) -> Iterator[Any]:
    if id(node) in seen:
        return
    seen.add(id(node))
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            if not isinstance(key, yaml.ScalarNode) or not (as_written or key.tag in ("tag:yaml.org,2002:str", "tag:yaml.org,2002:merge")):
                yield key
            yield from _keys_that_are_no_text(value, as_written, seen)
    elif isinstance(node, yaml.SequenceNode):
        for entry in node.value:
            yield from _keys_that_are_no_text(entry, as_written, seen)


def _merge(path: str, node: Any, seen: Set[int]) -> None:
    """Put what merge keys stand for in their place."""
    if id(node) in seen or isinstance(node, yaml.ScalarNode):
        return
    seen.add(id(node))
    if isinstance(node, yaml.MappingNode):
        try:
            yaml.constructor.SafeConstructor().flatten_mapping(node)
        except yaml.MarkedYAMLError as error:
            raise UnreadableFile(f"{path}:{error.problem_mark.line + 1}: << stands for a mapping, or for a list of them") from None
        for dummy, value in node.value:
            _merge(path, value, seen)
    else:
        for entry in node.value:
            _merge(path, entry, seen)


def _constructed(node: Any, known: Dict[int, Any]) -> Any:
    """A node as Ansible understands it: a scalar without quotes may be a number, a boolean, a date or nothing."""
    if id(node) not in known:
        if isinstance(node, yaml.MappingNode):
            known[id(node)] = {key.value: _constructed(value, known) for key, value in node.value}
        elif isinstance(node, yaml.SequenceNode):
            known[id(node)] = [_constructed(entry, known) for entry in node.value]
        else:
            try:
                known[id(node)] = yaml.constructor.SafeConstructor().construct_object(node)
            except (ValueError, OverflowError, yaml.YAMLError):  # such as 2026-02-31, which looks like a date, or a mere =
                known[id(node)] = node.value
            if isinstance(known[id(node)], int) and known[id(node)].bit_length() > _LONGEST_INTEGER:
                known[id(node)] = node.value
    return known[id(node)]


def _check_yaml(path: str, node: Any) -> None:
    faults: List[Tuple[int, str]] = []
    if node is not None and _inspected(node, {}, faults) > _MOST_YAML_VALUES:
        raise UnreadableFile(f"{path}: its aliases stand for more than {_MOST_YAML_VALUES} values")
    if faults:
        raise UnreadableFile(*(f"{path}:{line}: {fault}" for line, fault in faults))


_MOST_YAML_VALUES = 2000000
_LONGEST_INTEGER = 1000  # bits; Python refuses to write out much longer ones, as 1:59:59 and so on can make them
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


def _compose(path: str, text: str) -> Any:
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
        line = f":{min(mark.line + 1, len(LINE_END.split(text.rstrip())))}" if mark else ""
        problem = _YAML_PROBLEMS.get(error.problem, error.problem)
        raise UnreadableFile(f"{path}{line}: not YAML: {problem}") from None
    except yaml.reader.ReaderError as error:
        line_number = 1 + len(LINE_END.findall(text[:error.position]))
        raise UnreadableFile(f"{path}:{line_number}: not YAML: {shown(text[error.position:error.position + 1])} is not allowed") from None
    except yaml.YAMLError as error:
        raise UnreadableFile(f"{path}: not YAML: {' '.join(str(error).split())}") from None


_YAML_PROBLEMS = {
    "but found another document": "a second document begins here, but a file is one list",
    "found character that cannot start any token": "found character that cannot start any token; indent with spaces, never with tabs",
}


def _plain(node: Any, known: Optional[Dict[int, Any]] = None) -> Any:
    """A node as plain data in which a scalar stays the text that was written.

    YAML would read an id such as 0017 as the number 15, and NO as false.

    :param known: what nodes have become already, by their id(), so that an alias costs nothing
    """
    known = {} if known is None else known
    if isinstance(node, yaml.ScalarNode):
        return None if node.tag == "tag:yaml.org,2002:null" else node.value
    if id(node) not in known:
        if isinstance(node, yaml.MappingNode):
            known[id(node)] = {str(_plain(key, known)): _plain(value, known) for key, value in node.value}
        else:
            known[id(node)] = [_plain(entry, known) for entry in node.value]
    return known[id(node)]
