# Copyright (c) 2026, the mdmkit.apps_books authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The assignments that are wanted: blocks of assets x (users + devices)."""

from __future__ import annotations

import functools
from typing import Any, Dict, Iterator, List, Mapping, NamedTuple, Optional, Sequence, Set, Tuple

from ansible_collections.mdmkit.apps_books.plugins.module_utils._model import Asset, Assignments, InputError, Targets, TitleOf
from ansible_collections.mdmkit.apps_books.plugins.module_utils._wanted.catalog import NO_CATALOG, Catalog
from ansible_collections.mdmkit.apps_books.plugins.module_utils._wanted.checks import title_fault, unknown_members, wanted_asset
from ansible_collections.mdmkit.apps_books.plugins.module_utils._wanted.groups import NO_GROUPS, Groups, named_groups
from ansible_collections.mdmkit.apps_books.plugins.module_utils._wanted.listings import Listing, from_file, inline
from ansible_collections.mdmkit.apps_books.plugins.module_utils._wanted.places import Place, Step, Told, as_path
from ansible_collections.mdmkit.apps_books.plugins.module_utils._wanted.tables import is_table, rows_of
from ansible_collections.mdmkit.apps_books.plugins.module_utils._wanted.targets import TargetCells, TargetList, TargetRows, read_targets
from ansible_collections.mdmkit.apps_books.plugins.module_utils._wanted.text_file import UnreadableFile

MEMBERS = ("assets", "users", "users_file", "devices", "devices_file", "groups", "title")
_SAYING_WHO = MEMBERS[1:6]
# What vpp_assignment_info writes beside the pair. It says nothing about what is wanted.
_LISTED_COLUMNS = ("user_status", "id_hash")
PAIR_COLUMNS = ("adam_id", "pricing_param", "client_user_id", "serial_number")


class Block(NamedTuple):
    """Every one of the assets is wanted for every one of the targets.

    :ivar rows: where the block was gathered from pairs, the line of each user and of each device
    :ivar title: what the entry is for, in the words of whoever wrote it
    """

    assets: Dict[Asset, Place]
    targets: TargetList
    rows: Optional[Tuple[Sequence[int], Sequence[int]]] = None
    title: Optional[str] = None

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

        Assets of one block, and of blocks for the same group, may share their sets of targets: a million assignments are no more than the targets then.
        """
        wanted: Assignments = {}
        own: Set[Asset] = set()
        of_listings: Dict[Any, Targets] = {}
        for block in self.blocks:
            listings = tuple(tuple(map(id, of_kind)) for of_kind in block.targets)
            of_block = of_listings.get(listings)
            if of_block is None:
                of_block = of_listings[listings] = Targets(set(block.targets.user_ids()), set(block.targets.serial_numbers()))
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

    def title_of(self) -> TitleOf:
        """Tells the title of the first entry that has one and wants an asset for a target."""
        titled: Dict[Asset, List[Block]] = {}
        for block in self.blocks:
            if block.title:
                for asset in block.assets:
                    titled.setdefault(asset, []).append(block)

        # Of one asset only: there may be a million pairs, and they are asked for asset by asset.
        @functools.lru_cache(maxsize=1)
        def titles(asset: Asset) -> Tuple[Dict[str, str], Dict[str, str]]:
            of_users: Dict[str, str] = {}
            of_devices: Dict[str, str] = {}
            for block in reversed(titled.get(asset, [])):
                of_users.update(dict.fromkeys(block.targets.user_ids(), block.title))
                of_devices.update(dict.fromkeys(block.targets.serial_numbers(), block.title))
            return of_users, of_devices

        def title_of(asset: Asset, target: str, is_device: bool) -> Optional[str]:
            return titles(asset)[is_device].get(target)

        return title_of

    def _first_places(self, wanted: set, kind: str) -> Dict[str, Place]:
        places: Dict[str, Place] = {}
        for block in self.blocks:
            for listing in getattr(block.targets, kind):
                for index, value in enumerate(listing.entries):
                    if value in wanted and value not in places:
                        places[value] = Place(listing.place, index)
        return places


def wanted_assignments(
    entries: Optional[Sequence[Mapping[str, Any]]], files: Optional[Sequence[str]], catalog: Catalog = NO_CATALOG, groups: Groups = NO_GROUPS
) -> WantedAssignments:
    """The entries of the option and of the files, in this order.

    :param catalog: what assets may be called
    :raises InputError: with all faults of all sources
    """
    faults: List[str] = []
    wanted = read_assignments(entries, files, catalog, groups, faults)
    if faults:
        raise InputError(faults)
    return wanted


def read_assignments(
    entries: Optional[Sequence[Mapping[str, Any]]], files: Optional[Sequence[str]], catalog: Catalog, groups: Groups, faults: List[str]
) -> WantedAssignments:
    """The same as far as it is right."""
    blocks = _blocks(inline("assignments", entries or []), None, catalog, groups, faults)
    for path in files or []:
        try:
            blocks.extend(_blocks_of_pairs(path, faults) if is_table(path) else _blocks(from_file(path), path, catalog, groups, faults))
        except UnreadableFile as error:
            faults.extend(error.faults)
    return WantedAssignments(blocks)


def _told(listing: Listing, beside: Optional[str], index: int, *steps: Step, near: Optional[Step] = None) -> str:
    place = listing.place(index, *steps, near=near)
    if beside is None:
        return place
    path = as_path(*steps)
    return f"{place} (entry {index})" + (f".{path}" if path else "")


def _blocks(listing: Listing, beside: Optional[str], catalog: Catalog, groups: Groups, faults: List[str]) -> List[Block]:
    blocks = []
    for index, entry in enumerate(listing.entries):
        told = functools.partial(_told, listing, beside, index)
        if not isinstance(entry, dict):
            faults.append(f"{told()}: an entry is a mapping of {', '.join(MEMBERS)}")
            continue
        if not entry.keys() <= set(MEMBERS):
            unknown_members(entry, MEMBERS, told, faults)
        # An empty text, which templates give where nothing was meant, must not read as "nobody".
        if all(entry.get(name) in (None, "") for name in _SAYING_WHO):
            faults.append(f"{told()}: none of {', '.join(_SAYING_WHO)} is given")
        assets = _assets(entry.get("assets"), told, catalog, faults)
        targets = read_targets(entry, told, beside, faults)
        for name, place in named_groups(entry.get("groups"), told, faults):
            if groups.has(name, place, faults):
                of_group = groups.targets(name)
                targets = TargetList(targets.users + of_group.users, targets.devices + of_group.devices)
        title = entry.get("title")
        fault = title_fault(title) if title not in (None, "") else None
        if fault:
            faults.append(f"{told('title')}: {fault}")
        blocks.append(Block(assets, targets, title=title or None))
    return blocks


def _assets(values: Any, told: Told, catalog: Catalog, faults: List[str]) -> Dict[Asset, Place]:
    assets: Dict[Asset, Place] = {}
    if not isinstance(values, list):
        faults.append(f"{told('assets')}: a list of adam_id is expected")
        return assets
    place = functools.partial(told, "assets")
    for index, value in enumerate(values):
        asset = catalog.wanted_asset(value, functools.partial(place, index), faults)
        if asset is not None:
            assets.setdefault(asset, Place(place, index))
    return assets


def _blocks_of_pairs(path: str, faults: List[str]) -> List[Block]:
    """Pairs, one a line, gathered into one block per asset."""
    gathered: Dict[Asset, TargetRows] = {}
    # What has been checked once, by the text of the cells.
    known_assets: Dict[Tuple[str, str], TargetRows] = {}
    cells = TargetCells(path, faults)

    def place(line: int, near: Optional[Step] = None) -> str:
        return f"{path}:{line}"

    for line, (adam_id, pricing_param, client_user_id, serial_number, *dummy) in rows_of(path, PAIR_COLUMNS, _LISTED_COLUMNS):
        of_asset = known_assets.get((adam_id, pricing_param))
        if of_asset is None:
            asset = wanted_asset({"adam_id": adam_id or None, "pricing_param": pricing_param}, functools.partial(place, line), faults)
            if asset is not None:
                of_asset = known_assets[adam_id, pricing_param] = gathered.setdefault(asset, TargetRows.none())
        cells.add(of_asset, line, client_user_id, serial_number)
    return [_block_of_rows(path, asset, of_asset) for asset, of_asset in gathered.items() if of_asset.users.ids or of_asset.devices.ids]


def _block_of_rows(path: str, asset: Asset, rows: TargetRows) -> Block:
    first = min((of_kind for of_kind in rows if of_kind.ids), key=lambda of_kind: of_kind.lines[0])
    place = Place(first.listing(path).place, 0)
    return Block({asset: place}, rows.targets(path), (rows.users.lines, rows.devices.lines))
