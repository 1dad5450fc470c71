# Copyright (c) 2026, the mdmkit.apps_books authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What came of one request: decided by what is there, explained by what Apple said.

In every function ``sent`` is what the request was to change, and ``missing`` what of it was not there when it was read back.
"""

from __future__ import annotations

import sys
from typing import List, NamedTuple

from ansible_collections.mdmkit.apps_books.plugins.module_utils._api.errors import PASSING, SHORTAGE, AnswerLost, says_it_is_so
from ansible_collections.mdmkit.apps_books.plugins.module_utils._apply.outcome import FAILED, SHORT, UNKNOWN, Undone, undone
from ansible_collections.mdmkit.apps_books.plugins.module_utils._apply.readback import ReadBack
from ansible_collections.mdmkit.apps_books.plugins.module_utils._model import Event, Failure
from ansible_collections.mdmkit.apps_books.plugins.module_utils._plan.plan import Plan


class Judgement(NamedTuple):
    """:ivar again: what may be sent again; neither done nor undone yet
    :ivar already: how many changes the service refused though they are there
    """

    again: Plan
    undone: List[Undone]
    already: int = 0


def judge_lost(lost: AnswerLost, sent: Plan, missing: Plan, may_repeat: bool) -> Judgement:
    # Whether an account was changed cannot be read back, but an update may be sent twice.
    unseen = sent.without(missing).unreadable()
    open_changes = missing.joined(unseen.each(lambda step: step if step.kind == "update" else step.without(step)))
    if may_repeat:
        return Judgement(open_changes, [])
    return Judgement(missing.empty(), undone(open_changes, UNKNOWN, why=f"the answer to {lost.request} was lost"))


def judge_refused(kind: str, failure: Failure, sent: Plan, missing: Plan, may_repeat: bool) -> Judgement:
    """:param kind: the kind of the write"""
    already = sent.count - missing.count
    if not says_it_is_so(kind, failure.error_number):
        return Judgement(missing.empty(), undone(missing, FAILED, failure), already)
    if may_repeat:
        return Judgement(missing, [], already)
    return Judgement(missing.empty(), undone(missing, UNKNOWN, failure), already)


def judge_pending(event: Event, missing: Plan, stuck_before: Plan, may_repeat: bool) -> Judgement:
    """:param stuck_before: what an earlier event that got stuck was to change"""
    stuck_again = missing.without(missing.without(stuck_before)) if may_repeat else missing
    why = f"event {event.event_id} is still pending" + (", as was the one before it" if stuck_again.changed and may_repeat else "")
    return Judgement(missing.without(stuck_again), undone(stuck_again, UNKNOWN, why=why, event_id=event.event_id))


def judge_ended(kind: str, event: Event, sent: Plan, missing: Plan, read_back: ReadBack, may_repeat: bool) -> Judgement:
    """
    :param kind: the kind of the write
    :param read_back: tells what there are licences for by now
    """
    again = missing.empty()
    told: List[Undone] = []
    # Where the event does not say how many failed, nobody knows either who else made what is there.
    already = not_completed(event) - missing.count if event.num_completed is not None else 0
    unseen = sent.without(missing).unreadable()
    rest = missing
    for failure in event.failures:
        about = rest.about(failure)
        rest = rest.without(about)
        is_so = says_it_is_so(kind, failure.error_number)
        if not is_so:
            # The user is there, but whether the account was attached only the event tells.
            refused_accounts = unseen.about(failure)
            unseen = unseen.without(refused_accounts)
            already -= refused_accounts.count
            told.extend(undone(refused_accounts, FAILED, failure))
        if may_repeat and (is_so or failure.error_number in PASSING):
            again = again.joined(about)
            continue
        if may_repeat and failure.error_number == SHORTAGE:
            affordable = about.each(read_back.affordable)
            again = again.joined(affordable)
            about = about.without(affordable)
        is_short = failure.error_number == SHORTAGE and read_back.gives_what_there_is
        told.extend(undone(about, UNKNOWN if is_so else SHORT if is_short else FAILED, failure))
    why = f"event {event.event_id} ended, but this cannot be seen" if event.succeeded else f"Apple does not say why event {event.event_id} left it out"
    return Judgement(again, told + undone(rest, UNKNOWN, why=why, event_id=event.event_id), min(max(0, already), sent.count - missing.count))


def not_completed(event: Event) -> int:
    """How many tasks of an event that has ended did not work; all that can be where it does not say."""
    if event.succeeded:
        return 0
    if event.num_requested is None or event.num_completed is None:
        return sys.maxsize
    return max(0, event.num_requested - event.num_completed)
