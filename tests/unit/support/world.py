# Copyright (c) 2026, the mdmkit.apps_books authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A small model of the service, for plans to be carried out on: assets with counts and flags, holdings, users.

It follows the facts about the service and nothing of the code under test but its types: a request is carried out literally, as the cross
product that it is.
"""

from __future__ import annotations

from typing import Dict, Iterable, List, NamedTuple, Optional, Sequence, Set, Tuple

from ansible_collections.mdmkit.apps_books.plugins.module_utils._model import UNLIMITED_COUNT, Asset, AssetRecord, Assignments, Limits, Targets, User
from ansible_collections.mdmkit.apps_books.plugins.module_utils._plan.plan import Request

USER, DEVICE = "user", "device"

Pair = Tuple[Asset, str, str]
"""Asset, USER or DEVICE, id."""


class Refused(Exception):
    """The service would refuse the request, or fail one of its tasks."""

    def __init__(self, number: int, what: object) -> None:
        super().__init__(f"{number}: {what}")
        self.number = number


class Owned(NamedTuple):
    """:ivar total: licences; None where unlimited"""

    total: Optional[int]
    revocable: bool = True
    device_assignable: bool = True
    retired: int = 0


class World:
    """:ivar pairs: who holds what
    :ivar done: every task that was carried out, in order: (kind, pair or user id)
    """

    def __init__(self, owned: Dict[Asset, Owned], pairs: Iterable[Pair] = (), users: Optional[Dict[str, User]] = None) -> None:
        self.owned = owned
        self.pairs: Set[Pair] = set(pairs)
        self.users: Dict[str, User] = dict(users or {})
        self.done: List[Tuple[str, object]] = []

    def holders(self, asset: Asset) -> int:
        return sum(1 for pair in self.pairs if pair[0] == asset)

    def free(self, asset: Asset) -> Optional[int]:
        owned = self.owned[asset]
        return None if owned.total is None else owned.total - owned.retired - self.holders(asset)

    def records(self) -> Dict[Asset, AssetRecord]:
        """The assets as the service lists them."""
        records = {}
        for asset, owned in self.owned.items():
            held = self.holders(asset)
            total = UNLIMITED_COUNT if owned.total is None else owned.total
            records[asset] = AssetRecord(
                asset, "App", owned.device_assignable, owned.revocable, ("iOS",), held, total - owned.retired - held, owned.retired, total
            )
        return records

    def assignments(self) -> Assignments:
        return as_assignments(self.pairs)

    def carry_out(self, requests: Sequence[Request], limits: Limits) -> None:
        """Do what the requests say, one after the other.

        :raises Refused: with the error number that the service has for it
        """
        for request in requests:
            if request.kind in ("create", "update", "retire"):
                self._manage_users(request, limits)
            else:
                self._manage_assets(request, limits)

    def _manage_assets(self, request: Request, limits: Limits) -> None:
        revokes = request.kind == "revoke"
        for values, most, over, double in (
            (request.assets, limits.assets, 9700, 9703),
            (request.users, limits.revoke_client_user_ids if revokes else limits.client_user_ids, 9701, 9704),
            (request.devices, limits.revoke_serial_numbers if revokes else limits.serial_numbers, 9702, 9705),
        ):
            if len(values) > most:
                raise Refused(over, request)
            if len(set(values)) < len(values):
                raise Refused(double, request)
        if revokes == bool(request.assets):
            raise Refused(9718, request)
        targets = [(USER, user) for user in request.users] + [(DEVICE, device) for device in request.devices]
        if not targets:
            raise Refused(9719, request)
        if revokes:
            for pair in sorted(self.pairs):
                if pair[1:] in targets and self.owned[pair[0]].revocable:
                    self._take(request.kind, pair)
            return
        for asset in request.assets:
            if request.kind == "disassociate" and not self.owned[asset].revocable:
                raise Refused(9706, request)
            if request.kind == "associate" and request.devices and not self.owned[asset].device_assignable:
                raise Refused(9707, request)
        for asset in request.assets:
            for kind, target in targets:
                if request.kind == "associate":
                    self._give((asset, kind, target))
                else:
                    self._take(request.kind, (asset, kind, target))

    def _give(self, pair: Pair) -> None:
        if pair[1] == USER and self.users and pair[2] not in self.users:
            raise Refused(9609, pair)
        if self.free(pair[0]) == 0:
            raise Refused(9709, pair)
        self.done.append(("associate", pair))
        self.pairs.add(pair)

    def _take(self, kind: str, pair: Pair) -> None:
        self.done.append((kind, pair))
        self.pairs.discard(pair)

    def _manage_users(self, request: Request, limits: Limits) -> None:
        records = request.user_records
        ids = [record["client_user_id"] for record in records]
        if len(records) > limits.users:
            raise Refused(9714, request)
        if len(set(ids)) < len(ids):
            raise Refused(9715, request)
        if not records:
            raise Refused(9720, request)
        for record in records:
            key = record["client_user_id"]
            self.done.append((request.kind, key))
            if request.kind == "create":
                if key in self.users:
                    raise Refused(9716, record)
                self.users[key] = User(
                    key, record.get("email"), "Associated" if "managed_apple_id" in record else "Registered", id_hash=record.get("managed_apple_id")
                )
            elif key not in self.users:
                raise Refused(9609, record)
            elif request.kind == "retire":
                del self.users[key]
                self._release(key)
            else:
                user = self.users[key]
                account = record.get("managed_apple_id", user.id_hash)
                self.users[key] = user._replace(email=record.get("email", user.email), id_hash=account, status="Associated" if account else user.status)

    def _release(self, user: str) -> None:
        """A retired user gives back what is revocable; the rest stays used up."""
        for pair in [pair for pair in self.pairs if pair[1:] == (USER, user)]:
            self.pairs.discard(pair)
            owned = self.owned[pair[0]]
            if not owned.revocable:
                self.owned[pair[0]] = owned._replace(retired=owned.retired + 1)


def as_assignments(pairs: Iterable[Pair]) -> Assignments:
    """Pairs in the form in which the code under test has them."""
    assignments: Assignments = {}
    for asset, kind, target in pairs:
        targets = assignments.setdefault(asset, Targets(set(), set()))
        (targets.users if kind == USER else targets.devices).add(target)
    return assignments


def as_pairs(assignments: Assignments) -> Set[Pair]:
    """The other way round."""
    return {
        (asset, kind, target)
        for asset, targets in assignments.items()
        for kind, ids in ((USER, targets.users), (DEVICE, targets.devices))
        for target in ids
    }
