# Copyright (c) 2026, the mdmkit.apps_books authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reads examples/gitops in its own simple way, so that what the collection did with it can be checked independently."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any, NamedTuple

import yaml

EXAMPLE = Path(__file__).resolve().parents[2] / "examples" / "gitops"
LOCATIONS = ("springfield", "shelbyville")


class Pair(NamedTuple):
    """Somebody has a licence: ``kind`` is ``clientUserId`` or ``serialNumber``."""

    adam_id: str
    pricing_param: str
    kind: str
    target: str

    def seed_form(self) -> dict[str, str]:
        """As the simulator writes it."""
        return {"adamId": self.adam_id, "pricingParam": self.pricing_param, self.kind: self.target}


class Tree(NamedTuple):
    """What one location's files say."""

    uid: str
    client_config: dict[str, Any]
    users: dict[str, dict[str, str]]
    revoked: list[str]
    pairs: set[Pair]


def read(name: str) -> Tree:
    """The files of one location of the example."""
    folder = EXAMPLE / "locations" / name
    files = [*folder.glob("users.csv"), *sorted(folder.glob("users.d/*.csv"))]
    users = {row["client_user_id"]: {key: value for key, value in row.items() if value} for file in files for row in _rows(file)}
    revocations = _loaded(folder / "revocations.yml")
    catalog = _loaded(folder.parent / "catalog.yml")
    groups = _groups(folder)
    pairs: set[Pair] = set()
    for entry in _loaded(folder / "assignments.yml"):
        targets = [("clientUserId", user) for user in entry.get("users", [])]
        for group in entry.get("groups", []):
            targets += groups[group]
        for name in entry["assets"]:
            asset = catalog[name] if isinstance(catalog[name], dict) else {"adam_id": catalog[name]}
            pairs.update(Pair(asset["adam_id"], asset.get("pricing_param", "STDQ"), *target) for target in targets)
    return Tree(
        uid=str(_loaded(folder / "location.yml")["uid"]),
        client_config=_loaded(folder / "client_config.yml"),
        users=users,
        revoked=[*revocations.get("devices", []), *_listed(folder, revocations.get("devices_file"), "serial_number")],
        pairs=pairs,
    )


def held(state: dict[str, Any]) -> set[Pair]:
    """Who holds what, of the simulator's state; what retired users were left with is not counted."""
    active = {user["clientUserId"] for user in state["users"] if user["status"] in ("Registered", "Associated")}
    return {
        Pair(entry["adamId"], entry["pricingParam"], kind, entry[kind])
        for entry in state["assignments"]
        for kind in ("clientUserId", "serialNumber")
        if kind in entry and (kind == "serialNumber" or entry[kind] in active)
    }


def _groups(folder: Path) -> dict[str, list[tuple[str, str]]]:
    """Who belongs to each group: kind and id."""
    told = _loaded(folder / "groups.yml")
    groups: dict[str, list[tuple[str, str]]] = {}
    for name, group in told.items():
        inner = [told[other] for other in group.get("groups", [])] or [group]
        groups[name] = [
            *(("clientUserId", target) for each in inner for target in _listed(folder, each.get("users_file"), "client_user_id")),
            *(("serialNumber", target) for each in inner for target in _listed(folder, each.get("devices_file"), "serial_number")),
        ]
    for file in folder.glob("groups.csv"):
        for row in _rows(file):
            groups.setdefault(row["group"], []).append(("clientUserId", row["client_user_id"]))
    return groups


def _loaded(file: Path) -> Any:
    return yaml.safe_load(file.read_text(encoding="utf-8"))


def _rows(file: Path) -> list[dict[str, str]]:
    with file.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def _listed(folder: Path, name: str | None, column: str) -> list[str]:
    if not name:
        return []
    if name.endswith(".csv"):
        return [row[column] for row in _rows(folder / name)]
    lines = (line.strip() for line in (folder / name).read_text(encoding="utf-8").splitlines())
    return [line for line in lines if line and not line.startswith("#")]
