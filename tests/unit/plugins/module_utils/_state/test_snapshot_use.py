# Copyright (c) 2026, the mdmkit.apps_books authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a snapshot costs and saves, request by request. Whether it is right: test_snapshot_histories.py."""

from __future__ import annotations

import pathlib
from typing import Any, Callable, Dict, List, Optional, Set

import pytest
from ansible_collections.mdmkit.apps_books.plugins.module_utils._model import Asset
from ansible_collections.mdmkit.apps_books.plugins.module_utils._state.assignments import PresentAssignments, Question, list_assignments, read_assignments
from ansible_collections.mdmkit.apps_books.plugins.module_utils._state.snapshot_folder import Snapshots
from ansible_collections.mdmkit.apps_books.plugins.module_utils._state.users import ActiveUsers
from ansible_collections.mdmkit.apps_books.tests.unit.support.connection import TOKEN, Connection
from vpp_simulator.testing import SimulatorHandle

APP, OTHER, BOOK = Asset("1000000001"), Asset("1000000002"), Asset("1000000003")
USERS = [f"u-{number}" for number in range(8)]
# Three assets are two pages. That so small a location has more than two pages of assignments only the first page shows.
BEFORE = ["assets", "assets", "users", "assignments"]


def seed(**behaviour: Any) -> Dict[str, Any]:
    """Two apps and a book, each held by all of eight users; two records a page, so that reading everything takes twelve requests."""
    assets = [{"adamId": asset.adam_id, "totalCount": 50} for asset in (APP, OTHER)]
    book = {"adamId": BOOK.adam_id, "totalCount": 50, "productType": "Book", "revocable": False, "deviceAssignable": False}
    location = {
        "name": "springfield",
        "content_token": TOKEN,
        "uId": "77",
        "assets": [*assets, book],
        "users": [{"clientUserId": user, "email": f"{user}@example.test"} for user in USERS],
        "assignments": [{"adamId": asset.adam_id, "clientUserId": user} for asset in (APP, OTHER, BOOK) for user in USERS],
    }
    return {"behaviour": {"max_requests_per_second": 0, "event_seconds": 0, "page_size": 2, **behaviour}, "locations": [location]}


class Tasks:
    """Tasks that follow one another, each a process of its own as far as memory goes."""

    def __init__(self, simulator: SimulatorHandle, connections: Callable[..., Connection], folder: pathlib.Path) -> None:
        self.simulator = simulator
        self.warnings: List[str] = []
        self.clock = 1000000.0
        self._connections = connections
        self._folder = folder

    def snapshots(self) -> Snapshots:
        return Snapshots(str(self._folder), self.simulator.base_url, self.warnings.append, 3600.0, lambda: self.clock)

    def assignments(self, question: Question = Question()) -> PresentAssignments:
        service = self._connections(self.simulator.base_url).service
        self.simulator.clear_requests()
        return read_assignments(service, {record.asset: record for record in service.assets()}, question, self.snapshots())

    def users(self, client_user_ids: Optional[List[str]] = None) -> ActiveUsers:
        service = self._connections(self.simulator.base_url).service
        self.simulator.clear_requests()
        return ActiveUsers(service, self.snapshots()).read(client_user_ids)

    def asked(self) -> List[str]:
        """What the last task asked, in the order of the requests."""
        return [_told(entry) for entry in self.simulator.requests() if entry["path"] != "/service/config"]


def _told(entry: Dict[str, Any]) -> str:
    query = dict(entry["query"])
    narrowed = [query[name] for name in ("adamId", "clientUserId", "serialNumber") if name in query]
    return " ".join([entry["path"][1:], *(["since"] if "sinceVersionId" in query else []), *narrowed])


def holders(present: PresentAssignments, asset: Asset) -> Set[str]:
    return present.assignments[asset].users


def assignments_asked(tasks: Tasks) -> List[str]:
    """How the last task asked for assignments, once it had seen how small the pages are."""
    return [asked.split()[-1] for asked in tasks.asked()[len(BEFORE):] if asked.startswith("assignments")]


@pytest.fixture(name="tasks")
def fixture_tasks(simulator: SimulatorHandle, connections: Callable[..., Connection], tmp_path: pathlib.Path) -> Tasks:
    simulator.reset(seed())
    return Tasks(simulator, connections, tmp_path / "snapshots")


def test_the_first_task_reads_everything_and_the_next_asks_what_changed(tasks: Tasks) -> None:
    first = tasks.assignments()
    assert tasks.asked().count("assignments") == 12

    second = tasks.assignments()

    assert tasks.asked() == [*BEFORE, "assignments since", "users since"]
    assert second.assignments == first.assignments
    assert second.reading == ("assignments", "snapshot", 2, {"all pages": 13})


def test_what_was_added_takes_two_requests_more(tasks: Tasks) -> None:
    tasks.assignments()
    tasks.simulator.assign([{"adamId": APP.adam_id, "serialNumber": "D1"}])

    present = tasks.assignments()

    assert tasks.asked() == [*BEFORE, "assignments since", "assets", "assets", "users since", "assignments since"]
    assert present.assignments[APP].devices == {"D1"}
    tasks.assignments()
    assert tasks.asked()[-2:] == ["assignments since", "users since"], "it was kept"


def test_only_the_asset_of_which_something_was_taken_away_is_read_again(tasks: Tasks) -> None:
    tasks.assignments()
    tasks.simulator.unassign([{"adamId": OTHER.adam_id, "clientUserId": "u-3"}])

    present = tasks.assignments()

    assert assignments_asked(tasks) == ["since", *4 * [OTHER.adam_id], "since"]
    assert holders(present, OTHER) == set(USERS) - {"u-3"}
    assert holders(present, APP) == set(USERS)


def test_who_was_retired_is_read_again_where_that_is_cheaper(tasks: Tasks) -> None:
    tasks.assignments()
    tasks.simulator.users(retire=["u-3"])

    present = tasks.assignments()

    # Once it has to be learnt whether what retired users keep counts as assigned.
    assert assignments_asked(tasks) == ["since", "u-3", *4 * [BOOK.adam_id], "since"]
    assert holders(present, APP) == set(USERS) - {"u-3"}
    assert holders(present, BOOK) == set(USERS) - {"u-3"}, "the book is nobody's any more"
    assert "u-3" not in present.active_holders
    tasks.simulator.users(retire=["u-4", "u-5"])

    present = tasks.assignments()

    assert assignments_asked(tasks) == ["since", "u-4", "u-5", "since"]
    assert holders(present, BOOK) == set(USERS) - {"u-3", "u-4", "u-5"}


def test_a_cheaper_question_leaves_the_snapshot_alone(tasks: Tasks) -> None:
    tasks.assignments()

    tasks.assignments(Question(targets=tasks.assignments().assignments[APP]._replace(users={"u-1"})))

    assert tasks.asked() == ["assets", "assets", "assignments u-1", "assignments u-1"]


def test_a_listing_of_everything_uses_it_too(tasks: Tasks, connection: Connection) -> None:
    tasks.assignments()
    tasks.simulator.clear_requests()

    listing = list_assignments(connection.service, {"adam_id": None}, tasks.snapshots())

    assert tasks.asked() == ["assets", "assignments since", "users since"]
    assert len(listing.records) == 24
    assert listing.version_id == tasks.simulator.state()["versionIds"]["assignments"]


# Users


def test_users_of_the_same_version_take_one_request(tasks: Tasks) -> None:
    assert len(tasks.users().by_id) == 8
    assert tasks.asked() == 4 * ["users"]

    users = tasks.users()

    assert tasks.asked() == ["users"]
    assert sorted(users.by_id) == USERS
    assert users.by_id["u-1"].email == "u-1@example.test"
    assert users.reading == ("users", "snapshot", 2, {"all pages": 4})


def test_users_that_changed_take_two(tasks: Tasks) -> None:
    tasks.users()
    tasks.simulator.users(retire=["u-1"])
    tasks.simulator.users(create=[{"clientUserId": "new"}])

    users = tasks.users()

    assert tasks.asked() == ["users", "users since"]
    assert set(users.by_id) == set(USERS) - {"u-1"} | {"new"}
    tasks.users()
    assert tasks.asked() == ["users"], "it was kept"


def test_what_a_task_changed_itself_is_kept_for_the_next(tasks: Tasks) -> None:
    users = tasks.users()
    tasks.simulator.users(create=[{"clientUserId": "new"}])
    users.refresh()

    assert set(tasks.users().by_id) == {*USERS, "new"}
    assert tasks.asked() == ["users"]


def test_users_who_were_read_too_long_ago_are_read_again(tasks: Tasks) -> None:
    tasks.users()
    tasks.clock += 3601

    tasks.users()

    assert tasks.asked() == 4 * ["users"]


def test_a_part_of_the_users_is_never_kept_as_all_of_them(tasks: Tasks) -> None:
    tasks.users(["u-0", "u-1", "u-2", "u-3", "u-4"][:4]).refresh()

    assert sorted(tasks.users().by_id) == USERS


def test_no_invite_code_is_kept(tasks: Tasks) -> None:
    codes = {user.invite_code for user in tasks.users().by_id.values()}
    assert len(codes) == 8 and None not in codes

    assert {user.invite_code for user in tasks.users().by_id.values()} == {None}
