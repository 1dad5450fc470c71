# Copyright (c) 2026, the mdmkit.apps_books authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The plan for users: create, update, retire."""

from __future__ import annotations

from typing import Callable, Dict, Iterator, List, Mapping, NamedTuple, Optional, Sequence

from ansible_collections.mdmkit.apps_books.plugins.module_utils._model import Failure, Limits, User
from ansible_collections.mdmkit.apps_books.plugins.module_utils._plan.guards import Ceiling, check_removals
from ansible_collections.mdmkit.apps_books.plugins.module_utils._plan.plan import Batches, Change, DivisibleStep, Plan, Request


class UserWish(NamedTuple):
    """What is None is left as it is. managed_apple_id cannot be read back."""

    client_user_id: str
    email: Optional[str] = None
    managed_apple_id: Optional[str] = None


class UserChange(NamedTuple):
    """:ivar email_before: that of a user who is there
    :ivar exists: whether the user is there already, so that creating would fail (9716)
    """

    client_user_id: str
    sent: Dict[str, str]
    email_before: Optional[str]
    exists: bool = True


class UserStep(DivisibleStep):
    def __init__(self, kind: str, why: str, user_changes: List[UserChange]) -> None:
        self.kind = kind
        self.why = why
        self.user_changes = user_changes
        # A plan of many users is asked for the part of each request.
        self._by_id: Optional[Dict[str, UserChange]] = None

    @property
    def count(self) -> int:
        return len(self.user_changes)

    def changes(self) -> Iterator[Change]:
        for change in self.user_changes:
            before = None if self.kind == "create" else _shown(change.email_before)
            after = None if self.kind == "retire" else {name: value for name, value in change.sent.items() if name != "client_user_id"}
            yield Change(change.client_user_id, dict(change.sent), before, after)

    def batches(self, limits: Limits) -> Batches:
        new = tuple(change.sent for change in self.user_changes if not change.exists)
        # Somebody else may have created a user whom this step was to create: then what differs is an update.
        existing = tuple(change.sent for change in self.user_changes if change.exists)
        kind = "update" if self.kind == "create" else self.kind
        return Batches.as_few_as_can_be(Request("create", user_records=new).split(limits) + Request(kind, user_records=existing).split(limits))

    def remaining(self, present: Mapping[str, User]) -> UserStep:
        if self.kind == "retire":
            return self._only(lambda change: change.client_user_id in present)
        rest = [
            change._replace(exists=change.client_user_id in present)
            for change in self.user_changes
            if not _is_so(change, present.get(change.client_user_id))
        ]
        return UserStep(self.kind, self.why, rest)

    def within(self, requests: Sequence[Request]) -> UserStep:
        if not self.user_changes:
            return self
        if self._by_id is None:
            self._by_id = {change.client_user_id: change for change in self.user_changes}
        sent = (record["client_user_id"] for request in requests for record in request.user_records)
        return UserStep(self.kind, self.why, [self._by_id[client_user_id] for client_user_id in sent if client_user_id in self._by_id])

    def about(self, failure: Failure) -> UserStep:
        return self._only(lambda change: not failure.client_user_ids or change.client_user_id in failure.client_user_ids)

    def without(self, other: DivisibleStep) -> UserStep:
        if other is self:
            return UserStep(self.kind, self.why, [])
        others = {change.client_user_id for change in other.user_changes} if isinstance(other, UserStep) else set()
        return self._only(lambda change: change.client_user_id not in others)

    def joined(self, other: DivisibleStep) -> UserStep:
        return UserStep(self.kind, self.why, self.user_changes + (other.user_changes if isinstance(other, UserStep) else []))

    def half_done(self) -> UserStep:
        return self._only(lambda change: self.kind != "retire" and change.exists)

    def unreadable(self) -> UserStep:
        return self._only(lambda change: "managed_apple_id" in change.sent)

    def _only(self, chosen: Callable[[UserChange], bool]) -> UserStep:
        return UserStep(self.kind, self.why, [change for change in self.user_changes if chosen(change)])


def plan_users(
    wanted: Sequence[UserWish],
    present: Mapping[str, User],
    state: str = "present",
    purge: bool = False,
    always_send_managed_apple_id: bool = False,
    ceiling: Optional[Ceiling] = None,
) -> Plan:
    """
    :param wanted: each user once
    :param present: the active users; all of them if ``purge``, else at least those that are wanted
    :raises TooManyRemovals: more users would be retired than the ceiling allows
    """
    if state == "absent":
        retiring = [present[wish.client_user_id] for wish in wanted if wish.client_user_id in present]
        retire = UserStep("retire", "listed as absent", [_retirement(user) for user in retiring])
        plan = Plan((retire,))
    else:
        listed = {wish.client_user_id for wish in wanted}
        retiring = [present[key] for key in sorted(present) if key not in listed] if purge else []
        # Retiring comes first: an Apple Account belongs to one user at a time, and licences come back before others need them.
        retire = UserStep("retire", "not listed, and purge is set", [_retirement(user) for user in retiring])
        create = UserStep("create", "not there", [_creation(wish) for wish in wanted if wish.client_user_id not in present])
        updates = [_update(wish, present[wish.client_user_id], always_send_managed_apple_id) for wish in wanted if wish.client_user_id in present]
        plan = Plan((retire, create, UserStep("update", "differs", [update for update in updates if update is not None])))
    check_removals(ceiling, retire.count, len(present), "active users", (change.client_user_id for change in retire.user_changes))
    return plan


def _is_so(change: UserChange, user: Optional[User]) -> bool:
    return user is not None and change.sent.get("email") in (None, user.email)


def _shown(email: Optional[str]) -> Dict[str, Optional[str]]:
    return {} if email is None else {"email": email}


def _creation(wish: UserWish) -> UserChange:
    return UserChange(wish.client_user_id, {name: value for name, value in zip(UserWish._fields, wish) if value is not None}, None, exists=False)


def _retirement(user: User) -> UserChange:
    return UserChange(user.client_user_id, {"client_user_id": user.client_user_id}, user.email)


def _update(wish: UserWish, user: User, always_send_managed_apple_id: bool) -> Optional[UserChange]:
    changed_email = wish.email is not None and wish.email != user.email
    sends_account = wish.managed_apple_id is not None and always_send_managed_apple_id
    if not changed_email and not sends_account:
        return None
    sent = {"client_user_id": wish.client_user_id}
    # The email goes along even when only the account is sent: what leaving it out does is unknown (README section 7).
    email = wish.email if wish.email is not None else user.email
    if email is not None:
        sent["email"] = email
    if sends_account and wish.managed_apple_id is not None:
        sent["managed_apple_id"] = wish.managed_apple_id
    return UserChange(wish.client_user_id, sent, user.email)
