# Copyright (c) 2026, the mdmkit.apps_books authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a location would look like after earlier writes that check mode only planned."""

from __future__ import annotations

from typing import Dict, Mapping, NamedTuple

from ansible_collections.mdmkit.apps_books.plugins.module_utils._model import Asset, AssetRecord, Assignments, Targets


class Licences(NamedTuple):
    """Who holds what, and what there is to give out."""

    assignments: Assignments
    assets: Dict[Asset, AssetRecord]


def without_targets(assignments: Assignments, assets: Mapping[Asset, AssetRecord], leaving: Targets) -> Licences:
    """The same after everything revocable was taken back from some targets.

    :param assignments: complete for the leaving targets
    """
    left: Assignments = {}
    records = dict(assets)
    for asset, holders in assignments.items():
        record = records.get(asset)
        if record is not None and not record.revocable:
            left[asset] = holders
            continue
        remaining = Targets(holders.users - leaving.users, holders.devices - leaving.devices)
        left[asset] = remaining
        freed = holders.count - remaining.count
        if record is not None and freed:
            available = None if record.available_count is None or record.unlimited else record.available_count + freed
            records[asset] = record._replace(assigned_count=record.assigned_count - freed, available_count=available)
    return Licences(left, records)
