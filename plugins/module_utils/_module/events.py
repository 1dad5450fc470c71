# Copyright (c) 2026, the mdmkit.apps_books authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The work of vpp_event_info."""

from __future__ import annotations

from ansible_collections.mdmkit.apps_books.plugins.module_utils._api.events import wait_for_events
from ansible_collections.mdmkit.apps_books.plugins.module_utils._model import AppsBooksError
from ansible_collections.mdmkit.apps_books.plugins.module_utils._module.results import Result, shown_event, shown_failure
from ansible_collections.mdmkit.apps_books.plugins.module_utils._module.task import Task


def show_events(task: Task) -> Result:
    service = task.connect()
    event_ids = list(dict.fromkeys(task.options["event_ids"]))
    waiting = task.waiting
    if waiting.wait:
        events = wait_for_events(service, event_ids, waiting.timeout, waiting.longest_pause)
    else:
        events = [service.event(event_id) for event_id in event_ids]
    result: Result = {
        "changed": False,
        "events": [{**shown_event(event), "failures": [shown_failure(failure) for failure in event.failures]} for event in events],
        "uid": service.facts.uid,
    }
    pending = [event.event_id for event in events if event.pending]
    if waiting.wait and pending:
        raise AppsBooksError(f"After {waiting.timeout:g} s these events are still pending: {', '.join(pending)}.", "Wait longer with wait_timeout.", result)
    return result
