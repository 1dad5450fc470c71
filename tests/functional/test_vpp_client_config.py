# Copyright (c) 2026, the mdmkit.apps_books authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""vpp_client_config against the simulator, with a real receiver for the test notification."""

from __future__ import annotations

import json
from typing import Any, Dict, Iterator

import pytest
from vpp_simulator.testing import NotificationReceiver, notification_receiver

from .conftest import Location, diff_keys

MDM_INFO = {"id": "ours", "name": "Springfield Ansible", "metadata": "managed-by=ansible"}
SECRET = "canary-notification-secret-71c2"
OTHER_SECRET = "canary-notification-secret-98ab"


@pytest.fixture
def receiver(location: Location) -> Iterator[NotificationReceiver]:
    location.simulator.behaviour(notification_http=True)
    with notification_receiver() as listening:
        yield listening


def stored(location: Location) -> Dict[str, Any]:
    return location.simulator.state(parts=["assets"])


def test_claims_a_location_once(location: Location) -> None:
    shown = location.ok("vpp_client_config", check=True, mdm_info=MDM_INFO)
    assert location.write_count() == 0 and shown["changed"] and diff_keys(shown) == {"mdm_info"}
    done = location.ok("vpp_client_config", mdm_info=MDM_INFO)
    assert done["client_config"]["mdm_info"] == MDM_INFO and done["plan"] == shown["plan"]
    assert shown["plan"]["requests"] == shown["plan"]["requests_at_least"] == 1
    location.simulator.clear_requests()
    assert not location.ok("vpp_client_config", mdm_info=MDM_INFO)["changed"]
    assert location.write_count() == 0


def test_another_holder_is_named_and_only_takeover_replaces_it(location: Location) -> None:
    location.simulator.client_config(mdmInfo={"id": "theirs", "name": "Other MDM", "metadata": "x"})
    result = location.fails("vpp_client_config", mdm_info=MDM_INFO)
    assert "Other MDM (id theirs)" in result["msg"] and "takeover" in result["msg"]
    assert result["holder"]["id"] == "theirs"
    assert location.write_count() == 0
    assert location.ok("vpp_client_config", mdm_info=MDM_INFO, takeover=True)["client_config"]["mdm_info"]["id"] == "ours"


def test_the_id_decides_and_never_the_name(location: Location) -> None:
    location.simulator.client_config(mdmInfo={**MDM_INFO, "name": "An older name"})
    assert location.ok("vpp_client_config", mdm_info=MDM_INFO)["changed"]


def test_notifications_are_configured_and_types_compared_as_sets(location: Location, receiver: NotificationReceiver) -> None:
    options = {
        "notification_url": receiver.url,
        "notification_auth_token": SECRET,
        "notification_types": ["USER_MANAGEMENT", "ASSET_MANAGEMENT", "ASSET_COUNT"],
    }
    location.ok("vpp_client_config", **options)
    assert [message["headers"]["Authorization"] for message in receiver.received] == [f"Bearer {SECRET}"]
    options["notification_types"] = ["ASSET_COUNT", "USER_MANAGEMENT", "ASSET_MANAGEMENT"]
    location.simulator.clear_requests()
    assert not location.ok("vpp_client_config", **options)["changed"]
    assert location.write_count() == 0 and len(receiver.received) == 1


def test_what_is_not_given_is_sent_as_it_was(location: Location, receiver: NotificationReceiver) -> None:
    """What the service does with a left-out member is unknown."""
    location.ok("vpp_client_config", notification_url=receiver.url, notification_auth_token=SECRET, notification_types=["ASSET_COUNT"])
    location.ok("vpp_client_config", mdm_info=MDM_INFO)
    body = location.simulator.writes()[-1]["body"]
    assert body["mdmInfo"] == MDM_INFO and body["notificationUrl"] == receiver.url and body["notificationTypes"] == ["ASSET_COUNT"]
    assert "notificationAuthToken" in body


def test_the_secret_is_compared_and_never_shown(location: Location, receiver: NotificationReceiver) -> None:
    first = location.ok("vpp_client_config", notification_url=receiver.url, notification_auth_token=SECRET)
    second = location.ok("vpp_client_config", notification_auth_token=OTHER_SECRET)
    assert second["changed"] and diff_keys(second) == {"notification_auth_token"}
    shown = location.ok("vpp_client_config_info")
    assert shown["client_config"]["notification_auth_token_set"] is True
    for result in (first, second, shown):
        assert SECRET not in json.dumps(result) and OTHER_SECRET not in json.dumps(result)
    assert not location.ok("vpp_client_config", notification_auth_token=OTHER_SECRET)["changed"]


def test_an_endpoint_that_does_not_answer_is_told_with_what_to_do(location: Location, receiver: NotificationReceiver) -> None:
    receiver.answer = 401
    result = location.fails("vpp_client_config", notification_url=receiver.url, notification_auth_token=SECRET)
    assert "9728" in result["msg"] and "2xx" in result["msg"] and result["changed"] is False
    assert location.ok("vpp_client_config_info")["client_config"]["notification_url"] is None


def test_notifications_can_be_switched_off(location: Location, receiver: NotificationReceiver) -> None:
    location.ok("vpp_client_config", notification_url=receiver.url, notification_auth_token=SECRET, notification_types=["ASSET_COUNT"])
    assert location.ok("vpp_client_config", notification_types=[])["client_config"]["notification_types"] == []


@pytest.mark.parametrize(
    "options, part",
    [
        ({"mdm_info": {"id": "ours", "name": "", "metadata": "x"}}, "mdm_info.name is empty"),
        ({"notification_url": "hooks.example.test"}, "notification_url"),
        ({"notification_url": "https://hooks.example.test/a?b=c", "notification_auth_token": SECRET}, "query"),
        ({"notification_types": ["ASSET_COUNTS"]}, "'ASSET_COUNTS' is not one of"),
        ({"mdm_info": MDM_INFO, "mdm_id": "another"}, "mdm_id is another"),
    ],
)
def test_bad_input_is_refused_without_a_request(location: Location, options: Dict[str, Any], part: str) -> None:
    assert part in location.fails("vpp_client_config", **options)["msg"]
    assert location.simulator.requests() == []


def test_what_the_service_would_refuse_is_refused_before_the_write(location: Location) -> None:
    result = location.fails("vpp_client_config", mdm_info={**MDM_INFO, "metadata": "x" * 256}, notification_url="https://hooks.example.test/apple")
    assert "mdm_info.metadata has 256 characters" in result["msg"] and "go together" in result["msg"]
    assert location.write_count() == 0


def test_a_lost_answer_is_read_back(location: Location) -> None:
    location.simulator.faults([{"match": {"method": "POST"}, "do": {"drop_after": True}}])
    result = location.ok("vpp_client_config", mdm_info=MDM_INFO)
    assert result["changed"] and result["answers_lost"][0]["found"] == 1 and "was lost" in str(result["warnings"])
    assert location.write_count() == 1


def test_an_answer_that_stays_lost_may_have_changed_something(location: Location) -> None:
    location.simulator.faults([{"match": {"method": "POST"}, "do": {"status": 500}, "times": 0}])
    result = location.fails("vpp_client_config", mdm_info=MDM_INFO, retry_budget=0)
    assert result["changed"] and "Apple may have accepted the request or not" in result["msg"]
