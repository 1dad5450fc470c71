# Copyright (c) 2026, the mdmkit.apps_books authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The modules in real playbooks: what only Ansible itself can show. Runs on every supported ansible-core."""

from __future__ import annotations

import base64
import pathlib
import re
from typing import Any, Dict, List

import pytest
import yaml
from ansible_collections.mdmkit.apps_books.tests.canary.search import Search, Secret
from vpp_simulator.testing import SimulatorHandle, notification_receiver

from .conftest import APP, INNER_TOKEN, TOKEN, Location, Playbooks

pytestmark = pytest.mark.compat

FQCN = "mdmkit.apps_books."
SECRET = "canary-notification/secret+71c2"
SECRETS = [
    Secret("outer token", TOKEN),
    Secret("inner token", INNER_TOKEN),
    Secret("decoded token", base64.b64decode(TOKEN).decode(), whole=True),
    Secret("notification secret", SECRET),
]


def task(module: str, **options: Any) -> Dict[str, Any]:
    return {"name": f"Run {module}", FQCN + module: options, "register": module}


def test_one_play_converges_and_a_second_changes_nothing(playbooks: Playbooks, location: Location) -> None:
    tasks = [
        task("vpp_client_config", mdm_info={"id": "ours", "name": "Us", "metadata": "x"}),
        task("vpp_user", users=[{"client_user_id": "u-9"}], mdm_id="ours", wait_interval=0.1),
        task("vpp_asset_revocation", devices=["D2"], mdm_id="ours", wait_interval=0.1),
        task("vpp_asset_assignment", assignments=[{"assets": [APP], "users": ["u-9"]}], mdm_id="ours", wait_interval=0.1),
        task("vpp_assignment_info", serial_number="D1"),
        {"name": "Show", "ansible.builtin.debug": {"msg": "{{ vpp_assignment_info.count }} assignments"}},
    ]
    first = playbooks.run(tasks, "--diff")
    assert "changed=4" in first.stdout and "failed=0" in first.stdout, first.stdout + first.stderr
    assert "2 assignments" in first.stdout
    location.simulator.clear_requests()
    second = playbooks.run(tasks, "--diff")
    assert "changed=0" in second.stdout and "failed=0" in second.stdout, second.stdout + second.stderr
    assert location.write_count() == 0


def test_check_mode_of_a_play_writes_nothing_and_shows_the_difference(playbooks: Playbooks, location: Location) -> None:
    result = playbooks.run([task("vpp_asset_assignment", assignments=[{"assets": [APP], "devices": ["D3"]}], purge="assets")], "--check", "--diff")
    assert "changed=1" in result.stdout, result.stdout + result.stderr
    assert re.search(rf"(?m)^\+.*{APP} STDQ -> device D3", result.stdout) and re.search(rf"(?m)^-.*{APP} STDQ -> device D2", result.stdout)
    assert location.write_count() == 0


def test_defaults_of_the_action_group_reach_every_module(playbooks: Playbooks, simulator: SimulatorHandle, tmp_path: pathlib.Path) -> None:
    runtime = yaml.safe_load((pathlib.Path(__file__).parents[2] / "meta" / "runtime.yml").read_text(encoding="utf-8"))
    options: Dict[str, Dict[str, Any]] = {
        "vpp_user": {"users": []},
        "vpp_asset_assignment": {"assignments": []},
        "vpp_asset_revocation": {"devices": []},
        "vpp_client_config": {"mdm_info": {"id": "ours", "name": "Us", "metadata": "x"}},
        "vpp_event_info": {"event_ids": []},
        "vpp_location_export": {"path": str(tmp_path / "locations" / "springfield")},
    }
    # The location has to be claimed before the others look at whose it is.
    modules: List[str] = sorted(runtime["action_groups"]["vpp"], key=lambda name: name != "vpp_client_config")
    tasks = [task(module, **options.get(module, {})) for module in modules]
    defaults = {"content_token": TOKEN, "base_url": simulator.base_url, "http_timeout": 30, "mdm_id": "ours", "snapshot_dir": str(tmp_path / "snapshots")}
    block = {"name": "All", "module_defaults": {f"group/{FQCN}vpp": defaults}, "block": tasks}
    result = playbooks.run([block], environment={"VPP_CONTENT_TOKEN": "", "VPP_BASE_URL": ""})
    assert f"ok={len(modules)}" in result.stdout and "failed=0" in result.stdout, result.stdout + result.stderr
    assert sum(entry["path"] == "/service/config" for entry in simulator.requests()) == 1 + 1, "once for all, and where it is asked for"


def test_an_empty_text_means_not_given(playbooks: Playbooks) -> None:
    """Job surveys send an empty text for every field that nobody filled in."""
    of_connection = ("base_url", "content_token", "content_token_file", "ca_path", "validate_certs", "http_timeout", "retry_budget")
    empty = dict.fromkeys((*of_connection, "mdm_id", "snapshot_dir", "snapshot_max_age"), "")
    result = playbooks.run([task("vpp_asset_info", adam_id="", max_listed="", device_assignable="", **empty)])
    assert "failed=0" in result.stdout, result.stdout + result.stderr


def test_a_typo_in_an_option_is_named(playbooks: Playbooks) -> None:
    result = playbooks.run([task("vpp_user", users=[{"client_user_id": "u-9"}], pruge=True)])
    assert result.returncode == 2 and "unknown option pruge (known: " in result.stdout


def test_no_secret_is_printed_or_left_behind(playbooks: Playbooks, simulator: SimulatorHandle, tmp_path: pathlib.Path) -> None:
    """A short look on every version; tests/canary looks everywhere."""
    inputs = tmp_path / "inputs"
    inputs.mkdir()
    (inputs / "springfield.vpptoken").write_text(TOKEN + "\n", encoding="utf-8")
    simulator.behaviour(notification_http=True)
    token = {"content_token_file": str(inputs / "springfield.vpptoken")}
    secret = "{{ lookup('ansible.builtin.file', 'inputs/secret') }}"
    (inputs / "secret").write_text(SECRET, encoding="utf-8")
    inner = {"content_token": "{{ (lookup('ansible.builtin.file', 'inputs/springfield.vpptoken') | b64decode | from_json).token }}"}
    with notification_receiver() as receiver:
        config = {"notification_url": receiver.url, "notification_auth_token": secret, "notification_types": ["ASSET_COUNT"]}
        good = [task("vpp_client_config", **config, **token), task("vpp_client_config_info", **token)]
        bad = [
            task("vpp_user", users=[{"client_user_id": "u-9"}], **inner),
            task("vpp_user", users=[{"client_user_id": "u-9"}], contnet_token=secret),
            task("vpp_client_config", mdm_info={"id": "x", "name": "x", "metadata": "x", "notification_auth_token": secret}, **token),
            task("vpp_asset_info", content_token_file=TOKEN),
        ]
        for failing in bad:
            failing["ignore_errors"] = True
        show = {"name": "Show", "ansible.builtin.debug": {"msg": "{{ [vpp_client_config, vpp_client_config_info, vpp_user, vpp_asset_info] }}"}}
        result = playbooks.run([*good, *bad, show], "-vvvv", "--diff", environment={"VPP_CONTENT_TOKEN": ""})

    assert result.returncode == 0 and "ignored=4" in result.stdout, result.stdout + result.stderr
    search = Search(SECRETS)
    found = search.text(result.stdout, "standard output") + search.text(result.stderr, "standard error")
    found += search.folder(tmp_path, [pathlib.Path("inputs"), pathlib.Path("play.yml")])
    assert found.places > 1 and list(map(str, found.hits)) == []
