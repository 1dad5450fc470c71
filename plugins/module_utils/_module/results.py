# Copyright (c) 2026, the mdmkit.apps_books authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""From plans, outcomes and records to the results of modules."""

from __future__ import annotations

import json
from typing import Any, Callable, Dict, Iterator, List, Optional, Sequence, Tuple

from ansible_collections.mdmkit.apps_books.plugins.module_utils._api.errors import hint_for, is_retryable
from ansible_collections.mdmkit.apps_books.plugins.module_utils._api.service import Service
from ansible_collections.mdmkit.apps_books.plugins.module_utils._apply.outcome import FAILED, UNKNOWN, UNSENT, LostAnswer, Outcome
from ansible_collections.mdmkit.apps_books.plugins.module_utils._apply.readback import ReadBack
from ansible_collections.mdmkit.apps_books.plugins.module_utils._apply.run import apply_plan
from ansible_collections.mdmkit.apps_books.plugins.module_utils._model import (
    AppsBooksError,
    Asset,
    AssetRecord,
    AssignmentRecord,
    Assignments,
    ClientConfig,
    Event,
    Failure,
    User,
)
from ansible_collections.mdmkit.apps_books.plugins.module_utils._module.task import Task
from ansible_collections.mdmkit.apps_books.plugins.module_utils._plan.guards import some_of
from ansible_collections.mdmkit.apps_books.plugins.module_utils._plan.pairs import iterate_pairs
from ansible_collections.mdmkit.apps_books.plugins.module_utils._plan.plan import Batches, DivisibleStep, Plan

Result = Dict[str, Any]


def described(task: Task, service: Service, plan: Plan, batches: Batches) -> Result:
    """What every writing module shows of its plan, in check mode and after it alike."""
    changes = task.first("changes", plan.told())
    # Participles, since in Jinja ``counts.update`` would be a method of the dictionary.
    counts = {kind + "d": number for kind, number in plan.counts().items()}
    result: Result = {
        "changed": plan.changed,
        "plan": {
            "counts": counts,
            "changes": changes,
            "left_out": plan.count - len(changes),
            "requests": len(batches.requests),
            "requests_at_least": batches.at_least,
        },
        "uid": service.facts.uid,
    }
    if task.wants_diff:
        fitting = task.first("diff", (({change.key: change.before}, {change.key: change.after}) for change in plan.changes()))
        result["diff"] = plan.diff(len(fitting))
    return result


def carry_out(
    task: Task, service: Service, plan: Plan, columns: Sequence[str], read_back: ReadBack, more: Callable[[], Result] = dict
) -> Result:
    """Send the plan, and tell it and what came of it. Sends nothing in check mode or where nothing changes.

    :param columns: what a change can tell of itself
    :param more: called last, tells what else belongs into the result
    :raises AppsBooksError: something did not work; its details are the whole result, with what was done
    """
    holder = service.facts.mdm_info
    if holder is not None and service.expected_holder is None:
        task.warn(f"This location is managed by {holder}. If that is you, set mdm_id, so that nothing is written once somebody else manages it.")
    batches = plan.batches(service.limits())
    result = described(task, service, plan, batches)
    # Before anything is sent, so that it is there even if the task is killed.
    result.update(task.write_dest(("action", "why", *columns), plan.told()))
    if task.check_mode:
        return {**result, **_shown_outcome(task, Outcome()), **more()}
    outcome = apply_plan(service, plan, batches.requests, read_back, task.waiting)
    tell_lost_answers(task, outcome.lost_answers)
    result = {**result, "changed": outcome.changed, **_shown_outcome(task, outcome), **more()}
    error = _error_of(task, outcome)
    if error is not None:
        raise not_all_done(error, result, outcome.changed)
    return result


def not_all_done(error: AppsBooksError, result: Result, changed: bool) -> AppsBooksError:
    """The error with everything that there is to say of the task: nothing that was done is lost."""
    return AppsBooksError(error.message, error.hint, {**result, **error.details, "changed": changed})


def tell_lost_answers(task: Task, lost_answers: Sequence[LostAnswer]) -> None:
    for lost in lost_answers[:_LOST_ANSWERS_TOLD]:
        rest = "; the others were sent again" if lost.sent_again else ""
        task.warn(
            f"The answer to {lost.request} was lost ({lost.cause}). What it was to change was read back: "
            f"{lost.found} of {lost.found + lost.missing} changes were there{rest}."
        )
    if len(lost_answers) > _LOST_ANSWERS_TOLD:
        task.warn(f"The answers to {len(lost_answers) - _LOST_ANSWERS_TOLD} more requests were lost, too.")


_LOST_ANSWERS_TOLD = 10


def _shown_outcome(task: Task, outcome: Outcome) -> Result:
    not_done = task.first("not_done", _not_done(outcome))
    told_failures = _failures(outcome)
    failures = task.first("failures", (shown_failure(task, failure, kind) for kind, failure in told_failures))
    return {
        "outcome": outcome.counts(),
        "not_done": not_done,
        "not_done_left_out": sum(part.part.count for part in outcome.undone) - len(not_done),
        **_shown_events(task, outcome.events),
        "failures": failures,
        "failures_left_out": len(told_failures) - len(failures),
        "answers_lost": task.first("answers_lost", map(shown_lost_answer, outcome.lost_answers)),
    }


def _shown_events(task: Task, events: Sequence[Event]) -> Result:
    """In the order of the plan. Where there are too many, those that did not succeed are rather shown than the others."""
    shown = task.first("events", map(shown_event, events))
    if len(shown) < len(events):
        shown = task.first("events", map(shown_event, sorted(events, key=lambda event: event.succeeded)))
    return {"events": shown, "events_left_out": len(events) - len(shown)}


def _not_done(outcome: Outcome) -> Iterator[Result]:
    for undone in outcome.undone:
        number = undone.failure.error_number if undone.failure else None
        explained = {
            "action": undone.part.kind,
            "outcome": undone.verdict,
            "error_number": number,
            "error_message": undone.failure.error_message if undone.failure else undone.why,
            "retryable": is_retryable(number) if undone.failure else True,
            "hint": hint_for(number),
            "event_id": undone.event_id,
        }
        for change in undone.part.changes():
            yield {**change.told, **explained}


def _failures(outcome: Outcome) -> List[Tuple[str, Failure]]:
    """What Apple said about changes that are not made, once each."""
    told = {(undone.part.kind, undone.failure): None for undone in outcome.undone if undone.failure is not None}
    return [(kind, failure) for kind, failure in told if failure is not None]


def _error_of(task: Task, outcome: Outcome) -> Optional[AppsBooksError]:
    counts = outcome.counts()
    done = f" Done: {counts['done'] + counts['already']} of {outcome.planned} changes."
    failed = _told_failures(outcome)
    # An event that got stuck is of no importance where the same was sent again and worked.
    is_pending = task.waiting.wait and {event.event_id for event in outcome.pending} & {undone.event_id for undone in outcome.undone}
    unclear = sorted({undone.why for undone in outcome.undone if undone.verdict == UNKNOWN and undone.why}) if task.waiting.wait else []
    if outcome.stopped_by is not None:
        error = outcome.stopped_by
        return AppsBooksError(f"{error.message} {failed}".rstrip() + done, error.hint, error.details)
    if is_pending:
        return AppsBooksError(f"{still_pending(outcome.pending)} {failed}".rstrip() + done, _resume(outcome.pending))
    if failed or unclear or counts[UNSENT]:
        causes = f"{counts[UNKNOWN]} changes are unclear: {some_of(unclear, len(unclear))}." if unclear else ""
        unsent = f"{counts[UNSENT]} changes were not sent." if counts[UNSENT] else ""
        return AppsBooksError(" ".join(filter(None, ("Apple could not do everything.", failed, causes, unsent))) + done)
    return None


_FAILURES_TOLD = 10


def still_pending(events: Sequence[Event]) -> str:
    """That these events are pending though they were waited for, with the last that is known of them."""
    states = [
        event.event_id + (f" ({event.event_type}, {event.num_completed or 0} of {event.num_requested} done)" if event.event_type else "") for event in events
    ]
    return f"These events are still pending: {some_of(states, len(states))}."


def _resume(pending: Sequence[Event]) -> str:
    if len(pending) > _FAILURES_TOLD:
        return "Wait for them with vpp_event_info and wait: true, or run the task again. The event ids are in the result."
    arguments = json.dumps({"event_ids": [event.event_id for event in pending]})
    return f"Go on waiting with: ansible localhost -m mdmkit.apps_books.vpp_event_info -a '{arguments}'. Or run the task again."


def _told_failures(outcome: Outcome) -> str:
    failed = [undone for undone in outcome.undone if undone.verdict in (FAILED, UNKNOWN) and undone.failure is not None]
    told = [_told(undone.part, undone.failure) for undone in failed[:_FAILURES_TOLD] if undone.failure is not None]
    return " ".join(told) + (f" And {len(failed) - _FAILURES_TOLD} more failures." if len(failed) > _FAILURES_TOLD else "")


def _told(part: DivisibleStep, failure: Failure) -> str:
    names = some_of((change.key for change in part.changes()), part.count)
    hint = hint_for(failure.error_number)
    return f"{part.kind} of {names}: {failure.error_message.rstrip('.')} (error {failure.error_number}).{' ' + hint if hint else ''}"


def listing(task: Task, service: Service, member: str, columns: Sequence[str], records: Sequence[Any], show: Callable[[Any], Result]) -> Result:
    """What every module that lists returns: the first records under the member's name, and how many there are.

    :param columns: every member that a record can have as it is shown
    """
    shown = task.first("listing", map(show, records))
    result = {"changed": False, member: shown, "count": len(records), "left_out": len(records) - len(shown), "uid": service.facts.uid}
    return {**result, **task.write_dest(columns, map(show, records))}


def shown_event(event: Event) -> Result:
    return {
        "event_id": event.event_id,
        "event_type": event.event_type,
        "status": event.status,
        "num_requested": event.num_requested,
        "num_completed": event.num_completed,
    }


def shown_lost_answer(lost: LostAnswer) -> Result:
    return {"request": lost.request, "cause": lost.cause, "found": lost.found, "missing": lost.missing, "sent_again": lost.sent_again}


def shown_failure(task: Task, failure: Failure, kind: Optional[str] = None) -> Result:
    """:param kind: the kind of write, where it is known"""
    about = {} if kind is None else {"action": kind}
    assets = task.first("names", map(shown_asset, failure.assets))
    client_user_ids = task.first("names", failure.client_user_ids)
    serial_numbers = task.first("names", failure.serial_numbers)
    named = len(failure.assets) + len(failure.client_user_ids) + len(failure.serial_numbers)
    return {
        **about,
        "error_number": failure.error_number,
        "error_message": failure.error_message,
        "retryable": is_retryable(failure.error_number),
        "hint": hint_for(failure.error_number),
        "assets": assets,
        "client_user_ids": client_user_ids,
        "serial_numbers": serial_numbers,
        "names_left_out": named - len(assets) - len(client_user_ids) - len(serial_numbers),
    }


def shown_asset(asset: Asset) -> Result:
    return dict(asset._asdict())


def shown_asset_record(record: AssetRecord) -> Result:
    return {
        **shown_asset(record.asset),
        "product_type": record.product_type,
        "device_assignable": record.device_assignable,
        "revocable": record.revocable,
        "supported_platforms": list(record.supported_platforms),
        "assigned_count": record.assigned_count,
        "available_count": record.available_count,
        "retired_count": record.retired_count,
        "total_count": record.total_count,
        "unlimited": record.unlimited,
    }


def shown_assignment(record: AssignmentRecord) -> Result:
    shown = {**shown_asset(record.asset), **record._asdict()}
    del shown["asset"]
    return {name: value for name, value in shown.items() if value is not None}


def shown_pairs(pairs: Assignments) -> Iterator[Result]:
    """Every pair as one mapping."""
    return ({**shown_asset(asset), member: target} for asset, member, target in iterate_pairs(pairs))


def shown_user(user: User, service: Service, with_invitation: bool) -> Result:
    """A user without the secrets of the invitation, unless they are asked for."""
    shown: Result = {"client_user_id": user.client_user_id, "email": user.email, "status": user.status, "id_hash": user.id_hash}
    if with_invitation and user.invite_code:
        shown["invite_code"] = user.invite_code
        shown["invitation_url"] = service.config.invitation_url(user.invite_code)
    return shown


def shown_client_config(config: ClientConfig) -> Result:
    """The configuration, with the secret replaced by whether there is one."""
    shown = dict(config._asdict())
    del shown["notification_auth_token"]
    shown["mdm_info"] = dict(config.mdm_info._asdict()) if config.mdm_info else None
    shown["notification_types"] = list(config.notification_types)
    shown["notification_auth_token_set"] = bool(config.notification_auth_token)
    return shown
