# Copyright (c) 2026, the mdmkit.apps_books authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Plans and requests in parts: nothing gets lost between what is done, what is missing and what is sent again."""

from __future__ import annotations

from typing import List, Set

import pytest
from ansible_collections.mdmkit.apps_books.plugins.module_utils._model import Asset, Failure, Limits, User
from ansible_collections.mdmkit.apps_books.plugins.module_utils._plan.pairs import PairStep
from ansible_collections.mdmkit.apps_books.plugins.module_utils._plan.plan import DivisibleStep, Plan, Request
from ansible_collections.mdmkit.apps_books.plugins.module_utils._plan.revocation import RevokeStep
from ansible_collections.mdmkit.apps_books.plugins.module_utils._plan.users import UserChange, UserStep
from ansible_collections.mdmkit.apps_books.tests.unit.support.draw import examples, pair_sets, small_limits
from ansible_collections.mdmkit.apps_books.tests.unit.support.world import DEVICE, USER, Pair, as_assignments
from hypothesis import given
from hypothesis import strategies as st

A, B = Asset("1000000001"), Asset("1000000002")
KINDS = pytest.mark.parametrize("kind", ["associate", "disassociate", "revoke"])


def step_of(kind: str, pairs: Set[Pair]) -> PairStep:
    return (RevokeStep if kind == "revoke" else PairStep)(kind, "why", as_assignments(pairs))


def pairs_of(step: DivisibleStep) -> Set[Pair]:
    assert isinstance(step, PairStep) and all(targets.count for targets in step.pairs.values())
    users = {(asset, USER, user) for asset, targets in step.pairs.items() for user in targets.users}
    return users | {(asset, DEVICE, device) for asset, targets in step.pairs.items() for device in targets.devices}


@KINDS
@given(pairs=pair_sets, present=pair_sets)
@examples(50)
def test_what_remains_is_what_is_not_there_or_still_there(kind: str, pairs: Set[Pair], present: Set[Pair]) -> None:
    remaining = pairs_of(step_of(kind, pairs).remaining(as_assignments(present)))
    assert remaining == (pairs - present if kind == "associate" else pairs & present)


@KINDS
@given(pairs=pair_sets, limits=small_limits, chosen=st.integers(0, 2**12 - 1))
@examples(50)
def test_every_change_is_within_exactly_one_request(kind: str, pairs: Set[Pair], limits: Limits, chosen: int) -> None:
    step = step_of(kind, pairs)
    requests = step.requests(limits)
    parts = [pairs_of(step.within([request])) for request in requests]
    assert sum(map(len, parts)) == len(pairs) and set().union(*parts) == pairs
    some = [request for index, request in enumerate(requests) if chosen >> index & 1]
    assert pairs_of(step.within(some)) == set().union(*(parts[requests.index(request)] for request in some))


@KINDS
@given(pairs=pair_sets, others=pair_sets)
@examples(50)
def test_parts_can_be_taken_away_and_put_together(kind: str, pairs: Set[Pair], others: Set[Pair]) -> None:
    step, other = step_of(kind, pairs), step_of(kind, others)
    rest = step.without(other)
    assert pairs_of(rest) == pairs - others
    joined = rest.joined(other)
    assert pairs_of(joined) == pairs | others and joined.count == len(pairs | others) and (joined.kind, joined.why) == (kind, "why")
    assert pairs_of(step) == pairs and pairs_of(other) == others, "neither was changed on the way"
    assert type(joined) is type(step)


@given(pairs=pair_sets)
@examples(20)
def test_a_failure_is_about_what_it_names(pairs: Set[Pair]) -> None:
    step = step_of("associate", pairs)
    assert pairs_of(step.about(Failure(9603, ""))) == pairs
    assert pairs_of(step.about(Failure(9609, "", client_user_ids=("u-1", "nobody")))) == {pair for pair in pairs if pair[1:] == (USER, "u-1")}
    named = Failure(9709, "", assets=(A,), client_user_ids=("both",), serial_numbers=("D1",))
    assert pairs_of(step.about(named)) == {pair for pair in pairs if pair[0] == A and pair[1:] in ((USER, "both"), (DEVICE, "D1"))}
    assert pairs_of(step.about(Failure(9709, "", assets=(A,)))) == {pair for pair in pairs if pair[0] == A}


def change(client_user_id: str, email: str = "", exists: bool = True, **sent: str) -> UserChange:
    record = {"client_user_id": client_user_id, **({"email": email} if email else {}), **sent}
    return UserChange(client_user_id, record, None, exists)


def keys(step: DivisibleStep) -> List[str]:
    return [told.key for told in step.changes()]


PRESENT = {"a": User("a", "a@example.test", "Registered"), "b": User("b", None, "Associated")}


def test_a_user_who_was_to_be_created_and_is_there_with_another_email_becomes_an_update() -> None:
    step = UserStep("create", "", [change("a", exists=False), change("b", "b@example.test", exists=False), change("c", exists=False)])
    remaining = step.remaining(PRESENT)
    assert keys(remaining) == ["b", "c"]
    requests = remaining.requests(Limits(1, 1, 1, 1, 1, 9, 1, 1, 1, 1))
    assert [(request.kind, request.user_records) for request in requests] == [
        ("create", ({"client_user_id": "c"},)),
        ("update", ({"client_user_id": "b", "email": "b@example.test"},)),
    ]
    assert keys(step.within(requests)) == ["c", "b"]


def test_what_remains_of_updates_and_retirements() -> None:
    updates = [change("a", "a@example.test"), change("b", "new@example.test"), change("gone", "x@example.test")]
    assert keys(UserStep("update", "", updates).remaining(PRESENT)) == ["b", "gone"]
    assert keys(UserStep("retire", "", [change("a"), change("gone")]).remaining(PRESENT)) == ["a"]


def test_only_accounts_cannot_be_read_back() -> None:
    step = UserStep("create", "", [change("a"), change("b", managed_apple_id="b@appleid.example.test")])
    assert keys(step.unreadable()) == ["b"]
    assert pairs_of(step_of("associate", {(A, USER, "u-1")}).unreadable()) == set()


def test_parts_of_users() -> None:
    step = UserStep("create", "", [change("a"), change("b"), change("c")])
    part = step.about(Failure(9716, "", client_user_ids=("b", "nobody")))
    assert keys(part) == ["b"] and keys(step.without(part)) == ["a", "c"] and sorted(keys(step.without(part).joined(part))) == ["a", "b", "c"]
    assert keys(step.about(Failure(9603, ""))) == ["a", "b", "c"]
    assert keys(step.within([Request("create", user_records=({"client_user_id": "c"}, {"client_user_id": "nobody"}))])) == ["c"]


def test_parts_of_a_plan_keep_its_steps_in_order() -> None:
    plan = Plan((step_of("disassociate", {(A, USER, "u-1")}), step_of("associate", {(B, USER, "u-2"), (B, DEVICE, "D1")})))
    first, second = plan.requests(Limits(9, 9, 9, 9, 9, 9, 9, 9, 9, 9))
    assert plan.within([first]).counts() == {"disassociate": 1, "associate": 0} and plan.within([second]).counts() == {"disassociate": 0, "associate": 2}
    assert plan.without(plan.within([first])).joined(plan.within([first])).counts() == plan.counts()
    assert plan.remaining({B: as_assignments({(B, DEVICE, "D1")})[B]}).counts() == {"disassociate": 0, "associate": 1}
    assert plan.count == 3 and plan.empty().count == 0 and plan.unreadable().count == 0
    assert plan.about(Failure(9609, "", client_user_ids=("u-2",))).count == 1


# Requests


@given(limits=small_limits, bits=st.integers(0, 2**9 - 1))
@examples(50)
def test_a_request_in_two_parts_is_the_same_tasks(limits: Limits, bits: int) -> None:
    request = Request("associate", (A, B), ("u-1", "u-2", "u-3"), ("D1", "D2", "D3"))
    users = {user for index, user in enumerate(request.users) if bits >> index & 1}
    devices = {device for index, device in enumerate(request.devices) if bits >> index + 3 & 1}
    named, rest = request.parted((), users, devices)
    parts = [part for part in (named, rest) if part is not None]
    assert sum(len(part.users) + len(part.devices) for part in parts) == 6
    assert (set(named.users), set(named.devices)) == (users, devices) if named else not users and not devices
    assert all(part.users or part.devices for part in parts)


def test_a_request_is_parted_by_its_assets_where_no_target_is_named() -> None:
    request = Request("disassociate", (A, B), ("u-1",), ("D1",))
    assert request.parted((B,), (), ()) == (request._replace(assets=(B,)), request._replace(assets=(A,)))
    assert request.parted((A, B), (), ()) == (request, None)
    assert request.parted((Asset("77"),), (), ()) == (None, request)
    assert request.parted((), (), ()) == (None, request)


def test_a_request_about_users_is_parted_by_them() -> None:
    request = Request("retire", user_records=({"client_user_id": "a"}, {"client_user_id": "b"}))
    named, rest = request.parted((), ("b",), ())
    assert named == request._replace(user_records=({"client_user_id": "b"},)) and rest == request._replace(user_records=({"client_user_id": "a"},))
    assert request.parted((), ("a", "b"), ()) == (request, None)
    assert request.parted((), ("nobody",), ()) == (None, request)


@pytest.mark.parametrize(
    "later, earlier, rests",
    [
        (Request("associate", (A,), ("u-1",)), Request("disassociate", (A, B), ("u-2",)), True),
        (Request("associate", (A,), ("u-1",)), Request("disassociate", (B,), ("u-1",)), False),
        (Request("associate", (A,), ("u-1",)), Request("associate", (A,), ("u-2",)), False),
        (Request("disassociate", (A,), ("u-1",)), Request("disassociate", (A,), ("u-2",)), False),
        (Request("create", user_records=({"client_user_id": "a", "managed_apple_id": "x"},)), Request("retire", user_records=({"client_user_id": "b"},)), True),
        (Request("create", user_records=({"client_user_id": "a"},)), Request("retire", user_records=({"client_user_id": "b"},)), False),
    ],
)
def test_what_rests_on_what(later: Request, earlier: Request, rests: bool) -> None:
    assert later.rests_on(earlier) is rests


def test_the_last_target_of_a_request() -> None:
    request = Request("associate", (A, B), ("u-1", "u-2"), ("D1", "D2"))
    assert request.last_target() == request._replace(users=(), devices=("D2",))
    assert request._replace(devices=()).last_target() == request._replace(users=("u-2",), devices=())
