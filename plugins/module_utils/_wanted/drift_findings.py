# Copyright (c) 2026, the mdmkit.apps_books authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the last drift report says of each location, in short."""

from __future__ import annotations

import json
import re
from typing import Any, Dict, NamedTuple, Optional

from ansible_collections.mdmkit.apps_books.plugins.module_utils._model import InputError
from ansible_collections.mdmkit.apps_books.plugins.module_utils._wanted.text_file import UnreadableText, read_text

_FORMAT, _FORMAT_VERSION = "mdmkit.apps_books drift", 1
_KIND = re.compile("[a-z][a-z_]{0,60}\\Z")


class DriftFindings(NamedTuple):
    """:ivar counts: kind of finding to how many there are, those without any left out
    :ivar error: why the location could not be looked at
    """

    made_at: Optional[str]
    counts: Dict[str, int]
    error: Optional[str]


def read_drift_findings(path: str) -> Dict[str, DriftFindings]:
    """
    :returns: by the name of the location
    :raises InputError: it is no drift report of a form that is known
    """
    try:
        report = json.loads(read_text(path))
    except UnreadableText as error:
        raise InputError([f"drift_report {path}: {error.reason}"]) from None
    except (ValueError, RecursionError):
        raise InputError([f"drift_report {path}: not JSON"]) from None
    if not isinstance(report, dict) or report.get("format") != _FORMAT or report.get("format_version") != _FORMAT_VERSION:
        raise InputError([f"drift_report {path}: not a drift report of format version {_FORMAT_VERSION}"])
    try:
        return {str(location["name"]): _findings(location) for location in report["locations"]}
    except (KeyError, TypeError, ValueError, AttributeError):
        raise InputError([f"drift_report {path}: a member is missing or of another type than in drift.schema.json"]) from None


def _findings(location: Dict[str, Any]) -> DriftFindings:
    counts = {str(finding["kind"]): int(finding["count"]) for finding in location["findings"]}
    return DriftFindings(
        location.get("made_at"), {kind: count for kind, count in counts.items() if count > 0 and _KIND.match(kind)}, location.get("error")
    )
