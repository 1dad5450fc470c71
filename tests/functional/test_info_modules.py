# Copyright (c) 2026, the mdmkit.apps_books authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The info modules against the simulator: every filter, and nothing is ever written."""

from __future__ import annotations

import pathlib
from typing import Any, Dict, List

import pytest
from vpp_simulator.testing import content_token

from .conftest import APP, BOOK, FREE_APP, INNER_TOKEN, OTHER_APP, TOKEN, USERS_ONLY, Location, seed


def test_vpp_service_config_info_needs_no_token(location: Location) -> None:
    location.options["content_token"] = None
    result = location.ok("vpp_service_config_info")
    assert result["limits"]["maxAssets"] == 25
    assert result["urls"]["getAssets"].endswith("/assets")
    assert "ASSET_MANAGEMENT" in result["notification_types"]
    assert {"error_number": 9601, "error_message": "Login required."} in result["error_codes"]


def test_vpp_client_config_info(location: Location) -> None:
    config = location.ok("vpp_client_config_info")["client_config"]
    assert (config["uid"], config["country_iso2_a_code"], config["default_platform"]) == ("2049025000431439", "US", "volumestore")
    assert (config["mdm_info"], config["notification_auth_token_set"]) == (None, False)


@pytest.mark.parametrize(
    "filters, expected",
    [
        ({}, [APP, OTHER_APP, BOOK, FREE_APP, USERS_ONLY]),
        ({"adam_id": APP}, [APP]),
        ({"product_type": "Book"}, [BOOK]),
        ({"pricing_param": "PLUS"}, []),
        ({"device_assignable": False}, [BOOK, USERS_ONLY]),
        ({"device_assignable": True, "max_available_count": 17}, [APP, OTHER_APP]),
        ({"revocable": False}, [BOOK]),
        ({"unlimited": False}, [APP, OTHER_APP, BOOK, USERS_ONLY]),
        ({"min_available_count": 10, "max_available_count": 17}, [APP, USERS_ONLY]),
        ({"min_assigned_count": 2}, [APP]),
        ({"max_assigned_count": 0}, [FREE_APP, USERS_ONLY]),
    ],
)
def test_vpp_asset_info_filters(location: Location, filters: Dict[str, Any], expected: List[str]) -> None:
    result = location.ok("vpp_asset_info", **filters)
    assert sorted(product["adam_id"] for product in result["assets"]) == sorted(expected)
    assert (result["count"], result["left_out"], result["changed"]) == (len(expected), 0, False)


def test_vpp_asset_info_shows_unlimited_assets_of_their_own_list_too(location: Location) -> None:
    found = {product["adam_id"]: product["unlimited"] for product in location.ok("vpp_asset_info", unlimited=True)["assets"]}
    assert found[FREE_APP] is True and found[APP] is False


@pytest.mark.parametrize(
    "filters, expected",
    [
        ({}, 5),
        ({"adam_id": APP}, 3),
        ({"adam_id": APP, "pricing_param": "PLUS"}, 0),
        ({"serial_number": "D1"}, 2),
        ({"client_user_id": "u-1"}, 2),
        ({"client_user_id": "u-unknown"}, 0),
    ],
)
def test_vpp_assignment_info_filters(location: Location, filters: Dict[str, Any], expected: int) -> None:
    result = location.ok("vpp_assignment_info", **filters)
    assert (result["count"], len(result["assignments"])) == (expected, expected)


def test_vpp_assignment_info_tells_user_states_where_asked_for(location: Location) -> None:
    plain = location.ok("vpp_assignment_info", client_user_id="u-1")["assignments"][0]
    assert set(plain) == {"adam_id", "pricing_param", "client_user_id"}
    assert location.ok("vpp_assignment_info", client_user_id="u-1", include_user_state=True)["assignments"][0]["user_status"] == "Associated"


def test_vpp_assignment_info_can_leave_out_inactive_users(location: Location) -> None:
    location.ok("vpp_user", users=[{"client_user_id": "u-1"}], state="absent")
    assert location.ok("vpp_assignment_info", client_user_id="u-1")["count"] == 1
    assert location.ok("vpp_assignment_info", client_user_id="u-1", exclude_inactive_users=True)["count"] == 0


def test_vpp_assignment_info_tells_what_changed_since(location: Location) -> None:
    version_id = location.ok("vpp_assignment_info")["version_id"]
    assert location.ok("vpp_assignment_info", since_version_id=version_id)["count"] == 0
    location.simulator.assign([{"adamId": APP, "pricingParam": "STDQ", "serialNumber": "D7"}])
    changed = location.ok("vpp_assignment_info", since_version_id=version_id)["assignments"]
    assert [pair["serial_number"] for pair in changed] == ["D7"]
    assert "9721" in location.fails("vpp_assignment_info", since_version_id="invented")["msg"]


@pytest.mark.parametrize(
    "filters, expected",
    [
        ({}, ["u-1", "u-2", "u-3", "u-old"]),
        ({"active_only": True}, ["u-1", "u-2", "u-3"]),
        ({"retired_only": True}, ["u-old"]),
        ({"client_user_id": "u-2"}, ["u-2"]),
    ],
)
def test_vpp_user_info_filters(location: Location, filters: Dict[str, Any], expected: List[str]) -> None:
    result = location.ok("vpp_user_info", **filters)
    assert sorted(user["client_user_id"] for user in result["users"]) == expected
    assert not any("invite_code" in user for user in result["users"])


def test_vpp_user_info_counts_those_too_that_it_does_not_list(location: Location) -> None:
    assert location.ok("vpp_user_info", max_listed=0)["counts_by_status"] == {"Associated": 1, "Registered": 2, "Retired": 1}
    assert location.ok("vpp_user_info", active_only=True)["counts_by_status"] == {"Associated": 1, "Registered": 2}


def test_vpp_user_info_lists_a_user_created_again_beside_the_retired_one(location: Location) -> None:
    version_id = location.ok("vpp_user_info")["version_id"]
    location.ok("vpp_user", users=[{"client_user_id": "u-old"}])
    assert sorted(user["status"] for user in location.ok("vpp_user_info", client_user_id="u-old")["users"]) == ["Registered", "Retired"]
    assert [user["client_user_id"] for user in location.ok("vpp_user_info", since_version_id=version_id)["users"]] == ["u-old"]


def test_vpp_user_info_returns_invitations_where_asked_for(location: Location) -> None:
    (user,) = location.ok("vpp_user_info", client_user_id="u-2", return_invitations=True)["users"]
    assert user["invite_code"] in user["invitation_url"]


def test_vpp_event_info_shows_failures(location: Location) -> None:
    location.simulator.faults([{"match": {"method": "POST", "path": "/users/create"}, "do": {"event_fail": {"errorNumber": 9635, "share": 1}}}])
    created = location.fails("vpp_user", users=[{"client_user_id": "u-9", "managed_apple_id": "x@example.test"}])
    (event,) = location.ok("vpp_event_info", event_ids=[created["events"][0]["event_id"]])["events"]
    assert (event["status"], event["event_type"], event["num_completed"]) == ("FAILED", "CREATE", 0)
    assert event["failures"][0]["error_number"] == 9635 and event["failures"][0]["hint"]
    assert "9708" in location.fails("vpp_event_info", event_ids=["nobody-knows-this"])["msg"]


def test_vpp_event_info_fails_when_the_time_is_over_and_still_tells_the_states(location: Location) -> None:
    location.simulator.behaviour(event_seconds=30)
    event_id = location.ok("vpp_user", users=[{"client_user_id": "u-9"}], wait=False)["events"][0]["event_id"]
    assert location.ok("vpp_event_info", event_ids=[event_id], wait=False)["events"][0]["status"] == "PENDING"
    result = location.fails("vpp_event_info", event_ids=[event_id], wait=True, wait_timeout=0.1)
    assert event_id in result["msg"] and result["events"][0]["status"] == "PENDING"


def test_lists_are_capped_with_the_number_left_out(location: Location) -> None:
    for module, member, total in (("vpp_asset_info", "assets", 5), ("vpp_assignment_info", "assignments", 5), ("vpp_user_info", "users", 4)):
        result = location.ok(module, max_listed=1)
        assert (len(result[member]), result["count"], result["left_out"]) == (1, total, total - 1)


def test_info_modules_never_write(location: Location) -> None:
    for module in ("vpp_service_config_info", "vpp_client_config_info", "vpp_asset_info", "vpp_assignment_info", "vpp_user_info"):
        assert not location.ok(module)["changed"]
    assert {request["method"] for request in location.simulator.requests()} == {"GET"}


@pytest.mark.parametrize("how, number", [("revoked", "9625"), ("expired", "9621")])
def test_a_token_that_is_no_longer_good_is_told_with_what_to_do(location: Location, how: str, number: str) -> None:
    location.simulator.retire_token(how)
    result = location.fails("vpp_asset_info")
    assert number in result["msg"] and "new content token" in result["msg"]


def test_a_wrong_token_never_leaves_the_machine(location: Location) -> None:
    for text in (INNER_TOKEN, "", "  ", '{"token": "canary-inner"}', "bm90IGpzb24="):
        location.options["content_token"] = text
        assert "canary" not in location.fails("vpp_asset_info")["msg"]
    assert location.simulator.requests() == []


def test_a_read_only_token_can_list_and_a_write_with_it_is_told(location: Location) -> None:
    location.simulator.reset(seed(read_only=True))
    assert location.ok("vpp_asset_info")["count"] == 5
    result = location.fails("vpp_asset_assignment", assignments=[{"assets": [APP], "devices": ["D3"]}])
    assert "HTTP 403" in result["msg"] and "read-only" in result["msg"]


def test_what_the_task_says_comes_before_the_environment(location: Location, tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A variable left over from work on another location must not win over the file that the task names."""
    (tmp_path / "springfield.vpptoken").write_text(TOKEN, encoding="utf-8")
    monkeypatch.setenv("VPP_CONTENT_TOKEN", content_token(token="of-another-location"))
    location.options["content_token"] = None
    assert location.ok("vpp_asset_info", content_token_file=str(tmp_path / "springfield.vpptoken"))["uid"] == "2049025000431439"
    assert "9622" in location.fails("vpp_asset_info")["msg"]
    location.options["content_token"] = TOKEN
    assert "give one" in location.fails("vpp_asset_info", content_token_file=str(tmp_path / "springfield.vpptoken"))["msg"]


def test_the_environment_names_token_and_address(location: Location, tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VPP_BASE_URL", location.options.pop("base_url"))
    monkeypatch.setenv("VPP_CONTENT_TOKEN", location.options.pop("content_token"))
    assert location.ok("vpp_asset_info")["count"] == 5
    (tmp_path / "springfield.vpptoken").write_text(TOKEN, encoding="utf-8")
    monkeypatch.setenv("VPP_CONTENT_TOKEN", "")
    monkeypatch.setenv("VPP_CONTENT_TOKEN_FILE", str(tmp_path / "springfield.vpptoken"))
    assert location.ok("vpp_asset_info")["count"] == 5
    monkeypatch.setenv("VPP_CONTENT_TOKEN_FILE", str(tmp_path))
    assert "VPP_CONTENT_TOKEN_FILE" in location.fails("vpp_asset_info")["msg"]


def test_a_bad_token_and_other_faults_come_in_one_message(location: Location) -> None:
    location.options["content_token"] = INNER_TOKEN
    result = location.fails("vpp_user", users=[{"client_user_id": ""}], max_removals="some")
    assert len(result["faults"]) == 3 and "not a content token" in result["msg"] and "users[0]" in result["msg"]


@pytest.mark.parametrize("base_url", ["http://vpp.example.test/mdm/v2", "vpp.example.test", "https://[broken"])
def test_the_token_never_travels_in_clear(location: Location, base_url: str) -> None:
    assert "base_url" in location.fails("vpp_asset_info", base_url=base_url)["msg"]


def test_a_token_of_another_location_than_expected_is_refused(location: Location) -> None:
    assert location.ok("vpp_asset_info", expected_uid="2049025000431439")["count"] == 5
    writing = {"assignments": [{"assets": [APP], "devices": ["D3"]}]}
    for module, options in (("vpp_asset_info", {}), ("vpp_asset_assignment", writing), ("vpp_user", {"users": [{"client_user_id": "u-9"}]})):
        result = location.fails(module, expected_uid="2049025000431440", **options)
        assert "opens the location with uid 2049025000431439" in result["msg"]
    assert location.write_count() == 0
