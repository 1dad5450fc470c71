# Copyright (c) 2026, the mdmkit.apps_books authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A drift report as Markdown, short enough for a comment on a merge request: the worst first, and how much is left out."""

from __future__ import annotations

import itertools
import re
from typing import List, Optional, Sequence

from ansible_collections.mdmkit.apps_books.plugins.module_utils._report.history import Point, change, point_of
from ansible_collections.mdmkit.apps_books.plugins.module_utils._report.kinds import AS_WANTED, CLASSES, FAILED, KINDS, NUMBER, TITLES, Member
from ansible_collections.mdmkit.apps_books.plugins.module_utils._report.report import Finding, Location, Report, headline
from ansible_collections.mdmkit.apps_books.plugins.module_utils._report.tables import table_of
from ansible_collections.mdmkit.apps_books.plugins.module_utils._report.text import clipped, counted, fair_shares, fitting, number, sharing

LONGEST = 60000
"""Characters of a report. A comment on GitHub holds 65,536."""

_OVERVIEW_SPACE = 12000
_SECTIONS_SPACE = 20000
_CLOSING_SPACE = 200
_SHORTEST_ROW = 10
_LONGEST_ERROR = 500

# Outside of code, a dot makes addresses, an @ names people, and a # or a - before a number names issues.
_PLAIN = re.compile(r"[^\W_](?:(?:[^\W_]|[ ,']|-(?![-0-9]))*[^\W_])?")
_PLAIN_CODE = re.compile(r"[^\s`|\\](?:[^`|\\]*[^\s`|\\])?")
_NO_LETTER_OR_DIGIT = re.compile(r"[!-/:-@\[-`{-~]")


def _code(text: str) -> str:
    """A text of others as code, in which nothing has a meaning of its own."""
    if _PLAIN_CODE.fullmatch(text):
        return f"`{text}`"
    # A code span in a table cannot hold all of these; a character reference is never markup.
    return "<code>" + _NO_LETTER_OR_DIGIT.sub(lambda match: f"&#{ord(match.group())};", text) + "</code>" if text.strip() else ""


def _plain(text: str) -> str:
    """A text of others as text, if nothing in it can be taken for markup."""
    return text if _PLAIN.fullmatch(text) else _code(text)


def _cell(column: Member, text: str) -> str:
    return text if column.type == NUMBER else _code(text) if column.is_id else _plain(text)


def _row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |\n"


def report_as_markdown(report: Report, earlier: Optional[Point] = None) -> str:
    """The text of drift.md, at most LONGEST characters.

    :param earlier: what the report before it found
    """
    head = _head(report, earlier)
    concerned = [location for location in report.worst_first() if location.worst != AS_WANTED]
    frames = [len(_section_head(location)) + sum(map(_frame, location.findings)) for location in concerned]
    told = concerned[: fitting(frames, _SECTIONS_SPACE)]
    space = LONGEST - len(head) - sum(frames[: len(told)]) - _CLOSING_SPACE
    text = head + "".join(_sections(told, space))
    if len(told) < len(concerned):
        text += f"\nNot told here for want of space: {counted(len(concerned) - len(told), 'location', 'locations')} with findings.\n"
    return text


def _sections(locations: Sequence[Location], space: int) -> List[str]:
    """What is told of each location; the rows of all tables share the space."""
    findings = [finding for location in locations for finding in location.findings]
    most = fair_shares([len(finding.details) for finding in findings], space // _SHORTEST_ROW)
    tables = [table_of(finding, count) for finding, count in zip(findings, most)]
    rows = [[_row([_cell(column, cell) for column, cell in zip(table.columns, row)]) for row in table.rows] for table in tables]
    parts = iter([_finding(finding, table.columns, some) for finding, table, some in zip(findings, tables, sharing(rows, space))])
    return [_section_head(location) + "".join(itertools.islice(parts, len(location.findings))) for location in locations]


def _head(report: Report, earlier: Optional[Point]) -> str:
    now = point_of(report)
    lines = [f"## {headline(report)}\n\n"]
    if report.failed and report.count(CLASSES[0]):
        lines.append(f"**{counted(len(report.failed), 'location', 'locations')} could not be read.**\n\n")
    rows = [_overview_row(location) for location in report.worst_first() if location.worst != AS_WANTED]
    if rows:
        lines.append(_row(["Location", *(TITLES[of_class] for of_class in CLASSES)]))
        lines.append(_row(["---", *("---:" for dummy in CLASSES)]))
    taken = fitting(map(len, rows), _OVERVIEW_SPACE)
    lines.extend(rows[:taken])
    if taken < len(rows):
        lines.append(_row([f"and {number(len(rows) - taken)} more", *("" for dummy in CLASSES)]))
    if rows and len(report.locations) > 1:
        total = [f"**{number(now.count(of_class))}**{change(now, earlier, of_class)}" for of_class in CLASSES]
        lines.append(_row([f"**{counted(len(report.locations), 'location', 'locations')}**", *total]))
    clean = len(report.locations) - len(rows)
    if rows and clean:
        lines.append(f"\n{counted(clean, 'location is', 'locations are')} as wanted.")
    gap = "\n" if rows else ""
    since = f" In brackets: the change since {earlier.made_at}." if rows and earlier is not None else ""
    lines.append(f"{gap}Made at {report.made_at}.{since}\n")
    return "".join(lines)


def _overview_row(location: Location) -> str:
    if location.worst == FAILED:
        return _row([_plain(clipped(location.name)), "not read", *("" for dummy in CLASSES[1:])])
    return _row([_plain(clipped(location.name)), *(number(location.count(of_class)) for of_class in CLASSES)])


def _section_head(location: Location) -> str:
    text = f"\n### {_plain(clipped(location.name))}\n\n"
    if location.error is not None:
        text += f"Could not be read: {_code(clipped(location.error, _LONGEST_ERROR))}\n"
    return text


def _finding(finding: Finding, columns: Sequence[Member], rows: Sequence[str]) -> str:
    if not rows:
        return f"- {finding}\n"
    head = _row([column.title for column in columns]) + _row(["---:" if column.type == NUMBER else "---" for column in columns])
    left_out = finding.count - len(rows)
    more = f"\nand {number(left_out)} more\n" if left_out else ""
    return f"<details><summary>{finding}</summary>\n\n{head}{''.join(rows)}{more}\n</details>\n\n"


def _frame(finding: Finding) -> int:
    """How much stands around the rows of a finding at most."""
    return len(_finding(finding, KINDS[finding.kind].members, ["\n"]))
