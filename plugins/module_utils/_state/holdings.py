# Copyright (c) 2026, the mdmkit.apps_books authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who holds what, gathered from assignment records."""

from __future__ import annotations

from typing import Dict, Iterable, Iterator, Set, Tuple

from ansible_collections.mdmkit.apps_books.plugins.module_utils._model import INACTIVE_STATUSES, Asset, AssignmentRecord, Assignments, Targets


class Holdings:
    """Records may be added in any order, and more than once.

    :ivar active: what active users and devices hold; sets may be empty
    :ivar leftovers: what retired users still hold, by asset; nobody can take it back
    :ivar untold: users of whom a record did not tell whether they are active
    """

    def __init__(self) -> None:
        self.active: Assignments = {}
        self.leftovers: Dict[Asset, Set[str]] = {}
        self.untold: Set[str] = set()
        # One text object for each id, however many assets are held: a million assignments fit in memory that way.
        self._known: Dict[str, str] = {}

    def add(self, records: Iterable[AssignmentRecord]) -> None:
        known = self._known
        for asset, client_user_id, serial_number, user_status, dummy in records:
            if serial_number is not None:
                self._targets(asset).devices.add(known.setdefault(serial_number, serial_number))
            elif client_user_id is not None:
                client_user_id = known.setdefault(client_user_id, client_user_id)
                if user_status in INACTIVE_STATUSES:
                    self.leftovers.setdefault(asset, set()).add(client_user_id)
                    continue
                self._targets(asset).users.add(client_user_id)
                if user_status is None:
                    self.untold.add(client_user_id)

    def add_all(self, other: Holdings) -> None:
        for asset, targets in other.active.items():
            held = self._targets(asset)
            held.users.update(targets.users)
            held.devices.update(targets.devices)
        for asset, users in other.leftovers.items():
            self.leftovers.setdefault(asset, set()).update(users)
        self.untold.update(other.untold)

    def forget_asset(self, asset: Asset) -> None:
        self.active.pop(asset, None)
        self.leftovers.pop(asset, None)

    def forget_user(self, client_user_id: str) -> None:
        for targets in self.active.values():
            targets.users.discard(client_user_id)
        for users in self.leftovers.values():
            users.discard(client_user_id)

    def forget_device(self, serial_number: str) -> None:
        for targets in self.active.values():
            targets.devices.discard(serial_number)

    @property
    def assets(self) -> Set[Asset]:
        return set(self.active).union(self.leftovers)

    @property
    def count(self) -> int:
        return sum(sum(self.counts(asset)) for asset in self.assets)

    @property
    def has_users(self) -> bool:
        return any(targets.users for targets in self.active.values()) or any(self.leftovers.values())

    def counts(self, asset: Asset) -> Tuple[int, int]:
        """How many hold the asset: active users and devices, and retired users."""
        targets = self.active.get(asset)
        return (0 if targets is None else targets.count), len(self.leftovers.get(asset, ()))

    def active_holders(self) -> Set[str]:
        """Users of whom the records say that they are active."""
        holders: Set[str] = set()
        for targets in self.active.values():
            holders.update(targets.users)
        return holders - self.untold

    def retired_holders(self) -> Set[str]:
        return {client_user_id for users in self.leftovers.values() for client_user_id in users}

    def records(self) -> Iterator[AssignmentRecord]:
        """Every assignment, in a stable order."""
        for asset in sorted(self.assets):
            targets = self.active.get(asset, Targets(set(), set()))
            for client_user_id in sorted(targets.users):
                yield AssignmentRecord(asset, client_user_id, None)
            for client_user_id in sorted(self.leftovers.get(asset, ())):
                yield AssignmentRecord(asset, client_user_id, None)
            for serial_number in sorted(targets.devices):
                yield AssignmentRecord(asset, None, serial_number)

    def _targets(self, asset: Asset) -> Targets:
        targets = self.active.get(asset)
        if targets is None:
            targets = self.active[asset] = Targets(set(), set())
        return targets
