# Copyright (c) 2026, the mdmkit.apps_books authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The check of answers itself: it must find what is wrong."""

from __future__ import annotations

from importlib import resources
from typing import Any

import orjson
import pytest
import yaml
from vpp_simulator.contract import Contract


@pytest.fixture(scope="module")
def contract() -> Contract:
    return Contract()


def problems(contract: Contract, path: str, answer: Any, *, method: str = "GET", status: int = 200) -> list[str]:
    contract.violations.clear()
    contract.check_answer(method, path, status, orjson.dumps(answer))
    return [violation["problem"] for violation in contract.violations]


ASSIGNMENTS = {
    "assignments": [{"adamId": "1", "pricingParam": "STDQ", "serialNumber": "S"}],
    "currentPageIndex": 0,
    "size": 1,
    "totalPages": 1,
    "versionId": "v",
}


def test_good_answers_pass(contract: Contract) -> None:
    assert problems(contract, "/assignments", ASSIGNMENTS) == []
    assert problems(contract, "/assignments", {**ASSIGNMENTS, "mdmInfo": None}) == []
    # Observed, not documented.
    assert problems(contract, "/client/config", {"apnToken": "x", "locationName": "y"}) == []
    assert problems(contract, "/assets", {"errorNumber": 9650, "errorMessage": "x", "errorInfo": {"serialNumbers": ["S"]}}, status=400) == []
    assert problems(contract, "/service/config", {"limits": {"anything": 1}, "urls": {"anything": "x"}}) == []


@pytest.mark.parametrize(
    ("path", "answer", "words"),
    [
        ("/assignments", {**ASSIGNMENTS, "pageSize": 1}, "pageSize"),
        ("/assignments", {**ASSIGNMENTS, "assignments": [{"adamId": "1", "licenseId": 5}]}, "licenseId"),
        ("/assignments", {**ASSIGNMENTS, "assignments": [{"adamId": 1}]}, "not of type"),
        ("/assignments", {**ASSIGNMENTS, "mdmInfo": {"id": "x", "owner": "y"}}, "mdmInfo"),
        ("/assignments", {**ASSIGNMENTS, "size": "1"}, "not of type"),
        ("/assignments", {**ASSIGNMENTS, "size": 2147483648}, "maximum"),
        ("/assignments", {**ASSIGNMENTS, "tokenExpirationDate": "2030-11-08T22:33:22Z"}, "does not match"),
        ("/users", {"users": [{"clientUserId": "u", "status": "Sleeping"}]}, "not one of"),
        ("/users", {"users": [{"clientUserId": "u", "managedAppleId": "a@b.test"}]}, "managedAppleId"),
        ("/status", {"eventStatus": "DONE"}, "not one of"),
        ("/client/config", {"notificationTypes": []}, "notificationTypes"),
    ],
)
def test_flaws_are_found(contract: Contract, path: str, answer: Any, words: str) -> None:
    found = problems(contract, path, answer)
    assert found and words in " ".join(found)


def test_the_examples_of_the_contract_are_good_answers(contract: Contract) -> None:
    text = resources.files("vpp_simulator").joinpath("contract.yaml").read_text(encoding="utf-8")
    document = yaml.safe_load(text)
    shared = document["components"]["examples"]
    checked = 0
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            answer = operation["responses"]["200"] if method in ("get", "post") else {}
            for example in answer.get("content", {}).get("application/json", {}).get("examples", {}).values():
                value = shared[example["$ref"].rpartition("/")[2]]["value"] if "$ref" in example else example["value"]
                # The lookup belongs to another service, whose answers are open.
                if "lookup" not in path:
                    assert problems(contract, path, value, method=method.upper()) == []
                    checked += 1
    assert checked > 20


def test_event_ids_are_uuids(contract: Contract) -> None:
    assert problems(contract, "/users/create", {"eventId": "1"}, method="POST")


def test_errors_need_a_known_number_and_status(contract: Contract) -> None:
    assert problems(contract, "/assets", {"errorNumber": 1, "errorMessage": "x"}, status=400)
    assert problems(contract, "/assets", {"errorNumber": 9602, "errorMessage": "x"}, status=418)
    assert problems(contract, "/assets", {"errorNumber": 9602, "errorMessage": "x", "why": "y"}, status=400)


def test_answers_the_contract_does_not_have(contract: Contract) -> None:
    assert problems(contract, "/assets", {"assets": []}, status=201) == ["the contract has no such answer"]


def test_notifications(contract: Contract) -> None:
    envelope = {"notification": {}, "notificationId": "1", "notificationType": "TEST_NOTIFICATION", "uId": "2"}
    contract.violations.clear()
    contract.check_notification(envelope)
    assert contract.violations == []
    for flawed in ({**envelope, "time": 1}, {**envelope, "notificationType": "NEWS"}, {"notification": {}}):
        contract.violations.clear()
        contract.check_notification(flawed)
        assert contract.violations
