# Copyright (c) 2026, the mdmkit.apps_books authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Plays a schedule against a simulator and writes down everything that an oracle could want to know.

Every module runs in a process of its own, forked from this one, which has everything imported already: that costs some hundredths of a second
and it can be killed for real. So the process that plays schedules must have no threads.
"""

from __future__ import annotations

import contextlib
import dataclasses
import importlib
import json
import os
import select
import signal
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from email.utils import formatdate
from typing import Any

from ansible.module_utils import basic
from vpp_simulator.testing import SimulatorHandle, content_token, notification_receiver, start_simulator

from .model import World, after_play, world_of_state
from .schedule import HOLDER, KINDS, LOCATION, MODULES_THAT_WAIT, NOTIFICATION_SECRET, Fault, Schedule, Task, Volley

MODULES = "ansible_collections.mdmkit.apps_books.plugins.modules."
SUBJECTS = ("vpp_client_config", "vpp_user", "vpp_asset_revocation", "vpp_asset_assignment")
INNER_TOKEN = "canary-chaos-inner-token-31c5"
TOKEN = content_token(token=INNER_TOKEN, org_name="Springfield Schools")

FAULTY_PLAYS = 4
CLEAN_PLAYS = 4
# No module needs so long, whatever goes wrong: all its waits together are bounded by its options.
LONGEST_RUN = 60.0
_SETTLE_SECONDS = 5.0
_LOOK_SECONDS = 0.004
_FAULTY = {"http_timeout": 10.0, "retry_budget": 2.5, "wait_timeout": 8.0}
_CLEAN = {"http_timeout": 20.0, "retry_budget": 20.0, "wait_timeout": 20.0}


@dataclasses.dataclass
class Run:
    """One run of a module.

    :ivar phase: ``faulty`` or ``clean``
    :ivar play: which time the play is played in this phase
    :ivar status: of the process; negative after a signal
    :ivar result: what it printed, if that was a JSON object
    :ivar requests: the journal of the simulator
    :ivar rules: the fault rules of the run as they were given, Retry-After dates included
    :ivar fired: how often each rule acted
    :ivar state: the location after the run
    """

    phase: str
    play: int
    task: Task
    options: dict[str, Any]
    faults: list[Fault]
    rules: list[dict[str, Any]]
    began: float
    ended: float = 0.0
    status: int = 0
    killed: bool = False
    output: str = ""
    errors: str = ""
    result: dict[str, Any] | None = None
    requests: list[dict[str, Any]] = dataclasses.field(default_factory=list)
    fired: list[int] = dataclasses.field(default_factory=list)
    state: dict[str, Any] = dataclasses.field(default_factory=dict)

    @property
    def succeeded(self) -> bool:
        return self.result is not None and not self.result.get("failed") and not self.killed

    @property
    def changed(self) -> bool:
        return self.result is not None and bool(self.result.get("changed"))

    @property
    def world(self) -> World:
        return world_of_state(self.state)

    @property
    def writes(self) -> list[dict[str, Any]]:
        return [entry for entry in self.requests if entry["method"] == "POST"]


@dataclasses.dataclass
class Evidence:
    """All that is known of a schedule that was played.

    :ivar initial: the location before the first run
    :ivar settled: the location between the faulty and the clean phase, with nothing left to be worked off
    :ivar secrets: texts that no module may print
    """

    schedule: Schedule
    initial: dict[str, Any]
    settled: dict[str, Any] = dataclasses.field(default_factory=dict)
    runs: list[Run] = dataclasses.field(default_factory=list)
    secrets: list[str] = dataclasses.field(default_factory=list)
    violations: list[Any] = dataclasses.field(default_factory=list)
    seconds: float = 0.0

    @property
    def final(self) -> dict[str, Any]:
        return self.runs[-1].state

    def of_phase(self, phase: str) -> list[Run]:
        return [run for run in self.runs if run.phase == phase]

    def fired(self) -> dict[str, int]:
        """For each kind of fault, how often it really struck."""
        told = dict.fromkeys(self.schedule.kinds, 0)
        for run in self.of_phase("faulty"):
            for fault, count in zip(run.faults, run.fired):
                told[fault.kind] += count if not fault.kill else 0
            if run.killed:
                told["killed"] += 1
            accepted = sum(entry["accepted"] for entry in run.requests)
            if "visibility delay" in told:
                told["visibility delay"] += accepted
            if "rate limit" in told:
                told["rate limit"] += len(run.requests)
        return told


class Arena:
    """A simulator and a receiver of notifications, for one schedule after the other."""

    def __init__(self, simulator: SimulatorHandle, notification_url: str) -> None:
        self.simulator = simulator
        self.notification_url = notification_url
        self._options: dict[str, str] = {}

    def play(self, schedule: Schedule) -> Evidence:
        with tempfile.TemporaryDirectory() as folder:
            # Half of the schedules of each kind read with a snapshot, which has to be right whatever happened since.
            self._options = {"snapshot_dir": folder} if schedule.number // len(KINDS) % 2 else {}
            return self._play(schedule)

    def _play(self, schedule: Schedule) -> Evidence:
        began = time.monotonic()
        self.simulator.reset(self._seed(schedule))
        self.simulator.control("DELETE", "violations")
        self.simulator.clear_requests()
        evidence = Evidence(schedule, self.simulator.state(), secrets=[INNER_TOKEN, TOKEN, NOTIFICATION_SECRET])
        self._faulty_phase(evidence)
        token = self._restore(evidence)
        self._settle()
        evidence.settled = self.simulator.state()
        self._clean_phase(evidence, token)
        evidence.violations = self.simulator.violations()
        evidence.seconds = time.monotonic() - began
        return evidence

    def _seed(self, schedule: Schedule) -> dict[str, Any]:
        document = json.loads(json.dumps(schedule.seed_document))
        location = document["locations"][0]
        location["content_token"] = TOKEN
        if schedule.has_notifications:
            location.update(notificationUrl=self.notification_url, notificationAuthToken=NOTIFICATION_SECRET)
        return document

    def _faulty_phase(self, evidence: Evidence) -> None:
        """Play until every volley was fired. As in a playbook, a task that fails ends the play."""
        volleys = [list(of_task) for of_task in evidence.schedule.volleys]
        for number in range(FAULTY_PLAYS):
            for task, of_task in zip(evidence.schedule.play, volleys):
                run = self._run(evidence, "faulty", number, task, of_task.pop(0) if of_task else Volley(), TOKEN, _FAULTY)
                if not run.succeeded:
                    break
            if not any(volleys):
                break

    def _clean_phase(self, evidence: Evidence, token: str) -> None:
        """Play until nothing changes any more, but not for ever."""
        for number in range(CLEAN_PLAYS):
            runs = []
            for task in evidence.schedule.play:
                runs.append(self._run(evidence, "clean", number, task, Volley(), token, _CLEAN))
                if not runs[-1].succeeded:
                    break
            if not any(run.changed or not run.succeeded for run in runs):
                return
            time.sleep(evidence.schedule.visibility_seconds)

    def _restore(self, evidence: Evidence) -> str:
        """Undo what hands took away. Returns the token that is valid now."""
        self.simulator.control("DELETE", "faults")
        fired = evidence.fired()
        if fired.get("taken over"):
            ours = {"id": HOLDER, "name": "Chaos", "metadata": "given back"}
            self.simulator.client_config(location=LOCATION, mdmInfo=ours)
        if not fired.get("token revoked"):
            return TOKEN
        token = self.simulator.retire_token("replaced", location=LOCATION)
        if token is None:
            raise RuntimeError("the simulator gave no new token")
        evidence.secrets.append(token)
        return token

    def _settle(self) -> None:
        """Wait until all events are worked off that ever will be. A stuck one stays as it is."""
        deadline = time.monotonic() + _SETTLE_SECONDS
        before = None
        while time.monotonic() < deadline:
            events = self.simulator.state(parts=["events"])["events"]
            pending = [(event["id"], event["numCompleted"]) for event in events if event["status"] == "PENDING"]
            if not pending or pending == before:
                return
            before = pending
            time.sleep(0.25)

    # One run

    def _run(self, evidence: Evidence, phase: str, play: int, task: Task, volley: Volley, token: str, options: Mapping[str, float]) -> Run:
        arguments = {**task.options, "base_url": self.simulator.base_url, "content_token": token, **self._options, **_for(task, {**options, **volley.options})}
        if task.module != "vpp_client_config":
            arguments["mdm_id"] = HOLDER
        if task.options.get("purge") not in (None, False, "none"):
            arguments.update(max_removals="100%", allow_empty=True)
        faults = self._possible(volley.faults)
        rules = [_with_date(fault.rule) for fault in faults]
        self.simulator.control("POST", "faults", rules)
        self.simulator.clear_requests()
        run = Run(phase, play, task, arguments, faults, rules, time.time())
        self._carry_out(run, volley.kill_after)
        run.ended = time.time()
        run.requests = self.simulator.requests()
        run.fired = [rule["fired"] for rule in self.simulator.control("GET", "faults")["faults"]]
        self.simulator.control("DELETE", "faults")
        run.state = self.simulator.state()
        with contextlib.suppress(ValueError):
            printed = json.loads(run.output)
            run.result = printed if isinstance(printed, dict) else None
        evidence.runs.append(run)
        return run

    def _possible(self, faults: list[Fault]) -> list[Fault]:
        """Without hands that would retire who is not there: the simulator takes that for a mistake of the test."""
        active = {user["clientUserId"] for user in self.simulator.state(parts=["users"])["users"] if user["status"] != "Retired"}
        retiring = {
            id(fault): name for fault in faults for hand in fault.rule["do"].get("meanwhile", ()) for name in hand.get("users", {}).get("retire", ())
        }
        return [fault for fault in faults if retiring.get(id(fault)) is None or retiring[id(fault)] in active]

    def _carry_out(self, run: Run, kill_after: float | None) -> None:
        """Fork, let the module print into pipes, and strike when its hour has come."""
        child, output, errors = _forked(run.task.module, run.options)
        deadline = run.began + LONGEST_RUN
        moment = None if kill_after is None else run.began + kill_after
        waiting = {index for index, fault in enumerate(run.faults) if fault.kill or fault.limits}
        texts = {output: b"", errors: b""}
        open_pipes = [output, errors]
        try:
            while open_pipes:
                pause = _LOOK_SECONDS if waiting or moment is not None else 1.0
                for pipe in select.select(open_pipes, [], [], pause)[0]:
                    part = os.read(pipe, 65536)
                    texts[pipe] += part
                    if not part:
                        open_pipes.remove(pipe)
                if waiting and self._strike(run, waiting):
                    moment = time.time()
                if time.time() >= min(deadline, deadline if moment is None else moment):
                    os.kill(child, signal.SIGKILL)
                    deadline = moment = float("inf")
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.kill(child, signal.SIGKILL)
            run.status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
            os.close(output)
            os.close(errors)
        run.output, run.errors = (texts[pipe].decode(errors="replace") for pipe in (output, errors))
        # A module that had printed its result before it was hit has ended all the same.
        run.killed = run.status == -signal.SIGKILL and not run.output.strip() and time.time() - run.began < LONGEST_RUN

    def _strike(self, run: Run, waiting: set[int]) -> bool:
        """Do what belongs to the rules that act now. Returns whether the module has to die."""
        rules = self.simulator.control("GET", "faults")["faults"]
        dies = False
        for index in [index for index in waiting if rules[index]["fired"]]:
            waiting.remove(index)
            if run.faults[index].limits:
                self.simulator.behaviour(limits=run.faults[index].limits)
            dies = dies or run.faults[index].kill
        return dies


def expected_world(evidence: Evidence) -> World:
    """What the clean phase has to end with.

    :raises Impossible: the schedule is at fault
    """
    return after_play(world_of_state(evidence.settled), evidence.schedule.play)


def _for(task: Task, options: Mapping[str, float]) -> dict[str, float]:
    if task.module in MODULES_THAT_WAIT:
        return {**options, "wait_interval": 0.02}
    return {name: value for name, value in options.items() if name != "wait_timeout"}


def _with_date(rule: Mapping[str, Any]) -> dict[str, Any]:
    do = dict(rule["do"])
    if "retry_after_date" in do:
        do["retry_after"] = formatdate(int(time.time()) + do.pop("retry_after_date"), usegmt=True)
    return {**rule, "do": do}


def _forked(module: str, arguments: Mapping[str, Any]) -> tuple[int, int, int]:
    """A child that runs the module as Ansible does. Returns its id and the pipes of its output and its errors."""
    output, output_end = os.pipe()
    errors, errors_end = os.pipe()
    child = os.fork()
    if child == 0:
        status = 70
        try:
            for number in (signal.SIGTERM, signal.SIGINT):
                signal.signal(number, signal.SIG_DFL)
            for end, target in ((output_end, 1), (errors_end, 2)):
                os.dup2(end, target)
            for pipe in (output, errors, output_end, errors_end):
                os.close(pipe)
            sys.stdout = os.fdopen(1, "w", encoding="utf-8", closefd=False)
            sys.stderr = os.fdopen(2, "w", encoding="utf-8", closefd=False)
            status = _as_ansible_does(module, arguments)
            sys.stdout.flush()
            sys.stderr.flush()
        finally:
            os._exit(status)
    os.close(output_end)
    os.close(errors_end)
    return child, output, errors


def _as_ansible_does(module: str, arguments: Mapping[str, Any]) -> int:
    basic._ANSIBLE_ARGS = json.dumps({"ANSIBLE_MODULE_ARGS": {**arguments, "_ansible_diff": True}}).encode()
    basic._ANSIBLE_PROFILE = "legacy"
    try:
        importlib.import_module(MODULES + module).main()
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else 1
    except BaseException:
        sys.excepthook(*sys.exc_info())
        return 1
    return 0


@contextlib.contextmanager
def arena() -> Iterator[Arena]:
    """An arena for this process, which must have no threads. Nothing of it outlives the process, however that ends."""
    for name in SUBJECTS:
        importlib.import_module(MODULES + name)
    with _receiver() as url, start_simulator() as simulator:
        yield Arena(simulator, url)


@contextlib.contextmanager
def _receiver() -> Iterator[str]:
    """A receiver of notifications in a process of its own, which ends with this one."""
    address, address_end = os.pipe()
    life, life_end = os.pipe()
    child = os.fork()
    if child == 0:
        status = 1
        try:
            signal.signal(signal.SIGTERM, signal.SIG_DFL)
            os.close(address)
            os.close(life_end)
            with notification_receiver() as receiver:
                os.write(address_end, receiver.url.encode() + b"\n")
                os.read(life, 1)
            status = 0
        finally:
            os._exit(status)
    os.close(address_end)
    os.close(life)
    try:
        with os.fdopen(address, encoding="utf-8") as stream:
            url = stream.readline().strip()
        yield url
    finally:
        os.close(life_end)
        os.waitpid(child, 0)
