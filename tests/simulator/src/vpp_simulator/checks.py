# Copyright (c) 2026, the mdmkit.apps_books authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reading documents that people wrote (seeds, control requests, fault rules) and naming everything that is wrong with them at once."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any


class DocumentError(Exception):
    """All faults of a document, each with its place."""

    def __init__(self, faults: Sequence[str]) -> None:
        super().__init__("; ".join(faults))
        self.faults = list(faults)


class Faults:
    """Collects faults; `raise_if_any` ends the reading."""

    def __init__(self) -> None:
        self._faults: list[str] = []

    def add(self, place: str, problem: str) -> None:
        """Note one fault."""
        self._faults.append(f"{place}: {problem}" if place else problem)

    def raise_if_any(self) -> None:
        """End with all of them."""
        if self._faults:
            raise DocumentError(self._faults)


class Node:
    """A mapping of a document together with its place. Each getter notes a fault and returns the default when the value will not do."""

    def __init__(self, value: Any, place: str, faults: Faults, known: Iterable[str]) -> None:
        self.place = place
        self.faults = faults
        self._value: Mapping[Any, Any] = {}
        if not isinstance(value, Mapping):
            faults.add(place, "must be a mapping")
            return
        self._value = value
        for name in value:
            if name not in known:
                faults.add(self.at(name), "is not known here")

    def at(self, name: Any) -> str:
        """The place of a member."""
        return f"{self.place}.{name}" if self.place else str(name)

    def __contains__(self, name: str) -> bool:
        return self._value.get(name) is not None

    def raw(self, name: str) -> Any:
        """The value as it stands; None when absent."""
        return self._value.get(name)

    def _checked(self, name: str, default: Any, fits: Callable[[Any], bool], problem: str) -> Any:
        value = self._value.get(name)
        if value is None:
            return default
        if not fits(value):
            self.faults.add(self.at(name), problem)
            return default
        return value

    def text(self, name: str, default: str | None = None) -> str | None:
        """Text that is not empty."""
        return self._checked(name, default, lambda value: isinstance(value, str) and value != "", "must be text (quote numbers)")

    def required(self, name: str) -> str:
        """Text that must be there."""
        if name not in self:
            self.faults.add(self.at(name), "is missing")
        return self.text(name) or ""

    def digits(self, name: str) -> str | None:
        """An id of digits; a number is taken too, since YAML makes one of it where the quotes were forgotten."""
        value = self._value.get(name)
        if isinstance(value, int) and not isinstance(value, bool):
            value = str(value)
        if value is None:
            return None
        if not isinstance(value, str) or not value.isascii() or not value.isdigit():
            self.faults.add(self.at(name), "must be text of digits")
            return None
        return value

    def choice(self, name: str, choices: Sequence[str], default: str) -> str:
        """One of a few words."""
        return self._checked(name, default, lambda value: value in choices, f"must be one of {', '.join(choices)}")

    def flag(self, name: str, default: bool) -> bool:
        """true or false."""
        return self._checked(name, default, lambda value: isinstance(value, bool), "must be true or false")

    def whole(self, name: str, default: int, minimum: int | None = 0) -> int:
        """A whole number."""

        def fits(value: Any) -> bool:
            return isinstance(value, int) and not isinstance(value, bool) and (minimum is None or value >= minimum)

        return self._checked(name, default, fits, "must be a whole number" + (f", {minimum} or more" if minimum is not None else ""))

    def number(self, name: str, default: float, low: float = 0, high: float = float("inf")) -> float:
        """Any number within bounds."""

        def fits(value: Any) -> bool:
            return isinstance(value, (int, float)) and not isinstance(value, bool) and low <= value <= high

        return self._checked(name, default, fits, f"must be a number from {low:g} to {high:g}")

    def texts(self, name: str) -> list[str]:
        """A list of texts."""
        return self._checked(
            name, [], lambda value: isinstance(value, list) and all(isinstance(entry, str) and entry for entry in value), "must be a list of texts"
        )

    def each(self, name: str) -> list[tuple[Any, str]]:
        """The entries of a list, each with its place."""
        entries = self._checked(name, [], lambda value: isinstance(value, list), "must be a list")
        return [(entry, f"{self.at(name)}[{index}]") for index, entry in enumerate(entries)]

    def child(self, name: str, known: Iterable[str]) -> Node | None:
        """A mapping within."""
        return Node(self._value[name], self.at(name), self.faults, known) if name in self else None
