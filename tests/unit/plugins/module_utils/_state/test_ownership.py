# Copyright (c) 2026, the mdmkit.apps_books authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from typing import Any, Dict

import pytest
from ansible_collections.mdmkit.apps_books.plugins.module_utils._api.errors import NotOurs
from ansible_collections.mdmkit.apps_books.plugins.module_utils._state.ownership import ensure_ours
from ansible_collections.mdmkit.apps_books.tests.unit.support.connection import Connection
from vpp_simulator.testing import SimulatorHandle

OURS: Dict[str, Any] = {"id": "ours", "name": "Our service", "metadata": "m"}
THEIRS: Dict[str, Any] = {"id": "theirs", "name": "Their service", "metadata": "m"}


def paths(simulator: SimulatorHandle) -> list:
    return [entry["path"] for entry in simulator.requests() if entry["path"] != "/service/config"]


@pytest.mark.parametrize("mdm_id", [None, ""])
def test_without_an_id_nothing_is_checked(simulator: SimulatorHandle, connection: Connection, mdm_id: Any) -> None:
    simulator.client_config(mdmInfo=THEIRS)
    ensure_ours(connection.service, mdm_id)

    assert simulator.requests() == []


def test_what_an_earlier_answer_said_is_enough(simulator: SimulatorHandle, connection: Connection) -> None:
    simulator.client_config(mdmInfo=OURS)
    connection.service.assets()
    ensure_ours(connection.service, "ours")

    assert paths(simulator) == ["/assets"]


def test_otherwise_it_is_asked_for(simulator: SimulatorHandle, connection: Connection) -> None:
    simulator.client_config(mdmInfo=OURS)
    ensure_ours(connection.service, "ours")

    assert paths(simulator) == ["/client/config"]


@pytest.mark.parametrize("read_before", [False, True])
def test_another_holder_is_named(simulator: SimulatorHandle, connection: Connection, read_before: bool) -> None:
    simulator.client_config(mdmInfo=THEIRS)
    if read_before:
        connection.service.assets()

    with pytest.raises(NotOurs) as caught:
        ensure_ours(connection.service, "ours")
    assert caught.value.message == "This location is managed by Their service (id theirs), not by ours. No further write was sent."
    assert caught.value.hint == "Take it over with vpp_client_config if that is wanted."


def test_the_id_decides_never_the_name(simulator: SimulatorHandle, connection: Connection) -> None:
    simulator.client_config(mdmInfo=dict(OURS, name="Their service"))
    ensure_ours(connection.service, "ours")
    simulator.client_config(mdmInfo=dict(THEIRS, name="Our service"))
    connection.service.assets()

    with pytest.raises(NotOurs):
        ensure_ours(connection.service, "ours")


def test_a_location_that_nobody_has_claimed_is_not_ours_either(connection: Connection) -> None:
    with pytest.raises(NotOurs) as caught:
        ensure_ours(connection.service, "ours")
    assert str(caught.value) == "Nobody has claimed this location, but mdm_id is ours. Claim it first with vpp_client_config."


def test_who_took_over_last_counts(simulator: SimulatorHandle, connection: Connection) -> None:
    simulator.client_config(mdmInfo=OURS)
    connection.service.assets()
    ensure_ours(connection.service, "ours")
    simulator.client_config(mdmInfo=THEIRS)
    list(connection.service.assignments())

    with pytest.raises(NotOurs):
        ensure_ours(connection.service, "ours")


def test_no_write_is_sent_once_an_answer_shows_another_holder(simulator: SimulatorHandle, connection: Connection) -> None:
    simulator.client_config(mdmInfo=OURS)
    ensure_ours(connection.service, "ours")
    simulator.client_config(mdmInfo=THEIRS)
    list(connection.service.assignments())

    with pytest.raises(NotOurs):
        connection.service.revoke([], ["D1"])
    assert simulator.writes() == []
