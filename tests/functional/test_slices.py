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

SLICES = 4
NAMES = [f"school-{number:02}" for number in range(40)]
PLAY = {
    "name": "Look at the stock",
    "hosts": "locations",
    "gather_facts": False,
    "tasks": [
        {
            "name": "Read the stock",
            "mdmkit.apps_books.vpp_asset_info": {"content_token_file": "{{ location_content_token_file }}", "base_url": "{{ location_base_url }}"},
        }
    ],
}
Outcome = Dict[str, List[str]]
"""What a run found for each location."""


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
    (folder / "project").mkdir(parents=True)
    (folder / "inventory").mkdir()
    (folder / "project" / "stock.yml").write_text(yaml.safe_dump([PLAY]), encoding="utf-8")
    script = folder / "inventory" / "hosts"
    script.write_text(f"#!/usr/bin/env python3\nprint({json.dumps(inventory)!r})\n", encoding="utf-8")
    script.chmod(0o700)


def sliced(inventory: Dict[str, Any], number: int) -> Dict[str, Any]:
    """What AWX hands to a slice: every n-th host, and of each group those that are among them."""
    hosts = sorted(inventory["_meta"]["hostvars"])[number::SLICES]
    part = {name: {**group, "hosts": [host for host in group.get("hosts", []) if host in hosts]} for name, group in inventory.items() if name != "_meta"}
    return {**part, "_meta": {**inventory["_meta"], "hostvars": {host: inventory["_meta"]["hostvars"][host] for host in hosts}}}


def outcome(artifacts: pathlib.Path) -> Outcome:
    """What the events of a run tell."""
    events = [json.loads(path.read_text(encoding="utf-8")) for path in artifacts.rglob("job_events/*.json")]
    results = [event["event_data"] for event in events if event["event"] in ("runner_on_ok", "runner_on_failed", "runner_on_unreachable")]
    return {result["host"]: [f"{record['adam_id']}: {record['available_count']}" for record in result["res"]["assets"]] for result in results}


@pytest.fixture
def inventory(playbooks: Playbooks, simulator: SimulatorHandle) -> Inventory:
    made = Inventory(playbooks, simulator)
    for number, name in enumerate(NAMES):
        made.add(name, assets=[asset("1000000001", number + 1), asset("1000000002", 5)])
    made.token_files(*NAMES)
    made.write(token_files=["tokens/*.vpptoken"], base_url=simulator.base_url)
    return made


def test_four_slices_find_what_one_run_finds(inventory: Inventory, simulator: SimulatorHandle, tmp_path: pathlib.Path) -> None:
    limit = 5
    simulator.behaviour(max_requests_per_second=limit, limits={})
    listed = json.loads(inventory.program("ansible-inventory", "--list", "--export").stdout)
    assert sorted(listed["_meta"]["hostvars"]) == NAMES

    control = ExecutionNode(tmp_path / "control")
    control.folder.mkdir()
    write_project(control.folder / "whole", listed)
    control.runner("run", "whole", "-p", "stock.yml", "--forks", "10")
    whole = outcome(control.folder / "whole" / "artifacts")
    assert whole == {name: [f"1000000001: {number + 1}", "1000000002: 5"] for number, name in enumerate(NAMES)}

    simulator.clear_requests()
    nodes, workers = [], []
    for number in range(SLICES):
        project = control.folder / f"slice-{number}"
        write_project(project, sliced(listed, number))
        sent = control.runner("transmit", str(project), "-p", "stock.yml", "--forks", "5")
        # A node has nothing but what was sent to it, and the token files that its administrator put there.
        shutil.rmtree(project)
        node = ExecutionNode(tmp_path / f"node-{number}")
        node.folder.mkdir()
        nodes.append(node)
        workers.append(node.start_worker(sent))
    merged: Outcome = {}
    for number, (node, worker) in enumerate(zip(nodes, workers)):
        assert worker.wait(timeout=300) == 0
        control.runner("process", f"out-{number}", given=(node.folder / "answer").read_bytes())
        part = outcome(control.folder / f"out-{number}" / "artifacts")
        assert len(part) == len(NAMES) // SLICES and not set(part) & set(merged)
        merged.update(part)
    assert merged == whole

    journal = simulator.requests()
    assert [entry for entry in journal if entry["errorNumber"]] == [], "a location was asked too often"
    assert asked(journal) == {name: 1 for name in NAMES}
    assert inventory.search().folder(control.folder, []).hits == () and inventory.search().folder(tmp_path / "node-0", []).hits == ()


def asked(journal: List[Dict[str, Any]]) -> Dict[str, int]:
    """How many requests each location was sent."""
    names: Set[str] = {entry["location"] for entry in journal if entry["location"]}
    return {name: sum(entry["location"] == name for entry in journal) for name in names}
