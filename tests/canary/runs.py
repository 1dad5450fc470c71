# Copyright (c) 2026, the mdmkit.apps_books authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs a play in a folder of its own and looks for secrets in everything that came of it. The only place that starts programs."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from ansible_collections.mdmkit.apps_books.tests.awx.pretended import write_collection
from ansible_collections.mdmkit.apps_books.tests.canary.plays import FQCN, Play, Step
from ansible_collections.mdmkit.apps_books.tests.canary.search import Found, Search
from ansible_collections.mdmkit.apps_books.tests.canary.world import NEW_SECRET, OURS, TOKENS, World, invite_codes, known_secrets

MOST_SECONDS = 300
ROLES = {path.name for path in (Path(__file__).parents[2] / "roles").iterdir() if path.is_dir()}


@dataclass(frozen=True)
class Run:
    """A play that has run.

    :ivar tasks: how many tasks it ran
    :ivar faults: what did not go as the play says; then nothing is proven by finding nothing
    """

    play: Play
    tasks: int
    found: Found
    faults: list[str]
    output: str


def run(play: Play, world: World, collections: Path | None = None, folder: Path | None = None) -> Run:
    """Run the play and search its streams and files.

    :param collections: a folder with ansible_collections in it, to be used in place of this checkout
    :param folder: an empty folder to be used; a temporary one without it
    """
    if folder is None:
        with tempfile.TemporaryDirectory(prefix="canary-") as temporary:
            return run(play, world, collections, Path(temporary))
    world.simulator.reset()
    world.elsewhere.seen.clear()
    if play.held_by:
        world.simulator.control("POST", "client_config", {"location": "good", "mdmInfo": play.held_by, "notificationUrl": world.receiver_url})
    inputs = folder / "inputs"
    world.write_inputs(inputs)
    _write_trees(inputs / "tree", world.receiver_url)
    write_collection(inputs / "collections")
    given = {path: path.read_bytes() for path in _files(inputs)}
    place = folder / "run"
    for below in ("home", "tmp/local", "tmp/remote", "cache", "junit", "env", "project", "inventory"):
        (place / below).mkdir(parents=True, mode=0o700)
    playbook = FQCN + play.playbook if play.playbook else "play.yml"
    if not play.playbook:
        (place / "project" / playbook).write_text(yaml.safe_dump(_playbook(play, inputs)), encoding="utf-8")
    environment = _environment(play, world, place, collections or inputs / "collections")
    process = subprocess.run(
        _command(play, playbook, place, inputs, environment),
        cwd=place if play.program == "ansible-runner" else place / "project",
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        timeout=MOST_SECONDS,
        check=False,
    )
    if "tmp/remote" not in play.leaves:
        _wait_until_empty(place / "tmp" / "remote")
    codes = invite_codes(world.simulator)
    search = Search(known_secrets() + ([] if play.shows_invitations else codes))
    said = _without_lines(process.stdout, play.shown_by_ansible.encode())
    found = search.text(said, "standard output") + search.text(process.stderr, "standard error") + search.folder(place, map(Path, play.leaves))
    output = process.stdout.decode(errors="replace")
    faults = [fault for number, step in enumerate(play.steps) for fault in _ended_otherwise(number, step, output)]
    if process.returncode != play.status:
        faults.append(f"status {process.returncode} in place of {play.status}: {output[-1500:]} {process.stderr.decode(errors='replace')[-1500:]}")
    if play.shows_invitations and not any(code.text in output for code in codes):
        faults.append("invitations were asked for and are not shown")
    if {path: path.read_bytes() for path in _files(inputs)} != given:
        faults.append("the inputs were changed")
    holder = (world.simulator.state("good", parts=["assets"])["mdmInfo"] or {}).get("id", "") if play.held_then else ""
    if holder != play.held_then:
        faults.append(f"the location good is held by {holder or 'nobody'}")
    if any("Authorization" in seen.headers or seen.path != "/apple" for seen in world.elsewhere.seen):
        faults.append("a redirect to another host was followed")
    for leaf in play.leaves:
        if not (place / leaf).exists():
            faults.append(f"{leaf} is no longer left behind: search it too")
    left = [path for path in (*_files(place / "home"), *_files(place / "tmp")) if not any((place / leaf) in path.parents for leaf in play.leaves)]
    # The lock of a location stays, since deleting it would let two tasks in. It has been searched like everything else.
    left = [path for path in left if not (path.parent.name.startswith("mdmkit.apps_books-") and path.suffix == ".lock")]
    faults.extend(f"a file was left behind: {path.relative_to(place)}" for path in left)
    return Run(play, len(re.findall(r"(?m)^(?:\x1b\[\S*m)?TASK \[", output)), found, faults, output)


def _wait_until_empty(folder: Path) -> None:
    """Ansible's watcher of an asynchronous task clears up five seconds after it at most. What it has not cleared up by then is found by the search."""
    deadline = time.monotonic() + 10
    while any(folder.iterdir()) and time.monotonic() < deadline:
        time.sleep(0.1)


def _without_lines(output: bytes, text: bytes) -> bytes:
    return b"".join(line for line in output.splitlines(keepends=True) if text not in line) if text else output


def _files(folder: Path) -> list[Path]:
    return [path for path in sorted(folder.rglob("*")) if path.is_file()]


def _environment(play: Play, world: World, place: Path, collections: Path) -> dict[str, str]:
    """Nothing of the caller's but where programs are."""
    environment = {
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "HOME": str(place / "home"),
        "TMPDIR": str(place / "tmp"),
        "LC_ALL": "C.UTF-8",
        "NO_PROXY": "127.0.0.1,localhost",
        "ANSIBLE_NOCOLOR": "1",
        "ANSIBLE_LOCAL_TEMP": str(place / "tmp" / "local"),
        "ANSIBLE_REMOTE_TEMP": str(place / "tmp" / "remote"),
        "ANSIBLE_ASYNC_DIR": str(place / "async"),
        "ANSIBLE_LOG_PATH": str(place / "ansible.log"),
        "ANSIBLE_CACHE_PLUGIN": "ansible.builtin.jsonfile",
        "ANSIBLE_CACHE_PLUGIN_CONNECTION": str(place / "cache"),
        "ANSIBLE_COLLECTIONS_PATH": str(collections),
        "ANSIBLE_CALLBACKS_ENABLED": "ansible.builtin.junit,ansible.builtin.tree,mdmkit.apps_books.vpp_progress",
        "ANSIBLE_CALLBACK_TREE_DIR": str(place / "tree"),
        "JUNIT_OUTPUT_DIR": str(place / "junit"),
        "ANSIBLE_INVENTORY_UNPARSED_WARNING": "0",
        "ANSIBLE_PYTHON_INTERPRETER": sys.executable,
        "VPP_BASE_URL": world.simulator.base_url,
        "VPP_SNAPSHOT_DIR": str(place / "snapshots"),
        **play.environment,
    }
    if play.program == "ansible-playbook":  # ansible-runner would write them into a file
        environment.update(VPP_CONTENT_TOKEN_GOOD=TOKENS["good"], VPP_CONTENT_TOKEN_BAD=TOKENS["failing"], VPP_NOTIFICATION_AUTH_TOKEN_GOOD=NEW_SECRET)
    if play.token_in_environment:
        environment["VPP_CONTENT_TOKEN"] = TOKENS["good"]
    return environment


def _command(play: Play, playbook: str, place: Path, inputs: Path, environment: dict[str, str]) -> list[str]:
    if play.program == "ansible-runner":
        (place / "inventory" / "hosts").write_text("localhost ansible_connection=local\n", encoding="utf-8")
        if play.token_in_environment:
            (place / "env" / "envvars").write_text(json.dumps({"VPP_CONTENT_TOKEN": environment.pop("VPP_CONTENT_TOKEN")}), encoding="utf-8")
        return ["ansible-runner", "run", str(place), "--playbook", playbook, "--ident", "run", "--cmdline=" + " ".join(play.arguments)]
    extra = ["--extra-vars", f"locations_path={inputs / 'tree' / play.tree}"] if play.playbook else []
    return ["ansible-playbook", "--inventory", "localhost,", playbook, *extra, *play.arguments]


def _playbook(play: Play, inputs: Path) -> list[dict[str, Any]]:
    """One play, each of whose steps is a block that shows its result, however it ends."""
    blocks = []
    for number, step in enumerate(play.steps):
        label = f"step {number}"
        shown = ["ended: {{ 'changed' if result.changed | default(false) else 'unchanged' }}", "{{ result }}"]
        remember = {"name": "Remember it", "ansible.builtin.set_fact": {f"canary_{number}": "{{ result }}", "cacheable": True}}
        blocks.append(
            {
                "name": label,
                "vars": {"result": "{{ %s }}" % ("canary_result" if step.runs not in ROLES else "location_summary | default({})")},
                "block": [_task(play, step), *([remember] if play.remembers else []), {"name": f"Show {label}", "ansible.builtin.debug": {"msg": shown}}],
                "rescue": [{"name": f"Show {label}", "ansible.builtin.debug": {"msg": ["ended: failed", "{{ ansible_failed_result }}"]}}],
            }
        )
    return [
        {
            "name": "Canary",
            "hosts": "localhost",
            "connection": "local",
            "gather_facts": False,
            "vars_files": [str(inputs / "variables.json")],
            "tasks": blocks,
        }
    ]


def _task(play: Play, step: Step) -> dict[str, Any]:
    if step.runs in ROLES:
        return {"name": f"Run {step.runs}", "ansible.builtin.include_role": {"name": FQCN + step.runs}, "vars": step.options}
    options = dict(step.options)
    named = {"content_token", "content_token_file", "content_tokn"} & set(options)
    from_environment = play.token_in_environment and step.where == "good"
    if step.where and not named and not from_environment:
        options["content_token"] = "{{ outer.%s }}" % step.where
    return {"name": f"Run {step.runs}", FQCN + step.runs: options, "register": "canary_result", **step.keywords}


def _ended_otherwise(number: int, step: Step, output: str) -> Iterator[str]:
    """How a step did not end as it should have."""
    name = f"step {number} ({step.runs})"
    shown = re.search(rf"(?ms)^TASK \[[^\n]*Show step {number}\](.*?)(?=^TASK \[|^PLAY |\Z)", output)
    if not shown:
        yield f"{name} was not run"
        return
    ended = re.search(r"ended: (\w+)", shown.group(1))
    text = " ".join(shown.group(1).split())
    if not ended or ended.group(1) != step.ends:
        yield f"{name} was to end {step.ends}: {text[:800]}"
    elif step.says not in text:
        yield f"{name} was to say {step.says!r}: {text[:800]}"


def _write_trees(folder: Path, receiver_url: str) -> None:
    """Trees for the role: a good one, one with an answer that fails, one with secrets where they do not belong, one that cannot be read."""
    claim = yaml.safe_dump({"mdm_info": OURS, "notification_url": receiver_url, "notification_types": ["USER_MANAGEMENT"]})
    users = "client_user_id,email\nu-1,one@example.test\nu-2,second@example.test\nu-8,eight@example.test\n"
    assignments = yaml.safe_dump([{"assets": ["1000000001"], "users": ["u-2"], "devices": ["D2"]}])
    settings = {"content_token_file": "../../good.vpptoken", "notification_auth_token_file": "../../notification_secret", "uid": "2049025000431439"}
    good = {"client_config.yml": claim, "users.csv": users, "assignments.yml": assignments, "location.yml": yaml.safe_dump(settings)}
    trees = {
        "good": good,
        "apply/good": {**good, "location.yml": "uid: '2049025000431439'\n"},
        "apply/bad": {"users.csv": users, "assignments.yml": assignments},
        "validate/good": good,
        "misplaced": {
            "users.csv": users,
            "client_config.yml": claim + yaml.safe_dump({"notification_auth_token": NEW_SECRET}),
            "location.yml": yaml.safe_dump({**settings, "content_token": TOKENS["good"]}),
        },
        "broken": {**good, "client_config.yml": f"{claim}notification_auth_token: '{NEW_SECRET}\n"},
    }
    trees["validate/misplaced"] = trees["misplaced"]
    (folder / "apply").mkdir(parents=True)
    (folder / "apply" / "active.txt").write_text("D2\n", encoding="utf-8")
    for name, files in trees.items():
        (folder / name).mkdir(parents=True)
        for file, text in files.items():
            (folder / name / file).write_text(text, encoding="utf-8")
