# Copyright (c) 2026, the mdmkit.apps_books authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from typing import Any, Dict, List, Optional, Set

import pytest
from ansible_collections.mdmkit.apps_books.plugins.module_utils._model import Limits, User
from ansible_collections.mdmkit.apps_books.plugins.module_utils._plan.guards import TooManyRemovals, parse_ceiling
from ansible_collections.mdmkit.apps_books.plugins.module_utils._plan.plan import Plan
from ansible_collections.mdmkit.apps_books.plugins.module_utils._plan.users import UserWish, plan_users
from ansible_collections.mdmkit.apps_books.tests.unit.support.draw import examples, small_limits
from ansible_collections.mdmkit.apps_books.tests.unit.support.world import World
from hypothesis import event, given
from hypothesis import strategies as st

ROOMY = Limits(25, 1000, 1000, 100, 100, 100, 512, 100, 100, 255)
IDS = [f"u-{number}" for number in range(7)]
EMAILS = (None, "one@example.test", "two@example.test")
ACCOUNTS = (None, "a@appleid.example.test", "b@appleid.example.test")

EVERY_WAY = [("present", False, False), ("present", True, False), ("present", False, True), ("present", True, True), ("absent", False, False)]
every_way = pytest.mark.parametrize("state, purge, always", EVERY_WAY)


def _present(code: int) -> Dict[str, User]:
    users = {}
    for key in IDS:
        code, there = divmod(code, 5)
        if there:
            users[key] = User(key, EMAILS[there % 3], "Associated" if there > 2 else "Registered")
    return users


def _wishes(code: int) -> List[UserWish]:
    wishes = []
    for key in IDS:
        code, number = divmod(code, 12)
        if number < 9:
            wishes.append(UserWish(key, EMAILS[number % 3], ACCOUNTS[number // 3]))
    return wishes[::-1] if code else wishes


presents = st.integers(0, 5 ** len(IDS) - 1).map(_present)
wish_lists = st.integers(0, 2 * 12 ** len(IDS) - 1).map(_wishes)


def plan_for(present: Dict[str, User], wishes: List[UserWish], state: str, purge: bool, always: bool, **options: Any) -> Plan:
    return plan_users(wishes, present, state=state, purge=purge, always_send_managed_apple_id=always, **options)


def emails(users: Dict[str, User]) -> Dict[str, Optional[str]]:
    return {key: user.email for key, user in users.items()}


def goal(present: Dict[str, User], wishes: List[UserWish], state: str, purge: bool) -> Dict[str, Optional[str]]:
    """The active users afterwards, with their email."""
    listed = {wish.client_user_id: wish for wish in wishes}
    if state == "absent":
        return {key: user.email for key, user in present.items() if key not in listed}
    goal_of = {key: user.email for key, user in present.items() if key in listed or not purge}
    goal_of.update({key: wish.email if wish.email is not None else goal_of.get(key) for key, wish in listed.items()})
    return goal_of


@every_way
@examples(80)
@given(present=presents, wishes=wish_lists, limits=small_limits)
def test_carrying_out_the_requests_gives_exactly_the_wanted_users(
    state: str, purge: bool, always: bool, present: Dict[str, User], wishes: List[UserWish], limits: Limits
) -> None:
    world = World({}, users=present)
    plan = plan_for(present, wishes, state, purge, always)
    world.carry_out(plan.requests(limits), limits)

    wanted = goal(present, wishes, state, purge)
    assert emails(world.users) == wanted
    accounts = {wish.client_user_id: wish.managed_apple_id for wish in wishes if wish.managed_apple_id is not None and state == "present"}
    sent = {key for key in accounts if always or key not in present}
    assert {key: user.id_hash for key, user in world.users.items() if user.id_hash} == {key: accounts[key] for key in sent}
    expected = {
        "retire": {key for key in present if key not in wanted},
        "create": {key for key in wanted if key not in present},
        "update": {key for key in wanted if key in present and (wanted[key] != present[key].email or key in sent)},
    }
    for kind, keys in expected.items():
        assert sorted(key for done, key in world.done if done == kind) == sorted(keys), "each user once"
        assert plan.counts().get(kind, 0) == len(keys)
    assert {key for dummy, key in world.done} <= {wish.client_user_id for wish in wishes} | (set(present) if purge else set())
    kinds = [kind for kind, dummy in world.done]
    assert kinds == sorted(kinds, key=["retire", "create", "update"].index)
    event(f"changes: {bool(kinds)}")


@every_way
@examples(40)
@given(present=presents, wishes=wish_lists, limits=small_limits)
def test_planning_again_sends_only_the_accounts_that_are_always_sent(
    state: str, purge: bool, always: bool, present: Dict[str, User], wishes: List[UserWish], limits: Limits
) -> None:
    world = World({}, users=present)
    world.carry_out(plan_for(present, wishes, state, purge, always).requests(limits), limits)

    again = plan_for(world.users, wishes, state, purge, always)

    resent = [wish.client_user_id for wish in wishes if always and state == "present" and wish.managed_apple_id is not None]
    assert again.changed == bool(resent)
    assert [record["client_user_id"] for request in again.requests(ROOMY) for record in request.user_records] == resent
    assert again.counts().get("update", 0) == len(resent)


@every_way
@examples(40)
@given(present=presents, wishes=wish_lists)
def test_diff_and_list_name_exactly_the_changed_users(state: str, purge: bool, always: bool, present: Dict[str, User], wishes: List[UserWish]) -> None:
    wanted = goal(present, wishes, state, purge)
    plan = plan_for(present, wishes, state, purge, always)
    diff = plan.diff(100)
    accounts = {wish.client_user_id: wish.managed_apple_id for wish in wishes if wish.managed_apple_id is not None and state == "present"}
    sent = {key: account for key, account in accounts.items() if always or key not in present}
    changed: Set[str] = {key for key in {**present, **wanted} if key not in present or key not in wanted or wanted[key] != present[key].email} | set(sent)

    def shown(email: Optional[str]) -> Dict[str, str]:
        return {} if email is None else {"email": email}

    assert diff["before"] == {key: shown(user.email) for key, user in present.items() if key in changed}
    assert diff["after"] == {
        key: {**shown(email), **({"managed_apple_id": sent[key]} if key in sent else {})} for key, email in wanted.items() if key in changed
    }
    assert sorted(change["client_user_id"] for change in plan.told()) == sorted(changed)


@examples(40)
@given(present=presents, wishes=wish_lists)
def test_absent_needs_only_the_wanted_users_to_be_read(present: Dict[str, User], wishes: List[UserWish]) -> None:
    listed = {wish.client_user_id for wish in wishes}
    some = {key: user for key, user in present.items() if key in listed}

    for state in ("present", "absent"):
        assert plan_users(wishes, some, state=state).requests(ROOMY) == plan_users(wishes, present, state=state).requests(ROOMY)


def sent_for(wish: UserWish, user: Optional[User], **options: Any) -> List[Any]:
    plan = plan_users([wish], {} if user is None else {user.client_user_id: user}, **options)
    return [(request.kind, record) for request in plan.requests(ROOMY) for record in request.user_records]


@pytest.mark.parametrize("always", [False, True])
def test_what_is_sent_for_a_new_user(always: bool) -> None:
    sent = sent_for(UserWish("u", "u@example.test", "u@appleid.example.test"), None, always_send_managed_apple_id=always)

    assert sent == [("create", {"client_user_id": "u", "email": "u@example.test", "managed_apple_id": "u@appleid.example.test"})]
    assert sent_for(UserWish("u"), None, always_send_managed_apple_id=always) == [("create", {"client_user_id": "u"})]


def test_an_account_is_sent_on_create_only_unless_always() -> None:
    there = User("u", "old@example.test", "Registered")
    wish = UserWish("u", "new@example.test", "u@appleid.example.test")

    assert sent_for(wish, there) == [("update", {"client_user_id": "u", "email": "new@example.test"})]
    assert sent_for(wish, there, always_send_managed_apple_id=True) == [
        ("update", {"client_user_id": "u", "email": "new@example.test", "managed_apple_id": "u@appleid.example.test"})
    ]
    assert sent_for(wish, there._replace(email="new@example.test")) == []


def test_the_email_goes_along_when_only_the_account_is_sent() -> None:
    """What the service does with a left-out member is not known."""
    sent = sent_for(UserWish("u", None, "u@appleid.example.test"), User("u", "kept@example.test", "Associated"), always_send_managed_apple_id=True)

    assert sent == [("update", {"client_user_id": "u", "email": "kept@example.test", "managed_apple_id": "u@appleid.example.test"})]


def test_an_email_that_is_not_given_is_left_alone() -> None:
    assert sent_for(UserWish("u"), User("u", "kept@example.test", "Registered")) == []


def test_retiring_names_the_user_and_nothing_else() -> None:
    there = User("u", "u@example.test", "Associated", id_hash="hash")

    assert sent_for(UserWish("u", "other@example.test", "x@appleid.example.test"), there, state="absent") == [("retire", {"client_user_id": "u"})]
    assert sent_for(UserWish("u"), None, state="absent") == []


def test_an_account_is_freed_before_another_user_takes_it() -> None:
    """An Apple Account belongs to one user at a time (9641): whoever leaves goes first."""
    present = {"leaver": User("leaver", None, "Associated", id_hash="a@appleid.example.test")}
    plan = plan_users([UserWish("joiner", None, "a@appleid.example.test")], present, purge=True)

    assert [request.kind for request in plan.requests(ROOMY)] == ["retire", "create"]


def test_why_tells_what_made_the_change() -> None:
    present = {"old": User("old", None, "Registered"), "kept": User("kept", None, "Registered")}
    wishes = [UserWish("kept", "new@example.test"), UserWish("new")]

    reasons = {change["client_user_id"]: (change["action"], change["why"]) for change in plan_users(wishes, present, purge=True).told()}
    assert reasons == {"old": ("retire", "not listed, and purge is set"), "new": ("create", "not there"), "kept": ("update", "differs")}
    absent = list(plan_users([UserWish("old")], present, state="absent").told())
    assert [(change["action"], change["why"]) for change in absent] == [("retire", "listed as absent")]


@pytest.mark.parametrize("state, purge", [("present", True), ("absent", False)])
def test_too_many_retirements_are_refused(state: str, purge: bool) -> None:
    present = {f"u-{number:02d}": User(f"u-{number:02d}", None, "Registered") for number in range(30)}
    stay = [UserWish(key) for key in sorted(present)[7:]]
    wishes = stay if purge else [UserWish(key) for key in sorted(present)[:7]]

    assert plan_users(wishes, present, state, purge, ceiling=parse_ceiling("7")).counts()["retire"] == 7
    assert plan_users(wishes, present, state, purge, ceiling=parse_ceiling("24%")).counts()["retire"] == 7
    with pytest.raises(TooManyRemovals) as caught:
        plan_users(wishes, present, state, purge, ceiling=parse_ceiling("20%"))
    assert caught.value.message == (
        "7 of 30 active users would be removed, but max_removals is 20%: u-00, u-01, u-02, u-03, u-04 and 2 more. Nothing was written."
    )
    assert plan_users(wishes, present, state, purge, ceiling=None).counts()["retire"] == 7


def test_five_retirements_always_pass() -> None:
    present = {f"u-{number}": User(f"u-{number}", None, "Registered") for number in range(5)}

    assert plan_users([], present, purge=True, ceiling=parse_ceiling("0%")).counts()["retire"] == 5
