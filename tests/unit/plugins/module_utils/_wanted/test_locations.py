# Copyright (c) 2026, the mdmkit.apps_books authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import os
from pathlib import Path
from typing import Any, Dict, List, Sequence

import pytest
from ansible_collections.mdmkit.apps_books.plugins.module_utils._model import InputError
from ansible_collections.mdmkit.apps_books.plugins.module_utils._wanted.locations import WantedLocation, wanted_locations


def write(path: Path, text: str = "client_user_id\n") -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def wanted(base: Path, tree: str = "", listed: Sequence[Dict[str, Any]] = (), token_files: Sequence[str] = ()) -> Dict[str, WantedLocation]:
    locations = wanted_locations(str(base), tree, listed, token_files)
    assert len({location.name for location in locations}) == len(locations)
    return {location.name: location for location in locations}


def faults(base: Path, *arguments: Any) -> List[str]:
    with pytest.raises(InputError) as caught:
        wanted(base, *arguments)
    return caught.value.faults


def test_folders_with_something_in_them_are_locations(tmp_path: Path) -> None:
    write(tmp_path / "tree/south/users.csv")
    write(tmp_path / "tree/north/users.d/a.csv")
    write(tmp_path / "tree/.hidden/users.csv")
    write(tmp_path / "tree/only-hidden/.gitkeep")
    write(tmp_path / "tree/too/deep/down/users.csv")
    write(tmp_path / "tree/catalog.yml")
    (tmp_path / "tree/empty").mkdir()
    (tmp_path / "tree/linked").symlink_to(tmp_path / "tree/south")
    locations = wanted(tmp_path, "tree")

    assert list(locations) == ["linked", "north", "south"]
    assert locations["linked"].path == locations["south"].path == str(tmp_path / "tree/south")
    assert locations["north"].token.variable == "VPP_CONTENT_TOKEN_NORTH"


def test_location_yml_says_where_the_token_is_and_whose_the_location_shall_be(tmp_path: Path) -> None:
    write(tmp_path / "tree/north/location.yml", "content_token_env: OTHER\ncontent_token_file: ../north.vpptoken\nmdm_id: '017'\nusers_purge: true\n")
    write(tmp_path / "tree/north/client_config.yml", "mdm_info: {id: second, name: x, metadata: x}\n")
    write(tmp_path / "tree/south/client_config.yml", "mdm_info: {id: second, name: x, metadata: x}\n")
    locations = wanted(tmp_path, "tree")

    north, south = locations["north"], locations["south"]
    assert north.token == ("OTHER", str(tmp_path / "tree/north/../north.vpptoken"), False)
    assert (north.mdm_id, north.own_mdm_id, south.mdm_id, south.own_mdm_id) == ("017", False, "second", False)


@pytest.mark.parametrize(
    "text, fault",
    [
        ("a: [", "location.yml:1: not YAML"),
        ("- a\n", "location.yml:1: keys and values are expected"),
        ("text\n", "location.yml:1: keys and values are expected"),
        ("uid: '1'\nuid: '2'\n", "location.yml:2: uid comes twice in one mapping"),
        ("content_token_env: sec=ret\n", "location.yml: content_token_env is not the name of an environment variable"),
        ("content_token_file: [a]\n", "location.yml: content_token_file is not a path"),
        ("content_token_file: ''\n", "location.yml: content_token_file is not a path"),
    ],
)
def test_a_location_whose_files_cannot_be_read_is_one_all_the_same(tmp_path: Path, text: str, fault: str) -> None:
    write(tmp_path / "tree/north/location.yml", text)
    write(tmp_path / "tree/south/users.csv")
    locations = wanted(tmp_path, "tree")

    (told,) = locations["north"].faults
    assert fault in told and "ret" not in told.replace("secret", "")
    assert locations["south"].faults == ()


def test_a_link_that_leads_nowhere_and_an_empty_file(tmp_path: Path) -> None:
    write(tmp_path / "tree/north/users.csv")
    (tmp_path / "tree/north/location.yml").symlink_to("nowhere")
    write(tmp_path / "tree/north/client_config.yml", "")
    (told,) = wanted(tmp_path, "tree")["north"].faults

    assert told.endswith("location.yml: No such file or directory")


def test_a_list_adds_to_the_folders(tmp_path: Path) -> None:
    write(tmp_path / "tree/north/location.yml", "content_token_file: x\nmdm_id: first\n")
    listed = [
        {"name": "north", "content_token_env": "NORTH", "mdm_id": "ours", "location_path": None, "content_token_file": None},
        {"name": "office", "location_path": "tree/north", "content_token_file": "tokens/office.vpptoken"},
        {"name": "bare"},
    ]
    locations = wanted(tmp_path, "tree", listed)

    assert list(locations) == ["north", "office", "bare"]
    assert locations["north"].token == ("NORTH", str(tmp_path / "tree/north/x"), False)
    assert (locations["north"].mdm_id, locations["north"].own_mdm_id, locations["north"].path) == ("ours", True, str(tmp_path / "tree/north"))
    assert locations["office"].token == ("VPP_CONTENT_TOKEN_OFFICE", str(tmp_path / "tokens/office.vpptoken"), True)
    assert locations["office"].token_file == str(tmp_path / "tokens/office.vpptoken") and locations["office"].path == locations["north"].path
    assert (locations["bare"].path, locations["bare"].token_file) == ("", "")


def test_token_files_are_called_like_locations(tmp_path: Path) -> None:
    for name in ("south", "north", "north-east"):
        write(tmp_path / f"tokens/{name}.vpptoken", "x")
    write(tmp_path / "tree/north/users.csv")
    locations = wanted(tmp_path, "tree", [], ["tokens/*.vpptoken", str(tmp_path / "tokens" / "south.vpptoken"), "missing/west.token"])

    assert list(locations) == ["north", "north-east", "south", "west"]
    assert locations["north"].path and locations["north"].token == ("VPP_CONTENT_TOKEN_NORTH", str(tmp_path / "tokens/north.vpptoken"), True)
    assert locations["west"].token_file == str(tmp_path / "missing/west.token") and not locations["west"].path


def test_all_faults_come_at_once(tmp_path: Path) -> None:
    for folder in ("a", "b"):
        write(tmp_path / folder / "north.vpptoken", "x")
    listed = [
        {"name": " x"},
        {"name": "north", "content_token_env": "1", "content_token_file": "a"},
        {"name": "north", "content_token_file": "c/north.vpptoken"},
    ]
    told = faults(tmp_path, "nowhere", listed, ["a/north.vpptoken", "b/n*", "c/*"])

    assert told == [
        f"locations_path: {tmp_path}/nowhere is not a folder",
        "locations[0]: name ' x' has white space around it or a control character in it",
        "locations[1]: content_token_env is not the name of an environment variable",
        "locations[1]: content_token_env and content_token_file are both given; give one",
        "locations[2]: north stands in locations[1] already",
        f"token_files[2]: no file is called like {tmp_path}/c/*",
        f"north has two token files: {tmp_path}/c/north.vpptoken and {tmp_path}/a/north.vpptoken",
        f"north has two token files: {tmp_path}/a/north.vpptoken and {tmp_path}/b/north.vpptoken",
    ]


def test_the_folder_of_one_location_and_no_location_at_all(tmp_path: Path) -> None:
    write(tmp_path / "north/users.csv")
    (tmp_path / "empty").mkdir()

    assert faults(tmp_path, "north") == [f"locations_path: {tmp_path}/north is itself the folder of a location; name the folder above it"]
    for tree in ("empty", ""):
        assert faults(tmp_path, tree) == ["there is no location: locations_path, locations and token_files name none"]


def test_no_location_is_called_like_a_group(tmp_path: Path) -> None:
    write(tmp_path / "tree/all/users.csv")
    write(tmp_path / "tokens/locations.vpptoken", "x")
    told = faults(tmp_path, "tree", [{"name": "vpp_expiring"}], ["tokens/*"])

    assert told == [f"{name} is the name of a group of the inventory; call the location something else" for name in ("all", "vpp_expiring", "locations")]


def test_only_small_files_are_read(tmp_path: Path) -> None:
    os.makedirs(tmp_path / "tree/north")
    os.mkfifo(tmp_path / "tree/north/users.csv")

    assert list(wanted(tmp_path, "tree")) == ["north"], "reading the pipe would never end"
