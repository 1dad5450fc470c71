# Copyright (c) 2026, the mdmkit.apps_books authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The aiohttp application."""

from __future__ import annotations

from aiohttp import web

from vpp_simulator import __version__
from vpp_simulator.api import Api
from vpp_simulator.contract import Contract
from vpp_simulator.control import Control
from vpp_simulator.endpoints import BASE_PATH
from vpp_simulator.notifications import Notifier
from vpp_simulator.service import Service

# Seeds for `reset` can be large; the API itself never needs a fraction of it.
MAX_BODY_BYTES = 1 << 30


def application(service: Service, *, contract: Contract | None = None, notification_ca: str | None = None) -> web.Application:
    """API, control surface and health check over one service."""
    notifier = Notifier(notification_ca, contract.check_notification if contract else lambda payload: None)
    app = web.Application(client_max_size=MAX_BODY_BYTES)
    app.router.add_get("/healthz", _health)
    Control(service, notifier, contract).add_routes(app.router)
    app.router.add_route("*", BASE_PATH + "/{rest:.*}", Api(service, notifier, contract).handle)
    return app


async def _health(request: web.Request) -> web.StreamResponse:
    return web.json_response({"status": "ok", "version": __version__})
