# Copyright (c) 2026, the mdmkit.apps_books authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Writing a file as a whole or not at all."""

from __future__ import annotations

import contextlib
import os
import tempfile
from typing import BinaryIO, Iterator

UNFINISHED = ".unfinished"
"""Ends the name of a file that is being written, or that a killed task left behind."""


@contextlib.contextmanager
def whole_file(path: str) -> Iterator[BinaryIO]:
    """A new file, which takes the place of what is there when the context ends, and not if it ends with an error. Only its owner may read it.

    :raises OSError: it cannot be written
    """
    descriptor, unfinished = tempfile.mkstemp(UNFINISHED, ".", os.path.dirname(os.path.abspath(path)))
    try:
        with os.fdopen(descriptor, "wb") as stream:
            yield stream
        os.replace(unfinished, path)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(unfinished)
        raise
