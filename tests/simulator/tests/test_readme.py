# Copyright (c) 2026, the mdmkit.apps_books authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The README names every switch, fault key, control call and option."""

from __future__ import annotations

import dataclasses
import json
import re
from pathlib import Path

import pytest
from vpp_simulator import cli, faults, hands
from vpp_simulator.behaviour import Behaviour
from vpp_simulator.testing import ControlError, SimulatorHandle

TEXT = (Path(__file__).resolve().parents[1] / "README.md").read_text(encoding="utf-8")


def rows(heading: str) -> list[list[str]]:
    """The cells of the table rows in a chapter."""
    chapter = TEXT.partition(f"## {heading}\n")[2].partition("\n## ")[0]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in chapter.splitlines() if line.startswith("| `")]


def test_behaviour_with_its_defaults() -> None:
    documented = {row[0].strip("`"): row[1] for row in rows("Behaviour")}
    defaults = dataclasses.asdict(Behaviour())
    assert documented == {name: value if isinstance(value, str) else json.dumps(value) for name, value in defaults.items()}


def test_fault_keys() -> None:
    named = {name for row in rows("Fault rules") for name in re.findall(r"`(\w+)`", row[0])}
    assert named == set(faults.ACTION_KEYS)


def test_control_calls(simulator: SimulatorHandle) -> None:
    calls = {tuple(call.split()) for row in rows("Control surface") for call in re.findall(r"`((?:GET|POST|DELETE) \w+)", row[0])}
    assert {name for method, name in calls if method == "POST"} >= set(hands.ACTIONS)
    for method, name in calls:
        if method == "POST":
            # Nonsense is refused by the call itself, not for want of one.
            with pytest.raises(ControlError, match="^(?!there is no control call)"):
                simulator.control(method, name, "nonsense")
        else:
            simulator.control(method, name)


def test_options() -> None:
    options = {option for action in cli.parser()._actions for option in action.option_strings if option.startswith("--")}
    assert options - {"--help", "--version"} == {option for row in rows("Start") for option in re.findall(r"--[\w-]+", row[0])}
