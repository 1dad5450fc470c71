# Copyright (c) 2026, the mdmkit.apps_books authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The option ``dest``: a whole plan or listing as a file, however long it is."""

from __future__ import annotations

import csv
import io
import json
import os
from typing import Any, Callable, Dict, Iterable, Iterator, Mapping, Sequence, TextIO

from ansible_collections.mdmkit.apps_books.plugins.module_utils._model import AppsBooksError
from ansible_collections.mdmkit.apps_books.plugins.module_utils._wanted.checks import as_name, shown
from ansible_collections.mdmkit.apps_books.plugins.module_utils._whole_file import whole_file

Record = Mapping[str, Any]

_encoded = json.JSONEncoder(ensure_ascii=False).encode


class _Concealing:
    """A file that takes secrets out of what is written to it, piece by piece."""

    def __init__(self, stream: TextIO, conceal: Callable[[str], str]) -> None:
        self._stream = stream
        self._conceal = conceal

    def write(self, text: str) -> int:
        return self._stream.write(self._conceal(text))


def _write_json(stream: _Concealing, columns: Sequence[str], records: Iterable[Record]) -> None:
    between = "[\n"
    for record in records:
        stream.write(between + _encoded(record))
        between = ",\n"
    stream.write("[]\n" if between == "[\n" else "\n]\n")


def _write_json_lines(stream: _Concealing, columns: Sequence[str], records: Iterable[Record]) -> None:
    for record in records:
        stream.write(_encoded(record) + "\n")


def _write_csv(stream: _Concealing, columns: Sequence[str], records: Iterable[Record]) -> None:
    writer = csv.DictWriter(stream, columns, lineterminator="\n")
    writer.writeheader()
    writer.writerows({name: _cell(value) for name, value in record.items()} for record in records)


def _cell(value: Any) -> Any:
    if isinstance(value, bool):
        return "true" if value else "false"
    return " ".join(value) if isinstance(value, list) else value


_WRITERS: Dict[str, Callable[[_Concealing, Sequence[str], Iterable[Record]], None]] = {
    ".json": _write_json,
    ".jsonl": _write_json_lines,
    ".ndjson": _write_json_lines,
    ".csv": _write_csv,
}


def _ending(path: str) -> str:
    return os.path.splitext(path)[1].lower()


def file_faults(option: str, path: str) -> Iterator[str]:
    """Why no file could be written there, as far as that can be known before."""
    folder = os.path.dirname(os.path.abspath(path))
    if os.path.exists(path) and not os.path.isfile(path):
        yield f"{option} {as_name(path)}: there is something that is no file"
    elif not os.path.isdir(folder):
        yield f"{option} {as_name(path)}: there is no folder {as_name(folder)}"
    elif not os.access(folder, os.W_OK | os.X_OK):
        yield f"{option} {as_name(path)}: the folder {as_name(folder)} may not be written to"


def write_text_file(option: str, path: str, text: str) -> str:
    """Write a whole report, or leave what is there as it is. Only the user who runs the module may read it.

    :returns: the path
    :raises AppsBooksError: it cannot be written
    """
    try:
        with whole_file(path) as stream:
            stream.write(text.encode("utf-8"))
    except OSError as error:
        raise AppsBooksError(f"{option} {as_name(path)} cannot be written: {error.strerror or error}.") from None
    return path


def dest_faults(path: str) -> Iterator[str]:
    """Why nothing could be written there, as far as that can be known before."""
    if _ending(path) not in _WRITERS and (os.path.isfile(path) or not os.path.exists(path)):
        yield f"dest {as_name(path)}: the ending {shown(_ending(path))} is not one of .json, .jsonl (or .ndjson), .csv"
    yield from file_faults("dest", path)


def write_dest(path: str, columns: Sequence[str], records: Iterable[Record], conceal: Callable[[str], str]) -> None:
    """Write all records, or leave what is there as it is. Only the user who runs the module may read the file.

    :param columns: every member that a record can have, in the order of a CSV file
    :param conceal: takes secrets out of a text
    :raises AppsBooksError: it cannot be written
    """
    try:
        # Half a character, which UTF-8 cannot write, becomes the escape that JSON has for it.
        with whole_file(path) as file, io.TextIOWrapper(file, encoding="utf-8", errors="backslashreplace", newline="") as stream:
            _WRITERS[_ending(path)](_Concealing(stream, conceal), columns, records)
    except OSError as error:
        raise AppsBooksError(f"dest {as_name(path)} cannot be written: {error.strerror or error}. Nothing was sent to Apple that changes anything.") from None
