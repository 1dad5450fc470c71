# Copyright (c) 2026, the mdmkit.apps_books authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reading drift.json: whole reports and parts of them, each checked, with every fault and its place."""

from __future__ import annotations

import json
import os
import re
from datetime import datetime
from typing import Any, Callable, Dict, Iterator, List, Mapping, Optional, Sequence, Tuple

from ansible_collections.mdmkit.apps_books.plugins.module_utils._model import InputError
from ansible_collections.mdmkit.apps_books.plugins.module_utils._report.kinds import KINDS, NUMBER, Detail, Member
from ansible_collections.mdmkit.apps_books.plugins.module_utils._report.report import (
    FORMAT,
    FORMAT_VERSION,
    Finding,
    Holder,
    Location,
    Stock,
)
from ansible_collections.mdmkit.apps_books.plugins.module_utils._report.text import clipped, visible

_TIME = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z\Z")
_TIME_FORMAT = "%Y-%m-%dT%H:%M:%SZ"
_COUNTS = ("users", "devices", "assignments")
_LONGEST_NAME = 200

_Check = Callable[[Any], Optional[str]]
"""What a value is not, or None where it is right."""


def time_as_text(moment: datetime) -> str:
    """A time in UTC as reports write it."""
    return moment.strftime(_TIME_FORMAT)


def read_parts(paths: Sequence[str]) -> List[Location]:
    """What was found in locations, from files and from the files ``*.json`` of folders.

    :raises InputError: with every fault of every file, each with its place
    """
    locations: List[Location] = []
    faults: List[str] = []
    for path in paths:
        for file in _files(path, faults):
            try:
                locations.extend(read_report(file))
            except InputError as error:
                faults.extend(error.faults)
    if faults:
        raise InputError(faults)
    return locations


def _files(path: str, faults: List[str]) -> List[str]:
    if not os.path.isdir(path):
        return [path]
    try:
        return [os.path.join(path, name) for name in sorted(os.listdir(path)) if name.endswith(".json") and not name.startswith(".")]
    except OSError as error:
        faults.append(f"{visible(path)}: {error.strerror}")
        return []


def read_report(path: str) -> List[Location]:
    """The locations of one file: a report, or what was found in one location.

    :raises InputError: the file cannot be read, or holds something else
    """
    place = visible(path)
    try:
        with open(path, "rb") as stream:
            content = stream.read()
    except OSError as error:
        raise InputError([f"{place}: {error.strerror}"]) from None
    return parse_report(content, place)


def parse_report(content: bytes, place: str) -> List[Location]:
    """The locations of a report, or of what was found in one location.

    :param place: what it is called in faults
    :raises InputError: it is something else
    """
    try:
        data = json.loads(content.decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        line = f":{error.lineno}" if isinstance(error, json.JSONDecodeError) else ""
        raise InputError([f"{place}{line}: not JSON"]) from None
    faults: List[str] = []
    locations = _report(data, f"{place}: ", faults)
    if faults:
        raise InputError(faults)
    return locations


def _report(data: Any, place: str, faults: List[str]) -> List[Location]:
    if not isinstance(data, dict):
        faults.append(f"{place}neither a drift report nor a part of one")
        return []
    is_part = "locations" not in data and "name" in data
    if data.get("format", FORMAT if is_part else None) != FORMAT:
        faults.append(f"{place}not a drift report: its format is not {FORMAT!r}")
        return []
    version = data.get("format_version", FORMAT_VERSION if is_part else None)
    if isinstance(version, bool) or version != FORMAT_VERSION:
        faults.append(f"{place}format_version {_told(version)} is not known here (known: {FORMAT_VERSION}); a newer release of the collection may read it")
        return []
    if is_part:
        return [_location(data, place, faults)]
    if data.get("locations") is None:
        faults.append(f"{place}locations is missing")
    return [_location(members, entry_place, faults) for entry_place, members in _mappings(data, "locations", place, faults)]


def _location(members: Mapping[str, Any], place: str, faults: List[str]) -> Location:
    counts = _mapping(members.get("counts"), f"{place}counts: ", faults) or {}
    findings = [_finding(entry, entry_place, faults) for entry_place, entry in _mappings(members, "findings", place, faults)]
    location = Location(
        name=_required(members, "name", _name, place, faults),
        made_at=_required(members, "made_at", _time, place, faults),
        error=_optional(members, "error", _text, place, faults),
        uid=_optional(members, "uid", _text, place, faults),
        location_name=_optional(members, "location_name", _text, place, faults),
        holder=_holder(_mapping(members.get("holder"), f"{place}holder: ", faults), f"{place}holder: ", faults),
        token_expires_at=_optional(members, "token_expires_at", _time, place, faults),
        counts=tuple((name, _required(counts, name, _count, f"{place}counts: ", faults)) for name in _COUNTS if counts.get(name) is not None),
        assets=tuple(_stock(entry, entry_place, faults) for entry_place, entry in _mappings(members, "assets", place, faults)),
        findings=_in_order(findings, place, faults),
    )
    if location.error is not None and location.findings:
        faults.append(f"{place}has both an error and findings")
    if location.error is None and members.get("findings") is None:
        faults.append(f"{place}findings is missing, and there is no error")
    return location


def _holder(members: Optional[Mapping[str, Any]], place: str, faults: List[str]) -> Optional[Holder]:
    if members is None:
        return None
    return Holder(_required(members, "id", _text, place, faults), _optional(members, "name", _text, place, faults))


def _stock(members: Mapping[str, Any], place: str, faults: List[str]) -> Stock:
    return Stock(
        adam_id=_required(members, "adam_id", _text, place, faults),
        pricing_param=_required(members, "pricing_param", _text, place, faults),
        name=_optional(members, "name", _text, place, faults),
        product_type=_optional(members, "product_type", _text, place, faults),
        revocable=_optional(members, "revocable", _truth, place, faults),
        total=_optional(members, "total", _count, place, faults),
        assigned=_optional(members, "assigned", _count, place, faults),
        available=_optional(members, "available", _count, place, faults),
        wanted=_optional(members, "wanted", _count, place, faults),
    )


def _finding(members: Mapping[str, Any], place: str, faults: List[str]) -> Optional[Finding]:
    name = members.get("kind")
    kind = KINDS.get(name) if isinstance(name, str) else None
    if kind is None:
        faults.append(f"{place}kind {_told(name)} is not one of {', '.join(KINDS)}")
        return None
    count = _required(members, "count", _count, place, faults)
    before = len(faults)
    details = tuple(_detail(entry, kind.members, entry_place, faults) for entry_place, entry in _mappings(members, "details", place, faults))
    left_out = _optional(members, "left_out", _count, place, faults)
    if len(faults) == before and isinstance(count, int) and count - len(details) != (left_out or 0):
        faults.append(f"{place}count {count} is not the {len(details)} details and the {left_out or 0} left out")
    return Finding(kind.name, count, details)


def _in_order(findings: Sequence[Optional[Finding]], place: str, faults: List[str]) -> Tuple[Finding, ...]:
    """Those that found something, in the order of the kinds."""
    by_kind: Dict[str, Finding] = {}
    for finding in findings:
        if finding is not None and finding.kind in by_kind:
            faults.append(f"{place}findings: {finding.kind} is there twice")
        elif finding is not None:
            by_kind[finding.kind] = finding
    return tuple(by_kind[kind] for kind in KINDS if kind in by_kind and by_kind[kind].count)


def _detail(members: Mapping[str, Any], known: Sequence[Member], place: str, faults: List[str]) -> Detail:
    """What of a detail is known; a later release may say more."""
    detail = {}
    for member in known:
        if members.get(member.name) is not None:
            detail[member.name] = _required(members, member.name, _number if member.type == NUMBER else _shown_value, place, faults)
    return detail


def failed_location(name: Any, error: Any, made_at: str, place: str, faults: List[str]) -> Location:
    """A location that could not be read, and why.

    :param faults: what is wrong with the name or the text comes here
    """
    return _location({"name": name, "made_at": made_at, "error": error if error is not None else ""}, place, faults)


def _mapping(data: Any, place: str, faults: List[str]) -> Optional[Mapping[str, Any]]:
    """None, if there is none."""
    if data is not None and not isinstance(data, dict):
        faults.append(f"{place}a mapping is expected, not {_told(data)}")
        return None
    return data


def _mappings(members: Mapping[str, Any], name: str, place: str, faults: List[str]) -> Iterator[Tuple[str, Mapping[str, Any]]]:
    """The mappings of a list, each with its place."""
    entries = members.get(name)
    if entries is not None and not isinstance(entries, list):
        faults.append(f"{place}{name}: a list is expected, not {_told(entries)}")
        return
    for index, entry in enumerate(entries or []):
        entry_place = f"{place}{name}[{index}]: "
        if isinstance(entry, dict):
            yield entry_place, entry
        else:
            faults.append(f"{entry_place}a mapping is expected, not {_told(entry)}")


def _required(members: Mapping[str, Any], name: str, check: _Check, place: str, faults: List[str]) -> Any:
    if members.get(name) is None:
        faults.append(f"{place}{name} is missing")
        return None
    return _optional(members, name, check, place, faults)


def _optional(members: Mapping[str, Any], name: str, check: _Check, place: str, faults: List[str]) -> Any:
    value = members.get(name)
    expected = check(value) if value is not None else None
    if expected:
        faults.append(f"{place}{name}: {_told(value)} is not {expected}")
    return value


def _text(value: Any) -> Optional[str]:
    return None if isinstance(value, str) else "text"


def _name(value: Any) -> Optional[str]:
    return None if isinstance(value, str) and 0 < len(value) <= _LONGEST_NAME else f"a name of at most {_LONGEST_NAME} characters"


def _time(value: Any) -> Optional[str]:
    try:
        right = isinstance(value, str) and bool(_TIME.match(value)) and bool(datetime.strptime(value, _TIME_FORMAT))
    except ValueError:
        right = False
    return None if right else "a time such as 2026-11-23T02:00:00Z"


def _truth(value: Any) -> Optional[str]:
    return None if isinstance(value, bool) else "true or false"


def _number(value: Any) -> Optional[str]:
    return None if isinstance(value, int) and not isinstance(value, bool) else "a whole number"


def _count(value: Any) -> Optional[str]:
    return _number(value) or (None if value >= 0 else "a number from 0 on")


def _shown_value(value: Any) -> Optional[str]:
    if isinstance(value, list):
        return None if all(isinstance(entry, str) for entry in value) else "a list of texts"
    return None if isinstance(value, (str, int)) else "text"


def _told(value: Any) -> str:
    return clipped(json.dumps(value, default=str))
