# Copyright (c) 2026, the mdmkit.apps_books authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Measures what the collection costs against the simulator, beside what people would use instead, and prints one table.

A whole run writes docs/benchmark.md, docs/benchmark.json and docs/benchmark.svg; a part of it or a quick one the same files in .cache/benchmark.
"""

from __future__ import annotations

import argparse
import json
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from .report import HEADER, as_data, cells, line, page, summary
from .scenarios import SCENARIOS, Row
from .sizes import FULL, QUICK, SERVICE, Shape, Sizes
from .world import Broken

ROOT = Path(__file__).resolve().parents[2]
PLOT = ROOT / "tests" / "tools" / "plot.py"


def measure(names: Sequence[str], shape: Shape, sizes: Sizes) -> list[Row]:
    """Run scenarios and print each row as it comes; what is going on is told on standard error."""
    rows: list[Row] = []
    print(line(HEADER), flush=True)
    start = time.monotonic()
    for number, name in enumerate(names, 1):
        print(f"[{time.monotonic() - start:4.0f} s] {name}, {number} of {len(names)} ...", file=sys.stderr, flush=True)
        for row in SCENARIOS[name](shape, sizes):
            rows.append(row)
            print(line(cells(row)), flush=True)
    print(f"[{time.monotonic() - start:4.0f} s] done", file=sys.stderr, flush=True)
    print(*summary(rows), sep="\n", flush=True)
    return rows


def write(rows: Sequence[Row], shape: Shape, folder: Path) -> None:
    """The page, the figures and the plot."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "benchmark.json").write_text(json.dumps(as_data(rows, shape), indent=1) + "\n", encoding="utf-8")
    (folder / "benchmark.md").write_text(page(rows, shape), encoding="utf-8")
    subprocess.run([sys.executable, PLOT, folder / "benchmark.json", folder / "benchmark.svg"], check=True)


def _parsed() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument("--only", default=",".join(SCENARIOS), metavar="NAME,...", help="only these scenarios (%(default)s)")
    parser.add_argument("--quick", action="store_true", help="small sizes, to try whether it works")
    options = parser.parse_args()
    options.only = options.only.split(",")
    unknown = set(options.only) - set(SCENARIOS)
    if unknown:
        parser.error(f"no scenario is called {', '.join(sorted(unknown))}; there are {', '.join(SCENARIOS)}")
    return options


def _interrupt(signum: int, frame: object) -> None:
    raise KeyboardInterrupt


def main() -> None:
    signal.signal(signal.SIGTERM, _interrupt)
    options = _parsed()
    try:
        rows = measure(options.only, SERVICE, QUICK if options.quick else FULL)
        whole = set(options.only) == set(SCENARIOS) and not options.quick
        folder = ROOT / "docs" if whole else ROOT / ".cache" / "benchmark"
        write(rows, SERVICE, folder)
    except KeyboardInterrupt:
        sys.exit("interrupted")
    except Broken as error:
        sys.exit(str(error))
    print(f"Written: benchmark.md, benchmark.json and benchmark.svg in {folder.relative_to(ROOT)}")


if __name__ == "__main__":
    main()
