# Copyright (c) 2026, the mdmkit.apps_books authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is measured: each scenario is a location, the work to be done there, and the ways to do it. Each makes sure that the work was done.

The ways are a module of the collection, the script of sequential.py, and the playbooks in playbooks/, which get by with ansible.builtin.uri.
"""

from __future__ import annotations

import itertools
import json
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple

from .bound import bound
from .cost import Cost, extrapolated
from .families import Family, at_least, by_signature, families, per_asset
from .sizes import Shape, Sizes
from .world import PACKAGE, Location, app, device, ensure, location, user

APPS = 25
FED_APPS = 10
SCRIPT = "script"
PLAYBOOK = "uri playbook"


class Row(NamedTuple):
    """One line of the table.

    :ivar task: what was to be done, with its size
    :ivar way: how: a module, the script, the playbook, or a method of counting
    :ivar size: assignments or users that the location has or gets
    :ivar reads: None where only the writes were counted
    :ivar bound: seconds, see bound.bound; None where nothing was sent
    :ivar cost: None where only the writes were counted
    :ivar note: how the figures came about, where they are not simply measured
    """

    scenario: str
    task: str
    way: str
    size: int
    reads: int | None
    writes: int
    bound: float | None
    cost: Cost | None
    note: str = ""

    @property
    def extrapolated(self) -> bool:
        return self.note.startswith("extrapolated")


def _row(scenario: str, task: str, way: str, size: int, cost: Cost, shape: Shape, note: str = "") -> Row:
    return Row(scenario, task, way, size, cost.reads, cost.writes, bound(cost.requests, cost.path, shape), cost, note)


Played = Sequence[tuple[int, Cost]]
"""What a playbook cost at two small sizes, or nothing."""


def _line(played: Played, size: int, unit: str) -> tuple[Cost, str]:
    """The cost at a size, and the note that says where it is from."""
    measured = dict(played).get(size)
    if measured is not None:
        return measured, ""
    return extrapolated(played, size), f"extrapolated from {' and '.join(f'{small:,}' for small, dummy in played)} {unit}"


def _app_after_app(played: Played) -> tuple[Cost, str]:
    """The same for a playbook that takes one app after the other, and so needs no more memory for many than for few."""
    cost, note = _line(played, APPS, "apps")
    return cost._replace(memory=played[-1][1].memory), note


def _devices_file(place: Location, count: int) -> str:
    return place.file("devices.txt", map(device, range(count)))


def _apps(count: int = APPS) -> list[str]:
    return [app(number) for number in range(count)]


def _wanted_file(place: Location, apps: Sequence[str], targets: Sequence[str]) -> str:
    """What the script reads."""
    return place.file("wanted.json", [json.dumps(dict.fromkeys(apps, targets))])


def full_read(shape: Shape, sizes: Sizes) -> Iterator[Row]:
    def task(assignments: int) -> str:
        return f"read {assignments:,} assignments"

    def generated(devices: int) -> dict[str, Any]:
        return {"assets": APPS, "users": 0, "devices": devices, "assigned": 1.0}

    played: list[tuple[int, Cost]] = []
    for devices in sizes.small_reads:
        with location(shape, generate=generated(devices)) as place:
            played.append((APPS * devices, place.playbook("read.yml", expected=APPS * devices)))
    for devices in sizes.reads:
        size = APPS * devices
        with location(shape, generate=generated(devices)) as place:
            cost, result = place.module("vpp_assignment_info")
            listed = len(result["assignments"]) + result["left_out"]
            ensure(listed == size, f"vpp_assignment_info lists {listed} assignments")
            yield _row("full_read", task(size), "vpp_assignment_info", size, cost, shape)
            yield _row("full_read", task(size), SCRIPT, size, place.script("read"), shape)
        if played:
            cost, note = _line(played, size, "assignments")
            yield _row("full_read", task(size), PLAYBOOK, size, cost, shape, note)


def drift(shape: Shape, sizes: Sizes) -> Iterator[Row]:
    devices = sizes.reads[-1]
    size = APPS * devices
    task = f"check {size:,} assignments, all as wanted"

    def row(way: str, cost: Cost, note: str = "") -> Row:
        return _row("drift", task, way, size, cost, shape, note)

    with location(shape, generate={"assets": APPS, "users": 0, "devices": devices, "assigned": 1.0}) as place:
        devices_file = _devices_file(place, devices)
        entry = {"assets": _apps(), "devices_file": devices_file}

        def check(there: Location, environment: dict[str, str]) -> Cost:
            cost, result = there.module("vpp_asset_assignment", check=True, environment=environment, assignments=[entry], purge="location")
            ensure(not result["changed"], "vpp_asset_assignment sees a drift where there is none")
            return cost

        yield row("vpp_asset_assignment", check(place, {}))
        snapshots = {"VPP_SNAPSHOT_DIR": str(place.folder / "snapshots")}
        (place.folder / "snapshots").mkdir()
        check(place.reshaped(shape.unhindered()), snapshots)
        yield row("the same, with snapshot", check(place.reshaped(shape), snapshots), "the snapshot is that of a check before")
        wanted_file = _wanted_file(place, _apps(), [device(number) for number in range(devices)])
        yield row(SCRIPT, place.script("assign", wanted_file, "purge"))
        played = [(count, place.playbook("assign.yml", apps=_apps(count), devices_file=devices_file)) for count in sizes.small_apps]
        if played:
            yield row(PLAYBOOK, *_app_after_app(played))
        ensure(place.held() == dict.fromkeys(_apps(), devices), "a check changed what is held")


def one_device(shape: Shape, sizes: Sizes) -> Iterator[Row]:
    devices = sizes.reads[-1]
    size = APPS * devices

    def row(way: str, cost: Cost) -> Row:
        note = f"{cost.reads_before} reads before the write"
        return _row("one_device", f"one app to one device, where {size:,} are assigned", way, size, cost, shape, note)

    with location(shape, generate={"assets": APPS, "users": 0, "devices": devices, "assigned": 1.0}) as place:
        cost, result = place.module("vpp_asset_assignment", assignments=[{"assets": [app(0)], "devices": ["NEW-1"]}])
        ensure(result["changed"], "vpp_asset_assignment changed nothing")
        yield row("vpp_asset_assignment", cost)
        yield row(SCRIPT, place.script("assign", _wanted_file(place, [app(0)], ["NEW-2"])))
        yield row(PLAYBOOK, place.playbook("one_device.yml", adam_id=app(0), serial_number="NEW-3"))
        ensure(place.held()[app(0)] == devices + 3, "not all three devices have the app")


def many_pairs(shape: Shape, sizes: Sizes) -> Iterator[Row]:
    devices = sizes.pairs
    size = APPS * devices
    generated = {"assets": APPS, "users": 0, "devices": devices, "assigned": 0.0}
    all_held = dict.fromkeys(_apps(), devices)

    def row(way: str, cost: Cost, note: str = "") -> Row:
        return _row("many_pairs", f"{APPS} apps to {devices:,} devices that have none", way, size, cost, shape, note)

    with location(shape, generate=generated) as place:
        cost, dummy = place.module("vpp_asset_assignment", assignments=[{"assets": _apps(), "devices_file": _devices_file(place, devices)}])
        ensure(place.held() == all_held, "vpp_asset_assignment did not give all apps to all devices")
        yield row("vpp_asset_assignment", cost)
    with location(shape, generate=generated) as place:
        cost = place.script("assign", _wanted_file(place, _apps(), [device(number) for number in range(devices)]))
        ensure(place.held() == all_held, "the script did not give all apps to all devices")
        yield row(SCRIPT, cost)
    played: list[tuple[int, Cost]] = []
    for count in sizes.small_apps:
        with location(shape, generate=generated) as place:
            played.append((count, place.playbook("assign.yml", apps=_apps(count), devices_file=_devices_file(place, devices))))
            ensure(place.held() == dict.fromkeys(_apps(count), devices), "the playbook did not give the apps to all devices")
    if played:
        yield row(PLAYBOOK, *_app_after_app(played))


def batching(shape: Shape, sizes: Sizes) -> Iterator[Row]:
    for number, family in enumerate(families(sizes.shrink)):
        yield from _family(shape, sizes, number, family)


def _family(shape: Shape, sizes: Sizes, number: int, family: Family) -> Iterator[Row]:
    targets = len(family.missing)
    task = f"{family.name} ({targets:,} devices, {family.assets} apps)"

    def counted(way: str, writes: int) -> Row:
        return Row("batching", task, way, family.pairs, None, writes, None, None, "counted")

    with location(shape, generate={"assets": family.assets, "users": 0, "devices": targets, "assigned": 0.0}) as place:
        pairs = ((app(asset), device(index)) for index, lacking in enumerate(family.missing) for asset in sorted(lacking))
        cost, result = place.module("vpp_asset_assignment", assignments_files=[place.table("pairs.csv", ("adam_id", "serial_number"), pairs)])
        # Nobody got what is not wanted: then there would be more.
        ensure(sum(place.held().values()) == family.pairs, f"vpp_asset_assignment did not give what is wanted: {family.name}")
    planned = _planned(number, sizes.shrink)
    ensure(planned["requests"] == cost.writes, f"{planned['requests']} requests were planned, but {cost.writes} were sent: {family.name}")
    fewest = result["plan"]["requests_at_least"]
    ensure(at_least(family.missing) <= fewest <= cost.writes, f"at least {fewest} requests are said to be needed: {family.name}")
    note = f"planning alone: {planned['seconds']:.1f} s"
    yield _row("batching", task, "vpp_asset_assignment", family.pairs, cost, shape, note)
    yield counted("per asset", per_asset(family.missing))
    yield counted("by signature", by_signature(family.missing))
    yield counted("no fewer than", fewest)


def _planned(number: int, shrink: int) -> dict[str, Any]:
    command = [sys.executable, "-m", f"{PACKAGE}tests.benchmark.planning", str(number), str(shrink)]
    return json.loads(subprocess.run(command, stdout=subprocess.PIPE, check=True).stdout)


def changed_users(shape: Shape, sizes: Sizes) -> Iterator[Row]:
    played: list[tuple[int, Cost]] = []
    for count in sizes.small_users:
        with _users_location(shape, count) as place:
            wanted = [{"clientUserId": name, "email": email} for name, email in _changed(count)]
            played.append((count, place.playbook("users.yml", users_file=place.file("users.json", [json.dumps(wanted)]))))
            _ensure_users(place, count)
    size = sizes.users

    def row(way: str, cost: Cost, note: str = "") -> Row:
        return _row("changed_users", f"{size:,} users, 1% of them changed", way, size, cost, shape, note)

    with _users_location(shape, size) as place:
        cost, dummy = place.module("vpp_user", users_files=[_users_table(place, size)], purge=True)
        _ensure_users(place, size)
        yield row("vpp_user", cost)
    with _users_location(shape, size) as place:
        cost = place.script("users", _users_table(place, size))
        _ensure_users(place, size)
        yield row(SCRIPT, cost)
    if played:
        line, note = _line(played, size, "users")
        # It sends the same requests as the script, and 100 users a write give no straight line.
        yield row(PLAYBOOK, line._replace(reads=cost.reads, writes=cost.writes, reads_before=cost.reads_before, path=cost.path), note)


def _users_location(shape: Shape, count: int) -> Any:
    return location(shape, generate={"assets": 0, "users": count, "devices": 0, "assigned": 0.0})


def _users_table(place: Location, count: int) -> str:
    return place.table("users.csv", ("client_user_id", "email"), _changed(count))


def _changed(count: int) -> Iterator[tuple[str, str]]:
    """A list of users of whom, out of 400, two have another address, one is new, and one of the location is missing."""
    for number in range(count):
        if number % 400 != 2:
            address = "new" if number % 400 in (0, 1) else user(number)
            yield user(number), f"{address}@example.test"
    for number in range(2, count, 400):
        yield f"n-{number:06}", f"n-{number:06}@example.test"


def _ensure_users(place: Location, count: int) -> None:
    active = {(record["clientUserId"], record["email"]) for record in place.simulator.state(parts=["users"])["users"] if record["status"] != "Retired"}
    ensure(active == set(_changed(count)), "the users are not those that were wanted")


def feeding(shape: Shape, sizes: Sizes) -> Iterator[Row]:
    count = sizes.fed
    shape = shape.unhindered()
    assets = [{"adamId": adam_id, "totalCount": 2 * count} for adam_id in _apps(FED_APPS)]
    names = [user(number) for number in range(count)]
    emails = [f"{name}@example.test" for name in names]
    all_held = dict.fromkeys(_apps(FED_APPS), count)

    def row(task: str, way: str, cost: Cost) -> Row:
        subject = f"{count:,} users, {FED_APPS * count:,} pairs, no latency: {task}"
        return _row("feeding", subject, way, FED_APPS * count, cost, shape, f"own time {cost.own_time:.1f} s; no latency, no limit")

    with location(shape, assets=assets) as place:
        users_file = place.table("users.csv", ("client_user_id", "email"), zip(names, emails))
        pairs_file = place.table("pairs.csv", ("adam_id", "client_user_id"), itertools.product(_apps(FED_APPS), names))
        tasks = [
            {"name": "Users", "mdmkit.apps_books.vpp_user": {"users_files": [users_file]}},
            {"name": "Licences", "mdmkit.apps_books.vpp_asset_assignment": {"assignments_files": [pairs_file]}},
        ]
        for task in ("create all", "nothing to do"):
            cost = place.play(*tasks)
            ensure(place.held() == all_held, "the play did not give all apps to all users")
            yield row(task, "play of two tasks", cost)
        ensure(cost.writes == 0, f"a play with nothing to do sent {cost.writes} writes")
    with location(shape, assets=assets) as place:
        users_file = place.table("users.csv", ("client_user_id", "email"), zip(names, emails))
        wanted_file = _wanted_file(place, _apps(FED_APPS), names)
        for task in ("create all", "nothing to do"):
            cost = _together(place.script("users", users_file), place.script("assign", wanted_file, "users"))
            ensure(place.held() == all_held, "the script did not give all apps to all users")
            yield row(task, SCRIPT, cost)


def _together(first: Cost, second: Cost) -> Cost:
    """The cost of two runs, one after the other."""
    total = Cost(*(left + right for left, right in zip(first, second)))
    return total._replace(memory=max(first.memory, second.memory))


SCENARIOS: dict[str, Callable[[Shape, Sizes], Iterator[Row]]] = {
    function.__name__: function for function in (full_read, drift, one_device, many_pairs, batching, changed_users, feeding)
}
