# Copyright (c) 2026, the mdmkit.apps_books authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A location as JSON: in seed form, with what a seed does not have beside it."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from vpp_simulator.checks import DocumentError
from vpp_simulator.events import Event
from vpp_simulator.library import Library, Pair, asset_record, user_record
from vpp_simulator.location import Location

if TYPE_CHECKING:
    from vpp_simulator.service import Service

PARTS = ("assets", "users", "assignments", "events", "history")


def parts_named(text: str | None) -> tuple[str, ...]:
    """The parts asked for by a comma list; all of them without one. Raises DocumentError."""
    if text is None:
        return PARTS
    parts = tuple(text.split(","))
    unknown = [part for part in parts if part not in PARTS]
    if unknown:
        raise DocumentError([f"parts: unknown: {', '.join(unknown)}; known are {', '.join(PARTS)}"])
    return parts


def of_location(location: Location, service: Service, parts: tuple[str, ...]) -> dict[str, Any]:
    """The true state, visibility delays aside. Without tokens; a seed made from it gets derived ones."""
    now = service.now()
    location.events.advance(now, service.behaviour)
    clock = time.time() - now
    library, events = location.library, location.events.events.values()
    makers = {
        "assets": lambda: [asset_record(asset) for asset in library.assets.values()],
        "users": lambda: [_user(library, number) for number in library.records],
        "assignments": lambda: [_assignment(library, (asset, number)) for asset in library.assets.values() for number in asset.holders],
        "events": lambda: [_event(event) for event in events],
        "history": lambda: [_history(library, event, clock) for event in events],
    }
    return {**_identity(location), **{part: makers[part]() for part in PARTS if part in parts}, "versionIds": _versions(library)}


def _identity(location: Location) -> dict[str, Any]:
    identity, config = location.identity, location.config
    members: dict[str, Any] = {
        "name": identity.name,
        "uId": identity.uid,
        "organization": identity.organization,
        "countryISO2ACode": identity.country,
        "defaultPlatform": identity.platform,
        "mdmInfo": config.mdm_info,
        "notificationUrl": config.notification_url,
        "notificationAuthToken": config.notification_auth_token,
        "notificationTypes": config.notification_types,
    }
    if identity.managed_apple_ids is not None:
        members["managedAppleIds"] = sorted(identity.managed_apple_ids)
    return members


def _user(library: Library, number: int) -> dict[str, Any]:
    user = library.user(number)
    record = user_record(user)
    return {**record, "managedAppleId": user.managed_apple_id} if user.managed_apple_id else record


def _assignment(library: Library, pair: Pair) -> dict[str, Any]:
    """With ``userRecord`` where a clientUserId alone would not tell which of its records holds the licence."""
    record = library.pair_record(pair)
    number = pair[1]
    if library.is_retired_user(number):
        record["userRecord"] = library.records_with(record["clientUserId"]).index(number)
    return record


def _versions(library: Library) -> dict[str, str]:
    return {
        "assets": library.asset_line.current,
        "assignments": library.assignment_line.current,
        "users": library.user_line.current,
    }


def _event(event: Event) -> dict[str, Any]:
    progress = event.progress()
    return {
        "id": event.event_id,
        "type": event.kind,
        "status": progress["eventStatus"],
        "numRequested": progress["numRequested"],
        "numCompleted": progress["numCompleted"],
        "failures": progress.get("failures", []),
    }


def _history(library: Library, event: Event, clock: float) -> dict[str, Any]:
    """What an event really changed, which is less than it was asked for where things were so already. ``clock`` makes Unix seconds of its times."""
    return {
        "eventId": event.event_id,
        "type": event.kind,
        "accepted": clock + event.accepted_at,
        "finished": None if event.finished_at is None else clock + event.finished_at,
        "pairs": [library.pair_record(pair) for pair in event.outcome.pairs],
        "users": [library.user(number).client_user_id for number in event.outcome.users],
    }
