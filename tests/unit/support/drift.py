# Copyright (c) 2026, the mdmkit.apps_books authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Drift reports to render: any, an awkward one and a large one."""

from __future__ import annotations

from typing import Any, Dict, List, Optional

from ansible_collections.mdmkit.apps_books.plugins.module_utils._report.kinds import KINDS, NUMBER
from ansible_collections.mdmkit.apps_books.plugins.module_utils._report.report import Finding, Holder, Location, Report, Stock, merged
from hypothesis import strategies as st

AWKWARD = (
    "</script><script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    '"><b>',
    "a|b",
    "a\\|b",
    "`a`",
    "``",
    "\\",
    " ",
    "",
    "---",
    "- [x](http://evil.example)",
    "![x](http://evil.example/x.png)",
    "http://evil.example",
    "www.evil.example",
    "@everybody",
    "#1",
    "*a* _b_ ~~c~~ $d$",
    "</details>",
    "]]>",
    "<!--",
    "&lt;b&gt;",
    "line\nline\r\n\tend",
    "\u202egnp.exe",
    "\u2067\u2066\u200f\u061c",
    "\ufeff\u200b\u2060",
    "\ud800",
    "\x00\x07\x1b[31m",
    "\ufffe\uffff",
    "\u2028\u2029",
    "\u05d0\u05d1\u05d2",
    "\u0645\u06cc\u200c\u062e",
    "\U0001f600",
    "{{ 1 }}",
    "x" * 2000,
)
"""What a report must hold without taking effect."""

LONGEST_ON_A_PAGE = ("", "\\", "<&\"'>" * 400, "\x00" * 200, "\U000e0041" * 200, "|`" * 100, "x" * 2000, "\u65e5\u672c")
"""What takes most space when it is escaped, and what takes least."""

texts = st.one_of(st.sampled_from(AWKWARD), st.text(max_size=20))
times = st.sampled_from([f"2026-{month:02}-23T02:00:0{second}Z" for month in (9, 11) for second in range(3)])
counts = st.integers(0, 5000)


@st.composite
def findings(draw: st.DrawFn, kind: str) -> Finding:
    members = KINDS[kind].members
    detail = st.fixed_dictionaries({}, optional={member.name: st.integers(-9, 9999) if member.type == NUMBER else texts for member in members})
    details = draw(st.lists(detail, max_size=3))
    return Finding(kind, max(1, len(details) + draw(st.sampled_from((0, 1, 7)))), tuple(details))


stocks = st.builds(
    Stock,
    adam_id=texts,
    pricing_param=texts,
    name=st.none() | texts,
    product_type=st.none() | texts,
    revocable=st.none() | st.booleans(),
    total=st.none() | counts,
    assigned=st.none() | counts,
    available=st.none() | counts,
    wanted=st.none() | counts,
)


@st.composite
def locations(draw: st.DrawFn) -> Location:
    location = Location(draw(texts.filter(lambda text: 0 < len(text) <= 200)), draw(times))
    if draw(st.booleans()):
        return location._replace(error=draw(texts))
    kinds = draw(st.sets(st.sampled_from(sorted(KINDS)), max_size=4))
    named = draw(st.sets(st.sampled_from(("users", "devices", "assignments"))))
    return location._replace(
        uid=draw(st.none() | texts),
        location_name=draw(st.none() | texts),
        holder=draw(st.none() | st.builds(Holder, texts, st.none() | texts)),
        token_expires_at=draw(st.none() | times),
        counts=tuple((name, draw(counts)) for name in ("users", "devices", "assignments") if name in named),
        assets=tuple(draw(st.lists(stocks, max_size=3))),
        findings=tuple(draw(findings(kind)) for kind in KINDS if kind in kinds),
    )


location_lists = st.lists(locations(), min_size=1, max_size=5)
reports = location_lists.map(merged)


def finding(kind: str, count: int, told: Optional[int] = None, **members: Any) -> Finding:
    """A finding of which only so many details are told, all of them alike."""
    return Finding(kind, count, tuple(dict(members) for dummy in range(count if told is None else told)))


def location(name: str, *found: Finding, **members: Any) -> Location:
    return Location(**{"name": name, "made_at": "2026-11-23T02:00:00Z", "counts": (("users", 0),), "findings": found, **members})


def as_large_as_can_be(text: str, count: int = 40) -> Report:
    """Locations in which everything is wrong, with a thousand details of each kind and as many assets, and the same text everywhere."""
    found: List[Finding] = []
    for kind in KINDS.values():
        detail: Dict[str, Any] = {member.name: 1000 if member.type == NUMBER else text for member in kind.members}
        found.append(Finding(kind.name, 625000, (detail,) * 1000))
    stock = Stock("1000000001", "STDQ", text, "App", True, 25000, 24000, 1000, 26000)
    return merged(
        location(f"{index} {text}"[:200], *found, location_name=text, holder=Holder(text, text), assets=(stock,) * 1000) for index in range(count)
    )
