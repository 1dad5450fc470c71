# Copyright (c) 2026, the mdmkit.apps_books authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A location (organizational unit): its tokens, its stored client configuration, its library and its events."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from vpp_simulator.behaviour import Behaviour
from vpp_simulator.events import EventLine
from vpp_simulator.ids import Ids
from vpp_simulator.library import Library
from vpp_simulator.limits import RateLimiter
from vpp_simulator.tokens import FAR_FUTURE, Token, encode, parse


@dataclass
class ClientConfig:
    """What POST client/config stores (apple-api section 4)."""

    mdm_info: Mapping[str, str] | None = None
    notification_url: str | None = None
    notification_auth_token: str | None = None
    notification_types: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Identity:
    """What a location is called and where it stands; never changes while the simulator runs."""

    name: str
    uid: str
    country: str = "US"
    platform: str = "volumestore"
    organization: str = "Example Organization"
    # Managed Apple Accounts that exist, in lower case; None takes any.
    managed_apple_ids: frozenset[str] | None = None


class Location:
    """One organizational unit. Locations know nothing of each other."""

    def __init__(self, identity: Identity, ids: Ids) -> None:
        self.identity = identity
        self.config = ClientConfig()
        self.tokens: list[Token] = []
        self.library = Library(identity.name, ids)
        self.events = EventLine(self.library)
        self.rate_limiter = RateLimiter()
        self._ids = ids
        self._counters: dict[str, int] = {}

    @property
    def name(self) -> str:
        """As the seed calls it; also `locationName`."""
        return self.identity.name

    def next_id(self, kind: str) -> str:
        """The next event or notification id of this location."""
        self._counters[kind] = self._counters.get(kind, 0) + 1
        return self._ids.uuid(self.name, kind, self._counters[kind])

    def derived_token(self) -> Token:
        """A content token made up from the location's name and a counter."""
        self._counters["token"] = self._counters.get("token", 0) + 1
        inner = self._ids.base64(self.name, "token", self._counters["token"], size=60)
        token = parse(encode(inner, FAR_FUTURE, self.identity.organization))
        token.derived = True
        return token

    def by_hand(self, now: float, behaviour: Behaviour) -> Library:
        """The library for a change in Apple's web site: what is due is done first. No event, so no time passes."""
        self.events.advance(now, behaviour)
        return self.library
