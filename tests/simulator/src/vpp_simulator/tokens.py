# Copyright (c) 2026, the mdmkit.apps_books authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Content tokens and who may do what with them (apple-api section 2)."""

from __future__ import annotations

import base64
import binascii
import json
import re
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import TYPE_CHECKING

from vpp_simulator.errors import ApiError

if TYPE_CHECKING:
    from vpp_simulator.location import Location

_DATE_FORMAT = "%Y-%m-%dT%H:%M:%S%z"
_DATE = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[+-]\d{4}")
FAR_FUTURE = "2099-12-31T23:59:59+0000"


def encode(token: str, exp_date: str, org_name: str) -> str:
    """The text of a .vpptoken file. `vpp_simulator.testing` uses it too, so a seed may give the parts and a test the text."""
    return base64.b64encode(json.dumps({"expDate": exp_date, "token": token, "orgName": org_name}).encode()).decode()


@dataclass
class Token:
    """One content token. ``derived`` tokens were made up here, so the control surface may tell them."""

    text: str
    inner: str
    expiration_date: str
    expires: datetime
    read_only: bool = False
    revoked: bool = False
    expired: bool = False
    derived: bool = False

    @property
    def status(self) -> str:
        """In one word."""
        if self.revoked:
            return "revoked"
        return "expired" if self.expired or self.expires <= datetime.now(timezone.utc) else "valid"


def parse(text: str) -> Token:
    """Read a content token. Raises ValueError with a message that does not contain the token."""
    try:
        content = json.loads(base64.b64decode(text, validate=True))
        members = [content[name] for name in ("token", "expDate", "orgName")]
    except (binascii.Error, ValueError, KeyError, TypeError):
        members = []
    if not members or not all(isinstance(member, str) for member in members):
        raise ValueError("must be Base64 text of a JSON object with token, expDate and orgName")
    inner, expiration_date = members[:2]
    try:
        # The pattern first, because strptime takes more than Apple's form (a Z, a colon in the offset).
        expires = datetime.strptime(expiration_date if _DATE.fullmatch(expiration_date) else "", _DATE_FORMAT)
    except ValueError:
        raise ValueError("expDate must look like 2030-11-08T22:33:22+0000") from None
    return Token(text, inner, expiration_date, expires)


class TokenBook:
    """All tokens of all locations."""

    def __init__(self) -> None:
        self._entries: dict[str, tuple[Token, Location]] = {}
        self._inner: dict[str, Location] = {}

    def add(self, token: Token, location: Location) -> bool:
        """Take a token in; False when another one has the same text."""
        if token.text in self._entries:
            return False
        self._entries[token.text] = (token, location)
        self._inner[token.inner] = location
        location.tokens.append(token)
        return True

    def secrets(self) -> list[str]:
        """Every text that must not be shown."""
        return [*self._entries, *self._inner]

    def location_of(self, header: str | None) -> Location | None:
        """Whose request it is, for journal and fault rules, even when the token is refused later."""
        text = (header or "").removeprefix("Bearer ")
        entry = self._entries.get(text)
        return entry[1] if entry else self._inner.get(text)

    def authenticate(self, header: str | None) -> tuple[Token, Location]:
        """The token and location behind an Authorization header. Raises 9601, 9722, 9622, 9625 or 9621."""
        if header is None:
            raise ApiError(9601)
        scheme, dummy, text = header.partition(" ")
        if scheme != "Bearer" or not text or text != text.strip():
            raise ApiError(9722)
        entry = self._entries.get(text)
        if entry is None:
            # The inner token is refused so (observed); for any other text nobody knows, and no other number fits.
            raise ApiError(9622)
        token, location = entry
        if token.status == "revoked":
            raise ApiError(9625)
        if token.status == "expired":
            raise ApiError(9621)
        return token, location
