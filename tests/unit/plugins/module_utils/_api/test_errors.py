# Copyright (c) 2026, the mdmkit.apps_books authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from typing import Optional

import pytest
from ansible_collections.mdmkit.apps_books.plugins.module_utils._api.errors import (
    LIMIT_ERRORS,
    REFUSED_FOR_NOW,
    AnswerLost,
    ServiceError,
    hint_for,
    is_retryable,
    says_it_is_so,
)

# number: whether trying again later helps, as apple-api's errors.tsv says. 9716 is "no, treat as already created, then compare", which is
# what running the task again does.
WORTH_ANOTHER_TRY = {
    9601: False, 9602: False, 9603: True, 9609: False, 9621: False, 9622: False, 9623: False, 9625: False, 9634: False, 9635: False, 9637: False,
    9641: False, 9644: True, 9646: True, 9647: False, 9650: True, 9700: True, 9701: True, 9702: True, 9703: False, 9704: False, 9705: False,
    9706: False, 9707: False, 9708: False, 9709: False, 9710: False, 9711: False, 9712: False, 9713: False, 9714: True, 9715: False, 9716: True,
    9717: False, 9718: False, 9719: False, 9720: False, 9721: True, 9722: False, 9723: False, 9724: False, 9725: False, 9726: False, 9727: False,
    9728: True, 9729: True,
}


@pytest.mark.parametrize("number", WORTH_ANOTHER_TRY)
def test_whether_trying_again_helps(number: int) -> None:
    assert is_retryable(number) == WORTH_ANOTHER_TRY[number]


@pytest.mark.parametrize("number", [None, 0, 1, 9600, 9730, 9999, 12345])
def test_an_unknown_number_is_final_and_has_no_hint(number: Optional[int]) -> None:
    assert not is_retryable(number)
    assert hint_for(number) is None


@pytest.mark.parametrize(
    "number, said",
    [
        (9601, "content token"),
        (9602, "argument"),
        (9603, "internal error"),
        (9609, "Create the user first"),
        (9621, "Download a new content token"),
        (9622, "whole Base64 text of the .vpptoken file, not the inner token"),
        (9625, "newer token"),
        (9634, "removed this service"),
        (9635, "Managed Apple Account"),
        (9637, "facilitator"),
        (9641, "Another user"),
        (9644, "maintenance"),
        (9646, "Too many requests"),
        (9647, "legacy token"),
        (9706, "never takes this asset back"),
        (9707, "users instead of devices"),
        (9708, "does not know the event"),
        (9709, "Buy or free licences"),
        (9710, "both notification_url and notification_auth_token"),
        (9712, "https"),
        (9716, "run again"),
        (9717, "email"),
        (9720, "at least one user"),
        (9722, "content token"),
        (9728, "2xx"),
        (9729, "later"),
    ],
)
def test_what_to_do_about_it(number: int, said: str) -> None:
    assert said in (hint_for(number) or "")


def test_numbers_that_mean_new_limits() -> None:
    assert LIMIT_ERRORS == {9700, 9701, 9702, 9714}


def test_numbers_of_requests_that_were_surely_not_accepted() -> None:
    assert REFUSED_FOR_NOW == {9644, 9646, 9729}


def test_an_error_tells_request_number_text_and_what_to_do() -> None:
    error = ServiceError("POST assets/associate", 400, 9707, "The asset in the request isn't device-assignable.", {"assets": []})

    assert error.message == "Apple refused POST assets/associate: The asset in the request isn't device-assignable (error 9707, HTTP 400)."
    assert str(error) == error.message + " Give this asset to users instead of devices."
    assert error.details == {
        "error_number": 9707,
        "error_message": "The asset in the request isn't device-assignable.",
        "http_status": 400,
        "retryable": False,
    }


def test_an_error_without_a_number_tells_the_status() -> None:
    error = ServiceError("GET users", 418, None, "teapot")

    assert str(error) == "Apple refused GET users: teapot (HTTP 418)."
    assert error.details["error_number"] is None


@pytest.mark.parametrize("number, more", [(None, ""), (9999, ""), (9647, " This is a legacy token; download a token of a location.")])
def test_every_403_means_no_right(number: Optional[int], more: str) -> None:
    """Which number a read-only token gets on a write is not known."""
    error = ServiceError("POST users/create", 403, number, "no")

    assert error.hint == "The token has no right to do this: a read-only token can only list." + more


def test_a_lost_answer_says_that_nobody_knows() -> None:
    error = AnswerLost("POST users/create", "no answer within 60 s")

    assert "POST users/create was lost (no answer within 60 s). Apple may have accepted the request or not." in error.message
    assert "Run the task again" in (error.hint or "")
    assert (error.request, error.cause) == ("POST users/create", "no answer within 60 s")


@pytest.mark.parametrize(
    "status, number, about",
    [
        (400, 9706, True),
        (200, 9609, True),
        (400, 12345, True),
        (401, 9621, False),
        (200, 9625, False),
        (403, 9602, False),
        (404, None, False),
        (400, None, False),
        (410, 9634, False),
    ],
)
def test_refusals_of_one_request_are_told_from_those_of_the_caller(status: int, number: Optional[int], about: bool) -> None:
    assert ServiceError("POST assets/associate", status, number, "text").about_the_request is about


@pytest.mark.parametrize(
    "kind, number, is_so",
    [
        ("create", 9716, True),
        ("associate", 9616, True),
        ("disassociate", 9619, True),
        ("retire", 9609, True),
        ("disassociate", 9609, True),
        ("associate", 9609, False),
        ("update", 9609, False),
        ("associate", 9709, False),
        ("associate", None, False),
    ],
)
def test_what_is_said_to_be_so_already(kind: str, number: Optional[int], is_so: bool) -> None:
    assert says_it_is_so(kind, number) is is_so
