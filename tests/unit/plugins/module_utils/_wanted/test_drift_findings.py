# Copyright (c) 2026, the mdmkit.apps_books authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Dict

import pytest
from ansible_collections.mdmkit.apps_books.plugins.module_utils._model import InputError
from ansible_collections.mdmkit.apps_books.plugins.module_utils._wanted.drift_findings import DriftFindings, read_drift_findings

REPORT: Dict[str, Any] = {"format": "mdmkit.apps_books drift", "format_version": 1, "locations": []}
AT = "2026-11-23T02:00:00Z"


def test_the_findings_are_counted_by_kind(tmp_path: Path) -> None:
    findings = [
        {"kind": "assignment_missing", "count": 12, "left_out": 10, "details": [{}, {}]},
        {"kind": "user_extra", "count": 0},
        {"kind": "a group: [name]", "count": 3},
    ]
    locations = [
        {"name": "north", "made_at": AT, "error": None, "findings": findings},
        {"name": "south", "made_at": AT, "error": "no token", "findings": []},
    ]
    path = tmp_path / "drift.json"
    path.write_text(json.dumps({**REPORT, "locations": locations}), encoding="utf-8")

    assert read_drift_findings(str(path)) == {
        "north": DriftFindings(AT, {"assignment_missing": 12}, None),
        "south": DriftFindings(AT, {}, "no token"),
    }


@pytest.mark.parametrize(
    "text, fault",
    [
        ("{", "not JSON"),
        ("[" * 100000, "not JSON"),
        ("[]", "not a drift report of format version 1"),
        (json.dumps({**REPORT, "format_version": 2}), "not a drift report of format version 1"),
        (json.dumps({**REPORT, "locations": [{"name": "north"}]}), "a member is missing"),
        (json.dumps({**REPORT, "locations": ["north"]}), "a member is missing"),
        (json.dumps({**REPORT, "locations": None}), "a member is missing"),
        (json.dumps({**REPORT, "locations": [{"name": "north", "findings": [{"kind": "x", "count": "many"}]}]}), "a member is missing"),
    ],
)
def test_what_is_no_drift_report_is_refused(tmp_path: Path, text: str, fault: str) -> None:
    path = tmp_path / "drift.json"
    path.write_text(text, encoding="utf-8")

    with pytest.raises(InputError) as caught:
        read_drift_findings(str(path))
    assert caught.value.faults[0].startswith(f"drift_report {path}: {fault}")


def test_a_folder_is_no_report(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="Is a directory"):
        read_drift_findings(str(tmp_path))
