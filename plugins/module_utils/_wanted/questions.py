# Copyright (c) 2026, the mdmkit.apps_books authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is asked for by name: filters of what is listed, events, the location that is meant."""

from __future__ import annotations

import re
from typing import Any, Iterator, Mapping

from ansible_collections.mdmkit.apps_books.plugins.module_utils._wanted.checks import adam_id_fault, id_fault, shown

_UID = re.compile(r"[0-9]+\Z")
_COUNTS = ("available_count", "assigned_count")


def question_faults(options: Mapping[str, Any]) -> Iterator[str]:
    """What is wrong with those of these options that the module has and that are given.

    Apple answers most of such mistakes with an empty list, which looks like "nobody has it".
    """
    for name in ("client_user_id", "serial_number", "since_version_id"):
        if options.get(name) is not None:
            yield from filter(None, [id_fault(options[name], name)])
    for index, event_id in enumerate(options.get("event_ids") or []):
        yield from filter(None, [id_fault(event_id, f"event_ids[{index}]")])
    if options.get("adam_id") is not None:
        yield from filter(None, [adam_id_fault(options["adam_id"])])
    # A uId is a string of digits (README section 15).
    if options.get("expected_uid") and not _UID.match(options["expected_uid"]):
        yield f"expected_uid {shown(options['expected_uid'])} is not a number such as 2049025000431439"
    for count in _COUNTS:
        least, most = options.get("min_" + count), options.get("max_" + count)
        for name, value in (("min_" + count, least), ("max_" + count, most)):
            if value is not None and value < 0:
                yield f"{name} must not be less than 0"
        if least is not None and most is not None and least > most:
            yield f"min_{count} {least} is more than max_{count} {most}"
