# Copyright (c) 2026, the mdmkit.apps_books authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The endpoints of the API: which there are, who may call them, what they answer."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import orjson

from vpp_simulator import client_config, reads, writes
from vpp_simulator.behaviour import Behaviour
from vpp_simulator.errors import ApiError, announced_codes, invalid
from vpp_simulator.events import Event, InjectedFailure, Outcome, Work
from vpp_simulator.library import Library
from vpp_simulator.limits import announced
from vpp_simulator.location import Location
from vpp_simulator.query import Query
from vpp_simulator.tokens import Token

BASE_PATH = "/mdm/v2"
# The only path that needs no token; it answers even with a revoked one (apple-api section 2).
SERVICE_CONFIG_PATH = "/service/config"


@dataclass(frozen=True)
class ApiRequest:
    """A request as it came, before anybody decided what to make of it. ``path`` is without the base path."""

    method: str
    path: str
    query: Mapping[str, str]
    body: bytes
    authorization: str | None
    content_type: str
    origin: str


@dataclass
class Call:
    """An admitted request, with what an endpoint may want to know of it."""

    location: Location
    token: Token
    behaviour: Behaviour
    now: float
    query: Mapping[str, str]
    body: Mapping[str, Any]
    deliver: client_config.Deliver
    injected: InjectedFailure | None = None
    stuck: bool = False

    def common(self) -> dict[str, Any]:
        """CommonResponse; mdmInfo only once it is set (apple-api section 4)."""
        members: dict[str, Any] = {"tokenExpirationDate": self.token.expiration_date, "uId": self.location.identity.uid}
        if self.location.config.mdm_info:
            members["mdmInfo"] = self.location.config.mdm_info
        return members


@dataclass
class Result:
    """An answer's members; the event it is about, if it accepted one."""

    members: dict[str, Any]
    event_id: str | None = None


@dataclass(frozen=True)
class Endpoint:
    """One method of one path."""

    handle: Callable[[Call], Awaitable[Result]]
    # Read-only rights allow Get Assets, Get Assignments and Get Users only (apple-api section 2).
    read_only_rights: bool = field(default=False, kw_only=True)


def service_config(origin: str, behaviour: Behaviour) -> dict[str, Any]:
    """ServiceConfigResponse (apple-api section 3). All URLs lead back here, in the forms of Apple's example."""
    base = origin + BASE_PATH
    return {
        "errorCodes": announced_codes(),
        "limits": announced(behaviour),
        "notificationTypes": ["ASSET_MANAGEMENT", "USER_MANAGEMENT", "USER_ASSOCIATED", "ASSET_COUNT"],
        "urls": {
            "invitationEmail": f"{origin}/WebObjects/MZFinance.woa/wa/associateVPPUserWithITSAccount?inviteCode=%25inviteCode%25&mt=8",
            "clientConfig": f"{base}/client/config",
            "createUsers": f"{base}/users/create",
            "getAssignments": f"{base}/assignments",
            "revokeAssets": f"{base}/assets/revoke",
            "contentMetadataLookup": f"{origin}/WebObjects/MZStorePlatform.woa/wa/lookup",
            "getUsers": f"{base}/users",
            "eventStatus": f"{base}/status",
            "associateAssets": f"{base}/assets/associate",
            "disassociateAssets": f"{base}/assets/disassociate",
            "updateUsers": f"{base}/users/update",
            "getAssets": f"{base}/assets",
            "retireUsers": f"{base}/users/retire",
        },
    }


def parse_body(request: ApiRequest) -> Mapping[str, Any]:
    """The JSON object of a POST. Raises 9727 or 9602."""
    if request.content_type.partition(";")[0].strip().lower() != "application/json":
        raise ApiError(9727)
    try:
        content = orjson.loads(request.body)
    except orjson.JSONDecodeError:
        raise invalid("The body is not JSON.") from None
    if not isinstance(content, dict):
        raise invalid("The body is not a JSON object.")
    return content


async def _get_client_config(call: Call) -> Result:
    return Result({**client_config.shown(call.location.identity, call.location.config), **call.common()})


async def _post_client_config(call: Call) -> Result:
    changes = await client_config.accepted_changes(call.body, call.behaviour, call.deliver)
    call.location.config = client_config.changed(call.location.config, changes, call.behaviour)
    return await _get_client_config(call)


def _read(answer: Callable[[Library, Query, Behaviour], dict[str, Any]]) -> Endpoint:
    async def handle(call: Call) -> Result:
        call.location.events.advance(call.now, call.behaviour)
        return Result({**answer(call.location.events.visible(call.now), Query(call.query), call.behaviour), **call.common()})

    return Endpoint(handle, read_only_rights=True)


def _write(kind: str, check: Callable[[Location, Mapping[str, Any], Behaviour], Work]) -> Endpoint:
    async def handle(call: Call) -> Result:
        call.location.events.advance(call.now, call.behaviour)
        work = check(call.location, call.body, call.behaviour)
        event = Event(call.location.next_id("event"), kind, work, call.now, call.stuck, Outcome(call.injected))
        call.location.events.accept(event)
        return Result({"eventId": event.event_id, **call.common()}, event.event_id)

    return Endpoint(handle)


async def _status(call: Call) -> Result:
    """StatusResponse (apple-api section 8)."""
    events = call.location.events
    events.advance(call.now, call.behaviour)
    event = events.events.get(call.query.get("eventId", ""))
    if event is None or event.forgotten(call.now, call.behaviour.event_retention_seconds):
        raise ApiError(9708)
    return Result({**event.progress(), **call.common()})


ENDPOINTS: Mapping[str, Mapping[str, Endpoint]] = {
    "/client/config": {"GET": Endpoint(_get_client_config), "POST": Endpoint(_post_client_config)},
    "/assets": {"GET": _read(reads.read_assets)},
    "/assignments": {"GET": _read(reads.read_assignments)},
    "/users": {"GET": _read(reads.read_users)},
    "/assets/associate": {"POST": _write("ASSOCIATE", writes.associate)},
    "/assets/disassociate": {"POST": _write("DISASSOCIATE", writes.disassociate)},
    "/assets/revoke": {"POST": _write("REVOKE", writes.revoke)},
    "/users/create": {"POST": _write("CREATE", writes.create_users)},
    "/users/update": {"POST": _write("UPDATE", writes.update_users)},
    "/users/retire": {"POST": _write("RETIRE", writes.retire_users)},
    "/status": {"GET": Endpoint(_status)},
}
