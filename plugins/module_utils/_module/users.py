# Copyright (c) 2026, the mdmkit.apps_books authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The work of vpp_user and vpp_user_info."""

from __future__ import annotations

from typing import Optional

from ansible_collections.mdmkit.apps_books.plugins.module_utils._model import InputError
from ansible_collections.mdmkit.apps_books.plugins.module_utils._module.results import Result, carry_out, shown_user
from ansible_collections.mdmkit.apps_books.plugins.module_utils._module.task import Task, read_all
from ansible_collections.mdmkit.apps_books.plugins.module_utils._plan.guards import check_not_empty
from ansible_collections.mdmkit.apps_books.plugins.module_utils._plan.users import UserWish, plan_users
from ansible_collections.mdmkit.apps_books.plugins.module_utils._state.ownership import ensure_ours
from ansible_collections.mdmkit.apps_books.plugins.module_utils._state.users import ActiveUsers, list_users
from ansible_collections.mdmkit.apps_books.plugins.module_utils._wanted.users import WantedUser, wanted_users

_DEFAULT_CEILING = "20%"


def manage_users(task: Task) -> Result:
    options = task.options
    purge, state = options["purge"], options["state"]
    service, wanted, ceiling, dummy = read_all(
        task.connect,
        lambda: wanted_users(options["users"], options["users_files"]),
        lambda: task.ceiling(_DEFAULT_CEILING if purge else None),
        lambda: _check(purge, state, options["max_removals"]),
    )
    check_not_empty(len(wanted), purge, options["allow_empty"], "users")
    present = ActiveUsers(service).read(None if purge else [user.client_user_id for user in wanted])
    ensure_ours(service, options["mdm_id"])
    plan = plan_users(
        [_wish(user) for user in wanted],
        present.by_id,
        state=state,
        purge=purge,
        always_send_managed_apple_id=options["managed_apple_id_policy"] == "always",
        ceiling=ceiling,
    )
    result = carry_out(task, service, plan)
    if result["events"] and task.waiting.wait:
        present.refresh()
    listed = [user.client_user_id for user in wanted if user.client_user_id in present.by_id]
    result["users"] = [shown_user(present.by_id[key], service, options["return_invitations"]) for key in listed[:task.max_listed]]
    result["users_left_out"] = len(listed) - len(result["users"])
    return result


def _check(purge: bool, state: str, max_removals: Optional[str]) -> None:
    if purge and state == "absent":
        raise InputError(["purge goes with state: present only"])
    if state == "absent" and max_removals and "%" in max_removals:
        # Only some of the users are read then, so there is nothing that a percentage could be of.
        raise InputError([f"max_removals {max_removals}: with state: absent give a number"])


def _wish(user: WantedUser) -> UserWish:
    return UserWish(user.client_user_id, user.email, user.managed_apple_id)


def list_all_users(task: Task) -> Result:
    options = task.options
    filters = {
        "clientUserId": options["client_user_id"],
        "activeOnly": "true" if options["active_only"] else None,
        "retiredOnly": "true" if options["retired_only"] else None,
        "sinceVersionId": options["since_version_id"],
    }
    service = task.connect()
    pages = list(service.users({name: value for name, value in filters.items() if value}))
    users = list_users(pages)
    shown = [shown_user(user, service, options["return_invitations"]) for user in users[:task.max_listed]]
    return {
        "changed": False,
        "users": shown,
        "count": len(users),
        "left_out": len(users) - len(shown),
        "version_id": pages[0].version_id,
        "uid": service.facts.uid,
    }
