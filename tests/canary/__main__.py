# Copyright (c) 2026, the mdmkit.apps_books authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs the suite and counts: make canary. Ends with status 1 if a secret was found or a play did not go as it should."""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from pathlib import Path

from ansible_collections.mdmkit.apps_books.tests.canary.plays import PLAYS
from ansible_collections.mdmkit.apps_books.tests.canary.runs import run
from ansible_collections.mdmkit.apps_books.tests.canary.search import Found
from ansible_collections.mdmkit.apps_books.tests.canary.world import known_secrets, running_world


def main() -> None:
    """Run all plays, or the ones that are named."""
    parser = argparse.ArgumentParser(prog="canary", description=__doc__)
    parser.add_argument("--collections", type=Path, help="a folder with ansible_collections in it, to be used in place of this checkout")
    parser.add_argument("--play", action="append", choices=[play.name for play in PLAYS], help="one play of them, may be given again")
    options = parser.parse_args()
    plays = [play for play in PLAYS if not options.play or play.name in options.play]
    tasks, found, faults = 0, Found(0, ()), 0
    with tempfile.TemporaryDirectory(prefix="canary-world-") as folder, running_world(Path(folder)) as world:
        for play in plays:
            start = time.monotonic()
            ran = run(play, world, options.collections)
            tasks, found, faults = tasks + ran.tasks, found + ran.found, faults + len(ran.faults)
            print(f"{play.name:<36}{ran.tasks:>5} tasks{ran.found.places:>6} places{len(ran.found.hits):>5} hits{time.monotonic() - start:>7.1f} s", flush=True)
            for line in (*map(str, ran.found.hits), *ran.faults):
                print(f"    {line}", flush=True)
    print(f"\n{len(plays)} runs with {tasks} tasks; {len(known_secrets())} secrets and all invite codes were looked for", end=" ")
    print(f"in {found.places} places (streams and files): {len(found.hits)} hits")
    if faults:
        print(f"{faults} things did not go as the plays say")
    if found.hits or faults:
        sys.exit(1)


if __name__ == "__main__":
    main()
