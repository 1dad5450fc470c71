# Copyright (c) 2026, the mdmkit.apps_books authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from typing import Any, Callable, Dict, List, Optional

import pytest
from ansible_collections.mdmkit.apps_books.plugins.module_utils._api.errors import ServiceError
from ansible_collections.mdmkit.apps_books.plugins.module_utils._api.service import UserPage
from ansible_collections.mdmkit.apps_books.plugins.module_utils._model import User
from ansible_collections.mdmkit.apps_books.plugins.module_utils._state.users import ActiveUsers, list_users
from ansible_collections.mdmkit.apps_books.tests.unit.support.connection import TOKEN, Connection
from ansible_collections.mdmkit.apps_books.tests.unit.support.web import Answer, Seen, Web
from vpp_simulator.testing import SimulatorHandle

Connections = Callable[..., Connection]
Webs = Callable[..., Web]


def seed(users: List[Dict[str, str]], **behaviour: Any) -> Dict[str, Any]:
    return {
        "behaviour": {"max_requests_per_second": 0, "event_seconds": 0, **behaviour},
        "locations": [{"name": "springfield", "content_token": TOKEN, "users": users, "assets": []}],
    }


def many(number: int, **members: str) -> List[Dict[str, str]]:
    return [{"clientUserId": f"u-{index}", "email": f"{index}@example.test", **members} for index in range(number)]


def queries(simulator: SimulatorHandle) -> List[Dict[str, str]]:
    return [entry["query"] for entry in simulator.requests() if entry["path"] == "/users"]


def active(simulator: SimulatorHandle) -> Dict[str, Optional[str]]:
    """The truth: active users with their email."""
    users = simulator.state(parts=["users"])["users"]
    return {user["clientUserId"]: user.get("email") for user in users if user["status"] in ("Registered", "Associated")}


def told(users: ActiveUsers) -> Dict[str, Optional[str]]:
    assert all(user.active and key == user.client_user_id for key, user in users.by_id.items())
    return {key: user.email for key, user in users.by_id.items()}


def during(page: int, *meanwhile: Dict[str, Any]) -> Dict[str, Any]:
    """What somebody else does while this page is asked for the first time."""
    return {"match": {"path": "/users", "query": {"pageIndex": str(page)}}, "do": {"meanwhile": list(meanwhile)}, "times": 1}


# How many requests


@pytest.mark.parametrize("number", [1, 2, 3])
def test_up_to_three_users_are_asked_for_by_name(simulator: SimulatorHandle, connection: Connection, number: int) -> None:
    simulator.reset(seed(many(40), page_size=2))
    names = [f"u-{index}" for index in range(39, 39 - number, -1)]

    users = ActiveUsers(connection.service).read(names)

    assert queries(simulator) == [{"activeOnly": "true", "clientUserId": name, "pageIndex": "0"} for name in names]
    assert told(users) == {name: active(simulator)[name] for name in names}


@pytest.mark.parametrize(
    "page_size, names, requests",
    [
        (1000, 4, 1),  # everybody is on the first page
        (1000, 40, 1),
        (5, 40, 8),  # all pages
        (1, 30, 40),  # 40 pages; 29 users of 30 are missing after the first page
        (1, 4, 4),  # the first page brought one of them, three remain
        (10, 6, 1 + 3),  # the first of four pages may bring none: three more pages are as cheap as three users or fewer
    ],
)
def test_more_users_are_read_in_the_way_that_takes_fewer_requests(
    simulator: SimulatorHandle, connection: Connection, page_size: int, names: int, requests: int
) -> None:
    simulator.reset(seed(many(40), page_size=page_size))
    wanted = [f"u-{index}" for index in range(names)] if names != 6 else [f"u-{index}" for index in range(34, 40)]

    users = ActiveUsers(connection.service).read(wanted)

    assert {name: told(users)[name] for name in wanted} == {name: active(simulator)[name] for name in wanted}
    pages = -(-40 // page_size)
    assert len(queries(simulator)) <= min(pages, 1 + names), "never more than the better of the two ways, but for the first page"
    if (page_size, names) != (1, 30):
        assert len(queries(simulator)) == requests


@pytest.mark.parametrize("elsewhere, requests", [(0, 1), (3, 1 + 3), (4, 5), (9, 5)])
def test_after_the_first_page_the_cheaper_way_is_taken(simulator: SimulatorHandle, connection: Connection, elsewhere: int, requests: int) -> None:
    """Four pages are left: three users are asked for by name, four or more are not."""
    simulator.reset(seed(many(40), page_size=8))
    names = ["u-0", "u-1", "u-2", "u-3"] + [f"u-{index}" for index in range(40 - elsewhere, 40)]

    users = ActiveUsers(connection.service).read(names)

    assert set(names) <= set(users.by_id)
    assert len(queries(simulator)) == requests
    assert len([query for query in queries(simulator) if "clientUserId" in query]) == (3 if elsewhere == 3 else 0)


def test_all_users_are_read_page_by_page(simulator: SimulatorHandle, connection: Connection) -> None:
    simulator.reset(seed(many(40) + many(0) + [{"clientUserId": "gone", "status": "Retired"}], page_size=7))

    users = ActiveUsers(connection.service).read()

    assert told(users) == active(simulator)
    assert len(queries(simulator)) == 6
    assert all(query["activeOnly"] == "true" for query in queries(simulator))


def test_nobody_costs_nothing(simulator: SimulatorHandle, connection: Connection) -> None:
    assert ActiveUsers(connection.service).read([]).by_id == {}
    assert queries(simulator) == []


@pytest.mark.parametrize("names", [["nobody"], ["nobody", "gone"], ["nobody", "gone", "x", "y"]])
def test_who_is_not_active_is_not_there(simulator: SimulatorHandle, connection: Connection, names: List[str]) -> None:
    simulator.reset(seed(many(2) + [{"clientUserId": "gone", "status": "Retired"}]))

    users = ActiveUsers(connection.service).read(names)

    assert not set(names) & set(users.by_id)


@pytest.mark.parametrize("names", [["twice"], None, ["twice", "a", "b", "c"]])
def test_the_active_record_is_found_among_retired_ones(simulator: SimulatorHandle, connection: Connection, names: Optional[List[str]]) -> None:
    retired = {"clientUserId": "twice", "status": "Retired", "email": "old@example.test"}
    simulator.reset(seed([retired, {"clientUserId": "twice", "email": "new@example.test"}, dict(retired)]))

    assert ActiveUsers(connection.service).read(names).by_id["twice"].email == "new@example.test"


# The data changes on the way


@pytest.mark.parametrize("page", [1, 3, 5])
@pytest.mark.parametrize(
    "meanwhile",
    [
        {"users": {"create": [{"clientUserId": "new", "email": "new@example.test"}]}},
        {"users": {"retire": ["u-0"]}},
        {"users": {"retire": ["u-11"]}},
        {"users": {"associate": ["u-0", "u-7"]}},
    ],
    ids=str,
)
def test_what_changes_on_the_way_is_known_in_the_end(simulator: SimulatorHandle, connection: Connection, page: int, meanwhile: Dict[str, Any]) -> None:
    simulator.reset(seed(many(12), page_size=2))
    simulator.faults([during(page, meanwhile)])

    users = ActiveUsers(connection.service).read()

    truth = active(simulator)
    assert told(users).items() <= truth.items(), "who was retired is gone, and what is told is true"
    # An old record that moved from a page not yet read to one that was read already cannot be seen (README section 6).
    assert {key for key in truth if key not in BEFORE} <= set(users.by_id)


BEFORE = {user["clientUserId"] for user in many(12)}


def test_a_user_who_is_retired_and_created_again_on_the_way_is_there(simulator: SimulatorHandle, connection: Connection) -> None:
    simulator.reset(seed(many(6), page_size=2))
    simulator.faults([during(2, {"users": {"retire": ["u-0"]}}, {"users": {"create": [{"clientUserId": "u-0", "email": "again@example.test"}]}})])

    assert told(ActiveUsers(connection.service).read())["u-0"] == "again@example.test"


# Afterwards


def test_a_refresh_asks_only_for_what_changed(simulator: SimulatorHandle, connection: Connection) -> None:
    simulator.reset(seed(many(50), page_size=10))
    users = ActiveUsers(connection.service).read()
    service = connection.service
    simulator.clear_requests()

    service.create_users([{"client_user_id": "new"}])
    service.update_users([{"client_user_id": "u-7", "email": "other@example.test"}])
    service.retire_users([{"client_user_id": "u-8"}])
    users.refresh()

    assert told(users) == active(simulator)
    assert told(users)["u-7"] == "other@example.test" and "u-8" not in told(users) and "new" in told(users)
    assert [set(query) for query in queries(simulator)] == [{"sinceVersionId", "pageIndex"}]


@pytest.mark.parametrize("names", [["u-1"], ["u-1", "u-2", "u-3", "u-4", "u-5"], None])
def test_a_refresh_after_any_kind_of_reading(simulator: SimulatorHandle, connection: Connection, names: Optional[List[str]]) -> None:
    simulator.reset(seed(many(30), page_size=3))
    users = ActiveUsers(connection.service).read(names)
    simulator.users(retire=["u-1"], create=[{"clientUserId": "new"}])
    simulator.clear_requests()

    users.refresh()

    assert "u-1" not in users.by_id and "new" in users.by_id
    assert len(queries(simulator)) == 1


def test_a_refresh_without_a_change_changes_nothing(simulator: SimulatorHandle, connection: Connection) -> None:
    users = ActiveUsers(connection.service).read()
    before = dict(users.by_id)

    users.refresh()

    assert users.by_id == before


def test_a_refresh_can_be_repeated(simulator: SimulatorHandle, connection: Connection) -> None:
    users = ActiveUsers(connection.service).read()
    for number in range(3):
        simulator.users(create=[{"clientUserId": f"new-{number}"}], retire=[f"new-{number - 1}"] if number else ["u-1"])
        users.refresh()
        assert told(users) == active(simulator)


@pytest.mark.parametrize("page_size", [1000, 1])
def test_a_user_who_was_retired_and_created_again_is_there(simulator: SimulatorHandle, connection: Connection, page_size: int) -> None:
    simulator.reset(seed(many(4), page_size=page_size))
    users = ActiveUsers(connection.service).read()
    simulator.users(retire=["u-1", "u-2"])
    simulator.users(create=[{"clientUserId": "u-1", "email": "again@example.test"}])

    users.refresh()

    assert told(users) == active(simulator)


def user(name: str, status: str, email: str = "x@example.test", **members: str) -> Dict[str, str]:
    return {"clientUserId": name, "status": status, "email": email, **members}


def users_server(webs: Webs, full: List[List[Dict[str, str]]], changes: List[List[Dict[str, str]]]) -> Web:
    """Pages of a full reading of version v1, and of what changed since."""

    def answer(seen: Seen) -> Answer:
        if "pageIndex" not in seen.query:
            return Answer({"limits": {"maxRequestPerSecond": 10**6}})
        pages = changes if "sinceVersionId" in seen.query else full
        index = int(seen.query["pageIndex"])
        body = {"users": pages[index], "totalPages": len(pages), "versionId": "v2" if pages is changes else "v1"}
        return Answer({**body, **({"nextPageIndex": index + 1} if index + 1 < len(pages) else {})})

    return webs(answer)


@pytest.mark.parametrize("reverse", [False, True])
@pytest.mark.parametrize("split", [False, True])
def test_the_order_of_retired_and_active_records_does_not_matter(webs: Webs, connections: Connections, reverse: bool, split: bool) -> None:
    """They may even stand on different pages; nothing is documented about their order."""
    records = [user("u", "Retired"), user("u", "Registered", "new@example.test")]
    records = records[::-1] if reverse else records
    web = users_server(webs, [[user("u", "Registered", "old@example.test")]], [[record] for record in records] if split else [records])
    users = ActiveUsers(connections(web.base_url).service).read()

    users.refresh()

    assert told(users) == {"u": "new@example.test"}


def test_a_forgotten_version_means_reading_again(simulator: SimulatorHandle, connection: Connection) -> None:
    users = ActiveUsers(connection.service).read(["u-1", "u-2", "u-3", "x"])
    simulator.users(retire=["u-1"], create=[{"clientUserId": "x"}])
    simulator.faults([{"match": {"path": "/users", "nth": 1}, "do": {"errorNumber": 9721}, "times": 1}])
    simulator.clear_requests()

    users.refresh()

    assert {"u-2", "u-3", "x"} <= set(users.by_id) and "u-1" not in users.by_id
    assert len(queries(simulator)) == 2


def test_another_error_of_a_refresh_is_told(simulator: SimulatorHandle, connection: Connection) -> None:
    users = ActiveUsers(connection.service).read()
    simulator.faults([{"match": {"path": "/users"}, "do": {"errorNumber": 9602}, "times": 1}])

    with pytest.raises(ServiceError) as caught:
        users.refresh()
    assert caught.value.number == 9602


@pytest.mark.parametrize("number", [1, 20])
def test_who_was_missed_and_did_not_change_is_found_by_looking_up(simulator: SimulatorHandle, connection: Connection, number: int) -> None:
    simulator.reset(seed(many(40), page_size=10))
    users = ActiveUsers(connection.service).read()
    missed = [f"u-{index}" for index in range(number)]
    for name in missed:
        del users.by_id[name]
    users.refresh()
    assert missed[0] not in users.by_id
    simulator.users(retire=["u-39"])

    users.look_up(missed + (["u-39"] if number == 1 else []))

    assert told(users) == active(simulator)
    users.refresh()
    assert told(users) == active(simulator)


def test_a_refresh_before_any_answer_reads(simulator: SimulatorHandle, connection: Connection) -> None:
    users = ActiveUsers(connection.service).read([])
    users.refresh()

    assert users.by_id == {}


# Listing


def page(*users: User, changes_only: bool = False) -> UserPage:
    return UserPage(list(users), 1, "v", changes_only)


OLD, NEW = User("u", "old@example.test", "Registered", "code-1"), User("u", "new@example.test", "Registered", "code-2")
RETIRED = User("u", "old@example.test", "Retired")


def test_what_a_fresh_start_does_not_list_is_not_there() -> None:
    before, after = User("before", None, "Registered"), User("after", None, "Registered")
    gone = User("gone", None, "Retired")
    assert list_users([UserPage([before, gone], 1, "v1", False, 0, True), UserPage([after], 1, "v2", False, 1, True)]) == [after]


def test_every_record_is_listed_once() -> None:
    other = User("o", None, "Associated", id_hash="hash")

    assert list_users([page(RETIRED, OLD), page(OLD, other), page(RETIRED)]) == [OLD, other, RETIRED]


def test_of_an_active_user_that_comes_again_the_later_record_counts() -> None:
    assert list_users([page(OLD), page(NEW)]) == [NEW]


def test_a_user_who_was_retired_on_the_way_is_listed_as_retired_only() -> None:
    assert list_users([page(OLD), page(RETIRED, changes_only=True)]) == [RETIRED]


@pytest.mark.parametrize(
    "changes",
    [[page(RETIRED, NEW, changes_only=True)], [page(NEW, RETIRED, changes_only=True)], [page(NEW, changes_only=True), page(RETIRED, changes_only=True)]],
)
def test_a_user_who_was_retired_and_created_again_on_the_way_is_listed_as_both(changes: List[UserPage]) -> None:
    assert sorted(list_users([page(OLD), *changes]), key=str) == sorted([NEW, RETIRED], key=str)


def test_a_retired_record_of_long_ago_takes_nobody_away() -> None:
    assert list_users([page(OLD), page(RETIRED)]) == [OLD, RETIRED]
