# Copyright (c) 2026, the mdmkit.apps_books authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The work of vpp_client_config, vpp_client_config_info and vpp_service_config_info."""

from __future__ import annotations

from typing import Mapping, Optional

from ansible_collections.mdmkit.apps_books.plugins.module_utils._api.errors import AnswerLost
from ansible_collections.mdmkit.apps_books.plugins.module_utils._apply.configure import configure
from ansible_collections.mdmkit.apps_books.plugins.module_utils._model import AppsBooksError, InputError
from ansible_collections.mdmkit.apps_books.plugins.module_utils._module.results import (
    Result,
    described,
    not_all_done,
    shown_client_config,
    shown_lost_answer,
    tell_lost_answers,
)
from ansible_collections.mdmkit.apps_books.plugins.module_utils._module.task import Task, read_all
from ansible_collections.mdmkit.apps_books.plugins.module_utils._plan.client_config import plan_client_config
from ansible_collections.mdmkit.apps_books.plugins.module_utils._state.ownership import ensure_ours
from ansible_collections.mdmkit.apps_books.plugins.module_utils._wanted.client_config import wanted_client_config


# All writing modules return the same keys.
_NO_EVENTS = {"events": [], "events_left_out": 0, "failures": [], "failures_left_out": 0}


def manage_client_config(task: Task) -> Result:
    options = task.options
    service, wanted, dummy = read_all(
        task.connect,
        lambda: wanted_client_config(
            options["mdm_info"], options["notification_url"], options["notification_auth_token"], options["notification_types"]
        ),
        lambda: _check_ids(options["mdm_id"], options["mdm_info"]),
    )
    present = service.client_config()
    task.hide(present.notification_auth_token)
    if wanted.mdm_info is None:
        ensure_ours(service, options["mdm_id"])
    plan = plan_client_config(present, service.limits(), takeover=options["takeover"], **wanted._asdict())
    result = {**described(task, service, plan, plan.batches(service.limits())), **_NO_EVENTS, "answers_lost": []}
    if task.check_mode:
        return {**result, "client_config": shown_client_config(present)}
    try:
        configured = configure(service, plan)
    except AppsBooksError as error:
        raise not_all_done(error, result, changed=isinstance(error, AnswerLost)) from error
    tell_lost_answers(task, configured.lost_answers)
    return {
        **result,
        "client_config": shown_client_config(configured.stored or present),
        "answers_lost": [shown_lost_answer(lost) for lost in configured.lost_answers],
    }


def show_client_config(task: Task) -> Result:
    service = task.connect()
    config = service.client_config()
    task.hide(config.notification_auth_token)
    return {"changed": False, "client_config": shown_client_config(config)}


def show_service_config(task: Task) -> Result:
    config = task.connect(needs_token=False).config
    # Whoever asks wants to know what holds now, not some minutes ago.
    config.read_again()
    answer = config.answer()
    return {
        "changed": False,
        "limits": answer.get("limits") or {},
        "urls": answer.get("urls") or {},
        "notification_types": answer.get("notificationTypes") or [],
        "error_codes": [
            {"error_number": code.get("errorNumber"), "error_message": code.get("errorMessage")} for code in answer.get("errorCodes") or []
        ],
    }


def _check_ids(mdm_id: Optional[str], mdm_info: Optional[Mapping[str, str]]) -> None:
    if mdm_id and mdm_info and mdm_info.get("id") and mdm_info["id"] != mdm_id:
        raise InputError([f"mdm_info.id is {mdm_info['id']}, but mdm_id is {mdm_id}"])
