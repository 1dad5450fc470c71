# Copyright (c) 2026, the mdmkit.apps_books authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The assignments that are wanted: blocks of assets x (users + devices)."""

from __future__ import annotations

from array import array
from typing import Any, Dict, Iterator, List, Mapping, NamedTuple, Optional, Sequence, Set, Tuple

from ansible_collections.mdmkit.apps_books.plugins.module_utils._model import Asset, Assignments, InputError, Targets
from ansible_collections.mdmkit.apps_books.plugins.module_utils._wanted.checks import id_fault, unknown_members, wanted_asset
from ansible_collections.mdmkit.apps_books.plugins.module_utils._wanted.listings import Listing, Place, from_file, inline
from ansible_collections.mdmkit.apps_books.plugins.module_utils._wanted.tables import is_table, rows_of
from ansible_collections.mdmkit.apps_books.plugins.module_utils._wanted.targets import TargetList, read_targets
from ansible_collections.mdmkit.apps_books.plugins.module_utils._wanted.text_file import UnreadableFile

MEMBERS = ("assets", "users", "users_file", "devices", "devices_file")
# What vpp_assignment_info writes beside the pair. It says nothing about what is wanted.
_LISTED_COLUMNS = ("user_status", "id_hash")
PAIR_COLUMNS = ("adam_id", "pricing_param", "client_user_id", "serial_number")


class Block(NamedTuple):
    """Every one of the assets is wanted for every one of the targets.

    :ivar rows: where the block was gathered from pairs, the line of each user and of each device
    """

    assets: Dict[Asset, Place]
    targets: TargetList
    rows: Optional[Tuple[Sequence[int], Sequence[int]]] = None

    def in_order(self) -> List[Tuple[str, bool]]:
        """The targets in the order of the input: (id, whether it is a device)."""
        targets = [(client_user_id, False) for client_user_id in self.targets.user_ids()]
        targets += [(serial_number, True) for serial_number in self.targets.serial_numbers()]
        if self.rows is None:
            return targets
        return [target for dummy, target in sorted(zip([*self.rows[0], *self.rows[1]], targets))]


class WantedAssignments(NamedTuple):
    blocks: List[Block]

    def assignments(self) -> Assignments:
        """The union of all blocks. Every asset that is named is a key, even where nobody is to have it.

        Assets of one block may share their sets of targets: a million assignments are no more than the targets then.
        """
        wanted: Assignments = {}
        own: Set[Asset] = set()
        for block in self.blocks:
            of_block = Targets(set(block.targets.user_ids()), set(block.targets.serial_numbers()))
            for asset in block.assets:
                targets = wanted.setdefault(asset, of_block)
                if targets is of_block:
                    continue
                if asset not in own:
                    own.add(asset)
                    targets = wanted[asset] = Targets(set(targets.users), set(targets.devices))
                targets.users.update(of_block.users)
                targets.devices.update(of_block.devices)
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
                        places[value] = Place(listing.place, index)
        return places


def wanted_assignments(entries: Optional[Sequence[Mapping[str, Any]]], files: Optional[Sequence[str]]) -> WantedAssignments:
    """The entries of the option and of the files, in this order.

    :raises InputError: with all faults of all sources
    """
    faults: List[str] = []
    blocks = _blocks(inline("assignments", entries or []), None, faults)
    for path in files or []:
        try:
            blocks.extend(_blocks_of_pairs(path, faults) if is_table(path) else _blocks(from_file(path), path, faults))
        except UnreadableFile as error:
            faults.extend(error.faults)
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
            assets.setdefault(asset, Place(listing.place, index))
    return assets


class _Rows(NamedTuple):
    """Targets in the order of the file, and the line of each."""

    ids: List[str]
    lines: "array[int]"

    def listing(self, path: str) -> Listing:
        return Listing(path, self.ids, lambda index: f"{path}:{self.lines[index]}")


class _RowsOfAsset(NamedTuple):
    users: _Rows
    devices: _Rows


def _blocks_of_pairs(path: str, faults: List[str]) -> List[Block]:
    """Pairs, one a line, gathered into one block per asset."""
    gathered: Dict[Asset, _RowsOfAsset] = {}
    # What has been checked once, by the text of the cells; an id that comes with many assets is one object in memory.
    known_assets: Dict[Tuple[str, str], _RowsOfAsset] = {}
    known_users: Dict[str, str] = {}
    known_devices: Dict[str, str] = {}
    for line, (adam_id, pricing_param, client_user_id, serial_number, *dummy) in rows_of(path, PAIR_COLUMNS, _LISTED_COLUMNS):
        of_asset = known_assets.get((adam_id, pricing_param))
        if of_asset is None:
            asset = wanted_asset({"adam_id": adam_id or None, "pricing_param": pricing_param}, f"{path}:{line}", faults)
            if asset is not None:
                of_asset = gathered.setdefault(asset, _RowsOfAsset(_Rows([], array("L")), _Rows([], array("L"))))
                known_assets[adam_id, pricing_param] = of_asset
        if bool(client_user_id) == bool(serial_number):
            faults.append(f"{path}:{line}: exactly one of client_user_id and serial_number is expected")
            continue
        target, known = (client_user_id, known_users) if client_user_id else (serial_number, known_devices)
        same = known.get(target)
        if same is None:
            fault = id_fault(target, "client_user_id" if client_user_id else "serial_number")
            if fault:
                faults.append(f"{path}:{line}: {fault}")
                continue
            same = known[target] = target
        if of_asset is not None:
            rows = of_asset.users if client_user_id else of_asset.devices
            rows.ids.append(same)
            rows.lines.append(line)
    return [_block_of_rows(path, asset, of_asset) for asset, of_asset in gathered.items() if of_asset.users.ids or of_asset.devices.ids]


def _block_of_rows(path: str, asset: Asset, rows: _RowsOfAsset) -> Block:
    users, devices = rows.users.listing(path), rows.devices.listing(path)
    first = min((of_kind for of_kind in rows if of_kind.ids), key=lambda of_kind: of_kind.lines[0])
    place = Place(first.listing(path).place, 0)
    return Block({asset: place}, TargetList([users], [devices]), (rows.users.lines, rows.devices.lines))
