# Copyright (c) 2026, the mdmkit.apps_books authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Follows the files that tell of a progress, each of which lives for a moment only."""

from __future__ import annotations

import json
import os
import threading
from pathlib import Path
from typing import Any, Callable, Dict, List

import pytest
from ansible_collections.mdmkit.apps_books.plugins.module_utils._progress import ENDING

LONG = 60.0
"""Seconds after which something that has to happen has not happened."""


class Writing:
    """Follows what is written: a file after the other, each as a whole.

    :ivar written: what each of the files said
    """

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.written: List[Dict[str, Any]] = []
        self._one_more = threading.Condition()
        self._replace = os.replace
        monkeypatch.setattr(os, "replace", self._followed)

    def _followed(self, source: str, target: str) -> None:
        self._replace(source, target)
        if target.endswith(ENDING):
            with self._one_more:
                self.written.append(json.loads(Path(target).read_bytes()))
                self._one_more.notify()

    def wait_for(self, what: Callable[[Dict[str, Any]], bool]) -> None:
        """Until a file says this, or has said it."""
        with self._one_more:
            assert self._one_more.wait_for(lambda: any(map(what, self.written)), LONG)
