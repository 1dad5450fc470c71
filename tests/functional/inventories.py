# Copyright (c) 2026, the mdmkit.apps_books authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An inventory of locations for a test: its file, its tokens, and what Ansible's programs make of it."""

from __future__ import annotations

import json
import pathlib
import subprocess
import sys
from typing import Any, Dict, List, Set

import yaml
from ansible_collections.mdmkit.apps_books.tests.canary.search import Search, Secret
from ansible_collections.mdmkit.apps_books.tests.canary.world import secret_text
from vpp_simulator.testing import SimulatorHandle, content_token, inner_token

from .conftest import Playbooks, asset, seed

PLUGIN = "mdmkit.apps_books.locations"
Completed = subprocess.CompletedProcess[str]


class Inventory:
    """An inventory file in a folder of its own, and the locations of the simulator that it may speak of."""

    def __init__(self, playbooks: Playbooks, simulator: SimulatorHandle) -> None:
        self.playbooks = playbooks
        self.simulator = simulator
        self.folder = playbooks.folder
        self.environment: Dict[str, str] = {}
        self.tokens: Dict[str, str] = {}
        self._seed: Dict[str, Any] = {**seed(), "locations": []}
        playbooks.environment["VPP_CONTENT_TOKEN"] = ""

    def add(self, *names: str, **members: Any) -> None:
        """Locations of the simulator, each with its token in the environment."""
        for name in names:
            token = content_token(token=secret_text(name), org_name=f"Schools of {name}")
            self.tokens[name] = token
            self.environment["VPP_CONTENT_TOKEN_" + name.upper().replace("-", "_")] = token
            number = len(self._seed["locations"]) + 1
            location = {"name": name, "uId": f"400{number}", "content_token": token, "assets": [asset("1000000001", 20)]}
            self._seed["locations"].append({**location, **members})
        self.simulator.reset(self._seed)

    def folders(self, *names: str, **files: Any) -> None:
        """Folders of locations, each of which wants one user."""
        for name in names:
            folder = self.folder / "locations" / name
            folder.mkdir(parents=True)
            (folder / "users.csv").write_text("client_user_id\nu-new\n", encoding="utf-8")
            for file, content in files.items():
                (folder / (file + ".yml")).write_text(yaml.safe_dump(content), encoding="utf-8")

    def token_files(self, *names: str) -> None:
        folder = self.folder / "tokens"
        folder.mkdir(exist_ok=True)
        for name in names:
            (folder / f"{name}.vpptoken").write_text(self.tokens[name], encoding="utf-8")

    def write(self, **options: Any) -> None:
        (self.folder / "locations.yml").write_text(yaml.safe_dump({"plugin": PLUGIN, **options}), encoding="utf-8")

    def program(self, program: str, *arguments: str, **environment: str) -> Completed:
        """Run one of Ansible's programs on the inventory; nothing of what it prints may be secret."""
        command = [str(pathlib.Path(sys.executable).parent / program), "-i", "locations.yml", *arguments]
        known = {**self.playbooks.environment, **self.environment, "ANSIBLE_INVENTORY_ANY_UNPARSED_IS_FAILED": "1", **environment}
        result = subprocess.run(command, cwd=self.folder, env=known, capture_output=True, text=True, timeout=300, check=False)
        assert [str(hit) for hit in self.search().text(result.stdout + result.stderr, program).hits] == []
        return result

    def search(self) -> Search:
        outer = [Secret(f"token of {name}", token) for name, token in self.tokens.items()]
        return Search(outer + [Secret(f"inner token of {name}", inner_token(token)) for name, token in self.tokens.items()])

    def listed(self, **environment: str) -> "Listed":
        result = self.program("ansible-inventory", "--list", "--vars", **environment)
        assert result.returncode == 0, result.stdout + result.stderr
        return Listed(json.loads(result.stdout), result.stderr)

    def fails(self, **options: Any) -> str:
        """What is said, in one line, of an inventory that cannot be used."""
        self.write(**options)
        result = self.program("ansible-inventory", "--list")
        assert result.returncode != 0, result.stdout
        return " ".join(result.stderr.split())

    def asked(self) -> Dict[str, List[str]]:
        """The paths that each location was asked for, since this was last asked."""
        paths: Dict[str, List[str]] = {}
        for entry in self.simulator.requests():
            paths.setdefault(entry["location"] or "", []).append(entry["path"])
        self.simulator.clear_requests()
        return paths


class Listed:
    """What ansible-inventory --list shows."""

    def __init__(self, content: Dict[str, Any], warnings: str) -> None:
        self.warnings = " ".join(warnings.split())
        self.hosts: Dict[str, Dict[str, Any]] = {name: _plain(variables) for name, variables in content["_meta"]["hostvars"].items()}
        self.groups: Dict[str, Set[str]] = {name: set(group["hosts"]) for name, group in content.items() if "hosts" in group}


def _plain(value: Any) -> Any:
    """A value without the mark by which Ansible says that it is no template."""
    if isinstance(value, dict):
        return value["__ansible_unsafe"] if set(value) == {"__ansible_unsafe"} else {name: _plain(member) for name, member in value.items()}
    return [_plain(entry) for entry in value] if isinstance(value, list) else value
