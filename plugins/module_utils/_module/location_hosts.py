# Copyright (c) 2026, the mdmkit.apps_books authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a location looks like as a host of an inventory: its variables and its groups."""

from __future__ import annotations

import datetime
from typing import Any, Dict, List, Mapping, NamedTuple, Optional, Sequence

from ansible_collections.mdmkit.apps_books.plugins.module_utils._api.token import days_left, parse_date
from ansible_collections.mdmkit.apps_books.plugins.module_utils._module.locations import Answer, Facts
from ansible_collections.mdmkit.apps_books.plugins.module_utils._module.token_file import is_named_like_a_token
from ansible_collections.mdmkit.apps_books.plugins.module_utils._report.kinds import FAIL_ON
from ansible_collections.mdmkit.apps_books.plugins.module_utils._report.report import Location
from ansible_collections.mdmkit.apps_books.plugins.module_utils._wanted.locations import WantedLocation

ALL_LOCATIONS = "locations"
"""The group that the playbooks of the collection work on."""

OURS, OTHERS, UNCLAIMED, UNKNOWN = "ours", "others", "unclaimed", "unknown"

_UNTOLD = ("location_name", "uid", "country", "platform", "organization", "holder", "token_expires_at", "stock")
_LONGEST_GROUP = 60


class LocationHost(NamedTuple):
    """:ivar groups: names as they are; Ansible makes them fit"""

    name: str
    variables: Dict[str, Any]
    groups: List[str]


class Looking(NamedTuple):
    """How to look at the answers.

    :ivar mdm_id: the id that shall hold the locations for which nothing else says so; empty for none
    :ivar expiring_days: how long before its end a token counts as expiring
    :ivar now: with a time zone
    """

    mdm_id: str
    expiring_days: int
    now: datetime.datetime


def location_hosts(
    locations: Sequence[WantedLocation],
    answers: Optional[Mapping[str, Answer]],
    findings: Mapping[str, Location],
    looking: Looking,
) -> List[LocationHost]:
    """
    :param answers: by name; None where nothing was asked
    :param findings: of the last report, by name
    """
    hosts = []
    of_library = _names_by_uid(answers or {})
    for location in locations:
        variables, groups = _said_here(location), [ALL_LOCATIONS]
        if answers is not None:
            told = _told_by_apple(location, answers[location.name], looking)
            others = [name for name in of_library.get(told["vpp_uid"], []) if name != location.name]
            variables.update(told, vpp_same_library=others)
            groups.extend(_groups(told, others, looking))
        if location.name in findings:
            found = findings[location.name]
            counts = {finding.kind: finding.count for finding in found.findings if finding.count}
            variables.update(vpp_drift=counts, vpp_drift_made_at=found.made_at, vpp_drift_error=found.error)
            groups.extend(f"vpp_drift_{kind}" for kind in counts)
            groups.extend(f"vpp_{of_class}" for of_class in FAIL_ON["any"] if found.count(of_class))
            groups.extend(["vpp_drift_failed"] if found.error is not None else [])
        hosts.append(LocationHost(location.name, variables, groups))
    return hosts


def _said_here(location: WantedLocation) -> Dict[str, Any]:
    """The variables by which the role finds files and token. Never the token."""
    variables: Dict[str, Any] = {"location_name": location.name}
    if location.path:
        variables["location_path"] = location.path
    if not location.token_file:
        variables["location_content_token_env"] = location.token.variable
    elif not is_named_like_a_token(location.token_file):
        variables["location_content_token_file"] = location.token_file
    if location.own_mdm_id:
        variables["location_mdm_id"] = location.mdm_id
    return variables


def _told_by_apple(location: WantedLocation, answer: Answer, looking: Looking) -> Dict[str, Any]:
    """The same variables for each, so that expressions need not ask whether they are there."""
    facts: Facts = answer.facts or {}
    told = {f"vpp_{name}": facts.get(name) for name in _UNTOLD}
    told["vpp_token_expires_at"] = told["vpp_token_expires_at"] or answer.token_expires_at
    told["vpp_days_left"] = _days_left(told["vpp_token_expires_at"], looking.now)
    told["vpp_ownership"] = _ownership(facts, location.mdm_id or looking.mdm_id) if facts else UNKNOWN
    told["vpp_unreachable_reason"] = answer.reason or None
    return told


def _days_left(expires_at: Optional[str], now: datetime.datetime) -> Optional[int]:
    expires = parse_date(expires_at)
    return None if expires is None else days_left(expires, now)


def _ownership(facts: Facts, mdm_id: str) -> str:
    holder = facts["holder"]
    if holder is None:
        return UNCLAIMED if facts["holder_known"] else UNKNOWN
    if not mdm_id:
        return UNKNOWN
    return OURS if holder["id"] == mdm_id else OTHERS


def _groups(told: Mapping[str, Any], others: Sequence[str], looking: Looking) -> List[str]:
    if told["vpp_unreachable_reason"]:
        groups = ["vpp_unreachable"]
    else:
        groups = [f"vpp_ownership_{told['vpp_ownership']}"]
        for what in ("country", "platform"):
            if told[f"vpp_{what}"]:
                groups.append(f"vpp_{what}_{str(told[f'vpp_{what}']).lower()[:_LONGEST_GROUP]}")
    if told["vpp_days_left"] is not None and told["vpp_days_left"] <= looking.expiring_days:
        groups.append("vpp_expiring")
    if others:
        groups.append("vpp_same_library")
    return groups


def _names_by_uid(answers: Mapping[str, Answer]) -> Dict[Any, List[str]]:
    names: Dict[Any, List[str]] = {}
    for name, answer in answers.items():
        if answer.facts and answer.facts["uid"]:
            names.setdefault(answer.facts["uid"], []).append(name)
    return names
