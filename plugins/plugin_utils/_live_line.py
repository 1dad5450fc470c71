# Copyright (c) 2026, the mdmkit.apps_books authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A line at the end of a terminal that changes, and gives way to whatever else is written there."""

from __future__ import annotations

import os
from typing import Any, Callable, ContextManager, List, Sequence, TextIO, Tuple

# Back to the first column, and erase to the end of the line.
_ERASE = "\r\x1b[K"
_USUAL_COLUMNS = 80

_Write = Callable[[str], int]


class LiveLine:
    """
    :param streams: all that write to the terminal. The line is written to the last of them
    :param lock: held by whoever writes to the terminal; the same thread may take it again
    """

    def __init__(self, streams: Sequence[TextIO], lock: ContextManager[Any]) -> None:
        self._lock = lock
        self._stream = streams[-1]
        self._write: _Write = self._stream.write
        self._shown = ""
        # Nothing is shown behind a line that somebody else has begun.
        self._at_line_start = True
        self._hooks: List[Tuple[TextIO, _Write, _Write]] = []
        for stream in streams:
            hook = self._giving_way(stream.write)
            self._hooks.append((stream, stream.write, hook))
            stream.write = hook  # type: ignore[method-assign]

    @property
    def width(self) -> int:
        """Columns that a line may take; with one more, the terminal would begin a new line."""
        try:
            columns = os.get_terminal_size(self._stream.fileno()).columns
        except (OSError, ValueError):
            columns = 0
        return (columns or _USUAL_COLUMNS) - 1

    def show(self, line: str) -> None:
        """Show this line in place of what was shown; an empty one takes it away.

        :raises OSError: the terminal is gone
        """
        with self._lock:
            if line != self._shown and self._at_line_start:
                self._write(_ERASE + line)
                self._stream.flush()
                self._shown = line

    def close(self) -> None:
        """Take the line away, and leave the streams as they were.

        :raises OSError: the terminal is gone
        """
        with self._lock:
            for stream, write, hook in self._hooks:
                if stream.write is hook:
                    stream.write = write  # type: ignore[method-assign]
            self.show("")

    def _giving_way(self, write: _Write) -> _Write:
        def give_way(text: str) -> int:
            with self._lock:
                self.show("")
                written = write(text)
                if text:
                    self._at_line_start = text.endswith("\n")
                return written

        return give_way
