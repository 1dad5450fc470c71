# Copyright (c) 2026, the mdmkit.apps_books authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A small second implementation of what a play means: from a world to the world that the play asks for.

It follows the documentation of the modules and apple-api sections 5 to 9. It knows nothing of requests, so it can judge what came of them.
"""

from __future__ import annotations

import dataclasses
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

UNLIMITED = 2147483647
ACTIVE = ("Registered", "Associated")


class Asset(NamedTuple):
    adam_id: str
    pricing_param: str = "STDQ"


class Pair(NamedTuple):
    """:ivar member: ``clientUserId`` or ``serialNumber``"""

    asset: Asset
    member: str
    target: str

    def __str__(self) -> str:
        return f"{self.asset.adam_id} {self.asset.pricing_param} of {self.target}"


class Product(NamedTuple):
    total: int
    device_assignable: bool = True
    revocable: bool = True


class User(NamedTuple):
    email: str | None = None
    account: str | None = None


@dataclasses.dataclass(frozen=True)
class Task:
    """One task of a play: a module and its options, those of the connection aside."""

    module: str
    options: Mapping[str, Any]


@dataclasses.dataclass
class World:
    """What a location holds.

    :ivar users: the active ones
    :ivar pairs: what active users and devices hold
    :ivar leftovers: what retired users hold; nobody can take it back
    :ivar config: the members of the client configuration, types as a sorted list
    """

    products: dict[Asset, Product]
    users: dict[str, User]
    pairs: set[Pair]
    leftovers: Counter[Pair]
    config: dict[str, Any]

    def copy(self) -> World:
        return World(self.products, dict(self.users), set(self.pairs), Counter(self.leftovers), dict(self.config))

    def available(self, asset: Asset) -> int:
        held = sum(pair.asset == asset for pair in self.pairs) + sum(count for pair, count in self.leftovers.items() if pair.asset == asset)
        return self.products[asset].total - held

    def differences(self, other: World) -> list[str]:
        """What this world has otherwise than the other, in words; empty where they are equal."""
        told = [f"has {pair}" for pair in sorted(self.pairs - other.pairs)] + [f"lacks {pair}" for pair in sorted(other.pairs - self.pairs)]
        for name in sorted(self.users.keys() | other.users.keys()):
            if self.users.get(name) != other.users.get(name):
                told.append(f"user {name} is {self.users.get(name)} instead of {other.users.get(name)}")
        if self.leftovers != other.leftovers:
            told.append(f"retired users hold {dict(self.leftovers - other.leftovers)} too much and {dict(other.leftovers - self.leftovers)} too little")
        if self.config != other.config:
            told.append(f"the configuration is {self.config} instead of {other.config}")
        return told


class Impossible(Exception):
    """The play cannot succeed in this world: a module has to refuse it."""


def world_of_state(state: Mapping[str, Any]) -> World:
    """From a location in the form of the simulator's control surface."""
    products = {
        Asset(record["adamId"], record["pricingParam"]): Product(record["totalCount"], record["deviceAssignable"], record["revocable"])
        for record in state["assets"]
    }
    users = {user["clientUserId"]: User(user.get("email"), user.get("managedAppleId")) for user in state["users"] if user["status"] in ACTIVE}
    pairs = set()
    leftovers: Counter[Pair] = Counter()
    for record in state["assignments"]:
        pair = pair_of(record)
        if "userRecord" in record:
            leftovers[pair] += 1
        else:
            pairs.add(pair)
    config = {name: state[name] for name in ("mdmInfo", "notificationUrl", "notificationAuthToken")}
    config["notificationTypes"] = sorted(state["notificationTypes"])
    return World(products, users, pairs, leftovers, config)


def pair_of(record: Mapping[str, Any]) -> Pair:
    """From an assignment as the service writes it."""
    member = "serialNumber" if "serialNumber" in record else "clientUserId"
    return Pair(Asset(record["adamId"], record.get("pricingParam", "STDQ")), member, record[member])


def pair_record(pair: Pair) -> dict[str, str]:
    """An assignment as the service writes it."""
    return {"adamId": pair.asset.adam_id, "pricingParam": pair.asset.pricing_param, pair.member: pair.target}


def after_play(world: World, play: Iterable[Task]) -> World:
    """
    :raises Impossible: a task of the play has to refuse its work
    """
    for task in play:
        world = after_task(world, task)
    return world


def after_task(world: World, task: Task) -> World:
    """
    :raises Impossible: the task has to refuse its work
    """
    result = world.copy()
    _MEANINGS[task.module](result, task.options)
    return result


def listed_pairs(options: Mapping[str, Any]) -> list[Pair]:
    """What the entries of an assignment task multiply out to, in the order of the list, each once."""
    pairs = [
        Pair(Asset(product["adam_id"], product["pricing_param"]), member, target)
        for entry in options["assignments"]
        for product in entry["assets"]
        for member, names in (("clientUserId", entry.get("users", ())), ("serialNumber", entry.get("devices", ())))
        for target in names
    ]
    return list(dict.fromkeys(pairs))


def in_reach(options: Mapping[str, Any], pair: Pair) -> bool:
    """Whether the purge of an assignment task may take this pair, as long as it is not listed."""
    purge = options.get("purge", "none")
    if purge == "targets":
        return any(pair.target in entry.get("users" if pair.member == "clientUserId" else "devices", ()) for entry in options["assignments"])
    if purge == "assets":
        return any(pair.asset == Asset(**product) for entry in options["assignments"] for product in entry["assets"])
    return purge == "location"


def _configure(world: World, options: Mapping[str, Any]) -> None:
    if options.get("mdm_info"):
        held = world.config["mdmInfo"]
        if held and held["id"] != options["mdm_info"]["id"] and not options.get("takeover"):
            raise Impossible("somebody else holds the location")
        world.config["mdmInfo"] = dict(options["mdm_info"])
    if options.get("notification_types") is not None:
        world.config["notificationTypes"] = sorted(options["notification_types"])


def _users(world: World, options: Mapping[str, Any]) -> None:
    listed = {user["client_user_id"]: user for user in options["users"]}
    if options.get("state") == "absent":
        _retire(world, set(listed) & set(world.users))
        return
    if options.get("purge"):
        _retire(world, set(world.users) - set(listed))
    for name, wish in listed.items():
        present = world.users.get(name)
        if present is None:
            world.users[name] = User(wish.get("email"), wish.get("managed_apple_id"))
        elif wish.get("email") is not None:
            world.users[name] = present._replace(email=wish["email"])


def _retire(world: World, names: set[str]) -> None:
    for pair in [pair for pair in world.pairs if pair.member == "clientUserId" and pair.target in names]:
        world.pairs.remove(pair)
        if not world.products[pair.asset].revocable:
            world.leftovers[pair] += 1
    for name in names:
        del world.users[name]


def _revoke(world: World, options: Mapping[str, Any]) -> None:
    world.pairs -= {pair for pair in world.pairs if names_target(options, pair) and world.products[pair.asset].revocable}


def names_target(options: Mapping[str, Any], pair: Pair) -> bool:
    """Whether a revocation task names the user or device of the pair."""
    return pair.target in options.get("users" if pair.member == "clientUserId" else "devices", ())


def _assign(world: World, options: Mapping[str, Any]) -> None:
    listed = listed_pairs(options)
    for pair in listed:
        product = world.products.get(pair.asset)
        if product is None or (pair.member == "serialNumber" and not product.device_assignable):
            raise Impossible(f"{pair} cannot be")
        if pair.member == "clientUserId" and pair.target not in world.users:
            raise Impossible(f"user {pair.target} is not active")
    if options.get("state") == "absent":
        removals = world.pairs & set(listed)
    else:
        removals = {pair for pair in world.pairs - set(listed) if in_reach(options, pair)}
    if any(not world.products[pair.asset].revocable for pair in removals):
        raise Impossible("something irrevocable would have to go")
    world.pairs -= removals
    if options.get("state") != "absent":
        world.pairs |= set(_given(world, [pair for pair in listed if pair not in world.pairs], options.get("on_shortage") == "partial"))


def _given(world: World, missing: list[Pair], partial: bool) -> Iterator[Pair]:
    free = {asset: world.available(asset) for asset in {pair.asset for pair in missing}}
    for pair in missing:
        if free[pair.asset] > 0:
            free[pair.asset] -= 1
            yield pair
        elif not partial:
            raise Impossible(f"there is no licence for {pair}")


_MEANINGS = {"vpp_client_config": _configure, "vpp_user": _users, "vpp_asset_revocation": _revoke, "vpp_asset_assignment": _assign}
