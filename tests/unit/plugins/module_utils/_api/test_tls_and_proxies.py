# Copyright (c) 2026, the mdmkit.apps_books authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Certificates, proxies, and the settings of the environment."""

from __future__ import annotations

import base64
import ssl
from pathlib import Path
from typing import Any, Callable, Dict

import pytest
import trustme
from ansible_collections.mdmkit.apps_books.plugins.module_utils._api.errors import AnswerLost, ConnectionFailed
from ansible_collections.mdmkit.apps_books.plugins.module_utils._model import AppsBooksError
from ansible_collections.mdmkit.apps_books.tests.unit.support.connection import TOKEN, Connection
from ansible_collections.mdmkit.apps_books.tests.unit.support.web import Answer, Seen, Web

Connections = Callable[..., Connection]
Webs = Callable[..., Web]


def fine(seen: Seen) -> Answer:
    return Answer({"fine": True, "eventId": "1"})


# Certificates


def test_a_private_authority_is_trusted_by_ca_path(webs: Webs, connections: Connections, certificates: Any) -> None:
    web = webs(fine, tls=certificates.good)
    connection = connections(web.base_url, ca_path=certificates.ca_path)
    for dummy in range(5):
        assert connection.get("assets")["fine"]

    assert web.connections == 1


@pytest.mark.parametrize("server, ca", [("good", False), ("self_signed", False), ("self_signed", True), ("other_name", True)])
@pytest.mark.parametrize("method", ["get", "post"])
def test_who_cannot_prove_who_it_is_gets_no_request(webs: Webs, connections: Connections, certificates: Any, server: str, ca: bool, method: str) -> None:
    web = webs(fine, tls=getattr(certificates, server))
    connection = connections(web.base_url, ca_path=certificates.ca_path if ca else None)

    with pytest.raises(ConnectionFailed) as caught:
        connection.get("assets") if method == "get" else connection.post("users/create", {})

    assert web.seen == []
    assert sum(connection.transport.sent.values()) == 1, "trying again would not help"
    host = web.origin.partition("//")[2]
    assert caught.value.message.startswith(f"The TLS connection to {host} cannot be trusted: ")
    assert "certificate" in caught.value.message and "0x" not in caught.value.message
    hint = "Give the private certificate authority as ca_path, or correct base_url."
    if server == "other_name":
        hint = "Correct base_url: it must name the service as the certificate does."
    assert caught.value.hint == hint
    assert TOKEN not in str(caught.value)


@pytest.mark.parametrize("server", ["good", "self_signed", "other_name"])
def test_checking_can_be_switched_off(webs: Webs, connections: Connections, certificates: Any, server: str, recwarn: pytest.WarningsRecorder) -> None:
    web = webs(fine, tls=getattr(certificates, server))

    assert connections(web.base_url, validate_certs=False).get("assets")["fine"]
    assert list(recwarn) == [], "warnings on standard error would break the output of a module"


def test_switched_off_means_off_whatever_else_is_set(webs: Webs, connections: Connections, certificates: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    web = webs(fine, tls=certificates.self_signed)
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", certificates.ca_path)

    assert connections(web.base_url, validate_certs=False, ca_path=certificates.ca_path).get("assets")["fine"]


@pytest.mark.parametrize("name", ["REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"])
def test_the_authority_of_the_environment_is_trusted(
    webs: Webs, connections: Connections, certificates: Any, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    web = webs(fine, tls=certificates.good)
    monkeypatch.setenv(name, certificates.ca_path)

    assert connections(web.base_url).get("assets")["fine"]


def test_ca_path_comes_before_the_environment(webs: Webs, connections: Connections, certificates: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    web = webs(fine, tls=certificates.good)
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(tmp_path / "nonexistent.pem"))

    assert connections(web.base_url, ca_path=certificates.ca_path).get("assets")["fine"]


def test_a_ca_path_that_does_not_exist_is_told(connections: Connections, tmp_path: Path) -> None:
    with pytest.raises(AppsBooksError) as caught:
        connections("https://127.0.0.1:1/mdm/v2", ca_path=str(tmp_path / "nonexistent.pem"))
    assert caught.value.message == f"ca_path {tmp_path}/nonexistent.pem does not exist."


@pytest.mark.parametrize("name", ["REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"])
def test_an_authority_of_the_environment_that_does_not_exist_is_told(
    webs: Webs, connections: Connections, certificates: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, name: str
) -> None:
    web = webs(fine, tls=certificates.good)
    monkeypatch.setenv(name, str(tmp_path / "nonexistent.pem"))

    with pytest.raises(AppsBooksError) as caught:
        connections(web.base_url).get("assets")
    assert f"{tmp_path}/nonexistent.pem" in caught.value.message
    assert web.seen == []


def test_a_ca_path_that_holds_no_certificate_is_told(webs: Webs, connections: Connections, certificates: Any, tmp_path: Path) -> None:
    web = webs(fine, tls=certificates.good)
    (tmp_path / "notes.txt").write_text("no certificate")

    with pytest.raises(AppsBooksError):
        connections(web.base_url, ca_path=str(tmp_path / "notes.txt")).get("assets")
    assert web.seen == []


def test_a_server_that_does_not_speak_tls_is_told(webs: Webs, connections: Connections) -> None:
    web = webs(fine)

    with pytest.raises(ConnectionFailed) as caught:
        connections(web.base_url.replace("http:", "https:")).get("assets")
    assert web.origin.partition("//")[2] in caught.value.message
    assert web.seen == []


@pytest.mark.parametrize("broken", [Answer(cut=True), Answer(garbage=b"HTTP/1.1 200 OK\r\n\r\n" * 9), Answer(garbage=b"\x17\x03\x03\x00\x20" + b"x" * 32)])
def test_a_write_whose_answer_breaks_under_tls_is_lost_and_not_refused(webs: Webs, connections: Connections, certificates: Any, broken: Answer) -> None:
    """The request had left: nobody knows whether it was accepted."""
    web = webs(lambda seen: fine(seen) if seen.method == "GET" else broken, tls=certificates.good)
    connection = connections(web.base_url, ca_path=certificates.ca_path)
    connection.get("assets")

    with pytest.raises(AnswerLost):
        connection.post("users/create", {})
    assert web.paths() == ["GET assets", "POST users/create"]


def test_a_read_whose_answer_breaks_under_tls_is_repeated(webs: Webs, connections: Connections, certificates: Any) -> None:
    web = webs(lambda seen: Answer(garbage=b"\x17\x03\x03\x00\x20" + b"x" * 32) if len(web.seen) == 2 else fine(seen), tls=certificates.good)
    connection = connections(web.base_url, ca_path=certificates.ca_path)
    connection.get("assets")

    assert connection.get("assets")["fine"]
    assert len(web.seen) == 3


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_old_versions_of_tls_are_refused(webs: Webs, connections: Connections, certificates: Any) -> None:
    authority = trustme.CA()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    context.set_ciphers("DEFAULT:@SECLEVEL=0")
    context.minimum_version = ssl.TLSVersion.TLSv1
    context.maximum_version = ssl.TLSVersion.TLSv1_1
    web = webs(fine, tls=context)

    with pytest.raises(AppsBooksError):
        connections(web.base_url, validate_certs=False).get("assets")
    assert web.seen == []


# Proxies


@pytest.mark.parametrize("name", ["http_proxy", "all_proxy", "ALL_PROXY"])
def test_plain_http_goes_through_the_proxy_of_the_environment(webs: Webs, connections: Connections, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    proxy = webs(fine)
    monkeypatch.setenv(name, proxy.origin)

    assert connections("http://vpp.example.test:8080/mdm/v2").get("assets")["fine"]
    assert [seen.target for seen in proxy.seen] == ["http://vpp.example.test:8080/mdm/v2/assets"]


@pytest.mark.parametrize("name", ["https_proxy", "HTTPS_PROXY"])
def test_https_goes_through_a_tunnel_and_is_checked_to_its_end(
    webs: Webs, connections: Connections, certificates: Any, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    proxy = webs(fine)
    web = webs(fine, tls=certificates.good, name="vpp.example.test")
    monkeypatch.setenv(name, proxy.origin)
    connection = connections(web.base_url, ca_path=certificates.ca_path)

    assert connection.get("assets")["fine"] and connection.get("users")["fine"]
    assert [(seen.method, "https://" + seen.target) for seen in proxy.seen] == [("CONNECT", web.origin)], "kept alive"
    assert "Authorization" not in proxy.seen[0].headers
    assert web.paths() == ["GET assets", "GET users"]
    with pytest.raises(ConnectionFailed, match="cannot be trusted"):
        connections(web.base_url).get("assets")


@pytest.mark.parametrize("exempt", ["vpp.example.test", ".example.test", "*", "127.0.0.1,localhost"])
def test_hosts_of_no_proxy_are_asked_directly(webs: Webs, connections: Connections, monkeypatch: pytest.MonkeyPatch, exempt: str) -> None:
    proxy, web = webs(fine), webs(fine)
    monkeypatch.setenv("http_proxy", proxy.origin)
    monkeypatch.setenv("no_proxy", exempt)
    near = exempt in ("*", "127.0.0.1,localhost")

    assert connections(web.base_url).get("assets")["fine"]
    assert (len(proxy.seen), len(web.seen)) == ((0, 1) if near else (1, 0))


def test_the_proxy_gets_its_own_credentials_and_they_are_not_told(webs: Webs, connections: Connections, monkeypatch: pytest.MonkeyPatch) -> None:
    proxy = webs(lambda seen: Answer({"errorNumber": 9602, "errorMessage": "no"}, status=400))
    monkeypatch.setenv("http_proxy", proxy.origin.replace("//", "//name:proxy-secret@"))

    with pytest.raises(AppsBooksError) as caught:
        connections("http://vpp.example.test/mdm/v2").get("assets")
    assert proxy.seen[0].headers["Proxy-Authorization"] == "Basic " + base64.b64encode(b"name:proxy-secret").decode()
    assert proxy.seen[0].headers["Authorization"] == "Bearer " + TOKEN
    assert "proxy-secret" not in str(caught.value)


@pytest.mark.parametrize("method", ["get", "post"])
def test_a_proxy_that_cannot_be_reached_is_told(connections: Connections, monkeypatch: pytest.MonkeyPatch, method: str) -> None:
    monkeypatch.setenv("https_proxy", "http://name:proxy-secret@127.0.0.1:1")
    connection = connections("https://vpp.example.test/mdm/v2")

    with pytest.raises(ConnectionFailed) as caught:
        connection.get("assets") if method == "get" else connection.post("users/create", {})

    assert "the proxy refused" in caught.value.message
    assert "proxy-secret" not in str(caught.value) + repr(caught.value.__cause__)
    assert sum(connection.transport.sent.values()) == 3


def test_a_proxy_that_refuses_the_tunnel_is_told(webs: Webs, connections: Connections, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing of a write reached the service then."""
    proxy = webs(lambda seen: Answer(status=407))
    monkeypatch.setenv("https_proxy", proxy.origin)

    with pytest.raises(ConnectionFailed, match="the proxy refused: .*407"):
        connections("https://vpp.example.test/mdm/v2").post("users/create", {})
    assert [seen.method for seen in proxy.seen] == ["CONNECT"] * 3


@pytest.mark.parametrize("proxy", ["nonsense:nonsense", "http://", "http://[::1"])
def test_a_proxy_that_is_none_is_told(connections: Connections, monkeypatch: pytest.MonkeyPatch, proxy: str) -> None:
    monkeypatch.setenv("http_proxy", proxy)

    with pytest.raises(AppsBooksError):
        connections("http://vpp.invalid/mdm/v2").get("assets")


# Other settings


def test_a_netrc_never_replaces_the_bearer(webs: Webs, connections: Connections, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "netrc").write_text("machine 127.0.0.1 login somebody password something\ndefault login anybody password anything\n")
    (tmp_path / ".netrc").write_text((tmp_path / "netrc").read_text())
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    web = webs(fine)
    connection = connections(web.base_url)

    connection.get("assets")
    connection.transport.get(connection.url("service/config"), authorized=False)

    assert [seen.headers.get("Authorization") for seen in web.seen] == ["Bearer " + TOKEN, None]


def test_the_environment_is_read_once(webs: Webs, connections: Connections, monkeypatch: pytest.MonkeyPatch) -> None:
    web = webs(fine)
    connection = connections(web.base_url)
    settings: Dict[str, str] = {"http_proxy": "http://127.0.0.1:1", "REQUESTS_CA_BUNDLE": "/nonexistent"}
    for name, value in settings.items():
        monkeypatch.setenv(name, value)

    assert connection.get("assets")["fine"]
