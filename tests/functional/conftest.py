# Copyright (c) 2026, the mdmkit.apps_books authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Modules run as Ansible runs them, against the simulator over HTTP."""

from __future__ import annotations

import contextlib
import importlib
import io
import json
import os
import pathlib
import subprocess
import sys
import tempfile
from typing import Any, Dict, Iterator, List, Optional, Set, Tuple
from unittest import mock

import pytest
import yaml
from ansible.module_utils import basic
from ansible.module_utils.common import warnings as common_warnings
from vpp_simulator.testing import SimulatorHandle, content_token, start_simulator

try:
    from ansible.module_utils import _internal
except ImportError:  # ansible-core 2.18 or older
    _internal = None

MODULES = "ansible_collections.mdmkit.apps_books.plugins.modules."
LOCAL_MODULES = ("vpp_drift_report", "vpp_tree_info")
"""They read files and speak to nobody."""
WAITING = ("vpp_user", "vpp_asset_assignment", "vpp_asset_revocation", "vpp_event_info")
ANSIBLES_OWN = {"failed", "msg", "diff", "warnings", "deprecations", "exception", "invocation", "changed"}

INNER_TOKEN = "canary-inner-token-5f0c7d1e9b"
TOKEN = content_token(token=INNER_TOKEN, org_name="Springfield Schools")
APP, OTHER_APP, BOOK, FREE_APP, USERS_ONLY = "1000000001", "1000000002", "1000000003", "1000000004", "1000000005"


def asset(adam_id: str, total: int, **more: Any) -> Dict[str, Any]:
    return {
        "adamId": adam_id,
        "pricingParam": "STDQ",
        "productType": "App",
        "totalCount": total,
        "deviceAssignable": True,
        "revocable": True,
        "supportedPlatforms": ["iOS"],
        **more,
    }


def seed(**location: Any) -> Dict[str, Any]:
    """One location, without any limit of speed so that tests are quick; ``behaviour`` is taken out of the members."""
    behaviour = {"max_requests_per_second": 0, "event_seconds": 0.0, "limits": {"maxRequestPerSecond": 5000}}
    behaviour.update(location.pop("behaviour", {}))
    members: Dict[str, Any] = {
        "name": "springfield",
        "content_token": TOKEN,
        "uId": "2049025000431439",
        "countryISO2ACode": "US",
        "defaultPlatform": "volumestore",
        "mdmInfo": None,
        "assets": [
            asset(APP, 20),
            asset(OTHER_APP, 5),
            asset(BOOK, 10, productType="Book", deviceAssignable=False, revocable=False),
            asset(FREE_APP, 2147483647),
            asset(USERS_ONLY, 10, deviceAssignable=False),
        ],
        "users": [
            {"clientUserId": "u-1", "email": "one@example.test", "status": "Associated"},
            {"clientUserId": "u-2", "email": "two@example.test", "status": "Registered"},
            {"clientUserId": "u-3", "status": "Registered"},
            {"clientUserId": "u-old", "email": "old@example.test", "status": "Retired"},
        ],
        "assignments": [
            {"adamId": APP, "pricingParam": "STDQ", "serialNumber": "D1"},
            {"adamId": APP, "pricingParam": "STDQ", "serialNumber": "D2"},
            {"adamId": APP, "pricingParam": "STDQ", "clientUserId": "u-1"},
            {"adamId": OTHER_APP, "pricingParam": "STDQ", "serialNumber": "D1"},
            {"adamId": BOOK, "pricingParam": "STDQ", "clientUserId": "u-1"},
        ],
    }
    return {"behaviour": behaviour, "locations": [{**members, **location}]}


RUN_IN_PROCESS = """
import json, sys
from ansible_collections.mdmkit.apps_books.tests.functional.conftest import run_in_process
print(json.dumps(run_in_process(sys.argv[1], json.load(sys.stdin))))
"""

Pair = Tuple[str, str, str, str]
"""(action, adam_id and pricing_param, kind of target, id)"""


def written_pairs(writes: List[Dict[str, Any]]) -> List[Pair]:
    """Every pair that the writes name, multiplied out as the service does."""
    pairs = []
    for write in writes:
        action = write["path"].rsplit("/", 1)[1]
        if action in ("associate", "disassociate"):
            body = write["body"]
            for product in body["assets"]:
                name = f"{product['adamId']} {product['pricingParam']}"
                pairs.extend((action, name, "user", target) for target in body.get("clientUserIds", []))
                pairs.extend((action, name, "device", target) for target in body.get("serialNumbers", []))
    return pairs


def written_users(writes: List[Dict[str, Any]]) -> List[Tuple[str, Dict[str, Any]]]:
    return [(write["path"].rsplit("/", 1)[1], user) for write in writes if "/users/" in write["path"] for user in write["body"]["users"]]


def planned_pairs(result: Dict[str, Any]) -> List[Pair]:
    return [
        (
            change["action"],
            f"{change['adam_id']} {change['pricing_param']}",
            "user" if "client_user_id" in change else "device",
            change.get("client_user_id") or change["serial_number"],
        )
        for change in result["plan"]["changes"]
    ]


def diff_keys(result: Dict[str, Any]) -> Set[str]:
    return set(result["diff"]["before"]) | set(result["diff"]["after"])


class Location:
    """A location of the simulator, and modules that work on it."""

    def __init__(self, simulator: SimulatorHandle) -> None:
        self.simulator = simulator
        self.options: Dict[str, Any] = {"base_url": simulator.base_url, "content_token": TOKEN}

    def run(self, module: str, check: bool = False, **options: Any) -> Dict[str, Any]:
        """Run a module and return its result; every key of it must be documented."""
        connection = {} if module in LOCAL_MODULES else self.options
        arguments = {**connection, **options, "_ansible_check_mode": check, "_ansible_diff": True}
        if module in WAITING:
            arguments.setdefault("wait_interval", 0.02)
        result = run_in_process(module, {name: value for name, value in arguments.items() if value is not None})
        undocumented = set(result) - set(returns(module)) - ANSIBLES_OWN
        assert not undocumented, f"{module} returns {undocumented}, which it does not document"
        return result

    def ok(self, module: str, check: bool = False, **options: Any) -> Dict[str, Any]:
        result = self.run(module, check, **options)
        assert not result.get("failed"), result["msg"]
        return result

    def fails(self, module: str, check: bool = False, **options: Any) -> Dict[str, Any]:
        result = self.run(module, check, **options)
        assert result.get("failed"), result
        return result

    def pairs(self) -> Set[Tuple[str, str]]:
        """What is held: (adam_id, target)."""
        held = self.simulator.state(parts=["assignments"])["assignments"]
        return {(entry["adamId"], entry.get("serialNumber") or entry["clientUserId"]) for entry in held}

    def users(self) -> Dict[str, Dict[str, Any]]:
        """The active users by client_user_id."""
        return {user["clientUserId"]: user for user in self.simulator.state(parts=["users"])["users"] if user["status"] in ("Registered", "Associated")}

    def write_count(self) -> int:
        return len(self.simulator.writes())


def run_in_process(module: str, arguments: Dict[str, Any]) -> Dict[str, Any]:
    """What the module prints when Ansible hands it these arguments."""
    main = importlib.import_module(MODULES + module).main
    printed = io.StringIO()
    # Ansible keeps warnings for the life of a process, which here outlives the module.
    common_warnings._global_warnings.clear()  # pylint: disable=protected-access
    encoded = json.dumps({"ANSIBLE_MODULE_ARGS": arguments}).encode()
    with mock.patch.object(basic, "_ANSIBLE_ARGS", encoded), mock.patch.object(basic, "_ANSIBLE_PROFILE", "legacy", create=True):
        with without_controller(), contextlib.redirect_stdout(printed), pytest.raises(SystemExit):
            main()
    return json.loads(printed.getvalue())


@contextlib.contextmanager
def without_controller() -> Iterator[None]:
    """Let Ansible behave as where a module runs: whatever imports a part of its controller turns the whole process into one, from 2.19 on."""
    if _internal is None:
        yield
        return
    with contextlib.ExitStack() as stack:
        stack.enter_context(mock.patch.object(_internal, "is_controller", False))
        stack.enter_context(mock.patch.object(_internal, "import_controller_module", lambda name: None))
        stack.enter_context(mock.patch.object(_internal, "get_controller_serialize_map", dict))
        yield


def start(location: Location, module: str, **options: Any) -> "subprocess.Popen[str]":
    """A module in a process of its own, which is not waited for."""
    process = subprocess.Popen([sys.executable, "-c", RUN_IN_PROCESS, module], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    arguments = {**location.options, "_ansible_module_name": "mdmkit.apps_books." + module, **options}
    assert process.stdin
    process.stdin.write(json.dumps(arguments))
    process.stdin.close()
    process.stdin = None
    return process


def documentation(module: str) -> Dict[str, Any]:
    return yaml.safe_load(importlib.import_module(MODULES + module).DOCUMENTATION)


def returns(module: str) -> Dict[str, Any]:
    return yaml.safe_load(importlib.import_module(MODULES + module).RETURN) or {}


@pytest.fixture(autouse=True)
def temporary_folder(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> Iterator[pathlib.Path]:
    """Each test has one of its own. Locks lie in it, and all tests work on the same location."""
    # Not below tmp_path: Ansible makes sockets in it, whose paths must be short.
    # Before TMPDIR changes: otherwise pytest would make it in the folder of the first test, and look for it in the next.
    tmp_path_factory.getbasetemp()
    with tempfile.TemporaryDirectory(prefix="t") as folder:
        monkeypatch.setenv("TMPDIR", folder)
        monkeypatch.setattr(tempfile, "tempdir", None)
        yield pathlib.Path(folder)


@pytest.fixture(scope="session")
def session_simulator() -> Iterator[SimulatorHandle]:
    with start_simulator(seed()) as simulator:
        yield simulator


@pytest.fixture
def simulator(session_simulator: SimulatorHandle) -> Iterator[SimulatorHandle]:
    session_simulator.reset(seed())
    yield session_simulator
    assert session_simulator.violations() == []


@pytest.fixture
def location(simulator: SimulatorHandle) -> Location:
    return Location(simulator)


class Playbooks:
    """ansible-playbook with the collection, in a folder and a HOME of its own."""

    def __init__(self, folder: pathlib.Path, simulator: SimulatorHandle) -> None:
        self.folder = folder
        self.simulator = simulator
        self.environment = {
            "PATH": os.environ["PATH"],
            "HOME": str(folder),
            "TMPDIR": os.environ["TMPDIR"],
            "ANSIBLE_LOCAL_TEMP": str(folder / "local_tmp"),
            "ANSIBLE_REMOTE_TEMP": str(folder / "remote_tmp"),
            "ANSIBLE_NOCOLOR": "1",
            "LC_ALL": "C.UTF-8",
            "VPP_BASE_URL": simulator.base_url,
            "VPP_CONTENT_TOKEN": TOKEN,
        }

    def run(self, tasks: List[Dict[str, Any]], *arguments: str, environment: Optional[Dict[str, str]] = None) -> "subprocess.CompletedProcess[str]":
        return self.run_file(self.write(tasks), *arguments, environment=environment)

    def write(self, tasks: List[Dict[str, Any]], hosts: str = "localhost") -> str:
        """The name of a playbook with these tasks."""
        play = [{"name": "Test", "hosts": hosts, "gather_facts": False, "connection": "local", "tasks": tasks}]
        (self.folder / "play.yml").write_text(yaml.safe_dump(play), encoding="utf-8")
        return "play.yml"

    def run_file(self, playbook: str, *arguments: str, environment: Optional[Dict[str, str]] = None) -> "subprocess.CompletedProcess[str]":
        command, environment = self.command(playbook, *arguments), {**self.environment, **(environment or {})}
        return subprocess.run(command, cwd=self.folder, env=environment, capture_output=True, text=True, timeout=300, check=False)

    def command(self, playbook: str, *arguments: str) -> List[str]:
        """How a playbook of the folder is run, on localhost unless the arguments say otherwise."""
        program = str(pathlib.Path(sys.executable).parent / "ansible-playbook")
        return [program, "-i", "localhost,", "-e", json.dumps({"ansible_python_interpreter": sys.executable}), playbook, *arguments]


@pytest.fixture
def playbooks(tmp_path: pathlib.Path, simulator: SimulatorHandle) -> Playbooks:
    return Playbooks(tmp_path, simulator)
