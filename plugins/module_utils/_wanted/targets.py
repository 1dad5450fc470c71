# Copyright (c) 2026, the mdmkit.apps_books authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Lists of users and devices, inline or from a file, with the place of every id."""

from __future__ import annotations

from typing import Any, Iterator, List, Mapping, NamedTuple, Optional

from ansible_collections.mdmkit.apps_books.plugins.module_utils._model import InputError
from ansible_collections.mdmkit.apps_books.plugins.module_utils._wanted.checks import id_fault, shown
from ansible_collections.mdmkit.apps_books.plugins.module_utils._wanted.listings import Listing, ids_from_file, inline, resolved
from ansible_collections.mdmkit.apps_books.plugins.module_utils._wanted.text_file import UnreadableFile


class TargetList(NamedTuple):
    """Users and devices in the order of the input; an id may come twice."""

    users: List[Listing]
    devices: List[Listing]

    def user_ids(self) -> Iterator[str]:
        return (client_user_id for listing in self.users for client_user_id in listing.entries)

    def serial_numbers(self) -> Iterator[str]:
        return (serial_number for listing in self.devices for serial_number in listing.entries)


def read_targets(entry: Mapping[str, Any], prefix: str, beside: Optional[str], faults: List[str]) -> TargetList:
    """The members users, users_file, devices and devices_file of an entry.

    :param prefix: what stands before a member's name in messages
    :param beside: the file that holds the entry; file names in it are meant relative to it
    """
    return TargetList(
        _read(entry.get("users"), entry.get("users_file"), prefix + "users", "client_user_id", beside, faults),
        _read(entry.get("devices"), entry.get("devices_file"), prefix + "devices", "serial_number", beside, faults),
    )


def wanted_targets(options: Mapping[str, Any]) -> TargetList:
    """The same members as options of a module.

    :raises InputError: with all faults
    """
    faults: List[str] = []
    targets = read_targets(options, "", None, faults)
    if faults:
        raise InputError(faults)
    return targets


def _read(ids: Any, path: Any, option: str, what: str, beside: Optional[str], faults: List[str]) -> List[Listing]:
    listings = []
    if ids is not None:
        if isinstance(ids, list):
            listings.append(inline(option, ids))
        else:
            faults.append(f"{option}: a list is expected")
    if not isinstance(path, (str, type(None))):
        faults.append(f"{option}_file: a path is expected, not {shown(path)}")
    elif path:
        try:
            listings.append(ids_from_file(resolved(path, beside), what))
        except UnreadableFile as error:
            faults.extend(error.faults)
    return [_checked(listing, what, faults) for listing in listings]


def _checked(listing: Listing, what: str, faults: List[str]) -> Listing:
    for index, value in enumerate(listing.entries):
        fault = id_fault(value, what)
        if fault:
            faults.append(f"{listing.place(index)}: {fault}")
        elif not isinstance(value, str):
            listing.entries[index] = str(value)
    return listing
