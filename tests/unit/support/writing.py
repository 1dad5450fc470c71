# Copyright (c) 2026, the mdmkit.apps_books authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Follows the files that tell of a progress, each of which lives for a moment only."""

from __future__ import annotations

import contextlib
import json
import threading
from pathlib import Path
from typing import Any, BinaryIO, Callable, Dict, Iterator, List

import pytest
from ansible_collections.mdmkit.apps_books.plugins.module_utils import _progress

LONG = 60.0
"""Seconds after which something that has to happen has not happened."""


class Writing:
    """Follows what is written: a file after the other, each as a whole.

    :ivar written: what each of the files said
    """

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.written: List[Dict[str, Any]] = []
        self._one_more = threading.Condition()
        self._whole_file = _progress.whole_file
        monkeypatch.setattr(_progress, "whole_file", self._followed)

    @contextlib.contextmanager
    def _followed(self, path: str) -> Iterator[BinaryIO]:
        with self._whole_file(path) as stream:
            yield stream
        with self._one_more:
            self.written.append(json.loads(Path(path).read_bytes()))
            self._one_more.notify()

    def wait_for(self, what: Callable[[Dict[str, Any]], bool]) -> None:
        with self._one_more:
            assert self._one_more.wait_for(lambda: any(map(what, self.written)), LONG)
