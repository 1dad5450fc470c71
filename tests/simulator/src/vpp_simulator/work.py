# Copyright (c) 2026, the mdmkit.apps_books authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the tasks of each kind of event do (apple-api sections 7 to 9)."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass

from vpp_simulator.behaviour import Behaviour
from vpp_simulator.events import Outcome, Receiver
from vpp_simulator.holdings import holds
from vpp_simulator.library import Asset, AssetKey, Library, User

NO_SUCH_USER = 9609
UNKNOWN_ACCOUNT = 9635
ACCOUNT_TAKEN = 9641
NOT_ENOUGH_LICENCES = 9709
USER_EXISTS = 9716
# Numbers of version 1. Version 2 lists none for these cases, so they only occur with the behaviour keys that ask for a failure.
ALREADY_ASSIGNED = 9616
NOT_ASSIGNED = 9619


class _PairWork(ABC):
    """Every asset with every receiver, asset by asset (apple-api section 7: the cross product)."""

    def __init__(self, assets: Sequence[AssetKey], receivers: Sequence[Receiver]) -> None:
        self.assets = assets
        self.receivers = receivers

    def requested(self) -> int:
        """Tasks = assets x (users + devices)."""
        return len(self.assets) * len(self.receivers)

    def prepare(self, library: Library) -> int:
        """Nothing to look up; the tasks follow from the request alone."""
        return self.requested()

    def run(self, library: Library, behaviour: Behaviour, outcome: Outcome, start: int, stop: int) -> None:
        """Carry the tasks out asset by asset, so that each asset's holders are rewritten once a slice."""
        width = len(self.receivers)
        while start < stop:
            index, offset = divmod(start, width)
            count = min(width - offset, stop - start)
            key = self.assets[index]
            receivers = [
                receiver
                for task, receiver in enumerate(self.receivers[offset : offset + count], start)
                if not outcome.refuses(task, receiver, key)
            ]
            self._run_asset(library, behaviour, outcome, key, receivers)
            start += count

    @abstractmethod
    def _run_asset(self, library: Library, behaviour: Behaviour, outcome: Outcome, key: AssetKey, receivers: Sequence[Receiver]) -> None:
        """Carry out the tasks of one asset."""


class Associate(_PairWork):
    """Give each asset to each receiver."""

    def __init__(self, assets: Sequence[AssetKey], receivers: Sequence[Receiver]) -> None:
        super().__init__(assets, receivers)
        self._groups_refused: dict[AssetKey, bool] = {}

    def _run_asset(self, library: Library, behaviour: Behaviour, outcome: Outcome, key: AssetKey, receivers: Sequence[Receiver]) -> None:
        asset = library.assets.get(key)
        # A product that is not owned counts as one of which there are no licences (apple-api section 9).
        stock = asset.available if asset else 0
        if behaviour.shortage == "whole_group" and self._group_refused(library, key, asset):
            stock = -1
        new = []
        for receiver in receivers:
            number = library.active_record(receiver.name) if receiver.is_user else library.device(receiver.name)
            if receiver.is_user and number is None:
                outcome.failed(NO_SUCH_USER, receiver, key)
            elif stock >= 0 and asset and number is not None and holds(asset.holders, number):
                if behaviour.associate_existing == "fail":
                    outcome.failed(ALREADY_ASSIGNED, receiver, key)
                else:
                    outcome.done()
            elif stock <= 0:
                outcome.failed(NOT_ENOUGH_LICENCES, receiver, key)
            else:
                new.append(library.add_device(receiver.name) if number is None else number)
                stock -= 1
        if asset and new:
            library.give(asset, new)
            outcome.done(len(new))
            outcome.changed_pairs((asset, number) for number in new)

    def _group_refused(self, library: Library, key: AssetKey, asset: Asset | None) -> bool:
        """Whether the request asks for more of this asset than there is. Decided once, since the first slice already uses some up."""
        if key not in self._groups_refused:
            self._groups_refused[key] = asset is None or self._wanted(library, asset) > asset.available
        return self._groups_refused[key]

    def _wanted(self, library: Library, asset: Asset) -> int:
        """Licences that the whole group of receivers would use up."""
        wanted = 0
        for receiver in self.receivers:
            number = library.active_record(receiver.name) if receiver.is_user else library.device(receiver.name)
            if number is None:
                wanted += not receiver.is_user
            else:
                wanted += not holds(asset.holders, number)
        return wanted


class Disassociate(_PairWork):
    """Take each asset back from each receiver."""

    def _run_asset(self, library: Library, behaviour: Behaviour, outcome: Outcome, key: AssetKey, receivers: Sequence[Receiver]) -> None:
        asset = library.assets.get(key)
        held = []
        for receiver in receivers:
            candidates = _targets_named(library, receiver)
            number = next((number for number in candidates if asset and holds(asset.holders, number)), None)
            if number is not None:
                held.append(number)
            elif receiver.is_user and not candidates:
                outcome.failed(NO_SUCH_USER, receiver, key)
            elif behaviour.disassociate_missing == "fail":
                outcome.failed(NOT_ASSIGNED, receiver, key)
            else:
                outcome.done()
        if asset and held:
            library.take(asset, held)
            outcome.done(len(held))
            outcome.changed_pairs((asset, number) for number in held)


class Revoke:
    """Take back everything revocable that the receivers hold. What that is, shows only when the event's turn comes."""

    def __init__(self, receivers: Sequence[Receiver]) -> None:
        self._receivers = receivers
        self._tasks: list[tuple[Asset, int, Receiver]] = []

    def requested(self) -> int:
        """Unknown until the event's turn."""
        return 0

    def prepare(self, library: Library) -> int:
        """The number of assignments found (apple-api section 7, assumed)."""
        found = [
            (asset, number, receiver)
            for receiver in self._receivers
            for number in _targets_named(library, receiver)
            for asset in library.held_by(number)
            if asset.revocable
        ]
        self._tasks = sorted(found, key=lambda task: task[0].position)
        return len(self._tasks)

    def run(self, library: Library, behaviour: Behaviour, outcome: Outcome, start: int, stop: int) -> None:
        """Take back, asset by asset."""
        held: dict[Asset, list[int]] = {}
        for task, (asset, number, receiver) in enumerate(self._tasks[start:stop], start):
            if not outcome.refuses(task, receiver, asset.key):
                outcome.done()
                # Somebody may have taken it back by hand since `prepare`.
                if holds(asset.holders, number):
                    held.setdefault(asset, []).append(number)
        for asset, numbers in held.items():
            library.take(asset, numbers)
            outcome.changed_pairs((asset, number) for number in numbers)


@dataclass(frozen=True)
class WantedUser:
    """A RequestUser of the contract."""

    client_user_id: str
    email: str | None = None
    managed_apple_id: str | None = None

    @property
    def receiver(self) -> Receiver:
        """As failures name it."""
        return Receiver(self.client_user_id, is_user=True)


class _UserWork(ABC):
    """One task for each user of the request."""

    def __init__(self, users: Sequence[WantedUser], known_accounts: frozenset[str] | None = None) -> None:
        self.users = users
        self._known_accounts = known_accounts

    def requested(self) -> int:
        """One task a user."""
        return len(self.users)

    def prepare(self, library: Library) -> int:
        """Nothing to look up."""
        return self.requested()

    def run(self, library: Library, behaviour: Behaviour, outcome: Outcome, start: int, stop: int) -> None:
        """Carry the tasks out one by one."""
        for task, wanted in enumerate(self.users[start:stop], start):
            if outcome.refuses(task, wanted.receiver):
                continue
            error = self._run_user(library, behaviour, outcome, wanted)
            if error is None:
                outcome.done()
            else:
                outcome.failed(error, wanted.receiver)

    @abstractmethod
    def _run_user(self, library: Library, behaviour: Behaviour, outcome: Outcome, wanted: WantedUser) -> int | None:
        """Carry out one task; returns the error number if it failed."""

    def _account_error(self, library: Library, wanted: WantedUser, number: int | None) -> int | None:
        """Whether the Managed Apple Account can be attached to this record (``None``: one that is about to be made)."""
        account = wanted.managed_apple_id
        if account is None:
            return None
        if self._known_accounts is not None and account.lower() not in self._known_accounts:
            return UNKNOWN_ACCOUNT
        return None if library.account_owner(account) in (None, number) else ACCOUNT_TAKEN


class CreateUsers(_UserWork):
    """Make a new record. A retired one of the same id stays beside it (apple-api section 7)."""

    def _run_user(self, library: Library, behaviour: Behaviour, outcome: Outcome, wanted: WantedUser) -> int | None:
        if library.active_record(wanted.client_user_id) is not None:
            return USER_EXISTS
        error = self._account_error(library, wanted, None)
        if error is None:
            status = "Associated" if wanted.managed_apple_id else "Registered"
            outcome.users.append(library.add_user(User(wanted.client_user_id, status, wanted.email, wanted.managed_apple_id)))
        return error


class UpdateUsers(_UserWork):
    """Change email, or attach a Managed Apple Account. What is left out stays as it is (apple-api section 7, assumed)."""

    def _run_user(self, library: Library, behaviour: Behaviour, outcome: Outcome, wanted: WantedUser) -> int | None:
        number = library.active_record(wanted.client_user_id)
        if number is None:
            return NO_SUCH_USER
        error = self._account_error(library, wanted, number)
        if error is not None:
            return error
        changed = wanted.email is not None and library.change_user(number, email=wanted.email)
        if wanted.managed_apple_id is not None:
            changed = library.associate_user(number, wanted.managed_apple_id) or changed
        if changed:
            outcome.users.append(number)
        return None


class RetireUsers(_UserWork):
    """Retire the active record."""

    def _run_user(self, library: Library, behaviour: Behaviour, outcome: Outcome, wanted: WantedUser) -> int | None:
        number = library.active_record(wanted.client_user_id)
        if number is None:
            return NO_SUCH_USER
        released = library.retire_user(number, release=behaviour.retire_releases)
        outcome.users.append(number)
        outcome.changed_pairs(released)
        return None


def _targets_named(library: Library, receiver: Receiver) -> list[int]:
    """Everything a name can mean when something is taken back: the active record first, then the retired ones, newest first."""
    if receiver.is_user:
        return sorted(library.records_with(receiver.name), key=lambda number: (library.is_retired_user(number), -number))
    number = library.device(receiver.name)
    return [] if number is None else [number]
