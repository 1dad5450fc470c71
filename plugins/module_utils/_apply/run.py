# Copyright (c) 2026, the mdmkit.apps_books authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Sends the requests of a plan in order, waits for their events, and tells what came of it."""

from __future__ import annotations

from typing import Callable, Dict, List, NamedTuple, Optional, Sequence, Tuple

from ansible_collections.mdmkit.apps_books.plugins.module_utils._api.errors import LIMIT_ERRORS, ServiceError
from ansible_collections.mdmkit.apps_books.plugins.module_utils._api.events import wait_for_events
from ansible_collections.mdmkit.apps_books.plugins.module_utils._api.service import Service, failure_of
from ansible_collections.mdmkit.apps_books.plugins.module_utils._model import AppsBooksError, ClientConfig, Event, Failure
from ansible_collections.mdmkit.apps_books.plugins.module_utils._plan.client_config import ConfigStep
from ansible_collections.mdmkit.apps_books.plugins.module_utils._plan.plan import Plan, Request

# Limits that shrink again and again while one request is being split are a fault, not a change.
_LIMIT_READINGS = 3


class Waiting(NamedTuple):
    """:ivar timeout: seconds for all events together
    :ivar longest_pause: seconds between two questions at most
    """

    wait: bool
    timeout: float
    longest_pause: float


class Outcome(NamedTuple):
    """What came of a plan.

    :ivar events: in the order in which the requests were accepted, as last seen
    :ivar failures: what the service could not do, with the kind of write
    :ivar stopped_by: what kept later requests from being sent, or None
    """

    events: List[Event]
    failures: List[Tuple[str, Failure]]
    stopped_by: Optional[AppsBooksError]

    @property
    def changed(self) -> bool:
        """Whether anything was done, or may have been: an event that nobody waited for counts."""
        return any(event.pending or event.num_completed is None or event.num_completed > 0 for event in self.events)

    @property
    def pending(self) -> List[Event]:
        return [event for event in self.events if event.pending]


def apply_requests(service: Service, requests: Sequence[Request], waiting: Waiting) -> Outcome:
    """Send the requests of a plan without waiting in between: the service works them off in the order of their arrival (README section 8).

    After a refusal nothing further is sent, since later requests rest on earlier ones; what was accepted is waited for all the same.
    """
    accepted: List[Tuple[str, str]] = []
    failures: List[Tuple[str, Failure]] = []
    stopped_by: Optional[AppsBooksError] = None
    try:
        for request in requests:
            _send(service, request, accepted)
    except AppsBooksError as error:
        stopped_by = error
        if isinstance(error, ServiceError):
            failures.append((request.kind, failure_of(error)))
    events = {event_id: Event(event_id, None, "PENDING") for dummy, event_id in accepted}
    if waiting.wait and events:
        try:
            wait_for_events(service, list(events), waiting.timeout, waiting.longest_pause, seen=events)
            service.ensure_not_taken_over()
        except AppsBooksError as error:
            stopped_by = stopped_by or error
    for kind, event_id in accepted:
        failures.extend((kind, failure) for failure in events[event_id].failures)
    return Outcome(list(events.values()), failures, stopped_by)


def configure(service: Service, plan: Plan) -> Optional[ClientConfig]:
    """Store the client configuration that the plan wants; synchronous, so there is no event.

    :returns: what the service says it stored, or None where nothing changes
    """
    for step in plan.steps:
        if isinstance(step, ConfigStep) and step.count:
            return service.set_client_config(step.config)
    return None


def _send(service: Service, request: Request, accepted: List[Tuple[str, str]], limit_readings: int = _LIMIT_READINGS) -> None:
    send = _senders(service)[request.kind]
    try:
        accepted.append((request.kind, send(request)))
    except ServiceError as error:
        if error.number not in LIMIT_ERRORS or not limit_readings:
            raise
        service.config.read_again()
        for part in request.split(service.limits()):
            _send(service, part, accepted, limit_readings - 1)


def _senders(service: Service) -> Dict[str, Callable[[Request], str]]:
    return {
        "create": lambda request: service.create_users(request.user_records),
        "update": lambda request: service.update_users(request.user_records),
        "retire": lambda request: service.retire_users(request.user_records),
        "associate": lambda request: service.associate(request.assets, request.users, request.devices),
        "disassociate": lambda request: service.disassociate(request.assets, request.users, request.devices),
        "revoke": lambda request: service.revoke(request.users, request.devices),
    }
