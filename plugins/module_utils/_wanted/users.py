# Copyright (c) 2026, the mdmkit.apps_books authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The users that are wanted."""

from __future__ import annotations

from typing import Any, Dict, List, Mapping, NamedTuple, Optional, Sequence

from ansible_collections.mdmkit.apps_books.plugins.module_utils._model import InputError
from ansible_collections.mdmkit.apps_books.plugins.module_utils._wanted.checks import email_fault, id_fault, unknown_members
from ansible_collections.mdmkit.apps_books.plugins.module_utils._wanted.listings import Listing, Place, UnreadableFile, from_file, inline

MEMBERS = ("client_user_id", "email", "managed_apple_id")
_KNOWN = frozenset(MEMBERS)


class WantedUser(NamedTuple):
    """What is None is left as it is."""

    client_user_id: str
    email: Optional[str]
    managed_apple_id: Optional[str]
    place: Place


def wanted_users(users: Optional[Sequence[Mapping[str, Any]]], users_files: Optional[Sequence[str]]) -> List[WantedUser]:
    """Each user once, in the order of the input.

    :raises InputError: with all faults of all sources
    """
    faults: List[str] = []
    listings = [inline("users", users or [])]
    for path in users_files or []:
        try:
            listings.append(from_file(path, MEMBERS))
        except UnreadableFile as error:
            faults.extend(error.faults)
    wanted: Dict[str, WantedUser] = {}
    for listing in listings:
        for index, entry in enumerate(listing.entries):
            _add(wanted, entry, listing, index, faults)
    if faults:
        raise InputError(faults)
    return list(wanted.values())


def _add(wanted: Dict[str, WantedUser], entry: Any, listing: Listing, index: int, faults: List[str]) -> None:
    if isinstance(entry, (str, int)) and not isinstance(entry, bool):
        entry = {"client_user_id": entry}
    if not isinstance(entry, dict):
        faults.append(f"{listing.place(index)}: a user is a mapping or a client_user_id")
        return
    place = listing.place
    if not entry.keys() <= _KNOWN:
        unknown_members(entry, MEMBERS, place(index), faults)
    client_user_id = entry.get("client_user_id")
    fault = id_fault(client_user_id, "client_user_id") if client_user_id is not None else "client_user_id is missing"
    # An empty text, as of an empty cell, is not given. Whatever else says nothing, such as false, is a mistake.
    email, managed_apple_id = (None if entry.get(name) == "" else entry.get(name) for name in MEMBERS[1:])
    for found in (
        fault,
        email_fault(email, "email") if email is not None else None,
        email_fault(managed_apple_id, "managed_apple_id") if managed_apple_id is not None else None,
    ):
        if found:
            faults.append(f"{place(index)}: {found}")
    if fault:
        return
    user = WantedUser(str(client_user_id), email, managed_apple_id, Place(listing, index))
    before = wanted.setdefault(user.client_user_id, user)
    if before is not user and before[1:3] != user[1:3]:
        faults.append(f"{place(index)}: user {user.client_user_id} is said otherwise at {before.place}")
