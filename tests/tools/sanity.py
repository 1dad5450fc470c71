# Copyright (c) 2026, the mdmkit.apps_books authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs ansible-test sanity over a copy of the working tree: every test on this Python, and for the modules compile and import on the oldest supported one."""

from __future__ import annotations

import ast
import configparser
import contextlib
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from venvs import CACHE, ROOT, VENV, interpreter

OLDEST = "3.9"  # as tests/config.yml says
PIP_SCRIPT = Path(".ansible/test/cache/get_pip_24_2.py")  # where the pinned ansible-test looks before it downloads


def copy_working_tree() -> Path:
    """ansible-test takes a collection only at .../ansible_collections/<namespace>/<name>, and not through a link."""
    copy = CACHE / "sanity" / "ansible_collections" / "mdmkit" / "apps_books"
    shutil.rmtree(copy, ignore_errors=True)
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout
    for name in filter(None, listed.split("\0")):
        if os.path.lexists(ROOT / name):
            (copy / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, copy / name, follow_symlinks=False)
    subprocess.run(["git", "init", "--quiet", "--initial-branch", "copy", copy], check=True)  # or else the outer .gitignore hides the copy
    return copy


def hand_on_pip_settings() -> None:
    """ansible-test hands no environment to pip, and the home is ours: what the caller has set for pip is put into that home."""
    settings = configparser.RawConfigParser()
    caller = {**os.environ, "HOME": os.environ["USER_HOME"]}
    listed = subprocess.run([VENV / "bin" / "pip", "config", "list"], env=caller, check=True, capture_output=True, text=True).stdout
    settings["global"] = {"quiet": "2"}
    for line in listed.splitlines():
        name, dummy, value = line.partition("=")
        settings["global"][name.rpartition(".")[2]] = ast.literal_eval(value)
    file = Path.home() / ".config" / "pip" / "pip.conf"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.touch(mode=0o600)  # it may name an index with a password
    with file.open("w") as stream:
        settings.write(stream)


@contextlib.contextmanager
def without_spaces(folder: Path) -> Iterator[Path]:
    """Another path of `folder`, for the case that its own has spaces: ansible-test writes its Python's path into first lines of scripts."""
    if not any(character.isspace() for character in str(folder)):
        yield folder
        return
    with tempfile.TemporaryDirectory(prefix="apps-books-", dir="/tmp") as elsewhere:
        link = Path(elsewhere) / "link"
        link.symlink_to(folder)
        yield link


def main() -> None:
    """Ends with status 1 if any test finds something."""
    if ignored := sorted(ROOT.glob("tests/sanity/ignore-*.txt")):
        sys.exit(f"No ignore files are wanted here: {', '.join(path.name for path in ignored)}")
    script = Path.home() / PIP_SCRIPT
    script.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(Path(__file__).with_name("get_pip.py"), script)
    hand_on_pip_settings()
    copy = copy_working_tree()

    ours = f"{sys.version_info.major}.{sys.version_info.minor}"
    runs = [["--python", ours]]
    if oldest := interpreter(OLDEST):
        links = CACHE / "pythons"
        links.mkdir(exist_ok=True)
        (links / f"python{OLDEST}").unlink(missing_ok=True)
        (links / f"python{OLDEST}").symlink_to(oldest)
        runs.append(["--python", OLDEST, "--test", "compile", "--test", "import"])
    else:
        print(f"No Python {OLDEST} was found: the modules are not tried with it.")

    with without_spaces(ROOT) as root:
        environment = {
            **os.environ,
            "HOME": str(root / ".cache" / "home"),
            "PATH": f"{root / '.venv' / 'bin'}:{root / '.cache' / 'pythons'}:{os.environ['PATH']}",
        }
        command = [root / ".venv" / "bin" / "python", root / ".venv" / "bin" / "ansible-test", "sanity", "--color", "no"]
        failed = [run for run in runs if subprocess.run([*command, *run], cwd=copy, env=environment, check=False).returncode]
    if failed:
        sys.exit("ansible-test sanity found something")
    print(f"ansible-test sanity found nothing ({len(runs)} runs)")


if __name__ == "__main__":
    main()
