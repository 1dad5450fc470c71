# Copyright (c) 2026, the mdmkit.apps_books authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The rate limit of a location."""

from __future__ import annotations

import time

import pytest
from vpp_simulator.testing import ApiClient, SimulatorHandle


def test_sliding_window(simulator: SimulatorHandle, api: ApiClient, other_api: ApiClient) -> None:
    simulator.behaviour(max_requests_per_second=5)
    started = time.monotonic()
    answers = [api.get("/users") for dummy in range(7)]
    assert time.monotonic() - started < 0.9, "too slow a machine for this test"
    assert [answer.status for answer in answers] == [200] * 5 + [429] * 2
    assert answers[-1].error == 9646 and "Retry-After" not in answers[-1].headers
    # The other location has a limit of its own, and Service Config has none.
    assert other_api.get("/users").status == 200
    assert [api.get("/service/config").status for dummy in range(10)] == [200] * 10
    time.sleep(max(0.0, started + 1.05 - time.monotonic()))
    # Refused requests did not count, so the window is free again.
    assert [api.get("/users").status for dummy in range(3)] == [200] * 3


def test_a_refused_write_is_not_done(simulator: SimulatorHandle, api: ApiClient) -> None:
    simulator.behaviour(max_requests_per_second=1)
    assert api.get("/users").status == 200
    assert api.post("/users/create", {"users": [{"clientUserId": "n"}]}).status == 429
    assert simulator.state("one")["events"] == []
    assert simulator.writes()[-1]["accepted"] is False


@pytest.mark.parametrize(("given", "sent"), [(7, "7"), ("Wed, 21 Oct 2099 07:28:00 GMT", "Wed, 21 Oct 2099 07:28:00 GMT"), (None, None)])
def test_retry_after_with_429(simulator: SimulatorHandle, api: ApiClient, given: object, sent: str | None) -> None:
    simulator.behaviour(max_requests_per_second=1, retry_after_on_429=given)
    api.get("/users")
    answer = api.get("/users")
    assert (answer.status, answer.headers.get("Retry-After")) == (429, sent)


def test_what_is_announced(simulator: SimulatorHandle, api: ApiClient) -> None:
    def announced() -> int | None:
        return api.get("/service/config").json["limits"].get("maxRequestPerSecond")

    simulator.reset({"locations": []})
    assert announced() == 15
    simulator.behaviour(max_requests_per_second=0)
    assert announced() is None
    simulator.behaviour(limits={"maxRequestPerSecond": 40})
    assert announced() == 40
    simulator.behaviour(max_requests_per_second=3, limits={"maxRequestPerSecond": None})
    assert announced() is None


def test_latency(simulator: SimulatorHandle, api: ApiClient) -> None:
    simulator.behaviour(latency_ms=80)
    started = time.monotonic()
    assert api.get("/users").status == 200
    assert api.get("/nothing").status == 404
    assert time.monotonic() - started >= 0.16
    assert simulator.requests()[-1]["seconds"] >= 0.08
