# Copyright (c) 2026, the mdmkit.apps_books authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The control surface under ``/_control``: for tests only, without a token."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import orjson
from aiohttp import web

from vpp_simulator import state
from vpp_simulator.checks import DocumentError
from vpp_simulator.contract import Contract
from vpp_simulator.hands import ACTIONS
from vpp_simulator.notifications import Notifier
from vpp_simulator.service import Service

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Control:
    """All control calls. What they refuse is answered with 400 and ``{"error": text, "faults": [text]}``."""

    def __init__(self, service: Service, notifier: Notifier, contract: Contract | None) -> None:
        self._service = service
        self._notifier = notifier
        self._contract = contract

    def add_routes(self, router: web.UrlDispatcher) -> None:
        """Put the calls into an application."""
        routes: list[tuple[str, str, Callable[[web.Request, Any], Any]]] = [
            ("GET", "state", self._state),
            ("GET", "requests", lambda request, body: {"requests": self._service.journal.as_list()}),
            ("DELETE", "requests", self._clear_requests),
            ("GET", "behaviour", lambda request, body: self._service.behaviour.as_dict()),
            ("POST", "behaviour", self._behaviour),
            ("GET", "faults", lambda request, body: self._faults()),
            ("POST", "faults", self._set_faults),
            ("DELETE", "faults", lambda request, body: self._set_faults(request, [])),
            ("POST", "reset", self._reset),
            ("GET", "tokens", self._tokens),
            ("GET", "violations", lambda request, body: {"violations": self._contract.violations if self._contract else None}),
            ("DELETE", "violations", self._clear_violations),
            ("GET", "notifications", lambda request, body: {"notifications": self._notifier.sent}),
        ]
        for method, name, answer in routes:
            router.add_route(method, f"/_control/{name}", _handler(answer))
        for name in ACTIONS:
            router.add_route("POST", f"/_control/{name}", _handler(self._by_hand(name)))
        router.add_route("*", "/_control/{rest:.*}", _unknown)

    def _state(self, request: web.Request, body: Any) -> Any:
        parts = request.query.get("parts")
        wanted = state.parts_named(parts)
        if "location" not in request.query:
            return {"locations": [state.of_location(location, self._service, wanted) for location in self._service.locations.values()]}
        return state.of_location(self._service.location_named(request.query["location"]), self._service, wanted)

    def _clear_requests(self, request: web.Request, body: Any) -> Any:
        self._service.journal.clear()
        return {}

    def _behaviour(self, request: web.Request, body: Any) -> Any:
        self._service.change_behaviour(body)
        return self._service.behaviour.as_dict()

    def _faults(self) -> Any:
        return {"faults": self._service.faults.as_list()}

    def _set_faults(self, request: web.Request, body: Any) -> Any:
        self._service.set_faults(body)
        return self._faults()

    def _reset(self, request: web.Request, body: Any) -> Any:
        self._service.reset(body)
        self._notifier.sent.clear()
        return {"locations": list(self._service.locations)}

    def _tokens(self, request: web.Request, body: Any) -> Any:
        """Only tokens made up here are told; whoever wrote the seed knows the others."""
        return {
            "tokens": [
                {
                    "location": location.name,
                    "status": token.status,
                    "read_only": token.read_only,
                    "expDate": token.expiration_date,
                    "content_token": token.text if token.derived else None,
                }
                for location in self._service.locations.values()
                for token in location.tokens
            ]
        }

    def _clear_violations(self, request: web.Request, body: Any) -> Any:
        if self._contract:
            self._contract.violations.clear()
        return {}

    def _by_hand(self, name: str) -> Callable[[web.Request, Any], Any]:
        def answer(request: web.Request, body: Any) -> Any:
            if not isinstance(body, dict):
                raise DocumentError(["the body must be a JSON object"])
            return ACTIONS[name](self._service, body)

        return answer


def _handler(answer: Callable[[web.Request, Any], Any]) -> Handler:
    """A control call as aiohttp wants it."""

    async def handle(request: web.Request) -> web.StreamResponse:
        content = await request.read()
        try:
            try:
                body = orjson.loads(content) if content else None
            except orjson.JSONDecodeError as error:
                raise DocumentError([f"the body is not JSON: {error}"]) from None
            return _json(200, answer(request, body))
        except DocumentError as error:
            return _json(400, {"error": str(error), "faults": error.faults})

    return handle


async def _unknown(request: web.Request) -> web.StreamResponse:
    problem = f"there is no control call {request.method} {request.path}"
    return _json(404, {"error": problem, "faults": [problem]})


def _json(status: int, content: Any) -> web.Response:
    return web.Response(status=status, body=orjson.dumps(content), content_type="application/json")
