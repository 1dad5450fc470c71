# Copyright (c) 2026, the mdmkit.apps_books authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""GET and POST client/config (apple-api section 4)."""

from __future__ import annotations

import dataclasses
import ipaddress
from collections.abc import Awaitable, Callable, Mapping
from typing import Any
from urllib.parse import urlsplit

from vpp_simulator.behaviour import Behaviour
from vpp_simulator.errors import ApiError, invalid
from vpp_simulator.limits import enforce
from vpp_simulator.location import ClientConfig, Identity

TEST = "TEST_NOTIFICATION"
NOTIFICATION_TYPES = (
    "ASSET_MANAGEMENT",
    "USER_MANAGEMENT",
    "USER_ASSOCIATED",
    "ASSET_COUNT",
    "SUBSCRIPTION_MANAGEMENT",
    "SUBSCRIPTION_COUNT",
    "UNLIMITED_ASSET",
)
WEBSITES = {"volumestore": "https://school.apple.com", "enterprisestore": "https://business.apple.com"}

# (member of mdmInfo, limit, error number)
_MDM_LIMITS = (("id", "maxMdmIdLength", 9724), ("name", "maxMdmNameLength", 9725), ("metadata", "maxMdmMetadataLength", 9713))

Deliver = Callable[[str, str], Awaitable[bool]]


def shown(identity: Identity, config: ClientConfig) -> dict[str, Any]:
    """ClientConfigResponse without the common members. The secret is shown in clear, as Apple does."""
    answer: dict[str, Any] = {
        "countryISO2ACode": identity.country,
        "defaultPlatform": identity.platform,
        "locationName": identity.name,
        "subscribedNotificationTypes": config.notification_types,
        "websiteURL": WEBSITES[identity.platform],
    }
    if config.notification_url is not None:
        answer["notificationUrl"] = config.notification_url
        answer["notificationAuthToken"] = config.notification_auth_token
    return answer


async def accepted_changes(body: Mapping[str, Any], behaviour: Behaviour, deliver: Deliver) -> dict[str, Any]:
    """What a request asks to store, members left out being None. Refused unless every check holds and the test notification arrives."""
    mdm_info = _mdm_info(body.get("mdmInfo"), behaviour)
    url, secret = _notification(body, behaviour)
    types = _types(body.get("notificationTypes"))
    if url is not None and secret is not None and not await deliver(url, secret):
        raise ApiError(9728)
    return {"mdm_info": mdm_info, "notification_url": url, "notification_auth_token": secret, "notification_types": types}


def changed(config: ClientConfig, changes: Mapping[str, Any], behaviour: Behaviour) -> ClientConfig:
    """The configuration with the changes. Whether members left out are kept is not documented (apple-api section 4)."""
    kept = ClientConfig() if behaviour.client_config_left_out == "cleared" else config
    return dataclasses.replace(kept, **{name: value for name, value in changes.items() if value is not None})


def _mdm_info(value: Any, behaviour: Behaviour) -> dict[str, str] | None:
    """All three members or none; an empty one counts as missing (apple-api section 4, assumed)."""
    if value is None:
        return None
    if not isinstance(value, Mapping):
        raise invalid("mdmInfo must be an object.")
    if not all(value.get(name) for name, *dummy in _MDM_LIMITS):
        raise ApiError(9723)
    members: dict[str, str] = {}
    for name, limit, number in _MDM_LIMITS:
        members[name] = value[name]
        if not isinstance(members[name], str):
            raise invalid(f"mdmInfo.{name} must be text.")
        enforce(behaviour, limit, len(members[name]), number)
    return members


def _notification(body: Mapping[str, Any], behaviour: Behaviour) -> tuple[str | None, str | None]:
    url, secret = body.get("notificationUrl"), body.get("notificationAuthToken")
    if not all(value is None or isinstance(value, str) for value in (url, secret)):
        raise invalid("notificationUrl and notificationAuthToken must be text.")
    if not url and not secret:
        return None, None
    if not url or not secret:
        raise ApiError(9710)
    enforce(behaviour, "maxNotificationLength", max(len(url), len(secret)), 9711)
    if not _acceptable(url, behaviour):
        raise ApiError(9712)
    return url, secret


def _acceptable(url: str, behaviour: Behaviour) -> bool:
    """https with host and path only; plain http to loopback when the behaviour admits it."""
    try:
        parts = urlsplit(url)
        host, dummy = parts.hostname, parts.port
    except ValueError:
        return False
    if not host or parts.query or parts.fragment or parts.username is not None or any(character.isspace() for character in url):
        return False
    return parts.scheme == "https" or (parts.scheme == "http" and behaviour.notification_http and _is_loopback(host))


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _types(value: Any) -> list[str] | None:
    """The wanted set. The test type may be asked for but is not kept (it is in no response enum)."""
    if value is None:
        return None
    if not isinstance(value, list) or not all(name == TEST or name in NOTIFICATION_TYPES for name in value):
        raise invalid("notificationTypes must be a list of known types.")
    return list(dict.fromkeys(name for name in value if name != TEST))
