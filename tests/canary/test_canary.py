# Copyright (c) 2026, the mdmkit.apps_books authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""No play shows or leaves a secret; the plays run everything there is; and the suite fails where something does leak."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml
from ansible_collections.mdmkit.apps_books.tests.canary.leaks import LEAKS, ROOT, Leak, leaking_build
from ansible_collections.mdmkit.apps_books.tests.canary.plays import FAILED, LITTLE, PLAYS, Play
from ansible_collections.mdmkit.apps_books.tests.canary.runs import run
from ansible_collections.mdmkit.apps_books.tests.canary.world import World, running_world

MODULES = sorted(yaml.safe_load((ROOT / "meta" / "runtime.yml").read_text(encoding="utf-8"))["action_groups"]["vpp"])
ROLES = sorted(path.name for path in (ROOT / "roles").iterdir() if path.is_dir())
PLAYBOOK_TEXTS = {path.stem: path.read_text(encoding="utf-8") for path in (ROOT / "playbooks").glob("*.yml")}
# Without those that others begin with.
PLAYBOOKS = sorted(name for name in PLAYBOOK_TEXTS if not any(f"import_playbook: {name}.yml" in text for text in PLAYBOOK_TEXTS.values()))


@pytest.fixture(scope="session")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with running_world(tmp_path_factory.mktemp("world")) as running:
        yield running
        assert running.simulator.violations() == []


@pytest.mark.parametrize("play", PLAYS, ids=str)
def test_no_secret_shows(play: Play, world: World, tmp_path: Path) -> None:
    ran = run(play, world, folder=tmp_path)

    assert ran.faults == []
    assert list(map(str, ran.found.hits)) == []
    assert ran.found.places > 3 and ran.tasks >= len(play.steps)


def test_there_is_something_to_run() -> None:
    assert len(MODULES) >= 10 and ROLES and PLAYBOOKS


@pytest.mark.parametrize("name", [*MODULES, *ROLES])
def test_the_plays_run_it_for_good_in_check_mode_and_failing(name: str) -> None:
    steps = [(play, step) for play in PLAYS for step in play.steps if step.runs == name]

    assert any(step.ends != FAILED and not play.check for play, step in steps), "no play lets it succeed"
    assert any(step.ends != FAILED and play.check for play, step in steps), "no play runs it in check mode"
    assert any(step.ends == FAILED for play, step in steps), "no play lets it fail"
    assert any(play.program == "ansible-runner" for play, step in steps), "no play runs it under ansible-runner"


@pytest.mark.parametrize("name", PLAYBOOKS)
def test_the_plays_run_the_playbook_for_good_in_check_mode_and_failing(name: str) -> None:
    plays = [play for play in PLAYS if play.playbook == name]

    assert any(play.check for play in plays), "no play runs it in check mode"
    assert any(play.status for play in plays if not play.check), "no play lets it fail, with a location that succeeds beside the one that does not"


def test_names_of_plays_are_not_used_twice() -> None:
    assert len({play.name for play in PLAYS}) == len(PLAYS)


@pytest.mark.parametrize("leak", LEAKS, ids=str)
def test_the_suite_fails_where_something_leaks(leak: Leak, tmp_path: Path) -> None:
    little = next(play.name for play in PLAYS if play.steps == LITTLE)
    command = [sys.executable, "-m", "ansible_collections.mdmkit.apps_books.tests.canary", "--play", little]
    command += ["--collections", str(leaking_build(leak, tmp_path))]

    report = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)

    assert report.returncode == 1, report.stdout + report.stderr
    assert leak.found in report.stdout, report.stdout + report.stderr


def test_a_leak_that_no_longer_fits_is_told(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="has not exactly one place"):
        leaking_build(Leak("none", "galaxy.yml", "this stands nowhere", "", ""), tmp_path)
