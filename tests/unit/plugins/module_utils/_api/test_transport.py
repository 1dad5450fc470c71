# Copyright (c) 2026, the mdmkit.apps_books authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What becomes of a request when the service or the network does not behave."""

from __future__ import annotations

import datetime
import socket
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Callable, Dict, List

import pytest
from ansible_collections.mdmkit.apps_books.plugins.module_utils._api import transport as transport_module
from ansible_collections.mdmkit.apps_books.plugins.module_utils._api.errors import AnswerLost, ConnectionFailed, GaveUpRetrying, ServiceError
from ansible_collections.mdmkit.apps_books.plugins.module_utils._api.pacing import Pacing
from ansible_collections.mdmkit.apps_books.plugins.module_utils._api.transport import COLLECTION_VERSION, PARALLEL_REQUESTS, ConnectionSettings, Transport
from ansible_collections.mdmkit.apps_books.plugins.module_utils._model import AppsBooksError
from ansible_collections.mdmkit.apps_books.tests.unit.support.connection import TOKEN, Connection
from ansible_collections.mdmkit.apps_books.tests.unit.support.web import Answer, Seen, Web, serve
from vpp_simulator.testing import SimulatorHandle, inner_token

Connections = Callable[..., Connection]
Webs = Callable[..., Web]

BODY = {"users": [{"clientUserId": "u-new"}]}
CREATE = "users/create"


def fault(method: str, path: str, times: int = 1, **action: Any) -> Dict[str, Any]:
    return {"match": {"method": method, "path": "/" + path}, "do": action, "times": times}


def sent(simulator: SimulatorHandle, path: str) -> List[Dict[str, Any]]:
    return [entry for entry in simulator.requests() if entry["path"] == "/" + path]


def assert_without_secrets(error: BaseException) -> None:
    """Neither form of the token is in any part of an error."""
    told = str(error) + repr(error) + repr(getattr(error, "details", "")) + repr(error.__cause__) + repr(error.__context__)
    assert TOKEN not in told and inner_token(TOKEN) not in told


# Reads


@pytest.mark.parametrize(
    "action, waits",
    [
        ({"status": 429}, 1 + 2),
        ({"errorNumber": 9646}, 1 + 2),
        ({"status": 429, "retry_after": 7}, 7 + 7),
        ({"status": 503}, 1 + 2),
        ({"status": 503, "retry_after": 120}, 120 + 120),
        ({"status": 503, "body": "<html>try later</html>", "retry_after": "30"}, 30 + 30),
        ({"status": 500}, 1 + 2),
        ({"status": 500, "retry_after": 20}, 20 + 20),
        ({"status": 500, "body": "Internal Server Error"}, 1 + 2),
        ({"status": 502, "body": "<html>bad gateway</html>"}, 1 + 2),
        ({"status": 504, "body": ""}, 1 + 2),
        ({"status": 200, "body": "<html>sign in to the network</html>"}, 1 + 2),
        ({"status": 200, "body": "[]"}, 1 + 2),
        ({"status": 200, "body": "{"}, 1 + 2),
        ({"drop_before": True}, 1 + 2),
        ({"drop_after": True}, 1 + 2),
    ],
    ids=str,
)
def test_a_read_is_repeated_until_it_works(simulator: SimulatorHandle, connection: Connection, action: Dict[str, Any], waits: float) -> None:
    connection.get("client/config")
    simulator.clear_requests()
    connection.clock.slept.clear()
    simulator.faults([fault("GET", "assets", times=2, **action)])

    answer = connection.get("assets", {"adamId": "1000000001"})

    assert len(answer["assets"]) == 2
    attempts = sent(simulator, "assets")
    assert [entry["query"] for entry in attempts] == [{"adamId": "1000000001"}] * 3
    assert sum(connection.clock.slept) == pytest.approx(waits, abs=0.3), "backing off, or as long as the service asked for"


def test_the_service_may_name_a_date(simulator: SimulatorHandle, connection: Connection) -> None:
    later = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(seconds=100)
    simulator.faults([fault("GET", "assets", status=503, retry_after=later.strftime("%a, %d %b %Y %H:%M:%S GMT"))])

    connection.get("assets")

    assert 90 < sum(connection.clock.slept) <= 100


def test_a_read_that_gets_no_answer_in_time_is_repeated(simulator: SimulatorHandle, connections: Connections) -> None:
    connection = connections(simulator.base_url, timeout=0.2)
    simulator.faults([fault("GET", "assets", hang_ms=600)])

    assert connection.get("assets")["assets"]
    assert len(sent(simulator, "assets")) >= 2


@pytest.mark.parametrize("number, status", [(9650, 400), (9721, 400), (9621, 401), (9625, 401), (9634, 410), (9637, 403), (9602, 400)])
def test_other_errors_are_final(simulator: SimulatorHandle, connection: Connection, number: int, status: int) -> None:
    simulator.faults([fault("GET", "assets", times=0, status=status, errorNumber=number)])

    with pytest.raises(ServiceError) as caught:
        connection.get("assets")

    assert (caught.value.number, caught.value.status) == (number, status)
    assert "GET assets" in caught.value.message
    assert len(sent(simulator, "assets")) == 1
    assert_without_secrets(caught.value)


def test_an_error_of_no_table_is_final_too(simulator: SimulatorHandle, connection: Connection) -> None:
    simulator.faults([fault("GET", "assets", times=0, status=400, body={"errorNumber": 12345, "errorMessage": "Something new."})])

    with pytest.raises(ServiceError) as caught:
        connection.get("assets")

    assert (caught.value.number, caught.value.text, caught.value.hint) == (12345, "Something new.", None)
    assert len(sent(simulator, "assets")) == 1


def test_a_final_error_without_json_is_told_by_its_text(simulator: SimulatorHandle, connection: Connection) -> None:
    simulator.faults([fault("GET", "assets", status=404, body="<html>\n  <b>not</b>   here\n</html>" + "xy " * 500)])

    with pytest.raises(ServiceError) as caught:
        connection.get("assets")

    assert (caught.value.number, caught.value.status) == (None, 404)
    assert caught.value.text.startswith("<html> <b>not</b> here </html>xy xy")
    assert len(caught.value.text) == 200


@pytest.mark.parametrize("status", [404, 500])
def test_a_long_run_of_letters_is_not_told(simulator: SimulatorHandle, connections: Connections, status: int) -> None:
    """It may be the token, and cut off nobody would recognise it."""
    simulator.faults([fault("GET", "assets", times=0, status=status, body=f"No event 4f1c2d3e-0000-4000-8000-123456789abc for {'Zm9v' * 30}, and no word")])
    connection = connections(simulator.base_url, retry_budget=0.0, conceal=lambda text: text.replace("word", "****"))

    with pytest.raises(AppsBooksError) as caught:
        connection.get("assets")

    assert "No event 4f1c2d3e-0000-4000-8000-123456789abc for (left out), and no ****" in caught.value.message


@pytest.mark.parametrize("number", [9621, 9622, 9625, 9722])
def test_an_error_is_known_by_its_number_whatever_the_status(simulator: SimulatorHandle, connection: Connection, number: int) -> None:
    simulator.faults([fault("GET", "assets", status=200, errorNumber=number)])

    with pytest.raises(ServiceError) as caught:
        connection.get("assets")

    assert (caught.value.number, caught.value.status) == (number, 200)


@pytest.mark.parametrize("number", [9646, 9729, 9603])
def test_a_passing_error_is_known_by_its_number_whatever_the_status(simulator: SimulatorHandle, connection: Connection, number: int) -> None:
    simulator.faults([fault("GET", "assets", times=2, status=200, errorNumber=number)])

    assert connection.get("assets")["assets"]
    assert len(sent(simulator, "assets")) == 3


def test_every_mistake_with_the_token_is_told_by_its_number(simulator: SimulatorHandle, connections: Connections) -> None:
    with pytest.raises(ServiceError) as caught:
        connections(simulator.base_url, content_token=inner_token(TOKEN)).get("assets")
    assert caught.value.number == 9622
    simulator.behaviour(errors_as_200=True)
    simulator.retire_token("expired")
    with pytest.raises(ServiceError) as caught:
        connections(simulator.base_url).get("assets")
    assert (caught.value.number, caught.value.status) == (9621, 200)
    assert_without_secrets(caught.value)


# Writes


@pytest.mark.parametrize(
    "action",
    [
        {"status": 429},
        {"errorNumber": 9646},
        {"status": 503},
        {"errorNumber": 9729},
        {"status": 503, "body": "later"},
        {"status": 200, "errorNumber": 9646},
    ],
    ids=str,
)
def test_a_write_that_was_surely_refused_is_repeated(simulator: SimulatorHandle, connection: Connection, action: Dict[str, Any]) -> None:
    simulator.faults([fault("POST", CREATE, times=2, **action)])

    assert connection.post(CREATE, BODY)["eventId"]

    attempts = sent(simulator, CREATE)
    assert [entry["body"] for entry in attempts] == [BODY] * 3
    assert [entry["accepted"] for entry in attempts] == [False, False, True]


@pytest.mark.parametrize(
    "action, accepted",
    [
        ({"status": 500}, False),
        ({"status": 500, "body": "Internal Server Error"}, False),
        ({"errorNumber": 9603}, False),
        ({"status": 200, "errorNumber": 9603}, False),
        ({"status": 502, "body": "bad gateway"}, False),
        ({"status": 504, "body": ""}, False),
        ({"status": 200, "body": "<html>"}, False),
        ({"drop_before": True}, False),
        ({"drop_after": True}, True),
    ],
    ids=str,
)
def test_a_write_whose_answer_is_lost_is_never_repeated(simulator: SimulatorHandle, connection: Connection, action: Dict[str, Any], accepted: bool) -> None:
    connection.get("client/config")
    simulator.faults([fault("POST", CREATE, times=0, **action)])

    with pytest.raises(AnswerLost) as caught:
        connection.post(CREATE, BODY)

    (entry,) = sent(simulator, CREATE)
    assert entry["accepted"] is accepted
    assert f"POST {CREATE} was lost" in caught.value.message
    assert_without_secrets(caught.value)


def test_a_write_that_gets_no_answer_in_time_is_never_repeated(simulator: SimulatorHandle, connections: Connections) -> None:
    connection = connections(simulator.base_url, timeout=0.2)
    simulator.faults([fault("POST", CREATE, times=0, hang_ms=500)])

    with pytest.raises(AnswerLost, match=r"was lost \(no answer within 0.2 s\)"):
        connection.post(CREATE, BODY)

    deadline = time.monotonic() + 10
    while not sent(simulator, CREATE)[0]["accepted"] and time.monotonic() < deadline:
        time.sleep(0.05)
    (entry,) = sent(simulator, CREATE)
    assert entry["accepted"], "the service had it all the time"


@pytest.mark.parametrize("number", [9602, 9700, 9707, 9714, 9717])
def test_a_write_that_was_refused_for_good_is_told(simulator: SimulatorHandle, connection: Connection, number: int) -> None:
    simulator.faults([fault("POST", CREATE, times=0, errorNumber=number)])

    with pytest.raises(ServiceError) as caught:
        connection.post(CREATE, BODY)

    assert caught.value.number == number
    assert len(sent(simulator, CREATE)) == 1


def test_an_answer_cut_short_is_lost(webs: Webs, connections: Connections) -> None:
    """The headers promised more than came."""
    web = webs(lambda seen: Answer({"eventId": "1"}, length=1000) if seen.method == "POST" or len(web.seen) < 3 else Answer({"fine": True}))
    connection = connections(web.base_url)

    assert connection.get("assets") == {"fine": True}
    with pytest.raises(AnswerLost):
        connection.post(CREATE, BODY)
    assert web.paths() == ["GET assets"] * 3 + ["POST users/create"]


# The retry budget


def test_when_the_budget_is_used_up_the_last_refusal_is_told(simulator: SimulatorHandle, connections: Connections) -> None:
    connection = connections(simulator.base_url, retry_budget=10)
    simulator.faults([fault("GET", "assets", times=0, status=429)])

    with pytest.raises(GaveUpRetrying) as caught:
        connection.get("assets")

    assert len(sent(simulator, "assets")) == 4, "after pauses of 1, 2 and 4 seconds one of 8 would be too much"
    assert sum(connection.clock.slept) == pytest.approx(7, abs=0.3)
    assert caught.value.message.startswith(
        "GET assets did not succeed within the retry budget of 10 s (4 tries). The last one: error 9646, HTTP 429: There are too many requests"
    )
    assert caught.value.hint == "Run again later, or raise retry_budget."
    assert caught.value.details == {"error_number": 9646, "retryable": True}
    assert_without_secrets(caught.value)


def test_a_wait_that_is_longer_than_the_budget_is_not_begun(simulator: SimulatorHandle, connections: Connections) -> None:
    connection = connections(simulator.base_url, retry_budget=100)
    simulator.faults([fault("POST", CREATE, times=0, status=503, retry_after=120)])

    with pytest.raises(GaveUpRetrying) as caught:
        connection.post(CREATE, BODY)

    assert len(sent(simulator, CREATE)) == 1
    assert sum(connection.clock.slept) < 1
    assert caught.value.hint == "Apple asks to wait 120 s. Run again later, or raise retry_budget."


def test_one_budget_for_all_requests_of_a_task(simulator: SimulatorHandle, connections: Connections) -> None:
    connection = connections(simulator.base_url, retry_budget=10)
    simulator.faults([fault("GET", "assets", times=3, status=429), fault("GET", "users", times=0, status=429)])
    connection.get("assets")

    with pytest.raises(GaveUpRetrying, match=r"GET users did not succeed within the retry budget of 10 s \(3 tries\)"):
        connection.get("users")


def test_refusals_of_parallel_requests_are_waited_for_together(webs: Webs) -> None:
    """Each of five is told to wait for a real second: that is about one of the budget, not five."""
    together = threading.Barrier(5)

    def answer(seen: Seen) -> Answer:
        if len(web.seen) <= 5:
            together.wait(10)
            return Answer({}, status=503, headers={"Retry-After": "1"})
        return Answer({"fine": True})

    web = webs(answer)
    transport = Transport(ConnectionSettings(web.base_url, TOKEN), Pacing(3, uniform=lambda low, high: low))
    transport.pacing.set_requests_per_second(1000)
    before = time.monotonic()
    with ThreadPoolExecutor(5) as pool:
        answers = list(pool.map(lambda dummy: transport.get(web.base_url + "/assets"), range(5)))
    transport.close()

    assert answers == [{"fine": True}] * 5
    assert len(web.seen) == 10
    assert time.monotonic() - before >= 1


# No connection


def closed_port() -> str:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{taken.getsockname()[1]}/mdm/v2"


@pytest.mark.parametrize("method", ["get", "post"])
def test_an_address_where_nobody_listens_is_given_up_after_three_tries(connections: Connections, method: str) -> None:
    base_url = closed_port()
    connection = connections(base_url, retry_budget=100000)

    with pytest.raises(ConnectionFailed) as caught:
        connection.get("assets") if method == "get" else connection.post(CREATE, BODY)

    assert connection.transport.sent[method.upper()] == 3
    assert sum(connection.clock.slept) < 5
    assert caught.value.message.startswith(f"No connection to {base_url}: ")
    assert "refused" in caught.value.message and "0x" not in caught.value.message
    assert caught.value.hint == "Check base_url, the proxy settings and the network."
    assert_without_secrets(caught.value)


def test_a_name_that_does_not_exist_is_told(connections: Connections) -> None:
    with pytest.raises(ConnectionFailed) as caught:
        connections("https://vpp.invalid/mdm/v2").get("assets")
    assert caught.value.message.startswith("No connection to https://vpp.invalid/mdm/v2: ")
    assert "0x" not in caught.value.message


@pytest.mark.parametrize("method", ["get", "post"])
def test_a_service_that_answered_before_is_waited_for(connections: Connections, method: str) -> None:
    """It restarts, perhaps; and what was never sent is sent again, a write too."""
    with serve(lambda seen: Answer({"fine": True}, headers={"Connection": "close"})) as web:
        connection = connections(web.base_url, retry_budget=20)
        connection.get("assets")
    connection.transport.sent.clear()

    with pytest.raises(GaveUpRetrying) as caught:
        connection.get("assets") if method == "get" else connection.post(CREATE, BODY)

    assert connection.transport.sent[method.upper()] == 5
    assert "refused" in caught.value.message


# Redirects


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_redirect_to_another_host_is_refused_and_the_bearer_stays(webs: Webs, connections: Connections, method: str, status: int) -> None:
    elsewhere = webs(lambda seen: Answer({"eventId": "stolen"}))
    web = webs(lambda seen: Answer(status=status, headers={"Location": elsewhere.base_url + "/assets"}))
    connection = connections(web.base_url)

    with pytest.raises(ConnectionFailed) as caught:
        connection.get("assets") if method == "GET" else connection.post("assets", BODY)

    assert elsewhere.seen == []
    assert len(web.seen) == 1
    assert caught.value.message == f"assets redirects to another host, {elsewhere.origin.partition('//')[2]}; refused."
    assert_without_secrets(caught.value)


@pytest.mark.parametrize(
    "location",
    [
        "https://{host}/mdm/v2/assets",
        "http://localhost:{port}/mdm/v2/assets",
        "http://127.0.0.1/mdm/v2/assets",
        "//evil.example.test/",
        "http://evil.example.test@{host}x/",
    ],
)
def test_another_scheme_name_or_port_is_another_host(webs: Webs, connections: Connections, location: str) -> None:
    web = webs(lambda seen: Answer(status=307, headers={"Location": location.format(host=host, port=host.partition(":")[2])}))
    host = web.origin.partition("//")[2]

    with pytest.raises(ConnectionFailed):
        connections(web.base_url).get("assets")
    assert len(web.seen) == 1


@pytest.mark.parametrize("location", ["http://[::1", "http://127.0.0.1:99999/", "http://127.0.0.1:port/"])
def test_an_address_that_is_none_is_another_host(webs: Webs, connections: Connections, location: str) -> None:
    web = webs(lambda seen: Answer(status=307, headers={"Location": location}))

    with pytest.raises(AppsBooksError):
        connections(web.base_url).get("assets")


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@pytest.mark.parametrize("absolute", [True, False])
def test_a_read_follows_within_the_host(webs: Webs, connections: Connections, status: int, absolute: bool) -> None:
    def answer(seen: Seen) -> Answer:
        if seen.path == "/mdm/v2/assets":
            return Answer(status=status, headers={"Location": (web.origin if absolute else "") + "/mdm/v3/things?a=b"})
        return Answer({"path": seen.path, "query": seen.query, "authorization": seen.headers["Authorization"]})

    web = webs(answer)

    assert connections(web.base_url).get("assets", {"pageIndex": "1"}) == {"path": "/mdm/v3/things", "query": {"a": "b"}, "authorization": "Bearer " + TOKEN}


@pytest.mark.parametrize("status", [307, 308])
def test_a_write_follows_only_where_it_stays_a_write(webs: Webs, connections: Connections, status: int) -> None:
    web = webs(
        lambda seen: Answer({"body": seen.body, "method": seen.method}) if seen.path == "/there" else Answer(status=status, headers={"Location": "/there"})
    )

    assert connections(web.base_url).post(CREATE, BODY) == {"body": BODY, "method": "POST"}


@pytest.mark.parametrize("status", [301, 302, 303])
def test_a_write_that_would_become_a_read_is_refused(webs: Webs, connections: Connections, status: int) -> None:
    web = webs(lambda seen: Answer(status=status, headers={"Location": "/there"}))

    with pytest.raises(ConnectionFailed, match=f"POST {CREATE} was redirected with HTTP {status}, which would turn it into a read"):
        connections(web.base_url).post(CREATE, BODY)
    assert web.paths() == [f"POST {CREATE}"]


def test_a_circle_of_redirects_ends(webs: Webs, connections: Connections) -> None:
    web = webs(lambda seen: Answer(status=302, headers={"Location": seen.path}))

    with pytest.raises(ConnectionFailed, match="assets redirects without end"):
        connections(web.base_url).get("assets")
    assert len(web.seen) < 10


def test_a_redirect_to_nowhere_is_an_error(webs: Webs, connections: Connections) -> None:
    with pytest.raises(ServiceError, match="HTTP 302"):
        connections(webs(lambda seen: Answer(b"", status=302)).base_url).get("assets")


# What is sent


def test_what_a_read_carries(webs: Webs, connections: Connections) -> None:
    web = webs(lambda seen: Answer({"fine": True}))
    connections(web.base_url + "/").get("assets", {"adamId": "1", "clientUserId": "a&b=c d/\u00fc+"})

    (seen,) = web.seen
    assert (seen.method, seen.path, seen.query, seen.body) == ("GET", "/mdm/v2/assets", {"adamId": "1", "clientUserId": "a&b=c d/\u00fc+"}, None)
    assert seen.headers["Authorization"] == "Bearer " + TOKEN
    assert seen.headers["User-Agent"] == "mdmkit.apps_books/" + COLLECTION_VERSION
    assert seen.headers["Accept"] == "application/json"
    assert "Content-Type" not in seen.headers and "Cookie" not in seen.headers


def test_what_a_write_carries(webs: Webs, connections: Connections) -> None:
    web = webs(lambda seen: Answer({"fine": True}))
    connections(web.base_url, user_agent="something else").post(CREATE, {"users": [{"clientUserId": "\u00fc\U0001f34e"}]})

    (seen,) = web.seen
    assert (seen.method, seen.path, seen.query, seen.body) == ("POST", "/mdm/v2/users/create", {}, {"users": [{"clientUserId": "\u00fc\U0001f34e"}]})
    assert seen.headers["Content-Type"] == "application/json"
    assert seen.headers["User-Agent"] == "something else"


def test_the_token_is_left_out_where_it_is_not_needed(webs: Webs, connections: Connections) -> None:
    web = webs(lambda seen: Answer({"fine": True}))
    connection = connections(web.base_url)

    connection.transport.get(connection.url("service/config"), authorized=False)

    assert "Authorization" not in web.seen[0].headers


def test_cookies_are_sent_back_to_nobody_else(webs: Webs, connections: Connections) -> None:
    web = webs(lambda seen: Answer({"fine": True}, headers={"Set-Cookie": "a=b; Path=/"}))
    other = webs(lambda seen: Answer({"fine": True}))
    connection = connections(web.base_url)
    connection.get("assets")
    connections(other.base_url).get("assets")

    assert "Cookie" not in other.seen[0].headers


def test_a_connection_is_kept_and_used_again(webs: Webs, connections: Connections) -> None:
    web = webs(lambda seen: Answer({"fine": True}))
    connection = connections(web.base_url)
    for number in range(30):
        connection.get("assets")
        connection.post(CREATE, {"number": number})

    assert (len(web.seen), web.connections) == (60, 1)


def test_errors_keep_the_connection_too(webs: Webs, connections: Connections) -> None:
    web = webs(lambda seen: Answer({"errorNumber": 9602, "errorMessage": "no"}, status=400) if len(web.seen) % 2 else Answer({"fine": True}))
    connection = connections(web.base_url)
    for dummy in range(10):
        try:
            connection.get("assets")
        except ServiceError:
            pass

    assert web.connections == 1


def test_five_threads_need_five_connections(webs: Webs, connections: Connections) -> None:
    web = webs(lambda seen: time.sleep(0.01) or Answer({"fine": True}))
    connection = connections(web.base_url)
    with ThreadPoolExecutor(PARALLEL_REQUESTS) as pool:
        list(pool.map(lambda dummy: connection.get("assets"), range(60)))

    assert web.connections <= 5
    assert len(web.seen) == connection.transport.sent["GET"] == 60


def test_closing_lets_go_of_the_connections(webs: Webs, connections: Connections) -> None:
    web = webs(lambda seen: Answer({"fine": True}))
    connection = connections(web.base_url)
    connection.get("assets")
    connection.transport.close()
    connection.get("assets")

    assert web.connections == 2


def test_every_request_is_counted_the_repeated_ones_too(simulator: SimulatorHandle, connection: Connection) -> None:
    simulator.faults([fault("GET", "assets", times=2, status=429), fault("POST", CREATE, status=503)])
    connection.get("assets")
    connection.post(CREATE, BODY)

    assert dict(connection.transport.sent) == {"GET": 3, "POST": 2}
    assert len(simulator.requests()) == 5


def test_requests_leave_no_faster_than_the_rate(simulator: SimulatorHandle) -> None:
    """With real seconds, against a service that counts them and is more generous than it says, since its clock is not ours."""
    simulator.behaviour(limits={"maxRequestPerSecond": 15}, max_requests_per_second=25)
    transport = Transport(ConnectionSettings(simulator.base_url, TOKEN), Pacing(0))
    before = time.monotonic()
    with ThreadPoolExecutor(5) as pool:
        list(pool.map(lambda dummy: transport.get(simulator.base_url + "/assets"), range(31)))
    transport.close()

    assert [entry["status"] for entry in simulator.requests()] == [200] * 31
    assert time.monotonic() - before >= 2.0


@pytest.mark.parametrize("url, same", [("/x", True), (":{port}/other?x=y", True), (":1/mdm/v2", False)])
def test_what_is_the_same_origin(webs: Webs, connections: Connections, url: str, same: bool) -> None:
    web = webs(lambda seen: Answer({}))
    port = web.origin.rpartition(":")[2]
    url = web.origin + url if url.startswith("/") else "http://127.0.0.1" + url.format(port=port)

    assert connections(web.base_url).transport.same_origin(url) is same


def test_a_default_port_need_not_be_named(connections: Connections) -> None:
    transport = connections("https://VPP.example.test/mdm/v2").transport

    assert connections("http://127.0.0.1/mdm/v2").transport.same_origin("http://127.0.0.1:80/other")
    assert transport.same_origin("https://vpp.example.test:443/other")
    assert not transport.same_origin("http://vpp.example.test:443/other")
    assert not transport.same_origin("https://vpp.example.test.evil.test/")
    assert not transport.same_origin("https://[::1")
    assert not transport.same_origin("https://vpp.example.test:port/")


def python_without(module: str, *lines: str) -> str:
    """What a Python says that lacks this module."""
    script = "\n".join(("import sys", f"sys.modules[{module!r}] = None", f"import {transport_module.__name__} as transport", *lines))
    return subprocess.run([sys.executable, "-c", script], capture_output=True, check=True, text=True).stdout


def test_without_requests_the_reason_is_kept_for_a_message() -> None:
    assert "requests" in python_without("requests", "print(transport.REQUESTS_IMPORT_ERROR)")
    assert transport_module.REQUESTS_IMPORT_ERROR is None


def test_answers_are_read_without_orjson_too(webs: Webs) -> None:
    web = webs(lambda seen: Answer({"eventId": "\u00fc"}))

    told = python_without(
        "orjson",
        "from ansible_collections.mdmkit.apps_books.plugins.module_utils._api.pacing import Pacing",
        f"client = transport.Transport(transport.ConnectionSettings({web.base_url!r}, 'a-token'), Pacing(0))",
        f"print(ascii(client.get({web.base_url + '/assets'!r})))",
    )
    assert told == "{'eventId': '\\xfc'}\n"
