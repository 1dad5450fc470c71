# Copyright (c) 2026, the mdmkit.apps_books authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""From a seed, a whole number, to a schedule: what is there, what is wanted, how the service behaves, and what goes wrong when.

A schedule is a pure function of its seed. What depends on the time of the run (a date in Retry-After) is written as a wish that the runner
fulfils.
"""

from __future__ import annotations

import dataclasses
import random
from collections import Counter
from collections.abc import Callable
from typing import Any

from .model import UNLIMITED, Asset, Impossible, Pair, Product, Task, User, World, after_play, listed_pairs, pair_record

HOLDER = "chaos-mdm"
OTHER_HOLDER = {"id": "somebody-else", "name": "Somebody else", "metadata": "took over"}
NOTIFICATION_SECRET = "canary-notification-secret-77aa1"
LOCATION = "springfield"

APP, APP_PLUS, BOOK, FREE, USERS_ONLY, SCARCE = (
    Asset("1001"),
    Asset("1001", "PLUS"),
    Asset("1002"),
    Asset("1003"),
    Asset("1004"),
    Asset("1005"),
)
USERS = [f"u-{number:02}" for number in range(1, 15)]
DEVICES = [f"D{number:02}" for number in range(1, 15)]
# Nothing is ever wanted for these; hands give and take licences there.
STRANGERS = ["X1", "X2", "X3"]
TYPES = ["ASSET_COUNT", "ASSET_MANAGEMENT", "USER_ASSOCIATED", "USER_MANAGEMENT"]

MODULES_THAT_WAIT = ("vpp_user", "vpp_asset_assignment", "vpp_asset_revocation")
WRITES = {
    "vpp_client_config": ["/client/config"],
    "vpp_user": ["/users/create", "/users/update", "/users/retire"],
    "vpp_asset_revocation": ["/assets/revoke"],
    "vpp_asset_assignment": ["/assets/associate", "/assets/disassociate"],
}
READS = {
    "vpp_client_config": ["/client/config"],
    "vpp_user": ["/users"],
    "vpp_asset_revocation": ["/assets", "/assignments"],
    "vpp_asset_assignment": ["/assets", "/assignments", "/assignments"],
}


@dataclasses.dataclass
class Fault:
    """A rule for the simulator, and what else belongs to it.

    :ivar kind: which line of the table it counts for
    :ivar rule: as the simulator takes it, with ``retry_after_date`` for a date so many seconds after the run began
    :ivar limits: set while the request that the rule holds up is waiting
    :ivar kill: the module is killed while the request that the rule holds up is waiting
    """

    kind: str
    rule: dict[str, Any]
    limits: dict[str, int] | None = None
    kill: bool = False


@dataclasses.dataclass
class Volley:
    """What goes wrong in one run of a module.

    :ivar options: of the connection and of waiting, where the faults ask for others
    :ivar kill_after: the module is killed so many seconds after its start
    """

    faults: list[Fault] = dataclasses.field(default_factory=list)
    options: dict[str, float] = dataclasses.field(default_factory=dict)
    kill_after: float | None = None


@dataclasses.dataclass
class Schedule:
    """
    :ivar kinds: what can go wrong in it; the first one is what the schedule is about
    :ivar seed_document: for the simulator, without the content token
    :ivar volleys: for each task of the play, what hits its first run, its second and so on
    :ivar has_notifications: whether an address for notifications and its secret are stored from the beginning
    """

    number: int
    kinds: list[str]
    seed_document: dict[str, Any]
    play: list[Task]
    volleys: list[list[Volley]]
    has_notifications: bool

    @property
    def behaviour(self) -> dict[str, Any]:
        return self.seed_document["behaviour"]

    @property
    def has_hands(self) -> bool:
        """Whether somebody else changes what the play is about."""
        return bool({"version churn", "page edges"} & set(self.kinds))

    @property
    def visibility_seconds(self) -> float:
        return self.behaviour["visibility_delay_ms"] / 1000


def make_schedule(number: int) -> Schedule:
    """The schedule of this seed. Seeds that follow one another are about different kinds of faults."""
    source = random.Random(f"chaos {number}")
    kinds = _kinds(source, number)
    while True:
        world = _initial_world(source)
        play = _play(source, world)
        if _is_sound(world, play):
            break
    if source.random() < 0.2:
        play = [Task(task.module, {**task.options, "on_failure": "fail"}) if task.module in MODULES_THAT_WAIT else task for task in play]
    behaviour = _behaviour(source, kinds)
    has_notifications = source.random() < 0.3
    volleys = _volleys(source, kinds, play, world)
    return Schedule(number, kinds, _document(source, number, world, behaviour), play, volleys, has_notifications)


# What is there, and what is wanted


def _initial_world(source: random.Random) -> World:
    products = {
        APP: Product(60),
        APP_PLUS: Product(60),
        BOOK: Product(60, device_assignable=False, revocable=False),
        FREE: Product(UNLIMITED),
        USERS_ONLY: Product(60, device_assignable=False),
        SCARCE: Product(source.randint(2, 6)),
    }
    users = {name: User(source.choice((None, f"{name}@example.test", f"old-{name}@example.test"))) for name in _some(source, USERS, 4, 12)}
    world = World(products, users, set(), Counter(), {})
    for asset, product in products.items():
        targets = [("clientUserId", name) for name in users]
        if product.device_assignable:
            targets += [("serialNumber", name) for name in DEVICES]
        wish = source.randint(0, 3) if asset == BOOK else source.randint(0, len(targets))
        most = min(wish, product.total, len(targets))
        world.pairs |= {Pair(asset, *target) for target in source.sample(targets, most)}
    for name in USERS:
        if name not in users and source.random() < 0.3:
            world.leftovers[Pair(BOOK, "clientUserId", name)] += 1
    return world


def _play(source: random.Random, world: World) -> list[Task]:
    info = {"id": HOLDER, "name": "Chaos", "metadata": source.choice(("one", "two"))}
    config: dict[str, Any] = {"mdm_info": info}
    if source.random() < 0.5:
        config["notification_types"] = _some(source, TYPES, 0, 3)
    listed = _some(source, USERS, 4, 12)
    purges_users = source.random() < 0.5
    play = [Task("vpp_client_config", config), Task("vpp_user", {"users": [_wanted_user(source, name) for name in listed], "purge": purges_users})]
    gone = [name for name in USERS if name not in listed]
    if not purges_users and gone and source.random() < 0.5:
        play.append(Task("vpp_user", {"users": [{"client_user_id": name} for name in _some(source, gone, 1, 4)], "state": "absent"}))
    revoked: set[str] = set()
    if source.random() < 0.5:
        targets = {"users": _some(source, USERS, 0, 3), "devices": _some(source, DEVICES, 1, 4)}
        revoked = {*targets["users"], *targets["devices"]}
        play.append(Task("vpp_asset_revocation", targets))
    users = [name for name in listed if name not in revoked]
    devices = [name for name in DEVICES if name not in revoked]
    return play + _assignment_tasks(source, world, users, devices, listed)


def _wanted_user(source: random.Random, name: str) -> dict[str, str]:
    wish = {"client_user_id": name}
    if source.random() < 0.7:
        wish["email"] = f"{name}@example.test"
    if source.random() < 0.2:
        wish["managed_apple_id"] = f"{name}@appleid.example.test"
    return wish


def _assignment_tasks(source: random.Random, world: World, users: list[str], devices: list[str], listed: list[str]) -> list[Task]:
    purge = source.choice(("none", "assets", "targets", "location"))
    on_shortage = source.choice(("fail", "partial"))
    entries = []
    for dummy in range(source.randint(1, 4)):
        assets = source.sample([APP, APP_PLUS, FREE], source.randint(1, 3))
        entries.append(_entry(assets, _some(source, users, 0, 6), _some(source, devices, 1, 8)))
    if users and source.random() < 0.5:
        entries.append(_entry([source.choice((USERS_ONLY, BOOK))], _some(source, users, 1, 5), []))
    if source.random() < 0.5:
        entries.append(_entry([SCARCE], [], _some(source, devices, 1, 8)))
    # What can never be taken back has to be listed wherever a purge could reach it.
    keepers = [pair.target for pair in sorted(world.pairs) if pair.asset == BOOK and pair.target in listed]
    if keepers and purge != "none":
        entries.append(_entry([BOOK], keepers, []))
    options: dict[str, Any] = {"assignments": entries, "purge": purge, "on_shortage": on_shortage}
    tasks = [Task("vpp_asset_assignment", options)]
    wanted = set(listed_pairs(options))
    going = [pair for pair in sorted(world.pairs - wanted) if pair.asset in (APP, APP_PLUS, FREE) and pair.member == "serialNumber"]
    if going and purge != "location" and source.random() < 0.6:
        chosen = source.sample(going, min(len(going), source.randint(1, 5)))
        absent = [_entry([pair.asset], [], [pair.target]) for pair in chosen]
        tasks.insert(source.randint(0, 1), Task("vpp_asset_assignment", {"assignments": absent, "state": "absent"}))
    return tasks


def _entry(assets: list[Asset], users: list[str], devices: list[str]) -> dict[str, Any]:
    return {"assets": [asset._asdict() for asset in assets], "users": users, "devices": devices}


def _is_sound(world: World, play: list[Task]) -> bool:
    """Whether the play can be done, changes something, and is content with what it did: no task undoes the work of another."""
    world = world.copy()
    world.config = {"mdmInfo": None, "notificationTypes": []}
    try:
        done = after_play(world, play)
        return done.pairs != world.pairs and not after_play(done, play).differences(done)
    except Impossible:
        return False


def _document(source: random.Random, number: int, world: World, behaviour: dict[str, Any]) -> dict[str, Any]:
    assets = [
        {
            "adamId": asset.adam_id,
            "pricingParam": asset.pricing_param,
            "productType": "App" if product.revocable else "Book",
            "totalCount": product.total,
            "deviceAssignable": product.device_assignable,
            "revocable": product.revocable,
        }
        for asset, product in world.products.items()
    ]
    users: list[dict[str, Any]] = [{"clientUserId": pair.target, "status": "Retired"} for pair in world.leftovers]
    users += [{"clientUserId": name, **({"email": user.email} if user.email else {})} for name, user in world.users.items()]
    source.shuffle(users)
    config = source.choice((None, {"id": HOLDER, "name": "Chaos", "metadata": "one"}, {"id": HOLDER, "name": "An older name", "metadata": "x"}))
    location = {
        "name": LOCATION,
        "uId": "2049025000431439",
        "mdmInfo": config,
        "notificationTypes": _some(source, TYPES, 0, 2),
        "assets": assets,
        "users": users,
        "assignments": [pair_record(pair) for pair in sorted(world.pairs) + sorted(world.leftovers)],
    }
    return {"seed": f"chaos {number}", "behaviour": behaviour, "locations": [location]}


def _some(source: random.Random, names: list[str], least: int, most: int) -> list[str]:
    return source.sample(names, min(len(names), source.randint(least, most)))


# How the service behaves


def _behaviour(source: random.Random, kinds: list[str]) -> dict[str, Any]:
    limits: dict[str, int] = {"maxRequestPerSecond": 5000}
    if source.random() < 0.5 or "shrinking limits" in kinds:
        limits.update(maxAssets=2, maxClientUserIds=4, maxSerialNumbers=4, maxUsers=4, maxRevokeClientUserIds=2, maxRevokeSerialNumbers=2)
    behaviour: dict[str, Any] = {
        "page_size": source.choice((2, 3, 5, 1000)),
        "max_requests_per_second": 0,
        "limits": limits,
        "empty_total_pages": source.choice((0, 1)),
        "event_seconds": source.choice((0, 0.02, 0.05)),
        "event_tasks_per_second": source.choice((0, 0, 400)),
        "associate_existing": source.choice(("noop", "fail")),
        "disassociate_missing": source.choice(("noop", "fail")),
        "shortage": source.choice(("first_come", "whole_group")),
        "unknown_user": source.choice(("async", "sync")),
        "removals_in_incremental": source.random() < 0.3,
        "failures_name_assets": source.random() < 0.3,
        "client_config_left_out": source.choice(("kept", "cleared")),
        "errors_as_200": "errors under 200" in kinds,
        "visibility_delay_ms": source.randint(50, 300) if "visibility delay" in kinds else 0,
        "notification_http": True,
    }
    if {"version churn", "page edges"} & set(kinds):
        behaviour["page_size"] = source.choice((2, 3, 4))
    if "rate limit" in kinds:
        number = source.choice((25, 40))
        behaviour.update(page_size=source.choice((3, 5)), max_requests_per_second=number)
        limits["maxRequestPerSecond"] = number
    return behaviour


# What goes wrong

Maker = Callable[[random.Random, Task, World], Volley]


def _match(source: random.Random, task: Task, write: float, most: int = 3) -> dict[str, Any]:
    """A request of the task, a write with the probability given."""
    chance = source.random()
    if chance < write:
        return {"method": "POST", "nth": source.choice((1, 1, 2))}
    if chance < write + 0.1 and task.module in MODULES_THAT_WAIT:
        return {"method": "GET", "path": "/status", "nth": source.choice((1, 2))}
    if chance < write + 0.2:
        return {"method": "GET", "path": "/service/config"}
    return {"method": "GET", "path": source.choice(READS[task.module]), "nth": source.randint(1, most)}


def _storm(source: random.Random, task: Task, world: World) -> Volley:
    do: dict[str, Any] = {"errorNumber": 9646}
    if source.random() < 0.15:
        do["retry_after"] = 1
    return Volley([Fault("429 storm", {"match": _match(source, task, 0.4), "do": do, "times": source.choice((1, 1, 2, 3))})])


def _unavailable_seconds(source: random.Random, task: Task, world: World) -> Volley:
    do = {"status": 503, "retry_after": source.choice((0, 1))}
    return Volley([Fault("503 with seconds", {"match": _match(source, task, 0.5), "do": do})])


def _unavailable_date(source: random.Random, task: Task, world: World) -> Volley:
    do = {"status": 503, "retry_after_date": source.choice((0, 1, 2))}
    return Volley([Fault("503 with a date", {"match": _match(source, task, 0.5), "do": do})])


def _one(kind: str, write: float, do: Callable[[random.Random], dict[str, Any]], **options: float) -> Maker:
    """A maker of volleys with one fault."""

    def make(source: random.Random, task: Task, world: World) -> Volley:
        return Volley([Fault(kind, {"match": _match(source, task, write), "do": do(source)})], dict(options))

    return make


def _not_json(source: random.Random) -> dict[str, Any]:
    text = source.choice(("<html><body>Bad Gateway</body></html>", "", "upstream request timeout", "[1, 2"))
    return {"status": source.choice((200, 500, 502)), "body": text, "carried_out": source.random() < 0.5}


def _hidden_error(source: random.Random) -> dict[str, Any]:
    number = source.choice((9603, 9646, 9729))
    return {"errorNumber": number, "status": 200, "carried_out": number == 9603 and source.random() < 0.5}


def _stuck(source: random.Random, task: Task, world: World) -> Volley:
    rule = {"match": {"method": "POST", "nth": source.choice((1, 1, 2))}, "do": {"event_stuck": True}, "times": source.choice((1, 1, 0))}
    return Volley([Fault("stuck event", rule)], {"stuck_after": 0.3, "wait_timeout": source.choice((0.2, 2.0))})


def _partial(source: random.Random, task: Task, world: World) -> Volley:
    fail = {"errorNumber": source.choice((9603, 9644, 9999)), "share": source.choice((0.3, 0.5, 1))}
    return Volley([Fault("partly failed event", {"match": {"method": "POST", "nth": source.choice((1, 1, 2))}, "do": {"event_fail": fail}})])


def _paged(source: random.Random, task: Task) -> dict[str, Any]:
    """A page behind the first one."""
    path = "/users" if task.module == "vpp_user" else "/assignments"
    return {"method": "GET", "path": path, "query": {"pageIndex": str(source.choice((1, 1, 2, 3)))}}


def _churn(source: random.Random, task: Task, world: World) -> Volley:
    """Versions change while pages are read, with changes that move no page: at the end of the last asset."""
    faults = []
    for dummy in range(source.choice((1, 1, 2, 6))):
        if task.module == "vpp_user":
            hand: dict[str, Any] = {"users": {"create": [{"clientUserId": f"hand-{source.randrange(10**6):06}"}]}}
        else:
            pairs = [pair_record(Pair(FREE, "serialNumber", source.choice(STRANGERS)))]
            hand = {source.choice(("assign", "unassign")): {"pairs": pairs}}
        faults.append(Fault("version churn", {"match": _paged(source, task), "do": {"meanwhile": [hand]}}))
    return Volley(faults)


def _edges(source: random.Random, task: Task, world: World) -> Volley:
    """Something goes from an early page, or comes to it, while later ones are read: records are skipped, or come twice."""
    if task.module == "vpp_user":
        retired = source.choice([user["client_user_id"] for user in task.options["users"]])
        hand: dict[str, Any] = {"users": {"retire": [retired]}}
    else:
        early = [pair for pair in sorted(world.pairs) if pair.asset == APP and pair.member == "serialNumber"][:6]
        comes = not early or source.random() < 0.4
        pair = Pair(APP, "serialNumber", source.choice(STRANGERS)) if comes else source.choice(early)
        hand = {"assign" if comes else "unassign": {"pairs": [pair_record(pair)]}}
    return Volley([Fault("page edges", {"match": _paged(source, task), "do": {"meanwhile": [hand]}})])


def _shrinking(source: random.Random, task: Task, world: World) -> Volley:
    """While a read is waiting, so that a plan is cut by limits that are no longer true."""
    path = "/users" if task.module == "vpp_user" else source.choice(("/assets", "/assignments"))
    rule = {"match": {"method": "GET", "path": path}, "do": {"hang_ms": 150}}
    limits = {"maxAssets": 1, "maxClientUserIds": 2, "maxSerialNumbers": 1, "maxUsers": 1, "maxRevokeClientUserIds": 1, "maxRevokeSerialNumbers": 1}
    return Volley([Fault("shrinking limits", rule, limits=limits)])


def _revoked(source: random.Random, task: Task, world: World) -> Volley:
    rule = {"match": _match(source, task, 0.3), "do": {"meanwhile": [{"retire_token": {"how": "revoked"}}]}}
    return Volley([Fault("token revoked", rule)])


def _taken_over(source: random.Random, task: Task, world: World) -> Volley:
    rule = {"match": _match(source, task, 0.4, 2), "do": {"meanwhile": [{"client_config": {"mdmInfo": OTHER_HOLDER}}]}}
    return Volley([Fault("taken over", rule)])


def _killed(source: random.Random, task: Task, world: World) -> Volley:
    if source.random() < 0.25:
        return Volley(kill_after=source.uniform(0.02, 0.5))
    match = {"nth": source.randint(1, 9)} if source.random() < 0.4 else _match(source, task, 0.6)
    do: dict[str, Any] = {"hang_ms": 20000}
    if source.random() < 0.3:
        do["drop_before"] = True
    return Volley([Fault("killed", {"match": match, "do": do}, kill=True)])


def _nothing(source: random.Random, task: Task, world: World) -> Volley:
    return Volley()


_MAKERS: dict[str, Maker] = {
    "429 storm": _storm,
    "503 with seconds": _unavailable_seconds,
    "503 with a date": _unavailable_date,
    "500 before acceptance": _one("500 before acceptance", 0.7, lambda source: {"status": 500}),
    "500 after acceptance": _one("500 after acceptance", 0.8, lambda source: {"status": 500, "carried_out": True}),
    "reset before acceptance": _one("reset before acceptance", 0.6, lambda source: {"drop_before": True}),
    "reset after acceptance": _one("reset after acceptance", 0.8, lambda source: {"drop_after": True}),
    "hang": _one("hang", 0.6, lambda source: {"hang_ms": 500, "drop_before": source.random() < 0.3}, http_timeout=0.3),
    "not JSON": _one("not JSON", 0.5, _not_json),
    "errors under 200": _one("errors under 200", 0.6, _hidden_error),
    "stuck event": _stuck,
    "partly failed event": _partial,
    "version churn": _churn,
    "page edges": _edges,
    "visibility delay": _nothing,
    "shrinking limits": _shrinking,
    "token revoked": _revoked,
    "taken over": _taken_over,
    "killed": _killed,
    "rate limit": _nothing,
}
KINDS = list(_MAKERS)
# These are a state of the service for the whole schedule, not something that happens.
STATES = ("visibility delay", "rate limit")
# What nothing can follow in the same run: the others would never be reached, or could not be told from it.
_ALONE = ("version churn", "page edges", "token revoked", "taken over", "killed", "shrinking limits")
_NOT_TOGETHER = [
    # While reads lag behind, nobody can say what a reading had to show of what hands did.
    {"visibility delay", "version churn"},
    {"visibility delay", "page edges"},
    # A request that was shut out for its own speed would look like a fault of the client's.
    {"rate limit", "429 storm"},
    {"rate limit", "errors under 200"},
]


def _kinds(source: random.Random, number: int) -> list[str]:
    kinds = [KINDS[number % len(KINDS)]]
    for kind in source.sample(KINDS, source.choice((0, 1, 1, 2))):
        if kind not in kinds and not any(apart <= {*kinds, kind} for apart in _NOT_TOGETHER):
            kinds.append(kind)
    return kinds


def _volleys(source: random.Random, kinds: list[str], play: list[Task], world: World) -> list[list[Volley]]:
    """Each kind strikes some runs. What takes the token or the location away comes last, since nothing can happen after it."""
    volleys: list[list[Volley]] = [[] for dummy in play]
    final = ("token revoked", "taken over")
    for kind in sorted(kinds, key=lambda kind: kind in final):
        if kind in STATES:
            continue
        eligible = [index for index, task in enumerate(play) if _suits(kind, task)]
        count = 1 if kind in final else source.randint(1, min(3, len(eligible)))
        for index in source.sample(eligible, count):
            volley = _MAKERS[kind](source, play[index], world)
            joins = next((other for other in volleys[index] if _may_join(other, volley, kind)), None)
            if joins is not None and source.random() < 0.5:
                joins.faults += volley.faults
                joins.options.update(volley.options)
            else:
                volleys[index].append(volley)
    return volleys


def _suits(kind: str, task: Task) -> bool:
    if kind in ("stuck event", "partly failed event", "shrinking limits"):
        return task.module in MODULES_THAT_WAIT
    if kind == "page edges":
        return task.module == "vpp_asset_assignment" or (task.module == "vpp_user" and task.options.get("state") != "absent")
    if kind == "version churn":
        return task.module in MODULES_THAT_WAIT
    return True


def _may_join(there: Volley, added: Volley, kind: str) -> bool:
    held = {fault.kind for fault in there.faults}
    return kind not in _ALONE and not held & set(_ALONE) and bool(held) and kind not in held and added.kill_after is None
