# Copyright (c) 2026, the mdmkit.apps_books authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The folder in which tasks leave what they read of a location for the next ones.

Nothing in it is trusted for being there: a file is used only if it is whole, of our own making, and of the same location; and what it says is
held against the service each time (snapshot.py). Each file is one JSON document, compressed, for its owner's eyes only.
"""

from __future__ import annotations

import hashlib
import itertools
import json
import os
import stat
import time
import zlib
from typing import Any, Callable, Dict, Iterable, List, NamedTuple, Optional, Sequence, Tuple

from ansible_collections.mdmkit.apps_books.plugins.module_utils._model import Asset, Targets, User, name_for_file
from ansible_collections.mdmkit.apps_books.plugins.module_utils._state.holdings import Holdings
from ansible_collections.mdmkit.apps_books.plugins.module_utils._whole_file import UNFINISHED, whole_file

FORMAT = "mdmkit.apps_books snapshot"
FORMAT_VERSION = 1
DEFAULT_MAX_AGE = 7 * 24 * 3600.0

_GZIP = 16 + zlib.MAX_WBITS
_QUICK = 1
# A file that a killed task left behind.
_ABANDONED_AFTER = 3600.0


class StoredAssignments(NamedTuple):
    """:ivar version_id: of the assignments
    :ivar users_version_id: of the users; who is active is told as of then, or later
    :ivar leftovers_apart: whether assignedCount is known to leave out what retired users hold, and retiredCount to be just that
    """

    version_id: str
    users_version_id: str
    holdings: Holdings
    leftovers_apart: bool
    page_size: Optional[int]


class StoredUsers(NamedTuple):
    """:ivar users: the active ones, without invite codes
    :ivar read_at: when all of them were last read, in seconds since the epoch
    """

    version_id: str
    users: List[User]
    read_at: float


class _Unusable(Exception):
    """The file is not to be used; the text says why."""


class Snapshots:
    """
    :param folder: made if it is not there
    :param base_url: snapshots of another service are foreign
    :param warn: told why a snapshot is not used or cannot be kept
    :param max_age: seconds after which users are read anew, since there is no count to prove them by
    """

    def __init__(
        self,
        folder: str,
        base_url: str,
        warn: Callable[[str], None],
        max_age: float = DEFAULT_MAX_AGE,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._folder = folder
        self._base_url = base_url.rstrip("/")
        self._warn = warn
        self._max_age = max_age
        self._clock = clock

    def has_assignments(self, uid: str) -> bool:
        """Whether there is a file; maybe not one that can be used."""
        return os.path.exists(self._path("assignments", uid))

    def load_assignments(self, uid: str) -> Optional[StoredAssignments]:
        return self._loaded("assignments", uid, _assignments_of)

    def save_assignments(self, uid: str, stored: StoredAssignments) -> None:
        self._save("assignments", uid, _content_of_assignments(stored))

    def load_users(self, uid: str) -> Optional[StoredUsers]:
        """None where they are too old, too."""
        stored = self._loaded("users", uid, _users_of)
        if stored is None or not 0.0 <= self._clock() - stored.read_at <= self._max_age:
            return None
        return stored

    def save_users(self, uid: str, version_id: str, users: Iterable[User], read_at: float) -> None:
        """:param read_at: when all of them were read"""
        self._save("users", uid, _content_of_users(StoredUsers(version_id, list(users), read_at)))

    def now(self) -> float:
        """Seconds since the epoch."""
        return self._clock()

    def load_service_config(self) -> Optional[Tuple[Dict[str, object], float]]:
        stored = self._loaded("service-config", self._service_name(), lambda content: (dict(content["answer"]), float(content["read_at"])))
        return None if stored is None else (stored[0], self._clock() - stored[1])

    def save_service_config(self, answer: Dict[str, object]) -> None:
        self._save("service-config", self._service_name(), {"answer": answer, "read_at": self._clock()})

    def _service_name(self) -> str:
        return hashlib.sha256(self._base_url.encode("utf-8", "surrogatepass")).hexdigest()[:16]

    # Files

    def _path(self, kind: str, of: str) -> str:
        return os.path.join(self._folder, f"{kind}-{name_for_file(of)}.json.gz")

    def _loaded(self, kind: str, of: str, decode: Callable[[Dict[str, Any]], Any]) -> Any:
        path = self._path(kind, of)
        try:
            return decode(self._content(path, kind, of))
        except FileNotFoundError:
            return None
        except (_Unusable, OSError) as error:
            self._tell_unused(path, getattr(error, "strerror", None) or str(error))
        except (KeyError, TypeError, ValueError, IndexError, OverflowError):
            self._tell_unused(path, "it does not hold what it should")
        return None

    def _content(self, path: str, kind: str, of: str) -> Dict[str, Any]:
        try:
            document = json.loads(_decompressed(_bytes_of_own_file(path)))
        except (ValueError, RecursionError):
            raise _Unusable("it is damaged") from None
        if not isinstance(document, dict) or document.get("format") != FORMAT:
            raise _Unusable("it is no snapshot")
        if document.get("format_version") != FORMAT_VERSION:
            raise _Unusable("it is of another version of this collection")
        if (document.get("kind"), document.get("of"), document.get("base_url")) != (kind, of, self._base_url):
            raise _Unusable("it is of another location or service")
        return document["content"]

    def _tell_unused(self, path: str, why: str) -> None:
        self._warn(f"The snapshot {path} is not used: {why}. What it would have told is read instead.")

    def _save(self, kind: str, of: str, content: Dict[str, Any]) -> None:
        document = {
            "format": FORMAT,
            "format_version": FORMAT_VERSION,
            "kind": kind,
            "of": of,
            "base_url": self._base_url,
            "content": content,
        }
        path = self._path(kind, of)
        try:
            os.makedirs(self._folder, 0o700, exist_ok=True)
            self._remove_abandoned()
            with whole_file(path) as stream:
                stream.write(_compressed(json.dumps(document, separators=(",", ":"))))
        except OSError as error:
            self._warn(f"The snapshot {path} cannot be written: {error.strerror or error}. The next task will read again what it would have told.")

    def _remove_abandoned(self) -> None:
        for entry in os.scandir(self._folder):
            if entry.name.endswith(UNFINISHED) and entry.is_file(follow_symlinks=False):
                try:
                    if self._clock() - entry.stat(follow_symlinks=False).st_mtime > _ABANDONED_AFTER:
                        os.unlink(entry.path)
                except FileNotFoundError:
                    # Another task was quicker.
                    pass


def _bytes_of_own_file(path: str) -> bytes:
    descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    with os.fdopen(descriptor, "rb") as stream:
        found = os.fstat(descriptor)
        if not stat.S_ISREG(found.st_mode):
            raise _Unusable("it is no file")
        if found.st_uid != os.geteuid():
            raise _Unusable("it belongs to another user")
        if stat.S_IMODE(found.st_mode) & 0o022:
            raise _Unusable("other users may write to it")
        return stream.read()


def _decompressed(data: bytes) -> bytes:
    decompressor = zlib.decompressobj(_GZIP)
    try:
        text = decompressor.decompress(data)
    except zlib.error:
        raise _Unusable("it is damaged") from None
    if not decompressor.eof or decompressor.unused_data:
        raise _Unusable("it is damaged")
    return text


def _compressed(text: str) -> bytes:
    compressor = zlib.compressobj(_QUICK, zlib.DEFLATED, _GZIP)
    return compressor.compress(text.encode("utf-8")) + compressor.flush()


def _content_of_assignments(stored: StoredAssignments) -> Dict[str, Any]:
    """Each id once; who holds an asset is told by the distances between the places of their ids, which compress well."""
    holdings = stored.holdings
    users = sorted({user for targets in holdings.active.values() for user in targets.users} | holdings.retired_holders())
    devices = sorted({device for targets in holdings.active.values() for device in targets.devices})
    user_places, device_places = _places(users), _places(devices)
    nobody = Targets(set(), set())
    return {
        "version_id": stored.version_id,
        "users_version_id": stored.users_version_id,
        "leftovers_apart": stored.leftovers_apart,
        "page_size": stored.page_size,
        "users": users,
        "devices": devices,
        "holders": [
            [
                asset.adam_id,
                asset.pricing_param,
                _distances(holdings.active.get(asset, nobody).users, user_places),
                _distances(holdings.active.get(asset, nobody).devices, device_places),
                _distances(holdings.leftovers.get(asset, ()), user_places),
            ]
            for asset in sorted(holdings.assets)
        ],
    }


def _assignments_of(content: Dict[str, Any]) -> StoredAssignments:
    holdings = Holdings()
    users, devices = _texts(content["users"]), _texts(content["devices"])
    for adam_id, pricing_param, user_distances, device_distances, leftover_distances in content["holders"]:
        asset = Asset(_text(adam_id), _text(pricing_param))
        holdings.active[asset] = Targets(_chosen(users, user_distances), _chosen(devices, device_distances))
        if leftover_distances:
            holdings.leftovers[asset] = _chosen(users, leftover_distances)
    page_size = content["page_size"]
    return StoredAssignments(
        _text(content["version_id"]),
        _text(content["users_version_id"]),
        holdings,
        content["leftovers_apart"] is True,
        page_size if isinstance(page_size, int) and page_size > 0 else None,
    )


def _places(ids: Sequence[str]) -> Dict[str, int]:
    return {name: place for place, name in enumerate(ids)}


def _distances(ids: Iterable[str], places: Dict[str, int]) -> List[int]:
    chosen = sorted(map(places.__getitem__, ids))
    return [place - before for place, before in zip(chosen, [-1] + chosen)]


def _chosen(ids: Sequence[str], distances: Sequence[int]) -> set:
    if any(distance < 1 for distance in distances):
        raise ValueError("not in order")
    return {ids[place - 1] for place in itertools.accumulate(distances)}


_USER_FIELDS = ("client_user_id", "email", "status", "id_hash")


def _content_of_users(stored: StoredUsers) -> Dict[str, Any]:
    columns = {name: [getattr(user, name) for user in stored.users] for name in _USER_FIELDS}
    return {"version_id": stored.version_id, "read_at": stored.read_at, **columns}


def _users_of(content: Dict[str, Any]) -> StoredUsers:
    columns = [content[name] for name in _USER_FIELDS]
    if len({len(column) for column in columns}) != 1:
        raise ValueError("columns of different lengths")
    if not all(isinstance(value, str) or (value is None and column is not columns[0]) for column in columns for value in column):
        raise TypeError("text is expected")
    users = [User(client_user_id, email, status, None, id_hash) for client_user_id, email, status, id_hash in zip(*columns)]
    return StoredUsers(_text(content["version_id"]), users, float(content["read_at"]))


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError("text is expected")
    return value


def _texts(values: Any) -> List[str]:
    return [_text(value) for value in values]
