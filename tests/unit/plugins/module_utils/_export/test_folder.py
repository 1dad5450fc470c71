# Copyright (c) 2026, the mdmkit.apps_books authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import os
from pathlib import Path
from typing import Any, Dict

import pytest
from ansible_collections.mdmkit.apps_books.plugins.module_utils._export.folder import files_in, holds, is_of_a_location, write_folder

FILES = {"location.yml": "---\n", "members/devices-1.txt": "Ü\n"}


def contents(folder: Path) -> Dict[str, str]:
    return {str(path.relative_to(folder)): path.read_text(encoding="utf-8") for path in folder.rglob("*") if path.is_file()}


def test_a_folder_appears_with_all_its_files(tmp_path: Path) -> None:
    folder = tmp_path / "locations" / "north"
    assert not holds(str(folder), FILES)

    write_folder(str(folder), FILES)

    assert contents(folder) == FILES and holds(str(folder), FILES)
    assert os.listdir(folder.parent) == ["north"]
    mask = os.umask(0)
    os.umask(mask)
    assert (folder / "location.yml").stat().st_mode & 0o777 == 0o666 & ~mask, "as of every other file of a repository"


def test_what_was_there_is_replaced_but_for_hidden_files_and_readmes(tmp_path: Path) -> None:
    for name in ("users.csv", ".gitkeep", "README.md", "old/list.txt", "old/README.md", "old/.git/x"):
        (tmp_path / "north" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "north" / name).write_text("before", encoding="utf-8")
    (tmp_path / "link").symlink_to("north")
    assert sorted(files_in(str(tmp_path / "link"))) == ["old/.git/x", "old/README.md", "old/list.txt", "users.csv"]

    write_folder(str(tmp_path / "link"), FILES)

    assert contents(tmp_path / "north") == {**FILES, ".gitkeep": "before", "README.md": "before"}
    assert sorted(os.listdir(tmp_path)) == ["link", "north"] and (tmp_path / "link").is_symlink()


@pytest.mark.parametrize("fails", ["second mkdir", "rename", "second rename"])
def test_where_it_cannot_be_written_everything_stays(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fails: str) -> None:
    (tmp_path / "north").mkdir()
    (tmp_path / "north" / "users.csv").write_text("before", encoding="utf-8")
    calls = 0

    def broken(original: Any, on_call: int) -> Any:
        def function(*arguments: Any, **options: Any) -> Any:
            nonlocal calls
            calls += 1
            if calls == on_call:
                raise OSError(28, "No space left on device")
            return original(*arguments, **options)

        return function

    name = fails.rsplit(" ", maxsplit=1)[-1]
    monkeypatch.setattr(os, name, broken(getattr(os, name), 2 if "second" in fails else 1))
    with pytest.raises(OSError, match="No space"):
        write_folder(str(tmp_path / "north"), FILES)
    monkeypatch.undo()

    assert contents(tmp_path) == {"north/users.csv": "before"} and os.listdir(tmp_path) == ["north"]


@pytest.mark.parametrize("change", ["another text", "one more", "one missing"])
def test_a_folder_holds_just_these_files_or_not(tmp_path: Path, change: str) -> None:
    write_folder(str(tmp_path / "north"), FILES)
    (tmp_path / "north" / ".hidden").write_text("", encoding="utf-8")
    assert holds(str(tmp_path / "north"), FILES)
    path = tmp_path / "north" / ("users.csv" if change == "one more" else "location.yml")
    if change == "one missing":
        path.unlink()
    else:
        path.write_text("x", encoding="utf-8")

    assert not holds(str(tmp_path / "north"), FILES)


@pytest.mark.parametrize("name, told", [("users.csv", True), ("location.yml", True), ("catalog.yml", False), ("north/users.csv", False), ("usersfile", False)])
def test_a_folder_is_that_of_a_location_by_its_files(tmp_path: Path, name: str, told: bool) -> None:
    (tmp_path / name).parent.mkdir(exist_ok=True)
    (tmp_path / name).write_text("", encoding="utf-8")

    assert is_of_a_location(str(tmp_path)) == told
