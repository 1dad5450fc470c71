# Copyright (c) 2026, the mdmkit.apps_books authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A location of the simulator, and processes that work on it and are measured."""

from __future__ import annotations

import contextlib
import csv
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from vpp_simulator.testing import SimulatorHandle, content_token, start_simulator

from .cost import Cost, cost_of
from .sizes import Shape

HERE = Path(__file__).parent
PACKAGE = "ansible_collections.mdmkit.apps_books."
TOKEN = content_token(token="benchmark-inner-token-0001")
_WAITING = ("vpp_user", "vpp_asset_assignment")
_GRACE = 5.0


class Broken(Exception):
    """What was measured did not do its work, so its figures mean nothing."""


def ensure(holds: bool, what: str) -> None:
    """
    :raises Broken: it does not hold
    """
    if not holds:
        raise Broken(what)


def app(number: int) -> str:
    """The adamId of the generated app with this number, counted from 0."""
    return str(2000000001 + number)


def device(number: int) -> str:
    """The serial number of the generated device with this number, counted from 0."""
    return f"D{number + 1:07}"


def user(number: int) -> str:
    """The clientUserId of the generated user with this number, counted from 0."""
    return f"u-{number + 1:06}"


class Run(NamedTuple):
    """:ivar result: what a module returned; empty for other commands"""

    cost: Cost
    result: dict[str, Any]


class Location:
    """A location, alone in its simulator.

    :ivar folder: for files; goes with the location
    """

    def __init__(self, simulator: SimulatorHandle, shape: Shape, folder: Path) -> None:
        self.simulator = simulator
        self.folder = folder
        self._shape = shape

    def module(self, name: str, check: bool = False, environment: Mapping[str, str] | None = None, **options: Any) -> Run:
        """Run a module as Ansible does, but for the archive that Ansible packs it into; it has to succeed."""
        if name in _WAITING and self._shape.wait_interval is not None:
            options["wait_interval"] = self._shape.wait_interval
        arguments = json.dumps({"ANSIBLE_MODULE_ARGS": {**options, "_ansible_check_mode": check, "_ansible_module_name": "mdmkit.apps_books." + name}})
        cost, output = self._measured(name, [sys.executable, "-m", f"{PACKAGE}plugins.modules.{name}"], arguments, environment)
        return Run(cost, json.loads(output))

    def script(self, *arguments: str) -> Cost:
        """Run the script that stands for what people write in Python."""
        pace = {"REQUESTS_PER_SECOND": str(self._shape.requests_per_second or 0)}
        return self._measured("sequential.py", [sys.executable, str(HERE / "sequential.py"), *arguments], environment=pace)[0]

    def playbook(self, name: str, **variables: Any) -> Cost:
        """Run one of the playbooks that get by without the collection."""
        return self._play(HERE / "playbooks" / name, "-e", json.dumps(variables))

    def play(self, *tasks: Mapping[str, Any]) -> Cost:
        """Run a playbook of these tasks of the collection."""
        play = {"name": "Measured", "hosts": "localhost", "connection": "local", "gather_facts": False, "tasks": list(tasks)}
        waiting = {"wait_interval": self._shape.wait_interval} if self._shape.wait_interval is not None else {}
        play["module_defaults"] = {f"mdmkit.apps_books.{name}": waiting for name in _WAITING}
        (self.folder / "play.json").write_text(json.dumps([play]), encoding="utf-8")
        return self._play(self.folder / "play.json")

    def reshaped(self, shape: Shape) -> Location:
        """The same location, with the simulator in another shape from now on."""
        self.simulator.behaviour(**shape.behaviour)
        return Location(self.simulator, shape, self.folder)

    def held(self) -> dict[str, int]:
        """How many assignments there are of each asset that has any."""
        assets = self.simulator.state(parts=["assets"])["assets"]
        return {asset["adamId"]: asset["assignedCount"] for asset in assets if asset["assignedCount"]}

    def active_users(self) -> int:
        return sum(user["status"] != "Retired" for user in self.simulator.state(parts=["users"])["users"])

    def file(self, name: str, lines: Iterable[str]) -> str:
        """Write a text file; its path."""
        path = self.folder / name
        with path.open("w", encoding="utf-8") as stream:
            stream.writelines(f"{line}\n" for line in lines)
        return str(path)

    def table(self, name: str, header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
        """Write a CSV file; its path."""
        path = self.folder / name
        with path.open("w", encoding="utf-8", newline="") as stream:
            writer = csv.writer(stream)
            writer.writerow(header)
            writer.writerows(rows)
        return str(path)

    def _play(self, playbook: Path, *arguments: str) -> Cost:
        command = [str(Path(sys.executable).parent / "ansible-playbook"), "-i", "localhost,", *arguments, str(playbook)]
        # As modules of a playbook are run: with the packages of this interpreter.
        return self._measured(playbook.name, command, environment={"ANSIBLE_PYTHON_INTERPRETER": sys.executable})[0]

    def _measured(self, name: str, command: Sequence[str], stdin: str = "", environment: Mapping[str, str] | None = None) -> tuple[Cost, str]:
        """
        :param name: told on standard error, since some commands take more than a minute
        :returns: the cost, and what the command printed
        :raises Broken: the command failed
        """
        if self._shape.requests_per_second is not None:
            # The service counts over a second, and requests of the run before are not this one's.
            time.sleep(1.0)
        print(f"         {name} ...", file=sys.stderr, flush=True)
        self.simulator.clear_requests()
        cost_file = self.folder / "cost"
        wrapped = [sys.executable, "-I", "-S", str(HERE / "measured.py"), str(cost_file), *command]
        variables = {**os.environ, "VPP_BASE_URL": self.simulator.base_url, "VPP_CONTENT_TOKEN": TOKEN, **(environment or {})}
        with (self.folder / "output").open("w+", encoding="utf-8") as output:
            process = subprocess.Popen(
                wrapped, stdin=subprocess.PIPE, stdout=output, stderr=subprocess.STDOUT, env=variables, cwd=self.folder, start_new_session=True, text=True
            )
            with ended(process):
                process.communicate(stdin)
            output.seek(0)
            printed = output.read()
        ensure(process.returncode == 0, f"{name}: exit status {process.returncode}\n{printed[-5000:]}")
        wall, cpu, memory = map(float, cost_file.read_text().split())
        return cost_of(wall, cpu, memory, self.simulator.requests(), self._shape), printed


@contextlib.contextmanager
def ended(process: subprocess.Popen[str]) -> Iterator[None]:
    """Leave nothing of a process and its group behind, whatever happens."""
    try:
        yield
    except BaseException:
        # Ansible puts its workers into groups of their own, and ends them when it is interrupted.
        os.killpg(process.pid, signal.SIGINT)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(_GRACE)
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        raise


@contextlib.contextmanager
def location(shape: Shape, **members: Any) -> Iterator[Location]:
    """A location as a seed of the simulator describes it; most are made with ``generate``."""
    seed = {"behaviour": shape.behaviour, "locations": [{"name": "bench", "content_token": TOKEN, "uId": "2049025000431439", "assets": [], **members}]}
    with tempfile.TemporaryDirectory(prefix="bench-") as folder, start_simulator(seed, validate=False) as simulator:
        yield Location(simulator, shape, Path(folder))
