# Copyright (c) 2026, the mdmkit.apps_books authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import datetime
from typing import Any, Dict, List, Optional

import pytest
from ansible_collections.mdmkit.apps_books.plugins.module_utils._module.location_hosts import LocationHost, Looking, location_hosts
from ansible_collections.mdmkit.apps_books.plugins.module_utils._module.locations import Answer
from ansible_collections.mdmkit.apps_books.plugins.module_utils._report.report import Finding, Location
from ansible_collections.mdmkit.apps_books.plugins.module_utils._wanted.locations import WantedLocation
from ansible_collections.mdmkit.apps_books.plugins.module_utils._wanted.token_source import SecretPlaces

NOW = datetime.datetime(2026, 11, 23, 12, tzinfo=datetime.timezone.utc)
LOOKING = Looking("ours", 30, NOW)
HOLDER = {"id": "ours", "name": "Us", "metadata": "x"}


def location(name: str = "north", **members: Any) -> WantedLocation:
    return WantedLocation(**{"name": name, "path": "", "token": SecretPlaces("VPP_CONTENT_TOKEN_NORTH", "", False), **members})


def facts(**members: Any) -> Dict[str, Any]:
    return {
        "uid": "4001",
        "location_name": "North School",
        "country": "US",
        "platform": "volumestore",
        "organization": "Schools",
        "holder": HOLDER,
        "holder_known": True,
        "token_expires_at": "2027-11-23T00:00:00Z",
        "token_ends": "2027-11-23T00:00:00Z",
        "stock": None,
        **members,
    }


def host(answer: Optional[Answer], looking: Looking = LOOKING, **members: Any) -> LocationHost:
    (made,) = location_hosts([location(**members)], None if answer is None else {"north": answer}, {}, looking)
    return made


def groups(**members: Any) -> List[str]:
    return host(Answer(facts(**members))).groups


def test_where_the_token_is_is_said_in_one_way() -> None:
    assert host(None).variables == {"location_name": "north", "location_content_token_env": "VPP_CONTENT_TOKEN_NORTH"}
    assert host(None, token_file="/t/x", path="/tree/north").variables == {
        "location_name": "north",
        "location_path": "/tree/north",
        "location_content_token_file": "/t/x",
    }
    # Whoever takes the token for the name of its file must not find it in the inventory.
    assert host(None, token_file="/t/kM4bQx7Zp0aR5sT2uV8wY1cD3eF6gH9j==").variables == {"location_name": "north"}


def test_nothing_asked_means_no_facts_and_no_groups() -> None:
    assert host(None).groups == ["locations"]


def test_an_id_of_its_own_is_handed_on_and_one_of_its_files_is_not() -> None:
    assert "location_mdm_id" not in host(None, mdm_id="ours").variables
    assert host(None, mdm_id="ours", own_mdm_id=True).variables["location_mdm_id"] == "ours"


@pytest.mark.parametrize(
    "holder, known, own, general, ownership",
    [
        (HOLDER, True, "", "ours", "ours"),
        (HOLDER, True, "ours", "theirs", "ours"),
        (HOLDER, True, "theirs", "ours", "others"),
        (HOLDER, True, "", "", "unknown"),
        (None, True, "", "", "unclaimed"),
        (None, False, "ours", "ours", "unknown"),
    ],
)
def test_whose_it_is(holder: Any, known: bool, own: str, general: str, ownership: str) -> None:
    made = host(Answer(facts(holder=holder, holder_known=known)), LOOKING._replace(mdm_id=general), mdm_id=own)

    assert made.variables["vpp_ownership"] == ownership
    assert [group for group in made.groups if group.startswith("vpp_ownership")] == [f"vpp_ownership_{ownership}"]


@pytest.mark.parametrize(
    "expires_at, days_left, expiring",
    [
        ("2026-12-24T12:00:00Z", 31, False),
        ("2026-12-24T11:59:59Z", 30, True),
        ("2026-11-23T12:00:01Z", 0, True),
        ("2026-11-23T11:59:59Z", -1, True),
        (None, None, False),
    ],
)
def test_days_left(expires_at: Optional[str], days_left: Optional[int], expiring: bool) -> None:
    made = host(Answer(facts(token_expires_at=expires_at)))

    assert made.variables["vpp_days_left"] == days_left and ("vpp_expiring" in made.groups) is expiring


def test_an_expired_token_is_unreachable_and_expiring_and_has_the_same_variables() -> None:
    expired = host(Answer(None, "The content token expired.", "2026-11-20T12:00:00Z"))
    good = host(Answer(facts()))

    assert expired.groups == ["locations", "vpp_unreachable", "vpp_expiring"]
    assert expired.variables["vpp_days_left"] == -3 and expired.variables["vpp_unreachable_reason"] == "The content token expired."
    assert expired.variables.keys() == good.variables.keys() and good.variables["vpp_unreachable_reason"] is None


def test_country_and_platform_are_groups_as_far_as_they_are_told() -> None:
    assert groups() == ["locations", "vpp_ownership_ours", "vpp_country_us", "vpp_platform_volumestore"]
    assert groups(country=None, platform="") == ["locations", "vpp_ownership_ours"]
    assert len(groups(country="x" * 10000)[2]) < 100


def test_locations_of_one_library_name_each_other() -> None:
    answers = {"a": Answer(facts()), "b": Answer(facts(uid="4002")), "c": Answer(facts()), "d": Answer(facts(uid=None)), "e": Answer(None, "x")}
    hosts = {made.name: made for made in location_hosts([location(name) for name in answers], answers, {}, LOOKING)}

    assert {name: made.variables["vpp_same_library"] for name, made in hosts.items()} == {"a": ["c"], "b": [], "c": ["a"], "d": [], "e": []}
    assert [name for name, made in hosts.items() if "vpp_same_library" in made.groups] == ["a", "c"]


def test_findings_become_variables_and_groups() -> None:
    at = "2026-11-23T02:00:00Z"
    found = (Finding("user_extra", 2, ()), Finding("licence_low", 1, ()), Finding("device_without_group", 3, ()), Finding("ownership", 0, ()))
    reported = [Location("a", at, findings=found), Location("b", at, error="no token"), Location("x", at)]
    made_a, made_b, made_c = location_hosts([location(name) for name in "abc"], None, {told.name: told for told in reported}, LOOKING)

    assert made_a.groups == [
        "locations",
        "vpp_drift_user_extra",
        "vpp_drift_licence_low",
        "vpp_drift_device_without_group",
        "vpp_drift",
        "vpp_shortage",
    ]
    assert made_a.variables["vpp_drift"] == {"user_extra": 2, "licence_low": 1, "device_without_group": 3} and made_a.variables["vpp_drift_made_at"] == at
    assert made_b.groups == ["locations", "vpp_drift_failed"] and made_b.variables["vpp_drift_error"] == "no token"
    assert made_c.groups == ["locations"] and "vpp_drift" not in made_c.variables
