# Copyright (c) 2026, the mdmkit.apps_books authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What changed since a version that is known, where that is cheaper than to read everything."""

from __future__ import annotations

from typing import Callable, List, Optional, Tuple, TypeVar

from ansible_collections.mdmkit.apps_books.plugins.module_utils._api.errors import BAD_VERSION, ChangedWhileReading, ServiceError
from ansible_collections.mdmkit.apps_books.plugins.module_utils._api.pages import TooManyPages
from ansible_collections.mdmkit.apps_books.plugins.module_utils._api.service import Query

Record = TypeVar("Record")
ReadOneVersion = Callable[[Query, Optional[int]], Tuple[List[Record], Optional[str]]]
"""Reads what the filters let through, at most so many pages of it, and answers the version of that."""


class OnlyAllPagesTell(Exception):
    """What is there now cannot be learned from the changes, or not with fewer requests than by reading everything."""


def changed_since(read: ReadOneVersion[Record], version_id: str, most_pages: int, filters: Optional[Query] = None) -> Tuple[List[Record], str]:
    """What changed, and the version of now.

    :raises OnlyAllPagesTell: the service has forgotten the version, does not tell one, tells of more than so many pages, or never rests
    """
    try:
        changed, now = read({**(filters or {}), "since_version_id": version_id}, most_pages)
    except (TooManyPages, ChangedWhileReading):
        raise OnlyAllPagesTell from None
    except ServiceError as error:
        if error.number != BAD_VERSION:
            raise
        raise OnlyAllPagesTell from None
    if now is None:
        raise OnlyAllPagesTell
    return changed, now
