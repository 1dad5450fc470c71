# Copyright (c) 2026, the mdmkit.apps_books authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The client configuration that is wanted."""

from __future__ import annotations

from typing import Any, Dict, Iterator, List, Mapping, NamedTuple, Optional, Sequence, Tuple

from ansible_collections.mdmkit.apps_books.plugins.module_utils._model import InputError, MdmInfo
from ansible_collections.mdmkit.apps_books.plugins.module_utils._wanted.checks import shown, shown_as_written, url_fault
from ansible_collections.mdmkit.apps_books.plugins.module_utils._wanted.mappings import Document
from ansible_collections.mdmkit.apps_books.plugins.module_utils._wanted.places import Step

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


MEMBERS = ("mdm_info", "notification_url", "notification_types")
_SECRET = "notification_auth_token"


def wanted_client_config(
    mdm_info: Optional[Mapping[str, Optional[str]]],
    notification_url: Optional[str],
    notification_auth_token: Optional[str],
    notification_types: Optional[Sequence[str]],
) -> WantedClientConfig:
    """
    :raises InputError: with all faults
    """
    faults = [fault for dummy, fault in _faults(mdm_info, notification_url, notification_types)]
    if faults:
        raise InputError(faults)
    return WantedClientConfig(
        None if mdm_info is None else MdmInfo(*(mdm_info.get(name) or "" for name in MdmInfo._fields)),
        notification_url or None,
        notification_auth_token or None,
        None if notification_types is None else tuple(sorted(set(notification_types))),
    )


def read_client_config(document: Document, faults: List[str]) -> Dict[str, Any]:
    """The same members in the tree of a location. The secret does not belong there.

    :returns: those that are given, as options of vpp_client_config
    """
    found: List[Tuple[Sequence[Step], str]] = []
    members = {name: value for name, value in document.members.items() if name != _SECRET}
    if _SECRET in document.members:
        faults.append(f"{document.place(_SECRET)}: {_SECRET} is a secret and must not stand in the tree; see the variable location_{_SECRET}")
    document._replace(members=members).check_names(MEMBERS, faults)
    info, url, types = (members.get(name) for name in MEMBERS)
    if "mdm_info" in members:
        found.extend(_shape_of_mdm_info(info))
        if isinstance(info, dict):
            document.check_names(MdmInfo._fields, faults, "mdm_info")
    if "notification_url" in members and not isinstance(url, str):
        found.append((MEMBERS[1:2], "notification_url is not text"))
    if "notification_types" in members:
        found.extend(_shape_of_types(types))
    is_whole_info = isinstance(info, dict) and all(isinstance(info.get(name), str) for name in MdmInfo._fields)
    found.extend(_faults(info if is_whole_info else None, url if isinstance(url, str) else None, types if isinstance(types, list) else None))
    faults.extend(f"{document.place(*steps)}: {fault}" for steps, fault in found)
    return {name: members[name] for name in MEMBERS if name in members}


def _shape_of_mdm_info(info: Any) -> Iterator[Tuple[Sequence[Step], str]]:
    if not isinstance(info, dict):
        yield ("mdm_info",), f"mdm_info is a mapping of {', '.join(MdmInfo._fields)}"
        return
    for name in MdmInfo._fields:
        if name not in info:
            yield ("mdm_info",), f"mdm_info.{name} is missing"
        elif not isinstance(info[name], str):
            yield ("mdm_info", name), f"mdm_info.{name}: {shown_as_written(info[name])} is not text; put it into quotes"


def _shape_of_types(types: Any) -> Iterator[Tuple[Sequence[Step], str]]:
    if not isinstance(types, list):
        yield ("notification_types",), "notification_types is not a list"
        return
    for index, name in enumerate(types):
        if not isinstance(name, str):
            yield ("notification_types", index), f"notification_types[{index}]: {shown_as_written(name)} is not text"


def _faults(
    info: Optional[Mapping[str, Optional[str]]], url: Optional[str], types: Optional[Sequence[Any]]
) -> Iterator[Tuple[Sequence[Step], str]]:
    """What is wrong with members of the right kinds, and the steps to each. Of the types, only texts are looked at."""
    if info is not None:
        # Apple wants all three or none (9723).
        for name in MdmInfo._fields:
            if not (info.get(name) or "").strip():
                yield ("mdm_info", name), f"mdm_info.{name} is empty"
    fault = url_fault(url, "notification_url", "https://hooks.example.org/apple") if url else None
    if fault:
        yield ("notification_url",), fault
    for name in sorted({name for name in types or () if isinstance(name, str)}.difference(NOTIFICATION_TYPES)):
        yield ("notification_types", list(types or ()).index(name)), f"notification_types: {shown(name)} is not one of {', '.join(NOTIFICATION_TYPES)}"
