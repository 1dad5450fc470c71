# Copyright (c) 2026, the mdmkit.apps_books authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Files of the folder that are damaged, foreign or half written are never believed, and none can be read by others."""

from __future__ import annotations

import gzip
import itertools
import json
import os
import shutil
import stat
import subprocess
import sys
from pathlib import Path
from typing import Any, Callable, Dict, Iterator, List, Optional, Tuple

import pytest
from ansible_collections.mdmkit.apps_books.plugins.module_utils._model import Asset, AssignmentRecord, User
from ansible_collections.mdmkit.apps_books.plugins.module_utils._state.holdings import Holdings
from ansible_collections.mdmkit.apps_books.plugins.module_utils._state.snapshot_folder import Snapshots, StoredAssignments
from ansible_collections.mdmkit.apps_books.tests.unit.support.draw import examples
from hypothesis import given
from hypothesis import strategies as st

BASE_URL, UID = "https://vpp.example.test/mdm/v2", "2049025000431439"
NOW = 1800000000.0
GZIP_HEADER = 10
CONFIG = {"limits": {"maxAssets": 25}, "urls": {}, "notificationTypes": [], "errorCodes": []}
USERS = [User(f"u-{number}", f"u{number}@example.test", "Registered") for number in range(30)]
RECORDS = [AssignmentRecord(Asset(f"{number % 3}"), f"u-{number}", None, "Retired" if number % 7 == 0 else "Registered") for number in range(30)] + [
    AssignmentRecord(Asset(f"{number % 3}", "PLUS"), None, f"D{number}") for number in range(50)
]


class Folder:
    """A folder and who uses it.

    :ivar warnings: what was said of it
    """

    def __init__(self, path: Path, base_url: str = BASE_URL) -> None:
        self.path = path
        self.warnings: List[str] = []
        self.snapshots = Snapshots(str(path), base_url, self.warnings.append, clock=lambda: NOW)

    def fill(self, uid: str = UID, records: Optional[List[AssignmentRecord]] = None) -> None:
        holdings = Holdings()
        holdings.add(RECORDS if records is None else records)
        self.snapshots.save_assignments(uid, StoredAssignments("a-1", "u-1", holdings, True, 1000))
        self.snapshots.save_users(uid, "u-1", USERS, NOW)
        self.snapshots.save_service_config(CONFIG)

    def told(self, kind: str, uid: str = UID) -> Any:
        """What a file of this kind tells, in a form that can be compared; None where it is not used."""
        if kind == "assignments":
            stored = self.snapshots.load_assignments(uid)
            if stored is None:
                return None
            version_id, users_version_id, holdings, *others = stored
            return version_id, users_version_id, dict(holdings.active), dict(holdings.leftovers), others
        return self.snapshots.load_users(uid) if kind == "users" else self.snapshots.load_service_config()

    def file(self, kind: str) -> Path:
        (path,) = self.path.glob(f"{kind}-*")
        return path

    def ignores(self, kind: str, uid: str = UID) -> bool:
        """Whether it does without the file, and says so in one warning that names the file."""
        del self.warnings[:]
        return self.told(kind, uid) is None and len(self.warnings) == 1 and f"/{kind}-" in self.warnings[0]


KINDS = ("assignments", "users", "service-config")


@pytest.fixture(name="folder")
def fixture_folder(tmp_path: Path) -> Folder:
    folder = Folder(tmp_path / "snapshots")
    folder.fill()
    return folder


@pytest.fixture(name="masks")
def fixture_masks() -> Iterator[Callable[[int], int]]:
    before = os.umask(0o022)
    yield os.umask
    os.umask(before)


def test_what_was_kept_comes_back(folder: Folder) -> None:
    stored = folder.snapshots.load_assignments(UID)
    assert stored is not None
    holdings = Holdings()
    holdings.add(RECORDS)
    assert (stored.version_id, stored.users_version_id, stored.leftovers_apart, stored.page_size) == ("a-1", "u-1", True, 1000)
    assert {asset: held for asset, held in stored.holdings.active.items() if held.count} == holdings.active
    assert stored.holdings.leftovers == holdings.leftovers
    users = folder.snapshots.load_users(UID)
    assert users is not None and users.users == USERS
    assert folder.snapshots.load_service_config() == (CONFIG, 0.0)
    assert folder.warnings == []


@pytest.mark.parametrize("kind", KINDS)
def test_a_folder_without_the_file_is_nothing_to_warn_of(tmp_path: Path, kind: str) -> None:
    folder = Folder(tmp_path / "nowhere")
    assert folder.told(kind) is None
    assert folder.warnings == [] and not folder.path.exists()


@pytest.mark.parametrize("mask", [0o000, 0o022, 0o077])
def test_only_their_owner_can_read_the_files(tmp_path: Path, masks: Callable[[int], int], mask: int) -> None:
    masks(mask)
    folder = Folder(tmp_path / "new" / "snapshots")

    folder.fill()
    folder.fill()

    files = list(folder.path.iterdir())
    assert len(files) == len(KINDS)
    assert {stat.S_IMODE(file.stat().st_mode) for file in files} == {0o600}
    assert stat.S_IMODE(folder.path.stat().st_mode) == 0o700


# Damage


@examples(400)
@given(kind=st.sampled_from(KINDS), share=st.floats(0, 1, exclude_max=True), bit=st.integers(0, 7))
def test_a_flipped_bit_is_never_believed(folder: Folder, kind: str, share: float, bit: int) -> None:
    path = folder.file(kind)
    whole, before = path.read_bytes(), folder.told(kind)
    place = int(share * len(whole))
    path.write_bytes(whole[:place] + bytes([whole[place] ^ 1 << bit]) + whole[place + 1 :])

    # Some bits say nothing about the content: of the header, or of codes that no letter has.
    assert folder.ignores(kind) or folder.told(kind) == before

    path.write_bytes(whole)


@examples(200)
@given(kind=st.sampled_from(KINDS), share=st.floats(0, 1, exclude_max=True))
def test_a_file_that_ends_too_early_is_not_used(folder: Folder, kind: str, share: float) -> None:
    path = folder.file(kind)
    whole = path.read_bytes()
    path.write_bytes(whole[: int(share * len(whole))])

    assert folder.ignores(kind)

    path.write_bytes(whole)


@examples(200)
@given(kind=st.sampled_from(KINDS), share=st.floats(0, 1), foreign=st.binary(min_size=1, max_size=20))
def test_a_file_with_foreign_bytes_is_not_used(folder: Folder, kind: str, share: float, foreign: bytes) -> None:
    path = folder.file(kind)
    whole, before = path.read_bytes(), folder.told(kind)
    place = int(share * len(whole))
    path.write_bytes(whole[:place] + foreign + whole[place:])

    assert folder.ignores(kind) or (place <= GZIP_HEADER and folder.told(kind) == before)

    path.write_bytes(whole)


@examples(200)
@given(kind=st.sampled_from(KINDS), data=st.binary(max_size=200))
def test_a_file_of_anything_else_is_not_used(folder: Folder, kind: str, data: bytes) -> None:
    path = folder.file(kind)
    whole = path.read_bytes()
    for content in (data, gzip.compress(data)):
        path.write_bytes(content)
        assert folder.ignores(kind)
    path.write_bytes(whole)


any_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5) | st.just(10**400),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)


def places(value: Any, path: Tuple[Any, ...] = ()) -> Iterator[Tuple[Any, ...]]:
    """Of everything in a document."""
    yield path
    for key, inner in value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ():
        yield from places(inner, (*path, key))


def replaced(value: Any, path: Tuple[Any, ...], other: Any) -> Any:
    """A copy with something else in this place."""
    if not path:
        return other
    copy = value.copy()
    copy[path[0]] = replaced(value[path[0]], path[1:], other)
    return copy


@examples(150)
@given(kind=st.sampled_from(KINDS), share=st.floats(0, 1, exclude_max=True), other=any_json)
def test_a_whole_file_that_holds_something_else_breaks_nothing(folder: Folder, kind: str, share: float, other: Any) -> None:
    """Such as one of another version of the collection, or one that somebody edited."""
    path = folder.file(kind)
    whole = path.read_bytes()
    document = json.loads(gzip.decompress(whole))
    where = sorted(places(document), key=str)
    path.write_bytes(gzip.compress(json.dumps(replaced(document, where[int(share * len(where))], other)).encode()))

    told = folder.told(kind)

    if told is not None and kind == "users":
        assert all(isinstance(user.client_user_id, str) for user in told.users)
        assert all(isinstance(text, (str, type(None))) for user in told.users for text in user)
    path.write_bytes(whole)


# What is not ours


def foreign_file(folder: Folder, kind: str, uid: str = UID, base_url: str = BASE_URL) -> bytes:
    """What another user of such a folder keeps under the same kind."""
    other = Folder(folder.path.parent / "other", base_url)
    other.fill(uid, RECORDS[:5])
    return other.file(kind).read_bytes()


@pytest.mark.parametrize(
    "kind, other",
    [
        *((kind, {"base_url": "https://other.example.test/mdm/v2"}) for kind in KINDS),
        ("assignments", {"uid": "1"}),
        ("users", {"uid": "1"}),
    ],
)
def test_the_file_of_another_location_or_service_is_not_used(folder: Folder, kind: str, other: Dict[str, str]) -> None:
    folder.file(kind).write_bytes(foreign_file(folder, kind, **other))

    assert folder.ignores(kind)


@pytest.mark.parametrize("kind, other", list(itertools.permutations(KINDS, 2)))
def test_a_file_of_another_kind_is_not_used(folder: Folder, kind: str, other: str) -> None:
    shutil.copy(folder.file(other), folder.file(kind))

    assert folder.ignores(kind)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name, value", [("format_version", 2), ("format_version", 0), ("format", "another")])
def test_a_file_of_another_format_is_not_used(folder: Folder, kind: str, name: str, value: Any) -> None:
    document = json.loads(gzip.decompress(folder.file(kind).read_bytes()))
    assert name in document
    folder.file(kind).write_bytes(gzip.compress(json.dumps({**document, name: value}).encode()))

    assert folder.ignores(kind)


def linked(path: Path) -> None:
    path.rename(path.with_name("elsewhere"))
    path.symlink_to(path.with_name("elsewhere"))


def dangling(path: Path) -> None:
    path.unlink()
    path.symlink_to("nowhere")


def folder_in_its_place(path: Path) -> None:
    path.unlink()
    path.mkdir()


def pipe_in_its_place(path: Path) -> None:
    path.unlink()
    os.mkfifo(path)


def writable_for_group(path: Path) -> None:
    path.chmod(0o620)


def writable_for_all(path: Path) -> None:
    path.chmod(0o602)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("change", [linked, dangling, folder_in_its_place, pipe_in_its_place, writable_for_group, writable_for_all])
def test_what_somebody_else_may_have_put_there_is_not_used(folder: Folder, kind: str, change: Callable[[Path], None]) -> None:
    change(folder.file(kind))

    assert folder.ignores(kind)


@pytest.mark.parametrize("kind", KINDS)
def test_the_file_of_another_user_is_not_used(folder: Folder, kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    nobody = folder.file(kind).stat().st_uid + 1
    monkeypatch.setattr(os, "geteuid", lambda: nobody)

    assert folder.ignores(kind)


@pytest.mark.parametrize("change", [linked, dangling, writable_for_all, pipe_in_its_place])
def test_what_was_not_used_is_replaced_and_what_it_pointed_to_is_left_alone(folder: Folder, change: Callable[[Path], None]) -> None:
    target = folder.path / "elsewhere"
    change(folder.file("users"))
    before = target.read_bytes() if target.exists() else None

    folder.snapshots.save_users(UID, "u-2", USERS[:3], NOW)

    del folder.warnings[:]
    assert folder.told("users").users == USERS[:3] and folder.warnings == []
    assert (target.read_bytes() if target.exists() else None) == before
    assert not folder.file("users").is_symlink() and stat.S_IMODE(folder.file("users").stat().st_mode) == 0o600


def test_a_file_where_the_folder_should_be_is_told_of_and_does_no_harm(tmp_path: Path) -> None:
    (tmp_path / "snapshots").write_text("mine")
    folder = Folder(tmp_path / "snapshots")

    folder.fill()

    assert len(folder.warnings) == len(KINDS) and all("cannot be written" in warning for warning in folder.warnings)
    assert folder.told("users") is None
    assert (tmp_path / "snapshots").read_text() == "mine"


# Killed while writing

# Each ends the process for good at one point of the writing, as a signal would.
DEATHS = {
    "before anything": "os.makedirs = lambda *args, **options: os._exit(9)",
    "with an empty file": "os.fdopen = lambda *args, **options: os._exit(9)",
    "in the middle": """
fdopen = os.fdopen
def half(descriptor, mode):
    stream = fdopen(descriptor, mode)
    write = stream.write
    class Half:
        def __enter__(self): return self
        def __exit__(self, *args): pass
        def write(self, data):
            write(data[: len(data) // 2]); stream.flush(); os._exit(9)
    return Half()
os.fdopen = half
""",
    "before it takes its place": "os.replace = lambda *args, **options: os._exit(9)",
    "right after it took its place": """
replace = os.replace
def last(*args):
    replace(*args); os._exit(9)
os.replace = last
""",
}
WRITER = """
import os, sys
from ansible_collections.mdmkit.apps_books.plugins.module_utils._model import User
from ansible_collections.mdmkit.apps_books.plugins.module_utils._state.snapshot_folder import Snapshots
snapshots = Snapshots(sys.argv[1], sys.argv[2], print)
exec(sys.argv[4])
snapshots.save_users(sys.argv[3], "u-2", [User("new", None, "Registered")], 1800000000.0)
"""


@pytest.mark.parametrize("death", DEATHS)
@pytest.mark.parametrize("filled", [True, False])
def test_who_is_killed_while_writing_leaves_the_old_file_or_the_new_one(tmp_path: Path, death: str, filled: bool) -> None:
    folder = Folder(tmp_path / "snapshots")
    if filled:
        folder.fill()

    writer = subprocess.run([sys.executable, "-c", WRITER, str(folder.path), BASE_URL, UID, DEATHS[death]], capture_output=True, text=True, check=False)

    assert (writer.returncode, writer.stdout, writer.stderr) == (9, "", "")
    told = folder.told("users")
    assert folder.warnings == []
    if death == "right after it took its place":
        assert [user.client_user_id for user in told.users] == ["new"]
    elif filled:
        assert told.users == USERS
    else:
        assert told is None
    assert all(stat.S_IMODE(file.stat().st_mode) == 0o600 for file in (folder.path.iterdir() if folder.path.exists() else ()))

    folder.fill()

    assert folder.told("users").users == USERS and folder.warnings == []


def test_what_killed_tasks_left_is_cleared_away_once_it_is_surely_of_no_use(tmp_path: Path) -> None:
    folder = Folder(tmp_path / "snapshots")
    for dummy in range(3):
        subprocess.run(
            [sys.executable, "-c", WRITER, str(folder.path), BASE_URL, UID, DEATHS["before it takes its place"]], capture_output=True, check=False
        )
    left = list(folder.path.iterdir())
    assert len(left) == 3
    for number, path in enumerate(left):
        os.utime(path, (NOW - 10.0 - 7200.0 * number,) * 2)

    folder.snapshots.save_users(UID, "u-2", USERS, NOW)

    assert sorted(folder.path.iterdir()) == sorted([left[0], folder.file("users")]), "one may still be written by somebody"
    assert folder.warnings == []
