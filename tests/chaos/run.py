# Copyright (c) 2026, the mdmkit.apps_books authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Plays many schedules and prints a table by kind of fault, and the seeds of those that failed. Ends with status 1 if any did."""

from __future__ import annotations

import argparse
import os
import queue
import signal
import sys
import threading
import time
from collections.abc import Iterable

from .schedule import KINDS
from .worker import Report, Worker

# With so many schedules every kind of fault is in several of them, so each has to strike at least once.
ENOUGH = 5 * len(KINDS)
# A schedule mostly waits, so more of them than there are processors run at once.
_WORKERS_FOR_A_PROCESSOR = 2
_HEADER = ("kind of fault", "schedules", "fired", "converged", "failed", "seeds")


def table(reports: Iterable[Report]) -> list[tuple[str, ...]]:
    """The lines of the table, header first; a schedule counts for each of its kinds."""
    reports = list(reports)
    lines = [_HEADER]
    for kind in KINDS:
        of_kind = [report for report in reports if kind in report.kinds]
        failed = sorted(report.number for report in of_kind if report.complaints)
        fired = sum(report.fired.get(kind, 0) for report in of_kind)
        converged = sum(report.converged for report in of_kind)
        lines.append((kind, str(len(of_kind)), str(fired), str(converged), str(len(failed)), " ".join(map(str, failed[:20])) or "-"))
    return lines


def never_fired(reports: Iterable[Report]) -> list[str]:
    """The kinds of faults that never struck, although there were enough schedules."""
    reports = list(reports)
    return [kind for kind in KINDS if len(reports) >= ENOUGH and not any(report.fired.get(kind) for report in reports)]


def play_all(numbers: list[int], jobs: int) -> list[Report]:
    """Play the schedules of these seeds. Tells of each that failed as soon as it is known."""
    waiting: queue.SimpleQueue[int] = queue.SimpleQueue()
    for number in numbers:
        waiting.put(number)
    done: queue.SimpleQueue[Report | BaseException] = queue.SimpleQueue()
    workers: list[Worker] = []

    def serve(worker: Worker) -> None:
        try:
            while True:
                done.put(worker.play(waiting.get_nowait()))
        except queue.Empty:
            pass
        except BaseException as error:
            done.put(error)

    reports: list[Report] = []
    try:
        for dummy in range(min(jobs, len(numbers))):
            workers.append(Worker())
            threading.Thread(target=serve, args=(workers[-1],), daemon=True).start()
        while len(reports) < len(numbers):
            report = done.get()
            if isinstance(report, BaseException):
                raise report
            reports.append(report)
            for complaint in report.complaints:
                print(f"seed {report.number} ({', '.join(report.kinds)}): {complaint}", flush=True)
            if sys.stderr.isatty():
                print(f"{len(reports)} of {len(numbers)}", end="\r", file=sys.stderr, flush=True)
    finally:
        for worker in workers:
            worker.stop()
    return reports


def _parsed() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make chaos", description=__doc__)
    parser.add_argument("-n", type=int, default=100, metavar="N", help="how many schedules (100)")
    parser.add_argument("--first", type=int, default=0, metavar="SEED", help="the seed of the first of them (0); the others follow")
    parser.add_argument("--seed", type=int, help="only the schedule of this seed, told in full")
    parser.add_argument("-j", type=int, default=_WORKERS_FOR_A_PROCESSOR * (os.cpu_count() or 1), metavar="JOBS", help="how many at once")
    return parser.parse_args()


def verdict(reports: Iterable[Report]) -> list[str]:
    """What is wrong, a line each: kinds that never struck, and how to repeat what failed. Empty where all is well."""
    reports = list(reports)
    failed = sorted(report.number for report in reports if report.complaints)
    return [f"never fired: {kind}" for kind in never_fired(reports)] + [f"repeat with: make chaos SEED={number}" for number in failed]


def _interrupt(signum: int, frame: object) -> None:
    raise KeyboardInterrupt


def main() -> None:
    signal.signal(signal.SIGTERM, _interrupt)
    options = _parsed()
    numbers = list(range(options.first, options.first + options.n)) if options.seed is None else [options.seed]
    start = time.monotonic()
    try:
        reports = play_all(numbers, max(1, options.j))
    except KeyboardInterrupt:
        sys.exit("interrupted")
    if options.seed is not None:
        print(*reports[0].story, "", f"fired: {reports[0].fired}", sep="\n")
    else:
        lines = table(reports)
        widths = [max(len(line[column]) for line in lines) for column in range(len(_HEADER) - 1)]
        for line in lines:
            print(line[0].ljust(widths[0]), *(cell.rjust(width) for cell, width in zip(line[1:-1], widths[1:])), line[-1], sep="  ")
    failed = sum(bool(report.complaints) for report in reports)
    wrong = verdict(reports)
    print("", f"{len(reports)} schedules in {time.monotonic() - start:.0f} s, {failed} failed", *wrong, sep="\n")
    if wrong:
        sys.exit(1)


if __name__ == "__main__":
    main()
