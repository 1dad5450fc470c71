# Copyright (c) 2026, the mdmkit.apps_books authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The active users of a location as they are now."""

from __future__ import annotations

from typing import Collection, Dict, Iterable, List, Optional

from ansible_collections.mdmkit.apps_books.plugins.module_utils._api.errors import BAD_VERSION, ServiceError
from ansible_collections.mdmkit.apps_books.plugins.module_utils._api.service import Service, UserPage
from ansible_collections.mdmkit.apps_books.plugins.module_utils._model import User

# Up to so many users are asked for one by one before it is known how many pages there are.
_FEW = 3


class ActiveUsers:
    """The active users that were asked for, and what becomes of them.

    :ivar by_id: client_user_id to its active record
    """

    def __init__(self, service: Service) -> None:
        self._service = service
        self._wanted: Optional[Collection[str]] = None
        self._version_id: Optional[str] = None
        self._changes = _Changes()
        self.by_id: Dict[str, User] = {}

    def read(self, client_user_ids: Optional[Collection[str]] = None) -> ActiveUsers:
        """Read these users, or all; one by one or page by page, whichever takes fewer requests."""
        self._wanted = client_user_ids
        if client_user_ids is not None and len(client_user_ids) <= _FEW:
            self._read_one_by_one(client_user_ids)
            return self
        pages = self._service.users({"active_only": True})
        for number, page in enumerate(pages):
            if page.afresh:
                self.by_id.clear()
                self._version_id = page.version_id
            self._take(page)
            if number == 0 and client_user_ids is not None:
                missing = [client_user_id for client_user_id in client_user_ids if client_user_id not in self.by_id]
                if len(missing) < page.total_pages - 1:
                    # Closing the reader keeps the other pages from being asked for.
                    pages.close()
                    self._read_one_by_one(missing)
                    break
        return self

    def refresh(self) -> None:
        """Learn what changed since the reading, with as few requests as the changes need."""
        if self._version_id is not None:
            try:
                for page in self._service.users({"since_version_id": self._version_id}):
                    self._take(page._replace(changes_only=True))
                return
            except ServiceError as error:
                if error.number != BAD_VERSION:
                    raise
        self.by_id.clear()
        self.read(self._wanted)

    def _read_one_by_one(self, client_user_ids: Iterable[str]) -> None:
        for client_user_id in client_user_ids:
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
            self.read(self._wanted)

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
