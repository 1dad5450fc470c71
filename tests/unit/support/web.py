# Copyright (c) 2026, the mdmkit.apps_books authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A tiny threaded HTTP server for what the simulator cannot do: other hosts, TLS, proxies, counting connections, any answer at all."""

from __future__ import annotations

import contextlib
import json
import select
import socket
import ssl
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Callable, Dict, Iterator, List, Mapping, NamedTuple, Optional
from urllib.parse import parse_qsl, urlsplit


class Seen(NamedTuple):
    """One request as it arrived. ``target`` is the request line's: an absolute URL where we are asked as a proxy."""

    method: str
    target: str
    path: str
    query: Dict[str, str]
    headers: Mapping[str, str]
    body: Any
    connection: int


class Answer(NamedTuple):
    """``body`` is sent as JSON unless it is bytes. ``cut`` closes the connection instead, ``garbage`` sends these bytes under the TLS layer."""

    body: Any = None
    status: int = 200
    headers: Mapping[str, str] = {}
    cut: bool = False
    garbage: bytes = b""
    length: Optional[int] = None


class Web:
    """A running server.

    :ivar seen: every request, in the order of arrival
    :ivar connections: how many connections were opened
    :ivar most_at_once: the greatest number of requests that were being answered at the same time
    """

    def __init__(self, answer: Callable[[Seen], Answer], origin: str) -> None:
        self.answer = answer
        self.origin = origin
        self.base_url = origin + "/mdm/v2"
        self.seen: List[Seen] = []
        self.connections = 0
        self.most_at_once = 0
        self._at_once = 0
        self.lock = threading.Lock()

    def paths(self) -> List[str]:
        """Method and path of every request, without the base path."""
        return [f"{seen.method} {_short(seen.path)}" for seen in self.seen]

    def take(self, seen: Seen) -> Answer:
        with self.lock:
            self.seen.append(seen)
            self._at_once += 1
            self.most_at_once = max(self.most_at_once, self._at_once)
        try:
            return self.answer(seen)
        finally:
            with self.lock:
                self._at_once -= 1


def _short(path: str) -> str:
    prefix = "/mdm/v2/"
    return path[len(prefix):] if path.startswith(prefix) else path


def _handler(web: Web) -> type:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        # Headers and body leave in one packet; two would wait for each other's acknowledgement.
        wbufsize = -1
        disable_nagle_algorithm = True

        def setup(self) -> None:
            super().setup()
            with web.lock:
                web.connections += 1
                self.number = web.connections

        def _answer(self) -> None:
            data = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            parts = urlsplit(self.path)
            answer = web.take(
                Seen(
                    self.command,
                    self.path,
                    parts.path,
                    dict(parse_qsl(parts.query)),
                    dict(self.headers.items()),
                    json.loads(data) if data else None,
                    self.number,
                )
            )
            if answer.garbage:
                # Written to the socket itself: the bytes do not pass through the TLS layer.
                plain = socket.socket(fileno=socket.dup(self.connection.fileno()))
                plain.sendall(answer.garbage)
                plain.close()
            if answer.cut or answer.garbage:
                self.close_connection = True
                return
            body = answer.body if isinstance(answer.body, bytes) else json.dumps(answer.body).encode()
            self.send_response(answer.status)
            for name, value in answer.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(body) if answer.length is None else answer.length))
            self.end_headers()
            self.wfile.write(body)
            if answer.length is not None:
                self.close_connection = True

        do_GET = do_POST = _answer

        def do_CONNECT(self) -> None:
            """Be a tunnel, as a proxy for https is."""
            answer = web.take(Seen("CONNECT", self.path, self.path, {}, dict(self.headers.items()), None, self.number))
            if answer.status != 200:
                self.send_error(answer.status)
                return
            # Names of the tests lead to this machine.
            with socket.create_connection(("127.0.0.1", int(self.path.rpartition(":")[2]))) as far:
                self.send_response(200)
                self.end_headers()
                self.wfile.flush()
                both = {self.connection: far, far: self.connection}
                while True:
                    for end in select.select(list(both), [], [])[0]:
                        data = end.recv(65536)
                        if not data:
                            self.close_connection = True
                            return
                        both[end].sendall(data)

        def log_message(self, format: str, *args: Any) -> None:  # pylint: disable=redefined-builtin
            """Keep quiet."""

    return Handler


class _Server(ThreadingHTTPServer):
    request_queue_size = 64

    def __init__(self, address: Any, tls: Optional[ssl.SSLContext]) -> None:
        super().__init__(address, BaseHTTPRequestHandler)
        self.tls = tls

    def finish_request(self, request: Any, client_address: Any) -> None:
        # The handshake belongs into the connection's own thread, where a client that breaks it off does no harm.
        if self.tls is not None:
            request = self.tls.wrap_socket(request, server_side=True)
        super().finish_request(request, client_address)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that goes away is part of the tests."""


@contextlib.contextmanager
def serve(answer: Callable[[Seen], Answer], tls: Optional[ssl.SSLContext] = None, name: str = "127.0.0.1") -> Iterator[Web]:
    """Serve on a free port of this machine. ``name`` is what the addresses call it."""
    server = _Server(("127.0.0.1", 0), tls)
    server.daemon_threads = True
    web = Web(answer, f"{'https' if tls else 'http'}://{name}:{server.server_address[1]}")
    server.RequestHandlerClass = _handler(web)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield web
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
