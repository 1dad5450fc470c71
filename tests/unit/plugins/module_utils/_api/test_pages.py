# Copyright (c) 2026, the mdmkit.apps_books authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import threading
import time
from typing import Any, Callable, Dict, List, Mapping, Optional

import pytest
from ansible_collections.mdmkit.apps_books.plugins.module_utils._api.errors import ChangedWhileReading, ServiceError
from ansible_collections.mdmkit.apps_books.plugins.module_utils._api.pages import ATTEMPTS, FEW_PAGES, read_following, read_stable
from ansible_collections.mdmkit.apps_books.plugins.module_utils._progress import Progress
from ansible_collections.mdmkit.apps_books.tests.unit.support.connection import Connection
from ansible_collections.mdmkit.apps_books.tests.unit.support.draw import examples
from ansible_collections.mdmkit.apps_books.tests.unit.support.web import Answer, Seen, Web
from hypothesis import given
from hypothesis import strategies as st

Connections = Callable[..., Connection]
Webs = Callable[..., Web]


def page(records: List[Any], index: int, total: int, version: Optional[str] = "v1", **more: Any) -> Answer:
    body: Dict[str, Any] = {"users": [{"id": record} for record in records], "currentPageIndex": index, "size": len(records), "totalPages": total}
    if version is not None:
        body["versionId"] = version
    if index + 1 < total:
        body["nextPageIndex"] = index + 1
    return Answer({**body, **more})


def error(number: int, status: int = 400) -> Answer:
    return Answer({"errorNumber": number, "errorMessage": "A sentence."}, status=status)


def index_of(seen: Seen) -> int:
    return int(seen.query["pageIndex"])


class Reader:
    """Reads the users of a server."""

    def __init__(self, web: Web, connections: Connections) -> None:
        connection = connections(web.base_url)
        connection.transport.pacing.set_requests_per_second(10**6)
        self._fetch: Callable[[Mapping[str, str]], Dict[str, Any]] = lambda query: connection.get("users", dict(query))

    def following(self, query: Optional[Dict[str, str]] = None, since: Optional[Dict[str, str]] = None) -> List[Any]:
        records: List[Any] = []
        for read in read_following(self._fetch, query or {}, "users", since):
            records = ([] if read.afresh else records) + [record["id"] for record in read.records]
        return records

    def stable(self, *members: str) -> List[Any]:
        return [record["id"] for read in read_stable(self._fetch, {}, *(members or ("users",))) for record in read.records]

    def pages(self, progress: Optional[Progress] = None) -> Any:
        return read_following(self._fetch, {}, "users", progress=progress)


both = pytest.mark.parametrize("way", ["following", "stable"])


@both
@pytest.mark.parametrize("total", [1, 2, 3, 6, 12])
def test_every_page_is_read_once_and_in_order(webs: Webs, connections: Connections, way: str, total: int) -> None:
    web = webs(lambda seen: page([f"{index_of(seen)}a", f"{index_of(seen)}b"], index_of(seen), total))

    assert getattr(Reader(web, connections), way)() == [f"{index}{letter}" for index in range(total) for letter in "ab"]
    assert sorted(index_of(seen) for seen in web.seen) == list(range(total))


@both
def test_page_0_comes_alone_and_then_five_at_a_time(webs: Webs, connections: Connections, way: str) -> None:
    seen_with_page_0 = []

    def answer(seen: Seen) -> Answer:
        if index_of(seen) == 0:
            time.sleep(0.05)
            seen_with_page_0.append(len(web.seen))
        elif index_of(seen) <= 5:
            # Nobody is answered before five are waiting, and a sixth one gets its chance to be seen.
            together.wait(10)
            time.sleep(0.05)
        return page([index_of(seen)], index_of(seen), 21)

    together = threading.Barrier(5)
    web = webs(answer)

    assert getattr(Reader(web, connections), way)() == list(range(21))
    assert seen_with_page_0 == [1]
    assert web.most_at_once == 5


@both
def test_a_slow_reader_of_the_pages_makes_no_more_than_five_wait(webs: Webs, connections: Connections, way: str) -> None:
    web = webs(lambda seen: page([index_of(seen)], index_of(seen), 40))
    pages = Reader(web, connections).pages()
    for dummy in range(4):
        next(pages)
    time.sleep(0.1)

    assert len(web.seen) <= 4 + 5
    pages.close()


@both
@pytest.mark.parametrize("last", [0, 2, 4])
def test_the_end_is_the_page_without_a_next_one(webs: Webs, connections: Connections, way: str, last: int) -> None:
    """Wherever totalPages says it would be."""

    def answer(seen: Seen) -> Answer:
        reply = page([index_of(seen)], index_of(seen), 30)
        if index_of(seen) >= last:
            del reply.body["nextPageIndex"]
        return reply

    web = webs(answer)

    assert getattr(Reader(web, connections), way)() == list(range(last + 1))
    assert len(web.seen) <= last + 1 + 5
    assert last or len(web.seen) == 1


@both
@pytest.mark.parametrize("total", [0, None, 1])
def test_an_empty_result_is_one_page(webs: Webs, connections: Connections, way: str, total: Optional[int]) -> None:
    web = webs(lambda seen: page([], 0, 1, totalPages=total))

    assert getattr(Reader(web, connections), way)() == []
    assert len(web.seen) == 1


@both
def test_an_empty_page_is_not_the_end(webs: Webs, connections: Connections, way: str) -> None:
    web = webs(lambda seen: page([] if index_of(seen) == 1 else [index_of(seen)], index_of(seen), 3))

    assert getattr(Reader(web, connections), way)() == [0, 2]


@both
def test_without_a_total_the_pages_are_read_one_after_the_other(webs: Webs, connections: Connections, way: str) -> None:
    web = webs(lambda seen: page([index_of(seen)], index_of(seen), 5, totalPages=None))

    assert getattr(Reader(web, connections), way)() == list(range(5))
    assert web.most_at_once == 1


@both
def test_missing_records_are_no_records(webs: Webs, connections: Connections, way: str) -> None:
    web = webs(lambda seen: page([], index_of(seen), 2, users=None))

    assert getattr(Reader(web, connections), way)() == []


@both
@examples(60)
@given(totals=st.lists(st.integers(1, 12), min_size=12, max_size=12))
def test_the_total_may_say_anything_on_the_way(way: str, totals: List[int]) -> None:
    """Each page tells another total; the last page is the first one that has no next page, however the total got there."""

    def fetch(query: Mapping[str, str]) -> Dict[str, Any]:
        index = int(query["pageIndex"])
        if index >= len(totals):
            raise ServiceError("GET users", 400, 9650, "beyond")
        return page([index], index, totals[index] if index + 1 < len(totals) else 0).body

    last = next(index for index, total in enumerate(totals) if index + 1 >= total or index + 1 == len(totals))
    pages = list(read_following(fetch, {}, "users")) if way == "following" else read_stable(fetch, {}, "users")

    assert [record["id"] for read in pages for record in read.records] == list(range(last + 1))


@both
@pytest.mark.parametrize("when", [1, 2])
def test_pages_that_are_added_on_the_way_are_read(webs: Webs, connections: Connections, way: str, when: int) -> None:
    web = webs(lambda seen: page([index_of(seen)], index_of(seen), 3 if index_of(seen) < when else 9))

    assert getattr(Reader(web, connections), way)() == list(range(9))


@both
@pytest.mark.parametrize("failing", [0, 1, 4])
def test_an_error_ends_the_reading_and_nothing_more_is_asked(webs: Webs, connections: Connections, way: str, failing: int) -> None:
    web = webs(lambda seen: error(9602) if index_of(seen) == failing else page([index_of(seen)], index_of(seen), 60))

    with pytest.raises(ServiceError) as caught:
        getattr(Reader(web, connections), way)()
    assert caught.value.number == 9602
    asked = len(web.seen)
    time.sleep(0.05)
    assert len(web.seen) == asked <= failing + 1 + 5


@both
def test_page_0_beyond_the_end_is_an_error(webs: Webs, connections: Connections, way: str) -> None:
    with pytest.raises(ServiceError) as caught:
        getattr(Reader(webs(lambda seen: error(9650)), connections), way)()
    assert caught.value.number == 9650


def test_whoever_has_read_enough_stops_the_reading(webs: Webs, connections: Connections) -> None:
    web = webs(lambda seen: page([index_of(seen)], index_of(seen), 60))
    pages = Reader(web, connections).pages()
    next(pages)
    pages.close()

    time.sleep(0.05)
    assert len(web.seen) == 1


# The data changes on the way: endpoints that cannot tell what changed


def test_a_changed_version_starts_the_reading_over(webs: Webs, connections: Connections) -> None:
    """Page 2 of the first attempt is of another version; only what the second attempt read counts."""

    def answer(seen: Seen) -> Answer:
        version = "v1" if len(web.seen) <= 2 else "v2"
        return page([f"{version}-{index_of(seen)}"], index_of(seen), 3, version)

    web = webs(answer)

    assert Reader(web, connections).stable() == ["v2-0", "v2-1", "v2-2"]
    assert len(web.seen) == 6
    assert all(set(seen.query) == {"pageIndex"} for seen in web.seen)


def test_fewer_pages_than_a_moment_ago_start_the_reading_over(webs: Webs, connections: Connections) -> None:
    def answer(seen: Seen) -> Answer:
        if len(web.seen) == 1:
            return page(["old"], 0, 4)
        return page([f"new-{index_of(seen)}"], index_of(seen), 2, "v2") if index_of(seen) < 2 else error(9650)

    web = webs(answer)

    assert Reader(web, connections).stable() == ["new-0", "new-1"]


def test_a_shrunken_list_of_the_same_version_starts_the_reading_over_too(webs: Webs, connections: Connections) -> None:
    def answer(seen: Seen) -> Answer:
        first_attempt = len([other for other in web.seen if index_of(other) == 0]) == 1
        return page([index_of(seen)], index_of(seen), 3 if first_attempt else 2) if index_of(seen) < 2 else error(9650)

    web = webs(answer)

    assert Reader(web, connections).stable() == [0, 1]
    assert len([seen for seen in web.seen if index_of(seen) == 0]) == 2


def test_data_that_never_rests_is_told_after_some_attempts(webs: Webs, connections: Connections) -> None:
    web = webs(lambda seen: page([index_of(seen)], index_of(seen), 2, f"v{len(web.seen)}"))

    with pytest.raises(ChangedWhileReading) as caught:
        Reader(web, connections).stable()
    assert len(web.seen) == 2 * ATTEMPTS
    assert caught.value.message == f"The users changed during each of {ATTEMPTS} attempts to read them."
    assert "run again when it is quiet" in (caught.value.hint or "")


def test_one_page_is_always_undisturbed(webs: Webs, connections: Connections) -> None:
    web = webs(lambda seen: page(["one"], 0, 1, f"v{len(web.seen)}"))

    assert Reader(web, connections).stable() == ["one"]


@both
def test_answers_without_a_version_count_as_one_version(webs: Webs, connections: Connections, way: str) -> None:
    web = webs(lambda seen: page([index_of(seen)], index_of(seen), 3, None))

    assert getattr(Reader(web, connections), way)() == [0, 1, 2]


def test_the_records_of_several_members_come_together(webs: Webs, connections: Connections) -> None:
    web = webs(lambda seen: page(["a"], index_of(seen), 1, unlimited=[{"id": "b"}]))

    assert Reader(web, connections).stable("users", "unlimited") == ["a", "b"]


# The data changes on the way: endpoints that can tell what changed


def since_of(seen: Seen) -> Optional[str]:
    return seen.query.get("sinceVersionId")


def test_after_a_change_the_reading_is_begun_again(webs: Webs, connections: Connections) -> None:
    """What only moved to another page is no change that could be asked for."""

    def answer(seen: Seen) -> Answer:
        version = "v1" if len(web.seen) <= 2 else "v2"
        return page([f"{version}-{index_of(seen)}"], index_of(seen), 3, version)

    web = webs(answer)

    assert Reader(web, connections).following() == ["v2-0", "v2-1", "v2-2"]
    assert [since_of(seen) for seen in web.seen] == [None] * 6


def test_many_pages_are_begun_again_only_once(webs: Webs, connections: Connections) -> None:
    total = FEW_PAGES + 1
    web = webs(lambda seen: page(["changed"], 0, 1, "v9") if since_of(seen) else page([index_of(seen)], index_of(seen), total, f"v{len(web.seen)}"))

    assert Reader(web, connections).following() == [*range(total), "changed"]
    assert len([seen for seen in web.seen if since_of(seen) is None]) == 2 * total


def test_if_the_data_never_rests_the_reading_is_finished_and_followed_up_from_its_first_page(webs: Webs, connections: Connections) -> None:
    def answer(seen: Seen) -> Answer:
        if since_of(seen):
            return page(["changed"], 0, 1, "v2")
        return page([index_of(seen)], index_of(seen), 3, "v1" if index_of(seen) < 1 else "v2")

    web = webs(answer)

    assert Reader(web, connections).following({"adamId": "1"}) == [0, 1, 2, "changed"]
    assert [since_of(seen) for seen in web.seen] == [None, None, None] * ATTEMPTS + ["v1"]
    assert web.seen[-1].query == {"adamId": "1", "pageIndex": "0", "sinceVersionId": "v1"}


def test_the_follow_up_may_have_filters_of_its_own(webs: Webs, connections: Connections) -> None:
    web = webs(lambda seen: page([], 0, 1, "v3") if since_of(seen) else page([], index_of(seen), 2, f"v{index_of(seen)}"))
    Reader(web, connections).following({"activeOnly": "true", "a": "b"}, {"a": "b"})

    assert web.seen[0].query == {"activeOnly": "true", "a": "b", "pageIndex": "0"}
    assert web.seen[-1].query == {"a": "b", "pageIndex": "0", "sinceVersionId": "v0"}


def test_a_follow_up_that_is_disturbed_is_followed_up_itself(webs: Webs, connections: Connections) -> None:
    """Each from the version of the first page of the one before."""

    def answer(seen: Seen) -> Answer:
        if since_of(seen) is None:
            return page([f"full-{index_of(seen)}"], index_of(seen), 2, f"v{index_of(seen)}")
        if since_of(seen) == "v0":
            return page([f"first-{index_of(seen)}"], index_of(seen), 2, f"v{index_of(seen) + 2}")
        return page(["second"], 0, 1, "v9")

    web = webs(answer)

    assert Reader(web, connections).following() == ["full-0", "full-1", "first-0", "first-1", "second"]
    assert [since_of(seen) for seen in web.seen] == [None, None] * ATTEMPTS + ["v0", "v0", "v2"]


def test_what_is_new_is_marked_as_such(webs: Webs, connections: Connections) -> None:
    web = webs(lambda seen: page(["new"], 0, 1, "v2") if since_of(seen) else page([index_of(seen)], index_of(seen), 2, f"v{index_of(seen)}"))

    marks = [(read.changes_only, read.afresh, read.version_id) for read in Reader(web, connections).pages()]
    assert marks == [(False, True, "v0"), (False, False, "v1")] * ATTEMPTS + [(True, False, "v2")]


def test_fewer_pages_than_a_moment_ago_are_followed_up(webs: Webs, connections: Connections) -> None:
    def answer(seen: Seen) -> Answer:
        if since_of(seen):
            return page(["changed"], 0, 1, "v2")
        return page([index_of(seen)], index_of(seen), 4) if index_of(seen) < 2 else error(9650)

    web = webs(answer)

    assert Reader(web, connections).following() == [0, 1, "changed"]
    assert since_of(web.seen[-1]) == "v1"


def test_a_forgotten_version_means_reading_everything(webs: Webs, connections: Connections) -> None:
    def answer(seen: Seen) -> Answer:
        if since_of(seen):
            return error(9721)
        version = f"v{min(len(web.seen), 2 * ATTEMPTS)}"
        return page([f"{version}-{index_of(seen)}"], index_of(seen), 2, version)

    web = webs(answer)

    assert Reader(web, connections).following() == ["v10-0", "v10-1"]
    assert [since_of(seen) for seen in web.seen] == [None, None] * ATTEMPTS + ["v9", None, None]


def test_reading_everything_again_may_be_disturbed_too(webs: Webs, connections: Connections) -> None:
    def answer(seen: Seen) -> Answer:
        if since_of(seen):
            return error(9721) if since_of(seen) == "v9" else page(["changed"], 0, 1, "v99")
        return page([index_of(seen)], index_of(seen), 2, f"v{len(web.seen)}")

    web = webs(answer)

    assert Reader(web, connections).following() == [0, 1, "changed"]
    assert since_of(web.seen[-1]) == "v12"


def test_another_error_of_the_follow_up_is_told(webs: Webs, connections: Connections) -> None:
    web = webs(lambda seen: error(9602) if since_of(seen) else page([index_of(seen)], index_of(seen), 2, f"v{index_of(seen)}"))

    with pytest.raises(ServiceError) as caught:
        Reader(web, connections).following()
    assert caught.value.number == 9602


@pytest.mark.parametrize("forgets", [False, True])
def test_follow_ups_come_to_an_end(webs: Webs, connections: Connections, forgets: bool) -> None:
    web = webs(lambda seen: error(9721) if forgets and since_of(seen) else page([index_of(seen)], index_of(seen), 2, f"v{len(web.seen)}"))

    with pytest.raises(ChangedWhileReading, match=f"The users changed during each of {ATTEMPTS} attempts to read them"):
        Reader(web, connections).following()
    assert len([seen for seen in web.seen if index_of(seen) == 0]) <= 3 * ATTEMPTS


def test_progress_is_told_with_every_page(webs: Webs, connections: Connections) -> None:
    progress = Progress()
    pages = Reader(webs(lambda seen: page([index_of(seen)], index_of(seen), 4)), connections).pages(progress)

    told = [progress.told("") for dummy in pages]

    assert [(step.doing, step.unit, step.done, step.total) for step in told] == [
        ("reading users", "pages", 0, None),
        ("reading users", "pages", 1, 4),
        ("reading users", "pages", 2, 4),
        ("reading users", "pages", 3, 4),
    ]
    assert progress.told("").doing == ""


def test_reading_that_is_given_up_is_no_longer_told(webs: Webs, connections: Connections) -> None:
    progress = Progress()
    pages = Reader(webs(lambda seen: page([index_of(seen)], index_of(seen), 4)), connections).pages(progress)
    next(pages)
    pages.close()

    assert progress.told("").doing == ""
