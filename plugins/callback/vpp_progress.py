# Copyright (c) 2026, the mdmkit.apps_books authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: vpp_progress
type: aggregate
short_description: Shows how far long tasks are
version_added: 0.2.0
description:
  - Reading hundreds of pages, sending, or waiting for Apple takes minutes in which Ansible says nothing. This callback shows what the modules of this
    collection are doing, how far they are, and how long it still takes, as far as that is known.
  - On a terminal it is one line at the end that changes, and gives way to everything else. Elsewhere, as in AWX or CI, it is a line now and then.
  - It is written to the standard error stream. So what stands in the standard output stream, such as the JSON of a callback, is not disturbed.
  - The modules tell their progress in small files, in a folder that this callback makes for the run and removes after it. Without the callback, nothing
    is written.
author:
  - The mdmkit.apps_books authors (@mdmkit)
requirements:
  - Enabling by its full name, see the example.
options:
  show:
    description:
      - How progress is shown.
      - With V(auto) as one live line where both output streams are a terminal, and in lines elsewhere, also under AWX, C(ansible-runner) and in
        CI (where the environment variable C(CI) is set).
      - V(live) is always one live line, V(lines) always lines, V(never) is nothing at all.
    type: str
    choices:
      - auto
      - live
      - lines
      - never
    default: auto
    env:
      - name: VPP_PROGRESS_SHOW
    ini:
      - section: vpp_progress
        key: show
  interval:
    description:
      - Seconds between two lines. What takes no longer is not shown at all.
      - Not used for the live line.
    type: float
    default: 30
    env:
      - name: VPP_PROGRESS_INTERVAL
    ini:
      - section: vpp_progress
        key: interval
notes:
  - Modules are seen that run on the controller as the user who runs Ansible (C(connection=local) or C(delegate_to=localhost)). Of modules that run on
    other machines, or as another user by C(become), nothing is shown. They work as ever.
  - Neither tokens nor anything that Apple sends is in the files or is shown, only the kind of work and numbers.
"""

EXAMPLES = r"""
enable: |
  # in ansible.cfg
  [defaults]
  callbacks_enabled = mdmkit.apps_books.vpp_progress

for_one_run: |
  ANSIBLE_CALLBACKS_ENABLED=mdmkit.apps_books.vpp_progress ansible-playbook mdmkit.apps_books.apply -e locations_path=locations
"""

import atexit
import contextlib
import os
import shutil
import sys
import tempfile
import threading
import time
from typing import Any, Callable, Dict, Iterator, Optional, Protocol, Sequence, Tuple

from ansible import constants
from ansible.plugins.callback import CallbackBase
from ansible.utils.display import Display
from ansible_collections.mdmkit.apps_books.plugins.module_utils._progress import ENDING, FOLDER_VARIABLE, read_progress
from ansible_collections.mdmkit.apps_books.plugins.plugin_utils._live_line import LiveLine
from ansible_collections.mdmkit.apps_books.plugins.plugin_utils._progress_text import Running, one_line

_SECONDS_BETWEEN_LOOKS = 0.5
_SHORTEST_INTERVAL = 1.0
_WIDTH_OF_LINES = 160
# AWX, ansible-runner and some CI give their jobs a terminal that nobody looks at.
_NOBODY_LOOKS = ("AWX_ISOLATED_DATA_DIR", "CI")


class CallbackModule(CallbackBase):
    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "aggregate"
    CALLBACK_NAME = "mdmkit.apps_books.vpp_progress"
    CALLBACK_NEEDS_ENABLED = True

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._watch: Optional[_Watch] = None

    def v2_runner_on_start(self, host: Any, task: Any) -> None:
        # Ansible calls this immediately before it forks the process for this host, which takes the environment over.
        try:
            if self._watch is None and self.get_option("show") != "never":
                self._watch = _Watch(self._screen)
            if self._watch is not None:
                os.environ[FOLDER_VARIABLE] = self._watch.begin(host.get_name())
        except OSError as error:
            self.disabled = True
            self._display.warning(f"No progress will be shown: {error}")

    def v2_runner_on_ok(self, result: Any) -> None:
        self._end(result)

    def v2_runner_on_failed(self, result: Any, ignore_errors: bool = False) -> None:
        self._end(result)

    def v2_runner_on_skipped(self, result: Any) -> None:
        self._end(result)

    def v2_runner_on_unreachable(self, result: Any) -> None:
        self._end(result)

    def v2_playbook_on_stats(self, stats: Any) -> None:
        # Another playbook may follow in the same process.
        if self._watch is not None:
            self._watch.close()
            self._watch = None

    def _end(self, result: Any) -> None:
        if self._watch is not None:
            # Releases of Ansible before 2.19 have no public name for it.
            host = result.host if hasattr(result, "host") else result._host  # pylint: disable=protected-access
            self._watch.end(host.get_name())

    def _screen(self) -> _Screen:
        show = self.get_option("show")
        if show == "live" or (show == "auto" and _somebody_looks()):
            return _Live(self._display)
        return _Lines(self._display, max(_SHORTEST_INTERVAL, self.get_option("interval")))


class _Screen(Protocol):
    """Where progress is shown."""

    def show(self, running: Sequence[Running], now: float) -> None:
        """Called again and again.

        :param now: seconds since 1970
        :raises OSError: nothing can be shown any more
        """

    def close(self) -> None:
        """Leave nothing behind on a terminal."""


class _Live:
    def __init__(self, display: Display) -> None:
        self._line = LiveLine((sys.stdout, sys.stderr), display._lock)  # pylint: disable=protected-access

    def show(self, running: Sequence[Running], now: float) -> None:
        self._line.show(one_line(running, now, self._line.width))

    def close(self) -> None:
        self._line.close()


class _Lines:
    def __init__(self, display: Display, interval: float) -> None:
        self._display = display
        self._interval = interval
        self._shown_at = float("-inf")

    def show(self, running: Sequence[Running], now: float) -> None:
        if not running or now - max(self._shown_at, min(module.since for module in running)) < self._interval:
            return
        self._shown_at = now
        # Where both streams go to one file, what was said before shall stand before.
        sys.stdout.flush()
        self._display.display(one_line(running, now, _WIDTH_OF_LINES), stderr=True)
        sys.stderr.flush()

    def close(self) -> None:
        pass


class _Watch:
    """Looks at what modules tell in folders that it makes, and shows it, until it is closed.

    :param make_screen: makes what it is shown on
    :raises OSError: a folder cannot be made
    """

    def __init__(self, make_screen: Callable[[], _Screen]) -> None:
        # Ansible removes what is in there as well when it ends.
        self._folder = tempfile.mkdtemp(prefix="vpp_progress-", dir=constants.DEFAULT_LOCAL_TMP)
        self._screen = make_screen()
        # By host: the folder of its task, and since when it runs.
        self._tasks: Dict[str, Tuple[str, float]] = {}
        self._lock = threading.Lock()
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._look, name="vpp_progress", daemon=True)
        self._thread.start()
        # After Ctrl-C, Ansible calls no callback any more.
        atexit.register(self.close)

    def begin(self, host: str) -> str:
        """The folder for the task that begins for this host."""
        self.end(host)
        folder = tempfile.mkdtemp(dir=self._folder)
        with self._lock:
            self._tasks[host] = (folder, time.time())
        return folder

    def end(self, host: str) -> None:
        with self._lock:
            folder, dummy = self._tasks.pop(host, (None, 0))
        if folder is not None:
            shutil.rmtree(folder, ignore_errors=True)

    def close(self) -> None:
        atexit.unregister(self.close)
        os.environ.pop(FOLDER_VARIABLE, None)
        self._over.set()
        self._thread.join()
        with contextlib.suppress(OSError):
            self._screen.close()
        shutil.rmtree(self._folder, ignore_errors=True)

    def _look(self) -> None:
        with contextlib.suppress(OSError):
            while not self._over.wait(_SECONDS_BETWEEN_LOOKS):
                self._screen.show(list(self._running()), time.time())

    def _running(self) -> Iterator[Running]:
        with self._lock:
            tasks = list(self._tasks.items())
        for host, (folder, since) in tasks:
            for name in _names_in(folder):
                told = read_progress(os.path.join(folder, name)) if name.endswith(ENDING) else None
                if told is not None:
                    yield Running(host, since, told)


def _names_in(folder: str) -> Sequence[str]:
    try:
        return os.listdir(folder)
    except FileNotFoundError:
        # Its task has ended this moment.
        return ()


def _somebody_looks() -> bool:
    return (
        sys.stdout.isatty()
        and sys.stderr.isatty()
        and os.environ.get("TERM", "dumb") not in ("", "dumb", "unknown")
        and not any(os.environ.get(name) for name in _NOBODY_LOOKS)
    )
