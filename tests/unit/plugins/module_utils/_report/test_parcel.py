# Copyright (c) 2026, the mdmkit.apps_books authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import base64
import re
import zlib

import pytest
from ansible_collections.mdmkit.apps_books.plugins.module_utils._model import AppsBooksError, InputError
from ansible_collections.mdmkit.apps_books.plugins.module_utils._report import parcel
from ansible_collections.mdmkit.apps_books.plugins.module_utils._report.parcel import pack, unpack
from ansible_collections.mdmkit.apps_books.plugins.module_utils._report.report import Report, merged, summary
from ansible_collections.mdmkit.apps_books.tests.unit.support.draw import examples
from ansible_collections.mdmkit.apps_books.tests.unit.support.drift import finding, location, reports
from hypothesis import given


@examples(30)
@given(report=reports)
def test_what_was_packed_comes_out_again(report: Report) -> None:
    packed = pack(report)
    assert re.fullmatch("[A-Za-z0-9+/=]+", packed), "nothing that could be taken for a template"
    assert merged(unpack([packed])) == report


def test_reports_of_several_runs_come_out_of_several_parcels() -> None:
    ones = [merged([location("north", finding("user_missing", 2))]), merged([location("south")])]
    assert [entry.name for entry in unpack([pack(one) for one in ones])] == ["north", "south"]


def test_where_there_is_no_room_details_are_left_out_and_counted() -> None:
    report = merged([location("north", finding("user_missing", 1000))])
    whole, least = len(pack(report)), len(pack(report.without_details(1)))
    for longest in (whole - 1, (whole + least) // 2, least):
        packed = pack(report, longest)
        (out,) = unpack([packed])
        assert len(packed) <= longest and 0 < len(out.findings[0].details) < 1000
        assert summary(merged([out])) == summary(report)
    with pytest.raises(AppsBooksError, match="The report of 1 locations? takes [0-9]+ characters even without its details, and 20 can be handed on"):
        pack(report, 20)


def test_every_parcel_that_is_none_is_told() -> None:
    good = pack(merged([location("north")]))
    other = base64.b64encode(zlib.compress(b"[]")).decode()
    with pytest.raises(InputError) as error:
        unpack(["{{ x }}", good[: len(good) // 2 // 4 * 4], other, good, base64.b64encode(b"plain").decode()])
    assert error.value.faults == [
        "parcels[0]: not a parcel that vpp_drift_report made",
        f"parcels[1]: cut off, or larger than {200 * 1024 * 1024} bytes when it is unpacked",
        "parcels[2]: neither a drift report nor a part of one",
        "parcels[4]: not a parcel that vpp_drift_report made",
    ]


def test_a_parcel_cannot_fill_the_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parcel, "_MOST_BYTES", 1000)
    with pytest.raises(InputError, match="larger than 1000 bytes"):
        unpack([base64.b64encode(zlib.compress(b" " * 100000)).decode()])
