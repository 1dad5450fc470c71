# Copyright (c) 2026, the mdmkit.apps_books authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Earlier reports: a folder of them, and what becomes of their figures."""

from __future__ import annotations

import os
import re
from typing import List, NamedTuple, Optional, Tuple

from ansible_collections.mdmkit.apps_books.plugins.module_utils._model import InputError
from ansible_collections.mdmkit.apps_books.plugins.module_utils._report.kinds import CLASSES
from ansible_collections.mdmkit.apps_books.plugins.module_utils._report.reading import read_report
from ansible_collections.mdmkit.apps_books.plugins.module_utils._report.report import Report, merged, report_as_json
from ansible_collections.mdmkit.apps_books.plugins.module_utils._whole_file import whole_file

_NAME = re.compile(r"drift-[0-9]{8}T[0-9]{6}Z\.json\Z")


class Point(NamedTuple):
    """The figures of one report; ``counts`` are in the order of CLASSES."""

    made_at: str
    locations: int
    failed: int
    counts: Tuple[int, ...]

    def count(self, of_class: str) -> int:
        return self.counts[CLASSES.index(of_class)]


def point_of(report: Report) -> Point:
    return Point(report.made_at, len(report.locations), len(report.failed), tuple(report.count(of_class) for of_class in CLASSES))


def change(now: Point, earlier: Optional[Point], of_class: str) -> str:
    """How a figure changed, in brackets; nothing where there is no earlier one."""
    if earlier is None:
        return ""
    return f" ({now.count(of_class) - earlier.count(of_class):+,})"


def read_history(folder: str, before: str, most: int) -> Tuple[List[Point], List[str]]:
    """The figures of the newest reports in a folder that are older than a time, the oldest first.

    :param before: a time as reports have it
    :param most: how many at most
    :returns: the figures, and what is wrong with files that could not be read
    """
    points: List[Point] = []
    faults: List[str] = []
    for name in sorted(_names(folder, faults), reverse=True):
        if len(points) == most:
            break
        try:
            locations = read_report(os.path.join(folder, name))
        except InputError as error:
            faults.append(error.faults[0])
            continue
        if locations:
            point = point_of(merged(locations))
            if point.made_at < before:
                points.append(point)
    return sorted(points), faults


def add_to_history(folder: str, report: Report, most: int) -> str:
    """Put a report into a folder without its details, and remove the oldest ones beyond so many. Files of other names are left alone.

    :returns: the path of the file
    :raises OSError: it cannot be written
    """
    path = os.path.join(folder, f"drift-{re.sub('[-:]', '', report.made_at)}.json")
    with whole_file(path) as stream:
        stream.write(report_as_json(report.without_details()).encode("ascii"))
    for name in sorted(_names(folder, []))[:-most]:
        os.unlink(os.path.join(folder, name))
    return path


def _names(folder: str, faults: List[str]) -> List[str]:
    try:
        return [name for name in os.listdir(folder) if _NAME.match(name)]
    except OSError as error:
        faults.append(f"{folder}: {error.strerror}")
        return []
