# Copyright (c) 2026, the mdmkit.apps_books authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Random writes, drift and switches against a location; what must always hold is checked after every step."""

from __future__ import annotations

import contextlib
from collections import Counter
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test
from vpp_simulator.testing import ControlError, SimulatorHandle, content_token

TOKEN = content_token("stateful-location-token")
APP, PAID, BOOK, FREE = "1", "2", "3", "4"
SEED = {
    "behaviour": {"max_requests_per_second": 0, "event_seconds": 0, "page_size": 4},
    "locations": [
        {
            "name": "one",
            "content_token": TOKEN,
            "assets": [
                {"adamId": APP, "totalCount": 4},
                {"adamId": PAID, "totalCount": 2, "deviceAssignable": False},
                {"adamId": BOOK, "productType": "Book", "totalCount": 3},
                {"adamId": FREE, "totalCount": 2147483647},
            ],
        }
    ],
}

adam_ids = st.lists(st.sampled_from([APP, PAID, BOOK, FREE, "99"]), min_size=1, max_size=3, unique=True)
user_ids = st.lists(st.sampled_from(["a", "b", "c", "d"]), max_size=3, unique=True)
serial_numbers = st.lists(st.sampled_from(["S1", "S2", "S3", "S4"]), max_size=3, unique=True)


class Location(RuleBasedStateMachine):
    """One location, with a client that remembers only what it was told."""

    simulator: SimulatorHandle

    @initialize()
    def start(self) -> None:
        self.simulator.reset(SEED)
        self.api = self.simulator.api(TOKEN)
        self.accepted: list[str] = []
        self._look()

    def _look(self) -> None:
        self.seen_at: str = self.api.get("/assignments").json["versionId"]
        self.seen_pairs = {tuple(record.values()) for record in self.api.listed("/assignments")}

    def _send(self, path: str, body: dict[str, Any]) -> None:
        answer = self.api.post(path, body)
        assert answer.status in (200, 400)
        if answer.status == 200:
            self.accepted.append(answer.json["eventId"])

    @rule(names=user_ids, accounts=st.booleans())
    def create(self, names: list[str], accounts: bool) -> None:
        self._send("/users/create", {"users": [{"clientUserId": name, **({"managedAppleId": f"{name}@x.test"} if accounts else {})} for name in names]})

    @rule(names=user_ids)
    def update(self, names: list[str]) -> None:
        self._send("/users/update", {"users": [{"clientUserId": name, "managedAppleId": "shared@x.test"} for name in names]})

    @rule(names=user_ids)
    def retire(self, names: list[str]) -> None:
        self._send("/users/retire", {"users": [{"clientUserId": name} for name in names]})

    @rule(assets=adam_ids, names=user_ids, serials=serial_numbers)
    def associate(self, assets: list[str], names: list[str], serials: list[str]) -> None:
        self._send("/assets/associate", {"assets": [{"adamId": asset} for asset in assets], "clientUserIds": names, "serialNumbers": serials})

    @rule(assets=adam_ids, names=user_ids, serials=serial_numbers)
    def disassociate(self, assets: list[str], names: list[str], serials: list[str]) -> None:
        self._send("/assets/disassociate", {"assets": [{"adamId": asset} for asset in assets], "clientUserIds": names, "serialNumbers": serials})

    @rule(names=user_ids, serials=serial_numbers)
    def revoke(self, names: list[str], serials: list[str]) -> None:
        self._send("/assets/revoke", {"clientUserIds": names, "serialNumbers": serials})

    @rule(adam_id=st.sampled_from([APP, PAID, BOOK]), count=st.integers(-2, 2))
    def purchase(self, adam_id: str, count: int) -> None:
        self._by_hand("purchase", {"adamId": adam_id, "count": count})

    @rule(adam_id=st.sampled_from([APP, FREE]), serial=st.sampled_from(["S1", "S9"]), call=st.sampled_from(["assign", "unassign"]))
    def drift(self, adam_id: str, serial: str, call: str) -> None:
        self._by_hand(call, {"pairs": [{"adamId": adam_id, "serialNumber": serial}]})

    def _by_hand(self, call: str, body: dict[str, Any]) -> None:
        """What is impossible right now is refused, which is right too."""
        with contextlib.suppress(ControlError):
            self.simulator.control("POST", call, body)

    @rule(
        switches=st.fixed_dictionaries(
            {},
            optional={
                "associate_existing": st.sampled_from(["noop", "fail"]),
                "disassociate_missing": st.sampled_from(["noop", "fail"]),
                "shortage": st.sampled_from(["first_come", "whole_group"]),
                "unknown_user": st.sampled_from(["async", "sync"]),
                "retire_releases": st.booleans(),
                "page_size": st.integers(1, 5),
            },
        )
    )
    def switch(self, switches: dict[str, Any]) -> None:
        self.simulator.behaviour(**switches)

    @rule()
    def reload(self) -> None:
        """The state is a seed: loading it changes nothing."""
        state, behaviour = self.simulator.state(), self.simulator.behaviour()
        self.simulator.reset({"behaviour": behaviour, "locations": [{**state, "content_token": TOKEN}]})
        again = self.simulator.state()
        assert all(again[part] == state[part] for part in ("assets", "users", "mdmInfo"))
        assert sorted(map(str, again["assignments"])) == sorted(map(str, state["assignments"]))
        self.accepted = []
        self._look()

    @invariant()
    def counts_agree_with_the_assignments(self) -> None:
        assets = {asset["adamId"]: asset for asset in self.api.listed("/assets")}
        records = Counter(record["adamId"] for record in self.api.listed("/assignments"))
        active = Counter(record["adamId"] for record in self.api.listed("/assignments", excludeInactiveUsers="true"))
        for adam_id, asset in assets.items():
            assert asset["assignedCount"] + asset["retiredCount"] == records[adam_id]
            assert asset["assignedCount"] == active[adam_id]
            assert asset["totalCount"] == asset["assignedCount"] + asset["availableCount"] + asset["retiredCount"]
            assert asset["availableCount"] >= 0
        assert not set(records) - set(assets)

    @invariant()
    def one_active_record_at_most(self) -> None:
        users = self.api.listed("/users")
        active = Counter(user["clientUserId"] for user in users if user["status"] != "Retired")
        assert all(count == 1 for count in active.values())
        assert [user for user in users if user["status"] != "Retired"] == self.api.listed("/users", activeOnly="true")
        for user in users:
            assert ("inviteCode" in user) == (user["status"] == "Registered")
            assert user["status"] != "Associated" or user["idHash"]
        attached = [user["idHash"] for user in users if user["status"] == "Associated"]
        assert len(set(attached)) == len(attached)

    @invariant()
    def device_licences_are_where_they_may_be(self) -> None:
        records = self.api.listed("/assignments")
        assert all(record["adamId"] in (APP, FREE) for record in records if "serialNumber" in record)
        keys = [(record["adamId"], record["serialNumber"]) for record in records if "serialNumber" in record]
        assert len(set(keys)) == len(keys)

    @invariant()
    def incremental_reads_tell_every_addition(self) -> None:
        pairs = {tuple(record.values()) for record in self.api.listed("/assignments")}
        told = {tuple(record.values()) for record in self.api.listed("/assignments", sinceVersionId=self.seen_at)}
        assert told <= pairs
        assert pairs - self.seen_pairs <= told
        self._look()

    @invariant()
    def events_are_done_in_order(self) -> None:
        events = self.simulator.state(parts=["events"])["events"]
        assert [event["id"] for event in events] == self.accepted
        for event in events:
            assert event["status"] == ("FAILED" if event["failures"] else "COMPLETE")
            assert event["numCompleted"] <= event["numRequested"]
            assert (event["numCompleted"] == event["numRequested"]) == (event["status"] == "COMPLETE")

    def teardown(self) -> None:
        assert self.simulator.violations() == []


def test_invariants(simulator: SimulatorHandle) -> None:
    Location.simulator = simulator
    run_state_machine_as_test(
        Location,
        settings=settings(
            max_examples=30,
            stateful_step_count=25,
            deadline=None,
            derandomize=True,
            suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
        ),
    )
