# Copyright (c) 2026, the mdmkit.apps_books authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The work of vpp_event_info."""

from __future__ import annotations

from ansible_collections.mdmkit.apps_books.plugins.module_utils._api.events import accepted, wait_for_events
from ansible_collections.mdmkit.apps_books.plugins.module_utils._model import AppsBooksError, Event
from ansible_collections.mdmkit.apps_books.plugins.module_utils._module.results import Result, shown_event, shown_failure, still_pending
from ansible_collections.mdmkit.apps_books.plugins.module_utils._module.task import Task


def show_events(task: Task) -> Result:
    service = task.connect()
    by_id = accepted(task.options["event_ids"])
    if task.options["wait"]:
        wait_for_events(service, by_id, task.options["wait_timeout"], task.options["wait_interval"])
    else:
        by_id = {event_id: service.event(event_id) for event_id in by_id}
    events = list(by_id.values())
    shown = task.first("listing", (_with_failures(task, event) for event in events))
    result: Result = {
        "changed": False,
        "events": shown,
        "events_left_out": len(events) - len(shown),
        "uid": service.facts.uid,
    }
    pending = [event for event in events if event.pending]
    if task.options["wait"] and pending:
        raise AppsBooksError(still_pending(pending), "Wait longer with wait_timeout.", result)
    return result


def _with_failures(task: Task, event: Event) -> Result:
    failures = task.first("failures of an event", (shown_failure(task, failure) for failure in event.failures))
    return {**shown_event(event), "failures": failures, "failures_left_out": len(event.failures) - len(failures)}
