# Copyright (c) 2026, the mdmkit.apps_books authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The execution environment's definition is one that ansible-builder takes. An image cannot be built without a registry, so the context is looked at."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import yaml
from ansible_collections.mdmkit.apps_books.tests.awx.controller import COLLECTION, DATA, PROJECT

BUILDER = str(Path(sys.executable).parent / "ansible-builder")


def built(*arguments: str) -> str:
    return subprocess.run([BUILDER, *arguments], capture_output=True, text=True, timeout=300, check=True).stdout


def test_a_context_is_made_of_the_definition(tmp_path: Path) -> None:
    built("create", "--file", str(DATA / "execution-environment.yml"), "--context", str(tmp_path), "--output-filename", "Containerfile")

    lines = (tmp_path / "Containerfile").read_text(encoding="utf-8").splitlines()
    assert 'ARG EE_BASE_IMAGE="fedora:42"' in lines and any("ansible-core>=2.16" in line and "ansible-runner" in line for line in lines)
    assert any(line.startswith("RUN ") and "ansible-galaxy collection install" in line and "requirements.yml" in line for line in lines)
    collections = yaml.safe_load((tmp_path / "_build" / "requirements.yml").read_text(encoding="utf-8"))
    assert collections == yaml.safe_load((PROJECT / "collections" / "requirements.yml").read_text(encoding="utf-8"))


def test_what_the_collection_needs_is_found_in_it(tmp_path: Path) -> None:
    place = tmp_path / "ansible_collections" / "mdmkit"
    place.mkdir(parents=True)
    (place / "apps_books").symlink_to(COLLECTION)

    found = yaml.safe_load(built("introspect", str(tmp_path)))

    assert [line.split("#")[0].strip() for line in found["python"]] == (COLLECTION / "requirements.txt").read_text(encoding="utf-8").split()
