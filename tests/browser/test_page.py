# Copyright (c) 2026, the mdmkit.apps_books authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The page of the drift report, as a person meets it."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any, Callable, Dict, List

import pytest
from ansible_collections.mdmkit.apps_books.plugins.module_utils._report.kinds import KINDS
from playwright.sync_api import Locator, Page

from .conftest import Reports, district, large

WIDTHS = (360, 768, 1280)
OPEN_ALL = "document.querySelectorAll('details').forEach((details) => { details.open = true; })"

Screenshot = Callable[[Page, str], Path]


def table(page: Page, caption: str) -> Locator:
    return page.locator("table", has=page.locator("caption", has_text=caption)).first


def column(rows: Locator, number: int) -> List[str]:
    return rows.evaluate_all(f"(rows) => rows.filter((row) => !row.hidden).map((row) => row.cells[{number}].textContent.trim())")


def open_location(page: Page, name: str) -> Locator:
    section = page.locator("details.location", has=page.get_by_role("heading", name=name, exact=True))
    section.locator("summary").first.click()
    return section


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", WIDTHS)
def test_it_fits_every_screen_and_nobody_complains(reports: Reports, screenshot: Screenshot, width: int, scheme: Any) -> None:
    page = reports.show(district(), width, color_scheme=scheme)
    closed = screenshot(page, f"{width}-{scheme}")
    page.evaluate(OPEN_ALL)
    opened = screenshot(page, f"{width}-{scheme}-open")

    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert opened.stat().st_size > closed.stat().st_size > 10000
    assert reports.complaints == []
    assert reports.fetched == [page.url]
    assert page.evaluate("window.taken") is None
    background = page.evaluate("getComputedStyle(document.documentElement).backgroundColor")
    assert (background == "rgb(244, 245, 247)") == (scheme == "light")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 1280])
def test_axe_finds_nothing(reports: Reports, width: int, scheme: Any) -> None:
    page = reports.show(district(), width, color_scheme=scheme)
    page.evaluate(OPEN_ALL)
    page.evaluate(Path(os.environ["AXE"]).read_text(encoding="utf-8"))

    found: Dict[str, Any] = page.evaluate("axe.run()")

    assert [(violation["id"], [node["html"] for node in violation["nodes"]][:3]) for violation in found["violations"]] == []
    assert len(found["passes"]) > 20


def test_rows_can_be_filtered(reports: Reports) -> None:
    page = reports.show(district())
    section = open_location(page, "springfield")
    section.locator("summary", has_text="missing assignments").click()
    rows = table(page, "missing assignments").locator("tbody tr")
    box = section.get_by_label("Filter: springfield: 37 missing assignments")

    assert len(column(rows, 0)) == 30
    box.fill("garden D0000021")
    assert column(rows, 4) == ["D0000021"]
    assert section.locator("output", has_text="1 of 30 rows").count() == 1
    box.fill("")
    assert len(column(rows, 0)) == 30


def test_locations_can_be_chosen_by_what_is_wrong(reports: Reports) -> None:
    page = reports.show(district())
    rows = table(page, "Locations, the worst first").locator("tbody tr")
    choice = page.get_by_label("Show")

    assert choice.locator("option").all_text_contents() == ["All", "Not read", "Drift", "Shortage", "Expiry", "Notes", "As wanted"]
    for state, count in (("Not read", 1), ("Shortage", 2), ("Notes", 1), ("As wanted", 1), ("All", 4)):
        choice.select_option(label=state)
        assert len(column(rows, 0)) == count
    page.get_by_label("Filter: Locations, the worst first").fill("ogden")
    assert len(column(rows, 0)) == 1


def test_tables_can_be_sorted_also_with_the_keyboard(reports: Reports) -> None:
    page = reports.show(district())
    overview = table(page, "Locations, the worst first")
    rows, heading = overview.locator("tbody tr"), overview.locator("thead th").nth(2)
    before = column(rows, 0)

    heading.get_by_role("button").focus()
    page.keyboard.press("Enter")
    assert (heading.get_attribute("aria-sort"), column(rows, 2)) == ("descending", ["74", "10", "0", ""])
    page.keyboard.press("Space")
    assert (heading.get_attribute("aria-sort"), column(rows, 2)) == ("ascending", ["", "0", "10", "74"])
    overview.get_by_role("button", name="Location").click()
    assert heading.get_attribute("aria-sort") == "none"
    assert [name.split()[0] for name in column(rows, 0)] == ["north", "ogdenville", "shelbyville", "springfield"]
    overview.get_by_role("button", name="Location").click()
    overview.get_by_role("button", name="Location").click()
    assert (column(rows, 0), overview.locator("thead th[aria-sort=none]").count()) == (before, 5)


def test_numbers_are_sorted_as_numbers(reports: Reports) -> None:
    page = reports.show(district())
    section = open_location(page, "springfield")
    section.locator("summary", has_text="Licences of").click()
    licences = table(page, "springfield: licences")

    licences.get_by_role("button", name="Free").click()
    free = column(licences.locator("tbody tr"), 2)

    # Without a limit there is always one more.
    assert free[0] == "no limit"
    numbers = [int(text.replace(",", "")) for text in free[1:]]
    assert numbers == sorted(numbers, reverse=True) and len(numbers) == 24 and numbers[0] > 1000 > numbers[-1]


def test_missing_licences_are_named_in_front(reports: Reports) -> None:
    page = reports.show(district())

    assert column(table(page, "Licences that are missing").locator("tbody tr"), 2) == ["100", "100", "100"]


def test_a_link_opens_the_section_of_its_location(reports: Reports) -> None:
    page = reports.show(district())
    section = page.locator("details.location", has=page.get_by_role("heading", name="shelbyville", exact=True))
    assert section.get_attribute("open") is None

    table(page, "Locations, the worst first").get_by_role("link", name="shelbyville").click()

    assert section.get_attribute("open") is not None
    assert section.get_by_text("School of shelbyville").is_visible()


def test_without_script_everything_can_be_read(reports: Reports) -> None:
    page = reports.show(district(), java_script_enabled=False)
    section = open_location(page, "springfield")

    assert page.locator("input, select, button").count() == 0
    assert section.locator("details.finding").count() == len(KINDS)
    section.locator("summary", has_text="missing assignments").click()
    assert table(page, "missing assignments").locator("tbody tr").last.is_visible()


def test_no_other_script_or_style_takes_effect(reports: Reports) -> None:
    page = reports.show(district())

    page.evaluate(
        """() => {
          const script = document.createElement("script");
          script.textContent = "window.taken = 1";
          document.body.append(script);
          document.body.setAttribute("style", "display: none");
          document.body.append(Object.assign(new Image(), {src: "http://127.0.0.1:9/x.png"}));
        }"""
    )

    assert page.evaluate("window.taken") is None
    assert page.evaluate("getComputedStyle(document.body).display") == "block"
    assert len(reports.complaints) == 3 and all("Content Security Policy" in complaint for complaint in reports.complaints)


def test_a_print_has_facts_and_licences_of_every_location(reports: Reports, screenshot: Screenshot) -> None:
    page = reports.show(district(), 800, color_scheme="dark")
    page.emulate_media(media="print")
    screenshot(page, "print")

    assert page.get_by_text("School of springfield").last.is_visible()
    assert table(page, "springfield: licences").locator("tbody tr").last.is_visible()
    assert not page.get_by_label("Show").is_visible()
    assert page.evaluate("getComputedStyle(document.documentElement).backgroundColor") == "rgb(255, 255, 255)"
    assert page.pdf(format="A4").startswith(b"%PDF")


def test_a_large_district_can_be_used(reports: Reports) -> None:
    page = reports.show(large())
    page.get_by_label("Filter: Locations, the worst first").fill("school-39")
    table(page, "Locations, the worst first").get_by_role("link", name="school-39").click()
    section = page.locator("details.location[open]")
    finding = section.locator("details.finding", has_text="missing assignments")
    finding.locator("summary").click()

    shown = finding.locator("tbody tr").count()

    assert 10 <= shown < 1000
    assert finding.get_by_text(f"{1007 - shown:,} more are not shown here.").is_visible()
    assert page.evaluate("document.querySelectorAll('*').length") < 120000
    assert reports.complaints == []
