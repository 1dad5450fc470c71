# Copyright (c) 2026, the mdmkit.apps_books authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import fcntl
import io
import os
import pty
import struct
import termios
import threading
from typing import Iterator, List, TextIO, Tuple

import pytest
from ansible_collections.mdmkit.apps_books.plugins.plugin_utils._live_line import LiveLine
from ansible_collections.mdmkit.apps_books.tests.unit.support.screen import screen


class Terminal:
    """Two streams to one terminal, as standard output and standard error are.

    :ivar said: everything that was written, in order
    """

    def __init__(self) -> None:
        self.said: List[str] = []
        self.out, self.err = self._stream(), self._stream()
        self.lock = threading.RLock()

    def _stream(self) -> TextIO:
        said = self.said

        class Stream(io.TextIOWrapper):
            def write(self, text: str) -> int:
                said.append(text)
                return len(text)

        return Stream(io.BytesIO(), "utf-8")

    def live_line(self) -> LiveLine:
        return LiveLine((self.out, self.err), self.lock)

    def lines(self) -> List[str]:
        return screen("".join(self.said))


@pytest.fixture
def terminal() -> Terminal:
    return Terminal()


def test_a_line_takes_the_place_of_the_one_before(terminal: Terminal) -> None:
    line = terminal.live_line()
    line.show("a long line")
    assert terminal.lines() == ["a long line"]
    line.show("short")
    assert terminal.lines() == ["short"]
    line.show("")
    assert terminal.lines() == [""]


def test_it_gives_way_to_whatever_is_written_to_either_stream(terminal: Terminal) -> None:
    line = terminal.live_line()
    line.show("live")
    terminal.out.write("TASK [one]\n")
    assert terminal.lines() == ["TASK [one]", ""]
    line.show("live again, and longer")
    terminal.err.write("a warning\n")
    assert terminal.lines() == ["TASK [one]", "a warning", ""]
    line.show("live")
    assert terminal.lines() == ["TASK [one]", "a warning", "live"]


def test_print_gives_way_too(terminal: Terminal) -> None:
    terminal.live_line().show("live")
    print("one", "two", file=terminal.out)
    assert terminal.lines() == ["one two", ""]


def test_nothing_is_shown_behind_a_line_that_was_begun(terminal: Terminal) -> None:
    line = terminal.live_line()
    terminal.out.write("Name: ")
    line.show("live")
    assert terminal.lines() == ["Name: "]
    terminal.out.write("")
    line.show("live")
    assert terminal.lines() == ["Name: "]
    terminal.out.write("\n")
    line.show("live")
    assert terminal.lines() == ["Name: ", "live"]


def test_the_same_line_is_not_written_again(terminal: Terminal) -> None:
    line = terminal.live_line()
    line.show("live")
    count = len(terminal.said)
    line.show("live")
    assert len(terminal.said) == count


def test_leaves_the_terminal_and_the_streams_as_they_were(terminal: Terminal) -> None:
    writes = terminal.out.write, terminal.err.write
    line = terminal.live_line()
    line.show("live")
    line.close()

    assert terminal.lines() == [""]
    assert (terminal.out.write, terminal.err.write) == writes
    count = len(terminal.said)
    terminal.out.write("x")
    assert terminal.said[count:] == ["x"]


def test_leaves_alone_what_somebody_else_put_before_the_stream(terminal: Terminal) -> None:
    line = terminal.live_line()
    ours = terminal.out.write

    def theirs(text: str) -> int:
        return ours(text.upper())

    terminal.out.write = theirs  # type: ignore[method-assign]
    line.close()

    terminal.out.write("x\n")
    assert terminal.out.write is theirs
    assert terminal.lines() == ["X", ""]


def test_whoever_holds_the_lock_is_not_disturbed(terminal: Terminal) -> None:
    line = terminal.live_line()
    with terminal.lock:
        other = threading.Thread(target=line.show, args=("live",))
        other.start()
        terminal.out.write("first half, ")
        terminal.out.write("second half\n")
    other.join()

    assert terminal.lines() == ["first half, second half", "live"]


@pytest.fixture
def pseudo_terminal() -> Iterator[Tuple[int, TextIO]]:
    ours, theirs = pty.openpty()
    with os.fdopen(theirs, "w") as stream:
        yield ours, stream
    os.close(ours)


@pytest.mark.parametrize("columns, width", [(72, 71), (0, 79)])
def test_the_width_is_that_of_the_terminal_now(pseudo_terminal: Tuple[int, TextIO], columns: int, width: int) -> None:
    ours, stream = pseudo_terminal
    line = LiveLine((stream,), threading.RLock())
    fcntl.ioctl(ours, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))

    assert line.width == width


def test_without_a_terminal_the_width_is_the_usual_one(terminal: Terminal) -> None:
    assert terminal.live_line().width == 79
