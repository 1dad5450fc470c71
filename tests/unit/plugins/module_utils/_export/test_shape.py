# Copyright (c) 2026, the mdmkit.apps_books authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import random
import subprocess
import sys
from typing import Dict, FrozenSet, Iterable, List, Set, Tuple

import pytest
from ansible_collections.mdmkit.apps_books.plugins.module_utils._export.shape import Shape, shape_of
from ansible_collections.mdmkit.apps_books.plugins.module_utils._model import Asset, Assignments, Targets
from ansible_collections.mdmkit.apps_books.tests.unit.support.draw import PAIRS, examples
from ansible_collections.mdmkit.apps_books.tests.unit.support.world import DEVICE, USER, Pair, as_assignments
from hypothesis import given
from hypothesis import strategies as st

KINDS = {"users": USER, "devices": DEVICE}


def members_of(shape: Shape) -> Dict[str, Set[Tuple[str, str]]]:
    groups = {group.name: group for group in shape.groups}

    def members(name: str) -> Set[Tuple[str, str]]:
        group = groups[name]
        return {(KINDS[group.kind], member) for member in group.members}.union(*map(members, group.groups))

    return {name: members(name) for name in groups}


def pairs_of(shape: Shape) -> Set[Pair]:
    """What the entries say, multiplied out."""
    members = members_of(shape)
    pairs: Set[Pair] = set()
    for entry in shape.entries:
        targets = {(USER, user) for user in entry.users} | {(DEVICE, device) for device in entry.devices}
        targets = targets.union(*(members[name] for name in entry.groups))
        assert len(targets) == entry.count
        pairs |= {(asset, *target) for asset in entry.assets for target in targets}
    return pairs


def entries(shape: Shape) -> List[Tuple[List[str], List[str]]]:
    """Assets and groups, of entries that are about nobody else."""
    assert not any(entry.users or entry.devices for entry in shape.entries)
    return [([asset.adam_id for asset in entry.assets], entry.groups) for entry in shape.entries]


def composed(shape: Shape) -> Dict[str, object]:
    """What each group is made of: other groups, or how many members."""
    assert not any(group.groups and group.members for group in shape.groups)
    return {group.name: group.groups or len(group.members) for group in shape.groups}


def devices(prefix: str, count: int = 30) -> List[str]:
    return [f"{prefix}-{number:02}" for number in range(count)]


def of_devices(held: Dict[str, Iterable[str]]) -> Assignments:
    """Adam ids, parted by spaces, for some devices."""
    pairs: Assignments = {}
    for adam_ids, targets in held.items():
        for adam_id in adam_ids.split():
            pairs.setdefault(Asset(adam_id), Targets(set(), set())).devices.update(targets)
    return pairs


# Many targets in few kinds, as in a school, and anything at all.
SCHOOLS = st.lists(st.tuples(st.integers(0, 2 ** 12 - 1), st.integers(0, 9), st.integers(0, 9)), max_size=8).map(
    lambda kinds: {
        (Asset(str(asset)), kind, f"{number}-{place}")
        for number, (assets, *sizes) in enumerate(kinds)
        for asset in range(12)
        if assets >> asset & 1
        for kind, size in zip((USER, DEVICE), sizes)
        for place in range(size)
    }
)
ANYTHING = st.integers(0, 2 ** len(PAIRS) - 1).map(lambda bits: {pair for place, pair in enumerate(PAIRS) if bits >> place & 1})


@examples(200)
@given(pairs=st.one_of(SCHOOLS, ANYTHING))
def test_groups_and_entries_say_every_pair_and_no_other(pairs: Set[Pair]) -> None:
    shape = shape_of(as_assignments(pairs), 5)

    assert pairs_of(shape) == pairs
    members = members_of(shape)
    assert {group.name: group.count for group in shape.groups} == {name: len(names) for name, names in members.items()}
    used = {name for entry in shape.entries for name in entry.groups} | {name for group in shape.groups for name in group.groups}
    assert used == set(members), "no group is there for nothing"
    for group in shape.groups:
        assert len(set(group.members)) == len(group.members) and group.members == sorted(group.members)


def listed(ids: List[str]) -> int:
    """A long list is a file."""
    return min(len(ids), 6)


@examples(100)
@given(pairs=st.one_of(SCHOOLS, ANYTHING))
def test_never_more_to_read_than_an_entry_for_each_kind_of_targets(pairs: Set[Pair]) -> None:
    kinds: Dict[FrozenSet[Asset], List[Tuple[str, str]]] = {}
    for target in {pair[1:] for pair in pairs}:
        kinds.setdefault(frozenset(pair[0] for pair in pairs if pair[1:] == target), []).append(target)
    one_by_one = 0
    for assets, targets in kinds.items():
        of_kinds = [[name for kind, name in targets if kind == wanted] for wanted in (USER, DEVICE)]
        one_by_one += 2 + len(assets) + sum(listed(ids) + (3 if len(ids) > 5 else 0) for ids in of_kinds)

    shape = shape_of(as_assignments(pairs), 0)

    words = sum(2 + len(entry.assets) + len(entry.groups) + listed(entry.users) + listed(entry.devices) for entry in shape.entries)
    assert words + sum(2 + len(group.groups) + listed(group.members) for group in shape.groups) <= one_by_one


@examples(50)
@given(pairs=SCHOOLS)
def test_the_same_pairs_give_the_same_files(pairs: Set[Pair]) -> None:
    assert shape_of(as_assignments(sorted(pairs)), 9) == shape_of(as_assignments(sorted(pairs, reverse=True)), 9)


def test_the_same_in_every_process() -> None:
    """Sets of texts come in another order in each."""
    script = (
        "from ansible_collections.mdmkit.apps_books.plugins.module_utils._model import *\n"
        "from ansible_collections.mdmkit.apps_books.plugins.module_utils._export.shape import shape_of\n"
        "devices = ['D%d' % number for number in range(60)]\n"
        "pairs = {Asset(str(a)): Targets({d for d in devices if len(d) + a & 3}, {d for d in devices if int(d[1:]) * a % 7 > 2}) for a in range(9)}\n"
        "print(shape_of(pairs, 60))\n"
    )
    told = set()
    for seed in ("1", "2"):
        told.add(subprocess.run([sys.executable, "-c", script], env={"PYTHONHASHSEED": seed}, capture_output=True, check=True, text=True).stdout)

    assert len(told) == 1 and told.pop().count("Entry(") > 3


def test_targets_that_hold_the_same_are_a_group() -> None:
    shape = shape_of(of_devices({"1 2 4": devices("lower", 90), "3 4 6 8": devices("upper", 60)}), 0)

    assert entries(shape) == [(["1", "2", "4"], ["devices-1"]), (["3", "4", "6", "8"], ["devices-2"])]
    assert composed(shape) == {"devices-1": 90, "devices-2": 60}


def test_nobody_stands_in_a_list_for_each_asset() -> None:
    """Forty kinds of devices, each with twenty apps at random: a list for each app would have fewer entries, but each device twenty times."""
    chance = random.Random(1)
    held: Dict[str, List[str]] = {}
    for kind in range(40):
        for number in chance.sample(range(30), 20):
            held.setdefault(str(number), []).extend(devices(f"kind-{kind}", 100))

    shape = shape_of(of_devices(held), 0)

    assert len(shape.groups) == 40 and sum(len(group.members) for group in shape.groups) == 4000


def test_a_few_that_lack_something_do_not_part_what_all_others_hold() -> None:
    carts = [devices(f"cart-{number}") for number in range(4)]
    everybody = sum(carts, [])
    held = {"1": everybody[1:], "2": everybody[:35] + everybody[36:], "3": everybody[:-1], "4": everybody, "5": carts[0] + carts[1], "6": carts[2][:1]}

    shape = shape_of(of_devices(held), 0)

    told = [([asset.adam_id for asset in entry.assets], entry.count) for entry in shape.entries]
    assert told[:2] == [(["1", "2", "3", "4"], 117), (["5"], 60)]
    assert max(count for dummy, count in told[2:]) == 2


def test_what_everybody_holds_is_one_entry_and_their_group_is_made_of_others() -> None:
    carts = [devices(f"cart-{number}") for number in range(6)]
    lower, upper = sum(carts[:3], []), sum(carts[3:], [])

    shape = shape_of(of_devices({"0 1 2": lower + upper, "3 4": lower, "5 6": upper, "7": carts[1] + carts[4], "8": carts[5]}), 0)

    assert entries(shape) == [
        (["0", "1", "2"], ["all-devices"]),
        (["3", "4"], ["devices-1"]),
        (["5", "6"], ["devices-2"]),
        (["7"], ["devices-4", "devices-6"]),
        (["8"], ["devices-7"]),
    ]
    assert composed(shape) == {
        "all-devices": ["devices-1", "devices-2"],
        "devices-1": ["devices-3", "devices-4"],
        "devices-2": ["devices-5", "devices-6", "devices-7"],
        "devices-3": 60,
        **dict.fromkeys(("devices-4", "devices-5", "devices-6", "devices-7"), 30),
    }


def test_apps_of_some_are_lists_beside_that_of_all() -> None:
    """Where each device has its own selection, nobody wants a group for each of the selections."""
    everybody = devices("ipad", 97)
    some = {str(app): [device for place, device in enumerate(everybody) if place * app % 13 < 4] for app in (3, 5, 7, 11)}

    shape = shape_of(of_devices({"1 2": everybody, **some}), 0)

    assert [names for names, dummy in entries(shape)][0] == ["1", "2"] and sorted(name for names, dummy in entries(shape)[1:] for name in names) == sorted(some)
    assert sorted(composed(shape).values()) == sorted(len(members) for members in (everybody, *some.values()))


def test_few_targets_stand_in_their_entry() -> None:
    pairs = as_assignments([(Asset("5"), USER, user) for user in ("a", "b")] + [(Asset("6"), DEVICE, "D1")])

    shape = shape_of(pairs, 2)

    assert shape.groups == []
    assert [(entry.users, entry.devices) for entry in shape.entries] == [(["a", "b"], []), ([], ["D1"])]


def test_users_and_devices_are_groups_apart() -> None:
    pairs = {Asset("1"): Targets({f"u-{number}" for number in range(20)}, set(devices("D", 10)))}

    assert entries(shape_of(pairs, 21)) == [(["1"], ["users-1", "all-devices"])]
    assert entries(shape_of(pairs, 20)) == [(["1"], ["all-users", "all-devices"])], "all are those who hold nothing, too"


@pytest.mark.parametrize("constant", ["cover.MOST_SIGNATURES", "cover.LARGEST_CHOICE", "groups._MOST_COMPARED"])
def test_too_much_to_be_compared_is_written_exactly_too(constant: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(f"ansible_collections.mdmkit.apps_books.plugins.module_utils._export.{constant}", 1)
    pairs = {(Asset(str(asset)), DEVICE, f"D{number}") for asset in range(9) for number in range(60) if number * asset % 7 > 2}

    assert pairs_of(shape_of(as_assignments(pairs), 0)) == pairs


def test_nothing_is_nothing() -> None:
    assert shape_of({}, 0) == Shape([], [])
