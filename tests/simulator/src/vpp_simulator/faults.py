# Copyright (c) 2026, the mdmkit.apps_books authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Fault rules: what goes wrong on which request."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any

from vpp_simulator.checks import Faults, Node
from vpp_simulator.endpoints import BASE_PATH, ApiRequest
from vpp_simulator.errors import NUMBER_FOR_STATUS, TABLE
from vpp_simulator.events import InjectedFailure

_RULE_KEYS = ("match", "do", "times")
_MATCH_KEYS = ("method", "path", "nth", "location", "query")
ACTION_KEYS = (
    "status",
    "errorNumber",
    "retry_after",
    "body",
    "redirect",
    "carried_out",
    "drop_before",
    "drop_after",
    "hang_ms",
    "event_fail",
    "event_stuck",
    "meanwhile",
)


@dataclass(frozen=True)
class Action:
    """What a rule does.

    ``status``, ``body`` and ``redirect`` answer in place of the service, and ``drop_before`` closes the connection in its place: nothing is
    carried out then, unless ``carried_out`` says that the service gets the request all the same. The others leave the request to the service
    and spoil something about it.
    """

    status: int | None = None
    error_number: int | None = None
    retry_after: str | None = None
    body: Any = None
    redirect: str | None = None
    carried_out: bool = False
    drop_before: bool = False
    drop_after: bool = False
    hang_seconds: float = 0
    event_fail: InjectedFailure | None = None
    event_stuck: bool = False
    meanwhile: tuple[tuple[str, Mapping[str, Any]], ...] = ()

    @property
    def replaces_service(self) -> bool:
        """Whether the service never gets to see the request."""
        return self.drop_before or (self.status is not None and not self.carried_out)

    @property
    def replaces_answer(self) -> bool:
        """Whether the client is told something else than what the service says."""
        return self.status is not None


@dataclass
class Rule:
    """One rule with its two counters. It is in force from its ``nth`` match on, ``times`` times (0: for ever)."""

    source: Mapping[str, Any]
    action: Action
    method: str | None
    path: str | None
    location: str | None
    query: Mapping[str, str]
    nth: int
    times: int
    seen: int = 0
    fired: int = 0

    def matches(self, request: ApiRequest, location: str | None) -> bool:
        """Whether all the matchers given fit."""
        return (
            self.method in (None, request.method)
            and (self.path is None or fnmatchcase(request.path, self.path))
            and self.location in (None, location)
            and all(request.query.get(name) == value for name, value in self.query.items())
        )

    def in_force(self) -> bool:
        """Whether the match just counted is one to act on."""
        return self.seen >= self.nth and (self.times == 0 or self.fired < self.times)


class FaultRules:
    """The rules of the service, in order."""

    def __init__(self, rules: Sequence[Rule] = ()) -> None:
        self._rules = list(rules)

    def pick(self, request: ApiRequest, location: str | None) -> Action | None:
        """The action for this request: of the first rule in force. Every rule counts every request it matches, in force or not."""
        chosen = None
        for rule in self._rules:
            if rule.matches(request, location):
                rule.seen += 1
                if chosen is None and rule.in_force():
                    rule.fired += 1
                    chosen = rule.action
        return chosen

    def as_list(self) -> list[dict[str, Any]]:
        """The rules as they were given, with their counters."""
        return [{**rule.source, "seen": rule.seen, "fired": rule.fired} for rule in self._rules]


def read_rules(document: Any, place: str, faults: Faults, hand_actions: Sequence[str]) -> FaultRules:
    """Check a list of rules. ``hand_actions`` are what ``meanwhile`` may name."""
    if not isinstance(document, list):
        faults.add(place, "must be a list of fault rules")
        return FaultRules()
    return FaultRules([_rule(Node(entry, f"{place}[{index}]", faults, _RULE_KEYS), entry, hand_actions) for index, entry in enumerate(document)])


def _rule(node: Node, source: Any, hand_actions: Sequence[str]) -> Rule:
    match = node.child("match", _MATCH_KEYS) or Node({}, node.at("match"), node.faults, ())
    do = node.child("do", ACTION_KEYS)
    if do is None:
        node.faults.add(node.at("do"), "is missing")
    method, path = match.text("method"), match.text("path")
    query = match.raw("query") or {}
    if not isinstance(query, Mapping):
        match.faults.add(match.at("query"), "must be a mapping")
        query = {}
    return Rule(
        source=source,
        action=_action(do, hand_actions) if do else Action(),
        method=method.upper() if method else None,
        path="/" + path.removeprefix(BASE_PATH).lstrip("/") if path else None,
        location=match.text("location"),
        query={str(name): str(value) for name, value in query.items()},
        nth=match.whole("nth", 1, 1),
        times=node.whole("times", 1),
    )


def _action(do: Node, hand_actions: Sequence[str]) -> Action:
    status = do.whole("status", 0, 100) or None
    error_number = do.whole("errorNumber", 0, 1) or None
    body, redirect = do.raw("body"), do.text("redirect")
    if status is None:
        if redirect:
            status = 307
        elif body is not None:
            status = 500
        elif error_number is not None:
            status = TABLE[error_number].status if error_number in TABLE else 400
    elif error_number is None and body is None and redirect is None:
        error_number = NUMBER_FOR_STATUS.get(status)
    carried_out = do.flag("carried_out", False)
    if carried_out and (status is None or redirect):
        do.faults.add(do.at("carried_out"), "goes with status, errorNumber or body")
    retry_after = do.raw("retry_after")
    if retry_after is not None and (isinstance(retry_after, bool) or not isinstance(retry_after, (int, float, str))):
        do.faults.add(do.at("retry_after"), "must be seconds or an HTTP date")
    return Action(
        status=status,
        error_number=error_number,
        retry_after=None if retry_after is None else str(retry_after),
        body=body,
        redirect=redirect,
        carried_out=carried_out,
        drop_before=do.flag("drop_before", False),
        drop_after=do.flag("drop_after", False),
        hang_seconds=do.number("hang_ms", 0) / 1000,
        event_fail=_event_fail(do),
        event_stuck=do.flag("event_stuck", False),
        meanwhile=_meanwhile(do, hand_actions),
    )


def _event_fail(do: Node) -> InjectedFailure | None:
    node = do.child("event_fail", ("errorNumber", "share"))
    if node is None:
        return None
    if "errorNumber" not in node:
        node.faults.add(node.at("errorNumber"), "is missing")
    return InjectedFailure(node.whole("errorNumber", 0, 1), node.number("share", 1, 0, 1))


def _meanwhile(do: Node, hand_actions: Sequence[str]) -> tuple[tuple[str, Mapping[str, Any]], ...]:
    actions = []
    for entry, place in do.each("meanwhile"):
        known = isinstance(entry, Mapping) and len(entry) == 1 and all(name in hand_actions and isinstance(body, Mapping) for name, body in entry.items())
        if known:
            actions.extend(entry.items())
        else:
            do.faults.add(place, f"must be a mapping of one of {', '.join(hand_actions)} to its request body")
    return tuple(actions)
