# Copyright (c) 2026, the mdmkit.apps_books authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A plan is data: steps in order, each with its kind, its changes and why. What is shown, sent and counted comes from it alone."""

from __future__ import annotations

import abc
import itertools
from typing import Any, Dict, Iterator, List, NamedTuple, Sequence, Tuple

from ansible_collections.mdmkit.apps_books.plugins.module_utils._model import Asset, Limits


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
    def requests(self, limits: Limits) -> List[Request]:
        """The writes that make exactly these changes, within the limits."""


class Plan(NamedTuple):
    steps: Tuple[Step, ...] = ()

    @property
    def changed(self) -> bool:
        return any(step.count for step in self.steps)

    def counts(self) -> Dict[str, int]:
        return {step.kind: step.count for step in self.steps}

    def listed(self, most: int) -> Tuple[List[Dict[str, Any]], int]:
        """The changes as a result shows them, and how many are left out."""
        shown = [dict(change.told, action=step.kind, why=step.why) for step, change in self._first(most)]
        return shown, self._count() - len(shown)

    def diff(self, most: int) -> Dict[str, Dict[str, Any]]:
        """Ansible's before and after, of changed objects only."""
        before: Dict[str, Any] = {}
        after: Dict[str, Any] = {}
        shown = 0
        for dummy, change in self._first(most):
            shown += 1
            if change.before is not None:
                before[change.key] = change.before
            if change.after is not None:
                after[change.key] = change.after
        if self._count() > shown:
            after["..."] = f"{self._count() - shown} more changed objects are not shown"
        return {"before": before, "after": after}

    def requests(self, limits: Limits) -> List[Request]:
        return [request for step in self.steps for request in step.requests(limits)]

    def _count(self) -> int:
        return sum(step.count for step in self.steps)

    def _first(self, most: int) -> Iterator[Tuple[Step, Change]]:
        return itertools.islice(((step, change) for step in self.steps for change in step.changes()), most)


def chunks(values: Sequence[Any], size: int) -> Iterator[Tuple[Any, ...]]:
    for start in range(0, len(values), size):
        yield tuple(values[start:start + size])
