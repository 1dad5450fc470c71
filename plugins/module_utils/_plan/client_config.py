# Copyright (c) 2026, the mdmkit.apps_books authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The plan for the client configuration: one step or none."""

from __future__ import annotations

from typing import Any, Iterator, List, Optional, Tuple

from ansible_collections.mdmkit.apps_books.plugins.module_utils._model import AppsBooksError, ClientConfig, InputError, Limits, MdmInfo
from ansible_collections.mdmkit.apps_books.plugins.module_utils._plan.plan import Batches, Change, Plan, Request, Step

SETTABLE = ("mdm_info", "notification_url", "notification_auth_token", "notification_types")


class HeldByAnother(AppsBooksError):
    """The location is claimed by another id, and taking over was not asked for. Nothing has been written."""


class ConfigStep(Step):
    """:ivar config: the whole configuration to store"""

    kind = "configure"
    why = "differs"

    def __init__(self, present: ClientConfig, config: ClientConfig) -> None:
        self._present = present
        self.config = config

    @property
    def count(self) -> int:
        return len(self._changed())

    def changes(self) -> Iterator[Change]:
        for member in self._changed():
            before, after = getattr(self._present, member), getattr(self.config, member)
            if member == "notification_auth_token":
                before, after = "a secret" if before else None, "another secret" if before else "a secret"
            before, after = _plain(before), _plain(after)
            yield Change(member, {"member": member, "before": before, "after": after}, before, after)

    def batches(self, limits: Limits) -> Batches:
        return Batches.as_few_as_can_be([Request(self.kind)] if self.count else [])

    def is_stored_in(self, present: ClientConfig) -> bool:
        return all(getattr(present, member) == getattr(self.config, member) for member in SETTABLE)

    def holders(self) -> Tuple[Optional[MdmInfo], Optional[MdmInfo]]:
        """Who holds the location before and after the step."""
        return self._present.mdm_info, self.config.mdm_info

    def _changed(self) -> List[str]:
        return [member for member in SETTABLE if getattr(self._present, member) != getattr(self.config, member)]


def ensure_unclaimed_meanwhile(step: ConfigStep, present: ClientConfig) -> None:
    """
    :raises HeldByAnother: the location is held by neither of those who hold it before and after the step
    """
    holder = present.mdm_info
    if holder is not None and holder.id not in [known.id for known in step.holders() if known is not None]:
        raise HeldByAnother(
            f"Meanwhile {holder} has claimed this location. What this task sent may have been stored before or not at all.",
            "If you mean to take it over, set takeover: true once.",
            {"holder": dict(holder._asdict())},
        )


def plan_client_config(
    present: ClientConfig,
    limits: Limits,
    mdm_info: Optional[MdmInfo] = None,
    notification_url: Optional[str] = None,
    notification_auth_token: Optional[str] = None,
    notification_types: Optional[Tuple[str, ...]] = None,
    takeover: bool = False,
) -> Plan:
    """What is None is kept, and sent again, since what the service does with a left-out member is unknown (README section 4).

    :param notification_types: sorted
    :raises HeldByAnother: another id is stored, and not ``takeover``
    :raises InputError: the result would break a rule of the service
    """
    held = present.mdm_info
    if mdm_info is not None and held is not None and held.id != mdm_info.id and not takeover:
        raise HeldByAnother(
            f"This location is managed by {held}, not by {mdm_info.id}. Nothing was written.",
            "If you mean to take it over, set takeover: true once.",
            {"holder": dict(held._asdict())},
        )
    config = present._replace(
        mdm_info=mdm_info or held,
        notification_url=notification_url or present.notification_url,
        notification_auth_token=notification_auth_token or present.notification_auth_token,
        notification_types=present.notification_types if notification_types is None else notification_types,
    )
    faults = _faults(config, limits)
    if faults:
        raise InputError(faults)
    return Plan((ConfigStep(present, config),))


def _faults(config: ClientConfig, limits: Limits) -> List[str]:
    faults = []
    if bool(config.notification_url) != bool(config.notification_auth_token):
        faults.append("notification_url and notification_auth_token go together; one of them is neither given nor stored")
    info = config.mdm_info or MdmInfo("", "", "")
    for name, value, limit in (
        ("mdm_info.id", info.id, limits.mdm_id_length),
        ("mdm_info.name", info.name, limits.mdm_name_length),
        ("mdm_info.metadata", info.metadata, limits.mdm_metadata_length),
        ("notification_url", config.notification_url, limits.notification_length),
        ("notification_auth_token", config.notification_auth_token, limits.notification_length),
    ):
        if value and len(value) > limit:
            faults.append(f"{name} has {len(value)} characters; Apple takes {limit} at most")
    return faults


def _plain(value: Any) -> Any:
    if isinstance(value, MdmInfo):
        return dict(value._asdict())
    return list(value) if isinstance(value, tuple) else value
