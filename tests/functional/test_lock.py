# Copyright (c) 2026, the mdmkit.apps_books authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Two tasks on one location at once, in processes of their own."""

from __future__ import annotations

import contextlib
import json
import os
import pathlib
import signal
import subprocess
import time
from typing import Any, Dict, Iterator

import pytest

from .conftest import APP, TOKEN, Location, seed, start

UID = "2049025000431439"
OTHER_UID = "77"
WRITING = {
    "vpp_user": {"users": [{"client_user_id": "u-9"}]},
    "vpp_asset_assignment": {"assignments": [{"assets": [APP], "devices": ["D3"]}]},
    "vpp_asset_revocation": {"devices": ["D1"]},
    "vpp_client_config": {"mdm_info": {"id": "ours", "name": "Us", "metadata": "x"}},
}
INFO = {
    "vpp_user_info": {},
    "vpp_asset_info": {},
    "vpp_assignment_info": {},
    "vpp_client_config_info": {},
    "vpp_service_config_info": {},
    "vpp_event_info": {"event_ids": []},
}
HANG = {"match": {"method": "POST"}, "do": {"hang_ms": 60000}}
SECONDS = 30


def folder_of(temporary_folder: pathlib.Path) -> pathlib.Path:
    return temporary_folder / f"mdmkit.apps_books-{os.getuid()}"


def result_of(process: "subprocess.Popen[str]") -> Dict[str, Any]:
    output, dummy = process.communicate(timeout=SECONDS)
    return json.loads(output)


@contextlib.contextmanager
def hanging(location: Location, temporary_folder: pathlib.Path, **options: Any) -> Iterator["subprocess.Popen[str]"]:
    """A task that has the lock and gets no answer to its write. It is killed in the end."""
    location.simulator.faults([HANG])
    process = start(location, "vpp_user", **WRITING["vpp_user"], **options)
    try:
        lock = folder_of(temporary_folder) / f"location-{UID}.lock"
        deadline = time.monotonic() + SECONDS
        while not (lock.exists() and str(process.pid) in lock.read_text(encoding="utf-8") and location.simulator.fault_counters()[0]["fired"]):
            assert process.poll() is None and time.monotonic() < deadline, "the first task did not come as far as its write"
            time.sleep(0.05)
        yield process
    finally:
        process.kill()
        process.communicate()


@pytest.mark.parametrize("options", [{}, {"expected_uid": UID}, {"expected_location": "springfield"}])
def test_a_second_task_is_refused_and_after_a_kill_the_next_one_works(
    location: Location, temporary_folder: pathlib.Path, options: Dict[str, Any]
) -> None:
    with hanging(location, temporary_folder) as first:
        location.simulator.clear_requests()
        results = {module: location.fails(module, **WRITING[module], **options) for module in WRITING}
        assert location.write_count() == 0
        # With the number of the location nothing needs to be asked.
        assert (len(location.simulator.requests()) == 0) == ("expected_uid" in options)
        os.kill(first.pid, signal.SIGKILL)
        first.wait(timeout=SECONDS)
        location.ok("vpp_asset_revocation", **WRITING["vpp_asset_revocation"], **options)
    for result in results.values():
        assert f"uid {UID}" in result["msg"] and f"mdmkit.apps_books.vpp_user, process {first.pid} on" in result["msg"]
        assert result["lock_holder"]["since"] in result["msg"] and "lock_timeout" in result["msg"]
        assert result["lock_holder"]["process_id"] == first.pid and result["retryable"] is True and result["changed"] is False


def test_a_task_that_ends_leaves_no_lock_but_one_small_file(location: Location, temporary_folder: pathlib.Path) -> None:
    for dummy in range(2):
        for module, options in WRITING.items():
            location.ok(module, **options)
    location.fails("vpp_user", users=[{"client_user_id": "u-9", "email": "no address"}], expected_uid=UID, mdm_id="theirs")

    assert [path.name for path in folder_of(temporary_folder).iterdir()] == [f"location-{UID}.lock"]
    assert [path.name for path in temporary_folder.iterdir()] == [folder_of(temporary_folder).name]


def test_check_mode_and_info_modules_take_no_lock(location: Location, temporary_folder: pathlib.Path) -> None:
    for module, options in WRITING.items():
        location.ok(module, check=True, **options, expected_uid=UID)
    for module, options in INFO.items():
        location.ok(module, **options, expected_uid=UID)
    assert not folder_of(temporary_folder).exists()

    with hanging(location, temporary_folder):
        for module, options in WRITING.items():
            location.ok(module, check=True, **options)
        for module, options in INFO.items():
            location.ok(module, **options)


def test_another_location_is_not_disturbed(location: Location, temporary_folder: pathlib.Path) -> None:
    both = seed()
    both["locations"].append({**both["locations"][0], "name": "shelbyville", "uId": OTHER_UID})
    del both["locations"][1]["content_token"]
    location.simulator.reset(both)
    (other_token,) = (entry["content_token"] for entry in location.simulator.tokens() if entry["location"] == "shelbyville")
    with hanging(location, temporary_folder):
        done = location.ok("vpp_asset_revocation", devices=["D1"], content_token=other_token)
    assert done["changed"] and done["uid"] == OTHER_UID


def test_waiting_for_the_lock_plans_from_what_is_there_afterwards(location: Location, temporary_folder: pathlib.Path) -> None:
    with hanging(location, temporary_folder) as first:
        location.simulator.faults([])
        second = start(location, "vpp_user", users=[{"client_user_id": "u-8"}, {"client_user_id": "u-9"}], lock_timeout=SECONDS, wait_interval=0.02)
        # Long enough for the second to stand at the lock; were it not there yet, it would still have to end well.
        time.sleep(2)
        assert second.poll() is None, result_of(second)
        # What the first one sent was carried out, so only u-8 is missing.
        os.kill(first.pid, signal.SIGKILL)
        result = result_of(second)
    assert not result.get("failed"), result
    assert result["plan"]["counts"] == {"created": 1, "updated": 0, "retired": 0}
    assert {"u-8", "u-9"} <= set(location.users())


def test_what_was_read_before_the_lock_was_free_is_read_again(location: Location, temporary_folder: pathlib.Path) -> None:
    """Without expected_uid, the answer that names the location comes before the lock."""
    with hanging(location, temporary_folder) as first:
        second = start(location, "vpp_asset_revocation", devices=["D1", "D9"], lock_timeout=SECONDS, wait_interval=0.02)
        deadline = time.monotonic() + SECONDS
        while not [entry for entry in location.simulator.requests() if entry["path"] == "/assets"]:
            assert time.monotonic() < deadline and second.poll() is None
            time.sleep(0.05)
        location.simulator.assign([{"adamId": APP, "pricingParam": "STDQ", "serialNumber": "D9"}])
        location.simulator.faults([])
        os.kill(first.pid, signal.SIGKILL)
        result = result_of(second)
    assert not result.get("failed"), result
    assert len([entry for entry in location.simulator.requests() if entry["path"] == "/assets"]) == 2
    assert not [pair for pair in location.pairs() if pair[1] in ("D1", "D9")]


def test_waiting_has_an_end(location: Location, temporary_folder: pathlib.Path) -> None:
    with hanging(location, temporary_folder):
        started = time.monotonic()
        result = location.fails("vpp_asset_revocation", devices=["D1"], lock_timeout=1)
    assert 1 <= time.monotonic() - started < 10
    assert "It was waited for 1 s" in result["msg"] and result["lock_holder"]


def test_a_negative_time_is_refused_without_a_request(location: Location) -> None:
    assert "lock_timeout must not be less than 0" in location.fails("vpp_user", users=[], lock_timeout=-1)["msg"]
    assert location.simulator.requests() == []


def test_a_folder_that_somebody_else_could_have_made_is_refused(location: Location, temporary_folder: pathlib.Path) -> None:
    folder_of(temporary_folder).symlink_to(temporary_folder)
    result = location.fails("vpp_user", **WRITING["vpp_user"])
    assert "is a symbolic link" in result["msg"] and "TMPDIR" in result["msg"] and location.write_count() == 0


def test_faults_of_the_input_come_before_the_lock(location: Location, temporary_folder: pathlib.Path) -> None:
    with hanging(location, temporary_folder):
        result = location.fails("vpp_user", users=[{"client_user_id": " "}], expected_uid=UID)
    assert result["faults"]


def test_the_name_of_the_location_is_checked_before_anything_is_written(location: Location) -> None:
    for module, options in WRITING.items():
        result = location.fails(module, **options, expected_location="Shelbyville")
        assert f"opens the location springfield (uid {UID}), but expected_location is Shelbyville" in result["msg"]
    for module in ("vpp_user_info", "vpp_asset_info", "vpp_assignment_info", "vpp_client_config_info"):
        assert "but expected_location is Shelbyville" in location.fails(module, expected_location="Shelbyville")["msg"]
    assert {entry["path"] for entry in location.simulator.requests()} == {"/service/config", "/client/config"}
    assert location.write_count() == 0
    location.ok("vpp_user", **WRITING["vpp_user"], expected_location=" springfield ")


def test_a_read_only_token_does_not_go_with_the_name(location: Location) -> None:
    location.simulator.reset(seed(content_token=TOKEN, read_only=True))
    assert "Use expected_uid" in location.fails("vpp_asset_info", expected_location="springfield")["msg"]
    location.ok("vpp_asset_info", expected_uid=UID)
