# Copyright (c) 2026, the mdmkit.apps_books authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Somebody else's hand: changes that do not come through the API.

Licences bought, an administrator in Apple's web site, an invitation accepted, another service that takes over. Versions advance and events
that are due are done first. A request with faults changes nothing.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from vpp_simulator.checks import DocumentError, Faults, Node
from vpp_simulator.holdings import holds
from vpp_simulator.library import UNLIMITED, Asset, Library, asset_record, user_record
from vpp_simulator.seed import read_asset, read_mdm_info, read_pair, read_user

if TYPE_CHECKING:
    from vpp_simulator.service import Service

Request = Mapping[str, Any]


def purchase(service: Service, request: Request) -> dict[str, Any]:
    """Licences bought or transferred in, or with a negative ``count`` refunded or transferred away. A new product may be described as in a seed."""
    faults = Faults()
    node = Node(
        request, "", faults, ("location", "count", "adamId", "pricingParam", "productType", "deviceAssignable", "revocable", "supportedPlatforms")
    )
    count = node.whole("count", 0, None)
    if "count" not in node:
        faults.add("count", "is missing")
    wanted = read_asset(node)
    faults.raise_if_any()
    library = _library(service, request)
    asset = library.assets.get(wanted.key)
    if (asset or wanted).available + count < 0:
        faults.add("count", f"only {asset.available if asset else 0} are available to give away")
    if asset and asset.unlimited:
        faults.add("count", "the product is unlimited")
    if (asset or wanted).total + count > UNLIMITED:
        faults.add("count", f"the total would exceed {UNLIMITED}")
    faults.raise_if_any()
    asset = asset or library.add_asset(wanted)
    library.change_total(asset, count)
    library.commit()
    return asset_record(asset)


def assign(service: Service, request: Request) -> dict[str, Any]:
    """Give licences. What is held already stays so."""
    library = _library(service, request)
    faults = Faults()
    # Dictionaries serve as ordered sets, so that new devices get their numbers in the order of the request.
    wanted: dict[Asset, dict[int | str, None]] = {}
    for place, asset, target in _pairs(request, library, faults):
        if isinstance(target, int) and library.is_retired_user(target):
            faults.add(place, "the user is retired")
        number = library.device(target) if isinstance(target, str) else target
        if number is None or not holds(asset.holders, number):
            wanted.setdefault(asset, {})[target] = None
    for asset, targets in wanted.items():
        if len(targets) > asset.available:
            faults.add("pairs", f"{len(targets)} of {asset.adam_id} {asset.pricing_param} wanted, {asset.available} available")
    faults.raise_if_any()
    for asset, targets in wanted.items():
        library.give(asset, [library.add_device(target) if isinstance(target, str) else target for target in targets])
    library.commit()
    return {"changed": sum(map(len, wanted.values()))}


def unassign(service: Service, request: Request) -> dict[str, Any]:
    """Take licences back. What is not held stays so; irrevocable ones cannot be taken back by hand either."""
    library = _library(service, request)
    faults = Faults()
    held: dict[Asset, set[int]] = {}
    for place, asset, target in _pairs(request, library, faults):
        if not asset.revocable:
            faults.add(place, f"{asset.adam_id} is not revocable")
        number = library.device(target) if isinstance(target, str) else target
        if number is not None and holds(asset.holders, number):
            held.setdefault(asset, set()).add(number)
    faults.raise_if_any()
    for asset, numbers in held.items():
        library.take(asset, numbers)
    library.commit()
    return {"changed": sum(map(len, held.values()))}


def users(service: Service, request: Request) -> dict[str, Any]:
    """``create`` (seed form), ``retire`` (ids) and ``associate`` (ids, or with ``managedAppleId``), in this order. Returns the records changed."""
    faults = Faults()
    node = Node(request, "", faults, ("location", "create", "retire", "associate"))
    created = [(read_user(Node(entry, place, faults, ("clientUserId", "email", "managedAppleId"))), place) for entry, place in node.each("create")]
    retired = node.texts("retire")
    associated = []
    for entry, place in node.each("associate"):
        fields = Node({"clientUserId": entry} if isinstance(entry, str) else entry, place, faults, ("clientUserId", "managedAppleId"))
        associated.append((fields.required("clientUserId"), fields.text("managedAppleId"), place))
    faults.raise_if_any()
    library = _library(service, request)
    new_ids = {user.client_user_id for user, dummy in created}
    for user, place in created:
        if library.active_record(user.client_user_id) is not None:
            faults.add(place, f"{user.client_user_id} has an active record already")
    if len(new_ids) < len(created):
        faults.add("create", "a clientUserId occurs twice")
    for client_user_id in retired:
        if library.active_record(client_user_id) is None:
            faults.add("retire", f"there is no active user {client_user_id}")
    for client_user_id, dummy, place in associated:
        if client_user_id not in new_ids and (library.active_record(client_user_id) is None or client_user_id in retired):
            faults.add(place, f"there is no active user {client_user_id}")
    claims = [(user.managed_apple_id, user.client_user_id, place) for user, place in created]
    claims += [(account, client_user_id, place) for client_user_id, account, place in associated]
    _refuse_taken_accounts(library, claims, faults)
    faults.raise_if_any()
    changed = [library.add_user(user) for user, dummy in created]
    for client_user_id in dict.fromkeys(retired):
        number = _active(library, client_user_id)
        library.retire_user(number, release=service.behaviour.retire_releases)
        changed.append(number)
    for client_user_id, account, dummy in associated:
        number = _active(library, client_user_id)
        library.associate_user(number, account)
        changed.append(number)
    library.commit()
    return {"users": [user_record(library.user(number)) for number in dict.fromkeys(changed)]}


def client_config(service: Service, request: Request) -> dict[str, Any]:
    """Another service stores its configuration. Members given replace the stored ones, null clears; no test notification is sent."""
    faults = Faults()
    node = Node(request, "", faults, ("location", "mdmInfo", "notificationUrl", "notificationAuthToken", "notificationTypes"))
    given: dict[str, Any] = {
        "mdm_info": read_mdm_info(node),
        "notification_url": node.text("notificationUrl"),
        "notification_auth_token": node.text("notificationAuthToken"),
        "notification_types": node.texts("notificationTypes"),
    }
    faults.raise_if_any()
    location = service.location_named(request.get("location"))
    names = ("mdmInfo", "notificationUrl", "notificationAuthToken", "notificationTypes")
    changes = {member: value for name, (member, value) in zip(names, given.items(), strict=True) if name in request}
    location.config = dataclasses.replace(location.config, **changes)
    return {"mdmInfo": location.config.mdm_info}


def retire_token(service: Service, request: Request) -> dict[str, Any]:
    """Make all tokens of a location ``revoked`` or ``expired``, or have them ``replaced``: revoked too, and a new one is returned."""
    faults = Faults()
    node = Node(request, "", faults, ("location", "how"))
    how = node.choice("how", ("revoked", "expired", "replaced"), "revoked")
    faults.raise_if_any()
    location = service.location_named(request.get("location"))
    for token in location.tokens:
        if how == "expired":
            token.expired = True
        else:
            token.revoked = True
    if how != "replaced":
        return {"location": location.name}
    token = location.derived_token()
    service.tokens.add(token, location)
    return {"location": location.name, "content_token": token.text}


ACTIONS: Mapping[str, Callable[[Service, Request], dict[str, Any]]] = {
    "purchase": purchase,
    "assign": assign,
    "unassign": unassign,
    "users": users,
    "client_config": client_config,
    "retire_token": retire_token,
}


def _library(service: Service, request: Request) -> Library:
    return service.location_named(request.get("location")).by_hand(service.now(), service.behaviour)


def _pairs(request: Request, library: Library, faults: Faults) -> list[tuple[str, Asset, int | str]]:
    """The pairs of a request with their places. Ends with all faults if one of them is ill."""
    node = Node(request, "", faults, ("location", "pairs"))
    if not node.raw("pairs"):
        faults.add("pairs", "is missing")
    pairs = []
    for entry, place in node.each("pairs"):
        pair = read_pair(Node(entry, place, faults, ("adamId", "pricingParam", "clientUserId", "serialNumber", "userRecord")), library)
        if pair:
            pairs.append((place, *pair))
    faults.raise_if_any()
    return pairs


def _refuse_taken_accounts(library: Library, claims: Sequence[tuple[str | None, str, str]], faults: Faults) -> None:
    """Every claim is (Managed Apple Account or None, who wants it, place). An account belongs to one active user."""
    owners: dict[str, str] = {}
    for account, claimant, place in claims:
        if account:
            number = library.account_owner(account)
            owner = owners.setdefault(account.lower(), claimant) if number is None else library.user(number).client_user_id
            if owner != claimant:
                faults.add(place, "the Managed Apple Account belongs to another active user")


def _active(library: Library, client_user_id: str) -> int:
    number = library.active_record(client_user_id)
    if number is None:
        raise DocumentError([f"there is no active user {client_user_id}"])
    return number
