# Copyright (c) 2026, the mdmkit.apps_books authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Assignments known from an earlier reading, brought up to date and proven with a few requests. The proof: docs/snapshot.md."""

from __future__ import annotations

from typing import Dict, Iterable, List, Mapping, Optional, Set, Tuple

from ansible_collections.mdmkit.apps_books.plugins.module_utils._api.errors import ChangedWhileReading
from ansible_collections.mdmkit.apps_books.plugins.module_utils._api.service import Query, Service
from ansible_collections.mdmkit.apps_books.plugins.module_utils._model import Asset, AssetRecord, AssignmentRecord, Targets, User
from ansible_collections.mdmkit.apps_books.plugins.module_utils._state.changes import OnlyAllPagesTell, changed_since
from ansible_collections.mdmkit.apps_books.plugins.module_utils._state.holdings import Holdings
from ansible_collections.mdmkit.apps_books.plugins.module_utils._state.reading import pages
from ansible_collections.mdmkit.apps_books.plugins.module_utils._state.snapshot_folder import Snapshots, StoredAssignments

# The data may change while it is compared, and then it is compared again.
_ATTEMPTS = 5


class KnownAssignments:
    """All assignments of a location as they were at one moment.

    :ivar holdings: who holds what
    """

    def __init__(self, service: Service, snapshots: Snapshots, uid: str, stored: StoredAssignments) -> None:
        self._service = service
        self._snapshots = snapshots
        self._uid = uid
        self._version_id = stored.version_id
        self._users_version_id = stored.users_version_id
        self._leftovers_apart = stored.leftovers_apart
        self.holdings = stored.holdings
        if stored.page_size is not None:
            service.page_sizes.setdefault("assignments", stored.page_size)

    @classmethod
    def up_to_date(cls, service: Service, snapshots: Snapshots) -> Optional[KnownAssignments]:
        """What an earlier task left, refreshed.

        :returns: None where there is nothing that can be used
        """
        uid = service.uid()
        stored = snapshots.load_assignments(uid) if uid else None
        if stored is None or not uid:
            return None
        known = cls(service, snapshots, uid, stored)
        return known if known.refresh() else None

    @classmethod
    def of_reading(cls, service: Service, snapshots: Snapshots, holdings: Holdings, version_id: str, users_version_id: str) -> Optional[KnownAssignments]:
        """Keep a reading of everything for the next task.

        :param version_id: that of all its pages
        :param users_version_id: as it was before the reading
        :returns: None where it cannot be kept
        """
        uid = service.known_uid
        if not uid or holdings.untold:
            return None
        known = cls(service, snapshots, uid, StoredAssignments(version_id, users_version_id, holdings, False, None))
        known.save()
        return known

    @property
    def version_id(self) -> str:
        """For asking later what changed since."""
        return self._version_id

    def save(self) -> None:
        page_size = self._service.page_sizes.get("assignments")
        stored = StoredAssignments(self._version_id, self._users_version_id, self.holdings, self._leftovers_apart, page_size)
        self._snapshots.save_assignments(self._uid, stored)

    def refresh(self, suspects: Iterable[str] = (), suspected_devices: Iterable[str] = ()) -> bool:
        """Bring it up to date, prove it, and keep it for the next task.

        :param suspects: users who may have lost something: to read those one by one may be cheaper than to read an asset of which some are gone
        :param suspected_devices: likewise
        :returns: False where only reading everything tells what is there; then this object is of no use any more
        """
        before = self._version_id, self._users_version_id
        try:
            self._bring_up_to_date(Targets(set(suspects), set(suspected_devices)))
        except (OnlyAllPagesTell, ChangedWhileReading):
            return False
        if (self._version_id, self._users_version_id) != before:
            self.save()
        return True

    def _bring_up_to_date(self, suspects: Targets) -> None:
        changed, version_id = self._changes(self._version_id)
        doubtful: Set[str] = set()
        for attempt in range(_ATTEMPTS):
            assets: Optional[Dict[Asset, AssetRecord]] = None
            if version_id != self._version_id or attempt:
                self.holdings.add(changed)
                assets = {record.asset: record for record in self._service.assets()}
            doubtful |= self._users_of_other_standing()
            if assets is None and not doubtful:
                return
            read_again = self._compare(assets, doubtful, suspects)
            self._version_id = version_id
            # What was compared belongs together only if nothing changed meanwhile. Who is active may change without a new version of the
            # assignments, and then what was read again would tell of it, and the rest not.
            changed, version_id = self._changes(self._version_id)
            doubtful = self._users_of_other_standing() if read_again or doubtful or suspects.count else set()
            if version_id == self._version_id and not doubtful:
                if assets is not None:
                    self._learn_where_leftovers_count(assets, read_again)
                return
        raise OnlyAllPagesTell

    def _changes(self, version_id: str) -> Tuple[List[AssignmentRecord], str]:
        return changed_since(self._service.assignments_of_one_version, version_id, self._price_of_everything(), {"include_user_state": True})

    def _users_of_other_standing(self) -> Set[str]:
        """Users whose assignments may not be what they were though no assignment changed: retired, or created again, since."""
        if not self.holdings.has_users:
            return set()
        changed, self._users_version_id = changed_since(self._service.users_of_one_version, self._users_version_id, self._price_of_everything())
        return _of_other_standing(changed, self.holdings)

    def _compare(self, assets: Optional[Mapping[Asset, AssetRecord]], doubtful: Set[str], suspects: Targets) -> Set[Asset]:
        """Read again what is not proven, and answer which assets were."""
        differing = self._differing(assets)
        people = Targets(doubtful | suspects.users, suspects.devices)
        if differing and 0 < people.count < self._price_of(differing):
            self._read_targets_again(people)
            doubtful = set()
            differing = self._differing(assets)
        doubtful = {user for user in doubtful if self._holds_more_than(user, differing)}
        if self._price_of(differing) + len(doubtful) > self._price_of_everything():
            raise OnlyAllPagesTell
        for asset in sorted(differing):
            self._read_asset_again(asset)
        self._read_targets_again(Targets(doubtful, set()))
        return differing

    def _differing(self, assets: Optional[Mapping[Asset, AssetRecord]]) -> Set[Asset]:
        """Assets whose count does not prove what is held of them."""
        if assets is None:
            return set()
        return {asset for asset in self.holdings.assets.union(assets) if not agrees(self.holdings.counts(asset), assets.get(asset), self._leftovers_apart)}

    def _holds_more_than(self, user: str, assets: Set[Asset]) -> bool:
        holdings = self.holdings
        return any(user in targets.users for asset, targets in holdings.active.items() if asset not in assets) or any(
            user in users for asset, users in holdings.leftovers.items() if asset not in assets
        )

    def _price_of(self, assets: Iterable[Asset]) -> int:
        return sum(self._pages(sum(self.holdings.counts(asset))) for asset in assets)

    def _price_of_everything(self) -> int:
        return self._pages(self.holdings.count)

    def _pages(self, records: int) -> int:
        return pages(self._service, "assignments", records)

    def _read_asset_again(self, asset: Asset) -> None:
        found = self._read({"adam_id": asset.adam_id, "pricing_param": asset.pricing_param})
        self.holdings.forget_asset(asset)
        # Whether the service filters by pricing_param is not sure (README section 5).
        self.holdings.add(record for record in found if record.asset == asset)

    def _read_targets_again(self, targets: Targets) -> None:
        for client_user_id in sorted(targets.users):
            found = self._read({"client_user_id": client_user_id})
            self.holdings.forget_user(client_user_id)
            self.holdings.add(record for record in found if record.client_user_id == client_user_id)
        for serial_number in sorted(targets.devices):
            found = self._read({"serial_number": serial_number})
            self.holdings.forget_device(serial_number)
            self.holdings.add(record for record in found if record.serial_number == serial_number)

    def _read(self, filters: Query) -> List[AssignmentRecord]:
        return self._service.assignments_of_one_version(dict(filters, include_user_state=True))[0]

    def _learn_where_leftovers_count(self, assets: Mapping[Asset, AssetRecord], read_again: Set[Asset]) -> None:
        known = [asset for asset in read_again if asset in assets and self.holdings.leftovers.get(asset)]
        if known:
            self._leftovers_apart = all(agrees(self.holdings.counts(asset), assets[asset], True) for asset in known)


def agrees(held: Tuple[int, int], record: Optional[AssetRecord], leftovers_apart: bool) -> bool:
    """Whether the counts of an asset prove that all its holders that are known hold it still.

    Known are at least those who hold it. Where the counts might also mean something else (README section 5), they prove nothing.

    :param held: how many active users and devices are known to hold the asset, and how many retired users
    :param leftovers_apart: whether retired users are known not to count as assigned
    """
    active, leftovers = held
    if record is None:
        return active + leftovers == 0
    if not leftovers:
        return record.assigned_count == active
    return leftovers_apart and (record.assigned_count, record.retired_count) == (active, leftovers)


def _of_other_standing(changed: List[User], holdings: Holdings) -> Set[str]:
    if not changed:
        return set()
    active_holders, retired_holders = holdings.active_holders(), holdings.retired_holders()
    return {
        user.client_user_id
        for user in changed
        if user.client_user_id in (retired_holders if user.active else active_holders)
    }
