# Copyright (c) 2026, the mdmkit.apps_books authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import itertools
import math
from collections import Counter
from typing import Any, Iterator, List

import pytest
from ansible_collections.mdmkit.apps_books.plugins.module_utils._model import Asset, Limits
from ansible_collections.mdmkit.apps_books.plugins.module_utils._plan.plan import Batches, Change, Plan, Request, Step, chunks
from ansible_collections.mdmkit.apps_books.tests.unit.support.draw import examples, small_limits
from hypothesis import given
from hypothesis import strategies as st

ROOMY = Limits(25, 1000, 1000, 100, 100, 100, 512, 100, 100, 255)
sizes = st.integers(0, 8)


def tasks(request: Request) -> List[Any]:
    return [(asset, kind, target) for asset in request.assets for kind, ids in (("user", request.users), ("device", request.devices)) for target in ids]


@pytest.mark.parametrize("kind", ["associate", "disassociate"])
@examples(150)
@given(assets=st.integers(1, 8), users=sizes, devices=sizes, limits=small_limits)
def test_a_request_is_split_into_the_same_tasks_within_the_limits(kind: str, assets: int, users: int, devices: int, limits: Limits) -> None:
    request = Request(kind, tuple(Asset(str(n)) for n in range(assets)), tuple(f"u{n}" for n in range(users)), tuple(f"D{n}" for n in range(devices)))
    parts = request.split(limits)

    assert Counter(task for part in parts for task in tasks(part)) == Counter(tasks(request))
    assert all(len(part.assets) <= limits.assets for part in parts)
    assert all(len(part.users) <= limits.client_user_ids and len(part.devices) <= limits.serial_numbers for part in parts)
    assert all(part.kind == kind and part.assets and (part.users or part.devices) for part in parts)
    rows = max(math.ceil(users / limits.client_user_ids), math.ceil(devices / limits.serial_numbers))
    assert len(parts) == rows * math.ceil(assets / limits.assets), "as few as the limits allow"


@examples(100)
@given(users=sizes, devices=sizes, limits=small_limits)
def test_revocations_have_limits_of_their_own(users: int, devices: int, limits: Limits) -> None:
    request = Request("revoke", users=tuple(f"u{n}" for n in range(users)), devices=tuple(f"D{n}" for n in range(devices)))
    parts = request.split(limits)

    assert [user for part in parts for user in part.users] == list(request.users)
    assert [device for part in parts for device in part.devices] == list(request.devices)
    assert all(len(part.users) <= limits.revoke_client_user_ids and len(part.devices) <= limits.revoke_serial_numbers for part in parts)
    assert all(part.assets == () and (part.users or part.devices) for part in parts)
    assert len(parts) == max(math.ceil(users / limits.revoke_client_user_ids), math.ceil(devices / limits.revoke_serial_numbers))


@pytest.mark.parametrize("kind", ["create", "update", "retire"])
@examples(40)
@given(count=st.integers(0, 9), limits=small_limits)
def test_users_are_split_in_order(kind: str, count: int, limits: Limits) -> None:
    records = tuple({"client_user_id": f"u{number}", "email": f"{number}@example.test"} for number in range(count))
    parts = Request(kind, user_records=records).split(limits)

    assert [record for part in parts for record in part.user_records] == list(records)
    assert len(parts) == math.ceil(count / limits.users)
    assert all(part.kind == kind and 0 < len(part.user_records) <= limits.users for part in parts)


def test_what_is_within_the_limits_stays_one_request() -> None:
    request = Request("associate", (Asset("1"), Asset("2")), ("u1", "u2"), ("D1",))

    assert request.split(ROOMY) == [request]


@examples(50)
@given(values=st.lists(st.integers(), max_size=12), size=st.integers(1, 5))
def test_chunks_are_full_but_for_the_last(values: List[int], size: int) -> None:
    parts = list(chunks(values, size))

    assert [value for part in parts for value in part] == values
    assert all(len(part) == size for part in parts[:-1])
    assert all(0 < len(part) <= size for part in parts)


class Example(Step):
    """So many changes, and a request for each. Counts how many changes somebody looked at."""

    def __init__(self, kind: str, number: int) -> None:
        self.kind = kind
        self.why = f"reason for {kind}"
        self.number = number
        self.looked_at = 0

    @property
    def count(self) -> int:
        return self.number

    def changes(self) -> Iterator[Change]:
        for number in range(self.number):
            self.looked_at += 1
            before = None if self.kind == "add" else {"old": number}
            yield Change(f"{self.kind} {number}", {"number": number}, before, None if self.kind == "remove" else {"new": number})

    def batches(self, limits: Limits) -> Batches:
        return Batches([Request(self.kind, users=(str(number),)) for number in range(self.number)], self.number // 2)


def test_everything_that_a_plan_shows_comes_in_the_order_of_its_steps() -> None:
    plan = Plan((Example("remove", 2), Example("add", 1), Example("alter", 1), Example("nothing", 0)))

    assert plan.changed
    assert plan.counts() == {"remove": 2, "add": 1, "alter": 1, "nothing": 0}
    assert [(request.kind, request.users) for request in plan.requests(ROOMY)] == [("remove", ("0",)), ("remove", ("1",)), ("add", ("0",)), ("alter", ("0",))]
    assert plan.batches(ROOMY) == (plan.requests(ROOMY), 1)
    assert list(plan.told()) == [
        {"number": 0, "action": "remove", "why": "reason for remove"},
        {"number": 1, "action": "remove", "why": "reason for remove"},
        {"number": 0, "action": "add", "why": "reason for add"},
        {"number": 0, "action": "alter", "why": "reason for alter"},
    ]
    assert [change.key for change in plan.changes()] == ["remove 0", "remove 1", "add 0", "alter 0"]
    assert plan.diff(9) == {
        "before": {"remove 0": {"old": 0}, "remove 1": {"old": 1}, "alter 0": {"old": 0}},
        "after": {"add 0": {"new": 0}, "alter 0": {"new": 0}},
    }


def test_no_more_changes_are_made_up_than_are_shown() -> None:
    """A plan of a million changes must not cost a million objects to show a thousand."""
    step = Example("add", 1000000)
    plan = Plan((step,))

    assert len(list(itertools.islice(plan.told(), 3))) == 3
    assert plan.diff(3)["after"]["..."] == "999997 more changed objects are not shown"
    assert step.looked_at == 6


@pytest.mark.parametrize("steps", [(), (Example("add", 0),)])
def test_an_empty_plan_changes_nothing(steps: Any) -> None:
    plan = Plan(steps)

    assert not plan.changed
    assert plan.requests(ROOMY) == []
    assert list(plan.told()) == []
    assert plan.diff(5) == {"before": {}, "after": {}}
