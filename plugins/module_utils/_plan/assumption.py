# Copyright (c) 2026, the mdmkit.apps_books authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a location would look like after earlier writes that check mode only planned."""

from __future__ import annotations

from typing import AbstractSet, Dict, Mapping, NamedTuple

from ansible_collections.mdmkit.apps_books.plugins.module_utils._model import Asset, AssetRecord, Assignments, Targets


class Licences(NamedTuple):
    """Who holds what, and what there is to give out."""

    assignments: Assignments
    assets: Dict[Asset, AssetRecord]


def without_targets(
    assignments: Assignments, assets: Mapping[Asset, AssetRecord], leaving: Targets, retired: AbstractSet[str] = frozenset()
) -> Licences:
    """The same after everything revocable was taken back from some targets.

    :param assignments: complete for the leaving targets
    :param retired: those of the leaving users who are retired; what they keep is nobody's any more, though it stays used up
    """
    left: Assignments = {}
    records = dict(assets)
    for asset, holders in assignments.items():
        record = records.get(asset)
        revocable = record is None or record.revocable
        users, devices = (leaving.users, leaving.devices) if revocable else (retired, set())
        left[asset] = Targets(holders.users - users, holders.devices - devices)
        gone = holders.count - left[asset].count
        if record is None or not gone:
            continue
        changes = {"assigned_count": record.assigned_count - gone}
        if not revocable:
            changes["retired_count"] = (record.retired_count or 0) + gone
        elif record.available_count is not None and not record.unlimited:
            changes["available_count"] = record.available_count + gone
        records[asset] = record._replace(**changes)
    return Licences(left, records)
