# Copyright (c) 2026, the mdmkit.apps_books authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The option dest: whole plans and listings as files."""

from __future__ import annotations

import csv
import json
import os
import pathlib
import stat
from typing import Any, Dict, List

import pytest

from .conftest import APP, BOOK, INNER_TOKEN, OTHER_APP, TOKEN, Location, Playbooks, seed

ENDINGS = (".json", ".jsonl", ".ndjson", ".csv", ".JSON")
PLANS: Dict[str, Dict[str, Any]] = {
    "vpp_user": {
        "users": [
            {"client_user_id": "u-1", "email": "other@example.test"},
            {"client_user_id": "u-9", "email": '"a,b"@example.test', "managed_apple_id": "nine@appleid.test"},
        ],
        "purge": True,
    },
    "vpp_asset_assignment": {"assignments": [{"assets": [APP, OTHER_APP], "devices": ["D2", "D3"], "users": ["u-2"]}], "purge": "assets"},
    "vpp_asset_revocation": {"users": ["u-1"], "devices": ["D1", "D2"]},
}
LISTINGS: Dict[str, Dict[str, Any]] = {
    "vpp_user_info": {},
    "vpp_asset_info": {},
    "vpp_assignment_info": {"include_user_state": True},
}
LISTED = {"vpp_user_info": "users", "vpp_asset_info": "assets", "vpp_assignment_info": "assignments"}


def read(path: pathlib.Path) -> List[Dict[str, Any]]:
    text = path.read_text(encoding="utf-8")
    if path.suffix.lower() == ".json":
        return json.loads(text)
    if path.suffix == ".csv":
        return list(csv.DictReader(text.splitlines()))
    return [json.loads(line) for line in text.splitlines()]


def as_cells(record: Dict[str, Any]) -> Dict[str, str]:
    """What of a record stands in a table: the cells that are not empty."""
    cells = {}
    for name, value in record.items():
        if value not in (None, "", []):
            cells[name] = " ".join(value) if isinstance(value, list) else str(value).lower() if isinstance(value, bool) else str(value)
    return cells


def check(path: pathlib.Path, expected: List[Dict[str, Any]]) -> None:
    found = read(path)
    assert len(expected) > 2
    if path.suffix == ".csv":
        found, expected = [as_cells(record) for record in found], [as_cells(record) for record in expected]
    assert found == expected


@pytest.mark.parametrize("ending", ENDINGS)
@pytest.mark.parametrize("module", PLANS)
def test_the_whole_plan_is_written_whatever_is_listed(location: Location, tmp_path: pathlib.Path, module: str, ending: str) -> None:
    whole = location.ok(module, check=True, **PLANS[module])["plan"]
    path = tmp_path / f"plan{ending}"

    planned = location.ok(module, check=True, **PLANS[module], max_listed=1, dest=str(path))
    check(path, whole["changes"])
    assert (planned["dest"], len(planned["plan"]["changes"]), location.write_count()) == (str(path), 1, 0)

    path.unlink()
    done = location.ok(module, **PLANS[module], max_listed=0, dest=str(path))
    check(path, whole["changes"])
    assert (done["dest"], done["changed"], done["plan"]["changes"]) == (str(path), True, [])


@pytest.mark.parametrize("ending", ENDINGS)
@pytest.mark.parametrize("module", LISTINGS)
@pytest.mark.parametrize("check_mode", [False, True])
def test_the_whole_list_is_written_whatever_is_listed(location: Location, tmp_path: pathlib.Path, module: str, ending: str, check_mode: bool) -> None:
    whole = location.ok(module, **LISTINGS[module])[LISTED[module]]
    path = tmp_path / f"list{ending}"

    result = location.ok(module, check=check_mode, **LISTINGS[module], max_listed=0, dest=str(path))

    check(path, whole)
    assert (result["dest"], result["changed"], result[LISTED[module]], result["left_out"]) == (str(path), False, [], len(whole))


@pytest.mark.parametrize("ending, content", [(".json", "[]\n"), (".jsonl", ""), (".csv", "action,why,client_user_id,email,managed_apple_id\n")])
def test_a_plan_that_changes_nothing_replaces_the_one_before(location: Location, tmp_path: pathlib.Path, ending: str, content: str) -> None:
    path = tmp_path / f"plan{ending}"
    path.write_text("an older plan", encoding="utf-8")

    result = location.ok("vpp_user", users=[{"client_user_id": "u-1"}], dest=str(path))

    assert (path.read_text(encoding="utf-8"), result["changed"]) == (content, False)


def test_the_file_is_for_one_user_only_and_nothing_else_stays(location: Location, tmp_path: pathlib.Path) -> None:
    path = tmp_path / "users.csv"
    path.write_text("readable", encoding="utf-8")
    path.chmod(0o644)

    location.ok("vpp_user_info", dest=str(path))

    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [entry.name for entry in tmp_path.iterdir()] == ["users.csv"]


def test_the_plan_is_there_where_the_service_then_fails(location: Location, tmp_path: pathlib.Path) -> None:
    location.simulator.faults([{"match": {"method": "POST"}, "do": {"status": 400, "errorNumber": 9602}}])
    path = tmp_path / "plan.json"

    result = location.fails("vpp_user", **PLANS["vpp_user"], dest=str(path))

    assert result["dest"] == str(path) and read(path) == result["plan"]["changes"]


def test_what_is_refused_before_there_is_a_plan_leaves_the_file_alone(location: Location, tmp_path: pathlib.Path) -> None:
    path = tmp_path / "plan.json"
    path.write_text("an older plan", encoding="utf-8")

    location.fails("vpp_user", users=[{"client_user_id": "u-1"}], purge=True, max_removals="x", dest=str(path))
    location.fails("vpp_asset_assignment", assignments=[{"assets": [OTHER_APP], "devices": [f"X{n}" for n in range(9)]}], dest=str(path))

    assert path.read_text(encoding="utf-8") == "an older plan"


def test_a_file_that_cannot_be_written_ends_the_task_before_the_first_write(
    location: Location, tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "plan.csv"

    def full(*dummy: Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "replace", full)
    result = location.fails("vpp_user", **PLANS["vpp_user"], dest=str(path))

    assert f"dest {path} cannot be written: No space left on device. Nothing was sent to Apple that changes anything." in result["msg"]
    assert (result["changed"], location.write_count(), list(tmp_path.iterdir())) == (False, 0, [])


def test_assignments_that_were_listed_can_be_what_is_wanted(location: Location, tmp_path: pathlib.Path) -> None:
    path = tmp_path / "assignments.csv"
    location.ok("vpp_assignment_info", include_user_state=True, dest=str(path))
    held = location.pairs()

    same = location.ok("vpp_asset_assignment", assignments_files=[str(path)], purge="location")
    assert (same["changed"], len(held)) == (False, 5)

    members = seed()["locations"][0]["assignments"]
    location.simulator.reset(seed(assignments=[pair for pair in members if pair["adamId"] == BOOK]))
    location.ok("vpp_asset_assignment", assignments_files=[str(path)], purge="location")
    assert location.pairs() == held


@pytest.mark.parametrize("ending", [".csv", ".json", ".jsonl"])
def test_users_who_were_listed_can_be_what_is_wanted(location: Location, tmp_path: pathlib.Path, ending: str) -> None:
    path = tmp_path / f"users{ending}"
    location.ok("vpp_user_info", active_only=True, dest=str(path))
    before = {key: user.get("email") for key, user in location.users().items()}

    assert not location.ok("vpp_user", users_files=[str(path)], purge=True)["changed"]

    location.simulator.reset(seed(users=[], assignments=[]))
    location.ok("vpp_user", users_files=[str(path)], purge=True)
    assert {key: user.get("email") for key, user in location.users().items()} == before and len(before) == 3


@pytest.mark.parametrize("ending, line", [(".csv", 5), (".json", 5), (".jsonl", 4)])
def test_who_is_retired_does_not_come_back_by_a_list_of_everybody(location: Location, tmp_path: pathlib.Path, ending: str, line: int) -> None:
    path = tmp_path / f"users{ending}"
    location.ok("vpp_user_info", dest=str(path))

    result = location.fails("vpp_user", users_files=[str(path)])

    assert result["faults"] == [f"{path}:{line}: the status says Retired; leave such users out, as vpp_user_info does with active_only: true"]
    assert location.write_count() == 0


def test_invitations_are_written_only_where_they_are_returned(location: Location, tmp_path: pathlib.Path) -> None:
    codes = {user["inviteCode"] for user in location.simulator.state(parts=["users"])["users"] if user.get("inviteCode")}
    plain, with_codes, plan = tmp_path / "plain.csv", tmp_path / "codes.csv", tmp_path / "plan.csv"

    location.ok("vpp_user_info", dest=str(plain))
    location.ok("vpp_user", users=[{"client_user_id": "u-2", "email": "x@example.test"}], return_invitations=True, dest=str(plan))
    assert codes and not any(code in plain.read_text(encoding="utf-8") + plan.read_text(encoding="utf-8") for code in codes)
    location.ok("vpp_user_info", return_invitations=True, dest=str(with_codes))
    assert any(code in with_codes.read_text(encoding="utf-8") for code in codes)


@pytest.mark.parametrize("ending", [".json", ".jsonl", ".csv"])
def test_a_secret_that_the_service_repeats_is_not_in_the_file(location: Location, tmp_path: pathlib.Path, ending: str) -> None:
    users = [{"clientUserId": "u-1", "email": f"{INNER_TOKEN}@example.test", "status": "Registered"}, {"clientUserId": TOKEN, "status": "Registered"}]
    location.simulator.reset(seed(users=users, assignments=[]))
    path = tmp_path / f"users{ending}"

    location.ok("vpp_user_info", dest=str(path))

    text = path.read_text(encoding="utf-8")
    assert "u-1" in text and INNER_TOKEN not in text and TOKEN not in text and len(read(path)) == 2


@pytest.mark.compat
def test_a_playbook_writes_beside_itself(playbooks: Playbooks) -> None:
    tasks = [
        {"name": "Plan", "mdmkit.apps_books.vpp_user": {**PLANS["vpp_user"], "dest": "plan.csv"}, "check_mode": True},
        {"name": "List", "mdmkit.apps_books.vpp_assignment_info": {"dest": "{{ playbook_dir }}/{{ inventory_hostname }}.jsonl"}},
    ]
    result = playbooks.run(tasks)

    assert result.returncode == 0, result.stdout
    assert len(read(playbooks.folder / "plan.csv")) == 4 and len(read(playbooks.folder / "localhost.jsonl")) == 5
    assert playbooks.simulator.writes() == []
