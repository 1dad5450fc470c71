# Copyright (c) 2026, the mdmkit.apps_books authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A drift report as one self-contained page: nothing is fetched from elsewhere, and nothing but its own style and script takes effect."""

from __future__ import annotations

import base64
import hashlib
from datetime import datetime
from html import escape
from typing import List, Mapping, NamedTuple, Optional, Sequence, Tuple

from ansible_collections.mdmkit.apps_books.plugins.module_utils._report.history import Point, point_of
from ansible_collections.mdmkit.apps_books.plugins.module_utils._report.kinds import AS_WANTED, CLASSES, FAILED, KINDS, NUMBER, TITLES, Member
from ansible_collections.mdmkit.apps_books.plugins.module_utils._report.page_script import SCRIPT
from ansible_collections.mdmkit.apps_books.plugins.module_utils._report.page_style import STYLE
from ansible_collections.mdmkit.apps_books.plugins.module_utils._report.report import Finding, Location, Report, Stock, headline
from ansible_collections.mdmkit.apps_books.plugins.module_utils._report.tables import table_of
from ansible_collections.mdmkit.apps_books.plugins.module_utils._report.text import clipped, counted, fair_shares, fitting, number, sharing, shown

MOST_ROWS = 10000
"""Of details, in the whole page."""
MOST_ASSETS = 3000

# In characters. Together they are the most that a page takes, whatever the report holds.
_OVERVIEW_SPACE = 500000
_SECTIONS_SPACE = 1000000
_DETAILS_SPACE = 2000000
_ASSETS_SPACE = 1000000
_TABLE_FRAME = 1200
"""What stands around the rows of a table at most, its caption included."""

_MOST_TO_BUY = 25
_OPEN_LOCATIONS = 3
_OPEN_ROWS = 12
_LONGEST_ERROR = 1000


def _bdi(text: str) -> str:
    """A text of others within ours: neither markup nor its direction of writing reaches what stands around it."""
    return f"<bdi>{escape(text)}</bdi>"


def _soft(text: str) -> str:
    return f'<span class="soft">{text}</span>'


def _moment(text: str) -> str:
    return f'<time datetime="{escape(text)}">{escape(text[:10])} {escape(text[11:16])} UTC</time>'


def _badge(location: Location) -> str:
    return f'<span class="badge {location.worst}">{TITLES[location.worst]}</span>'


def _heading(title: str, numeric: bool = False) -> str:
    return f'<th scope="col"{" class=n" if numeric else ""}>{title}</th>'


def _table(caption: str, headings: Sequence[str], rows: Sequence[str], states: Sequence[str] = ()) -> str:
    """
    :param caption: says what the table is, also to those who do not see what stands above it
    :param states: what rows can be chosen by
    """
    chosen = f' data-states="{"|".join(states)}"' if states else ""
    return (
        f'<div class="wide" role="group" tabindex="0" aria-label="{caption}"><table{chosen}><caption class="hidden">{caption}</caption>'
        f'<thead><tr>{"".join(headings)}</tr></thead><tbody>\n{"".join(rows)}</tbody></table></div>\n'
    )


def _rest(left_out: int, what: str) -> str:
    return f'<p class="rest">{number(left_out)} more {what} not shown here.</p>\n' if left_out else ""


class _Section(NamedTuple):
    """A location of the page with what there is room for.

    :ivar rows: of each finding
    """

    anchor: str
    location: Location
    rows: List[List[str]]
    stock: List[str]


def report_as_page(report: Report, earlier: Sequence[Point] = ()) -> str:
    """The text of drift.html, about five million characters at most.

    :param earlier: what reports before it found, the oldest first
    """
    ordered = report.worst_first()
    sections = _sections(ordered[: fitting(map(_frame, ordered), _SECTIONS_SPACE)])
    anchors = {section.location.name: section.anchor for section in sections}
    policy = f"default-src 'none'; style-src '{_hash(STYLE)}'; script-src '{_hash(SCRIPT)}'; img-src data:; base-uri 'none'; form-action 'none'"
    return "".join(
        [
            '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n',
            f'<meta http-equiv="Content-Security-Policy" content="{policy}">\n',
            '<meta name="viewport" content="width=device-width, initial-scale=1">\n<meta name="color-scheme" content="light dark">\n',
            f'<meta name="referrer" content="no-referrer">\n<title>{headline(report)}</title>\n<link rel="icon" href="data:,">\n',
            f"<style>{STYLE}</style>\n</head>\n<body>\n",
            _header(report),
            "<main>\n",
            _figures(report, earlier),
            _overview(ordered, anchors),
            _to_buy(report, anchors),
            '<section aria-labelledby="details">\n<h2 id="details">Location by location</h2>\n',
            *(_location_section(section, len(report.locations) <= _OPEN_LOCATIONS) for section in sections),
            _rest(len(ordered) - len(sections), "locations are"),
            "</section>\n</main>\n",
            '<footer><p>Made by the collection mdmkit.apps_books. Where something is not shown here for want of space, <span class="id">drift.json</span> '
            "says more.</p></footer>\n",
            f"<script>{SCRIPT}</script>\n</body>\n</html>\n",
        ]
    )


def _hash(text: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode("utf-8")).digest()).decode("ascii")


def _frame(location: Location) -> int:
    """How much of the page a location takes before there is a row in any of its tables."""
    return len(_location_section(_Section("", location, [[] for dummy in location.findings], []), False)) + _TABLE_FRAME * len(location.findings)


def _sections(locations: Sequence[Location]) -> List[_Section]:
    """Every finding and every stock gets a fair share of the page."""
    findings = [finding for location in locations for finding in location.findings]
    rows = [_detail_rows(finding, most) for finding, most in zip(findings, fair_shares([len(finding.details) for finding in findings], MOST_ROWS))]
    stocks = [_most_pressing(location)[:most] for location, most in zip(locations, fair_shares([len(location.assets) for location in locations], MOST_ASSETS))]
    chosen_rows = iter(sharing(rows, _DETAILS_SPACE))
    chosen_stock = sharing([[_stock_row(stock) for stock in stock_of_one] for stock_of_one in stocks], _ASSETS_SPACE)
    return [
        _Section(f"location-{index}", location, [next(chosen_rows) for dummy in location.findings], stock)
        for index, (location, stock) in enumerate(zip(locations, chosen_stock), start=1)
    ]


def _header(report: Report) -> str:
    facts = [f"Made {_moment(report.made_at)}", counted(len(report.locations), "location", "locations")]
    return f'<header>\n<p class="kicker">Apps and Books</p>\n<h1>{headline(report)}</h1>\n<p class="made">{", ".join(facts)}</p>\n</header>\n'


def _figures(report: Report, earlier: Sequence[Point]) -> str:
    points = [*earlier, point_of(report)]
    tiles = []
    if report.failed:
        failed = len(report.failed)
        line = _line([point.failed for point in points], points, "Locations not read")
        tiles.append(_tile(FAILED, failed, f"{counted(failed, 'location', 'locations')}, so nobody knows what is in {'it' if failed == 1 else 'them'}", line))
    for of_class in CLASSES:
        count, affected = report.count(of_class), report.affected(of_class)
        told = f"in {counted(affected, 'location', 'locations')}" if affected else "nowhere"
        if earlier:
            told += f", {_change(count - earlier[-1].count(of_class))}"
        tiles.append(_tile(of_class, count, told, _line([point.count(of_class) for point in points], points, TITLES[of_class])))
    text = f'<section aria-labelledby="figures">\n<h2 id="figures" class="hidden">Figures</h2>\n<ul class="tiles">\n{"".join(tiles)}</ul>\n'
    return text + (_trend(points) if earlier else "") + "</section>\n"


def _tile(kind: str, count: int, told: str, line: str) -> str:
    state = kind if count else "none"
    return f'<li class="tile {state}"><h3>{TITLES[kind]}</h3><p class="figure">{number(count)}</p><p class="soft">{told}</p>{line}</li>\n'


def _change(more: int) -> str:
    return "as many as before" if not more else f"{number(abs(more))} {'more' if more > 0 else 'fewer'} than before"


def _line(counts: Sequence[int], points: Sequence[Point], title: str) -> str:
    """How a figure went, drawn; the table of earlier reports has the same in numbers."""
    if len(points) < 2:
        return ""
    times = [datetime.strptime(point.made_at, "%Y-%m-%dT%H:%M:%S%z").timestamp() for point in points]
    most, length = max(*counts, 1), times[-1] - times[0]
    places = " ".join(f"{100 * (time - times[0]) / length:.1f},{28 - 26 * count / most:.1f}" for time, count in zip(times, counts))
    told = f"{title} in {len(points)} reports: {number(counts[0])} in the first, {number(counts[-1])} in this one, at most {number(max(counts))}"
    return (
        f'<svg class="line" role="img" aria-label="{told}" viewBox="0 0 100 30" preserveAspectRatio="none">'
        f'<polygon points="0,30 {places} 100,30"/><polyline points="{places}" vector-effect="non-scaling-stroke"/></svg>'
    )


def _trend(points: Sequence[Point]) -> str:
    headings = [_heading("Made"), _heading("Locations", True), _heading("Not read", True), *(_heading(TITLES[of_class], True) for of_class in CLASSES)]
    rows = [
        f'<tr><th scope="row">{_moment(point.made_at)}</th>'
        + "".join(f'<td class="n">{number(value)}</td>' for value in (point.locations, point.failed, *point.counts))
        + "</tr>\n"
        for point in reversed(points)
    ]
    earlier = counted(len(points) - 1, "earlier report", "earlier reports")
    table = _table("Earlier reports", headings, rows)
    return f'<details class="trend"><summary><h3>This and {earlier}</h3></summary>\n<div class="panel">{table}</div></details>\n'


def _overview(ordered: Sequence[Location], anchors: Mapping[str, str]) -> str:
    headings = [_heading("Location"), *(_heading(TITLES[of_class], True) for of_class in CLASSES)]
    rows = [_overview_row(location, anchors) for location in ordered]
    taken = fitting(map(len, rows), _OVERVIEW_SPACE)
    found = {state for location in ordered[:taken] for state in _states(location)}
    states = [title for title in TITLES.values() if title in found]
    table = _table("Locations, the worst first", headings, rows[:taken], states if len(states) > 1 else ())
    return (
        f'<section aria-labelledby="overview">\n<h2 id="overview">Locations, the worst first</h2>\n<div class="panel">{table}'
        f'{_rest(len(rows) - taken, "locations are")}</div>\n</section>\n'
    )


def _states(location: Location) -> List[str]:
    if location.worst in (FAILED, AS_WANTED):
        return [TITLES[location.worst]]
    return [TITLES[of_class] for of_class in CLASSES if location.count(of_class)]


def _link(name: str, anchors: Mapping[str, str]) -> str:
    """The name of a location, which leads to its section if it has one."""
    return f'<a href="#{anchors[name]}">{_bdi(clipped(name))}</a>' if name in anchors else _bdi(clipped(name))


def _overview_row(location: Location, anchors: Mapping[str, str]) -> str:
    name = _link(location.name, anchors)
    if location.location_name and location.location_name != location.name:
        name += f' <span class="under">{_bdi(clipped(location.location_name))}</span>'
    if location.error is not None:
        name += f' <span class="under">{_badge(location)}</span>'
        cells = '<td class="n" data-v="-1"></td>' * len(CLASSES)
    else:
        cells = "".join(_figure_cell(location.count(of_class)) for of_class in CLASSES)
    return f'<tr data-s="{"|".join(_states(location))}"><th scope="row">{name}</th>{cells}</tr>\n'


def _figure_cell(count: int) -> str:
    return f'<td class="n{"" if count else " zero"}">{number(count)}</td>'


def _to_buy(report: Report, anchors: Mapping[str, str]) -> str:
    """Where licences are needed most, over all locations."""
    needed = [(_missing(stock), location.name, stock) for location in report.locations for stock in location.assets if _missing(stock)]
    if not needed:
        return ""
    needed.sort(key=lambda entry: (-entry[0], entry[1], entry[2].adam_id, entry[2].pricing_param))
    rows = [
        f'<tr><th scope="row">{_asset(stock)}</th><td>{_link(name, anchors)}</td><td class="n">{number(missing)}</td>'
        f'<td class="n">{shown(stock.total)}</td></tr>\n'
        for missing, name, stock in needed[:_MOST_TO_BUY]
    ]
    headings = [_heading("Asset"), _heading("Location"), _heading("Missing", True), _heading("Owned", True)]
    return (
        '<section aria-labelledby="missing">\n<h2 id="missing">Licences that are missing</h2>\n<div class="panel">'
        f'{_table("Licences that are missing", headings, rows)}{_rest(len(needed) - len(rows), "are")}</div>\n</section>\n'
    )


def _missing(stock: Stock) -> int:
    return max(0, stock.wanted - stock.total) if stock.wanted is not None and stock.total is not None else 0


def _asset(stock: Stock) -> str:
    key = clipped(stock.adam_id) + ("" if stock.pricing_param == "STDQ" else " " + clipped(stock.pricing_param))
    if not stock.name:
        return f'<span class="id">{escape(key)}</span>'
    return f'{_bdi(clipped(stock.name))} <span class="under id">{escape(key)}</span>'


def _location_section(section: _Section, is_open: bool) -> str:
    location = section.location
    told = " · ".join(f"{number(location.count(of_class))} {TITLES[of_class].lower()}" for of_class in CLASSES if location.count(of_class))
    parts = [
        f'<details class="location panel"{" open" if is_open else ""}><summary><h3>{_bdi(clipped(location.name))}</h3>{_badge(location)}'
        f'{_soft(told) if told else ""}</summary>\n<div class="inside" id="{section.anchor}">\n'
    ]
    if location.error is not None:
        parts.append(f'<p class="error">{_bdi(clipped(location.error, _LONGEST_ERROR))}</p>\n')
    parts.append(_facts(location))
    parts.extend(_finding_part(location, finding, rows) for finding, rows in zip(location.findings, section.rows))
    if location.assets:
        parts.append(_stock_part(location, section.stock))
    parts.append("</div></details>\n")
    return "".join(parts)


def _facts(location: Location) -> str:
    holder = location.holder
    facts: List[Tuple[str, Optional[str]]] = [
        ("Name at Apple", location.location_name),
        ("uId", location.uid),
        ("Held by", None if holder is None else f"{holder.name or ''} ({holder.id})".strip()),
    ]
    entries = [(title, _bdi(clipped(text))) for title, text in facts if text]
    if location.token_expires_at is not None:
        entries.append(("Content token until", _moment(location.token_expires_at)))
    entries.extend((name.capitalize(), number(count)) for name, count in location.counts)
    entries.append(("Read", _moment(location.made_at)))
    return '<dl class="facts">' + "".join(f"<div><dt>{title}</dt><dd>{text}</dd></div>" for title, text in entries) + "</dl>\n"


def _finding_part(location: Location, finding: Finding, rows: Sequence[str]) -> str:
    kind = KINDS[finding.kind]
    title = f"<h4><b>{number(finding.count)}</b> {kind.one if finding.count == 1 else kind.many}</h4>"
    if not rows:
        return f'<div class="finding">{title}</div>\n'
    columns = table_of(finding, len(rows)).columns
    caption = f"{escape(clipped(location.name))}: {finding}"
    is_open = " open" if finding.count <= _OPEN_ROWS else ""
    table = _table(caption, [_heading(column.title, column.type == NUMBER) for column in columns], rows)
    return f'<details class="finding"{is_open}><summary>{title}</summary>\n{table}{_rest(finding.count - len(rows), "are")}</details>\n'


def _detail_rows(finding: Finding, most: int) -> List[str]:
    table = table_of(finding, most)
    opening = [_opening(column) for column in table.columns]
    return ["<tr>" + "".join(start + escape(cell) for start, cell in zip(opening, row)) + "\n" for row in table.rows]


def _opening(column: Member) -> str:
    # End tags may be left away in HTML; with thousands of cells they would be a third of the page.
    return "<td class=n>" if column.type == NUMBER else "<td class=id>" if column.is_id else "<td>"


def _most_pressing(location: Location) -> List[Stock]:
    """The assets of a location, those first that lack licences, then those with the smallest share of free ones."""

    def pressing(stock: Stock) -> Tuple[int, float, str, str]:
        free = 2.0 if stock.total is None or stock.available is None else stock.available / stock.total if stock.total else 1.0
        return -_missing(stock), free, stock.adam_id, stock.pricing_param

    return sorted(location.assets, key=pressing)


def _stock_part(location: Location, rows: Sequence[str]) -> str:
    headings = [_heading("Asset"), '<th scope="col" class="n use">Assigned</th>', _heading("Free", True), _heading("Wanted", True)]
    what = counted(len(location.assets), "asset", "assets")
    table = _table(f"{escape(clipped(location.name))}: licences", headings, rows)
    is_open = " open" if len(location.assets) <= _OPEN_ROWS else ""
    return (
        f'<details class="stock"{is_open}><summary><h4>Licences of <b>{what}</b></h4></summary>\n'
        f'<p class="rest">A bar is what is owned, filled as far as it is assigned. The mark is what is wanted, red what is missing for it.</p>\n{table}'
        f'{_rest(len(location.assets) - len(rows), "are")}</details>\n'
    )


def _stock_row(stock: Stock) -> str:
    limited = stock.total is not None
    assigned = shown(stock.assigned)
    use = f"{assigned} of {number(stock.total)}" if limited else f"{assigned}, no limit"
    missing = _missing(stock)
    lack = f'<span class="missing">{number(missing)} missing</span>' if missing else ""
    free = shown(stock.available) if limited else '<span class="hidden">no limit</span>'
    free_value = stock.available if limited and stock.available is not None else "Infinity"
    return (
        f'<tr><th scope="row">{_asset(stock)}</th><td class="n use" data-v="{stock.assigned or 0}">{use}{_bar(stock)}</td>'
        f'<td class="n" data-v="{free_value}">{free}</td><td class="n" data-v="{stock.wanted or 0}">{shown(stock.wanted)}{lack}</td></tr>\n'
    )


def _bar(stock: Stock) -> str:
    """What of the licences is assigned, with a mark at what is wanted; the numbers beside it say the same."""
    if stock.total is None:
        return ""
    scale = max(stock.total, stock.wanted or 0, stock.assigned or 0, 1)

    def part(of_class: str, start: int, end: int) -> str:
        return f'<rect class="{of_class}" x="{100 * start / scale:.1f}" width="{100 * (end - start) / scale:.1f}" height="8"/>' if end > start else ""

    mark = f'<rect class="mark" x="{min(100 * stock.wanted / scale, 99.2):.1f}" width="0.8" height="8"/>' if stock.wanted else ""
    parts = part("track", 0, stock.total) + part("fill", 0, stock.assigned or 0) + part("over", stock.total, stock.wanted or 0) + mark
    return f'<svg class="bar" viewBox="0 0 100 8" preserveAspectRatio="none" aria-hidden="true">{parts}</svg>'
