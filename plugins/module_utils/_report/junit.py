# Copyright (c) 2026, the mdmkit.apps_books authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A drift report as JUnit XML: a test suite for each location, in it a test case for each kind of finding."""

from __future__ import annotations

from typing import Iterator, List
from xml.sax.saxutils import escape, quoteattr

from ansible_collections.mdmkit.apps_books.plugins.module_utils._report.kinds import FAIL_ON, KINDS
from ansible_collections.mdmkit.apps_books.plugins.module_utils._report.report import Finding, Location, Report
from ansible_collections.mdmkit.apps_books.plugins.module_utils._report.tables import table_of
from ansible_collections.mdmkit.apps_books.plugins.module_utils._report.text import clipped, number, visible

_DETAILS_SHOWN = 20
_LONGEST_ERROR = 2000
_READ = "read"
"""The test case that says whether the location could be read."""


def report_as_junit(report: Report, fail_on: str) -> str:
    """The text of drift.junit.xml.

    :param fail_on: one of FAIL_ON; findings of other classes are told in test cases that pass
    """
    suites = [_suite(location, fail_on) for location in report.locations]
    return "\n".join(['<?xml version="1.0" encoding="UTF-8"?>', '<testsuites name="drift">', *suites, "</testsuites>", ""])


def _suite(location: Location, fail_on: str) -> str:
    cases = list(_cases(location, fail_on))
    counts = {name: sum(f"<{tag}" in case for case in cases) for name, tag in (("failures", "failure"), ("errors", "error"), ("skipped", "skipped"))}
    numbers = "".join(f' {name}="{count}"' for name, count in counts.items())
    timestamp = quoteattr(location.made_at.rstrip("Z"))
    head = f'  <testsuite name={quoteattr(visible(location.name))} timestamp={timestamp} time="0" tests="{len(cases)}"{numbers}>'
    return "\n".join([head, *cases, "  </testsuite>"])


def _cases(location: Location, fail_on: str) -> Iterator[str]:
    if location.error is None:
        yield _case(location, _READ, [])
    else:
        error = clipped(location.error, _LONGEST_ERROR)
        # Where nobody wants to be stopped, a location that cannot be read does not stop anybody either.
        yield _case(location, _READ, [f"<error message={quoteattr(error)}/>" if FAIL_ON[fail_on] else f"<system-out>{escape(error)}</system-out>"])
    findings = {finding.kind: finding for finding in location.findings}
    for kind in KINDS:
        if location.error is not None:
            yield _case(location, kind, ["<skipped/>"])
        elif kind in findings:
            yield _case(location, kind, [_told(findings[kind], fail_on)])
        else:
            yield _case(location, kind, [])


def _case(location: Location, name: str, content: List[str]) -> str:
    head = f'    <testcase classname={quoteattr("drift." + visible(location.name))} name="{name}" time="0"'
    return "\n".join([head + ">", *content, "    </testcase>"]) if content else head + "/>"


def _told(finding: Finding, fail_on: str) -> str:
    table = table_of(finding, _DETAILS_SHOWN)
    lines = [", ".join(f"{column.title}: {cell}" for column, cell in zip(table.columns, row) if cell) for row in table.rows]
    left_out = finding.count - len(lines)
    if left_out:
        lines.append(f"and {number(left_out)} more")
    text = escape("\n".join(lines))
    if finding.of_class in FAIL_ON[fail_on]:
        return f"<failure type={quoteattr(finding.kind)} message={quoteattr(str(finding))}>{text}</failure>"
    return f"<system-out>{escape(str(finding))}\n{text}</system-out>"
