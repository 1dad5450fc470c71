# Copyright (c) 2026, the mdmkit.apps_books authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""vpp_tree_info, the playbook validate, and what the role makes of catalog and groups."""

from __future__ import annotations

import json
import pathlib
from typing import Any, Dict, List, Tuple

import pytest

from .conftest import APP, INNER_TOKEN, OTHER_APP, TOKEN, Location, Playbooks
from .test_bad_input import told_of_locations, write

NO_CONNECTION = {"VPP_CONTENT_TOKEN": "", "VPP_BASE_URL": "https://192.0.2.1/mdm/v2", "ANSIBLE_FORKS": "4"}

# Below "locations": what each file holds, and on which of its lines something is wrong, told how.
FAULTY: Dict[str, Tuple[str, List[Tuple[int, str]]]] = {
    "catalog.yml": (
        "garden: 1000000001\nsteps:\n  adam_id: 1000000002\n  pricing_param: FREE\nmap: 1000000001\n2026: 1000000009\n"
        "river:\n  adam_id: 7\n  irrevocable: often\n",
        [
            (4, "steps: pricing_param 'FREE' is neither STDQ nor PLUS"),
            (5, "map and garden (HERE/catalog.yml:1) are both asset 1000000001 STDQ"),
            (6, "'2026' is a number, which cannot be told from an adam_id"),
            (9, "river.irrevocable: 'often' is neither true nor false"),
        ],
    ),
    "north/location.yml": (
        "---\nuid: north\nusers_purge: perhaps\nusers_max_removals: 120%\nuser_purge: true\ncontent_token: canary-secret\non_shortage:\n",
        [
            (2, 'uid: "north" is not the digits of a uid'),
            (3, 'users_purge: "perhaps" is not true or false'),
            (4, 'users_max_removals: "120%" is not a number such as 50 or a percentage such as 20%'),
            (5, "unknown key user_purge (known: uid, "),
            (6, "content_token is a secret and must not stand in the tree"),
            (7, "on_shortage: null is not fail or partial"),
        ],
    ),
    "north/client_config.yml": (
        "mdm_info:\n  id: 0123\n  name: North\nnotification_url: http://hooks.example.test/\nnotification_types:\n  - ASSET_COUNT\n  - EVERYTHING\n",
        [
            (1, "mdm_info.metadata is missing"),
            (2, "mdm_info.id: 83 is not text; put it into quotes"),
            (4, "notification_url must begin with https"),
            (7, "notification_types: 'EVERYTHING' is not one of ASSET_COUNT"),
        ],
    ),
    "north/users.csv": (
        "client_user_id,email\nn-1,one@north.test\nn-2,two\n,three@north.test\nn-9,\n",
        [(3, "email 'two' is not an address"), (4, "client_user_id is missing")],
    ),
    "north/users.d/more.json": (
        '[\n  {"client_user_id": "n-1",\n   "email": "other@north.test"}\n]\n', [(2, "user n-1 is said otherwise at HERE/north/users.csv:2")]
    ),
    "north/groups.yml": (
        "cart:\n  devices:\n    - D1\n    - ' D2'\nclass:\n  users: [n-1]\n  groups: [year]\nyear:\n  groups: [class, staff]\nlab: {}\n",
        [
            (4, "cart.devices[1]: serial_number ' D2' has white space around it"),
            (7, "class.groups[0]: the group class would belong to itself, through year"),
            (9, "year.groups[0]: the group year would belong to itself, through class"),
            (9, "year.groups[1]: there is no group 'staff' in HERE/north/groups.yml"),
            (10, "the group lab has none of users, "),
        ],
    ),
    "north/groups.d/loan.csv": (
        "group,serial_number\nloan,D4\nloan,\n",
        [
            (2, "device D4 is to be given something, but to lose everything at HERE/north/lists/lost.txt:2"),
            (3, "exactly one of client_user_id and serial_number is expected"),
        ],
    ),
    "north/revocations.yml": ("users:\n  - n-8\n  - 8\ndevices_file: lists/lost.txt\n", [(3, "users[1]: 8 is not text; put it into quotes")]),
    "north/lists/lost.txt": ("# lost\nD4\nD\t5\n", [(3, "serial_number 'D\\t5' has white space")]),
    "north/assignments.yml": (
        "- title: Carts\n  assets:\n    - garden\n    - gardn\n  groups:\n    - crat\n- assets: [garden]\n  user: [n-1]\n  groups: [cart]\n"
        "- assets: [garden]\n  title: ''\n- assets: [garden]\n  groups: [loan]\n",
        [
            (4, "(entry 0).assets[1]: 'gardn' is neither an adam_id such as 1000000001 nor a name in HERE/catalog.yml"),
            (6, "(entry 0).groups[0]: there is no group 'crat' in HERE/north/groups.yml"),
            (8, "(entry 1): unknown key user (known: assets, "),
            (10, "(entry 2): none of users, "),
        ],
    ),
    "north/assignments.d/pairs.csv": (
        "adam_id,client_user_id\n1000000001,n-8\nPages,n-1\n",
        [(2, "user n-8 is to be given something, but to lose everything at HERE/north/revocations.yml:2: users[0]"), (3, "adam_id 'Pages' is not a number")],
    ),
}


def plant(folder: pathlib.Path, files: Dict[str, str]) -> pathlib.Path:
    for name, content in files.items():
        write(folder / "locations", name, content)
    return folder / "locations"


@pytest.mark.compat
def test_thirty_different_faults_are_all_named_with_file_and_line(playbooks: Playbooks, tmp_path: pathlib.Path) -> None:
    locations = plant(tmp_path, {name: content for name, (content, dummy) in FAULTY.items()})
    expected = [(f"{locations}/{name}:{line}", text.replace("HERE", str(locations))) for name, (dummy, faults) in FAULTY.items() for line, text in faults]
    assert len(expected) >= 30 and len({text for dummy, text in expected}) == len(expected)

    result = playbooks.run_file("mdmkit.apps_books.validate", "-e", "locations_path=locations", environment=NO_CONNECTION)

    assert result.returncode == 2, result.stdout + result.stderr
    told = [line for line in told_of_locations(result.stdout)["north"] if not line.startswith("FAILED in: ")]
    for place, text in expected:
        matching = [line for line in told if line.startswith(place) and line[len(place):].lstrip(": ").startswith(text)]
        assert matching, (place, text, told)
        told.remove(matching[0])
    assert told == []
    assert "canary-secret" not in result.stdout + result.stderr
    assert playbooks.simulator.requests() == []


def test_a_contradiction_across_files_names_both_places(playbooks: Playbooks, tmp_path: pathlib.Path) -> None:
    locations = plant(
        tmp_path,
        {
            "catalog.yml": "garden: 1\nriver: {adam_id: 7, irrevocable: true}\n",
            "north/groups.csv": "group,serial_number\ncart,D1\ncart,D4\n",
            "north/revocations.yml": "users: [n-8]\ndevices:\n  - D4\n",
            "north/assignments.yml": "- {assets: [garden], groups: [cart]}\n- {assets: [river], users: [n-8]}\n",
            "south/users.csv": "client_user_id\ns-1\n",
        },
    )
    arguments = ["-e", "locations_path=locations"]
    result = playbooks.run_file("mdmkit.apps_books.validate", *arguments, environment=NO_CONNECTION)

    assert result.returncode == 2
    assert told_of_locations(result.stdout) == {
        "north": [
            "FAILED in: Check variables and files",
            f"{locations}/north/groups.csv:3: device D4 is to be given something, but to lose everything at {locations}/north/revocations.yml:3: devices[0]",
        ],
        "south": ["valid: 1 user"],
    }
    only_south = playbooks.run_file("mdmkit.apps_books.validate", *arguments, "-e", "locations_only=south", "--check", environment=NO_CONNECTION)
    assert only_south.returncode == 0 and told_of_locations(only_south.stdout) == {"south": ["valid: 1 user"]}


INVENTORY = {
    "all": {
        "children": {
            "ipads": {"hosts": {"ipad-1": {"serial_number": "D7"}, "ipad-2": {"serial_number": "D8"}}},
            "lab": {"hosts": {"lab-1": {"sn": 17}, "lab-2": {}, "lab-3": {"sn": " D9"}}},
        }
    }
}


@pytest.mark.compat
def test_devices_of_inventory_groups_get_what_the_group_gets(playbooks: Playbooks, location: Location, tmp_path: pathlib.Path) -> None:
    (tmp_path / "hosts.json").write_text(json.dumps(INVENTORY), encoding="utf-8")
    plant(
        tmp_path,
        {
            "catalog.yml": f"garden: {APP}\n",
            "springfield/groups.yml": "tablets:\n  inventory_group: ipads\n",
            "springfield/assignments.yml": f"- {{title: Tablets, assets: [garden, {OTHER_APP}], groups: [tablets]}}\n",
        },
    )
    arguments = ["-i", "hosts.json", "-e", "locations_path=locations", "--diff"]
    result = playbooks.run_file("mdmkit.apps_books.apply", *arguments)

    assert result.returncode == 0, result.stdout + result.stderr
    assert {(APP, "D7"), (APP, "D8"), (OTHER_APP, "D7"), (OTHER_APP, "D8")} <= location.pairs()
    assert f'"{APP} STDQ -> device D7": "assigned (Tablets)"' in result.stdout


@pytest.mark.compat
def test_an_inventory_that_does_not_tell_all_serial_numbers_is_refused(playbooks: Playbooks, tmp_path: pathlib.Path) -> None:
    """A device that is left out would lose what it has, where purge is set."""
    (tmp_path / "hosts.json").write_text(json.dumps(INVENTORY), encoding="utf-8")
    locations = plant(
        tmp_path,
        {
            "springfield/groups.yml": "lab:\n  inventory_group: lab\n  serial_number_variable: sn\ncarts:\n  inventory_group: carts\n",
            "springfield/assignments.yml": f"- {{assets: [{APP}], groups: [lab]}}\n",
        },
    )
    result = playbooks.run_file("mdmkit.apps_books.validate", "-i", "hosts.json", "-e", "locations_path=locations", environment=NO_CONNECTION)

    place = f"{locations}/springfield/groups.yml"
    without = "of the group lab has no serial number in its variable sn (text in quotes)"
    assert told_of_locations(result.stdout)["springfield"][1:] == [
        *(f"{place}:2: lab.inventory_group: the host lab-{number} {without}" for number in (1, 2, 3)),
        f"{place}:5: carts.inventory_group: Ansible's inventory has no group carts",
    ]


def test_what_an_inventory_contradicts_is_told_before_anything_is_sent(playbooks: Playbooks, location: Location, tmp_path: pathlib.Path) -> None:
    (tmp_path / "hosts.json").write_text(json.dumps(INVENTORY), encoding="utf-8")
    locations = plant(
        tmp_path,
        {
            "springfield/groups.yml": "tablets:\n  inventory_group: ipads\n",
            "springfield/assignments.yml": f"- {{assets: [{APP}], groups: [tablets]}}\n",
            "springfield/revocations.yml": "devices: [D9, D8]\n",
        },
    )
    for playbook in ("validate", "apply"):
        result = playbooks.run_file(f"mdmkit.apps_books.{playbook}", "-i", "hosts.json", "-e", "locations_path=locations")

        told = f"device D8 is to be given something, but to lose everything at {locations}/springfield/revocations.yml:1: devices[1]"
        assert result.returncode == 2 and told in result.stdout, result.stdout
    assert location.simulator.requests() == []


def test_a_long_list_in_a_small_file_is_told(playbooks: Playbooks, location: Location, tmp_path: pathlib.Path) -> None:
    locations = plant(tmp_path, {"springfield/revocations.yml": "devices:\n" + "".join(f"- SERIAL{number:06}\n" for number in range(60000))})
    for playbook in ("validate", "apply"):
        result = playbooks.run_file(f"mdmkit.apps_books.{playbook}", "-e", "locations_path=locations")

        assert result.returncode == 2, result.stdout
        assert f"{locations}/springfield: what its small files say" in result.stdout and "put long lists into files of their own" in result.stdout
        assert "has no attribute" not in result.stdout
    assert location.simulator.requests() == []


def test_a_part_of_an_inventory_is_no_inventory(playbooks: Playbooks, location: Location, tmp_path: pathlib.Path) -> None:
    """A slice of a job has some hosts of a group only, and the devices of the others would lose what they have."""
    (tmp_path / "hosts.json").write_text(json.dumps(INVENTORY), encoding="utf-8")
    files = {"springfield/groups.yml": "tablets:\n  inventory_group: ipads\n", "springfield/assignments.yml": f"- {{assets: [{APP}], groups: [tablets]}}\n"}
    locations = plant(tmp_path, files)
    for playbook in ("validate", "apply", "drift"):
        arguments = ["-i", "hosts.json", "-e", "locations_path=locations", "-e", "location_inventory_partial=true"]
        result = playbooks.run_file(f"mdmkit.apps_books.{playbook}", *arguments)

        told = f"{locations}/springfield/groups.yml:2: tablets.inventory_group: devices of the group ipads may be missing"
        assert result.returncode == 2 and told in result.stdout, result.stdout
    assert location.simulator.requests() == []


def test_variables_name_other_files_of_groups_and_another_catalog(playbooks: Playbooks, tmp_path: pathlib.Path) -> None:
    plant(tmp_path, {"springfield/assignments.yml": "- {assets: [garden], groups: [cart]}\n", "springfield/groups.yml": "cat: {devices: []}\n"})
    write(tmp_path, "other/names.json", f'{{"garden": "{APP}"}}')
    write(tmp_path, "other/carts.csv", "group,serial_number\ncart,D1\n")
    variables = {"locations_path": "locations", "location_catalog_file": "other/names.json", "location_groups_files": ["other/carts.csv"]}
    result = playbooks.run_file("mdmkit.apps_books.validate", "-e", json.dumps(variables), environment=NO_CONNECTION)
    assert told_of_locations(result.stdout) == {"springfield": ["valid: 1 group, 1 asset, 1 assignment"]}, result.stdout


def test_the_result_names_the_places_of_the_secrets_in_their_order(location: Location, tmp_path: pathlib.Path) -> None:
    path = plant(tmp_path, {"st-mary/location.yml": "content_token_file: ../x.vpptoken\nnotification_auth_token_env: SECRET\n"}) / "st-mary"

    def places(**options: Any) -> Dict[str, Any]:
        result: Dict[str, Any] = location.ok("vpp_tree_info", **options)["content_token_places"]
        return result

    none = {"variables": [], "path": "", "path_variable": ""}
    own = {**none, "variables": ["VPP_CONTENT_TOKEN_ST_MARY"]}
    assert places(path=str(path)) == places(path=str(path), only_location=True) == {**own, "path": f"{path}/../x.vpptoken"}
    assert places(path=str(path), settings={"content_token_file": "/run/y"}) == {**own, "path": "/run/y"}
    assert places(path=str(path), settings={"content_token_env": "MINE"}, name="other")["variables"] == ["MINE"]
    assert places(name="st mary") == own and places() is None
    assert places(name="st mary", only_location=True) == {
        "variables": [*own["variables"], "VPP_CONTENT_TOKEN"],
        "path": "",
        "path_variable": "VPP_CONTENT_TOKEN_FILE",
    }
    of_notifications = location.ok("vpp_tree_info", path=str(path), only_location=True)["notification_auth_token_places"]
    assert of_notifications == {**none, "variables": ["SECRET"]}


def test_the_result_tells_what_the_folder_says(location: Location, tmp_path: pathlib.Path) -> None:
    path = plant(
        tmp_path,
        {
            "catalog.yml": "garden: 1\n",
            "north/location.yml": "uid: 17\nusers_purge: true\n",
            "north/groups.yml": "cart: {devices: [D1]}\nlab: {inventory_group: lab}\n",
            "north/assignments.yml": "- {assets: [garden, 2], groups: [cart], users: [n-1]}\n",
            "north/revocations.yml": "devices_file: lost.txt\nusers: ['n-2']\n",
            "north/lost.txt": "D9\nD9\n",
            "other.csv": "client_user_id\nn-1\n",
        },
    ) / "north"
    given = {"settings": {"uid": "18", "lock_timeout": "5"}, "users_files": [str(path.parent / "other.csv")], "client_config": {"notification_types": []}}
    (path / "lost.txt").rename(path.parent / "lost.txt")
    (path / "revocations.yml").write_text("devices_file: ../lost.txt\nusers: ['n-2']\n", encoding="utf-8")
    result = location.ok("vpp_tree_info", path=str(path), **given)

    assert result["faults"] == [] and result["faults_left_out"] == 0 and result["changed"] is False
    assert result["settings"] == {"uid": "18", "users_purge": True, "lock_timeout": 5}
    assert (result["client_config"], result["revocations"]) == (None, {"users": ["n-2"], "devices_file": f"{path.parent}/lost.txt"})
    assert (result["users_files"], result["catalog_files"]) == ([f"{path.parent}/other.csv"], [f"{path.parent}/catalog.yml"])
    assert (result["groups_files"], result["assignments_files"]) == ([f"{path}/groups.yml"], [f"{path}/assignments.yml"])
    assert result["inventory_groups"] == [{"name": "lab", "serial_number_variable": "serial_number", "place": f"{path}/groups.yml:2: lab.inventory_group"}]
    assert result["counts"] == {"users": 1, "groups": 2, "assets": 2, "assignments": 4, "revocations": 2}
    assert location.ok("vpp_tree_info", path=str(path), **given, inventory_devices={"lab": ["D5"]})["faults"] == []
    (fault,) = location.ok("vpp_tree_info", path=str(path), **given, inventory_devices={"lab": "D5"})["faults"]
    assert fault == f"{path}/groups.yml:2: lab.inventory_group: the devices of the inventory group 'lab' are given as text, not as a list"


@pytest.mark.parametrize(
    "files",
    [
        {"users.csv": "client_user_id,email\n" + "".join(f"u-{number},{'x' * 400}\n" for number in range(20000))},
        {"revocations.yml": "users: [" + ", ".join(f"u-{number:09}" for number in range(90000)) + "]\n"},
        {f"users.d/{number:04}-{'x' * 200}.txt": "" for number in range(3000)},
    ],
    ids=["faults", "a small file that is large", "names of files"],
)
def test_a_result_stays_small_whatever_the_folder_holds(location: Location, tmp_path: pathlib.Path, files: Dict[str, str]) -> None:
    path = plant(tmp_path, {f"north/{name}": content for name, content in files.items()}) / "north"
    result: Dict[str, Any] = location.ok("vpp_tree_info", path=str(path))
    assert result["faults"] and len(json.dumps(result)) < 1024 * 1024


def test_a_token_in_the_tree_is_never_shown(location: Location, tmp_path: pathlib.Path) -> None:
    settings = "".join(f"{name}: {TOKEN}\n" for name in ("uid", "mdm_id", "content_token", "content_tokne", "wait_timeout", "expected_location"))
    config = f"notification_auth_token: {INNER_TOKEN}\nmdm_info: {{id: a, name: b, metadata: {TOKEN}}}\n"
    path = plant(tmp_path, {"north/location.yml": settings, "north/client_config.yml": config}) / "north"
    result = location.ok("vpp_tree_info", path=str(path))
    shown = json.dumps(result)
    assert len(result["faults"]) == 6 and TOKEN[:20] not in shown and TOKEN[-20:] not in shown and INNER_TOKEN not in shown
    refused = location.fails("vpp_tree_info", settings={"content_token": TOKEN}, client_config={"notification_auth_token": INNER_TOKEN})
    assert TOKEN not in json.dumps(refused) and INNER_TOKEN not in json.dumps(refused)
