# Copyright (c) 2026, the mdmkit.apps_books authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A clock that only moves when somebody sleeps."""

from __future__ import annotations

import threading
from typing import List


class FakeClock:
    """Seconds since an arbitrary moment, as time.monotonic gives them.

    :ivar slept: every pause that was asked for
    """

    def __init__(self, now: float = 1000.0) -> None:
        self.now = now
        self.slept: List[float] = []
        self._lock = threading.Lock()

    def __call__(self) -> float:
        with self._lock:
            return self.now

    def sleep(self, seconds: float) -> None:
        with self._lock:
            self.slept.append(seconds)
            self.now += seconds
