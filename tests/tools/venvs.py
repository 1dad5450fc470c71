# Copyright (c) 2026, the mdmkit.apps_books authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Fills virtual environments with pinned packages and a link to this checkout, and finds interpreters. run.sh starts it for .venv; standard library only."""

from __future__ import annotations

import fcntl
import os
import pwd
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
CACHE = ROOT / ".cache"
VENV = ROOT / ".venv"
REQUIREMENTS = ROOT / "tests" / "requirements"

# Ansible would otherwise take for localhost whichever python3.x is found first, which has no requests and may not even run.
OWN_PYTHON = 'import os, sys; os.environ.setdefault("ANSIBLE_PYTHON_INTERPRETER", os.path.join(sys.prefix, "bin", "python"))\n'


def fill(venv: Path, python: str, requirements: Path, due: str) -> None:
    """Makes `venv` hold exactly what the file `requirements` pins, with this checkout importable as the collection.

    Does nothing if `venv` says that it was filled for `due`, a text that stands for all that goes into it.
    """
    stamp = venv / "stamp"
    here = usable(venv)
    if here and stamp.exists() and stamp.read_text() == due:
        return
    start = time.monotonic()
    print(f"Filling {venv.relative_to(ROOT)} ...", flush=True)
    stamp.unlink(missing_ok=True)
    if not here:
        without_pip = [] if venv == VENV else ["--without-pip"]
        subprocess.run([python, "-m", "venv", "--clear", *without_pip, venv], check=True, env=installing())
    uv = VENV / "bin" / "uv"
    if not uv.exists():
        pin = re.search(r"^uv==\S+", requirements.read_text(), re.MULTILINE)
        subprocess.run([venv / "bin" / "python", "-m", "pip", "install", "-qq", pin.group()], check=True, env=installing())
    sync = [uv, "pip", "sync", "--quiet", "--python", venv / "bin" / "python", "--build-constraints", REQUIREMENTS / "build.txt", requirements]
    subprocess.run(sync, check=True, cwd=ROOT, env=installing())
    for site_packages in venv.glob("lib/python*/site-packages"):
        (site_packages / "mdmkit_own_python.pth").write_text(OWN_PYTHON)
        link = site_packages / "ansible_collections" / "mdmkit" / "apps_books"
        link.parent.mkdir(parents=True, exist_ok=True)
        link.unlink(missing_ok=True)
        link.symlink_to(ROOT)
    stamp.write_text(due)
    print(f"Filled {venv.relative_to(ROOT)} in {time.monotonic() - start:.0f} s.", flush=True)


def usable(venv: Path) -> bool:
    """Whether `venv` was made at this very place (its programs name it) and its interpreter still runs."""
    try:
        made_here = re.search(rf"^command = .* {re.escape(str(venv))}$", (venv / "pyvenv.cfg").read_text(), re.MULTILINE)
        return bool(made_here) and subprocess.run([venv / "bin" / "python", "-c", ""], check=False).returncode == 0
    except OSError:
        return False


def installing() -> dict[str, str]:
    """The environment of pip and uv: the caller's, with caches and temporary files kept in the checkout."""
    return {
        "UV_SYSTEM_CERTS": "1",
        **os.environ,
        "PIP_CACHE_DIR": str(CACHE / "pip"),
        "PIP_DISABLE_PIP_VERSION_CHECK": "1",
        "RUSTUP_HOME": str(CACHE / "rustup"),  # pip asks rustc for its version, upon which rustup makes this folder, else in the home
        "TMPDIR": str(CACHE / "tmp"),
        "UV_CACHE_DIR": str(CACHE / "uv"),
    }


def interpreter(version: str) -> str | None:
    """The path of a Python `version` ("3.9") that really runs and can make virtual environments: from PATH, else from pyenv."""
    pyenv = Path(os.environ.get("PYENV_ROOT") or Path(pwd.getpwuid(os.getuid()).pw_dir) / ".pyenv")
    found = [shutil.which(f"python{version}"), *sorted(map(str, pyenv.glob(f"versions/{version}.*/bin/python{version}")), reverse=True)]
    show = "import ensurepip, sys, venv; print(sys._base_executable)"
    for candidate in filter(None, found):
        answer = subprocess.run([candidate, "-c", show], capture_output=True, text=True, check=False)
        if answer.returncode == 0:
            return answer.stdout.strip()
    return None


def main() -> None:
    """Fills .venv; run.sh gives the text for its stamp, which it compares itself, in a few milliseconds."""
    (CACHE / "tmp").mkdir(parents=True, exist_ok=True)
    with (CACHE / "setup.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        try:
            fill(VENV, sys.executable, REQUIREMENTS / "dev.txt", sys.argv[1])
        except subprocess.CalledProcessError as error:
            sys.exit(f"Filling .venv failed: {error}")


if __name__ == "__main__":
    main()
