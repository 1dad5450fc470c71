# Copyright (c) 2026, the mdmkit.apps_books authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the runs speak to, and the secrets in it: the simulator with a location for each trouble, and a service that answers as none should."""

from __future__ import annotations

import base64
import contextlib
import datetime
import hashlib
import json
import ssl
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import trustme
from ansible_collections.mdmkit.apps_books.tests.canary.search import Secret
from ansible_collections.mdmkit.apps_books.tests.unit.support.web import Answer, Seen, Web, serve
from vpp_simulator.testing import SimulatorHandle, content_token, inner_token, notification_receiver, start_simulator

APP, BOOK = "1000000001", "1000000002"
OURS = {"id": "ours", "name": "Us", "metadata": "x"}
THEIRS = {"id": "theirs", "name": "Other MDM", "metadata": "x"}


def secret_text(name: str) -> str:
    """A text of the length and the letters of an inner token, another one for each name."""
    return base64.b64encode(hashlib.sha512(name.encode()).digest() + b"\xfb\xef\xff").decode()


# The locations of the simulator, and what goes wrong there.
FAULTS: dict[str, list[dict[str, Any]]] = {
    "good": [],
    "second": [],
    "lost": [{"match": {"method": "POST"}, "do": {"drop_after": True}}],
    "failing": [{"match": {"method": "POST"}, "do": {"event_fail": {"errorNumber": 9609, "share": 1}}}],
    "stuck": [{"match": {"method": "POST"}, "do": {"event_stuck": True}}],
    "taken": [{"match": {"method": "POST"}, "do": {"meanwhile": [{"client_config": {"location": "taken", "mdmInfo": THEIRS}}]}}],
}
TOKENS = {name: content_token(token=secret_text(name), org_name="Springfield Schools") for name in FAULTS}
# Other tokens of the location good: one that the service revoked, one that has run out.
REVOKED = content_token(token=secret_text("revoked"), org_name="Springfield Schools")
EXPIRED = content_token(token=secret_text("expired"), exp_date="2020-01-02T03:04:05+0000", org_name="Springfield Schools")

STORED_SECRET = 'stored/secret+of "notifications" \\ 0d1f'
NEW_SECRET = 'wanted/secret+of "notifications" \\ 71c2'


def seed() -> dict[str, Any]:
    """The locations, all alike."""
    locations = []
    for number, name in enumerate(FAULTS):
        location: dict[str, Any] = {
            "name": name,
            "tokens": [{"content_token": TOKENS[name]}],
            "uId": str(2049025000431439 + number),
            "assets": [
                {"adamId": APP, "totalCount": 50},
                {"adamId": BOOK, "productType": "Book", "totalCount": 10},
            ],
            "users": [
                {"clientUserId": "u-1", "email": "one@example.test"},
                {"clientUserId": "u-2", "email": "two@example.test"},
                {"clientUserId": "u-3", "managedAppleId": "three@appleid.example.test"},
            ],
            "assignments": [{"adamId": APP, "serialNumber": "D1"}, {"adamId": APP, "clientUserId": "u-1"}],
        }
        if name == "taken":
            location["mdmInfo"] = OURS
        locations.append(location)
    good = locations[0]
    good["tokens"].append({"content_token": REVOKED, "revoked": True})
    good.update(notificationUrl="https://hooks.example.test/apple", notificationAuthToken=STORED_SECRET, notificationTypes=["ASSET_COUNT"])
    faults = [{**rule, "match": {**rule["match"], "location": name}, "times": 0} for name, rules in FAULTS.items() for rule in rules]
    behaviour = {"max_requests_per_second": 0, "event_seconds": 0, "notification_http": True, "limits": {"maxRequestPerSecond": 5000}}
    return {"behaviour": behaviour, "faults": faults, "locations": locations}


def known_secrets() -> list[Secret]:
    """Every secret that is given to a run or stored at the service before it."""
    secrets = [Secret("notification secret", NEW_SECRET), Secret("notification secret stored before", STORED_SECRET)]
    for name, text in {**TOKENS, "revoked": REVOKED, "expired": EXPIRED}.items():
        secrets += [
            Secret(f"inner token of {name}", inner_token(text)),
            Secret(f"content token of {name}", text),
            Secret(f"decoded token of {name}", base64.b64decode(text).decode(), whole=True),  # it says in clear when it ends
            Secret(f"Authorization header of {name}", f"Bearer {text}"),
            # Nothing sends this cookie yet; it will hold the content token.
            Secret(f"cookie itvt of {name}", f"itvt={text}"),
        ]
    return secrets


def invite_codes(simulator: SimulatorHandle) -> list[Secret]:
    """The invitations of all users that there are now."""
    users = [(name, user) for name in FAULTS for user in simulator.state(name, parts=["users"])["users"]]
    return [Secret(f"invite code of {user['clientUserId']} in {name}", user["inviteCode"]) for name, user in users if user.get("inviteCode")]


# What a service must not answer, by the first part of the path. Each repeats the bearer, as a chatty proxy would.
def _strange_answer(seen: Seen, elsewhere: str) -> Answer:
    kind, dummy, path = seen.path.strip("/").partition("/mdm/v2/")
    if kind == "echo-writes" and seen.method == "GET":
        return Answer({"assets": [{"adamId": APP, "deviceAssignable": True, "availableCount": 9}], "assignments": [], "users": [], "limits": {}})
    bearer = seen.headers.get("Authorization", "no bearer")
    answers: dict[str, Answer] = {
        "echo": Answer(f"<html><pre>{'An error occurred. ' * 9}{bearer}</pre></html>".encode(), 500),
        "echo-encoded": Answer(f"<p>{base64.b64encode(bearer.encode()).decode()}</p>".encode(), 502),
        "echo-json": Answer({"errorNumber": 9602, "errorMessage": f"Not understood: Authorization={bearer}"}, 400),
        "echo-writes": Answer(f"<p>Blocked:</p> {bearer} {json.dumps(seen.body)}".encode(), 500),
        "not-json": Answer(f"Hello {bearer}".encode()),
        "elsewhere": Answer(None, 307, {"Location": f"{elsewhere}/taken?authorization={bearer.partition(' ')[2]}"}),
        "no-address": Answer(None, 307, {"Location": f"http://[{bearer.partition(' ')[2]}"}),
        "cut": Answer(cut=True),
        "numbers": Answer({"assets": [{"adamId": APP, "assignedCount": bearer}], "users": bearer, "assignments": bearer, "eventId": "e", "eventStatus": 1}),
        "texts": Answer(
            {name: [bearer] for name in ("assets", "users", "assignments", "failures")} | {"mdmInfo": bearer, "subscribedNotificationTypes": [bearer, 1]}
        ),
        "lists": Answer(body=[bearer]),
    }
    if path == "service/config":
        malformed = kind in ("numbers", "texts")
        return Answer({"limits": bearer, "urls": [bearer], "errorCodes": [bearer], "notificationTypes": 5} if malformed else {"limits": {}})
    return answers[kind]


@dataclass(frozen=True)
class World:
    """Everything that runs for the runs.

    :ivar addresses: base URLs by what is wrong with them; "good" is the simulator's
    :ivar elsewhere: a host that nobody may be led to
    :ivar ca_path: the private authority of the address tls-good
    """

    simulator: SimulatorHandle
    addresses: Mapping[str, str]
    receiver_url: str
    elsewhere: Web
    ca_path: Path

    def write_inputs(self, folder: Path) -> None:
        """The files with secrets that the runs read: the only ones that may hold any."""
        folder.mkdir(mode=0o700)
        files = {f"{name}.vpptoken": text for name, text in {**TOKENS, "revoked": REVOKED, "expired": EXPIRED}.items()}
        files["notification_secret"] = NEW_SECRET
        files["undecodable.vpptoken"] = TOKENS["good"][:101]
        outer = {**TOKENS, "revoked": REVOKED, "expired": EXPIRED}
        variables = {
            "outer": outer,
            "inner": inner_token(TOKENS["good"]),
            "decoded": base64.b64decode(TOKENS["good"]).decode(),
            "notification_secret": NEW_SECRET,
            "inputs": str(folder),
            "at": dict(self.addresses),
            "receiver_url": self.receiver_url,
            "ca_path": str(self.ca_path),
        }
        files["variables.json"] = json.dumps(variables)
        for name, text in files.items():
            (folder / name).write_text(text, encoding="utf-8")


@contextlib.contextmanager
def running_world(folder: Path) -> Iterator[World]:
    """Start everything; the certificates are written to the folder."""
    authority = trustme.CA()
    ca_path = folder / "authority.pem"
    authority.cert_pem.write_to_path(str(ca_path))
    yesterday = datetime.datetime.now(datetime.timezone.utc) - datetime.timedelta(days=1)
    certificates = {
        "tls-good": authority.issue_cert("127.0.0.1"),
        "tls-other-name": authority.issue_cert("other.example.test"),
        "tls-expired": authority.issue_cert("127.0.0.1", not_after=yesterday),
        "tls-self-signed": trustme.CA().issue_cert("127.0.0.1"),
    }
    with contextlib.ExitStack() as stack:
        simulator = stack.enter_context(start_simulator(seed()))
        elsewhere = stack.enter_context(serve(lambda seen: Answer({})))
        strange = stack.enter_context(serve(lambda seen: _strange_answer(seen, elsewhere.origin)))
        kinds = ("echo", "echo-encoded", "echo-json", "echo-writes", "not-json", "elsewhere", "no-address", "cut", "numbers", "texts", "lists")
        addresses = {"good": simulator.base_url, "nobody": "http://127.0.0.1:9/mdm/v2", "insecure": "http://vpp.example.test/mdm/v2"}
        addresses.update((kind, f"{strange.origin}/{kind}/mdm/v2") for kind in kinds)
        for name, certificate in certificates.items():
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            certificate.configure_cert(context)
            web = stack.enter_context(serve(lambda seen: Answer(None, 307, {"Location": elsewhere.base_url}), tls=context))
            addresses[name] = web.base_url
        receiver = stack.enter_context(notification_receiver())
        yield World(simulator, addresses, receiver.url, elsewhere, ca_path)
