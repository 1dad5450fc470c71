# Copyright (c) 2026, the mdmkit.apps_books authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the tests share: one simulator for each worker, connections, certificates, and an environment without anybody's settings."""

from __future__ import annotations

import contextlib
import ssl
from pathlib import Path
from typing import Any, Callable, Dict, Iterator, List, NamedTuple

import pytest
import trustme
from ansible_collections.mdmkit.apps_books.tests.unit.support.connection import TOKEN, Connection, connect
from ansible_collections.mdmkit.apps_books.tests.unit.support.web import Answer, Seen, Web, serve
from vpp_simulator.testing import SimulatorHandle, start_simulator

# The rate limit counts real seconds, so it is off where a test does not look at it.
QUICK: Dict[str, Any] = {"max_requests_per_second": 0, "event_seconds": 0}

SEED: Dict[str, Any] = {
    "behaviour": QUICK,
    "locations": [
        {
            "name": "springfield",
            "content_token": TOKEN,
            "uId": "2049025000431439",
            "assets": [
                {"adamId": "1000000001", "totalCount": 20},
                {"adamId": "1000000001", "pricingParam": "PLUS", "totalCount": 3},
                {"adamId": "1000000002", "productType": "Book", "totalCount": 5},
                {"adamId": "1000000003", "totalCount": 2147483647},
                {"adamId": "1000000004", "totalCount": 5, "deviceAssignable": False},
            ],
            "users": [
                {"clientUserId": "u-1", "email": "u1@example.test"},
                {"clientUserId": "u-2", "email": "u2@example.test", "managedAppleId": "u2@appleid.example.test"},
                {"clientUserId": "u-3"},
                {"clientUserId": "u-9", "status": "Retired"},
            ],
            "assignments": [
                {"adamId": "1000000001", "clientUserId": "u-1"},
                {"adamId": "1000000001", "serialNumber": "D1"},
                {"adamId": "1000000002", "clientUserId": "u-2"},
            ],
        }
    ],
}

_SETTINGS = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE", "NETRC")


@pytest.fixture(autouse=True)
def nobodys_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in _SETTINGS:
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)


@pytest.fixture(scope="session")
def _running_simulator() -> Iterator[SimulatorHandle]:
    with start_simulator(SEED) as handle:
        yield handle


@pytest.fixture
def simulator(_running_simulator: SimulatorHandle) -> Iterator[SimulatorHandle]:
    """The simulator with its first seed. Whatever it answers in the test has to fit the contract."""
    _running_simulator.reset()
    _running_simulator.control("DELETE", "violations")
    yield _running_simulator
    assert _running_simulator.violations() == []


@pytest.fixture
def connections() -> Iterator[Callable[..., Connection]]:
    """Makes connections, which are closed after the test."""
    with contextlib.ExitStack() as stack:

        def make(base_url: str, **settings: Any) -> Connection:
            connection = connect(base_url, **settings)
            stack.callback(connection.transport.close)
            return connection

        yield make


@pytest.fixture
def connection(simulator: SimulatorHandle, connections: Callable[..., Connection]) -> Connection:
    """A connection to the simulator."""
    return connections(simulator.base_url)


@pytest.fixture
def webs() -> Iterator[Callable[..., Web]]:
    """Makes servers from what they answer, as support.web.serve does."""
    with contextlib.ExitStack() as stack:

        def make(answer: Callable[[Seen], Answer], **options: Any) -> Web:
            return stack.enter_context(serve(answer, **options))

        yield make


class Certificates(NamedTuple):
    """:ivar ca_path: the private authority, as a file
    :ivar good: a server that it vouches for as 127.0.0.1 and vpp.example.test
    :ivar other_name: a server that it vouches for under another name
    :ivar self_signed: a server that nobody vouches for
    """

    ca_path: str
    good: ssl.SSLContext
    other_name: ssl.SSLContext
    self_signed: ssl.SSLContext


@pytest.fixture(scope="session")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    authority = trustme.CA()
    path: Path = tmp_path_factory.mktemp("authority") / "ca.pem"
    authority.cert_pem.write_to_path(str(path))
    names: List[Any] = [(authority, ["127.0.0.1", "vpp.example.test"]), (authority, ["other.example.test"]), (trustme.CA(), ["127.0.0.1"])]
    contexts = []
    for issuer, identities in names:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        issuer.issue_cert(*identities).configure_cert(context)
        contexts.append(context)
    return Certificates(str(path), *contexts)
