# Copyright (c) 2026, the mdmkit.apps_books authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Lists of users and devices, inline or from a file, with the place of every id."""

from __future__ import annotations

import functools
from array import array
from typing import Any, Dict, Iterator, List, Mapping, NamedTuple, Optional

from ansible_collections.mdmkit.apps_books.plugins.module_utils._model import InputError, Targets
from ansible_collections.mdmkit.apps_books.plugins.module_utils._wanted.checks import id_fault, shown
from ansible_collections.mdmkit.apps_books.plugins.module_utils._wanted.listings import Listing, ids_from_file, resolved
from ansible_collections.mdmkit.apps_books.plugins.module_utils._wanted.places import Told, as_path
from ansible_collections.mdmkit.apps_books.plugins.module_utils._wanted.text_file import UnreadableFile


class TargetList(NamedTuple):
    """Users and devices in the order of the input; an id may come twice."""

    users: List[Listing]
    devices: List[Listing]

    def user_ids(self) -> Iterator[str]:
        return (client_user_id for listing in self.users for client_user_id in listing.entries)

    def serial_numbers(self) -> Iterator[str]:
        return (serial_number for listing in self.devices for serial_number in listing.entries)

    def targets(self) -> Targets:
        return Targets(set(self.user_ids()), set(self.serial_numbers()))


def read_targets(entry: Mapping[str, Any], told: Told, beside: Optional[str], faults: List[str]) -> TargetList:
    """The members users, users_file, devices and devices_file of an entry.

    :param told: takes steps within the entry
    :param beside: the file that holds the entry; file names in it are meant relative to it
    """
    return TargetList(
        _read(entry, "users", "client_user_id", told, beside, faults),
        _read(entry, "devices", "serial_number", told, beside, faults),
    )


def wanted_targets(options: Mapping[str, Any], *option: str) -> TargetList:
    """The same members as options of a module.

    :param option: the name of the option that holds them, if one does
    :raises InputError: with all faults
    """
    faults: List[str] = []
    targets = read_targets(options, functools.partial(as_path, *option), None, faults)
    if faults:
        raise InputError(faults)
    return targets


class EverybodyBut(NamedTuple):
    """Users and devices that are not listed.

    :ivar listed: those that are
    :ivar users: whether it is about users at all
    :ivar devices: whether it is about devices at all
    """

    listed: TargetList
    users: bool
    devices: bool


def wanted_everybody_but(option: Mapping[str, Any], allow_empty: bool) -> EverybodyBut:
    """
    :raises InputError: with all faults; a list without anybody is one unless it is allowed, since everybody would be meant
    """
    faults: List[str] = []
    listed = read_targets(option, functools.partial(as_path, "everybody_but"), None, faults)
    # An empty text, which templates give where nothing was meant, must not read as "nobody is listed".
    given = {kind: any(option.get(name) not in (None, "") for name in (kind, kind + "_file")) for kind in ("users", "devices")}
    if not any(given.values()):
        faults.append("everybody_but: none of users, users_file, devices, devices_file is given")
    for kind, ids in (("users", listed.user_ids()), ("devices", listed.serial_numbers())):
        if given[kind] and not allow_empty and not any(ids) and not faults:
            faults.append(f"everybody_but lists no {kind}, so all of them would be meant; if that is so, set allow_empty: true")
    if faults:
        raise InputError(faults)
    return EverybodyBut(listed, **given)


def _read(entry: Mapping[str, Any], name: str, what: str, told: Told, beside: Optional[str], faults: List[str]) -> List[Listing]:
    ids, path = entry.get(name), entry.get(name + "_file")
    listings = []
    if ids is not None:
        if isinstance(ids, list):
            listings.append(Listing(name, list(ids), functools.partial(told, name)))
        else:
            faults.append(f"{told(name)}: a list is expected")
    if not isinstance(path, (str, type(None))):
        faults.append(f"{told(name + '_file')}: a path is expected, not {shown(path)}")
    elif path:
        try:
            listings.append(ids_from_file(resolved(path, beside), what))
        except UnreadableFile as error:
            faults.extend(error.faults)
    return [checked_ids(listing, what, faults) for listing in listings]


def checked_ids(listing: Listing, what: str, faults: List[str]) -> Listing:
    """The same list, with each id as text.

    :param what: what the ids are, ``client_user_id`` or ``serial_number``
    """
    for index, value in enumerate(listing.entries):
        fault = id_fault(value, what)
        if fault:
            faults.append(f"{listing.place(index)}: {fault}")
        elif not isinstance(value, str):
            listing.entries[index] = str(value)
    return listing


class Rows(NamedTuple):
    """Ids in the order of a table, and the line of each."""

    ids: List[str]
    lines: "array[int]"

    def listing(self, path: str) -> Listing:
        return Listing(path, self.ids, lambda index, *dummy, near=None: f"{path}:{self.lines[index]}")


class TargetRows(NamedTuple):
    """What the rows of a table give to one asset, or put into one group."""

    users: Rows
    devices: Rows

    @classmethod
    def none(cls) -> TargetRows:
        return cls(Rows([], array("L")), Rows([], array("L")))

    def targets(self, path: str) -> TargetList:
        return TargetList([self.users.listing(path)] if self.users.ids else [], [self.devices.listing(path)] if self.devices.ids else [])


class TargetCells:
    """The cells client_user_id and serial_number of the rows of a table, of which each row has one. An id that comes in many rows is one object in memory."""

    def __init__(self, path: str, faults: List[str]) -> None:
        self._path = path
        self._faults = faults
        self._users: Dict[str, str] = {}
        self._devices: Dict[str, str] = {}

    def add(self, rows: Optional[TargetRows], line: int, client_user_id: str, serial_number: str) -> None:
        """
        :param rows: where the target belongs; None where the rest of the row is wrong
        """
        if bool(client_user_id) == bool(serial_number):
            self._faults.append(f"{self._path}:{line}: exactly one of client_user_id and serial_number is expected")
            return
        target, known = (client_user_id, self._users) if client_user_id else (serial_number, self._devices)
        same = known.get(target)
        if same is None:
            fault = id_fault(target, "client_user_id" if client_user_id else "serial_number")
            if fault:
                self._faults.append(f"{self._path}:{line}: {fault}")
                return
            same = known[target] = target
        if rows is not None:
            of_kind = rows.users if client_user_id else rows.devices
            of_kind.ids.append(same)
            of_kind.lines.append(line)
