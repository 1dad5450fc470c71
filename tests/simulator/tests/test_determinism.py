# Copyright (c) 2026, the mdmkit.apps_books authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The same requests after the same seed give the same answers, byte for byte."""

from __future__ import annotations

from typing import Any

from vpp_simulator.testing import ApiClient, SimulatorHandle, start_simulator

EVENT = object()
SCRIPT: list[tuple[str, Any]] = [
    ("/client/config", {"mdmInfo": {"id": "i", "name": "n", "metadata": "m"}}),
    ("/users/create", {"users": [{"clientUserId": "a"}, {"clientUserId": "b", "managedAppleId": "b@x.test"}, {"clientUserId": "u-1"}]}),
    ("/status", EVENT),
    ("/assets/associate", {"assets": [{"adamId": "1001"}, {"adamId": "1003"}], "clientUserIds": ["a", "zz"], "serialNumbers": ["N2", "N1", "N3"]}),
    ("/status", EVENT),
    ("/users/retire", {"users": [{"clientUserId": "u-1"}]}),
    ("/status", EVENT),
    ("/assets/revoke", {"serialNumbers": ["S1"]}),
    ("/status", EVENT),
    ("/assets", None),
    ("/assignments", None),
    ("/users", None),
    ("/client/config", None),
]


def played(simulator: SimulatorHandle, api: ApiClient) -> list[bytes]:
    """The answers to the script, with some drift by hand."""
    answers = []
    event_id = ""
    for path, body in SCRIPT:
        if body is EVENT:
            answer = api.get(path, eventId=event_id)
        elif body is None:
            answer = api.get(path)
        else:
            answer = api.post(path, body)
            event_id = answer.json.get("eventId", "")
        answers.append(answer.content)
    simulator.assign([{"adamId": "1003", "serialNumber": f"H{index}"} for index in range(9)], location="one")
    answers.append(api.get("/assignments", adamId="1003").content)
    answers.append(str(simulator.retire_token("replaced", location="one")).encode())
    return answers


def test_reset_repeats_everything(simulator: SimulatorHandle, api: ApiClient) -> None:
    first = played(simulator, api)
    simulator.reset()
    assert played(simulator, api) == first


def test_another_process_answers_the_same(simulator: SimulatorHandle, seed: dict[str, Any], api: ApiClient) -> None:
    first = played(simulator, api)
    with start_simulator(seed) as other:
        assert played(other, other.api(seed["locations"][0]["content_token"])) == first


def test_another_seed_text_gives_other_ids(simulator: SimulatorHandle, seed: dict[str, Any], api: ApiClient) -> None:
    first = played(simulator, api)
    simulator.reset({**seed, "seed": "other"})
    second = played(simulator, api)
    assert first[1] != second[1] and first[9] != second[9]
