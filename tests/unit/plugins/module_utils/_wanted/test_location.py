# Copyright (c) 2026, the mdmkit.apps_books authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from pathlib import Path
from typing import Any, Dict, List

import pytest
from ansible_collections.mdmkit.apps_books.plugins.module_utils._model import Asset, InputError, Targets
from ansible_collections.mdmkit.apps_books.plugins.module_utils._wanted.location import LocationFiles, look_into_location, read_location
from ansible_collections.mdmkit.apps_books.plugins.module_utils._wanted.settings import SETTINGS

USERS = "client_user_id,email\nu-1,\n"


def plant(folder: Path, files: Dict[str, str]) -> str:
    """A folder of a location beside a catalog; a name that ends in -> is a link to the content."""
    location = folder / "springfield"
    location.mkdir(parents=True, exist_ok=True)
    for name, content in files.items():
        path = location / name.removesuffix("->")
        path.parent.mkdir(parents=True, exist_ok=True)
        if name.endswith("->"):
            path.symlink_to(content)
        else:
            path.write_text(content, encoding="utf-8")
    return str(location)


def faults_of(folder: Path, files: Dict[str, str], **overrides: Any) -> List[str]:
    """The faults, with HERE in place of the folder."""
    path = plant(folder, files)
    return [fault.replace(path, "HERE") for fault in look_into_location(path, overrides)[1]]


WHOLE = {
    "location.yml": "uid: 2049025000431439\nusers_purge: true\nusers_max_removals: 5\nwait_timeout: 60\nmdm_id: ours\n",
    "client_config.yml": "---\nmdm_info: &a {id: ours, name: b, metadata: c}\nnotification_types: [ASSET_COUNT]\n",
    "users.csv": USERS,
    "users.d/more.json": '["u-2"]',
    "groups.yml": "cart: {devices_file: carts/1.txt}\n",
    "groups.d/class.csv": "group,client_user_id\nclass,u-2\n",
    "assignments.yml": "- {assets: [film], groups: [cart, class], title: Films}\n",
    "assignments.d/pairs.csv": "adam_id,client_user_id\n17,u-1\n",
    "revocations.yml": "users: [u-9]\ndevices_file: carts/lost.txt\n",
    "carts/1.txt": "D1\n",
    "carts/lost.txt": "D9\n",
    "README.md": "x",
    "users.d/README.txt": "This folder holds the users of the school.",
    ".hidden": "x",
    "../catalog.yml": "film: {adam_id: 18, pricing_param: PLUS}\n",
}


def test_a_whole_folder(tmp_path: Path) -> None:
    path = plant(tmp_path, WHOLE)
    files = read_location(path)

    assert files.settings == {"uid": "2049025000431439", "users_purge": True, "users_max_removals": "5", "wait_timeout": 60.0, "mdm_id": "ours"}
    assert files.client_config == {"mdm_info": {"id": "ours", "name": "b", "metadata": "c"}, "notification_types": ["ASSET_COUNT"]}
    assert files.users_files == [f"{path}/users.csv", f"{path}/users.d/more.json"]
    assert files.groups_files == [f"{path}/groups.yml", f"{path}/groups.d/class.csv"]
    assert files.assignments_files == [f"{path}/assignments.yml", f"{path}/assignments.d/pairs.csv"]
    assert files.catalog_files == [f"{tmp_path}/catalog.yml"]
    assert files.revocation_options == {"users": ["u-9"], "devices_file": f"{path}/carts/lost.txt"}
    assert files.revocations is not None and [*files.revocations.user_ids(), *files.revocations.serial_numbers()] == ["u-9", "D9"]
    assert files.users is not None and [user.client_user_id for user in files.users] == ["u-1", "u-2"]
    assert files.assignments is not None
    assert files.assignments.assignments() == {Asset("18", "PLUS"): Targets({"u-2"}, {"D1"}), Asset("17"): Targets({"u-1"}, set())}


def test_variables_win_over_files(tmp_path: Path) -> None:
    path = plant(tmp_path, WHOLE)
    (tmp_path / "other.yml").write_text("film: 19\n")
    (tmp_path / "users.txt").write_text("u-7\n")
    given = {
        "uid": "7", "users_purge": "no", "users_max_removals": 10, "on_shortage": "", "client_config": {"notification_types": []},
        "revocations": {"devices": ["D8"]}, "users_files": [str(tmp_path / "users.txt")], "assignments_files": [],
    }
    files = read_location(path, given, str(tmp_path / "other.yml"))

    assert files.settings == {"uid": "7", "users_purge": False, "users_max_removals": "10", "wait_timeout": 60.0, "mdm_id": "ours"}
    assert files.client_config == {"notification_types": []} and files.revocation_options == {"devices": ["D8"]}
    assert files.users is not None and [user.client_user_id for user in files.users] == ["u-7"]
    assert files.assignments is not None and list(files.assignments.assignments()) == [Asset("19"), Asset("17")]


def test_a_part_that_no_file_tells_of_is_none(tmp_path: Path) -> None:
    files = read_location(plant(tmp_path, {"users.csv": USERS, "location.yml": "", "client_config.yml": "# later\n", "revocations.yml": "---\n"}))

    assert files[:9] == LocationFiles({}, None, files.users_files, [], [], [], None, None, files.users, *files[9:])[:9] and files.assignments is None


def test_variables_alone_will_do(tmp_path: Path) -> None:
    (tmp_path / "users.txt").write_text("u-7\n")
    assert read_location(None, {"users_files": [str(tmp_path / "users.txt")]}).users_files == [str(tmp_path / "users.txt")]
    with pytest.raises(InputError) as caught:
        read_location(None)
    assert caught.value.faults == ["nothing to apply: neither location_path nor a variable for one of the parts is given"]


@pytest.mark.parametrize("name", SETTINGS)
def test_a_setting_that_says_nothing_is_a_fault_in_the_file_and_not_given_as_a_variable(tmp_path: Path, name: str) -> None:
    # In place of the name of a secret's variable, the secret may stand.
    null, shown = (": null", ': ["x"]') if SETTINGS[name].is_shown else ("", "")
    (fault,) = faults_of(tmp_path, {"location.yml": f"---\n{name}:\n", "users.csv": USERS})
    assert fault == f"HERE/location.yml:2: {name}{null} is not {SETTINGS[name].told}"
    assert faults_of(tmp_path, {"location.yml": ""}, **{name: None}) == [] == faults_of(tmp_path, {"location.yml": ""}, **{name: ""})
    assert faults_of(tmp_path, {"location.yml": ""}, **{name: ["x"]}) == [f"location_{name}{shown} is not {SETTINGS[name].told}"]


@pytest.mark.parametrize(
    "files, told",
    [
        ({"client_config.yml": "mdm_info:\n  id: ''\n  name: b\n  metadata: c\n"}, ["HERE/client_config.yml:2: mdm_info.id is empty"]),
        (
            {"client_config.yml": "notification_types:\n  - ASSET_COUNT\n  - ALL\n  - {}\nnotification_url: http://h.example.test\n"},
            [
                "HERE/client_config.yml:3: notification_types: 'ALL' is not one of",
                "HERE/client_config.yml:4: notification_types[2]: a mapping is not text",
                "HERE/client_config.yml:5: notification_url must begin with https",
            ],
        ),
        (
            {"revocations.yml": "users:\n  - ''\n  - 5\n  - [u]\ndevices_file: lists/lost.txt\n", "users.csv": USERS},
            [
                "HERE/revocations.yml:2: users[0]: client_user_id is empty",
                "HERE/revocations.yml:3: users[1]: 5 is not text",
                "HERE/revocations.yml:4: users[2]: a list is not text",
                "HERE/lists/lost.txt: No such",
            ],
        ),
        (
            {
                "groups.yml": "cart:\n  devices: [[], D1]\n",
                "assignments.yml": "- {assets: [5], groups: [cart]}\n- {assets: [5], users: [[]]}\n",
                "revocations.yml": "devices: [D9]\n",
            },
            ["HERE/groups.yml:2", "HERE/assignments.yml:2"],
        ),
        (
            {"client_config.yml": "mdm_info: {<<: [5], id: a}\n"},
            ["HERE/client_config.yml:1: << stands for a mapping"],
        ),
        (
            {"location.yml": "---\nmdm_id: theirs\n", "client_config.yml": "mdm_info:\n  id: ours\n  name: b\n  metadata: c\n"},
            ["HERE/client_config.yml:2: mdm_info.id is another one than mdm_id at HERE/location.yml:2"],
        ),
        (
            {"location.yml": f"uid: =\nexpiry_days: {'1:' * 3000}59\nnotification_auth_token_env: 5f2c9e44-6a57\n", "users.csv": USERS},
            [
                'HERE/location.yml:1: uid: "=" is not the digits of a uid',
                "HERE/location.yml:2: expiry_days: a text of 6002 characters is not a number of days",
                "HERE/location.yml:3: notification_auth_token_env is not the name of an environment variable",
            ],
        ),
        ({"location.yml": "x: 2026-02-31\n", "users.csv": USERS}, ["HERE/location.yml:1: unknown key x (known: uid, "]),
        (
            {"users.csv": USERS, "groups.txt": "u-1\n", "grops.yml": ""},
            ["HERE/grops.yml: not a file of a location", "HERE/groups.txt: not a file of a location"],
        ),
        ({"users.csv": USERS, "groups.d/a.csv->": "nowhere"}, ["HERE/groups.d/a.csv: a link that leads nowhere"]),
        ({"users.csv": USERS, "../catalog.yml->": "nowhere"}, ["HERE/../catalog.yml: a link that leads nowhere"]),
    ],
)
def test_faults_are_told_with_their_lines(tmp_path: Path, files: Dict[str, str], told: List[str]) -> None:
    faults = [fault.replace(f"{tmp_path}/catalog.yml", "HERE/../catalog.yml") for fault in faults_of(tmp_path, files)]
    assert len(faults) == len(told) and all(fault.startswith(text) for fault, text in zip(faults, told)), faults


def test_a_long_text_is_never_repeated_since_it_may_be_a_secret(tmp_path: Path) -> None:
    secret = "c2VjcmV0" * 20
    lines = "".join(f"{name}: '{secret}'\n" for name in SETTINGS if SETTINGS[name].kind is not str or not SETTINGS[name].form.match(secret))
    faults = faults_of(tmp_path, {"users.csv": USERS, "location.yml": f"{lines}content_token: {secret}\ncontent_tokne: {secret}\n"}, uid=secret)

    assert len(faults) >= 10 and not any(secret[:20] in fault for fault in faults)
    assert f"HERE/location.yml:1: uid: a text of {len(secret)} characters is not the digits of a uid" in faults


CATALOG = {"../catalog.yml": "river: {adam_id: 7, irrevocable: true}\nfilm: 18\n"}


@pytest.mark.parametrize(
    "files, told",
    [
        ({"assignments.yml": "- assets: [film]\n  users:\n    - u-9\n"}, ["HERE/assignments.yml:3 (entry 0).users[0]: user u-9"]),
        ({"assignments.yml": "- {assets: [river], users: [u-9]}\n"}, []),
        ({"assignments.yml": "- {assets: [7], users: [u-9]}\n- {assets: [7, 18], users: [u-1]}\n"}, []),
        ({"assignments.yml": "- {assets: [7, 18], users: [u-9]}\n"}, ["HERE/assignments.yml:1 (entry 0).users[0]: user u-9"]),
        ({"assignments.yml": "- {assets: [], users: [u-9]}\n"}, []),
        ({"assignments.yml": "- {assets: [18], users: [D9], devices: [u-9]}\n"}, []),
        ({"assignments.csv": "adam_id,client_user_id,serial_number\n7,u-9,\n18,u-1,\n18,,D9\n"}, ["HERE/assignments.csv:4: device D9"]),
        (
            {
                "groups.csv": "group,serial_number\ncart,D1\ncart,D9\n",
                "assignments.yml": "- {assets: [18], groups: [cart]}\n- {assets: [19], groups: [cart]}\n",
            },
            ["HERE/groups.csv:3: device D9"],
        ),
    ],
)
def test_nobody_is_given_something_who_is_to_lose_everything(tmp_path: Path, files: Dict[str, str], told: List[str]) -> None:
    """Otherwise each run would take it back, and give it again. What can never be taken back is no contradiction."""
    revocations = {"revocations.yml": "users: [u-9]\ndevices_file: lists/lost.txt\n", "lists/lost.txt": "# away\nD9\n"}
    faults = faults_of(tmp_path, {"users.csv": USERS, **CATALOG, **revocations, **files})

    where = {"user": "HERE/revocations.yml:1: users[0]", "device": "HERE/lists/lost.txt:2"}
    assert faults == [f"{text} is to be given something, but to lose everything at {where[text.split()[-2]]}" for text in told]


def test_hidden_links_and_those_of_other_folders_are_left_alone(tmp_path: Path) -> None:
    links = {f"{name}->": "nowhere" for name in (".hidden", "users.csv", "users.d/a.csv", "carts/old.txt", "users.d/deeper.d/a.csv")}
    assert faults_of(tmp_path, {"assignments.yml": "[]", **links}) == [f"HERE/{name}: a link that leads nowhere" for name in ("users.csv", "users.d/a.csv")]


def test_folders_may_be_links(tmp_path: Path) -> None:
    (tmp_path / "shared").mkdir()
    (tmp_path / "shared" / "a.csv").write_text(USERS)
    path = plant(tmp_path, {"users.d->": "../shared"})
    assert read_location(path).users_files == [f"{path}/users.d/a.csv"]
