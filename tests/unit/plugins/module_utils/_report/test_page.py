# Copyright (c) 2026, the mdmkit.apps_books authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import base64
import hashlib
import re
import time
from html.parser import HTMLParser
from typing import Dict, Iterator, List, Optional, Tuple

import pytest
from ansible_collections.mdmkit.apps_books.plugins.module_utils._report.history import Point
from ansible_collections.mdmkit.apps_books.plugins.module_utils._report.page import MOST_ROWS, report_as_page
from ansible_collections.mdmkit.apps_books.plugins.module_utils._report.page_script import SCRIPT
from ansible_collections.mdmkit.apps_books.plugins.module_utils._report.page_style import STYLE
from ansible_collections.mdmkit.apps_books.plugins.module_utils._report.report import Holder, Report, Stock, merged
from ansible_collections.mdmkit.apps_books.plugins.module_utils._report.text import clipped
from ansible_collections.mdmkit.apps_books.tests.unit.support.draw import examples
from ansible_collections.mdmkit.apps_books.tests.unit.support.drift import LONGEST_ON_A_PAGE, as_large_as_can_be, finding, location, reports, texts
from hypothesis import given

MEBIBYTE = 1 << 20
TAGS = set(
    "a b bdi body caption dd details div dl dt footer h1 h2 h3 h4 head header html li link main meta p polygon polyline rect script section span style "
    "summary svg table tbody td th thead time title tr ul".split()
)
POINTS = [Point(f"2026-11-{day:02}T02:00:00Z", 2, 0, (day, 0, 1, 2)) for day in range(1, 22)]

Element = Tuple[str, Dict[str, Optional[str]]]


class Page(HTMLParser):
    """What a browser makes of a page: its elements, and the text of each cell of a table."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: List[Element] = []
        self.cells: List[str] = []
        self.open_cell = False
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: List[Tuple[str, Optional[str]]]) -> None:
        assert len(dict(attrs)) == len(attrs)
        self.elements.append((tag, dict(attrs)))
        if tag in ("td", "th"):
            self.cells.append("")
        self.open_cell = tag in ("td", "th") or (self.open_cell and tag != "tr")

    def handle_endtag(self, tag: str) -> None:
        if tag in ("td", "th", "tr", "tbody"):
            self.open_cell = False

    def handle_data(self, data: str) -> None:
        if self.open_cell:
            self.cells[-1] += data

    def handle_comment(self, data: str) -> None:
        raise AssertionError(data)

    def values(self, attribute: str) -> List[str]:
        return [value for dummy, attributes in self.elements for name, value in attributes.items() if name == attribute and value is not None]


@examples(40)
@given(reports)
def test_no_text_has_an_effect(report: Report) -> None:
    text = report_as_page(report, POINTS)
    page = Page(text)

    assert {tag for tag, dummy in page.elements} <= TAGS
    assert not [name for dummy, attributes in page.elements for name in attributes if name.startswith("on") or name in ("src", "style", "action")]
    assert [tag for tag, dummy in page.elements].count("script") == 1
    anchors = set(page.values("id"))
    assert {href for href in page.values("href") if href[1:] not in anchors} == {"data:,"}
    assert len(page.values("id")) == len(anchors)
    assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]", text)


@examples(100)
@given(texts, texts)
def test_every_text_stays_in_its_cell(name: str, title: str) -> None:
    name, title = name or "x", title or "y"
    report = merged([location("a", finding("assignment_missing", 1, adam_id="1", serial_number="D1", name=name, title=title))])

    assert [cell.rstrip("\n") for cell in Page(report_as_page(report)).cells[-4:]] == [clipped(name), "1", "D1", clipped(title)]


@pytest.mark.parametrize("text", LONGEST_ON_A_PAGE)
def test_the_page_stays_small_whatever_it_holds(text: str) -> None:
    page = report_as_page(as_large_as_can_be(text, 6), POINTS)

    assert MEBIBYTE / 4 < len(page) < 5 * MEBIBYTE


@pytest.mark.parametrize("count", [40, 400])
def test_a_district_of_many_locations_stays_below_5_mebibytes(count: int) -> None:
    page = report_as_page(as_large_as_can_be("Number Garden", count), POINTS)

    assert MEBIBYTE < len(page) < 5 * MEBIBYTE
    assert page.count("\n<tr><td") <= MOST_ROWS


def test_what_is_not_shown_is_counted() -> None:
    report = merged([location("a", finding("user_extra", 50000, 20000, client_user_id="u-1"), finding("user_changed", 3, 0))])

    page = report_as_page(report)

    assert page.count("<td class=id>u-1") == MOST_ROWS
    assert "40,000 more are not shown here." in page
    assert "<b>3</b> changed users" in page


def test_nothing_but_its_own_style_and_script_is_allowed() -> None:
    page = report_as_page(merged([location("a")]))
    policy = next(attributes["content"] for tag, attributes in Page(page).elements if attributes.get("http-equiv") == "Content-Security-Policy")

    def allowed(text: str) -> str:
        return "'sha256-" + base64.b64encode(hashlib.sha256(text.encode("utf-8")).digest()).decode("ascii") + "'"

    (style,) = re.findall("<style>(.*?)</style>", page, re.DOTALL)
    (script,) = re.findall("<script>(.*?)</script>", page, re.DOTALL)
    assert policy and set(policy.split("; ")) == {
        "default-src 'none'", f"style-src {allowed(style)}", f"script-src {allowed(script)}", "img-src data:", "base-uri 'none'", "form-action 'none'",
    }
    assert (style, script) == (STYLE, SCRIPT)
    assert not re.search("https?:|url\\(|@import|fetch|innerHTML|eval", style + script)


def test_each_location_is_told_with_its_facts() -> None:
    report = merged(
        [
            location("springfield", holder=Holder("5f2c", "Us"), uid="2049", token_expires_at="2027-03-01T00:00:00Z", counts=(("devices", 25000),)),
            location("north", error="The token <was> revoked."),
        ]
    )

    page = report_as_page(report)

    for text in ("<bdi>Us (5f2c)</bdi>", "<bdi>2049</bdi>", "2027-03-01 00:00 UTC", "25,000", "<bdi>The token &lt;was&gt; revoked.</bdi>", "1 of 2 locations"):
        assert text in page


def stock(**members: object) -> Stock:
    counts = {"total": 500, "assigned": 400, "available": 100, "wanted": 450, **members}
    return Stock("1000000001", "PLUS", "Number Garden", "App", True, **counts)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "of, widths, told",
    [
        (stock(), ["100.0", "80.0", "0.8"], ["400 of 500", ">450<"]),
        (stock(wanted=1000), ["50.0", "40.0", "50.0", "0.8"], ["400 of 500", "500 missing"]),
        (stock(wanted=None), ["100.0", "80.0"], ["400 of 500"]),
        (stock(total=None, available=None), [], ["400, no limit"]),
        (stock(total=0, assigned=0, available=0, wanted=0), [], ["0 of 0"]),
    ],
)
def test_a_bar_says_what_the_numbers_say(of: Stock, widths: List[str], told: List[str]) -> None:
    page = report_as_page(merged([location("a", assets=(of,))]))

    assert [attributes["width"] for tag, attributes in Page(page).elements if tag == "rect"] == widths
    for text in told:
        assert text in page


def test_the_assets_that_lack_licences_come_first() -> None:
    assets = (stock(), stock(wanted=600)._replace(adam_id="2"), stock(available=1)._replace(adam_id="3"), stock(wanted=900)._replace(adam_id="4"))

    cells = Page(report_as_page(merged([location("a", assets=assets)]))).cells

    assert [cell.split()[-2] for cell in cells if cell.endswith("PLUS")] == ["4", "2", "4", "2", "3", "1000000001"]


def test_the_trend_is_drawn_and_told() -> None:
    page = report_as_page(merged([location("a", finding("user_extra", 30, 0))]), POINTS)

    assert 'aria-label="Drift in 22 reports: 1 in the first, 30 in this one, at most 30"' in page
    assert "in 1 location, 9 more than before" in page and "nowhere, 2 fewer than before" in page and "nowhere, as many as before" in page
    assert Page(page).cells.count("2026-11-01 02:00 UTC") == 1
    assert "<polyline" not in report_as_page(merged([location("a")]))


@pytest.fixture
def summer_time(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A time zone in which 2:00 on March 29 is 3:00."""
    with monkeypatch.context() as patch:
        patch.setenv("TZ", "CET-1CEST,M3.5.0,M10.5.0/3")
        time.tzset()
        yield
    time.tzset()


@pytest.mark.usefixtures("summer_time")
def test_the_trend_knows_no_summer_time() -> None:
    earlier = [Point(f"2026-03-29T0{hour}:00:00Z", 1, 0, (1, 0, 0, 0)) for hour in (1, 2)]

    page = report_as_page(merged([location("a")])._replace(made_at="2026-03-29T03:00:00Z"), earlier)

    lines = re.findall('<polyline points="([0-9. ,]+)"', page)
    assert lines and {tuple(place.split(",")[0] for place in line.split()) for line in lines} == {("0.0", "50.0", "100.0")}
