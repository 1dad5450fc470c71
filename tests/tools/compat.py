# Copyright (c) 2026, the mdmkit.apps_books authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs the functional tests marked `compat` on other versions of ansible-core, each in a virtual environment of its own below .cache/compat."""

from __future__ import annotations

import os
import subprocess
import sys

from venvs import CACHE, REQUIREMENTS, ROOT, fill, interpreter

PYTHONS = {  # ansible-core: the versions of Python that it runs on, the one to be preferred first
    "2.16": ("3.11", "3.12"),
    "2.18": ("3.11", "3.12", "3.13"),
    "2.21": ("3.13", "3.12", "3.14"),
}


def passes(core: str, python: str) -> bool:
    """Whether the tests pass on ansible-core `core` with the interpreter `python`."""
    venv = CACHE / "compat" / core
    requirements = REQUIREMENTS / f"compat-{core}.txt"
    fill(venv, python, requirements, due=requirements.read_text() + (ROOT / "tests" / "simulator" / "pyproject.toml").read_text())
    environment = {**os.environ, "PATH": f"{venv / 'bin'}:{os.environ['PATH']}"}
    environment.pop("ANSIBLE_PYTHON_INTERPRETER", None)
    command = [venv / "bin" / "python", "-m", "pytest", "-c", "pyproject.toml", "-n", "2", "-m", "compat", "tests/functional"]
    return subprocess.run(command, cwd=ROOT, env=environment, check=False).returncode == 0


def main() -> None:
    """Ends with status 1 if a version fails; a version without an interpreter is named and left out."""
    failed, left_out = [], []
    for core, versions in PYTHONS.items():
        python = next(filter(None, map(interpreter, versions)), None)
        if not python:
            left_out.append(f"{core} (no Python {' or '.join(versions)} was found)")
            continue
        if core == "2.16" and " " in str(ROOT):
            left_out.append(f"{core} (starts no Python whose path has a space)")
            continue
        print(f"ansible-core {core}, {python}", flush=True)
        if not passes(core, python):
            failed.append(core)
    if left_out:
        print(f"Left out: {', '.join(left_out)}")
    if failed:
        sys.exit(f"Failed with ansible-core {', '.join(failed)}")


if __name__ == "__main__":
    main()
