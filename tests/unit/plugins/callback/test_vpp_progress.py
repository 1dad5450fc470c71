# Copyright (c) 2026, the mdmkit.apps_books authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import io
import json
import os
import sys
import threading
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Callable, Dict, Iterator, List, Sequence, Tuple

import pytest
from ansible_collections.mdmkit.apps_books.plugins.callback import vpp_progress
from ansible_collections.mdmkit.apps_books.plugins.module_utils._progress import FOLDER_VARIABLE, Told
from ansible_collections.mdmkit.apps_books.plugins.plugin_utils._progress_text import Running

LONG = 60.0
TOLD = Told("vpp_user", "reading users", "pages", 1, 4, 1000, "", 0)


class Screen:
    """Follows what is shown."""

    def __init__(self) -> None:
        self.shown: List[Sequence[Running]] = []
        self.closed = False
        self._changed = threading.Condition()

    def show(self, running: Sequence[Running], now: float) -> None:
        with self._changed:
            self.shown.append(running)
            self._changed.notify()

    def close(self) -> None:
        self.closed = True

    def wait_for(self, what: Callable[[List[Tuple[str, Told]]], bool]) -> None:
        """Until this is true of what is shown from now on."""
        with self._changed:
            first = len(self.shown)
            assert self._changed.wait_for(lambda: any(what([(module.host, module.told) for module in shown]) for shown in self.shown[first:]), LONG)


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Ansible's folder for temporary files of its run."""
    monkeypatch.setattr(vpp_progress.constants, "DEFAULT_LOCAL_TMP", str(tmp_path))
    monkeypatch.setattr(vpp_progress, "_SECONDS_BETWEEN_LOOKS", 0.001)
    monkeypatch.delenv(FOLDER_VARIABLE, raising=False)
    yield tmp_path
    assert not list(tmp_path.iterdir()), "something was left behind"
    assert FOLDER_VARIABLE not in os.environ


@pytest.fixture
def screen(monkeypatch: pytest.MonkeyPatch) -> Screen:
    made = Screen()
    monkeypatch.setattr(vpp_progress, "_Live", lambda display: made)
    return made


@pytest.fixture
def callback(screen: Screen) -> Iterator[vpp_progress.CallbackModule]:
    made = callback_with(show="live")
    yield made
    made.v2_playbook_on_stats(None)


def callback_with(**options: Any) -> vpp_progress.CallbackModule:
    made = vpp_progress.CallbackModule()
    made.get_option = options.__getitem__
    return made


def host(name: str) -> Any:
    return SimpleNamespace(get_name=lambda: name)


def tell(told: Told = TOLD) -> Path:
    """As a module does that runs in the present environment."""
    path = Path(os.environ[FOLDER_VARIABLE]) / "7.progress"
    path.write_text(json.dumps(told._asdict()))
    return path


def test_shows_for_each_host_what_its_module_tells(callback: vpp_progress.CallbackModule, screen: Screen) -> None:
    callback.v2_runner_on_start(host("one"), None)
    tell()
    callback.v2_runner_on_start(host("two"), None)
    other = TOLD._replace(done=3)
    tell(other)

    screen.wait_for(lambda shown: shown == [("one", TOLD), ("two", other)])


@pytest.mark.parametrize("ended", ["ok", "failed", "skipped", "unreachable"])
@pytest.mark.parametrize("member", ["host", "_host"])
def test_a_task_that_ended_is_no_longer_shown(callback: vpp_progress.CallbackModule, screen: Screen, folder: Path, ended: str, member: str) -> None:
    callback.v2_runner_on_start(host("one"), None)
    tell()
    callback.v2_runner_on_start(host("two"), None)
    tell()
    getattr(callback, f"v2_runner_on_{ended}")(SimpleNamespace(**{member: host("one")}))

    screen.wait_for(lambda shown: shown == [("two", TOLD)])
    assert len(list(folder.glob("*/*"))) == 1


def test_the_next_task_of_a_host_has_a_folder_of_its_own(callback: vpp_progress.CallbackModule, screen: Screen) -> None:
    callback.v2_runner_on_start(host("one"), None)
    left_behind = tell()
    callback.v2_runner_on_start(host("one"), None)

    assert not left_behind.exists()
    screen.wait_for(lambda shown: shown == [])


def test_files_of_others_are_not_read(callback: vpp_progress.CallbackModule, screen: Screen) -> None:
    callback.v2_runner_on_start(host("one"), None)
    path = tell()
    path.rename(path.with_suffix(".unfinished"))

    screen.wait_for(lambda shown: shown == [])


def test_nobody_else_can_look_into_the_folder(callback: vpp_progress.CallbackModule, folder: Path) -> None:
    callback.v2_runner_on_start(host("one"), None)

    assert [path.stat().st_mode & 0o777 for path in (*folder.glob("*"), *folder.glob("*/*"))] == [0o700, 0o700]


def test_another_playbook_of_the_same_run_is_shown_too(callback: vpp_progress.CallbackModule, screen: Screen, folder: Path) -> None:
    callback.v2_runner_on_start(host("one"), None)
    callback.v2_playbook_on_stats(None)
    assert screen.closed and not list(folder.iterdir()) and FOLDER_VARIABLE not in os.environ

    callback.v2_runner_on_start(host("one"), None)
    tell()
    screen.wait_for(lambda shown: shown == [("one", TOLD)])


def test_a_run_without_tasks_leaves_nothing(callback: vpp_progress.CallbackModule) -> None:
    callback.v2_runner_on_ok(SimpleNamespace(host=host("one")))
    callback.v2_playbook_on_stats(None)


def test_never_means_that_nothing_is_made() -> None:
    callback = callback_with(show="never")
    callback.v2_runner_on_start(host("one"), None)
    callback.v2_runner_on_ok(SimpleNamespace(host=host("one")))

    assert FOLDER_VARIABLE not in os.environ


def test_without_a_folder_it_says_so_and_keeps_quiet(monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
    monkeypatch.setattr(vpp_progress.constants, "DEFAULT_LOCAL_TMP", str(folder / "missing"))
    callback = callback_with(show="live")
    warnings: List[str] = []
    callback._display = SimpleNamespace(warning=warnings.append)
    callback.v2_runner_on_start(host("one"), None)

    assert callback.disabled
    assert len(warnings) == 1 and warnings[0].startswith("No progress will be shown: ")


def test_a_terminal_that_is_gone_ends_the_looking(callback: vpp_progress.CallbackModule, screen: Screen, monkeypatch: pytest.MonkeyPatch) -> None:
    gone = threading.Event()

    def break_down(running: Sequence[Running], now: float) -> None:
        gone.set()
        raise BrokenPipeError

    monkeypatch.setattr(screen, "show", break_down)
    monkeypatch.setattr(screen, "close", lambda: break_down((), 0))
    callback.v2_runner_on_start(host("one"), None)
    assert gone.wait(LONG)
    callback.v2_runner_on_start(host("two"), None)


class Display:
    """Follows what is said."""

    def __init__(self) -> None:
        self.said: List[str] = []

    def display(self, text: str, stderr: bool) -> None:
        assert stderr
        self.said.append(text)


def test_a_line_comes_only_now_and_then_and_only_of_what_takes_long() -> None:
    display = Display()
    lines = vpp_progress._Lines(display, 30)
    for now, since in ((0, 0), (29, 0), (30, 0), (31, 0), (59, 0), (60, 0), (100, 95), (124, 95), (125, 95)):
        lines.show([Running("one", since, TOLD._replace(done=now, total=200, began_at=now))], now)
    lines.show([], 200)
    lines.close()

    assert display.said == [f"one: reading users, {now} of 200 pages ({now // 2} %)" for now in (30, 60, 125)]


def test_lines_stand_behind_what_was_said_before(monkeypatch: pytest.MonkeyPatch) -> None:
    both = io.BytesIO()
    out, err = io.TextIOWrapper(both, "utf-8"), io.TextIOWrapper(both, "utf-8")
    monkeypatch.setattr(sys, "stdout", out)
    monkeypatch.setattr(sys, "stderr", err)
    out.write("TASK\n")
    vpp_progress._Lines(SimpleNamespace(display=lambda text, stderr: err.write(text + "\n")), 30).show([Running("one", 0, TOLD)], 30)

    assert both.getvalue().decode() == "TASK\none: reading users, 1 of 4 pages (25 %)\n"


TERMINAL: Dict[str, str] = {"TERM": "xterm"}


@pytest.mark.parametrize(
    "out, err, environment, live",
    [
        (True, True, TERMINAL, True),
        (False, True, TERMINAL, False),
        (True, False, TERMINAL, False),
        (True, True, {}, False),
        (True, True, {"TERM": "dumb"}, False),
        (True, True, {**TERMINAL, "CI": "true"}, False),
        (True, True, {**TERMINAL, "AWX_ISOLATED_DATA_DIR": "/runner"}, False),
    ],
)
def test_a_live_line_is_for_terminals_that_somebody_looks_at(
    monkeypatch: pytest.MonkeyPatch, out: bool, err: bool, environment: Dict[str, str], live: bool
) -> None:
    for name in ("TERM", "CI", "AWX_ISOLATED_DATA_DIR"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(sys, "stdout", SimpleNamespace(isatty=lambda: out))
    monkeypatch.setattr(sys, "stderr", SimpleNamespace(isatty=lambda: err))
    monkeypatch.setattr(vpp_progress, "_Live", lambda display: "live")
    monkeypatch.setattr(vpp_progress, "_Lines", lambda display, interval: ("lines", interval))

    assert callback_with(show="auto", interval=0.5)._screen() == ("live" if live else ("lines", 1.0))
    assert callback_with(show="live")._screen() == "live"
    assert callback_with(show="lines", interval=30)._screen() == ("lines", 30)
