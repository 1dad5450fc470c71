# Copyright (c) 2026, the mdmkit.apps_books authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""However large a location is and however much goes wrong in it, a result is smaller than 1 MiB."""

from __future__ import annotations

import json
import pathlib
from typing import Any, Dict, Iterator, List

import pytest
from vpp_simulator.testing import SimulatorHandle, start_simulator

from .conftest import TOKEN, Location, asset, seed

MOST = 2**20
MANY = 100000
FAILS = {"match": {"method": "POST"}, "do": {"event_fail": {"errorNumber": 9602, "share": 1}}, "times": 0}
REFUSED = {"match": {"method": "POST"}, "do": {"status": 400, "errorNumber": 9602}, "times": 0}
LOST = {"match": {"method": "POST"}, "do": {"drop_after": True}, "times": 0}
APPS = ["2000000001", *(str(1000000000 + number) for number in range(9))]
LIMITS = {"maxRequestPerSecond": 100000, "maxUsers": 1000}


def size(result: Dict[str, Any]) -> int:
    assert result["invocation"]["module_args"]
    return len(json.dumps(result))


def test_the_longest_of_everything_is_small_enough(location: Location) -> None:
    """A thousand changes of ids as long as they may be, in characters that JSON writes as twelve, all of which fail."""
    users = [{"client_user_id": f"{number:04}" + "\U0001f34e" * 996, "email": "\U0001f34e" * 300 + "@example.test"} for number in range(1000)]
    location.simulator.faults([FAILS])

    planned = location.ok("vpp_user", check=True, users=users)
    failed = location.fails("vpp_user", users=users, stuck_after=1, retry_budget=5)

    assert max(size(planned), size(failed)) < MOST
    assert planned["plan"]["left_out"] + len(planned["plan"]["changes"]) == failed["not_done_left_out"] + len(failed["not_done"]) == 1000
    assert 0 < len(failed["not_done"]) < 1000 > len(failed["failures"]) > 0
    raised = location.ok("vpp_user", check=True, users=users, max_listed=500000)
    assert raised["plan"]["left_out"] == 0 and len(raised["diff"]["after"]) == 1000


def test_faults_are_small_enough(location: Location) -> None:
    """Users who do not exist are told by their ids, which may be long."""
    unknown = [f"{number:04}" + "\U0001f34e" * 996 for number in range(1500)]

    result = location.fails("vpp_asset_assignment", assignments=[{"assets": ["1000000001"], "users": unknown}])

    assert size(result) < MOST and "1500 faults" in result["msg"] and result["faults"]


def test_options_are_shown_in_part(location: Location) -> None:
    users = [{"client_user_id": f"u-{number}"} for number in range(2000)]

    shown = location.ok("vpp_user", check=True, users=users)["invocation"]["module_args"]

    assert (shown["users"][0]["client_user_id"], len(shown["users"]), shown["users"][-1]) == ("u-0", 21, "... and 1980 more")
    assert shown["content_token"] == "VALUE_SPECIFIED_IN_NO_LOG_PARAMETER" and shown["max_listed"] == 1000
    assert TOKEN not in str(shown)


def large() -> Dict[str, Any]:
    """100,000 users and 100,000 devices, one app that all of the devices have, nine that nobody has, and 2,000 of which five licences are left."""
    assets: List[Dict[str, Any]] = [asset(adam_id, 1000000) for adam_id in APPS[1:]]
    assets += [asset(str(1100000000 + number), 5, supportedPlatforms=["iOS", "macOS"]) for number in range(2000)]
    generated = {"assets": 1, "users": MANY, "devices": MANY, "assigned": 1.0}
    return seed(assets=assets, users=[], assignments=[], generate=generated, behaviour={"limits": LIMITS})


@pytest.fixture(scope="module")
def large_simulator() -> Iterator[SimulatorHandle]:
    with start_simulator(large(), validate=False) as simulator:
        yield simulator


@pytest.fixture
def large_location(large_simulator: SimulatorHandle) -> Location:
    large_simulator.reset(large())
    return Location(large_simulator)


def all_users(folder: pathlib.Path, email: str) -> str:
    path = folder / f"{email}.csv"
    path.write_text("client_user_id,email\n" + "".join(f"u-{number + 1:06},{number:040}@{email}.test\n" for number in range(MANY)), encoding="utf-8")
    return str(path)


def test_a_hundred_thousand_users(large_location: Location, tmp_path: pathlib.Path) -> None:
    other = all_users(tmp_path, "other")

    results = [
        large_location.ok("vpp_user_info", return_invitations=True),
        large_location.ok("vpp_user", users_files=[other], return_invitations=True, check=True),
        large_location.ok("vpp_user", users=[{"client_user_id": "u-000001"}], purge=True, max_removals="100%", check=True),
        large_location.ok("vpp_user", check=True, users_files=[other], state="absent"),
    ]
    large_location.simulator.faults([FAILS])
    results.append(large_location.fails("vpp_user", users_files=[other], retry_budget=1))
    large_location.simulator.faults([REFUSED])
    results.append(large_location.fails("vpp_user", users_files=[other], retry_budget=1))

    assert [size(result) < MOST for result in results] == [True] * len(results)
    assert results[4]["not_done_left_out"] + len(results[4]["not_done"]) == MANY
    events = large_location.ok("vpp_event_info", event_ids=[event["event_id"] for event in results[4]["events"]])
    assert size(events) < MOST and len(events["events"]) + events["events_left_out"] == len(results[4]["events"]) == MANY // 1000
    assert events["events"][0]["failures"][0]["names_left_out"] > 0


def test_a_million_assignments(large_location: Location, tmp_path: pathlib.Path) -> None:
    devices = tmp_path / "devices.txt"
    devices.write_text("".join(f"D{number + 1:07}\n" for number in range(MANY)), encoding="utf-8")
    wanted = {"assignments": [{"assets": APPS, "devices_file": str(devices)}]}

    results = [
        large_location.ok("vpp_assignment_info"),
        large_location.ok("vpp_asset_info"),
        large_location.ok("vpp_asset_assignment", check=True, **wanted),
        large_location.ok("vpp_asset_revocation", check=True, devices_file=str(devices)),
    ]
    large_location.simulator.faults([REFUSED])
    results.append(large_location.fails("vpp_asset_assignment", **wanted))
    results.append(large_location.fails("vpp_asset_revocation", devices_file=str(devices)))

    assert [size(result) < MOST for result in results] == [True] * len(results)
    assert results[2]["plan"]["counts"]["associated"] == 9 * MANY
    assert results[4]["not_done_left_out"] + len(results[4]["not_done"]) == 9 * MANY
    assert results[5]["not_done_left_out"] + len(results[5]["not_done"]) == MANY


def test_two_thousand_shortages(large_location: Location) -> None:
    wanted = [{"assets": [str(1100000000 + number) for number in range(2000)], "devices": [f"X{number}" for number in range(9)]}]

    refused = large_location.fails("vpp_asset_assignment", assignments=wanted)
    partial = large_location.ok("vpp_asset_assignment", check=True, assignments=wanted, on_shortage="partial")

    for result in (refused, partial):
        assert size(result) < MOST and result["shortages"] and result["shortages_left_out"] + len(result["shortages"]) == 2000
    assert "and 1950 more assets" in refused["msg"]
    assert len(partial["warnings"]) == 11 and "Licences of 1990 more assets are short." in str(partial["warnings"])


def test_hundreds_of_lost_answers(location: Location) -> None:
    limits = {"maxRequestPerSecond": 5000, "maxUsers": 1}
    location.simulator.reset(seed(behaviour={"limits": limits}))
    location.simulator.faults([LOST])

    result = location.run("vpp_user", users=[{"client_user_id": f"n-{number}"} for number in range(200)])

    assert size(result) < MOST and result["answers_lost"] and len(result["warnings"]) < 15
    assert sum(result["outcome"].values()) == 200
