# Copyright (c) 2026, the mdmkit.apps_books authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The content token: the Base64 text of the downloaded .vpptoken file, checked before any request (README section 2)."""

from __future__ import annotations

import base64
import binascii
import datetime
import json
import re
from typing import List, NamedTuple, Optional

from ansible_collections.mdmkit.apps_books.plugins.module_utils._model import AppsBooksError

EXPIRY_WARNING_DAYS = 15

GET_A_NEW_ONE = "Download a new token at school.apple.com or business.apple.com."


_FEWEST_LETTERS = 40
"""A run of letters shorter than this is no token; the ids of events have 36."""
_TOKEN_LETTERS = re.compile(r"(?:[A-Za-z0-9+/=_-]|%%[0-9A-Fa-f]{2}|\\/){%d,}" % _FEWEST_LETTERS)


class TokenError(AppsBooksError):
    """The content token cannot be used. The message never holds any of its text."""


class ExpiredToken(TokenError):
    """The content token was good until ``expires``."""

    def __init__(self, source: str, expires: datetime.datetime) -> None:
        self.expires = expires
        super().__init__(f"The content token from {source} expired on {expires:%Y-%m-%d %H:%M %z}.", GET_A_NEW_ONE)


class ContentToken(NamedTuple):
    text: str
    """The bearer value: the whole Base64 text."""
    inner: str
    expires: Optional[datetime.datetime]
    """None where the date cannot be read; the service decides then."""
    organization: Optional[str]
    warnings: List[str]

    @property
    def secrets(self) -> List[str]:
        """Every form of the token that must not be shown."""
        return [self.text, self.inner, base64.b64decode(self.text).decode("utf-8")]

    def __repr__(self) -> str:
        return f"ContentToken(organization={self.organization!r}, expires={self.expires})"


def parse_date(text: object) -> Optional[datetime.datetime]:
    """A date of the service, such as 2031-03-04T05:06:07+0000 (README section 15), or None."""
    try:
        return datetime.datetime.strptime(str(text), "%Y-%m-%dT%H:%M:%S%z")
    except ValueError:
        return None


def days_left(expires: datetime.datetime, now: datetime.datetime) -> int:
    """Whole days until a token expires; less than 0 once it has expired."""
    return (expires - now).days


def parse_content_token(text: str, source: str, now: Optional[datetime.datetime] = None) -> ContentToken:
    """Check the token's text and take it apart.

    :param source: where the text comes from, for messages: an option's or a file's name
    :raises TokenError: with a message of its own for each usual mistake; ExpiredToken where the token is good but for its date
    """
    warnings = []
    # Editors and PowerShell put a byte order mark first.
    text = text.lstrip("\ufeff")
    if not text.strip():
        raise TokenError(f"The content token from {source} is empty.", GET_A_NEW_ONE)
    if text.lstrip().startswith("{"):
        raise TokenError(
            f"The content token from {source} is the decoded JSON.",
            "Give the downloaded .vpptoken file as it is: one long Base64 text.",
        )
    if text.startswith("$ANSIBLE_VAULT;"):
        raise TokenError(
            f"The content token from {source} is encrypted with Ansible Vault, which modules cannot read.",
            "Hand it on as content_token, with the lookup ansible.builtin.unvault.",
        )
    # One line break at the end is how text files and editors end; anything more was pasted by mistake.
    compact = "".join(text.split())
    if compact != re.sub(r"\r?\n\Z", "", text):
        warnings.append(f"The content token from {source} had white space in or around it, which was left out.")
    content = _decoded(compact)
    if content is None and len([part for part in text.split() if _decoded(part) is not None]) > 1:
        raise TokenError(f"The text from {source} holds more than one content token.", "Keep the one of the location that is meant.")
    if content is None:
        raise TokenError(
            f"The text from {source} is not a content token. It may be the inner `token` alone, which Apple refuses (9622), or it was cut off.",
            "Give the whole content of the downloaded .vpptoken file.",
        )
    inner = content.get("token")
    if not isinstance(inner, str) or not inner:
        raise TokenError(f"The content token from {source} decodes to JSON without the member `token`; it is not a .vpptoken file.", GET_A_NEW_ONE)
    now = now or datetime.datetime.now(datetime.timezone.utc)
    expires = parse_date(content.get("expDate"))
    if expires is not None:
        if expires <= now:
            raise ExpiredToken(source, expires)
        if expires - now < datetime.timedelta(days=EXPIRY_WARNING_DAYS):
            warnings.append(f"The content token from {source} expires on {expires:%Y-%m-%d %H:%M %z}. {GET_A_NEW_ONE}")
    organization = content.get("orgName")
    return ContentToken(compact, inner, expires, organization if isinstance(organization, str) else None, warnings)


def is_a_token(text: str) -> bool:
    """Whether a text is a content token, as it stands in the .vpptoken file or decoded."""
    if len(text) < _FEWEST_LETTERS:
        return False
    compact = "".join(text.split())
    content = _decoded(compact) or _decoded(base64.b64encode(text.encode("utf-8", "replace")).decode("ascii"))
    return bool(content and content.get("token"))


def without_tokens(text: str) -> str:
    """A text of somebody else, without whatever may be a token, or a part of one, in plain, Base64 or URL-encoded form."""
    return _TOKEN_LETTERS.sub("(left out)", text)


def may_be_a_token(name: str) -> bool:
    """Whether what should be the name of a file may be a token, or a part of one, by mistake."""
    return bool(re.search(r"[+=]|[A-Za-z0-9]{24,}", name))


def _decoded(compact: str) -> Optional[dict]:
    try:
        content = json.loads(base64.b64decode(compact, validate=True).decode("utf-8"))
    except (binascii.Error, ValueError, RecursionError):
        return None
    return content if isinstance(content, dict) else None
