# Copyright (c) 2026, the mdmkit.apps_books authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether a reading shows one moment."""

from __future__ import annotations

from typing import Optional, Union

from ansible_collections.mdmkit.apps_books.plugins.module_utils._api.service import AssignmentPage, UserPage


class Steadiness:
    """Looks at the pages of a reading one after the other.

    A reading that had to be followed up, because the data changed all the time, may have missed what moved from page to page: nothing that comes
    later may rest on it.

    :ivar pages: how many there are
    """

    def __init__(self) -> None:
        self._version_id: Optional[str] = None
        self._steady = False
        self.pages = 0

    def see(self, page: Union[AssignmentPage, UserPage]) -> None:
        if page.afresh:
            self.pages = page.total_pages
            self._version_id = page.version_id
            self._steady = True
        elif page.changes_only or page.version_id != self._version_id:
            self._steady = False

    @property
    def first_version_id(self) -> Optional[str]:
        """The version that the reading began with, for asking later what changed since."""
        return self._version_id

    @property
    def version_id(self) -> Optional[str]:
        """The version of all that was read; None where it is not of one version."""
        return self._version_id if self._steady else None
