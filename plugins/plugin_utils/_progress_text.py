# Copyright (c) 2026, the mdmkit.apps_books authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What modules tell of their progress, as one line for a person."""

from __future__ import annotations

import collections
import unicodedata
from typing import Iterable, List, NamedTuple, Optional, Sequence

from ansible_collections.mdmkit.apps_books.plugins.module_utils._progress import Told

# The beginning of a step says little about the rest.
_SECONDS_BEFORE_ESTIMATE = 3.0
_SHARE_BEFORE_ESTIMATE = 0.001


class Running(NamedTuple):
    """A module that runs for a host, and tells of it.

    :ivar since: when its task began, in seconds since 1970
    """

    host: str
    since: float
    told: Told


def one_line(running: Sequence[Running], now: float, width: int) -> str:
    """All of them in full where that fits, else how many do what.

    :param now: seconds since 1970
    :param width: columns that the line may take
    """
    line = " | ".join(f"{printable(module.host)}: {_doing(module.told, now)}" for module in running)
    if len(running) > 1 and columns_of(line) > width:
        line = _summary([module.told for module in running], now)
    return _cut(line, width)


def printable(text: str) -> str:
    """The text without what could move the cursor or begin a new line. Names of hosts may come from an inventory that somebody else keeps."""
    return "".join(character if character.isprintable() else "?" for character in text)


def columns_of(text: str) -> int:
    """How many columns of a terminal the text takes."""
    return sum(map(_columns, text))


def _columns(character: str) -> int:
    if unicodedata.combining(character):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "FW" else 1


def _cut(line: str, width: int) -> str:
    if columns_of(line) <= width:
        return line
    while line and columns_of(line) > width - 3:
        line = line[:-1]
    return line + "..."


def _doing(told: Told, now: float) -> str:
    parts = [printable(told.doing) or ("working" if not told.waits else "")]
    if told.total is not None and told.total > 1:
        parts[0] += f", {int(told.done):,} of {int(told.total):,} {printable(told.unit)}"
    parts[0] += _percentage(_share(told))
    if told.waits_until > now:
        parts.append(f"waiting {printable(told.waits)}, at most {_span(told.waits_until - now)}")
    else:
        left = _left(told, now)
        if left is not None:
            parts.append(f"about {_span(left)} left")
    return ", ".join(filter(None, parts))


def _summary(tellers: Iterable[Told], now: float) -> str:
    by_doing = collections.defaultdict(list)
    for told in tellers:
        by_doing[f"waiting {told.waits}" if told.waits_until > now else told.doing or "working"].append(told)
    parts: List[str] = []
    for doing, alike in sorted(by_doing.items(), key=lambda item: (-len(item[1]), item[0])):
        shares = [share for share in map(_share, alike) if share is not None]
        parts.append(f"{len(alike)} {printable(doing)}{_percentage(sum(shares) / len(shares) if shares else None)}")
    everybody = [told for alike in by_doing.values() for told in alike]
    lefts = [left for left in (_left(told, now) for told in everybody) if left is not None]
    estimate = f", about {_span(max(lefts))} left" if lefts else ""
    return f"{len(everybody)} hosts: {', '.join(parts)}{estimate}"


def _share(told: Told) -> Optional[float]:
    """How much of the step is done, from 0 to 1."""
    return min(1.0, told.done / told.total) if told.total else None


def _percentage(share: Optional[float]) -> str:
    return "" if share is None else f" ({int(100 * share)} %)"


def _left(told: Told, now: float) -> Optional[float]:
    """Seconds that the step will still take if it goes on as it went so far."""
    share = _share(told)
    elapsed = now - told.began_at
    if share is None or share < _SHARE_BEFORE_ESTIMATE or elapsed < _SECONDS_BEFORE_ESTIMATE:
        return None
    return elapsed * (1 - share) / share


def _span(seconds: float) -> str:
    if seconds < 100:
        return f"{max(1, round(seconds))} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 100 else f"{minutes // 60} h {minutes % 60} min"
