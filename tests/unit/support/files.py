# Copyright (c) 2026, the mdmkit.apps_books authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Writes lists of users and targets in every format, in the ways in which people and programs do."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import Any, Dict, List, NamedTuple, Optional, Sequence

import yaml
from hypothesis import strategies as st

BYTE_ORDER_MARK = b"\xef\xbb\xbf"


class Style(NamedTuple):
    """How a file is written.

    :ivar ending: the file's ending, which tells the format
    :ivar line_end: what ends a line, in formats of lines
    :ivar mark: whether a byte order mark comes first
    :ivar delimiter: of CSV
    :ivar ascii_only: whether JSON and YAML escape everything else
    :ivar wide: JSON with an indent, YAML in block style, CSV with every field quoted, blank lines between lines
    """

    ending: str
    line_end: str
    mark: bool
    delimiter: str
    ascii_only: bool
    wide: bool


def styles(*endings: str) -> st.SearchStrategy[Style]:
    return st.builds(
        Style, st.sampled_from(endings), st.sampled_from(["\n", "\r\n"]), st.booleans(), st.sampled_from([",", ";", "\t"]), st.booleans(), st.booleans()
    )


def write(folder: Path, name: str, entries: Sequence[Any], style: Style, columns: Optional[Sequence[str]] = None) -> str:
    """
    :param entries: texts, mappings of texts, or for JSON and YAML any data
    :param columns: those of a CSV file
    :returns: the file's path
    """
    path = folder / (name + style.ending)
    text = _WRITERS[style.ending.lower()](entries, style, columns or ["id"])
    path.write_bytes((BYTE_ORDER_MARK if style.mark else b"") + text.encode("utf-8"))
    return str(path)


def _json(entries: Sequence[Any], style: Style, columns: Sequence[str]) -> str:
    return json.dumps(entries, ensure_ascii=style.ascii_only, indent=2 if style.wide else None)


def _json_lines(entries: Sequence[Any], style: Style, columns: Sequence[str]) -> str:
    return _lines((json.dumps(entry, ensure_ascii=style.ascii_only) for entry in entries), style)


def _yaml(entries: Sequence[Any], style: Style, columns: Sequence[str]) -> str:
    return yaml.safe_dump(list(entries), allow_unicode=not style.ascii_only, default_flow_style=not style.wide, line_break=style.line_end)


def _one_a_line(entries: Sequence[Any], style: Style, columns: Sequence[str]) -> str:
    return "# what a person noted" + style.line_end + _lines(entries, style)


def _lines(entries: Any, style: Style) -> str:
    end = style.line_end * (2 if style.wide else 1)
    return "".join(entry + end for entry in entries)


def _csv(entries: Sequence[Any], style: Style, columns: Sequence[str]) -> str:
    stream = io.StringIO()
    # Without a second column nothing tells the delimiter.
    delimiter = style.delimiter if len(columns) > 1 else ","
    quoting = csv.QUOTE_ALL if style.wide else csv.QUOTE_MINIMAL
    writer = csv.writer(stream, delimiter=delimiter, lineterminator=style.line_end, quoting=quoting)
    writer.writerow(columns)
    for entry in entries:
        row: Dict[str, str] = entry if isinstance(entry, dict) else {columns[0]: entry}
        writer.writerow([row.get(column) or "" for column in columns])
    return stream.getvalue()


_WRITERS = {
    ".json": _json,
    ".jsonl": _json_lines,
    ".ndjson": _json_lines,
    ".yml": _yaml,
    ".yaml": _yaml,
    ".csv": _csv,
    ".txt": _one_a_line,
    "": _one_a_line,
}

AWKWARD_IDS = [
    "0017", "007", "1e3", "0x1F", "1_000", "12:30:45", "2026-01-31", "NO", "no", "off", "Yes", "true", "null", "Null", "~", "None", "nan", ".inf",
    "-", "--", "- a", "a,b", "a;b", 'a"b', '"quoted"', "'single'", "it's", "a: b", "a #b", "{a}", "[a]", "*a", "&a", "!a", "%a", "@a", "`a", "|", ">",
    "?", "=", "\u00fc\u00f1\u00ef", "\u65e5\u672c\u8a9e", "\U0001f34e", "e\u0301", "a\u2028b", "a\u2029b", "a\u00a0b", "a\ufeffb", "a\\b", "\\n",
    "a/b", "../a", "a b  c", "<<", "1000000001",
]

# Control characters and lone halves of characters are no ids; white space around one is refused, and so is what nobody sees.
_characters = st.characters(exclude_categories=("Cc", "Cs"))
_texts = st.text(_characters, min_size=1, max_size=12).map(str.strip).filter(lambda text: text.strip("\ufeff\u200b") == text != "")
ids = st.one_of(st.sampled_from(AWKWARD_IDS), _texts)

addresses = st.tuples(
    st.sampled_from(["a", "first.last", "x+tag", "\u00fc", "o'neil", '"q"', "a,b", "a;b"]), st.sampled_from(["example.test", "b\u00fccher.test"])
).map("@".join)


def id_lists(most: int = 6) -> st.SearchStrategy[List[str]]:
    return st.lists(ids, max_size=most, unique=True)
