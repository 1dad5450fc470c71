# Copyright (c) 2026, the mdmkit.apps_books authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Looks for secrets: what each looks like in other forms, and whether a stream or a file below a folder holds any of them, or a part of one."""

from __future__ import annotations

import base64
import gzip
import io
import json
import re
import tarfile
import zipfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote, quote_plus

PIECE = 16  # bytes: a part of a secret that is left when the rest was cut off or masked is found for sure from twice this length on


@dataclass(frozen=True)
class Secret:
    """A text that nobody may see.

    :ivar whole: parts of it may be seen: they say nothing, or are secrets of their own
    """

    name: str
    text: str
    whole: bool = False


@dataclass(frozen=True)
class Hit:
    """A secret, or a part of one, that stands where it must not."""

    secret: str
    form: str
    place: str
    around: str

    def __str__(self) -> str:
        return f"{self.secret} ({self.form}) in {self.place}: {self.around}"


@dataclass(frozen=True)
class Found:
    """What came of a search: how many streams and files were looked through, and what was in them."""

    places: int
    hits: tuple[Hit, ...]

    def __add__(self, other: Found) -> Found:
        return Found(self.places + other.places, self.hits + other.hits)


def forms(text: str) -> Iterator[tuple[str, bytes]]:
    """The form's name and what a secret looks like in it."""
    data = text.encode()
    yield "plain", data
    for shift in range(3):
        # What stands before a text moves it against the groups of three bytes that Base64 takes together. The ends depend on what is beside them.
        encoded = base64.b64encode(b"\0" * shift + data)
        first, last = (0, 2, 3)[shift], len(data + b"\0" * shift) // 3 * 4
        yield f"Base64, {shift} bytes into a group", encoded[first:last]
        yield f"Base64 for URLs, {shift} bytes into a group", encoded[first:last].replace(b"+", b"-").replace(b"/", b"_")
    for percent in (quote(text, safe=""), quote(text), quote_plus(text)):
        yield "URL-encoded", percent.encode()
        yield "URL-encoded in small letters", re.sub("%..", lambda found: found.group().lower(), percent).encode()
    yield "JSON-escaped", json.dumps(text)[1:-1].encode()
    yield "JSON-escaped with slashes", json.dumps(text)[1:-1].replace("/", "\\/").encode()
    yield "JSON-escaped twice", json.dumps(json.dumps(text)[1:-1])[1:-1].encode()


class Search:
    """Finds the given secrets.

    A short one is looked for as a whole, so that nothing is found by chance; of the others every piece is looked for.
    """

    def __init__(self, secrets: Iterable[Secret]) -> None:
        self._needles: dict[bytes, tuple[str, str]] = {}
        for secret in secrets:
            for form, needle in forms(secret.text):
                for piece in [needle] if secret.whole else _pieces(needle):
                    self._needles.setdefault(piece, (secret.name, form))

    def text(self, text: str | bytes, place: str) -> Found:
        """Look through one stream."""
        data = text.encode(errors="surrogateescape") if isinstance(text, str) else text
        hits = {}
        for needle, (secret, form) in self._needles.items():
            at = data.find(needle)
            if at >= 0:
                around = data[max(0, at - 60) : at + len(needle) + 20].decode(errors="replace")
                hits.setdefault(secret, Hit(secret, form, place, " ".join(around.split())))
        return Found(1, tuple(hits.values()))

    def folder(self, folder: Path, without: Iterable[Path] = ()) -> Found:
        """Look through every file below a folder, what is packed in archives included, and the names of all of them.

        :param without: these files and folders are left out
        """
        left_out = {folder / path for path in without}
        found = Found(0, ())
        for path in sorted(folder.rglob("*")):
            if left_out & {path, *path.parents}:
                continue
            place = str(path.relative_to(folder))
            found += Found(0, self.text(place, f"the name of {place}").hits)
            if path.is_file():
                for inner, data in _contents(path.read_bytes()):
                    found += self.text(data, place + inner)
        return found


def _pieces(needle: bytes) -> list[bytes]:
    if len(needle) < 2 * PIECE:
        return [needle]
    return [needle[start : start + PIECE] for start in range(0, len(needle) - PIECE + 1, PIECE)]


def _contents(data: bytes) -> Iterator[tuple[str, bytes]]:
    """A file as it is, and what is packed in it."""
    yield "", data
    if data.startswith(b"\x1f\x8b"):
        for inner, unpacked in _contents(gzip.decompress(data)):
            yield f" (unpacked){inner}", unpacked
    elif data.startswith(b"PK\x03\x04"):
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            for name in archive.namelist():
                yield f":{name}", archive.read(name)
    elif data[257:262] == b"ustar":
        with tarfile.open(fileobj=io.BytesIO(data)) as archive:
            for member in archive:
                stream = archive.extractfile(member)
                if stream:
                    yield f":{member.name}", stream.read()
