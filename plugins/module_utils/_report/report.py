# Copyright (c) 2026, the mdmkit.apps_books authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A drift report as data: what was found in each location, what it sums up to, and which findings somebody wants to be stopped by."""

from __future__ import annotations

import json
from typing import Any, Dict, Iterable, List, NamedTuple, Optional, Tuple

from ansible_collections.mdmkit.apps_books.plugins.module_utils._report.kinds import AS_WANTED, CLASSES, FAIL_ON, FAILED, KINDS, Detail
from ansible_collections.mdmkit.apps_books.plugins.module_utils._report.text import counted

FORMAT = "mdmkit.apps_books drift"
FORMAT_VERSION = 1


class Stock(NamedTuple):
    """The licences of an asset. Without a limit, ``total`` and ``available`` are None; ``wanted`` is None where nobody says what is wanted."""

    adam_id: str
    pricing_param: str
    name: Optional[str]
    product_type: Optional[str]
    revocable: Optional[bool]
    total: Optional[int]
    assigned: Optional[int]
    available: Optional[int]
    wanted: Optional[int]


class Finding(NamedTuple):
    """All that is of one kind in a location; ``details`` may be only the first of them."""

    kind: str
    count: int
    details: Tuple[Detail, ...]

    @property
    def left_out(self) -> int:
        return self.count - len(self.details)

    @property
    def of_class(self) -> str:
        return KINDS[self.kind].of_class

    def __str__(self) -> str:
        return counted(self.count, KINDS[self.kind].one, KINDS[self.kind].many)


class Holder(NamedTuple):
    """Who says to manage the location."""

    id: str
    name: Optional[str]


class Location(NamedTuple):
    """What was found in a location. Where it could not be read, ``error`` says why and nothing was found."""

    name: str
    made_at: str
    error: Optional[str] = None
    uid: Optional[str] = None
    location_name: Optional[str] = None
    holder: Optional[Holder] = None
    token_expires_at: Optional[str] = None
    counts: Tuple[Tuple[str, int], ...] = ()
    assets: Tuple[Stock, ...] = ()
    findings: Tuple[Finding, ...] = ()

    def count(self, of_class: str) -> int:
        return sum(finding.count for finding in self.findings if finding.of_class == of_class)

    @property
    def worst(self) -> str:
        """``failed``, the worst class of its findings, or ``as_wanted``."""
        if self.error is not None:
            return FAILED
        return next((of_class for of_class in CLASSES if self.count(of_class)), AS_WANTED)

    def without_details(self, most: int = 0) -> Location:
        """The same with no more than so many details of each finding."""
        return self._replace(findings=tuple(finding._replace(details=finding.details[:most]) for finding in self.findings))


class Report(NamedTuple):
    """:ivar locations: in the order of their names, each once"""

    made_at: str
    locations: Tuple[Location, ...]

    @property
    def failed(self) -> List[str]:
        return [location.name for location in self.locations if location.error is not None]

    def count(self, of_class: str) -> int:
        return sum(location.count(of_class) for location in self.locations)

    def affected(self, of_class: str) -> int:
        """How many locations have findings of the class."""
        return sum(1 for location in self.locations if location.count(of_class))

    def worst_first(self) -> List[Location]:
        return sorted(self.locations, key=lambda location: (location.error is None, *(-location.count(of_class) for of_class in CLASSES)))

    def without_details(self, most: int = 0) -> Report:
        """The same with no more than so many details of each finding."""
        return self._replace(locations=tuple(location.without_details(most) for location in self.locations))


class Verdict(NamedTuple):
    """What of a report somebody wants to be stopped by.

    :ivar kinds: of the findings
    :ivar locations: that could not be read: nobody knows what is in them
    """

    kinds: List[str]
    locations: List[str]

    def __bool__(self) -> bool:
        return bool(self.kinds or self.locations)


def merged(locations: Iterable[Location]) -> Report:
    """One report out of what was found, in any order and however often: of what is said about a location, the newest counts.

    :param locations: at least one
    """
    newest: Dict[str, Location] = {}
    for location in locations:
        before = newest.get(location.name)
        if before is None or _age(before) < _age(location):
            newest[location.name] = location
    ordered = tuple(newest[name] for name in sorted(newest))
    return Report(max(location.made_at for location in ordered), ordered)


def _age(location: Location) -> Tuple[str, str]:
    # What was made in the same second still needs an order, or else the result would depend on which is seen first.
    return location.made_at, json.dumps(as_data(location), sort_keys=True)


def summary(report: Report) -> Dict[str, Any]:
    """The figures of a report, as its JSON has them."""
    findings = {kind: sum(finding.count for location in report.locations for finding in location.findings if finding.kind == kind) for kind in KINDS}
    return {
        "locations": len(report.locations),
        "failed": report.failed,
        "findings": {kind: count for kind, count in findings.items() if count},
        "worst": next((of_class for of_class in CLASSES if report.count(of_class)), "none"),
    }


def verdict(report: Report, fail_on: str) -> Verdict:
    """:param fail_on: one of FAIL_ON"""
    classes = FAIL_ON[fail_on]
    if not classes:
        return Verdict([], [])
    found = {finding.kind for location in report.locations for finding in location.findings if finding.count}
    return Verdict([name for name, kind in KINDS.items() if name in found and kind.of_class in classes], report.failed)


def headline(report: Report) -> str:
    """The worst of a report in one sentence, and never silent about locations that could not be read: nobody knows what is in them."""
    count, failed = len(report.locations), len(report.failed)
    all_of = counted(count, "location", "locations")
    drifted, short, expiring = (report.affected(of_class) for of_class in CLASSES[:3])
    if drifted:
        return f"Drift in {drifted:,} of {all_of}" + (f", {failed:,} could not be read" if failed else "")
    if failed:
        return f"{failed:,} of {all_of} could not be read"
    if short:
        return f"Licences run short in {short:,} of {all_of}"
    if expiring:
        return f"Content tokens expire in {expiring:,} of {all_of}"
    if not any(location.counts for location in report.locations):
        return f"Enough licences in {all_of}"
    return f"All {all_of} are as wanted" if count > 1 else "The location is as wanted"


def as_data(location: Location) -> Dict[str, Any]:
    """A location as JSON has it."""
    data = location._asdict()
    data["holder"] = location.holder._asdict() if location.holder is not None else None
    data["counts"] = dict(location.counts)
    data["assets"] = [stock._asdict() for stock in location.assets]
    data["findings"] = [
        {"kind": finding.kind, "count": finding.count, "left_out": finding.left_out, "details": list(finding.details)} for finding in location.findings
    ]
    return data


def report_as_json(report: Report) -> str:
    """The text of drift.json."""
    head = {"format": FORMAT, "format_version": FORMAT_VERSION, "made_at": report.made_at, "summary": summary(report)}
    members = [f"{json.dumps(name)}: {json.dumps(value)}" for name, value in head.items()]
    locations = ",\n".join(json.dumps(as_data(location)) for location in report.locations)
    return "{" + ",\n".join(members) + ',\n"locations": [\n' + locations + "\n]}\n"
