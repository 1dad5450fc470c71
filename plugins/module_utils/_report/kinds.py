# Copyright (c) 2026, the mdmkit.apps_books authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a finding can be: the kinds with their classes, and what is shown of each."""

from __future__ import annotations

from typing import Any, Dict, Mapping, NamedTuple, Optional, Tuple

Detail = Mapping[str, Any]
"""One thing that was found. Which members it has is up to the kind; each is text, a number, true or false, a list of texts, or None."""

DRIFT, SHORTAGE, EXPIRY, NOTE = "drift", "shortage", "expiry", "note"
CLASSES = (DRIFT, SHORTAGE, EXPIRY, NOTE)
"""The worst first. Notes are never a reason to fail: some of them cannot be mended."""

FAILED, AS_WANTED = "failed", "as_wanted"

TITLES: Dict[str, str] = {
    FAILED: "Not read",
    DRIFT: "Drift",
    SHORTAGE: "Shortage",
    EXPIRY: "Expiry",
    NOTE: "Notes",
    AS_WANTED: "As wanted",
}
"""What a location can be, the worst first."""

FAIL_ON: Dict[str, Tuple[str, ...]] = {
    "none": (),
    DRIFT: (DRIFT,),
    SHORTAGE: (SHORTAGE,),
    EXPIRY: (EXPIRY,),
    "any": (DRIFT, SHORTAGE, EXPIRY),
}
"""Which classes each value of fail_on means."""

TEXT, NUMBER = "text", "number"


class Member(NamedTuple):
    """A member of a detail, and the column that shows it.

    :ivar usual: a value that goes without saying
    """

    name: str
    title: str
    type: str = TEXT
    is_id: bool = False
    usual: Optional[str] = None


_ADAM_ID = Member("adam_id", "Asset", is_id=True)
_PRICING = Member("pricing_param", "Quality", usual="STDQ")
_NAME = Member("name", "Name")
_USER = Member("client_user_id", "User", is_id=True)
_DEVICE = Member("serial_number", "Device", is_id=True)
_TITLE = Member("title", "Wanted by")
_EMAIL_BEFORE = Member("email_before", "Address at Apple")
_EMAIL_AFTER = Member("email_after", "Address wanted")

_PAIR = (_NAME, _ADAM_ID, _PRICING, _USER, _DEVICE, _TITLE)
_LICENCES = (
    _NAME,
    _ADAM_ID,
    _PRICING,
    Member("total", "Owned", NUMBER),
    Member("assigned", "Assigned", NUMBER),
    Member("available", "Free", NUMBER),
    Member("wanted", "Wanted", NUMBER),
    Member("missing", "Missing", NUMBER),
)
_USERS = (_USER, _EMAIL_BEFORE, _EMAIL_AFTER)


class Kind(NamedTuple):
    """A kind of finding.

    :ivar one, many: what stands behind the number of them
    """

    name: str
    of_class: str
    one: str
    many: str
    members: Tuple[Member, ...]


KINDS: Dict[str, Kind] = {
    kind.name: kind
    for kind in (
        Kind(
            "ownership",
            DRIFT,
            "holder that is not the wanted one",
            "holders that are not the wanted one",
            (Member("holder", "Held by", is_id=True), Member("wanted", "Wanted", is_id=True)),
        ),
        Kind(
            "client_config_changed",
            DRIFT,
            "changed setting of the client configuration",
            "changed settings of the client configuration",
            (Member("member", "Setting"), Member("before", "At Apple"), Member("after", "Wanted")),
        ),
        Kind("user_missing", DRIFT, "missing user", "missing users", _USERS),
        Kind("user_extra", DRIFT, "user too many", "users too many", _USERS),
        Kind("user_changed", DRIFT, "changed user", "changed users", _USERS),
        Kind("assignment_missing", DRIFT, "missing assignment", "missing assignments", _PAIR),
        Kind("assignment_extra", DRIFT, "assignment too many", "assignments too many", _PAIR),
        Kind("revocation_pending", DRIFT, "assignment to be taken back", "assignments to be taken back", _PAIR),
        Kind("irrevocable_leftover", DRIFT, "assignment that cannot be taken back", "assignments that cannot be taken back", _PAIR),
        Kind("licence_shortage", SHORTAGE, "asset with too few licences", "assets with too few licences", _LICENCES),
        Kind("licence_low", SHORTAGE, "asset with few free licences", "assets with few free licences", _LICENCES),
        Kind(
            "token_expiry",
            EXPIRY,
            "content token that expires",
            "content tokens that expire",
            (Member("token_expires_at", "Expires at"), Member("days_left", "Days left", NUMBER)),
        ),
        Kind("user_unlisted", NOTE, "user in no file", "users in no file", _USERS),
        Kind("assignment_unlisted", NOTE, "assignment in no file", "assignments in no file", _PAIR),
        Kind("retired_user_assignment", NOTE, "assignment of a retired user", "assignments of retired users", _PAIR),
        Kind(
            "device_without_group",
            NOTE,
            "device in no group",
            "devices in no group",
            (_DEVICE, Member("assets", "Assets held", NUMBER)),
        ),
    )
}
"""In the order in which reports show them."""
