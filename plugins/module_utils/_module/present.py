# Copyright (c) 2026, the mdmkit.apps_books authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reading for a task: with the snapshots that it may use, and noted for its result."""

from __future__ import annotations

from typing import Collection, Optional

from ansible_collections.mdmkit.apps_books.plugins.module_utils._api.service import Service
from ansible_collections.mdmkit.apps_books.plugins.module_utils._module.task import Task
from ansible_collections.mdmkit.apps_books.plugins.module_utils._state.assets import OwnedAssets
from ansible_collections.mdmkit.apps_books.plugins.module_utils._state.assignments import PresentAssignments, Question, read_assignments
from ansible_collections.mdmkit.apps_books.plugins.module_utils._state.users import ActiveUsers


def owned_assets(task: Task, service: Service, adam_ids: Optional[Collection[str]] = None) -> OwnedAssets:
    """:param adam_ids: the products that matter; None where all do"""
    owned = OwnedAssets(service, adam_ids)
    owned.read()
    task.note(owned.reading)
    return owned


def present_assignments(task: Task, service: Service, owned: OwnedAssets, question: Question) -> PresentAssignments:
    present = read_assignments(service, owned.records, question, task.snapshots, owned.complete)
    task.note(present.reading)
    return present


def active_users(task: Task, service: Service, client_user_ids: Optional[Collection[str]] = None, with_invite_codes: bool = False) -> ActiveUsers:
    """:param client_user_ids: None where all matter"""
    # Invite codes are in no snapshot.
    users = ActiveUsers(service, None if with_invite_codes else task.snapshots).read(client_user_ids)
    task.note(users.reading)
    return users
