# Copyright (c) 2026, the mdmkit.apps_books authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Service Config: the limits and URLs that may change without notice (README section 3)."""

from __future__ import annotations

import threading
import time
from typing import Callable, Dict, Mapping, Optional, Protocol, Tuple
from urllib.parse import quote

from ansible_collections.mdmkit.apps_books.plugins.module_utils._api.pacing import DEFAULT_REQUESTS_PER_SECOND
from ansible_collections.mdmkit.apps_books.plugins.module_utils._api.transport import Transport
from ansible_collections.mdmkit.apps_books.plugins.module_utils._model import Limits

GOOD_FOR_SECONDS = 300.0

_DOCUMENTED_LIMITS: Mapping[str, int] = {
    "maxAssets": 25,
    "maxClientUserIds": 1000,
    "maxSerialNumbers": 1000,
    "maxRevokeClientUserIds": 100,
    "maxRevokeSerialNumbers": 100,
    "maxUsers": 100,
    "maxNotificationLength": 512,
    "maxMdmIdLength": 100,
    "maxMdmNameLength": 100,
    "maxMdmMetadataLength": 255,
}


class ConfigStore(Protocol):
    """Keeps an answer between tasks."""

    def load_service_config(self) -> Optional[Tuple[Dict[str, object], float]]:
        """The answer and its age in seconds; None where there is none that can be used."""

    def save_service_config(self, answer: Dict[str, object]) -> None:
        """Keep this answer instead."""


class ServiceConfig:
    """Reads Service Config when it is first needed and again when it is older than five minutes.

    :param store: where tasks that follow one another leave it for the next one
    """

    def __init__(self, transport: Transport, clock: Callable[[], float] = time.monotonic, store: Optional[ConfigStore] = None) -> None:
        self._transport = transport
        self._clock = clock
        self._store = store
        self._answer: Dict[str, object] = {}
        self._good_until = float("-inf")
        self._lock = threading.Lock()

    def answer(self) -> Dict[str, object]:
        """The whole answer as the service gave it."""
        # Page requests ask for their URL in parallel; only one of them reads for all.
        with self._lock:
            if self._clock() >= self._good_until and not self._take_stored():
                self.read_again()
            return self._answer

    def read_again(self) -> None:
        self._take(self._transport.get(self._transport.base_url + "/service/config", authorized=False), 0.0)
        if self._store is not None:
            self._store.save_service_config(self._answer)

    def _take_stored(self) -> bool:
        stored = self._store.load_service_config() if self._store is not None else None
        if stored is None or not 0.0 <= stored[1] < GOOD_FOR_SECONDS:
            return False
        self._take(*stored)
        return True

    def _take(self, answer: Dict[str, object], age: float) -> None:
        self._answer = answer
        self._good_until = self._clock() + GOOD_FOR_SECONDS - age
        self._transport.pacing.set_requests_per_second(self._limit("maxRequestPerSecond") or DEFAULT_REQUESTS_PER_SECOND)

    def limits(self) -> Limits:
        self.answer()
        return Limits(*(self._limit(name) or documented for name, documented in _DOCUMENTED_LIMITS.items()))

    def url(self, name: str, documented_path: str) -> str:
        """Where a call goes now. Only URLs of the host that the person named are followed, since the token goes with them."""
        urls = self.answer().get("urls")
        url = urls.get(name) if isinstance(urls, dict) else None
        return url if isinstance(url, str) and self._transport.same_origin(url) else f"{self._transport.base_url}/{documented_path}"

    def invitation_url(self, invite_code: str) -> Optional[str]:
        """The invitation link of a Registered user (README section 14)."""
        urls = self.answer().get("urls")
        template = urls.get("invitationEmail") if isinstance(urls, dict) else None
        return template.replace("%25inviteCode%25", quote(invite_code, safe="")) if isinstance(template, str) else None

    def _limit(self, name: str) -> Optional[int]:
        limits = self._answer.get("limits")
        value = limits.get(name) if isinstance(limits, dict) else None
        return value if isinstance(value, int) and value > 0 else None
