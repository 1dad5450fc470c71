# Copyright (c) 2026, the mdmkit.apps_books authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Page-index paging: page 0, then the rest five at a time, and the truth when the data changes on the way (README section 6)."""

from __future__ import annotations

import collections
import concurrent.futures
from typing import Any, Callable, Deque, Dict, Iterator, List, Mapping, NamedTuple, Optional, Sequence

from ansible_collections.mdmkit.apps_books.plugins.module_utils._api.errors import BAD_VERSION, PAGE_OUT_OF_RANGE, ChangedWhileReading, ServiceError
from ansible_collections.mdmkit.apps_books.plugins.module_utils._api.transport import PARALLEL_REQUESTS
from ansible_collections.mdmkit.apps_books.plugins.module_utils._progress import Progress, Step

ATTEMPTS = 5
"""How often a reading that the data changed under is begun again, or followed up, before it fails."""

FEW_PAGES = 50
"""So many are soon read. A longer reading, which the data is the likelier to change under, is begun again only once."""

_ATTEMPTS_OF_MANY_PAGES = 2

Fetch = Callable[[Mapping[str, str]], Dict[str, Any]]
"""Sends one GET with this query and returns the decoded answer."""


class Page(NamedTuple):
    records: List[Dict[str, Any]]
    version_id: Optional[str]
    total_pages: int
    changes_only: bool = False
    """Whether the records are those of an incremental answer, newer than what earlier pages said of the same thing."""
    reading: int = 0
    """Counts the readings that follow one another; pages of one reading come in no order that would tell which is newer."""
    afresh: bool = False
    """Whether this page begins the reading anew, and what earlier pages said is void."""


class TooManyPages(Exception):
    """There are more pages than the reader wants to read. Only the first of them was asked for."""


def read_stable(
    fetch: Fetch, query: Mapping[str, str], *members: str, most_pages: Optional[int] = None, progress: Optional[Progress] = None
) -> List[Page]:
    """All pages of one and the same version, begun again when the version changes; for an endpoint that cannot tell what changed, and
    wherever following up would not do.

    :raises ChangedWhileReading: no attempt was undisturbed
    :raises TooManyPages: there are more than ``most_pages``
    """
    for dummy in range(ATTEMPTS):
        pages = []
        for page in _walk(fetch, query, members, progress):
            if most_pages is not None and page.total_pages > most_pages:
                raise TooManyPages
            pages.append(page)
        if _undisturbed(pages):
            return pages
    raise _disturbed(members[0])


def read_following(
    fetch: Fetch, query: Mapping[str, str], member: str, since_query: Optional[Mapping[str, str]] = None, progress: Optional[Progress] = None
) -> Iterator[Page]:
    """All pages of one and the same version, or where the data does not rest so long, all pages and then what changed since the first of them.

    When records come or go, others move to a page that was read already, and what only moved is no change that an incremental answer would
    tell of. So a disturbed reading is begun again; following up is what remains where that does not help.

    The records of a page may repeat those of another: the caller tells them apart by their key, later ones win, and a page that begins
    afresh voids those before it.

    :param since_query: the query for the incremental reading, where it differs from that of the full one
    :raises ChangedWhileReading: the data changed under every incremental reading too
    """
    pages: List[Page] = []
    attempt = 0
    while attempt < (ATTEMPTS if len(pages) <= FEW_PAGES else _ATTEMPTS_OF_MANY_PAGES):
        pages = []
        for page in _walk(fetch, query, (member,), progress):
            yield page._replace(reading=attempt, afresh=not pages)
            pages.append(page._replace(records=[]))
        if _undisturbed(pages):
            return
        attempt += 1
    for reading in range(attempt, attempt + ATTEMPTS):
        since = pages[0].version_id
        changes = dict(query if since_query is None else since_query, sinceVersionId=since or "")
        pages = []
        try:
            for page in _walk(fetch, changes, (member,), progress):
                pages.append(page._replace(records=[]))
                yield page._replace(changes_only=True, reading=reading)
        except ServiceError as error:
            if error.number != BAD_VERSION:
                raise
            # The service has forgotten the version: only reading everything tells what is there now.
            pages = []
            for page in _walk(fetch, query, (member,), progress):
                yield page._replace(reading=reading, afresh=not pages)
                pages.append(page._replace(records=[]))
        if _undisturbed(pages):
            return
    raise _disturbed(member)


def _undisturbed(pages: List[Page]) -> bool:
    return len({page.version_id for page in pages}) == 1


def _disturbed(member: str) -> ChangedWhileReading:
    return ChangedWhileReading(
        f"The {member} changed during each of {ATTEMPTS} attempts to read them.",
        "Something else is writing to this location all the time; run again when it is quiet.",
    )


def _walk(fetch: Fetch, query: Mapping[str, str], members: Sequence[str], progress: Optional[Progress]) -> Iterator[Page]:
    """Every page in order. The end is the page without nextPageIndex, wherever totalPages said it would be."""

    def read(index: int) -> Dict[str, Any]:
        return fetch(dict(query, pageIndex=str(index)))

    with (progress or Progress()).step(f"reading {members[0]}", "pages") as step:
        answer = read(0)
        yield _page(answer, members)
        end = _end(answer, 0)
        if end > 1:
            yield from _others(read, members, end, step)


def _others(read: Callable[[int], Dict[str, Any]], members: Sequence[str], end: int, step: Step) -> Iterator[Page]:
    """The pages after the first."""
    with concurrent.futures.ThreadPoolExecutor(PARALLEL_REQUESTS) as pool:
        in_flight: Deque["concurrent.futures.Future[Dict[str, Any]]"] = collections.deque()
        submitted = 1
        index = 1
        try:
            while index < end:
                step.done, step.total = index, end
                while submitted < end and len(in_flight) < PARALLEL_REQUESTS:
                    in_flight.append(pool.submit(read, submitted))
                    submitted += 1
                try:
                    answer = in_flight.popleft().result()
                except ServiceError as error:
                    if error.number != PAGE_OUT_OF_RANGE:
                        raise
                    # There are fewer pages than a moment ago; no version is like this one, so the reading counts as disturbed.
                    yield Page([], f"shrunk before page {index}", index)
                    return
                yield _page(answer, members)
                end = _end(answer, index)
                index += 1
        finally:
            for future in in_flight:
                future.cancel()


def _end(answer: Mapping[str, Any], index: int) -> int:
    """One more than the last page's index, as far as this page knows."""
    if answer.get("nextPageIndex") is None:
        return index + 1
    return max(index + 2, int(answer.get("totalPages") or 0))


def _page(answer: Mapping[str, Any], members: Sequence[str]) -> Page:
    records = [record for member in members for record in answer.get(member) or ()]
    return Page(records, answer.get("versionId"), int(answer.get("totalPages") or 1))
