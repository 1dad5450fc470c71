# Copyright (c) 2026, the mdmkit.apps_books authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Connections to a server of a test, with a clock that moves only when somebody sleeps: backing off and pacing take no time."""

from __future__ import annotations

import base64
import json
from typing import Any, Dict, NamedTuple, Optional

from ansible_collections.mdmkit.apps_books.plugins.module_utils._api.pacing import Pacing
from ansible_collections.mdmkit.apps_books.plugins.module_utils._api.service import Service
from ansible_collections.mdmkit.apps_books.plugins.module_utils._api.service_config import ServiceConfig
from ansible_collections.mdmkit.apps_books.plugins.module_utils._api.transport import ConnectionSettings, Transport
from ansible_collections.mdmkit.apps_books.tests.unit.support.clock import FakeClock

TOKEN = base64.b64encode(json.dumps({"token": "unit-test-inner-token-0001", "expDate": "2099-12-31T23:59:59+0000", "orgName": "Example"}).encode()).decode()


class Connection(NamedTuple):
    transport: Transport
    service: Service
    clock: FakeClock

    def url(self, path: str) -> str:
        return f"{self.transport.base_url}/{path}"

    def get(self, path: str, query: Optional[Dict[str, str]] = None) -> Any:
        return self.transport.get(self.url(path), query)

    def post(self, path: str, body: Any) -> Any:
        return self.transport.post(self.url(path), body)


def connect(base_url: str, **settings: Any) -> Connection:
    """The settings are those of ConnectionSettings; the longest pause is always taken when backing off."""
    clock = FakeClock()
    known = ConnectionSettings(base_url, **{"content_token": TOKEN, "timeout": 10.0, "retry_budget": 300.0, **settings})
    transport = Transport(known, Pacing(known.retry_budget, clock, clock.sleep, lambda low, high: high))
    return Connection(transport, Service(transport, ServiceConfig(transport, clock)), clock)
