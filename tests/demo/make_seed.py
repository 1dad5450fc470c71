# Copyright (c) 2026, the mdmkit.apps_books authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Writes seed.yml: the two locations of examples/gitops as they were last term. Run it again when the example changes.

Since then people left and others came, an address changed, a cart of tablets was sold and another one bought, some were lost.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from tree import LOCATIONS, Pair, Tree, read
from vpp_simulator.testing import content_token

SEED = Path(__file__).with_name("seed.yml")
UNLIMITED = 2147483647
ORGANIZATION = "Example District"

# Number of licences beyond those in use last term; the free app is unlimited, and of Grammar Trainer exactly as many were bought as there are students.
SPARE = 25
FREE, BOOK, PEOPLE_ONLY = "1000000004", "1000000007", "1000000011"
# Some of Reading Steps are spare, but not enough: newcomers need what leavers give back.
SCARCE = {"1000000002": 1, PEOPLE_ONLY: 0}

SOLD = [f"SPR7XSOLD{number:03d}" for number in range(1, 13)]
ASSETS_OF_SOLD = ("1000000001", "1000000002", "1000000004")
HELD_BY_LOST = ("1000000004", "1000000008", "1000000012")
# What somebody at Shelbyville bought and gave out by hand; the example does not list it, so it is left alone.
BY_HAND = Pair("1000000001", "STDQ", "serialNumber", "SHBAXGUEST01")


def springfield(tree: Tree) -> dict[str, Any]:
    """Nobody has claimed it yet. Four of class 3a are new, three are gone."""
    newcomers = {"sp-3122", "sp-3123", "sp-3124", "sp-3125"}
    new_cart = {pair.target for pair in tree.pairs if pair.target.startswith("SPR6X")}
    pairs = _without(tree.pairs, newcomers | new_cart)
    for leaver in ("sp-3026", "sp-3027", "sp-3028"):
        pairs.add(Pair("1000000002", "STDQ", "clientUserId", leaver))
    pairs.add(Pair(BOOK, "STDQ", "clientUserId", "sp-3027"))
    pairs |= {Pair(asset, "STDQ", "serialNumber", device) for asset in ASSETS_OF_SOLD for device in SOLD}
    pairs |= {Pair(asset, "STDQ", "serialNumber", device) for asset in ("1000000004", "1000000006") for device in tree.revoked}
    users = [_user(record) for name, record in tree.users.items() if name not in newcomers]
    users += [{"clientUserId": f"sp-{number}", "email": f"former.{number}@springfield.example", "status": "Registered"} for number in (3026, 3027, 3028)]
    _by_id(users, "sp-1004")["email"] = "maiden.name@springfield.example"
    return {**_location("springfield", tree), "assets": _assets(tree.pairs, pairs), "users": users, "assignments": _listed(pairs)}


def shelbyville(tree: Tree) -> dict[str, Any]:
    """It is ours, under an older name. Two students changed places with two others, and tablets were lost."""
    newcomers, leavers = {"sh-9131", "sh-9231"}, ("sh-9034", "sh-9035")
    pairs = _without(tree.pairs, newcomers)
    pairs |= {Pair(PEOPLE_ONLY, "STDQ", "clientUserId", leaver) for leaver in leavers}
    pairs |= {Pair(asset, "STDQ", "serialNumber", device) for asset in HELD_BY_LOST for device in tree.revoked}
    # The art room used World Atlas until now, and has no Film Workshop yet.
    art = sorted(pair.target for pair in pairs if pair.target.startswith("SHBAX") and pair.adam_id == "1000000010")
    pairs = {pair for pair in pairs if not (pair.target in art[:20] and pair.adam_id == "1000000010")}
    pairs |= {Pair("1000000008", "STDQ", "serialNumber", device) for device in art[:10]}
    pairs.add(BY_HAND)
    users = [_user(record) for name, record in tree.users.items() if name not in newcomers]
    users += [{"clientUserId": leaver, "email": f"{leaver}@shelbyville.example", "status": "Registered"} for leaver in leavers]
    _by_id(users, "sh-1009")["email"] = "wrong.address@shelbyville.example"
    claimed = {**tree.client_config["mdm_info"], "name": "Example MDM (pilot)"}
    return {**_location("shelbyville", tree), "mdmInfo": claimed, "assets": _assets(tree.pairs, pairs), "users": users, "assignments": _listed(pairs)}


def token_of(name: str) -> str:
    """The location's content token."""
    return content_token(token=f"{name}-token", org_name=ORGANIZATION)


def _location(name: str, tree: Tree) -> dict[str, Any]:
    return {"name": name, "uId": tree.uid, "organization": ORGANIZATION, "content_token": token_of(name)}


def _without(pairs: set[Pair], targets: set[str]) -> set[Pair]:
    return {pair for pair in pairs if pair.target not in targets}


def _user(record: dict[str, str]) -> dict[str, str]:
    user = {"clientUserId": record["client_user_id"], "email": record["email"], "status": "Registered"}
    if "managed_apple_id" in record:
        user.update(status="Associated", managedAppleId=record["managed_apple_id"])
    return user


def _by_id(users: list[dict[str, str]], client_user_id: str) -> dict[str, str]:
    return next(user for user in users if user["clientUserId"] == client_user_id)


def _assets(*states: set[Pair]) -> list[dict[str, Any]]:
    """With so many licences that neither the state before nor the one after needs more."""
    counts = [Counter((pair.adam_id, pair.pricing_param) for pair in state) for state in states]
    assets = []
    for adam_id, pricing_param in sorted(set().union(*counts)):
        needed = max(count[adam_id, pricing_param] for count in counts)
        asset: dict[str, Any] = {"adamId": adam_id, "pricingParam": pricing_param, "productType": "App", "totalCount": needed + SCARCE.get(adam_id, SPARE)}
        if adam_id == FREE:
            asset["totalCount"] = UNLIMITED
        elif adam_id == BOOK:
            asset["productType"] = "Book"
        elif adam_id == PEOPLE_ONLY:
            asset["deviceAssignable"] = False
        assets.append(asset)
    return assets


def _listed(pairs: set[Pair]) -> list[dict[str, str]]:
    return [pair.seed_form() for pair in sorted(pairs)]


def _yaml(locations: Iterable[dict[str, Any]]) -> str:
    """YAML with one line for each asset, user and assignment: long, but a person can find things in it."""
    lines = ["---", "# Written by make_seed.py: the locations of examples/gitops as they were last term.", "locations:"]
    for location in locations:
        for position, (name, value) in enumerate(location.items()):
            lead = "  - " if position == 0 else "    "
            if isinstance(value, list):
                lines.append(f"{lead}{name}:")
                lines += [f"      - {_flow(entry)}" for entry in value]
            else:
                lines.append(f"{lead}{name}: {_flow(value) if isinstance(value, dict) else json.dumps(value)}")
    return "\n".join(lines) + "\n"


def _flow(entry: dict[str, Any]) -> str:
    return "{" + ", ".join(f"{name}: {json.dumps(value)}" for name, value in entry.items()) + "}"


def seed_text() -> str:
    """What belongs into the file."""
    before = {"springfield": springfield, "shelbyville": shelbyville}
    return _yaml(before[name](read(name)) for name in LOCATIONS)


def main() -> None:
    """Writes the file beside this one."""
    SEED.write_text(seed_text(), encoding="utf-8")


if __name__ == "__main__":
    main()
