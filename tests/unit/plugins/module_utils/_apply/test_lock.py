# Copyright (c) 2026, the mdmkit.apps_books authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import datetime
import json
import os
import stat
import tempfile
from pathlib import Path
from typing import Any, Callable, Iterator, List

import pytest
from ansible_collections.mdmkit.apps_books.plugins.module_utils._apply.lock import (
    LocationLock,
    LockedByAnother,
    UnsafeLockFolder,
    default_folder,
    lock_file_name,
)
from ansible_collections.mdmkit.apps_books.plugins.module_utils._progress import Progress
from ansible_collections.mdmkit.apps_books.tests.unit.support.clock import FakeClock

UID = "2049025000431439"

Locks = Callable[..., LocationLock]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "locks"


@pytest.fixture
def warnings() -> List[str]:
    return []


@pytest.fixture
def locks(folder: Path, warnings: List[str]) -> Iterator[Locks]:
    """Makes locks, which are free again after the test."""
    made: List[LocationLock] = []

    def make(name: str = "first", timeout: float = 0, **options: Any) -> LocationLock:
        made.append(LocationLock(name, timeout, warnings.append, **{"folder": str(folder), **options}))
        return made[-1]

    yield make
    for lock in made:
        lock.release()


def test_one_at_a_time_and_the_other_is_told_who_it_is(locks: Locks) -> None:
    before = datetime.datetime.now(datetime.timezone.utc).replace(microsecond=0)
    assert locks("module_one").take(UID) is False
    with pytest.raises(LockedByAnother) as caught:
        locks("module_two").take(UID)

    holder = caught.value.details["lock_holder"]
    assert (holder["process_id"], holder["module"], caught.value.details["retryable"]) == (os.getpid(), "module_one", True)
    since = datetime.datetime.strptime(holder["since"], "%Y-%m-%dT%H:%M:%S%z")
    assert before <= since <= datetime.datetime.now(datetime.timezone.utc)
    assert caught.value.message == (
        f"Another task works on the location with uid {UID} at this moment. It is module_one, process {os.getpid()} on {os.uname().nodename}, "
        f"since {holder['since']}. Nothing was written."
    )
    assert "lock_timeout" in (caught.value.hint or "")


def test_it_is_free_again_after_its_release(locks: Locks) -> None:
    first = locks()
    first.take(UID)
    first.release()
    first.release()

    assert locks().take(UID) is False


def test_other_locations_are_not_disturbed(locks: Locks) -> None:
    locks().take(UID)

    assert locks().take("1") is False


def test_a_holder_that_has_not_signed_yet_is_somebody(locks: Locks, folder: Path) -> None:
    locks().take(UID)
    for content in ("", "[]", "{", '{"process_id": 1}', '{"process_id": [], "host_name": "", "module": "", "since": ""}'):
        (folder / lock_file_name(UID)).write_text(content, encoding="utf-8")
        with pytest.raises(LockedByAnother, match="It is not known which") as caught:
            locks().take(UID)
        assert caught.value.details == {"retryable": True}


def test_nobody_is_told_of_a_task_that_has_ended(locks: Locks, folder: Path) -> None:
    first = locks("a rather long name")
    first.take(UID)
    first.release()
    assert (folder / lock_file_name(UID)).read_bytes() == b""

    (folder / lock_file_name(UID)).write_text("x" * 500, encoding="utf-8")
    locks("second").take(UID)
    assert json.loads((folder / lock_file_name(UID)).read_bytes())["module"] == "second"


# Waiting


def test_it_waits_as_long_as_it_is_told_to(locks: Locks) -> None:
    clock = FakeClock()
    locks().take(UID)
    started = clock()
    with pytest.raises(LockedByAnother, match="It was waited for 5 s"):
        locks(timeout=5, clock=clock, sleep=clock.sleep).take(UID)

    assert clock() - started == pytest.approx(5)


def test_it_takes_the_lock_as_soon_as_that_is_free_and_says_that_it_waited(locks: Locks) -> None:
    clock = FakeClock()
    first = locks()
    first.take(UID)
    started = clock()

    def sleep(seconds: float) -> None:
        clock.sleep(seconds)
        if clock() - started >= 3:
            first.release()

    assert locks(timeout=60, clock=clock, sleep=sleep).take(UID) is True
    assert clock() - started < 4


def test_a_file_that_was_cleaned_away_meanwhile_is_not_trusted(locks: Locks, folder: Path) -> None:
    """Whoever waits for a file that is gone would lock something that the next one does not see."""
    clock = FakeClock()
    first = locks()
    first.take(UID)

    def sleep(seconds: float) -> None:
        clock.sleep(seconds)
        (folder / lock_file_name(UID)).unlink(missing_ok=True)
        first.release()

    locks(timeout=60, clock=clock, sleep=sleep).take(UID)
    with pytest.raises(LockedByAnother):
        locks().take(UID)


# Names and folder


@pytest.mark.parametrize("uid", ["../../etc/passwd", "a/b", "..", ".", "", "1\n", "１２", "1" * 101, "\udcff", "\0"])
def test_an_odd_uid_stays_in_the_folder(locks: Locks, folder: Path, uid: str) -> None:
    name = lock_file_name(uid)
    assert os.sep not in name and len(name) < 100 and name.isascii() and name.startswith("location-x")
    locks().take(uid)

    assert os.listdir(folder) == [name]
    with pytest.raises(LockedByAnother):
        locks().take(uid)


def test_different_uids_have_different_names() -> None:
    uids = ["1", "01", "../1", "..-1", "a", "A", ""]
    assert len({lock_file_name(uid).lower() for uid in uids}) == len(uids)


def test_the_folder_is_our_own_in_the_temporary_folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, warnings: List[str]) -> None:
    monkeypatch.setattr(tempfile, "tempdir", None)
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    lock = LocationLock("first", 0, warnings.append)
    lock.take(UID)
    lock.release()

    assert default_folder() == str(tmp_path / f"mdmkit.apps_books-{os.geteuid()}")
    assert os.listdir(default_folder()) == [f"location-{UID}.lock"] and not warnings


@pytest.mark.parametrize("mask", [0o000, 0o277])
def test_nobody_else_may_look_in(locks: Locks, folder: Path, mask: int) -> None:
    before = os.umask(mask)
    try:
        locks().take(UID)
    finally:
        os.umask(before)

    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert stat.S_IMODE((folder / lock_file_name(UID)).stat().st_mode) == 0o600


def test_a_folder_of_ours_that_was_open_is_closed(locks: Locks, folder: Path) -> None:
    folder.mkdir()
    folder.chmod(0o777)
    locks().take(UID)

    assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_a_link_in_place_of_the_folder_is_refused(locks: Locks, folder: Path, tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    folder.symlink_to(tmp_path / "elsewhere")
    with pytest.raises(UnsafeLockFolder, match="is a symbolic link. Nothing was written. Remove it"):
        locks().take(UID)

    assert os.listdir(tmp_path / "elsewhere") == []


def test_a_file_in_place_of_the_folder_is_refused(locks: Locks, folder: Path) -> None:
    folder.write_text("", encoding="utf-8")
    with pytest.raises(UnsafeLockFolder, match="is not a folder"):
        locks().take(UID)


def test_a_folder_of_somebody_else_is_refused(locks: Locks, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder.mkdir()
    monkeypatch.setattr(os, "geteuid", lambda: os.getuid() + 1)
    with pytest.raises(UnsafeLockFolder, match="belongs to another user"):
        locks().take(UID)

    assert os.listdir(folder) == []


def test_a_link_in_place_of_the_file_is_refused(locks: Locks, folder: Path, tmp_path: Path) -> None:
    folder.mkdir()
    (tmp_path / "precious").write_text("precious", encoding="utf-8")
    (folder / lock_file_name(UID)).symlink_to(tmp_path / "precious")
    with pytest.raises(UnsafeLockFolder, match="is a symbolic link"):
        locks().take(UID)

    assert (tmp_path / "precious").read_text(encoding="utf-8") == "precious"


def test_something_else_in_place_of_the_file_is_refused(locks: Locks, folder: Path) -> None:
    folder.mkdir()
    os.mkfifo(folder / lock_file_name(UID))
    with pytest.raises(UnsafeLockFolder, match="is no file of ours"):
        locks().take(UID)


@pytest.mark.parametrize("where", ["/proc/locks-here", "missing/locks"])
def test_where_there_can_be_no_file_it_warns_and_goes_on(locks: Locks, warnings: List[str], tmp_path: Path, where: str) -> None:
    lock = locks(folder=str(tmp_path / where))

    assert lock.take(UID) is False
    (warning,) = warnings
    assert "There is no lock for the location with uid " + UID in warning and "No such file or directory" in warning
    lock.release()


def test_progress_is_told_of_waiting_until_the_lock_is_free(locks: Locks) -> None:
    clock = FakeClock()
    progress = Progress(clock)
    first = locks()
    first.take(UID)
    told = []

    def sleep(seconds: float) -> None:
        told.append(progress.told(""))
        clock.sleep(seconds)
        first.release()

    assert locks(timeout=60, clock=clock, sleep=sleep, progress=progress).take(UID) is True

    assert [(step.waits, step.waits_until) for step in told] == [("for another task of this location", 1060.0)]
    assert progress.told("").waits == ""
