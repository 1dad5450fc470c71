# Copyright (c) 2026, the mdmkit.apps_books authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from typing import Any, Dict

import pytest
from ansible_collections.mdmkit.apps_books.plugins.module_utils._api.errors import AnswerLost, ServiceError
from ansible_collections.mdmkit.apps_books.plugins.module_utils._apply.configure import Configured, configure
from ansible_collections.mdmkit.apps_books.plugins.module_utils._apply.outcome import LostAnswer
from ansible_collections.mdmkit.apps_books.plugins.module_utils._model import ClientConfig, MdmInfo
from ansible_collections.mdmkit.apps_books.plugins.module_utils._plan.client_config import HeldByAnother, plan_client_config
from ansible_collections.mdmkit.apps_books.plugins.module_utils._plan.plan import Plan
from ansible_collections.mdmkit.apps_books.tests.unit.support.connection import Connection
from ansible_collections.mdmkit.apps_books.tests.unit.support.journal import posts
from vpp_simulator.testing import SimulatorHandle

OURS = MdmInfo("ours", "Our service", "m")
THEIRS: Dict[str, Any] = {"id": "theirs", "name": "Other MDM", "metadata": "x"}


def claim(connection: Connection) -> Configured:
    present = connection.service.client_config()
    return configure(connection.service, plan_client_config(present, connection.service.limits(), OURS))


def test_a_configuration_is_stored_at_once(simulator: SimulatorHandle, connection: Connection) -> None:
    info = MdmInfo("ours", "Our service", "m")
    present = connection.service.client_config()
    plan = plan_client_config(present, connection.service.limits(), info, notification_types=("ASSET_COUNT",))

    stored = configure(connection.service, plan).stored

    assert stored is not None and stored[:4] == (info, None, None, ("ASSET_COUNT",))
    assert connection.service.client_config() == stored
    assert [entry["path"] for entry in posts(simulator)] == ["/client/config"]


def test_the_same_configuration_is_not_sent_again(simulator: SimulatorHandle, connection: Connection) -> None:
    """That would trigger another test notification."""
    present = connection.service.client_config()

    assert configure(connection.service, plan_client_config(present, connection.service.limits())) == Configured(None, [])
    assert configure(connection.service, Plan()) == Configured(None, [])
    assert posts(simulator) == []


def test_a_configuration_that_is_refused_is_told(simulator: SimulatorHandle, connection: Connection) -> None:
    plan = plan_client_config(
        ClientConfig(None, None, None, ()), connection.service.limits(), notification_url="https://127.0.0.1:1/x", notification_auth_token="secret-text"
    )

    with pytest.raises(ServiceError) as caught:
        configure(connection.service, plan)
    assert caught.value.number == 9728
    assert "secret-text" not in str(caught.value)
    assert simulator.state()["mdmInfo"] is None


@pytest.mark.parametrize("action, found", [({"drop_after": True}, 1), ({"drop_before": True}, 0), ({"status": 500}, 0)])
def test_what_a_lost_answer_leaves_open_is_read_back(simulator: SimulatorHandle, connection: Connection, action: Dict[str, Any], found: int) -> None:
    simulator.faults([{"match": {"method": "POST"}, "do": action}])

    configured = claim(connection)

    assert configured.stored is not None and configured.stored.mdm_info == OURS
    assert configured.lost_answers == [LostAnswer("POST client/config", configured.lost_answers[0].cause, found, 1 - found, not found)]
    assert len(posts(simulator)) == 2 - found and simulator.state()["mdmInfo"]["id"] == "ours"


def test_who_claims_the_location_meanwhile_keeps_it(simulator: SimulatorHandle, connection: Connection) -> None:
    claimed = {"meanwhile": [{"client_config": {"mdmInfo": THEIRS}}]}
    read_back = {"path": "/client/config", "method": "GET", "nth": 2}
    simulator.faults([{"match": {"method": "POST"}, "do": {"drop_before": True}}, {"match": read_back, "do": claimed}])

    with pytest.raises(HeldByAnother) as caught:
        claim(connection)

    assert "Other MDM (id theirs)" in str(caught.value) and len(posts(simulator)) == 1


def test_a_service_that_never_answers_is_not_asked_for_ever(simulator: SimulatorHandle, connection: Connection) -> None:
    simulator.faults([{"match": {"method": "POST"}, "do": {"status": 500}, "times": 0}])

    with pytest.raises(AnswerLost):
        claim(connection)

    assert len(posts(simulator)) == 3
