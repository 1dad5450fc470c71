# Copyright (c) 2026, the mdmkit.apps_books authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Calling the notification URL of a location (apple-api notifications.md)."""

from __future__ import annotations

import ssl
from collections.abc import Callable
from typing import Any

import aiohttp
import orjson


class Notifier:
    """Sends notifications with the bearer secret and remembers what became of them.

    Only TEST_NOTIFICATION exists so far; it is sent once, while POST client/config waits for the outcome.
    """

    def __init__(self, trusted_ca: str | None, check: Callable[[Any], None]) -> None:
        self._tls = ssl.create_default_context(cafile=trusted_ca)
        self._check = check
        self.sent: list[dict[str, Any]] = []

    async def deliver(self, url: str, secret: str, payload: dict[str, Any], timeout_seconds: float, location: str) -> bool:
        """POST once. Success is any 2xx; a redirect, anything else, a time-out or a TLS failure is none."""
        self._check(payload)
        record: dict[str, Any] = {"location": location, "payload": payload, "status": None, "delivered": False}
        self.sent.append(record)
        try:
            async with (
                aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=timeout_seconds)) as session,
                session.post(
                    url,
                    data=orjson.dumps(payload),
                    headers={"Authorization": f"Bearer {secret}", "Content-Type": "application/json"},
                    allow_redirects=False,
                    ssl=self._tls,
                ) as response,
            ):
                record["status"] = response.status
                record["delivered"] = 200 <= response.status < 300
        except (aiohttp.ClientError, TimeoutError, OSError, ValueError) as error:
            record["problem"] = type(error).__name__
        return bool(record["delivered"])
