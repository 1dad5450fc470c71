# Copyright (c) 2026, the mdmkit.apps_books authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Sends the requests of a plan in order, waits for their events, reads back what they changed, and sends again what may be sent again."""

from __future__ import annotations

import collections
import sys
import time
from typing import Callable, Deque, Dict, List, NamedTuple, Optional, Sequence, Tuple

from ansible_collections.mdmkit.apps_books.plugins.module_utils._api.errors import (
    LIMIT_ERRORS,
    PASSING,
    UNKNOWN_USER,
    AnswerLost,
    NotOurs,
    ServiceError,
    says_it_is_so,
)
from ansible_collections.mdmkit.apps_books.plugins.module_utils._api.events import FIRST_PAUSES, accepted, pause_after, wait_for_events
from ansible_collections.mdmkit.apps_books.plugins.module_utils._api.service import Service, failure_of
from ansible_collections.mdmkit.apps_books.plugins.module_utils._apply.judge import (
    Judgement,
    judge_ended,
    judge_lost,
    judge_pending,
    judge_refused,
    not_completed,
)
from ansible_collections.mdmkit.apps_books.plugins.module_utils._apply.outcome import UNSENT, LostAnswer, Outcome, Undone, undone
from ansible_collections.mdmkit.apps_books.plugins.module_utils._apply.readback import ReadBack
from ansible_collections.mdmkit.apps_books.plugins.module_utils._model import AppsBooksError, Event, Failure
from ansible_collections.mdmkit.apps_books.plugins.module_utils._plan.plan import Plan, Request
from ansible_collections.mdmkit.apps_books.plugins.module_utils._state.users import ActiveUsers

# Limits that shrink again and again while one request is being split are a fault, not a change.
_LIMIT_READINGS = 3
# What was sent so often without anything coming of it will not succeed in this task.
_MOST_ROUNDS_IN_VAIN = 5


class Waiting(NamedTuple):
    """:ivar wait: whether to wait at all, and so to read back
    :ivar timeout: seconds for all events together, from when they have been sent
    :ivar longest_pause: seconds between two questions at most
    :ivar stuck_after: seconds after which an event without progress counts as stuck
    :ivar stop_at_failure: send one request at a time, and none after one that failed
    """

    wait: bool
    timeout: float
    longest_pause: float
    stuck_after: float = 600.0
    stop_at_failure: bool = False


def apply_plan(
    service: Service,
    plan: Plan,
    requests: Sequence[Request],
    read_back: ReadBack,
    waiting: Waiting,
    clock: Callable[[], float] = time.monotonic,
    sleep: Callable[[float], None] = time.sleep,
) -> Outcome:
    """Carry a plan out, in rounds. Nothing is ever sent that is not in the plan.

    A round sends its requests without waiting in between, since the service works them off in the order of their arrival (README section 8),
    waits for their events, and reads back. A further round sends what is missing of requests whose answer was lost, whose event is stuck, or
    whose failure may pass; and what was not sent because of them.

    :param requests: those of the plan, for the first round
    """
    return _Run(service, plan, read_back, waiting, clock, sleep).carry_out(requests)


class Delivery(NamedTuple):
    """One request that was sent: accepted, refused, or neither as far as anybody knows."""

    request: Request
    event_id: Optional[str] = None
    refused: Optional[Failure] = None
    lost: Optional[AnswerLost] = None


def _surely_did_nothing(delivery: Delivery) -> bool:
    """A refusal means so, but one can also mean that there was nothing to do."""
    return delivery.refused is not None and not says_it_is_so(delivery.request.kind, delivery.refused.error_number)


def _senders(service: Service) -> Dict[str, Callable[[Request], str]]:
    return {
        "create": lambda request: service.create_users(request.user_records),
        "update": lambda request: service.update_users(request.user_records),
        "retire": lambda request: service.retire_users(request.user_records),
        "associate": lambda request: service.associate(request.assets, request.users, request.devices),
        "disassociate": lambda request: service.disassociate(request.assets, request.users, request.devices),
        "revoke": lambda request: service.revoke(request.users, request.devices),
    }


class _Run:
    def __init__(
        self, service: Service, plan: Plan, read_back: ReadBack, waiting: Waiting, clock: Callable[[], float], sleep: Callable[[float], None]
    ) -> None:
        self._service = service
        self._senders = _senders(service)
        self._plan = plan
        self._read_back = read_back
        self._waiting = waiting
        self._clock = clock
        self._sleep = sleep
        self._deadline: Optional[float] = None
        self._events: Dict[str, Event] = {}
        self._undone: List[Undone] = []
        self._already = 0
        self._lost_answers: List[LostAnswer] = []
        self._stopped_by: Optional[AppsBooksError] = None
        self._refused: List[Request] = []
        self._stuck_before = plan.empty()
        # What requests of unknown fate were to change: if it is there, they may have made it.
        self._maybe_ours = plan.empty()
        self._limit_readings = _LIMIT_READINGS
        # With stop_at_failure: that something has failed.
        self._closed = False

    def carry_out(self, requests: Sequence[Request]) -> Outcome:
        todo = self._plan
        next_requests: Optional[Sequence[Request]] = requests
        rounds_in_vain = 0
        while todo.changed:
            self._read_back.begin()
            before = todo.count
            deliveries, sent, unsent = self._send(todo, next_requests)
            left = self._left(sent, deliveries) if self._waiting.wait else sent
            todo = self._judge(sent, deliveries, left, unsent, rounds_in_vain)
            next_requests = None
            rounds_in_vain = 0 if todo.count < before else rounds_in_vain + 1
        return Outcome(self._plan.count, self._undone, self._already, list(self._events.values()), self._lost_answers, self._stopped_by)

    # Sending

    def _send(self, todo: Plan, requests: Optional[Sequence[Request]]) -> Tuple[List[Delivery], Plan, Plan]:
        """
        :param requests: those of ``todo``, if they are known already
        :returns: what was sent, as requests and as their changes; and what was not and may be sent in another round
        """
        deliveries: List[Delivery] = []
        skipped: List[Request] = []
        all_sent = False
        try:
            queue = collections.deque(todo.requests(self._service.limits()) if requests is None else requests)
            with self._service.progress.step("sending", "requests", len(queue)) as step:
                while queue and not self._closed:
                    request = queue.popleft()
                    if any(request.rests_on(refused) for refused in self._refused):
                        skipped.append(request)
                    elif not self._send_one(request, queue, deliveries):
                        break
                    step.done = len(deliveries) + len(skipped)
                    step.total = step.done + len(queue)
            all_sent = not queue
        except AppsBooksError as error:
            self._stopped_by = error
        passed_over = todo.within(skipped)
        self._undone.extend(undone(passed_over, UNSENT, why="a request that it rests on was refused"))
        # To look for the changes of each request takes a while where they are a million.
        sent = todo if all_sent and not skipped else todo.within([delivery.request for delivery in deliveries])
        return deliveries, sent, todo.without(sent).without(passed_over)

    def _send_one(self, request: Request, queue: Deque[Request], deliveries: List[Delivery]) -> bool:
        """
        :returns: whether the next request may follow
        :raises AppsBooksError: no further request can succeed
        """
        try:
            event_id = self._senders[request.kind](request)
        except AnswerLost as error:
            # What follows may rest on this request, so first find out what became of it.
            deliveries.append(Delivery(request, lost=error))
            return False
        except ServiceError as error:
            if error.number in LIMIT_ERRORS and self._limit_readings:
                self._limit_readings -= 1
                self._service.config.read_again()
                queue.extendleft(reversed(request.split(self._service.limits())))
                return True
            if not error.about_the_request:
                raise
            refused, rest = self._parted(request, failure_of(error))
            deliveries.append(Delivery(refused, refused=failure_of(error)))
            if not says_it_is_so(request.kind, error.number):
                self._refused.append(refused)
                self._closed = self._waiting.stop_at_failure
            if rest is not None:
                queue.appendleft(rest)
            return True
        self._limit_readings = _LIMIT_READINGS
        self._events.update(accepted([event_id]))
        deliveries.append(Delivery(request, event_id))
        return not (self._waiting.stop_at_failure and self._waiting.wait) or self._went_well(request, event_id)

    def _went_well(self, request: Request, event_id: str) -> bool:
        self._wait_for([event_id])
        event = self._events[event_id]
        self._closed = any(
            failure.error_number not in PASSING and not says_it_is_so(request.kind, failure.error_number) for failure in event.failures
        )
        return event.succeeded

    def _parted(self, request: Request, failure: Failure) -> Tuple[Request, Optional[Request]]:
        """What a refusal is about, and the rest of the request: a synchronous error means that nothing at all was done (README section 7)."""
        users = failure.client_user_ids
        if failure.error_number == UNKNOWN_USER and not users:
            named = list(request.users) or [record["client_user_id"] for record in request.user_records]
            active = ActiveUsers(self._service).read(named).by_id
            users = tuple(client_user_id for client_user_id in named if client_user_id not in active)
        refused, rest = request.parted(failure.assets, users, failure.serial_numbers)
        return (request, None) if refused is None else (refused, rest)

    # Waiting and reading back

    def _left(self, sent: Plan, deliveries: List[Delivery]) -> Plan:
        """What of it is still to be done, once the events have ended; told from the events alone where nobody can read any more."""
        try:
            self._wait_for([delivery.event_id for delivery in deliveries if delivery.event_id is not None])
        except AppsBooksError as error:
            self._stopped_by = self._stopped_by or error
        try:
            left = self._settled(sent, deliveries)
        except AppsBooksError as error:
            self._stopped_by = self._stopped_by or error
            left = sent.without(sent.within([delivery.request for delivery in deliveries if self._is_sure(delivery)]))
        try:
            self._service.ensure_not_taken_over()
        except NotOurs as error:
            self._stopped_by = self._stopped_by or error
        return left

    def _wait_for(self, event_ids: List[str]) -> None:
        events = {event_id: self._events[event_id] for event_id in event_ids}
        waiting = self._waiting
        timeout = max(0.0, self._end() - self._clock())
        try:
            wait_for_events(self._service, events, timeout, waiting.longest_pause, waiting.stuck_after, self._clock, self._sleep)
        finally:
            self._events.update(events)

    def _settled(self, sent: Plan, deliveries: List[Delivery]) -> Plan:
        """What is missing of it, once what events say can be seen and lost requests had the time that an event needs."""
        sure_requests = [delivery.request for delivery in deliveries if self._is_sure(delivery)]
        untouched_requests = [delivery.request for delivery in deliveries if _surely_did_nothing(delivery)]
        sure = sent if len(sure_requests) == len(deliveries) else sent.within(sure_requests)
        untouched = sent.within(untouched_requests)
        doubtful = sent.without(sure).without(untouched)
        witness = sure.within([request.last_target() for request in sure_requests[-1:]])
        reading = quiet = 0
        seen: Optional[List[int]] = None
        while True:
            left = self._read_back.remaining(sure, doubtful, witness, reading).joined(untouched)
            missing = [left.within([delivery.request]).count if left.changed else 0 for delivery in deliveries]
            quiet = quiet + 1 if missing == seen else 0
            seen = missing
            lost = [delivery.lost for delivery, count in zip(deliveries, missing) if delivery.lost is not None and count]
            claimed = left.changed and any(self._is_claimed(delivery, left) for delivery in deliveries)
            lags = any(count > self._most_missing(delivery) for delivery, count in zip(deliveries, missing))
            time_left = self._end() - self._clock()
            if time_left <= 0 or not (lags or ((lost or claimed) and quiet < len(FIRST_PAUSES))):
                return left
            pause = min(pause_after(quiet, self._waiting.longest_pause), time_left)
            if not lost:
                self._sleep(pause)
            elif not self._service.rest(pause):
                self._stopped_by = self._stopped_by or lost[0]
                return left
            reading += 1

    def _most_missing(self, delivery: Delivery) -> int:
        """How many changes of a request can be missing without its event being contradicted."""
        event = self._event_of(delivery)
        return sys.maxsize if event is None or event.pending else not_completed(event)

    def _is_claimed(self, delivery: Delivery, left: Plan) -> bool:
        """Whether the service says of a change that cannot be seen that it was made before."""
        event = self._event_of(delivery)
        told = list(event.failures) if event is not None else [delivery.refused] if delivery.refused is not None else []
        claims = [failure for failure in told if says_it_is_so(delivery.request.kind, failure.error_number)]
        part = left.within([delivery.request])
        return any(part.without(part.half_done()).about(claim).changed for claim in claims)

    def _is_sure(self, delivery: Delivery) -> bool:
        event = self._event_of(delivery)
        return event is not None and event.succeeded

    def _event_of(self, delivery: Delivery) -> Optional[Event]:
        return self._events[delivery.event_id] if delivery.event_id is not None else None

    def _end(self) -> float:
        if self._deadline is None:
            self._deadline = self._clock() + self._waiting.timeout
        return self._deadline

    # Judging

    def _judge(self, sent: Plan, deliveries: List[Delivery], left: Plan, unsent: Plan, rounds_in_vain: int) -> Plan:
        """Say what came of each change.

        :param rounds_in_vain: how many rounds before this one brought nothing
        :returns: what the next round shall send
        """
        with_missing = [(delivery, left.within([delivery.request])) for delivery in deliveries]
        # Of what succeeded and is there, nothing is to be said.
        parts = [
            (delivery, sent.within([delivery.request]), missing) for delivery, missing in with_missing if missing.changed or not self._is_sure(delivery)
        ]
        may_repeat = (
            self._waiting.wait
            and (
                rounds_in_vain + 1 < _MOST_ROUNDS_IN_VAIN
                or len(parts) < len(deliveries)
                or any(of_request.count > missing.count for dummy, of_request, missing in parts)
            )
            and self._stopped_by is None
            and not self._closed
            and self._clock() < self._end()
        )
        judgements = self._judgements(parts, may_repeat)
        # Reading back has taken its time already where an answer was lost; whatever else is sent again needs a pause.
        hasty = any(judgement.again.changed for judgement, (delivery, *dummy) in zip(judgements, parts) if delivery.lost is None)
        if hasty and not self._service.rest(pause_after(rounds_in_vain, self._waiting.longest_pause)):
            may_repeat = False
            judgements = self._judgements(parts, may_repeat)
        again = sent.empty()
        for judgement, (delivery, of_request, missing) in zip(judgements, parts):
            again = again.joined(judgement.again)
            self._undone.extend(judgement.undone)
            self._already += max(0, judgement.already - (of_request.count - of_request.without(self._maybe_ours).count))
            if delivery.lost is not None or self._event_is_pending(delivery):
                self._maybe_ours = self._maybe_ours.joined(judgement.again)
            if delivery.lost is not None:
                open_changes = judgement.again.count + sum(part.part.count for part in judgement.undone)
                lost = LostAnswer(delivery.lost.request, delivery.lost.cause, of_request.count - open_changes, open_changes, judgement.again.changed)
                self._lost_answers.append(lost)
                if missing.changed and not may_repeat:
                    self._stopped_by = self._stopped_by or delivery.lost
            elif judgement.again.changed and self._event_is_pending(delivery):
                self._stuck_before = self._stuck_before.joined(judgement.again)
        if may_repeat:
            return again.joined(unsent)
        self._undone.extend(undone(unsent, UNSENT))
        return again

    def _judgements(self, parts: List[Tuple[Delivery, Plan, Plan]], may_repeat: bool) -> List[Judgement]:
        judgements = []
        for delivery, sent, missing in parts:
            event = self._event_of(delivery)
            if delivery.lost is not None:
                judgements.append(judge_lost(delivery.lost, sent, missing, may_repeat))
            elif delivery.refused is not None:
                judgements.append(judge_refused(delivery.request.kind, delivery.refused, sent, missing, may_repeat))
            elif event is not None and event.pending:
                judgements.append(judge_pending(event, missing, self._stuck_before, may_repeat))
            elif event is not None:
                judgements.append(judge_ended(delivery.request.kind, event, sent, missing, self._read_back, may_repeat))
        return judgements

    def _event_is_pending(self, delivery: Delivery) -> bool:
        event = self._event_of(delivery)
        return event is not None and event.pending
