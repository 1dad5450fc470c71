# Copyright (c) 2026, the mdmkit.apps_books authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The client configuration that is wanted."""

from __future__ import annotations

from typing import List, Mapping, NamedTuple, Optional, Sequence, Tuple

from ansible_collections.mdmkit.apps_books.plugins.module_utils._model import InputError, MdmInfo
from ansible_collections.mdmkit.apps_books.plugins.module_utils._wanted.checks import shown, url_fault

NOTIFICATION_TYPES = (
    "ASSET_COUNT",
    "ASSET_MANAGEMENT",
    "SUBSCRIPTION_COUNT",
    "SUBSCRIPTION_MANAGEMENT",
    "UNLIMITED_ASSET",
    "USER_ASSOCIATED",
    "USER_MANAGEMENT",
)
"""What can be subscribed to (openapi.yaml, NotificationType)."""


class WantedClientConfig(NamedTuple):
    """What is None is left as it is."""

    mdm_info: Optional[MdmInfo]
    notification_url: Optional[str]
    notification_auth_token: Optional[str]
    notification_types: Optional[Tuple[str, ...]]


def wanted_client_config(
    mdm_info: Optional[Mapping[str, Optional[str]]],
    notification_url: Optional[str],
    notification_auth_token: Optional[str],
    notification_types: Optional[Sequence[str]],
) -> WantedClientConfig:
    """
    :raises InputError: with all faults
    """
    faults: List[str] = []
    info = None
    if mdm_info is not None:
        info = MdmInfo(*(mdm_info.get(name) or "" for name in MdmInfo._fields))
        # Apple wants all three or none (9723).
        faults.extend(f"mdm_info.{name} is empty" for name, value in zip(MdmInfo._fields, info) if not value.strip())
    if notification_url:
        fault = url_fault(notification_url, "notification_url", "https://hooks.example.org/apple")
        if fault:
            faults.append(fault)
    types = None
    if notification_types is not None:
        types = tuple(sorted(set(notification_types)))
        faults.extend(f"notification_types: {shown(name)} is not one of {', '.join(NOTIFICATION_TYPES)}" for name in types if name not in NOTIFICATION_TYPES)
    if faults:
        raise InputError(faults)
    return WantedClientConfig(info, notification_url or None, notification_auth_token or None, types)
