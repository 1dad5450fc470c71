# Copyright (c) 2026, the mdmkit.apps_books authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from decimal import Decimal
from typing import Any, Dict, List, Optional, Set

import pytest
from ansible_collections.mdmkit.apps_books.plugins.module_utils._model import UNLIMITED_COUNT, Asset, AssetRecord, ClientConfig, Limits, MdmInfo, Targets, User
from ansible_collections.mdmkit.apps_books.plugins.module_utils._plan.assignments import compare, plan_assignments
from ansible_collections.mdmkit.apps_books.plugins.module_utils._plan.client_config import plan_client_config
from ansible_collections.mdmkit.apps_books.plugins.module_utils._plan.drift import (
    Drift,
    Finding,
    Present,
    Wish,
    config_finding,
    expiry_finding,
    find_drift,
    ownership_finding,
)
from ansible_collections.mdmkit.apps_books.plugins.module_utils._plan.guards import Threshold
from ansible_collections.mdmkit.apps_books.plugins.module_utils._plan.revocation import plan_revocation
from ansible_collections.mdmkit.apps_books.plugins.module_utils._plan.users import UserWish, plan_users
from ansible_collections.mdmkit.apps_books.tests.unit.support import draw
from ansible_collections.mdmkit.apps_books.tests.unit.support.draw import DEVICES, USERS, examples, subset, wishes, worlds
from ansible_collections.mdmkit.apps_books.tests.unit.support.world import DEVICE, USER, Pair, World, as_assignments
from hypothesis import given
from hypothesis import strategies as st

ROOMY = Limits(25, 1000, 1000, 100, 100, 100, 512, 100, 100, 255)
RUN_WOULD_CHANGE = {"user_missing", "user_extra", "user_changed", "revocation_pending", "assignment_missing", "assignment_extra"}
A, B = Asset("1000000001"), Asset("1000000002")


def a_wish(**given_members: Any) -> Wish:
    nothing: Dict[str, Any] = {
        "users": None,
        "users_purge": False,
        "revoked": Targets(set(), set()),
        "assignments": None,
        "assignments_purge": "none",
        "named": Targets(set(), set()),
        "devices": frozenset(),
        "names": {},
        "title": lambda asset, target, is_device: None,
    }
    return Wish(**{**nothing, **given_members})


def kinds(drift: Drift) -> Dict[str, Finding]:
    found = {finding.kind: finding for finding in drift.findings}
    assert len(found) == len(drift.findings)
    for finding in drift.findings:
        assert len(list(finding.details())) == len(list(finding.details())) == finding.count > 0
    return found


def pairs_of(finding: Optional[Finding]) -> Set[Pair]:
    pairs = set()
    for detail in finding.details() if finding is not None else ():
        asset = Asset(detail["adam_id"], detail["pricing_param"])
        pairs.add((asset, USER, detail["client_user_id"]) if "client_user_id" in detail else (asset, DEVICE, detail["serial_number"]))
    return pairs


def ids_of(finding: Optional[Finding]) -> Set[str]:
    return {detail["client_user_id"] for detail in finding.details()} if finding is not None else set()


def present_of(world: World) -> Present:
    return Present(world.users, world.assignments(), {}, world.records())


def run(world: World, wish: Wish) -> None:
    """What the role does, part after part."""
    if wish.users is not None:
        world.carry_out(plan_users(wish.users, world.users, purge=wish.users_purge).requests(ROOMY), ROOMY)
    world.carry_out(plan_revocation(wish.revoked, world.assignments(), world.records()).plan.requests(ROOMY), ROOMY)
    if wish.assignments is not None:
        difference = compare(wish.assignments, wish.named, world.assignments(), world.records(), purge=wish.assignments_purge)
        world.carry_out(plan_assignments(difference, world.records(), lambda asset: ())[0].requests(ROOMY), ROOMY)


@pytest.mark.parametrize("purge", ["none", "assets", "targets", "location"])
@examples(60)
@given(world=worlds(), asked=wishes, listed=st.integers(0, 31), known=st.integers(0, 31), revoked=st.integers(0, 2 ** 10 - 1), users_purge=st.booleans())
def test_what_is_told_is_what_a_run_does(purge: str, world: World, asked: draw.Wish, listed: int, known: int, revoked: int, users_purge: bool) -> None:
    holders = {target for dummy, kind, target in world.pairs if kind == USER}
    world.users = {user: User(user, f"{user}@old.example", "Registered") for user in USERS if user in holders or user in subset(USERS, known)}
    wanted_users = [UserWish(user, f"{user}@{'old' if revoked >> index & 1 else 'new'}.example") for index, user in enumerate(subset(USERS, listed))]
    there_then = {user.client_user_id for user in wanted_users} | (set() if users_purge else set(world.users))
    revoked_targets = Targets(set(subset(USERS, revoked)), set(subset(DEVICES, revoked >> 5)))
    # Nobody is both revoked and given something, nor given something who will not be there.
    fitting = [
        (asset, kind, target)
        for asset, kind, target in asked.pairs
        if target not in (revoked_targets.users if kind == USER else revoked_targets.devices) and (kind == DEVICE or target in there_then)
    ]
    assignments = {**{asset: Targets(set(), set()) for asset in asked.assets}, **as_assignments(fitting)}
    named = Targets({target for dummy, kind, target in fitting if kind == USER}, {target for dummy, kind, target in fitting if kind == DEVICE})
    wish = a_wish(
        users=wanted_users,
        users_purge=users_purge,
        revoked=revoked_targets,
        assignments=assignments,
        assignments_purge=purge,
        named=named,
        devices=named.devices,
    )
    held = set(world.pairs)

    found = kinds(find_drift(wish, present_of(world)))
    run(world, wish)

    done: Dict[str, List[Any]] = {}
    for kind, what in world.done:
        done.setdefault(kind, []).append(what)
    assert ids_of(found.get("user_missing")) == set(done.get("create", ()))
    assert ids_of(found.get("user_changed")) == set(done.get("update", ()))
    assert ids_of(found.get("user_extra")) == set(done.get("retire", ()))
    assert pairs_of(found.get("revocation_pending")) == set(done.get("revoke", ()))
    assert pairs_of(found.get("assignment_missing")) == set(done.get("associate", ()))
    assert pairs_of(found.get("assignment_extra")) == set(done.get("disassociate", ()))
    assert pairs_of(found.get("assignment_unlisted")) == (held & world.pairs) - set(fitting)
    after = find_drift(wish, present_of(world))
    assert not RUN_WOULD_CHANGE & set(kinds(after))
    assert {stock.asset: stock.wanted for stock in after.stocks} == {asset: world.holders(asset) for asset in world.owned}


@examples(100)
@given(world=worlds(restricted=True, scarce=True), asked=wishes)
def test_what_cannot_be_done_is_told_apart(world: World, asked: draw.Wish) -> None:
    wish = a_wish(assignments=asked.wanted(), assignments_purge="location", named=asked.named())

    drift = find_drift(wish, present_of(world))

    found = kinds(drift)
    too_much = world.pairs - set(asked.pairs)
    irrevocable = {pair for pair in too_much if not world.owned[pair[0]].revocable}
    assert pairs_of(found.get("irrevocable_leftover")) == irrevocable
    assert pairs_of(found.get("assignment_extra")) == too_much - irrevocable
    for stock in drift.stocks:
        owned = world.owned[stock.asset]
        freed = sum(pair[0] == stock.asset for pair in too_much - irrevocable)
        free = None if owned.total is None else (world.free(stock.asset) or 0) + freed
        needed = sum(pair[0] == stock.asset for pair in set(asked.pairs) - world.pairs)
        assert stock.missing == (0 if free is None else max(0, needed - free))
        assert stock.wanted == world.holders(stock.asset) - freed + needed
        assert stock.total == owned.total and stock.assigned == world.holders(stock.asset)


def record(asset: Asset, assigned: int, available: Optional[int], total: int) -> AssetRecord:
    return AssetRecord(asset, "App", True, True, ("iOS",), assigned, available, 0, total)


def nobody_holds(*records: AssetRecord) -> Present:
    return Present({}, {}, {}, {each.asset: each for each in records})


@pytest.mark.parametrize(
    "available, total, threshold, is_low",
    [
        (9, 100, Threshold(Decimal(10), False), True),
        (10, 100, Threshold(Decimal(10), False), False),
        (9, 100, Threshold(Decimal(10), True), True),
        (10, 100, Threshold(Decimal(10), True), False),
        (0, 0, Threshold(Decimal(10), True), False),
        (0, 100, Threshold(Decimal(0), False), False),
        (UNLIMITED_COUNT, UNLIMITED_COUNT, Threshold(Decimal(100), True), False),
        (0, 100, None, False),
    ],
)
def test_a_licence_that_runs_low(available: int, total: int, threshold: Optional[Threshold], is_low: bool) -> None:
    found = kinds(find_drift(a_wish(names={A: "Number Garden"}), nobody_holds(record(A, total - available, available, total)), threshold))

    assert set(found) == ({"licence_low"} if is_low else set())
    if is_low:
        (detail,) = found["licence_low"].details()
        assert detail == {
            "adam_id": A.adam_id,
            "pricing_param": "STDQ",
            "name": "Number Garden",
            "total": total,
            "assigned": total - available,
            "available": available,
            "wanted": None,
            "missing": 0,
        }


def test_what_is_wanted_but_not_owned_is_a_shortage() -> None:
    wish = a_wish(assignments={B: Targets(set(), {"D1", "D2"})}, named=Targets(set(), {"D1", "D2"}), devices={"D1", "D2"})

    found = kinds(find_drift(wish, nobody_holds(record(A, 0, 5, 5))))

    assert set(found) == {"assignment_missing", "licence_shortage"}
    (detail,) = found["licence_shortage"].details()
    assert (detail["adam_id"], detail["total"], detail["wanted"], detail["missing"]) == (B.adam_id, 0, 2, 2)


def test_what_retired_users_still_hold_and_devices_that_no_file_names() -> None:
    present = Present(
        {}, {A: Targets(set(), {"D1", "D2"}), B: Targets(set(), {"D2"})}, {A: {"u-1"}}, {A: record(A, 3, 5, 8), B: record(B, 1, 5, 6)}
    )
    listed = Targets(set(), {"D1"})
    wish = a_wish(assignments={A: listed}, named=listed, devices=listed.devices, title=lambda asset, target, is_device: f"{target} {is_device}")

    found = kinds(find_drift(wish, present))

    assert set(found) == {"retired_user_assignment", "device_without_group", "assignment_unlisted"}
    assert list(found["device_without_group"].details()) == [{"serial_number": "D2", "assets": 2}]
    (leftover,) = found["retired_user_assignment"].details()
    assert (leftover["adam_id"], leftover["client_user_id"], leftover["title"]) == (A.adam_id, "u-1", "u-1 False")


def test_files_that_say_nothing_of_users_or_assignments_make_no_findings_of_them() -> None:
    present = Present({"u-1": User("u-1", None, "Registered")}, {A: Targets({"u-1"}, {"D1"})}, {}, {A: record(A, 2, 5, 7)})

    assert find_drift(a_wish(), present).findings == []


OURS, OTHERS = MdmInfo("ours", "Example MDM", "springfield"), MdmInfo("theirs", "Another MDM", "-")


@pytest.mark.parametrize(
    "holder, mdm_id, told",
    [
        (OURS, "ours", []),
        (OTHERS, None, []),
        (None, "", []),
        (None, "ours", [{"holder": None, "wanted": "ours"}]),
        (OTHERS, "ours", [{"holder": "Another MDM (id theirs)", "wanted": "ours"}]),
    ],
)
def test_who_holds_the_location(holder: Optional[MdmInfo], mdm_id: Optional[str], told: List[Any]) -> None:
    finding = ownership_finding(holder, mdm_id)

    assert (finding.kind, finding.count, list(finding.details())) == ("ownership", len(told), told)


def config_details(present: ClientConfig, **wanted: Any) -> List[Any]:
    finding = config_finding(plan_client_config(present, ROOMY, takeover=True, **wanted).changes())
    assert finding.kind == "client_config_changed" and finding.count == len(list(finding.details()))
    return list(finding.details())


def test_a_client_config_that_differs() -> None:
    present = ClientConfig(OURS, "https://hooks.example.org/old", "secret-1", ("ASSET_COUNT", "USER_MANAGEMENT"))

    assert config_details(present) == []
    assert config_details(present, mdm_info=OTHERS) == [], "that is told as ownership"
    assert config_details(present, mdm_info=OURS._replace(metadata="shelbyville")) == [
        {"member": "mdm_info.metadata", "before": "springfield", "after": "shelbyville"}
    ]
    details = config_details(
        present, notification_url="https://hooks.example.org/new", notification_auth_token="secret-2", notification_types=("ASSET_COUNT",)
    )
    assert "secret-" not in str(details)
    assert details[0] == {"member": "notification_url", "before": "https://hooks.example.org/old", "after": "https://hooks.example.org/new"}
    assert details[2] == {"member": "notification_types", "before": "ASSET_COUNT, USER_MANAGEMENT", "after": "ASSET_COUNT"}


@pytest.mark.parametrize("days_left, is_found", [(None, False), (31, False), (30, True), (0, True), (-1, True)])
def test_a_token_that_expires_soon(days_left: Optional[int], is_found: bool) -> None:
    expires_at = None if days_left is None else "2026-12-23T02:00:00Z"
    finding = expiry_finding(expires_at, days_left, 30)

    told = [{"token_expires_at": expires_at, "days_left": days_left}] if is_found else []
    assert (finding.kind, finding.count, list(finding.details())) == ("token_expiry", len(told), told)
