# Copyright (c) 2026, the mdmkit.apps_books authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Page-index paging over live data (apple-api section 6)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from vpp_simulator.behaviour import Behaviour
from vpp_simulator.errors import ApiError


@dataclass(frozen=True)
class Page:
    """The window of one page: records from ``start`` up to ``stop``."""

    index: int
    start: int
    stop: int
    total_pages: int

    def members(self, version_id: str) -> dict[str, Any]:
        """The paging members of the answer."""
        members: dict[str, Any] = {"currentPageIndex": self.index}
        if self.index + 1 < self.total_pages:
            members["nextPageIndex"] = self.index + 1
        return {**members, "size": self.stop - self.start, "totalPages": self.total_pages, "versionId": version_id}


def page_at(index: int, length: int, behaviour: Behaviour) -> Page:
    """The page of that index. Raises 9650 beyond the last one; page 0 of an empty result always exists."""
    size = behaviour.page_size
    total_pages = -(-length // size) if length else behaviour.empty_total_pages
    if not 0 <= index < max(total_pages, 1):
        raise ApiError(9650)
    start = index * size
    return Page(index, start, min(start + size, length), total_pages)
