# Copyright (c) 2026, the mdmkit.apps_books authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which reads answer a question, and what they cost: told to the person, and the least is taken."""

from __future__ import annotations

import math
from typing import Dict, NamedTuple, Sequence

from ansible_collections.mdmkit.apps_books.plugins.module_utils._api.service import Service

ALL_PAGES = "all pages"
BY_ASSET = "asset by asset"
BY_TARGET = "target by target"
SNAPSHOT = "snapshot"

# The service's page size is not documented, most examples show 1,000 (README section 6).
_USUAL_PAGE_SIZE = 1000


class Way(NamedTuple):
    """One sound set of reads that answers a question.

    :ivar price: requests, estimated
    """

    name: str
    price: int


class Reading(NamedTuple):
    """What was read how.

    :ivar what: ``assets``, ``assignments`` or ``users``
    :ivar estimated_requests: what the way that was taken was estimated to cost
    :ivar other_ways: name to estimate of the ways that were not taken
    """

    what: str
    way: str
    estimated_requests: int
    other_ways: Dict[str, int]


def cheapest(ways: Sequence[Way]) -> Way:
    """The first of those that cost least."""
    return min(ways, key=lambda way: way.price)


def reading(what: str, taken: Way, ways: Sequence[Way]) -> Reading:
    return Reading(what, taken.name, taken.price, {way.name: way.price for way in ways if way.name != taken.name})


def pages(service: Service, member: str, records: int) -> int:
    """Requests for so many records, by the page size that was seen.

    :param member: ``assignments`` or ``users``
    """
    return max(1, math.ceil(records / service.page_sizes.get(member, _USUAL_PAGE_SIZE)))
