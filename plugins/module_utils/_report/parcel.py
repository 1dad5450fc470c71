# Copyright (c) 2026, the mdmkit.apps_books authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A report as one short text without anything that could be taken for a template, to be handed from one job to another as a variable."""

from __future__ import annotations

import base64
import binascii
import zlib
from typing import List, Sequence

from ansible_collections.mdmkit.apps_books.plugins.module_utils._model import AppsBooksError, InputError
from ansible_collections.mdmkit.apps_books.plugins.module_utils._report.reading import parse_report
from ansible_collections.mdmkit.apps_books.plugins.module_utils._report.report import Location, Report, report_as_json
from ansible_collections.mdmkit.apps_books.plugins.module_utils._report.text import counted

LONGEST = 400000
"""Characters. A job's event must stay below 1 MiB."""

_MOST_BYTES = 200 * 1024 * 1024
"""Of what comes out of a parcel: a small one could fill the memory."""

_DETAILS = (1000, 300, 100, 30, 10, 3, 1, 0)


def pack(report: Report, longest: int = LONGEST) -> str:
    """The report with as many details of each finding as there is room for.

    :raises AppsBooksError: there is no room even without details
    """
    for most in _DETAILS:
        text = base64.b64encode(zlib.compress(report_as_json(report.without_details(most)).encode("utf-8"), 9)).decode("ascii")
        if len(text) <= longest:
            return text
    of = counted(len(report.locations), "location", "locations")
    many = f"The report of {of} takes {len(text)} characters even without its details, and {longest} can be handed on."
    raise AppsBooksError(f"{many} Divide the locations into more slices.")


def unpack(parcels: Sequence[str]) -> List[Location]:
    """
    :raises InputError: with every fault of every parcel, each with its number
    """
    locations: List[Location] = []
    faults: List[str] = []
    for index, parcel in enumerate(parcels):
        place = f"parcels[{index}]"
        try:
            locations.extend(parse_report(_content(parcel, place), place))
        except InputError as error:
            faults.extend(error.faults)
    if faults:
        raise InputError(faults)
    return locations


def _content(parcel: str, place: str) -> bytes:
    unpacking = zlib.decompressobj()
    try:
        content = unpacking.decompress(base64.b64decode(parcel, validate=True), _MOST_BYTES)
    except (binascii.Error, ValueError, zlib.error):
        raise InputError([f"{place}: not a parcel that vpp_drift_report made"]) from None
    if not unpacking.eof:
        raise InputError([f"{place}: cut off, or larger than {_MOST_BYTES} bytes when it is unpacked"])
    return content
