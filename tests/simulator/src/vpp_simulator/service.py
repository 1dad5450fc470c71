# Copyright (c) 2026, the mdmkit.apps_books authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Everything the process pretends: all locations, the switches, the fault rules and the journal."""

from __future__ import annotations

import time
from typing import Any

from vpp_simulator import hands, seed
from vpp_simulator.behaviour import Behaviour
from vpp_simulator.checks import DocumentError, Faults
from vpp_simulator.faults import FaultRules, read_rules
from vpp_simulator.journal import Journal
from vpp_simulator.location import Location
from vpp_simulator.tokens import TokenBook


class Service:
    """The state behind the API and the control surface. `reset` replaces all of it."""

    behaviour: Behaviour
    locations: dict[str, Location]
    tokens: TokenBook
    faults: FaultRules
    journal: Journal

    def __init__(self, document: Any) -> None:
        self._first_document = document
        self.reset(document)

    def reset(self, document: Any = None) -> None:
        """Back to the seed given at start, or to another one. Raises DocumentError, and changes nothing then."""
        fresh = seed.build(self._first_document if document is None else document, tuple(hands.ACTIONS))
        self.behaviour = fresh.behaviour
        self.locations = fresh.locations
        self.tokens = fresh.tokens
        self.faults = fresh.faults
        self.journal = Journal()

    @staticmethod
    def now() -> float:
        """The clock of events, rate limits and visibility, in seconds."""
        return time.monotonic()

    def change_behaviour(self, changes: Any) -> None:
        """Merge switches in. What is due by now still happens under the old ones. Raises DocumentError."""
        if not isinstance(changes, dict):
            raise DocumentError(["behaviour must be a mapping"])
        problems = self.behaviour.faults_of(changes)
        if problems:
            raise DocumentError(problems)
        for location in self.locations.values():
            location.events.advance(self.now(), self.behaviour)
        self.behaviour = self.behaviour.merged(changes)

    def set_faults(self, document: Any) -> None:
        """Replace the fault rules. Raises DocumentError."""
        problems = Faults()
        rules = read_rules(document, "", problems, tuple(hands.ACTIONS))
        problems.raise_if_any()
        self.faults = rules

    def location_named(self, name: Any) -> Location:
        """The location of that name; without a name the only one there is. Raises DocumentError."""
        if name is None and len(self.locations) == 1:
            return next(iter(self.locations.values()))
        if name is None:
            raise DocumentError(["location: is missing"])
        if not isinstance(name, str) or name not in self.locations:
            raise DocumentError([f"location: there is none named {name}"])
        return self.locations[name]
