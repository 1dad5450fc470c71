# Copyright (c) 2026, the mdmkit.apps_books authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What came of a plan, change by change."""

from __future__ import annotations

from typing import Dict, List, NamedTuple, Optional

from ansible_collections.mdmkit.apps_books.plugins.module_utils._model import AppsBooksError, Event, Failure
from ansible_collections.mdmkit.apps_books.plugins.module_utils._plan.plan import DivisibleStep, Plan

FAILED = "failed"
SHORT = "short"
UNKNOWN = "unknown"
UNSENT = "unsent"


class Undone(NamedTuple):
    """Changes of which reading back does not show that they are made.

    :ivar verdict: ``failed``; ``short``: there is no licence, and giving what there is was asked for; ``unknown``: Apple may have made them,
        or may still make them; ``unsent``
    :ivar failure: what Apple said, where it failed
    :ivar why: what is to be said instead, where Apple said nothing
    :ivar event_id: the event that may still make them
    """

    part: DivisibleStep
    verdict: str
    failure: Optional[Failure] = None
    why: Optional[str] = None
    event_id: Optional[str] = None


def undone(part: Plan, verdict: str, failure: Optional[Failure] = None, why: Optional[str] = None, event_id: Optional[str] = None) -> List[Undone]:
    """One for each step that has changes."""
    return [Undone(step, verdict, failure, why, event_id) for step in part.divisible() if step.count]


class LostAnswer(NamedTuple):
    """A write whose answer never came.

    :ivar request: method and path
    :ivar found: how many of its changes were there when they were read back
    :ivar missing: how many were not
    :ivar sent_again: whether those are sent again
    """

    request: str
    cause: str
    found: int
    missing: int
    sent_again: bool


class Outcome(NamedTuple):
    """:ivar planned: how many changes there were to make
    :ivar already: changes that Apple refused to make and that were made all the same, by somebody else or by an earlier request
    :ivar events: in the order in which the requests were accepted, as last seen
    :ivar stopped_by: what kept requests from being sent or read back, or None
    """

    planned: int = 0
    undone: List[Undone] = []
    already: int = 0
    events: List[Event] = []
    lost_answers: List[LostAnswer] = []
    stopped_by: Optional[AppsBooksError] = None

    def counts(self) -> Dict[str, int]:
        counts = dict.fromkeys(("done", "already", FAILED, SHORT, UNKNOWN, UNSENT), 0)
        for undone in self.undone:
            counts[undone.verdict] += undone.part.count
        counts["already"] = self.already
        counts["done"] = self.planned - sum(counts.values())
        return counts

    @property
    def changed(self) -> bool:
        """Whether anything was done, or may have been."""
        counts = self.counts()
        return counts["done"] + counts[UNKNOWN] > 0

    @property
    def pending(self) -> List[Event]:
        return [event for event in self.events if event.pending]
