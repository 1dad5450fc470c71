# Copyright (c) 2026, the mdmkit.apps_books authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""POSTs that become events: what is checked before acceptance (apple-api sections 7 and 9)."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from vpp_simulator.behaviour import Behaviour
from vpp_simulator.errors import ApiError, invalid
from vpp_simulator.events import Receiver, Work
from vpp_simulator.library import AssetKey, Library
from vpp_simulator.limits import enforce
from vpp_simulator.location import Location
from vpp_simulator.reads import PRICING_PARAMS
from vpp_simulator.work import NO_SUCH_USER, Associate, CreateUsers, Disassociate, RetireUsers, Revoke, UpdateUsers, WantedUser

Body = Mapping[str, Any]

_EMAIL = re.compile(r"[^@\s]+@[^@\s.]+(\.[^@\s.]+)+")


def associate(location: Location, body: Body, behaviour: Behaviour) -> Work:
    """POST assets/associate."""
    assets, receivers = _cross_product(location.library, body, behaviour)
    fixed = [key for key in assets if key in location.library.assets and not location.library.assets[key].device_assignable]
    if fixed and not all(receiver.is_user for receiver in receivers):
        raise ApiError(9707, info={"assets": _asset_list(fixed)})
    _require_active_users(location.library, receivers, behaviour)
    return Associate(assets, receivers)


def disassociate(location: Location, body: Body, behaviour: Behaviour) -> Work:
    """POST assets/disassociate."""
    assets, receivers = _cross_product(location.library, body, behaviour)
    irrevocable = [key for key in assets if key in location.library.assets and not location.library.assets[key].revocable]
    if irrevocable:
        raise ApiError(9706, info={"assets": _asset_list(irrevocable)})
    if behaviour.unknown_user == "sync":
        # Retired users count as known here, since they may still hold something.
        _refuse_unknown([receiver.name for receiver in receivers if receiver.is_user and not location.library.records_with(receiver.name)])
    return Disassociate(assets, receivers)


def revoke(location: Location, body: Body, behaviour: Behaviour) -> Work:
    """POST assets/revoke."""
    return Revoke(_receivers(body, behaviour, "maxRevokeClientUserIds", "maxRevokeSerialNumbers"))


def create_users(location: Location, body: Body, behaviour: Behaviour) -> Work:
    """POST users/create."""
    return CreateUsers(_users(body, behaviour), location.identity.managed_apple_ids)


def update_users(location: Location, body: Body, behaviour: Behaviour) -> Work:
    """POST users/update."""
    users = _users(body, behaviour)
    _require_active_users(location.library, (user.receiver for user in users), behaviour)
    return UpdateUsers(users, location.identity.managed_apple_ids)


def retire_users(location: Location, body: Body, behaviour: Behaviour) -> Work:
    """POST users/retire."""
    users = _users(body, behaviour)
    _require_active_users(location.library, (user.receiver for user in users), behaviour)
    return RetireUsers(users)


def _cross_product(library: Library, body: Body, behaviour: Behaviour) -> tuple[list[AssetKey], list[Receiver]]:
    """The two sides of a ManageAssetsRequest."""
    assets = _list(body, "assets")
    if not assets:
        raise ApiError(9718)
    enforce(behaviour, "maxAssets", len(assets), 9700)
    keys = [_asset_key(library, asset, behaviour) for asset in assets]
    receivers = _receivers(body, behaviour, "maxClientUserIds", "maxSerialNumbers")
    repeated = _repeated(keys)
    if repeated:
        raise ApiError(9703, info={"assets": _asset_list(repeated)})
    return keys, receivers


def _receivers(body: Body, behaviour: Behaviour, users_limit: str, devices_limit: str) -> list[Receiver]:
    users = _texts(body, "clientUserIds")
    devices = _texts(body, "serialNumbers")
    if not users and not devices:
        raise ApiError(9719)
    enforce(behaviour, users_limit, len(users), 9701)
    enforce(behaviour, devices_limit, len(devices), 9702)
    for number, name, values in ((9704, "clientUserIds", users), (9705, "serialNumbers", devices)):
        repeated = _repeated(values)
        if repeated:
            raise ApiError(number, info={name: repeated})
    return [Receiver(name, is_user=True) for name in users] + [Receiver(name, is_user=False) for name in devices]


def _asset_key(library: Library, asset: Any, behaviour: Behaviour) -> AssetKey:
    if not isinstance(asset, Mapping):
        raise invalid("assets must be a list of objects.")
    adam_id = asset.get("adamId")
    if not isinstance(adam_id, str) or not adam_id:
        raise invalid("adamId must be text.")
    pricing_param = asset.get("pricingParam")
    if pricing_param is None:
        return adam_id, _assumed_pricing_param(library, adam_id, behaviour)
    if pricing_param not in PRICING_PARAMS:
        raise invalid("pricingParam must be STDQ or PLUS.")
    return adam_id, pricing_param


def _assumed_pricing_param(library: Library, adam_id: str, behaviour: Behaviour) -> str:
    """What a missing pricingParam means is not documented (apple-api section 7)."""
    if behaviour.missing_pricing_param == "refuse":
        raise invalid("pricingParam is missing.")
    if behaviour.missing_pricing_param == "owned":
        return next((param for param in PRICING_PARAMS if (adam_id, param) in library.assets), "STDQ")
    return "STDQ"


def _require_active_users(library: Library, receivers: Iterable[Receiver], behaviour: Behaviour) -> None:
    """9609 at once, where the behaviour says so; else it comes with the event."""
    if behaviour.unknown_user == "sync":
        _refuse_unknown([receiver.name for receiver in receivers if receiver.is_user and library.active_record(receiver.name) is None])


def _refuse_unknown(client_user_ids: Sequence[str]) -> None:
    if client_user_ids:
        raise ApiError(NO_SUCH_USER, info={"clientUserIds": client_user_ids})


def _users(body: Body, behaviour: Behaviour) -> list[WantedUser]:
    """The users of a ManageUsersRequest."""
    users = _list(body, "users")
    if not users:
        raise ApiError(9720)
    enforce(behaviour, "maxUsers", len(users), 9714)
    wanted = [_user(user) for user in users]
    repeated = _repeated([user.client_user_id for user in wanted])
    if repeated:
        raise ApiError(9715, info={"clientUserIds": repeated})
    ill = [user.client_user_id for user in wanted if user.email is not None and not _EMAIL.fullmatch(user.email)]
    if ill:
        raise ApiError(9717, info={"clientUserIds": ill})
    return wanted


def _user(user: Any) -> WantedUser:
    if not isinstance(user, Mapping):
        raise invalid("users must be a list of objects.")
    members = [user.get(name) for name in ("clientUserId", "email", "managedAppleId")]
    if not all(member is None or isinstance(member, str) for member in members):
        raise invalid("clientUserId, email and managedAppleId must be text.")
    client_user_id, email, managed_apple_id = members
    if not client_user_id:
        raise invalid("clientUserId is missing.")
    if managed_apple_id == "":
        raise invalid("managedAppleId must not be empty.")
    return WantedUser(client_user_id, email, managed_apple_id)


def _list(body: Body, name: str) -> Sequence[Any]:
    """A list member; left out and null mean the same as empty."""
    value = body.get(name)
    if value is None:
        return []
    if not isinstance(value, list):
        raise invalid(f"{name} must be a list.")
    return value


def _texts(body: Body, name: str) -> list[str]:
    values = _list(body, name)
    if not all(isinstance(value, str) and value for value in values):
        raise invalid(f"{name} must be a list of texts.")
    return list(values)


def _repeated(values: Sequence[Any]) -> list[Any]:
    """Values that occur more than once, each once."""
    return [value for value, count in Counter(values).items() if count > 1]


def _asset_list(keys: Iterable[AssetKey]) -> list[dict[str, str]]:
    return [{"adamId": adam_id, "pricingParam": pricing_param} for adam_id, pricing_param in keys]
