# Copyright (c) 2026, the mdmkit.apps_books authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Pages, versions and incremental reads."""

from __future__ import annotations

import re
from typing import Any

import pytest
from vpp_simulator.testing import ApiClient, SimulatorHandle

BIG = [{"adamId": "1001", "totalCount": 1000}, {"adamId": "1002", "totalCount": 1000}]


@pytest.fixture
def big_api(reset_to: Any, simulator: SimulatorHandle) -> ApiClient:
    """25 assignments and 7 users, ten to a page."""
    assignments = [{"adamId": "1001", "serialNumber": f"S{index:02d}"} for index in range(20)]
    assignments += [{"adamId": "1002", "serialNumber": f"S{index:02d}"} for index in range(5)]
    users = [{"clientUserId": f"u-{index}"} for index in range(7)]
    api = reset_to(assets=BIG, assignments=assignments, users=users)
    simulator.behaviour(page_size=10)
    return api


def test_pages_cover_everything_once(big_api: ApiClient) -> None:
    pages = [big_api.get("/assignments", pageIndex=index).json for index in range(3)]
    assert [page["size"] for page in pages] == [10, 10, 5]
    assert [page["totalPages"] for page in pages] == [3, 3, 3]
    assert [page["currentPageIndex"] for page in pages] == [0, 1, 2]
    assert [page.get("nextPageIndex") for page in pages] == [1, 2, None]
    assert len({page["versionId"] for page in pages}) == 1
    records = [tuple(record.items()) for page in pages for record in page["assignments"]]
    assert len(set(records)) == 25
    # A page can lie across two assets.
    assert {record["adamId"] for record in pages[2]["assignments"]} == {"1002"}


def test_page_size_follows_the_behaviour(simulator: SimulatorHandle, big_api: ApiClient) -> None:
    simulator.behaviour(page_size=3)
    assert big_api.get("/users").json["totalPages"] == 3
    assert big_api.get("/assets").json["totalPages"] == 1
    simulator.behaviour(page_size=7)
    assert big_api.get("/users").json["totalPages"] == 1
    assert len(big_api.listed("/assignments")) == 25


@pytest.mark.parametrize("path", ["/assets", "/assignments", "/users"])
@pytest.mark.parametrize("index", [-1, 3, 99999999999])
def test_pages_out_of_range(big_api: ApiClient, path: str, index: int) -> None:
    answer = big_api.get(path, pageIndex=index)
    assert (answer.status, answer.error) == (400, 9650)


def test_an_empty_list_has_one_page_or_none(simulator: SimulatorHandle, big_api: ApiClient) -> None:
    query = {"serialNumber": "nobody"}
    answer = big_api.get("/assignments", **query).json
    assert (answer["assignments"], answer["size"], answer["totalPages"]) == ([], 0, 1)
    simulator.behaviour(empty_total_pages=0)
    answer = big_api.get("/assignments", **query).json
    assert (answer["assignments"], answer["totalPages"]) == ([], 0)
    assert big_api.get("/assignments", **query, pageIndex=1).error == 9650


def test_changes_between_pages_shift_them(simulator: SimulatorHandle, big_api: ApiClient) -> None:
    first = big_api.get("/assignments").json
    simulator.unassign([{"adamId": "1001", "serialNumber": "S00"}, {"adamId": "1001", "serialNumber": "S01"}], location="one")
    second = big_api.get("/assignments", pageIndex=1).json
    assert second["versionId"] != first["versionId"]
    # Two records slipped onto page 0 and are on neither page that was read.
    assert [record["serialNumber"] for record in second["assignments"]][0] == "S12"
    assert first["assignments"][-1]["serialNumber"] == "S09"


def test_total_pages_grow_on_the_way(simulator: SimulatorHandle, big_api: ApiClient) -> None:
    assert big_api.get("/assignments").json["totalPages"] == 3
    simulator.assign([{"adamId": "1002", "serialNumber": f"N{index}"} for index in range(6)], location="one")
    assert big_api.get("/assignments", pageIndex=3).json["size"] == 1


def versions(api: ApiClient) -> dict[str, str]:
    return {path: api.get(path).json["versionId"] for path in ("/assets", "/assignments", "/users")}


def test_versions_are_per_endpoint(api: ApiClient) -> None:
    before = versions(api)
    assert len(set(before.values())) == 3
    assert all(re.fullmatch(r"[0-9a-f-]{36}", version) for version in before.values())
    api.written("/users/update", {"users": [{"clientUserId": "u-1", "email": "other@example.test"}]})
    after_update = versions(api)
    assert after_update["/users"] != before["/users"]
    assert (after_update["/assets"], after_update["/assignments"]) == (before["/assets"], before["/assignments"])
    api.written("/assets/associate", {"assets": [{"adamId": "1001"}], "serialNumbers": ["S9"]})
    after_associate = versions(api)
    assert after_associate["/users"] == after_update["/users"]
    assert after_associate["/assets"] != before["/assets"] and after_associate["/assignments"] != before["/assignments"]


def test_filters_share_the_version(api: ApiClient) -> None:
    assert api.get("/users", clientUserId="u-1").json["versionId"] == api.get("/users").json["versionId"]


def test_a_write_that_changes_nothing_makes_no_version(api: ApiClient) -> None:
    before = versions(api)
    assert api.written("/assets/associate", {"assets": [{"adamId": "1001"}], "serialNumbers": ["S1"]})["eventStatus"] == "COMPLETE"
    assert api.written("/users/update", {"users": [{"clientUserId": "u-1", "email": "u1@example.test"}]})["eventStatus"] == "COMPLETE"
    assert versions(api) == before


def test_assignments_since_a_version(api: ApiClient) -> None:
    start = api.get("/assignments").json["versionId"]
    assert api.get("/assignments", sinceVersionId=start).json["assignments"] == []
    api.written("/assets/associate", {"assets": [{"adamId": "1001"}], "serialNumbers": ["S8"], "clientUserIds": ["u-4"]})
    middle = api.get("/assignments", sinceVersionId=start).json
    assert middle["assignments"] == [
        {"adamId": "1001", "pricingParam": "STDQ", "clientUserId": "u-4"},
        {"adamId": "1001", "pricingParam": "STDQ", "serialNumber": "S8"},
    ]
    api.written("/assets/associate", {"assets": [{"adamId": "1003"}], "serialNumbers": ["S8"]})
    since_middle = api.get("/assignments", sinceVersionId=middle["versionId"]).json["assignments"]
    assert since_middle == [{"adamId": "1003", "pricingParam": "STDQ", "serialNumber": "S8"}]
    assert len(api.get("/assignments", sinceVersionId=start).json["assignments"]) == 3
    assert api.get("/assignments", sinceVersionId=start, clientUserId="u-4").json["size"] == 1
    assert api.get("/assignments", sinceVersionId=start, adamId="1003").json["size"] == 1


def test_incremental_answers_have_pages_too(simulator: SimulatorHandle, big_api: ApiClient) -> None:
    start = big_api.get("/assignments").json["versionId"]
    simulator.assign([{"adamId": "1002", "serialNumber": f"N{index:02d}"} for index in range(23)], location="one")
    assert big_api.get("/assignments", sinceVersionId=start).json["totalPages"] == 3
    serials = [record["serialNumber"] for record in big_api.listed("/assignments", sinceVersionId=start)]
    assert serials == [f"N{index:02d}" for index in range(23)]


@pytest.mark.parametrize("shown", [False, True])
def test_removals_in_incremental_answers(simulator: SimulatorHandle, api: ApiClient, shown: bool) -> None:
    simulator.behaviour(removals_in_incremental=shown)
    start = api.get("/assignments").json["versionId"]
    api.written("/assets/disassociate", {"assets": [{"adamId": "1001"}], "serialNumbers": ["S1"]})
    records = api.get("/assignments", sinceVersionId=start).json["assignments"]
    # The record has no member that could say "removed", so it looks like any other.
    assert records == ([{"adamId": "1001", "pricingParam": "STDQ", "serialNumber": "S1"}] if shown else [])


def test_users_since_a_version(api: ApiClient) -> None:
    start = api.get("/users").json["versionId"]
    api.written("/users/create", {"users": [{"clientUserId": "u-5"}]})
    api.written("/users/retire", {"users": [{"clientUserId": "u-4"}]})
    changed = api.get("/users", sinceVersionId=start).json["users"]
    assert [(user["clientUserId"], user["status"]) for user in changed] == [("u-4", "Retired"), ("u-5", "Registered")]
    assert [user["clientUserId"] for user in api.get("/users", sinceVersionId=start, activeOnly="true").json["users"]] == ["u-5"]
    assert [user["clientUserId"] for user in api.get("/users", sinceVersionId=start, clientUserId="u-4").json["users"]] == ["u-4"]


def test_version_ids_of_elsewhere_are_refused(api: ApiClient, other_api: ApiClient) -> None:
    users, assignments = api.get("/users").json["versionId"], api.get("/assignments").json["versionId"]
    foreign = other_api.get("/users").json["versionId"]
    for path, version in (("/users", assignments), ("/assignments", users), ("/users", foreign), ("/users", ""), ("/users", "nonsense")):
        answer = api.get(path, sinceVersionId=version)
        assert (answer.status, answer.error) == (400, 9721)
    assert api.get("/assets", sinceVersionId="ignored").status == 200
