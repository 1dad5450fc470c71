# Copyright (c) 2026, the mdmkit.apps_books authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reports of drift, written by the module and by ansible-playbook."""

from __future__ import annotations

import json
import os
import pathlib
import stat
from typing import Any, Dict, List
from xml.etree import ElementTree

import pytest

from .conftest import ANSIBLES_OWN, Playbooks, returns, run_in_process

MODULE = "vpp_drift_report"
FORMATS = ("json", "markdown", "html", "junit")


def found(name: str, made_at: str = "2026-11-23T02:00:00Z", **findings: int) -> Dict[str, Any]:
    details = [{"client_user_id": "u-1"}, {"client_user_id": "u-2"}]
    return {
        "name": name,
        "made_at": made_at,
        "findings": [
            {"kind": kind, "count": count, "left_out": max(0, count - 2), "details": details[:count]} for kind, count in findings.items()
        ],
    }


def saved(folder: pathlib.Path, name: str, *locations: Dict[str, Any]) -> str:
    (folder / name).write_text(json.dumps({"format": "mdmkit.apps_books drift", "format_version": 1, "locations": locations}), encoding="utf-8")
    return str(folder / name)


def report(**options: Any) -> Dict[str, Any]:
    result = run_in_process("vpp_drift_report", options)
    assert set(result) <= set(returns(MODULE)) | ANSIBLES_OWN
    return result


def places(folder: pathlib.Path) -> Dict[str, str]:
    return {"dest_" + name: str(folder / f"drift.{name}") for name in FORMATS}


@pytest.mark.parametrize("check", [False, True])
def test_parts_become_one_report_in_every_format(tmp_path: pathlib.Path, check: bool) -> None:
    parts = [saved(tmp_path, "1.json", found("a", user_extra=5), found("b")), saved(tmp_path, "2.json", found("c", licence_low=1))]

    result = report(parts=parts, errors={"north": "No answer."}, fail_on="drift", **places(tmp_path), _ansible_check_mode=check)

    assert (result["changed"], result["headline"]) == (False, "Drift in 1 of 4 locations, 1 could not be read")
    assert result["summary"] == {"locations": 4, "failed": ["north"], "findings": {"user_extra": 5, "licence_low": 1}, "worst": "drift"}
    assert result["status"] == {"ok": False, "kinds": ["user_extra"], "locations": ["north"]}
    assert result["written"] == {name: str(tmp_path / f"drift.{name}") for name in FORMATS}
    whole = json.loads((tmp_path / "drift.json").read_text(encoding="utf-8"))
    assert whole["summary"] == result["summary"] and whole["made_at"] == result["made_at"]
    assert [location["name"] for location in whole["locations"]] == ["a", "b", "c", "north"]
    assert (tmp_path / "drift.markdown").read_text(encoding="utf-8").startswith("## Drift in 1 of 4 locations, 1 could not be read\n")
    assert "<h1>Drift in 1 of 4 locations, 1 could not be read</h1>" in (tmp_path / "drift.html").read_text(encoding="utf-8")
    assert len(ElementTree.parse(tmp_path / "drift.junit").findall(".//failure")) == 1
    assert {stat.S_IMODE((tmp_path / f"drift.{name}").stat().st_mode) for name in FORMATS} == {0o600}


def test_four_slices_give_the_report_of_one_run(tmp_path: pathlib.Path) -> None:
    locations = [found(f"school-{number:02}", user_extra=number) if number % 3 else found(f"school-{number:02}") for number in range(40)]
    slices = tmp_path / "slices"
    slices.mkdir()
    for number in range(4):
        report(parts=[saved(tmp_path, "slice.json", *locations[number::4])], dest_json=str(slices / f"{number}.json"))

    report(parts=[saved(tmp_path, "whole.json", *locations)], **places(tmp_path))
    of_one_run = {name: (tmp_path / f"drift.{name}").read_bytes() for name in FORMATS}
    report(parts=[str(slices)], **places(tmp_path))

    assert {name: (tmp_path / f"drift.{name}").read_bytes() for name in FORMATS} == of_one_run


def test_details_have_a_ceiling_and_counts_have_none(tmp_path: pathlib.Path) -> None:
    report(parts=[saved(tmp_path, "1.json", found("a", user_extra=9))], max_details=1, dest_json=str(tmp_path / "drift.json"))

    (location,) = json.loads((tmp_path / "drift.json").read_text(encoding="utf-8"))["locations"]
    assert location["findings"] == [{"kind": "user_extra", "count": 9, "left_out": 8, "details": [{"client_user_id": "u-1"}]}]


def test_earlier_reports_become_a_trend(tmp_path: pathlib.Path) -> None:
    history = tmp_path / "reports"
    history.mkdir()
    for day, count in ((20, 4), (21, 3), (22, 2)):
        parts = [saved(tmp_path, "1.json", found("a", f"2026-11-{day}T02:00:00Z", user_extra=count))]
        kept = report(parts=parts, history=str(history), history_keep=2)["written"]["history"]
    (history / "drift-20261101T000000Z.json").write_text("{", encoding="utf-8")

    result = report(parts=[saved(tmp_path, "1.json", found("a", user_extra=7))], history=str(history), **places(tmp_path))

    assert kept == str(history / "drift-20261122T020000Z.json")
    assert sorted(os.listdir(history)) == ["drift-20261101T000000Z.json", "drift-20261121T020000Z.json", "drift-20261122T020000Z.json"]
    assert "Drift in 3 reports: 3 in the first, 7 in this one, at most 7" in (tmp_path / "drift.html").read_text(encoding="utf-8")
    assert "since 2026-11-22T02:00:00Z" in (tmp_path / "drift.markdown").read_text(encoding="utf-8")
    assert f"The trend is without an earlier report: {history}/drift-20261101T000000Z.json:1: not JSON" in json.dumps(result["warnings"])


def test_it_fails_where_that_is_wanted_with_everything_written(tmp_path: pathlib.Path) -> None:
    parts = [saved(tmp_path, "1.json", found("a", user_extra=1, licence_low=1), found("b"))]

    result = report(parts=parts, errors={"north": "No answer."}, fail_on="shortage", fail=True, dest_html=str(tmp_path / "drift.html"))

    assert result["failed"] and result["msg"] == "Drift in 1 of 3 locations, 1 could not be read (found: licence_low; not read: north)."
    assert result["status"] == {"ok": False, "kinds": ["licence_low"], "locations": ["north"]}
    assert (tmp_path / "drift.html").exists()
    assert not report(parts=parts, fail_on="expiry", fail=True).get("failed")


def test_results_stay_small_however_many_locations_fail() -> None:
    errors = {f"{number:05}" + "x" * 190: "No answer." for number in range(10000)}

    result = run_in_process("vpp_drift_report", {"errors": errors, "fail_on": "any", "fail": True})

    assert len(json.dumps(result)) < 1 << 20
    assert result["summary"]["locations"] == 10000 and "and 9950 more" in result["msg"]


def test_a_report_that_cannot_be_written_leaves_the_old_one(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "drift.html"
    path.write_text("old", encoding="utf-8")

    def full(*dummy: Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "replace", full)
    result = report(errors={"north": "No answer."}, dest_html=str(path))

    assert result["msg"] == f"dest_html {path} cannot be written: No space left on device."
    assert (path.read_text(encoding="utf-8"), os.listdir(tmp_path)) == ("old", ["drift.html"])


BAD: Dict[str, Any] = {
    "nothing": ({}, ["none of parts, parcels, errors is given"]),
    "no location": ({"parts": ["FOLDER"]}, ["parts: there is no location in them"]),
    "no file": ({"parts": ["FOLDER/none.json"]}, ["FOLDER/none.json: No such file or directory"]),
    "errors as a list": ({"errors": ["north"]}, ["errors: a mapping is expected, not a list"]),
    "an error without text": ({"errors": {"north": 5}}, ["errors: error: 5 is not text"]),
    "a name too long": ({"errors": {"n" * 201: "x"}}, [f'errors: name: "{"n" * 158}\u2026 is not a name of at most 200 characters']),
    "no folder": ({"errors": {"north": "x"}, "dest_html": "FOLDER/none/a.html"}, ["dest_html FOLDER/none/a.html: there is no folder FOLDER/none"]),
    "a folder as file": ({"errors": {"north": "x"}, "dest_json": "FOLDER"}, ["dest_json FOLDER: there is something that is no file"]),
    "one file for two": (
        {"errors": {"north": "x"}, "dest_json": "FOLDER/a", "dest_html": "FOLDER/a"},
        ["two of the reports would be written to the same file"],
    ),
    "keep without history": ({"errors": {"north": "x"}, "history_keep": 3}, ["history_keep needs history"]),
    "keep none": ({"errors": {"north": "x"}, "history": "FOLDER", "history_keep": 0}, ["history_keep must be 1 or more"]),
    "no history": ({"errors": {"north": "x"}, "history": "FOLDER/none", "history_keep": 3}, ["history FOLDER/none: there is no folder"]),
    "less than no details": ({"errors": {"north": "x"}, "max_details": -1}, ["max_details must not be less than 0"]),
    "several": (
        {"parts": ["FOLDER/none.json"], "errors": {"north": 5}, "history_keep": 3},
        ["history_keep needs history", "FOLDER/none.json: No such file or directory", "errors: error: 5 is not text"],
    ),
    "another choice": ({"errors": {"north": "x"}, "fail_on": "all"}, ["fail_on: 'all' is not one of none, drift, shortage, expiry, any"]),
}


@pytest.mark.parametrize("name", BAD)
def test_wrong_input_is_told_and_nothing_is_written(tmp_path: pathlib.Path, name: str) -> None:
    options, faults = BAD[name]

    def here(value: Any) -> Any:
        return json.loads(json.dumps(value).replace("FOLDER", str(tmp_path)))

    result = report(**here(options))

    assert result["failed"] and result["faults"] == here(faults)
    assert os.listdir(tmp_path) == []


@pytest.mark.compat
def test_a_playbook_makes_a_report_in_check_mode(playbooks: Playbooks) -> None:
    parts: List[str] = [saved(playbooks.folder, "part.json", found("a", user_extra=1))]
    tasks = [
        {
            "name": "Report",
            "mdmkit.apps_books.vpp_drift_report": {"parts": parts, "errors": {"north": "No answer."}, "dest_html": "drift.html", "fail_on": "none"},
            "register": "drift",
        },
        {"name": "Hand on", "ansible.builtin.set_stats": {"data": {"drift": "{{ drift.summary }}"}}},
    ]

    played = playbooks.run(tasks, "--check")

    assert played.returncode == 0, played.stdout
    assert "<h1>Drift in 1 of 2 locations, 1 could not be read</h1>" in (playbooks.folder / "drift.html").read_text(encoding="utf-8")
    assert playbooks.simulator.requests() == []
