# Copyright (c) 2026, the mdmkit.apps_books authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs a command and writes to a file what it cost: seconds, seconds of processor, MiB of its largest process.

    measured.py FILE COMMAND [ARGUMENT...]

A process of its own, and a small one: the peak memory that the system tells of a process is never below that of whoever started it.
"""

import os
import signal
import sys
import time


def main() -> int:
    # Whoever interrupts the command interrupts all of its group; this process stays to the end of it.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    file, *command = sys.argv[1:]
    start = time.monotonic()
    process = os.posix_spawnp(command[0], command, os.environ, setsigdef=[signal.SIGINT])
    dummy, status, usage = os.wait4(process, 0)
    wall = time.monotonic() - start
    # Linux counts in KiB, macOS in bytes.
    memory = usage.ru_maxrss / (1024 if sys.platform == "linux" else 1024 * 1024)
    with open(file, "w", encoding="ascii") as stream:
        stream.write(f"{wall} {usage.ru_utime + usage.ru_stime} {memory}\n")
    return os.waitstatus_to_exitcode(status) if os.WIFEXITED(status) else 1


if __name__ == "__main__":
    sys.exit(main())
