# Copyright (c) 2026, the mdmkit.apps_books authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from pathlib import Path
from typing import Any, Dict, List, NamedTuple, Tuple

import pytest
from ansible_collections.mdmkit.apps_books.plugins.module_utils._model import Asset, Assignments, InputError, Targets
from ansible_collections.mdmkit.apps_books.plugins.module_utils._wanted.assignments import PAIR_COLUMNS, WantedAssignments, wanted_assignments
from ansible_collections.mdmkit.apps_books.tests.unit.support.draw import examples
from ansible_collections.mdmkit.apps_books.tests.unit.support.files import Style, id_lists, styles, write
from hypothesis import given
from hypothesis import strategies as st

A, PLUS, B = Asset("1000000001"), Asset("1000000001", "PLUS"), Asset("0017")

STRUCTURED = (".json", ".jsonl", ".yml")
LISTS = (".json", ".jsonl", ".csv", ".yml", ".txt", "")


class Entry(NamedTuple):
    assets: List[Asset]
    users: List[str]
    devices: List[str]


entries = st.builds(Entry, st.lists(st.sampled_from([A, PLUS, B]), max_size=3), id_lists(4), id_lists(4))


def asset_as_written(asset: Asset, short: bool) -> Any:
    if asset.pricing_param == "STDQ" and short:
        return asset.adam_id
    return {"adam_id": asset.adam_id, "pricing_param": asset.pricing_param}


def union(drawn: List[Entry]) -> Assignments:
    wanted: Assignments = {}
    for entry in drawn:
        for asset in entry.assets:
            targets = wanted.setdefault(asset, Targets(set(), set()))
            targets.users.update(entry.users)
            targets.devices.update(entry.devices)
    return wanted


def in_order(drawn: List[Entry], asset: Asset) -> List[Tuple[str, bool]]:
    return [
        (target, is_device)
        for entry in drawn
        if asset in entry.assets
        for is_device, targets in ((False, entry.users), (True, entry.devices))
        for target in targets
    ]


def check(wanted: WantedAssignments, drawn: List[Entry]) -> None:
    assert wanted.assignments() == union(drawn)
    assert wanted.targets() == Targets({user for entry in drawn for user in entry.users}, {device for entry in drawn for device in entry.devices})
    assert set(wanted.asset_places()) == set(union(drawn))
    for asset in (A, PLUS, B):
        assert list(wanted.in_order(asset)) == in_order(drawn, asset)


@examples(50)
@given(drawn=st.lists(entries, max_size=3), style=styles(*STRUCTURED), users_style=styles(*LISTS), devices_style=styles(*LISTS), short=st.booleans())
def test_blocks_mean_the_same_in_every_way_of_writing_them(
    tmp_path_factory: pytest.TempPathFactory, drawn: List[Entry], style: Style, users_style: Style, devices_style: Style, short: bool
) -> None:
    folder = tmp_path_factory.mktemp("files")
    (folder / "lists").mkdir()
    in_lines = {"", ".txt"}
    drawn = [
        Entry(
            entry.assets,
            [user for user in entry.users if users_style.ending not in in_lines or not user.startswith("#")],
            [device for device in entry.devices if devices_style.ending not in in_lines or not device.startswith("#")],
        )
        for entry in drawn
    ]
    inline, relative, absolute = [], [], []
    for number, entry in enumerate(drawn):
        assets = [asset_as_written(asset, short) for asset in entry.assets]
        inline.append({"assets": assets, "users": entry.users, "devices": entry.devices})
        users_file = write(folder / "lists", f"users{number}", entry.users, users_style, ["client_user_id"])
        devices_file = write(folder / "lists", f"devices{number}", entry.devices, devices_style, ["serial_number"])
        absolute.append({"assets": assets, "users_file": users_file, "devices_file": devices_file})
        relative.append(
            {"assets": assets, "users_file": str(Path(users_file).relative_to(folder)), "devices_file": str(Path(devices_file).relative_to(folder))}
        )

    check(wanted_assignments(inline, None), drawn)
    check(wanted_assignments(absolute, None), drawn)
    check(wanted_assignments(None, [write(folder, "inline", inline, style)]), drawn)
    check(wanted_assignments(None, [write(folder, "relative", relative, style)]), drawn)


@examples(50)
@given(drawn=st.lists(entries, max_size=3), style=styles(".csv"), random=st.randoms(use_true_random=False))
def test_pairs_mean_the_same_as_blocks(tmp_path_factory: pytest.TempPathFactory, drawn: List[Entry], style: Style, random: Any) -> None:
    rows = [
        {"adam_id": asset.adam_id, "pricing_param": asset.pricing_param if asset == PLUS or random.random() < 0.5 else "", member: target}
        for entry in drawn
        for asset in entry.assets
        for member, targets in (("client_user_id", entry.users), ("serial_number", entry.devices))
        for target in targets
    ]
    random.shuffle(rows)

    wanted = wanted_assignments(None, [write(tmp_path_factory.mktemp("files"), "pairs", rows, style, PAIR_COLUMNS)])

    assert wanted.assignments() == {asset: targets for asset, targets in union(drawn).items() if targets.count}
    # What is first in the file comes first.
    for asset in (A, PLUS, B):
        expected = [
            (row.get("client_user_id") or row["serial_number"], "serial_number" in row)
            for row in rows
            if (row["adam_id"], row["pricing_param"] or "STDQ") == asset
        ]
        assert list(wanted.in_order(asset)) == expected


def test_pairs_are_first_come_first_served_in_the_order_of_their_lines(tmp_path: Path) -> None:
    path = tmp_path / "pairs.csv"
    path.write_text("adam_id,client_user_id,serial_number\n1,,D1\n1,u-1,\n2,u-9,\n1,,D2\n1,u-2,\n")

    assert list(wanted_assignments(None, [str(path)]).in_order(Asset("1"))) == [("D1", True), ("u-1", False), ("D2", True), ("u-2", False)]


def test_entries_overlap_freely() -> None:
    wanted = wanted_assignments(
        [
            {"assets": ["1", "2"], "users": ["u-1", "u-1", "u-2"]},
            {"assets": ["2", {"adam_id": 2}, {"adam_id": "2", "pricing_param": "PLUS"}], "users": ["u-2"], "devices": ["D1"]},
        ],
        None,
    )

    assert wanted.assignments() == {
        Asset("1"): Targets({"u-1", "u-2"}, set()),
        Asset("2"): Targets({"u-1", "u-2"}, {"D1"}),
        Asset("2", "PLUS"): Targets({"u-2"}, {"D1"}),
    }
    assert {str(asset): str(place) for asset, place in wanted.asset_places().items()} == {
        "1 STDQ": "assignments[0].assets[0]",
        "2 STDQ": "assignments[0].assets[1]",
        "2 PLUS": "assignments[1].assets[2]",
    }
    assert {user: str(place) for user, place in wanted.user_places(["u-2", "u-1", "u-7"]).items()} == {
        "u-1": "assignments[0].users[0]",
        "u-2": "assignments[0].users[2]",
    }
    assert [str(place) for place in wanted.device_block_places(Asset("2"))] == ["assignments[1].assets[0]"]


def test_places_within_files(tmp_path: Path) -> None:
    (tmp_path / "assignments.yml").write_text("- assets: [1]\n  users: [u-1]\n- assets: [2]\n  users_file: users.csv\n  devices: [D1]\n")
    (tmp_path / "users.csv").write_text("name,client_user_id\nOne,u-2\nTwo,u-3\n")
    (tmp_path / "pairs.csv").write_text("adam_id,client_user_id,serial_number\n\n3,u-4,\n1,u-5,\n3,,D1\n")

    wanted = wanted_assignments(None, [str(tmp_path / "assignments.yml"), str(tmp_path / "pairs.csv")])

    assert {str(asset): str(place).replace(f"{tmp_path}/", "") for asset, place in wanted.asset_places().items()} == {
        "1 STDQ": "assignments.yml:1 (entry 0).assets[0]",
        "2 STDQ": "assignments.yml:3 (entry 1).assets[0]",
        "3 STDQ": "pairs.csv:3",
    }
    assert {user: str(place).replace(f"{tmp_path}/", "") for user, place in wanted.user_places(["u-1", "u-2", "u-3", "u-4", "u-5"]).items()} == {
        "u-1": "assignments.yml:2 (entry 0).users[0]",
        "u-2": "users.csv:2",
        "u-3": "users.csv:3",
        "u-4": "pairs.csv:3",
        "u-5": "pairs.csv:4",
    }
    assert [str(place).replace(f"{tmp_path}/", "") for place in wanted.device_block_places(Asset("3"))] == ["pairs.csv:3"]
    assert [str(place).replace(f"{tmp_path}/", "") for place in wanted.device_block_places(Asset("2"))] == ["assignments.yml:3 (entry 1).assets[0]"]
    assert wanted.device_block_places(Asset("1")) == []


def test_a_path_within_a_file_is_relative_to_that_file_and_one_in_the_option_is_not(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "tree" / "carts").mkdir(parents=True)
    (tmp_path / "tree" / "carts" / "one.txt").write_text("NEAR\n")
    (tmp_path / "carts").mkdir()
    (tmp_path / "carts" / "one.txt").write_text("HERE\n")
    (tmp_path / "other.txt").write_text("BESIDE\n")
    (tmp_path / "tree" / "a.yml").write_text("- {assets: [1], devices_file: carts/one.txt}\n- {assets: [2], devices_file: ../other.txt}\n")
    monkeypatch.chdir(tmp_path)

    wanted = wanted_assignments([{"assets": ["3"], "devices_file": "carts/one.txt"}], ["tree/a.yml"])

    assert {asset.adam_id: targets.devices for asset, targets in wanted.assignments().items()} == {"1": {"NEAR"}, "2": {"BESIDE"}, "3": {"HERE"}}
    assert [str(place) for place in wanted.user_places(["NEAR"]).values()] == []
    assert [listing.place(0) for block in wanted.blocks for listing in block.targets.devices] == ["carts/one.txt:1", "tree/carts/one.txt:1", "other.txt:1"]


def test_a_missing_file_within_a_file_is_told_by_the_path_that_was_looked_for(tmp_path: Path) -> None:
    (tmp_path / "a.yml").write_text("- {assets: [1], devices_file: carts/../two.txt}\n")
    with pytest.raises(InputError) as caught:
        wanted_assignments(None, [str(tmp_path / "a.yml")])
    assert caught.value.faults == [f"{tmp_path}/two.txt: No such file or directory"]


@pytest.mark.parametrize("member", ["users", "devices"])
def test_an_entry_may_name_nobody_if_it_says_so(member: str) -> None:
    """With purge this means that nobody shall have the asset."""
    wanted = wanted_assignments([{"assets": ["1"], member: []}], None)

    assert wanted.assignments() == {Asset("1"): Targets(set(), set())}
    assert wanted.targets() == Targets(set(), set())


def test_an_entry_may_name_no_asset_if_it_says_so() -> None:
    """With purge this means that the targets shall have nothing."""
    wanted = wanted_assignments([{"assets": [], "users": ["u-1"]}], None)

    assert wanted.assignments() == {}
    assert wanted.targets() == Targets({"u-1"}, set())


def test_unquoted_ids_in_yaml_stay_what_was_written(tmp_path: Path) -> None:
    (tmp_path / "a.yml").write_text("- assets: [0017, {adam_id: 1000000001, pricing_param: PLUS}]\n  users: [010, NO, 1e3]\n  devices: [0x1F, 12:30]\n")

    targets = Targets({"010", "NO", "1e3"}, {"0x1F", "12:30"})
    assert wanted_assignments(None, [str(tmp_path / "a.yml")]).assignments() == {B: targets, PLUS: targets}


def test_changing_what_was_given_out_changes_nothing_that_is_wanted() -> None:
    wanted = wanted_assignments([{"assets": ["1", "2"], "users": ["u-1"]}, {"assets": ["2"], "users": ["u-2"]}], None)

    wanted.assignments()[Asset("1")].users.clear()

    assert wanted.assignments() == {Asset("1"): Targets({"u-1"}, set()), Asset("2"): Targets({"u-1", "u-2"}, set())}


def test_nothing_given_nothing_wanted() -> None:
    for wanted in (wanted_assignments(None, None), wanted_assignments([], [])):
        assert (wanted.assignments(), wanted.targets()) == ({}, Targets(set(), set()))


def test_the_option_comes_before_the_files_and_the_files_in_their_order(tmp_path: Path) -> None:
    for name in ("b", "a"):
        (tmp_path / f"{name}.json").write_text('[{"assets": ["1"], "users": ["%s"]}]' % name)

    wanted = wanted_assignments([{"assets": ["1"], "users": ["c"]}], [str(tmp_path / "b.json"), str(tmp_path / "a.json")])

    assert [target for target, dummy in wanted.in_order(Asset("1"))] == ["c", "b", "a"]


def test_a_user_and_a_device_of_one_name_stay_two(tmp_path: Path) -> None:
    (tmp_path / "pairs.csv").write_text("adam_id,client_user_id,serial_number\n1,same,\n1,,same\n")

    wanted = wanted_assignments(None, [str(tmp_path / "pairs.csv")])

    assert wanted.assignments() == {Asset("1"): Targets({"same"}, {"same"})}


def test_rows_by_name(tmp_path: Path) -> None:
    """Columns may stand in any order; what is empty is not given."""
    rows: Dict[str, str] = {"a.csv": "serial_number;adam_id\nD1;1\n", "b.csv": "pricing_param\tclient_user_id\tadam_id\nPLUS\tu-1\t1\n\tu-2\t1\n"}
    for name, text in rows.items():
        (tmp_path / name).write_text(text)

    wanted = wanted_assignments(None, [str(tmp_path / name) for name in rows])

    assert wanted.assignments() == {Asset("1"): Targets({"u-2"}, {"D1"}), Asset("1", "PLUS"): Targets({"u-1"}, set())}
