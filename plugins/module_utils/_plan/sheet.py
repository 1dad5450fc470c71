# Copyright (c) 2026, the mdmkit.apps_books authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An island as a sheet: a column for each asset, a row for each target, a mark where the target needs the asset."""

from __future__ import annotations

from typing import Dict, List, Mapping, NamedTuple, Tuple

from ansible_collections.mdmkit.apps_books.plugins.module_utils._model import Limits
from ansible_collections.mdmkit.apps_books.plugins.module_utils._plan.bits import count_bits, from_ranges, numbers_in, rarest
from ansible_collections.mdmkit.apps_books.plugins.module_utils._plan.islands import Island, Size

REQUEST = 10 ** 6
"""What a whole request is worth. Worths are whole numbers, so that they are the same everywhere."""


class Block(NamedTuple):
    """Columns and rows of which all marks are covered by one rectangle.

    :ivar columns: numbers of columns
    :ivar rows: numbers of rows, as bits
    """

    columns: Tuple[int, ...]
    rows: int


class Sheet:
    """Assets that the same targets need stand in one column, up to as many as a request takes.

    :ivar columns: the marks of each column: numbers of rows, as bits. The users' rows come first, and rows of one group stand together
    :ivar assets: of each column, as numbers
    :ivar height: how many rows there are
    """

    def __init__(self, island: Island, limits: Limits) -> None:
        self.limits = limits
        self._users = [user for group in island for user in group.users]
        self._devices = [device for group in island for device in group.devices]
        self._user_rows = (1 << len(self._users)) - 1
        self.height = len(self._users) + len(self._devices)
        self.columns: List[int] = []
        self.assets: List[Tuple[int, ...]] = []
        for marks, assets in self._alike(island).items():
            for start in range(0, len(assets), limits.assets):
                self.columns.append(marks)
                self.assets.append(tuple(assets[start:start + limits.assets]))
        self.widths = [len(assets) for assets in self.assets]
        self._common_shares: Dict[int, List[int]] = {}
        self._worth_of_user, self._worth_of_device = self._worths()

    def _alike(self, island: Island) -> Dict[int, List[int]]:
        """Marks, and the assets that have them."""
        ranges: Dict[int, List[range]] = {}
        user, device = 0, len(self._users)
        for group in island:
            rows = (range(user, user + len(group.users)), range(device, device + len(group.devices)))
            user, device = rows[0].stop, rows[1].stop
            for asset in group.assets:
                ranges.setdefault(asset, []).extend(rows)
        alike: Dict[int, List[int]] = {}
        for asset in sorted(ranges):
            alike.setdefault(from_ranges(ranges[asset], self.height), []).append(asset)
        return alike

    def _worths(self) -> Tuple[int, int]:
        """Of one user and of one device, as shares of a request. What there is more of, measured in full requests, is worth more."""
        most_users, most_devices = self.limits.client_user_ids, self.limits.serial_numbers
        sizes = [self.size(marks) for marks in self.columns]
        users = sum(size.users * width for size, width in zip(sizes, self.widths)) * most_devices
        devices = sum(size.devices * width for size, width in zip(sizes, self.widths)) * most_users
        return REQUEST * users // ((users + devices) * most_users), REQUEST * devices // ((users + devices) * most_devices)

    def size(self, rows: int) -> Size:
        both = count_bits(rows)
        if not self._devices:
            return Size(both, 0)
        users = count_bits(rows & self._user_rows) if self._users else 0
        return Size(users, both - users)

    def share(self, size: Size) -> int:
        """How much of a request's targets this is, in millionths."""
        return size.users * self._worth_of_user + size.devices * self._worth_of_device

    def measure(self, rows: int) -> Tuple[int, int, int, int]:
        """The rows' share, and what a request takes of them: share, users and devices."""
        limits = self.limits
        users, devices = self.size(rows)
        share = users * self._worth_of_user + devices * self._worth_of_device
        if users <= limits.client_user_ids and devices <= limits.serial_numbers:
            return share, share, users, devices
        users, devices = min(users, limits.client_user_ids), min(devices, limits.serial_numbers)
        return share, users * self._worth_of_user + devices * self._worth_of_device, users, devices

    def common_shares(self, column: int) -> List[int]:
        """Of each column, the share of the rows that it has in common with the given one."""
        if column not in self._common_shares:
            rows = self.columns[column]
            self._common_shares[column] = [self.share(self.size(rows & other)) for other in self.columns]
        return self._common_shares[column]

    def capped(self, size: Size, times: int = 1) -> Size:
        """What so many requests take of it."""
        return Size(min(size.users, times * self.limits.client_user_ids), min(size.devices, times * self.limits.serial_numbers))

    def excess(self, size: Size) -> Size:
        """How many targets must go for one request less."""
        kept = size.requests(self.limits) - 1
        return Size(max(0, size.users - kept * self.limits.client_user_ids), max(0, size.devices - kept * self.limits.serial_numbers))

    def take(self, rows: int, most: Size, marks: Mapping[int, int]) -> int:
        """Of the rows, as many as wanted, those first that have the fewest marks."""
        users = rows & self._user_rows
        return rarest(users, most.users, marks.values()) | rarest(rows ^ users, most.devices, marks.values())

    def contents(self, block: Block) -> Tuple[List[int], List[str], List[str]]:
        """Its assets, as numbers, its users and its devices, each sorted."""
        users = [self._users[row] for row in numbers_in(block.rows & self._user_rows)]
        devices = [self._devices[row] for row in numbers_in(block.rows >> len(self._users))]
        return sorted(asset for column in block.columns for asset in self.assets[column]), sorted(users), sorted(devices)
