# Copyright (c) 2026, the mdmkit.apps_books authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Running the simulator from tests. Nothing but the standard library is needed, so that it can be imported anywhere.

::

    with start_simulator({"locations": [{"name": "one", "content_token": content_token(token="secret-one")}]}) as simulator:
        requests.get(simulator.base_url + "/assets", headers={"Authorization": "Bearer " + content_token(token="secret-one")})
        assert simulator.writes() == []
        assert simulator.violations() == []
"""

from __future__ import annotations

import base64
import contextlib
import json
import os
import queue
import ssl
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.parse import urlencode, urlsplit
from urllib.request import HTTPSHandler, ProxyHandler, Request, build_opener

from vpp_simulator.tokens import FAR_FUTURE, encode

READY_PREFIX = "vpp-simulator ready at "
READY_SECONDS = 30.0
STOP_SECONDS = 5.0
CALL_SECONDS = 60.0

MANAGE_PATHS = (
    "/client/config",
    "/assets/associate",
    "/assets/disassociate",
    "/assets/revoke",
    "/users/create",
    "/users/update",
    "/users/retire",
)


def content_token(
    token: str = "test-content-token-0001", exp_date: str = FAR_FUTURE, org_name: str = "Example Organization"
) -> str:
    """The text of a .vpptoken file, to be used as ``content_token`` of a seed and as bearer."""
    return encode(token, exp_date, org_name)


def inner_token(text: str) -> str:
    """The ``token`` member inside a content token, which the service refuses as bearer (9622)."""
    return json.loads(base64.b64decode(text))["token"]


@dataclass(frozen=True)
class ApiAnswer:
    """What the API answered."""

    status: int
    headers: Mapping[str, str]
    content: bytes

    @property
    def json(self) -> Any:
        """The parsed body."""
        return json.loads(self.content)

    @property
    def error(self) -> int | None:
        """errorNumber of the body, whatever the status."""
        return self.json.get("errorNumber")


class ApiClient:
    """A bare client of the API: one connection, no retries, nothing hidden. Not safe for threads."""

    def __init__(self, base_url: str, token: str | None) -> None:
        parts = urlsplit(base_url)
        self._path = parts.path
        self._token = token
        host, port = str(parts.hostname), parts.port
        self._connection = HTTPSConnection(host, port, context=_unverified()) if parts.scheme == "https" else HTTPConnection(host, port)

    def request(
        self, method: str, path: str, query: Mapping[str, str] | None = None, content: bytes | None = None, headers: Mapping[str, str] | None = None
    ) -> ApiAnswer:
        """Any request. The bearer is added unless ``headers`` has an Authorization of its own."""
        sent = {"Authorization": f"Bearer {self._token}"} if self._token else {}
        url = self._path + path + (f"?{urlencode(query)}" if query else "")
        try:
            self._connection.request(method, url, content, {**sent, **(headers or {})})
            response = self._connection.getresponse()
            return ApiAnswer(response.status, dict(response.headers), response.read())
        except (HTTPException, OSError):
            self._connection.close()
            raise

    def get(self, path: str, **query: str | int) -> ApiAnswer:
        """A read."""
        return self.request("GET", path, {name: str(value) for name, value in query.items()})

    def post(self, path: str, body: Any) -> ApiAnswer:
        """A write."""
        return self.request("POST", path, content=json.dumps(body).encode(), headers={"Content-Type": "application/json"})

    def listed(self, path: str, **query: str | int) -> list[dict[str, Any]]:
        """The records of all pages; the list is named after the path."""
        records: list[dict[str, Any]] = []
        index: int | None = 0
        while index is not None:
            answer = self.get(path, **query, pageIndex=index).json
            records += answer[path.strip("/")]
            index = answer.get("nextPageIndex")
        return records

    def finished(self, event_id: str, seconds: float = 10.0) -> dict[str, Any]:
        """The status of an event once it is no longer PENDING."""
        deadline = time.monotonic() + seconds
        while True:
            status = self.get("/status", eventId=event_id).json
            if status.get("eventStatus") != "PENDING":
                return status
            if time.monotonic() > deadline:
                raise TimeoutError(f"event {event_id} is still PENDING after {seconds:g} seconds")
            time.sleep(0.01)

    def written(self, path: str, body: Any) -> dict[str, Any]:
        """A write followed to the end of its event; the status."""
        return self.finished(self.post(path, body).json["eventId"])


def _unverified() -> ssl.SSLContext:
    """Tests make their own certificates, and everything here stays on the loopback interface."""
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


class ControlError(Exception):
    """The control surface refused a call. The message says why."""


class SimulatorHandle:
    """A running simulator. Every method is a call of its control surface."""

    def __init__(self, base_url: str) -> None:
        self.base_url = base_url
        parts = urlsplit(base_url)
        self.origin = f"{parts.scheme}://{parts.netloc}"
        # Past any proxy.
        self._opener = build_opener(ProxyHandler({}), HTTPSHandler(context=_unverified()))

    def api(self, token: str | None = None, *, location: str | None = None) -> ApiClient:
        """A bare client of the API, by default with the first valid made-up token."""
        return ApiClient(self.base_url, token or self.token(location))

    def control(self, method: str, name: str, body: Any = None, **query: str) -> Any:
        """Any control call, for example ``control("POST", "purchase", {...})``. Raises ControlError."""
        url = f"{self.origin}/_control/{name}" + (f"?{urlencode(query)}" if query else "")
        data = None if body is None else json.dumps(body).encode()
        try:
            with self._opener.open(Request(url, data=data, method=method), timeout=CALL_SECONDS) as response:
                return json.load(response)
        except HTTPError as error:
            with error:
                raise ControlError(json.load(error)["error"]) from None

    def reset(self, seed: Mapping[str, Any] | None = None) -> None:
        """Back to the seed given at start, or to another one. Behaviour, faults, journal, events and ids start afresh."""
        self.control("POST", "reset", seed)

    def behaviour(self, **changes: Any) -> dict[str, Any]:
        """Merge switches in; returns all of them."""
        return self.control("POST", "behaviour", changes)

    def faults(self, rules: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
        """Replace the fault rules; returns them with their counters."""
        return self.control("POST", "faults", list(rules))["faults"]

    def fault_counters(self) -> list[dict[str, Any]]:
        """The rules with how often each was seen and fired."""
        return self.control("GET", "faults")["faults"]

    def requests(self) -> list[dict[str, Any]]:
        """The journal: every request to the API since the start, the last reset or `clear_requests`."""
        return self.control("GET", "requests")["requests"]

    def writes(self, *, accepted: bool = False) -> list[dict[str, Any]]:
        """POSTs to manage endpoints that reached the service; with ``accepted`` only those it said yes to, answered or not.

        A fault rule that answers in the service's place keeps a request from reaching it.
        """
        wanted = [entry for entry in self.requests() if entry["method"] == "POST" and entry["path"] in MANAGE_PATHS and entry["reached"]]
        return [entry for entry in wanted if entry["accepted"]] if accepted else wanted

    def clear_requests(self) -> None:
        """Empty the journal."""
        self.control("DELETE", "requests")

    def state(self, location: str | None = None, parts: Sequence[str] | None = None) -> dict[str, Any]:
        """What a location (by default the only one) really holds, in seed form, with events, history and versions."""
        query = {"parts": ",".join(parts)} if parts is not None else {}
        if location is not None:
            return self.control("GET", "state", **query, location=location)
        locations = self.control("GET", "state", **query)["locations"]
        if len(locations) != 1:
            raise ControlError("there are several locations; name one")
        return locations[0]

    def tokens(self) -> list[dict[str, Any]]:
        """All tokens; the text only of those that the simulator made up itself."""
        return self.control("GET", "tokens")["tokens"]

    def token(self, location: str | None = None) -> str:
        """The first valid made-up content token of a location (by default of any)."""
        for entry in self.tokens():
            if location in (None, entry["location"]) and entry["status"] == "valid" and entry["content_token"]:
                return entry["content_token"]
        raise ControlError("there is no such token")

    def violations(self) -> list[dict[str, Any]]:
        """What broke the contract so far; None when the simulator does not validate."""
        return self.control("GET", "violations")["violations"]

    def notifications(self) -> list[dict[str, Any]]:
        """Notifications sent, with their outcome."""
        return self.control("GET", "notifications")["notifications"]

    def purchase(self, adam_id: str, count: int, *, location: str | None = None, **members: Any) -> dict[str, Any]:
        """Buy licences, or give some away with a negative count; returns the asset."""
        return self.control("POST", "purchase", {"location": location, "adamId": adam_id, "count": count, **members})

    def assign(self, pairs: Sequence[Mapping[str, str]], *, location: str | None = None) -> int:
        """Give licences by hand; returns how many assignments are new."""
        return self.control("POST", "assign", {"location": location, "pairs": list(pairs)})["changed"]

    def unassign(self, pairs: Sequence[Mapping[str, str]], *, location: str | None = None) -> int:
        """Take licences back by hand; returns how many assignments are gone."""
        return self.control("POST", "unassign", {"location": location, "pairs": list(pairs)})["changed"]

    def users(self, *, location: str | None = None, **lists: Any) -> list[dict[str, Any]]:
        """``create``, ``retire`` and ``associate`` users by hand; returns the records changed."""
        return self.control("POST", "users", {"location": location, **lists})["users"]

    def client_config(self, *, location: str | None = None, **members: Any) -> None:
        """Let another service store its configuration."""
        self.control("POST", "client_config", {"location": location, **members})

    def retire_token(self, how: str = "revoked", *, location: str | None = None) -> str | None:
        """Make the tokens of a location ``revoked`` or ``expired``, or ``replaced``: then the new one is returned."""
        return self.control("POST", "retire_token", {"location": location, "how": how}).get("content_token")


@contextlib.contextmanager
def start_simulator(
    seed: Mapping[str, Any] | str | os.PathLike[str] | None = None, *, validate: bool = True, extra_args: Sequence[str] = ()
) -> Iterator[SimulatorHandle]:
    """Run a simulator in a process of its own on a free port, and end it for sure.

    ``seed`` is a document or the path of one; without it the small built-in seed is served.
    """
    with tempfile.TemporaryDirectory(prefix="vpp-simulator-") as folder:
        command = [sys.executable, "-m", "vpp_simulator", "--port", "0", "--stop-with-stdin"]
        if isinstance(seed, Mapping):
            seed_file = Path(folder) / "seed.json"
            seed_file.write_text(json.dumps(seed), encoding="utf-8")
            command += ["--seed", str(seed_file)]
        elif seed is not None:
            command += ["--seed", os.fspath(seed)]
        if validate:
            command.append("--validate")
        process = subprocess.Popen(
            [*command, *extra_args], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=None, text=True, env=_environment()
        )
        try:
            yield SimulatorHandle(_ready_address(process))
        finally:
            _end(process)


def _environment() -> dict[str, str]:
    """The environment, with this package importable even where it was not installed."""
    source = str(Path(__file__).resolve().parents[1])
    return {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, [source, os.environ.get("PYTHONPATH")]))}


def _ready_address(process: subprocess.Popen[str]) -> str:
    """Wait for the ready line. A thread reads, since a pipe cannot be read with a time limit everywhere."""
    lines: queue.Queue[str] = queue.Queue()
    stdout = process.stdout
    if stdout is None:
        raise RuntimeError("the simulator was started without a pipe")
    threading.Thread(target=lambda: lines.put(stdout.readline()), daemon=True).start()
    try:
        line = lines.get(timeout=READY_SECONDS)
    except queue.Empty:
        raise RuntimeError(f"the simulator was not ready after {READY_SECONDS:g} seconds") from None
    if not line.startswith(READY_PREFIX):
        raise RuntimeError("the simulator ended before it was ready; its message is on standard error")
    return line.removeprefix(READY_PREFIX).strip()


def _end(process: subprocess.Popen[str]) -> None:
    process.terminate()
    try:
        process.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    for stream in (process.stdin, process.stdout):
        if stream:
            stream.close()


class NotificationReceiver:
    """An endpoint for notifications. ``answer`` is the status it gives, ``received`` what came: headers and JSON body."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.answer = 200
        self.delay_seconds = 0.0
        self.received: list[dict[str, Any]] = []


@contextlib.contextmanager
def notification_receiver(tls: ssl.SSLContext | None = None) -> Iterator[NotificationReceiver]:
    """Listen for notifications on a free loopback port, over https when given a server context."""
    wake = threading.Event()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
            receiver.received.append({"path": self.path, "headers": dict(self.headers), "body": json.loads(body)})
            wake.wait(receiver.delay_seconds)
            self.send_response(receiver.answer)
            if 300 <= receiver.answer < 400:
                self.send_header("Location", receiver.url)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, format: str, *args: Any) -> None:
            """Keep quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    if tls:
        server.socket = tls.wrap_socket(server.socket, server_side=True)
    receiver = NotificationReceiver(f"{'https' if tls else 'http'}://127.0.0.1:{server.server_address[1]}/apple")
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield receiver
    finally:
        wake.set()
        server.shutdown()
        server.server_close()
        thread.join()
