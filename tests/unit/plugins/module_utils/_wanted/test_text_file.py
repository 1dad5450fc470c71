# Copyright (c) 2026, the mdmkit.apps_books authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from ansible_collections.mdmkit.apps_books.plugins.module_utils._wanted.text_file import UnreadableText, read_text


@pytest.mark.parametrize(
    "content, text",
    [
        (b"", ""),
        (b"\xef\xbb\xbfa\r\nb\r", "a\r\nb\r"),
        ("\u00fc\u2028\U0001f34e\ufeff".encode(), "\u00fc\u2028\U0001f34e\ufeff"),
        (b"\xef\xbb\xbf\xef\xbb\xbfa", "\ufeffa"),
    ],
)
def test_a_text_is_read_as_it_is_but_for_the_mark(tmp_path: Path, content: bytes, text: str) -> None:
    (tmp_path / "a").write_bytes(content)
    assert read_text(str(tmp_path / "a")) == text


@pytest.mark.parametrize(
    "content, reason, line",
    [
        (b"a\nb\xff", "not UTF-8 text (byte 3 of the file)", 2),
        (b"\xef\xbb\xbfa\r\n\r\nb\xff", "not UTF-8 text (byte 9 of the file)", 3),
        (b"a\r\rb\xff", "not UTF-8 text (byte 4 of the file)", 3),
        (b"\xff\xfea\x00", "not UTF-8 text but UTF-16", None),
        (b"\xfe\xff\x00a", "not UTF-8 text but UTF-16", None),
        (b"a\r\nb\x00", "holds a NUL character", 2),
        (b"\x00a", "holds a NUL character", 1),
    ],
)
def test_what_is_no_text_is_told_with_its_line(tmp_path: Path, content: bytes, reason: str, line: Any) -> None:
    (tmp_path / "a").write_bytes(content)
    with pytest.raises(UnreadableText) as caught:
        read_text(str(tmp_path / "a"))
    assert reason in caught.value.reason and caught.value.line == line


@pytest.mark.parametrize(
    "path, reason", [("/dev/zero", "neither a file nor a pipe"), ("/", "Is a directory"), ("a\x00b", "not a path"), ("\ud800", "not a path")]
)
def test_what_is_no_file_is_not_opened(path: str, reason: str) -> None:
    with pytest.raises(UnreadableText, match=reason):
        read_text(path)
