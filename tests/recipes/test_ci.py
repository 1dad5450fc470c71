# Copyright (c) 2026, the mdmkit.apps_books authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The recipes in docs/guides/ci.md, taken from the page as they stand there: their scripts are checked and run in a copy of examples/gitops."""

from __future__ import annotations

import email.parser
import email.policy
import http.server
import json
import os
import re
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import yaml
from vpp_simulator.testing import SimulatorHandle, start_simulator

COLLECTION = Path(__file__).parents[2]
PAGE = COLLECTION / "docs" / "guides" / "ci.md"
RECIPES: dict[str, dict[Any, Any]] = {
    yaml_text.splitlines()[0].removeprefix("# "): yaml.safe_load(yaml_text)
    for yaml_text in re.findall(r"(?ms)^```yaml\n(.*?)^```$", PAGE.read_text(encoding="utf-8"))
}
GITHUB, GITLAB = RECIPES[".github/workflows/licences.yml"], RECIPES[".gitlab-ci.yml"]
SEEDED: dict[str, Any] = yaml.safe_load((COLLECTION / "tests" / "demo" / "seed.yml").read_text(encoding="utf-8"))
TOKENS = {f"VPP_CONTENT_TOKEN_{location['name'].upper()}": location["content_token"] for location in SEEDED["locations"]}
FAST = {"max_requests_per_second": 0, "event_seconds": 0.0, "limits": {"maxRequestPerSecond": 5000}}
# What the machine of a CI has and this one need not: it only writes down how it was called, and what it was given to post.
STAND_IN = """#!{python}
import json, pathlib, sys
bodies = [pathlib.Path(file).read_text() for option, file in zip(sys.argv, sys.argv[1:]) if option in ("--body-file", "-r")]
with open({record!r}, "a") as stream:
    stream.write(json.dumps([pathlib.Path(sys.argv[0]).name, sys.argv[1:], bodies]) + "\\n")
"""


def github_scripts(job: str) -> list[tuple[str, dict[str, Any]]]:
    """The scripts of a job with the variables of their steps."""
    return [(step["run"], step.get("env", {})) for step in GITHUB["jobs"][job]["steps"] if "run" in step]


def gitlab_scripts(job: str) -> list[tuple[str, dict[str, Any]]]:
    """The script of a job after what comes before each, and the script that runs afterwards in a shell of its own."""
    parts = ["\n".join(GITLAB["default"]["before_script"] + GITLAB[job]["script"]), "\n".join(GITLAB[job].get("after_script", []))]
    return [(part, {}) for part in parts if part]


SCRIPTS = {
    **{f"GitHub, {job}": github_scripts(job) for job in GITHUB["jobs"]},
    **{f"GitLab, {job}": gitlab_scripts(job) for job in GITLAB if "script" in GITLAB[job]},
}


@dataclass
class Api:
    """A pretended GitLab.

    :ivar notes: path, token and text of each note
    """

    address: str
    notes: list[tuple[str, str, str]] = field(default_factory=list)


@pytest.fixture
def api() -> Iterator[Api]:
    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            content = self.rfile.read(int(self.headers["Content-Length"]))
            head = f"Content-Type: {self.headers['Content-Type']}\r\n\r\n".encode()
            (part,) = email.parser.BytesParser(policy=email.policy.HTTP).parsebytes(head + content).iter_parts()
            assert part.get_param("name", header="content-disposition") == "body"
            serving.notes.append((self.path, self.headers["PRIVATE-TOKEN"], part.get_payload(decode=True).decode()))
            self.send_response(201)
            self.end_headers()

        def log_message(self, *dummy: Any) -> None:
            """Nothing is printed."""

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        serving = Api(f"http://127.0.0.1:{server.server_port}/api/v4")
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield serving
        server.shutdown()
        thread.join()


@pytest.fixture
def simulator() -> Iterator[SimulatorHandle]:
    with start_simulator({"behaviour": FAST, **SEEDED}, validate=False) as running:
        yield running


class Machine:
    """A machine of a CI, with the repository checked out."""

    def __init__(self, folder: Path, simulator: SimulatorHandle, api: Api) -> None:
        self.repository = folder / "repository"
        self.record = folder / "record"
        shutil.copytree(COLLECTION / "examples" / "gitops", self.repository)
        programs = folder / "bin"
        programs.mkdir()
        for name in ("pip", "ansible-galaxy", "gh"):
            (programs / name).write_text(STAND_IN.format(python=sys.executable, record=str(self.record)), encoding="utf-8")
            (programs / name).chmod(0o755)
        self.environment = {
            "PATH": f"{programs}{os.pathsep}{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
            "HOME": str(folder),
            "TMPDIR": str(folder),
            "LC_ALL": "C.UTF-8",
            "NO_PROXY": "127.0.0.1",
            "ANSIBLE_PYTHON_INTERPRETER": sys.executable,
            "ANSIBLE_CALLBACK_RESULT_FORMAT": "yaml",
            "VPP_BASE_URL": simulator.base_url,
            "CI_API_V4_URL": api.address,
            "CI_PROJECT_ID": "17",
            "CI_MERGE_REQUEST_IID": "4",
            "COMMENT_TOKEN": "canary-comment-token",
            **TOKENS,
        }

    def run(self, scripts: list[tuple[str, dict[str, Any]]]) -> list[subprocess.CompletedProcess[str]]:
        """Run scripts as both CIs do: in bash, which ends at the first command that fails, also in a pipe. Each runs whatever came of those before."""
        expressions = {"${{ github.event.pull_request.number }}": "4", "${{ github.token }}": "canary-comment-token"}
        return [
            subprocess.run(
                ["bash", "-eo", "pipefail", "-c", script],
                cwd=self.repository,
                env={**self.environment, **{name: expressions[value] for name, value in variables.items()}},
                stdin=subprocess.DEVNULL,
                capture_output=True,
                text=True,
                timeout=600,
                check=False,
            )
            for script, variables in scripts
        ]

    def calls(self) -> list[tuple[str, list[str], list[str]]]:
        """What was called, with its arguments and the texts of the files that it was given."""
        return [tuple(json.loads(line)) for line in self.record.read_text(encoding="utf-8").splitlines()]


@pytest.fixture
def machine(tmp_path: Path, simulator: SimulatorHandle, api: Api) -> Machine:
    return Machine(tmp_path, simulator, api)


def check_comment(text: str) -> None:
    """The summary of each location at the beginning, and the whole plan below."""
    head, rest = text.split("\n\n<details>")
    lines = head.splitlines()
    assert lines[0] == "### What a merge would change" and lines[-2:] == ["* shelbyville: would be changed", "* springfield: would be changed"], head
    assert "* springfield (uid 2049025000431439): would be changed" in lines and "* assignments: 36 to be taken back, 124 to be given" in lines
    assert re.search(r"(?m)^\+ .* STDQ -> device \w+", rest) and rest.rstrip().endswith("</details>")
    assert not [token for token in TOKENS.values() if token in text]


@pytest.mark.parametrize("name", SCRIPTS)
def test_shellcheck_has_nothing_to_say(name: str) -> None:
    for script, dummy in SCRIPTS[name]:
        command = [str(Path(sys.executable).parent / "shellcheck"), "--shell=bash", "-"]
        result = subprocess.run(command, input=script, capture_output=True, text=True, check=False)
        assert result.returncode == 0, result.stdout


def test_github_plans(machine: Machine, simulator: SimulatorHandle) -> None:
    results = machine.run(github_scripts("plan"))

    assert [result.returncode for result in results] == [0, 0, 0], results[-1].stderr
    assert simulator.writes() == []
    pip, galaxy, comment = machine.calls()
    assert pip == ("pip", ["install", "ansible-core", "requests"], [])
    assert galaxy[:2] == ("ansible-galaxy", ["collection", "install", "-r", "requirements.yml"]) and "mdmkit.apps_books" in galaxy[2][0]
    assert comment[:2] == ("gh", ["pr", "comment", "4", "--edit-last", "--create-if-none", "--body-file", "plan.md"])
    check_comment(comment[2][0])
    assert len(comment[2][0].encode()) < 65536


def test_gitlab_plans(machine: Machine, simulator: SimulatorHandle, api: Api) -> None:
    results = machine.run(gitlab_scripts("plan"))

    assert [result.returncode for result in results] == [0, 0], results[-1].stderr
    assert simulator.writes() == []
    ((path, token, text),) = api.notes
    assert (path, token) == ("/api/v4/projects/17/merge_requests/4/notes", "canary-comment-token")
    check_comment(text)


@pytest.mark.parametrize(("scripts", "most"), [(github_scripts("plan"), 65536), (gitlab_scripts("plan"), 1000000)], ids=["GitHub", "GitLab"])
def test_a_long_plan_has_a_comment_all_the_same(machine: Machine, api: Api, scripts: list[tuple[str, dict[str, Any]]], most: int) -> None:
    """One that is too long would be refused, and the comment of the plan before would stay as it is."""
    summary = [f"  - 'school-{number:05} Üb: would be changed'" for number in range(5000)]
    plan = ["", "TASK [mdmkit.apps_books.location : Summary]", *summary, "", *(f"+ {number} Ünïcödé" for number in range(100000)), "the end"]
    (machine.repository / "plan.txt").write_text("\n".join(plan) + "\n", encoding="utf-8")

    (comment,) = machine.run(scripts[-1:])

    assert comment.returncode == 0, comment.stderr
    text = api.notes[0][2] if api.notes else machine.calls()[-1][2][0]
    head, rest = text.split("\n\n<details>")
    assert most / 3 < len(text.encode()) < most
    assert "* school-00100 Üb: would be changed\n" in head and head.endswith("\n* and more, see below") and "\ufffd" not in text
    assert re.search(r"~~~text\n\+ \d+ Ünïcödé\n", rest) and "the end\n\n~~~" in rest


@pytest.mark.parametrize("scripts", [github_scripts("plan"), gitlab_scripts("plan")], ids=["GitHub", "GitLab"])
def test_a_plan_that_fails_is_told_and_fails(machine: Machine, simulator: SimulatorHandle, api: Api, scripts: list[tuple[str, dict[str, Any]]]) -> None:
    (machine.repository / "locations" / "shelbyville" / "asignments.yml").write_text("[]\n", encoding="utf-8")

    *dummy, plan, comment = machine.run(scripts)

    assert plan.returncode == 2 and comment.returncode == 0, comment.stderr
    text = api.notes[0][2] if api.notes else machine.calls()[-1][2][0]
    assert "* springfield: would be changed\n* shelbyville: FAILED in: " in text and "asignments.yml: not a file of a location" in " ".join(text.split())


@pytest.mark.parametrize("scripts", [github_scripts("validate"), gitlab_scripts("validate")], ids=["GitHub", "GitLab"])
def test_files_are_checked_without_a_token(machine: Machine, simulator: SimulatorHandle, scripts: list[tuple[str, dict[str, Any]]]) -> None:
    machine.environment.update(dict.fromkeys(TOKENS, ""))
    assert [result.returncode for result in machine.run(scripts)] == [0] * len(scripts)
    (machine.repository / "locations" / "shelbyville" / "asignments.yml").write_text("[]\n", encoding="utf-8")

    checked = machine.run(scripts)[-1]

    assert checked.returncode == 2 and "asignments.yml: not a file of a location" in " ".join(checked.stdout.split())
    assert simulator.requests() == []


@pytest.mark.parametrize("scripts", [github_scripts("apply"), gitlab_scripts("apply")], ids=["GitHub", "GitLab"])
def test_a_merge_applies(machine: Machine, simulator: SimulatorHandle, scripts: list[tuple[str, dict[str, Any]]]) -> None:
    results = machine.run(scripts)

    assert [result.returncode for result in results] == [0] * len(scripts), results[-1].stdout
    assert {entry["location"] for entry in simulator.writes()} == {"springfield", "shelbyville"}


@pytest.mark.parametrize("scripts", [github_scripts("drift"), gitlab_scripts("drift")], ids=["GitHub", "GitLab"])
def test_drift_is_reported_and_fails(machine: Machine, simulator: SimulatorHandle, scripts: list[tuple[str, dict[str, Any]]]) -> None:
    machine.environment["GITHUB_STEP_SUMMARY"] = str(machine.repository / "step.md")

    results = machine.run(scripts)

    assert 2 in [result.returncode for result in results] and simulator.writes() == []
    report = machine.repository / "report"
    assert json.loads((report / "drift.json").read_text(encoding="utf-8"))["summary"]["worst"] == "drift"
    assert (report / GITLAB["drift"]["artifacts"]["reports"]["junit"].removeprefix("report/")).is_file()
    if len(scripts) > 1:
        assert results[-1].returncode == 0
        assert (machine.repository / "step.md").read_text(encoding="utf-8") == (report / "drift.md").read_text(encoding="utf-8")


def test_both_set_what_the_scripts_rely_on() -> None:
    assert GITHUB["env"]["ANSIBLE_CALLBACK_RESULT_FORMAT"] == GITLAB["variables"]["ANSIBLE_CALLBACK_RESULT_FORMAT"] == "yaml"
    assert GITHUB["defaults"]["run"]["shell"] == "bash"


def test_every_location_of_the_example_has_its_secret() -> None:
    secrets = {name: value for name, value in GITHUB["env"].items() if name.startswith("VPP_")}
    assert secrets == {name: "${{ secrets.%s }}" % name for name in TOKENS}


def test_github_writes_comments_and_nothing_else() -> None:
    assert GITHUB["permissions"] == {"contents": "read"}
    assert {name: job.get("permissions") for name, job in GITHUB["jobs"].items() if "permissions" in job} == {
        "plan": {"contents": "read", "pull-requests": "write"}
    }
