# Copyright (c) 2026, the mdmkit.apps_books authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The option ``assume``: in check mode, earlier tasks of the play changed nothing, so the plan has to imagine that they did."""

from __future__ import annotations

from typing import List, NamedTuple, Optional, Set

from ansible_collections.mdmkit.apps_books.plugins.module_utils._api.service import Service
from ansible_collections.mdmkit.apps_books.plugins.module_utils._model import InputError, Targets
from ansible_collections.mdmkit.apps_books.plugins.module_utils._module.present import active_users
from ansible_collections.mdmkit.apps_books.plugins.module_utils._module.task import Task
from ansible_collections.mdmkit.apps_books.plugins.module_utils._plan.users import UserWish, plan_users
from ansible_collections.mdmkit.apps_books.plugins.module_utils._wanted.places import as_path
from ansible_collections.mdmkit.apps_books.plugins.module_utils._wanted.targets import TargetList, read_targets
from ansible_collections.mdmkit.apps_books.plugins.module_utils._wanted.users import WantedUser, wanted_users


class Assumed(NamedTuple):
    """What the option says, read from its files."""

    users: List[WantedUser]
    purge: bool
    revoked: TargetList


class Assumption(NamedTuple):
    """:ivar created: users that an earlier task would have created
    :ivar retired: users that an earlier task would have retired
    :ivar leaving: who would have lost everything revocable; the retired ones too
    """

    created: Set[str]
    retired: Set[str]
    leaving: Targets


def read_assumed(task: Task) -> Optional[Assumed]:
    """None where nothing is to be assumed, as always outside check mode.

    :raises InputError: with all faults
    """
    option = task.options["assume"]
    if not task.check_mode or not option:
        return None
    faults: List[str] = []
    members = {name: option.get("revoked_" + name) for name in ("users", "users_file", "devices", "devices_file")}
    revoked = read_targets(members, lambda name, *steps: as_path("assume", "revoked_" + name, *steps), None, faults)
    if faults:
        raise InputError(faults)
    return Assumed(wanted_users(None, option.get("users_files")), bool(option.get("users_purge")), revoked)


def assumption(task: Task, service: Service, assumed: Optional[Assumed]) -> Assumption:
    """What the earlier tasks would have done to the users and targets that are there now."""
    if assumed is None:
        return Assumption(set(), set(), Targets(set(), set()))
    wishes = [UserWish(user.client_user_id) for user in assumed.users]
    active = active_users(task, service, None if assumed.purge else [wish.client_user_id for wish in wishes]).by_id
    changes = {step.kind: {change.key for change in step.changes()} for step in plan_users(wishes, active, purge=assumed.purge).steps}
    leaving = Targets(changes["retire"] | set(assumed.revoked.user_ids()), set(assumed.revoked.serial_numbers()))
    return Assumption(changes["create"], changes["retire"], leaving)
