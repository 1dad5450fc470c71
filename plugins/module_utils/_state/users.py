# Copyright (c) 2026, the mdmkit.apps_books authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The active users of a location as they are now."""

from __future__ import annotations

from typing import Collection, Dict, Iterable, List, Optional, Sequence

from ansible_collections.mdmkit.apps_books.plugins.module_utils._api.errors import BAD_VERSION, ServiceError
from ansible_collections.mdmkit.apps_books.plugins.module_utils._api.service import Service, UserPage
from ansible_collections.mdmkit.apps_books.plugins.module_utils._model import User
from ansible_collections.mdmkit.apps_books.plugins.module_utils._state.changes import OnlyAllPagesTell, changed_since
from ansible_collections.mdmkit.apps_books.plugins.module_utils._state.reading import (
    ALL_PAGES,
    BY_TARGET,
    SNAPSHOT,
    Reading,
    Way,
    pages,
    reading,
)
from ansible_collections.mdmkit.apps_books.plugins.module_utils._state.snapshot_folder import Snapshots
from ansible_collections.mdmkit.apps_books.plugins.module_utils._state.steadiness import Steadiness

# Up to so many users are asked for one by one before it is known how many pages there are.
_FEW = 3
# What changed since the snapshot.
_PRICE_OF_SNAPSHOT = 1


class ActiveUsers:
    """The active users that were asked for, and what becomes of them.

    :param snapshots: where an earlier task may have left them, without invite codes
    :ivar by_id: client_user_id to its active record
    :ivar reading: how they were read; None before
    """

    def __init__(self, service: Service, snapshots: Optional[Snapshots] = None) -> None:
        self._service = service
        self._snapshots = snapshots
        self._wanted: Optional[Collection[str]] = None
        self._version_id: Optional[str] = None
        # When all of them were read, where all of them are known.
        self._read_at: Optional[float] = None
        self._changes = _Changes()
        self.by_id: Dict[str, User] = {}
        self.reading: Optional[Reading] = None

    @property
    def version_id(self) -> Optional[str]:
        """The version that the reading began with, for asking later what changed since."""
        return self._version_id

    def read(self, client_user_ids: Optional[Collection[str]] = None) -> ActiveUsers:
        """Read these users, or all; one by one, page by page, or by what changed since an earlier reading: whichever takes fewest requests."""
        self._wanted = client_user_ids
        by_user = [] if client_user_ids is None else [Way(BY_TARGET, len(client_user_ids))]
        if client_user_ids is not None and len(client_user_ids) <= _FEW:
            self._read_one_by_one(client_user_ids)
            self.reading = reading("users", by_user[0], ())
        elif self._service.known_uid is not None and self._read_from_snapshot(None):
            self.reading = reading("users", Way(SNAPSHOT, _PRICE_OF_SNAPSHOT), by_user)
        else:
            self.reading = self._read_pages(by_user)
        return self

    def _read_pages(self, other_ways: Sequence[Way] = (), may_use_snapshot: bool = True) -> Reading:
        """All pages; where the first of them tells that something else is cheaper, that."""
        steadiness = Steadiness()
        way = Way(ALL_PAGES, 1)
        users = self._service.users({"active_only": True})
        for number, page in enumerate(users):
            steadiness.see(page)
            if page.afresh:
                self.by_id.clear()
                self._version_id = page.version_id
            self._take(page)
            if number:
                continue
            way = Way(ALL_PAGES, page.total_pages)
            missing = [client_user_id for client_user_id in self._wanted or () if client_user_id not in self.by_id]
            by_missing_user = Way(BY_TARGET, 1 + (len(missing) if self._wanted is not None else page.total_pages))
            by_snapshot = Way(SNAPSHOT, 1 + _PRICE_OF_SNAPSHOT)
            # Closing the reader keeps the other pages from being asked for.
            if by_snapshot.price <= min(by_missing_user.price, way.price) and may_use_snapshot and self._read_from_snapshot(page.version_id):
                users.close()
                return reading("users", by_snapshot, [way, *other_ways])
            if by_missing_user.price < way.price:
                users.close()
                self._read_one_by_one(missing)
                return reading("users", by_missing_user, [way])
        if self._snapshots is not None:
            self._keep(steadiness.version_id, self._snapshots.now())
        return reading("users", way, other_ways)

    def _read_from_snapshot(self, version_id: Optional[str]) -> bool:
        """
        :param version_id: the one of now, where it is known
        :returns: False where there is no snapshot, or only reading everything tells
        """
        uid = self._service.known_uid
        stored = self._snapshots.load_users(uid) if self._snapshots is not None and uid else None
        if stored is None:
            return False
        by_id = {user.client_user_id: user for user in stored.users}
        if version_id != stored.version_id:
            most_pages = pages(self._service, "users", len(by_id))
            try:
                changed, version_id = changed_since(self._service.users_of_one_version, stored.version_id, most_pages)
            except OnlyAllPagesTell:
                return False
            _Changes().apply(UserPage(changed, 1, version_id, True), by_id)
        self.by_id = by_id
        self._version_id = version_id
        self._read_at = stored.read_at
        if version_id != stored.version_id:
            self._keep(version_id, stored.read_at)
        return True

    def _keep(self, version_id: Optional[str], read_at: Optional[float]) -> None:
        """Leave all users to the next task.

        :param version_id: None where they are not those of one moment
        :param read_at: when all of them were read; None where they never were
        """
        self._read_at = read_at if version_id is not None else None
        uid = self._service.known_uid
        if self._snapshots is not None and uid and version_id is not None and read_at is not None:
            self._snapshots.save_users(uid, version_id, self.by_id.values(), read_at)

    def refresh(self) -> None:
        """Learn what changed since the reading, with as few requests as the changes need."""
        if self._version_id is not None:
            steadiness = Steadiness()
            try:
                for page in self._service.users({"since_version_id": self._version_id}):
                    steadiness.see(page)
                    self._take(page._replace(changes_only=True))
                self._keep(steadiness.version_id, self._read_at)
                return
            except ServiceError as error:
                if error.number != BAD_VERSION:
                    raise
        self._read_anew()

    def _read_anew(self) -> None:
        self.by_id.clear()
        if self._wanted is not None and len(self._wanted) <= _FEW:
            self._read_one_by_one(self._wanted)
        else:
            self._read_pages(may_use_snapshot=False)

    def _read_one_by_one(self, client_user_ids: Collection[str]) -> None:
        for client_user_id in self._service.progress.each(client_user_ids, "reading users", "requests"):
            for page in self._service.users({"active_only": True, "client_user_id": client_user_id}):
                self._take(page)

    def look_up(self, client_user_ids: Collection[str]) -> None:
        """Make sure of users of whom the reading says what cannot be: one by one if they are few, else by reading everything again.

        A record that moved from page to page while it was read, and that nobody changed since, shows in no incremental answer.
        """
        if len(client_user_ids) <= _FEW:
            for client_user_id in client_user_ids:
                self.by_id.pop(client_user_id, None)
            self._read_one_by_one(client_user_ids)
        else:
            self._read_anew()

    def _take(self, page: UserPage) -> None:
        if page.afresh:
            self._changes = _Changes()
        if self._version_id is None:
            self._version_id = page.version_id
        self._changes.apply(page, self.by_id)


class _Changes:
    """Follows who is active through pages of full and of incremental readings.

    A retired record of an incremental reading tells that the active one is gone, unless the user was created again: then the same reading
    tells of both, in any order and maybe on different pages.
    """

    def __init__(self) -> None:
        self._told_active: Dict[str, int] = {}

    def apply(self, page: UserPage, active: Dict[str, User]) -> None:
        for user in page.users:
            if user.active:
                active[user.client_user_id] = user
                if page.changes_only:
                    self._told_active[user.client_user_id] = page.reading
            elif page.changes_only and self._told_active.get(user.client_user_id) != page.reading:
                active.pop(user.client_user_id, None)


def list_users(pages: Iterable[UserPage]) -> List[User]:
    """Every record of the pages once, retired ones too; where the same user comes again later, the later record."""
    active: Dict[str, User] = {}
    inactive: Dict[User, None] = {}
    changes = _Changes()
    for page in pages:
        if page.afresh:
            active.clear()
            inactive.clear()
            changes = _Changes()
        changes.apply(page, active)
        inactive.update((user, None) for user in page.users if not user.active)
    return list(active.values()) + list(inactive)
