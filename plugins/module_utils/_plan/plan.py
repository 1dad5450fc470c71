# Copyright (c) 2026, the mdmkit.apps_books authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A plan is data: steps in order, each with its kind, its changes and why. What is shown, sent and counted comes from it alone."""

from __future__ import annotations

import abc
import itertools
from typing import Any, Callable, Collection, Dict, Iterator, List, NamedTuple, Optional, Sequence, Tuple

from ansible_collections.mdmkit.apps_books.plugins.module_utils._model import Asset, Failure, Limits


class Request(NamedTuple):
    """One write to send. Which fields are used depends on the kind."""

    kind: str
    assets: Tuple[Asset, ...] = ()
    users: Tuple[str, ...] = ()
    devices: Tuple[str, ...] = ()
    user_records: Tuple[Dict[str, str], ...] = ()

    def split(self, limits: Limits) -> List[Request]:
        """The same, in as few requests as the limits allow."""
        if self.user_records:
            return [self._replace(user_records=records) for records in chunks(self.user_records, limits.users)]
        most_users, most_devices = limits.client_user_ids, limits.serial_numbers
        if self.kind == "revoke":
            most_users, most_devices = limits.revoke_client_user_ids, limits.revoke_serial_numbers
        targets = itertools.zip_longest(chunks(self.users, most_users), chunks(self.devices, most_devices), fillvalue=())
        asset_chunks = list(chunks(self.assets, limits.assets)) or [()]
        return [
            self._replace(assets=assets, users=users, devices=devices) for users, devices in targets for assets in asset_chunks
        ]

    def parted(self, assets: Collection[Asset], users: Collection[str], devices: Collection[str]) -> Tuple[Optional[Request], Optional[Request]]:
        """The request in two: what concerns the given objects, and the rest. Where nothing is given, all of it is the rest.

        :param assets: empty where the request is parted by its targets
        """
        if self.user_records:
            named = tuple(record for record in self.user_records if record["client_user_id"] in users)
            rest = tuple(record for record in self.user_records if record["client_user_id"] not in users)
            return self._replace(user_records=named)._or_none(), self._replace(user_records=rest)._or_none()
        if users or devices:
            of_named = {"users": tuple(user for user in self.users if user in users), "devices": tuple(device for device in self.devices if device in devices)}
            rest_of = {
                "users": tuple(user for user in self.users if user not in users),
                "devices": tuple(device for device in self.devices if device not in devices),
            }
            return self._replace(**of_named)._or_none(), self._replace(**rest_of)._or_none()
        named_assets = tuple(asset for asset in self.assets if asset in assets)
        if not named_assets:
            return None, self
        other_assets = tuple(asset for asset in self.assets if asset not in assets)
        return self._replace(assets=named_assets), self._replace(assets=other_assets) if other_assets else None

    def rests_on(self, earlier: Request) -> bool:
        """Whether this request counts on what an earlier one was to free: a licence of one of its assets, or an Apple Account."""
        if self.kind == "associate" and earlier.kind == "disassociate":
            return not set(self.assets).isdisjoint(earlier.assets)
        return earlier.kind == "retire" and any("managed_apple_id" in record for record in self.user_records)

    def last_target(self) -> Request:
        """Of a request about assets, the part that concerns its last target."""
        return self._replace(users=(), devices=self.devices[-1:]) if self.devices else self._replace(users=self.users[-1:])

    def _or_none(self) -> Optional[Request]:
        return self if self.user_records or self.users or self.devices else None


class Batches(NamedTuple):
    """:ivar at_least: no way of batching takes fewer requests than this"""

    requests: List[Request]
    at_least: int

    @classmethod
    def as_few_as_can_be(cls, requests: List[Request]) -> Batches:
        return cls(requests, len(requests))


class Change(NamedTuple):
    """One object that changes."""

    key: str
    """What the object is called in a diff."""
    told: Dict[str, Any]
    """The change as a result shows it."""
    before: Any
    """None where the object is not there."""
    after: Any


class Step(abc.ABC):
    """Changes of one kind. A plan's steps are sent in order."""

    kind = ""
    why = ""

    @property
    @abc.abstractmethod
    def count(self) -> int:
        """How many changes there are."""

    @abc.abstractmethod
    def changes(self) -> Iterator[Change]:
        """Every change, in a stable order."""

    @abc.abstractmethod
    def batches(self, limits: Limits) -> Batches:
        """The writes that make exactly these changes, within the limits."""

    def requests(self, limits: Limits) -> List[Request]:
        return self.batches(limits).requests


class DivisibleStep(Step):
    """A step of which a part can be done and another not. Every method below gives a step of the same kind with some of the changes."""

    @abc.abstractmethod
    def remaining(self, present: Any) -> DivisibleStep:
        """The changes that the present state does not show.

        :param present: complete for what the step changes; its type is that which the step was planned with
        """

    @abc.abstractmethod
    def within(self, requests: Sequence[Request]) -> DivisibleStep:
        """The changes that these requests, which may be those of other steps too, were to make."""

    @abc.abstractmethod
    def about(self, failure: Failure) -> DivisibleStep:
        """The changes that a failure speaks of; one that names nobody speaks of all."""

    @abc.abstractmethod
    def without(self, other: DivisibleStep) -> DivisibleStep:
        """The changes that are not in another step of this kind."""

    @abc.abstractmethod
    def joined(self, other: DivisibleStep) -> DivisibleStep:
        """The changes of both; no change is in both."""

    def half_done(self) -> DivisibleStep:
        """Of what remains, the changes whose object is there but not as it shall be."""
        return self.without(self)

    def unreadable(self) -> DivisibleStep:
        """The changes of which a part can never be read back, so that only the event tells whether they worked."""
        return self.without(self)


class Plan(NamedTuple):
    steps: Tuple[Step, ...] = ()

    @property
    def changed(self) -> bool:
        return any(step.count for step in self.steps)

    def counts(self) -> Dict[str, int]:
        return {step.kind: step.count for step in self.steps}

    def changes(self) -> Iterator[Change]:
        """Every change, in the order in which they are sent."""
        return (change for step in self.steps for change in step.changes())

    def told(self) -> Iterator[Dict[str, Any]]:
        """Every change as a result shows it."""
        return (dict(change.told, action=step.kind, why=step.why) for step in self.steps for change in step.changes())

    def diff(self, most: int) -> Dict[str, Dict[str, Any]]:
        """Ansible's before and after, of changed objects only."""
        before: Dict[str, Any] = {}
        after: Dict[str, Any] = {}
        shown = 0
        for change in itertools.islice(self.changes(), most):
            shown += 1
            if change.before is not None:
                before[change.key] = change.before
            if change.after is not None:
                after[change.key] = change.after
        if self.count > shown:
            after["..."] = f"{self.count - shown} more changed objects are not shown"
        return {"before": before, "after": after}

    def batches(self, limits: Limits) -> Batches:
        batches = [step.batches(limits) for step in self.steps]
        return Batches([request for each in batches for request in each.requests], sum(each.at_least for each in batches))

    def requests(self, limits: Limits) -> List[Request]:
        return self.batches(limits).requests

    def divisible(self) -> Tuple[DivisibleStep, ...]:
        """The steps, of plans that have no other ones."""
        return tuple(step for step in self.steps if isinstance(step, DivisibleStep))

    def each(self, part_of: Callable[[DivisibleStep], DivisibleStep]) -> Plan:
        """A part of every step."""
        return Plan(tuple(part_of(step) for step in self.divisible()))

    def remaining(self, present: Any) -> Plan:
        return self.each(lambda step: step.remaining(present))

    def within(self, requests: Sequence[Request]) -> Plan:
        """What these requests were to change."""
        return self.each(lambda step: step.within(requests))

    def without(self, other: Plan) -> Plan:
        """:param other: a part of the same plan"""
        return Plan(tuple(step.without(others) for step, others in zip(self.divisible(), other.divisible())))

    def about(self, failure: Failure) -> Plan:
        return self.each(lambda step: step.about(failure))

    def half_done(self) -> Plan:
        return self.each(lambda step: step.half_done())

    def unreadable(self) -> Plan:
        return self.each(lambda step: step.unreadable())

    def empty(self) -> Plan:
        return self.without(self)

    def joined(self, other: Plan) -> Plan:
        """:param other: another part of the same plan"""
        return Plan(tuple(step.joined(others) for step, others in zip(self.divisible(), other.divisible())))

    @property
    def count(self) -> int:
        return sum(step.count for step in self.steps)


def chunks(values: Sequence[Any], size: int) -> Iterator[Tuple[Any, ...]]:
    for start in range(0, len(values), size):
        yield tuple(values[start:start + size])
