# Copyright (c) 2026, the mdmkit.apps_books authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Measure requests, time and memory of the collection against the simulator, and print one table.

Each scenario starts a simulator of its own. Modules and playbooks run in processes of their own, as users run them. Figures are of one run
on whatever machine this is: compare within a run, and quote ratios and counts.
"""

from __future__ import annotations

import contextlib
import csv
import json
import os
import pathlib
import resource
import subprocess
import sys
import tempfile
import time
from typing import Any, Callable, Dict, Iterator, List, NamedTuple, Optional

import requests
from vpp_simulator.testing import SimulatorHandle, content_token, start_simulator

TOKEN = content_token(token="benchmark-inner-token-0001")
MODULES = "ansible_collections.mdmkit.apps_books.plugins.modules."
NO_LIMIT = {"max_requests_per_second": 0, "limits": {"maxRequestPerSecond": 100000}}


class Row(NamedTuple):
    scenario: str
    what: str
    reads: int
    writes: int
    wall: float
    """Seconds of the whole process."""
    talk: float
    """Seconds from the first request to the last answer."""
    cpu: float
    """Seconds of the processes measured, not of the simulator."""
    memory: float
    """MiB at most; of the largest process."""


@contextlib.contextmanager
def simulator(behaviour: Dict[str, Any], **location: Any) -> Iterator[SimulatorHandle]:
    members = {"name": "bench", "content_token": TOKEN, "uId": "2049025000431439", "assets": [], **location}
    with start_simulator({"behaviour": behaviour, "locations": [members]}, validate=False) as handle:
        yield handle


def measure(scenario: str, what: str, handle: SimulatorHandle, command: List[str], stdin: Optional[str] = None, cwd: Optional[str] = None) -> Row:
    """Run a command to its end and count what it cost; its failure ends the benchmark with what it printed."""
    handle.clear_requests()
    environment = {**os.environ, "VPP_BASE_URL": handle.base_url, "VPP_CONTENT_TOKEN": TOKEN}
    start, before = time.monotonic(), resource.getrusage(resource.RUSAGE_CHILDREN)
    # A process of its own in between, so that the largest child measured is this command's and not an earlier one's.
    wrapped = [sys.executable, __file__, "--measured", *command]
    done = subprocess.run(wrapped, input=stdin, env=environment, cwd=cwd, capture_output=True, text=True, check=False)
    wall, after = time.monotonic() - start, resource.getrusage(resource.RUSAGE_CHILDREN)
    if done.returncode:
        raise SystemExit(f"{scenario}, {what}: exit status {done.returncode}\n{done.stdout}\n{done.stderr}")
    journal = handle.requests()
    writes = sum(entry["method"] == "POST" for entry in journal)
    memory = float(done.stderr.rstrip().rsplit("\n", 1)[-1])
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    talk = max(entry["time"] + entry["seconds"] for entry in journal) - min(entry["time"] for entry in journal)
    return Row(scenario, what, len(journal) - writes, writes, wall, talk, cpu, memory)


def run_measured(command: List[str]) -> int:
    """Run the command; the last line on standard error is the memory of its largest process in MiB."""
    status = subprocess.run(command, check=False).returncode
    sys.stderr.write(f"\n{resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024}\n")
    return status


def module(name: str, **options: Any) -> Dict[str, Any]:
    return {"command": [sys.executable, "-m", MODULES + name], "stdin": json.dumps({"ANSIBLE_MODULE_ARGS": options})}


def many_pairs(folder: pathlib.Path) -> Iterator[Row]:
    """10,000 devices x 25 apps in one task, at the service's own pace."""
    (folder / "devices.txt").write_text("".join(f"D{number:07}\n" for number in range(1, 10001)), encoding="utf-8")
    entry = {"assets": [str(2000000001 + number) for number in range(25)], "devices_file": str(folder / "devices.txt")}
    with simulator({"latency_ms": 80}, generate={"assets": 25, "users": 0, "devices": 10000, "assigned": 0.0}) as handle:
        for what in ("first run", "second run"):
            yield measure("10,000 devices x 25 apps", what, handle, **module("vpp_asset_assignment", assignments=[entry]))


def paging(dummy: pathlib.Path) -> Iterator[Row]:
    """20,000 assignments at 50 ms, without the limit of requests a second, which would hide how pages are read."""
    with simulator({"latency_ms": 50, **NO_LIMIT}, generate={"assets": 20, "users": 0, "devices": 1000, "assigned": 1.0}) as handle:
        script = [sys.executable, __file__, "--one-page-after-another"]
        yield measure("read 20,000 assignments", "one page after another", handle, script)
        yield measure("read 20,000 assignments", "vpp_assignment_info", handle, **module("vpp_assignment_info"))


def read_one_page_after_another() -> int:
    """What a short script does: one session, the next page when the last one is there."""
    session = requests.Session()
    session.headers["Authorization"] = "Bearer " + os.environ["VPP_CONTENT_TOKEN"]
    index, records = 0, 0
    while index is not None:
        answer = session.get(os.environ["VPP_BASE_URL"] + "/assignments", params={"pageIndex": index}, timeout=60).json()
        records += len(answer["assignments"])
        index = answer.get("nextPageIndex")
    return 0 if records == 20000 else 1


def many_users(folder: pathlib.Path) -> Iterator[Row]:
    """100,000 users by file, as a whole play, without latency or limit: our own time."""
    with open(folder / "users.csv", "w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(["client_user_id", "email"])
        writer.writerows([f"u-{number:06}", f"u{number}@example.test"] for number in range(100000))
    task = {"name": "Users", "mdmkit.apps_books.vpp_user": {"users_files": [str(folder / "users.csv")], "wait_interval": 0.2}}
    play = {"name": "Users", "hosts": "localhost", "connection": "local", "gather_facts": False, "tasks": [task]}
    play["vars"] = {"ansible_python_interpreter": sys.executable}
    (folder / "play.json").write_text(json.dumps([play]), encoding="utf-8")
    command = [str(pathlib.Path(sys.executable).parent / "ansible-playbook"), "-i", "localhost,", "play.json"]
    with simulator({**NO_LIMIT, "event_seconds": 0.0}) as handle:
        for what in ("create all", "nothing to do"):
            yield measure("100,000 users by file", what, handle, command, cwd=str(folder))


SCENARIOS: List[Callable[[pathlib.Path], Iterator[Row]]] = [many_pairs, paging, many_users]


def main() -> int:
    if "--measured" in sys.argv[:2]:
        return run_measured(sys.argv[2:])
    if "--one-page-after-another" in sys.argv[:2]:
        return read_one_page_after_another()
    out = sys.stdout
    out.write(f"{'scenario':28}{'what':26}{'reads':>8}{'writes':>8}{'wall s':>10}{'talk s':>10}{'CPU s':>10}{'MiB':>8}\n")
    rows: List[Row] = []
    with tempfile.TemporaryDirectory() as folder:
        for scenario in SCENARIOS:
            for row in scenario(pathlib.Path(folder)):
                rows.append(row)
                out.write(f"{row.scenario:28}{row.what:26}{row.reads:8}{row.writes:8}{row.wall:10.2f}{row.talk:10.2f}{row.cpu:10.2f}{row.memory:8.0f}\n")
                out.flush()
    slow, quick = (row for row in rows if row.scenario.startswith("read"))
    out.write(f"\nReading 20,000 assignments: {slow.talk / quick.talk:.1f} times as fast as one page after another, from first request to last answer.\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
