# Copyright (c) 2026, the mdmkit.apps_books authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs a job as AWX does: its injectors are rendered by AWX's own code, and ansible-runner runs the project in a private folder."""

from __future__ import annotations

import json
import os
import shlex
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Dict, List, Optional, Sequence, Tuple

import yaml
from awx_plugins.interfaces._temporary_private_credential_api import Credential
from awx_plugins.interfaces._temporary_private_inject_api import inject_credential

COLLECTION = Path(__file__).parents[2]
DATA = COLLECTION / "extensions" / "awx"
PROJECT = COLLECTION / "examples" / "awx"
SEED = COLLECTION / "tests" / "demo" / "seed.yml"
LOCATIONS = ("springfield", "shelbyville")
IN_CONTAINER = "/runner/"

Type = Dict[str, Any]
Inputs = Dict[str, Any]


def loaded(name: str) -> Any:
    return yaml.safe_load((DATA / name).read_text(encoding="utf-8"))


def connection_type() -> Type:
    return loaded("credential_type.yml")


def location_type(location: str) -> Type:
    """As somebody makes it by hand who does what the first lines of the file say."""
    text = (DATA / "location_credential_type.yml").read_text(encoding="utf-8")
    suffix = "".join(character if character.isalnum() else "_" for character in location.upper())
    return yaml.safe_load(text.replace("location-name", location).replace("LOCATION_NAME", suffix))


def job_template(name: str) -> Dict[str, Any]:
    (found,) = (template for template in loaded("job_templates.yml") if template["name"] == f"Apps and Books: {name}")
    return found


@dataclass(frozen=True)
class Injected:
    """What credentials make of a job.

    :ivar env: environment variables, with paths as the container sees them
    :ivar safe_env: of these, what AWX keeps in its database
    :ivar arguments: of ansible-playbook
    """

    env: Dict[str, str]
    safe_env: Dict[str, str]
    arguments: List[str]


def inject(private_folder: Path, *credentials: Tuple[Type, Inputs]) -> Injected:
    (private_folder / "env").mkdir(parents=True, exist_ok=True)
    injected = Injected({}, {}, [])
    for credential_type, inputs in credentials:
        managed = SimpleNamespace(inputs=credential_type["inputs"], injectors=credential_type["injectors"], managed=False, custom_injectors=None)
        inject_credential(managed, Credential(inputs), injected.env, injected.safe_env, injected.arguments, str(private_folder))
    return injected


@dataclass(frozen=True)
class Job:
    """A job that has run.

    :ivar artifacts: what ansible-runner leaves: events and standard output
    """

    folder: Path
    status: str
    output: str
    artifacts: Path

    def events(self) -> List[Path]:
        return sorted((self.artifacts / "job_events").glob("*.json"))

    def kept(self) -> List[Path]:
        """What AWX stores of the job."""
        return [*self.events(), self.artifacts / "stdout"]


class Controller:
    """Launches job templates on a project with the locations of examples/gitops."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.project = folder / "project"
        self.locations = list(LOCATIONS)
        self._launched = 0
        shutil.copytree(COLLECTION / "examples" / "gitops" / "locations", self.project / "locations")
        shutil.copytree(PROJECT, self.project, dirs_exist_ok=True)

    def launch(
        self, template: Dict[str, Any], credentials: Sequence[Tuple[Type, Inputs]], answers: Optional[Dict[str, Any]] = None, limit: str = ""
    ) -> Job:
        """:param answers: to the questions of the survey, the defaults where there are none"""
        self._launched += 1
        private = self.folder / f"job-{self._launched}"
        for folder in ("inventory", "home", "tmp"):
            (private / folder).mkdir(parents=True)
        shutil.copytree(self.project, private / "project")
        injected = inject(private, *credentials)
        # In AWX the folder is /runner of a container.
        env = {name: value.replace(IN_CONTAINER, f"{private}/") for name, value in injected.env.items()}
        inventory = {"locations": {"hosts": dict.fromkeys(self.locations, {})}}
        (private / "inventory" / "hosts.yml").write_text(yaml.safe_dump(inventory), encoding="utf-8")
        survey = {question["variable"]: question["default"] for question in template["survey_spec"]["spec"]}
        variables = {"locations_path": "locations", **survey, **(answers or {})}
        (private / "env" / "extravars").write_text(json.dumps(variables), encoding="utf-8")
        (private / "env" / "envvars").write_text(json.dumps(env), encoding="utf-8")
        # As AWX sets it: nothing of env is copied to the artifacts.
        (private / "env" / "settings").write_text(json.dumps({"suppress_env_files": True}), encoding="utf-8")
        line = ["--check"] if template["job_type"] == "check" else []
        line += ["--diff"] if template.get("diff_mode") else []
        line += ["--limit", limit] if limit else []
        command = [str(Path(sys.executable).parent / "ansible-runner"), "run", str(private), "-p", template["playbook"], "-i", "1"]
        command += [f"--cmdline={shlex.join(line)}"] if line else []
        environment = {
            "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
            "HOME": str(private / "home"),
            "TMPDIR": str(private / "tmp"),
            "LC_ALL": "C.UTF-8",
            "NO_PROXY": "127.0.0.1",
            "ANSIBLE_PYTHON_INTERPRETER": sys.executable,
        }
        process = subprocess.run(command, env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=900, check=False)
        artifacts = private / "artifacts" / "1"
        status = (artifacts / "status").read_text(encoding="utf-8") if (artifacts / "status").exists() else process.stderr
        return Job(private, status, process.stdout, artifacts)
