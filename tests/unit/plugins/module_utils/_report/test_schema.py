# Copyright (c) 2026, the mdmkit.apps_books authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""docs/schemas/drift.schema.json says what the code reads and writes."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.mdmkit.apps_books.plugins.module_utils._report.kinds import CLASSES, KINDS
from ansible_collections.mdmkit.apps_books.plugins.module_utils._report.report import Report, report_as_json
from ansible_collections.mdmkit.apps_books.tests.unit.plugins.module_utils._report.test_report import BAD, GOOD
from ansible_collections.mdmkit.apps_books.tests.unit.support.draw import examples
from ansible_collections.mdmkit.apps_books.tests.unit.support.drift import reports
from hypothesis import given
from jsonschema import Draft202012Validator

SCHEMA = json.loads((Path(__file__).parents[5] / "docs" / "schemas" / "drift.schema.json").read_text(encoding="utf-8"))
VALIDATOR = Draft202012Validator(SCHEMA)
# What needs a look at two places at once, or at a calendar.
BEYOND_A_SCHEMA = {"a wrong count", "a kind twice", "no such day"}


def refused(data: Any) -> bool:
    return not VALIDATOR.is_valid(data)


def test_the_schema_is_one() -> None:
    Draft202012Validator.check_schema(SCHEMA)
    assert not refused(GOOD)


@examples(60)
@given(reports)
def test_the_schema_takes_what_is_written(report: Report) -> None:
    assert list(VALIDATOR.iter_errors(json.loads(report_as_json(report)))) == []


@pytest.mark.parametrize("name", BAD)
def test_the_schema_refuses_what_is_not_read(name: str) -> None:
    assert refused(BAD[name][0]()) == (name not in BEYOND_A_SCHEMA)


def test_the_schema_knows_every_kind_and_each_of_their_members() -> None:
    definitions = SCHEMA["$defs"]
    details = {}
    for rule in definitions["finding"]["allOf"]:
        which = rule["if"]["properties"]["kind"]
        name = rule["then"]["properties"]["details"]["items"]["$ref"].rsplit("/", 1)[1]
        details.update({kind: set(definitions[name]["properties"]) for kind in which.get("enum", [which.get("const")])})

    assert definitions["kind"]["enum"] == list(KINDS)
    assert definitions["summary"]["properties"]["worst"]["enum"] == [*CLASSES, "none"]
    assert details == {kind.name: {member.name for member in kind.members} for kind in KINDS.values()}
