# Copyright (c) 2026, the mdmkit.apps_books authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What one location holds: assets, users, devices and who has what.

Everything an assignment can be given to is a *target* with a number that never changes and is never used again: a device is its
serial number, a user is one `User` record. A clientUserId can have several records, at most one of them active (apple-api section 5),
and a licence belongs to the record, so a user who was retired and created again does not inherit what the old record holds.
"""

from __future__ import annotations

import copy
from array import array
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from vpp_simulator.holdings import holdings, holds, with_added, without
from vpp_simulator.ids import Ids
from vpp_simulator.versions import VersionLine

UNLIMITED = 2147483647
ACTIVE = ("Registered", "Associated")

AssetKey = tuple[str, str]
Pair = tuple["Asset", int]


@dataclass(slots=True, eq=False)
class Asset:
    """A product of the organization. ``retired`` counts the holders that are retired users (apple-api section 5)."""

    adam_id: str
    pricing_param: str
    product_type: str
    total: int
    device_assignable: bool
    revocable: bool
    platforms: tuple[str, ...]
    position: int = 0
    holders: array[int] = field(default_factory=holdings)
    retired: int = 0

    @property
    def key(self) -> AssetKey:
        """What identifies a product."""
        return self.adam_id, self.pricing_param

    @property
    def unlimited(self) -> bool:
        """A free product without a fixed stock."""
        return self.total == UNLIMITED

    @property
    def assigned(self) -> int:
        """Licences in use; those of retired users are counted apart."""
        return len(self.holders) - self.retired

    @property
    def available(self) -> int:
        """Licences that can still be given."""
        return self.total - len(self.holders)


@dataclass(frozen=True, slots=True)
class User:
    """One user record. ``managed_apple_id`` is never answered by the API (apple-api section 5)."""

    client_user_id: str
    status: str = "Registered"
    email: str | None = None
    managed_apple_id: str | None = None
    invite_code: str | None = None
    id_hash: str | None = None

    @property
    def active(self) -> bool:
        """Neither retired nor deleted."""
        return self.status in ACTIVE


Target = str | User


class Library:
    """The licences of one location, with the versions of the three endpoints that read them."""

    def __init__(self, name: str, ids: Ids) -> None:
        self._name = name
        self._ids = ids
        self.assets: dict[AssetKey, Asset] = {}
        self.targets: list[Target] = []
        self.records: list[int] = []
        self._devices: dict[str, int] = {}
        self._records_of: dict[str, list[int]] = {}
        self._accounts: dict[str, int] = {}
        self._remembered: tuple[Hashable, Any] | None = None
        self.start_history()

    def start_history(self) -> None:
        """What is here now is the first version of everything."""
        self.asset_line = self._new_line("assets")
        self.assignment_line = self._new_line("assignments")
        self.user_line = self._new_line("users")

    def _new_line(self, endpoint: str) -> VersionLine:
        return VersionLine(lambda number: self._ids.uuid(self._name, "version", endpoint, number))

    def frozen(self) -> Library:
        """The library as it is now, unmoved by later changes. Cheap: holders are shared, since their arrays are never changed in place.

        The two indexes by name are shared as well; they only ever grow, and `device` and `records_with` leave out what came later.
        """
        twin = copy.copy(self)
        twin.assets = {key: copy.copy(asset) for key, asset in self.assets.items()}
        twin.targets = self.targets.copy()
        twin.records = self.records.copy()
        twin.asset_line = copy.copy(self.asset_line)
        twin.assignment_line = copy.copy(self.assignment_line)
        twin.user_line = copy.copy(self.user_line)
        twin._remembered = None
        return twin

    # Looking up

    def device(self, serial_number: str) -> int | None:
        """The target number of a device that holds or held something. Apple knows no others: any serial number is taken (apple-api section 7)."""
        number = self._devices.get(serial_number)
        return number if number is not None and number < len(self.targets) else None

    def records_with(self, client_user_id: str) -> list[int]:
        """All records of a clientUserId, oldest first."""
        return [number for number in self._records_of.get(client_user_id, ()) if number < len(self.targets)]

    def user(self, number: int) -> User:
        """The user record behind a target number."""
        record = self.targets[number]
        if not isinstance(record, User):
            raise TypeError(f"Target {number} is a device.")
        return record

    def active_record(self, client_user_id: str) -> int | None:
        """The one active record, if there is one."""
        return next((number for number in reversed(self.records_with(client_user_id)) if self.user(number).active), None)

    def account_owner(self, managed_apple_id: str) -> int | None:
        """The active record that an Apple Account is attached to."""
        return self._accounts.get(managed_apple_id.lower())

    def is_retired_user(self, number: int) -> bool:
        """Whether what this target holds counts as retired."""
        record = self.targets[number]
        return isinstance(record, User) and not record.active

    def held_by(self, number: int) -> Iterator[Asset]:
        """Everything a target holds, in the order of the assets."""
        return (asset for asset in self.assets.values() if holds(asset.holders, number))

    def remembered(self, question: Hashable, answer: Callable[[], Any]) -> Any:
        """The answer to the newest question, kept until something changes: every page of a long listing asks the same one again."""
        key = (question, self.asset_line.number, self.assignment_line.number, self.user_line.number)
        if self._remembered is None or self._remembered[0] != key:
            self._remembered = (key, answer())
        return self._remembered[1]

    def pair_record(self, pair: Pair) -> dict[str, Any]:
        """The Assignment object of the contract, without user state."""
        asset, number = pair
        target = self.targets[number]
        name = {"clientUserId": target.client_user_id} if isinstance(target, User) else {"serialNumber": target}
        return {"adamId": asset.adam_id, "pricingParam": asset.pricing_param, **name}

    # Changing. `commit` makes the changes a new version.

    def commit(self) -> None:
        """End a step of work: every endpoint whose data changed gets a new versionId."""
        for line in (self.asset_line, self.assignment_line, self.user_line):
            line.commit()

    def add_asset(self, asset: Asset) -> Asset:
        """Take a new product in."""
        asset.position = len(self.assets)
        self.assets[asset.key] = asset
        self.asset_line.touch()
        return asset

    def change_total(self, asset: Asset, delta: int) -> None:
        """A purchase, or with a negative number a refund or a transfer away."""
        asset.total += delta
        self.asset_line.touch()

    def add_device(self, serial_number: str) -> int:
        """The target number of a device, a new one if it was never heard of."""
        number = self._devices.get(serial_number)
        if number is None:
            number = self._devices[serial_number] = len(self.targets)
            self.targets.append(serial_number)
        return number

    def give(self, asset: Asset, numbers: Iterable[int]) -> None:
        """Assign to targets that do not hold the asset yet. The caller has seen to the stock."""
        ascending = sorted(numbers)
        asset.holders = with_added(asset.holders, ascending)
        asset.retired += sum(map(self.is_retired_user, ascending))
        self._assignments_changed(asset, ascending)

    def take(self, asset: Asset, numbers: Iterable[int]) -> None:
        """Take back from targets that do hold the asset."""
        ascending = sorted(numbers)
        asset.holders = without(asset.holders, ascending)
        asset.retired -= sum(map(self.is_retired_user, ascending))
        self._assignments_changed(asset, ascending)

    def _assignments_changed(self, asset: Asset, numbers: Sequence[int]) -> None:
        if numbers:
            self.asset_line.touch()
            self.assignment_line.record(asset.position << 32 | number for number in numbers)

    def add_user(self, user: User) -> int:
        """Take a new record in, beside the retired ones of the same clientUserId. Invite code and hash are made up where the status asks for them."""
        number = len(self.targets)
        self.targets.append(self._completed(user, number))
        self.records.append(number)
        self._records_of.setdefault(user.client_user_id, []).append(number)
        self._account_changed(number)
        self.user_line.record([number])
        return number

    def change_user(self, number: int, **changes: Any) -> bool:
        """Change members of a record; tells whether anything is different now."""
        before = self.user(number)
        after = self._completed(replace(before, **changes), number)
        if after == before:
            return False
        self._forget_account(before, number)
        self.targets[number] = after
        self._account_changed(number)
        self.user_line.record([number])
        return True

    def associate_user(self, number: int, account: str | None = None) -> bool:
        """Attach an Apple Account: a managed one, or (``None``) whatever personal one accepted the invitation."""
        if account is not None:
            account_hash = self.id_hash(account)
        else:
            account_hash = self.user(number).id_hash or self._ids.base64(self._name, "id-hash", number)
        return self.change_user(number, status="Associated", managed_apple_id=account, id_hash=account_hash, invite_code=None)

    def retire_user(self, number: int, *, release: bool) -> list[Pair]:
        """Retire a record. With ``release`` its revocable licences come back; what it keeps counts as retired. Returns the pairs taken back."""
        held = list(self.held_by(number))
        released = [asset for asset in held if release and asset.revocable]
        for asset in released:
            self.take(asset, [number])
        # Only now, because `take` counts by the status the holder has.
        self.change_user(number, status="Retired", invite_code=None)
        for asset in held:
            if asset not in released:
                asset.retired += 1
                self.asset_line.touch()
        return [(asset, number) for asset in released]

    def id_hash(self, account: str) -> str:
        """The same account gives the same hash, whoever it is attached to."""
        return self._ids.base64("id-hash", account.lower())

    def _completed(self, user: User, number: int) -> User:
        """inviteCode while Registered, idHash once an Apple Account is attached (apple-api section 5)."""
        if user.status == "Registered" and user.invite_code is None:
            return replace(user, invite_code=self._ids.hex(self._name, "invite", number))
        if user.status == "Associated" and user.id_hash is None:
            account = user.managed_apple_id
            return replace(user, id_hash=self.id_hash(account) if account else self._ids.base64(self._name, "id-hash", number))
        return user

    def _forget_account(self, user: User, number: int) -> None:
        account = (user.managed_apple_id or "").lower()
        if self._accounts.get(account) == number:
            del self._accounts[account]

    def _account_changed(self, number: int) -> None:
        user = self.user(number)
        if user.managed_apple_id and user.active:
            self._accounts[user.managed_apple_id.lower()] = number


def asset_record(asset: Asset) -> dict[str, Any]:
    """The ResponseAsset object of the contract."""
    return {
        "adamId": asset.adam_id,
        "pricingParam": asset.pricing_param,
        "productType": asset.product_type,
        "deviceAssignable": asset.device_assignable,
        "revocable": asset.revocable,
        "supportedPlatforms": list(asset.platforms),
        "assignedCount": asset.assigned,
        "availableCount": asset.available,
        "retiredCount": asset.retired,
        "totalCount": asset.total,
    }


def user_record(user: User) -> dict[str, Any]:
    """The ResponseUser object of the contract; members without a value are left out."""
    members: Mapping[str, str | None] = {
        "clientUserId": user.client_user_id,
        "email": user.email,
        "idHash": user.id_hash,
        "inviteCode": user.invite_code,
        "status": user.status,
    }
    return {name: value for name, value in members.items() if value is not None}
