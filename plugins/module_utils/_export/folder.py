# Copyright (c) 2026, the mdmkit.apps_books authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A folder that appears with all its files or not at all."""

from __future__ import annotations

import os
import re
import secrets
import shutil
from typing import Dict, Mapping, Optional

from ansible_collections.mdmkit.apps_books.plugins.module_utils._whole_file import UNFINISHED

_OF_A_LOCATION = re.compile(r"(?:location|client_config|users|groups|revocations|assignments)\.[a-z]+\Z")


def files_in(path: str) -> Dict[str, str]:
    """The files that somebody may have put into a folder: path within it to the path of the file. What stays in any case does not count."""
    found = {}
    for root, folders, names in os.walk(path):
        if root == path:
            folders[:] = [name for name in folders if not _stays(name)]
        found.update({os.path.relpath(os.path.join(root, name), path): os.path.join(root, name) for name in names if not (_stays(name) and root == path)})
    return found


def is_of_a_location(path: str) -> bool:
    """Whether the files in a folder are those of one location, and not for instance those of several."""
    return any(_OF_A_LOCATION.match(name) for name in files_in(path))


def holds(path: str, files: Mapping[str, str]) -> bool:
    """Whether a folder has these files, with these texts, and no others.

    :raises OSError: what is there cannot be read
    """
    present = files_in(path)
    if set(present) != set(files):
        return False
    for name, text in files.items():
        with open(present[name], "rb") as stream:
            if stream.read() != text.encode("utf-8"):
                return False
    return True


def write_folder(path: str, files: Mapping[str, str]) -> None:
    """Write the files into a folder, in place of those that are there. Whatever lies directly in it and is hidden or called README stays.

    :param files: path within the folder to text
    :raises OSError: it cannot be written; what was there is still there
    """
    above, name = os.path.split(os.path.realpath(path))
    os.makedirs(above, exist_ok=True)
    new = os.path.join(above, f".{name}.{secrets.token_hex(6)}{UNFINISHED}")
    old: Optional[str] = None
    try:
        os.mkdir(new)
        for within, text in files.items():
            os.makedirs(os.path.dirname(os.path.join(new, within)), exist_ok=True)
            with open(os.path.join(new, within), "w", encoding="utf-8", newline="") as stream:
                stream.write(text)
        if os.path.isdir(path):
            old = new + ".old"
            os.rename(os.path.realpath(path), old)
        os.rename(new, os.path.join(above, name))
    except BaseException:
        if old is not None and os.path.isdir(old):
            os.rename(old, os.path.join(above, name))
        shutil.rmtree(new, ignore_errors=True)
        raise
    if old is not None:
        for kept in filter(_stays, os.listdir(old)):
            os.rename(os.path.join(old, kept), os.path.join(above, name, kept))
        shutil.rmtree(old)


def _stays(name: str) -> bool:
    return name.startswith((".", "README"))
