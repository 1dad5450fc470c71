# Copyright (c) 2026, the mdmkit.apps_books authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whatever happens to a location and to the folder between readings and during them, what is read is what is there."""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import Any, Callable, Dict, Iterator, List
from unittest.mock import patch

import pytest
from ansible_collections.mdmkit.apps_books.plugins.module_utils._api.errors import BAD_VERSION, ServiceError
from ansible_collections.mdmkit.apps_books.plugins.module_utils._api.service import Service
from ansible_collections.mdmkit.apps_books.plugins.module_utils._model import User
from ansible_collections.mdmkit.apps_books.plugins.module_utils._state import snapshot, users
from ansible_collections.mdmkit.apps_books.tests.histories.history import (
    APPS,
    BOOKS,
    KINDS,
    LARGEST_NUMBER,
    MOST_NUMBERS,
    Change,
    History,
    Moment,
    Reading,
    make_history,
    random_numbers,
)
from ansible_collections.mdmkit.apps_books.tests.histories.judge import Truth, assignments_fault, users_fault
from ansible_collections.mdmkit.apps_books.tests.histories.play import play
from ansible_collections.mdmkit.apps_books.tests.unit.support.draw import examples
from ansible_collections.mdmkit.apps_books.tests.unit.support.world import DEVICE, USER
from hypothesis import given, note
from hypothesis import strategies as st
from vpp_simulator.testing import SimulatorHandle

APP, BOOK = APPS[0], BOOKS[0]
ALL = Reading("assignments", new_process=True)
PLAIN = {"page_size": 5, "removals_in_incremental": False, "retire_releases": True}
BEGINNING = (
    (APP, "u-1", None),
    (APP, "u-2", None),
    (APP, None, "D1"),
    *((book, user, None) for book in BOOKS for user in ("u-1", "u-2", "u-3")),
)


def history(*steps: Any, **behaviour: Any) -> History:
    return History({**PLAIN, **behaviour}, BEGINNING, steps)


# What is read is what is there


@examples(60)
@given(numbers=st.lists(st.integers(0, LARGEST_NUMBER - 1), min_size=1, max_size=MOST_NUMBERS))
def test_what_is_read_is_what_was_there_at_some_moment_of_the_reading(simulator: SimulatorHandle, tmp_path: Path, numbers: List[int]) -> None:
    told = make_history(numbers)

    report = play(simulator, tmp_path / "snapshots", told)

    note("\n".join([*told.story(), "", *report.log]))
    assert report.wrong == []
    assert report.readings + report.gave_up + report.killed > 0


def test_the_histories_have_what_makes_them_worth_playing(simulator: SimulatorHandle, tmp_path: Path) -> None:
    """Otherwise finding nothing would prove nothing."""
    reports = [play(simulator, tmp_path / "snapshots", make_history(random_numbers(seed))) for seed in range(40)]

    assert sum(report.from_snapshot for report in reports) > 40
    assert sum(report.disturbed for report in reports) > 20
    assert sum(report.killed for report in reports) > 2
    assert {step.kind for seed in range(40) for step in make_history(random_numbers(seed)).steps if isinstance(step, Change)} == set(KINDS)


def test_a_history_goes_the_same_way_every_time(simulator: SimulatorHandle, tmp_path: Path) -> None:
    for seed in range(5):
        first, second = (play(simulator, tmp_path / "snapshots", make_history(random_numbers(seed))) for dummy in range(2))
        assert first.log == second.log


@pytest.mark.parametrize("requests_before", range(16))
@pytest.mark.parametrize("kind", ["retire", "create again"])
@pytest.mark.parametrize("retire_releases", [True, False])
def test_a_user_who_retires_while_an_asset_is_read_again(
    simulator: SimulatorHandle, tmp_path: Path, requests_before: int, kind: str, retire_releases: bool
) -> None:
    """The assignments that stay make no new version of the assignments, though they are no active user's any more."""
    lost = Change("unassign by hand", (APP,), ("u-1",))
    meanwhile = (Moment(requests_before, Change(kind, users=("u-2",))),)

    report = play(simulator, tmp_path / "snapshots", history(ALL, lost, ALL._replace(moments=meanwhile), page_size=1, retire_releases=retire_releases))

    assert report.wrong == [], "\n".join(report.log)


@pytest.mark.parametrize("requests_before", range(16))
@pytest.mark.parametrize("kind", ["retire", "create again"])
def test_a_user_who_retires_while_everything_is_read(simulator: SimulatorHandle, tmp_path: Path, requests_before: int, kind: str) -> None:
    """Who holds nothing but books takes none of them out of the list, and it stays of one version."""
    meanwhile = (Moment(requests_before, Change(kind, users=("u-3",))),)

    report = play(simulator, tmp_path / "snapshots", history(ALL._replace(moments=meanwhile), ALL, page_size=1))

    assert report.wrong == [], "\n".join(report.log)


@pytest.mark.parametrize("page_size", [1, 2, 3, 4])
@pytest.mark.parametrize("kept", [True, False])
def test_a_location_that_never_rests_is_not_told_of_wrongly(simulator: SimulatorHandle, tmp_path: Path, page_size: int, kept: bool) -> None:
    restless = ALL._replace(moments=(Moment(3, Change("swap", (APP,), count=1)), Moment(2, Change("swap", (APP,), count=2))), restless=True)

    report = play(simulator, tmp_path / "snapshots", history(*([ALL] if kept else []), restless, restless, ALL, page_size=page_size))

    assert report.wrong == [], "\n".join(report.log)


# The judge


PAIRS = {(APP, USER, "u-1"), (APP, DEVICE, "D1"), (BOOK, USER, "u-2")}
GONE, CAME = (APP, DEVICE, "D1"), (APP, DEVICE, "D2")
PERSON, OTHER_PERSON = User("u-1", None, "Registered"), User("u-2", "u2@example.test", "Associated")
BEFORE = Truth(frozenset(PAIRS), frozenset({PERSON}))
AFTER = Truth(frozenset(PAIRS - {GONE} | {CAME}), frozenset({PERSON, OTHER_PERSON}))
OF_BOOK = ALL._replace(assets=(BOOK,))
OF_D1 = ALL._replace(users=(), devices=("D1",))


@pytest.mark.parametrize(
    "found, reading, way",
    [
        (PAIRS, ALL, "snapshot"),
        (AFTER.pairs, ALL, "all pages"),
        ({(BOOK, USER, "u-2")}, OF_BOOK, "snapshot"),
        (PAIRS, OF_BOOK, "all pages"),
        ({(BOOK, USER, "u-2")}, OF_BOOK, "asset by asset"),
        ({GONE}, OF_D1, "target by target"),
        (set(), OF_D1, "target by target"),
        ({(BOOK, USER, "u-2")}, OF_BOOK._replace(users=(), devices=("D1",)), "snapshot"),
        ({GONE, CAME}, ALL._replace(users=(), devices=("D1", "D2")), "target by target"),
    ],
)
def test_what_was_true_is_not_complained_about(found: Any, reading: Reading, way: str) -> None:
    assert assignments_fault(found, reading, [BEFORE, AFTER], way) == ""


@pytest.mark.parametrize(
    "found, reading, way",
    [
        (PAIRS | {CAME}, ALL, "snapshot"),
        (PAIRS - {GONE}, ALL, "snapshot"),
        (set(), ALL, "all pages"),
        (set(), OF_BOOK, "snapshot"),
        ({(BOOK, USER, "u-2"), (BOOK, USER, "u-1")}, OF_BOOK, "snapshot"),
        ({(BOOK, USER, "u-2"), GONE, CAME}, OF_BOOK, "all pages"),
        ({GONE}, OF_BOOK, "asset by asset"),
        ({(BOOK, USER, "u-2"), GONE}, OF_BOOK, "asset by asset"),
        ({CAME}, OF_D1, "target by target"),
        ({(APP, USER, "D1")}, OF_D1, "target by target"),
        (set(), ALL._replace(users=("u-1",), devices=()), "target by target"),
        ({GONE, CAME}, ALL._replace(users=(), devices=("D1", "D2")), "snapshot"),
    ],
)
def test_what_was_never_true_is_complained_about(found: Any, reading: Reading, way: str) -> None:
    assert assignments_fault(found, reading, [BEFORE, AFTER], way)


@pytest.mark.parametrize("way", ["snapshot", "all pages", "target by target"])
def test_users_are_judged_by_all_that_is_known_of_them_but_invite_codes(way: str) -> None:
    reading = Reading("users")
    moments = [BEFORE, AFTER]
    assert users_fault([PERSON._replace(invite_code="code")], reading, moments, way) == ""
    assert users_fault([PERSON, OTHER_PERSON], reading, moments, way) == ""
    assert users_fault([PERSON._replace(email="other@example.test")], reading, moments, way)
    assert users_fault([PERSON, User("u-3", None, "Registered")], reading, moments, way)
    assert users_fault([], reading._replace(users=("u-1",)), moments, way)
    assert users_fault([], reading._replace(users=("u-2",)), moments, way) == ""


# Broken copies of the client


def _everything_agrees() -> Any:
    return patch.object(snapshot, "agrees", lambda *dummy: True)


def _no_bracket() -> Any:
    ask = snapshot.KnownAssignments._changes
    brought = snapshot.KnownAssignments._bring_up_to_date

    def changes(known: Any, version_id: str) -> Any:
        known.asked = getattr(known, "asked", 0) + 1
        return ask(known, version_id) if known.asked == 1 else ([], version_id)

    def bring_up_to_date(known: Any, suspects: Any) -> None:
        known.asked = 0
        brought(known, suspects)

    return patch.multiple(snapshot.KnownAssignments, _changes=changes, _bring_up_to_date=bring_up_to_date)


def _new_records_left_out() -> Any:
    ask = snapshot.KnownAssignments._changes
    return patch.object(snapshot.KnownAssignments, "_changes", lambda known, version_id: ([], ask(known, version_id)[1]))


def _nobody_of_other_standing() -> Any:
    return patch.object(snapshot, "_of_other_standing", lambda *dummy: set())


def _retired_users_kept() -> Any:
    apply = users._Changes.apply
    return patch.object(users._Changes, "apply", lambda changes, page, active: apply(changes, page._replace(users=[u for u in page.users if u.active]), active))


@contextlib.contextmanager
def _forgotten_version_taken_for_no_change() -> Iterator[None]:
    with contextlib.ExitStack() as stack:
        for name in ("assignments_of_one_version", "users_of_one_version"):
            ask = getattr(Service, name)

            def lenient(service: Service, filters: Any, most_pages: Any = None, ask: Any = ask) -> Any:
                try:
                    return ask(service, filters, most_pages)
                except ServiceError as error:
                    if error.number != BAD_VERSION:
                        raise
                    return [], filters["since_version_id"]

            stack.enter_context(patch.object(Service, name, lenient))
        yield


def _asset_read_again_beside_what_was_known() -> Any:
    return patch.object(snapshot.Holdings, "forget_asset", lambda holdings, asset: None)


MUTANTS: Dict[str, Callable[[], Any]] = {
    "everything agrees": _everything_agrees,
    "no bracket": _no_bracket,
    "new records left out": _new_records_left_out,
    "nobody of other standing": _nobody_of_other_standing,
    "retired users kept": _retired_users_kept,
    "forgotten version taken for no change": _forgotten_version_taken_for_no_change,
    "asset read again beside what was known": _asset_read_again_beside_what_was_known,
}
RANDOM_HISTORIES = 50


def _histories() -> Iterator[History]:
    """Random ones, and those in which somebody gets in the middle of a reading what another lost before it."""
    for seed in range(RANDOM_HISTORIES):
        yield make_history(random_numbers(seed))
    for requests_before in range(12):
        given = (Moment(requests_before, Change("assign by hand", (APP,), devices=("D3",))),)
        yield history(ALL, Change("unassign by hand", (APP,), ("u-1",)), ALL._replace(moments=given), page_size=1)


@pytest.mark.parametrize("name", MUTANTS)
def test_a_broken_client_is_found_out(simulator: SimulatorHandle, tmp_path: Path, name: str) -> None:
    """By a history in which nothing goes wrong without the fault."""

    def goes_wrong(told: History) -> bool:
        return bool(play(simulator, tmp_path / "snapshots", told).wrong)

    for told in _histories():
        with MUTANTS[name]():
            found_out = goes_wrong(told)
        if found_out and not goes_wrong(told):
            return
    pytest.fail("no history found it out")
