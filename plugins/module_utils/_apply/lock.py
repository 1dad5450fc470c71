# Copyright (c) 2026, the mdmkit.apps_books authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One writing task at a time for each location, as far as one user of one machine is concerned.

The service itself knows no such thing (README section 4), so this is advice among ourselves: a lock on a file below the temporary folder.
The kernel frees it when the process ends, however it ends. The file stays, because deleting it would let two processes lock two files.
"""

from __future__ import annotations

import datetime
import errno
import fcntl
import json
import os
import socket
import stat
import tempfile
import time
from typing import Any, Callable, Dict, Optional

from ansible_collections.mdmkit.apps_books.plugins.module_utils._model import AppsBooksError, name_for_file
from ansible_collections.mdmkit.apps_books.plugins.module_utils._progress import Progress

_POLL_SECONDS = 0.25
_MOST_CONTENT = 4096
_NO_LINK = (errno.ELOOP, errno.EMLINK)


class LockedByAnother(AppsBooksError):
    """Another task works on the location. Nothing has been written."""


class UnsafeLockFolder(AppsBooksError):
    """Somebody else could meddle with the locks. Nothing has been written."""


class LocationLock:
    """The lock of one location, for one task.

    :param holder_name: what holds the lock, for those who are refused
    :param timeout: seconds to wait until the lock is free
    :param warn: told that there is no lock, where the temporary folder cannot be used
    :param progress: told of waiting
    :param folder: where the lock files are; by default a folder of the user's own in the temporary folder
    """

    def __init__(
        self,
        holder_name: str,
        timeout: float,
        warn: Callable[[str], None],
        folder: Optional[str] = None,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
        progress: Optional[Progress] = None,
    ) -> None:
        self._holder_name = holder_name
        self._timeout = timeout
        self._warn = warn
        self._folder = folder
        self._clock = clock
        self._sleep = sleep
        self._progress = progress or Progress()
        self._descriptor: Optional[int] = None

    def take(self, uid: str) -> bool:
        """Hold the lock of this location until release(), or until the process ends.

        :returns: whether somebody else held it first, so that what was read before may not be true any more
        :raises LockedByAnother: naming who has it
        :raises UnsafeLockFolder: the folder is not the user's own
        """
        try:
            folder = _opened_folder(self._folder or default_folder())
        except OSError as error:
            self._go_on_without(uid, error)
            return False
        try:
            return self._take(uid, folder, lock_file_name(uid))
        except OSError as error:
            self._go_on_without(uid, error)
            return False
        finally:
            os.close(folder)

    def release(self) -> None:
        """Free the lock, if it is held."""
        if self._descriptor is None:
            return
        descriptor, self._descriptor = self._descriptor, None
        try:
            # Whoever is refused next must not be told of a task that has ended.
            os.ftruncate(descriptor, 0)
        except OSError:
            pass
        os.close(descriptor)

    def _take(self, uid: str, folder: int, name: str) -> bool:
        waited = False
        deadline = self._clock() + self._timeout
        while True:
            descriptor = _opened_file(folder, name)
            if _locked(descriptor):
                if _is_still_there(descriptor, folder, name):
                    self._descriptor = descriptor
                    self._sign(descriptor)
                    if waited:
                        self._progress.go_on()
                    return waited
                os.close(descriptor)
                continue
            left = deadline - self._clock()
            holder = _holder(descriptor)
            os.close(descriptor)
            if left <= 0:
                raise self._refusal(uid, holder)
            if not waited:
                self._progress.wait("for another task of this location", left)
            waited = True
            self._sleep(min(_POLL_SECONDS, left))

    def _sign(self, descriptor: int) -> None:
        holder = {
            "process_id": os.getpid(),
            "host_name": socket.gethostname(),
            "module": self._holder_name,
            "since": datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ"),
        }
        try:
            os.ftruncate(descriptor, 0)
            os.pwrite(descriptor, json.dumps(holder).encode(), 0)
        except OSError:
            # On a full disk the lock holds all the same, and only its holder's name is missing.
            pass

    def _refusal(self, uid: str, holder: Optional[Dict[str, Any]]) -> LockedByAnother:
        who = "It is not known which."
        if holder is not None:
            who = f"It is {holder['module']}, process {holder['process_id']} on {holder['host_name']}, since {holder['since']}."
        waited = f" It was waited for {self._timeout:g} s." if self._timeout else ""
        return LockedByAnother(
            f"Another task works on the location with uid {uid} at this moment. {who}{waited} Nothing was written.",
            "Run again when it has ended, or set lock_timeout. Let jobs that work on one location not run at once.",
            {"retryable": True, **({} if holder is None else {"lock_holder": holder})},
        )

    def _go_on_without(self, uid: str, error: OSError) -> None:
        self._warn(
            f"There is no lock for the location with uid {uid}, because its file cannot be used ({error.strerror or error}). "
            "Make sure that nothing else works on the location at this moment."
        )


def default_folder() -> str:
    """The user's own folder for locks in the temporary folder, which TMPDIR names.

    :raises OSError: there is no temporary folder
    """
    return os.path.join(tempfile.gettempdir(), f"mdmkit.apps_books-{os.geteuid()}")


def lock_file_name(uid: str) -> str:
    return f"location-{name_for_file(uid)}.lock"


def _opened_folder(path: str) -> int:
    try:
        os.mkdir(path, 0o700)
    except FileExistsError:
        pass
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    except OSError as error:
        if error.errno in _NO_LINK + (errno.ENOTDIR,):
            raise _unsafe(path, "is a symbolic link" if os.path.islink(path) else "is not a folder") from None
        if error.errno == errno.EACCES and os.lstat(path).st_uid != os.geteuid():
            raise _unsafe(path, "belongs to another user") from None
        raise
    try:
        found = os.fstat(descriptor)
        if found.st_uid != os.geteuid():
            raise _unsafe(path, "belongs to another user")
        if stat.S_IMODE(found.st_mode) != 0o700:
            os.fchmod(descriptor, 0o700)
    except BaseException:
        os.close(descriptor)
        raise
    return descriptor


def _opened_file(folder: int, name: str) -> int:
    try:
        descriptor = os.open(name, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_NONBLOCK, 0o600, dir_fd=folder)
    except OSError as error:
        if error.errno in _NO_LINK:
            raise _unsafe(name, "is a symbolic link") from None
        raise
    try:
        found = os.fstat(descriptor)
        if not stat.S_ISREG(found.st_mode) or found.st_uid != os.geteuid():
            raise _unsafe(name, "is no file of ours")
        if stat.S_IMODE(found.st_mode) != 0o600:
            os.fchmod(descriptor, 0o600)
    except BaseException:
        os.close(descriptor)
        raise
    return descriptor


def _unsafe(name: str, what: str) -> UnsafeLockFolder:
    return UnsafeLockFolder(
        f"Locks are not safe: {name} {what}. Nothing was written.",
        "Remove it, or let TMPDIR name a folder that nobody else can write to.",
    )


def _locked(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:
        os.close(descriptor)
        raise
    return True


def _is_still_there(descriptor: int, folder: int, name: str) -> bool:
    """Whether the name still means this file: somebody may have cleaned up since it was opened, and the next one would lock another."""
    try:
        return os.path.samestat(os.fstat(descriptor), os.stat(name, dir_fd=folder, follow_symlinks=False))
    except FileNotFoundError:
        return False


def _holder(descriptor: int) -> Optional[Dict[str, Any]]:
    """What the holder wrote; None where it has not written yet, or something else is there."""
    try:
        content = json.loads(os.pread(descriptor, _MOST_CONTENT, 0))
        return {
            "process_id": int(content["process_id"]),
            "host_name": str(content["host_name"]),
            "module": str(content["module"]),
            "since": str(content["since"]),
        }
    except (OSError, ValueError, KeyError, TypeError):
        return None
