# Copyright (c) 2026, the mdmkit.apps_books authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from typing import Any, List

import pytest
from ansible_collections.mdmkit.apps_books.plugins.module_utils._wanted.listings import from_file, ids_from_file, inline, resolved
from ansible_collections.mdmkit.apps_books.plugins.module_utils._wanted.tables import rows_of
from ansible_collections.mdmkit.apps_books.plugins.module_utils._wanted.text_file import UnreadableFile


@pytest.mark.parametrize(
    "path, beside, found",
    [
        ("a.txt", None, "a.txt"),
        ("../a.txt", None, "../a.txt"),
        ("a.txt", "tree/list.yml", "tree/a.txt"),
        ("../a.txt", "tree/list.yml", "a.txt"),
        ("./carts/a.txt", "/srv/tree/list.yml", "/srv/tree/carts/a.txt"),
        ("/srv/a.txt", "tree/list.yml", "/srv/a.txt"),
        ("a.txt", "list.yml", "a.txt"),
    ],
)
def test_a_path_within_a_file_is_meant_relative_to_that_file(path: str, beside: Any, found: str) -> None:
    assert resolved(path, beside) == found


def test_an_inline_list_is_copied() -> None:
    values = ["a"]
    listing = inline("option", values)
    values.append("b")

    assert (listing.entries, listing.place(0), listing.name) == (["a"], "option[0]", "option")


def test_a_json_file_tells_the_line_of_each_entry(tmp_path: Path) -> None:
    path = tmp_path / "list.json"
    path.write_text('\n [ "a",\n\n {"b":\n 1}, 2,\r\n ["c"\n], "]"\n ]')

    listing = from_file(str(path))

    assert listing.entries == ["a", {"b": 1}, 2, ["c"], "]"]
    assert [listing.place(index) for index in (4, 0, 3, 1, 2)] == [f"{path}:{line}" for line in (7, 2, 6, 4, 5)]


def test_values_of_csv_lose_the_white_space_around_them(tmp_path: Path) -> None:
    path = tmp_path / "list.csv"
    path.write_text(' a ,"b"\n 1 , "2"\n" 3",\n')

    assert list(rows_of(str(path), ["a", "b"])) == [(2, ("1", '"2"')), (3, ("3", ""))]


@pytest.mark.parametrize("columns, told", [("abc", ("1", "2", "")), ("ba", ("2", "1")), ("b", ("2",)), ("cb", ("", "2"))])
def test_cells_come_in_the_order_of_the_columns_that_are_asked_for(tmp_path: Path, columns: str, told: Any) -> None:
    path = tmp_path / "list.csv"
    path.write_text("a,b\n1,2\n")

    assert list(rows_of(str(path), list(columns), other_columns=None)) == [(2, told)]


def test_a_row_of_the_wrong_length_does_not_hide_the_others(tmp_path: Path) -> None:
    path = tmp_path / "list.csv"
    path.write_text("a,b\n1\n2,3\n4,5,6\n")
    rows = rows_of(str(path), ["a", "b"])

    assert next(rows) == (3, ("2", "3"))
    with pytest.raises(UnreadableFile) as caught:
        next(rows)
    assert list(caught.value.faults) == [f"{path}:2: 1 field, but the first line names 2", f"{path}:4: 3 fields, but the first line names 2"]


def test_a_quoted_line_break_counts_as_a_line(tmp_path: Path) -> None:
    path = tmp_path / "list.csv"
    path.write_text('id,note\n1,"two\nlines"\n2,\n')

    listing = ids_from_file(str(path), "id")

    assert listing.entries == ["1", "2"]
    assert listing.place(1) == f"{path}:4"


@pytest.mark.parametrize("header, row", [("a,b", "1,2;3"), ("a;b", "1;2,3"), ("a\tb", "1\t2,3;4")])
def test_the_first_line_tells_the_delimiter(tmp_path: Path, header: str, row: str) -> None:
    path = tmp_path / "list.csv"
    path.write_text(f"{header}\n{row}\n")

    ((dummy, (first, second)),) = rows_of(str(path), ["a", "b"])
    assert first == "1" and second and second in row


def read_without(module: str, paths: List[Path]) -> str:
    """What a Python says that lacks this module."""
    script = (
        "import sys\n"
        f"sys.modules[{module!r}] = None\n"
        "from ansible_collections.mdmkit.apps_books.plugins.module_utils._wanted.listings import ids_from_file\n"
        "from ansible_collections.mdmkit.apps_books.plugins.module_utils._wanted.text_file import UnreadableFile\n"
        "for path in sys.argv[1:]:\n"
        "    try:\n"
        "        listing = ids_from_file(path, 'id')\n"
        "        print(ascii(listing.entries), listing.place(len(listing.entries) - 1))\n"
        "    except UnreadableFile as error:\n"
        "        print(error)\n"
    )
    return subprocess.run([sys.executable, "-c", script, *map(str, paths)], capture_output=True, check=True, text=True).stdout


def test_json_is_read_alike_without_orjson(tmp_path: Path) -> None:
    contents = {
        "a.json": '["\u00fc", {"id": 17},\n"x"]',
        "b.jsonl": '"a\u2028b"\n\n{"id": "x"}\n',
        "c.json": "[1,\n}",
        "d.json": "",
        "e.jsonl": "1\n{",
        "f.json": "[" * 100000,
    }
    paths = []
    for name, text in contents.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
        paths.append(tmp_path / name)

    told = read_without("orjson", paths)

    assert told == read_without("no_such_module", paths)
    assert f"{tmp_path}/a.json:2" in told and f"{tmp_path}/c.json:2: not JSON" in told


def test_without_pyyaml_only_yaml_cannot_be_read(tmp_path: Path) -> None:
    (tmp_path / "a.yml").write_text("- x\n")
    (tmp_path / "a.csv").write_text("id\nx\n")

    told = read_without("yaml", [tmp_path / "a.yml", tmp_path / "a.csv"]).splitlines()

    assert told == [
        f"{tmp_path}/a.yml: reading YAML needs PyYAML for the Python that runs the module; JSON and CSV do not",
        f"['x'] {tmp_path}/a.csv:2",
    ]


def test_pyyaml_is_loaded_for_yaml_only(tmp_path: Path) -> None:
    """It takes a tenth of the time that a module takes to start."""
    for name, text in (("a.csv", "id\nx\n"), ("b.json", '["x"]'), ("c.txt", "x\n"), ("d.yml", "- x\n")):
        (tmp_path / name).write_text(text)
    script = (
        "import sys\n"
        "from ansible_collections.mdmkit.apps_books.plugins.module_utils._wanted.listings import ids_from_file\n"
        "for path in sys.argv[1:]:\n"
        "    ids_from_file(path, 'id')\n"
        "    print('yaml' in sys.modules)\n"
    )
    paths = [str(path) for path in sorted(tmp_path.iterdir())]

    told = subprocess.run([sys.executable, "-c", script, *paths], capture_output=True, check=True, text=True).stdout.split()

    assert told == ["False", "False", "False", "True"]


def test_every_format_that_is_announced_is_read(tmp_path: Path) -> None:
    with pytest.raises(UnreadableFile) as caught:
        ids_from_file("list.doc", "id")
    announced = re.findall(r"\.[a-z]+|none", str(caught.value).partition("is not one of ")[2])

    contents = {".json": '["x"]', ".jsonl": '"x"\n', ".csv": "id\nx\n", ".yml": "- x\n", ".yaml": "- x\n", ".txt": "x\n", ".ndjson": '"x"\n', "": "x\n"}
    assert {"" if ending == "none" else ending for ending in announced} == set(contents)
    for ending, text in contents.items():
        (tmp_path / f"list{ending}").write_text(text)
        assert ids_from_file(str(tmp_path / f"list{ending}"), "id").entries == ["x"]
