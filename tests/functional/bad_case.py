# Copyright (c) 2026, the mdmkit.apps_books authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a case of malformed input is."""

from __future__ import annotations

from typing import Any, Dict, Mapping, NamedTuple, Tuple, Union

FOLDER = "FOLDER"
"""Stands for the case's own folder, in options and in what is expected of the message."""

Files = Mapping[str, Union[str, bytes]]


class Case(NamedTuple):
    """
    :ivar told: what the message has to hold: what is wrong, where, and where sensible what to do
    :ivar options: of the module; None takes away what every run is given
    :ivar files: by name, written into the case's folder
    """

    name: str
    module: str
    told: Tuple[str, ...]
    options: Dict[str, Any]
    files: Files = {}
    environment: Mapping[str, str] = {}


def options(name: str, module: str, *told: str, **given: Any) -> Case:
    """A case of options alone."""
    return Case(name, module, told, given)
