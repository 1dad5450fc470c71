# Copyright (c) 2026, the mdmkit.apps_books authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How far long tasks are: what modules tell of it, and what the callback shows of that on a terminal and elsewhere."""

from __future__ import annotations

import codecs
import contextlib
import fcntl
import functools
import json
import os
import pathlib
import pty
import re
import struct
import subprocess
import sys
import termios
import threading
from typing import Any, Dict, Iterator, List, Optional, Set

import pytest
from ansible_collections.mdmkit.apps_books.plugins.module_utils._module import task as task_module
from ansible_collections.mdmkit.apps_books.plugins.module_utils._progress import FOLDER_VARIABLE, Progress, ProgressFile, Step
from ansible_collections.mdmkit.apps_books.tests.unit.support.screen import screen
from ansible_collections.mdmkit.apps_books.tests.unit.support.writing import LONG, Writing
from vpp_simulator.testing import SimulatorHandle

from .conftest import APP, FREE_APP, OTHER_APP, Location, Playbooks

# What modules tell, as far as it is text. Everything else in the files is a number.
WORDS = {
    "module": {"basic.py"},  # a module that Ansible did not start has no other name
    "doing": {"", "reading assets", "reading assignments", "reading users", "sending", "waiting for Apple"},
    "unit": {"", "pages", "parts", "requests", "events"},
    "waits": {"", "as Apple asks", "before another try", "for another task of this location"},
}


class Steps(Progress):
    """Follows the steps that are told, those within others left out."""

    seen: List[Any]

    @contextlib.contextmanager
    def step(self, doing: str, unit: str, total: Optional[float] = None) -> Iterator[Step]:
        with super().step(doing, unit, total) as step:
            if self._step is step:
                self.seen.append((doing, unit, total))
            yield step


@pytest.fixture
def steps(monkeypatch: pytest.MonkeyPatch) -> List[Any]:
    """Every step that the modules tell, in order."""
    seen: List[Any] = []
    monkeypatch.setattr(Steps, "seen", seen, raising=False)
    monkeypatch.setattr(task_module, "Progress", Steps)
    return seen


@pytest.mark.parametrize(
    "module, options, told",
    [
        ("vpp_asset_info", {}, [("reading assets", "pages", None)]),
        ("vpp_user_info", {}, [("reading users", "pages", None)]),
        ("vpp_assignment_info", {}, [("reading assignments", "pages", None)]),
        ("vpp_event_info", {"event_ids": []}, [("waiting for Apple", "events", 0)]),
        (
            "vpp_user",
            {"users": [{"client_user_id": "u-8"}, {"client_user_id": "u-9"}]},
            [
                ("reading users", "requests", 2),
                ("sending", "requests", 1),
                ("waiting for Apple", "events", 1),
                ("reading users", "pages", None),
            ],
        ),
        (
            "vpp_asset_assignment",
            {"assignments": [{"assets": [APP, OTHER_APP], "devices": ["D3"]}, {"assets": [FREE_APP], "devices": ["D4"]}]},
            [
                ("reading assets", "pages", None),  # the first of too many
                ("reading assets", "requests", 3),
                ("reading assignments", "parts", 2),
                ("reading assignments", "parts", 2),
                ("sending", "requests", 2),
                ("waiting for Apple", "events", 2),
                ("reading assignments", "parts", 2),
            ],
        ),
    ],
)
def test_modules_tell_their_steps(location: Location, steps: List[Any], module: str, options: Dict[str, Any], told: List[Any]) -> None:
    location.simulator.behaviour(page_size=1)
    location.ok(module, **options)

    assert steps == told


@pytest.fixture
def writing(monkeypatch: pytest.MonkeyPatch) -> Writing:
    """Modules write as often as they can."""
    monkeypatch.setattr(task_module, "ProgressFile", functools.partial(ProgressFile, seconds_between=0.001))
    return Writing(monkeypatch)


def run_slowly(location: Location) -> None:
    """Modules that succeed, fail, wait and are refused, at a service that takes its time."""
    location.simulator.behaviour(latency_ms=20, page_size=1)
    location.simulator.faults([{"match": {"path": "/users", "nth": 2}, "do": {"status": 429, "errorNumber": 9646, "retry_after": 1}, "times": 1}])
    location.ok("vpp_user_info")
    location.ok("vpp_assignment_info")
    location.ok("vpp_user", users=[{"client_user_id": "u-9", "email": "nine@example.test"}])
    location.fails("vpp_asset_assignment", assignments=[{"assets": [APP], "users": ["nobody"]}])
    location.fails("vpp_user_info", base_url="nonsense")


def test_the_files_hold_known_words_and_numbers_and_nothing_else(
    location: Location, writing: Writing, tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(FOLDER_VARIABLE, str(tmp_path))
    run_slowly(location)

    words: Dict[str, Set[str]] = {}
    for written in writing.written:
        for member, value in written.items():
            if isinstance(value, str):
                words.setdefault(member, set()).add(value)
            else:
                assert value is None or isinstance(value, (int, float)), member
    assert {member: words[member] - known for member, known in WORDS.items()} == dict.fromkeys(WORDS, set())
    assert set(words) == set(WORDS)
    assert {"reading users", "reading assignments", "sending", "waiting for Apple"} <= words["doing"]
    assert "as Apple asks" in words["waits"]
    assert not list(tmp_path.iterdir())


def test_without_the_variable_nothing_is_written(location: Location, writing: Writing, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(FOLDER_VARIABLE, raising=False)
    run_slowly(location)

    assert writing.written == []


def test_a_folder_that_cannot_be_used_harms_no_task(location: Location, writing: Writing, tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(FOLDER_VARIABLE, str(tmp_path / "missing"))
    run_slowly(location)

    assert not list(tmp_path.iterdir())


ENABLED = {"ANSIBLE_CALLBACKS_ENABLED": "mdmkit.apps_books.vpp_progress"}
READ = [{"name": "Read", "mdmkit.apps_books.vpp_assignment_info": {}}, {"name": "Show", "ansible.builtin.debug": {"msg": "all is read"}}]
COLUMNS = 100


@pytest.fixture
def slow(simulator: SimulatorHandle) -> SimulatorHandle:
    """Three answers one after the other are needed to read all assignments."""
    simulator.behaviour(latency_ms=2500, page_size=1)
    return simulator


class OnTerminal:
    """A run of ansible-playbook on a terminal of its own."""

    def __init__(self, playbooks: Playbooks, playbook: str, *arguments: str, environment: Optional[Dict[str, str]] = None) -> None:
        self._ours, theirs = pty.openpty()
        fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 40, COLUMNS, 0, 0))
        self._process = subprocess.Popen(
            playbooks.command(playbook, *arguments),
            cwd=playbooks.folder,
            env={**playbooks.environment, "TERM": "xterm", **(environment or {})},
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
            preexec_fn=functools.partial(_own_terminal, theirs),
        )
        os.close(theirs)
        self.said = ""
        self._ended = False
        self._more = threading.Condition()
        self._reader = threading.Thread(target=self._read)
        self._reader.start()

    def _read(self) -> None:
        decode = codecs.getincrementaldecoder("utf-8")().decode
        while True:
            try:
                data = os.read(self._ours, 65536)
            except OSError:
                data = b""
            with self._more:
                self.said += decode(data)
                self._ended = not data
                self._more.notify()
                if self._ended:
                    return

    def wait_for(self, pattern: str) -> None:
        with self._more:
            self._more.wait_for(lambda: self._ended or re.search(pattern, self.said), LONG)
        assert re.search(pattern, self.said), self.said

    def press_ctrl_c(self) -> None:
        os.write(self._ours, b"\x03")

    def status(self) -> int:
        """Wait for the end."""
        status = self._process.wait(LONG)
        self._reader.join()
        os.close(self._ours)
        return status

    def screen(self) -> List[str]:
        """What it shows in the end."""
        return screen(self.said)


def _own_terminal(terminal: int) -> None:
    os.setsid()
    fcntl.ioctl(terminal, termios.TIOCSCTTY, 0)


def left_of_progress(playbooks: Playbooks) -> List[str]:
    """What lies around of files that tell of a progress, or of their folders."""
    folders = {playbooks.folder, pathlib.Path(playbooks.environment["TMPDIR"])}
    return [str(path) for folder in folders for path in folder.rglob("*") if "progress" in path.name]


@pytest.mark.compat
@pytest.mark.parametrize("more", [{}, {"ANSIBLE_CALLBACK_RESULT_FORMAT": "yaml", "ANSIBLE_NOCOLOR": "0", "ANSIBLE_FORCE_COLOR": "1"}], ids=["default", "yaml"])
def test_a_terminal_shows_one_line_that_leaves_nothing_behind(playbooks: Playbooks, slow: SimulatorHandle, more: Dict[str, str]) -> None:
    playbook = playbooks.write(READ)
    without = OnTerminal(playbooks, playbook, "-v", environment=more)
    assert without.status() == 0
    run = OnTerminal(playbooks, playbook, "-v", environment={**ENABLED, **more})
    run.wait_for(r"\r\x1b\[Klocalhost: reading assignments, \d of 5 pages \(\d0 %\)")

    assert run.status() == 0
    assert run.screen() == without.screen()
    assert "reading assignments" not in without.said
    assert left_of_progress(playbooks) == []


@pytest.mark.compat
def test_hosts_side_by_side_are_one_line(playbooks: Playbooks, slow: SimulatorHandle) -> None:
    run = OnTerminal(playbooks, playbooks.write(READ, "north:south"), "-i", "north,south,", environment=ENABLED)
    run.wait_for(r"\r\x1b\[K(north|south): reading assignments[^\r\n]* \| (north|south): reading assignments")

    assert run.status() == 0


@pytest.mark.compat
@pytest.mark.parametrize("more", [{}, {"async": 60, "poll": 1}], ids=["waited for", "asynchronous"])
def test_elsewhere_it_is_a_line_now_and_then(playbooks: Playbooks, slow: SimulatorHandle, more: Dict[str, Any]) -> None:
    playbook = playbooks.write([{**READ[0], **more}, *READ[1:]])
    jobs = {"ANSIBLE_ASYNC_DIR": str(playbooks.folder / "jobs")}
    without = playbooks.run_file(playbook, environment=jobs)
    run = playbooks.run_file(playbook, environment={**jobs, **ENABLED, "VPP_PROGRESS_INTERVAL": "1"})

    assert (run.returncode, _without_job_ids(run.stdout)) == (0, _without_job_ids(without.stdout))
    lines = run.stderr.splitlines()
    assert lines
    reading = r"localhost: (working|reading assignments(, \d of 5 pages \(\d+ %\))?(, about \d+ s left)?)"
    assert [line for line in lines if not re.fullmatch(reading, line)] == []
    assert without.stderr == ""
    assert left_of_progress(playbooks) == []


def _without_job_ids(text: str) -> str:
    return re.sub(r"(?m)^ASYNC (POLL|OK) .*\n", "", text)


@pytest.mark.compat
def test_what_takes_no_long_time_is_not_shown(playbooks: Playbooks) -> None:
    run = playbooks.run(READ, environment=ENABLED)

    assert (run.returncode, run.stderr) == (0, "")


@pytest.mark.compat
def test_ctrl_c_leaves_nothing(playbooks: Playbooks, slow: SimulatorHandle) -> None:
    run = OnTerminal(playbooks, playbooks.write(READ), environment=ENABLED)
    run.wait_for("localhost: reading assignments")
    run.press_ctrl_c()

    assert run.status() != 0
    assert "User interrupted execution" in run.said
    assert not [line for line in run.screen() if "reading" in line]
    assert left_of_progress(playbooks) == []


def test_jobs_of_ansible_runner_get_lines_though_they_have_a_terminal(playbooks: Playbooks, slow: SimulatorHandle) -> None:
    jobs = playbooks.folder / "runner"
    (jobs / "inventory").mkdir(parents=True)
    (jobs / "inventory" / "hosts").write_text(f"localhost ansible_connection=local ansible_python_interpreter={sys.executable}\n")
    (jobs / "project").mkdir()
    (playbooks.folder / playbooks.write(READ)).rename(jobs / "project" / "play.yml")
    path = f"{pathlib.Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    environment = {**playbooks.environment, **ENABLED, "PATH": path, "TERM": "xterm", "VPP_PROGRESS_INTERVAL": "1"}
    command = ["ansible-runner", "run", str(jobs), "--playbook", "play.yml", "--ident", "run"]
    run = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=300, check=False)

    assert run.returncode == 0, run.stdout + run.stderr
    assert "\r\x1b[K" not in run.stdout
    events = [json.loads(path.read_text()) for path in (jobs / "artifacts" / "run" / "job_events").glob("*.json")]
    assert [event["event"] for event in events if "localhost: reading assignments" in event["stdout"]] == ["verbose"] * run.stdout.count("reading assignments")
    assert "localhost: reading assignments" in run.stdout
    assert left_of_progress(playbooks) == []
