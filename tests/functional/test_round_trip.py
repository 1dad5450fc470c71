# Copyright (c) 2026, the mdmkit.apps_books authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Locations at random are exported, and the modules that the role calls find nothing to change: with MDMKIT_EXAMPLES=40, two hundred of them."""

from __future__ import annotations

import os
import pathlib
import random
from typing import Any, Dict, List, Set, Tuple

import pytest
from ansible_collections.mdmkit.apps_books.plugins.module_utils._wanted.location import read_location

from .conftest import Location, asset, seed

STATES = 5 * int(os.environ.get("MDMKIT_EXAMPLES", "1"))
STARTS = ("yes", "0017", "1e5", "null", "#1", "a, b", 'q"u', "ü", "{{ 7 }}", "2026-11-23", "%", "it's; x", "~", "U-", "group", "🍎")
EMAILS = (None, "one@example.test", "ü@example.test", '"a,b"@example.test', "nobody")
HOLDERS = (None, {"id": "ours", "name": "Us", "metadata": "x"}, {"id": "theirs", "name": 'Other: "MDM" #1', "metadata": "0017"})
HOOK = {"notificationUrl": "https://hooks.example.test/apple", "notificationAuthToken": "canary-secret-77", "notificationTypes": ["ASSET_COUNT"]}


def members_of(number: int) -> Dict[str, Any]:
    """A location of a seed: some kinds of users and devices that hold the same, users who left, and names of which each is a case."""
    chance = random.Random(number)
    apps = [asset(str(1000000001 + place), chance.choice([900, 2147483647])) for place in range(chance.randint(0, 12))]
    apps += [asset("1000000001", 900, pricingParam="PLUS"), asset("0017", 900)]
    for_users = [asset("1000000099", 900, productType="Book", deviceAssignable=False, revocable=False), asset("1000000098", 900, deviceAssignable=False)]
    users: List[Dict[str, Any]] = []
    held: Set[Tuple[str, str, str, str]] = set()
    for kind in range(chance.choice([0, 1, 2, 4, 7])):
        start = chance.choice(STARTS)
        ids = [start] * (chance.random() < 0.5) + [f"{start}{kind}{place}" for place in range(chance.choice([0, 1, 5, 6, 11, 30]))]
        name = chance.choice(["clientUserId", "serialNumber"])
        if name == "clientUserId":
            ids = [id_ for id_ in ids if id_ not in {user["clientUserId"] for user in users}]
            users += [_user(chance, id_) for id_ in ids]
        owned = apps if name == "serialNumber" else apps + for_users
        given = chance.sample(owned, chance.randint(0, len(owned)))
        held.update((product["adamId"], product["pricingParam"], name, id_) for product in given for id_ in ids)
    assignments: List[Dict[str, Any]] = [{"adamId": adam_id, "pricingParam": param, name: id_} for adam_id, param, name, id_ in sorted(held)]
    # Of a user who came back there are two records, and the one that is retired keeps what cannot be taken back.
    for left in [user["clientUserId"] for user in users if chance.random() < 0.1] + ["left"]:
        users.insert(0, {"clientUserId": left, "status": "Retired"})
        assignments.append({"adamId": "1000000099", "pricingParam": "STDQ", "clientUserId": left, "userRecord": 0})
    config = {"mdmInfo": chance.choice(HOLDERS), **(HOOK if chance.random() < 0.5 else {})}
    return {"assets": apps + for_users, "users": users, "assignments": assignments, **config}


def _user(chance: random.Random, client_user_id: str) -> Dict[str, Any]:
    email = chance.choice(EMAILS)
    return {"clientUserId": client_user_id, "status": chance.choice(["Registered", "Associated"]), **({"email": email} if email else {})}


def changes_of(location: Location, folder: pathlib.Path) -> int:
    """What the role's modules would do with the folder, and the writes that they send."""
    files = read_location(str(folder))
    results = [location.ok("vpp_client_config", **files.client_config)] if files.client_config else []
    if files.users:
        results.append(location.ok("vpp_user", users_files=files.users_files, purge=True))
    if files.assignments_files:
        options = {"assignments_files": files.assignments_files, "groups_files": files.groups_files, "catalog_files": files.catalog_files}
        results.append(location.ok("vpp_asset_assignment", purge="location", **options))
    return sum(result["changed"] for result in results) + location.write_count()


@pytest.mark.parametrize("number", range(STATES))
def test_what_was_exported_is_there_already(location: Location, tmp_path: pathlib.Path, number: int) -> None:
    location.simulator.reset(seed(**members_of(number)))
    (tmp_path / "catalog.yml").write_text('number-garden: "1000000001"\n"on": {adam_id: "0017", title: "Film: Workshop"}\n', encoding="utf-8")

    exported = location.ok("vpp_location_export", path=str(tmp_path / "springfield"), mdm_id="ours")

    assert all(left_out["kept"] for left_out in exported["not_adopted"]), exported["not_adopted"]
    assert changes_of(location, tmp_path / "springfield") == 0
    there = location.simulator.state(parts=["assignments"])["assignments"]
    assert exported["counts"]["assignments"] == sum("userRecord" not in entry for entry in there)
    assert exported["counts"]["users"] == len(location.users())
