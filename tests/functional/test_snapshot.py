# Copyright (c) 2026, the mdmkit.apps_books authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the modules cost on a location of any size, with a snapshot and without, by the simulator's journal."""

from __future__ import annotations

import gzip
import pathlib
from typing import Any, Dict, List

import pytest

from .conftest import APP, BOOK, INNER_TOKEN, OTHER_APP, TOKEN, Location, seed

ASSETS, DEVICES = 25, 40000
GENERATED = [str(2000000001 + number) for number in range(ASSETS)]
ALL_DEVICES = [f"D{number:07d}" for number in range(1, DEVICES + 1)]


def asked(location: Location) -> List[str]:
    """Every request since the last call, in order."""
    requests = [f"{entry['method']} {entry['path']}" for entry in location.simulator.requests()]
    location.simulator.clear_requests()
    return requests


@pytest.fixture(name="district")
def fixture_district(location: Location) -> Location:
    """A location of 1,000,000 assignments."""
    location.simulator.reset(seed(assets=[], users=[], assignments=[], generate={"assets": ASSETS, "users": 0, "devices": DEVICES, "assigned": 1.0}))
    return location


def test_one_app_for_one_device_of_a_million_assignments(district: Location) -> None:
    result = district.ok("vpp_asset_assignment", assignments=[{"assets": [GENERATED[0]], "devices": ["NEW"]}])

    requests = asked(district)
    write = requests.index("POST /assets/associate")
    before, after = requests[:write], requests[write + 1:]
    assert result["changed"] and len(before) <= 4 and "GET /status" in after
    assert all(request.startswith("GET") for request in before + after)


def test_a_drift_check_of_a_million_unchanged_assignments(district: Location, tmp_path: pathlib.Path) -> None:
    devices = tmp_path / "devices.txt"
    devices.write_text("\n".join(ALL_DEVICES))
    wish: Dict[str, Any] = {
        "assignments": [{"assets": GENERATED, "devices_file": str(devices)}],
        "purge": "location",
        "snapshot_dir": str(tmp_path / "snapshots"),
    }
    assert not district.ok("vpp_asset_assignment", check=True, **wish)["changed"]
    assert len(asked(district)) > ASSETS * DEVICES / 1000

    assert not district.ok("vpp_asset_assignment", check=True, **wish)["changed"]

    requests = asked(district)
    assert len(requests) <= 5 and all(request.startswith("GET") for request in requests)
    # It is the snapshot that knows, and it does know.
    district.simulator.unassign([{"adamId": GENERATED[7], "serialNumber": ALL_DEVICES[12345]}])
    shown = district.ok("vpp_asset_assignment", check=True, **wish)
    assert [(change["adam_id"], change["serial_number"]) for change in shown["plan"]["changes"]] == [(GENERATED[7], ALL_DEVICES[12345])]
    assert len(asked(district)) <= 5 + DEVICES / 1000


PEOPLE = [f"u-{number:04d}" for number in range(2500)]


@pytest.fixture(name="school")
def fixture_school(location: Location) -> Location:
    """So many users and assignments that reading them takes several requests each."""
    assets = [{"adamId": APP, "totalCount": 5000}, {"adamId": OTHER_APP, "totalCount": 5000}, {"adamId": BOOK, "productType": "Book", "totalCount": 5000}]
    location.simulator.reset(
        seed(
            assets=assets,
            users=[{"clientUserId": name, "email": f"{name}@example.test"} for name in PEOPLE],
            assignments=[{"adamId": adam_id, "clientUserId": name} for adam_id in (APP, OTHER_APP, BOOK) for name in PEOPLE],
        )
    )
    return location


def wishes(folder: pathlib.Path) -> Dict[str, Dict[str, Any]]:
    """What is there already, as each module wants to be told."""
    return {
        "vpp_user": {"users": [{"client_user_id": name} for name in PEOPLE], "purge": True, "snapshot_dir": str(folder)},
        "vpp_asset_assignment": {
            "assignments": [{"assets": [APP, OTHER_APP, BOOK], "users": PEOPLE}],
            "purge": "location",
            "snapshot_dir": str(folder),
        },
    }


@pytest.mark.parametrize("first, second", [("vpp_user", "vpp_asset_assignment"), ("vpp_asset_assignment", "vpp_user")])
def test_the_later_modules_of_a_play_know_the_state_after_three_requests(school: Location, tmp_path: pathlib.Path, first: str, second: str) -> None:
    wish = wishes(tmp_path / "snapshots")
    for module in (first, second):
        assert not school.ok(module, **wish[module])["changed"]
    asked(school)

    for module in (first, second, second):
        assert not school.ok(module, **wish[module])["changed"]
        assert len(asked(school)) <= 3, module


def test_the_second_module_call_of_a_play_knows_what_the_first_one_read_and_wrote(school: Location, tmp_path: pathlib.Path) -> None:
    wish = wishes(tmp_path / "snapshots")["vpp_asset_assignment"]
    school.simulator.unassign([{"adamId": APP, "clientUserId": PEOPLE[7]}, {"adamId": OTHER_APP, "clientUserId": PEOPLE[8]}])
    assert school.ok("vpp_asset_assignment", **wish)["changed"]
    asked(school)

    assert not school.ok("vpp_asset_assignment", check=True, **wish)["changed"]

    assert len(asked(school)) <= 3


def test_nothing_secret_lies_in_the_folder(school: Location, tmp_path: pathlib.Path) -> None:
    folder = tmp_path / "snapshots"
    school.simulator.client_config(mdmInfo={"id": "id-1", "name": "us", "metadata": "m"}, notificationAuthToken="canary-notification-secret-77")
    codes = [user["inviteCode"] for user in school.simulator.state(parts=["users"])["users"] if "inviteCode" in user]
    assert len(codes) == len(PEOPLE)
    for module, wish in wishes(folder).items():
        school.ok(module, mdm_id="id-1", **wish)
    for module in ("vpp_user_info", "vpp_assignment_info", "vpp_asset_info", "vpp_client_config_info"):
        known = {"snapshot_dir": str(folder)}
        school.ok(module, **known)
    school.ok("vpp_user_info", return_invitations=True, snapshot_dir=str(folder))

    files = [gzip.decompress(path.read_bytes()).decode() for path in folder.iterdir()]

    assert any(PEOPLE[0] in text for text in files) and any(f"{PEOPLE[0]}@example.test" in text for text in files), "what is searched is what was kept"
    for secret in (TOKEN, INNER_TOKEN, "canary-notification-secret-77", *codes):
        assert not any(secret in text for text in files)
