# Copyright (c) 2026, the mdmkit.apps_books authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What of a location its files can say. The rest is told, for nothing may be lost in silence."""

from __future__ import annotations

import re
from typing import Any, Dict, Iterable, List, Mapping, NamedTuple, Optional, Set

from ansible_collections.mdmkit.apps_books.plugins.module_utils._model import Asset, AssetRecord, Assignments, ClientConfig, InputError, Targets, User
from ansible_collections.mdmkit.apps_books.plugins.module_utils._plan.pairs import count_pairs, minus, pair_names, targets_of, without_empty
from ansible_collections.mdmkit.apps_books.plugins.module_utils._wanted.checks import PRICING_PARAMS, adam_id_fault, email_fault, id_fault
from ansible_collections.mdmkit.apps_books.plugins.module_utils._wanted.client_config import wanted_client_config

# What begins a template, and half a character.
_UNWRITABLE = re.compile("\\{[{%#]|[\ud800-\udfff]")


class Found(NamedTuple):
    """A location as it was read.

    :ivar users: the active ones, by client_user_id
    :ivar assignments: what active users and devices hold
    :ivar client_config: None where the content token may not read it
    """

    uid: Optional[str]
    users: Mapping[str, User]
    assets: Mapping[Asset, AssetRecord]
    assignments: Assignments
    client_config: Optional[ClientConfig]


class NotAdopted(NamedTuple):
    """Something that no file says.

    :ivar what: ``user``, ``email``, ``managed_apple_id``, ``assignment``, ``retired_assignment`` or ``client_config``
    :ivar names: the first of them
    :ivar kept: whether nothing happens to it even where purge is set
    """

    what: str
    why: str
    count: int
    names: List[str]
    kept: bool = True


class Adoptable(NamedTuple):
    """:ivar users: without email where it cannot be written
    :ivar client_config: the members that can be written
    """

    users: List[User]
    assignments: Assignments
    client_config: Dict[str, Any]
    not_adopted: List[NotAdopted]

    @property
    def may_purge(self) -> bool:
        """Whether purge would take nothing away."""
        return all(left_out.kept for left_out in self.not_adopted)


_NAMED = 10


def adoptable(found: Found) -> Adoptable:
    told: List[NotAdopted] = []
    users = _users(found, told)
    assignments = _assignments(found, {user.client_user_id for user in users}, told)
    client_config = _client_config(found.client_config, told)
    return Adoptable(users, assignments, client_config, told)


def _tell(told: List[NotAdopted], what: str, why: str, names: Iterable[str], count: int, kept: bool = True) -> None:
    if count:
        told.append(NotAdopted(what, why, count, [name for dummy, name in zip(range(_NAMED), names)], kept))


def _users(found: Found, told: List[NotAdopted]) -> List[User]:
    nameless = sorted(name for name in found.users if id_fault(name, "client_user_id"))
    _tell(told, "user", "the client_user_id cannot be written into a file", nameless, len(nameless), kept=False)
    users = []
    bad_emails = []
    for client_user_id in sorted(set(found.users).difference(nameless)):
        user = found.users[client_user_id]
        if user.email and email_fault(user.email, "email"):
            bad_emails.append(client_user_id)
            user = user._replace(email=None)
        users.append(user)
    _tell(told, "email", "it is not an address, so it is not in users.csv and stays as it is", bad_emails, len(bad_emails))
    _tell(told, "managed_apple_id", "it cannot be read, so no file says which users have one; they keep it", [], len(users))
    return users


def _assignments(found: Found, users: Set[str], told: List[NotAdopted]) -> Assignments:
    rest = found.assignments
    devices = targets_of(rest).devices
    nameless = {device for device in devices if id_fault(device, "serial_number")}
    unfit = {asset for asset in rest if adam_id_fault(asset.adam_id) or asset.pricing_param not in PRICING_PARAMS}
    unlisted = set(rest).difference(found.assets)
    # The device may have got it before.
    not_for_devices = {asset for asset in rest if asset in found.assets and not found.assets[asset].device_assignable}
    for why, assets, part_of in (
        ("Apple does not list the asset any more", unlisted, lambda targets: targets),
        ("the asset cannot be written into a file", unfit, lambda targets: targets),
        ("the user is no active one, or cannot be written into a file", set(rest), lambda targets: Targets(targets.users - users, set())),
        ("the serial number cannot be written into a file", set(rest), lambda targets: Targets(set(), targets.devices & nameless)),
        ("the asset cannot be given to devices any more", not_for_devices, lambda targets: Targets(set(), targets.devices)),
    ):
        left_out = without_empty({asset: part_of(targets) for asset, targets in rest.items() if asset in assets})
        _tell(told, "assignment", why, pair_names(left_out), count_pairs(left_out), kept=False)
        rest = minus(rest, left_out)
    retired = sum(record.retired_count or 0 for record in found.assets.values())
    _tell(told, "retired_assignment", "retired users keep it, and nobody can give it or take it back", [], retired)
    return rest


def _client_config(config: Optional[ClientConfig], told: List[NotAdopted]) -> Dict[str, Any]:
    if config is None:
        _tell(told, "client_config", "the content token may not read it", [], 1)
        return {}
    if config.notification_auth_token:
        _tell(told, "client_config", "a secret is in no file; what is stored stays", ["notification_auth_token"], 1)
    members: Dict[str, Any] = {
        "mdm_info": dict(config.mdm_info._asdict()) if config.mdm_info else None,
        # Without a secret it could not be sent again.
        "notification_url": config.notification_url if config.notification_auth_token else None,
        "notification_types": sorted(config.notification_types) or None,
    }
    written = {}
    for name, value in members.items():
        if value is None:
            continue
        if _fault(name, value):
            _tell(told, "client_config", "no file may say it; what is stored stays", [name], 1)
        else:
            written[name] = value
    return written


def _fault(name: str, value: Any) -> bool:
    texts = value.values() if isinstance(value, dict) else [value] if isinstance(value, str) else value
    if any(_UNWRITABLE.search(text) for text in texts):
        return True
    wanted: Dict[str, Any] = {"mdm_info": None, "notification_url": None, "notification_auth_token": None, "notification_types": None, name: value}
    try:
        wanted_client_config(**wanted)
    except InputError:
        return True
    return False
