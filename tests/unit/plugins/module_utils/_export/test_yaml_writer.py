# Copyright (c) 2026, the mdmkit.apps_books authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from typing import List

import pytest
import yaml
from ansible_collections.mdmkit.apps_books.plugins.module_utils._export.yaml_writer import comment, listing, scalar
from ansible_collections.mdmkit.apps_books.tests.unit.support.draw import examples
from hypothesis import given
from hypothesis import strategies as st

TEXTS = st.one_of(
    st.text(st.characters(blacklist_categories=("Cs",)), max_size=12),
    st.text("abNnoOyYtrue01:#,-=.e+_~{}[]%&*!|>'\"\\ \t\n@`?", max_size=8),
)


@examples(300)
@given(text=TEXTS)
def test_every_text_is_read_as_it_was(text: str) -> None:
    assert yaml.safe_load(f"- {scalar(text)}\n") == [text]
    assert yaml.safe_load(f"a: {scalar(text)} # why\n") == {"a": text}
    assert yaml.safe_load(f"a: [{scalar(text)}, b]\n") == {"a": [text, "b"]}


@examples(100)
@given(texts=st.lists(TEXTS, max_size=5))
def test_every_list_is_read_as_it_was(texts: List[str]) -> None:
    assert yaml.safe_load("x:\n" + listing("a", map(scalar, texts), "  ")) == {"x": {"a": texts}}


def test_long_lists_are_written_one_a_line() -> None:
    assert listing("a", ["b", "c"], "  ") == "  a: [b, c]\n"
    assert listing("a", ["b" * 60, "c" * 60], "  ") == f"  a:\n    - {'b' * 60}\n    - {'c' * 60}\n"


@pytest.mark.parametrize("text", ["sp-1002", "SPR1XREPAIR1", "Number Garden", "one@example.test", "C02ABC/1", "20 apps for devices-1"])
def test_what_nobody_would_quote_is_not_quoted(text: str) -> None:
    assert scalar(text) == text


NOT_TEXT = ["0017", "1e3", "1:30", "1 2", ".inf", "2026-11-23", "2026-11-23 10:00:00", "on", "No", "null", "y", "~", "=", "<<", "-", "", "a: b", "a #b"]


@pytest.mark.parametrize("text", NOT_TEXT)
def test_what_yaml_takes_for_something_else_is_quoted(text: str) -> None:
    assert scalar(text) == f'"{text}"'


@examples(100)
@given(text=st.text("{}%# ab", max_size=8))
def test_no_template_is_written(text: str) -> None:
    assert not any(sign in scalar(text) + comment(text) for sign in ("{{", "{%", "{#"))


@examples(100)
@given(text=st.text(max_size=12))
def test_a_comment_is_one_line_of_nothing(text: str) -> None:
    written = comment(text)

    assert written.splitlines() == [written[:-1]] and yaml.safe_load(written.encode("utf-8", "replace")) is None
