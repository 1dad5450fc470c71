# Copyright (c) 2026, the mdmkit.apps_books authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The work of vpp_drift_report."""

from __future__ import annotations

import os
from datetime import datetime, timezone
from typing import Any, Callable, Dict, Iterator, List, Tuple

from ansible_collections.mdmkit.apps_books.plugins.module_utils._model import AppsBooksError, InputError
from ansible_collections.mdmkit.apps_books.plugins.module_utils._module.dest import file_faults, write_text_file
from ansible_collections.mdmkit.apps_books.plugins.module_utils._module.results import Result
from ansible_collections.mdmkit.apps_books.plugins.module_utils._module.space import USUAL_MOST_LISTED, first
from ansible_collections.mdmkit.apps_books.plugins.module_utils._module.task import LocalTask, read_all
from ansible_collections.mdmkit.apps_books.plugins.module_utils._report.history import Point, add_to_history, read_history
from ansible_collections.mdmkit.apps_books.plugins.module_utils._report.junit import report_as_junit
from ansible_collections.mdmkit.apps_books.plugins.module_utils._report.markdown import report_as_markdown
from ansible_collections.mdmkit.apps_books.plugins.module_utils._report.page import report_as_page
from ansible_collections.mdmkit.apps_books.plugins.module_utils._report.parcel import pack, unpack
from ansible_collections.mdmkit.apps_books.plugins.module_utils._report.reading import failed_location, read_parts, time_as_text
from ansible_collections.mdmkit.apps_books.plugins.module_utils._report.report import (
    Location,
    Report,
    Verdict,
    headline,
    merged,
    report_as_json,
    summary,
    verdict,
)
from ansible_collections.mdmkit.apps_books.plugins.module_utils._wanted.checks import as_name

_MOST_EARLIER = 59
"""Earlier reports that the trend shows."""

_MOST_NAMED = 50

_FILES = ("dest_json", "dest_markdown", "dest_html", "dest_junit")

_Rendering = Tuple[str, Callable[[], str]]
"""The option that names the file, and what makes its text."""


def write_drift_report(task: LocalTask) -> Result:
    options = task.options
    dummy, parts, unpacked, failed = read_all(
        lambda: _check_places(options),
        lambda: read_parts(options["parts"] or []),
        lambda: unpack(options["parcels"] or []),
        lambda: _failed(options["errors"] or {}),
    )
    locations = [*parts, *unpacked, *failed]
    if not locations:
        raise InputError(["parts: there is no location in them"])
    report = merged(locations)
    parcel = {"parcel": pack(report)} if options["parcel"] else {}
    found = verdict(report, options["fail_on"])
    earlier = _earlier(task, report)
    written = {name[len("dest_"):]: write_text_file(name, options[name], render()) for name, render in _renderings(options, report, earlier) if options[name]}
    if options["history_keep"]:
        written["history"] = _keep(options, report)
    result: Result = {
        "changed": False,
        "made_at": report.made_at,
        "headline": headline(report),
        "summary": {**summary(report), "failed": _some(report.failed)},
        "status": {"ok": not found, "kinds": found.kinds, "locations": _some(found.locations)},
        "written": written,
        **parcel,
    }
    if found and options["fail"]:
        raise AppsBooksError(_reason(report, found), details=result)
    return result


def _check_places(options: Dict[str, Any]) -> None:
    faults = [fault for name in _FILES if options[name] for fault in file_faults(name, options[name])]
    paths: List[str] = [options[name] for name in _FILES if options[name]]
    if len(set(paths)) < len(paths):
        faults.append("two of the reports would be written to the same file")
    if options["history_keep"] is not None and not options["history"]:
        faults.append("history_keep needs history")
    if options["history_keep"] is not None and options["history_keep"] < 1:
        faults.append("history_keep must be 1 or more")
    if options["history"] and options["history_keep"] and not os.path.isdir(options["history"]):
        faults.append(f"history {as_name(options['history'])}: there is no folder")
    if options["max_details"] < 0:
        faults.append("max_details must not be less than 0")
    if faults:
        raise InputError(faults)


def _failed(errors: Dict[str, Any]) -> List[Location]:
    now = time_as_text(datetime.now(timezone.utc))
    faults: List[str] = []
    locations = [failed_location(name, error, now, "errors: ", faults) for name, error in errors.items()]
    if faults:
        raise InputError(faults)
    return locations


def _earlier(task: LocalTask, report: Report) -> List[Point]:
    if not task.options["history"]:
        return []
    points, faults = read_history(task.options["history"], report.made_at, _MOST_EARLIER)
    for fault in faults:
        task.warn(f"The trend is without an earlier report: {fault}")
    return points


def _renderings(options: Dict[str, Any], report: Report, earlier: List[Point]) -> Iterator[_Rendering]:
    yield "dest_json", lambda: report_as_json(report.without_details(options["max_details"]))
    yield "dest_markdown", lambda: report_as_markdown(report, earlier[-1] if earlier else None)
    yield "dest_html", lambda: report_as_page(report, earlier)
    yield "dest_junit", lambda: report_as_junit(report, options["fail_on"])


def _keep(options: Dict[str, Any], report: Report) -> str:
    try:
        return add_to_history(options["history"], report, options["history_keep"])
    except OSError as error:
        raise AppsBooksError(f"The report cannot be kept in history {as_name(options['history'])}: {error.strerror or error}.") from None


def _some(names: List[str]) -> List[str]:
    return first("locations", names, USUAL_MOST_LISTED)


def _reason(report: Report, found: Verdict) -> str:
    parts = [f"found: {', '.join(found.kinds)}"] if found.kinds else []
    if found.locations:
        named = ", ".join(map(as_name, found.locations[:_MOST_NAMED]))
        more = len(found.locations) - _MOST_NAMED
        parts.append(f"not read: {named}{f' and {more} more' if more > 0 else ''}")
    return f"{headline(report)} ({'; '.join(parts)})."
