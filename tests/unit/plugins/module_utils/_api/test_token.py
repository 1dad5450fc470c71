# Copyright (c) 2026, the mdmkit.apps_books authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import base64
import datetime
import json
import traceback
from typing import Any, Dict, List, Optional

import pytest
from ansible_collections.mdmkit.apps_books.plugins.module_utils._api.token import (
    GET_A_NEW_ONE,
    ContentToken,
    ExpiredToken,
    TokenError,
    is_a_token,
    may_be_a_token,
    parse_content_token,
    parse_date,
)
from ansible_collections.mdmkit.apps_books.tests.unit.support.draw import examples
from hypothesis import given
from hypothesis import strategies as st

NOW = datetime.datetime(2030, 6, 1, 12, 0, tzinfo=datetime.timezone.utc)
INNER = "iNnErToKeN/0123456789+abcdefghijklmnopqrstuvwxyzABCDEFGHIJ=="


def content(**members: Any) -> Dict[str, Any]:
    return {"token": INNER, "expDate": "2031-03-04T05:06:07+0000", "orgName": "Example Organization", **members}


def encoded(document: Any) -> str:
    return base64.b64encode(json.dumps(document).encode()).decode()


TEXT = encoded(content())


def parse(text: str, now: datetime.datetime = NOW) -> ContentToken:
    return parse_content_token(text, "content_token", now)


def refused(text: str) -> TokenError:
    with pytest.raises(TokenError) as caught:
        parse(text)
    return caught.value


def test_a_good_token() -> None:
    token = parse(TEXT)

    assert token.text == TEXT
    assert token.inner == INNER
    assert token.expires == datetime.datetime(2031, 3, 4, 5, 6, 7, tzinfo=datetime.timezone.utc)
    assert token.organization == "Example Organization"
    assert token.warnings == []


MISTAKES = {
    "empty": ("", "The content token from content_token is empty."),
    "blank": (" \n\t", "The content token from content_token is empty."),
    "decoded": (json.dumps(content()), "The content token from content_token is the decoded JSON."),
    "decoded with space": ("\n " + json.dumps(content()), "The content token from content_token is the decoded JSON."),
    "inner": (
        INNER,
        "The text from content_token is not a content token. It may be the inner `token` alone, which Apple refuses (9622), or it was cut off.",
    ),
    "cut off": (
        TEXT[:-7],
        "The text from content_token is not a content token. It may be the inner `token` alone, which Apple refuses (9622), or it was cut off.",
    ),
    "cut in half": (TEXT[: len(TEXT) // 2 // 4 * 4], "The text from content_token is not a content token."),
    "not base64": ("path/to/file.vpptoken", "The text from content_token is not a content token."),
    "stray character": (TEXT[:20] + "*" + TEXT[20:], "The text from content_token is not a content token."),
    "not ascii": ("\u00fc" + TEXT, "The text from content_token is not a content token."),
    "not utf-8": (base64.b64encode(b"\xff\xfe{}").decode(), "The text from content_token is not a content token."),
    "twice encoded": (base64.b64encode(TEXT.encode()).decode(), "The text from content_token is not a content token."),
    "a list": (encoded([content()]), "The text from content_token is not a content token."),
    "no inner": (encoded({"expDate": "2031-03-04T05:06:07+0000"}), "The content token from content_token decodes to JSON without the member `token`"),
    "empty inner": (encoded(content(token="")), "The content token from content_token decodes to JSON without the member `token`"),
    "inner that is no text": (encoded(content(token=5)), "The content token from content_token decodes to JSON without the member `token`"),
    "expired": (encoded(content(expDate="2030-05-31T23:59:59+0000")), "The content token from content_token expired on 2030-05-31 23:59 +0000."),
    "expires now": (encoded(content(expDate="2030-06-01T12:00:00+0000")), "The content token from content_token expired on 2030-06-01 12:00 +0000."),
    "expired elsewhere": (encoded(content(expDate="2030-06-01T04:59:59-0700")), "The content token from content_token expired on 2030-06-01 04:59 -0700."),
}


@pytest.mark.parametrize("name", MISTAKES)
def test_each_mistake_has_its_own_message(name: str) -> None:
    text, message = MISTAKES[name]

    error = refused(text)

    assert error.message.startswith(message)
    assert error.hint
    assert {"expired": GET_A_NEW_ONE, "decoded": "Give the downloaded .vpptoken file as it is: one long Base64 text."}.get(name, error.hint) == error.hint


def test_the_five_named_mistakes_are_told_apart() -> None:
    assert len({refused(MISTAKES[name][0]).message for name in ("empty", "decoded", "inner", "no inner", "expired")}) == 5


@pytest.mark.parametrize("name", MISTAKES)
def test_no_error_holds_any_text_of_the_token(name: str) -> None:
    """Neither the message nor the representation, nor what else hangs on the exception or stands in a traceback."""
    error = refused(MISTAKES[name][0])

    told = [str(error), repr(error), repr(error.details), str(error.hint), "".join(traceback.format_exception(type(error), error, error.__traceback__))]
    chain: List[Optional[BaseException]] = [error.__cause__, error.__context__]
    assert chain == [None, None], "the exceptions of the decoders hold the whole document"
    for text in (MISTAKES[name][0].strip(), INNER, TEXT):
        for start in range(0, len(text) - 8, 8):
            assert not any(text[start:start + 8] in part for part in told[:-1])
    assert INNER not in told[-1]


def test_the_representation_of_a_good_token_holds_none_of_its_text() -> None:
    """Representations end up in logs and tracebacks."""
    shown = repr(parse(TEXT)) + str(parse(TEXT))

    assert INNER not in shown and TEXT not in shown
    assert "Example Organization" in shown


def test_every_form_of_the_secret_is_known() -> None:
    assert set(parse(TEXT).secrets) == {TEXT, INNER, json.dumps(content())}


@pytest.mark.parametrize("text", [TEXT, TEXT + "\n"])
def test_the_line_end_of_a_file_is_no_mistake(text: str) -> None:
    assert (parse(text).text, parse(text).warnings) == (TEXT, [])


WRAPPED = "\n".join(TEXT[start:start + 64] for start in range(0, len(TEXT), 64))


@pytest.mark.parametrize("text", [" " + TEXT, TEXT + " ", "\n" + TEXT, TEXT + "\n\n", "\t" + TEXT + "\r\n", WRAPPED, WRAPPED + "\n", TEXT[:9] + " " + TEXT[9:]])
def test_other_white_space_is_left_out_with_a_warning(text: str) -> None:
    token = parse(text)

    assert token.text == TEXT
    assert token.warnings == ["The content token from content_token had white space in or around it, which was left out."]


@pytest.mark.parametrize(
    "expires, told",
    [
        ("2030-06-16T12:00:01+0000", None),
        ("2030-06-16T11:59:59+0000", "2030-06-16 11:59 +0000"),
        ("2030-06-01T12:00:01+0000", "2030-06-01 12:00 +0000"),
        ("2030-06-16T05:00:01-0700", None),
        ("2030-06-16T04:59:59-0700", "2030-06-16 04:59 -0700"),
        ("2030-06-01T05:00:01-0700", "2030-06-01 05:00 -0700"),
        ("2031-03-04T05:06:07+0000", None),
    ],
)
def test_the_last_fifteen_days_are_warned_of_with_the_date(expires: str, told: Optional[str]) -> None:
    warnings = parse(encoded(content(expDate=expires))).warnings

    assert warnings == ([] if told is None else [f"The content token from content_token expires on {told}. {GET_A_NEW_ONE}"])


@pytest.mark.parametrize("expires", [None, "", "soon", 5, "2031-13-01T00:00:00+0000", "2031-03-04"])
def test_a_date_that_cannot_be_read_is_left_to_the_service(expires: Any) -> None:
    token = parse(encoded(content(expDate=expires)))

    assert (token.expires, token.warnings) == (None, [])


@pytest.mark.parametrize("organization", [None, 5, ["x"]])
def test_an_organization_that_is_no_text_is_not_shown(organization: Any) -> None:
    assert parse(encoded(content(orgName=organization))).organization is None


def test_messages_name_the_source() -> None:
    with pytest.raises(TokenError, match="The content token from content_token_file /srv/token is empty"):
        parse_content_token("", "content_token_file /srv/token")


def test_the_present_is_the_default() -> None:
    year = datetime.datetime.now(datetime.timezone.utc).year

    parse_content_token(encoded(content(expDate=f"{year + 2}-01-01T00:00:00+0000")), "x")
    with pytest.raises(TokenError, match="expired on"):
        parse_content_token(encoded(content(expDate=f"{year - 1}-01-01T00:00:00+0000")), "x")


@examples(200)
@given(moment=st.datetimes(datetime.datetime(2000, 1, 1), datetime.datetime(2100, 1, 1)), offset=st.integers(-14 * 4, 14 * 4))
def test_dates_with_any_offset_mean_the_same_moment(moment: datetime.datetime, offset: int) -> None:
    zone = datetime.timezone(datetime.timedelta(minutes=15 * offset))
    exact = moment.replace(microsecond=0, tzinfo=zone)

    assert parse_date(exact.strftime("%Y-%m-%dT%H:%M:%S%z")) == exact


@examples(300)
@given(
    text=st.one_of(
        st.text(max_size=60), st.binary(max_size=60).map(lambda data: base64.b64encode(data).decode()), st.text('{}[]":, 0', max_size=30).map(encoded)
    )
)
def test_any_text_is_either_a_token_or_told_to_be_none(text: str) -> None:
    try:
        assert parse(text).text == "".join(text.split())
    except TokenError as error:
        assert error.message.endswith(".") and error.hint


@examples(200)
@given(inner=st.text(min_size=20), padding=st.sampled_from(["", "\n", "  "]))
def test_a_token_is_recognised_wherever_it_stands(inner: str, padding: str) -> None:
    decoded = json.dumps(content(token=inner))

    assert is_a_token(padding + encoded(content(token=inner)) + padding)
    assert is_a_token(padding + decoded + padding)
    assert not is_a_token(inner)


@pytest.mark.parametrize("text", ["", "u-1", "/srv/tokens/springfield.vpptoken", "https://vpp.itunes.apple.com/mdm/v2", "x" * 60, '{"token": ""}' + " " * 40])
def test_other_texts_are_no_tokens(text: str) -> None:
    assert not is_a_token(text)


@pytest.mark.parametrize("name, may_be", [("springfield.vpptoken", False), ("token-of-springfield-elementary", False), ("abc=", True), ("Zm9vYmFy" * 3, True)])
def test_names_of_files_that_may_be_tokens(name: str, may_be: bool) -> None:
    assert may_be_a_token(name) is may_be


def test_an_expired_token_says_since_when() -> None:
    with pytest.raises(ExpiredToken) as caught:
        parse_content_token(encoded(content(expDate="2020-01-02T03:04:05+0000")), "x")

    assert caught.value.expires == datetime.datetime(2020, 1, 2, 3, 4, 5, tzinfo=datetime.timezone.utc)
