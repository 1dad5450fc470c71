# Copyright (c) 2026, the mdmkit.apps_books authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Forty locations in four job slices, over the protocol by which AWX works with its execution nodes."""

from __future__ import annotations

import json
import os
import pathlib
import shutil
import subprocess
import sys
from typing import Any, Dict, List, Set

import pytest
import yaml
from vpp_simulator.testing import SimulatorHandle

from .conftest import Playbooks, asset
from .inventories import Inventory
from .test_drift import without_times

EXAMPLES = pathlib.Path(__file__).parents[2] / "examples" / "awx"
SLICES = 4
NAMES = [f"school-{number:02}" for number in range(40)]
CLAIMED = {"id": "ours", "name": "Us", "metadata": "x"}
WRONG = {"school-07": "u-7,seven@example.test\n", "school-21": "u-21,\n"}
"""What stands in the files of some locations beyond what is there."""


class ExecutionNode:
    """What stands between a control node and a location: unpacks a project, runs it, sends back the events."""

    def __init__(self, folder: pathlib.Path) -> None:
        self.folder = folder
        self.environment = {
            "PATH": f"{pathlib.Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
            "HOME": str(folder),
            "TMPDIR": os.environ["TMPDIR"],
            "LC_ALL": "C.UTF-8",
            "ANSIBLE_LOCAL_TEMP": str(folder / "local_tmp"),
            "ANSIBLE_REMOTE_TEMP": str(folder / "remote_tmp"),
        }

    def runner(self, *arguments: str, given: bytes = b"") -> bytes:
        command = ["ansible-runner", *arguments]
        done = subprocess.run(command, cwd=self.folder, env=self.environment, input=given, capture_output=True, timeout=300, check=False)
        assert done.returncode == 0, done.stdout.decode()[-3000:] + done.stderr.decode()[-3000:]
        return done.stdout

    def start_worker(self, given: bytes) -> "subprocess.Popen[bytes]":
        """The worker, beside which others can work. It writes its answer to ``answer``."""
        (self.folder / "given").write_bytes(given)
        with (self.folder / "given").open("rb") as stdin, (self.folder / "answer").open("wb") as stdout:
            command = ["ansible-runner", "worker", "--private-data-dir", str(self.folder / "private")]
            return subprocess.Popen(command, cwd=self.folder, env=self.environment, stdin=stdin, stdout=stdout)


def write_project(folder: pathlib.Path, inventory: Dict[str, Any]) -> None:
    """A private data folder as AWX makes it, with the inventory as a script."""
    (folder / "inventory").mkdir(parents=True)
    (folder / "env").mkdir()
    (folder / "env" / "extravars").write_text(json.dumps({"locations_path": "locations", "drift_parcel": True}), encoding="utf-8")
    shutil.copytree(EXAMPLES, folder / "project", ignore=shutil.ignore_patterns("locations"))
    for name in NAMES:
        location = folder / "project" / "locations" / name
        location.mkdir(parents=True)
        (location / "client_config.yml").write_text(yaml.safe_dump({"mdm_info": CLAIMED}), encoding="utf-8")
        (location / "users.csv").write_text("client_user_id,email\nu-1,one@example.test\n" + WRONG.get(name, ""), encoding="utf-8")
    script = folder / "inventory" / "hosts"
    script.write_text(f"#!/usr/bin/env python3\nprint({json.dumps(inventory)!r})\n", encoding="utf-8")
    script.chmod(0o700)


def sliced(inventory: Dict[str, Any], number: int) -> Dict[str, Any]:
    """What AWX hands to a slice: every n-th host, and of each group those that are among them."""
    hosts = sorted(inventory["_meta"]["hostvars"])[number::SLICES]
    part = {name: {**group, "hosts": [host for host in group.get("hosts", []) if host in hosts]} for name, group in inventory.items() if name != "_meta"}
    return {**part, "_meta": {**inventory["_meta"], "hostvars": {host: inventory["_meta"]["hostvars"][host] for host in hosts}}}


def handed_on(artifacts: pathlib.Path) -> Dict[str, Any]:
    """What a run hands on to the next jobs of a workflow: AWX takes it from the last event and gives it to them as variables."""
    events = [json.loads(path.read_text(encoding="utf-8")) for path in artifacts.rglob("job_events/*.json")]
    (stats,) = (event for event in events if event["event"] == "playbook_on_stats")
    return stats["event_data"]["artifact_data"]


@pytest.fixture
def inventory(playbooks: Playbooks, simulator: SimulatorHandle) -> Inventory:
    made = Inventory(playbooks, simulator)
    for number, name in enumerate(NAMES):
        users = [{"clientUserId": "u-1", "email": f"{'one' if number != 13 else 'other'}@example.test", "status": "Registered"}]
        made.add(name, assets=[asset("1000000001", number + 1), asset("1000000002", 5)], users=users, mdmInfo=CLAIMED)
    made.token_files(*NAMES)
    made.write(token_files=["tokens/*.vpptoken"], base_url=simulator.base_url)
    return made


def test_four_slices_report_what_one_run_reports(inventory: Inventory, simulator: SimulatorHandle, tmp_path: pathlib.Path) -> None:
    limit = 5
    simulator.behaviour(max_requests_per_second=limit, limits={})
    listed = json.loads(inventory.program("ansible-inventory", "--list", "--export").stdout)
    assert sorted(listed["_meta"]["hostvars"]) == NAMES

    control = ExecutionNode(tmp_path / "control")
    control.folder.mkdir()
    write_project(control.folder / "whole", listed)
    simulator.clear_requests()
    control.runner("run", "whole", "-p", "drift.yml", "--forks", "10")
    whole = json.loads((control.folder / "whole" / "project" / "drift" / "drift.json").read_text(encoding="utf-8"))
    assert [location["name"] for location in whole["locations"]] == NAMES
    assert {location["name"] for location in whole["locations"] if location["findings"]} == {"school-07", "school-13", "school-21"}
    assert handed_on(control.folder / "whole" / "artifacts")["drift_summary"] == whole["summary"]
    of_one_run = asked(simulator.requests())

    simulator.clear_requests()
    nodes, workers = [], []
    for number in range(SLICES):
        project = control.folder / f"slice-{number}"
        write_project(project, sliced(listed, number))
        sent = control.runner("transmit", str(project), "-p", "drift.yml", "--forks", "5")
        # A node has nothing but what was sent to it, and the token files that its administrator put there.
        shutil.rmtree(project)
        node = ExecutionNode(tmp_path / f"node-{number}")
        node.folder.mkdir()
        nodes.append(node)
        workers.append(node.start_worker(sent))
    given: Dict[str, Any] = {}
    for number, (node, worker) in enumerate(zip(nodes, workers)):
        assert worker.wait(timeout=300) == 0
        control.runner("process", f"out-{number}", given=(node.folder / "answer").read_bytes())
        # One after the other, as AWX does: the same name twice would be one.
        given.update(handed_on(control.folder / f"out-{number}" / "artifacts"))
    journal = simulator.requests()

    merge = control.folder / "merge"
    write_project(merge, {"_meta": {"hostvars": {}}})
    (merge / "env" / "extravars").write_text(json.dumps(given), encoding="utf-8")
    control.runner("run", "merge", "-p", "merge_drift.yml")
    merged = json.loads((merge / "project" / "drift" / "drift.json").read_text(encoding="utf-8"))
    assert without_times(merged) == without_times(whole)

    assert [entry for entry in journal if entry["errorNumber"]] == [], "a location was asked too often"
    assert asked(journal) == of_one_run and {entry["method"] for entry in journal} == {"GET"}
    assert inventory.search().folder(control.folder, []).hits == () and inventory.search().folder(tmp_path / "node-0", []).hits == ()


def asked(journal: List[Dict[str, Any]]) -> Dict[str, int]:
    """How many requests each location was sent."""
    names: Set[str] = {entry["location"] for entry in journal if entry["location"]}
    return {name: sum(entry["location"] == name for entry in journal) for name in names}
