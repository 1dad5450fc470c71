# Copyright (c) 2026, the mdmkit.apps_books authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The playbooks drift, report_stock and merge_drift: what they report, what they send, and how they end."""

from __future__ import annotations

import json
import stat
from typing import Any, Dict, List, Optional

import pytest
import yaml
from vpp_simulator.testing import SimulatorHandle

from .conftest import APP, OTHER_APP, Playbooks, asset
from .test_ownership import OURS, Completed, Repository, lines, outcome

USERS = [{"clientUserId": "u-new", "status": "Registered"}]
FILES = {"drift.html", "drift.json", "drift.junit.xml", "drift.md"}


class Reports:
    """Locations with their folders, and the reports of them."""

    def __init__(self, repository: Repository) -> None:
        self.repository = repository
        self.simulator = repository.simulator
        self.folder = repository.playbooks.folder

    def add(self, *names: str, **members: Any) -> None:
        """Locations that are as their folders say, unless the members say otherwise."""
        for name in names:
            self.repository.add(name, **{"users": USERS, "mdmInfo": OURS, "assets": [asset(APP, 20)], "read_only": True, **members})

    def run(self, playbook: str, *arguments: str, **environment: str) -> Completed:
        self.simulator.clear_requests()
        result = self.repository.run(playbook, *arguments, **environment)
        assert {request["method"] for request in self.simulator.requests()} <= {"GET"}
        assert "changed=0" in result.stdout and not list(self.folder.rglob(".apps_books_parts"))
        return result

    def read(self, path: str = "drift/drift.json") -> Dict[str, Any]:
        return json.loads((self.folder / path).read_text(encoding="utf-8"))

    def found(self, path: str = "drift/drift.json") -> Dict[str, Optional[Dict[str, int]]]:
        """How much of each kind was found in each location, None where it could not be read."""
        return {
            location["name"]: None if location["error"] is not None else {finding["kind"]: finding["count"] for finding in location["findings"]}
            for location in self.read(path)["locations"]
        }


@pytest.fixture(name="reports")
def fixture_reports(playbooks: Playbooks, simulator: SimulatorHandle) -> Reports:
    return Reports(Repository(playbooks, simulator))


@pytest.mark.compat
def test_all_locations_are_in_one_report_with_read_only_tokens(reports: Reports) -> None:
    reports.add("north")
    reports.add("south", users=[*USERS, {"clientUserId": "u-old", "status": "Registered"}], mdmInfo={**OURS, "id": "theirs"})
    reports.add("west", users=[])

    result = reports.run("drift")

    assert result.returncode == 0, result.stdout + result.stderr
    assert reports.found() == {"north": {}, "south": {"ownership": 1, "user_unlisted": 1}, "west": {"user_missing": 1}}
    assert outcome(result, "north") == "nothing was found"
    assert outcome(result, "south") == "1 holder that is not the wanted one, 1 user in no file"
    folder = reports.folder / "drift"
    assert {path.name for path in folder.iterdir()} == FILES
    assert {stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()} == {0o600} and stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert lines(result, "TASK [Tell what the report says", "north")[0] == "Drift in 2 of 3 locations"


def test_a_location_that_cannot_be_read_stands_in_the_report_and_fails_the_run(reports: Reports) -> None:
    reports.add("north", "south", "west")
    environment = reports.repository.playbooks.environment
    environment["VPP_CONTENT_TOKEN_SOUTH"] = ""
    (reports.repository.folder / "west" / "users.csv").write_text("client_user_id\nu-new\nu-new,2\n", encoding="utf-8")

    result = reports.run("drift", "--check", "-e", "drift_report_dir=reports/today")

    assert result.returncode == 2
    assert reports.found("reports/today/drift.json") == {"north": {}, "south": None, "west": None}
    south, west = (location["error"] for location in reports.read("reports/today/drift.json")["locations"][1:])
    assert south.startswith("there is no content token for south: ") and "west/users.csv:3: " in west
    assert outcome(result, "north") == "nothing was found" and outcome(result, "south").startswith("FAILED in: Check variables and files / there is no")
    assert "south failed in: Check variables and files" in result.stdout
    assert {entry["location"] for entry in reports.simulator.requests() if entry["location"]} == {"north"}


def test_a_host_that_cannot_be_reached_costs_only_itself(reports: Reports) -> None:
    reports.add("north", "south", "west")
    reports.repository.playbooks.environment["VPP_CONTENT_TOKEN_WEST"] = ""
    hosts = {"north": {}, "south": {"ansible_remote_tmp": "/dev/null/tmp"}, "west": {}}
    (reports.folder / "inventory.yml").write_text(yaml.safe_dump({"locations": {"hosts": hosts}}), encoding="utf-8")

    result = reports.run("drift", "-i", "inventory.yml")

    assert result.returncode not in (0, 1), result.stdout + result.stderr
    assert reports.found() == {"north": {}, "south": None, "west": None}
    south, west = (location["error"] for location in reports.read()["locations"][1:])
    assert south.startswith("Ansible could not reach this host") and west.startswith("there is no content token for west: ")
    assert outcome(result, "north") == "nothing was found" and outcome(result, "south").startswith("FAILED, and Ansible left it alone")


def test_as_many_details_are_reported_as_were_asked_for(reports: Reports) -> None:
    more = [{"clientUserId": f"x-{number:04}", "status": "Registered"} for number in range(1200)]
    reports.add("north", users=[*USERS, *more])

    assert reports.run("drift", "-e", "location_max_listed=1100").returncode == 0
    (finding,) = reports.read()["locations"][0]["findings"]
    assert (finding["kind"], finding["count"], len(finding["details"]), finding["left_out"]) == ("user_unlisted", 1200, 1100, 100)


@pytest.mark.parametrize(
    ("fail_on", "failed"),
    [("drift", {"south"}), ("any", {"south", "west"}), ("", set())],
)
def test_what_fails_the_run_is_said_by_one_variable(reports: Reports, fail_on: str, failed: set) -> None:
    reports.add("north")
    reports.add("south", users=[])
    reports.add("west", assets=[asset(APP, 1)], assignments=[{"adamId": APP, "serialNumber": "D1"}])

    result = reports.run("drift", "-e", json.dumps({"drift_fail_on": fail_on, "location_low_stock": 1}))

    assert result.returncode == (2 if failed else 0), result.stdout + result.stderr
    recap = result.stdout.split("PLAY RECAP", 1)[1]
    assert {line.split()[0] for line in recap.splitlines() if "failed=1" in line} == failed
    assert reports.read()["summary"]["worst"] == "drift", "the report is written first"
    for name in failed:
        assert f"{name}: {outcome(result, name)} (drift_fail_on is {fail_on})" in result.stdout


def test_two_tokens_of_one_location_are_no_two_locations(reports: Reports) -> None:
    reports.add("north")
    reports.repository.add("south", token_of="north")

    result = reports.run("drift")

    assert result.returncode == 2 and reports.found() == {"north": None, "south": None}
    assert "south have content tokens of the same library" in reports.read()["locations"][0]["error"]


def test_earlier_reports_give_the_trend_and_the_oldest_go(reports: Reports) -> None:
    reports.add("north", users=[])
    history = reports.folder / "history"
    history.mkdir()
    for day in (1, 2):
        found = {"name": "north", "made_at": f"2026-01-0{day}T00:00:00Z", "findings": []}
        earlier = {"format": "mdmkit.apps_books drift", "format_version": 1, "locations": [found]}
        (history / f"drift-2026010{day}T000000Z.json").write_text(json.dumps(earlier), encoding="utf-8")

    result = reports.run("drift", "-e", "drift_history_dir=history", "-e", "drift_history_keep=2")

    assert result.returncode == 0, result.stdout + result.stderr
    kept = sorted(path.name for path in history.iterdir())
    assert len(kept) == 2 and kept[0] == "drift-20260102T000000Z.json"
    assert "This and 2 earlier reports" in (reports.folder / "drift" / "drift.html").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["-e", "drift_fail_on=shortages"], "drift_fail_on: shortages is none of none, drift, shortage, expiry, any"),
        (["-e", "drift_history_dir=h", "-e", "drift_history_keep=many"], "drift_history_keep: many is not a number of reports"),
        (["-e", "drift_report_dri=x"], "unknown variable drift_report_dri (known: drift_report_dir, "),
        (["-e", "drift_report_dir=locations/north/users.csv"], "users.csv is not a folder"),
        (["-e", "location_low_stock=few"], 'location_low_stock: "few" is not a number such as 50 or a percentage such as 20%'),
        (["-e", "location_expiry_days=-1"], "location_expiry_days: "),
    ],
)
def test_what_is_wrong_with_the_variables_is_told_before_anything_is_read(reports: Reports, arguments: List[str], told: str) -> None:
    reports.add("north")

    result = reports.repository.run("drift", *arguments)

    assert result.returncode == 2 and told in result.stdout.replace("\\\"", '"'), result.stdout
    assert reports.simulator.requests() == []


def test_what_an_interrupted_run_left_does_not_count(reports: Reports) -> None:
    reports.add("north")
    left = reports.folder / "drift" / ".apps_books_parts"
    left.mkdir(parents=True)
    (left / "south.json").write_text("{", encoding="utf-8")

    assert reports.run("drift").returncode == 0
    assert reports.found() == {"north": {}}


def test_hosts_of_an_inventory_are_reported_as_far_as_the_limit_goes(reports: Reports) -> None:
    reports.add("north", "south", "west")
    hosts = {"north": {}, "south": {"location_name": "Süd {{ 1 }}"}, "west": {}}
    (reports.folder / "inventory.yml").write_text(yaml.safe_dump({"locations": {"hosts": hosts}}, allow_unicode=True), encoding="utf-8")
    environment = {"VPP_CONTENT_TOKEN_S_D_1": reports.repository.playbooks.environment["VPP_CONTENT_TOKEN_SOUTH"]}

    result = reports.run("drift", "-i", "inventory.yml", "--limit", "north,south", **environment)

    assert result.returncode == 0, result.stdout + result.stderr
    assert reports.found() == {"north": {}, "Süd 1": {}}


def test_two_hosts_of_one_name_are_refused(reports: Reports) -> None:
    reports.add("north", "south")
    hosts = dict.fromkeys(("north", "south"), {"location_name": "school"})
    (reports.folder / "inventory.yml").write_text(yaml.safe_dump({"locations": {"hosts": hosts}}), encoding="utf-8")

    result = reports.run("drift", "-i", "inventory.yml")

    assert result.returncode == 2 and "north and south are both called school; give each a location_name" in result.stdout
    assert reports.simulator.requests() == []


def test_the_stock_alone_is_read_with_two_requests(reports: Reports) -> None:
    reports.add("north", users=[], assets=[asset(APP, 20), asset(OTHER_APP, 3)])
    reports.add("south", users=[])
    (reports.repository.folder / "south" / "location.yml").write_text("low_stock: 100\n", encoding="utf-8")
    (reports.repository.folder / "catalog.yml").write_text(f"garden: {{adam_id: '{APP}', title: Number Garden}}\n", encoding="utf-8")

    result = reports.run("report_stock", "-e", "stock_fail_on=shortage", "-e", "stock_report_dir=out")

    assert result.returncode == 2 and "failed=1" in result.stdout, result.stdout + result.stderr
    assert reports.found("out/stock.json") == {"north": {}, "south": {"licence_low": 1}}
    assert [stock["name"] for stock in reports.read("out/stock.json")["locations"][0]["assets"]] == ["Number Garden", None]
    assert outcome(result, "north") == "nothing was found" and outcome(result, "south") == "1 asset with few free licences"
    assert {path.name for path in (reports.folder / "out").iterdir()} == {name.replace("drift", "stock") for name in FILES}
    paths = [entry["path"] for entry in reports.simulator.requests() if entry["location"] == "north"]
    assert sorted(set(paths)) == ["/assets", "/client/config"] and len(paths) == 2


def test_reports_of_several_runs_become_one(reports: Reports) -> None:
    reports.add("north")
    reports.add("south", users=[])
    reports.add("west", users=[])
    for name in ("north", "south", "west"):
        assert reports.run("drift", "-e", f"locations_only={name}", "-e", f"drift_report_dir=parts/{name}").returncode == 0
    assert reports.run("drift").returncode == 0
    whole = reports.read()

    arguments = ("-e", "drift_parts=parts/north,parts/south/drift.json,parts/west", "-e", "drift_report_dir=merged", "-e", "drift_fail_on=drift")
    result = reports.run("merge_drift", *arguments)

    assert result.returncode == 2 and "Drift in 2 of 3 locations (drift_fail_on is drift)" in result.stdout, result.stdout + result.stderr
    assert reports.simulator.requests() == []
    assert without_times(reports.read("merged/drift.json")) == without_times(whole)
    missing = reports.run("merge_drift", "-e", "drift_parts=parts/east", "-e", "drift_report_dir=none")
    assert missing.returncode == 2 and "parts/east: No such file or directory" in missing.stdout


def without_times(report: Dict[str, Any]) -> Dict[str, Any]:
    """A report without what differs between two runs."""
    return json.loads(json.dumps({**report, "made_at": None, "locations": [{**location, "made_at": None} for location in report["locations"]]}))
