# Copyright (c) 2026, the mdmkit.apps_books authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""vpp_user against the simulator."""

from __future__ import annotations

import pathlib
from typing import Any, Dict

import pytest

from .conftest import BOOK, Location, diff_keys, seed, written_users

ALL_THREE = [{"client_user_id": "u-1"}, {"client_user_id": "u-2"}, {"client_user_id": "u-3"}]

CASES: Dict[str, Dict[str, Any]] = {
    "create": {"options": {"users": [{"client_user_id": "u-9", "email": "nine@example.test"}]}, "changes": {("create", "u-9")}},
    "create again": {"options": {"users": [{"client_user_id": "u-old"}]}, "changes": {("create", "u-old")}},
    "update": {"options": {"users": [{"client_user_id": "u-2", "email": "new@example.test"}]}, "changes": {("update", "u-2")}},
    "give an email to one without": {"options": {"users": [{"client_user_id": "u-3", "email": "three@example.test"}]}, "changes": {("update", "u-3")}},
    "retire": {"options": {"users": [{"client_user_id": "u-2"}, {"client_user_id": "u-unknown"}], "state": "absent"}, "changes": {("retire", "u-2")}},
    "purge": {"options": {"users": [{"client_user_id": "u-3"}], "purge": True}, "changes": {("retire", "u-1"), ("retire", "u-2")}},
    "everything at once": {
        "options": {"users": [{"client_user_id": "u-9"}, {"client_user_id": "u-1", "email": "new@example.test"}], "purge": True},
        "changes": {("create", "u-9"), ("update", "u-1"), ("retire", "u-2"), ("retire", "u-3")},
    },
}


@pytest.mark.parametrize("case", CASES.values(), ids=CASES.keys())
def test_check_mode_shows_what_a_run_sends_and_a_second_run_sends_nothing(location: Location, case: Dict[str, Any]) -> None:
    before = location.users()
    shown = location.ok("vpp_user", check=True, **case["options"])
    assert location.write_count() == 0
    assert location.users() == before
    assert shown["changed"]
    assert {(change["action"], change["client_user_id"]) for change in shown["plan"]["changes"]} == case["changes"]
    assert diff_keys(shown) == {name for dummy, name in case["changes"]}

    done = location.ok("vpp_user", **case["options"])
    assert (done["changed"], done["plan"], done["diff"]) == (True, shown["plan"], shown["diff"])
    sent = [(action, user["clientUserId"]) for action, user in written_users(location.simulator.writes())]
    assert sorted(sent) == sorted(case["changes"])
    assert location.write_count() == shown["plan"]["requests"] == shown["plan"]["requests_at_least"] == len(done["events"])

    location.simulator.clear_requests()
    again = location.ok("vpp_user", **case["options"])
    assert (again["changed"], location.write_count(), again["diff"]) == (False, 0, {"before": {}, "after": {}})


def test_returns_the_users_with_the_status_they_have_afterwards(location: Location) -> None:
    result = location.ok("vpp_user", users=[{"client_user_id": "u-1"}, {"client_user_id": "u-9", "managed_apple_id": "nine@appleid.example.test"}])
    assert [(user["client_user_id"], user["status"]) for user in result["users"]] == [("u-1", "Associated"), ("u-9", "Associated")]


def test_invitations_are_returned_only_where_asked_for(location: Location) -> None:
    users = [{"client_user_id": "u-2"}]
    assert not {"invite_code", "invitation_url"} & set(location.ok("vpp_user", users=users)["users"][0])
    invited = location.ok("vpp_user", users=users, return_invitations=True)["users"][0]
    assert invited["invite_code"] and invited["invite_code"] in invited["invitation_url"]
    assert "inviteCode%25" not in invited["invitation_url"]


def test_what_is_not_set_is_left_alone(location: Location) -> None:
    location.ok("vpp_user", users=[{"client_user_id": "u-1"}, {"client_user_id": "u-2", "email": "new@example.test"}])
    assert location.users()["u-1"]["email"] == "one@example.test"
    assert [user["clientUserId"] for dummy, user in written_users(location.simulator.writes())] == ["u-2"]


def test_managed_apple_id_is_sent_on_create_only_by_default(location: Location) -> None:
    users = [{"client_user_id": "u-2", "managed_apple_id": "two@appleid.example.test"}]
    assert not location.ok("vpp_user", users=users)["changed"]
    location.ok("vpp_user", users=[{"client_user_id": "u-9", "managed_apple_id": "nine@appleid.example.test"}])
    assert written_users(location.simulator.writes()) == [("create", {"clientUserId": "u-9", "managedAppleId": "nine@appleid.example.test"})]


def test_managed_apple_id_policy_always_sends_it_every_time(location: Location) -> None:
    users = [{"client_user_id": "u-2", "managed_apple_id": "two@appleid.example.test"}]
    for dummy in range(2):
        location.simulator.clear_requests()
        assert location.ok("vpp_user", users=users, managed_apple_id_policy="always")["changed"]
        sent = written_users(location.simulator.writes())
        # The email goes along, because it is not known what leaving it out does.
        assert sent == [("update", {"clientUserId": "u-2", "email": "two@example.test", "managedAppleId": "two@appleid.example.test"})]
    assert location.users()["u-2"]["status"] == "Associated"


def test_purge_is_stopped_by_the_ceiling_before_anything_is_written(location: Location) -> None:
    location.simulator.reset(seed(users=[{"clientUserId": f"u-{number:02}", "status": "Registered"} for number in range(20)], assignments=[]))
    kept = [{"client_user_id": f"u-{number:02}"} for number in range(14)]
    result = location.fails("vpp_user", users=kept, purge=True)
    assert "6 of 20 active users" in result["msg"] and "max_removals" in result["msg"] and "u-14" in result["msg"]
    assert location.write_count() == 0
    location.ok("vpp_user", users=kept, purge=True, max_removals="6")
    assert set(location.users()) == {user["client_user_id"] for user in kept}


def test_five_retirements_always_pass(location: Location) -> None:
    location.simulator.reset(seed(users=[{"clientUserId": f"u-{number}", "status": "Registered"} for number in range(6)], assignments=[]))
    location.ok("vpp_user", users=[{"client_user_id": "u-0"}], purge=True, max_removals="0")
    assert set(location.users()) == {"u-0"}


def test_purge_and_absent_contradict_each_other(location: Location) -> None:
    assert "purge" in location.fails("vpp_user", users=[], purge=True, state="absent")["msg"]
    assert location.simulator.requests() == []


def test_users_come_from_files_as_well(location: Location, tmp_path: pathlib.Path) -> None:
    (tmp_path / "users.csv").write_text("client_user_id,email\nu-7,seven@example.test\nu-8,\n", encoding="utf-8")
    (tmp_path / "more.yml").write_text("- client_user_id: 0017\n- NO\n", encoding="utf-8")
    location.ok("vpp_user", users_files=[str(tmp_path / "users.csv"), str(tmp_path / "more.yml")], users=[{"client_user_id": "u-6"}])
    assert {"u-6", "u-7", "u-8", "0017", "NO"} <= set(location.users())
    assert location.users()["u-7"]["email"] == "seven@example.test"


def test_all_faults_of_all_sources_come_in_one_message_and_nothing_is_sent(location: Location, tmp_path: pathlib.Path) -> None:
    path = tmp_path / "users.csv"
    path.write_text("client_user_id,email\nu-7,not an address\n,eight@example.test\nu-1,other@example.test\n", encoding="utf-8")
    users = [{"client_user_id": "u-1", "email": "one@example.test"}, {"client_user_id": " u-2"}]
    result = location.fails("vpp_user", users=users, users_files=[str(path), str(tmp_path / "missing.csv")], max_removals="many")
    for place in ("users[1]", f"{path}:2", f"{path}:3", f"{path}:4", "missing.csv", "max_removals 'many'"):
        assert place in result["msg"]
    assert len(result["faults"]) == 6
    assert location.simulator.requests() == []


def test_a_failed_event_is_told_with_number_text_and_what_was_done(location: Location) -> None:
    location.simulator.faults([{"match": {"method": "POST", "path": "/users/create"}, "do": {"event_fail": {"errorNumber": 9641, "share": 0.5}}}])
    users = [{"client_user_id": f"new-{number}"} for number in range(4)]
    result = location.fails("vpp_user", users=users)
    assert result["changed"] is True
    assert "9641" in result["msg"] and "2 of 4" in result["msg"]
    failure = result["failures"][0]
    assert (failure["error_number"], failure["retryable"], failure["action"]) == (9641, False, "create")
    location.simulator.faults([])
    location.ok("vpp_user", users=users)
    assert len([name for name in location.users() if name.startswith("new-")]) == 4


def test_many_users_go_in_requests_of_the_size_that_the_service_allows(location: Location) -> None:
    users = [{"client_user_id": f"new-{number:03}"} for number in range(250)]
    result = location.ok("vpp_user", users=users, max_listed=10)
    assert [len(write["body"]["users"]) for write in location.simulator.writes()] == [100, 100, 50]
    assert len(result["plan"]["changes"]) == 10 and result["plan"]["left_out"] == 240
    assert len(result["users"]) == 10 and result["users_left_out"] == 240


def test_without_waiting_the_event_ids_come_back_at_once(location: Location) -> None:
    location.simulator.behaviour(event_seconds=0.3)
    result = location.ok("vpp_user", users=[{"client_user_id": "u-9"}], wait=False)
    assert [event["status"] for event in result["events"]] == ["PENDING"]
    resumed = location.ok("vpp_event_info", event_ids=[result["events"][0]["event_id"]], wait=True)
    assert [event["status"] for event in resumed["events"]] == ["COMPLETE"]


def test_a_wait_that_times_out_fails_with_the_event_ids(location: Location) -> None:
    location.simulator.behaviour(event_seconds=30)
    result = location.fails("vpp_user", users=[{"client_user_id": "u-9"}], wait_timeout=0.1)
    assert result["changed"] is True
    assert result["events"][0]["event_id"] in result["msg"] and "vpp_event_info" in result["msg"]


def test_retiring_gives_revocable_licences_back_and_keeps_books(location: Location) -> None:
    location.ok("vpp_user", users=[{"client_user_id": "u-1"}], state="absent")
    held = location.pairs()
    assert (BOOK, "u-1") in held
    assert ("1000000001", "u-1") not in held


def test_a_few_users_are_not_looked_for_among_all(location: Location) -> None:
    location.simulator.reset(seed(users=[{"clientUserId": f"u-{number:04}", "status": "Registered"} for number in range(300)], assignments=[]))
    location.simulator.behaviour(page_size=50)
    location.ok("vpp_user", users=[{"client_user_id": "u-0299"}])
    assert len([entry for entry in location.simulator.requests() if entry["path"] == "/users"]) == 1


def test_a_percentage_needs_to_know_all_users(location: Location) -> None:
    result = location.fails("vpp_user", users=[{"client_user_id": "u-1"}], state="absent", max_removals="20%")
    assert "give a number" in result["msg"] and location.simulator.requests() == []


def test_an_empty_file_must_not_retire_a_school(location: Location, tmp_path: pathlib.Path) -> None:
    (tmp_path / "users.csv").write_text("client_user_id,email\n", encoding="utf-8")
    options = {"users_files": [str(tmp_path / "users.csv")], "purge": True}
    result = location.fails("vpp_user", **options)
    assert "allow_empty" in result["msg"] and location.simulator.requests() == []
    location.ok("vpp_user", **options, allow_empty=True)
    assert location.users() == {}


def test_a_claimed_location_is_warned_of_where_nobody_says_whose_it_is(location: Location) -> None:
    users = [{"client_user_id": "u-1"}]
    assert "warnings" not in location.ok("vpp_user", users=users)
    location.simulator.client_config(mdmInfo={"id": "theirs", "name": "Other MDM", "metadata": "x"})
    assert "Other MDM (id theirs)" in str(location.ok("vpp_user", users=users)["warnings"])
    assert "warnings" not in location.ok("vpp_user", users=users, mdm_id="theirs")
