# Copyright (c) 2026, the mdmkit.apps_books authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import random
from typing import Any, Callable, Dict, List, Optional, Set

import pytest
from ansible_collections.mdmkit.apps_books.plugins.module_utils._model import Asset, AssetRecord, AssignmentRecord, Targets
from ansible_collections.mdmkit.apps_books.plugins.module_utils._state.assignments import Question, list_assignments, read_assignments
from ansible_collections.mdmkit.apps_books.tests.unit.support.connection import TOKEN, Connection
from ansible_collections.mdmkit.apps_books.tests.unit.support.web import Answer, Seen, Web
from ansible_collections.mdmkit.apps_books.tests.unit.support.world import DEVICE, USER, Pair, as_pairs
from vpp_simulator.testing import SimulatorHandle

Connections = Callable[..., Connection]
Webs = Callable[..., Web]

QUICK = {"max_requests_per_second": 0, "event_seconds": 0}
ASSETS = [Asset("1000000001"), Asset("1000000001", "PLUS"), Asset("1000000002"), Asset("1000000003")]
TARGETS = [(USER, f"u-{number}") for number in range(8)] + [(DEVICE, f"D{number}") for number in range(8)]


def location(pairs: Set[Pair], **more: Any) -> Dict[str, Any]:
    return {
        "name": "springfield",
        "content_token": TOKEN,
        "assets": [{"adamId": asset.adam_id, "pricingParam": asset.pricing_param, "totalCount": 50} for asset in ASSETS],
        "users": [{"clientUserId": target} for kind, target in TARGETS if kind == USER],
        "assignments": [
            {"adamId": asset.adam_id, "pricingParam": asset.pricing_param, "clientUserId" if kind == USER else "serialNumber": target}
            for asset, kind, target in sorted(pairs)
        ],
        **more,
    }


def seed(*locations: Dict[str, Any], **behaviour: Any) -> Dict[str, Any]:
    return {"behaviour": {**QUICK, **behaviour}, "locations": list(locations)}


def owned(connection: Connection) -> Dict[Asset, AssetRecord]:
    return {record.asset: record for record in connection.service.assets()}


def queries(simulator: SimulatorHandle) -> List[Dict[str, str]]:
    return [entry["query"] for entry in simulator.requests() if entry["path"] == "/assignments"]


def named(*targets: Any) -> Targets:
    return Targets({target for kind, target in targets if kind == USER}, {target for kind, target in targets if kind == DEVICE})


def truth(simulator: SimulatorHandle) -> Set[Pair]:
    return {
        (Asset(entry["adamId"], entry["pricingParam"]), USER if "clientUserId" in entry else DEVICE, entry.get("clientUserId") or entry["serialNumber"])
        for entry in simulator.state(parts=["assignments"])["assignments"]
    }


# What is read


@pytest.mark.parametrize("number", range(12))
@pytest.mark.parametrize("page_size", [1000, 3])
def test_the_answer_is_complete_for_the_question(simulator: SimulatorHandle, connection: Connection, number: int, page_size: int) -> None:
    chance = random.Random(number)
    pairs = {(asset, *target) for asset in ASSETS for target in TARGETS if chance.random() < 0.4}
    simulator.reset(seed(location(pairs), page_size=page_size))
    assets = chance.sample(ASSETS, chance.randrange(len(ASSETS) + 1)) + [Asset("999")]
    targets = named(*chance.sample(TARGETS, chance.randrange(5)), (USER, "nobody"))
    records = owned(connection)
    of_assets = {pair for pair in pairs if pair[0] in assets}
    of_targets = {pair for pair in pairs if pair[2] in (targets.users if pair[1] == USER else targets.devices)}

    def read(question: Question) -> Set[Pair]:
        present = read_assignments(connection.service, records, question)
        found = as_pairs(present.assignments)
        assert present.active_holders == {target for dummy, kind, target in found if kind == USER}
        assert found <= pairs
        return found

    assert read(Question()) == pairs
    assert read(Question(assets=assets)) >= of_assets
    assert read(Question(targets=targets)) >= of_targets
    either = read(Question(assets=assets, targets=targets))
    assert either >= of_assets or either >= of_targets


def test_an_id_is_one_text_however_many_assets_are_held(simulator: SimulatorHandle, connection: Connection) -> None:
    """A million assignments fit in memory that way."""
    simulator.reset(seed(location({(asset, *target) for asset in ASSETS for target in TARGETS[:1] + TARGETS[8:9]})))

    held = read_assignments(connection.service, owned(connection), Question()).assignments

    assert len({id(user) for targets in held.values() for user in targets.users}) == 1
    assert len({id(device) for targets in held.values() for device in targets.devices}) == 1


def test_what_retired_users_still_hold_is_left_alone(simulator: SimulatorHandle, connection: Connection) -> None:
    simulator.reset(
        seed(
            location(
                {(ASSETS[0], USER, "u-1")},
                users=[{"clientUserId": "u-1"}, {"clientUserId": "gone", "status": "Retired"}, {"clientUserId": "away", "status": "Deleted"}],
                assignments=[
                    {"adamId": "1000000001", "clientUserId": "u-1"},
                    {"adamId": "1000000001", "clientUserId": "gone"},
                    {"adamId": "1000000002", "clientUserId": "gone"},
                    {"adamId": "1000000002", "clientUserId": "away"},
                ],
            )
        )
    )

    present = read_assignments(connection.service, owned(connection), Question())

    assert as_pairs(present.assignments) == {(ASSETS[0], USER, "u-1")}
    assert present.active_holders == {"u-1"}


def test_a_user_who_was_created_again_holds_only_what_the_new_record_holds(simulator: SimulatorHandle, connection: Connection) -> None:
    again = {"clientUserId": "u", "status": "Retired"}
    simulator.reset(
        seed(
            location(
                set(),
                users=[again, {"clientUserId": "u"}],
                assignments=[
                    {"adamId": "1000000001", "clientUserId": "u", "userRecord": 0},
                    {"adamId": "1000000001", "clientUserId": "u", "userRecord": 1},
                    {"adamId": "1000000002", "clientUserId": "u", "userRecord": 0},
                ],
            )
        )
    )

    present = read_assignments(connection.service, owned(connection), Question(targets=named((USER, "u"))))

    assert as_pairs(present.assignments) == {(ASSETS[0], USER, "u")}
    assert present.active_holders == {"u"}


IRREVOCABLE = [{"adamId": asset.adam_id, "pricingParam": asset.pricing_param, "totalCount": 50, "revocable": False} for asset in ASSETS]


@pytest.mark.parametrize("page", [1, 2, 3])
def test_a_user_who_is_retired_between_two_pages_holds_nothing(simulator: SimulatorHandle, connection: Connection, page: int) -> None:
    """What can never be taken back stays with the retired record: no assignment changes, and so their version does not."""
    simulator.reset(seed(location({(asset, USER, "u-1") for asset in ASSETS}, assets=IRREVOCABLE), page_size=1))
    records = owned(connection)
    simulator.faults(
        [{"match": {"path": "/assignments", "query": {"pageIndex": str(page)}}, "do": {"meanwhile": [{"users": {"retire": ["u-1"]}}]}, "times": 1}]
    )

    present = read_assignments(connection.service, records, Question(targets=named((USER, "u-1"), (DEVICE, "D1"))))

    assert (as_pairs(present.assignments), present.active_holders) == (set(), set())


def test_what_two_records_of_a_user_hold_on_several_pages_is_read_twice(simulator: SimulatorHandle, connection: Connection) -> None:
    again = {"clientUserId": "u", "status": "Retired"}
    held = [{"adamId": asset.adam_id, "pricingParam": asset.pricing_param, "clientUserId": "u", "userRecord": 0} for asset in ASSETS]
    new = {"adamId": "1000000002", "clientUserId": "u", "userRecord": 1}
    simulator.reset(seed(location(set(), assets=IRREVOCABLE, users=[again, {"clientUserId": "u"}], assignments=[*held, new]), page_size=2))

    present = read_assignments(connection.service, owned(connection), Question(targets=named((USER, "u"))))

    assert as_pairs(present.assignments) == {(ASSETS[2], USER, "u")}
    assert len(queries(simulator)) == 2 * 3


@pytest.mark.parametrize("page", [1, 2, 4])
def test_what_is_given_on_the_way_is_known_in_the_end_and_so_is_what_moved(simulator: SimulatorHandle, connection: Connection, page: int) -> None:
    pairs = {(asset, *target) for asset in ASSETS[::2] for target in TARGETS[::2]}
    simulator.reset(seed(location(pairs), page_size=3))
    new = [
        {"adamId": "1000000001", "pricingParam": "PLUS", "clientUserId": "u-3"},
        {"adamId": "1000000001", "serialNumber": "NEW"},
        {"adamId": "1000000003", "serialNumber": "D1"},
    ]
    records = owned(connection)
    simulator.faults([{"match": {"path": "/assignments", "query": {"pageIndex": str(page)}}, "do": {"meanwhile": [{"assign": {"pairs": new}}]}, "times": 1}])

    present = read_assignments(connection.service, records, Question())

    assert len(truth(simulator) - pairs) == 3
    assert as_pairs(present.assignments) == truth(simulator)


@pytest.mark.parametrize("page", [1, 2, 4])
def test_what_is_taken_away_on_the_way_is_known_in_the_end_and_so_is_what_moved(simulator: SimulatorHandle, connection: Connection, page: int) -> None:
    pairs = {(asset, *target) for asset in ASSETS[::2] for target in TARGETS}
    simulator.reset(seed(location(pairs), page_size=3))
    gone = [
        {"adamId": asset.adam_id, "pricingParam": asset.pricing_param, "clientUserId" if kind == USER else "serialNumber": target}
        for asset, kind, target in sorted(pairs)[:2]
    ]
    records = owned(connection)
    simulator.faults([{"match": {"path": "/assignments", "query": {"pageIndex": str(page)}}, "do": {"meanwhile": [{"unassign": {"pairs": gone}}]}, "times": 1}])

    present = read_assignments(connection.service, records, Question())

    assert len(pairs - truth(simulator)) == 2
    assert as_pairs(present.assignments) == truth(simulator)


# How it is read


def big(assets: int, devices: int, assigned: float = 1.0) -> Dict[str, Any]:
    """So many assets, held by all or some of the devices."""
    return {"name": "springfield", "content_token": TOKEN, "generate": {"assets": assets, "devices": devices, "assigned": assigned}}


def generated(number: int) -> Asset:
    return Asset(str(2000000000 + number))


def devices(number: int) -> Targets:
    return Targets(set(), {f"D{index:07d}" for index in range(1, number + 1)})


@pytest.mark.parametrize(
    "question, requests",
    [
        # 5 assets held by 1,500 devices: 8 pages in all, 2 for an asset, 1 for a device
        (Question(), 8),
        (Question(assets=[generated(1)]), 2),
        (Question(assets=[generated(1), generated(2), generated(3)]), 6),
        (Question(assets=[generated(number) for number in range(1, 6)]), 8),
        (Question(assets=[generated(99)]), 0),
        (Question(assets=[]), 0),
        (Question(targets=devices(1)), 1),
        (Question(targets=devices(7)), 7),
        (Question(targets=devices(9)), 8),
        (Question(targets=devices(1500)), 8),
        (Question(targets=devices(0)), 0),
        (Question(assets=[generated(1)], targets=devices(1)), 1),
        (Question(assets=[generated(1)], targets=devices(3)), 2),
        (Question(assets=[generated(1), generated(2), generated(3)], targets=devices(5)), 5),
        (Question(assets=[generated(number) for number in range(1, 6)], targets=devices(900)), 8),
        (Question(assets=[generated(99)], targets=devices(5)), 0),
        (Question(targets=Targets({"u-1", "u-2"}, {"D0000001"})), 3),
    ],
)
def test_the_cheapest_way_is_taken(simulator: SimulatorHandle, connection: Connection, question: Question, requests: int) -> None:
    simulator.reset(seed(big(5, 1500)))
    records = owned(connection)

    read_assignments(connection.service, records, question)

    assert len(queries(simulator)) == requests
    assert all(query["includeUserState"] == "true" for query in queries(simulator))


def test_an_asset_that_nobody_holds_costs_nothing(simulator: SimulatorHandle, connection: Connection) -> None:
    simulator.reset(seed(location({(ASSETS[0], USER, "u-1")})))

    read_assignments(connection.service, owned(connection), Question(assets=ASSETS))

    assert queries(simulator) == [{"includeUserState": "true", "adamId": "1000000001", "pricingParam": "STDQ", "pageIndex": "0"}]


def test_what_retired_users_hold_counts_for_the_price(simulator: SimulatorHandle, connection: Connection) -> None:
    """An asset that only retired users hold is read, too."""
    retired = {"users": [{"clientUserId": "gone", "status": "Retired"}], "assignments": [{"adamId": "1000000001", "clientUserId": "gone"}]}
    simulator.reset(seed(location(set(), **retired)))

    read_assignments(connection.service, owned(connection), Question(assets=[ASSETS[0]]))

    assert len(queries(simulator)) == 1


# Listing


@pytest.mark.parametrize(
    "filters, number",
    [
        ({}, 5),
        ({"adamId": "1000000001"}, 4),
        ({"adamId": "1000000001", "pricingParam": "PLUS"}, 1),
        ({"clientUserId": "u-1"}, 2),
        ({"serialNumber": "D1"}, 2),
        ({"excludeInactiveUsers": "true"}, 5),
    ],
)
def test_a_listing_holds_what_the_filters_let_through(simulator: SimulatorHandle, connection: Connection, filters: Dict[str, str], number: int) -> None:
    pairs = {(ASSETS[0], USER, "u-1"), (ASSETS[0], USER, "u-2"), (ASSETS[0], DEVICE, "D1"), (ASSETS[1], USER, "u-1"), (ASSETS[2], DEVICE, "D1")}
    simulator.reset(seed(location(pairs)))

    listing = list_assignments(connection.service, filters)

    assert len(listing.records) == len(set(listing.records)) == number
    assert listing.version_id == simulator.state()["versionIds"]["assignments"]


def test_what_comes_twice_is_listed_once_and_the_later_record_counts(webs: Webs, connections: Connections) -> None:
    def answer(seen: Seen) -> Answer:
        if "pageIndex" not in seen.query:
            return Answer({"urls": {}})
        index = int(seen.query["pageIndex"])
        since = seen.query.get("sinceVersionId")
        records: List[Dict[str, Any]] = [
            {"adamId": "1", "pricingParam": "STDQ", "clientUserId": "u", "userStatus": "Associated" if since or index else "Registered"}
        ]
        if index:
            records.append({"adamId": "1", "pricingParam": "STDQ", "clientUserId": "u", "userStatus": "Retired"})
        more = {"nextPageIndex": 1} if not index and not since else {}
        return Answer({"assignments": records, "totalPages": 2, "versionId": "v9" if since else f"v{index}", **more})

    listing = list_assignments(connections(webs(answer).base_url).service, {})

    assert listing.records == [
        AssignmentRecord(Asset("1"), "u", None, "Associated"),
        AssignmentRecord(Asset("1"), "u", None, "Retired"),
    ]
    assert listing.version_id == "v0", "asking for what changed since then misses nothing"


def test_a_listing_of_changes(simulator: SimulatorHandle, connection: Connection) -> None:
    simulator.reset(seed(location({(ASSETS[0], USER, "u-1")})))
    version: Optional[str] = list_assignments(connection.service, {}).version_id
    assert list_assignments(connection.service, {"sinceVersionId": str(version)}).records == []
    simulator.assign([{"adamId": "1000000003", "serialNumber": "D7"}])

    assert list_assignments(connection.service, {"sinceVersionId": str(version)}).records == [AssignmentRecord(ASSETS[3], None, "D7")]


# What it costs, and what is told of it


@pytest.mark.parametrize(
    "question, way, estimate, other_ways",
    [
        (Question(), "all pages", 8, {}),
        (Question(assets=[generated(1)]), "asset by asset", 2, {"all pages": 8}),
        (Question(assets=[generated(1)], targets=devices(1)), "target by target", 1, {"all pages": 8, "asset by asset": 2}),
    ],
)
def test_the_way_is_told_with_its_price(
    simulator: SimulatorHandle, connection: Connection, question: Question, way: str, estimate: int, other_ways: Dict[str, int]
) -> None:
    simulator.reset(seed(big(5, 1500)))

    reading = read_assignments(connection.service, owned(connection), question).reading

    assert reading == ("assignments", way, estimate, other_ways)


def test_small_pages_that_are_seen_change_the_way(simulator: SimulatorHandle, connection: Connection) -> None:
    """An asset of 1,500 was thought to take 2 requests, but takes 30; each of 12 devices takes one."""
    simulator.reset(seed(big(5, 1500), page_size=50))

    present = read_assignments(connection.service, owned(connection), Question(assets=[generated(1)], targets=devices(12)))

    assert [("adamId" in query, "serialNumber" in query) for query in queries(simulator)] == [(True, False)] + 12 * [(False, True)]
    assert present.reading == ("assignments", "target by target", 12, {"all pages": 150, "asset by asset": 30})
    assert {len(targets.devices) for targets in present.assignments.values()} == {12}


def test_what_was_begun_goes_on_where_nothing_else_is_cheaper(simulator: SimulatorHandle, connection: Connection) -> None:
    simulator.reset(seed(big(5, 1500), page_size=500))

    read_assignments(connection.service, owned(connection), Question(assets=[generated(1)], targets=devices(3)))

    # The last two are asked for side by side.
    assert sorted(query["pageIndex"] for query in queries(simulator) if query["adamId"] == "2000000001") == ["0", "1", "2"]


def test_where_some_assets_are_known_only_their_price_is(simulator: SimulatorHandle, connection: Connection) -> None:
    simulator.reset(seed(big(5, 1500)))
    records = {asset: record for asset, record in owned(connection).items() if asset == generated(1)}

    reading = read_assignments(connection.service, records, Question(assets=[generated(1)], targets=devices(9)), all_assets=False).reading

    assert reading == ("assignments", "asset by asset", 2, {"target by target": 9})


def test_many_targets_are_asked_for_side_by_side_but_never_more_than_five_at_once(simulator: SimulatorHandle, connections: Connections) -> None:
    simulator.reset(seed(big(50, 1500), latency_ms=40))
    connection = connections(simulator.base_url)

    present = read_assignments(connection.service, owned(connection), Question(targets=devices(20)))

    spans = [(entry["time"], entry["time"] + entry["seconds"]) for entry in simulator.requests() if entry["path"] == "/assignments"]
    at_once = [sum(begin <= moment < end for begin, end in spans) for moment, dummy in spans]
    assert len(spans) == 20
    assert 1 < max(at_once) <= 5
    assert as_pairs(present.assignments) == {(generated(asset), DEVICE, device) for asset in range(1, 51) for device in devices(20).devices}
