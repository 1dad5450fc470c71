# Copyright (c) 2026, the mdmkit.apps_books authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The journal: every request to the API, for tests to look at."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import orjson

from vpp_simulator.endpoints import ApiRequest

# Enough for any test; a long-running sandbox forgets its oldest requests instead of growing for ever.
MAX_ENTRIES = 100_000
MASK = "********"
# A shorter "secret" (somebody's toy token) would make ordinary words unreadable.
MIN_SECRET_LENGTH = 8
SECRET_MEMBER = "notificationAuthToken"


@dataclass
class Entry:
    """One request and what became of it. The Authorization header is not part of it."""

    number: int
    method: str
    path: str
    query: Mapping[str, str]
    body: bytes
    location: str | None
    time: float = field(default_factory=time.time)
    seconds: float | None = None
    status: int | None = None
    error_number: int | None = None
    reached: bool = False
    accepted: bool = False
    answered: bool = False
    event_id: str | None = None
    fault: bool = False

    def as_dict(self) -> dict[str, Any]:
        """As the control surface shows it."""
        return {
            "id": self.number,
            "time": self.time,
            "seconds": self.seconds,
            "method": self.method,
            "path": self.path,
            "query": self.query,
            "body": _parsed(self.body),
            "location": self.location,
            "status": self.status,
            "errorNumber": self.error_number,
            "eventId": self.event_id,
            "reached": self.reached,
            "accepted": self.accepted,
            "answered": self.answered,
            "fault": self.fault,
        }


def _parsed(body: bytes) -> Any:
    """The body as JSON, or as text where it is none."""
    if not body:
        return None
    try:
        value = orjson.loads(body)
    except orjson.JSONDecodeError:
        return body.decode(errors="replace")
    if isinstance(value, dict) and value.get(SECRET_MEMBER):
        value[SECRET_MEMBER] = MASK
    return value


class Journal:
    """The newest requests, oldest first. Ids go on growing when it is cleared."""

    def __init__(self) -> None:
        self._entries: deque[Entry] = deque(maxlen=MAX_ENTRIES)
        self._count = 0

    def add(self, request: ApiRequest, location: str | None, secrets: Iterable[str]) -> Entry:
        """Begin an entry. A content token somewhere in query or body is made unreadable first."""
        query, body = request.query, request.body
        for secret in secrets:
            if len(secret) < MIN_SECRET_LENGTH:
                continue
            if secret.encode() in body:
                body = body.replace(secret.encode(), MASK.encode())
            query = {name: value.replace(secret, MASK) for name, value in query.items()}
        self._count += 1
        entry = Entry(self._count, request.method, request.path, query, body, location)
        self._entries.append(entry)
        return entry

    def clear(self) -> None:
        """Forget the entries so far."""
        self._entries.clear()

    def as_list(self) -> list[dict[str, Any]]:
        """All entries."""
        return [entry.as_dict() for entry in self._entries]
