# Copyright (c) 2026, the mdmkit.apps_books authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Seed documents: what the simulator starts with (design section 5, README.md of this package)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Any

import yaml

from vpp_simulator.behaviour import Behaviour
from vpp_simulator.checks import DocumentError, Faults, Node
from vpp_simulator.client_config import NOTIFICATION_TYPES, WEBSITES
from vpp_simulator.faults import FaultRules, read_rules
from vpp_simulator.holdings import holdings
from vpp_simulator.ids import Ids
from vpp_simulator.library import UNLIMITED, Asset, Library, User
from vpp_simulator.location import ClientConfig, Identity, Location
from vpp_simulator.reads import PRICING_PARAMS, PRODUCT_TYPES
from vpp_simulator.tokens import FAR_FUTURE, TokenBook, encode, parse

PLATFORMS = ("iOS", "macOS", "tvOS", "watchOS", "visionOS")
USER_STATUSES = ("Registered", "Associated", "Retired", "Deleted")

_SEED_KEYS = ("seed", "behaviour", "faults", "locations")
_TOKEN_KEYS = ("content_token", "token", "read_only", "revoked")
_LOCATION_KEYS = (
    "name",
    "content_token",
    "token",
    "read_only",
    "tokens",
    "organization",
    "uId",
    "countryISO2ACode",
    "defaultPlatform",
    "managedAppleIds",
    "mdmInfo",
    "notificationUrl",
    "notificationAuthToken",
    "notificationTypes",
    "assets",
    "users",
    "assignments",
    "generate",
)
# `GET /_control/state` adds these to the seed form; a state is loadable, so they are taken and ignored.
_STATE_KEYS = ("events", "versionIds", "history")
_COUNT_KEYS = ("assignedCount", "availableCount", "retiredCount")
_ASSET_KEYS = ("adamId", "pricingParam", "productType", "totalCount", "deviceAssignable", "revocable", "supportedPlatforms", *_COUNT_KEYS)
_USER_KEYS = ("clientUserId", "email", "status", "managedAppleId", "inviteCode", "idHash")
_ASSIGNMENT_KEYS = ("adamId", "pricingParam", "clientUserId", "serialNumber", "userRecord")
_GENERATE_KEYS = ("assets", "users", "devices", "assigned", "userStatus")

FIRST_GENERATED_ADAM_ID = 2000000001
# Licences of a generated asset beyond one for each generated user and device.
SPARE_LICENCES = 1000


@dataclass
class Seed:
    """A checked seed, built and ready to serve."""

    behaviour: Behaviour
    locations: dict[str, Location]
    tokens: TokenBook
    faults: FaultRules


def read_file(path: str | None) -> Any:
    """The document of a YAML or JSON file, or the small built-in one. Raises DocumentError."""
    try:
        if path is None:
            text = resources.files("vpp_simulator").joinpath("default_seed.yaml").read_text(encoding="utf-8")
        else:
            text = Path(path).read_text(encoding="utf-8")
        return yaml.load(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    except (OSError, UnicodeDecodeError) as error:
        raise DocumentError([f"cannot be read: {error}"]) from None
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        place = f"line {mark.line + 1}, column {mark.column + 1}: " if mark else ""
        raise DocumentError([f"{place}is neither YAML nor JSON: {error.problem}"]) from None
    except yaml.YAMLError as error:
        raise DocumentError([f"is neither YAML nor JSON: {error}"]) from None


def build(document: Any, hand_actions: tuple[str, ...]) -> Seed:
    """Check a document and make locations of it. Raises DocumentError with every fault and its place."""
    faults = Faults()
    root = Node(document, "", faults, _SEED_KEYS)
    ids = Ids(root.text("seed") or "vpp-simulator")
    changes = root.raw("behaviour") or {}
    behaviour = Behaviour()
    if not isinstance(changes, Mapping):
        faults.add("behaviour", "must be a mapping")
    else:
        for problem in behaviour.faults_of(changes):
            faults.add("", f"behaviour.{problem}")
    rules = read_rules(root.raw("faults") or [], "faults", faults, hand_actions)
    if "locations" not in root:
        faults.add("locations", "is missing")
    tokens = TokenBook()
    locations: dict[str, Location] = {}
    uids: dict[str, str] = {}
    for entry, place in root.each("locations"):
        node = Node(entry, place, faults, (*_LOCATION_KEYS, *_STATE_KEYS))
        location = _LocationReader(node, ids, tokens).read()
        if location.name in locations:
            faults.add(node.at("name"), f"{location.name} occurs twice")
        if location.identity.uid in uids:
            faults.add(node.at("uId"), f"is the one of {uids[location.identity.uid]} too")
        locations[location.name] = location
        uids[location.identity.uid] = location.name
    faults.raise_if_any()
    return Seed(behaviour.merged(changes), locations, tokens, rules)


class _LocationReader:
    """Reads one location of a seed."""

    def __init__(self, node: Node, ids: Ids, tokens: TokenBook) -> None:
        self._node = node
        self._ids = ids
        self._tokens = tokens

    def read(self) -> Location:
        """The location, with everything it holds at its first versions."""
        node = self._node
        name = node.required("name")
        accounts = frozenset(account.lower() for account in node.texts("managedAppleIds")) if "managedAppleIds" in node else None
        identity = Identity(
            name=name,
            uid=node.digits("uId") or self._ids.digits(name, "uId"),
            country=node.text("countryISO2ACode", "US") or "US",
            platform=node.choice("defaultPlatform", tuple(WEBSITES), "volumestore"),
            organization=node.text("organization", "Example Organization") or "",
            managed_apple_ids=accounts,
        )
        if len(identity.country) != 2:
            node.faults.add(node.at("countryISO2ACode"), "must be two letters")
        location = Location(identity, self._ids)
        location.config = self._client_config()
        self._read_tokens(location)
        self._read_assets(location.library)
        self._read_users(location.library)
        self._read_assignments(location.library)
        self._generate(location.library)
        location.library.start_history()
        return location

    def _client_config(self) -> ClientConfig:
        node = self._node
        types = node.texts("notificationTypes")
        unknown = [name for name in types if name not in NOTIFICATION_TYPES]
        if unknown:
            node.faults.add(node.at("notificationTypes"), f"unknown: {', '.join(unknown)}")
        url, secret = node.text("notificationUrl"), node.text("notificationAuthToken")
        if (url is None) != (secret is None):
            node.faults.add(node.at("notificationUrl"), "goes together with notificationAuthToken")
        return ClientConfig(read_mdm_info(node), url, secret, types)

    def _read_tokens(self, location: Location) -> None:
        node = self._node
        if "tokens" in node:
            for name in ("content_token", "token", "read_only"):
                if name in node:
                    node.faults.add(node.at(name), "does not go together with tokens")
            entries = [Node(entry, place, node.faults, _TOKEN_KEYS) for entry, place in node.each("tokens")]
        else:
            entries = [node]
        for entry in entries:
            self._read_token(entry, location)

    def _read_token(self, entry: Node, location: Location) -> None:
        text = (entry.text("content_token") or "").strip()
        parts = entry.child("token", ("token", "expDate", "orgName"))
        if text and parts:
            entry.faults.add(entry.at("token"), "does not go together with content_token")
        place = entry.at("content_token")
        if parts:
            place = parts.place
            text = encode(parts.required("token"), parts.text("expDate") or FAR_FUTURE, parts.text("orgName") or location.identity.organization)
        try:
            token = parse(text) if text else location.derived_token()
        except ValueError as error:
            entry.faults.add(place, str(error))
            return
        token.read_only = entry.flag("read_only", False)
        # Only entries of `tokens` know this key; in a location itself it is refused as unknown.
        token.revoked = entry.flag("revoked", False)
        if not self._tokens.add(token, location):
            entry.faults.add(place, "the same content token occurs twice")

    def _read_assets(self, library: Library) -> None:
        for entry, place in self._node.each("assets"):
            node = Node(entry, place, self._node.faults, _ASSET_KEYS)
            asset = read_asset(node)
            if "totalCount" not in node:
                node.faults.add(node.at("totalCount"), "is missing")
            if asset.key in library.assets:
                node.faults.add(place, f"{asset.adam_id} {asset.pricing_param} occurs twice")
            else:
                library.add_asset(asset)

    def _read_users(self, library: Library) -> None:
        for entry, place in self._node.each("users"):
            node = Node(entry, place, self._node.faults, _USER_KEYS)
            user = read_user(node)
            if user.active and library.active_record(user.client_user_id) is not None:
                node.faults.add(place, f"{user.client_user_id} has an active record already")
            account = user.managed_apple_id
            if user.active and account and library.account_owner(account) is not None:
                node.faults.add(node.at("managedAppleId"), "belongs to another active user already")
            library.add_user(user)

    def _read_assignments(self, library: Library) -> None:
        held: dict[Asset, set[int]] = {}
        for entry, place in self._node.each("assignments"):
            node = Node(entry, place, self._node.faults, _ASSIGNMENT_KEYS)
            pair = read_pair(node, library)
            if pair is None:
                continue
            asset, target = pair
            number = library.add_device(target) if isinstance(target, str) else target
            numbers = held.setdefault(asset, set())
            if number in numbers:
                node.faults.add(place, "occurs twice")
            numbers.add(number)
        for asset, numbers in held.items():
            if len(numbers) > asset.total:
                problem = f"{len(numbers)} of {asset.adam_id} {asset.pricing_param}, but its totalCount is {asset.total}"
                self._node.faults.add(self._node.at("assignments"), problem)
            library.give(asset, numbers)

    def _generate(self, library: Library) -> None:
        node = self._node.child("generate", _GENERATE_KEYS)
        if node is None:
            return
        assets, users, devices = node.whole("assets", 0), node.whole("users", 0), node.whole("devices", 0)
        share = node.number("assigned", 1, 0, 1)
        status = node.choice("userStatus", USER_STATUSES, "Registered")
        for index in range(1, users + 1):
            name = f"u-{index:06d}"
            if library.records_with(name):
                node.faults.add(node.at("users"), f"{name} is listed under users too")
                break
            library.add_user(User(name, status, f"{name}@example.test"))
        numbers = [library.add_device(f"D{index:07d}") for index in range(1, devices + 1)]
        holders = holdings(sorted(numbers[: round(devices * share)]))
        for index in range(assets):
            asset = Asset(str(FIRST_GENERATED_ADAM_ID + index), "STDQ", "App", users + devices + SPARE_LICENCES, True, True, ("iOS",))
            if asset.key in library.assets:
                node.faults.add(node.at("assets"), f"{asset.adam_id} is listed under assets too")
                break
            # All generated assets share one array, since arrays are replaced and never changed.
            asset.holders = holders
            library.add_asset(asset)


def read_asset(node: Node) -> Asset:
    """One asset. A book is by default neither device-assignable nor revocable (apple-api section 5)."""
    product_type = node.choice("productType", PRODUCT_TYPES, "App")
    is_app = product_type == "App"
    platforms = node.texts("supportedPlatforms") or ["iOS"]
    unknown = [name for name in platforms if name not in PLATFORMS]
    if unknown:
        node.faults.add(node.at("supportedPlatforms"), f"unknown: {', '.join(unknown)}")
    total = node.whole("totalCount", 0)
    if total > UNLIMITED:
        node.faults.add(node.at("totalCount"), f"must not exceed {UNLIMITED}, which means unlimited")
    return Asset(
        adam_id=read_adam_id(node),
        pricing_param=node.choice("pricingParam", PRICING_PARAMS, "STDQ"),
        product_type=product_type,
        total=total,
        device_assignable=node.flag("deviceAssignable", is_app),
        revocable=node.flag("revocable", is_app),
        platforms=tuple(platforms),
    )


def read_adam_id(node: Node) -> str:
    """The product id, which must be there."""
    if "adamId" not in node:
        node.faults.add(node.at("adamId"), "is missing")
    return node.digits("adamId") or ""


def read_mdm_info(node: Node) -> dict[str, str] | None:
    """mdmInfo: all three members, or null."""
    info = node.child("mdmInfo", ("id", "name", "metadata"))
    return {name: info.required(name) for name in ("id", "name", "metadata")} if info else None


def read_user(node: Node) -> User:
    """One user record."""
    status = node.choice("status", USER_STATUSES, "Associated" if "managedAppleId" in node else "Registered")
    if status == "Registered" and "managedAppleId" in node:
        node.faults.add(node.at("managedAppleId"), "a Registered user has no Apple Account")
    return User(
        client_user_id=node.required("clientUserId"),
        status=status,
        email=node.text("email"),
        managed_apple_id=node.text("managedAppleId"),
        invite_code=node.text("inviteCode"),
        id_hash=node.text("idHash"),
    )


def read_pair(node: Node, library: Library) -> tuple[Asset, int | str] | None:
    """An assignment: the asset, and the number of a user record or the serial number of a device. Faults are noted, None returned then.

    A clientUserId means its active record, or the newest retired one; ``userRecord`` counts the records of that id from 0 instead.
    """
    key = (read_adam_id(node), node.choice("pricingParam", PRICING_PARAMS, "STDQ"))
    client_user_id, serial_number = node.text("clientUserId"), node.text("serialNumber")
    asset = library.assets.get(key)
    if asset is None:
        node.faults.add(node.place, f"there is no asset {' '.join(key)}")
    if (client_user_id is None) == (serial_number is None):
        node.faults.add(node.place, "must have either clientUserId or serialNumber")
        return None
    if serial_number is not None:
        if asset is not None and not asset.device_assignable:
            node.faults.add(node.place, f"{asset.adam_id} is not device-assignable")
        return (asset, serial_number) if asset else None
    records = library.records_with(str(client_user_id))
    if "userRecord" in node:
        index = node.whole("userRecord", 0)
        number = records[index] if index < len(records) else None
    else:
        number = library.active_record(str(client_user_id))
        if number is None and records:
            number = records[-1]
    if number is None:
        node.faults.add(node.place, f"there is no such user: {client_user_id}")
        return None
    return (asset, number) if asset else None
