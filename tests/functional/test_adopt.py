# Copyright (c) 2026, the mdmkit.apps_books authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A location is adopted, and applied as it was adopted: nothing changes."""

from __future__ import annotations

import json
import pathlib
import random
from typing import Any, Dict, List

import pytest
import yaml
from vpp_simulator.testing import SimulatorHandle, content_token

from .conftest import APP, BOOK, Playbooks, asset, seed
from .test_ownership import Completed, lines, outcome

FQCN = "mdmkit.apps_books."
DEMO_SEED = pathlib.Path(__file__).parents[1] / "demo" / "seed.yml"
PURGE = ["-e", json.dumps({"location_users_purge": True, "location_assignments_purge": "location"})]


class District:
    """Locations of the simulator, of which there are no files yet."""

    def __init__(self, playbooks: Playbooks, simulator: SimulatorHandle) -> None:
        self.playbooks = playbooks
        self.simulator = simulator
        self.folder = playbooks.folder / "locations"
        self.names: List[str] = []
        self.secrets: List[str] = []
        playbooks.environment["VPP_CONTENT_TOKEN"] = ""

    def fill(self, locations: List[Dict[str, Any]]) -> None:
        """:param locations: as in a seed, each with a name"""
        self.names = [location["name"] for location in locations]
        for number, location in enumerate(locations):
            token = content_token(token=f"canary-inner-token-of-{location['name']}")
            self.secrets += [token, f"canary-inner-token-of-{location['name']}"]
            self.playbooks.environment["VPP_CONTENT_TOKEN_" + location["name"].upper()] = token
            location.pop("content_token", None)
            location.update(uId=f"500{number}", tokens=[{"content_token": token}])
        self.simulator.reset({**seed(), "locations": locations})

    def run(self, playbook: str, *arguments: str, **environment: str) -> Completed:
        result = self.playbooks.run_file(FQCN + playbook, "-e", f"locations_path={self.folder}", *arguments, environment=environment)
        assert not [secret for secret in self.secrets if secret in result.stdout + result.stderr]
        return result

    def adopt(self, *arguments: str, **environment: str) -> Completed:
        """Nothing at Apple is changed by that."""
        result = self.run("adopt", "-e", "locations_only=" + ",".join(self.names), *arguments, **environment)
        assert self.simulator.writes() == []
        return result

    def files(self, name: str) -> Dict[str, str]:
        folder = self.folder / name
        return {str(path.relative_to(folder)): path.read_text(encoding="utf-8") for path in folder.rglob("*") if path.is_file()}

    def expect_no_change(self) -> None:
        """With every purge."""
        applied = self.run("apply", *PURGE)
        assert applied.returncode == 0, applied.stdout + applied.stderr
        assert "changed=0" in applied.stdout and self.simulator.writes() == [], applied.stdout
        for name in self.names:
            (title, *parts) = lines(applied, "Summary]", name)
            assert title.endswith(": as it should be") and all(part.endswith("nothing to do") for part in parts)


@pytest.fixture
def district(playbooks: Playbooks, simulator: SimulatorHandle) -> District:
    return District(playbooks, simulator)


@pytest.mark.compat
def test_the_demos_locations_are_adopted_and_then_applied_without_any_change(district: District) -> None:
    district.fill(yaml.safe_load(DEMO_SEED.read_text(encoding="utf-8"))["locations"])

    adopted = district.adopt()

    assert adopted.returncode == 0, adopted.stdout + adopted.stderr
    assert "files written into" in outcome(adopted, "springfield") and "files written into" in outcome(adopted, "shelbyville")
    for name in district.names:
        files = district.files(name)
        held = len(district.simulator.state(name, ["assignments"])["assignments"])
        assert held > 100 and len(files["assignments.yml"].splitlines()) < held / 3, "no list of pairs"
    assert district.run("validate").returncode == 0
    district.expect_no_change()
    before = {name: district.files(name) for name in district.names}
    again = district.adopt("--check")
    assert [outcome(again, name) for name in district.names] == [f"{district.folder / name} says just what is there" for name in district.names]
    assert {name: district.files(name) for name in district.names} == before


def school(name: str, number: int) -> Dict[str, Any]:
    """A location at random: classes and carts that hold the same, and people with selections of their own."""
    chance = random.Random(number)
    assets = [asset(str(1000000001 + place), 5000) for place in range(chance.randint(3, 12))]
    assets.append(asset("1000000050", 500, pricingParam="PLUS"))
    assets.append(asset(BOOK + "9", 500, productType="Book", deviceAssignable=False, revocable=False))
    users = [{"clientUserId": f"{name}-{place:03}", "status": "Registered", "email": f"{place}@example.test"} for place in range(chance.randint(0, 60))]
    held = set()
    for cart in range(chance.randint(1, 6)):
        apps = chance.sample(assets[:-1], chance.randint(1, len(assets) - 1))
        held.update((app["adamId"], app["pricingParam"], "serialNumber", f"C{cart}{place:03}") for app in apps for place in range(chance.randint(1, 40)))
    for user in users:
        apps = assets[:2] if int(user["clientUserId"][-3:]) % 3 else chance.sample(assets, 2)
        held.update((app["adamId"], app["pricingParam"], "clientUserId", user["clientUserId"]) for app in apps)
    assignments = [{"adamId": adam_id, "pricingParam": param, kind: target} for adam_id, param, kind, target in sorted(held)]
    users.append({"clientUserId": f"{name}-left", "status": "Retired"})
    return {"name": name, "assets": assets, "users": users, "assignments": assignments}


@pytest.mark.parametrize("first", [0, 4])
def test_locations_at_random_are_adopted_and_then_applied_without_any_change(district: District, first: int) -> None:
    district.fill([school(f"school{number}", number) for number in range(first, first + 4)])
    (district.folder).mkdir()
    (district.folder / "catalog.yml").write_text('number-garden: {adam_id: "1000000001", title: Number Garden}\n', encoding="utf-8")

    adopted = district.adopt()

    assert adopted.returncode == 0, adopted.stdout + adopted.stderr
    assert all("number-garden" in district.files(name)["assignments.yml"] for name in district.names)
    district.expect_no_change()


def test_a_folder_with_other_files_is_refused_and_the_others_go_on(district: District) -> None:
    district.fill([school("north", 1), school("south", 2)])
    (district.folder / "north").mkdir(parents=True)
    (district.folder / "north" / "users.csv").write_text("client_user_id\nu-1\n", encoding="utf-8")

    adopted = district.adopt()

    assert adopted.returncode == 2
    assert "has other files already (users.csv)" in outcome(adopted, "north") and "files written into" in outcome(adopted, "south")
    assert district.files("north") == {"users.csv": "client_user_id\nu-1\n"}
    forced = district.adopt("-e", "location_adopt_force=true")
    assert forced.returncode == 0 and outcome(forced, "south").endswith("says just what is there")
    district.expect_no_change()


def test_in_check_mode_the_files_are_only_named(district: District) -> None:
    district.fill([school("north", 3)])

    adopted = district.adopt("--check")

    assert adopted.returncode == 0, adopted.stdout
    assert "files would be written into" in outcome(adopted, "north") and not district.folder.exists()
    told = lines(adopted, "Tell what the files say", "north")
    assert any(line.startswith("file assignments.yml: ") for line in told) and "in no file: " in told[-1]


def test_hosts_of_an_inventory_are_locations_too(district: District) -> None:
    district.fill([school("north", 5), school("south", 6)])
    tokens = {name: district.playbooks.environment.pop("VPP_CONTENT_TOKEN_" + name.upper()) for name in district.names}
    hosts: Dict[str, Any] = {}
    for name, token in tokens.items():
        (district.playbooks.folder / f"{name}.vpptoken").write_text(token, encoding="utf-8")
        hosts[name] = {"location_content_token_file": f"{name}.vpptoken"}
    hosts["south"]["location_path"] = str(district.folder / "sued")
    inventory = district.playbooks.folder / "inventory.yml"
    inventory.write_text(yaml.safe_dump({"locations": {"hosts": hosts}}), encoding="utf-8")

    adopted = district.run("adopt", "-i", str(inventory))

    assert adopted.returncode == 0, adopted.stdout + adopted.stderr
    assert sorted(path.name for path in district.folder.iterdir()) == ["north", "sued"]


@pytest.mark.parametrize(
    "arguments, told",
    [
        ([], "locations_only is missing: name the locations"),
        (["-e", "locations_only=../north"], "locations_only: ../north is not a name for a folder"),
        (["-e", "locations_only=north", "-e", "location_adopt_froce=true"], "unknown variable location_adopt_froce"),
        (["-e", "locations_only=east"], "there is no content token for east: put the text of its .vpptoken file into the environment variable"),
    ],
)
def test_what_is_wrong_with_the_variables_is_told_before_anything_is_read(district: District, arguments: List[str], told: str) -> None:
    district.fill([school("north", 7)])
    district.playbooks.environment.pop("VPP_CONTENT_TOKEN")

    adopted = district.run("adopt", *arguments)

    assert adopted.returncode == 2 and told in adopted.stdout.replace("\n", " "), adopted.stdout
    assert district.simulator.requests() == [] and not district.folder.exists()


def test_a_name_that_no_file_can_say_is_told_with_what_purge_would_do(district: District) -> None:
    location = school("north", 8)
    location["users"].append({"clientUserId": "north-space ", "status": "Registered"})
    location["assignments"].append({"adamId": APP, "pricingParam": "STDQ", "clientUserId": "north-space "})
    district.fill([location])

    adopted = district.adopt()

    told = lines(adopted, "Tell what the files say", "north")
    assert "in no file: 1 x user; the client_user_id cannot be written into a file (north-space ); with purge it would be taken away" in told
    assert any(line.startswith("in no file: 1 x assignment; ") and line.endswith("with purge it would be taken away") for line in told)
    assert outcome(adopted, "north").endswith("not all that is there can be written, see above")
    assert "these would take it away" in district.files("north")["location.yml"]
    applied = district.run("apply")
    assert applied.returncode == 0 and district.simulator.writes() == []
