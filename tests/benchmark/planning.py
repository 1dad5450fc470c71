# Copyright (c) 2026, the mdmkit.apps_books authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Covers the pairs of a family in a process of its own and prints what came of it, as JSON: requests, and seconds of processor."""

from __future__ import annotations

import json
import sys
import time

from ansible_collections.mdmkit.apps_books.plugins.module_utils._model import Asset, Assignments, Limits, Targets
from ansible_collections.mdmkit.apps_books.plugins.module_utils._plan.batches import cover
from ansible_collections.mdmkit.apps_books.tests.benchmark.families import families
from ansible_collections.mdmkit.apps_books.tests.benchmark.world import app, device

_DOCUMENTED = Limits(25, 1000, 1000, 100, 100, 100, 512, 100, 100, 255)


def main() -> None:
    number, shrink = map(int, sys.argv[1:])
    pairs: Assignments = {}
    for index, lacking in enumerate(families(shrink)[number].missing):
        for asset in lacking:
            pairs.setdefault(Asset(app(asset), "STDQ"), Targets(set(), set())).devices.add(device(index))
    start = time.process_time()
    rectangles = cover(pairs, _DOCUMENTED).rectangles
    seconds = time.process_time() - start
    print(json.dumps({"requests": sum(rectangle.requests(_DOCUMENTED) for rectangle in rectangles), "seconds": seconds}))


if __name__ == "__main__":
    main()
