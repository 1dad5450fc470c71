# Copyright (c) 2026, the mdmkit.apps_books authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The users that are wanted."""

from __future__ import annotations

import functools
from typing import Any, Dict, List, Mapping, NamedTuple, Optional, Sequence

from ansible_collections.mdmkit.apps_books.plugins.module_utils._model import INACTIVE_STATUSES, InputError
from ansible_collections.mdmkit.apps_books.plugins.module_utils._wanted.checks import email_fault, id_fault, unknown_members
from ansible_collections.mdmkit.apps_books.plugins.module_utils._wanted.listings import Listing, from_file, inline
from ansible_collections.mdmkit.apps_books.plugins.module_utils._wanted.places import Place, Step, Told
from ansible_collections.mdmkit.apps_books.plugins.module_utils._wanted.tables import is_table, rows_of
from ansible_collections.mdmkit.apps_books.plugins.module_utils._wanted.text_file import UnreadableFile

MEMBERS = ("client_user_id", "email", "managed_apple_id")
# What vpp_user_info writes beside them. It says nothing about what is wanted, but who is retired was hardly meant to come back.
_LISTED = ("status", "id_hash")
_KNOWN = frozenset(MEMBERS + _LISTED)


class WantedUser(NamedTuple):
    """What is None is left as it is."""

    client_user_id: str
    email: Optional[str]
    managed_apple_id: Optional[str]
    told: Told
    index: int

    @property
    def place(self) -> Place:
        return Place(self.told, self.index)


def wanted_users(users: Optional[Sequence[Mapping[str, Any]]], users_files: Optional[Sequence[str]]) -> List[WantedUser]:
    """Each user once, in the order of the input.

    :raises InputError: with all faults of all sources
    """
    faults: List[str] = []
    wanted: Dict[str, WantedUser] = {}
    _add_entries(wanted, inline("users", users or []), faults)
    for path in users_files or []:
        try:
            if is_table(path):
                _add_rows(wanted, path, faults)
            else:
                _add_entries(wanted, from_file(path), faults)
        except UnreadableFile as error:
            faults.extend(error.faults)
    if faults:
        raise InputError(faults)
    return list(wanted.values())


def _add_rows(wanted: Dict[str, WantedUser], path: str, faults: List[str]) -> None:
    def place(line: int, near: Optional[Step] = None) -> str:
        return f"{path}:{line}"

    for line, (client_user_id, email, managed_apple_id, status, dummy) in rows_of(path, MEMBERS, _LISTED):
        if status in INACTIVE_STATUSES:
            faults.append(f"{place(line)}: {_retired(status)}")
        _add(wanted, WantedUser(client_user_id or None, email or None, managed_apple_id or None, place, line), faults)


def _add_entries(wanted: Dict[str, WantedUser], listing: Listing, faults: List[str]) -> None:
    place = listing.place
    for index, entry in enumerate(listing.entries):
        if isinstance(entry, (str, int)) and not isinstance(entry, bool):
            entry = {"client_user_id": entry}
        if not isinstance(entry, dict):
            faults.append(f"{place(index)}: a user is a mapping or a client_user_id")
            continue
        if not entry.keys() <= _KNOWN:
            unknown_members(entry, MEMBERS, functools.partial(place, index), faults)
        status = entry.get("status")
        if isinstance(status, str) and status in INACTIVE_STATUSES:
            faults.append(f"{place(index, near='status')}: {_retired(status)}")
        email, managed_apple_id = entry.get("email"), entry.get("managed_apple_id")
        # An empty text, as of an empty cell, is not given. Whatever else says nothing, such as false, is a mistake.
        user = WantedUser(
            entry.get("client_user_id"), None if email == "" else email, None if managed_apple_id == "" else managed_apple_id, place, index
        )
        _add(wanted, user, faults)


def _retired(status: str) -> str:
    return f"the status says {status}; leave such users out, as vpp_user_info does with active_only: true"


def _add(wanted: Dict[str, WantedUser], user: WantedUser, faults: List[str]) -> None:
    """:param user: not checked yet"""
    client_user_id, email, managed_apple_id = user[:3]
    fault = id_fault(client_user_id, "client_user_id") if client_user_id is not None else "client_user_id is missing"
    _add_fault(fault, user, "client_user_id", faults)
    if email is not None:
        _add_fault(email_fault(email, "email"), user, "email", faults)
    if managed_apple_id is not None:
        _add_fault(email_fault(managed_apple_id, "managed_apple_id"), user, "managed_apple_id", faults)
    if fault:
        return
    if not isinstance(client_user_id, str):
        user = user._replace(client_user_id=str(client_user_id))
    before = wanted.setdefault(user.client_user_id, user)
    if before is not user and before[1:3] != user[1:3]:
        faults.append(f"{user.place}: user {user.client_user_id} is said otherwise at {before.place}")


def _add_fault(fault: Optional[str], user: WantedUser, member: str, faults: List[str]) -> None:
    if fault:
        faults.append(f"{user.told(user.index, near=member)}: {fault}")
