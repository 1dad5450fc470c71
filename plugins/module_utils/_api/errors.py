# Copyright (c) 2026, the mdmkit.apps_books authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What can go wrong between us and the service, told for a person.

The numbers, their texts and what to do about them: errors.tsv and README section 10. The number decides, never the text or the
HTTP status.
"""

from __future__ import annotations

from typing import Any, Dict, Mapping, Optional

from ansible_collections.mdmkit.apps_books.plugins.module_utils._model import AppsBooksError

PAGE_OUT_OF_RANGE = 9650
UNKNOWN_EVENT = 9708
BAD_VERSION = 9721
LIMIT_ERRORS = frozenset((9700, 9701, 9702, 9714))
"""A list was longer than allowed; the limits have to be read again (README section 10)."""

TOO_MANY_REQUESTS = 9646
REFUSED_FOR_NOW = frozenset((TOO_MANY_REQUESTS, 9644, 9729))
"""The request was surely not accepted and may be repeated."""
INTERNAL_ERROR = 9603

_NEW_TOKEN = "Download a new content token at school.apple.com or business.apple.com."

_HINTS: Mapping[int, str] = {
    9601: "Give the content token.",
    9602: "Apple does not accept an argument of the request; compare the input with the documentation of the module.",
    9603: "Apple had an internal error; run again later.",
    9609: "Create the user first (vpp_user), then give the licence.",
    9621: _NEW_TOKEN,
    9622: "Give the whole Base64 text of the .vpptoken file, not the inner token.",
    9625: "Somebody downloaded a newer token of this location, or its owner's password changed. " + _NEW_TOKEN,
    9634: "Apple removed this service; look for a newer release of the collection.",
    9635: "The Managed Apple Account does not exist or belongs to another organization.",
    9637: "The token's owner is a facilitator; use the token of a content manager.",
    9641: "Another user of this location has this Apple Account; retire that user or use that client_user_id.",
    9644: "The service is in maintenance; run again later.",
    9646: "Too many requests for this location; let one job at a time work on it.",
    9647: "This is a legacy token; download a token of a location.",
    9706: "Apple never takes this asset back; list it to keep it.",
    9707: "Give this asset to users instead of devices.",
    9708: "The service does not know the event, or has forgotten it.",
    9709: "Buy or free licences, then run again.",
    9710: "Give both notification_url and notification_auth_token.",
    9712: "The notification URL must begin with https.",
    9716: "The user was created meanwhile; run again.",
    9717: "Correct the email address.",
    9720: "Give at least one user.",
    9722: "The authorization header was refused; check the content token.",
    9728: "The notification URL must be up, know the new secret and answer 2xx before it is configured.",
    9729: "The service is unavailable for the moment; run again later.",
}
SHORTAGE = 9709
UNKNOWN_USER = 9609
# Those that begin with 961 are numbers of version 1.
_ALREADY_SO = frozenset((9616, 9618, 9619, 9716))
_TAKE_AWAY = frozenset(("retire", "disassociate", "revoke"))
PASSING = frozenset((9603, 9644, 9646, 9729))
"""Failures of an event that may be gone when the same is sent again, as a new request (README section 10)."""

# About the token, the address or the client, so that every other request would be refused as well.
_ABOUT_THE_CALLER = frozenset((9601, 9621, 9622, 9625, 9634, 9637, 9647, 9722, 9726, 9727))
_WORTH_ANOTHER_TRY = frozenset((9603, 9644, 9646, 9650, 9700, 9701, 9702, 9714, 9716, 9721, 9728, 9729))


def hint_for(number: Optional[int]) -> Optional[str]:
    """What to do about an error number, or None."""
    return _HINTS.get(number) if number is not None else None


def says_it_is_so(kind: str, number: Optional[int]) -> bool:
    """Whether the service says by this error that what was asked for is the case already; whether it is, only reading tells.

    :param kind: the kind of the write
    """
    return number in _ALREADY_SO or (number == UNKNOWN_USER and kind in _TAKE_AWAY)


def is_retryable(number: Optional[int]) -> bool:
    """Whether the same wish may succeed later. Unknown numbers are final (README section 10)."""
    return number in _WORTH_ANOTHER_TRY


class ServiceError(AppsBooksError):
    """The service answered, and the answer is an error."""

    def __init__(self, request: str, status: int, number: Optional[int], text: str, info: Optional[Mapping[str, Any]] = None) -> None:
        self.request = request
        self.status = status
        self.number = number
        self.text = text
        self.info = info or {}
        code = f"error {number}, HTTP {status}" if number is not None else f"HTTP {status}"
        hint = hint_for(number)
        if number is None and status == 404:
            hint = "Check base_url."
        if self.no_right:
            # The number may be one that means something else.
            hint = "The token has no right to do this: a read-only token can only list." + (f" {hint}" if hint else "")
        super().__init__(f"Apple refused {request}: {text.rstrip('.')} ({code}).", hint, self.as_details())

    @property
    def no_right(self) -> bool:
        """Whether the token may not do this, as a read-only one may not. The HTTP status decides, since the number is unknown (README section 2)."""
        return self.status == 403

    @property
    def about_the_request(self) -> bool:
        """Whether another request may be accepted all the same."""
        return self.status in (200, 400) and self.number is not None and self.number not in _ABOUT_THE_CALLER

    def as_details(self) -> Dict[str, Any]:
        return {"error_number": self.number, "error_message": self.text, "http_status": self.status, "retryable": is_retryable(self.number)}


class WrongLocation(AppsBooksError):
    """The content token opens another location than the one that was meant. Nothing has been written."""


class NotOurs(AppsBooksError):
    """The location is managed by somebody else, or nobody has claimed it."""


class ConnectionFailed(AppsBooksError):
    """No answer came, and the request surely had no effect."""


class AnswerLost(AppsBooksError):
    """A write was sent and no usable answer came back: it may have been accepted or not (README section 8)."""

    def __init__(self, request: str, cause: str) -> None:
        self.request = request
        self.cause = cause.rstrip(".")
        super().__init__(
            f"The answer to {request} was lost ({self.cause}). Apple may have accepted the request or not.",
            "Run the task again: it reads the present state and sends only what is still missing.",
        )


class GaveUpRetrying(AppsBooksError):
    """The retry budget of the task is used up."""


class ChangedWhileReading(AppsBooksError):
    """The data changed under every attempt to read it."""
