# Copyright (c) 2026, the mdmkit.apps_books authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Makes the given targets, shows in a table what came of each, and looks for what they left behind.

The first target has the machine to itself, since it is the one with deadlines; of the others two run at once. What a target prints is kept
in .cache/test/TARGET.log; its closing line is shown when it ends and, if it failed, its end below the table.
"""

from __future__ import annotations

import contextlib
import os
import platform
import signal
import subprocess
import sys
import threading
import time
import uuid
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from venvs import CACHE, ROOT

LOGS = CACHE / "test"
LIMIT = 40 * 60  # seconds for one target
SHOWN = 150  # lines of a target that failed
MARK = "MDMKIT_TEST_RUN"  # in the environment of every process that a target starts, those sent to the background included
HOME_TRACES = (".ansible*", ".cache/*", ".config/*", ".local/*", ".hypothesis", ".rustup", "antsibull*")  # what tools leave in a home
groups: set[int] = set()  # of the targets that are being made


@dataclass(frozen=True)
class Part:
    """What came of one target."""

    name: str
    seconds: float
    passed: bool
    lines: list[str]

    def __str__(self) -> str:
        closing = next((line.strip() for line in reversed(self.lines) if line.strip() and not line.startswith("make")), "")
        return f"{self.name:<10}{self.seconds:>6.0f} s  {'passed' if self.passed else 'FAILED'}  {closing}"


def make(target: str) -> Part:
    """Makes one target and says so."""
    start = time.monotonic()
    log = LOGS / f"{target}.log"
    environment = {name: value for name, value in os.environ.items() if name not in ("MAKEFLAGS", "MAKELEVEL", "MFLAGS")}
    with log.open("w") as stream:
        process = subprocess.Popen(
            ["make", target], cwd=ROOT, env=environment, stdin=subprocess.DEVNULL, stdout=stream, stderr=subprocess.STDOUT, start_new_session=True
        )
        groups.add(process.pid)
        alarm = threading.Timer(LIMIT, os.killpg, (process.pid, signal.SIGTERM))
        alarm.start()
        status = process.wait()
        alarm.cancel()
        groups.remove(process.pid)
    part = Part(target, time.monotonic() - start, status == 0, log.read_text(errors="replace").splitlines())
    print(part, flush=True)
    return part


def running() -> dict[int, str]:
    """The processes that belong to this run, by id (none where there is no /proc)."""
    mark = f"{MARK}={os.environ[MARK]}".encode()
    found = {}
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            if mark in (entry / "environ").read_bytes().split(b"\0"):
                found[int(entry.name)] = (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
        except OSError:
            continue  # gone meanwhile, or not ours to read
    return found


def home_traces() -> set[Path]:
    """What is there in the caller's home of the kind that tools leave."""
    home = Path(os.environ.get("USER_HOME") or "/nonexistent")
    return {path for pattern in HOME_TRACES for path in home.glob(pattern)}


def left_behind(before: set[Path]) -> Part:
    """Processes that still run, which are ended, and files in the caller's home that were not there `before`."""
    start = time.monotonic()
    still_there = running()
    end(still_there)
    lines = [*(f"still running: {command}" for command in still_there.values()), *(f"new in the home: {path}" for path in sorted(home_traces() - before))]
    part = Part("left over", time.monotonic() - start, not lines, lines or ["no process, no file"])
    print(part, flush=True)
    return part


def end(processes: Iterable[int]) -> None:
    """Asks the processes to end."""
    for process in processes:
        with contextlib.suppress(ProcessLookupError):
            os.kill(process, signal.SIGTERM)


def stop(signum: int, frame: object) -> None:
    """Takes along what has been started."""
    for group in groups:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(group, signal.SIGTERM)
    end(running())
    os._exit(128 + signum)


def main() -> None:
    """Ends with status 1 if any target failed or something was left behind."""
    signal.signal(signal.SIGINT, stop)
    signal.signal(signal.SIGTERM, stop)
    os.environ[MARK] = uuid.uuid4().hex
    LOGS.mkdir(parents=True, exist_ok=True)
    before = home_traces()
    start = time.monotonic()
    core = subprocess.run(["ansible", "--version"], capture_output=True, text=True, check=True).stdout.splitlines()[0]
    print(f"Python {platform.python_version()}, {core}, {os.cpu_count()} processors", flush=True)

    first, *others = sys.argv[1:]
    parts = [make(first)]
    with ThreadPoolExecutor(2) as two:
        parts += two.map(make, others)
    parts.append(left_behind(before))

    print(f"\nEverything in {time.monotonic() - start:.0f} s:")
    print(*parts, sep="\n")
    failed = [part for part in parts if not part.passed]
    for part in failed:
        print(f"\n===== {part.name} failed; its last lines =====", *part.lines[-SHOWN:], sep="\n")
    if failed:
        sys.exit(f"\nfailed: {', '.join(part.name for part in failed)}")


if __name__ == "__main__":
    main()
