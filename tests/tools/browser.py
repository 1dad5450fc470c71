# Copyright (c) 2026, the mdmkit.apps_books authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Tries the page of the drift report in headless Chromium, where there is one, with what drives it in .cache/browser.

Chromium is Debian's; .ci/run installs it. Playwright comes from PyPI and axe-core from the npm registry, both pinned.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

from venvs import CACHE, REQUIREMENTS, ROOT, fill

AXE = "axe-core@4.14.1"
PROGRAMS = ("chromium", "chromium-browser", "google-chrome")


def fetch_axe(folder: Path) -> Path:
    """The script of axe-core, which is fetched where it is not there yet."""
    script = folder / "node_modules" / "axe-core" / "axe.min.js"
    pin = folder / "pin"
    if not script.exists() or not pin.exists() or pin.read_text() != AXE:
        folder.mkdir(parents=True, exist_ok=True)
        # The caller's settings say which registry is to be asked.
        settings = Path(os.environ.get("USER_HOME") or "/nonexistent") / ".npmrc"
        environment = {**os.environ, **({"NPM_CONFIG_USERCONFIG": str(settings)} if settings.exists() else {})}
        install = ["npm", "install", "--silent", "--no-save", "--ignore-scripts", "--no-audit", "--no-fund", "--prefix", folder, AXE]
        subprocess.run(install, check=True, env=environment, stdin=subprocess.DEVNULL)
        pin.write_text(AXE)
    return script


def main() -> None:
    """Ends with the status of pytest, or well where there is nothing to try the page in."""
    chromium = next(filter(None, map(shutil.which, PROGRAMS)), None)
    if not chromium or not shutil.which("npm"):
        print(f"There is no {'npm' if chromium else 'Chromium'} here: only the page of the drift report is left out, which is tried in a browser.")
        return
    venv = CACHE / "browser" / "venv"
    requirements = REQUIREMENTS / "browser.txt"
    fill(venv, sys.executable, requirements, due=requirements.read_text())
    os.environ.update(BROWSER=chromium, AXE=str(fetch_axe(CACHE / "browser" / "axe")), SCREENSHOTS=str(CACHE / "browser" / "screenshots"))
    # Not below the checkout's own temporary folder: the paths of sockets that Chromium makes there must be short.
    os.environ["TMPDIR"] = "/tmp"
    command = [venv / "bin" / "python", "-m", "pytest", "-c", ROOT / "pyproject.toml", ROOT / "tests" / "browser", *sys.argv[1:]]
    sys.exit(subprocess.run(command, check=False).returncode)


if __name__ == "__main__":
    main()
