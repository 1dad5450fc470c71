# Copyright (c) 2026, the mdmkit.apps_books authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What was true, by the simulator's own account, and whether an answer was true at any moment while it was being read."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import Any, NamedTuple, TypeVar

from ansible_collections.mdmkit.apps_books.plugins.module_utils._model import ACTIVE_STATUSES, Asset, User
from ansible_collections.mdmkit.apps_books.plugins.module_utils._state.reading import BY_ASSET, BY_TARGET
from ansible_collections.mdmkit.apps_books.tests.unit.support.world import DEVICE, USER, Pair

from .history import Reading

Thing = TypeVar("Thing", Pair, User)


class Truth(NamedTuple):
    """A location at one moment.

    :ivar pairs: what active users and devices hold
    :ivar users: the active ones, without invite codes
    """

    pairs: frozenset[Pair]
    users: frozenset[User]


def truth_of_state(state: Mapping[str, Any]) -> Truth:
    """From a location in the form of the simulator's control surface."""
    return Truth(
        frozenset(
            (
                Asset(record["adamId"], record["pricingParam"]),
                USER if "clientUserId" in record else DEVICE,
                record.get("clientUserId") or record["serialNumber"],
            )
            for record in state["assignments"]
            if "userRecord" not in record  # then a retired user holds it
        ),
        frozenset(
            User(record["clientUserId"], record.get("email"), record["status"], None, record.get("idHash"))
            for record in state["users"]
            if record["status"] in ACTIVE_STATUSES
        ),
    )


def assignments_fault(found: Collection[Pair], reading: Reading, truths: Sequence[Truth], way: str) -> str:
    """What is wrong with an answer about assignments: empty if it is what the location held at one of these moments, as far as it was asked for.

    Where it was asked for assets and for targets, an answer that is complete for one of them will do. An answer that was put together from several
    questions has a moment for each of them.

    :param way: in which it was read
    """
    moments = [truth.pairs for truth in truths]
    if way == BY_ASSET:
        return _fault_of_parts(found, moments, lambda pair: pair[0], reading.assets or ())
    if way == BY_TARGET:
        return _fault_of_parts(found, moments, lambda pair: pair[1:], _targets(reading))
    questions: list[Callable[[Pair], bool]] = []
    if reading.assets is not None:
        questions.append(lambda pair: pair[0] in (reading.assets or ()))
    if reading.users is not None:
        questions.append(lambda pair: pair[1:] in _targets(reading))
    return min((_fault(found, wanted, moments) for wanted in questions or [lambda pair: True]), key=len)


def users_fault(found: Collection[User], reading: Reading, truths: Sequence[Truth], way: str) -> str:
    """The same for users. Invite codes are told by some ways of reading only."""
    found = [user._replace(invite_code=None) for user in found]
    moments = [truth.users for truth in truths]
    if way == BY_TARGET:
        # Users of a page that was read first may be among the answer, too.
        return _fault_of_parts(found, moments, lambda user: user.client_user_id, {*(reading.users or ()), *(user.client_user_id for user in found)})
    return _fault(found, lambda user: reading.users is None or user.client_user_id in reading.users, moments)


def _targets(reading: Reading) -> set[tuple[str, str]]:
    return {(USER, name) for name in reading.users or ()} | {(DEVICE, name) for name in reading.devices or ()}


def _fault_of_parts(
    found: Collection[Thing], moments: Sequence[frozenset[Thing]], part_of: Callable[[Thing], Any], parts: Iterable[Any]
) -> str:
    wanted = set(parts)
    foreign = [str(thing) for thing in found if part_of(thing) not in wanted]
    if foreign:
        return f"nobody asked for {foreign}"

    def only(things: Iterable[Thing], part: Any) -> frozenset[Thing]:
        return frozenset(thing for thing in things if part_of(thing) == part)

    faults = ((part, _fault(only(found, part), lambda thing: True, [only(moment, part) for moment in moments])) for part in wanted)
    return "; ".join(f"of {part} {fault}" for part, fault in faults if fault)


def _fault(found: Collection[Thing], wanted: Callable[[Thing], bool], moments: Sequence[frozenset[Thing]]) -> str:
    answer = frozenset(found)
    nearest = ""
    for moment in moments:
        invented, missing = answer - moment, frozenset(filter(wanted, moment - answer))
        if not invented and not missing:
            return ""
        told = f"tells of {sorted(map(str, invented))} and not of {sorted(map(str, missing))}"
        nearest = min(nearest or told, told, key=len)
    return f"it was never true in any of {len(moments)} moments; the nearest difference: {nearest}"
