# Copyright (c) 2026, the mdmkit.apps_books authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Plays many random histories and prints how many there were, and how many were wrong. Ends with status 1 if any was."""

from __future__ import annotations

import argparse
import concurrent.futures
import itertools
import multiprocessing
import os
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from vpp_simulator.testing import start_simulator

from .history import make_history, random_numbers
from .play import Report, play

# One simulator serves so many histories.
_AT_ONCE = 50


def play_seeds(seeds: Sequence[int]) -> list[tuple[int, Report]]:
    """Play the histories of these seeds on a simulator of their own."""
    with start_simulator() as simulator, tempfile.TemporaryDirectory() as folder:
        reports = [(seed, play(simulator, Path(folder) / "snapshots", make_history(random_numbers(seed)))) for seed in seeds]
        if simulator.violations():
            raise RuntimeError(f"the simulator broke the contract: {simulator.violations()[:3]}")
    return reports


def summary(reports: Sequence[Report], seconds: float) -> str:
    """What came of these histories, in one line."""
    counts = {
        "readings": sum(report.readings for report in reports),
        "from a snapshot": sum(report.from_snapshot for report in reports),
        "disturbed": sum(report.disturbed for report in reports),
        "followed up": sum(report.followed_up for report in reports),
        "given up honestly": sum(report.gave_up for report in reports),
        "killed": sum(report.killed for report in reports),
        "requests": sum(report.requests for report in reports),
    }
    told = ", ".join(f"{count} {name}" for name, count in counts.items())
    return f"{len(reports)} histories ({told}) in {seconds:.0f} s, {sum(bool(report.wrong) for report in reports)} wrong"


def _parsed() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make snapshot-histories", description=__doc__)
    parser.add_argument("-n", type=int, default=1000, metavar="N", help="how many histories (1000)")
    parser.add_argument("--first", type=int, default=0, metavar="SEED", help="the seed of the first of them (0); the others follow")
    parser.add_argument("--seed", type=int, help="only the history of this seed, told in full")
    parser.add_argument("-j", type=int, default=os.cpu_count() or 1, metavar="JOBS", help="how many at once")
    return parser.parse_args()


def main() -> None:
    options = _parsed()
    seeds = range(options.first, options.first + options.n) if options.seed is None else [options.seed]
    parts = [seeds[first : first + _AT_ONCE] for first in range(0, len(seeds), _AT_ONCE)]
    start = time.monotonic()
    reports: list[Report] = []
    # A new process and not a copy of this one: the simulator ends with the pipe to whoever started it, and copies would hold it open.
    with concurrent.futures.ProcessPoolExecutor(max(1, options.j), multiprocessing.get_context("spawn")) as pool:
        for seed, report in itertools.chain.from_iterable(pool.map(play_seeds, parts)):
            reports.append(report)
            for fault in report.wrong:
                print(f"seed {seed}: {fault}", flush=True)
            if report.wrong:
                print(f"repeat with: make snapshot-histories SEED={seed}", flush=True)
    if options.seed is not None:
        print(*make_history(random_numbers(options.seed)).story(), "", *reports[0].log, "", sep="\n")
    print(summary(reports, time.monotonic() - start))
    if any(report.wrong for report in reports):
        sys.exit(1)


if __name__ == "__main__":
    main()
