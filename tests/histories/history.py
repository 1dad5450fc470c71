# Copyright (c) 2026, the mdmkit.apps_books authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a history is, and how one is made from numbers: the changes that others make to a location, and our readings between and among them.

The smaller the numbers, the plainer the history, so that whoever draws them can look for the plainest history that goes wrong. The world is small,
so that everything meets everything.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import Any, NamedTuple

from ansible_collections.mdmkit.apps_books.plugins.module_utils._model import Asset

APPS = (Asset("1000000001"), Asset("1000000001", "PLUS"))
BOOKS = (Asset("1000000002"), Asset("1000000003"))
ASSETS = APPS + BOOKS
# One name is both a user and a device: they must not be taken for each other.
USERS = ("u-1", "u-2", "u-3", "both")
DEVICES = ("D1", "D2", "D3", "both")

LARGEST_NUMBER = 2**160
MOST_NUMBERS = 10
NEVER_RESTS = 400
"""So many changes during one reading are more than any reading waits for."""


class Change(NamedTuple):
    """Something that somebody else does.

    :ivar kind: one of KINDS
    """

    kind: str
    assets: tuple[Asset, ...] = ()
    users: tuple[str, ...] = ()
    devices: tuple[str, ...] = ()
    count: int = 0

    def __str__(self) -> str:
        assets = ", ".join(map(str, self.assets))
        return f"{self.kind} [{assets}] {' '.join(self.users)} | {' '.join(self.devices)} ({self.count})"


class Moment(NamedTuple):
    """Something that happens right before a request of a reading.

    :ivar after: so many requests after the moment before
    """

    after: int
    change: Change


class Damage(NamedTuple):
    """What became of the files in the folder since they were written.

    :ivar kind: one of DAMAGES
    :ivar where: a share of the file's length
    """

    kind: str
    where: float


class Reading(NamedTuple):
    """
    :ivar what: ``assignments``, ``users``, or ``known``: the assignments that the process knows, brought up to date as after a write
    :ivar assets: the question is about these; None where it is about all
    :ivar users, devices: the question is about what these hold, or about these users; None where it is about all. With ``known`` those of whom
        the process knows that they may have lost something
    :ivar new_process: whether the memory of the process before is lost
    :ivar moments: what happens meanwhile
    :ivar restless: whether the moments begin again and again, until the reading ends
    :ivar forgotten: how many of the first incremental questions the service answers with 9721
    :ivar killed_before: the reading ends before it sends this request; None where it ends by itself
    :ivar order: the seed of the order in which requests under way at the same time arrive
    """

    what: str
    assets: tuple[Asset, ...] | None = None
    users: tuple[str, ...] | None = None
    devices: tuple[str, ...] | None = None
    new_process: bool = False
    damage: Damage | None = None
    moments: tuple[Moment, ...] = ()
    restless: bool = False
    forgotten: int = 0
    killed_before: int | None = None
    order: int = 0

    def __str__(self) -> str:
        told = [f"{name} {value}" for name, value in self._asdict().items() if value not in (None, (), False, 0) and name not in ("what", "moments")]
        moments = [f"\n    after {moment.after} more requests: {moment.change}" for moment in self.moments]
        return f"read {self.what} {'; '.join(told)}{''.join(moments)}"


class History(NamedTuple):
    """
    :ivar behaviour: of the service, in its simulator's terms
    :ivar held: the pairs that are there in the beginning: asset, user, device, of which one is None
    """

    behaviour: dict[str, Any]
    held: tuple[tuple[Asset, str | None, str | None], ...]
    steps: tuple[Change | Reading, ...]

    def story(self) -> list[str]:
        """For people, a step a line."""
        pairs = ", ".join(f"{asset} of {user or device}" for asset, user, device in self.held)
        return [f"behaviour {self.behaviour}", f"held {pairs}", *map(str, self.steps)]


KINDS = (
    "associate",
    "disassociate",
    "retire",
    "swap",
    "create",
    "create again",
    "create again with the same",
    "revoke",
    "update",
    "sign in",
    "assign by hand",
    "unassign by hand",
    "purchase",
    "another process reads",
    "forget versions",
)
FOREIGN = "of another location"
DAMAGES = ("cut off", "bit flipped", "emptied", "replaced", "older", FOREIGN, "removed")

# Some things are worth trying more often than others.
_STEPS = ("reading", "change", "change", "reading", "change")
_QUESTIONS = ("all", "all", "all", "all", "assets", "targets")
_PACES = ("quiet", "quiet", "few", "few", "few", "few", "restless")


class _Number:
    """Choices, taken from one number one after the other; what is left of it when it is used up is the first of all choices."""

    def __init__(self, number: int) -> None:
        self._number = number

    def below(self, limit: int) -> int:
        self._number, chosen = divmod(self._number, limit)
        return chosen

    def choose(self, values: Sequence[Any]) -> Any:
        return values[self.below(len(values))]

    def some(self, values: Sequence[Any]) -> tuple[Any, ...]:
        bits = self.below(2 ** len(values))
        return tuple(value for index, value in enumerate(values) if bits >> index & 1)


def make_history(numbers: Sequence[int]) -> History:
    """The history of these numbers, each from 0 to below LARGEST_NUMBER. The first is about the location, each other one about a step.

    It ends with a reading of all assignments and one of all users, without any change meanwhile.
    """
    first = _Number(numbers[0] if numbers else 0)
    behaviour = {
        "page_size": first.choose((3, 2, 4, 1, 5)),
        "removals_in_incremental": first.choose((False, True)),
        "retire_releases": first.choose((True, False)),
    }
    held_by_users = [(asset, user, None) for asset in ASSETS for user in first.some(USERS)]
    held_by_devices = [(asset, None, device) for asset in APPS for device in first.some(DEVICES)]
    everything = (Reading("assignments"), Reading("users"))
    # Without it what the folder holds may come of a reading that was disturbed.
    before = first.choose((everything, everything, everything, ()))
    return History(behaviour, (*held_by_users, *held_by_devices), (*before, *(_step(_Number(number)) for number in numbers[1:]), *everything))


def random_numbers(seed: int) -> list[int]:
    """Numbers of a history; the same for the same seed."""
    chance = random.Random(seed)
    return [chance.randrange(LARGEST_NUMBER) for dummy in range(chance.randint(3, MOST_NUMBERS))]


def _step(number: _Number) -> Change | Reading:
    return _reading(number) if number.choose(_STEPS) == "reading" else _change(number)


def _change(number: _Number) -> Change:
    kind = number.choose(KINDS)
    if number.below(2):
        return Change(kind, number.some(ASSETS), number.some(USERS), number.some(DEVICES), number.below(3) + 1)
    # Most of what happens is about one thing.
    user_or_device = number.below(2)
    return Change(
        kind,
        (number.choose(ASSETS),),
        (number.choose(USERS),) if user_or_device == 0 else (),
        (number.choose(DEVICES),) if user_or_device == 1 else (),
        number.below(3) + 1,
    )


def _reading(number: _Number) -> Reading:
    what = number.choose(("assignments", "assignments", "users", "known"))
    asked = number.choose(_QUESTIONS)
    reading = Reading(
        what,
        new_process=bool(number.below(2)),
        order=number.below(8),
        forgotten=number.choose((0, 0, 0, 1, 2)),
        killed_before=number.choose((None, None, None, None, None, None, 1 + number.below(12))),
        damage=number.choose((None, None, None, Damage(number.choose(DAMAGES), number.below(16) / 16))),
    )
    if asked == "assets" and what == "assignments":
        reading = reading._replace(assets=number.some(ASSETS))
    elif asked == "targets":
        reading = reading._replace(users=number.some(USERS), devices=None if what == "users" else number.some(DEVICES))
    pace = number.choose(_PACES)
    if pace == "quiet":
        return reading
    moments = tuple(Moment(number.below(6), _change(number)) for dummy in range(1 + number.below(3)))
    return reading._replace(moments=moments, restless=pace == "restless")
