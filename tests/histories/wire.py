# Copyright (c) 2026, the mdmkit.apps_books authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Between the client and the service: something may happen before any request, and what is under way at the same time arrives in a drawn order.

Everything happens in one thread, one request after the other, so that the same history runs in the same way every time.
"""

from __future__ import annotations

import concurrent.futures
import contextlib
import functools
import random
from collections.abc import Callable, Iterator
from typing import Any
from unittest.mock import patch

import requests.adapters


@contextlib.contextmanager
def tapped(before: Callable[[str], None], order: int) -> Iterator[None]:
    """Within it, every request of the client waits until ``before`` was called with its URL. What that raises ends the request.

    :param order: the seed of the order in which requests under way at the same time arrive
    """
    send = requests.adapters.HTTPAdapter.send

    def tap(adapter: requests.adapters.HTTPAdapter, request: requests.PreparedRequest, *args: Any, **options: Any) -> requests.Response:
        before(str(request.url))
        return send(adapter, request, *args, **options)

    pool = functools.partial(_OneThread, random.Random(order))
    with patch.object(requests.adapters.HTTPAdapter, "send", tap), patch.object(concurrent.futures, "ThreadPoolExecutor", pool):
        yield


class _OneThread(concurrent.futures.Executor):
    """Does what its threads would do when somebody waits for a result, in a drawn order: that of any of its threads may be done first."""

    def __init__(self, chance: random.Random, max_workers: int) -> None:
        self._chance = chance
        self._max_workers = max_workers
        self._waiting: list[tuple[_Result, Callable[[], Any]]] = []

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> _Result:
        result = _Result(self._advance)
        self._waiting.append((result, functools.partial(fn, *args, **kwargs)))
        return result

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        while self._waiting:
            self._advance()

    def _advance(self) -> None:
        result, work = self._waiting.pop(self._chance.randrange(min(self._max_workers, len(self._waiting))))
        if result.set_running_or_notify_cancel():
            try:
                result.set_result(work())
            except BaseException as error:
                result.set_exception(error)


class _Result(concurrent.futures.Future):
    def __init__(self, advance: Callable[[], None]) -> None:
        super().__init__()
        self._advance = advance

    def result(self, timeout: float | None = None) -> Any:
        while not self.done():
            self._advance()
        return super().result(0)
