# Copyright (c) 2026, the mdmkit.apps_books authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The role awx_setup with a stand-in for awx.awx: what it sends obeys AWX's rules, and is what the data in extensions/awx say."""

from __future__ import annotations

import pathlib
import subprocess
from typing import Any, Dict, List, Tuple

import pytest
import yaml
from ansible_collections.mdmkit.apps_books.tests.awx.pretended import RECORD, recorded, write_collection
from ansible_collections.mdmkit.apps_books.tests.awx.rules import Awx

from .conftest import Playbooks

pytestmark = pytest.mark.compat

COLLECTION = pathlib.Path(__file__).parents[2]
DATA = COLLECTION / "extensions" / "awx"
FILES = sorted(path.name for path in (COLLECTION / "examples" / "awx").glob("*.yml"))
TOKENS = {"springfield": "canary-token-of-springfield", "north-east": "canary-token-of-north-east"}
NECESSARY = {"awx_setup_organization": "District", "awx_setup_locations": ["springfield", "north-east"], "awx_setup_scm_url": "https://git.example.test/x.git"}
Calls = List[Tuple[str, Dict[str, Any]]]


@pytest.fixture
def collections(playbooks: Playbooks) -> pathlib.Path:
    write_collection(playbooks.folder / "collections")
    playbooks.environment["ANSIBLE_COLLECTIONS_PATH"] = str(playbooks.folder / "collections")
    playbooks.environment[RECORD] = str(playbooks.folder / "record")
    return playbooks.folder / "collections"


def set_up(playbooks: Playbooks, *arguments: str, **variables: Any) -> "subprocess.CompletedProcess[str]":
    role = {"name": "Set AWX up", "ansible.builtin.import_role": {"name": "mdmkit.apps_books.awx_setup"}, "vars": {**NECESSARY, **variables}}
    return playbooks.run([role], *arguments)


def calls_of(playbooks: Playbooks, *arguments: str, **variables: Any) -> Calls:
    result = set_up(playbooks, *arguments, **variables)
    assert result.returncode == 0, result.stdout + result.stderr
    assert not [token for token in TOKENS.values() if token in result.stdout + result.stderr]
    return recorded(playbooks.folder / "record")


def of_kind(calls: Calls, kind: str) -> Dict[str, Dict[str, Any]]:
    return {options["name"]: options for name, options in calls if name == kind}


def test_everything_obeys_the_rules_of_awx(playbooks: Playbooks, collections: pathlib.Path) -> None:
    calls = calls_of(
        playbooks,
        "-vvv",
        "--diff",
        awx_setup_content_tokens=TOKENS,
        awx_setup_mdm_id="ours",
        awx_setup_skip_certificate_check="yes",
        awx_setup_job_slice_count=2,
        awx_setup_schedules=["Apps and Books: apply every night"],
    )
    Awx("District", FILES).take(calls)

    types = of_kind(calls, "credential_type")
    connection = yaml.safe_load((DATA / "credential_type.yml").read_text(encoding="utf-8"))
    assert {name: types[connection["name"]][name] for name in connection} == connection
    assert types["Apple Apps and Books, north-east"]["injectors"]["env"]["VPP_CONTENT_TOKEN_NORTH_EAST"] == "{{ content_token | default('') }}"
    credentials = of_kind(calls, "credential")
    nothing = dict.fromkeys(("base_url", "ca_certificates", "snapshot_dir"), "")
    assert credentials["Apps and Books"]["inputs"] == {"mdm_id": "ours", "skip_certificate_check": True, **nothing}
    inputs = {name: credentials[f"Apps and Books, {name}"]["inputs"] for name in TOKENS}
    assert {name: (given["content_token"], set(given)) for name, given in inputs.items()} == {
        name: (token, {"content_token"}) for name, token in TOKENS.items()
    }
    assert of_kind(calls, "group")["locations"]["hosts"] == ["springfield", "north-east"]
    templates = of_kind(calls, "job_template")
    for data in yaml.safe_load((DATA / "job_templates.yml").read_text(encoding="utf-8")):
        assert {name: templates[data["name"]][name] for name in data} == data
        assert templates[data["name"]]["credentials"] == list(credentials) and not templates[data["name"]]["allow_simultaneous"]
        variables = {"locations_path": "locations", **({} if "job_slice_count" in data else {"location_inventory_partial": True})}
        assert templates[data["name"]]["extra_vars"] == variables
    slices = {name.split(": ")[1]: template["job_slice_count"] for name, template in templates.items()}
    assert slices == {"plan": 2, "apply": 2, "drift": 2, "take over": 1, "release": 1, "merge drift": 1, "reclaim": 1}
    workflows = of_kind(calls, "workflow_job_template")
    for data in yaml.safe_load((DATA / "workflow_job_templates.yml").read_text(encoding="utf-8")):
        nodes = workflows[data["name"]]["schema"]
        assert [node["unified_job_template"].pop("organization") for node in nodes] == [{"name": "District"}] * len(nodes)
        assert nodes == data["schema"]
    schedules = of_kind(calls, "schedule")
    assert [name for name, options in schedules.items() if options["enabled"]] == ["Apps and Books: apply every night"]
    assert list(schedules) == [data["name"] for data in yaml.safe_load((DATA / "schedules.yml").read_text(encoding="utf-8"))]


def test_tokens_come_from_the_environment_too_and_what_is_empty_is_not_given(playbooks: Playbooks, collections: pathlib.Path) -> None:
    playbooks.environment["VPP_CONTENT_TOKEN_NORTH_EAST"] = TOKENS["north-east"]
    playbooks.environment["VPP_NOTIFICATION_AUTH_TOKEN_NORTH_EAST"] = "canary-secret"
    optional = ("awx_setup_scm_branch", "awx_setup_scm_credential", "awx_setup_execution_environment")
    calls = calls_of(playbooks, "-vvv", **dict.fromkeys(optional, ""))

    credentials = of_kind(calls, "credential")
    assert list(credentials) == ["Apps and Books", "Apps and Books, north-east"]
    assert credentials["Apps and Books, north-east"]["inputs"] == {"content_token": TOKENS["north-east"], "notification_auth_token": "canary-secret"}
    assert not {"scm_branch", "credential"} & set(of_kind(calls, "project")["Apps and Books"])
    for template in of_kind(calls, "job_template").values():
        assert "execution_environment" not in template
        assert (template["job_slice_count"], template["extra_vars"]) == (1, {"locations_path": "locations"})


def test_check_mode_writes_nothing(playbooks: Playbooks, collections: pathlib.Path) -> None:
    assert calls_of(playbooks, "--check", awx_setup_content_tokens=TOKENS) == []


def test_without_the_collection_it_says_so(playbooks: Playbooks) -> None:
    result = set_up(playbooks)
    assert result.returncode == 2
    assert "The role awx_setup needs the collection awx.awx, which is not installed." in result.stdout + result.stderr
