# Copyright (c) 2026, the mdmkit.apps_books authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who holds what now, read with as few requests as the question needs."""

from __future__ import annotations

import concurrent.futures
from typing import Any, Callable, Collection, Dict, List, Mapping, NamedTuple, Optional, Sequence, Set, Tuple

from ansible_collections.mdmkit.apps_books.plugins.module_utils._api.errors import ChangedWhileReading
from ansible_collections.mdmkit.apps_books.plugins.module_utils._api.pages import ATTEMPTS
from ansible_collections.mdmkit.apps_books.plugins.module_utils._api.service import Query, Service
from ansible_collections.mdmkit.apps_books.plugins.module_utils._api.transport import PARALLEL_REQUESTS
from ansible_collections.mdmkit.apps_books.plugins.module_utils._model import INACTIVE_STATUSES, Asset, AssetRecord, AssignmentRecord, Assignments, Targets
from ansible_collections.mdmkit.apps_books.plugins.module_utils._state.holdings import Holdings
from ansible_collections.mdmkit.apps_books.plugins.module_utils._state.reading import (
    ALL_PAGES,
    BY_ASSET,
    BY_TARGET,
    SNAPSHOT,
    Reading,
    Way,
    cheapest,
    pages,
    reading,
)
from ansible_collections.mdmkit.apps_books.plugins.module_utils._state.snapshot import KnownAssignments
from ansible_collections.mdmkit.apps_books.plugins.module_utils._state.snapshot_folder import Snapshots
from ansible_collections.mdmkit.apps_books.plugins.module_utils._state.steadiness import Steadiness

# What changed among the assignments, and among the users.
_PRICE_OF_SNAPSHOT = 2
# The version of the users.
_PRICE_OF_KEEPING = 1


class Question(NamedTuple):
    """What has to be known: all that these assets, or all that these targets hold. What is None does not narrow the question.

    Where both are given, an answer that is complete for one of them will do.
    """

    assets: Optional[Collection[Asset]] = None
    targets: Optional[Targets] = None


class PresentAssignments(NamedTuple):
    """:ivar assignments: what active users and devices hold; complete for the question, and maybe more
    :ivar active_holders: users that the service calls active
    :ivar leftovers: what retired users still hold, by asset
    :ivar reading: how it was read
    :ivar known: where everything was read and may be asked about again
    """

    assignments: Assignments
    active_holders: Set[str]
    leftovers: Dict[Asset, Set[str]]
    reading: Reading
    known: Optional[KnownAssignments] = None


def read_assignments(
    service: Service,
    assets: Mapping[Asset, AssetRecord],
    question: Question,
    snapshots: Optional[Snapshots] = None,
    all_assets: bool = True,
) -> PresentAssignments:
    """Read in the cheapest of the ways that answer the question: everything, asset by asset, target by target, or by what is known of an
    earlier reading.

    :param all_assets: whether ``assets`` are all that the location owns; else nobody knows what it would cost to read everything
    """
    planner = _Planner(service, assets, question, all_assets, snapshots)
    try:
        return _read(planner, planner.ensure_cheapest)
    except _AnotherWayIsCheaper:
        return _read(planner, None)


class _AnotherWayIsCheaper(Exception):
    """As the first page shows, which is smaller or larger than was thought."""


class _Planner:
    """Which ways there are to answer a question, and what each costs."""

    def __init__(
        self, service: Service, assets: Mapping[Asset, AssetRecord], question: Question, all_assets: bool, snapshots: Optional[Snapshots]
    ) -> None:
        self.service = service
        self._assets = assets
        self._question = question
        self._all_assets = all_assets
        self.snapshots = snapshots

    def ways(self) -> List[Way]:
        """At least one. The prices rest on the page size that has been seen by now."""
        ways = []
        if self._question.assets is not None:
            ways.append(Way(BY_ASSET, sum(self._pages(_held(self._assets[asset])) for asset in self._held_assets())))
        if self._question.targets is not None:
            ways.append(Way(BY_TARGET, self._question.targets.count))
        if self._all_assets or not ways:
            price = self._pages(sum(_held(record) for record in self._assets.values()))
            ways.append(Way(ALL_PAGES, price + (0 if self.snapshots is None else _PRICE_OF_KEEPING)))
        return ways

    def cheapest(self) -> Way:
        """The first of those that cost least. Where it costs no more but for keeping it, everything is read and kept for the next task."""
        ways = self.ways()
        best = cheapest(ways)
        if self.snapshots is not None and best.price > _PRICE_OF_SNAPSHOT and ways[-1].price <= best.price + _PRICE_OF_KEEPING:
            return ways[-1]
        return best

    def queries(self, way: Way) -> List[Query]:
        if way.name == BY_ASSET:
            return [dict(asset._asdict()) for asset in self._held_assets()]
        if way.name == BY_TARGET and self._question.targets is not None:
            users, devices = self._question.targets
            by_user: List[Query] = [{"client_user_id": client_user_id} for client_user_id in sorted(users)]
            return by_user + [{"serial_number": serial_number} for serial_number in sorted(devices)]
        return [{}]

    def ensure_cheapest(self, taken: Way) -> None:
        """
        :raises _AnotherWayIsCheaper: than what is left of the one that was taken, of which one request is done
        """
        ways = self.ways()
        left = next(way.price for way in ways if way.name == taken.name) - 1
        uid = self.service.known_uid
        may_be_known = self.snapshots is not None and uid is not None and self.snapshots.has_assignments(uid)
        if cheapest(ways).price < left or (may_be_known and taken.price <= _PRICE_OF_SNAPSHOT < left):
            raise _AnotherWayIsCheaper

    def _pages(self, records: int) -> int:
        return pages(self.service, "assignments", records)

    def _held_assets(self) -> List[Asset]:
        return [asset for asset in self._question.assets or () if asset in self._assets and _held(self._assets[asset])]


def _read(planner: _Planner, reconsider: Optional[Callable[[Way], None]]) -> PresentAssignments:
    """:param reconsider: called when the first full page has been seen"""
    way = planner.cheapest()
    service, snapshots = planner.service, planner.snapshots
    if snapshots is not None and way.price > _PRICE_OF_SNAPSHOT:
        known = KnownAssignments.up_to_date(service, snapshots)
        if known is not None:
            return _present(known.holdings, reading("assignments", Way(SNAPSHOT, _PRICE_OF_SNAPSHOT), planner.ways()), known)

    def on_first_page() -> None:
        if reconsider is not None and "assignments" in service.page_sizes:
            reconsider(way)

    known = None
    if way.name == ALL_PAGES:
        holdings, dummy, known = _read_everything(service, snapshots, on_first_page)
    else:
        holdings = _read_each(service, planner.queries(way), on_first_page)
    return _present(holdings, reading("assignments", way, planner.ways()), known)


def _read_everything(
    service: Service, snapshots: Optional[Snapshots], on_first_page: Callable[[], None]
) -> Tuple[Holdings, Steadiness, Optional[KnownAssignments]]:
    """And keep it for the next task, where it is of one version."""
    for dummy in range(ATTEMPTS):
        # Who becomes inactive while it is read shall be told afterwards as changed since.
        users_version_id = service.users_version() if snapshots is not None else None
        holdings, steadiness = _read_one(service, {}, on_first_page)
        if snapshots is None or not steadiness.version_id or not users_version_id:
            return holdings, steadiness, None
        known = KnownAssignments.of_reading(service, snapshots, holdings, steadiness.version_id, users_version_id)
        # Who is active may have changed between two pages without a new version of the assignments.
        if known is None or not holdings.has_users or known.refresh():
            return holdings, steadiness, known
    raise _users_changed()


def _read_each(service: Service, queries: Sequence[Query], on_first_page: Callable[[], None]) -> Holdings:
    holdings = Holdings()
    if len(queries) == 1:
        return _read_query(service, queries[0], on_first_page)
    with service.progress.step("reading assignments", "parts", len(queries)) as step, concurrent.futures.ThreadPoolExecutor(PARALLEL_REQUESTS) as pool:
        futures = [pool.submit(_read_query, service, query, on_first_page) for query in queries]
        try:
            for future in futures:
                holdings.add_all(future.result())
                step.done += 1
        finally:
            for future in futures:
                future.cancel()
    return holdings


def _read_query(service: Service, query: Query, on_first_page: Callable[[], None]) -> Holdings:
    """What one asset or target holds, as of one moment."""
    holdings, steadiness = _read_one(service, query, on_first_page)
    for dummy in range(ATTEMPTS):
        # A user who is retired between two pages is active on one and retired on the next, and what cannot be taken back from them makes no new
        # version. So it looks, at rest, for a user who was created again.
        if steadiness.pages == 1 or "client_user_id" not in query or holdings.active_holders().isdisjoint(holdings.retired_holders()):
            return holdings
        before = holdings
        holdings, steadiness = _read_one(service, query, on_first_page)
        if (holdings.active, holdings.leftovers) == (before.active, before.leftovers):
            return holdings
    raise _users_changed()


def _read_one(service: Service, filters: Query, on_first_page: Callable[[], None]) -> Tuple[Holdings, Steadiness]:
    """What the filters let through."""
    holdings = Holdings()
    steadiness = Steadiness()
    for page in service.assignments(dict(filters, include_user_state=True)):
        steadiness.see(page)
        if page.afresh:
            holdings = Holdings()
            on_first_page()
        holdings.add(page.assignments)
    return holdings, steadiness


def _users_changed() -> ChangedWhileReading:
    return ChangedWhileReading(
        f"The users changed during each of {ATTEMPTS} attempts to read what they hold.",
        "Something else is writing to this location all the time; run again when it is quiet.",
    )


def _present(holdings: Holdings, how: Reading, known: Optional[KnownAssignments]) -> PresentAssignments:
    return PresentAssignments(holdings.active, holdings.active_holders(), holdings.leftovers, how, known)


class AssignmentListing(NamedTuple):
    """:ivar version_id: the version that the reading began with, for asking later what changed since"""

    records: List[AssignmentRecord]
    version_id: Optional[str]
    reading: Reading


def list_assignments(service: Service, filters: Query, snapshots: Optional[Snapshots] = None) -> AssignmentListing:
    """Every assignment that the filters let through, once; of one that comes twice the later record."""
    if snapshots is not None and not any(filters.values()):
        return _list_everything(service, snapshots)
    records: Dict[Tuple[Any, ...], AssignmentRecord] = {}
    steadiness = Steadiness()
    total_pages = 1
    for page in service.assignments(filters):
        steadiness.see(page)
        if page.afresh:
            records.clear()
            total_pages = page.total_pages
        for record in page.assignments:
            # A user who was retired and created again may hold the same asset twice.
            records[record[:3] + (record.user_status in INACTIVE_STATUSES,)] = record
    return AssignmentListing(list(records.values()), steadiness.first_version_id, Reading("assignments", ALL_PAGES, total_pages, {}))


def _list_everything(service: Service, snapshots: Snapshots) -> AssignmentListing:
    known = KnownAssignments.up_to_date(service, snapshots)
    if known is not None:
        return AssignmentListing(list(known.holdings.records()), known.version_id, Reading("assignments", SNAPSHOT, _PRICE_OF_SNAPSHOT, {}))
    holdings, steadiness, dummy = _read_everything(service, snapshots, lambda: None)
    records = list(holdings.records())
    price = pages(service, "assignments", len(records))
    return AssignmentListing(records, steadiness.first_version_id, Reading("assignments", ALL_PAGES, price, {}))


def _held(record: AssetRecord) -> int:
    return record.assigned_count + (record.retired_count or 0)
