# Copyright (c) 2026, the mdmkit.apps_books authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""JSON: decoded without losing anything, and on which line each part of it stands."""

from __future__ import annotations

import json
import re
from typing import Any, Dict, Iterator, List, Set, Tuple

from ansible_collections.mdmkit.apps_books.plugins.module_utils._wanted.checks import as_name, shown
from ansible_collections.mdmkit.apps_books.plugins.module_utils._wanted.places import Lines, Step
from ansible_collections.mdmkit.apps_books.plugins.module_utils._wanted.text_file import UnreadableFile


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


def decoded_json(path: str, text: str, first_line: int = 1, empty: str = "an empty list is written []") -> Any:
    """
    :param first_line: that of the text within the file
    :param empty: what to write instead of nothing
    :raises UnreadableFile: with everything that keeps the text from being decoded
    """
    if not text.strip(_JSON_SPACE):
        raise UnreadableFile(f"{path}: the file is empty; {empty}")
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


def is_whole(value: Any) -> bool:
    """Whether a value holds no text with one half of a character that takes two, as JSON can escape it. Such a text can be neither sent nor shown."""
    try:
        json.dumps(value, ensure_ascii=False).encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True


def beginnings_of_entries(text: str, count: int) -> Iterator[Tuple[int, int]]:
    """Of each entry of the outermost list, where in the text it begins, and on which line."""
    decoder = json.JSONDecoder()
    position = text.index("[") + 1
    line, counted = 1, 0
    for dummy in range(count):
        while text[position] in " \t\r\n,":
            position += 1
        line += text.count("\n", counted, position)
        counted = position
        yield position, line
        position = decoder.raw_decode(text, position)[1]


def lines_of_json(text: str, position: int = 0, line: int = 1) -> Lines:
    """The lines of the value that begins at a position of a text without faults.

    :param line: that of the position
    """
    tokens = _tokens(text, position, line)
    return _lines(*next(tokens), tokens)


_ANY_TOKEN = re.compile(_JSON_STRING + r'|[][{}:,\n]|[^][{}:,"\s]+')


def _tokens(text: str, position: int, line: int) -> Iterator[Tuple[int, str]]:
    for match in _ANY_TOKEN.finditer(text, position):
        if match.group() == "\n":
            line += 1
        else:
            yield line, match.group()


def _lines(line: int, token: str, tokens: Iterator[Tuple[int, str]]) -> Lines:
    parts: Dict[Step, Lines] = {}
    if token in "[{":
        for part_line, part in tokens:
            if part in "]}":
                break
            if part == ",":
                continue
            if token == "[":
                parts[len(parts)] = _lines(part_line, part, tokens)
            else:
                next(tokens)
                parts[json.loads(part)] = Lines(part_line, _lines(*next(tokens), tokens).parts)
    return Lines(line, parts)
