# Copyright (c) 2026, the mdmkit.apps_books authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The benchmark at a tiny size: that it runs, counts right, and draws. Nothing is timed."""

from __future__ import annotations

import itertools
import json
import math
import pathlib
import subprocess
import sys
from xml.etree import ElementTree

import pytest

from ansible_collections.mdmkit.apps_books.tests.benchmark.__main__ import measure, write
from ansible_collections.mdmkit.apps_books.tests.benchmark.bound import bound, critical_path
from ansible_collections.mdmkit.apps_books.tests.benchmark.cost import Cost, cost_of, exponent, extrapolated
from ansible_collections.mdmkit.apps_books.tests.benchmark.families import at_least, by_signature, families, per_asset
from ansible_collections.mdmkit.apps_books.tests.benchmark.report import cells
from ansible_collections.mdmkit.apps_books.tests.benchmark.scenarios import APPS, FED_APPS, SCENARIOS, Row
from ansible_collections.mdmkit.apps_books.tests.benchmark.sizes import SERVICE, Shape, Sizes
from ansible_collections.mdmkit.apps_books.tests.benchmark.world import Broken, app, device, ended, location

SHAPE = Shape(latency=0.001, requests_per_second=None, page_size=100, event_seconds=0.0, wait_interval=0.02)
WITHOUT_PLAYBOOKS = Sizes((12, 20, 40), (), 100, (), 400, (), 200, 50)
PAGES = APPS * 40 // SHAPE.page_size


def rows_of(scenario: str) -> dict[tuple[str, str], Row]:
    rows = measure([scenario], SHAPE, WITHOUT_PLAYBOOKS)
    found = {(row.task, row.way): row for row in rows}
    assert len(found) == len(rows)
    return found


def requests_of(rows: dict[tuple[str, str], Row], way: str) -> list[tuple[int | None, int]]:
    return [(row.reads, row.writes) for row in rows.values() if row.way == way]


def test_full_read() -> None:
    rows = rows_of("full_read")
    assert requests_of(rows, "script") == [(3, 0), (5, 0), (10, 0)]
    for pages, (reads, writes) in zip((3, 5, 10), requests_of(rows, "vpp_assignment_info")):
        assert pages < reads <= pages + 2 and writes == 0


def test_drift() -> None:
    rows = rows_of("drift")
    [plain], [script] = requests_of(rows, "vpp_asset_assignment"), requests_of(rows, "script")
    assert plain[0] <= PAGES + 4 and script == (APPS, 0)
    [with_snapshot] = requests_of(rows, "the same, with snapshot")
    assert with_snapshot[0] <= 5 and with_snapshot[1] == 0


def test_one_device() -> None:
    rows = rows_of("one_device")
    costs = [row.cost for row in rows.values() if row.cost]
    assert [cost.writes for cost in costs] == [1, 1, 1]
    assert costs[0].reads_before <= 4


def test_many_pairs() -> None:
    rows = rows_of("many_pairs")
    assert [writes for dummy, writes in requests_of(rows, "vpp_asset_assignment")] == [1]
    assert requests_of(rows, "script") == [(2 * APPS, APPS)]


def test_batching() -> None:
    rows = list(itertools.islice(SCENARIOS["batching"](SHAPE, WITHOUT_PLAYBOOKS), 8))
    for ours, one_by_one, alike, fewest in zip(*(rows[way::4] for way in range(4))):
        assert fewest.writes <= ours.writes <= min(one_by_one.writes, alike.writes), ours.task


def test_changed_users() -> None:
    rows = rows_of("changed_users")
    pages = WITHOUT_PLAYBOOKS.users // SHAPE.page_size
    assert requests_of(rows, "script") == [(pages + 3, 3)]
    assert [writes for dummy, writes in requests_of(rows, "vpp_user")] == [3]


def test_feeding() -> None:
    rows = rows_of("feeding")
    users = math.ceil(WITHOUT_PLAYBOOKS.fed / 100)
    assert [writes for dummy, writes in requests_of(rows, "play of two tasks")] == [users + 1, 0]
    assert [writes for dummy, writes in requests_of(rows, "script")] == [users + FED_APPS, 0]


def test_every_scenario_has_a_test() -> None:
    assert set(SCENARIOS) == {name[len("test_") :] for name in globals() if name.startswith("test_")} & set(SCENARIOS)


def test_playbooks_give_apps_and_read_them() -> None:
    with location(SHAPE, generate={"assets": 1, "users": 0, "devices": 130, "assigned": 0.0}) as place:
        devices = place.file("devices.txt", map(device, range(130)))
        given = place.playbook("assign.yml", apps=[app(0)], devices_file=devices)
        assert place.held() == {app(0): 130}
        read = place.playbook("read.yml", expected=130)
    assert [(cost.reads, cost.writes, cost.refused) for cost in (given, read)] == [(2, 1, 0), (2, 0, 0)]


def test_a_playbook_changes_users() -> None:
    with location(SHAPE, generate={"assets": 0, "users": 120, "devices": 0, "assigned": 0.0}) as place:
        wanted = [{"clientUserId": f"u-{number:06}", "email": f"{'new' if number == 1 else f'u-{number:06}'}@example.test"} for number in range(1, 120)]
        wanted.append({"clientUserId": "n-1", "email": "n-1@example.test"})
        cost = place.playbook("users.yml", users_file=place.file("users.json", [json.dumps(wanted)]))
        users = place.simulator.state(parts=["users"])["users"]
    assert (cost.reads, cost.writes) == (2 + 3, 3)
    assert {(user["clientUserId"], user["email"]) for user in users if user["status"] != "Retired"} == {tuple(record.values()) for record in wanted}


def test_what_fails_ends_the_benchmark_and_says_why() -> None:
    with location(SHAPE) as place:
        with pytest.raises(Broken, match="no-such-file"):
            place.script("assign", "no-such-file")


def test_an_interruption_leaves_no_process() -> None:
    process = subprocess.Popen([sys.executable, "-c", "import signal; signal.pause()"], start_new_session=True, text=True)
    with pytest.raises(KeyboardInterrupt), ended(process):
        raise KeyboardInterrupt
    assert process.returncode is not None


COST = Cost(reads=21, writes=0, reads_before=21, wall=2.0, cpu=1.0, memory=40.0, refused=0, path=0.5, served=1.5)


def test_the_page_the_figures_and_the_plot(tmp_path: pathlib.Path) -> None:
    rows = [Row("full_read", f"read {size:,}", "vpp_assignment_info", size, 21, 0, 1.4, COST._replace(wall=size / 1000), "") for size in (1000, 2000, 4000)]
    rows.append(Row("full_read", "read 4,000", "uri playbook", 4000, 21, 0, 1.4, COST, "extrapolated from 100 and 200 assignments"))
    rows.append(Row("drift", "check", "script", 4000, 21, 0, 1.4, COST))
    rows.append(Row("batching", "all", "vpp_asset_assignment", 4000, 5, 2, 1.4, COST))
    rows.append(Row("batching", "all", "no fewer than", 4000, None, 1, None, None, "counted"))
    write(rows, SERVICE, tmp_path)
    figures = json.loads((tmp_path / "benchmark.json").read_text())
    assert [row["extrapolated"] for row in figures["rows"]] == [False] * 3 + [True] + [False] * 3
    assert figures["growth"] == [{"way": "vpp_assignment_info", "wall": pytest.approx(1.0), "memory": pytest.approx(0.0)}]
    page = (tmp_path / "benchmark.md").read_text()
    assert [page.count(f"| {row.task} | {row.way} |") for row in rows] == [1] * len(rows)
    drawn = " ".join(ElementTree.parse(tmp_path / "benchmark.svg").getroot().itertext())
    assert "wall time, seconds" in drawn and "hollow: extrapolated" in drawn


def test_calculated_figures_are_marked() -> None:
    measured = Row("full_read", "read", "script", 10, 21, 0, 1.4, COST)
    assert cells(measured)[2:9] == ("21", "0", "2.0", "1.4", "1.43", "1.0", "40")
    assert all(figure.startswith("≈") for figure in cells(measured._replace(note="extrapolated from 1 and 2 apps"))[2:9])


def request(method: str, path: str, **query: str) -> dict[str, object]:
    return {"method": method, "path": path, "query": query, "status": 200, "time": 0.0, "seconds": 0.1}


READ_AND_WRITE = [
    request("GET", "/service/config"),
    request("GET", "/assets", pageIndex="0"),
    *(request("GET", "/assignments", pageIndex=str(index)) for index in range(12)),
    request("POST", "/assets/associate"),
    request("POST", "/assets/associate"),
    *(request("GET", "/status", eventId=event_id) for event_id in ("one", "two", "one")),
]


@pytest.mark.parametrize(
    "count, rounds, event_seconds",
    [(1, 1, 0.0), (2, 2, 0.0), (3, 3, 0.0), (8, 4, 0.0), (9, 5, 0.0), (14, 6, 0.0), (16, 8, 0.0), (19, 9, 0.0), (16, 8, 9.0), (19, 9 + 89, 9.0)],
)
def test_critical_path(count: int, rounds: int, event_seconds: float) -> None:
    path = critical_path(READ_AND_WRITE[:count], SHAPE._replace(latency=0.1, event_seconds=event_seconds))
    assert path == pytest.approx(rounds * 0.1)


def test_the_bound_is_the_larger_of_both() -> None:
    assert bound(30, 1.5, SERVICE) == 2.0
    assert bound(30, 2.5, SERVICE) == 2.5
    assert bound(30, 0.03, SHAPE) == 0.03


def test_cost() -> None:
    cost = cost_of(3.0, 0.5, 40.0, [{**entry, "time": number * 0.05} for number, entry in enumerate(READ_AND_WRITE)], SHAPE)
    assert cost[:3] == (17, 2, 14)
    # Nineteen requests of a tenth of a second, each half way into the one before.
    assert cost.served == pytest.approx(1.0)
    assert cost.own_time == pytest.approx(2.0)
    assert cost._replace(cpu=2.5).own_time == 2.5


def test_extrapolation_is_a_straight_line() -> None:
    far = extrapolated([(10, COST), (20, COST._replace(reads=41, wall=3.5))], 100)
    assert far == COST._replace(reads=201, wall=15.5)
    assert isinstance(far.reads, int)


def test_exponent() -> None:
    assert exponent([10, 100, 1000], [5, 50, 500]) == pytest.approx(1.0)
    assert exponent([10, 100, 1000], [5, 5, 5]) == pytest.approx(0.0)
    assert exponent([1, 2, 4], [3, 12, 48]) == pytest.approx(2.0)


def test_families_are_the_reference() -> None:
    """The counts that the reference tells of its instances: any other order of drawing would give others."""
    counts = [(per_asset(family.missing), by_signature(family.missing), at_least(family.missing)) for family in families()]
    assert counts == [(250, 10, 10), (250, 1424, 10), (65, 4000, 3), (401, 421, 16), (40, 40, 1), (200, 20, 3)]


def test_an_unknown_scenario_is_named() -> None:
    command = [sys.executable, "-m", "ansible_collections.mdmkit.apps_books.tests.benchmark", "--only", "full_read,no_such"]
    refused = subprocess.run(command, capture_output=True, text=True, check=False)
    assert refused.returncode == 2 and "no_such" in refused.stderr
