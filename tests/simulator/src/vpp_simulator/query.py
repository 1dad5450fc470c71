# Copyright (c) 2026, the mdmkit.apps_books authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Query parameters of the reads. Parameters that nobody asked for are ignored."""

from __future__ import annotations

from collections.abc import Mapping

from vpp_simulator.errors import invalid


class Query:
    """Typed access to the parameters of one request. Values of the wrong form are refused with 9602."""

    def __init__(self, values: Mapping[str, str]) -> None:
        self._values = values

    def text(self, name: str) -> str | None:
        """Any text; unknown values simply match nothing (apple-api section 5, assumed)."""
        return self._values.get(name)

    def choice(self, name: str, *choices: str) -> str | None:
        """One of an enum."""
        value = self._values.get(name)
        if value is not None and value not in choices:
            raise invalid(f"{name} must be one of {', '.join(choices)}.")
        return value

    def flag(self, name: str) -> bool | None:
        """``true`` or ``false`` (apple-api section 15)."""
        value = self.choice(name, "true", "false")
        return None if value is None else value == "true"

    def whole(self, name: str) -> int | None:
        """A whole number, possibly negative."""
        value = self._values.get(name)
        if value is None:
            return None
        if not value.removeprefix("-").isascii() or not value.removeprefix("-").isdigit():
            raise invalid(f"{name} must be a whole number.")
        return int(value)
