# Copyright (c) 2026, the mdmkit.apps_books authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The demo is the main job from end to end: playbook, role and modules on the example repository, with its own expectations."""

from __future__ import annotations

import pathlib
import subprocess
import sys

import pytest

DEMO = pathlib.Path(__file__).parents[1] / "demo" / "run.py"


@pytest.mark.compat
def test_the_demo_meets_all_its_expectations() -> None:
    result = subprocess.run([sys.executable, str(DEMO)], capture_output=True, text=True, timeout=400, check=False)
    assert result.returncode == 0, result.stdout[-6000:] + result.stderr
    assert result.stdout.count("  yes  ") >= 20 and "  NO  " not in result.stdout
