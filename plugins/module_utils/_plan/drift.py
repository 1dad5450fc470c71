# Copyright (c) 2026, the mdmkit.apps_books authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How a location differs from its files, kind by kind. What a run would change is told by the very plans that a run would send."""

from __future__ import annotations

from typing import AbstractSet, Any, Callable, Dict, Iterable, Iterator, List, Mapping, NamedTuple, Optional, Sequence

from ansible_collections.mdmkit.apps_books.plugins.module_utils._model import Asset, AssetRecord, Assignments, MdmInfo, Targets, User
from ansible_collections.mdmkit.apps_books.plugins.module_utils._plan.assignments import Difference, compare, find_shortages, irrevocable_removals
from ansible_collections.mdmkit.apps_books.plugins.module_utils._plan.assumption import without_targets
from ansible_collections.mdmkit.apps_books.plugins.module_utils._plan.guards import Threshold
from ansible_collections.mdmkit.apps_books.plugins.module_utils._plan.pairs import NOBODY, PairStep, count_pairs, iterate_pairs, minus
from ansible_collections.mdmkit.apps_books.plugins.module_utils._plan.plan import Change, Step
from ansible_collections.mdmkit.apps_books.plugins.module_utils._plan.revocation import plan_revocation
from ansible_collections.mdmkit.apps_books.plugins.module_utils._plan.users import UserWish, plan_users

Detail = Dict[str, Any]


class Finding(NamedTuple):
    """Differences of one kind.

    :ivar details: gives all of them anew at each call, since there may be a million
    """

    kind: str
    count: int
    details: Callable[[], Iterator[Detail]]


class Wish(NamedTuple):
    """What the files of a location say.

    :ivar users: None where no file speaks of users; likewise ``assignments``
    :ivar assignments: every named asset is a key
    :ivar named: every target that the assignments name
    :ivar devices: every device that any file names
    :ivar names: what people call an asset
    :ivar title: of the entry that gives an asset to a target: (asset, target, whether that is a device)
    """

    users: Optional[Sequence[UserWish]]
    users_purge: bool
    revoked: Targets
    assignments: Optional[Assignments]
    assignments_purge: str
    named: Targets
    devices: AbstractSet[str]
    names: Mapping[Asset, str]
    title: Callable[[Asset, str, bool], Optional[str]]


class Present(NamedTuple):
    """What a location holds.

    :ivar users: the active ones, all of them
    :ivar assignments: all of active users and devices
    :ivar leftovers: what retired users still hold
    """

    users: Mapping[str, User]
    assignments: Assignments
    leftovers: Mapping[Asset, AbstractSet[str]]
    assets: Mapping[Asset, AssetRecord]


class Stock(NamedTuple):
    """Licences of one asset.

    :ivar total: None where it is unlimited, as ``available``
    :ivar wanted: how many would be assigned if everything were as the files say; None where they say nothing of assignments
    :ivar missing: how many of these there are no licences for
    """

    asset: Asset
    product_type: Optional[str]
    revocable: Optional[bool]
    total: Optional[int]
    assigned: int
    available: Optional[int]
    wanted: Optional[int]
    missing: int


class Drift(NamedTuple):
    findings: List[Finding]
    stocks: List[Stock]


def find_drift(wish: Wish, present: Present, low_stock: Optional[Threshold] = None) -> Drift:
    """
    :returns: findings that there are, and the stock of every asset that is owned or wanted
    """
    users = plan_users(wish.users or [], present.users, purge=wish.users is not None)
    retire, create, update = users.steps
    retiring = {change.key for change in retire.changes()} if wish.users_purge else set()
    # As a run would find it, which retires users and then revokes.
    held, assets = without_targets(present.assignments, present.assets, Targets(retiring, set()), retiring)
    revoked = Targets(wish.revoked.users - retiring, wish.revoked.devices)
    (revoke,) = plan_revocation(revoked, held, assets).plan.steps
    held, assets = without_targets(held, assets, revoked)
    difference = compare(wish.assignments or {}, wish.named, held, assets, purge="none" if wish.assignments is None else wish.assignments_purge)
    irrevocable = irrevocable_removals(difference, assets)
    unlisted = {} if wish.assignments is None else minus(minus(held, wish.assignments), difference.removals)
    difference = difference._replace(removals=minus(difference.removals, irrevocable))
    stocks = _stocks(held, difference, assets, present.assets)
    if wish.assignments is None:
        stocks = [stock._replace(wanted=None) for stock in stocks]
    findings = [
        _of_step("user_missing", create),
        _of_step("user_changed", update),
        _of_step("user_extra" if wish.users_purge else "user_unlisted", retire),
        _of_pairs("revocation_pending", revoke.pairs if isinstance(revoke, PairStep) else {}, wish),
        _of_pairs("assignment_missing", difference.additions, wish),
        _of_pairs("assignment_extra", difference.removals, wish),
        _of_pairs("assignment_unlisted", unlisted, wish),
        _of_pairs("irrevocable_leftover", irrevocable, wish),
        _of_pairs("retired_user_assignment", {asset: Targets(set(users), set()) for asset, users in present.leftovers.items()}, wish),
        _of_stocks("licence_shortage", [stock for stock in stocks if stock.missing], wish),
        _of_stocks("licence_low", [stock for stock in stocks if not stock.missing and _is_low(stock, low_stock)], wish),
    ]
    if wish.assignments is not None:
        findings.append(_devices_without_group(held, wish.devices))
    return Drift([finding for finding in findings if finding.count], stocks)


def ownership_finding(holder: Optional[MdmInfo], mdm_id: Optional[str]) -> Finding:
    """
    :param holder: who holds the location; None where nobody does
    :param mdm_id: who shall hold it; None where that does not matter
    """
    is_wrong = bool(mdm_id) and (holder is None or holder.id != mdm_id)
    return Finding("ownership", int(is_wrong), lambda: iter([{"holder": holder and str(holder), "wanted": mdm_id}] if is_wrong else []))


def config_finding(changes: Iterable[Change]) -> Finding:
    """
    :param changes: those of the client configuration
    """
    details = [detail for change in changes for detail in _config_details(change)]
    return Finding("client_config_changed", len(details), lambda: iter(details))


def expiry_finding(expires_at: Optional[str], days_left: Optional[int], warning_days: int) -> Finding:
    """
    :param expires_at: such as 2026-11-23T02:00:00Z; None where nobody told, as ``days_left``
    """
    is_near = days_left is not None and days_left <= warning_days
    return Finding("token_expiry", int(is_near), lambda: iter([{"token_expires_at": expires_at, "days_left": days_left}] if is_near else []))


def _config_details(change: Change) -> Iterator[Detail]:
    before, after = change.before, change.after
    if not isinstance(before, dict) and not isinstance(after, dict):
        yield {"member": change.key, "before": _as_text(before), "after": _as_text(after)}
        return
    before, after = before or {}, after or {}
    # Another holder is more than another setting.
    if before.get("id") == after.get("id"):
        for name in after:
            if before.get(name) != after[name]:
                yield {"member": f"{change.key}.{name}", "before": before.get(name), "after": after[name]}


def _as_text(value: Any) -> Optional[str]:
    return ", ".join(value) if isinstance(value, (list, tuple)) else value


def _of_step(kind: str, step: Step) -> Finding:
    def details() -> Iterator[Detail]:
        for change in step.changes():
            yield {
                "client_user_id": change.key,
                "email_before": (change.before or {}).get("email"),
                "email_after": (change.after or {}).get("email"),
            }

    return Finding(kind, step.count, details)


def _of_pairs(kind: str, pairs: Assignments, wish: Wish) -> Finding:
    def details() -> Iterator[Detail]:
        for asset, member, target in iterate_pairs(pairs):
            yield {**_named(asset, wish), member: target, "title": wish.title(asset, target, member == "serial_number")}

    return Finding(kind, count_pairs(pairs), details)


def _of_stocks(kind: str, stocks: Sequence[Stock], wish: Wish) -> Finding:
    def details() -> Iterator[Detail]:
        for stock in stocks:
            numbers = {name: getattr(stock, name) for name in ("total", "assigned", "available", "wanted", "missing")}
            yield {**_named(stock.asset, wish), **numbers}

    return Finding(kind, len(stocks), details)


def _devices_without_group(held: Assignments, known: AbstractSet[str]) -> Finding:
    strangers: Dict[str, int] = {}
    for targets in held.values():
        for serial_number in targets.devices - known:
            strangers[serial_number] = strangers.get(serial_number, 0) + 1

    def details() -> Iterator[Detail]:
        for serial_number in sorted(strangers):
            yield {"serial_number": serial_number, "assets": strangers[serial_number]}

    return Finding("device_without_group", len(strangers), details)


def _named(asset: Asset, wish: Wish) -> Detail:
    return {"adam_id": asset.adam_id, "pricing_param": asset.pricing_param, "name": wish.names.get(asset)}


def _stocks(held: Assignments, difference: Difference, after: Mapping[Asset, AssetRecord], before: Mapping[Asset, AssetRecord]) -> List[Stock]:
    """
    :param held: who would hold what before the difference is made up
    :param after: what there would be to give out then
    :param before: what there is to give out now
    """
    owned = {asset: targets for asset, targets in difference.additions.items() if asset in after}
    short = {shortage.asset: shortage.needed - shortage.available for shortage in find_shortages(difference.removals, owned, after)}
    stocks = []
    for asset in sorted({*before, *difference.additions}):
        record = before.get(asset)
        additions = difference.additions.get(asset, NOBODY).count
        wanted = held.get(asset, NOBODY).count - difference.removals.get(asset, NOBODY).count + additions
        if record is None:
            stocks.append(Stock(asset, None, None, 0, 0, 0, wanted, additions))
            continue
        total, available = (None, None) if record.unlimited else (record.total_count, record.available_count or 0)
        stocks.append(Stock(asset, record.product_type, record.revocable, total, record.assigned_count, available, wanted, short.get(asset, 0)))
    return stocks


def _is_low(stock: Stock, threshold: Optional[Threshold]) -> bool:
    return threshold is not None and stock.available is not None and threshold.is_above(stock.available, stock.total or 0)
