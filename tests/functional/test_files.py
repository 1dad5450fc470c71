# Copyright (c) 2026, the mdmkit.apps_books authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Modules write no file and change none but those they are told to: there is nothing whose rights or place could be wrong."""

from __future__ import annotations

import contextlib
import os
import pathlib
import stat
import sys
import tempfile
from typing import Iterator, List, Optional

import pytest

from .conftest import Location
from .test_completeness import MODULE_NAMES, every_kind_of_result

_WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
_CHANGES = ("os.mkdir", "os.rename", "os.remove", "os.rmdir", "os.link", "os.symlink", "os.truncate", "os.chmod", "os.chown", "sqlite3.connect")
_written: Optional[List[str]] = None


def _note(event: str, arguments: tuple) -> None:
    """What Python tells of all that it does. Such a hook can never be taken away, so it does nothing while nobody records."""
    if _written is not None and (event in _CHANGES or (event == "open" and isinstance(arguments[2], int) and arguments[2] & _WRITING)):
        _written.append(f"{event}: {arguments[0]}")


sys.addaudithook(_note)


@contextlib.contextmanager
def recorded() -> Iterator[List[str]]:
    """Collects every file that is written or changed meanwhile."""
    global _written  # pylint: disable=global-statement
    _written = []
    try:
        yield _written
    finally:
        _written = None


def test_writing_would_be_noticed(tmp_path: pathlib.Path) -> None:
    with recorded() as written:
        (tmp_path / "read").exists()
        (tmp_path / "file").write_text("x", encoding="utf-8")
        (tmp_path / "file").read_text(encoding="utf-8")
        os.close(os.open(tmp_path / "other", os.O_CREAT | os.O_WRONLY))
        (tmp_path / "folder").mkdir()
    assert written == [f"open: {tmp_path / 'file'}", f"open: {tmp_path / 'other'}", f"os.mkdir: {tmp_path / 'folder'}"]


@pytest.mark.parametrize("module", MODULE_NAMES)
def test_writes_no_file_but_the_lock_of_the_location(
    module: str, location: Location, temporary_folder: pathlib.Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    # Where Python looks for a temporary folder for the first time, it tries whether it can write there.
    monkeypatch.setattr(tempfile, "tempdir", str(temporary_folder))
    with recorded() as written:
        results = list(every_kind_of_result(module, location))
    folder = temporary_folder / f"mdmkit.apps_books-{os.geteuid()}"
    # Python tells what is opened below an open folder without that folder, and of truncated files the number.
    locks = {f"os.mkdir: {folder}", "open: location-2049025000431439.lock"}
    assert len(results) > 3
    # The folder that vpp_location_export is told to write appears as a whole.
    of_export = (f"{temporary_folder}/.springfield.", f"os.mkdir: {temporary_folder}")
    told_to = {entry for entry in written if module == "vpp_location_export" and (of_export[0] in entry or entry == of_export[1])}
    assert {entry for entry in written if not entry.startswith("os.truncate: ")} - told_to <= locks
    left = list(temporary_folder.rglob("*"))
    # What goes into a repository is as everything else in it.
    ours = [path for path in left if "springfield" not in path.parts]
    assert {stat.S_IMODE(path.stat().st_mode) for path in ours if path.is_dir()} <= {0o700}
    assert {stat.S_IMODE(path.stat().st_mode) for path in ours if path.is_file()} <= {0o600}
