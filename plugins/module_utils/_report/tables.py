# Copyright (c) 2026, the mdmkit.apps_books authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The details of a finding as a table, whatever it is then written as."""

from __future__ import annotations

from typing import List, NamedTuple, Tuple

from ansible_collections.mdmkit.apps_books.plugins.module_utils._report.kinds import KINDS, Member
from ansible_collections.mdmkit.apps_books.plugins.module_utils._report.report import Finding
from ansible_collections.mdmkit.apps_books.plugins.module_utils._report.text import shown


class Table(NamedTuple):
    """:ivar rows: a text for each of the columns; not yet escaped"""

    columns: Tuple[Member, ...]
    rows: List[List[str]]


def table_of(finding: Finding, most: int) -> Table:
    """The first details, without the columns that would say nothing."""
    details = finding.details[:most]
    columns = tuple(
        member for member in KINDS[finding.kind].members if any(detail.get(member.name) not in (None, "", member.usual) for detail in details)
    )
    return Table(columns, [[shown(detail.get(member.name)) for member in columns] for detail in details])
