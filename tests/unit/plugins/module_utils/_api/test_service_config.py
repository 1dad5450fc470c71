# Copyright (c) 2026, the mdmkit.apps_books authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import threading
import time
from typing import Any, Callable, Dict, List

import pytest
from ansible_collections.mdmkit.apps_books.plugins.module_utils._api.service_config import GOOD_FOR_SECONDS, ServiceConfig
from ansible_collections.mdmkit.apps_books.plugins.module_utils._model import Limits
from ansible_collections.mdmkit.apps_books.tests.unit.support.connection import Connection
from ansible_collections.mdmkit.apps_books.tests.unit.support.web import Answer, Seen, Web
from vpp_simulator.testing import SimulatorHandle

Connections = Callable[..., Connection]
Webs = Callable[..., Web]

DOCUMENTED = Limits(25, 1000, 1000, 100, 100, 100, 512, 100, 100, 255)
INVITATION = "https://buy.example.test/associate?inviteCode=%25inviteCode%25&mt=8"


class Config:
    """A server that knows Service Config only, which a test may change."""

    def __init__(self, webs: Webs, **answer: Any) -> None:
        self.answer: Dict[str, Any] = answer
        self.web = webs(self._reply)

    def _reply(self, seen: Seen) -> Answer:
        return Answer(
            {"errorCodes": [], "notificationTypes": [], "limits": {}, "urls": {}, **self.answer}
            if seen.path.endswith("/service/config")
            else {"fine": True}
        )

    def readings(self) -> int:
        return self.web.paths().count("GET service/config")


def test_it_is_read_without_the_token_and_only_when_it_is_needed(webs: Webs, connections: Connections) -> None:
    config = Config(webs)
    connection = connections(config.web.base_url)
    assert config.web.seen == []

    connection.service.limits()

    assert "Authorization" not in config.web.seen[0].headers
    assert config.web.paths() == ["GET service/config"]


def test_it_is_read_once_in_five_minutes(webs: Webs, connections: Connections) -> None:
    config = Config(webs)
    connection = connections(config.web.base_url)
    start = connection.clock.now
    for seconds, readings in ((0, 1), (1, 1), (299.9, 1), (300, 2), (599.9, 2), (601, 3)):
        connection.clock.now = start + seconds
        connection.service.limits()
        connection.service.config.url("getAssets", "assets")
        connection.service.config.answer()
        assert config.readings() == readings

    assert GOOD_FOR_SECONDS == 300


def test_threads_that_find_it_old_read_it_once(webs: Webs, connections: Connections) -> None:
    """Five page requests at a time ask where to go."""
    config = Config(webs)
    connection = connections(config.web.base_url)
    connection.service.limits()
    connection.clock.now += 301
    reply, config.web.answer = config.web.answer, lambda seen: time.sleep(0.1) or reply(seen)
    threads = [threading.Thread(target=connection.service.config.url, args=("getAssets", "assets")) for dummy in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert config.readings() == 2


def test_it_can_be_read_at_once_and_is_good_for_five_minutes_from_then(webs: Webs, connections: Connections) -> None:
    config = Config(webs, limits={"maxAssets": 25})
    connection = connections(config.web.base_url)
    connection.service.limits()
    connection.clock.now += 200
    config.answer["limits"] = {"maxAssets": 3}
    assert connection.service.limits().assets == 25

    connection.service.config.read_again()

    assert connection.service.limits().assets == 3
    connection.clock.now += 290
    connection.service.limits()
    assert config.readings() == 2


def test_new_limits_are_found_after_five_minutes(webs: Webs, connections: Connections) -> None:
    config = Config(webs, limits={"maxUsers": 50})
    connection = connections(config.web.base_url)
    assert connection.service.limits().users == 50
    config.answer["limits"] = {"maxUsers": 60}
    connection.clock.now += 300

    assert connection.service.limits().users == 60


def test_limits_that_are_not_announced_are_the_documented_ones(webs: Webs, connections: Connections) -> None:
    assert connections(Config(webs, limits={"maxUnheardOf": 5}).web.base_url).service.limits() == DOCUMENTED
    assert connections(Config(webs, limits=None).web.base_url).service.limits() == DOCUMENTED


def test_every_limit_has_its_place(webs: Webs, connections: Connections) -> None:
    announced = {
        "maxAssets": 1, "maxClientUserIds": 2, "maxSerialNumbers": 3, "maxRevokeClientUserIds": 4, "maxRevokeSerialNumbers": 5, "maxUsers": 6,
        "maxNotificationLength": 7, "maxMdmIdLength": 8, "maxMdmNameLength": 9, "maxMdmMetadataLength": 10,
    }

    assert connections(Config(webs, limits=announced).web.base_url).service.limits() == Limits(
        assets=1, client_user_ids=2, serial_numbers=3, revoke_client_user_ids=4, revoke_serial_numbers=5, users=6,
        notification_length=7, mdm_id_length=8, mdm_name_length=9, mdm_metadata_length=10,
    )


@pytest.mark.parametrize("nonsense", [0, -1, "25", None, 2.5, []])
def test_a_limit_that_makes_no_sense_is_the_documented_one(webs: Webs, connections: Connections, nonsense: Any) -> None:
    assert connections(Config(webs, limits={"maxAssets": nonsense}).web.base_url).service.limits() == DOCUMENTED


@pytest.mark.parametrize("limits, number", [({}, 15), ({"maxRequestPerSecond": 0}, 15), ({"maxRequestPerSecond": 3}, 3), ({"maxRequestPerSecond": 100}, 100)])
def test_the_rate_is_the_announced_one_or_fifteen(webs: Webs, connections: Connections, limits: Dict[str, int], number: int) -> None:
    connection = connections(Config(webs, limits=limits).web.base_url)
    connection.service.limits()
    start = connection.clock.now
    departures: List[float] = []
    for dummy in range(3 * number + 1):
        connection.transport.pacing.wait_for_turn()
        departures.append(connection.clock.now)

    assert max(sum(1 for other in departures if moment <= other < moment + 1) for moment in departures) <= number
    assert departures[-1] - start < 4, "and not much slower"


def test_the_simulators_rate_is_kept(simulator: SimulatorHandle, connection: Connection) -> None:
    simulator.behaviour(max_requests_per_second=2)
    connection.service.limits()
    start = connection.clock.now
    for dummy in range(5):
        connection.transport.pacing.wait_for_turn()

    assert connection.clock.now - start >= 2


def test_calls_go_where_the_service_says(webs: Webs, connections: Connections) -> None:
    config = Config(webs)
    config.answer["urls"] = {"getAssets": config.web.origin + "/mdm/v7/things"}

    connections(config.web.base_url).service.assets()

    assert [seen.path for seen in config.web.seen] == ["/mdm/v2/service/config", "/mdm/v7/things"]


@pytest.mark.parametrize(
    "url",
    [
        "https://127.0.0.1/mdm/v2/assets",
        "http://evil.example.test/mdm/v2/assets",
        "http://127.0.0.1:1/mdm/v2/assets",
        "//evil.example.test/assets",
        "/assets",
        "assets",
        "",
        "http://[::1",
        "http://127.0.0.1:port/",
        5,
        None,
        ["x"],
    ],
)
def test_addresses_of_other_hosts_are_not_followed(webs: Webs, connections: Connections, url: Any) -> None:
    """The token is a full credential."""
    config = Config(webs, urls={"getAssets": url})

    connections(config.web.base_url).service.assets()

    assert [seen.path for seen in config.web.seen] == ["/mdm/v2/service/config", "/mdm/v2/assets"]


@pytest.mark.parametrize("urls", [None, [], "x", {}])
def test_without_addresses_the_documented_ones_are_used(webs: Webs, connections: Connections, urls: Any) -> None:
    config = Config(webs, urls=urls)
    connection = connections(config.web.base_url)
    connection.service.assets()

    assert config.web.paths()[-1] == "GET assets"
    assert connection.service.config.invitation_url("code") is None


def test_the_invitation_is_filled_in(webs: Webs, connections: Connections) -> None:
    connection = connections(Config(webs, urls={"invitationEmail": INVITATION}).web.base_url)

    assert connection.service.config.invitation_url("0123abc") == "https://buy.example.test/associate?inviteCode=0123abc&mt=8"
    assert connection.service.config.invitation_url("a/b&c=d e") == "https://buy.example.test/associate?inviteCode=a%2Fb%26c%3Dd%20e&mt=8"


def test_a_refused_reading_is_tried_again_the_next_time(webs: Webs, connections: Connections) -> None:
    config = Config(webs)
    connection = connections(config.web.base_url, retry_budget=0)
    reply, config.web.answer = config.web.answer, lambda seen: Answer({"errorNumber": 9634, "errorMessage": "gone"}, status=410)
    with pytest.raises(Exception, match="gone"):
        connection.service.limits()
    config.web.answer = reply

    assert connection.service.limits() == DOCUMENTED


class Store:
    """Keeps an answer in memory, as old as the test says."""

    def __init__(self, age: float) -> None:
        self.age = age
        self.answer: Dict[str, Any] = {}

    def load_service_config(self) -> Any:
        return (self.answer, self.age) if self.answer else None

    def save_service_config(self, answer: Dict[str, Any]) -> None:
        self.answer = answer


@pytest.mark.parametrize("age, readings", [(0.0, 1), (299.0, 1), (300.0, 2), (-1.0, 2)])
def test_the_task_before_leaves_it_for_five_minutes(webs: Webs, connections: Connections, age: float, readings: int) -> None:
    config = Config(webs, limits={"maxAssets": 7, "maxRequestPerSecond": 3})
    store = Store(age)
    for dummy in range(2):
        connection = connections(config.web.base_url)
        limits = ServiceConfig(connection.transport, connection.clock, store).limits()
        assert limits.assets == 7

    assert config.readings() == readings


def test_what_was_left_is_not_good_for_longer_than_if_it_had_been_read_here(webs: Webs, connections: Connections) -> None:
    config = Config(webs)
    store = Store(200.0)
    store.answer = {"limits": {"maxAssets": 3}}
    connection = connections(config.web.base_url)
    service_config = ServiceConfig(connection.transport, connection.clock, store)
    assert (service_config.limits().assets, config.readings()) == (3, 0)

    connection.clock.now += 101
    store.age += 101

    assert (service_config.limits().assets, config.readings()) == (25, 1)
    assert store.answer["limits"] == {}
