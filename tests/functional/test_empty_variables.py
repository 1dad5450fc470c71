# Copyright (c) 2026, the mdmkit.apps_books authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A job survey sends an empty text for every field that nobody filled in: for the playbooks that is the same as not to send it."""

from __future__ import annotations

import json
import pathlib
import re
from typing import Any, Dict, Iterator, List

import pytest
import yaml
from vpp_simulator.testing import SimulatorHandle

from .conftest import APP, Playbooks

pytestmark = pytest.mark.compat

COLLECTION = pathlib.Path(__file__).parents[2]
VARIABLES = sorted(yaml.safe_load((COLLECTION / "roles/location/meta/argument_specs.yml").read_text(encoding="utf-8"))["argument_specs"]["main"]["options"])
OF_PLAYBOOKS = {
    "apply": ["locations_only"],
    "validate": ["locations_only"],
    "takeover": ["locations_only", "takeover_from"],
    "release": [
        "locations_only",
        "release_id",
        "release_name",
        "release_metadata",
        "release_notification_url",
        "release_notification_auth_token",
        "release_notification_types",
    ],
}
OURS = {"id": "ours", "name": "Us", "metadata": "x"}
# None of them is what holds without it.
SETTINGS = {
    "uid": "2049025000431439",
    "mdm_id": "ours",
    "users_purge": True,
    "users_max_removals": "50%",
    "managed_apple_id_policy": "always",
    "revocations_max_removals": "30",
    "assignments_purge": "targets",
    "assignments_max_removals": "40",
    "on_shortage": "partial",
    "wait_timeout": 800,
    "retry_budget": 250,
    "lock_timeout": 3,
}


@pytest.fixture
def tree(playbooks: Playbooks) -> pathlib.Path:
    playbooks.environment["ANSIBLE_INJECT_INVOCATION"] = "1"  # as before ansible-core 2.21, so that -vvv shows the options
    folder = playbooks.folder / "locations" / "north"
    folder.mkdir(parents=True)
    (folder / "location.yml").write_text(yaml.safe_dump(SETTINGS), encoding="utf-8")
    (folder / "client_config.yml").write_text(yaml.safe_dump({"mdm_info": OURS}), encoding="utf-8")
    (folder / "users.csv").write_text("client_user_id\nu-1\nu-new\n", encoding="utf-8")
    (folder / "revocations.yml").write_text(yaml.safe_dump({"devices": ["D2"]}), encoding="utf-8")
    (folder / "assignments.yml").write_text(yaml.safe_dump([{"assets": [APP], "devices": ["D1", "D3"], "users": ["u-new"]}]), encoding="utf-8")
    return folder.parent


def options_of_modules(output: str) -> Iterator[Dict[str, Any]]:
    for found in re.finditer(r'"invocation": (?=\{)', output):
        yield json.JSONDecoder().raw_decode(output, found.end())[0]["module_args"]


def ran(playbooks: Playbooks, playbook: str, tree: pathlib.Path, variables: List[str], *arguments: str) -> List[Dict[str, Any]]:
    """The options that the modules were run with."""
    given = json.dumps({"locations_path": str(tree), **dict.fromkeys(variables, "")})
    result = playbooks.run_file(f"mdmkit.apps_books.{playbook}", "-vvv", "-e", given, *arguments)
    assert result.returncode == 0, result.stdout + result.stderr
    return list(options_of_modules(result.stdout))


def test_every_variable_of_the_role(playbooks: Playbooks, tree: pathlib.Path) -> None:
    """Each module is run with the same options as without them, those of location.yml among them."""
    not_given = ran(playbooks, "apply", tree, [], "--check")
    empty = ran(playbooks, "apply", tree, VARIABLES + OF_PLAYBOOKS["apply"], "--check")

    assert empty == not_given
    together: Dict[str, Any] = {}
    for options in not_given:
        together.update(options)
    assert together["lock_timeout"] == 3 and together["retry_budget"] == 250 and together["purge"] == "targets" and together["max_removals"] == "40"


@pytest.mark.parametrize("playbook", ["takeover", "release"])
def test_every_variable_of_a_playbook(playbooks: Playbooks, simulator: SimulatorHandle, tree: pathlib.Path, playbook: str) -> None:
    """What they would write is only shown."""
    simulator.control("POST", "client_config", {"location": "springfield", "mdmInfo": OURS})

    assert ran(playbooks, playbook, tree, VARIABLES + OF_PLAYBOOKS[playbook])
    assert simulator.writes() == []


def test_zero_is_not_empty(playbooks: Playbooks, tree: pathlib.Path) -> None:
    """A ceiling of none at all stands against the one in location.yml, written as a number or as text."""
    for zero in (0, "0"):
        given = json.dumps({"locations_path": str(tree), "location_users_max_removals": zero, "location_lock_timeout": zero})
        result = playbooks.run_file("mdmkit.apps_books.apply", "-vvv", "--check", "--tags", "users", "-e", given)
        (options,) = (options for options in options_of_modules(result.stdout) if "managed_apple_id_policy" in options)
        assert (options["max_removals"], options["lock_timeout"]) == ("0", 0), result.stdout
