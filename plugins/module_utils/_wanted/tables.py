# Copyright (c) 2026, the mdmkit.apps_books authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""CSV files, row by row: a million rows are never in memory together."""

from __future__ import annotations

import csv
import io
import operator
import os
from typing import Callable, Collection, Iterator, List, Optional, Sequence, Tuple

from ansible_collections.mdmkit.apps_books.plugins.module_utils._wanted.checks import as_name
from ansible_collections.mdmkit.apps_books.plugins.module_utils._wanted.text_file import LINE_END, UnreadableFile, text_of

Row = Tuple[int, Tuple[str, ...]]
"""The line on which a row ends, and its cells."""


def is_table(path: str) -> bool:
    return os.path.splitext(path)[1].lower() == ".csv"


def rows_of(path: str, columns: Sequence[str], other_columns: Optional[Collection[str]] = ()) -> Iterator[Row]:
    """Each row with content, its cells in the order of the columns and without the white space around them; an empty text is not given.

    :param columns: those that say what is wanted; at least one of them has to be there
    :param other_columns: which further columns the file may have, whose cells come behind the others; None if any, which are left out
    :raises UnreadableFile: at once where there is no table; behind the last row with everything that is wrong with single ones
    """
    text = text_of(path)
    header = LINE_END.split(text, 1)[0]
    if text.strip() and not header.strip():
        raise UnreadableFile(f"{path}:1: the first line is blank; it has to name columns of {', '.join(columns)}")
    # A StringIO would take four times the memory of the text.
    lines = io.TextIOWrapper(io.BytesIO(text.encode("utf-8")), "utf-8", newline="")
    del text
    rows = csv.reader(lines, delimiter=max(",;\t", key=header.count), strict=True)
    faults: List[str] = []
    line = 0
    try:
        names = [name.strip() for name in next(rows, [])]
        _check_header(path, names, columns, other_columns)
        chosen = _chosen(names, (*columns, *(other_columns or ())))
        line = rows.line_num
        for row in rows:
            cells = tuple(map(str.strip, row))
            line = rows.line_num
            if not any(cells):
                continue
            if len(cells) == len(names):
                yield line, chosen(cells)
            else:
                faults.append(f"{path}:{line}: {_fields(len(cells))}, but the first line names {len(names)}")
    except csv.Error as error:
        if "unexpected end" in str(error):
            faults.append(f"{path}:{line + 1}: not CSV: the quotation mark that is opened here is never closed")
        else:
            faults.append(f"{path}:{rows.line_num}: not CSV: {error}")
    if faults:
        raise UnreadableFile(*faults)


def _chosen(names: List[str], columns: Sequence[str]) -> Callable[[Tuple[str, ...]], Tuple[str, ...]]:
    """Puts the cells of a row into the order of the columns."""
    if list(columns) == names:
        return tuple
    places = [names.index(column) if column in names else len(names) for column in columns]
    if len(places) == 1:
        return lambda cells: (cells[places[0]],)
    pick = operator.itemgetter(*places)
    return lambda cells: pick(cells + ("",))


def _fields(count: int) -> str:
    return "1 field" if count == 1 else f"{count} fields"


def _check_header(path: str, names: List[str], columns: Sequence[str], other_columns: Optional[Collection[str]]) -> None:
    wanted = ", ".join(columns)
    if not names:
        raise UnreadableFile(f"{path}: the file is empty; the first line of CSV names the columns ({wanted})")
    double = sorted({name for name in names if names.count(name) > 1 and name in columns})
    if double:
        raise UnreadableFile(f"{path}:1: the column {', '.join(double)} comes twice")
    is_known = other_columns is None or all(name in columns or name in other_columns for name in names)
    if not set(columns).intersection(names) or not is_known:
        raise UnreadableFile(f"{path}:1: the first line has to name columns of {wanted}; it has {as_name(', '.join(names))}")
