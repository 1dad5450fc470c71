# Copyright (c) 2026, the mdmkit.apps_books authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from pathlib import Path
from typing import Any, Dict, List

import pytest
from ansible_collections.mdmkit.apps_books.plugins.module_utils._wanted.text_file import UnreadableText, read_text
from ansible_collections.mdmkit.apps_books.plugins.module_utils._wanted.tree import tree_faults


@pytest.mark.parametrize(
    "content, text",
    [
        (b"", ""),
        (b"\xef\xbb\xbfa\r\nb\r", "a\r\nb\r"),
        ("\u00fc\u2028\U0001f34e\ufeff".encode(), "\u00fc\u2028\U0001f34e\ufeff"),
        (b"\xef\xbb\xbf\xef\xbb\xbfa", "\ufeffa"),
    ],
)
def test_a_text_is_read_as_it_is_but_for_the_mark(tmp_path: Path, content: bytes, text: str) -> None:
    (tmp_path / "a").write_bytes(content)
    assert read_text(str(tmp_path / "a")) == text


@pytest.mark.parametrize(
    "content, reason, line",
    [
        (b"a\nb\xff", "not UTF-8 text (byte 3 of the file)", 2),
        (b"\xef\xbb\xbfa\r\n\r\nb\xff", "not UTF-8 text (byte 9 of the file)", 3),
        (b"a\r\rb\xff", "not UTF-8 text (byte 4 of the file)", 3),
        (b"\xff\xfea\x00", "not UTF-8 text but UTF-16", None),
        (b"\xfe\xff\x00a", "not UTF-8 text but UTF-16", None),
        (b"a\r\nb\x00", "holds a NUL character", 2),
        (b"\x00a", "holds a NUL character", 1),
    ],
)
def test_what_is_no_text_is_told_with_its_line(tmp_path: Path, content: bytes, reason: str, line: Any) -> None:
    (tmp_path / "a").write_bytes(content)
    with pytest.raises(UnreadableText) as caught:
        read_text(str(tmp_path / "a"))
    assert reason in caught.value.reason and caught.value.line == line


@pytest.mark.parametrize(
    "path, reason", [("/dev/zero", "neither a file nor a pipe"), ("/", "Is a directory"), ("a\x00b", "not a path"), ("\ud800", "not a path")]
)
def test_what_is_no_file_is_not_opened(path: str, reason: str) -> None:
    with pytest.raises(UnreadableText, match=reason):
        read_text(path)


def test_a_tree_without_faults_has_none(tmp_path: Path) -> None:
    files = {
        "location.yml": "",
        "client_config.yml": "---\nmdm_info: &a {id: a, name: b, metadata: c}\n",
        "users.csv": "client_user_id\nu-1\n",
        "assignments.yml": "- assets: [1]\n  devices_file: cart.txt\n",
        "cart.txt": "D1\n",
    }
    for name, content in files.items():
        (tmp_path / name).write_text(content)
    tree = {
        "folder": str(tmp_path),
        "small_files": [str(tmp_path / "location.yml"), str(tmp_path / "client_config.yml")],
        "users_files": [str(tmp_path / "users.csv")],
        "assignments_files": [str(tmp_path / "assignments.yml")],
        "client_config": {"mdm_info": {"id": "a", "name": "b", "metadata": "c"}},
        "revocations": {"users": ["u-1"], "devices_file": "cart.txt"},
        "revocations_beside": str(tmp_path / "revocations.yml"),
    }
    assert tree_faults(tree) == [] == tree_faults({})


@pytest.mark.parametrize(
    "tree, told",
    [
        ({"client_config": {"mdm_info": {"id": ""}, "notification_url": 5, "notification_types": "ALL"}}, []),
        (
            {"client_config": {"mdm_info": {"id": " ", "name": "b", "metadata": "c"}, "notification_types": ["ALL", {}]}, "client_config_place": "c.yml"},
            ["c.yml: mdm_info.id is empty", "c.yml: notification_types: 'ALL' is not one of", "c.yml: notification_types[1]: a mapping is not text"],
        ),
        ({"revocations": {"users": "u-1", "users_file": ["a"], "devices": {"D1": 1}}, "revocations_place": "r.yml"}, []),
        (
            {"revocations": {"users": ["", 5, ["u"]], "devices_file": "/nonexistent/lost.txt"}, "revocations_place": "r.yml"},
            [
                "r.yml: users[0]: client_user_id is empty",
                "r.yml: users[1]: 5 is not text",
                "r.yml: users[2]: a list is not text",
                "/nonexistent/lost.txt: No such",
            ],
        ),
        ({"users_files": ["/nonexistent/a.csv"], "assignments_files": ["/nonexistent/b.csv"]}, ["/nonexistent/a.csv: No such", "/nonexistent/b.csv: No such"]),
    ],
)
def test_faults_of_a_tree_come_in_its_order_and_shapes_are_left_to_the_role(tree: Dict[str, Any], told: List[str]) -> None:
    faults = tree_faults(tree)
    assert len(faults) == len(told), faults
    assert all(fault.startswith(part) for fault, part in zip(faults, told)), faults


def test_hidden_links_and_those_of_other_folders_are_left_alone(tmp_path: Path) -> None:
    for name in (".hidden", "users.csv", "users.d/a.csv", "carts/old.txt", "users.d/deeper.d/a.csv"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).symlink_to("nowhere")
    assert tree_faults({"folder": str(tmp_path)}) == [f"{tmp_path}/{name}: a link that leads nowhere" for name in ("users.csv", "users.d/a.csv")]
