# Copyright (c) 2026, the mdmkit.apps_books authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Lost answers, events that fail or hang, licences that somebody else takes: what was done is told, and the next run does the rest."""

from __future__ import annotations

import json
import pathlib
import shlex
import time
from typing import Any, Dict, List, Optional

import pytest
from ansible_collections.mdmkit.apps_books.tests.unit.support.journal import fault, posts

from .conftest import APP, BOOK, FREE_APP, OTHER_APP, Location, Playbooks, asset, planned_pairs, seed, start, written_pairs

F = f"{FREE_APP} STDQ"


def give(adam_id: str, *devices: str, users: Optional[List[str]] = None, **options: Any) -> Dict[str, Any]:
    return {"assignments": [{"assets": [adam_id], "devices": list(devices), "users": users or []}], **options}


def not_done(result: Dict[str, Any]) -> List[Any]:
    """(who, outcome, error number) of what is not done."""
    return [(told.get("client_user_id") or told["serial_number"], told["outcome"], told["error_number"]) for told in result["not_done"]]


# Lost answers


def test_a_request_for_a_thousand_devices_whose_answer_is_lost_is_not_sent_twice(location: Location) -> None:
    devices = [f"X{number:04}" for number in range(1000)]
    location.simulator.faults([fault("/assets/associate", drop_after=True)])
    result = location.ok("vpp_asset_assignment", **give(FREE_APP, *devices))
    journal = location.simulator.requests()
    (write,) = [entry for entry in journal if entry["method"] == "POST"]
    assert write["reached"] and not write["answered"] and len(write["body"]["serialNumbers"]) == 1000
    read_back = [entry["path"] for entry in journal if entry["id"] > write["id"]]
    assert "/assignments" in read_back and "/status" not in read_back
    assert {target for adam_id, target in location.pairs() if adam_id == FREE_APP} == set(devices)
    assert result["outcome"]["done"] == 1000 and result["changed"]
    assert [(lost["request"], lost["found"], lost["missing"]) for lost in result["answers_lost"]] == [("POST assets/associate", 1000, 0)]
    assert "1000 of 1000 changes were there" in str(result["warnings"])
    location.simulator.clear_requests()
    assert not location.ok("vpp_asset_assignment", **give(FREE_APP, *devices))["changed"] and location.write_count() == 0


def test_only_the_lost_request_is_read_back_pair_by_pair(location: Location) -> None:
    """Of fifty requests the twentieth is lost. The others are proven by their events and by counts."""
    location.simulator.reset(seed(behaviour={"limits": {"maxRequestPerSecond": 5000, "maxSerialNumbers": 10}}))
    location.simulator.faults([fault("/assets/associate", nth=20, drop_after=True)])
    devices = [f"X{number:04}" for number in range(500)]
    result = location.ok("vpp_asset_assignment", **give(FREE_APP, *devices))
    assert result["outcome"]["done"] == 500 and location.write_count() == 50
    assert len(written_pairs(location.simulator.writes())) == len(set(written_pairs(location.simulator.writes()))) == 500


def test_what_was_not_accepted_is_sent_again_and_nothing_else(location: Location) -> None:
    location.simulator.faults([fault("/assets/associate", drop_before=True)])
    result = location.ok("vpp_asset_assignment", **give(FREE_APP, "D3", "D4"))
    assert (result["answers_lost"][0]["found"], result["answers_lost"][0]["missing"]) == (0, 2) and "sent again" in str(result["warnings"])
    sent = written_pairs(posts(location.simulator))
    assert sorted(sent) == sorted(planned_pairs(result) * 2)


def test_an_accepted_request_that_is_slow_is_waited_for(location: Location) -> None:
    location.simulator.behaviour(event_seconds=0.4)
    location.simulator.faults([fault("/assets/associate", drop_after=True)])
    location.ok("vpp_asset_assignment", wait_interval=0.2, **give(FREE_APP, "D3"))
    assert len(posts(location.simulator)) == 1 and (FREE_APP, "D3") in location.pairs()


def test_what_was_accepted_and_cannot_be_seen_yet_counts_as_ours(location: Location) -> None:
    """The answer is lost, reads lag behind for longer than the module gives them, and what is sent again exists already (9716)."""
    location.simulator.behaviour(visibility_delay_ms=400)
    location.simulator.faults([fault("/users/create", status=500, carried_out=True)])
    result = location.ok("vpp_user", users=[{"client_user_id": f"n-{number}", "email": "n@example.test"} for number in range(5)])
    assert result["outcome"]["done"] == 5 and result["changed"] and not result["not_done"]
    assert {f"n-{number}" for number in range(5)} <= set(location.users())


def test_without_a_budget_a_lost_answer_fails_and_the_next_run_goes_on(location: Location) -> None:
    location.simulator.faults([fault("/assets/associate", status=500)])
    result = location.fails("vpp_asset_assignment", retry_budget=0, **give(FREE_APP, "D3"))
    assert "Apple may have accepted the request or not" in result["msg"] and "Run the task again" in result["msg"]
    assert result["changed"] and not_done(result) == [("D3", "unknown", None)] and len(posts(location.simulator)) == 1
    assert location.ok("vpp_asset_assignment", **give(FREE_APP, "D3"))["outcome"]["done"] == 1


@pytest.mark.parametrize("action", ["drop_after", "drop_before"])
def test_lost_answers_about_users_and_revocations(location: Location, action: str) -> None:
    location.simulator.faults([fault(path, **{action: True}) for path in ("/users/create", "/users/update", "/users/retire", "/assets/revoke")])
    wanted = [{"client_user_id": "u-1", "email": "new@example.test"}, {"client_user_id": "u-2"}, {"client_user_id": "u-9"}]
    users = location.ok("vpp_user", users=wanted, purge=True)
    assert users["outcome"]["done"] == 3 and len(users["answers_lost"]) == 3
    assert {key: user.get("email") for key, user in location.users().items()} == {"u-1": "new@example.test", "u-2": "two@example.test", "u-9": None}
    assert location.ok("vpp_asset_revocation", users=["u-1"], devices=["D1"])["outcome"]["done"] == 3
    assert location.pairs() == {(APP, "D2"), (BOOK, "u-1")}
    assert len(posts(location.simulator)) == (4 if action == "drop_after" else 8)


# Killed


def play_of(folder: pathlib.Path) -> List[Any]:
    """Users and assignments of which some go, some come, in several requests each."""
    wanted = [{"client_user_id": f"u-{number}", "email": f"{number}@example.test"} for number in (1, 2, 7, 8, 9)]
    (folder / "users.json").write_text(json.dumps(wanted), encoding="utf-8")
    entries = [{"assets": [APP, FREE_APP], "users": ["u-2", "u-7"], "devices": ["D3", "D4", "D5"]}, {"assets": [BOOK], "users": ["u-1"]}]
    return [
        ("vpp_user", {"users_files": [str(folder / "users.json")], "purge": True}),
        ("vpp_asset_assignment", {"assignments": entries, "purge": "location", "max_removals": "100%"}),
    ]


@pytest.mark.parametrize("module", ["vpp_user", "vpp_asset_assignment"])
def test_wherever_it_is_killed_the_next_run_finishes_the_work(location: Location, tmp_path: pathlib.Path, module: str) -> None:
    """Killed while it waits for the answer to its first request, its second, and so on, each carried out already."""
    play = play_of(tmp_path)
    small = {"maxRequestPerSecond": 5000, "maxUsers": 2, "maxClientUserIds": 1, "maxSerialNumbers": 2}
    kills = 0
    while True:
        location.simulator.reset(seed(behaviour={"limits": small, "associate_existing": "fail", "disassociate_missing": "fail"}))
        location.simulator.faults([{"match": {"nth": kills + 1}, "do": {"hang_ms": 60000}}])
        if module == "vpp_asset_assignment":
            location.simulator.faults([])
            location.ok(*play[0][:1], **play[0][1])
            location.simulator.faults([{"match": {"nth": kills + 1}, "do": {"hang_ms": 60000}}])
        process = start(location, module, wait_interval=0.02, **dict(play)[module])
        while process.poll() is None and not location.simulator.fault_counters()[0]["fired"]:
            time.sleep(0.02)
        was_killed = process.poll() is None
        process.kill()
        process.communicate()
        location.simulator.faults([])
        for name, options in play:
            location.ok(name, **options)
        assert {name: user["email"] for name, user in location.users().items()} == {f"u-{n}": f"{n}@example.test" for n in (1, 2, 7, 8, 9)}
        expected = {(app, target) for app in (APP, FREE_APP) for target in ("u-2", "u-7", "D3", "D4", "D5")} | {(BOOK, "u-1")}
        assert location.pairs() == expected
        made = [json.dumps(pair, sort_keys=True) for event in location.simulator.state(parts=["history"])["history"] for pair in event["pairs"]]
        assert len(made) == len(set(made)), "no pair was given or taken twice"
        if not was_killed:
            break
        kills += 1
    assert kills >= 10


# Waiting


def test_a_wait_that_times_out_tells_ids_states_and_how_to_go_on(location: Location, playbooks: Playbooks) -> None:
    location.simulator.behaviour(event_seconds=30)
    result = location.fails("vpp_asset_assignment", wait_timeout=0.1, **give(FREE_APP, "D3", "D4"))
    event_id = result["events"][0]["event_id"]
    assert f"still pending: {event_id} (ASSOCIATE, 0 of 2 done)" in result["msg"] and result["changed"]
    assert not_done(result) == [("D3", "unknown", None), ("D4", "unknown", None)] and result["not_done"][0]["event_id"] == event_id
    command = result["msg"].split("Go on waiting with: ")[1].split(". Or run")[0]
    assert shlex.split(command)[:4] == ["ansible", "localhost", "-m", "mdmkit.apps_books.vpp_event_info"]
    arguments = json.loads(shlex.split(command)[5])
    location.simulator.behaviour(event_seconds=0)
    resumed = location.ok("vpp_event_info", **arguments)
    assert [event["status"] for event in resumed["events"]] == ["COMPLETE"]


def test_without_waiting_the_ids_are_there_at_once_and_can_be_waited_for_later(location: Location) -> None:
    location.simulator.behaviour(event_seconds=0.2)
    result = location.ok("vpp_asset_assignment", wait=False, **give(FREE_APP, "D3"))
    assert result["changed"] and result["outcome"]["unknown"] == 1 and result["events"][0]["status"] == "PENDING"
    assert not [entry for entry in location.simulator.requests() if entry["path"] == "/status"]
    resumed = location.ok("vpp_event_info", event_ids=[event["event_id"] for event in result["events"]])
    assert resumed["events"][0]["num_completed"] == 1


def test_an_event_that_gets_stuck_is_sent_again_once(location: Location) -> None:
    location.simulator.faults([fault("/assets/associate", event_stuck=True)])
    result = location.ok("vpp_asset_assignment", stuck_after=0.2, **give(FREE_APP, "D3"))
    assert [event["status"] for event in result["events"]] == ["PENDING", "COMPLETE"] and result["outcome"]["done"] == 1
    location.simulator.faults([fault("/assets/associate", event_stuck=True, times=0)])
    result = location.fails("vpp_asset_assignment", stuck_after=0.2, **give(FREE_APP, "D4"))
    assert all(event["event_id"] in result["msg"] for event in result["events"]) and len(result["events"]) == 2
    assert not_done(result) == [("D4", "unknown", None)]


def test_the_next_task_sees_what_this_one_did(location: Location) -> None:
    location.simulator.behaviour(visibility_delay_ms=300)
    location.ok("vpp_user", users=[{"client_user_id": "u-9"}])
    location.ok("vpp_asset_assignment", **give(FREE_APP, "D3", users=["u-9"]))
    assert location.ok("vpp_assignment_info", client_user_id="u-9")["count"] == 1
    location.ok("vpp_asset_revocation", devices=["D3"])
    assert location.ok("vpp_assignment_info", serial_number="D3")["count"] == 0


def test_what_cannot_be_seen_in_time_is_told(location: Location) -> None:
    location.simulator.behaviour(visibility_delay_ms=60000)
    result = location.fails("vpp_asset_assignment", wait_timeout=0.3, **give(FREE_APP, "D3"))
    assert "cannot be seen" in result["msg"] and result["changed"] and not_done(result) == [("D3", "unknown", None)]


# Partial failure


@pytest.mark.parametrize("shortage", ["first_come", "whole_group"])
@pytest.mark.parametrize("on_shortage", ["fail", "partial"])
def test_licences_that_somebody_takes_meanwhile(location: Location, shortage: str, on_shortage: str) -> None:
    """Five are free when the plan is made, and two when the request arrives (9709)."""
    location.simulator.reset(seed(behaviour={"shortage": shortage}, assets=[asset(APP, 8)], assignments=[], users=[]))
    taken = [{"adamId": APP, "pricingParam": "STDQ", "serialNumber": f"T{number}"} for number in range(6)]
    location.simulator.faults([fault("/assets/associate", meanwhile=[{"assign": {"pairs": taken}}])])
    wanted = give(APP, "X1", "X2", "X3", "X4", "X5", on_shortage=on_shortage)
    result = location.run("vpp_asset_assignment", **wanted)
    held = {target for dummy, target in location.pairs() if target.startswith("X")}
    given = 2 if shortage == "first_come" or on_shortage == "partial" else 0
    assert len(held) == given == result["outcome"]["done"] and result["changed"] is (given > 0)
    rest = "short" if on_shortage == "partial" else "failed"
    assert {(outcome, number) for dummy, outcome, number in not_done(result)} == {(rest, 9709)} and result["outcome"][rest] == 5 - given
    if on_shortage == "partial":
        assert not result.get("failed") and held == {"X1", "X2"} and result["shortages"][-1]["available"] == (0 if shortage == "first_come" else 2)
        assert "left out" in str(result["warnings"])
    else:
        assert "9709" in result["msg"] and "Buy or free licences" in result["msg"] and f"Done: {given} of 5 changes" in result["msg"]
    location.simulator.purchase(APP, 10)
    location.simulator.clear_requests()
    again = location.ok("vpp_asset_assignment", **wanted)
    assert again["outcome"]["done"] == 5 - given == len(written_pairs(location.simulator.writes()))


@pytest.mark.parametrize("unknown_user", ["async", "sync"])
def test_a_user_who_is_retired_meanwhile_keeps_nobody_else_from_getting_it(location: Location, unknown_user: str) -> None:
    """Error 9609, in the event or for the whole request."""
    location.simulator.behaviour(unknown_user=unknown_user)
    location.simulator.faults([fault("/assets/associate", meanwhile=[{"users": {"retire": ["u-3"]}}])])
    result = location.fails("vpp_asset_assignment", **give(FREE_APP, "D3", users=["u-1", "u-2", "u-3"]))
    assert not_done(result) == [("u-3", "failed", 9609)] and result["outcome"]["done"] == 3 and "vpp_user" in result["msg"]
    assert {(FREE_APP, target) for target in ("u-1", "u-2", "D3")} <= location.pairs()


@pytest.mark.parametrize("number, account", [(9635, "nobody@appleid.example.test"), (9641, "one@appleid.example.test")])
def test_an_account_that_cannot_be_attached_is_named(location: Location, number: int, account: str) -> None:
    users = [{"clientUserId": "u-1", "managedAppleId": "one@appleid.example.test"}]
    location.simulator.reset(seed(users=users, assignments=[], managedAppleIds=["one@appleid.example.test", "two@appleid.example.test"]))
    wanted = [{"client_user_id": "u-8", "managed_apple_id": "two@appleid.example.test"}, {"client_user_id": "u-9", "managed_apple_id": account}]
    result = location.fails("vpp_user", users=wanted)
    assert not_done(result) == [("u-9", "failed", number)] and result["outcome"]["done"] == 1 and result["changed"]
    assert "u-9" in result["msg"] and str(number) in result["msg"] and "u-8" in location.users()


def test_a_user_who_was_created_meanwhile_is_compared(location: Location) -> None:
    created = [{"clientUserId": "u-8", "email": "x@example.test"}, {"clientUserId": "u-9", "email": "wrong@example.test"}]
    location.simulator.faults([fault("/users/create", meanwhile=[{"users": {"create": created}}])])
    result = location.ok("vpp_user", users=[{"client_user_id": f"u-{number}", "email": "x@example.test"} for number in (7, 8, 9)])
    assert (result["outcome"]["done"], result["outcome"]["already"]) == (2, 1)
    assert {location.users()[f"u-{number}"]["email"] for number in (7, 8, 9)} == {"x@example.test"}
    assert {user["email"] for user in result["users"]} == {"x@example.test"}


@pytest.mark.parametrize("number", [9603, 9644])
def test_what_failed_for_the_moment_is_sent_again(location: Location, number: int) -> None:
    location.simulator.faults([fault("/assets/associate", event_fail={"errorNumber": number, "share": 0.5})])
    result = location.ok("vpp_asset_assignment", **give(FREE_APP, "X1", "X2", "X3", "X4"))
    assert result["outcome"]["done"] == 4 and result["failures"] == [] and not result["not_done"]
    assert len(written_pairs(location.simulator.writes())) == 6
    location.simulator.faults([fault("/assets/associate", event_fail={"errorNumber": number, "share": 1}, times=0)])
    result = location.fails("vpp_asset_assignment", **give(FREE_APP, "X5"))
    assert result["failures"][0]["retryable"] and not_done(result) == [("X5", "failed", number)] and not result["changed"]


def test_independent_batches_are_finished_unless_the_first_failure_shall_end_it(location: Location) -> None:
    limits = {"limits": {"maxRequestPerSecond": 5000, "maxSerialNumbers": 2}}
    devices = [f"X{number}" for number in range(6)]
    for on_failure, done in (("continue", 4), ("fail", 2)):
        location.simulator.reset(seed(behaviour=limits))
        location.simulator.faults([fault("/assets/associate", nth=2, errorNumber=9602)])
        result = location.fails("vpp_asset_assignment", on_failure=on_failure, **give(FREE_APP, *devices))
        assert result["outcome"] == {"done": done, "already": 0, "failed": 2, "short": 0, "unknown": 0, "unsent": 4 - done}
        assert result["changed"] and result["failures"][0]["error_number"] == 9602
        location.simulator.clear_requests()
        again = location.ok("vpp_asset_assignment", **give(FREE_APP, *devices))
        assert again["outcome"]["done"] == 6 - done == len(written_pairs(location.simulator.writes()))


def test_the_list_of_what_is_not_done_has_a_limit(location: Location) -> None:
    location.simulator.faults([fault("/assets/associate", errorNumber=9602)])
    result = location.fails("vpp_asset_assignment", max_listed=3, **give(FREE_APP, *[f"X{number}" for number in range(10)]))
    assert len(result["not_done"]) == 3 and result["not_done_left_out"] == 7 and result["outcome"]["failed"] == 10


def test_check_mode_tells_that_nothing_came_of_anything(location: Location) -> None:
    result = location.ok("vpp_asset_assignment", check=True, **give(OTHER_APP, "D3"))
    assert set(result["outcome"].values()) == {0} and result["not_done"] == [] == result["answers_lost"] and result["changed"]


# Guards


def test_a_users_file_that_was_cut_in_half_is_stopped(location: Location, tmp_path: pathlib.Path) -> None:
    users = [{"clientUserId": f"s-{number:03}"} for number in range(100)]
    location.simulator.reset(seed(users=users, assignments=[]))
    text = "client_user_id\n" + "".join(f"s-{number:03}\n" for number in range(100))
    (tmp_path / "users.csv").write_text(text[: len(text) // 2].rsplit("\n", 1)[0] + "\n", encoding="utf-8")
    result = location.fails("vpp_user", users_files=[str(tmp_path / "users.csv")], purge=True)
    assert "52 of 100 active users would be removed, but max_removals is 20%: s-048, s-049" in result["msg"] and "and 47 more" in result["msg"]
    assert "max_removals: 52" in result["msg"] and location.write_count() == 0
