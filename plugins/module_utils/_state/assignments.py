# Copyright (c) 2026, the mdmkit.apps_books authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who holds what now, read with as few requests as the question needs."""

from __future__ import annotations

import math
from typing import Any, Collection, Dict, List, Mapping, NamedTuple, Optional, Set, Tuple

from ansible_collections.mdmkit.apps_books.plugins.module_utils._api.service import Query, Service
from ansible_collections.mdmkit.apps_books.plugins.module_utils._model import Asset, AssetRecord, Assignments, AssignmentRecord, Targets

# Only to compare prices: the service's page size is not documented, most examples show 1,000 (README section 6).
_USUAL_PAGE_SIZE = 1000
_INACTIVE = frozenset(("Retired", "Deleted"))


class Question(NamedTuple):
    """What has to be known: all that these assets, or all that these targets hold. What is None does not narrow the question.

    Where both are given, an answer that is complete for one of them will do.
    """

    assets: Optional[Collection[Asset]] = None
    targets: Optional[Targets] = None


class PresentAssignments(NamedTuple):
    """:ivar assignments: what active users and devices hold; complete for the question, and maybe more
    :ivar active_holders: users that the service calls active
    :ivar leftovers: how many assignments retired users still hold; nobody can take them back
    """

    assignments: Assignments
    active_holders: Set[str]
    leftovers: int


def read_assignments(service: Service, assets: Mapping[Asset, AssetRecord], question: Question) -> PresentAssignments:
    """Read in the cheapest of the ways that answer the question: everything, asset by asset, or target by target."""
    present = PresentAssignments({}, set(), 0)
    known: Dict[str, str] = {}
    for filters in _cheapest(assets, question):
        present = _together(present, _read(service, filters, known))
    return present


def _read(service: Service, filters: Query, known: Dict[str, str]) -> PresentAssignments:
    """:param known: one text object for each id, however many assets are held: a million assignments fit in memory that way"""
    holdings: Assignments = {}
    active_holders: Set[str] = set()
    leftovers = 0
    for page in service.assignments(dict(filters, include_user_state=True)):
        if page.afresh:
            holdings, active_holders, leftovers = {}, set(), 0
        for record in page.assignments:
            if record.user_status in _INACTIVE:
                leftovers += 1
                continue
            targets = holdings.get(record.asset)
            if targets is None:
                targets = holdings[record.asset] = Targets(set(), set())
            if record.serial_number is not None:
                targets.devices.add(known.setdefault(record.serial_number, record.serial_number))
            elif record.client_user_id is not None:
                client_user_id = known.setdefault(record.client_user_id, record.client_user_id)
                targets.users.add(client_user_id)
                if record.user_status is not None:
                    active_holders.add(client_user_id)
    return PresentAssignments(holdings, active_holders, leftovers)


def _together(left: PresentAssignments, right: PresentAssignments) -> PresentAssignments:
    """Both, in the left one."""
    for asset, targets in right.assignments.items():
        held = left.assignments.setdefault(asset, targets)
        if held is not targets:
            held.users.update(targets.users)
            held.devices.update(targets.devices)
    left.active_holders.update(right.active_holders)
    return left._replace(leftovers=left.leftovers + right.leftovers)


class AssignmentListing(NamedTuple):
    """:ivar version_id: the version that the reading began with, for asking later what changed since"""

    records: List[AssignmentRecord]
    version_id: Optional[str]


def list_assignments(service: Service, filters: Query) -> AssignmentListing:
    """Every assignment that the filters let through, once; of one that comes twice the later record."""
    records: Dict[Tuple[Any, ...], AssignmentRecord] = {}
    version_id: Optional[str] = None
    for page in service.assignments(filters):
        if page.afresh:
            records.clear()
            version_id = page.version_id
        for record in page.assignments:
            # A user who was retired and created again may hold the same asset twice.
            records[record[:3] + (record.user_status in _INACTIVE,)] = record
    return AssignmentListing(list(records.values()), version_id)


def _cheapest(assets: Mapping[Asset, AssetRecord], question: Question) -> List[Query]:
    """The queries of the way that takes the fewest requests."""
    ways: List[List[Query]] = []
    prices: List[int] = []
    if question.assets is not None:
        held = [asset for asset in question.assets if asset in assets and _held(assets[asset])]
        ways.append([dict(asset._asdict()) for asset in held])
        prices.append(sum(_pages(_held(assets[asset])) for asset in held))
    if question.targets is not None:
        ways.append(
            [{"client_user_id": client_user_id} for client_user_id in sorted(question.targets.users)]
            + [{"serial_number": serial_number} for serial_number in sorted(question.targets.devices)]
        )
        prices.append(question.targets.count)
    ways.append([{}])
    prices.append(_pages(sum(_held(record) for record in assets.values())))
    return ways[prices.index(min(prices))]


def _held(record: AssetRecord) -> int:
    return record.assigned_count + (record.retired_count or 0)


def _pages(records: int) -> int:
    return max(1, math.ceil(records / _USUAL_PAGE_SIZE))
