# Copyright (c) 2026, the mdmkit.apps_books authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The front door of the API: journal, fault rules, authentication, rate limit, errors. What lies behind it is in ``endpoints``."""

from __future__ import annotations

import asyncio
import logging
import time
from dataclasses import dataclass, field
from typing import Any

import orjson
from aiohttp import web

from vpp_simulator.contract import Contract
from vpp_simulator.endpoints import BASE_PATH, ENDPOINTS, SERVICE_CONFIG_PATH, ApiRequest, Call, Endpoint, parse_body, service_config
from vpp_simulator.errors import INTERNAL_ERROR, TABLE, ApiError, error_body
from vpp_simulator.faults import Action
from vpp_simulator.hands import ACTIONS
from vpp_simulator.journal import Entry
from vpp_simulator.location import Location
from vpp_simulator.notifications import Notifier
from vpp_simulator.service import Service

_LOG = logging.getLogger(__name__)


@dataclass
class _Answer:
    status: int
    content: Any
    headers: dict[str, str] = field(default_factory=dict)
    content_type: str = "application/json"
    error_number: int | None = None
    event_id: str | None = None

    @property
    def body(self) -> bytes:
        return self.content.encode() if isinstance(self.content, str) else orjson.dumps(self.content)


class Api:
    """Handles everything under the base path."""

    def __init__(self, service: Service, notifier: Notifier, contract: Contract | None) -> None:
        self._service = service
        self._notifier = notifier
        self._contract = contract

    async def handle(self, web_request: web.Request) -> web.StreamResponse:
        """One request, from the journal's first note to the answer, or to the connection closed without one."""
        started = time.monotonic()
        service = self._service
        request = await _request(web_request)
        location = service.tokens.location_of(request.authorization)
        name = location.name if location else None
        entry = service.journal.add(request, name, service.tokens.secrets())
        action = service.faults.pick(request, name) or Action()
        entry.fault = action != Action()
        await asyncio.sleep(service.behaviour.latency_ms / 1000)
        answer: _Answer | None = None
        if not action.drop_before:
            if not action.replaces_service:
                answer = await self._served(request, action, entry)
                entry.event_id = answer.event_id
            if action.replaces_answer:
                answer = _injected(action)
            entry.status, entry.error_number = answer.status, answer.error_number
            self._validate(request, answer, injected=action.replaces_answer)
        await asyncio.sleep(action.hang_seconds)
        entry.seconds = time.monotonic() - started
        if answer is None or action.drop_after:
            return _dropped(web_request)
        entry.answered = True
        return web.Response(status=answer.status, body=answer.body, headers=answer.headers, content_type=answer.content_type)

    async def _served(self, request: ApiRequest, action: Action, entry: Entry) -> _Answer:
        """What the service says, errors included."""
        entry.reached = True
        try:
            for hand, wish in action.meanwhile:
                ACTIONS[hand](self._service, wish)
            answer = await self._admitted(request, action)
        except ApiError as error:
            headers = {"Retry-After": error.retry_after} if error.retry_after else {}
            status = 200 if self._service.behaviour.errors_as_200 else error.status
            return _Answer(status, error.body, headers, error_number=error.number)
        except Exception as error:  # A fault of ours: Apple's number for that, and told where tests look for it.
            _LOG.exception("%s %s", request.method, request.path)
            if self._contract:
                self._contract.note_failure(f"{request.method} {request.path}", repr(error))
            return _Answer(TABLE[INTERNAL_ERROR].status, error_body(INTERNAL_ERROR), error_number=INTERNAL_ERROR)
        entry.accepted = request.method == "POST"
        return answer

    async def _admitted(self, request: ApiRequest, action: Action) -> _Answer:
        """The answer to a request that nothing speaks against: method, token, rate, rights, form."""
        service, behaviour = self._service, self._service.behaviour
        if request.path == SERVICE_CONFIG_PATH:
            if request.method != "GET":
                raise ApiError(9726)
            return _Answer(200, service_config(request.origin, behaviour))
        endpoint = _endpoint(request)
        token, location = service.tokens.authenticate(request.authorization)
        now = service.now()
        location.rate_limiter.admit(now, behaviour)
        if token.read_only and not endpoint.read_only_rights:
            raise _no_right(behaviour.read_only_error)
        body = parse_body(request) if request.method == "POST" else {}

        async def deliver(url: str, secret: str) -> bool:
            return await self._test_notification(location, url, secret)

        call = Call(location, token, behaviour, now, request.query, body, deliver, injected=action.event_fail, stuck=action.event_stuck)
        result = await endpoint.handle(call)
        return _Answer(200, result.members, event_id=result.event_id)

    async def _test_notification(self, location: Location, url: str, secret: str) -> bool:
        payload = {
            "notification": {},
            "notificationId": location.next_id("notification"),
            "notificationType": "TEST_NOTIFICATION",
            "uId": location.identity.uid,
        }
        return await self._notifier.deliver(url, secret, payload, self._service.behaviour.notification_timeout_ms / 1000, location.name)

    def _validate(self, request: ApiRequest, answer: _Answer, *, injected: bool) -> None:
        """Injected bodies and redirects are meant to break the contract; injected errors are not."""
        if self._contract is None or (injected and answer.error_number is None):
            return
        if request.path in ENDPOINTS or request.path == SERVICE_CONFIG_PATH:
            self._contract.check_answer(request.method, request.path, answer.status, answer.body)


async def _request(request: web.Request) -> ApiRequest:
    return ApiRequest(
        method=request.method,
        path=request.path.removeprefix(BASE_PATH),
        query={name: request.query[name] for name in request.query},
        body=await request.read(),
        authorization=request.headers.get("Authorization"),
        content_type=request.headers.get("Content-Type", ""),
        origin=f"{request.scheme}://{request.host}",
    )


def _endpoint(request: ApiRequest) -> Endpoint:
    methods = ENDPOINTS.get(request.path)
    if methods is None:
        raise ApiError(9602, status=404, detail=f"The simulator has no endpoint {request.path}.")
    if request.method not in methods:
        raise ApiError(9726)
    return methods[request.method]


def _no_right(number: int) -> ApiError:
    """403 with a number that is unknown (apple-api section 2), perhaps even one of no table."""
    error = ApiError(9637, status=403)
    error.number, error.body = number, error_body(number)
    return error


def _injected(action: Action) -> _Answer:
    """The answer of a fault rule in place of the service's."""
    headers = {"Retry-After": action.retry_after} if action.retry_after else {}
    if action.redirect:
        headers["Location"] = action.redirect
    content_type = "application/json"
    if action.body is not None:
        content = action.body
        content_type = "text/html" if isinstance(content, str) else content_type
    elif action.error_number is not None:
        content = error_body(action.error_number)
    else:
        content = ""
    return _Answer(action.status or 500, content, headers, content_type, action.error_number)


def _dropped(request: web.Request) -> web.StreamResponse:
    """Close the connection without an answer. The response is for aiohttp only; nothing of it is sent."""
    if request.transport is not None:
        request.transport.abort()
    return web.Response(status=503)
