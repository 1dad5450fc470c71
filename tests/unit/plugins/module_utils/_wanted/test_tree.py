# Copyright (c) 2026, the mdmkit.apps_books authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from pathlib import Path
from typing import Any, Dict, List

import pytest
from ansible_collections.mdmkit.apps_books.plugins.module_utils._wanted.tree import tree_faults


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
