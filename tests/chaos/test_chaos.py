# Copyright (c) 2026, the mdmkit.apps_books authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A short fixed set of schedules, one for each kind of fault, and what the command behind make chaos promises."""

from __future__ import annotations

import os
import pathlib
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator

import pytest

from .run import ENOUGH, never_fired, table, verdict
from .schedule import KINDS, make_schedule
from .worker import Report, Worker

COMMAND = [sys.executable, "-m", "ansible_collections.mdmkit.apps_books.tests.chaos.run"]

# The kind that a schedule is about follows from its seed. Of the seeds about a kind these are quick ones in which it strikes for sure.
FIXED = {
    "429 storm": 480,
    "503 with seconds": 121,
    "503 with a date": 142,
    "500 before acceptance": 163,
    "500 after acceptance": 64,
    "reset before acceptance": 405,
    "reset after acceptance": 406,
    "hang": 127,
    "not JSON": 68,
    "errors under 200": 489,
    "stuck event": 490,
    "partly failed event": 151,
    "version churn": 12,
    "page edges": 353,
    "visibility delay": 374,
    "shrinking limits": 135,
    "token revoked": 76,
    "taken over": 457,
    "killed": 458,
    "rate limit": 139,
}


@pytest.fixture(scope="session")
def worker() -> Iterator[Worker]:
    player = Worker()
    yield player
    player.stop()


@pytest.mark.parametrize("kind", FIXED)
def test_nothing_is_lost(worker: Worker, kind: str) -> None:
    report = worker.play(FIXED[kind])
    assert not report.complaints, "\n".join([*report.complaints, *report.story])
    assert report.fired[kind] > 0, "\n".join(report.story)


def test_the_fixed_set_has_every_kind_of_fault() -> None:
    assert list(FIXED) == KINDS
    assert [make_schedule(number).kinds[0] for number in FIXED.values()] == KINDS


def test_a_schedule_is_a_pure_function_of_its_seed() -> None:
    code = "from ansible_collections.mdmkit.apps_books.tests.chaos.schedule import make_schedule; print([make_schedule(number) for number in range(60)])"
    printed = [
        subprocess.run([sys.executable, "-c", code], env={**os.environ, "PYTHONHASHSEED": text}, capture_output=True, text=True, check=True).stdout
        for text in ("1", "2")
    ]
    assert printed[0] == printed[1] and "Schedule(number=59" in printed[0]


def report(number: int, kinds: list[str], fired: dict[str, int], complaints: list[str], converged: bool = True) -> Report:
    return Report(number, kinds, fired, complaints, converged, 1.0, [])


def test_the_table_counts_a_schedule_for_each_of_its_kinds() -> None:
    first, second = KINDS[:2]
    reports = [
        report(1, [first], {first: 2}, []),
        report(2, [first, second], {first: 1, second: 0}, ["converges: no", "rate: no"], converged=False),
        report(3, [second], {second: 4}, ["rate: too fast"]),
    ]
    lines = {line[0]: line[1:] for line in table(reports)}
    assert lines[first] == ("2", "3", "1", "1", "2")
    assert lines[second] == ("2", "4", "1", "2", "2 3")
    assert lines[KINDS[2]] == ("0", "0", "0", "0", "-")


def test_a_kind_that_never_strikes_is_noticed_once_there_were_enough_schedules() -> None:
    struck = {kind: 1 for kind in KINDS[1:]}
    assert never_fired([report(number, KINDS, struck, []) for number in range(ENOUGH - 1)]) == []
    assert never_fired([report(number, KINDS, struck, []) for number in range(ENOUGH)]) == [KINDS[0]]


def test_failed_schedules_and_silent_kinds_are_told() -> None:
    struck = dict.fromkeys(KINDS, 1)
    assert verdict([report(number, KINDS, struck, []) for number in range(ENOUGH)]) == []
    assert verdict([report(7, KINDS, struck, ["rate: too fast"])]) == ["repeat with: make chaos SEED=7"]
    assert verdict([report(number, KINDS, {}, []) for number in range(ENOUGH)]) == [f"never fired: {kind}" for kind in KINDS]


@pytest.mark.skipif(not pathlib.Path("/proc/self/stat").exists(), reason="needs /proc")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupt_leaves_no_process(number: int) -> None:
    process = subprocess.Popen([*COMMAND, "-n", "50", "-j", "2"], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, start_new_session=True)
    try:
        while len(of_session(process.pid)) < 7:  # The command, and for each worker itself, its simulator and its receiver.
            assert process.poll() is None
            time.sleep(0.1)
        os.kill(process.pid, number)
        assert b"interrupted" in process.communicate(timeout=60)[1]
        assert process.returncode == 1
        assert left_after_a_while(of_session, process.pid) == []
    finally:
        for left in of_session(process.pid):
            os.kill(left, signal.SIGKILL)


@pytest.mark.skipif(not pathlib.Path("/proc/self/stat").exists(), reason="needs /proc")
def test_a_worker_that_was_killed_leaves_no_process() -> None:
    player = Worker()
    try:
        playing = threading.Thread(target=pytest.raises, args=(RuntimeError, player.play, 12))
        playing.start()
        while len(of_group(player.process_group)) < 4:  # Itself, its simulator, its receiver and a module.
            assert playing.is_alive()
            time.sleep(0.002)
        os.kill(player.process_group, signal.SIGKILL)
    finally:
        player.stop()
    playing.join(5)
    assert not playing.is_alive() and left_after_a_while(of_group, player.process_group) == []


def left_after_a_while(living: Callable[[int], list[int]], number: int) -> list[int]:
    """What still lives of a session or a group when it had time to end."""
    deadline = time.monotonic() + 5
    while living(number) and time.monotonic() < deadline:
        time.sleep(0.05)
    return living(number)


def of_session(session: int) -> list[int]:
    """The living processes of a session."""
    return [process for process, its_session in _living("session") if its_session == session]


def of_group(group: int) -> list[int]:
    """The living processes of a group."""
    return [process for process, its_group in _living("group") if its_group == group]


def _living(which: str) -> Iterator[tuple[int, int]]:
    """Each process that lives, with its session or its group."""
    for entry in pathlib.Path("/proc").glob("[0-9]*"):
        try:
            state, dummy, group, session = (entry / "stat").read_text(encoding="utf-8").rpartition(")")[2].split()[:4]
        except OSError:
            continue  # gone meanwhile
        if state != "Z":
            yield int(entry.name), int(session if which == "session" else group)
