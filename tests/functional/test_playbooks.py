# Copyright (c) 2026, the mdmkit.apps_books authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The modules in real playbooks: what only Ansible itself can show. Runs on every supported ansible-core."""

from __future__ import annotations

import base64
import json
import pathlib
import re
from typing import Any, Dict, Iterator, List
from urllib.parse import quote

import pytest
import yaml
from vpp_simulator.testing import SimulatorHandle, notification_receiver

from .conftest import APP, BOOK, INNER_TOKEN, TOKEN, Location, Playbooks

pytestmark = pytest.mark.compat

FQCN = "mdmkit.apps_books."
SECRET = "canary-notification-secret-71c2"
SECRETS = {"outer token": TOKEN, "inner token": INNER_TOKEN, "decoded token": base64.b64decode(TOKEN).decode(), "notification secret": SECRET}


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


def test_defaults_of_the_action_group_reach_every_module(playbooks: Playbooks, simulator: SimulatorHandle) -> None:
    runtime = yaml.safe_load((pathlib.Path(__file__).parents[2] / "meta" / "runtime.yml").read_text(encoding="utf-8"))
    options: Dict[str, Dict[str, Any]] = {
        "vpp_user": {"users": []},
        "vpp_asset_assignment": {"assignments": []},
        "vpp_asset_revocation": {"devices": []},
        "vpp_client_config": {"mdm_info": {"id": "ours", "name": "Us", "metadata": "x"}},
        "vpp_event_info": {"event_ids": []},
    }
    # The location has to be claimed before the others look at whose it is.
    modules: List[str] = sorted(runtime["action_groups"]["vpp"], key=lambda name: name != "vpp_client_config")
    tasks = [task(module, **options.get(module, {})) for module in modules]
    defaults = {"content_token": TOKEN, "base_url": simulator.base_url, "http_timeout": 30, "mdm_id": "ours"}
    block = {"name": "All", "module_defaults": {f"group/{FQCN}vpp": defaults}, "block": tasks}
    result = playbooks.run([block], environment={"VPP_CONTENT_TOKEN": "", "VPP_BASE_URL": ""})
    assert f"ok={len(modules)}" in result.stdout and "failed=0" in result.stdout, result.stdout + result.stderr


def test_an_empty_text_means_not_given(playbooks: Playbooks) -> None:
    """Job surveys send an empty text for every field that nobody filled in."""
    empty = dict.fromkeys(("base_url", "content_token", "content_token_file", "ca_path", "mdm_id", "validate_certs", "http_timeout", "retry_budget"), "")
    result = playbooks.run([task("vpp_asset_info", adam_id="", max_listed="", device_assignable="", **empty)])
    assert "failed=0" in result.stdout, result.stdout + result.stderr


def test_a_typo_in_an_option_is_named(playbooks: Playbooks) -> None:
    result = playbooks.run([task("vpp_user", users=[{"client_user_id": "u-9"}], pruge=True)])
    assert result.returncode == 2 and "unknown option pruge (known: " in result.stdout


def test_a_token_file_works_and_its_content_is_hidden(playbooks: Playbooks, tmp_path: pathlib.Path) -> None:
    (tmp_path / "springfield.vpptoken").write_text(TOKEN + "\n", encoding="utf-8")
    tasks = [
        task("vpp_asset_info", content_token_file=str(tmp_path / "springfield.vpptoken")),
        {"name": "Show", "ansible.builtin.debug": {"msg": "{{ vpp_asset_info }}"}},
    ]
    result = playbooks.run(tasks, "-vvvv", environment={"VPP_CONTENT_TOKEN": ""})
    assert "failed=0" in result.stdout, result.stdout + result.stderr
    assert leaks(result.stdout + result.stderr) == []


@pytest.fixture
def receiver_url(simulator: SimulatorHandle) -> Iterator[str]:
    simulator.behaviour(notification_http=True)
    with notification_receiver() as receiver:
        yield receiver.url


def leaks(text: str) -> List[str]:
    """Which secrets stand in a text, in plain, Base64, URL-encoded or JSON-escaped form."""
    found = []
    for name, secret in SECRETS.items():
        # The first bytes of Base64 do not depend on what follows; 3 x 8 of them are surely the secret's own.
        encoded = base64.b64encode(secret.encode())[:32].decode()
        forms = {"plain": secret, "Base64": encoded, "URL-encoded": quote(secret, safe=""), "JSON-escaped": json.dumps(secret)[1:-1]}
        found.extend(f"{name} ({form})" for form, needle in forms.items() if needle in text)
    return found


def test_no_secret_is_printed_or_left_behind(playbooks: Playbooks, simulator: SimulatorHandle, receiver_url: str, tmp_path: pathlib.Path) -> None:
    # A file beside the token shows that the search finds what it looks for.
    assert {leak.split(" (")[0] for leak in leaks(" ".join(SECRETS.values()))} == set(SECRETS)
    config = {"notification_url": receiver_url, "notification_auth_token": SECRET, "notification_types": ["ASSET_COUNT"]}
    good = [
        task("vpp_client_config", mdm_info={"id": "ours", "name": "Us", "metadata": "x"}, **config),
        task("vpp_client_config_info"),
        task("vpp_user", users=[{"client_user_id": "u-9"}], wait_interval=0.1),
        task("vpp_asset_assignment", assignments=[{"assets": [APP], "devices": ["D3"]}], wait_interval=0.1),
        task("vpp_asset_revocation", devices=["D3"], wait_interval=0.1),
        task("vpp_service_config_info"),
        task("vpp_event_info", event_ids=["nobody-knows-this"]),
    ]
    bad = [
        task("vpp_asset_info", content_token=INNER_TOKEN),
        task("vpp_asset_info", content_token=base64.b64decode(TOKEN).decode()),
        task("vpp_asset_assignment", assignments=[{"assets": [BOOK], "devices": ["D3"]}]),
        task("vpp_asset_info", base_url="http://127.0.0.1:9/mdm/v2", retry_budget=0),
        task("vpp_user", users=[{"client_user_id": "u-9"}], content_token_file=str(tmp_path / "missing"), content_token=""),
    ]
    for failing in good[-1:] + bad:
        failing["ignore_errors"] = True
    outputs = [playbooks.run(good + bad, "-vvvv", "--diff")]
    simulator.faults([{"match": {"path": "/assets"}, "do": {"body": f"<html>{TOKEN}</html>", "status": 500}}])
    outputs.append(playbooks.run([task("vpp_asset_info", retry_budget=0)], "-vvvv", "--diff"))
    simulator.faults([])
    simulator.retire_token("revoked")
    outputs.append(playbooks.run([task("vpp_asset_info")], "-vvvv", "--diff"))
    assert [output.returncode for output in outputs] == [0, 2, 2], outputs
    for output in outputs:
        assert leaks(output.stdout) == [] and leaks(output.stderr) == []
    (tmp_path / "play.yml").unlink()  # the test wrote tokens into it
    left = [path for path in tmp_path.rglob("*") if path.is_file() and leaks(path.read_text(encoding="utf-8", errors="replace"))]
    assert left == []
