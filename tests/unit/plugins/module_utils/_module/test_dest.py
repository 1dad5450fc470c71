# Copyright (c) 2026, the mdmkit.apps_books authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import itertools
import json
from pathlib import Path
from typing import Any, Iterator

import pytest
from ansible_collections.mdmkit.apps_books.plugins.module_utils._model import AppsBooksError
from ansible_collections.mdmkit.apps_books.plugins.module_utils._module.dest import dest_faults, write_dest

RECORDS = [
    {"id": "a", "note": 'with "quotes", a comma\nand a line'},
    {"id": "\u00fc\u65e5", "note": None},
    {"id": "half \ud83c", "flag": True, "kinds": ["x", "y"]},
]
COLUMNS = ("id", "note", "flag", "kinds")


def test_json_holds_exactly_the_records(tmp_path: Path) -> None:
    write_dest(str(tmp_path / "a.json"), COLUMNS, RECORDS, str)
    write_dest(str(tmp_path / "a.jsonl"), COLUMNS, RECORDS, str)

    assert json.loads((tmp_path / "a.json").read_text(encoding="utf-8")) == RECORDS
    assert [json.loads(line) for line in (tmp_path / "a.jsonl").read_text(encoding="utf-8").splitlines()] == RECORDS
    assert "\u00fc\u65e5" in (tmp_path / "a.json").read_text(encoding="utf-8")


def test_a_table_has_a_cell_for_every_column(tmp_path: Path) -> None:
    write_dest(str(tmp_path / "a.csv"), COLUMNS, RECORDS, str)

    assert (tmp_path / "a.csv").read_text(encoding="utf-8") == (
        'id,note,flag,kinds\na,"with ""quotes"", a comma\nand a line",,\n\u00fc\u65e5,,,\nhalf \\ud83c,,true,x y\n'
    )


@pytest.mark.parametrize("ending", [".csv", ".json", ".jsonl"])
def test_records_are_written_one_by_one(tmp_path: Path, ending: str) -> None:
    """A plan of a million changes is never in memory as a whole."""
    path = tmp_path / f"a{ending}"

    def records() -> Iterator[Any]:
        for number in range(20000):
            if number == 19999:
                (unfinished,) = tmp_path.iterdir()
                assert unfinished != path and unfinished.stat().st_size > 200000
            yield {"id": f"{number:020}"}

    write_dest(str(path), COLUMNS, records(), str)

    assert len(path.read_text(encoding="utf-8").splitlines()) >= 20000


def test_what_stops_the_records_leaves_the_old_file(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    path.write_text("old", encoding="utf-8")

    with pytest.raises(ZeroDivisionError):
        write_dest(str(path), COLUMNS, ({"id": str(1 // number)} for number in (1, 0)), str)

    assert [(entry.name, entry.read_text(encoding="utf-8")) for entry in tmp_path.iterdir()] == [("a.json", "old")]


def test_a_folder_that_went_away_is_told(tmp_path: Path) -> None:
    with pytest.raises(AppsBooksError, match=r"dest .*a\.csv cannot be written: No such file or directory"):
        write_dest(str(tmp_path / "gone" / "a.csv"), COLUMNS, RECORDS, str)


@pytest.mark.parametrize("ending", [".csv", ".json", ".jsonl"])
def test_every_text_passes_the_concealing(tmp_path: Path, ending: str) -> None:
    path = tmp_path / f"a{ending}"
    counter = itertools.count()

    write_dest(str(path), COLUMNS, [{"id": "one secret"}, {"id": "no", "note": "secret"}], lambda text: text.replace("secret", f"({next(counter)})"))

    assert "secret" not in path.read_text(encoding="utf-8") and next(counter) >= 2


@pytest.mark.parametrize(
    "name, told",
    [
        ("a.csv", []),
        ("a.JSONL", []),
        ("a.txt", ["dest HERE/a.txt: the ending '.txt' is not one of .json, .jsonl (or .ndjson), .csv"]),
        ("a", ["dest HERE/a: the ending '' is not one of .json, .jsonl (or .ndjson), .csv"]),
        ("gone/a.csv", ["dest HERE/gone/a.csv: there is no folder HERE/gone"]),
        ("file/a.csv", ["dest HERE/file/a.csv: there is no folder HERE/file"]),
        ("folder.csv", ["dest HERE/folder.csv: there is something that is no file"]),
        (
            "gone/a.xls",
            ["dest HERE/gone/a.xls: the ending '.xls' is not one of .json, .jsonl (or .ndjson), .csv", "dest HERE/gone/a.xls: there is no folder HERE/gone"],
        ),
    ],
)
def test_what_cannot_be_written_is_known_before(tmp_path: Path, name: str, told: Any) -> None:
    (tmp_path / "folder.csv").mkdir()
    (tmp_path / "file").write_text("", encoding="utf-8")

    assert [fault.replace(str(tmp_path), "HERE") for fault in dest_faults(str(tmp_path / name))] == told
