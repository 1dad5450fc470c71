# Copyright (c) 2026, the mdmkit.apps_books authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Dict, List, Optional, Set

import pytest
from ansible_collections.mdmkit.apps_books.plugins.module_utils._model import Asset, InputError, Targets
from ansible_collections.mdmkit.apps_books.plugins.module_utils._wanted.assignments import wanted_assignments
from ansible_collections.mdmkit.apps_books.plugins.module_utils._wanted.groups import Groups, read_groups
from ansible_collections.mdmkit.apps_books.tests.unit.support.draw import examples
from ansible_collections.mdmkit.apps_books.tests.unit.support.files import ids
from hypothesis import given
from hypothesis import strategies as st


def read(folder: Path, files: Dict[str, str], faults: List[str], inventory: Optional[Dict[str, List[Any]]] = None) -> Groups:
    for name, text in files.items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    return read_groups([str(folder / name) for name in files if name.startswith("groups")], inventory, faults)


def members(groups: Groups, name: str) -> Targets:
    targets = groups.targets(name)
    return Targets(set(targets.user_ids()), set(targets.serial_numbers()))


def test_a_group_is_all_that_is_said_of_it(tmp_path: Path) -> None:
    faults: List[str] = []
    groups = read(
        tmp_path,
        {
            "groups.yml": "cart:\n  devices: [0017]\n  devices_file: lists/cart.txt\n3a: {users_file: lists/3a.csv}\n",
            "groups.d-more.csv": "group;serial_number;client_user_id\ncart;D9;\n\n3a;;u-9\nstaff;;u-1\n",
            "groups.d-last.json": '{"staff": {"users": ["u-2"], "groups": ["3a"]}}',
            "lists/cart.txt": "D1\nD2\n",
            "lists/3a.csv": "client_user_id,email\nu-3,\n",
        },
        faults,
    )

    assert faults == [] and groups.names() == ["cart", "3a", "staff"]
    assert members(groups, "cart") == Targets(set(), {"0017", "D1", "D2", "D9"})
    assert members(groups, "3a") == Targets({"u-3", "u-9"}, set())
    assert members(groups, "staff") == Targets({"u-1", "u-2", "u-3", "u-9"}, set())


@examples(60)
@given(
    own=st.dictionaries(st.sampled_from("abcdef"), st.tuples(st.lists(ids, max_size=3), st.lists(ids, max_size=3)), min_size=1),
    inner=st.lists(st.tuples(st.sampled_from("abcdef"), st.sampled_from("abcdef"))),
)
def test_whoever_belongs_to_a_group_of_a_group_belongs_to_it(tmp_path_factory: pytest.TempPathFactory, own: Dict[str, Any], inner: List[Any]) -> None:
    # Without circles: a group holds only those behind it in the alphabet.
    edges = {(min(pair), max(pair)) for pair in inner if pair[0] != pair[1] and set(pair) <= set(own)}
    content = {
        name: {"users": users, "devices": devices, "groups": [other for outer, other in sorted(edges) if outer == name]}
        for name, (users, devices) in own.items()
    }
    faults: List[str] = []
    groups = read(tmp_path_factory.mktemp("files"), {"groups.json": json.dumps(content)}, faults)

    def reached(name: str) -> Set[str]:
        return {name}.union(*(reached(other) for outer, other in edges if outer == name))

    assert faults == []
    for name in own:
        expected = Targets({user for each in reached(name) for user in own[each][0]}, {device for each in reached(name) for device in own[each][1]})
        assert members(groups, name) == expected


def test_an_entry_gives_to_groups_beside_its_own_users_and_devices(tmp_path: Path) -> None:
    groups = read(tmp_path, {"groups.yml": "cart: {devices: [D1]}\nstaff: {users: [u-1], groups: [cart]}\n"}, [])
    (tmp_path / "a.yml").write_text("- {assets: [1], groups: [cart]}\n- {assets: [2], users: [u-9], groups: [staff], title: Everybody}\n")

    wanted = wanted_assignments(None, [str(tmp_path / "a.yml")], groups=groups)

    assert wanted.assignments() == {Asset("1"): Targets(set(), {"D1"}), Asset("2"): Targets({"u-9", "u-1"}, {"D1"})}
    assert list(wanted.in_order(Asset("2"))) == [("u-9", False), ("u-1", False), ("D1", True)]
    assert {user: str(place) for user, place in wanted.user_places(["u-1", "u-9"]).items()} == {
        "u-1": f"{tmp_path}/groups.yml:2: staff.users[0]", "u-9": f"{tmp_path}/a.yml:2 (entry 1).users[0]"
    }


def test_the_title_of_an_entry_goes_with_what_it_gives() -> None:
    wanted = wanted_assignments(
        [
            {"assets": ["1"], "users": ["u-1"]},
            {"assets": ["1", "2"], "users": ["u-1", "same"], "devices": ["D1"], "title": "Cart 1"},
            {"assets": ["2"], "users": ["u-1", "u-2"], "title": "Staff"},
        ],
        None,
    )
    title_of = wanted.title_of()

    one, two = Asset("1"), Asset("2")
    assert (title_of(one, "u-1", False), title_of(two, "D1", True), title_of(two, "u-2", False)) == ("Cart 1", "Cart 1", "Staff")
    assert (title_of(one, "u-2", False), title_of(two, "same", True), title_of(Asset("3"), "u-1", False)) == (None, None, None)


def test_devices_of_the_inventory_belong_to_a_group_once_they_are_known(tmp_path: Path) -> None:
    files = {"groups.yml": "carts:\n  inventory_group: ipads\n  devices: [D1]\nlab: {inventory_group: lab, serial_number_variable: sn}\n"}
    faults: List[str] = []
    unknown, known = read(tmp_path, files, faults), read(tmp_path, files, faults, {"ipads": ["D2"], "lab": []})

    assert faults == []
    assert {name: group.serial_number_variable for name, group in unknown.inventory_groups.items()} == {"ipads": "serial_number", "lab": "sn"}
    assert members(unknown, "carts") == Targets(set(), {"D1"})
    assert members(known, "carts") == Targets(set(), {"D1", "D2"})


@pytest.mark.parametrize(
    "files, told",
    [
        (
            {"groups.yml": "a: {groups: [b]}\nb:\n  groups:\n    - c\nc: {groups: [a]}\n"},
            [
                "HERE/groups.yml:1: a.groups[0]: the group a would belong to itself, through b",
                "HERE/groups.yml:4: b.groups[0]: the group b would belong to itself, through c",
                "HERE/groups.yml:5: c.groups[0]: the group c would belong to itself, through a",
            ],
        ),
        ({"groups.yml": "a: {groups: [a]}\n"}, ["HERE/groups.yml:1: a.groups[0]: the group a would belong to itself"]),
        ({"groups.yml": "a: {groups: [b]}\n"}, ["HERE/groups.yml:1: a.groups[0]: there is no group 'b' in HERE/groups.yml"]),
        ({"groups.yml": "a: {groups: b}\n"}, ["HERE/groups.yml:1: a.groups: a list of names of groups is expected"]),
        ({"groups.yml": "a: {groups: [[b]]}\n"}, ["HERE/groups.yml:1: a.groups[0]: a list is not the name of a group"]),
        (
            {"groups.yml": "a:\nb: [u-1]\nc: {}\n"},
            [
                "HERE/groups.yml:1: the group a is a mapping of users, ",
                "HERE/groups.yml:2: the group b is a mapping",
                "HERE/groups.yml:3: the group c has none of users, ",
            ],
        ),
        ({"groups.yml": "' a': {users: []}\n"}, ["HERE/groups.yml:1: the group ' a' has white space around its name"]),
        (
            {"groups.yml": "a:\n  user: [u-1]\n  users: u-1\n"},
            ["HERE/groups.yml:2: unknown key a.user (known: users, ", "HERE/groups.yml:3: a.users: a list is expected"],
        ),
        ({"groups.yml": "a:\n  devices:\n    - D1\n    - ' D2'\n"}, ["HERE/groups.yml:4: a.devices[1]: serial_number ' D2' has white space"]),
        ({"groups.yml": "a: {users_file: gone.txt}\n"}, ["HERE/gone.txt: No such file"]),
        ({"groups.yml": "a: {users: ['{{ x }}']}\n"}, ["HERE/groups.yml:1: the tree holds data only, no templates"]),
        (
            {"groups.yml": "a: {serial_number_variable: sn, users: []}\n"},
            ["HERE/groups.yml:1: a.serial_number_variable: it goes with inventory_group, which is missing"],
        ),
        ({"groups.yml": "a: {inventory_group: [x]}\n"}, ["HERE/groups.yml:1: a.inventory_group: a list is not a name"]),
        (
            {"groups.yml": "a: {inventory_group: x}\nb:\n  inventory_group: x\n  serial_number_variable: sn\n"},
            ["HERE/groups.yml:3: b.inventory_group: the serial numbers of x are in sn, which is said otherwise at HERE/groups.yml:1: a.inventory_group"],
        ),
        (
            {"groups.csv": "group,client_user_id,serial_number\na,u-1,\n,u-2,\nb,u-1,D1\nb,,\nb,,D\x011\n"},
            [
                "HERE/groups.csv:3: the name of the group is empty",
                "HERE/groups.csv:4: exactly one of",
                "HERE/groups.csv:5: exactly one of",
                "HERE/groups.csv:6: serial_number",
            ],
        ),
        ({"groups.csv": "group,serial\na,D1\n"}, ["HERE/groups.csv:1: the first line has to name columns of group, client_user_id, serial_number"]),
        ({"groups.txt": "a\n"}, ["HERE/groups.txt: the ending '.txt' is not one of .yml, .yaml, .json, .csv"]),
    ],
)
def test_faults_are_told_with_their_lines(tmp_path: Path, files: Dict[str, str], told: List[str]) -> None:
    faults: List[str] = []
    read(tmp_path, files, faults)

    expected = [text.replace("HERE", str(tmp_path)) for text in told]
    assert len(faults) == len(expected) and all(fault.startswith(text) for fault, text in zip(faults, expected)), faults


def test_serial_numbers_of_the_inventory_are_checked(tmp_path: Path) -> None:
    faults: List[str] = []
    text = "a:\n  inventory_group: x\nb: {inventory_group: y}\nc: {inventory_group: z}\n"
    read(tmp_path, {"groups.yml": text}, faults, {"x": ["D1", " D2"], "z": [17, "D1", None]})

    assert faults == [
        f"{tmp_path}/groups.yml:2: a.inventory_group: x[1]: serial_number ' D2' has white space around it or a control character in it",
        f"{tmp_path}/groups.yml:3: b.inventory_group: the devices of the inventory group 'y' are not given",
        f"{tmp_path}/groups.yml:4: c.inventory_group: z[0]: 17 is not text; put it into quotes",
        f"{tmp_path}/groups.yml:4: c.inventory_group: z[2]: null is not text; put it into quotes",
    ]


def test_a_group_that_is_not_there_is_told_where_it_is_named(tmp_path: Path) -> None:
    groups = read(tmp_path, {"groups.yml": "cart: {devices: []}\n"}, [])
    (tmp_path / "a.yml").write_text("- assets: [1]\n  groups:\n    - cart\n    - crat\n  title: ''\n- {assets: [1], groups: x, title: [y]}\n")

    with pytest.raises(InputError) as caught:
        wanted_assignments(None, [str(tmp_path / "a.yml")], groups=groups)
    assert caught.value.faults == [
        f"{tmp_path}/a.yml:4 (entry 0).groups[1]: there is no group 'crat' in {tmp_path}/groups.yml",
        f"{tmp_path}/a.yml:6 (entry 1).groups: a list of names of groups is expected",
        f"{tmp_path}/a.yml:6 (entry 1).title: a list is not text",
    ]
    with pytest.raises(InputError) as caught:
        wanted_assignments([{"assets": ["1"], "groups": ["cart"]}], None)
    assert caught.value.faults == ["assignments[0].groups[0]: there is no group 'cart' anywhere, since there is no file of groups"]


def test_groups_of_a_file_that_cannot_be_read_are_not_told_to_be_missing(tmp_path: Path) -> None:
    faults: List[str] = []
    groups = read(tmp_path, {"groups.yml": "a: [\n", "groups.csv": "group,client_user_id\nb,u-1\nb,' u\n"}, faults)

    assert [fault.partition(": ")[0] for fault in faults] == [f"{tmp_path}/groups.yml:1"]
    wanted = wanted_assignments([{"assets": ["1"], "groups": ["a", "b"]}], None, groups=groups)
    assert wanted.assignments() == {Asset("1"): Targets({"u-1", "' u"}, set())}


def test_forty_thousand_devices_are_in_memory_once(tmp_path: Path) -> None:
    text = "group,serial_number\n" + "".join(f"all,D{number}\nhalf,D{number}\n" for number in range(4000))
    groups = read(tmp_path, {"groups.csv": text}, [])

    (everything,), (half,) = groups.targets("all").devices, groups.targets("half").devices
    assert all(one is other for one, other in zip(everything.entries, half.entries))
    assert groups.targets("all").devices[0].entries is everything.entries and half.place(1) == f"{tmp_path}/groups.csv:5"
    entries = [{"assets": ["1"], "groups": ["all"]}, {"assets": ["2", "3"], "groups": ["all"]}, {"assets": ["3"], "groups": ["half"], "devices": ["D-1"]}]
    wanted = wanted_assignments(entries, None, groups=groups).assignments()
    assert wanted[Asset("1")].devices is wanted[Asset("2")].devices is not wanted[Asset("3")].devices
    assert [len(wanted[Asset(number)].devices) for number in "123"] == [4000, 4000, 4001]
