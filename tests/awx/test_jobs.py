# Copyright (c) 2026, the mdmkit.apps_books authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Jobs as AWX runs them, against the simulator: credentials come in as injectors give them, nobody fills in a survey, and what AWX keeps is small."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Dict, Iterator, List, Tuple

import pytest
import yaml
from ansible_collections.mdmkit.apps_books.tests.awx.controller import LOCATIONS, SEED, Controller, Inputs, Job, Type
from ansible_collections.mdmkit.apps_books.tests.awx.controller import connection_type, job_template, location_type
from vpp_simulator.testing import SimulatorHandle, content_token, start_simulator

MOST = 2**20
DEVICES = 20000
APPS = [f"200000000{number}" for number in range(1, 6)]
SEEDED: Dict[str, Any] = yaml.safe_load(SEED.read_text(encoding="utf-8"))
TOKENS = {location["name"]: location["content_token"] for location in SEEDED["locations"]}
LARGE_TOKEN = content_token(token="canary-token-of-large")
FAST = {"max_requests_per_second": 0, "event_seconds": 0.0, "limits": {"maxRequestPerSecond": 5000}}


def large() -> Dict[str, Any]:
    """A location that owns five apps, of which nobody has one."""
    generated = {"assets": 5, "users": 0, "devices": DEVICES, "assigned": 0.0}
    return {"name": "large", "content_token": LARGE_TOKEN, "uId": "2049025000431499", "generate": generated}


@pytest.fixture(scope="module")
def running() -> Iterator[SimulatorHandle]:
    with start_simulator({"behaviour": FAST, "locations": [*SEEDED["locations"], large()]}, validate=False) as simulator:
        yield simulator


@pytest.fixture
def simulator(running: SimulatorHandle) -> SimulatorHandle:
    running.reset()
    return running


@pytest.fixture
def controller(tmp_path: Path) -> Controller:
    return Controller(tmp_path)


def credentials(simulator: SimulatorHandle, tokens: Dict[str, str]) -> List[Tuple[Type, Inputs]]:
    """One for the connection, and one for each location."""
    connection = {"base_url": simulator.base_url, "mdm_id": ""}
    return [(connection_type(), connection), *((location_type(name), {"content_token": token}) for name, token in tokens.items())]


def check_what_is_kept(job: Job) -> None:
    """Each event is small, and none of it shows a secret."""
    assert len(job.events()) > 10
    assert max(event.stat().st_size for event in job.events()) < MOST
    for file in job.kept():
        text = file.read_text(encoding="utf-8")
        assert not [token for token in (*TOKENS.values(), LARGE_TOKEN) if token in text], file


def test_plan_apply_and_plan_again(controller: Controller, simulator: SimulatorHandle) -> None:
    given = credentials(simulator, TOKENS)

    plan = controller.launch(job_template("plan"), given)
    assert plan.status == "successful", plan.output
    assert simulator.writes() == [] and "springfield: would be changed" in plan.output and "36 to be taken back, 124 to be given" in plan.output
    applied = controller.launch(job_template("apply"), given, limit="springfield")
    assert applied.status == "successful", applied.output
    assert {entry["location"] for entry in simulator.writes()} == {"springfield"} and "springfield: changed" in applied.output
    simulator.clear_requests()
    again = controller.launch(job_template("plan"), given, limit="springfield")
    assert "(uid 2049025000431439): as it should be" in again.output and "shelbyville" not in again.output

    for job in (plan, applied, again):
        check_what_is_kept(job)


def test_one_location_with_the_credential_for_the_connection_alone(controller: Controller, simulator: SimulatorHandle) -> None:
    """Its content token comes as a file."""
    controller.locations = ["shelbyville"]
    connection = {"base_url": simulator.base_url, "content_token": TOKENS["shelbyville"], "mdm_id": ""}

    for name in ("take over", "release", "plan"):
        job = controller.launch(job_template(name), [(connection_type(), connection)])
        assert job.status == "successful", job.output
        assert "shelbyville: " in job.output and simulator.writes() == []
        check_what_is_kept(job)


def test_drift_hands_its_summary_on(controller: Controller, simulator: SimulatorHandle) -> None:
    """As set_stats does: AWX keeps it as artifacts of the job, and later nodes of a workflow have it as a variable."""
    given = credentials(simulator, TOKENS)

    looked = controller.launch(job_template("drift"), given)
    failed = controller.launch(job_template("drift"), given, answers={"drift_fail_on": "drift"})

    assert (looked.status, failed.status) == ("successful", "failed"), looked.output + failed.output
    assert simulator.writes() == []
    for job in (looked, failed):
        check_what_is_kept(job)
        (stats,) = (event for event in (json.loads(file.read_text(encoding="utf-8")) for file in job.events()) if event["event"] == "playbook_on_stats")
        summary = stats["event_data"]["artifact_data"]["drift_summary"]
        assert summary["locations"] == 2 and summary["worst"] == "drift" and summary["findings"]["assignment_missing"] > 0


def test_reclaim_only_shows_where_nothing_is_confirmed(controller: Controller, simulator: SimulatorHandle) -> None:
    (controller.project / "active.txt").write_text("SHBAXGUEST01\n", encoding="utf-8")
    answers = {"location_reclaim_devices_file": "active.txt", "location_reclaim_max_removals": "100%"}

    job = controller.launch(job_template("reclaim"), credentials(simulator, TOKENS), answers, limit="shelbyville")

    assert job.status == "successful" and simulator.writes() == [], job.output
    check_what_is_kept(job)


def test_a_location_that_fails_fails_the_job_and_not_the_others(controller: Controller, simulator: SimulatorHandle) -> None:
    wrong = {"springfield": TOKENS["springfield"], "shelbyville": content_token(token="canary-token-of-nobody")}

    job = controller.launch(job_template("apply"), credentials(simulator, wrong))

    assert job.status == "failed" and "springfield: changed" in job.output and "shelbyville: FAILED in: Open the location" in job.output
    check_what_is_kept(job)


def test_events_stay_small_however_large_the_plan(controller: Controller, simulator: SimulatorHandle) -> None:
    """100,000 assignments to give, of which all fail in the end, and as many devices as faults."""
    folder = controller.project / "locations" / "large"
    (folder / "lists").mkdir(parents=True)
    (folder / "lists" / "devices.txt").write_text("".join(f"D{number:07}\n" for number in range(1, DEVICES + 1)), encoding="utf-8")
    (folder / "lists" / "users.txt").write_text("".join(f"nobody-{number:07}\n" for number in range(1, DEVICES + 1)), encoding="utf-8")
    controller.locations = ["large"]
    given = credentials(simulator, {"large": LARGE_TOKEN})

    def launch(target: str, name: str) -> Job:
        (folder / "assignments.yml").write_text(yaml.safe_dump([{"assets": APPS, f"{target}_file": f"lists/{target}.txt"}]), encoding="utf-8")
        return controller.launch(job_template(name), given)

    plan = launch("devices", "plan")
    assert plan.status == "successful" and f"assignments: {DEVICES * len(APPS)} to be given" in plan.output, plan.output
    unknown = launch("users", "plan")
    assert unknown.status == "failed" and f"and {DEVICES - 1000} more" in unknown.output or "is no active user" in unknown.output
    simulator.faults([{"match": {"method": "POST"}, "do": {"event_fail": {"errorNumber": 9602, "share": 1}}, "times": 0}])
    failing = launch("devices", "apply")
    assert failing.status == "failed" and "large: FAILED" in failing.output, failing.output

    for job in (plan, unknown, failing):
        check_what_is_kept(job)


def test_the_demo_has_the_locations_that_are_meant() -> None:
    assert set(TOKENS) == set(LOCATIONS)
