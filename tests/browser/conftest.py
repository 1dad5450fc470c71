# Copyright (c) 2026, the mdmkit.apps_books authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Headless Chromium, and reports to show in it. tests/tools/browser.py starts these tests, where there is a browser."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any, Callable, Dict, Iterator, List, Optional

import pytest
from ansible_collections.mdmkit.apps_books.plugins.module_utils._report.history import Point
from ansible_collections.mdmkit.apps_books.plugins.module_utils._report.kinds import KINDS, NUMBER
from ansible_collections.mdmkit.apps_books.plugins.module_utils._report.page import report_as_page
from ansible_collections.mdmkit.apps_books.plugins.module_utils._report.report import Finding, Holder, Location, Report, Stock, merged
from playwright.sync_api import Browser, Page, sync_playwright

FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"]
NAMES = ("Number Garden", "Film Workshop", "Reading Trail", "Star Atlas", "Quiet Canvas", "</script><script>window.taken = 1</script>", "\u202eBeat Maker")
POINTS = [Point(f"2026-11-{day:02}T02:00:00Z", 4, day % 5 // 4, (700 - day * 20, 9, day // 9, 40)) for day in range(1, 23)]


def stock(number: int) -> Stock:
    total = None if number == 3 else (12, 50, 500, 25000)[number % 4]
    assigned = (total or 400) * (number * 7 % 10) // 10
    wanted = assigned + (400 if number == 2 else number % 3)
    available = None if total is None else total - assigned
    return Stock(f"10000000{number:02}", "PLUS" if number == 4 else "STDQ", NAMES[number % len(NAMES)], "App", True, total, assigned, available, wanted)


def detail(kind: str, number: int) -> Dict[str, Any]:
    members = KINDS[kind].members
    texts = {"name": NAMES[number % len(NAMES)], "serial_number": f"D{number:07}", "title": f"Cart {number % 9}"}
    return {member.name: number if member.type == NUMBER else texts.get(member.name, f"{member.name}-{number}") for member in members}


def location(name: str, details: int, kinds: Optional[List[str]] = None) -> Location:
    found = [Finding(kind, details + 7, tuple(detail(kind, number) for number in range(details))) for kind in (KINDS if kinds is None else kinds)]
    return Location(
        name=name,
        made_at="2026-11-23T02:00:00Z",
        uid="2049025000431439",
        location_name=f"School of {name}",
        holder=Holder("5f2c9e44", "Springfield Schools, Ansible"),
        token_expires_at="2027-03-01T00:00:00Z",
        counts=(("users", 120), ("devices", 25000), ("assignments", 625000)),
        assets=tuple(stock(number) for number in range(25)),
        findings=tuple(found),
    )


def district() -> Report:
    """Four locations: one with findings of every kind, one with few, one as wanted, one that could not be read."""
    failed = Location("north", "2026-11-23T02:00:00Z", error="Apple refused the content token (error 9625): <b>revoked</b>.")
    return merged([location("springfield", 30), location("shelbyville", 3, ["user_missing", "licence_low"]), location("ogdenville", 0, []), failed])


def large() -> Report:
    """40 locations with 25,000 devices each, of which nothing is as wanted."""
    return merged(location(f"school-{number:02}", 1000) for number in range(40))


class Reports:
    """Opens pages, and notes what the browser complains of and what it fetches."""

    def __init__(self, browser: Browser, folder: Path) -> None:
        self.browser = browser
        self.folder = folder
        self.complaints: List[str] = []
        self.fetched: List[str] = []

    def show(self, report: Report, width: int = 1280, points: List[Point] = POINTS, **settings: Any) -> Page:
        path = self.folder / "drift.html"
        path.write_text(report_as_page(report, points), encoding="utf-8")
        page = self.browser.new_context(viewport={"width": width, "height": 800}, **settings).new_page()
        page.on("console", lambda message: self.complaints.append(message.text))
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("request", lambda request: self.fetched.append(request.url))
        page.goto(path.as_uri())
        return page


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=os.environ["BROWSER"], args=FLAGS)
        yield started
        started.close()


@pytest.fixture
def reports(browser: Browser, tmp_path: Path) -> Iterator[Reports]:
    shown = Reports(browser, tmp_path)
    yield shown
    for context in browser.contexts:
        context.close()


@pytest.fixture
def screenshot() -> Callable[[Page, str], Path]:
    folder = Path(os.environ["SCREENSHOTS"])
    folder.mkdir(parents=True, exist_ok=True)

    def take(page: Page, name: str) -> Path:
        page.screenshot(path=folder / f"{name}.png", full_page=True)
        return folder / f"{name}.png"

    return take
