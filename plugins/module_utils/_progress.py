# Copyright (c) 2026, the mdmkit.apps_books authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How far a module is, told to whoever watches the folder that the environment names; without a folder nobody is told anything.

The module writes one small file and replaces it twice a second at most, while there is something new to tell, and the callback vpp_progress reads it.
Nothing in it comes from Apple or from the options of the task.
"""

from __future__ import annotations

import contextlib
import json
import os
import threading
import time
from typing import Any, Callable, Collection, Dict, Iterator, NamedTuple, Optional, TypeVar

from ansible_collections.mdmkit.apps_books.plugins.module_utils._whole_file import whole_file

FOLDER_VARIABLE = "VPP_PROGRESS_DIR"
"""The environment variable with the folder. The callback sets it, and hands it to the modules that it watches."""

ENDING = ".progress"
"""Ends the names of the files."""

_SECONDS_BETWEEN = 0.5
_MOST_READ = 4096
_NO_WAIT = ("", 0.0)

_Thing = TypeVar("_Thing")


class Told(NamedTuple):
    """What a file tells. Times are seconds since 1970.

    :ivar doing: the step, such as "reading assignments"; empty between two steps
    :ivar done: how many units of the step are done; a share of one counts, too
    :ivar total: how many there are; None where that is not known
    :ivar began_at: when the step began
    :ivar waits: why the module stands still; empty where it does not
    :ivar waits_until: when it goes on at the latest
    """

    module: str
    doing: str
    unit: str
    done: float
    total: Optional[float]
    began_at: float
    waits: str
    waits_until: float


class Step:
    """Something that takes its time, as far as it is done. Members as in Told."""

    def __init__(self, doing: str, unit: str, total: Optional[float], began_at: float) -> None:
        self.doing = doing
        self.unit = unit
        self.done: float = 0
        self.total = total
        self.began_at = began_at


class Progress:
    """What a module is doing. Keeping it costs next to nothing, whether anybody is told or not."""

    def __init__(self, clock: Callable[[], float] = time.time) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._step: Optional[Step] = None
        self._waits = _NO_WAIT

    @contextlib.contextmanager
    def step(self, doing: str, unit: str, total: Optional[float] = None) -> Iterator[Step]:
        """While the context lasts, tell of this step as far as its member ``done`` says. A step within another is part of that and not told."""
        step = Step(doing, unit, total, self._clock())
        with self._lock:
            outermost = self._step is None
            if outermost:
                self._step = step
        try:
            yield step
        finally:
            if outermost:
                self._step = None

    def each(self, things: Collection[_Thing], doing: str, unit: str) -> Iterator[_Thing]:
        """The things one after the other, as a step whose units they are."""
        with self.step(doing, unit, len(things)) as step:
            for thing in things:
                yield thing
                step.done += 1

    def wait(self, why: str, seconds: float) -> None:
        """Tell that nothing happens for so many seconds, unless it goes on before."""
        self._waits = (why, self._clock() + seconds)

    def go_on(self) -> None:
        """Tell that the waiting is over."""
        self._waits = _NO_WAIT

    def told(self, module: str) -> Told:
        """
        :param module: the name of the one that tells
        """
        step = self._step or Step("", "", None, 0.0)
        waits = self._waits
        why, until = waits if self._clock() < waits[1] else _NO_WAIT
        return Told(module, step.doing, step.unit, step.done, step.total, step.began_at, why, until)


class ProgressFile:
    """Keeps a file that tells of a progress, until it is closed. Where that is not possible nothing is told, and nothing else changes.

    :param module: the module's name
    """

    def __init__(self, progress: Progress, folder: str, module: str, seconds_between: float = _SECONDS_BETWEEN) -> None:
        self._progress = progress
        self._path = os.path.join(folder, f"{os.getpid()}{ENDING}")
        self._module = module
        self._seconds_between = seconds_between
        self._over = threading.Event()
        # A thread, so that whoever makes progress is never kept, and a module that is done at once writes nothing.
        self._thread = threading.Thread(target=self._keep, name="progress", daemon=True)
        self._thread.start()

    def close(self) -> None:
        self._over.set()
        self._thread.join()
        with contextlib.suppress(OSError):
            os.unlink(self._path)

    def _keep(self) -> None:
        written = None
        while not self._over.wait(self._seconds_between):
            told = self._progress.told(self._module)
            if told == written:
                continue
            try:
                with whole_file(self._path) as stream:
                    stream.write(json.dumps(told._asdict()).encode())
            except OSError:
                return
            written = told


def read_progress(path: str) -> Optional[Told]:
    """What the file tells; None where there is none, or it is not one of ours."""
    try:
        with open(path, "rb") as stream:
            members: Dict[str, Any] = json.loads(stream.read(_MOST_READ))
        texts = {name: str(members[name]) for name in ("module", "doing", "unit", "waits")}
        numbers = {name: float(members[name]) for name in ("done", "began_at", "waits_until")}
        return Told(**texts, **numbers, total=None if members["total"] is None else float(members["total"]))
    except (OSError, ValueError, KeyError, TypeError):
        return None
