# Copyright (c) 2026, the mdmkit.apps_books authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reading drift.json and joining what was read."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Callable, Dict, List

import pytest
from ansible_collections.mdmkit.apps_books.plugins.module_utils._model import InputError
from ansible_collections.mdmkit.apps_books.plugins.module_utils._report.kinds import FAIL_ON, KINDS
from ansible_collections.mdmkit.apps_books.plugins.module_utils._report.reading import read_parts, read_report
from ansible_collections.mdmkit.apps_books.plugins.module_utils._report.report import (
    Location,
    as_data,
    headline,
    merged,
    report_as_json,
    summary,
    verdict,
)
from ansible_collections.mdmkit.apps_books.tests.unit.support.draw import examples
from ansible_collections.mdmkit.apps_books.tests.unit.support.drift import finding, location, location_lists
from hypothesis import given
from hypothesis import strategies as st

LATER = "2026-11-24T02:00:00Z"
GOOD: Dict[str, Any] = {
    "format": "mdmkit.apps_books drift",
    "format_version": 1,
    "locations": [
        {
            "name": "springfield",
            "made_at": "2026-11-23T02:00:00Z",
            "holder": {"id": "ours", "name": "Us"},
            "assets": [{"adam_id": "1000000001", "pricing_param": "STDQ", "total": 5}],
            "findings": [{"kind": "user_missing", "count": 3, "left_out": 2, "details": [{"client_user_id": "u-1"}]}],
        }
    ],
}


def saved(folder: Path, data: Any, name: str = "drift.json") -> str:
    path = folder / name
    path.write_text(data if isinstance(data, str) else json.dumps(data), encoding="utf-8")
    return str(path)


@examples(30)
@given(location_lists)
def test_what_is_written_is_read_again(tmp_path: Path, locations: List[Location]) -> None:
    report = merged(locations)

    assert tuple(read_report(saved(tmp_path, report_as_json(report)))) == report.locations


@examples(25)
@given(location_lists, location_lists, location_lists)
def test_parts_may_be_joined_in_any_order_and_grouping(tmp_path: Path, one: List[Location], two: List[Location], three: List[Location]) -> None:
    at_once = merged([*one, *two, *three])
    first_two = read_report(saved(tmp_path, report_as_json(merged([*one, *two]))))

    assert merged([*three, *two, *one]) == at_once
    assert merged([*first_two, *three]) == at_once
    assert merged([*at_once.locations, *at_once.locations]) == at_once


@examples(30)
@given(st.permutations([location("a", made_at=made_at, uid=uid) for made_at in ("2026-11-23T02:00:00Z", LATER) for uid in ("1", "2")]))
def test_of_what_is_said_twice_the_newer_counts(locations: List[Location]) -> None:
    report = merged(locations)

    assert (report.made_at, len(report.locations), report.locations[0].made_at, report.locations[0].uid) == (LATER, 1, LATER, "2")


def test_a_location_that_could_be_read_once_and_then_not_was_not_read() -> None:
    report = merged([location("a", error="No answer.", made_at=LATER), location("a", finding("user_missing", 1))])

    assert (report.failed, summary(report)["findings"]) == (["a"], {})


def test_a_folder_gives_all_its_reports(tmp_path: Path) -> None:
    saved(tmp_path, {**GOOD["locations"][0], "name": "b"}, "2.json")
    saved(tmp_path, {**GOOD["locations"][0], "name": "a", "format": GOOD["format"], "format_version": 1}, "1.json")
    saved(tmp_path, "not JSON", ".3.json.unfinished")
    saved(tmp_path, "not JSON", ".4.json")
    saved(tmp_path, "not JSON", "notes.txt")

    assert [entry.name for entry in read_parts([str(tmp_path)])] == ["a", "b"]


def test_what_a_later_release_says_beside_it_is_passed_over(tmp_path: Path) -> None:
    more = {**GOOD, "new": 1, "locations": [{**GOOD["locations"][0], "new": [1], "findings": [{"kind": "user_extra", "count": 1, "details": [{"new": 1}]}]}]}

    (read,) = read_report(saved(tmp_path, more))

    assert as_data(read)["findings"] == [{"kind": "user_extra", "count": 1, "left_out": 0, "details": [{}]}]


def change(path: str, value: Any) -> Callable[[], Any]:
    """GOOD with another value at a place; ... removes it."""

    def changed() -> Any:
        data = json.loads(json.dumps(GOOD))
        *steps, last = [int(step) if step.isdigit() else step for step in path.split("/")]
        target: Any = data
        for step in steps:
            target = target[step]
        if value is ...:
            del target[last]
        else:
            target[last] = value
        return data

    return changed


PLACE = "locations[0]: "
FINDING = PLACE + "findings[0]: "
BAD: Dict[str, Any] = {
    "a list": (list, "neither a drift report nor a part of one"),
    "another format": (change("format", "terraform"), "not a drift report: its format is not 'mdmkit.apps_books drift'"),
    "no format": (change("format", ...), "not a drift report: its format is not 'mdmkit.apps_books drift'"),
    "a newer version": (change("format_version", 2), "format_version 2 is not known here (known: 1); a newer release of the collection may read it"),
    "no version": (change("format_version", ...), "format_version null is not known here (known: 1); a newer release of the collection may read it"),
    "true as version": (change("format_version", True), "format_version true is not known here (known: 1); a newer release of the collection may read it"),
    "no locations": (change("locations", ...), "locations is missing"),
    "locations": (change("locations", "x"), 'locations: a list is expected, not "x"'),
    "a location": (change("locations/0", 1), PLACE + "a mapping is expected, not 1"),
    "no name": (change("locations/0/name", ...), PLACE + "name is missing"),
    "an empty name": (change("locations/0/name", ""), PLACE + 'name: "" is not a name of at most 200 characters'),
    "a long name": (change("locations/0/name", "x" * 201), "is not a name of at most 200 characters"),
    "a day": (change("locations/0/made_at", "2026-11-23"), PLACE + 'made_at: "2026-11-23" is not a time such as 2026-11-23T02:00:00Z'),
    "no such day": (change("locations/0/made_at", "2026-02-30T00:00:00Z"), "is not a time such as"),
    "a number for text": (change("locations/0/uid", 2049), PLACE + "uid: 2049 is not text"),
    "no findings": (change("locations/0/findings", ...), PLACE + "findings is missing, and there is no error"),
    "error and findings": (change("locations/0/error", "No answer."), PLACE + "has both an error and findings"),
    "a holder without id": (change("locations/0/holder", {"name": "x"}), PLACE + "holder: id is missing"),
    "counts": (change("locations/0/counts", {"users": -1}), PLACE + "counts: users: -1 is not a number from 0 on"),
    "an asset": (change("locations/0/assets/0/adam_id", ...), PLACE + "assets[0]: adam_id is missing"),
    "a licence count": (change("locations/0/assets/0/total", True), PLACE + "assets[0]: total: true is not a whole number"),
    "revocable": (change("locations/0/assets/0/revocable", "yes"), PLACE + 'assets[0]: revocable: "yes" is not true or false'),
    "an unknown kind": (change("locations/0/findings/0/kind", "user_odd"), FINDING + 'kind "user_odd" is not one of ownership'),
    "a list as kind": (change("locations/0/findings/0/kind", []), FINDING + "kind [] is not one of ownership"),
    "a wrong count": (change("locations/0/findings/0/count", 9), FINDING + "count 9 is not the 1 details and the 2 left out"),
    "a kind twice": (
        change("locations/0/findings", [{"kind": "user_extra", "count": 0}] * 2),
        PLACE + "findings: user_extra is there twice",
    ),
    "a detail": (change("locations/0/findings/0/details/0", "u-1"), FINDING + 'details[0]: a mapping is expected, not "u-1"'),
    "a mapping in a detail": (
        change("locations/0/findings/0/details/0/client_user_id", {}),
        FINDING + "details[0]: client_user_id: {} is not text",
    ),
    "a text for a number": (
        change("locations/0/findings/0", {"kind": "token_expiry", "count": 1, "details": [{"days_left": "2"}]}),
        FINDING + 'details[0]: days_left: "2" is not a whole number',
    ),
}


@pytest.mark.parametrize("name", BAD)
def test_what_is_no_report_is_refused_with_its_place(tmp_path: Path, name: str) -> None:
    data, fault = BAD[name]
    path = saved(tmp_path, data())

    with pytest.raises(InputError) as raised:
        read_report(path)

    assert len(raised.value.faults) == 1
    assert raised.value.faults[0].startswith(path + ": ") and fault in raised.value.faults[0]


def test_every_fault_of_every_file_is_told(tmp_path: Path) -> None:
    paths = [saved(tmp_path, "{\n,", "a.json"), str(tmp_path / "missing.json"), saved(tmp_path, change("locations/0/name", 1)(), "c.json")]
    paths.append(saved(tmp_path, "[" * 100000, "d.json"))

    with pytest.raises(InputError) as raised:
        read_parts(paths)

    assert raised.value.faults == [
        f"{paths[0]}:2: not JSON",
        f"{paths[1]}: No such file or directory",
        f"{paths[2]}: {PLACE}name: 1 is not a name of at most 200 characters",
        f"{paths[3]}: not JSON",
    ]


def test_the_summary_counts_what_is_left_out_too() -> None:
    report = merged(
        [location("a", finding("assignment_missing", 12, 2), finding("licence_low", 1)), location("b", error="x"), location("c", finding("licence_low", 2))]
    )

    assert summary(report) == {"locations": 3, "failed": ["b"], "findings": {"assignment_missing": 12, "licence_low": 3}, "worst": "drift"}
    assert summary(merged([location("a")]))["worst"] == "none"


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("fail_on", FAIL_ON)
def test_what_stops_somebody_is_what_they_asked_for(kind: str, fail_on: str) -> None:
    notes = {"user_unlisted", "assignment_unlisted"}
    by_name = {"user": "drift", "assignment": "drift", "licence": "shortage", "token": "expiry"}
    of_class = "note" if kind in notes else by_name.get(kind.split("_")[0], KINDS[kind].of_class)
    stops = fail_on == of_class or (fail_on == "any" and of_class != "note")

    found = verdict(merged([location("a", finding(kind, 1))]), fail_on)

    assert (found.kinds, found.locations, bool(found)) == ([kind] if stops else [], [], stops)


@pytest.mark.parametrize("fail_on", FAIL_ON)
def test_a_location_that_nobody_could_read_stops_whoever_wants_to_be_stopped(fail_on: str) -> None:
    assert verdict(merged([location("a", error="x"), location("b")]), fail_on).locations == ([] if fail_on == "none" else ["a"])


@pytest.mark.parametrize(
    "locations, sentence",
    [
        ([location("a", finding("user_extra", 2)), location("b", error="x")], "Drift in 1 of 2 locations, 1 could not be read"),
        ([location("a", error="x"), location("b", finding("licence_low", 1))], "1 of 2 locations could not be read"),
        ([location("a", finding("licence_low", 1), finding("token_expiry", 1)), location("b")], "Licences run short in 1 of 2 locations"),
        ([location("a", finding("token_expiry", 1))], "Content tokens expire in 1 of 1 location"),
        ([location("a", finding("device_without_group", 1)), location("b")], "All 2 locations are as wanted"),
        ([location("a")], "The location is as wanted"),
        ([location("a", counts=()), location("b", counts=())], "Enough licences in 2 locations"),
    ],
)
def test_the_headline_tells_the_worst(locations: List[Location], sentence: str) -> None:
    assert headline(merged(locations)) == sentence


def test_the_worst_come_first() -> None:
    names = [
        location("clean"),
        location("little", finding("user_extra", 1)),
        location("short", finding("licence_low", 9)),
        location("much", finding("user_extra", 5)),
        location("unread", error="x"),
    ]

    assert [entry.name for entry in merged(names).worst_first()] == ["unread", "much", "little", "short", "clean"]
