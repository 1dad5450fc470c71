# Copyright (c) 2026, the mdmkit.apps_books authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""GET assets, assignments and users: filters and pages (apple-api sections 5 and 6)."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from itertools import accumulate
from typing import Any

from vpp_simulator.behaviour import Behaviour
from vpp_simulator.errors import ApiError
from vpp_simulator.holdings import holds
from vpp_simulator.library import Asset, Library, User, asset_record, user_record
from vpp_simulator.paging import Page, page_at
from vpp_simulator.query import Query
from vpp_simulator.versions import VersionLine

PRICING_PARAMS = ("STDQ", "PLUS")
PRODUCT_TYPES = ("App", "Book")

Segment = tuple[Asset, Sequence[int]]


def read_assets(library: Library, query: Query, behaviour: Behaviour) -> dict[str, Any]:
    """GetAssetsResponse without the common members. Filters combine with AND, bounds are included."""
    wanted = {
        "adam_id": query.text("adamId"),
        "pricing_param": query.choice("pricingParam", *PRICING_PARAMS),
        "product_type": query.choice("productType", *PRODUCT_TYPES),
        "device_assignable": query.flag("deviceAssignable"),
        "revocable": query.flag("revocable"),
    }
    bounds = {
        "available": (query.whole("minAvailableCount"), query.whole("maxAvailableCount")),
        "assigned": (query.whole("minAssignedCount"), query.whole("maxAssignedCount")),
    }
    unlimited = query.flag("unlimited")

    def matches(asset: Asset) -> bool:
        return (
            not (unlimited is False and asset.unlimited)
            and all(value is None or getattr(asset, name) == value for name, value in wanted.items())
            and all(
                (low is None or getattr(asset, name) >= low) and (high is None or getattr(asset, name) <= high)
                for name, (low, high) in bounds.items()
            )
        )

    found = [asset for asset in library.assets.values() if matches(asset)]
    page = _page(query, len(found), behaviour)
    shown = found[page.start : page.stop]
    answer: dict[str, Any] = {"assets": [asset_record(asset) for asset in shown if not (unlimited and asset.unlimited)]}
    if unlimited:
        answer["unlimitedAssets"] = [_unlimited_record(asset) for asset in shown if asset.unlimited]
    return {**answer, **page.members(library.asset_line.current)}


def _unlimited_record(asset: Asset) -> dict[str, Any]:
    """UnlimitedResponseAsset has no other counts than the assigned one."""
    record = asset_record(asset)
    return {name: value for name, value in record.items() if name not in ("availableCount", "retiredCount", "totalCount")}


def read_assignments(library: Library, query: Query, behaviour: Behaviour) -> dict[str, Any]:
    """GetAssignmentsResponse without the common members. The order is by asset, then by the age of the target."""
    segments = _assignment_segments(library, query, behaviour)
    page = _page(query, sum(len(numbers) for dummy, numbers in segments), behaviour)
    pairs = list(_slice(segments, page.start, page.stop))
    records = [library.pair_record(pair) for pair in pairs]
    if query.flag("includeUserState"):
        for record, (dummy, number) in zip(records, pairs, strict=True):
            target = library.targets[number]
            if isinstance(target, User):
                record["userStatus"] = target.status
                if target.id_hash is not None:
                    record["idHash"] = target.id_hash
    return {"assignments": records, **page.members(library.assignment_line.current)}


def _assignment_segments(library: Library, query: Query, behaviour: Behaviour) -> list[Segment]:
    """What the filters leave, asset by asset."""
    adam_id = query.text("adamId")
    pricing_param = query.choice("pricingParam", *PRICING_PARAMS)
    client_user_id, serial_number = query.text("clientUserId"), query.text("serialNumber")
    active_only = query.flag("excludeInactiveUsers")
    since = query.text("sinceVersionId")
    removals = behaviour.removals_in_incremental

    def segments() -> list[Segment]:
        targets = _targets_asked_for(library, client_user_id, serial_number)
        changed = None if since is None else _changed_pairs(library, since)
        found = []
        for asset in library.assets.values():
            if adam_id not in (None, asset.adam_id) or pricing_param not in (None, asset.pricing_param):
                continue
            numbers: Sequence[int] = asset.holders
            if changed is not None:
                numbers = sorted(changed.get(asset.position, ()))
                if not removals:
                    numbers = [number for number in numbers if holds(asset.holders, number)]
            if targets is not None:
                numbers = [number for number in targets if holds(numbers, number)]
            if active_only:
                numbers = [number for number in numbers if not library.is_retired_user(number)] if asset.retired else numbers
            if numbers:
                found.append((asset, numbers))
        return found

    return library.remembered(("assignments", adam_id, pricing_param, client_user_id, serial_number, active_only, since, removals), segments)


def _targets_asked_for(library: Library, client_user_id: str | None, serial_number: str | None) -> list[int] | None:
    """Target numbers, ascending, that the filters leave; None when they leave all. Nobody is a user and a device."""
    if client_user_id is None and serial_number is None:
        return None
    if serial_number is None:
        return library.records_with(str(client_user_id))
    device = library.device(serial_number) if client_user_id is None else None
    return [] if device is None else [device]


def _changed_pairs(library: Library, since: str) -> dict[int, list[int]]:
    """Target numbers by asset position, of the assignments made or taken back since."""
    changed: dict[int, list[int]] = {}
    for key in _changed_since(library.assignment_line, since):
        changed.setdefault(key >> 32, []).append(key & 0xFFFFFFFF)
    return changed


def _changed_since(line: VersionLine, since: str) -> set[int]:
    try:
        return line.changed_since(since)
    except KeyError:
        raise ApiError(9721) from None


def _slice(segments: Sequence[Segment], start: int, stop: int) -> Iterator[tuple[Asset, int]]:
    """The pairs from ``start`` up to ``stop`` of all segments laid end to end."""
    ends = list(accumulate(len(numbers) for dummy, numbers in segments))
    index = bisect_right(ends, start)
    while start < stop:
        asset, numbers = segments[index]
        first = start - (ends[index] - len(numbers))
        last = min(len(numbers), first + stop - start)
        for number in numbers[first:last]:
            yield asset, number
        start += last - first
        index += 1


def read_users(library: Library, query: Query, behaviour: Behaviour) -> dict[str, Any]:
    """GetUsersResponse without the common members. The order is by age of the record."""
    client_user_id = query.text("clientUserId")
    since = query.text("sinceVersionId")
    active_only, retired_only = query.flag("activeOnly"), query.flag("retiredOnly")

    def records_left() -> Sequence[int]:
        numbers: Sequence[int] = library.records if client_user_id is None else library.records_with(client_user_id)
        if since is not None:
            changed = _changed_since(library.user_line, since)
            numbers = sorted(changed) if client_user_id is None else [number for number in numbers if number in changed]
        if active_only:
            numbers = [number for number in numbers if library.user(number).active]
        if retired_only:
            numbers = [number for number in numbers if not library.user(number).active]
        return numbers

    numbers = library.remembered(("users", client_user_id, since, active_only, retired_only), records_left)
    page = _page(query, len(numbers), behaviour)
    records = [user_record(library.user(number)) for number in numbers[page.start : page.stop]]
    return {"users": records, **page.members(library.user_line.current)}


def _page(query: Query, length: int, behaviour: Behaviour) -> Page:
    return page_at(query.whole("pageIndex") or 0, length, behaviour)
