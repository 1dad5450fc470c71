# Copyright (c) 2026, the mdmkit.apps_books authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Named groups of users and devices."""

from __future__ import annotations

import functools
from typing import Any, Dict, Iterator, List, Mapping, NamedTuple, Optional, Sequence, Tuple

from ansible_collections.mdmkit.apps_books.plugins.module_utils._wanted.checks import as_name, name_fault, shown, shown_as_written
from ansible_collections.mdmkit.apps_books.plugins.module_utils._wanted.listings import Listing
from ansible_collections.mdmkit.apps_books.plugins.module_utils._wanted.mappings import Document, document_of_file
from ansible_collections.mdmkit.apps_books.plugins.module_utils._wanted.places import Place, Told, as_path
from ansible_collections.mdmkit.apps_books.plugins.module_utils._wanted.tables import is_table, rows_of
from ansible_collections.mdmkit.apps_books.plugins.module_utils._wanted.targets import TargetCells, TargetList, TargetRows, checked_ids, read_targets
from ansible_collections.mdmkit.apps_books.plugins.module_utils._wanted.text_file import UnreadableFile

MEMBERS = ("users", "users_file", "devices", "devices_file", "groups", "inventory_group", "serial_number_variable")
_SAYING_WHO = MEMBERS[:6]
COLUMNS = ("group", "client_user_id", "serial_number")
_USUAL_VARIABLE = "serial_number"

Inventory = Mapping[str, Sequence[Any]]
"""Of groups of Ansible's inventory, the serial numbers of their hosts."""


class InventoryGroup(NamedTuple):
    """
    :ivar serial_number_variable: the variable that holds the serial number of each of its hosts
    :ivar place: where it is asked for first
    """

    serial_number_variable: str
    place: str


class _Group:
    """What is said of a group, in all files together.

    :ivar places: of groups that belong to it, by name
    """

    def __init__(self) -> None:
        self.users: List[Listing] = []
        self.devices: List[Listing] = []
        self.places: Dict[str, Place] = {}

    def add(self, targets: TargetList) -> None:
        self.users.extend(targets.users)
        self.devices.extend(targets.devices)


class Groups:
    """
    :ivar files: where they come from
    :ivar complete: whether all files could be read, so that no group is missing
    :ivar inventory_groups: the groups of Ansible's inventory whose devices belong to some of the groups, by name
    """

    def __init__(self, files: Sequence[str]) -> None:
        self.files = list(files)
        self.complete = True
        self.inventory_groups: Dict[str, InventoryGroup] = {}
        self._groups: Dict[str, _Group] = {}

    def names(self) -> List[str]:
        return list(self._groups)

    def targets(self, name: str) -> TargetList:
        """Who belongs to a group, by itself or through other groups. What the lists hold is not copied."""
        all_groups = [self._groups[each] for each in self._reached(name)]
        return TargetList([listing for group in all_groups for listing in group.users], [listing for group in all_groups for listing in group.devices])

    def has(self, name: str, place: Place, faults: List[str]) -> bool:
        """Whether there is a group of this name; if not, that is a fault."""
        if name not in self._groups and self.complete:
            where = f"in {', '.join(self.files)}" if self.files else "anywhere, since there is no file of groups"
            faults.append(f"{place}: there is no group {shown(name)} {where}")
        return name in self._groups

    def _reached(self, name: str) -> Iterator[str]:
        """A group and those that belong to it, each once."""
        waiting, seen = [name], {name}
        while waiting:
            current = waiting.pop()
            yield current
            inner = [each for each in self._groups[current].places if each in self._groups and each not in seen]
            seen.update(inner)
            waiting.extend(reversed(inner))

    def check_inner_groups(self, faults: List[str]) -> None:
        """Find fault with groups that are not there, and with circles."""
        for name, group in self._groups.items():
            for inner, place in group.places.items():
                if self.has(inner, place, faults) and name in self._reached(inner):
                    faults.append(f"{place}: the group {name} would belong to itself" + ("" if inner == name else f", through {inner}"))

    def of(self, name: str) -> _Group:
        return self._groups.setdefault(name, _Group())


NO_GROUPS = Groups(())


def read_groups(files: Sequence[str], inventory: Optional[Inventory], faults: List[str]) -> Groups:
    """All files together; a group that several of them tell of is all of it.

    :param inventory: None where it is not known: groups of the inventory count as empty then
    """
    groups = Groups(files)
    for path in files:
        try:
            if is_table(path):
                _add_rows(groups, path, faults)
            else:
                _add_document(groups, document_of_file(path, as_written=True, other_formats=", .csv"), inventory, faults)
        except UnreadableFile as error:
            groups.complete = False
            faults.extend(error.faults)
    groups.check_inner_groups(faults)
    return groups


def _add_rows(groups: Groups, path: str, faults: List[str]) -> None:
    cells = TargetCells(path, faults)
    found: Dict[str, Optional[TargetRows]] = {}
    for line, (name, client_user_id, serial_number) in rows_of(path, COLUMNS):
        if name not in found:
            fault = name_fault(name, "the group")
            if fault:
                faults.append(f"{path}:{line}: {fault}")
            found[name] = TargetRows.none() if not fault else None
        cells.add(found[name], line, client_user_id, serial_number)
    for name, rows in found.items():
        if rows is not None:
            groups.of(name).add(rows.targets(path))


def _add_document(groups: Groups, document: Document, inventory: Optional[Inventory], faults: List[str]) -> None:
    for name, value in document.members.items():
        fault = name_fault(name, "the group")
        if not fault and not isinstance(value, dict):
            fault = f"the group {as_name(name)} is a mapping of {', '.join(MEMBERS)}"
        if fault:
            faults.append(f"{document.place(name)}: {fault}")
        if isinstance(value, dict):
            _add_group(groups, name, value, document, inventory, faults)
        else:
            groups.of(name)


def _add_group(groups: Groups, name: str, value: Mapping[str, Any], document: Document, inventory: Optional[Inventory], faults: List[str]) -> None:
    group, told = groups.of(name), functools.partial(document.told, name)
    document.check_names(MEMBERS, faults, name)
    if all(value.get(member) in (None, "") for member in _SAYING_WHO):
        faults.append(f"{document.place(name)}: the group {name} has none of {', '.join(_SAYING_WHO)}")
    group.add(read_targets(value, told, document.name, faults))
    for inner, place in named_groups(value.get("groups"), told, faults):
        group.places.setdefault(inner, place)
    group.devices.extend(_devices_of_inventory(groups, value, told, inventory, faults))


def named_groups(value: Any, told: Told, faults: List[str]) -> Iterator[Tuple[str, Place]]:
    """The member ``groups`` of a group or of an entry: names and their places."""
    if value in (None, ""):
        return
    if not isinstance(value, list):
        faults.append(f"{told('groups')}: a list of names of groups is expected")
        return
    for index, name in enumerate(value):
        place = Place(functools.partial(told, "groups"), index)
        if isinstance(name, (str, int)) and not isinstance(name, bool):
            yield str(name), place
        else:
            faults.append(f"{place}: {shown_as_written(name)} is not the name of a group")


def _devices_of_inventory(groups: Groups, value: Mapping[str, Any], told: Told, inventory: Optional[Inventory], faults: List[str]) -> List[Listing]:
    name, variable = (value.get(member) for member in MEMBERS[5:])
    for member, text in zip(MEMBERS[5:], (name, variable)):
        if text is not None and (not isinstance(text, str) or not text.strip()):
            faults.append(f"{told(member)}: {shown_as_written(text)} is not a name")
            return []
    if name is None:
        if variable is not None:
            faults.append(f"{told(MEMBERS[6])}: it goes with {MEMBERS[5]}, which is missing")
        return []
    wanted = InventoryGroup(variable or _USUAL_VARIABLE, told(MEMBERS[5]))
    before = groups.inventory_groups.setdefault(name, wanted)
    if before.serial_number_variable != wanted.serial_number_variable:
        faults.append(f"{wanted.place}: the serial numbers of {name} are in {wanted.serial_number_variable}, which is said otherwise at {before.place}")
    if inventory is None:
        return []
    if name not in inventory:
        faults.append(f"{wanted.place}: the devices of the inventory group {shown(name)} are not given")
        return []
    listing = Listing(name, list(inventory[name]), lambda *steps, near=None: f"{wanted.place}: {name}{as_path(*steps)}")
    no_texts = [index for index, serial_number in enumerate(listing.entries) if not isinstance(serial_number, str)]
    if no_texts:
        # A number may have been a serial number without quotes, of which YAML made another one.
        faults.extend(f"{listing.place(index)}: {shown_as_written(listing.entries[index])} is not text; put it into quotes" for index in no_texts)
        return []
    return [checked_ids(listing, "serial_number", faults)]
