# Copyright (c) 2026, the mdmkit.apps_books authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Plays histories against the simulator, and holds what the client says against what the simulator says is there."""

from __future__ import annotations

import contextlib
import dataclasses
import gzip
import itertools
import shutil
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

from ansible_collections.mdmkit.apps_books.plugins.module_utils._api.errors import ChangedWhileReading
from ansible_collections.mdmkit.apps_books.plugins.module_utils._model import Targets
from ansible_collections.mdmkit.apps_books.plugins.module_utils._state.assignments import PresentAssignments, Question, read_assignments
from ansible_collections.mdmkit.apps_books.plugins.module_utils._state.reading import ALL_PAGES, SNAPSHOT
from ansible_collections.mdmkit.apps_books.plugins.module_utils._state.reading import Reading as How
from ansible_collections.mdmkit.apps_books.plugins.module_utils._state.snapshot import KnownAssignments
from ansible_collections.mdmkit.apps_books.plugins.module_utils._state.snapshot_folder import Snapshots
from ansible_collections.mdmkit.apps_books.plugins.module_utils._state.users import ActiveUsers
from ansible_collections.mdmkit.apps_books.tests.unit.support.connection import TOKEN, connect
from ansible_collections.mdmkit.apps_books.tests.unit.support.world import as_pairs
from vpp_simulator.testing import ApiClient, ControlError, SimulatorHandle

from .history import ASSETS, BOOKS, FOREIGN, NEVER_RESTS, USERS, Change, Damage, History, Reading
from .judge import Truth, assignments_fault, truth_of_state, users_fault
from .wire import tapped

LOCATION = "springfield"
UID = "2049025000431439"
_PARTS = ["assets", "users", "assignments"]


class Killed(BaseException):
    """The process that reads is no more."""


class Process:
    """A process of the client, and the folder that it shares with those before and after it.

    :ivar warnings: what it said of the folder
    """

    def __init__(self, base_url: str, folder: Path, page_size: int | None = None) -> None:
        """:param page_size: what it takes for the usual one; in a world as small as ours it would otherwise take one page for all, and cheap"""
        self.warnings: list[str] = []
        self._connection = connect(base_url)
        self._snapshots = Snapshots(str(folder), base_url, self.warnings.append)
        self._known: KnownAssignments | None = None
        if page_size is not None:
            self._connection.service.page_sizes.update(assignments=page_size, users=page_size)

    def close(self) -> None:
        self._connection.transport.close()

    def assignments(self, question: Question) -> PresentAssignments:
        service = self._connection.service
        present = read_assignments(service, {record.asset: record for record in service.assets()}, question, self._snapshots)
        self._known = present.known
        return present

    def brought_up_to_date(self, users: Iterable[str], devices: Iterable[str]) -> PresentAssignments:
        """The assignments that are known from the reading before, or where they cannot be brought up to date, read."""
        if self._known is not None and self._known.refresh(users, devices):
            holdings = self._known.holdings
            return PresentAssignments(holdings.active, holdings.active_holders(), holdings.leftovers, How("assignments", SNAPSHOT, 0, {}), self._known)
        return self.assignments(Question())

    def users(self, client_user_ids: Iterable[str] | None) -> ActiveUsers:
        return ActiveUsers(self._connection.service, self._snapshots).read(None if client_user_ids is None else sorted(client_user_ids))


@dataclasses.dataclass
class Report:
    """What came of a history.

    :ivar wrong: what must not have happened, a line each
    :ivar readings: how many ended with an answer
    :ivar gave_up: how many ended with the honest error that the location never rested
    :ivar killed: how many did not come to their end
    :ivar from_snapshot: how many answers came from the folder, brought up to date
    :ivar followed_up: how many pages never rested, so that they were followed up in the end as Apple asks; what went meanwhile may still be in such
        an answer, and it is not judged but must never be kept
    :ivar disturbed: how many had changes meanwhile and ended with an answer all the same
    :ivar log: what happened, for people
    """

    wrong: list[str] = dataclasses.field(default_factory=list)
    readings: int = 0
    gave_up: int = 0
    killed: int = 0
    from_snapshot: int = 0
    followed_up: int = 0
    disturbed: int = 0
    requests: int = 0
    log: list[str] = dataclasses.field(default_factory=list)


def play(simulator: SimulatorHandle, folder: Path, history: History) -> Report:
    """Play a history from its beginning, in an empty folder."""
    _empty(folder)
    player = _Player(simulator, folder, history)
    try:
        for step in history.steps:
            if isinstance(step, Reading):
                player.read(step)
            else:
                player.change(step)
    finally:
        player.close()
    return player.report


class _Player:
    def __init__(self, simulator: SimulatorHandle, folder: Path, history: History) -> None:
        self.report = Report()
        self._simulator = simulator
        self._folder = folder
        self._api: ApiClient = simulator.api(TOKEN)
        self._behaviour = {"max_requests_per_second": 0, "event_seconds": 0, **history.behaviour}
        self._numbers = itertools.count()
        self._older: list[dict[str, bytes]] = []
        self._foreign: list[bytes] = []
        if any(isinstance(step, Reading) and step.damage and step.damage.kind == FOREIGN for step in history.steps):
            self._foreign = self._files_of_another_location(_first_location(history))
        simulator.reset(self._seed(_first_location(history)))
        self._process = self._new_process()

    def close(self) -> None:
        self._process.close()

    def _seed(self, location: dict[str, Any]) -> dict[str, Any]:
        return {"seed": f"seed {next(self._numbers)}", "behaviour": self._behaviour, "locations": [{**location, "content_token": TOKEN}]}

    def _truth(self) -> Truth:
        return truth_of_state(self._simulator.state(parts=["assignments", "users"]))

    # What others do

    def change(self, change: Change) -> None:
        self.report.log.append(str(change))
        if change.kind == "another process reads":
            process, truth = self._new_process(), self._truth()
            self._judge(process, Reading("assignments"), [truth])
            self._judge(process, Reading("users"), [truth])
            process.close()
        elif change.kind == "forget versions":
            # The same location with identifiers of its own.
            self._simulator.reset(self._seed(self._simulator.state(parts=_PARTS)))
        else:
            with contextlib.suppress(ControlError):  # what cannot be done is not done
                _MEANINGS[change.kind](self, change)

    def _new_process(self) -> Process:
        return Process(self._simulator.base_url, self._folder, self._behaviour["page_size"])

    def _files_of_another_location(self, location: dict[str, Any]) -> list[bytes]:
        """What would be in the folder of another location that has the same assets and users."""
        self._simulator.reset(self._seed({**location, "uId": "1", "assignments": location["assignments"][::2]}))
        process = self._new_process()
        process.assignments(Question())
        process.users(None)
        process.close()
        files = list(_contents(self._folder).values())
        _empty(self._folder)
        return files

    def _post(self, path: str, body: dict[str, Any]) -> None:
        self._api.post(path, body)

    def associate(self, change: Change) -> None:
        self._post("/assets/associate", _assets_body(change))

    def disassociate(self, change: Change) -> None:
        self._post("/assets/disassociate", _assets_body(change))

    def revoke(self, change: Change) -> None:
        self._post("/assets/revoke", _targets_body(change))

    def create(self, change: Change) -> None:
        self._manage_users("create", change)

    def update(self, change: Change) -> None:
        self._manage_users("update", change)

    def retire(self, change: Change) -> None:
        self._manage_users("retire", change)

    def _manage_users(self, what: str, change: Change) -> None:
        email = {} if what == "retire" else {"email": f"{next(self._numbers)}@example.test"}
        self._post(f"/users/{what}", {"users": [{"clientUserId": name, **email} for name in change.users or USERS[: change.count]]})

    def create_again(self, change: Change) -> None:
        self.retire(change)
        self.create(change)

    def create_again_with_the_same(self, change: Change) -> None:
        held = [record for record in self._held() if record.get("clientUserId") in change.users]
        self.create_again(change)
        self._simulator.assign(held)

    def sign_in(self, change: Change) -> None:
        self._simulator.users(associate=list(change.users))

    def swap(self, change: Change) -> None:
        """One gets what another had, and the counts stay as they are."""
        held = self._held()
        for asset in change.assets:
            holders = [record for record in held if (record["adamId"], record["pricingParam"]) == asset]
            others = [pair for pair in _pairs(Change("", (asset,), USERS, () if asset in BOOKS else ("D1", "D2", "D3"))) if pair not in holders]
            if holders and others:
                self._simulator.unassign([holders[change.count % len(holders)]])
                self._simulator.assign([others[change.count % len(others)]])

    def _held(self) -> list[dict[str, str]]:
        """What active users and devices hold, as the service writes it."""
        return [record for record in self._simulator.state(parts=["assignments"])["assignments"] if "userRecord" not in record]

    def assign_by_hand(self, change: Change) -> None:
        self._simulator.assign(_pairs(change))

    def unassign_by_hand(self, change: Change) -> None:
        self._simulator.unassign(_pairs(change))

    def purchase(self, change: Change) -> None:
        for asset in change.assets:
            self._simulator.purchase(asset.adam_id, change.count - 2 or 2, pricingParam=asset.pricing_param)

    # Our readings

    def read(self, reading: Reading) -> None:
        self.report.log.append(str(reading))
        self._older.append(_contents(self._folder))
        if reading.new_process:
            self._process.close()
            self._process = self._new_process()
        if reading.damage:
            self._damage(reading.damage)
        truths = [self._truth()]
        requests = 0
        coming = _coming(reading)
        due = next(coming, None)
        left_until_due = due.after if due else 0
        to_forget = reading.forgotten

        def before(url: str) -> None:
            nonlocal requests, due, left_until_due, to_forget
            if busy:
                return  # a request of the other process
            requests += 1
            self.report.requests += 1
            if reading.killed_before is not None and requests >= reading.killed_before:
                raise Killed
            while due is not None and left_until_due == 0:
                busy.append(True)
                self.change(due.change)
                busy.clear()
                truths.append(self._truth())
                due = next(coming, None)
                left_until_due = due.after if due else 0
                if reading.restless:
                    break
            left_until_due = max(0, left_until_due - 1)
            parts = urlsplit(url)
            self.report.log.append(f"      {parts.path.rpartition('/v2')[2]}?{parts.query}")
            if to_forget and "sinceVersionId" in parse_qs(parts.query):
                to_forget -= 1
                self._simulator.faults([{"do": {"errorNumber": 9721}, "times": 1}])

        busy: list[bool] = []
        with tapped(before, reading.order):
            try:
                self._judge(self._process, reading, truths)
            except Killed:
                self.report.killed += 1
                self._process.close()
                self._process = self._new_process()

    def _damage(self, damage: Damage) -> None:
        """Do to every file of the folder what the damage says."""
        older = self._older[int(damage.where * len(self._older))]
        for place, (name, content) in enumerate(_contents(self._folder).items()):
            path, at = self._folder / name, int(damage.where * len(content))
            if damage.kind == "older":
                path.write_bytes(older.get(name, content))
            elif damage.kind == FOREIGN:
                path.write_bytes(self._foreign[place % len(self._foreign)] if self._foreign else b"")
            elif damage.kind == "removed":
                path.unlink()
            else:
                path.write_bytes(damaged(content, damage.kind, at))

    def _judge(self, process: Process, reading: Reading, truths: list[Truth]) -> None:
        """:param truths: grows while reading"""
        try:
            if reading.what == "users":
                users = process.users(reading.users)
                found, way = users.by_id, users.reading.way if users.reading else ""
                fault = users_fault(set(found.values()), reading, truths, way)
                if any(name != user.client_user_id for name, user in found.items()):
                    fault = f"users under foreign names: {found}"
            else:
                if reading.what == "known":
                    present = process.brought_up_to_date(reading.users or (), reading.devices or ())
                    reading = Reading("known")  # all of them
                else:
                    targets = None if reading.users is None else Targets(set(reading.users), set(reading.devices or ()))
                    present = process.assignments(Question(reading.assets, targets))
                pairs, way = as_pairs(present.assignments), present.reading.way
                fault = assignments_fault(pairs, reading, truths, way)
                if way == ALL_PAGES and present.known is None and len(truths) > 1:
                    self.report.followed_up += 1
                    return
                if present.active_holders != {target for dummy, kind, target in pairs if kind == "user"}:
                    fault = f"active holders {sorted(present.active_holders)} do not fit the pairs {sorted(pairs)}"
        except ChangedWhileReading:
            self.report.gave_up += 1
            if len(truths) == 1:
                self._complain(reading, "said that the location never rests while nothing happened")
            return
        self.report.readings += 1
        self.report.from_snapshot += way == SNAPSHOT
        self.report.disturbed += len(truths) > 1
        if fault:
            self._complain(reading, f"({way}) {fault}")

    def _complain(self, reading: Reading, fault: str) -> None:
        told = f"the reading of {reading.what} went wrong: {fault}"
        self.report.wrong.append(told)
        self.report.log.append(f"  WRONG: {told}")


_MEANINGS: dict[str, Callable[[_Player, Change], None]] = {
    "associate": _Player.associate,
    "disassociate": _Player.disassociate,
    "retire": _Player.retire,
    "swap": _Player.swap,
    "create": _Player.create,
    "create again": _Player.create_again,
    "create again with the same": _Player.create_again_with_the_same,
    "revoke": _Player.revoke,
    "update": _Player.update,
    "sign in": _Player.sign_in,
    "assign by hand": _Player.assign_by_hand,
    "unassign by hand": _Player.unassign_by_hand,
    "purchase": _Player.purchase,
}


def _coming(reading: Reading) -> Iterator[Any]:
    return itertools.islice(itertools.cycle(reading.moments), NEVER_RESTS) if reading.restless else iter(reading.moments)


def _first_location(history: History) -> dict[str, Any]:
    return {
        "name": LOCATION,
        "uId": UID,
        "assets": [
            {"adamId": asset.adam_id, "pricingParam": asset.pricing_param, "totalCount": 8, "productType": "Book" if asset in BOOKS else "App"}
            for asset in ASSETS
        ],
        "users": [{"clientUserId": name, "email": f"{name}@example.test"} for name in USERS],
        "assignments": [_record(asset, user, device) for asset, user, device in history.held],
    }


def _record(asset: Any, user: str | None, device: str | None) -> dict[str, str]:
    """An assignment as the service writes it."""
    target = {"clientUserId": user} if user is not None else {"serialNumber": str(device)}
    return {"adamId": asset.adam_id, "pricingParam": asset.pricing_param, **target}


def _pairs(change: Change) -> list[dict[str, str]]:
    return [
        record
        for asset in change.assets
        for record in [_record(asset, user, None) for user in change.users] + [_record(asset, None, device) for device in change.devices]
    ]


def _assets_body(change: Change) -> dict[str, Any]:
    return {"assets": [{"adamId": asset.adam_id, "pricingParam": asset.pricing_param} for asset in change.assets], **_targets_body(change)}


def _targets_body(change: Change) -> dict[str, Any]:
    return {
        **({"clientUserIds": list(change.users)} if change.users else {}),
        **({"serialNumbers": list(change.devices)} if change.devices else {}),
    }


def damaged(content: bytes, kind: str, at: int) -> bytes:
    """:param at: the place of the damage"""
    return {
        "cut off": content[:at],
        "bit flipped": content[:at] + bytes(byte ^ 1 << at % 8 for byte in content[at : at + 1]) + content[at + 1 :],
        "emptied": b"",
        "replaced": gzip.compress(b'{"users": []}'),
    }[kind]


def _contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}


def _empty(folder: Path) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(mode=0o700)
