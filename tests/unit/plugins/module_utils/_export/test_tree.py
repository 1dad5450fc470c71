# Copyright (c) 2026, the mdmkit.apps_books authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is written of a location says just what is there: read again, nothing is left to do."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Dict, List, Optional, Sequence, Set

import pytest
import yaml
from ansible_collections.mdmkit.apps_books.plugins.module_utils._export.adoptable import Found, NotAdopted
from ansible_collections.mdmkit.apps_books.plugins.module_utils._export.folder import write_folder
from ansible_collections.mdmkit.apps_books.plugins.module_utils._export.tree import Tree, tree_of
from ansible_collections.mdmkit.apps_books.plugins.module_utils._model import Asset, AssetRecord, ClientConfig, Limits, MdmInfo, Targets, User
from ansible_collections.mdmkit.apps_books.plugins.module_utils._plan.assignments import compare, irrevocable_removals
from ansible_collections.mdmkit.apps_books.plugins.module_utils._plan.client_config import plan_client_config
from ansible_collections.mdmkit.apps_books.plugins.module_utils._plan.users import UserWish, plan_users
from ansible_collections.mdmkit.apps_books.plugins.module_utils._wanted.catalog import NO_CATALOG, Catalog, CatalogEntry, read_catalog
from ansible_collections.mdmkit.apps_books.plugins.module_utils._wanted.checks import id_fault
from ansible_collections.mdmkit.apps_books.plugins.module_utils._wanted.client_config import wanted_client_config
from ansible_collections.mdmkit.apps_books.plugins.module_utils._wanted.location import LocationFiles, read_location
from ansible_collections.mdmkit.apps_books.tests.unit.support.draw import examples
from hypothesis import given
from hypothesis import strategies as st

LIMITS = Limits(25, 1000, 1000, 100, 100, 100, 512, 100, 100, 255)
CONFIG = ClientConfig(MdmInfo("ours", "Our Service", "x"), "https://hooks.example.test/apple", "secret", ("ASSET_COUNT",), "2049", "Springfield")
AWKWARD_IDS = ["0017", "on", "#5", "a, b", 'q"u', "ü", "x: y", "{{ 7 }}", "-", "=", "1e3", "null", "it's", "back\\slash", "%", "a;b", "all-users", "devices-1"]
UNWRITABLE_IDS = [" a", "a\x07", "half \ud800", ""]
EMAILS = [None, "one@example.test", "ü@example.test", "{{x}}@example.test", '"a,b"@example.test', "nobody", "a b@example.test"]
INFOS = [
    None,
    CONFIG.mdm_info,
    MdmInfo("theirs", 'Other: "MDM" #1', "0017"),
    MdmInfo("ours", "{{ 7 * 7 }}", "x"),
    MdmInfo("ours", "", "x"),
    MdmInfo("ours", "line\nbreak\u2028\x00", "on"),
]


def record(asset: Asset, flags: int = 0) -> AssetRecord:
    return AssetRecord(asset, "Book" if flags & 1 else "App", not flags & 2, not flags & 1, ("iOS",), 0, 100, 3 if flags & 4 else 0, 100)


def location(codes: Sequence[int], config: Optional[ClientConfig], strange: bool) -> Found:
    """Kinds of users and devices, of which all hold the same; and some with names of which each is a case.

    :param strange: also what cannot be written into files
    """
    assets = [Asset(str(1000 + number), "PLUS" if number % 5 == 4 else "STDQ") for number in range(8)]
    if strange:
        assets += [Asset("not-a-number"), Asset("77", "FREE"), Asset("78")]
    assignments = {asset: Targets(set(), set()) for asset in assets}
    names = AWKWARD_IDS + (UNWRITABLE_IDS if strange else [])
    users: Dict[str, User] = {"idle": User("idle", None, "Registered")} if codes else {}
    flags = [0] * len(assets)
    for number, code in enumerate(codes):
        code, held = divmod(code, 2 ** len(assets))
        code, size = divmod(code, 14)
        code, name = divmod(code, len(names))
        code, email = divmod(code, len(EMAILS))
        code, for_users = divmod(code, 2)
        # Only users hold books; now and then somebody holds what is for users only, or is no active user any more.
        for place, asset in enumerate(assets):
            flags[place] |= (code >> place & 1) * (1 + number % 7)
        ids = [names[name]] + [f"t{number}-{place}" for place in range(size)]
        for place, asset in enumerate(assets):
            if held >> place & 1:
                (assignments[asset].users if for_users else assignments[asset].devices).update(ids)
        if for_users:
            users.update((id_, User(id_, EMAILS[(email + place) % len(EMAILS)], "Associated")) for place, id_ in enumerate(ids))
    if strange and codes:
        users.pop(f"t{len(codes) - 1}-0", None)
    records = {asset: record(asset, flags[place]) for place, asset in enumerate(assets) if asset != Asset("78")}
    if not strange:
        for asset, targets in assignments.items():
            if targets.devices:
                records[asset] = record(asset)
    return Found("2049", users, records, {asset: targets for asset, targets in assignments.items() if targets.count}, config)


CODES = st.lists(st.integers(0, 2 ** 36), max_size=7)
CONFIGS = st.one_of(
    st.none(),
    st.builds(
        lambda notification_url, **members: CONFIG._replace(
            notification_url=notification_url, notification_auth_token="secret" if notification_url else None, **members
        ),
        mdm_info=st.sampled_from(INFOS),
        notification_url=st.sampled_from([None, CONFIG.notification_url, "https://hooks.example.test/a?key=1"]),
        notification_types=st.sampled_from([(), ("ASSET_COUNT", "USER_MANAGEMENT"), ("SOMETHING_NEW",)]),
        location_name=st.sampled_from([None, "Springfield", "{{ 1 }}\n# uid: 1\nuid: 2"]),
    ),
)


def written(tree: Tree, folder: Path, catalog: Optional[str] = None) -> LocationFiles:
    """The folder as it is read when it is applied. A fault in it fails the test."""
    write_folder(str(folder / "north"), tree.files)
    if catalog is not None:
        (folder / "catalog.yml").write_text(catalog, encoding="utf-8")
    return read_location(str(folder / "north"))


def changes(found: Found, files: LocationFiles, purge: bool) -> List[Any]:
    """What applying the files would change."""
    plans: List[Any] = []
    wishes = [UserWish(*user[:3]) for user in files.users or ()]
    if files.users is not None:
        plans.append(plan_users(wishes, found.users, purge=purge and bool(wishes)))
    if files.client_config and found.client_config:
        options = {"mdm_info": None, "notification_url": None, "notification_types": None, **files.client_config}
        plans.append(plan_client_config(found.client_config, LIMITS, **wanted_client_config(notification_auth_token=None, **options)._asdict()))
    told = [change for plan in plans for change in plan.changes()]
    if files.assignments is not None:
        wanted = files.assignments.assignments()
        assert set(wanted) <= set(found.assets), "all of them are owned"
        assert all(found.assets[asset].device_assignable for asset, targets in wanted.items() if targets.devices)
        assert files.assignments.targets().users <= set(found.users), "nobody is given anything who is not there"
        difference = compare(wanted, files.assignments.targets(), found.assignments, found.assets, purge="location" if purge else "none")
        assert not purge or not irrevocable_removals(difference, found.assets)
        told += [difference.additions, difference.removals]
    return [change for change in told if change]


@examples(200)
@given(codes=CODES, config=CONFIGS)
def test_applied_to_the_same_location_nothing_changes_even_with_purge(tmp_path_factory: pytest.TempPathFactory, codes: List[int], config: Any) -> None:
    found = location(codes, config, strange=False)

    tree = tree_of(found, "ours", NO_CATALOG)
    files = written(tree, tmp_path_factory.mktemp("tree"))

    assert tree.adoptable.may_purge
    assert changes(found, files, purge=True) == []
    assert {user.client_user_id for user in files.users or ()} == set(found.users)
    assert files.settings["uid"] == "2049" and len(files.settings) == 1


@examples(200)
@given(codes=CODES, config=CONFIGS)
def test_what_cannot_be_written_is_told_and_stays_without_purge(tmp_path_factory: pytest.TempPathFactory, codes: List[int], config: Any) -> None:
    found = location(codes, config, strange=True)

    tree = tree_of(found, "ours", NO_CATALOG)
    files = written(tree, tmp_path_factory.mktemp("tree"))

    assert changes(found, files, purge=False) == []
    adopted = files.assignments.assignments() if files.assignments else {}
    there = {(asset, target) for asset, targets in found.assignments.items() for target in (*targets.users, *targets.devices)}
    kept = {(asset, target) for asset, targets in adopted.items() for target in (*targets.users, *targets.devices)}
    told = [left_out for left_out in tree.adoptable.not_adopted if left_out.what == "assignment"]
    assert sum(targets.count for targets in found.assignments.values()) == sum(targets.count for targets in adopted.values()) + sum(
        left_out.count for left_out in told
    )
    assert kept <= there and not any(left_out.kept for left_out in told)
    nameless = set(found.users).intersection(UNWRITABLE_IDS)
    assert tree.adoptable.may_purge == (not told and not nameless)
    if tree.adoptable.may_purge:
        assert changes(found, files, purge=True) == []


# Signs that mean something in YAML, CSV, lists or templates, and letters that are more than one of something.
_SIGNS = "aA0.,;:'\"#{}[]%&*!|>?-~= \t\\@`$/_e+\x7f\x85\u00a0\u00e9\u0301\u200b\u2028\ufeff\U0001f34e"
_WORDS = ["yes", "1e5", "~", "2026-11-23", "12:30:45", "0x1f", "1_000", ".inf", "<<", "client_user_id", "serial_number", "group", "...", "? x", "- x", "%YAML"]
IDS = st.one_of(st.text(st.sampled_from(_SIGNS), min_size=1, max_size=5), st.text(min_size=1, max_size=5), st.sampled_from(_WORDS)).filter(
    lambda text: not id_fault(text, "the id")
)


@examples(100)
@given(kinds=st.lists(st.tuples(st.sets(IDS, min_size=1, max_size=15), st.sets(IDS, max_size=15), st.integers(1, 15)), max_size=4), emails=st.lists(IDS))
def test_ids_of_any_characters_are_read_as_they_were(tmp_path_factory: pytest.TempPathFactory, kinds: List[Any], emails: List[str]) -> None:
    assets = [Asset("0001"), Asset("1"), Asset("1", "PLUS"), Asset("2" * 20)]
    assignments: Dict[Asset, Targets] = {}
    for of_users, of_devices, held in kinds:
        for place, asset in enumerate(assets):
            if held >> place & 1:
                targets = assignments.setdefault(asset, Targets(set(), set()))
                targets.users.update(of_users)
                targets.devices.update(of_devices)
    ids = sorted({id_ for targets in assignments.values() for id_ in targets.users})
    users = {id_: User(id_, f"{email}@{email}", "Registered") for id_, email in zip(ids, emails)}
    users.update((id_, User(id_, None, "Registered")) for id_ in ids[len(emails):])
    found = Found("2049", users, {asset: record(asset) for asset in assets}, assignments, CONFIG)

    files = written(tree_of(found, "ours", NO_CATALOG), tmp_path_factory.mktemp("tree"))

    assert changes(found, files, purge=True) == []
    assert {user.client_user_id for user in files.users or ()} == set(users)


CATALOG = """\
number-garden: "1000"
"on": {adam_id: "1004", pricing_param: PLUS, title: "Film: Workshop"}
reading-steps: {adam_id: "1001", title: Reading Steps}
"""


@examples(50)
@given(codes=CODES)
def test_with_a_catalog_names_stand_for_numbers_and_mean_the_same(tmp_path_factory: pytest.TempPathFactory, codes: List[int]) -> None:
    folder = tmp_path_factory.mktemp("tree")
    found = location(codes, None, strange=False)
    (folder / "catalog.yml").write_text(CATALOG, encoding="utf-8")
    faults: List[str] = []

    tree = tree_of(found, None, read_catalog([str(folder / "catalog.yml")], faults))

    assert not faults and changes(found, written(tree, folder), purge=True) == []
    text = tree.files.get("assignments.yml", "")
    assert ("1000" not in text and "1001" not in text) or not text


def cart(number: int) -> Set[str]:
    return {f"CART{number}-{place:02}" for place in range(30)}


def school() -> Found:
    lower, upper = cart(1) | cart(2) | cart(3), cart(4) | cart(5) | cart(6)
    numbers = {"1": lower | upper, "2": lower | upper, "3": upper}
    assignments = {Asset(number): Targets(set(), devices) for number, devices in numbers.items()}
    assignments[Asset("5")] = Targets({"0017", "sp-2"}, set())
    users = {id_: User(id_, f"{id_}@example.test", "Registered") for id_ in ("0017", "sp-2", "sp-3")}
    return Found("2049", users, {asset: record(asset, 5 if asset.adam_id == "5" else 0) for asset in assignments}, assignments, CONFIG)


def test_the_files_are_as_short_as_a_person_would_write_them() -> None:
    tree = tree_of(school(), "ours", NO_CATALOG)

    assert tree.files["users.csv"] == "client_user_id,email\n0017,0017@example.test\nsp-2,sp-2@example.test\nsp-3,sp-3@example.test\n"
    assert tree.files["groups.yml"] == (
        "---\n"
        "# 180 devices: 2 apps\n"
        "all-devices:\n"
        "  devices_file: members/all-devices.txt\n"
        "\n"
        "# 90 devices: app 3\n"
        "devices-1:\n"
        "  devices_file: members/devices-1.txt\n"
    )
    assert tree.files["members/devices-1.txt"].splitlines() == sorted(cart(4) | cart(5) | cart(6))
    assert len(tree.files["members/all-devices.txt"].splitlines()) == 180
    assert tree.files["assignments.yml"] == (
        "---\n"
        "- title: 2 apps for all-devices\n"
        "  assets:\n"
        '    - "1"\n'
        '    - "2"\n'
        "  groups: [all-devices]\n"
        "\n"
        "- title: app 3 for devices-1\n"
        "  assets:\n"
        '    - "3"\n'
        "  groups: [devices-1]\n"
        "\n"
        "- title: book 5 for 2 users\n"
        "  assets:\n"
        '    - "5" # book, can never be taken back\n'
        '  users: ["0017", sp-2]\n'
    )


def test_titles_name_assets_as_the_catalog_does() -> None:
    names = {"1": "Number Garden", "2": "Reading Steps", "3": "Class Notes" * 9}
    catalog = Catalog({title.lower(): CatalogEntry(Asset(number), title, False, "") for number, title in names.items()}, ["catalog.yml"], True)

    tree = tree_of(school(), "ours", catalog)

    titles = [line for line in tree.files["assignments.yml"].splitlines() if "title" in line]
    assert titles == [
        "- title: Number Garden and Reading Steps for all-devices",
        f"- title: {('Class Notes' * 9)[:87]}... for devices-1",
        "- title: book 5 for 2 users",
    ]
    assert "    - number garden\n    - reading steps\n" in tree.files["assignments.yml"]
    assert f"# 90 devices: {('Class Notes' * 9)[:87]}...\n" in tree.files["groups.yml"]


@pytest.mark.parametrize("count", [1, 2, 3, 4])
def test_titles_are_never_longer_than_they_may_be(tmp_path: Path, count: int) -> None:
    """Neither with the longest names of assets nor with groups and others beside them."""
    catalog = "".join(f'{str(number) + "n" * 99}: {{adam_id: "{number}", title: {str(number) + "T" * 199}}}\n' for number in range(count))
    (tmp_path / "catalog.yml").write_text(catalog, encoding="utf-8")
    users = {f"{group}-{place}": User(f"{group}-{place}", None, "Registered") for group in "abc" for place in range(6)}
    assignments = {Asset(str(number)): Targets(set(users) | {"x"}, cart(1) | {"D1"}) for number in range(count)}
    users["x"] = User("x", None, "Registered")
    faults: List[str] = []

    found = Found("2049", users, {asset: record(asset) for asset in assignments}, assignments, CONFIG)
    tree = tree_of(found, "ours", read_catalog([str(tmp_path / "catalog.yml")], faults))

    assert not faults and changes(found, written(tree, tmp_path), purge=True) == []
    assert "TTT..." in tree.files["assignments.yml"]


@pytest.mark.parametrize("our_mdm_id, commented", [("ours", False), ("others", True), (None, True)])
def test_only_our_own_id_is_written_as_the_holder(our_mdm_id: Optional[str], commented: bool) -> None:
    text = tree_of(school(), our_mdm_id, NO_CATALOG).files["client_config.yml"]

    sign = "# " if commented else ""
    assert f"{sign}mdm_info:\n{sign}  id: ours\n{sign}  name: Our Service\n{sign}  metadata: x\n" in text
    assert ("This is who manages it now." in text) == commented
    assert yaml.safe_load(text) == {
        **({} if commented else {"mdm_info": {"id": "ours", "name": "Our Service", "metadata": "x"}}),
        "notification_url": "https://hooks.example.test/apple",
        "notification_types": ["ASSET_COUNT"],
    }
    assert "secret" not in text.replace("its secret is not here", "")


def test_purge_is_a_comment_that_says_what_it_would_do() -> None:
    found = school()
    told = tree_of(found, None, NO_CATALOG).files["location.yml"]
    assert yaml.safe_load(told) == {"uid": "2049"} and "Set these as soon as nobody makes changes anywhere else" in told
    assert yaml.safe_load(told.replace("# users_purge", "users_purge").replace("# assignments_purge", "assignments_purge")) == {
        "uid": "2049", "users_purge": True, "assignments_purge": "location"
    }
    found.assignments[Asset("unfit")] = Targets({"sp-2"}, set())
    assert "these would take it away" in tree_of(found, None, NO_CATALOG).files["location.yml"]


def test_without_the_right_to_read_it_there_is_no_client_config() -> None:
    tree = tree_of(school()._replace(client_config=None), "ours", NO_CATALOG)

    assert "client_config.yml" not in tree.files
    assert NotAdopted("client_config", "the content token may not read it", 1, []) in tree.adoptable.not_adopted


def test_a_location_without_anything_is_a_tree_too(tmp_path: Path) -> None:
    found = Found(None, {}, {}, {}, CONFIG._replace(mdm_info=None, notification_url=None, notification_auth_token=None, notification_types=()))

    tree = tree_of(found, None, NO_CATALOG)

    assert changes(found, written(tree, tmp_path), purge=False) == []
    assert sorted(tree.files) == ["client_config.yml", "location.yml", "users.csv"] and tree.adoptable.not_adopted == []


def test_what_is_not_adopted_is_told_with_names_and_count() -> None:
    users = {f"u-{number:02}": User(f"u-{number:02}", "nobody", "Registered") for number in range(12)}
    gone, book = Asset("9"), Asset("8")
    assignments = {gone: Targets({"u-01"}, {"D1"}), book: Targets({"u-02", "retired"}, {"D1", "D 2 "})}
    found = Found("2049", users, {book: record(book, 7)}, assignments, CONFIG)

    told = tree_of(found, None, NO_CATALOG).adoptable.not_adopted

    assert told == [
        NotAdopted("email", "it is not an address, so it is not in users.csv and stays as it is", 12, [f"u-{number:02}" for number in range(10)]),
        NotAdopted("managed_apple_id", "it cannot be read, so no file says which users have one; they keep it", 12, []),
        NotAdopted("assignment", "Apple does not list the asset any more", 2, ["9 STDQ of user u-01", "9 STDQ of device D1"], False),
        NotAdopted("assignment", "the user is no active one, or cannot be written into a file", 1, ["8 STDQ of user retired"], False),
        NotAdopted("assignment", "the serial number cannot be written into a file", 1, ["8 STDQ of device D 2 "], False),
        NotAdopted("assignment", "the asset cannot be given to devices any more", 1, ["8 STDQ of device D1"], False),
        NotAdopted("retired_assignment", "retired users keep it, and nobody can give it or take it back", 3, []),
        NotAdopted("client_config", "a secret is in no file; what is stored stays", 1, ["notification_auth_token"]),
    ]
