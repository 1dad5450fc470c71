# Copyright (c) 2026, the mdmkit.apps_books authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One simulator process for each test process, reset before every test; every answer is validated against the contract."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from hypothesis import settings
from vpp_simulator.testing import ApiClient, SimulatorHandle, content_token, start_simulator

# Nothing is left behind on disk, and a busy machine is no failure.
settings.register_profile("simulator", database=None, deadline=None)
settings.load_profile("simulator")

SEED: dict[str, Any] = {
    # Tests that are about time or rate switch these back on.
    "behaviour": {"max_requests_per_second": 0, "event_seconds": 0},
    "locations": [
        {
            "name": "one",
            "uId": "2049025000431439",
            "content_token": content_token("token-of-location-one"),
            "assets": [
                {"adamId": "1001", "totalCount": 5, "supportedPlatforms": ["iOS", "macOS"]},
                {"adamId": "1001", "pricingParam": "PLUS", "totalCount": 3},
                {"adamId": "1002", "productType": "Book", "totalCount": 4},
                {"adamId": "1003", "totalCount": 2147483647},
                {"adamId": "1004", "totalCount": 10, "deviceAssignable": False},
            ],
            "users": [
                {"clientUserId": "u-1", "email": "u1@example.test"},
                {"clientUserId": "u-2", "managedAppleId": "u2@appleid.example.test"},
                {"clientUserId": "u-3", "status": "Retired"},
                {"clientUserId": "u-4", "email": "u4@example.test"},
            ],
            "assignments": [
                {"adamId": "1001", "serialNumber": "S1"},
                {"adamId": "1001", "clientUserId": "u-1"},
                {"adamId": "1001", "pricingParam": "PLUS", "serialNumber": "S1"},
                {"adamId": "1002", "clientUserId": "u-2"},
                {"adamId": "1002", "clientUserId": "u-3"},
                {"adamId": "1003", "serialNumber": "S2"},
            ],
        },
        {"name": "two", "content_token": content_token("token-of-location-two"), "assets": [{"adamId": "1001", "totalCount": 1}]},
    ],
}


@pytest.fixture(scope="session")
def running_simulator() -> Iterator[SimulatorHandle]:
    """The process."""
    with start_simulator(SEED) as handle:
        yield handle


@pytest.fixture
def simulator(running_simulator: SimulatorHandle) -> Iterator[SimulatorHandle]:
    """The process with the seed of this file; no answer of the test may break the contract."""
    running_simulator.reset()
    yield running_simulator
    assert running_simulator.violations() == []


@pytest.fixture
def api(simulator: SimulatorHandle) -> ApiClient:
    """A client of location one."""
    return simulator.api(content_token("token-of-location-one"))


@pytest.fixture
def other_api(simulator: SimulatorHandle) -> ApiClient:
    """A client of location two."""
    return simulator.api(content_token("token-of-location-two"))


@pytest.fixture
def seed() -> dict[str, Any]:
    """A copy of the seed to change and reset to."""
    return copy.deepcopy(SEED)


@pytest.fixture
def reset_to(simulator: SimulatorHandle, seed: dict[str, Any]) -> Callable[..., ApiClient]:
    """Reset with other members in location one; returns its client."""

    def reset(**members: Any) -> ApiClient:
        seed["locations"][0].update(members)
        simulator.reset(seed)
        return simulator.api(content_token("token-of-location-one"))

    return reset
