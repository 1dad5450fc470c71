# Copyright (c) 2026, the mdmkit.apps_books authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Draws the benchmark's plot, with matplotlib in a virtual environment of its own below .cache/plot.

plot.py FIGURES.json PLOT.svg
"""

from __future__ import annotations

import subprocess
import sys

from venvs import CACHE, REQUIREMENTS, ROOT, fill


def main() -> None:
    """Ends with the status of tests/benchmark/plot.py."""
    venv = CACHE / "plot"
    requirements = REQUIREMENTS / "plot.txt"
    fill(venv, sys.executable, requirements, due=requirements.read_text())
    sys.exit(subprocess.run([venv / "bin" / "python", ROOT / "tests" / "benchmark" / "plot.py", *sys.argv[1:]], check=False).returncode)


if __name__ == "__main__":
    main()
