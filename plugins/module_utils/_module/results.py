# Copyright (c) 2026, the mdmkit.apps_books authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""From plans, outcomes and records to the results of modules."""

from __future__ import annotations

from typing import Any, Callable, Dict, List, Optional, Sequence

from ansible_collections.mdmkit.apps_books.plugins.module_utils._api.errors import AnswerLost, hint_for, is_retryable
from ansible_collections.mdmkit.apps_books.plugins.module_utils._api.service import Service
from ansible_collections.mdmkit.apps_books.plugins.module_utils._apply.run import Outcome, apply_requests
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
from ansible_collections.mdmkit.apps_books.plugins.module_utils._plan.assignments import iterate_pairs
from ansible_collections.mdmkit.apps_books.plugins.module_utils._plan.guards import some_of
from ansible_collections.mdmkit.apps_books.plugins.module_utils._plan.plan import Plan, Request

Result = Dict[str, Any]


def described(task: Task, service: Service, plan: Plan, requests: Sequence[Request]) -> Result:
    """What every writing module shows of its plan, in check mode and after it alike."""
    changes, left_out = plan.listed(task.max_listed)
    # Participles, since in Jinja ``counts.update`` would be a method of the dictionary.
    counts = {kind + "d": number for kind, number in plan.counts().items()}
    result: Result = {
        "changed": plan.changed,
        "plan": {"counts": counts, "changes": changes, "left_out": left_out, "requests": len(requests)},
        "events": [],
        "failures": [],
        "uid": service.facts.uid,
    }
    if task.wants_diff:
        result["diff"] = plan.diff(task.max_listed)
    return result


def carry_out(task: Task, service: Service, plan: Plan, **more: Any) -> Result:
    """Send the plan, and tell it and what came of it. Sends nothing in check mode or where nothing changes.

    :param more: what else belongs into the result
    :raises AppsBooksError: something did not work; its details are the whole result, with what was done
    """
    holder = service.facts.mdm_info
    if holder is not None and service.expected_holder is None:
        task.warn(f"This location is managed by {holder}. If that is you, set mdm_id, so that nothing is written once somebody else manages it.")
    requests = plan.requests(service.limits())
    result = {**described(task, service, plan, requests), **more}
    if task.check_mode or not requests:
        return result
    outcome = apply_requests(service, requests, task.waiting)
    result["changed"] = outcome.changed or isinstance(outcome.stopped_by, AnswerLost)
    result["events"] = [shown_event(event) for event in outcome.events]
    result["failures"] = [shown_failure(failure, kind) for kind, failure in outcome.failures]
    error = _error_of(task, outcome)
    if error is not None:
        raise not_all_done(error, result, result["changed"])
    return result


def not_all_done(error: AppsBooksError, result: Result, changed: bool) -> AppsBooksError:
    """The error with everything that there is to say of the task: nothing that was done is lost."""
    return AppsBooksError(error.message, error.hint, {**result, **error.details, "changed": changed})


def _error_of(task: Task, outcome: Outcome) -> Optional[AppsBooksError]:
    done = f" {_done(outcome)}" if outcome.events else ""
    if outcome.stopped_by is not None:
        error = outcome.stopped_by
        return AppsBooksError(error.message + done, error.hint, error.details)
    if outcome.failures:
        kinds = " ".join(_told(kind, failure) for kind, failure in outcome.failures[:_FAILURES_TOLD])
        more = f" And {len(outcome.failures) - _FAILURES_TOLD} more." if len(outcome.failures) > _FAILURES_TOLD else ""
        return AppsBooksError(f"Apple could not do everything. {kinds}{more}{done}")
    if outcome.pending and task.waiting.wait:
        pending = ", ".join(event.event_id for event in outcome.pending)
        return AppsBooksError(
            f"After {task.waiting.timeout:g} s these events are still pending: {pending}.{done}",
            "Wait for them with vpp_event_info and wait: true, or run the task again.",
        )
    unclear = [event.event_id for event in outcome.events if not event.pending and not event.succeeded]
    if unclear:
        names = ", ".join(unclear)
        return AppsBooksError(f"These events ended without saying that all went well: {names}.{done}", "Run the task again: it reads what is there now.")
    return None


_FAILURES_TOLD = 10


def _done(outcome: Outcome) -> str:
    completed = sum(event.num_completed or 0 for event in outcome.events)
    requested = sum(event.num_requested or 0 for event in outcome.events)
    return f"Done until then: {completed} of {requested} tasks of {len(outcome.events)} accepted requests."


def _told(kind: str, failure: Failure) -> str:
    about = [str(asset) for asset in failure.assets] + list(failure.client_user_ids) + list(failure.serial_numbers)
    names = f" of {some_of(about, len(about))}" if about else ""
    hint = hint_for(failure.error_number)
    return f"{kind}{names}: {failure.error_message.rstrip('.')} (error {failure.error_number}).{' ' + hint if hint else ''}"


def listing(task: Task, service: Service, member: str, records: Sequence[Any], show: Callable[[Any], Result]) -> Result:
    """What every module that lists returns: the first records under the member's name, and how many there are."""
    shown = [show(record) for record in records[:task.max_listed]]
    return {"changed": False, member: shown, "count": len(records), "left_out": len(records) - len(shown), "uid": service.facts.uid}


def shown_event(event: Event) -> Result:
    return {
        "event_id": event.event_id,
        "event_type": event.event_type,
        "status": event.status,
        "num_requested": event.num_requested,
        "num_completed": event.num_completed,
    }


def shown_failure(failure: Failure, kind: Optional[str] = None) -> Result:
    """:param kind: the kind of write, where it is known"""
    about = {} if kind is None else {"action": kind}
    return {
        **about,
        "error_number": failure.error_number,
        "error_message": failure.error_message,
        "retryable": is_retryable(failure.error_number),
        "hint": hint_for(failure.error_number),
        "assets": [shown_asset(asset) for asset in failure.assets],
        "client_user_ids": list(failure.client_user_ids),
        "serial_numbers": list(failure.serial_numbers),
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


def shown_pairs(pairs: Assignments, most: int) -> List[Result]:
    """The first pairs, one mapping each."""
    return [{**shown_asset(asset), member: target} for dummy, (asset, member, target) in zip(range(most), iterate_pairs(pairs))]


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
