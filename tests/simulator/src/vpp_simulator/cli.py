# Copyright (c) 2026, the mdmkit.apps_books authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The command ``vpp-simulator``."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import logging
import signal
import ssl
import sys
from collections.abc import Sequence
from typing import Any, NoReturn

from aiohttp import web

from vpp_simulator import __version__, contract, seed
from vpp_simulator.checks import DocumentError
from vpp_simulator.endpoints import BASE_PATH
from vpp_simulator.server import application
from vpp_simulator.service import Service

EXIT_BAD_INPUT = 2
EXIT_CANNOT_SERVE = 1

# How long requests in flight may go on after a signal. Hanging ones are by design, so there is nothing to wait for.
_GRACE_SECONDS = 0.1


def main(arguments: Sequence[str] | None = None) -> None:
    """Serve until SIGTERM or SIGINT."""
    options = parser().parse_args(arguments)
    logging.basicConfig(level=logging.WARNING, format="vpp-simulator: %(message)s")
    if options.validate and not contract.AVAILABLE:
        _fail("--validate needs the package jsonschema-rs (install vpp-simulator[validation])", EXIT_BAD_INPUT)
    if bool(options.tls_cert) != bool(options.tls_key):
        _fail("--tls-cert and --tls-key go together", EXIT_BAD_INPUT)
    try:
        service = Service(seed.read_file(options.seed))
    except DocumentError as error:
        _fail("\n  ".join([f"seed {options.seed}:", *error.faults]), EXIT_BAD_INPUT)
    try:
        tls = _tls(options)
        app = application(service, contract=contract.Contract() if options.validate else None, notification_ca=options.notification_ca)
    except OSError as error:
        _fail(f"a certificate, key or CA file cannot be used: {error}", EXIT_BAD_INPUT)
    asyncio.run(_serve(app, options, tls))


def parser() -> argparse.ArgumentParser:
    """The options."""
    result = argparse.ArgumentParser(prog="vpp-simulator", description="A stateful stand-in for Apple's App and Book Management service.")
    result.add_argument("--host", default="127.0.0.1", help="address to listen on (default: %(default)s)")
    result.add_argument("--port", type=_port, default=8765, help="port to listen on, 0 for any free one (default: %(default)s)")
    result.add_argument("--seed", metavar="FILE", help="YAML or JSON file with the locations to serve (default: a small built-in one)")
    result.add_argument("--tls-cert", metavar="FILE", help="serve https with this certificate chain")
    result.add_argument("--tls-key", metavar="FILE", help="and this private key")
    result.add_argument("--notification-ca", metavar="FILE", help="trust this CA, and no other, when calling notification URLs")
    result.add_argument("--validate", action="store_true", help="check every answer against the contract; see GET /_control/violations")
    result.add_argument("--stop-with-stdin", action="store_true", help="also stop when standard input ends, so that no parent leaves an orphan")
    result.add_argument("--version", action="version", version=f"%(prog)s {__version__}")
    return result


def _port(text: str) -> int:
    number = int(text)
    if not 0 <= number <= 65535:
        raise argparse.ArgumentTypeError("must be from 0 to 65535")
    return number


def _fail(message: str, status: int) -> NoReturn:
    sys.stderr.write(f"vpp-simulator: {message}\n")
    sys.exit(status)


def _tls(options: argparse.Namespace) -> ssl.SSLContext | None:
    if not options.tls_cert:
        return None
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.load_cert_chain(options.tls_cert, options.tls_key)
    return context


async def _serve(app: web.Application, options: argparse.Namespace, tls: ssl.SSLContext | None) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=_GRACE_SECONDS)
    await runner.setup()
    try:
        try:
            await web.TCPSite(runner, options.host, options.port, ssl_context=tls).start()
        except OSError as error:
            _fail(f"cannot listen on {options.host} port {options.port}: {error.strerror}", EXIT_CANNOT_SERVE)
        host = f"[{options.host}]" if ":" in options.host else options.host
        port = runner.addresses[0][1]
        print(f"vpp-simulator ready at {'https' if tls else 'http'}://{host}:{port}{BASE_PATH}", flush=True)
        watcher = asyncio.create_task(_stdin_ended(stop)) if options.stop_with_stdin else None
        await stop.wait()
        if watcher:
            watcher.cancel()
    finally:
        await runner.cleanup()


async def _stdin_ended(stop: asyncio.Event) -> None:
    """Set the event when the other end of standard input is gone."""
    loop = asyncio.get_running_loop()
    reader = asyncio.StreamReader()
    transport: Any
    transport, dummy = await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    with contextlib.closing(transport):
        while await reader.read(1024):
            pass
    stop.set()
