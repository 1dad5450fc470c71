# Copyright (c) 2026, the mdmkit.apps_books authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import unicodedata
from typing import List

import pytest
from ansible_collections.mdmkit.apps_books.plugins.module_utils._report.text import clipped, fair_shares, fitting, sharing, shown, visible
from ansible_collections.mdmkit.apps_books.tests.unit.support.draw import examples
from ansible_collections.mdmkit.apps_books.tests.unit.support.drift import texts
from hypothesis import given
from hypothesis import strategies as st


@examples(200)
@given(texts)
def test_nothing_hides_in_a_visible_text(text: str) -> None:
    hidden = [character for character in visible(text) if unicodedata.category(character) in ("Cc", "Cf", "Cs", "Zl", "Zp") and character not in "\u200c\u200d"]

    assert hidden == []
    visible(text).encode("utf-8")


@pytest.mark.parametrize(
    "text, seen",
    [
        ("Caf\u00e9 \u65e5\u672c \U0001f600", "Caf\u00e9 \u65e5\u672c \U0001f600"),
        ("a\nb", "a\\u000ab"),
        ("\u202egnp.exe", "\\u202egnp.exe"),
        ("\u0645\u06cc\u200c\u062e", "\u0645\u06cc\u200c\u062e"),
        ("\ud800", "\\ud800"),
        ("\U000e0041", "\\U000e0041"),
        ("\uffff", "\\uffff"),
    ],
)
def test_what_is_readable_stays_and_the_rest_is_spelt_out(text: str, seen: str) -> None:
    assert visible(text) == seen


def test_long_texts_are_cut_and_show_it() -> None:
    assert clipped("x" * 160) == "x" * 160
    assert clipped("x" * 161) == "x" * 159 + "\u2026"


@pytest.mark.parametrize("value, seen", [(None, ""), (True, "yes"), (1234567, "1,234,567"), (["a", "b"], "a, b"), ("\n", "\\u000a")])
def test_values_are_shown_as_people_read_them(value: object, seen: str) -> None:
    assert shown(value) == seen


@examples(300)
@given(st.lists(st.integers(0, 100), max_size=8), st.integers(0, 300))
def test_shares_are_fair(sizes: List[int], space: int) -> None:
    shares = fair_shares(sizes, space)

    assert sum(shares) == min(space, sum(sizes))
    assert all(0 <= share <= size for share, size in zip(shares, sizes))
    # Whoever gets less than it needs has at most one less than anybody else.
    for share, size in zip(shares, sizes):
        assert share == size or share >= max(shares) - 1


def test_what_fits_is_taken_in_order() -> None:
    assert fitting([3, 3, 3], 7) == 2
    assert fitting([9, 1], 7) == 0
    assert fitting([], 0) == 0


def test_what_a_share_has_no_use_for_is_given_to_the_first() -> None:
    assert sharing([["aaaa", "bbbb"], ["cc"], ["dddd"]], 10) == [["aaaa"], ["cc"], ["dddd"]]
    assert sharing([["aaaa", "bbbb"], ["cccc", "dddd"]], 7) == [["aaaa"], []]


@examples(200)
@given(st.lists(st.lists(st.text(max_size=9), max_size=4), max_size=4), st.integers(0, 60))
def test_what_is_shared_fits_and_nothing_more_would(lists: List[List[str]], space: int) -> None:
    shared = sharing(lists, space)

    left = space - sum(len(piece) for pieces in shared for piece in pieces)
    assert left >= 0
    for pieces, some in zip(lists, shared):
        assert some == pieces[: len(some)]
        assert len(some) == len(pieces) or len(pieces[len(some)]) > left
