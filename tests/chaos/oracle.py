# Copyright (c) 2026, the mdmkit.apps_books authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Judges what came of a schedule. It looks at the evidence only: the journal and the history of the simulator, and what the modules printed.

What is right follows from apple-api and from the documentation of the modules, never from what the modules happen to do.
"""

from __future__ import annotations

import fnmatch
import math
from collections.abc import Callable, Iterable, Iterator
from email.utils import parsedate_to_datetime
from typing import Any, NamedTuple

from .model import Asset, Impossible, Pair, Task, after_play, after_task, in_reach, listed_pairs, names_target, pair_of, world_of_state
from .runner import Evidence, Run, expected_world
from .schedule import HOLDER

PARALLEL_READS = 5
# Requests are counted when they arrive. Two of them may be late, and those behind them in time.
_RATE_JITTER = 2
# Of the reads that a module has under way at once, the others may leave while the answer that forbids it is arriving.
_ON_THE_WAY = 0.25
_CLOCK_JITTER = 0.02
_TOLD_REFUSALS = (429, 503)
INTERNAL_ERROR = 9603
REVOKED_TOKEN = 9625
TRACEBACK = "Traceback (most recent call last)"

Entry = dict[str, Any]


class Complaint(NamedTuple):
    """:ivar check: the name of the promise that was broken"""

    check: str
    text: str

    def __str__(self) -> str:
        return f"{self.check}: {self.text}"


def complaints(evidence: Evidence) -> list[Complaint]:
    """Everything that must not have happened; empty where all was well."""
    return [Complaint(name, text) for name, check in CHECKS.items() for text in dict.fromkeys(check(evidence))]


# What the modules say


def _results(evidence: Evidence) -> Iterator[str]:
    for run in evidence.runs:
        if run.killed:
            continue
        what = _name(run)
        if run.status < 0:
            yield f"{what} did not end by itself"
        elif run.result is None:
            yield f"{what} printed no JSON object: {run.output[:200]!r} {run.errors[-500:]!r}"
        elif run.result.get("failed") and not str(run.result.get("msg") or "").strip():
            yield f"{what} failed without a message"
        elif (run.status != 0) != bool(run.result.get("failed")):
            yield f"{what} ended with status {run.status} and failed: {run.result.get('failed')}"
        if TRACEBACK in run.output + run.errors or (run.result or {}).get("exception"):
            yield f"{what} printed a traceback"
        elif run.errors.strip():
            yield f"{what} printed on standard error: {run.errors[-300:]!r}"


def _secrets(evidence: Evidence) -> Iterator[str]:
    for run in evidence.runs:
        for secret in evidence.secrets:
            if secret in run.output + run.errors:
                yield f"{_name(run)} printed a secret ({secret[:12]}...)"


def _success_means_done(evidence: Evidence) -> Iterator[str]:
    for run in evidence.runs:
        if not run.succeeded or hand_moments(run) or evidence.schedule.visibility_seconds:
            continue
        if run.task.options.get("on_shortage") == "partial" and _foreign_work(evidence, run):
            continue  # Licences may have come free behind the reading.
        try:
            differences = run.world.differences(after_task(run.world, run.task))
        except Impossible as error:
            differences = [str(error)]
        if differences:
            yield f"{_name(run)} reported success, but the location {_some(differences)}"


def _foreign_work(evidence: Evidence, run: Run) -> bool:
    """Whether events of other runs were worked off while this one was at work."""
    own = {entry["eventId"] for entry in run.requests}
    return any(
        event["eventId"] not in own and event["accepted"] < run.ended and (event["finished"] is None or event["finished"] > run.began)
        for event in _history(evidence)
    )


def _changed_is_true(evidence: Evidence) -> Iterator[str]:
    effects = {event["eventId"]: event["pairs"] or event["users"] for event in _history(evidence)}
    for run in evidence.runs:
        if run.killed or run.result is None:
            continue
        done = [entry["path"] for entry in run.writes if effects.get(entry["eventId"])]
        if done and not run.changed:
            yield f"{_name(run)} changed something ({', '.join(done)}) and reported changed: false"
        if run.succeeded and run.changed and not run.writes:
            yield f"{_name(run)} reported changed: true and sent no write"


# What became of the location


def _converged(evidence: Evidence) -> Iterator[str]:
    runs = evidence.of_phase("clean")
    last = [run for run in runs if run.play == runs[-1].play]
    unfinished = [run for run in last if not run.succeeded or run.changed]
    if unfinished or len(last) < len(evidence.schedule.play):
        run = unfinished[0] if unfinished else last[-1]
        yield f"after {last[0].play + 1} clean plays {_name(run)} still {'changes something' if run.changed else 'fails'}: {_message(run)}"
        return
    if any(run.writes for run in last):
        yield "the last play reported no change and wrote all the same"
    if not evidence.schedule.visibility_seconds:
        for run in runs:
            if not run.succeeded:
                yield f"{_name(run)} failed without any fault: {_message(run)}"
            elif run.play and run.changed:
                yield f"{_name(run)} had to do something that the clean play before had left undone"
    final = world_of_state(evidence.final)
    try:
        wishes = {"the state after the faults": expected_world(evidence)}
        if not evidence.schedule.has_hands:
            wishes["the state before the faults"] = after_play(world_of_state(evidence.initial), evidence.schedule.play)
    except Impossible as error:
        yield f"the schedule is at fault, its play cannot be done: {error}"
        return
    for start, wish in wishes.items():
        if final.differences(wish):
            yield f"the final state is not what {start} leads to: {_some(final.differences(wish))}"


def _counts(evidence: Evidence) -> Iterator[str]:
    for run in evidence.runs:
        held: dict[Asset, int] = {}
        for record in run.state["assignments"]:
            held[pair_of(record).asset] = held.get(pair_of(record).asset, 0) + 1
        for asset in run.state["assets"]:
            key = Asset(asset["adamId"], asset["pricingParam"])
            counted = asset["assignedCount"] + asset["retiredCount"]
            if counted != held.get(key, 0) or counted > asset["totalCount"]:
                yield f"after {_name(run)} {counted} licences of {key} are used for {held.get(key, 0)} assignments"


def _planned_only(evidence: Evidence) -> Iterator[str]:
    """Nothing came or went that the play does not ask for: neither in fact nor in a request."""
    plan = _Permission(evidence.schedule.play)
    for event in _history(evidence):
        allowed = plan.allows[event["type"]]
        for record in event["pairs"] if event["type"] != "RETIRE" else ():
            if not allowed(pair_of(record), evidence):
                yield f"{event['type']} was carried out for {pair_of(record)}, which is in no plan"
        for name in event["users"]:
            if not allowed(name, evidence):
                yield f"{event['type']} was carried out for user {name}, which is in no plan"
    for run in evidence.runs:
        for entry in run.writes:
            kind = entry["path"].rsplit("/", 1)[1].upper()
            if kind in plan.allows and kind != "REVOKE":
                for thing in _named(entry):
                    if not plan.allows[kind](thing[1], evidence):
                        yield f"{_name(run)} asked for {kind} of {thing[1]}, which is in no plan"


class _Permission:
    """What the tasks of a play allow, by type of event."""

    def __init__(self, play: list[Task]) -> None:
        assignments = [task.options for task in play if task.module == "vpp_asset_assignment"]
        users = [task.options for task in play if task.module == "vpp_user"]
        revocations = [task.options for task in play if task.module == "vpp_asset_revocation"]
        present = [options for options in assignments if options.get("state") != "absent"]
        absent = [options for options in assignments if options.get("state") == "absent"]
        wanted = {pair for options in present for pair in listed_pairs(options)}
        unwanted = {pair for options in absent for pair in listed_pairs(options)}
        active = {user["client_user_id"] for options in users if options.get("state") != "absent" for user in options["users"]}
        retired = {user["client_user_id"] for options in users if options.get("state") == "absent" for user in options["users"]}
        purges = any(options.get("purge") for options in users)
        self.allows: dict[str, Callable[[Any, Evidence], bool]] = {
            "ASSOCIATE": lambda pair, evidence: pair in wanted,
            "DISASSOCIATE": lambda pair, evidence: pair not in wanted and (pair in unwanted or any(in_reach(options, pair) for options in present)),
            "REVOKE": lambda pair, evidence: any(names_target(options, pair) for options in revocations) and _is_revocable(evidence, pair),
            "CREATE": lambda name, evidence: name in active,
            "UPDATE": lambda name, evidence: name in active,
            "RETIRE": lambda name, evidence: name not in active and (name in retired or purges),
        }


def _is_revocable(evidence: Evidence, pair: Pair) -> bool:
    return world_of_state(evidence.initial).products[pair.asset].revocable


# What was sent


def _nothing_twice(evidence: Evidence) -> Iterator[str]:
    """Who wrote something and was not told that it was refused has to look before writing it again."""
    for run in evidence.runs:
        asked: dict[tuple[str, Any], float] = {}
        for entry in run.requests:
            if entry["method"] != "POST":
                continue
            for thing in _named(entry):
                before = asked.get(thing)
                if before is not None and not any(_tells_of(read, entry["path"]) and before < read["time"] < entry["time"] for read in run.requests):
                    yield f"{_name(run)} sent {entry['path']} for {_thing(thing)} twice without reading between"
                    break
            asked.update((thing, entry["time"]) for thing in _named(entry) if not _was_told_of_refusal(entry, run))


def _not_what_is_held(evidence: Evidence) -> Iterator[str]:
    """No licence is asked for that a reading had to show, and no user who was there: that would be used, or made, twice."""
    timeline = _Timeline(evidence)
    for run in evidence.runs:
        for position, entry in enumerate(run.requests):
            if entry["path"] not in ("/assets/associate", "/users/create") or not entry["reached"]:
                continue
            read_at = _reading_began(run.requests[:position], entry["path"])
            for dummy, thing in _named(entry):
                if read_at is not None and timeline.surely_there(thing, read_at - _CLOCK_JITTER, entry["time"]):
                    yield f"{_name(run)} sent {entry['path']} for {thing}, which was there all the time since before the reading"


def _reading_began(before: list[Entry], path: str) -> float | None:
    """When the first request of the last reading began that could tell of what is written with this path."""
    began = None
    for entry in reversed(before):
        if entry["method"] == "POST" and began is not None:
            break
        if _tells_of(entry, path):
            began = entry["time"]
    return began


class _Timeline:
    """When pairs were surely held and users surely active, as far as readings could show."""

    def __init__(self, evidence: Evidence) -> None:
        initial = world_of_state(evidence.initial)
        delay = evidence.schedule.visibility_seconds
        self._since: dict[Any, float] = dict.fromkeys([*initial.pairs, *initial.users], -math.inf)
        self._spans: list[tuple[Any, float, float]] = []
        changes: list[tuple[float, Callable[[], None]]] = []
        for event in _history(evidence):
            finished = math.inf if event["finished"] is None else event["finished"]
            things = [*map(pair_of, event["pairs"]), *event["users"]]
            if event["type"] in ("ASSOCIATE", "CREATE"):
                changes.append((finished, lambda things=things, since=finished + delay: self._come(things, since)))
            elif event["type"] != "UPDATE":
                changes.append((finished, lambda things=things, until=event["accepted"]: self._go(things, until)))
        for run in evidence.runs:
            for moment, hand in hand_moments(run):
                for call, wish in hand.items():
                    changes.append((moment, lambda call=call, wish=wish, moment=moment: self._hand(call, wish, moment)))
        for dummy, change in sorted(changes, key=lambda item: item[0]):
            change()
        self._go(list(self._since), math.inf)

    def surely_there(self, thing: Any, start: float, end: float) -> bool:
        return any(name == thing and since <= start and end <= until for name, since, until in self._spans)

    def _come(self, things: Iterable[Any], since: float) -> None:
        for thing in things:
            self._since.setdefault(thing, since)

    def _go(self, things: Iterable[Any], until: float) -> None:
        things = list(things)
        # What a retired user holds is no longer what the next user of that id holds.
        held = [pair for pair in self._since if isinstance(pair, Pair) and pair.member == "clientUserId" and pair.target in things]
        for thing in things + held:
            since = self._since.pop(thing, None)
            if since is not None:
                self._spans.append((thing, since, until))

    def _hand(self, call: str, wish: dict[str, Any], moment: float) -> None:
        pairs = [pair_of(record) for record in wish.get("pairs", ())]
        if call == "assign":
            self._come(pairs, moment)
        elif call == "unassign":
            self._go(pairs, moment)
        elif call == "users":
            self._go(wish.get("retire", ()), moment)
            self._come([user["clientUserId"] for user in wish.get("create", ())], moment)


def _rate(evidence: Evidence) -> Iterator[str]:
    allowed = evidence.schedule.behaviour["max_requests_per_second"]
    times = sorted(entry["time"] for run in evidence.runs for entry in run.requests if entry["location"])
    if not allowed:
        return
    first = 0
    for last, moment in enumerate(times):
        while moment - times[first] >= 1:
            first += 1
        if last - first + 1 > allowed + _RATE_JITTER:
            yield f"{last - first + 1} requests within a second, and {allowed} are allowed"
            return


def _retry_after(evidence: Evidence) -> Iterator[str]:
    for run in evidence.runs:
        for index, refused in firings(run):
            wish = run.rules[index]["do"].get("retry_after")
            if wish is None or not refused["answered"]:
                continue
            told_at = _answered_at(refused)
            not_before = parsedate_to_datetime(wish).timestamp() if isinstance(wish, str) else told_at + float(wish)
            early = [entry for entry in run.requests if told_at < entry["time"] < not_before - _CLOCK_JITTER]
            on_the_way = [entry for entry in early if entry["time"] < told_at + _ON_THE_WAY and _may_be_under_way(entry, refused)]
            for entry in early:
                if entry not in on_the_way[: PARALLEL_READS - 1]:
                    yield f"{_name(run)} sent {entry['method']} {entry['path']} {not_before - entry['time']:.2f} s before the service wanted to be asked again"
                    break


def _may_be_under_way(entry: Entry, refused: Entry) -> bool:
    """Whether both are pages of one reading."""
    return entry["method"] == refused["method"] == "GET" and entry["path"] == refused["path"] and entry["query"] != refused["query"]


def _no_write_after_takeover(evidence: Evidence) -> Iterator[str]:
    faulty = evidence.of_phase("faulty")
    for taken in [entry["time"] for run in faulty for index, entry in firings(run) if _takes_over(run.rules[index])]:
        # Nothing in the service keeps a configuration from being stored that was decided upon a moment before (apple-api section 4).
        stored = [entry["time"] for run in faulty for entry in run.writes if entry["path"] == "/client/config" and entry["accepted"]]
        taken_back = min((moment for moment in stored if moment >= taken), default=math.inf)
        for run in faulty:
            shown = [entry for entry in run.requests if taken <= entry["time"] < taken_back and _shows_holder(entry)]
            known = min(map(_answered_at, shown), default=math.inf)
            for entry in run.writes:
                if entry["time"] > known:
                    yield f"{_name(run)} sent {entry['path']} after an answer had shown that another service holds the location"
                    break


def _no_write_after_revocation(evidence: Evidence) -> Iterator[str]:
    for run in evidence.runs:
        known = min((_answered_at(entry) for entry in run.requests if entry["errorNumber"] == REVOKED_TOKEN and entry["answered"]), default=math.inf)
        for entry in run.writes:
            if entry["time"] > known:
                yield f"{_name(run)} sent {entry['path']} after it was told that the token is revoked"
                break


def _contract(evidence: Evidence) -> Iterator[str]:
    yield from (str(violation) for violation in evidence.violations)


CHECKS: dict[str, Callable[[Evidence], Iterator[str]]] = {
    "clean results": _results,
    "secrets stay secret": _secrets,
    "success means done": _success_means_done,
    "changed is true": _changed_is_true,
    "converges": _converged,
    "licences are counted": _counts,
    "only what is planned": _planned_only,
    "nothing twice without reading": _nothing_twice,
    "nothing that is there already": _not_what_is_held,
    "rate": _rate,
    "Retry-After": _retry_after,
    "no write after a takeover": _no_write_after_takeover,
    "no write with a revoked token": _no_write_after_revocation,
    "contract": _contract,
}


# Reading the evidence


def firings(run: Run) -> list[tuple[int, Entry]]:
    """Which rule acted on which request. Every rule counts every request that it matches; of those in force the first acts."""
    seen, fired = [0] * len(run.rules), [0] * len(run.rules)
    found = []
    for entry in run.requests:
        chosen = None
        for index, rule in enumerate(run.rules):
            match, times = rule.get("match", {}), rule.get("times", 1)
            if not _matches(match, entry):
                continue
            seen[index] += 1
            if chosen is None and seen[index] >= match.get("nth", 1) and (times == 0 or fired[index] < times):
                fired[index] += 1
                chosen = index
        if chosen is not None:
            found.append((chosen, entry))
    return found


def hand_moments(run: Run) -> list[tuple[float, dict[str, Any]]]:
    """When somebody else changed something in the middle of a run, and what."""
    return [(entry["time"], hand) for index, entry in firings(run) for hand in run.rules[index]["do"].get("meanwhile", ())]


def _matches(match: dict[str, Any], entry: Entry) -> bool:
    return (
        match.get("method") in (None, entry["method"])
        and fnmatch.fnmatchcase(entry["path"], match.get("path", "*"))
        and all(entry["query"].get(name) == value for name, value in match.get("query", {}).items())
    )


def _named(entry: Entry) -> list[tuple[str, Any]]:
    """(path, thing) for everything that a write names: pairs, users, targets."""
    path, body = entry["path"], entry["body"] or {}
    targets = [(member, target) for member, names in (("clientUserId", "clientUserIds"), ("serialNumber", "serialNumbers")) for target in body.get(names, ())]
    if path in ("/assets/associate", "/assets/disassociate"):
        return [(path, Pair(Asset(asset["adamId"], asset["pricingParam"]), *target)) for asset in body["assets"] for target in targets]
    if path == "/assets/revoke":
        return [(path, target) for target in targets]
    if path.startswith("/users/"):
        return [(path, user["clientUserId"]) for user in body["users"]]
    return [(path, "the configuration")]


def _tells_of(entry: Entry, path: str) -> bool:
    """Whether this is an answered read that can tell what became of a write with this path."""
    if entry["method"] != "GET" or entry["status"] != 200 or entry["errorNumber"] is not None or not entry["answered"] or not entry["reached"]:
        return False
    if path.startswith("/assets/"):
        return entry["path"] in ("/assets", "/assignments")
    return entry["path"] == ("/users" if path.startswith("/users/") else "/client/config")


def _was_told_of_refusal(entry: Entry, run: Run) -> bool:
    """Whether the module was told that the write was not accepted. That it was not, without being told, is nothing it could know."""
    if not entry["answered"] or entry["seconds"] is None or entry["seconds"] >= run.options["http_timeout"]:
        return False
    return entry["status"] in _TOLD_REFUSALS or entry["errorNumber"] not in (None, INTERNAL_ERROR)


def _shows_holder(entry: Entry) -> bool:
    served = entry["status"] == 200 and entry["errorNumber"] is None and entry["answered"] and entry["reached"]
    return served and entry["path"] != "/service/config" and not (entry["method"] == "POST" and entry["path"] == "/client/config")


def _takes_over(rule: dict[str, Any]) -> bool:
    hands = rule["do"].get("meanwhile", ())
    return any((hand.get("client_config", {}).get("mdmInfo") or {}).get("id", HOLDER) != HOLDER for hand in hands)


def _answered_at(entry: Entry) -> float:
    return entry["time"] + (math.inf if entry["seconds"] is None else entry["seconds"])


def _history(evidence: Evidence) -> list[dict[str, Any]]:
    return evidence.final["history"]


def _name(run: Run) -> str:
    state = " absent" if run.task.options.get("state") == "absent" else ""
    return f"{run.task.module}{state} ({run.phase} play {run.play + 1})"


def _message(run: Run) -> str:
    return str((run.result or {}).get("msg", "no message"))[:300]


def _thing(thing: tuple[str, Any]) -> str:
    return str(thing[1])


def _some(texts: list[str]) -> str:
    return "; ".join(texts[:4]) + (f"; and {len(texts) - 4} more" if len(texts) > 4 else "")
