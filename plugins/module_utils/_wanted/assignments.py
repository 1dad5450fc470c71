# Copyright (c) 2026, the mdmkit.apps_books authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The assignments that are wanted: blocks of assets x (users + devices)."""

from __future__ import annotations

import os
from typing import Any, Dict, Iterator, List, Mapping, NamedTuple, Optional, Sequence, Tuple

from ansible_collections.mdmkit.apps_books.plugins.module_utils._model import Asset, Assignments, InputError, Targets
from ansible_collections.mdmkit.apps_books.plugins.module_utils._wanted.checks import id_fault, unknown_members, wanted_asset
from ansible_collections.mdmkit.apps_books.plugins.module_utils._wanted.listings import (
    Listing,
    Place,
    UnreadableFile,
    from_file,
    inline,
)
from ansible_collections.mdmkit.apps_books.plugins.module_utils._wanted.targets import TargetList, read_targets

MEMBERS = ("assets", "users", "users_file", "devices", "devices_file")
PAIR_COLUMNS = ("adam_id", "pricing_param", "client_user_id", "serial_number")


class Block(NamedTuple):
    """Every one of the assets is wanted for every one of the targets.

    :ivar rows: where the block was gathered from pairs, the row of each user and of each device
    """

    assets: Dict[Asset, Place]
    targets: TargetList
    rows: Optional[Tuple[List[int], List[int]]] = None

    def in_order(self) -> List[Tuple[str, bool]]:
        """The targets in the order of the input: (id, whether it is a device)."""
        targets = [(client_user_id, False) for client_user_id in self.targets.user_ids()]
        targets += [(serial_number, True) for serial_number in self.targets.serial_numbers()]
        if self.rows is None:
            return targets
        return [target for dummy, target in sorted(zip(self.rows[0] + self.rows[1], targets))]


class WantedAssignments(NamedTuple):
    blocks: List[Block]

    def assignments(self) -> Assignments:
        """The union of all blocks. Every asset that is named is a key, even where nobody is to have it."""
        wanted: Assignments = {}
        for block in self.blocks:
            users, devices = set(block.targets.user_ids()), set(block.targets.serial_numbers())
            for asset in block.assets:
                targets = wanted.get(asset)
                if targets is None:
                    wanted[asset] = Targets(set(users), set(devices))
                else:
                    targets.users.update(users)
                    targets.devices.update(devices)
        return wanted

    def targets(self) -> Targets:
        """Every user and every device that is named."""
        everybody = Targets(set(), set())
        for block in self.blocks:
            everybody.users.update(block.targets.user_ids())
            everybody.devices.update(block.targets.serial_numbers())
        return everybody

    def asset_places(self) -> Dict[Asset, Place]:
        """Where each asset is named first."""
        places: Dict[Asset, Place] = {}
        for block in self.blocks:
            for asset, place in block.assets.items():
                places.setdefault(asset, place)
        return places

    def user_places(self, client_user_ids: Sequence[str]) -> Dict[str, Place]:
        """Where each of these users is named first."""
        return self._first_places(set(client_user_ids), "users")

    def in_order(self, asset: Asset) -> Iterator[Tuple[str, bool]]:
        """Who shall have the asset, in the order of the input: (id, whether it is a device)."""
        for block in self.blocks:
            if asset in block.assets:
                yield from block.in_order()

    def device_block_places(self, asset: Asset) -> List[Place]:
        """Where the asset is given to devices."""
        return [block.assets[asset] for block in self.blocks if asset in block.assets and any(listing.entries for listing in block.targets.devices)]

    def _first_places(self, wanted: set, kind: str) -> Dict[str, Place]:
        places: Dict[str, Place] = {}
        for block in self.blocks:
            for listing in getattr(block.targets, kind):
                for index, value in enumerate(listing.entries):
                    if value in wanted and value not in places:
                        places[value] = Place(listing, index)
        return places


def wanted_assignments(entries: Optional[Sequence[Mapping[str, Any]]], files: Optional[Sequence[str]]) -> WantedAssignments:
    """The entries of the option and of the files, in this order.

    :raises InputError: with all faults of all sources
    """
    faults: List[str] = []
    blocks = _blocks(inline("assignments", entries or []), None, faults)
    for path in files or []:
        try:
            listing = from_file(path, PAIR_COLUMNS)
        except UnreadableFile as error:
            faults.extend(error.faults)
            continue
        if os.path.splitext(path)[1].lower() == ".csv":
            blocks.extend(_blocks_of_pairs(listing, faults))
        else:
            blocks.extend(_blocks(listing, path, faults))
    if faults:
        raise InputError(faults)
    return WantedAssignments(blocks)


def _blocks(listing: Listing, beside: Optional[str], faults: List[str]) -> List[Block]:
    blocks = []
    for index, entry in enumerate(listing.entries):
        place = listing.place(index) if beside is None else f"{listing.place(index)} (entry {index})"
        if not isinstance(entry, dict):
            faults.append(f"{place}: an entry is a mapping of {', '.join(MEMBERS)}")
            continue
        unknown_members(entry, MEMBERS, place, faults)
        # An empty text, which templates give where nothing was meant, must not read as "nobody".
        if all(entry.get(name) in (None, "") for name in MEMBERS[1:]):
            faults.append(f"{place}: none of {', '.join(MEMBERS[1:])} is given")
        # Within a file the members are told by the entry's line, so their own lists continue from there.
        blocks.append(Block(_assets(entry.get("assets"), place, faults), read_targets(entry, place + ".", beside, faults)))
    return blocks


def _assets(values: Any, place: str, faults: List[str]) -> Dict[Asset, Place]:
    assets: Dict[Asset, Place] = {}
    if not isinstance(values, list):
        faults.append(f"{place}.assets: a list of adam_id is expected")
        return assets
    listing = inline(f"{place}.assets", values)
    for index, value in enumerate(values):
        asset = wanted_asset(value, listing.place(index), faults)
        if asset is not None:
            assets.setdefault(asset, Place(listing, index))
    return assets


def _blocks_of_pairs(listing: Listing, faults: List[str]) -> List[Block]:
    """Pairs, one a line, gathered into one block per asset."""
    rows: Dict[Asset, Tuple[Place, Tuple[List[str], List[int]], Tuple[List[str], List[int]]]] = {}
    known: Dict[Tuple[Any, Any], Asset] = {}
    for index, entry in enumerate(listing.entries):
        key = (entry.get("adam_id"), entry.get("pricing_param"))
        asset = known.get(key)
        if asset is None:
            asset = wanted_asset({"adam_id": key[0], "pricing_param": key[1]}, listing.place(index), faults)
            if asset is not None:
                known[key] = asset
        client_user_id, serial_number = entry.get("client_user_id"), entry.get("serial_number")
        if (client_user_id is None) == (serial_number is None):
            faults.append(f"{listing.place(index)}: exactly one of client_user_id and serial_number is expected")
            continue
        value, what = (client_user_id, "client_user_id") if serial_number is None else (serial_number, "serial_number")
        fault = id_fault(value, what)
        if fault:
            faults.append(f"{listing.place(index)}: {fault}")
        if fault or asset is None:
            continue
        found = rows.setdefault(asset, (Place(listing, index), ([], []), ([], [])))
        values, indexes = found[1] if serial_number is None else found[2]
        values.append(value)
        indexes.append(index)
    return [
        Block({asset: place}, TargetList([_part(listing, *users)], [_part(listing, *devices)]), (users[1], devices[1]))
        for asset, (place, users, devices) in rows.items()
    ]


def _part(listing: Listing, values: List[str], indexes: List[int]) -> Listing:
    return Listing(listing.name, values, lambda index: listing.place(indexes[index]))
