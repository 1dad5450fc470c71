# Copyright (c) 2026, the mdmkit.apps_books authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import re
from typing import List

import pytest
from ansible_collections.mdmkit.apps_books.plugins.module_utils._report.history import Point
from ansible_collections.mdmkit.apps_books.plugins.module_utils._report.markdown import LONGEST, report_as_markdown
from ansible_collections.mdmkit.apps_books.plugins.module_utils._report.report import Report, merged
from ansible_collections.mdmkit.apps_books.plugins.module_utils._report.text import clipped
from ansible_collections.mdmkit.apps_books.tests.unit.support.draw import examples
from ansible_collections.mdmkit.apps_books.tests.unit.support.drift import LONGEST_ON_A_PAGE, as_large_as_can_be, finding, location, reports, texts
from hypothesis import given
from markdown_it import MarkdownIt
from markdown_it.token import Token

OURS = {"<code>", "</code>", "</details>"}
SUMMARY = re.compile(r"<details><summary>[0-9,]+ [a-z ]+</summary>\n")


def tokens(markdown: str) -> List[Token]:
    """As GitHub and GitLab read it: tables, and HTML as far as it stands there."""
    parser = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])
    return [inner for token in parser.parse(markdown) for inner in [token, *(token.children or [])]]


def text_of(token: Token) -> str:
    return "".join(child.content for child in token.children or [] if child.type in ("text", "code_inline"))


def cells(markdown: str) -> List[str]:
    found = tokens(markdown)
    return [text_of(inner) for token, inner in zip(found, found[1:]) if token.type == "td_open"]


@examples(80)
@given(reports)
def test_no_text_has_an_effect(report: Report) -> None:
    in_code = False
    for token in tokens(report_as_markdown(report)):
        assert token.type not in ("link_open", "image", "em_open", "s_open", "code_block", "fence", "hr", "blockquote_open", "ordered_list_open")
        if token.type == "html_inline":
            assert token.content in OURS
            in_code = token.content == "<code>"
        if token.type == "html_block":
            assert token.content.strip() in OURS or SUMMARY.fullmatch(token.content)
        # Where it is code, neither GitHub nor GitLab makes links or mentions of it.
        if token.type == "text" and not in_code:
            assert not re.search(r"[@#]|www\.|://|<", token.content)


@examples(150)
@given(texts, texts)
def test_every_text_stays_in_its_cell(name: str, title: str) -> None:
    report = merged([location("a", finding("assignment_missing", 1, adam_id="1", serial_number="D1", name=name or "x", title=title or "y"))])

    shown = cells(report_as_markdown(report))[-4:]

    expected = [clipped(name or "x"), "1", "D1", clipped(title or "y")]
    assert shown == [" ".join(text.split()) if text.strip() else "" for text in expected] or shown == expected


@pytest.mark.parametrize("text", LONGEST_ON_A_PAGE)
def test_it_always_fits_a_comment(text: str) -> None:
    markdown = report_as_markdown(as_large_as_can_be(text, 8), Point("2026-11-22T02:00:00Z", 40, 0, (10**9, 10**9, 10**9, 10**9)))

    assert len(markdown) <= LONGEST
    assert len(markdown) > LONGEST / 3


@pytest.mark.parametrize("count", [3, 40, 1000])
def test_a_comment_is_used_as_far_as_it_goes(count: int) -> None:
    markdown = report_as_markdown(as_large_as_can_be("Number Garden", count))

    assert LONGEST * 0.6 < len(markdown) <= LONGEST


def test_the_worst_comes_first_and_what_is_left_out_is_counted() -> None:
    report = merged(
        [
            location(
                "springfield",
                finding("user_extra", 1, 0),
                finding("assignment_missing", 12, 2, adam_id="1000000001", pricing_param="STDQ", serial_number="D1"),
            ),
            location("north", error="No answer for @all."),
            location("south", finding("licence_low", 1, name="Number Garden", total=5)),
            location("west"),
        ]
    )

    assert report_as_markdown(report, Point("2026-11-22T02:00:00Z", 4, 0, (10, 1, 1, 0))) == (
        "## Drift in 1 of 4 locations, 1 could not be read\n\n"
        "**1 location could not be read.**\n\n"
        "| Location | Drift | Shortage | Expiry | Notes |\n"
        "| --- | ---: | ---: | ---: | ---: |\n"
        "| north | not read |  |  |  |\n"
        "| springfield | 13 | 0 | 0 | 0 |\n"
        "| south | 0 | 1 | 0 | 0 |\n"
        "| **4 locations** | **13** (+3) | **1** (+0) | **0** (-1) | **0** (+0) |\n\n"
        "1 location is as wanted.\n"
        "Made at 2026-11-23T02:00:00Z. In brackets: the change since 2026-11-22T02:00:00Z.\n\n"
        "### north\n\n"
        "Could not be read: `No answer for @all.`\n\n"
        "### springfield\n\n"
        "- 1 user too many\n"
        "<details><summary>12 missing assignments</summary>\n\n"
        "| Asset | Device |\n| --- | --- |\n| `1000000001` | `D1` |\n| `1000000001` | `D1` |\n\nand 10 more\n\n</details>\n\n\n"
        "### south\n\n"
        "<details><summary>1 asset with few free licences</summary>\n\n| Name | Owned |\n| --- | ---: |\n| Number Garden | 5 |\n\n</details>\n\n"
    )


def test_nothing_found_is_told_in_little() -> None:
    assert report_as_markdown(merged([location("a"), location("b")])) == (
        "## All 2 locations are as wanted\n\nMade at 2026-11-23T02:00:00Z.\n"
    )
