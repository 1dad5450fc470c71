# Copyright (c) 2026, the mdmkit.apps_books authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The limits that Service Config announces (apple-api section 3), and the one on the rate of requests."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping

from vpp_simulator.behaviour import Behaviour
from vpp_simulator.errors import ApiError

# Apple's example values. `maxRequestPerSecond` is not here because it follows the behaviour key `max_requests_per_second`.
DOCUMENTED: Mapping[str, int] = {
    "maxAssets": 25,
    "maxClientUserIds": 1000,
    "maxSerialNumbers": 1000,
    "maxRevokeClientUserIds": 100,
    "maxRevokeSerialNumbers": 100,
    "maxUsers": 100,
    "maxSubscriptions": 25,
    "maxSubscriptionClientUserIds": 1000,
    "maxNotificationLength": 512,
    "maxMdmIdLength": 100,
    "maxMdmNameLength": 100,
    "maxMdmMetadataLength": 255,
}

RATE_WINDOW_SECONDS = 1.0


def announced(behaviour: Behaviour) -> dict[str, int]:
    """`limits` as Service Config has them now; what is not announced is not enforced either."""
    limits: dict[str, int | None] = dict(DOCUMENTED)
    if behaviour.max_requests_per_second:
        limits["maxRequestPerSecond"] = behaviour.max_requests_per_second
    limits.update(behaviour.limits)
    return {name: value for name, value in limits.items() if value is not None}


def enforce(behaviour: Behaviour, name: str, size: int, number: int) -> None:
    """Refuse with the error number when the size is over the limit of that name."""
    limit = announced(behaviour).get(name)
    if limit is not None and size > limit:
        raise ApiError(number)


class RateLimiter:
    """A sliding window of one second over all requests of a location, whichever of its tokens they carry."""

    def __init__(self) -> None:
        self._admitted: deque[float] = deque()

    def admit(self, now: float, behaviour: Behaviour) -> None:
        """Count the request, or refuse it with 9646. Refused requests are not counted, so waiting always helps."""
        limit = behaviour.max_requests_per_second
        if not limit:
            return
        while self._admitted and self._admitted[0] <= now - RATE_WINDOW_SECONDS:
            self._admitted.popleft()
        if len(self._admitted) >= limit:
            raise ApiError(9646, retry_after=behaviour.retry_after_on_429)
        self._admitted.append(now)
