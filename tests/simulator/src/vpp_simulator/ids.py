# Copyright (c) 2026, the mdmkit.apps_books authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Ids that look random and are not: the same seed and the same requests give the same ids."""

from __future__ import annotations

import base64
import hashlib
import uuid


class Ids:
    """Derives every id from a seed text and a path such as ``("springfield", "event", 3)``."""

    def __init__(self, seed: str) -> None:
        self._seed = seed

    def _digest(self, parts: tuple[str | int, ...], size: int) -> bytes:
        text = "\x1f".join([self._seed, *map(str, parts)])
        return hashlib.blake2b(text.encode(), digest_size=size).digest()

    def uuid(self, *parts: str | int) -> str:
        """A version 4 shaped UUID (event, notification and version ids)."""
        return str(uuid.UUID(bytes=self._digest(parts, 16), version=4))

    def hex(self, *parts: str | int) -> str:
        """32 hex digits, the form of an inviteCode (apple-api section 14)."""
        return self._digest(parts, 16).hex()

    def base64(self, *parts: str | int, size: int = 21) -> str:
        """Base64 text without padding for sizes divisible by three, the look of an idHash or an inner token."""
        return base64.b64encode(self._digest(parts, size)).decode()

    def digits(self, *parts: str | int) -> str:
        """16 digits, the form of a uId (apple-api section 15)."""
        return str(10**15 + int.from_bytes(self._digest(parts, 8), "big") % (9 * 10**15))
