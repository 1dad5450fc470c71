# Copyright (c) 2026, the mdmkit.apps_books authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import itertools
from decimal import Decimal
from fractions import Fraction

import pytest
from ansible_collections.mdmkit.apps_books.plugins.module_utils._model import InputError
from ansible_collections.mdmkit.apps_books.plugins.module_utils._plan.guards import TooManyRemovals, check_not_empty, check_removals, parse_ceiling
from ansible_collections.mdmkit.apps_books.tests.unit.support.draw import examples
from hypothesis import example, given
from hypothesis import strategies as st

percentages = st.decimals(0, 100, places=2).map(lambda number: f"{number}%")


@examples(300)
@given(text=percentages, removals=st.integers(0, 20000), present=st.integers(0, 100000))
@example(text="0.57%", removals=57, present=10000)
@example(text="20%", removals=6, present=30)
def test_a_percentage_is_of_what_is_there_and_five_always_pass(text: str, removals: int, present: int) -> None:
    allowed = removals <= 5 or Fraction(removals) <= Fraction(Decimal(text.rstrip("%"))) * present / 100

    assert parse_ceiling(text).allows(removals, present) == allowed


@examples(100)
@given(most=st.integers(0, 10**9), removals=st.integers(0, 10**9), present=st.integers(0, 10))
@example(most=0, removals=5, present=0)
@example(most=0, removals=6, present=0)
@example(most=7, removals=7, present=0)
@example(most=7, removals=8, present=0)
def test_a_number_is_a_number_and_five_always_pass(most: int, removals: int, present: int) -> None:
    assert parse_ceiling(str(most)).allows(removals, present) == (removals <= max(5, most))


@pytest.mark.parametrize("text", ["20%", " 20 % ", "20 %", "20.0%"])
def test_white_space_does_not_matter(text: str) -> None:
    assert parse_ceiling(text) == parse_ceiling("20%")


@pytest.mark.parametrize(
    "text", ["", " ", "%", "-1", "-5%", "101%", "100.1%", "12.5", "a", "20%%", "20 30", "1e3", "inf", "nan", "5,5%", "½%", "20%x", "0x10", "1_000"]
)
def test_what_is_neither_number_nor_percentage_is_refused_by_its_name(text: str) -> None:
    with pytest.raises(InputError) as caught:
        parse_ceiling(text)
    assert caught.value.faults == [f"max_removals {text!r} is neither a number such as 50 nor a percentage such as 20%"]


@pytest.mark.parametrize(
    "text, told", [("20%", "20%"), ("12.5%", "12.5%"), ("0", "0"), ("50", "50"), ("1234567", "1234567"), ("100000000", "100000000"), ("33.33%", "33.33%")]
)
def test_a_ceiling_is_told_as_it_was_written(text: str, told: str) -> None:
    assert str(parse_ceiling(text)) == told


def test_no_ceiling_no_check() -> None:
    check_removals(None, 10**6, 0, "things", ())


def test_up_to_five_names_are_told_and_the_rest_is_counted() -> None:
    names = (f"name-{number}" for number in itertools.count(1))

    with pytest.raises(TooManyRemovals) as caught:
        check_removals(parse_ceiling("6"), 7, 70, "things", names)

    assert caught.value.message == (
        "7 of 70 things would be removed, but max_removals is 6: name-1, name-2, name-3, name-4, name-5 and 2 more. Nothing was written."
    )
    assert caught.value.details == {"removals": 7, "present": 70}
    assert next(names) == "name-6", "no more names are made than are told"


@examples(100)
@given(ceiling=st.one_of(percentages, st.integers(0, 50).map(str)), removals=st.integers(6, 10**7), present=st.integers(1, 10**7))
def test_the_hint_names_a_ceiling_that_would_do(ceiling: str, removals: int, present: int) -> None:
    try:
        check_removals(parse_ceiling(ceiling), removals, present, "things", ["one"])
    except TooManyRemovals as error:
        assert error.hint is not None
        allowing = error.hint.rpartition("max_removals: ")[2].rstrip(".")
        check_removals(parse_ceiling(allowing), removals, present, "things", ["one"])
    else:
        assert parse_ceiling(ceiling).allows(removals, present)


@pytest.mark.parametrize("wanted, purge, allow_empty", [(0, False, False), (0, False, True), (0, True, True), (1, True, False), (1, False, False)])
def test_an_input_that_cannot_empty_a_location_is_fine(wanted: int, purge: bool, allow_empty: bool) -> None:
    check_not_empty(wanted, purge, allow_empty, "users")


def test_an_empty_input_never_empties_a_location_unless_that_is_said() -> None:
    with pytest.raises(InputError) as caught:
        check_not_empty(0, True, False, "users")
    assert caught.value.faults == ["there are no users in the input, so purge would leave none; if that is meant, set allow_empty: true"]
