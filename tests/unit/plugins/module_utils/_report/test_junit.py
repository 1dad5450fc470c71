# Copyright (c) 2026, the mdmkit.apps_books authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from typing import Optional
from xml.etree import ElementTree

import pytest
from ansible_collections.mdmkit.apps_books.plugins.module_utils._report.junit import report_as_junit
from ansible_collections.mdmkit.apps_books.plugins.module_utils._report.kinds import FAIL_ON, KINDS
from ansible_collections.mdmkit.apps_books.plugins.module_utils._report.report import Report, merged, verdict
from ansible_collections.mdmkit.apps_books.tests.unit.support.draw import examples
from ansible_collections.mdmkit.apps_books.tests.unit.support.drift import finding, location, reports
from hypothesis import given
from hypothesis import strategies as st

REPORT = merged(
    [
        location("springfield", finding("assignment_missing", 30, 25, serial_number="D1"), finding("licence_low", 1, name="Number Garden")),
        location("north", error="No <answer>."),
    ]
)


def case(report: Report, fail_on: str, suite: str, name: str) -> ElementTree.Element:
    found: Optional[ElementTree.Element] = ElementTree.fromstring(report_as_junit(report, fail_on)).find(f"testsuite[@name='{suite}']/testcase[@name='{name}']")
    assert found is not None
    return found


@examples(50)
@given(reports, st.sampled_from(sorted(FAIL_ON)))
def test_it_is_xml_and_adds_up_whatever_it_holds(report: Report, fail_on: str) -> None:
    root = ElementTree.fromstring(report_as_junit(report, fail_on))

    assert len(root) == len(report.locations)
    for suite, of in zip(root, report.locations):
        for tag, attribute in (("testcase", "tests"), ("failure", "failures"), ("error", "errors"), ("skipped", "skipped")):
            assert len(list(suite.iter(tag))) == int(suite.attrib[attribute])
        assert len(suite) == len(KINDS) + 1
        assert [entry.attrib["name"] for entry in suite if entry.find("skipped") is None] == (["read"] if of.error is not None else ["read", *KINDS])
    assert bool(root.findall(".//failure") + root.findall(".//error")) == bool(verdict(report, fail_on))


def test_a_failure_tells_what_was_found() -> None:
    failure = case(REPORT, "drift", "springfield", "assignment_missing").find("failure")

    assert failure is not None and failure.text is not None
    assert failure.attrib["message"] == "30 missing assignments"
    lines = failure.text.split("\n")
    assert lines[0] == "Device: D1" and len(lines) == 21 and lines[-1] == "and 10 more"


@pytest.mark.parametrize("fail_on, tag", [("none", "system-out"), ("drift", "system-out"), ("shortage", "failure"), ("any", "failure")])
def test_only_what_somebody_asked_for_fails(fail_on: str, tag: str) -> None:
    told = case(REPORT, fail_on, "springfield", "licence_low")

    assert [child.tag for child in told] == [tag]
    assert "Name: Number Garden" in (told[0].text or "")


@pytest.mark.parametrize("fail_on, tag", [("none", "system-out"), ("expiry", "error")])
def test_a_location_that_could_not_be_read_is_an_error(fail_on: str, tag: str) -> None:
    told = case(REPORT, fail_on, "north", "read")

    assert [child.tag for child in told] == [tag]
    assert "No <answer>." in (told[0].text or told[0].attrib["message"])
