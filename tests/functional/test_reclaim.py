# Copyright (c) 2026, the mdmkit.apps_books authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is taken back from everybody who is not there any more, in real runs of the playbook."""

from __future__ import annotations

import csv
import json
from typing import Any, Dict, List, Set, Tuple

import pytest
import yaml
from vpp_simulator.testing import SimulatorHandle

from .conftest import APP, BOOK, OTHER_APP, TOKEN, Playbooks, asset, seed
from .test_ownership import Completed, lines, outcome

DEVICES = [f"D{number:02}" for number in range(30)]
HELD = (
    [{"adamId": APP, "pricingParam": "STDQ", "serialNumber": device} for device in DEVICES]
    + [{"adamId": OTHER_APP, "pricingParam": "PLUS", "serialNumber": device} for device in DEVICES[:2]]
    + [{"adamId": adam_id, "pricingParam": "STDQ", "clientUserId": user} for adam_id in (APP, BOOK) for user in ("u-1", "u-2")]
)


class School:
    """A location with thirty devices, of which the last are not there any more."""

    def __init__(self, playbooks: Playbooks, simulator: SimulatorHandle) -> None:
        self.playbooks = playbooks
        self.simulator = simulator
        self.folder = playbooks.folder
        book = asset(BOOK, 10, productType="Book", deviceAssignable=False, revocable=False)
        simulator.reset(seed(assets=[asset(APP, 99), asset(OTHER_APP, 9, pricingParam="PLUS"), book], assignments=HELD))
        (self.folder / "locations" / "springfield").mkdir(parents=True)
        (self.folder / "locations" / "springfield" / "users.csv").write_text("client_user_id\nu-1\n", encoding="utf-8")
        playbooks.environment.update(VPP_CONTENT_TOKEN="", VPP_CONTENT_TOKEN_SPRINGFIELD=TOKEN)

    def list(self, name: str, devices: List[str]) -> str:
        path = self.folder / name
        path.write_text("serial_number;model\n" + "".join(f"{device};iPad\n" for device in devices), encoding="utf-8")
        return name

    def reclaim(self, *arguments: str, **variables: Any) -> Completed:
        extra = {"locations_path": "locations", **{"location_reclaim_" + name: value for name, value in variables.items()}}
        result = self.playbooks.run_file("mdmkit.apps_books.reclaim", "-e", json.dumps(extra), *arguments)
        assert TOKEN not in result.stdout + result.stderr
        return result

    def pairs(self) -> Set[Tuple[str, str]]:
        held = self.simulator.state(parts=["assignments"])["assignments"]
        return {(entry["adamId"], entry.get("serialNumber") or entry["clientUserId"]) for entry in held}

    def revoked(self) -> List[Dict[str, Any]]:
        """The bodies of all writes, which are revocations."""
        writes = self.simulator.writes()
        assert {write["path"] for write in writes} <= {"/assets/revoke"}
        return [write["body"] for write in writes]


@pytest.fixture
def school(playbooks: Playbooks, simulator: SimulatorHandle) -> School:
    return School(playbooks, simulator)


@pytest.mark.compat
def test_it_is_only_shown_until_it_is_confirmed(school: School) -> None:
    active = school.list("active.csv", DEVICES[2:])

    shown = school.reclaim(devices_file=active, dest="plan.csv")

    assert shown.returncode == 0, shown.stdout + shown.stderr
    assert school.revoked() == []
    assert outcome(shown, "springfield") == "only shown; 4 to be taken back. To do it: -e location_reclaim_confirm=true"
    assert lines(shown, "Tell who loses what", "springfield") == [
        "springfield (uid 2049025000431439): 4 to be taken back from 2 users and devices",
        f"device D00: {APP}, {OTHER_APP} PLUS",
        f"device D01: {APP}, {OTHER_APP} PLUS",
    ]
    with (school.folder / "plan.csv").open(encoding="utf-8") as stream:
        assert [row["serial_number"] for row in csv.DictReader(stream)] == ["D00", "D01"] * 2

    checked = school.reclaim("--check", devices_file=active, confirm=True)
    assert school.revoked() == [] and outcome(checked, "springfield").endswith("location_reclaim_confirm=true, without --check")

    before = school.pairs()
    done = school.reclaim(devices_file=active, confirm=True)
    assert done.returncode == 0, done.stdout + done.stderr
    assert school.revoked() == [{"serialNumbers": ["D00", "D01"]}]
    assert outcome(done, "springfield") == "4 taken back"
    assert before - school.pairs() == {(adam_id, device) for adam_id in (APP, OTHER_APP) for device in ("D00", "D01")}
    school.simulator.clear_requests()
    again = school.reclaim(devices_file=active, confirm=True)
    assert outcome(again, "springfield") == "nothing to take back" and school.revoked() == [] and "changed=0" in again.stdout


def test_an_inventory_and_lists_together_say_who_is_there(school: School) -> None:
    hosts = {f"ipad-{device}": {"serial_number": device} for device in DEVICES[:20]}
    inventory: Dict[str, Any] = {"locations": {"hosts": {"springfield": None}}, "ipads": {"hosts": hosts}}
    (school.folder / "inventory.yml").write_text(yaml.safe_dump(inventory), encoding="utf-8")
    (school.folder / "people.txt").write_text("u-2\n", encoding="utf-8")

    done = school.reclaim(
        "-i",
        "inventory.yml",
        inventory_group="ipads",
        devices_file=school.list("more.csv", DEVICES[20:27]),
        users_file="people.txt",
        allow_devices=["D29"],
        confirm=True,
    )

    assert done.returncode == 0, done.stdout + done.stderr
    assert school.revoked() == [{"clientUserIds": ["u-1"], "serialNumbers": ["D27", "D28"]}]
    assert (BOOK, "u-1") in school.pairs()
    assert "1 cannot be taken back and stay" in lines(done, "Tell who loses what", "springfield")


def test_what_would_take_too_much_or_is_not_said_is_refused_with_the_reason(school: School) -> None:
    hosts = {"ipad-1": {"serial_number": "D00"}, "ipad-2": {}, "ipad-3": {"serial_number": 17}}
    inventory = {"locations": {"hosts": {"springfield": None}}, "ipads": {"hosts": hosts}}
    (school.folder / "inventory.yml").write_text(yaml.safe_dump(inventory), encoding="utf-8")
    for arguments, variables, told in (
        ((), {}, ["it is not said who keeps what there is"]),
        ((), {"allow_devices": ["D00"]}, ["it is not said who keeps what there is"]),
        ((), {"devices_file": school.list("half.csv", DEVICES[:15])}, ["15 of 32 assignments of devices would be removed, but max_removals is 20%"]),
        ((), {"devices_file": school.list("none.csv", [])}, ["everybody_but lists no devices"]),
        ((), {"devices_fiel": "active.csv"}, ["unknown variable location_reclaim_devices_fiel"]),
        (("-i", "inventory.yml"), {"inventory_group": "ipad"}, ["Ansible's inventory has no group ipad"]),
        (
            ("-i", "inventory.yml", "-e", "location_inventory_partial=yes"),
            {"inventory_group": "ipads"},
            ["devices of the group ipads may be missing, since this run sees only a part"],
        ),
        (
            ("-i", "inventory.yml"),
            {"inventory_group": "ipads"},
            ["the host ipad-2 of the group ipads has no serial number in its variable serial_number", "the host ipad-3 of the group ipads"],
        ),
    ):
        refused = school.reclaim(*arguments, confirm=True, **variables)
        assert refused.returncode == 2, (variables, refused.stdout)
        assert all(text in outcome(refused, "springfield") for text in told), outcome(refused, "springfield")
    assert school.revoked() == []


def test_a_location_that_is_not_ours_is_left_alone(school: School) -> None:
    school.simulator.client_config(mdmInfo={"id": "theirs", "name": "Other MDM", "metadata": "x"})
    (school.folder / "locations" / "springfield" / "location.yml").write_text("mdm_id: ours\n", encoding="utf-8")

    refused = school.reclaim(devices_file=school.list("active.csv", DEVICES[2:]), confirm=True)

    assert refused.returncode == 2 and "Other MDM" in outcome(refused, "springfield") and school.revoked() == []
