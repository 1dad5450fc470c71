# Copyright (c) 2026, the mdmkit.apps_books authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A process that plays schedules: seeds come in on standard input, one a line, and a report as JSON goes out for each.

It ends with its standard input, and takes along whatever it has started. `Worker` is the other end of it.
"""

from __future__ import annotations

import contextlib
import dataclasses
import json
import os
import signal
import subprocess
import sys
import tempfile
import traceback

from .model import listed_pairs
from .oracle import Complaint, complaints, firings
from .runner import Arena, Evidence, Run, arena
from .schedule import Schedule, make_schedule

COMMAND = [sys.executable, "-m", "ansible_collections.mdmkit.apps_books.tests.chaos.worker"]
_STOP_SECONDS = 10.0


@dataclasses.dataclass
class Report:
    """What came of a schedule.

    :ivar kinds: of the faults in it
    :ivar fired: how often each kind struck
    :ivar complaints: what must not have happened
    :ivar story: the schedule and its runs, for people
    """

    number: int
    kinds: list[str]
    fired: dict[str, int]
    complaints: list[str]
    converged: bool
    seconds: float
    story: list[str]


class Worker:
    """A process that plays one schedule after the other."""

    def __init__(self) -> None:
        # All schedules work on the same location, and its lock lies in the folder for temporary files.
        self._folder = tempfile.TemporaryDirectory()
        environment = {**{name: value for name, value in os.environ.items() if not name.startswith("VPP_")}, "TMPDIR": self._folder.name}
        self._process = subprocess.Popen(COMMAND, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment, process_group=0)

    @property
    def process_group(self) -> int:
        """The id of the group of processes that belong to it: itself, its simulator, its receiver and the module that runs."""
        return self._process.pid

    def play(self, number: int) -> Report:
        stdin, stdout = self._process.stdin, self._process.stdout
        if stdin is None or stdout is None:
            raise RuntimeError("the worker was started without pipes")
        stdin.write(f"{number}\n")
        stdin.flush()
        line = stdout.readline()
        if not line:
            raise RuntimeError(f"the worker ended while it played schedule {number}")
        return Report(**json.loads(line))

    def stop(self) -> None:
        """End it, in the middle of a schedule too, and all that it started."""
        self._process.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(_STOP_SECONDS)
        # Hit in the moment in which it starts a process, it does not know that one, which would live on, and whoever waits for the end of an output with it.
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process_group, signal.SIGKILL)
        self._process.wait()
        for stream in (self._process.stdin, self._process.stdout):
            if stream is not None:
                stream.close()
        self._folder.cleanup()


def report_of(place: Arena, number: int) -> Report:
    """Play the schedule of this seed and judge it."""
    schedule = make_schedule(number)
    try:
        evidence = place.play(schedule)
        found = complaints(evidence)
    except Exception:
        told = f"the test itself failed: {traceback.format_exc()}"
        return Report(number, schedule.kinds, {}, [told], False, 0.0, _plan_of(schedule))
    story = _plan_of(schedule) + [line for run in evidence.runs for line in _story_of(run, evidence)]
    return Report(number, schedule.kinds, evidence.fired(), list(map(str, found)), _has_converged(found), evidence.seconds, story)


def _has_converged(found: list[Complaint]) -> bool:
    return all(complaint.check != "converges" for complaint in found)


def _plan_of(schedule: Schedule) -> list[str]:
    lines = [f"schedule {schedule.number}: {', '.join(schedule.kinds)}", f"behaviour: {json.dumps(schedule.behaviour)}"]
    for task, volleys in zip(schedule.play, schedule.volleys):
        options = json.dumps(dict(task.options))
        lines.append(f"task {task.module}: {options[:2000]}")
        if task.module == "vpp_asset_assignment":
            lines.append(f"  which are {len(listed_pairs(task.options))} pairs")
        for volley in volleys:
            rules = "; ".join(f"{fault.kind} {json.dumps(fault.rule)}" for fault in volley.faults)
            death = "" if volley.kill_after is None else f"killed after {volley.kill_after:.3f} s"
            lines.append(f"  volley: {rules or 'no rule'} {volley.options or ''} {death}".rstrip())
    return lines


def _story_of(run: Run, evidence: Evidence) -> list[str]:
    message = str((run.result or {}).get("msg", ""))
    outcome = "killed" if run.killed else f"{'ok' if run.succeeded else 'failed'}{', changed' if run.changed else ''}"
    seconds = f"{run.ended - run.began:.2f} s, {len(run.requests)} requests, {len(run.writes)} writes"
    lines = [f"{run.phase} play {run.play + 1} {run.task.module}: {outcome}, {seconds} {message}".rstrip()]
    struck = {entry["id"]: run.faults[index].kind for index, entry in firings(run)}
    start = evidence.runs[0].began
    for entry in run.requests:
        if entry["method"] == "POST" or entry["id"] in struck:
            body = f" {json.dumps(entry['body'])}" if entry["body"] else ""
            query = f" {json.dumps(entry['query'])}" if entry["query"] else ""
            number = f"/{entry['errorNumber']}" if entry["errorNumber"] else ""
            struck_by = f" <- {struck[entry['id']]}" if entry["id"] in struck else ""
            lines.append(f"    {entry['time'] - start:7.3f} {entry['method']} {entry['path']}{query}{body} {entry['status']}{number}{struck_by}")
    return lines


def _stop(signum: int, frame: object) -> None:
    sys.exit(128 + signum)


def main() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Whoever started it decides what an interrupt means.
    signal.signal(signal.SIGTERM, _stop)
    with arena() as place:
        for line in sys.stdin:
            print(json.dumps(dataclasses.asdict(report_of(place, int(line)))), flush=True)


if __name__ == "__main__":
    main()
