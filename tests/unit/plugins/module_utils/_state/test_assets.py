# Copyright (c) 2026, the mdmkit.apps_books authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from typing import Any, Dict, List, Optional

import pytest
from ansible_collections.mdmkit.apps_books.plugins.module_utils._state.assets import OwnedAssets
from ansible_collections.mdmkit.apps_books.tests.unit.support.connection import TOKEN, Connection
from vpp_simulator.testing import SimulatorHandle


def seed(assets: int, page_size: int) -> Dict[str, Any]:
    owned = [{"adamId": str(1000000000 + number), "pricingParam": pricing} for number in range(1, assets + 1) for pricing in ("STDQ", "PLUS")]
    location = {"name": "springfield", "content_token": TOKEN, "assets": [{**asset, "totalCount": 5} for asset in owned]}
    return {"behaviour": {"max_requests_per_second": 0, "page_size": page_size}, "locations": [location]}


def adam_ids(*numbers: int) -> List[str]:
    return [str(1000000000 + number) for number in numbers]


@pytest.mark.parametrize(
    "named, requests, complete",
    [
        # 10 products with two pricings each; 4 records a page: 5 pages
        (None, 5, True),
        (adam_ids(3), 1, False),
        (adam_ids(3, 4), 3, False),
        (adam_ids(1, 2, 3, 99), 5, False),
        (adam_ids(1, 2, 3, 4, 5), 5, True),
        ([], 1, False),
    ],
)
def test_as_few_requests_as_can_be(
    simulator: SimulatorHandle, connection: Connection, named: Optional[List[str]], requests: int, complete: bool
) -> None:
    simulator.reset(seed(10, 4))
    owned = OwnedAssets(connection.service, named)

    records = owned.read()

    assert len([entry for entry in simulator.requests() if entry["path"] == "/assets"]) == requests
    assert owned.complete is complete
    wanted = {str(1000000000 + number) for number in range(1, 11)} if named is None else set(named)
    assert {asset.adam_id for asset in records if asset.adam_id in wanted} == wanted - {"1000000099"}
    assert all({(adam_id, "STDQ"), (adam_id, "PLUS")} <= set(records) for adam_id in wanted - {"1000000099"})


def test_to_read_again_takes_the_way_that_was_found(simulator: SimulatorHandle, connection: Connection) -> None:
    simulator.reset(seed(10, 4))
    owned = OwnedAssets(connection.service, adam_ids(3, 4))
    first = owned.read()
    simulator.clear_requests()

    assert owned.read() == first
    assert [entry["query"] for entry in simulator.requests()] == [{"adamId": adam_id, "pageIndex": "0"} for adam_id in adam_ids(3, 4)]
