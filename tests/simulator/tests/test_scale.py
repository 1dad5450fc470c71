# Copyright (c) 2026, the mdmkit.apps_books authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A million assignments. The bounds are several times what was measured (README.md), so that a busy machine passes."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import pytest
from vpp_simulator.testing import ApiClient, SimulatorHandle, start_simulator

ASSETS = [{"adamId": str(2000000001 + index), "pricingParam": "STDQ"} for index in range(25)]


@pytest.fixture(scope="module")
def big() -> Any:
    seed = {
        "behaviour": {"max_requests_per_second": 0, "event_seconds": 0},
        "locations": [{"name": "big", "generate": {"assets": 25, "devices": 40000}}],
    }
    with start_simulator(seed) as handle:
        yield handle


def seconds(action: Callable[[], Any]) -> float:
    began = time.perf_counter()
    action()
    return time.perf_counter() - began


def serials(prefix: str) -> list[str]:
    return [f"{prefix}{index:07d}" for index in range(1, 1001)]


def test_a_million_assignments(big: SimulatorHandle) -> None:
    api: ApiClient = big.api()
    assert seconds(lambda: api.get("/assignments")) < 1
    first, last = api.get("/assignments").json, api.get("/assignments", pageIndex=999).json
    assert (first["totalPages"], first["size"], last["size"], last.get("nextPageIndex")) == (1000, 1000, 1000, None)
    assert first["assignments"][0] == {"adamId": "2000000001", "pricingParam": "STDQ", "serialNumber": "D0000001"}
    assert last["assignments"][-1] == {"adamId": "2000000025", "pricingParam": "STDQ", "serialNumber": "D0040000"}
    assert seconds(lambda: [api.get("/assignments", pageIndex=index) for index in range(0, 1000, 20)]) < 5
    assert seconds(lambda: api.get("/assignments", serialNumber="D0031234")) < 0.5
    assert len(api.get("/assignments", serialNumber="D0031234").json["assignments"]) == 25
    assert seconds(lambda: api.get("/assignments", adamId="2000000013", pageIndex=39)) < 0.5


def test_large_writes_are_quick(big: SimulatorHandle) -> None:
    api = big.api()
    version = api.get("/assignments").json["versionId"]
    for path, names in (("/assets/disassociate", serials("D")), ("/assets/associate", serials("X"))):
        accepted = api.post(path, {"assets": ASSETS, "serialNumbers": names}).json
        began = time.perf_counter()
        status = api.finished(accepted["eventId"])
        assert time.perf_counter() - began < 2
        assert (status["eventStatus"], status["numCompleted"]) == ("COMPLETE", 25000)
    assert api.get("/assignments").json["totalPages"] == 1000
    assert api.get("/assets").json["assets"][24]["assignedCount"] == 40000
    assert seconds(lambda: api.listed("/assignments", sinceVersionId=version)) < 5
    assert api.get("/assignments", sinceVersionId=version).json["totalPages"] == 25
    now = api.get("/assignments").json["versionId"]
    big.unassign([{"adamId": "2000000001", "serialNumber": "D0002000"}])
    big.assign([{"adamId": "2000000001", "serialNumber": "NEW"}])
    assert seconds(lambda: api.get("/assignments", sinceVersionId=now)) < 0.5
    assert api.get("/assignments", sinceVersionId=now).json["size"] == 1
    assert big.violations() == []
