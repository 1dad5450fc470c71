# Copyright (c) 2026, the mdmkit.apps_books authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from typing import Any, Dict, List

import pytest
from ansible_collections.mdmkit.apps_books.plugins.module_utils._module.locations import Answer, Asking, ask_locations
from ansible_collections.mdmkit.apps_books.plugins.module_utils._wanted.locations import WantedLocation
from ansible_collections.mdmkit.apps_books.plugins.module_utils._wanted.token_source import SecretPlaces
from ansible_collections.mdmkit.apps_books.tests.unit.conftest import SEED
from ansible_collections.mdmkit.apps_books.tests.unit.support.connection import TOKEN
from vpp_simulator.testing import SimulatorHandle, content_token, inner_token

SOUTH = content_token(token="aB3dE5gH7jK9mN1pQ3sT5vW7yZ9bC1eF3hI5kL7n+/==")


@pytest.fixture
def simulator(simulator: SimulatorHandle, monkeypatch: pytest.MonkeyPatch) -> SimulatorHandle:
    """With two locations, whose tokens are in the environment."""
    simulator.reset({**SEED, "locations": [{**SEED["locations"][0], "name": "north"}, {"name": "south", "uId": "2", "content_token": SOUTH}]})
    monkeypatch.setenv("NORTH", TOKEN)
    monkeypatch.setenv("SOUTH", SOUTH)
    return simulator


def ask(simulator: SimulatorHandle, *names: str, known: Any = None, **asking: Any) -> Dict[str, Answer]:
    locations = [WantedLocation(name, "", SecretPlaces(name.upper(), "", False)) for name in names]
    how: Dict[str, Any] = {"base_url": simulator.base_url, "validate_certs": True, "ca_path": None, "http_timeout": 10.0, "retry_budget": 0.0, **asking}
    return ask_locations(locations, Asking(**{"side_by_side": 2, "stock": False, **how}), known or {})


def paths(simulator: SimulatorHandle) -> List[str]:
    return sorted(f"{entry['location']}{entry['path']}" for entry in simulator.requests() if entry["location"])


def test_facts_are_plain_data_without_secrets(simulator: SimulatorHandle) -> None:
    simulator.control("POST", "client_config", {"location": "south", "mdmInfo": {"id": "x", "name": f"{inner_token(SOUTH)} of south", "metadata": "m"}})
    facts = ask(simulator, "south")["south"].facts

    assert facts == {
        "uid": "2",
        "location_name": "south",
        "country": "US",
        "platform": "volumestore",
        "organization": "Example Organization",
        "holder": {"id": "x", "name": "******** of south", "metadata": "m"},
        "holder_known": True,
        "token_expires_at": "2099-12-31T23:59:59Z",
        "token_ends": "2099-12-31T23:59:59Z",
        "stock": None,
    }


def test_known_facts_of_the_same_token_are_not_asked_for(simulator: SimulatorHandle, monkeypatch: pytest.MonkeyPatch) -> None:
    known = {name: answer.facts for name, answer in ask(simulator, "north", "south").items()}
    simulator.clear_requests()
    again = ask(simulator, "north", "south", known=known)

    assert {name: answer.facts for name, answer in again.items()} == known and simulator.requests() == []
    monkeypatch.setenv("SOUTH", content_token(token="another-token-of-south", exp_date="2098-12-31T23:59:59+0000"))
    changed = ask(simulator, "north", "south", known=known)
    assert changed["north"].facts == known["north"] and "9622" in changed["south"].reason
    ask(simulator, "north", known=known, stock=True)
    assert paths(simulator) == ["north/assets", "north/client/config"]


def test_what_nobody_can_read_is_told_of_that_one(simulator: SimulatorHandle) -> None:
    body = {"assets": [f"Bearer {SOUTH}"], "totalPages": 1, "currentPageIndex": 0, "size": 1, "versionId": "1", "uId": "2"}
    simulator.faults([{"match": {"path": "/assets", "location": "south"}, "do": {"status": 200, "body": body}, "times": 0}])
    answers = ask(simulator, "north", "south", stock=True)

    assert answers["north"].facts and answers["south"].facts is None
    assert answers["south"].reason.startswith("Apple answered in a form that was not expected (AttributeError in service.py: ")
    assert inner_token(SOUTH) not in answers["south"].reason and SOUTH not in answers["south"].reason
    simulator.control("DELETE", "violations")


def test_where_there_is_no_service_it_is_tried_once_and_not_for_each(simulator: SimulatorHandle) -> None:
    simulator.faults([{"match": {}, "do": {"status": 503}, "times": 0}])
    answers = ask(simulator, "north", "south")

    assert answers["north"] == answers["south"] and "HTTP 503" in answers["north"].reason
    assert [entry["path"] for entry in simulator.requests()] == ["/service/config"]


def test_a_variable_that_names_no_location_counts_where_there_is_one(simulator: SimulatorHandle, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VPP_CONTENT_TOKEN", TOKEN)

    assert ask(simulator, "west")["west"].facts
    assert ask(simulator, "west", "south")["west"].reason.startswith("there is no content token for west")
