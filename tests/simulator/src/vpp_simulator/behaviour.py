# Copyright (c) 2026, the mdmkit.apps_books authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The switches of the simulator: how fast it is, and which answer it gives where Apple's is unknown."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

Check = Callable[[Any], str | None]


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _is_whole(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _whole(minimum: int) -> Check:
    return lambda value: None if _is_whole(value) and value >= minimum else f"must be a whole number, {minimum} or more"


def _one_of(*choices: Any) -> Check:
    # The types are compared too, because True == 1 in Python.
    allowed = [(type(choice), choice) for choice in choices]
    return lambda value: None if (type(value), value) in allowed else "must be one of " + ", ".join(map(str, choices))


def _not_negative(value: Any) -> str | None:
    return None if _is_number(value) and value >= 0 else "must be a number, 0 or more"


def _switch(value: Any) -> str | None:
    return None if isinstance(value, bool) else "must be true or false"


def _retry_after(value: Any) -> str | None:
    return None if value is None or isinstance(value, str) or _not_negative(value) is None else "must be null, seconds, or an HTTP date"


def _limits(value: Any) -> str | None:
    if not isinstance(value, Mapping):
        return "must be a map of names to whole numbers or null"
    wrong = sorted(str(name) for name, limit in value.items() if limit is not None and not (_is_whole(limit) and limit >= 0))
    return f"must be whole numbers or null: {', '.join(wrong)}" if wrong else None


def _by(check: Check) -> Mapping[str, Check]:
    """Metadata of a field: how its values are checked."""
    return {"check": check}


@dataclass(frozen=True)
class Behaviour:
    """All switches. README.md of this package says what each does and which open question of apple-api it answers."""

    page_size: int = field(default=1000, metadata=_by(_whole(1)))
    empty_total_pages: int = field(default=1, metadata=_by(_one_of(1, 0)))
    latency_ms: float = field(default=0, metadata=_by(_not_negative))
    max_requests_per_second: int = field(default=15, metadata=_by(_whole(0)))
    retry_after_on_429: str | None = field(default=None, metadata=_by(_retry_after))
    limits: Mapping[str, int | None] = field(default_factory=dict, metadata=_by(_limits))
    errors_as_200: bool = field(default=False, metadata=_by(_switch))
    read_only_error: int = field(default=9637, metadata=_by(_whole(1)))
    event_seconds: float = field(default=0.05, metadata=_by(_not_negative))
    event_tasks_per_second: float = field(default=0, metadata=_by(_not_negative))
    event_retention_seconds: float = field(default=86400, metadata=_by(_not_negative))
    visibility_delay_ms: float = field(default=0, metadata=_by(_not_negative))
    associate_existing: str = field(default="noop", metadata=_by(_one_of("noop", "fail")))
    disassociate_missing: str = field(default="noop", metadata=_by(_one_of("noop", "fail")))
    shortage: str = field(default="first_come", metadata=_by(_one_of("first_come", "whole_group")))
    unknown_user: str = field(default="async", metadata=_by(_one_of("async", "sync")))
    missing_pricing_param: str = field(default="stdq", metadata=_by(_one_of("stdq", "owned", "refuse")))
    failures_name_assets: bool = field(default=False, metadata=_by(_switch))
    retire_releases: bool = field(default=True, metadata=_by(_switch))
    removals_in_incremental: bool = field(default=False, metadata=_by(_switch))
    client_config_left_out: str = field(default="kept", metadata=_by(_one_of("kept", "cleared")))
    notification_http: bool = field(default=False, metadata=_by(_switch))
    notification_timeout_ms: int = field(default=5000, metadata=_by(_whole(1)))

    def faults_of(self, changes: Mapping[Any, Any]) -> list[str]:
        """What is wrong with these changes, one message for each key."""
        checks = {entry.name: entry.metadata["check"] for entry in dataclasses.fields(self)}
        faults = []
        for name, value in changes.items():
            problem = checks[name](value) if name in checks else "is not a behaviour key"
            if problem:
                faults.append(f"{name}: {problem}")
        return faults

    def merged(self, changes: Mapping[str, Any]) -> Behaviour:
        """With the changes on top. `limits` merges key by key; the changes have passed `faults_of`."""
        values = dict(changes)
        if "limits" in values:
            values["limits"] = {**self.limits, **values["limits"]}
        if values.get("retry_after_on_429") is not None:
            values["retry_after_on_429"] = str(values["retry_after_on_429"])
        return dataclasses.replace(self, **values)

    def as_dict(self) -> dict[str, Any]:
        """As the control surface shows it."""
        return dataclasses.asdict(self)
