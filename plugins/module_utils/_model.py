# Copyright (c) 2026, the mdmkit.apps_books authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The words that every room shares: plain data about a location, without behaviour of its own.

Field names are Apple's in snake_case. What each field means and where Apple says so: openapi.yaml, section "schemas".
"""

from __future__ import annotations

import hashlib
import re
from typing import Any, Callable, Dict, List, NamedTuple, Optional, Set, Tuple

UNLIMITED_COUNT = 2147483647
"""The totalCount of an unlimited free product (README section 5)."""

# A file whose every line is wrong must still end in a message that can be read.
_FAULTS_TOLD = 50
_FAULTS_RETURNED = 1000
_LONGEST_FAULT = 600

ACTIVE_STATUSES = frozenset(("Registered", "Associated"))
INACTIVE_STATUSES = frozenset(("Retired", "Deleted"))


class AppsBooksError(Exception):
    """Anything that ends a task with a message for a person.

    ``hint`` says what to do about it; ``details`` goes into the result of the failed task.
    """

    def __init__(self, message: str, hint: Optional[str] = None, details: Optional[Dict[str, Any]] = None) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.details = details or {}

    def __str__(self) -> str:
        return f"{self.message} {self.hint}" if self.hint else self.message


class InputError(AppsBooksError):
    """Faults of what was asked for, all of them in one message; nothing has been written."""

    def __init__(self, faults: List[str]) -> None:
        self.faults = faults
        count = "1 fault" if len(faults) == 1 else f"{len(faults)} faults"
        told = "; ".join(fault if len(fault) <= _LONGEST_FAULT else fault[:_LONGEST_FAULT] + "..." for fault in faults[:_FAULTS_TOLD])
        if len(faults) > _FAULTS_TOLD:
            told += f"; and {len(faults) - _FAULTS_TOLD} more"
        super().__init__(f"{count} in the input, nothing was written: {told}.", details={"faults": faults[:_FAULTS_RETURNED]})


def name_for_file(text: str) -> str:
    """A part of a file name for an id that the service gave, a name of its own for each. Apple's uId is digits; whatever else comes must
    not lead out of a folder."""
    if re.fullmatch("[0-9a-f]{1,100}", text):
        return text
    return "x" + hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


class Asset(NamedTuple):
    """The key of a product: what a licence is for."""

    adam_id: str
    pricing_param: str = "STDQ"

    def __str__(self) -> str:
        return f"{self.adam_id} {self.pricing_param}"


class AssetRecord(NamedTuple):
    """One owned product with its licence counts."""

    asset: Asset
    product_type: Optional[str]
    device_assignable: bool
    revocable: bool
    supported_platforms: Tuple[str, ...]
    assigned_count: int
    available_count: Optional[int]
    retired_count: Optional[int]
    total_count: Optional[int]

    @property
    def unlimited(self) -> bool:
        return self.total_count is None or self.total_count == UNLIMITED_COUNT


class Targets(NamedTuple):
    """Users (client_user_id) and devices (serial_number) side by side."""

    users: Set[str]
    devices: Set[str]

    @property
    def count(self) -> int:
        return len(self.users) + len(self.devices)


Assignments = Dict[Asset, Targets]
"""Who holds what. An asset that nobody holds is missing or has empty sets."""


TitleOf = Callable[[Asset, str, bool], Optional[str]]
"""Tells, of an asset, a target, and whether that is a device, what the assignment is for in the words of whoever wanted it."""


class AssignmentRecord(NamedTuple):
    """One assignment as the service lists it; exactly one of client_user_id and serial_number is set."""

    asset: Asset
    client_user_id: Optional[str]
    serial_number: Optional[str]
    user_status: Optional[str] = None
    id_hash: Optional[str] = None


class User(NamedTuple):
    """One user record. A client_user_id has at most one active record and any number of retired ones."""

    client_user_id: str
    email: Optional[str]
    status: Optional[str]
    invite_code: Optional[str] = None
    id_hash: Optional[str] = None

    @property
    def active(self) -> bool:
        return self.status in ACTIVE_STATUSES


class MdmInfo(NamedTuple):
    """Who claims to manage the location. The id decides, never the name (README section 4)."""

    id: str
    name: str
    metadata: str

    def __str__(self) -> str:
        return f"{self.name or 'somebody without a name'} (id {self.id})"


class ClientConfig(NamedTuple):
    """What the service stores for a location, and the facts about the location that come with it."""

    mdm_info: Optional[MdmInfo]
    notification_url: Optional[str]
    notification_auth_token: Optional[str]
    notification_types: Tuple[str, ...]
    uid: Optional[str] = None
    location_name: Optional[str] = None
    country_iso2_a_code: Optional[str] = None
    default_platform: Optional[str] = None
    website_url: Optional[str] = None
    token_expiration_date: Optional[str] = None


class Failure(NamedTuple):
    """What the service said about tasks of an event that did not work. Failures are grouped by error, not one per task."""

    error_number: Optional[int]
    error_message: str
    assets: Tuple[Asset, ...] = ()
    client_user_ids: Tuple[str, ...] = ()
    serial_numbers: Tuple[str, ...] = ()


class Event(NamedTuple):
    """The state of an accepted write. ``FAILED`` covers partial success; num_completed counts what worked (README section 8)."""

    event_id: str
    event_type: Optional[str]
    status: str
    num_requested: Optional[int] = None
    num_completed: Optional[int] = None
    failures: Tuple[Failure, ...] = ()

    @property
    def pending(self) -> bool:
        return self.status == "PENDING"

    @property
    def succeeded(self) -> bool:
        """COMPLETE alone is not enough: whether it may come with failures is unknown, so all three signs must agree."""
        return self.status == "COMPLETE" and not self.failures and self.num_completed == self.num_requested


class Limits(NamedTuple):
    """How much one request may hold; lengths in characters."""

    assets: int
    client_user_ids: int
    serial_numbers: int
    revoke_client_user_ids: int
    revoke_serial_numbers: int
    users: int
    notification_length: int
    mdm_id_length: int
    mdm_name_length: int
    mdm_metadata_length: int
