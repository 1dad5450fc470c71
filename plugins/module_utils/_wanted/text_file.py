# Copyright (c) 2026, the mdmkit.apps_books authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reading a file of text that a person named, whatever it turns out to be."""

from __future__ import annotations

import os
import re
import stat
from typing import Optional

from ansible_collections.mdmkit.apps_books.plugins.module_utils._wanted.checks import as_name

# str.splitlines() would also split at separators that may stand within an id or a JSON text.
LINE_END = re.compile("\r\n|\n|\r")

_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_UTF_16_MARKS = (b"\xff\xfe", b"\xfe\xff")


class UnreadableText(Exception):
    """There is no text to be had from the file.

    :ivar reason: without the file's name
    :ivar line: where the first fault is, if it is within the file
    """

    def __init__(self, reason: str, line: Optional[int] = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.line = line


class UnreadableFile(Exception):
    """The file cannot be read as what it is meant to be.

    :ivar faults: each names file and line
    """

    def __init__(self, *faults: str) -> None:
        super().__init__("; ".join(faults))
        self.faults = faults


def text_of(path: str) -> str:
    """What read_text gives.

    :raises UnreadableFile: it is no such file
    """
    try:
        return read_text(path)
    except UnreadableText as error:
        raise UnreadableFile(f"{as_name(path)}{'' if error.line is None else f':{error.line}'}: {error.reason}") from None


def read_text(path: str) -> str:
    """The content of a file or pipe of UTF-8 text, without a byte order mark at its beginning and with its line ends as they are.

    :raises UnreadableText: it is no such file
    """
    try:
        kind = os.stat(path).st_mode
        # Reading a device such as /dev/zero might never end. A pipe is what a shell gives for <(command).
        if not (stat.S_ISREG(kind) or stat.S_ISFIFO(kind) or stat.S_ISDIR(kind)):
            raise UnreadableText("neither a file nor a pipe")
        with open(path, "rb") as stream:
            content = stream.read()
    except OSError as error:
        raise UnreadableText(error.strerror or "cannot be read") from None
    except ValueError:
        raise UnreadableText("not a path") from None
    return _decoded(content)


def _decoded(content: bytes) -> str:
    if content.startswith(_UTF_16_MARKS):
        raise UnreadableText("not UTF-8 text but UTF-16; save it as UTF-8")
    # Spreadsheet programs put a byte order mark first.
    start = len(_BYTE_ORDER_MARK) if content.startswith(_BYTE_ORDER_MARK) else 0
    try:
        text = content[start:].decode("utf-8")
    except UnicodeDecodeError as error:
        raise UnreadableText(f"not UTF-8 text (byte {start + error.start} of the file); save it as UTF-8", _line(content, start + error.start)) from None
    # UTF-16 without a mark can be read as UTF-8; every other character is this one then.
    if "\0" in text:
        raise UnreadableText("not UTF-8 text, since it holds a NUL character; save it as UTF-8", _line(content, content.index(b"\0")))
    return text


def _line(content: bytes, position: int) -> int:
    before = content[:position]
    return 1 + before.count(b"\n") + before.count(b"\r") - before.count(b"\r\n")
