# Copyright (c) 2026, the mdmkit.apps_books authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from typing import Any, Optional

import pytest
from ansible_collections.mdmkit.apps_books.plugins.module_utils._progress import Told
from ansible_collections.mdmkit.apps_books.plugins.plugin_utils._progress_text import Running, columns_of, one_line
from hypothesis import given
from hypothesis import strategies as st

NOW = 1000.0


def module(
    host: str = "springfield",
    doing: str = "reading assignments",
    unit: str = "pages",
    done: float = 0,
    total: Optional[float] = None,
    seconds: float = 0,
    waits: str = "",
    wait_seconds: float = 0,
) -> Running:
    """A module that began its step so many seconds ago, and waits for so many."""
    return Running(host, 0, Told("vpp_user", doing, unit, done, total, NOW - seconds, waits, NOW + wait_seconds if waits else 0))


def line(*running: Running, width: int = 200) -> str:
    return one_line(running, NOW, width)


@pytest.mark.parametrize(
    "running, says",
    [
        (module(), "springfield: reading assignments"),
        (module(doing="", unit=""), "springfield: working"),
        (module(done=412, total=1004, seconds=28), "springfield: reading assignments, 412 of 1,004 pages (41 %), about 40 s left"),
        (module(done=1, total=1004, seconds=2.9), "springfield: reading assignments, 1 of 1,004 pages (0 %)"),
        (module(done=0, total=9, seconds=60), "springfield: reading assignments, 0 of 9 pages (0 %)"),
        (module(doing="waiting for Apple", unit="events", done=0.5, total=1, seconds=30), "springfield: waiting for Apple (50 %), about 30 s left"),
        (module(doing="waiting for Apple", unit="events", done=2.9, total=4, seconds=1), "springfield: waiting for Apple, 2 of 4 events (72 %)"),
        (module(done=10, total=1000, seconds=60), "springfield: reading assignments, 10 of 1,000 pages (1 %), about 99 min left"),
        (module(done=10, total=1000, seconds=120), "springfield: reading assignments, 10 of 1,000 pages (1 %), about 3 h 18 min left"),
        (module(done=9, total=9, seconds=20), "springfield: reading assignments, 9 of 9 pages (100 %), about 1 s left"),
        (
            module(done=5, total=9, seconds=20, waits="as Apple asks", wait_seconds=12),
            "springfield: reading assignments, 5 of 9 pages (55 %), waiting as Apple asks, at most 12 s",
        ),
        (
            module(doing="", waits="for another task of this location", wait_seconds=600),
            "springfield: waiting for another task of this location, at most 10 min",
        ),
    ],
)
def test_says_what_a_module_does(running: Running, says: str) -> None:
    assert line(running) == says


def test_a_wait_that_is_over_is_not_told() -> None:
    assert line(module(done=5, total=10, seconds=20, waits="as Apple asks", wait_seconds=-1)).endswith("(50 %), about 20 s left")


def test_nobody_says_nothing() -> None:
    assert line() == ""


def test_several_stand_side_by_side_where_they_fit() -> None:
    two = (module(done=1, total=2), module("shelbyville", "sending", "requests", 3, 4))
    whole = "springfield: reading assignments, 1 of 2 pages (50 %) | shelbyville: sending, 3 of 4 requests (75 %)"

    assert line(*two, width=len(whole)) == whole
    assert line(*two, width=len(whole) - 1) == "2 hosts: 1 reading assignments (50 %), 1 sending (75 %)"


def test_many_are_summed_up() -> None:
    many = [module(f"school-{number}", done=number, total=10, seconds=40) for number in range(1, 4)]
    many += [module("a", "sending", "requests", 1, 2, seconds=5), module("b", doing=""), module("c", waits="as Apple asks", wait_seconds=9)]

    says = line(*many, width=120)

    assert says == "6 hosts: 3 reading assignments (20 %), 1 sending (50 %), 1 waiting as Apple asks, 1 working, about 6 min left"


texts = st.text(max_size=30)
anything: st.SearchStrategy[Any] = st.builds(
    module, texts, texts, texts, st.floats(0, 1e9), st.none() | st.floats(0, 1e9), st.floats(0, 1e9), texts, st.floats(-1e6, 1e6)
)


@given(running=st.lists(anything, max_size=5), width=st.integers(20, 120))
def test_whatever_is_told_it_is_one_line_that_fits_and_moves_no_cursor(running: Any, width: int) -> None:
    says = line(*running, width=width)

    assert says.isprintable()
    assert columns_of(says) <= width
    assert bool(says) == bool(running)


def test_wide_characters_take_two_columns_and_accents_none() -> None:
    assert (columns_of("abc"), columns_of("\u5b66\u6821"), columns_of("e\u0301")) == (3, 4, 1)
    assert line(module("\u5b66\u6821" * 20), width=30).startswith("\u5b66\u6821" * 6)


def test_escape_sequences_in_names_do_nothing() -> None:
    assert line(module("a\x1b[2J\nb\u202e", doing="")) == "a?[2J?b?: working"
