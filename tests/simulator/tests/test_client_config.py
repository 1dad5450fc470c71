# Copyright (c) 2026, the mdmkit.apps_books authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""GET and POST client/config, and the test notification."""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from typing import Any

import pytest
import trustme
from vpp_simulator.testing import ApiClient, SimulatorHandle, notification_receiver, start_simulator

MDM = {"id": "id-1", "name": "Example Manager", "metadata": "managed-by=tests"}


@pytest.fixture
def lenient(simulator: SimulatorHandle) -> SimulatorHandle:
    """A simulator that takes plain http on the loopback interface."""
    simulator.behaviour(notification_http=True)
    return simulator


def stored(api: ApiClient) -> dict[str, Any]:
    return api.get("/client/config").json


def test_an_untouched_location(api: ApiClient) -> None:
    assert stored(api) == {
        "countryISO2ACode": "US",
        "defaultPlatform": "volumestore",
        "locationName": "one",
        "subscribedNotificationTypes": [],
        "websiteURL": "https://school.apple.com",
        "tokenExpirationDate": "2099-12-31T23:59:59+0000",
        "uId": "2049025000431439",
    }


def test_business_locations(reset_to: Any) -> None:
    api = reset_to(defaultPlatform="enterprisestore", countryISO2ACode="DE", mdmInfo=MDM)
    answer = stored(api)
    assert (answer["websiteURL"], answer["countryISO2ACode"], answer["mdmInfo"]) == ("https://business.apple.com", "DE", MDM)


def test_mdm_info_comes_with_every_answer(api: ApiClient) -> None:
    answer = api.post("/client/config", {"mdmInfo": {**MDM, "unknown": 1}})
    assert answer.status == 200 and answer.json["mdmInfo"] == MDM
    event = api.post("/users/create", {"users": [{"clientUserId": "n"}]}).json
    status = api.get("/status", eventId=event["eventId"]).json
    assert all(answer["mdmInfo"] == MDM for answer in (event, status, stored(api), api.get("/assets").json, api.get("/users").json))


def test_an_empty_post_changes_nothing(api: ApiClient) -> None:
    api.post("/client/config", {"mdmInfo": MDM})
    before = stored(api)
    assert api.post("/client/config", {}).json == before == stored(api)


def test_the_test_notification_is_delivered(lenient: SimulatorHandle, api: ApiClient) -> None:
    with notification_receiver() as receiver:
        body = {
            "mdmInfo": MDM,
            "notificationUrl": receiver.url,
            "notificationAuthToken": "shared-secret-1",
            "notificationTypes": ["ASSET_COUNT", "TEST_NOTIFICATION", "USER_MANAGEMENT", "ASSET_COUNT"],
        }
        answer = api.post("/client/config", body).json
        [notification] = receiver.received
        # The same configuration once more is tested once more.
        assert api.post("/client/config", body).json == answer == stored(api)
        assert len(receiver.received) == 2
    assert answer["notificationUrl"] == body["notificationUrl"]
    assert answer["notificationAuthToken"] == "shared-secret-1"
    assert answer["subscribedNotificationTypes"] == ["ASSET_COUNT", "USER_MANAGEMENT"]
    assert notification["headers"]["Authorization"] == "Bearer shared-secret-1"
    assert notification["headers"]["Content-Type"] == "application/json"
    assert notification["path"] == "/apple"
    assert notification["body"]["notificationType"] == "TEST_NOTIFICATION"
    assert notification["body"]["notification"] == {} and notification["body"]["uId"] == "2049025000431439"
    sent = lenient.notifications()
    assert [entry["delivered"] for entry in sent] == [True, True]
    assert sent[0]["payload"] == notification["body"]
    assert sent[0]["payload"]["notificationId"] != sent[1]["payload"]["notificationId"]
    assert "shared-secret-1" not in str(sent) + str(lenient.requests())


@pytest.mark.parametrize("status", [400, 401, 500, 301, 307, 302])
def test_undelivered_means_nothing_is_stored(lenient: SimulatorHandle, api: ApiClient, status: int) -> None:
    before = stored(api)
    with notification_receiver() as receiver:
        receiver.answer = status
        answer = api.post("/client/config", {"mdmInfo": MDM, "notificationUrl": receiver.url, "notificationAuthToken": "secret"})
        # A redirect is not followed.
        assert len(receiver.received) == 1
    assert (answer.status, answer.error) == (400, 9728)
    assert stored(api) == before
    assert lenient.notifications()[0]["status"] == status


def test_silence_and_closed_ports_mean_9728(lenient: SimulatorHandle, api: ApiClient) -> None:
    lenient.behaviour(notification_timeout_ms=100)
    body = {"notificationAuthToken": "secret", "mdmInfo": MDM}
    with notification_receiver() as receiver:
        receiver.delay_seconds = 5
        assert api.post("/client/config", {**body, "notificationUrl": receiver.url}).error == 9728
        url = receiver.url
    assert api.post("/client/config", {**body, "notificationUrl": url}).error == 9728
    assert "mdmInfo" not in stored(api)


def test_any_2xx_will_do(lenient: SimulatorHandle, api: ApiClient) -> None:
    with notification_receiver() as receiver:
        receiver.answer = 204
        assert api.post("/client/config", {"notificationUrl": receiver.url, "notificationAuthToken": "secret"}).status == 200


URL, SECRET = "https://localhost:1/hook", "secret"
REFUSED = [
    ({"mdmInfo": {"id": "x", "name": "y"}}, 9723),
    ({"mdmInfo": {"id": "x", "name": "y", "metadata": ""}}, 9723),
    ({"mdmInfo": {}}, 9723),
    ({"mdmInfo": {**MDM, "id": "x" * 101}}, 9724),
    ({"mdmInfo": {**MDM, "name": "x" * 101}}, 9725),
    ({"mdmInfo": {**MDM, "metadata": "x" * 256}}, 9713),
    ({"mdmInfo": "me"}, 9602),
    ({"mdmInfo": {**MDM, "id": 7}}, 9602),
    ({"notificationUrl": URL}, 9710),
    ({"notificationAuthToken": SECRET}, 9710),
    ({"notificationUrl": URL, "notificationAuthToken": ""}, 9710),
    ({"notificationUrl": URL + "x" * 512, "notificationAuthToken": SECRET}, 9711),
    ({"notificationUrl": URL, "notificationAuthToken": "x" * 513}, 9711),
    ({"notificationUrl": "http://localhost/hook", "notificationAuthToken": SECRET}, 9712),
    ({"notificationUrl": "http://hooks.example.test/hook", "notificationAuthToken": SECRET}, 9712),
    ({"notificationUrl": "ftp://localhost/hook", "notificationAuthToken": SECRET}, 9712),
    ({"notificationUrl": "localhost", "notificationAuthToken": SECRET}, 9712),
    ({"notificationUrl": "https:///hook", "notificationAuthToken": SECRET}, 9712),
    ({"notificationUrl": "https://localhost:port/hook", "notificationAuthToken": SECRET}, 9712),
    ({"notificationUrl": "https://localhost/hook?key=1", "notificationAuthToken": SECRET}, 9712),
    ({"notificationUrl": "https://me:secret@localhost/hook", "notificationAuthToken": SECRET}, 9712),
    ({"notificationUrl": URL, "notificationAuthToken": SECRET}, 9728),
    ({"notificationUrl": 7, "notificationAuthToken": SECRET}, 9602),
    ({"notificationTypes": ["NEWS"]}, 9602),
    ({"notificationTypes": "ASSET_COUNT"}, 9602),
    ([], 9602),
]


@pytest.mark.parametrize(("body", "error"), REFUSED)
def test_refused_configurations(api: ApiClient, body: Any, error: int) -> None:
    before = stored(api)
    answer = api.post("/client/config", body)
    assert (answer.status, answer.error) == (400, error)
    assert stored(api) == before


def test_http_is_for_loopback_only(lenient: SimulatorHandle, api: ApiClient) -> None:
    for url, error in (
        ("http://hooks.example.test/hook", 9712),
        ("http://192.0.2.1/hook", 9712),
        ("http://localhost:1/hook", 9728),
        ("http://[::1]:1/hook", 9728),
    ):
        assert api.post("/client/config", {"notificationUrl": url, "notificationAuthToken": "secret"}).error == error


def test_types_given_replace_the_stored_ones(api: ApiClient) -> None:
    api.post("/client/config", {"notificationTypes": ["ASSET_COUNT", "USER_MANAGEMENT"]})
    assert stored(api)["subscribedNotificationTypes"] == ["ASSET_COUNT", "USER_MANAGEMENT"]
    api.post("/client/config", {"notificationTypes": ["UNLIMITED_ASSET"]})
    assert stored(api)["subscribedNotificationTypes"] == ["UNLIMITED_ASSET"]
    api.post("/client/config", {"notificationTypes": []})
    assert stored(api)["subscribedNotificationTypes"] == []


@pytest.mark.parametrize("kept", [True, False])
def test_members_left_out(lenient: SimulatorHandle, api: ApiClient, kept: bool) -> None:
    lenient.behaviour(client_config_left_out="kept" if kept else "cleared")
    with notification_receiver() as receiver:
        body = {"mdmInfo": MDM, "notificationUrl": receiver.url, "notificationAuthToken": "secret", "notificationTypes": ["ASSET_COUNT"]}
        assert api.post("/client/config", body).status == 200
        answer = api.post("/client/config", {"mdmInfo": {**MDM, "id": "id-2"}, "notificationUrl": None}).json
    assert answer["mdmInfo"]["id"] == "id-2"
    assert ("notificationUrl" in answer, answer["subscribedNotificationTypes"]) == ((True, ["ASSET_COUNT"]) if kept else (False, []))
    answer = api.post("/client/config", {}).json
    assert ("mdmInfo" in answer) == kept


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    """A private certificate authority."""
    return trustme.CA()


@pytest.fixture(scope="module")
def trusting(authority: trustme.CA, tmp_path_factory: pytest.TempPathFactory) -> Iterator[SimulatorHandle]:
    """A simulator that trusts the private authority."""
    file = tmp_path_factory.mktemp("ca") / "ca.pem"
    authority.cert_pem.write_to_path(str(file))
    with start_simulator(extra_args=["--notification-ca", str(file)]) as handle:
        yield handle


def receiver_tls(authority: trustme.CA, host: str) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(host).configure_cert(context)
    return context


def test_https_with_a_private_authority(trusting: SimulatorHandle, authority: trustme.CA) -> None:
    trusting.reset()
    api = trusting.api()
    body = {"mdmInfo": MDM, "notificationAuthToken": "secret"}
    with notification_receiver(receiver_tls(authority, "127.0.0.1")) as receiver:
        assert api.post("/client/config", {**body, "notificationUrl": receiver.url}).status == 200
        assert len(receiver.received) == 1
    assert trusting.violations() == []


@pytest.mark.parametrize("flaw", ["wrong host", "wrong authority"])
def test_tls_failures_mean_9728(trusting: SimulatorHandle, authority: trustme.CA, flaw: str) -> None:
    trusting.reset()
    api = trusting.api()
    tls = receiver_tls(authority, "elsewhere.test") if flaw == "wrong host" else receiver_tls(trustme.CA(), "127.0.0.1")
    with notification_receiver(tls) as receiver:
        answer = api.post("/client/config", {"mdmInfo": MDM, "notificationAuthToken": "secret", "notificationUrl": receiver.url})
        assert answer.error == 9728
        assert receiver.received == []
    assert "mdmInfo" not in stored(api)
