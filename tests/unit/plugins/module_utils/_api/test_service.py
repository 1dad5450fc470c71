# Copyright (c) 2026, the mdmkit.apps_books authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from typing import Any, Callable, Dict, List

import pytest
from ansible_collections.mdmkit.apps_books.plugins.module_utils._api.errors import AnswerLost, ServiceError, WrongLocation
from ansible_collections.mdmkit.apps_books.plugins.module_utils._api.pages import ATTEMPTS
from ansible_collections.mdmkit.apps_books.plugins.module_utils._api.service import LocationFacts, Service, failure_of
from ansible_collections.mdmkit.apps_books.plugins.module_utils._model import (
    UNLIMITED_COUNT,
    AppsBooksError,
    Asset,
    AssetRecord,
    AssignmentRecord,
    ClientConfig,
    Event,
    Failure,
    MdmInfo,
    User,
)
from ansible_collections.mdmkit.apps_books.tests.unit.conftest import SEED
from ansible_collections.mdmkit.apps_books.tests.unit.support.connection import Connection
from ansible_collections.mdmkit.apps_books.tests.unit.support.web import Answer, Seen, Web
from vpp_simulator.testing import SimulatorHandle

Connections = Callable[..., Connection]
Webs = Callable[..., Web]

INFO = {"id": "ours", "name": "Our service", "metadata": "meta"}
A, PLUS = Asset("1000000001"), Asset("1000000001", "PLUS")


def posts(simulator: SimulatorHandle) -> List[Any]:
    return [(entry["path"], entry["body"]) for entry in simulator.requests() if entry["method"] == "POST"]


# Reading


def test_assets(connection: Connection) -> None:
    records = {str(record.asset): record for record in connection.service.assets()}

    assert list(records) == ["1000000001 STDQ", "1000000001 PLUS", "1000000002 STDQ", "1000000003 STDQ", "1000000004 STDQ"]
    assert records["1000000001 STDQ"] == AssetRecord(A, "App", True, True, ("iOS",), 2, 18, 0, 20)
    assert records["1000000002 STDQ"] == AssetRecord(Asset("1000000002"), "Book", False, False, ("iOS",), 1, 4, 0, 5)
    assert records["1000000003 STDQ"].unlimited and not records["1000000002 STDQ"].unlimited
    assert not records["1000000004 STDQ"].device_assignable


@pytest.mark.parametrize(
    "filters, found",
    [
        ({"adamId": "1000000001"}, ["1000000001 STDQ", "1000000001 PLUS"]),
        ({"adamId": "1000000001", "pricingParam": "PLUS"}, ["1000000001 PLUS"]),
        ({"productType": "Book"}, ["1000000002 STDQ"]),
        ({"deviceAssignable": "false"}, ["1000000002 STDQ", "1000000004 STDQ"]),
        ({"unlimited": "false", "revocable": "true", "maxAssignedCount": "0"}, ["1000000001 PLUS", "1000000004 STDQ"]),
        ({"minAvailableCount": "4", "maxAvailableCount": "5"}, ["1000000002 STDQ", "1000000004 STDQ"]),
        ({"adamId": "999"}, []),
    ],
)
def test_filters_are_handed_on(simulator: SimulatorHandle, connection: Connection, filters: Dict[str, str], found: List[str]) -> None:
    assert [str(record.asset) for record in connection.service.assets(filters)] == found
    assert simulator.requests()[-1]["query"] == {**filters, "pageIndex": "0"}


def test_unlimited_ones_of_a_list_of_their_own_are_assets_too(connection: Connection) -> None:
    (record,) = [record for record in connection.service.assets({"unlimited": "true"}) if record.asset == Asset("1000000003")]

    assert record == AssetRecord(Asset("1000000003"), "App", True, True, ("iOS",), 0, None, None, None)
    assert record.unlimited


def test_an_asset_that_comes_twice_is_one_asset(webs: Webs, connections: Connections) -> None:
    """Records may repeat when data moves between pages; the later one counts."""

    def answer(seen: Seen) -> Answer:
        index = int(seen.query.get("pageIndex", 0))
        assets = [
            {"adamId": "1", "pricingParam": "STDQ", "totalCount": index, "assignedCount": index},
            {"adamId": str(index + 2), "totalCount": UNLIMITED_COUNT},
        ]
        return Answer({"assets": assets, "totalPages": 2, "versionId": "v", **({"nextPageIndex": 1} if not index else {})})

    records = connections(webs(answer).base_url).service.assets()

    assert [(str(record.asset), record.total_count) for record in records] == [("1 STDQ", 1), ("2 STDQ", UNLIMITED_COUNT), ("3 STDQ", UNLIMITED_COUNT)]
    assert records[1] == AssetRecord(Asset("2"), None, False, False, (), 0, None, None, UNLIMITED_COUNT), "what is missing is not made up"


def test_assets_of_many_pages_are_those_of_one_version(simulator: SimulatorHandle, connection: Connection) -> None:
    """Licences are bought between two pages: the reading starts over."""
    simulator.behaviour(page_size=2)
    buy = {"purchase": {"adamId": "1000000009", "count": 7}}
    simulator.faults([{"match": {"path": "/assets", "query": {"pageIndex": "1"}}, "do": {"meanwhile": [buy]}, "times": 1}])

    records = connection.service.assets()

    assert [str(record.asset) for record in records][-2:] == ["1000000004 STDQ", "1000000009 STDQ"]
    assert len(records) == len({record.asset for record in records}) == 6
    assert [entry["query"]["pageIndex"] for entry in simulator.requests() if entry["path"] == "/assets"].count("0") == 2


def test_assignments(connection: Connection) -> None:
    (page,) = connection.service.assignments({"includeUserState": "true"})

    assert page.assignments[0] == AssignmentRecord(A, "u-1", None, "Registered", None)
    assert page.assignments[1] == AssignmentRecord(A, None, "D1", None, None)
    assert page.assignments[2][:4] == (Asset("1000000002"), "u-2", None, "Associated")
    assert page.assignments[2].id_hash
    assert page.version_id


def test_users(connection: Connection) -> None:
    (page,) = connection.service.users()
    users = {user.client_user_id: user for user in page.users}

    assert (page.total_pages, page.changes_only) == (1, False)
    assert users["u-1"][:3] == ("u-1", "u1@example.test", "Registered") and users["u-1"].invite_code and users["u-1"].active
    assert users["u-2"].status == "Associated" and users["u-2"].id_hash and not users["u-2"].invite_code and users["u-2"].active
    assert users["u-3"].email is None
    assert not users["u-9"].active


@pytest.mark.parametrize("status, active", [("Registered", True), ("Associated", True), ("Retired", False), ("Deleted", False), (None, False)])
def test_who_is_active(status: Any, active: bool) -> None:
    assert User("u", None, status).active is active


def test_a_follow_up_of_active_users_asks_for_retired_ones_too(simulator: SimulatorHandle, connection: Connection) -> None:
    """They are what changed: under activeOnly nobody would hear that a user is gone."""
    simulator.behaviour(page_size=1)
    # Each time the list is read somebody is retired, the last of them in the last attempt.
    ids = [f"u-{number}" for number in range(10, 10 + ATTEMPTS - 1)] + ["u-1"]
    simulator.users(create=[{"clientUserId": client_user_id} for client_user_id in ids[:-1]])
    page_1 = {"path": "/users", "query": {"pageIndex": "1"}}
    simulator.faults([{"match": {**page_1, "nth": nth + 1}, "do": {"meanwhile": [{"users": {"retire": [ids[nth]]}}]}} for nth in range(ATTEMPTS)])

    pages = list(connection.service.users({"activeOnly": "true"}))

    assert [(user.client_user_id, user.status) for page in pages if page.changes_only for user in page.users] == [("u-1", "Retired")]
    queries = [entry["query"] for entry in simulator.requests() if entry["path"] == "/users"]
    assert {"activeOnly" in query for query in queries if "sinceVersionId" not in query} == {True}
    assert {"activeOnly" in query for query in queries if "sinceVersionId" in query} == {False}


# Configuration


def test_a_client_config_that_nobody_has_set(connection: Connection) -> None:
    config = connection.service.client_config()

    assert config[:4] == (None, None, None, ())
    assert (config.uid, config.location_name, config.country_iso2_a_code) == ("2049025000431439", "springfield", "US")
    assert (config.default_platform, config.website_url, config.token_expiration_date) == (
        "volumestore",
        "https://school.apple.com",
        "2099-12-31T23:59:59+0000",
    )


def test_the_client_config_is_read_as_it_was_stored(simulator: SimulatorHandle, connection: Connection) -> None:
    simulator.client_config(
        mdmInfo=INFO, notificationUrl="https://hooks.example.test/a", notificationAuthToken="the-secret", notificationTypes=["USER_MANAGEMENT", "ASSET_COUNT"]
    )

    assert connection.service.client_config()[:4] == (MdmInfo(**INFO), "https://hooks.example.test/a", "the-secret", ("ASSET_COUNT", "USER_MANAGEMENT"))


def test_all_four_members_are_sent(webs: Webs, connections: Connections) -> None:
    web = webs(lambda seen: Answer({"uId": "7"}))
    config = ClientConfig(MdmInfo(**INFO), "https://hooks.example.test/a", "the-secret", ("ASSET_COUNT",), location_name="not sent")
    connections(web.base_url).service.set_client_config(config)

    assert web.seen[-1].body == {
        "mdmInfo": INFO,
        "notificationUrl": "https://hooks.example.test/a",
        "notificationAuthToken": "the-secret",
        "notificationTypes": ["ASSET_COUNT"],
    }


def test_what_was_never_set_is_not_sent(simulator: SimulatorHandle, connection: Connection) -> None:
    stored = connection.service.set_client_config(ClientConfig(MdmInfo(**INFO), None, None, ("ASSET_COUNT",)))

    assert posts(simulator) == [("/client/config", {"mdmInfo": INFO, "notificationTypes": ["ASSET_COUNT"]})]
    assert stored[:4] == (MdmInfo(**INFO), None, None, ("ASSET_COUNT",)) == connection.service.client_config()[:4]


@pytest.mark.parametrize("raw", [None, {}, {"id": ""}, {"id": None, "name": "x"}, "x", []])
def test_an_mdm_info_without_an_id_is_none(webs: Webs, connections: Connections, raw: Any) -> None:
    assert connections(webs(lambda seen: Answer({"mdmInfo": raw, "uId": "1"})).base_url).service.client_config().mdm_info is None


# Writing


@pytest.mark.parametrize(
    "users, devices, members",
    [
        (["u-1"], [], {"clientUserIds": ["u-1"]}),
        ([], ["D7"], {"serialNumbers": ["D7"]}),
        (["u-1", "u-2"], ["D7"], {"clientUserIds": ["u-1", "u-2"], "serialNumbers": ["D7"]}),
    ],
)
def test_what_is_sent_to_give_and_to_take(
    simulator: SimulatorHandle, connection: Connection, users: List[str], devices: List[str], members: Dict[str, Any]
) -> None:
    assets = [{"adamId": "1000000001", "pricingParam": "PLUS"}, {"adamId": "1000000003", "pricingParam": "STDQ"}]
    service = connection.service

    ids = [
        service.associate([PLUS, Asset("1000000003")], users, devices),
        service.disassociate([PLUS, Asset("1000000003")], users, devices),
        service.revoke(users, devices),
    ]

    assert posts(simulator) == [
        ("/assets/associate", {"assets": assets, **members}),
        ("/assets/disassociate", {"assets": assets, **members}),
        ("/assets/revoke", members),
    ]
    assert [entry["eventId"] for entry in simulator.requests() if entry["method"] == "POST"] == ids


def test_what_is_sent_of_users(simulator: SimulatorHandle, connection: Connection) -> None:
    service = connection.service
    service.create_users([{"client_user_id": "new", "email": "n@example.test", "managed_apple_id": "n@appleid.example.test"}, {"client_user_id": "other"}])
    service.update_users(({"client_user_id": "u-1", "email": "x@example.test"},))
    service.retire_users([{"client_user_id": "u-2"}])

    assert posts(simulator) == [
        (
            "/users/create",
            {"users": [{"clientUserId": "new", "email": "n@example.test", "managedAppleId": "n@appleid.example.test"}, {"clientUserId": "other"}]},
        ),
        ("/users/update", {"users": [{"clientUserId": "u-1", "email": "x@example.test"}]}),
        ("/users/retire", {"users": [{"clientUserId": "u-2"}]}),
    ]


@pytest.mark.parametrize("body", [{"uId": "1"}, {"eventId": None}, {"eventId": ""}])
def test_an_acceptance_without_an_event_is_a_lost_answer(webs: Webs, connections: Connections, body: Dict[str, Any]) -> None:
    web = webs(lambda seen: Answer(body if seen.method == "POST" else {"urls": {}}))

    with pytest.raises(AnswerLost, match="POST assets/revoke was lost"):
        connections(web.base_url).service.revoke(["u-1"], [])


# Events and failures


def test_an_event(webs: Webs, connections: Connections) -> None:
    raw = {
        "eventStatus": "FAILED",
        "eventType": "ASSOCIATE",
        "numRequested": 16,
        "numCompleted": 14,
        "failures": [
            {"errorNumber": 9609, "errorMessage": "Not found", "errorInfo": {"clientUserIds": ["u-1"]}},
            {
                "errorNumber": 9709,
                "errorMessage": "Not enough",
                "errorInfo": {"assets": [{"adamId": "1", "pricingParam": "PLUS"}, {"adamId": "2"}], "serialNumbers": ["D1", "D2"]},
            },
            {"errorMessage": "Nobody knows"},
        ],
    }
    web = webs(lambda seen: Answer(raw))

    event = connections(web.base_url).service.event("an-event")

    assert event == Event(
        "an-event",
        "ASSOCIATE",
        "FAILED",
        16,
        14,
        (
            Failure(9609, "Not found", (), ("u-1",), ()),
            Failure(9709, "Not enough", (Asset("1", "PLUS"), Asset("2")), (), ("D1", "D2")),
            Failure(None, "Nobody knows", (), (), ()),
        ),
    )
    assert web.seen[-1].query == {"eventId": "an-event"}


@pytest.mark.parametrize("raw", [{"uId": "1"}, {"eventStatus": None, "failures": None}])
def test_an_event_of_which_nothing_is_told_is_pending(webs: Webs, connections: Connections, raw: Dict[str, Any]) -> None:
    assert connections(webs(lambda seen: Answer(raw)).base_url).service.event("e") == Event("e", None, "PENDING")


def test_a_refusal_in_the_form_of_a_failure() -> None:
    error = ServiceError(
        "POST assets/associate", 400, 9707, "Not device-assignable.", {"assets": [{"adamId": "1", "pricingParam": "STDQ"}], "serialNumbers": ["D1"]}
    )

    assert failure_of(error) == Failure(9707, "Not device-assignable.", (Asset("1"),), (), ("D1",))
    assert failure_of(ServiceError("GET x", 500, None, "x")) == Failure(None, "x")


# What every answer says about the location


def test_facts_are_noted_from_every_answer(simulator: SimulatorHandle, connection: Connection) -> None:
    service = connection.service
    assert service.facts == LocationFacts()
    service.limits()
    assert service.facts == LocationFacts(), "Service Config is nobody's in particular"
    service.assets()
    assert (service.facts.uid, service.facts.mdm_info) == ("2049025000431439", None)
    simulator.client_config(mdmInfo=INFO)
    service.revoke(["u-1"], [])
    assert service.facts == LocationFacts("2049025000431439", MdmInfo(**INFO), "2099-12-31T23:59:59+0000")


def test_another_holder_is_noticed_by_the_next_answer(simulator: SimulatorHandle, connection: Connection) -> None:
    simulator.client_config(mdmInfo=INFO)
    connection.service.client_config()
    simulator.client_config(mdmInfo={"id": "theirs", "name": "Theirs", "metadata": "m"})
    list(connection.service.users())

    assert connection.service.facts.mdm_info == MdmInfo("theirs", "Theirs", "m")


def test_what_an_answer_leaves_out_is_still_known(webs: Webs, connections: Connections) -> None:
    replies = [{"urls": {}}, {"uId": "7", "mdmInfo": INFO, "tokenExpirationDate": "2099-12-31T23:59:59+0000"}, {"mdmInfo": None, "x": 1}]
    web = webs(lambda seen: Answer(replies[min(len(web.seen), 3) - 1]))
    service = connections(web.base_url).service
    service.client_config()
    service.client_config()

    assert service.facts == LocationFacts("7", MdmInfo(**INFO), "2099-12-31T23:59:59+0000")


# The location that is meant


@pytest.mark.parametrize("uid", [None, "", "2049025000431439"])
def test_the_expected_location_is_served(connection: Connection, uid: Any) -> None:
    connection.service.expected_uid = uid

    assert connection.service.assets()
    assert connection.service.revoke(["u-1"], [])


@pytest.mark.parametrize("read", [lambda service: service.assets(), lambda service: list(service.users()), lambda service: service.client_config()])
def test_another_location_is_noticed_by_the_first_answer(simulator: SimulatorHandle, connection: Connection, read: Any) -> None:
    """A token in the wrong place."""
    connection.service.expected_uid = "77"

    with pytest.raises(WrongLocation) as caught:
        read(connection.service)
    assert caught.value.message == "The content token opens the location with uid 2049025000431439, but expected_uid is 77. Nothing was written."
    assert simulator.writes() == []


@pytest.mark.parametrize("name", ["springfield", "  springfield\n"])
def test_the_name_of_the_location_is_asked_for_once_and_before_anything_else(simulator: SimulatorHandle, connection: Connection, name: str) -> None:
    connection.service.expected_location = name
    connection.service.assets()
    list(connection.service.users())

    paths = [entry["path"] for entry in simulator.requests() if entry["path"] != "/service/config"]
    assert paths == ["/client/config", "/assets", "/users"]


def test_the_name_costs_nothing_where_the_client_configuration_is_read_anyway(simulator: SimulatorHandle, connection: Connection) -> None:
    connection.service.expected_location = "springfield"
    connection.service.client_config()

    assert [entry["path"] for entry in simulator.requests() if entry["path"] != "/service/config"] == ["/client/config"]


@pytest.mark.parametrize("name", ["Springfield", "shelbyville"])
@pytest.mark.parametrize("call", [lambda service: service.assets(), lambda service: service.client_config(), lambda service: service.revoke(["u-1"], [])])
def test_a_location_of_another_name_is_left_alone(simulator: SimulatorHandle, connection: Connection, call: Any, name: str) -> None:
    connection.service.expected_location = name

    with pytest.raises(WrongLocation) as caught:
        call(connection.service)
    assert caught.value.message == (
        f"The content token opens the location springfield (uid 2049025000431439), but expected_location is {name}. Nothing was written."
    )
    assert [entry["path"] for entry in simulator.requests() if entry["path"] != "/service/config"] == ["/client/config"]


def test_a_location_whose_name_is_not_told_is_not_the_expected_one(webs: Webs, connections: Connections) -> None:
    service = connections(webs(lambda seen: Answer({"uId": "5"})).base_url).service
    service.expected_location = "springfield"

    with pytest.raises(WrongLocation, match="a location without a name .uid 5."):
        service.assets()


def test_a_read_only_token_cannot_tell_the_name(simulator: SimulatorHandle, connections: Connections) -> None:
    simulator.reset({**SEED, "locations": [{**SEED["locations"][0], "read_only": True}]})
    service = connections(simulator.base_url).service
    service.expected_location = "springfield"

    with pytest.raises(AppsBooksError, match="read-only token cannot tell.*Use expected_uid") as caught:
        service.assets()
    assert caught.value.details["http_status"] == 403


# The uId is told


def told_to(told: List[Any], simulator: SimulatorHandle, stale: bool = False) -> Callable[[str], bool]:
    """Keeps the uId, and the requests that had been sent when it was told."""

    def on_uid(uid: str) -> bool:
        told.append((uid, [entry["path"] for entry in simulator.requests()]))
        return stale

    return on_uid


def test_an_expected_uid_is_told_before_the_first_request(simulator: SimulatorHandle, connection: Connection) -> None:
    told: List[Any] = []
    service = Service(connection.transport, connection.service.config, expected_uid="2049025000431439", on_uid=told_to(told, simulator))
    service.assets()
    service.client_config()

    assert told == [("2049025000431439", [])]


def test_else_the_uid_is_told_once_with_the_first_answer_that_carries_it(simulator: SimulatorHandle, connection: Connection) -> None:
    told: List[Any] = []
    service = Service(connection.transport, connection.service.config, on_uid=told_to(told, simulator))
    service.assets()
    service.client_config()

    assert told == [("2049025000431439", ["/service/config", "/assets"])]


def test_an_answer_that_is_stale_by_then_is_asked_for_again(simulator: SimulatorHandle, connection: Connection) -> None:
    def wait_for_somebody_else(uid: str) -> bool:
        simulator.client_config(mdmInfo=INFO)
        return True

    service = Service(connection.transport, connection.service.config, on_uid=wait_for_somebody_else)
    config = service.client_config()

    assert config.mdm_info == MdmInfo(**INFO)
    assert [entry["path"] for entry in simulator.requests()] == ["/service/config", "/client/config", "/client/config"]


def test_what_is_raised_when_the_uid_is_told_ends_the_call(connection: Connection) -> None:
    def refuse(uid: str) -> bool:
        raise AppsBooksError("busy")

    service = Service(connection.transport, connection.service.config, on_uid=refuse)
    with pytest.raises(AppsBooksError, match="busy"):
        service.assets()


def test_an_answer_that_does_not_say_where_it_is_from_is_taken(webs: Webs, connections: Connections) -> None:
    service = connections(webs(lambda seen: Answer({"assets": []})).base_url).service
    service.expected_uid = "77"

    assert service.assets() == []
