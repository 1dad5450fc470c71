# Copyright (c) 2026, the mdmkit.apps_books authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the simulator was sent, and what goes wrong there."""

from __future__ import annotations

from typing import Any, Dict, List

from vpp_simulator.testing import SimulatorHandle


def posts(simulator: SimulatorHandle) -> List[Dict[str, Any]]:
    """Every write that was sent, whether it arrived or not."""
    return [entry for entry in simulator.requests() if entry["method"] == "POST"]


def fault(path: str, nth: int = 1, times: int = 1, **action: Any) -> Dict[str, Any]:
    """A rule for requests to this path."""
    return {"match": {"path": path, "nth": nth}, "do": action, "times": times}
