# Copyright (c) 2026, the mdmkit.apps_books authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import contextlib
import json
import os
import stat
import threading
from pathlib import Path
from typing import Any, Optional

import pytest
from ansible_collections.mdmkit.apps_books.plugins.module_utils import _progress
from ansible_collections.mdmkit.apps_books.plugins.module_utils._progress import Progress, ProgressFile, Told, read_progress
from ansible_collections.mdmkit.apps_books.tests.unit.support.clock import FakeClock
from ansible_collections.mdmkit.apps_books.tests.unit.support.writing import LONG, Writing


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def progress(clock: FakeClock) -> Progress:
    return Progress(clock)


def told(doing: str = "", unit: str = "", done: float = 0, total: Optional[float] = None, began_at: float = 0, waits: str = "", until: float = 0) -> Told:
    return Told("vpp_user", doing, unit, done, total, began_at, waits, until)


def test_between_two_steps_nothing_particular_is_done(progress: Progress) -> None:
    assert progress.told("vpp_user") == told()
    with progress.step("reading users", "pages"):
        pass
    assert progress.told("vpp_user") == told()


def test_tells_of_a_step_as_far_as_it_is(progress: Progress, clock: FakeClock) -> None:
    clock.sleep(5)
    with progress.step("reading users", "pages") as step:
        assert progress.told("vpp_user") == told("reading users", "pages", began_at=1005)
        clock.sleep(5)
        step.done, step.total = 3, 7
        assert progress.told("vpp_user") == told("reading users", "pages", 3, 7, 1005)


def test_a_step_within_another_is_part_of_it(progress: Progress) -> None:
    with progress.step("reading assignments", "parts", 2) as outer:
        with progress.step("reading assignments", "pages", 9) as inner:
            inner.done = 5
        outer.done = 1
        assert progress.told("vpp_user") == told("reading assignments", "parts", 1, 2, 1000)


def test_a_step_that_ends_with_an_error_has_ended(progress: Progress) -> None:
    with contextlib.suppress(ValueError), progress.step("sending", "requests", 9):
        raise ValueError
    assert progress.told("vpp_user") == told()


def test_each_thing_is_a_unit(progress: Progress) -> None:
    seen = [(thing, progress.told("vpp_user").done, progress.told("vpp_user").total) for thing in progress.each("abc", "reading assets", "requests")]

    assert seen == [("a", 0, 3), ("b", 1, 3), ("c", 2, 3)]
    assert progress.told("vpp_user") == told()


def test_waiting_ends_with_its_time(progress: Progress, clock: FakeClock) -> None:
    with progress.step("reading users", "pages"):
        progress.wait("as Apple asks", 30)
        clock.sleep(29)
        assert progress.told("vpp_user") == told("reading users", "pages", began_at=1000, waits="as Apple asks", until=1030)
        clock.sleep(1)
        assert progress.told("vpp_user") == told("reading users", "pages", began_at=1000)


def test_waiting_ends_when_it_is_told_to(progress: Progress) -> None:
    progress.wait("for another task of this location", 600)
    assert progress.told("vpp_user").waits
    progress.go_on()
    assert progress.told("vpp_user") == told()


@pytest.fixture
def writing(monkeypatch: pytest.MonkeyPatch) -> Writing:
    return Writing(monkeypatch)


def test_the_file_says_what_is_told_and_goes_with_the_end(tmp_path: Path, writing: Writing) -> None:
    progress = Progress()
    file = ProgressFile(progress, str(tmp_path), "vpp_user", 0.001)
    with progress.step("reading users", "pages", 7) as step:
        writing.wait_for(lambda said: said["doing"] == "reading users")
        step.done = 2.5
        writing.wait_for(lambda said: said["done"] == 2.5)
        (path,) = tmp_path.iterdir()
        assert path.name == f"{os.getpid()}.progress"
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        assert read_progress(str(path)) == progress.told("vpp_user")
    file.close()

    assert not list(tmp_path.iterdir())


def test_nothing_new_is_not_written_again(tmp_path: Path, writing: Writing) -> None:
    progress = Progress()
    file = ProgressFile(progress, str(tmp_path), "vpp_user", 0.001)
    for number in range(5):
        with progress.step("sending", "requests", number):
            writing.wait_for(lambda said, total=number: said["total"] == total)  # type: ignore[misc]
    file.close()

    assert all(before != after for before, after in zip(writing.written, writing.written[1:]))


def test_what_is_done_at_once_writes_nothing(tmp_path: Path, writing: Writing) -> None:
    ProgressFile(Progress(), str(tmp_path), "vpp_user", LONG).close()

    assert writing.written == []


@pytest.mark.parametrize("folder", ["missing", "file"])
def test_a_folder_that_cannot_be_used_is_left_alone(tmp_path: Path, folder: str, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").write_text("")
    tried = threading.Event()
    whole_file = _progress.whole_file

    def noticed(path: str) -> Any:
        tried.set()
        return whole_file(path)

    monkeypatch.setattr(_progress, "whole_file", noticed)
    before = threading.active_count()
    file = ProgressFile(Progress(), str(tmp_path / folder), "vpp_user", 0.001)
    assert tried.wait(LONG)
    file.close()

    assert [path.name for path in tmp_path.iterdir()] == ["file"]
    assert threading.active_count() == before


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"7", b"{}", b'"text"', json.dumps(dict(told()._asdict(), done="much")).encode(), b"\xff"])
def test_a_file_that_is_not_ours_tells_nothing(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "x.progress").write_bytes(content)

    assert read_progress(str(tmp_path / "x.progress")) is None
    assert read_progress(str(tmp_path / "missing.progress")) is None


@pytest.mark.parametrize("which", [told(), told("sending", "requests", 2.5, 9, 1000, "as Apple asks", 1010)])
def test_reads_what_was_written(tmp_path: Path, which: Told) -> None:
    (tmp_path / "x.progress").write_text(json.dumps(which._asdict()))

    assert read_progress(str(tmp_path / "x.progress")) == which
