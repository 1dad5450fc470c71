# Copyright (c) 2026, the mdmkit.apps_books authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from pathlib import Path
from typing import Any, Dict, List

import pytest
from ansible_collections.mdmkit.apps_books.plugins.module_utils._model import InputError, Targets
from ansible_collections.mdmkit.apps_books.plugins.module_utils._wanted.targets import wanted_everybody_but, wanted_targets
from ansible_collections.mdmkit.apps_books.tests.unit.support.draw import examples
from ansible_collections.mdmkit.apps_books.tests.unit.support.files import Style, id_lists, styles, write
from hypothesis import given


@examples(50)
@given(
    users=id_lists(),
    devices=id_lists(),
    users_style=styles(".json", ".jsonl", ".csv", ".yml", ".txt", ""),
    devices_style=styles(".json", ".yaml", ".csv", ".TXT"),
)
def test_lists_and_files_say_the_same(
    tmp_path_factory: pytest.TempPathFactory, users: List[str], devices: List[str], users_style: Style, devices_style: Style
) -> None:
    if users_style.ending in (".txt", ""):
        users = [user for user in users if not user.startswith("#")]
    if devices_style.ending == ".TXT":
        devices = [device for device in devices if not device.startswith("#")]
    folder = tmp_path_factory.mktemp("files")
    by_file = wanted_targets(
        {
            "users_file": write(folder, "users", users, users_style, ["client_user_id"]),
            "devices_file": write(folder, "devices", devices, devices_style, ["serial_number"]),
        }
    )
    inline = wanted_targets({"users": users, "devices": devices})

    assert list(by_file.user_ids()) == list(inline.user_ids()) == users
    assert list(by_file.serial_numbers()) == list(inline.serial_numbers()) == devices


def test_a_list_and_a_file_together_are_one_list(tmp_path: Path) -> None:
    (tmp_path / "devices.txt").write_text("D2\nD1\n")

    targets = wanted_targets({"devices": ["D1", 7], "devices_file": str(tmp_path / "devices.txt"), "users": None, "users_file": None})

    assert list(targets.serial_numbers()) == ["D1", "7", "D2", "D1"]
    assert list(targets.user_ids()) == []


def test_only_the_named_column_of_a_table_is_read(tmp_path: Path) -> None:
    """An export of the inventory will do."""
    (tmp_path / "devices.csv").write_text('name;serial_number;"bought, when"\nIris\u2019s iPad;D1;2025\n;D2;\n'.replace("\u2019", "'"))

    assert list(wanted_targets({"devices_file": str(tmp_path / "devices.csv")}).serial_numbers()) == ["D1", "D2"]


def test_lines_of_a_text_file(tmp_path: Path) -> None:
    """White space around an id, empty lines and comments are a person's."""
    (tmp_path / "cart").write_bytes(b"\xef\xbb\xbf# cart 7\r\n\r\n  D1 \r\n#D2\r\nD3")

    assert list(wanted_targets({"devices_file": str(tmp_path / "cart")}).serial_numbers()) == ["D1", "D3"]


@pytest.mark.parametrize("option", ["users_file", "devices_file"])
def test_an_empty_path_is_not_given(option: str) -> None:
    targets = wanted_targets({option: ""})

    assert (list(targets.user_ids()), list(targets.serial_numbers())) == ([], [])


def test_the_list_that_was_given_is_left_as_it_was() -> None:
    given_list = [1, "D2"]

    wanted_targets({"devices": given_list})

    assert given_list == [1, "D2"]


@pytest.mark.parametrize(
    "option, kinds",
    [
        ({"devices": ["D1"]}, (False, True)),
        ({"users": ["u-1"], "devices": None, "devices_file": ""}, (True, False)),
        ({"users": ["u-1"], "devices": ["D1"]}, (True, True)),
    ],
)
def test_only_others_of_a_kind_that_is_listed_are_meant(option: Dict[str, Any], kinds: tuple) -> None:
    others = wanted_everybody_but(option, allow_empty=False)
    assert (others.users, others.devices) == kinds
    assert others.listed.targets() == Targets(set(option.get("users") or ()), set(option.get("devices") or ()))


@pytest.mark.parametrize(
    "option, kind", [({"devices": []}, "devices"), ({"users": [], "devices": ["D1"]}, "users"), ({"devices_file": "empty.txt"}, "devices")]
)
def test_a_list_of_nobody_has_to_be_allowed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, option: Dict[str, Any], kind: str) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "empty.txt").write_text("# nobody\n", encoding="utf-8")
    with pytest.raises(InputError, match=f"everybody_but lists no {kind}, so all of them would be meant"):
        wanted_everybody_but(option, allow_empty=False)
    assert getattr(wanted_everybody_but(option, allow_empty=True), kind)


@pytest.mark.parametrize("option", [{}, {"users": None, "devices_file": ""}])
def test_somebody_has_to_be_listed(option: Dict[str, Any]) -> None:
    """Texts that are empty, as of a survey that nobody filled in, are not lists of nobody."""
    with pytest.raises(InputError, match="none of users, users_file, devices, devices_file is given"):
        wanted_everybody_but(option, allow_empty=True)


def test_a_wrong_id_is_told_with_its_place() -> None:
    with pytest.raises(InputError, match=r"1 fault .*everybody_but.devices\[1\]"):
        wanted_everybody_but({"devices": ["D1", " "]}, allow_empty=False)
