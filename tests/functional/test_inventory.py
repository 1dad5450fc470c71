# Copyright (c) 2026, the mdmkit.apps_books authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The inventory of locations, in real runs of Ansible's programs."""

from __future__ import annotations

import json
import sys
from typing import Any, Dict, Iterator

import pytest
import yaml
from ansible_collections.mdmkit.apps_books.tests.canary.world import secret_text
from vpp_simulator.testing import SimulatorHandle, content_token, inner_token

from .conftest import Playbooks, asset
from .inventories import Inventory, Listed

pytestmark = pytest.mark.compat

OURS = {"id": "ours", "name": "Our Service", "metadata": "x"}
THEIRS = {"id": "theirs", "name": "Other MDM", "metadata": "x"}
TEMPLATE = "{{ 7*7 }}"


@pytest.fixture
def inventory(playbooks: Playbooks, simulator: SimulatorHandle) -> Inventory:
    return Inventory(playbooks, simulator)


def test_a_folder_of_locations_becomes_hosts_with_what_apple_tells(inventory: Inventory) -> None:
    inventory.add("north", mdmInfo=OURS, countryISO2ACode="US", defaultPlatform="volumestore")
    inventory.add("south", mdmInfo=THEIRS, countryISO2ACode="CA", defaultPlatform="enterprisestore")
    inventory.add("west")
    inventory.folders("north", "south", client_config={"mdm_info": OURS})
    inventory.folders("west")
    inventory.write(locations_path="locations", stock=True)
    listed = inventory.listed(VPP_MDM_ID="ours")

    assert listed.groups["locations"] == {"north", "south", "west"}
    assert listed.groups["vpp_ownership_ours"] == {"north"} and listed.groups["vpp_ownership_others"] == {"south"}
    assert listed.groups["vpp_ownership_unclaimed"] == {"west"}
    assert listed.groups["vpp_country_us"] == {"north", "west"} and listed.groups["vpp_country_ca"] == {"south"}
    assert listed.groups["vpp_platform_enterprisestore"] == {"south"} and "vpp_unreachable" not in listed.groups
    north = listed.hosts["north"]
    assert north.pop("ansible_python_interpreter") == "{{ ansible_playbook_python }}"
    assert north.pop("vpp_days_left") > 365
    (stock,) = north.pop("vpp_stock")
    assert (stock["adam_id"], stock["total_count"], stock["assigned_count"], stock["available_count"]) == ("1000000001", 20, 0, 20)
    assert north == {
        "ansible_connection": "local",
        "location_name": "north",
        "location_path": str(inventory.folder / "locations" / "north"),
        "location_content_token_env": "VPP_CONTENT_TOKEN_NORTH",
        "vpp_location_name": "north",
        "vpp_uid": "4001",
        "vpp_country": "US",
        "vpp_platform": "volumestore",
        "vpp_organization": "Schools of north",
        "vpp_holder": OURS,
        "vpp_ownership": "ours",
        "vpp_token_expires_at": "2099-12-31T23:59:59Z",
        "vpp_same_library": [],
        "vpp_unreachable_reason": None,
    }
    assert inventory.asked() == {"": ["/service/config"], **{name: ["/client/config", "/assets"] for name in ("north", "south", "west")}}


def test_broken_missing_expired_and_refused_tokens_are_hosts_with_the_reason(inventory: Inventory) -> None:
    names = ("good", "missing", "broken", "expired", "revoked", "unknown")
    inventory.add("good", "revoked")
    inventory.folders(*names)
    inventory.simulator.control("POST", "retire_token", {"location": "revoked", "how": "revoked"})
    inventory.environment["VPP_CONTENT_TOKEN_BROKEN"] = inventory.tokens["good"][:50]
    inventory.environment["VPP_CONTENT_TOKEN_EXPIRED"] = content_token(token="canary-inner-token-expired-01", exp_date="2020-01-02T03:04:05+0000")
    inventory.environment["VPP_CONTENT_TOKEN_UNKNOWN"] = content_token(token="canary-inner-token-unknown-01")
    inventory.write(locations_path="locations")
    listed = inventory.listed()

    assert listed.groups["locations"] == set(names) and listed.groups["vpp_unreachable"] == set(names) - {"good"}
    reasons = {name: variables["vpp_unreachable_reason"] for name, variables in listed.hosts.items()}
    assert reasons["good"] is None and "VPP_CONTENT_TOKEN_MISSING" in reasons["missing"]
    assert "is not a content token" in reasons["broken"] and "expired on 2020-01-02" in reasons["expired"]
    assert "error 9625, HTTP 401" in reasons["revoked"] and "error 9622, HTTP 401" in reasons["unknown"]
    assert listed.hosts["expired"]["vpp_days_left"] < -2000 and listed.groups["vpp_expiring"] == {"expired"}
    assert "5 of 6 locations cannot be reached: " in listed.warnings


def test_no_service_at_all_is_the_reason_for_each(inventory: Inventory) -> None:
    inventory.add("north", "south")
    inventory.folders("north", "south")
    inventory.write(locations_path="locations", retry_budget=0)
    listed = inventory.listed(VPP_BASE_URL="http://127.0.0.1:9/mdm/v2")

    assert listed.groups["vpp_unreachable"] == {"north", "south"}
    assert "refused" in listed.hosts["south"]["vpp_unreachable_reason"]


def test_an_answer_that_nobody_can_read_hides_no_other_location(inventory: Inventory) -> None:
    inventory.add("north", "south")
    inventory.folders("north", "south")
    echo = {"mdmInfo": {"id": "x", "name": [inventory.tokens["north"]]}, "tokenExpirationDate": 5, "uId": ["4001"], "countryISO2ACode": {"a": 1}}
    inventory.simulator.faults([{"match": {"path": "/client/config", "location": "north"}, "do": {"status": 200, "body": echo}, "times": 0}])
    inventory.write(locations_path="locations")
    listed = inventory.listed()

    assert listed.groups["vpp_ownership_unclaimed"] == {"south"} and listed.groups["locations"] == {"north", "south"}
    inventory.simulator.control("DELETE", "violations")


def test_a_read_only_token_tells_what_it_can(inventory: Inventory) -> None:
    inventory.add("north", read_only=True, mdmInfo=OURS)
    inventory.add("south", read_only=True)
    inventory.folders("north", "south")
    inventory.write(locations_path="locations", mdm_id="ours")
    listed = inventory.listed()

    north = listed.hosts["north"]
    assert (north["vpp_uid"], north["vpp_location_name"], north["vpp_country"], north["vpp_organization"]) == ("4001", None, None, "Schools of north")
    assert listed.groups["vpp_ownership_ours"] == {"north"} and listed.groups["vpp_ownership_unknown"] == {"south"}
    assert inventory.asked()["north"] == ["/client/config", "/assets"]


def test_nothing_is_asked_where_no_facts_are_wanted(inventory: Inventory) -> None:
    inventory.add("north")
    inventory.folders("north", "south")
    inventory.write(locations_path="locations", facts=False)
    listed = inventory.listed()

    assert set(listed.groups) == {"locations"} and not [name for name in listed.hosts["north"] if name.startswith("vpp_")]
    assert inventory.asked() == {}


def test_a_list_and_token_files_add_to_the_folders(inventory: Inventory) -> None:
    inventory.add("north", "south", "east", "west")
    inventory.folders("north", "south")
    inventory.environment = {"NORTH_TOKEN": inventory.tokens["north"]}
    inventory.token_files("south", "east", "west")
    west = {"name": "head-office", "content_token_file": "tokens/west.vpptoken", "mdm_id": "ours", "location_path": "locations/north"}
    inventory.write(
        locations_path="{{ tree }}",
        locations=[{"name": "north", "content_token_env": "{{ 'north' | upper }}_TOKEN"}, west],
        token_files=["tokens/[es]*.vpptoken"],
        base_url=inventory.simulator.base_url,
    )
    result = inventory.program("ansible-inventory", "--list", "--vars", "-e", "tree=locations", VPP_BASE_URL="http://127.0.0.1:9/mdm/v2")
    listed = Listed(json.loads(result.stdout), result.stderr)

    assert {name: variables["vpp_uid"] for name, variables in listed.hosts.items()} == {"north": "4001", "south": "4002", "east": "4003", "head-office": "4004"}
    assert listed.hosts["south"]["location_content_token_file"] == str(inventory.folder / "tokens" / "south.vpptoken")
    assert listed.hosts["south"]["location_path"] == str(inventory.folder / "locations" / "south")
    assert "location_path" not in listed.hosts["east"] and listed.hosts["north"]["location_content_token_env"] == "NORTH_TOKEN"
    assert listed.hosts["head-office"]["location_mdm_id"] == "ours" and listed.hosts["head-office"]["location_name"] == "head-office"
    assert {variables["location_base_url"] for variables in listed.hosts.values()} == {inventory.simulator.base_url}


def test_two_tokens_of_one_library_are_told_of_and_the_same_token_is_asked_with_once(inventory: Inventory) -> None:
    inventory.add("north", "south")
    inventory.environment["VPP_CONTENT_TOKEN_COPY"] = inventory.tokens["north"]
    inventory.folders("north", "south", "copy")
    inventory.write(locations_path="locations")
    listed = inventory.listed()

    assert listed.groups["vpp_same_library"] == {"north", "copy"} and listed.hosts["copy"]["vpp_same_library"] == ["north"]
    assert inventory.asked()["north"] == ["/client/config"]


# What Apple sends is text


def test_a_template_in_what_apple_sends_stays_text(inventory: Inventory) -> None:
    inventory.add("north", name=TEMPLATE, mdmInfo={**THEIRS, "name": "{{ lookup('ansible.builtin.env', 'HOME') }}"})
    inventory.folders("north")
    inventory.write(
        locations_path="locations", compose={"copied": "vpp_location_name", "added": "'a ' ~ vpp_location_name"}, keyed_groups=[{"key": "vpp_location_name"}]
    )
    names = "{{ [vpp_location_name, copied, added, vpp_holder.name] }}"
    tasks = [{"name": "Show", "ansible.builtin.copy": {"content": names, "dest": str(inventory.folder / "shown"), "mode": "0600"}}]
    play = [{"name": "Test", "hosts": "locations", "gather_facts": False, "tasks": tasks}]
    (inventory.folder / "show.yml").write_text(yaml.safe_dump(play), encoding="utf-8")
    expected = [TEMPLATE, TEMPLATE, "a " + TEMPLATE, "{{ lookup('ansible.builtin.env', 'HOME') }}"]

    result = inventory.program("ansible-playbook", "show.yml")
    assert result.returncode == 0, result.stdout + result.stderr
    assert json.loads((inventory.folder / "shown").read_text(encoding="utf-8")) == expected

    # What AWX does: it keeps the list and hands it to jobs through a script.
    (inventory.folder / "shown").unlink()
    listed = inventory.program("ansible-inventory", "--list", "--export")
    script = inventory.folder / "script.py"
    script.write_text(f"#!{sys.executable}\nprint({listed.stdout!r})\n", encoding="utf-8")
    script.chmod(0o700)
    again = inventory.program("ansible-playbook", "-i", "script.py", "show.yml")
    assert again.returncode == 0, again.stdout + again.stderr
    assert json.loads((inventory.folder / "shown").read_text(encoding="utf-8")) == expected


# The cache


def cached(inventory: Inventory, **options: Any) -> Dict[str, Any]:
    return {"locations_path": "locations", "cache": True, "cache_plugin": "jsonfile", "cache_connection": str(inventory.folder / "cache"), **options}


def test_the_cache_spares_requests_and_holds_no_secret(inventory: Inventory) -> None:
    inventory.add("north")
    inventory.add("south", name=TEMPLATE)
    inventory.folders("north", "south", "missing")
    inventory.write(**cached(inventory))
    first = inventory.listed()
    assert len(inventory.asked()) == 3
    second = inventory.listed()

    assert inventory.asked() == {}
    assert second.hosts == first.hosts and second.groups == first.groups
    found = inventory.search().folder(inventory.folder / "cache", [])
    assert found.places == 1 and found.hits == ()


def test_the_cache_is_passed_by_where_it_does_not_fit(inventory: Inventory) -> None:
    inventory.add("north", "south")
    inventory.folders("north", "south")
    inventory.write(**cached(inventory))
    inventory.listed()
    inventory.asked()

    inventory.add("east")
    inventory.folders("east")
    inventory.listed()
    assert inventory.asked() == {"": ["/service/config"], "east": ["/client/config"]}, "only what is new"
    inventory.environment["VPP_CONTENT_TOKEN_SOUTH"] = content_token(token=secret_text("other"), exp_date="2098-12-31T23:59:59+0000")
    listed = inventory.listed()
    assert listed.groups["vpp_unreachable"] == {"south"}, "another token"
    inventory.asked()
    inventory.write(**cached(inventory, stock=True))
    assert inventory.listed().hosts["north"]["vpp_stock"]
    assert inventory.asked()["north"] == ["/client/config", "/assets"], "the stock was not there"


# What it is for


def test_forty_locations(inventory: Inventory) -> None:
    names = [f"school-{number:02}" for number in range(40)]
    inventory.add(*names, assets=[asset(str(1000000000 + number), 5) for number in range(30)])
    inventory.folders(*names)
    # Several pages for each, against a limit that more than one request at a time would break.
    inventory.simulator.behaviour(page_size=10, max_requests_per_second=4, limits={})
    inventory.write(locations_path="locations", stock=True, side_by_side=40)
    listed = inventory.listed()

    assert listed.groups["locations"] == set(names) and "vpp_unreachable" not in listed.groups
    assert {len(variables["vpp_stock"]) for variables in listed.hosts.values()} == {30}
    assert [entry["errorNumber"] for entry in inventory.simulator.requests() if entry["errorNumber"]] == []
    graph = inventory.program("ansible-inventory", "--graph", "vpp_country_us").stdout
    assert graph.count("|--school-") == 40


def test_a_playbook_takes_the_hosts_and_a_limit(inventory: Inventory) -> None:
    inventory.add("north", "south", "west", mdmInfo=OURS)
    inventory.folders("north", "south", "west")
    inventory.environment.pop("VPP_CONTENT_TOKEN_WEST")
    inventory.write(locations_path="locations", compose={"location_path": "'locations/' ~ inventory_hostname"}, strict=True)
    assert inventory.listed().hosts["north"]["location_path"] == "locations/north"
    inventory.simulator.clear_requests()
    result = inventory.program("ansible-playbook", "mdmkit.apps_books.apply", "--check", "--limit", "locations:!south:!vpp_unreachable")

    assert result.returncode == 0, result.stdout + result.stderr
    assert "north (uid 4001): would be changed" in result.stdout and "south" not in result.stdout and "west" not in result.stdout
    assert not inventory.simulator.writes()


def test_the_findings_of_the_last_report_are_groups(inventory: Inventory) -> None:
    inventory.folders("north", "south", "west")
    at = "2026-11-23T02:00:00Z"
    findings = [{"kind": "assignment_missing", "count": 12, "left_out": 12, "details": []}, {"kind": "user_extra", "count": 0, "left_out": 0, "details": []}]
    locations = [
        {"name": "north", "made_at": at, "error": None, "findings": findings},
        {"name": "south", "made_at": at, "error": TEMPLATE, "findings": []},
    ]
    report = {"format": "mdmkit.apps_books drift", "format_version": 1, "locations": locations}
    inventory.write(locations_path="locations", facts=False, drift_report="drift.json")
    assert set(inventory.listed().groups) == {"locations"}, "there is none yet"

    (inventory.folder / "drift.json").write_text(json.dumps(report), encoding="utf-8")
    listed = inventory.listed()
    assert listed.groups == {
        "locations": {"north", "south", "west"},
        "vpp_drift": {"north"},
        "vpp_drift_assignment_missing": {"north"},
        "vpp_drift_failed": {"south"},
    }
    assert listed.hosts["north"]["vpp_drift"] == {"assignment_missing": 12} and listed.hosts["north"]["vpp_drift_made_at"] == at
    assert listed.hosts["south"]["vpp_drift_error"] == TEMPLATE


@pytest.mark.parametrize(
    ("text", "told"), [("", ":1: not JSON"), ('{"format": "mdmkit.apps_books drift", "format_version": 2}', "format_version 2 is not known")]
)
def test_without_a_report_that_can_be_read_there_are_hosts_all_the_same(inventory: Inventory, text: str, told: str) -> None:
    inventory.folders("north", "south")
    inventory.write(locations_path="locations", facts=False, drift_report="drift.json")
    (inventory.folder / "drift.json").write_text(text, encoding="utf-8")
    result = inventory.program("ansible-inventory", "--list")

    assert set(json.loads(result.stdout)["locations"]["hosts"]) == {"north", "south"}
    assert "There are no groups and variables of the last report" in " ".join(result.stderr.split()) and told in " ".join(result.stderr.split())


# Mistakes in the file


def test_everything_that_is_wrong_is_told_at_once(inventory: Inventory) -> None:
    inventory.add("north")
    token, inner = inventory.tokens["north"], inner_token(inventory.tokens["north"])
    said = inventory.fails(locations_path="locations", lokations=[], content_token=token, facts="perhaps", validate_certs="yess", side_by_side=0)
    assert "unknown options content_token, lokations (known: base_url, " in said
    assert "facts: 'perhaps' is neither true nor false" in said and "validate_certs: 'yess' is neither" in said
    assert "a content token stands in the file" in inventory.fails(locations=[{"name": "a", "content_token_file": token}])
    assert "base_url must begin with https; side_by_side must be more than 0" in inventory.fails(base_url="http://vpp.example.test", side_by_side=0)

    said = inventory.fails(
        locations_path="nowhere",
        locations=[{"name": "a", "content_token_env": token[:77]}, {"name": "a", "content_token_env": "A B"}, {"name": "b", "content_token_env": inner}],
        token_files=["*.vpptoken"],
    )
    assert "nowhere is not a folder" in said and "locations[1]: a stands in locations[0] already" in said and "token_files[0]: no file is called like" in said
    assert all(f"locations[{index}]: content_token_env is not the name of an environment variable" in said for index in range(3))
    assert "there is no location" in inventory.fails()


def test_the_name_of_the_file_matters(inventory: Inventory) -> None:
    inventory.folders("north")
    inventory.write(locations_path="locations", facts=False)
    for name, taken in (("school.locations.yaml", True), ("hosts.yml", False)):
        (inventory.folder / "locations.yml").rename(inventory.folder / name)
        result = inventory.program("ansible-inventory", "--list", "-i", name, ANSIBLE_INVENTORY_ANY_UNPARSED_IS_FAILED="0")
        assert ("north" in json.loads(result.stdout)["_meta"]["hostvars"]) is taken, result.stderr
        (inventory.folder / name).rename(inventory.folder / "locations.yml")


def test_an_inner_token_in_place_of_the_name_of_its_file_is_not_shown(inventory: Inventory) -> None:
    inventory.add("north")
    inventory.write(locations=[{"name": "north", "content_token_file": inner_token(inventory.tokens["north"])}])
    variables = inventory.listed().hosts["north"]

    assert "location_content_token_file" not in variables and "(not shown) cannot be read" in variables["vpp_unreachable_reason"]


@pytest.fixture(autouse=True)
def no_writes(simulator: SimulatorHandle) -> Iterator[None]:
    """It never writes."""
    yield
    assert simulator.writes() == []
