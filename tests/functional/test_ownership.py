# Copyright (c) 2026, the mdmkit.apps_books authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whose a location is, in real runs of the playbooks: mixed-up tokens, taking over, letting go."""

from __future__ import annotations

import json
import pathlib
import shlex
import subprocess
from typing import Any, Dict, Iterator, List, Optional

import pytest
import yaml
from vpp_simulator.testing import NotificationReceiver, SimulatorHandle, content_token, notification_receiver

from .conftest import APP, BOOK, FREE_APP, Playbooks, asset, seed

FQCN = "mdmkit.apps_books."
OURS = {"id": "ours", "name": "Our Service", "metadata": "https://git.example.test"}
THEIRS = {"id": "theirs", "name": "Other MDM", "metadata": 'ask "Bo" {{ 1 }}'}
THIRD = {"id": "third", "name": "Third MDM", "metadata": "x"}
SECRET = "canary-old-notification-secret-55a1"
NEW_SECRET = "canary-new-notification-secret-66b2"

Completed = subprocess.CompletedProcess[str]


class Repository:
    """Locations of the simulator, each with its folder and token, and the playbooks that work on them."""

    def __init__(self, playbooks: Playbooks, simulator: SimulatorHandle) -> None:
        self.playbooks = playbooks
        self.simulator = simulator
        self.folder = playbooks.folder / "locations"
        self.names: List[str] = []
        self.secrets: List[str] = [SECRET, NEW_SECRET]
        self._seed: Dict[str, Any] = {**seed(behaviour={"notification_http": True}), "locations": []}
        playbooks.environment["VPP_CONTENT_TOKEN"] = ""

    def add(self, name: str, settings: Optional[Dict[str, Any]] = None, token_of: Optional[str] = None, read_only: bool = False, **members: Any) -> None:
        """A location that wants one user; with ``token_of`` its token opens the location of that other name."""
        self.names.append(name)
        folder = self.folder / name
        folder.mkdir(parents=True)
        (folder / "users.csv").write_text("client_user_id\nu-new\n", encoding="utf-8")
        (folder / "client_config.yml").write_text(yaml.safe_dump({"mdm_info": OURS}), encoding="utf-8")
        if settings is not None:
            (folder / "location.yml").write_text(yaml.safe_dump(settings), encoding="utf-8")
        token = content_token(token=f"canary-inner-token-of-{name}")
        self.secrets += [token, f"canary-inner-token-of-{name}"]
        self.playbooks.environment["VPP_CONTENT_TOKEN_" + name.upper()] = token
        if token_of is None:
            number = len(self._seed["locations"]) + 1
            self._seed["locations"].append({"name": name, "uId": f"400{number}", "tokens": [{"content_token": token, "read_only": read_only}], **members})
        else:
            (other,) = (entry for entry in self._seed["locations"] if entry["name"] == token_of)
            other["tokens"].append({"content_token": token})
        self.simulator.reset(self._seed)

    def run(self, playbook: str, *arguments: str, **environment: str) -> Completed:
        """Run a playbook of the collection on all locations; nothing of what it prints may be secret."""
        result = self.playbooks.run_file(FQCN + playbook, "-e", f"locations_path={self.folder}", *arguments, environment=environment)
        self.check_secrets(result)
        return result

    def check_secrets(self, result: Completed) -> None:
        assert not [secret for secret in self.secrets if secret in result.stdout + result.stderr]

    def written(self) -> Dict[str, List[str]]:
        """The paths of the writes of each location, since this was last asked."""
        paths: Dict[str, List[str]] = {}
        for entry in self.simulator.writes():
            paths.setdefault(entry["location"], []).append(entry["path"])
        self.simulator.clear_requests()
        return paths

    def holder(self, name: str) -> Any:
        return self.simulator.state(name, ["assets"])["mdmInfo"]


@pytest.fixture
def repository(playbooks: Playbooks, simulator: SimulatorHandle) -> Repository:
    return Repository(playbooks, simulator)


@pytest.fixture
def receiver(simulator: SimulatorHandle) -> Iterator[NotificationReceiver]:
    with notification_receiver() as listening:
        yield listening


def lines(result: Completed, task: str, host: str) -> List[str]:
    """The lines that a task shows of a host."""
    text = result.stdout.split(f"{task}", 1)[1].split("\nTASK [", 1)[0].split("\nPLAY RECAP", 1)[0].split(f"ok: [{host}] => ", 1)[1]
    return json.JSONDecoder().raw_decode(text)[0]["msg"]


def outcome(result: Completed, name: str) -> str:
    """What the last task of a playbook says of a location, all in one line."""
    host = result.stdout.split("TASK [Name the locations", 1)[1].split("ok: [", 1)[1].split("]", 1)[0]
    return " / ".join(line.removeprefix(name + ": ") for line in lines(result, "TASK [Name the locations", host) if line.startswith(name + ": "))


# Tokens that were mixed up


def test_two_tokens_of_one_location_are_refused_before_any_write_and_the_others_go_on(repository: Repository) -> None:
    repository.add("north")
    repository.add("south", token_of="north")
    repository.add("west")
    result = repository.run("apply")

    assert result.returncode == 2
    assert repository.written() == {"west": ["/client/config", "/users/create"]}
    for one, other in (("north", "south"), ("south", "north")):
        told = outcome(result, one)
        assert told.startswith("FAILED in: Check that it is the right one / ")
        assert f"{one} and {other} have content tokens of the same library (uid 4001)" in told
    assert outcome(result, "west") == "changed"


PLAY = [
    {
        "name": "Apply with the role alone",
        "hosts": "locations",
        "gather_facts": False,
        "connection": "local",
        "roles": [{"role": FQCN + "location", "vars": {"location_path": "{{ playbook_dir }}/locations/{{ inventory_hostname }}"}}],
    }
]


def run_role(repository: Repository, *arguments: str, **play: Any) -> Completed:
    """The role in a play of the user's own, which catches no failures, with an inventory."""
    folder = repository.playbooks.folder
    (folder / "inventory.yml").write_text(yaml.safe_dump({"locations": {"hosts": dict.fromkeys(repository.names)}}, sort_keys=False), encoding="utf-8")
    (folder / "play.yml").write_text(yaml.safe_dump([{**PLAY[0], **play}]), encoding="utf-8")
    result = repository.playbooks.run_file("play.yml", "-i", "inventory.yml", *arguments)
    repository.check_secrets(result)
    return result


def test_they_are_refused_in_a_play_that_catches_no_failures_too(repository: Repository) -> None:
    """One host after the other finds out, and the first one has left the play by the time the last does."""
    repository.add("first")
    repository.add("middle")
    repository.add("last", token_of="first")
    result = run_role(repository, "--forks", "1")

    assert result.returncode == 2
    assert repository.written() == {"middle": ["/client/config", "/users/create"]}
    assert "first and last have content tokens" in result.stdout and "last and first have content tokens" in result.stdout


def test_with_batches_it_is_compared_with_those_before(repository: Repository) -> None:
    repository.add("north")
    repository.add("south", token_of="north")
    result = run_role(repository, serial=1, max_fail_percentage=100)

    assert result.returncode == 2
    assert repository.written() == {"north": ["/client/config", "/users/create"]}
    assert "south and north have content tokens of the same library (uid 4001)" in result.stdout


def test_a_token_of_a_location_with_another_name_or_number_is_refused(repository: Repository, temporary_folder: pathlib.Path) -> None:
    repository.add("north", {"expected_location": " north  ", "lock_timeout": 5})
    repository.add("south", {"expected_location": "South School"})
    repository.add("west", {"uid": "77"})
    repository.add("east", {"expected_location": ["north"]})
    result = repository.run("apply")

    assert result.returncode == 2
    assert repository.written() == {"north": ["/client/config", "/users/create"]}
    assert "opens the location south (uid 4002), but south is said to be South School; nothing was written" in outcome(result, "south")
    assert "opens the library with uid 4003 (west), but west is said to be uid 77; nothing was written" in outcome(result, "west")
    assert 'expected_location: ["north"] is not text in quotes' in outcome(result, "east")
    assert outcome(result, "north") == "changed"
    # The lock is where other tasks look for it, and whoever is refused leaves none.
    (locks,) = temporary_folder.glob("mdmkit.apps_books-*")
    assert [path.name for path in locks.iterdir()] == ["location-4001.lock"]


# Taking over


def add_held(repository: Repository, name: str, holder: Optional[Dict[str, str]], **members: Any) -> None:
    repository.add(name, mdmInfo=holder, **members)


def test_takeover_shows_what_is_there_and_writes_nothing_in_check_mode(repository: Repository) -> None:
    add_held(
        repository,
        "north",
        THEIRS,
        notificationUrl="https://old.example.test/apple",
        notificationAuthToken=SECRET,
        notificationTypes=["ASSET_COUNT", "USER_MANAGEMENT"],
        assets=[asset(f"200000000{number}", 10) for number in range(6)] + [asset(APP, 20), asset(BOOK, 5), asset(FREE_APP, 2147483647)],
        users=[
            {"clientUserId": "u-1", "status": "Associated"},
            {"clientUserId": "u-2", "status": "Registered"},
            {"clientUserId": "u-3", "status": "Registered"},
            {"clientUserId": "u-4", "status": "Retired"},
        ],
        assignments=[
            {"adamId": APP, "pricingParam": "STDQ", "clientUserId": "u-1"},
            {"adamId": APP, "pricingParam": "STDQ", "serialNumber": "D1"},
            {"adamId": FREE_APP, "pricingParam": "STDQ", "serialNumber": "D1"},
        ],
    )
    add_held(repository, "south", None)
    result = repository.run("takeover", "-e", "takeover_from=theirs", "--check", "-vvvv", "--diff")

    assert result.returncode == 0, result.stdout + result.stderr
    north = lines(result, "Show what is there]", "north")
    assert north[-1].startswith("content token: expires 20")
    assert north[:-1] == [
        "north: north (uid 4001)",
        'held by: "theirs", name "Other MDM", metadata "ask \\"Bo\\" {{ 1 }}"',
        'notifications: ASSET_COUNT, USER_MANAGEMENT, to "https://old.example.test/apple"',
        "users: 1 Associated, 2 Registered, 1 Retired",
        "assets: 9, with 85 licences, of which 83 are free; 1 of them unlimited",
        f"asset {APP} STDQ: 2 of 20 assigned",
        f"asset {FREE_APP} STDQ: 1 of unlimited assigned",
        f"asset {BOOK} STDQ: 0 of 5 assigned",
        "asset 2000000000 STDQ: 0 of 10 assigned",
        "asset 2000000001 STDQ: 0 of 10 assigned",
        "asset ...: and 4 more",
        "assignments: 3",
    ]
    south = lines(result, "Show what is there]", "south")
    assert south[1:5] == ["held by: nobody", "notifications: none, no URL is stored", "users: none", "assets: 0, with 0 licences, of which 0 are free"]
    assert outcome(result, "north") == "only shown; it is held by Other MDM (id theirs). To take it over: -e takeover_from=theirs, without --check"
    assert outcome(result, "south") == "nobody holds it, so there is nobody to take it from; the playbook apply claims it"
    assert repository.written() == {}


def test_takeover_takes_from_the_one_who_was_named_and_apply_works_afterwards(repository: Repository) -> None:
    add_held(repository, "held", THEIRS)
    add_held(repository, "other", THIRD)
    add_held(repository, "free", None)
    add_held(repository, "mine", {**OURS, "name": "An older name"})
    taken = repository.run("takeover", "-e", "takeover_from=theirs")
    assert taken.returncode == 2
    assert repository.written() == {"held": ["/client/config"]} and repository.holder("held") == OURS
    assert outcome(taken, "held") == "taken over from Other MDM (id theirs); it is ours now (id ours)"
    assert "other is held by Third MDM (id third), not by theirs; nothing was written" in outcome(taken, "other")
    assert "nobody holds free, so it cannot be taken from theirs" in outcome(taken, "free")
    assert outcome(taken, "mine") == "it is ours already (id ours)"

    again = repository.run("takeover", "-e", "takeover_from=theirs", "-e", "locations_only=held,mine")
    assert again.returncode == 0 and "changed=0" in again.stdout and outcome(again, "held") == "it is ours already (id ours)"
    assert repository.written() == {}

    applied = repository.run("apply", "-e", "locations_only=held")
    assert applied.returncode == 0, applied.stdout + applied.stderr
    assert repository.written() == {"held": ["/users/create"]}


def test_takeover_writes_nothing_by_itself_and_asks_who_takes_over_and_for_the_right_token(repository: Repository) -> None:
    add_held(repository, "north", THEIRS)
    add_held(repository, "south", THEIRS)
    (repository.folder / "south" / "client_config.yml").unlink()
    shown = repository.run("takeover")
    assert shown.returncode == 0 and repository.written() == {}
    assert outcome(shown, "north") == "only shown; it is held by Other MDM (id theirs). To take it over: -e takeover_from=theirs"
    assert outcome(shown, "south").endswith("To take it over, write your mdm_info into client_config.yml first")

    (repository.folder / "north" / "location.yml").write_text('uid: "77"\n', encoding="utf-8")
    refused = repository.run("takeover", "-e", "takeover_from=theirs")
    assert refused.returncode == 2 and repository.written() == {}
    assert "north is said to be uid 77" in outcome(refused, "north")
    assert "there is no mdm_info, so it does not say who takes south over" in outcome(refused, "south")


def test_the_way_to_take_over_can_be_typed_as_it_is_printed(repository: Repository) -> None:
    add_held(repository, "north", {**THEIRS, "id": "Old MDM's"})
    add_held(repository, "south", {**THEIRS, "id": "{{ lookup('pipe', 'id') }}"})
    shown = repository.run("takeover")
    option = outcome(shown, "north").split("To take it over: ")[1]
    taken = repository.run("takeover", "-e", "locations_only=north", *shlex.split(option))

    assert taken.returncode == 0, taken.stdout + taken.stderr
    assert repository.written() == {"north": ["/client/config"]}
    assert outcome(shown, "south").endswith('To take it over: takeover_from in a file of variables, as "!unsafe" since it looks like a template')


# Letting go


def test_release_writes_the_neutral_configuration_where_the_location_is_ours(repository: Repository, receiver: NotificationReceiver) -> None:
    add_held(repository, "mine", OURS)
    add_held(repository, "other", THEIRS)
    add_held(repository, "free", None)
    add_held(repository, "gone", {"id": "released", "name": "Released long ago", "metadata": "x"})
    checked = repository.run("release", "-e", "release_id=released", "--check")
    assert checked.returncode == 0, checked.stdout + checked.stderr
    assert outcome(checked, "mine") == "only shown; it is ours. To release it: -e release_id=released, without --check"
    assert outcome(checked, "other") == "only shown; it is held by Other MDM (id theirs), so it is not ours to release"
    assert repository.written() == {} and receiver.received == []

    told = {"release_name": "Springfield IT", "release_metadata": "let go in 2026", "release_notification_url": receiver.url}
    arguments = ["-e", "release_id=released", "-e", json.dumps(told), "-vvvv", "--diff"]
    released = repository.run("release", *arguments, VPP_RELEASE_NOTIFICATION_AUTH_TOKEN=NEW_SECRET)
    assert released.returncode == 2
    assert repository.written() == {"mine": ["/client/config"]}
    assert repository.holder("mine") == {"id": "released", "name": "Springfield IT", "metadata": "let go in 2026"}
    assert [message["headers"]["Authorization"] for message in receiver.received] == [f"Bearer {NEW_SECRET}"]
    assert outcome(released, "mine") == f"released; it is held by Springfield IT (id released) now; notifications go to {receiver.url}"
    assert "other is held by Other MDM (id theirs), not by ours, so it is not ours to release; nothing was written" in outcome(released, "other")
    assert "nobody holds free, so there is nothing to release" in outcome(released, "free")
    assert outcome(released, "gone") == "it is released already (id released)"

    # Nothing is written any more, until it is taken back.
    applied = repository.run("apply", "-e", "locations_only=mine")
    assert applied.returncode == 2 and repository.written() == {}
    assert "This location is managed by Springfield IT (id released), not by ours" in outcome(applied, "mine")
    taken = repository.run("takeover", "-e", "locations_only=mine", "-e", "takeover_from=released")
    assert taken.returncode == 0 and repository.holder("mine") == OURS
    assert outcome(taken, "mine").endswith(f"; notifications still go to {receiver.url}")


def test_release_leaves_a_url_that_is_up(repository: Repository, receiver: NotificationReceiver) -> None:
    """Apple asks the stored URL before it stores anything, and stores nothing where that is not answered."""
    stored = {"notificationUrl": receiver.url, "notificationAuthToken": SECRET, "notificationTypes": ["ASSET_COUNT"]}
    add_held(repository, "mine", OURS, **stored)
    receiver.answer = 500
    refused = repository.run("release", "-e", "release_id=released")
    assert refused.returncode == 2 and "9728" in outcome(refused, "mine") and repository.holder("mine") == OURS

    receiver.answer = 200
    released = repository.run("release", "-e", "release_id=released", "-e", json.dumps({"release_notification_types": ["USER_MANAGEMENT"]}))
    assert released.returncode == 0, released.stdout + released.stderr
    assert repository.holder("mine") == {"id": "released", "name": "Released by Our Service", "metadata": "formerly ours"}
    state = repository.simulator.state("mine", ["assets"])
    assert (state["notificationUrl"], state["notificationTypes"]) == (receiver.url, ["USER_MANAGEMENT"])


def test_release_writes_nothing_by_itself_and_has_to_know_who_we_are_and_a_neutral_id(repository: Repository) -> None:
    add_held(repository, "mine", OURS)
    add_held(repository, "unsaid", THEIRS)
    (repository.folder / "unsaid" / "client_config.yml").unlink()
    shown = repository.run("release")
    assert shown.returncode == 0 and repository.written() == {}
    assert outcome(shown, "mine") == "only shown; it is ours. To release it: -e release_id=released"

    refused = repository.run("release", "-e", "release_id=ours")
    assert refused.returncode == 2 and repository.written() == {}
    assert "release_id is ours, which is our own id" in outcome(refused, "mine")
    assert "it is not said who we are" in outcome(refused, "unsaid")


@pytest.mark.parametrize("playbook, variable", [("takeover", "takeover_form"), ("release", "release_naem")])
def test_a_misspelt_variable_is_named_and_nothing_is_sent(repository: Repository, playbook: str, variable: str) -> None:
    add_held(repository, "mine", OURS)
    result = repository.run(playbook, "-e", f"{variable}=theirs")
    assert result.returncode == 2 and f"unknown variable {variable} (known: " in result.stdout
    assert repository.simulator.requests() == []
