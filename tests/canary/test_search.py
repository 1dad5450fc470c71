# Copyright (c) 2026, the mdmkit.apps_books authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The search finds secrets in every form and every place, parts of them too, and nothing else."""

from __future__ import annotations

import base64
import gzip
import io
import json
import re
import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path
from urllib.parse import quote, quote_plus

import pytest
from ansible_collections.mdmkit.apps_books.tests.canary.search import Search, Secret
from ansible_collections.mdmkit.apps_books.tests.canary.world import NEW_SECRET, known_secrets, secret_text
from hypothesis import given
from hypothesis import strategies as st

LONG = secret_text("long")
SHORT = "short/secret+9"
SEARCH = Search([Secret("long", LONG), Secret("short", SHORT)])

FORMS: dict[str, Callable[[str], str]] = {
    "plain": str,
    "Base64": lambda text: base64.b64encode(text.encode()).decode(),
    "Base64 for URLs": lambda text: base64.urlsafe_b64encode(text.encode()).decode(),
    "URL-encoded": lambda text: quote(text, safe=""),
    "URL-encoded as in forms": quote_plus,
    "URL-encoded, in small letters": lambda text: re.sub("%..", lambda found: found.group().lower(), quote(text, safe="")),
    "URL-encoded but for slashes": quote,
    "JSON": json.dumps,
    "JSON with slashes escaped": lambda text: json.dumps(text).replace("/", "\\/"),
    "JSON in JSON": lambda text: json.dumps(json.dumps(text)),
}


def names(search: Search, text: str) -> set[str]:
    return {hit.secret for hit in search.text(text, "here").hits}


@pytest.mark.parametrize("secret", ["long", "short"])
@pytest.mark.parametrize("form", [form for form in FORMS if form != "URL-encoded but for slashes"])
@given(before=st.text(max_size=9), after=st.text(max_size=9))
def test_finds_every_form_whatever_stands_around_it(secret: str, form: str, before: str, after: str) -> None:
    text = LONG if secret == "long" else SHORT

    assert names(SEARCH, FORMS[form](before + text + after)) == {secret}
    assert names(SEARCH, before + FORMS[form](text) + after) == {secret}


@given(st.integers(0, len(LONG) - 31))
def test_finds_a_part_of_31_letters(start: int) -> None:
    assert names(SEARCH, LONG[start : start + 31]) == {"long"}


@given(st.text(max_size=5), st.integers(0, 80))
def test_finds_a_part_of_base64(before: str, start: int) -> None:
    own = FORMS["Base64"](before + LONG)[len(before.encode()) * 4 // 3 + 2 :]
    assert names(SEARCH, own[start : start + 31]) == {"long"}


@pytest.mark.parametrize("secret", known_secrets(), ids=lambda secret: secret.name)
def test_finds_each_of_the_secrets_that_are_looked_for(secret: Secret) -> None:
    for encode in FORMS.values():
        assert Search([secret]).text(f"... {encode(secret.text)} ...", "here").hits


@given(st.text())
def test_finds_nothing_elsewhere(text: str) -> None:
    assert names(SEARCH, text) == set()
    assert names(SEARCH, "VALUE_SPECIFIED_IN_NO_LOG_PARAMETER ******** " + LONG[:15] + " " + SHORT[:-1]) == set()


def test_looks_into_files_names_and_archives(tmp_path: Path) -> None:
    zipped, tarred = io.BytesIO(), io.BytesIO()
    with zipfile.ZipFile(zipped, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("inside.txt", f"deep: {LONG}")
    with tarfile.open(fileobj=tarred, mode="w") as archive:
        member = tarfile.TarInfo("inside.txt")
        member.size = len(LONG)
        archive.addfile(member, io.BytesIO(LONG.encode()))
    contents = {
        "plain.txt": LONG.encode(),
        "binary": b"\xff\x00" + LONG.encode() + b"\xfe",
        "below/hidden/.dot": LONG.encode(),
        "packed.gz": gzip.compress(LONG.encode()),
        "packed.zip": zipped.getvalue(),
        "packed.tar": tarred.getvalue(),
        "packed.tar.gz": gzip.compress(tarred.getvalue()),
        f"name of {SHORT.replace('/', ' ')}": b"",
        "clean": b"nothing",
    }
    for name, data in contents.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(data)
    (tmp_path / "empty" / SHORT.partition("/")[0]).mkdir(parents=True)

    found = SEARCH.folder(tmp_path)

    assert {hit.place for hit in found.hits} == {
        "plain.txt",
        "binary",
        "below/hidden/.dot",
        "packed.gz (unpacked)",
        "packed.zip:inside.txt",
        "packed.tar:inside.txt",
        "packed.tar",  # nothing is packed in it, so the whole shows it too
        "packed.tar.gz (unpacked):inside.txt",
        "packed.tar.gz (unpacked)",
    }
    assert found.places == len(contents) + 5, "what is packed counts as a place of its own"


def test_a_name_counts_too(tmp_path: Path) -> None:
    (tmp_path / base64.urlsafe_b64encode(LONG.encode()).decode()).mkdir()
    assert [hit.secret for hit in SEARCH.folder(tmp_path).hits] == ["long"]


def test_leaves_out_exactly_what_it_is_told(tmp_path: Path) -> None:
    for name in ("left out", "left out too/below", "left", "searched/left out"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(NEW_SECRET)

    hits = Search([Secret("secret", NEW_SECRET)]).folder(tmp_path, [Path("left out"), Path("left out too")]).hits

    assert sorted(hit.place for hit in hits) == ["left", "searched/left out"]
