# Copyright (c) 2026, the mdmkit.apps_books authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from typing import Any, Callable, Dict, List

import pytest
from ansible_collections.mdmkit.apps_books.plugins.module_utils._api.errors import ServiceError
from ansible_collections.mdmkit.apps_books.plugins.module_utils._model import MdmInfo
from ansible_collections.mdmkit.apps_books.plugins.module_utils._state.profile import read_profile
from ansible_collections.mdmkit.apps_books.tests.unit.conftest import SEED
from ansible_collections.mdmkit.apps_books.tests.unit.support.connection import TOKEN, Connection
from vpp_simulator.testing import SimulatorHandle

OURS: Dict[str, Any] = {"id": "ours", "name": "Our service", "metadata": "m"}


def paths(simulator: SimulatorHandle) -> List[str]:
    return [entry["path"] for entry in simulator.requests() if entry["path"] != "/service/config"]


def read_only(simulator: SimulatorHandle) -> None:
    simulator.reset({**SEED, "locations": [{**SEED["locations"][0], "content_token": TOKEN, "read_only": True}]})


def test_one_request_tells_all_but_the_stock(simulator: SimulatorHandle, connection: Connection) -> None:
    profile = read_profile(connection.service, with_stock=False)

    assert (profile.uid, profile.location_name, profile.country, profile.platform) == ("2049025000431439", "springfield", "US", "volumestore")
    assert (profile.holder, profile.holder_known, profile.stock) == (None, True, None) and profile.token_expiration_date
    assert paths(simulator) == ["/client/config"]


def test_the_stock_costs_its_pages(simulator: SimulatorHandle, connection: Connection) -> None:
    simulator.behaviour(page_size=2)
    simulator.client_config(mdmInfo=OURS)
    profile = read_profile(connection.service, with_stock=True)

    assert len(profile.stock or ()) == len(SEED["locations"][0]["assets"]) and profile.holder == MdmInfo(**OURS)
    assert paths(simulator) == ["/client/config", "/assets", "/assets", "/assets"]


@pytest.mark.parametrize("with_stock", [False, True])
def test_a_read_only_token_tells_what_the_assets_say(simulator: SimulatorHandle, connection: Connection, with_stock: bool) -> None:
    read_only(simulator)
    profile = read_profile(connection.service, with_stock)

    assert (profile.uid, profile.location_name, profile.country, profile.platform) == ("2049025000431439", None, None, None)
    assert (profile.holder, profile.holder_known, profile.stock is not None) == (None, False, with_stock)
    assert paths(simulator) == ["/client/config", "/assets"]


def test_a_read_only_token_knows_a_holder_that_the_assets_tell(simulator: SimulatorHandle, connection: Connection) -> None:
    read_only(simulator)
    simulator.client_config(mdmInfo=OURS)
    profile = read_profile(connection.service, with_stock=False)

    assert (profile.holder, profile.holder_known) == (MdmInfo(**OURS), True)


def test_any_other_refusal_is_an_error(simulator: SimulatorHandle, connections: Callable[..., Connection]) -> None:
    simulator.control("POST", "retire_token", {"how": "revoked"})

    with pytest.raises(ServiceError) as caught:
        read_profile(connections(simulator.base_url).service, with_stock=True)
    assert caught.value.number == 9625 and paths(simulator) == ["/client/config"]
