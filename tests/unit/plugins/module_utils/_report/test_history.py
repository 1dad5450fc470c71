# Copyright (c) 2026, the mdmkit.apps_books authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import stat
from pathlib import Path

import pytest
from ansible_collections.mdmkit.apps_books.plugins.module_utils._report.history import Point, add_to_history, change, point_of, read_history
from ansible_collections.mdmkit.apps_books.plugins.module_utils._report.reading import read_report
from ansible_collections.mdmkit.apps_books.plugins.module_utils._report.report import Report, merged
from ansible_collections.mdmkit.apps_books.tests.unit.support.drift import finding, location

NEVER = "2099-01-01T00:00:00Z"


def report(day: int, count: int = 5) -> Report:
    made_at = f"2026-11-{day:02}T02:00:00Z"
    return merged(
        [
            location("a", finding("user_extra", count, 1, client_user_id="u-1"), finding("licence_low", 2, 0), made_at=made_at),
            location("b", error="No answer.", made_at=made_at),
        ]
    )


def test_what_is_kept_can_be_read_and_has_no_details(tmp_path: Path) -> None:
    path = add_to_history(str(tmp_path), report(23), 5)

    assert path == str(tmp_path / "drift-20261123T020000Z.json")
    assert tuple(read_report(path)) == report(23).without_details().locations
    assert "u-1" not in Path(path).read_text(encoding="utf-8")
    assert read_history(str(tmp_path), NEVER, 9) == ([Point("2026-11-23T02:00:00Z", 2, 1, (5, 2, 0, 0))], [])
    assert stat.S_IMODE(Path(path).stat().st_mode) == 0o600


def test_only_so_many_are_kept_and_no_other_file_is_touched(tmp_path: Path) -> None:
    (tmp_path / "drift-notes.json").write_text("mine", encoding="utf-8")
    for day in (3, 1, 2, 4):
        add_to_history(str(tmp_path), report(day), 2)

    assert sorted(path.name for path in tmp_path.iterdir()) == ["drift-20261103T020000Z.json", "drift-20261104T020000Z.json", "drift-notes.json"]


def test_the_same_report_again_takes_its_place(tmp_path: Path) -> None:
    for count in (5, 6):
        add_to_history(str(tmp_path), report(1, count), 2)

    points, dummy = read_history(str(tmp_path), NEVER, 9)

    assert [point.counts[0] for point in points] == [6]


def test_the_newest_that_are_older_are_read_in_their_order(tmp_path: Path) -> None:
    for day in (1, 2, 3, 4, 5):
        add_to_history(str(tmp_path), report(day, day), 9)

    points, faults = read_history(str(tmp_path), "2026-11-05T02:00:00Z", 3)

    assert ([point.counts[0] for point in points], faults) == ([2, 3, 4], [])


@pytest.mark.parametrize("content", ["{", "[]", '{"format": "mdmkit.apps_books drift", "format_version": 2, "locations": []}'])
def test_what_cannot_be_read_is_told_and_the_rest_is_read(tmp_path: Path, content: str) -> None:
    add_to_history(str(tmp_path), report(1), 9)
    (tmp_path / "drift-20261102T020000Z.json").write_text(content, encoding="utf-8")
    (tmp_path / "drift-20261103T020000Z.json").write_text('{"format": "mdmkit.apps_books drift", "format_version": 1, "locations": []}', encoding="utf-8")

    points, faults = read_history(str(tmp_path), NEVER, 9)

    assert [point.made_at for point in points] == ["2026-11-01T02:00:00Z"]
    assert len(faults) == 1 and "drift-20261102T020000Z.json" in faults[0]


def test_a_folder_that_is_not_there_is_told(tmp_path: Path) -> None:
    assert read_history(str(tmp_path / "none"), NEVER, 9) == ([], [f"{tmp_path / 'none'}: No such file or directory"])


@pytest.mark.parametrize("before, told", [(1, " (+1,999)"), (2000, " (+0)"), (2001, " (-1)")])
def test_a_change_is_told_with_its_sign(before: int, told: str) -> None:
    now = point_of(report(2, 2000))

    assert change(now, now._replace(counts=(before, 0, 0, 0)), "drift") == told
    assert change(now, None, "drift") == ""
