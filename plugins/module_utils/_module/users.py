# Copyright (c) 2026, the mdmkit.apps_books authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The work of vpp_user and vpp_user_info."""

from __future__ import annotations

from collections import Counter
from typing import Optional

from ansible_collections.mdmkit.apps_books.plugins.module_utils._apply.readback import UserReadBack
from ansible_collections.mdmkit.apps_books.plugins.module_utils._model import InputError
from ansible_collections.mdmkit.apps_books.plugins.module_utils._module.present import active_users
from ansible_collections.mdmkit.apps_books.plugins.module_utils._module.results import Result, carry_out, listing, shown_user
from ansible_collections.mdmkit.apps_books.plugins.module_utils._module.task import Task, read_all
from ansible_collections.mdmkit.apps_books.plugins.module_utils._plan.guards import check_not_empty, check_purge
from ansible_collections.mdmkit.apps_books.plugins.module_utils._plan.users import UserWish, plan_users
from ansible_collections.mdmkit.apps_books.plugins.module_utils._state.ownership import ensure_ours
from ansible_collections.mdmkit.apps_books.plugins.module_utils._state.reading import ALL_PAGES, Reading
from ansible_collections.mdmkit.apps_books.plugins.module_utils._state.users import list_users
from ansible_collections.mdmkit.apps_books.plugins.module_utils._wanted.users import wanted_users

_DEFAULT_CEILING = "20%"
_COLUMNS = ("client_user_id", "email", "status", "id_hash")
_INVITATION_COLUMNS = ("invite_code", "invitation_url")


def manage_users(task: Task) -> Result:
    options = task.options
    purge, state = options["purge"], options["state"]
    service, wanted, ceiling, dummy = read_all(
        task.connect,
        lambda: [UserWish(*user[:3]) for user in wanted_users(options["users"], options["users_files"])],
        lambda: task.ceiling(_DEFAULT_CEILING if purge else None),
        lambda: _check(purge, state, options["max_removals"]),
    )
    check_not_empty(len(wanted), purge, options["allow_empty"], "users")
    named = None if purge else [user.client_user_id for user in wanted]
    present = active_users(task, service, named, with_invite_codes=options["return_invitations"])
    ensure_ours(service, options["mdm_id"])
    plan = plan_users(
        wanted,
        present.by_id,
        state=state,
        purge=purge,
        always_send_managed_apple_id=options["managed_apple_id_policy"] == "always",
        ceiling=ceiling,
    )
    result = carry_out(task, service, plan, UserWish._fields, UserReadBack(present))
    listed = [user.client_user_id for user in wanted if user.client_user_id in present.by_id]
    result["users"] = task.first("users", (shown_user(present.by_id[key], service, options["return_invitations"]) for key in listed))
    result["users_left_out"] = len(listed) - len(result["users"])
    return result


def _check(purge: bool, state: str, max_removals: Optional[str]) -> None:
    check_purge(purge, state)
    if state == "absent" and max_removals and "%" in max_removals:
        # Only some of the users are read then, so there is nothing that a percentage could be of.
        raise InputError([f"max_removals {max_removals}: with state: absent give a number"])


def list_all_users(task: Task) -> Result:
    options = task.options
    filters = {name: options[name] for name in ("client_user_id", "since_version_id")}
    # A flag that is not set is not sent: Apple does not say what false means.
    filters.update((name, options[name] or None) for name in ("active_only", "retired_only"))
    service = task.connect()
    if task.snapshots is not None and not options["return_invitations"] and [name for name, value in filters.items() if value] == ["active_only"]:
        present = active_users(task, service)
        records, version_id = list(present.by_id.values()), present.version_id
    else:
        pages = list(service.users(filters))
        task.note(Reading("users", ALL_PAGES, pages[0].total_pages, {}))
        records, version_id = list_users(pages), next(page.version_id for page in reversed(pages) if page.afresh)
    counts = Counter(user.status for user in records if user.status)
    columns = _COLUMNS + (_INVITATION_COLUMNS if options["return_invitations"] else ())
    result = listing(task, service, "users", columns, records, lambda user: shown_user(user, service, options["return_invitations"]))
    return {**result, "counts_by_status": dict(sorted(counts.items())), "version_id": version_id}
