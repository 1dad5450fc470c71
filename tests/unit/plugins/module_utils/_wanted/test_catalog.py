# Copyright (c) 2026, the mdmkit.apps_books authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from pathlib import Path
from typing import Dict, List

import pytest
from ansible_collections.mdmkit.apps_books.plugins.module_utils._model import Asset, InputError
from ansible_collections.mdmkit.apps_books.plugins.module_utils._wanted.assignments import wanted_assignments
from ansible_collections.mdmkit.apps_books.plugins.module_utils._wanted.catalog import NO_CATALOG, Catalog, read_catalog

FILM = Asset("1000000010", "PLUS")


def read(folder: Path, files: Dict[str, str], faults: List[str]) -> Catalog:
    for name, text in files.items():
        (folder / name).write_text(text, encoding="utf-8")
    return read_catalog([str(folder / name) for name in files], faults)


def test_a_name_stands_for_an_asset(tmp_path: Path) -> None:
    faults: List[str] = []
    catalog = read(
        tmp_path,
        {
            "catalog.yml": "number-garden: 1000000001\nFilm Workshop: {adam_id: '1000000010', pricing_param: PLUS}\n",
            "books.json": '{"brave river": {"adam_id": 1000000007, "title": "The Brave River", "irrevocable": true}}',
        },
        faults,
    )

    assert faults == []
    assert {name: entry.asset for name, entry in catalog.entries.items()} == {
        "number-garden": Asset("1000000001"), "Film Workshop": FILM, "brave river": Asset("1000000007")
    }
    assert catalog.irrevocable() == {Asset("1000000007")}
    assert catalog.titles() == {Asset("1000000001"): "number-garden", FILM: "Film Workshop", Asset("1000000007"): "The Brave River"}


def test_assets_of_entries_may_be_names_and_numbers_side_by_side(tmp_path: Path) -> None:
    catalog = read(tmp_path, {"catalog.yml": "film: {adam_id: 1000000010, pricing_param: PLUS}\n0x: 17\n"}, [])
    (tmp_path / "assignments.yml").write_text("- assets: [film, 18, {adam_id: 19}, 0x]\n  users: [u-1]\n")

    assets = [FILM, Asset("18"), Asset("19"), Asset("17")]
    assert list(wanted_assignments(None, [str(tmp_path / "assignments.yml")], catalog).assignments()) == assets
    assert list(wanted_assignments([{"assets": ["film", 18, {"adam_id": "19"}, "0x"], "users": []}], None, catalog).assignments()) == assets


def test_a_name_that_is_not_in_the_catalog_is_told_with_its_line_and_the_catalog(tmp_path: Path) -> None:
    catalog = read(tmp_path, {"catalog.yml": "film: 17\n"}, [])
    (tmp_path / "assignments.yml").write_text("- assets:\n    - film\n    - fulm\n  users: [u-1]\n")

    with pytest.raises(InputError) as caught:
        wanted_assignments(None, [str(tmp_path / "assignments.yml")], catalog)
    assert caught.value.faults == [
        f"{tmp_path}/assignments.yml:3 (entry 0).assets[1]: 'fulm' is neither an adam_id such as 1000000001 nor a name in {tmp_path}/catalog.yml"
    ]


def test_without_a_catalog_a_name_is_no_number() -> None:
    with pytest.raises(InputError) as caught:
        wanted_assignments([{"assets": ["film"], "users": []}], None, NO_CATALOG)
    assert caught.value.faults == ["assignments[0].assets[0]: adam_id 'film' is not a number such as 1000000001"]


@pytest.mark.parametrize("broken", ["film: [\n", "film: {adam_id: x}\n", "film:\n"])
def test_what_cannot_be_read_is_told_once_and_not_again_where_it_is_named(tmp_path: Path, broken: str) -> None:
    faults: List[str] = []
    catalog = read(tmp_path, {"catalog.yml": broken}, faults)

    assert len(faults) == 1 and faults[0].startswith(f"{tmp_path}/catalog.yml:1: ")
    assert wanted_assignments([{"assets": ["film"], "users": []}], None, catalog).assignments() == {}


def test_the_same_thing_said_twice_is_one(tmp_path: Path) -> None:
    faults: List[str] = []
    catalog = read(tmp_path, {"a.yml": "film: 17\n", "b.yml": "film: {adam_id: '17', pricing_param: STDQ}\n"}, faults)

    assert faults == [] and len(catalog.entries) == 1


@pytest.mark.parametrize(
    "files, told",
    [
        ({"a.yml": "film: 17\n", "b.yml": "x: 1\nfilm: 18\n"}, ["HERE/b.yml:2: film is said otherwise at HERE/a.yml:1"]),
        ({"a.yml": "film: 17\nmovie:\n  adam_id: 17\n"}, ["HERE/a.yml:2: movie and film (HERE/a.yml:1) are both asset 17 STDQ"]),
        ({"a.yml": "film: 17\nfilm: 17\n"}, ["HERE/a.yml:2: film comes twice in one mapping"]),
        ({"a.json": '{"film": 17,\n"film": 18}'}, ["HERE/a.json:2: film comes twice in one mapping"]),
        ({"a.yml": "film: '{{ x }}'\n"}, ["HERE/a.yml:1: the tree holds data only, no templates"]),
        ({"a.yml": "- film\n"}, ["HERE/a.yml:1: keys and values are expected, not a list"]),
        ({"a.json": "\n[]"}, ["HERE/a.json: a mapping is expected, not a list"]),
        ({"a.json": ""}, ["HERE/a.json: the file is empty; an empty mapping is written {}"]),
        ({"a.txt": "film 17"}, ["HERE/a.txt: the ending '.txt' is not one of .yml, .yaml, .json"]),
        ({"a.json": '{"film": {"adam_id": 17, "title": "\\ud800"}}'}, ["HERE/a.json: half a character (\\ud800 to \\udfff) is in a text"]),
        ({"a.yml": "17: 18\n"}, ["HERE/a.yml:1: '17' is a number, which cannot be told from an adam_id; choose a name"]),
        ({"a.yml": "'': 18\n"}, ["HERE/a.yml:1: the name of the asset is empty"]),
        ({"a.yml": "' x': 18\n"}, ["HERE/a.yml:1: the asset ' x' has white space around its name"]),
        ({"a.yml": f"{'x' * 101}: 18\n"}, ["HERE/a.yml:1: the asset 'xxx"]),
        (
            {"a.yml": "film:\n  adam_id: x\n  pricing_param: FREE\n  price: 3\n  irrevocable: perhaps\n  title: ''\n"},
            [
                "HERE/a.yml:4: unknown key film.price (known: adam_id, pricing_param, title, irrevocable)",
                "HERE/a.yml:6: film.title: '' is not a text on one line",
                "HERE/a.yml:5: film.irrevocable: 'perhaps' is neither true nor false",
                "HERE/a.yml:2: film: adam_id 'x' is not a number",
                "HERE/a.yml:3: film: pricing_param 'FREE' is neither STDQ nor PLUS",
            ],
        ),
        (
            {"a.json": '{\n"film": {\n"title": 5,\n"irrevocable": 1}}'},
            ["HERE/a.json:3: film.title: 5", "HERE/a.json:4: film.irrevocable: 1", "HERE/a.json:2: film: adam_id is missing"],
        ),
    ],
)
def test_faults_are_told_with_their_lines(tmp_path: Path, files: Dict[str, str], told: List[str]) -> None:
    faults: List[str] = []
    read(tmp_path, files, faults)

    expected = [text.replace("HERE", str(tmp_path)) for text in told]
    assert len(faults) == len(expected) and all(fault.startswith(text) for fault, text in zip(faults, expected)), faults
