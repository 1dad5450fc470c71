# Copyright (c) 2026, the mdmkit.apps_books authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The work of vpp_asset_assignment, vpp_asset_revocation, vpp_asset_info and vpp_assignment_info."""

from __future__ import annotations

from typing import Collection, Dict, Iterator, List, Mapping, Optional, Sequence

from ansible_collections.mdmkit.apps_books.plugins.module_utils._api.service import Service
from ansible_collections.mdmkit.apps_books.plugins.module_utils._model import Asset, AssetRecord, Assignments, InputError, Targets
from ansible_collections.mdmkit.apps_books.plugins.module_utils._module.assumption import assumption, read_assumed
from ansible_collections.mdmkit.apps_books.plugins.module_utils._module.results import (
    Result,
    carry_out,
    shown_asset_record,
    shown_assignment,
    shown_pairs,
)
from ansible_collections.mdmkit.apps_books.plugins.module_utils._module.task import Task, read_all
from ansible_collections.mdmkit.apps_books.plugins.module_utils._plan.assignments import compare, count_pairs, irrevocable_removals, plan_assignments
from ansible_collections.mdmkit.apps_books.plugins.module_utils._plan.assumption import without_targets
from ansible_collections.mdmkit.apps_books.plugins.module_utils._plan.guards import check_not_empty
from ansible_collections.mdmkit.apps_books.plugins.module_utils._plan.revocation import plan_revocation
from ansible_collections.mdmkit.apps_books.plugins.module_utils._state.assignments import Question, list_assignments, read_assignments
from ansible_collections.mdmkit.apps_books.plugins.module_utils._state.ownership import ensure_ours
from ansible_collections.mdmkit.apps_books.plugins.module_utils._state.users import ActiveUsers
from ansible_collections.mdmkit.apps_books.plugins.module_utils._wanted.assignments import WantedAssignments, wanted_assignments
from ansible_collections.mdmkit.apps_books.plugins.module_utils._wanted.targets import wanted_targets

_DEFAULT_CEILING = "20%"
_NAMES_TOLD = 5


def manage_assignments(task: Task) -> Result:
    options = task.options
    state, purge = options["state"], options["purge"]
    service, wanted, ceiling, assumed, dummy = read_all(
        task.connect,
        lambda: wanted_assignments(options["assignments"], options["assignments_files"]),
        lambda: task.ceiling(None if purge == "none" else _DEFAULT_CEILING),
        lambda: read_assumed(task),
        lambda: _check_purge(purge, state),
    )
    pairs, named = wanted.assignments(), wanted.targets()
    check_not_empty(count_pairs(pairs), purge != "none", options["allow_empty"], "assignments")
    owned = _owned_assets(service)
    ensure_ours(service, options["mdm_id"])
    before = assumption(service, assumed)
    present = read_assignments(service, owned, _question(purge, pairs, _together(named, before.leaving)))
    assignments, assets = without_targets(present.assignments, owned, before.leaving, before.retired)
    difference = compare(pairs, named, assignments, assets, state, purge)
    faults = list(_asset_faults(wanted, pairs, assets))
    unknown = _unknown_users(service, named.users - present.active_holders - before.created - before.retired)
    faults.extend(_user_faults(wanted, unknown + sorted(named.users & before.retired)))
    faults.extend(_irrevocable_faults(irrevocable_removals(difference, assets)))
    if faults:
        raise InputError(faults)
    plan, shortages = plan_assignments(difference, assets, wanted.in_order, options["on_shortage"] == "partial", ceiling)
    for shortage in shortages:
        left_out = shortage.needed - shortage.available
        task.warn(f"{shortage.asset}: {shortage.needed} licences are needed and {shortage.available} are free; {left_out} wanted assignments are left out.")
    return carry_out(task, service, plan, shortages=[shortage.told() for shortage in shortages])


def revoke_assignments(task: Task) -> Result:
    options = task.options
    service, targets, ceiling, assumed = read_all(
        task.connect, lambda: wanted_targets(options), lambda: task.ceiling(None), lambda: read_assumed(task)
    )
    named = Targets(set(targets.user_ids()), set(targets.serial_numbers()))
    owned = _owned_assets(service)
    ensure_ours(service, options["mdm_id"])
    before = assumption(service, assumed)
    present = read_assignments(service, owned, Question(targets=_together(named, before.leaving)))
    assignments, assets = without_targets(present.assignments, owned, before.leaving, before.retired)
    # What retired users keep is no longer theirs to give back.
    named.users.difference_update(before.retired)
    plan, irrevocable = plan_revocation(named, assignments, assets, ceiling)
    kept = shown_pairs(irrevocable, task.max_listed)
    return carry_out(task, service, plan, irrevocable=kept, irrevocable_left_out=count_pairs(irrevocable) - len(kept))


def list_assets(task: Task) -> Result:
    options = task.options
    filters = {
        "adamId": options["adam_id"],
        "productType": options["product_type"],
        "pricingParam": options["pricing_param"],
        "deviceAssignable": _boolean(options["device_assignable"]),
        "revocable": _boolean(options["revocable"]),
        "unlimited": _boolean(options["unlimited"]),
        "minAvailableCount": _number(options["min_available_count"]),
        "maxAvailableCount": _number(options["max_available_count"]),
        "minAssignedCount": _number(options["min_assigned_count"]),
        "maxAssignedCount": _number(options["max_assigned_count"]),
    }
    service = task.connect()
    records = sorted(service.assets(_given(filters)))
    shown = [shown_asset_record(record) for record in records[:task.max_listed]]
    return {"changed": False, "assets": shown, "count": len(records), "left_out": len(records) - len(shown), "uid": service.facts.uid}


def list_all_assignments(task: Task) -> Result:
    options = task.options
    filters = {
        "adamId": options["adam_id"],
        "pricingParam": options["pricing_param"],
        "clientUserId": options["client_user_id"],
        "serialNumber": options["serial_number"],
        "excludeInactiveUsers": _boolean(options["exclude_inactive_users"] or None),
        "includeUserState": _boolean(options["include_user_state"] or None),
        "sinceVersionId": options["since_version_id"],
    }
    service = task.connect()
    listing = list_assignments(service, _given(filters))
    shown = [shown_assignment(record) for record in listing.records[:task.max_listed]]
    return {
        "changed": False,
        "assignments": shown,
        "count": len(listing.records),
        "left_out": len(listing.records) - len(shown),
        "version_id": listing.version_id,
        "uid": service.facts.uid,
    }


def _check_purge(purge: str, state: str) -> None:
    if purge != "none" and state == "absent":
        raise InputError(["purge goes with state: present only"])


def _owned_assets(service: Service) -> Dict[Asset, AssetRecord]:
    return {record.asset: record for record in service.assets()}


def _question(purge: str, pairs: Assignments, named: Targets) -> Question:
    return {
        "none": Question(assets=list(pairs), targets=named),
        "assets": Question(assets=list(pairs)),
        "targets": Question(targets=named),
        "location": Question(),
    }[purge]


def _together(left: Targets, right: Targets) -> Targets:
    return Targets(left.users | right.users, left.devices | right.devices)


def _unknown_users(service: Service, client_user_ids: Collection[str]) -> List[str]:
    if not client_user_ids:
        return []
    active = ActiveUsers(service).read(sorted(client_user_ids)).by_id
    return sorted(client_user_id for client_user_id in client_user_ids if client_user_id not in active)


def _asset_faults(wanted: WantedAssignments, pairs: Assignments, assets: Mapping[Asset, AssetRecord]) -> Iterator[str]:
    for asset, place in wanted.asset_places().items():
        record = assets.get(asset)
        if record is None:
            yield f"{place}: asset {asset} is not owned by this location"
        elif pairs[asset].devices and not record.device_assignable:
            what = "a book" if record.product_type == "Book" else "not device-assignable"
            places = ", ".join(str(block_place) for block_place in wanted.device_block_places(asset)[:_NAMES_TOLD])
            yield f"{places}: asset {asset} is {what} and cannot be given to devices ({_first(sorted(pairs[asset].devices))})"


def _user_faults(wanted: WantedAssignments, unknown: Sequence[str]) -> Iterator[str]:
    for client_user_id, place in wanted.user_places(unknown).items():
        yield f"{place}: {client_user_id} is no active user of this location (never created, or retired)"


def _irrevocable_faults(irrevocable: Assignments) -> Iterator[str]:
    for asset, holders in sorted(irrevocable.items()):
        who = _first(sorted(holders.users) + sorted(holders.devices))
        yield f"asset {asset} can never be taken back, but {who} would lose it; keep it for them in what is wanted"


def _first(names: Sequence[str]) -> str:
    more = f" and {len(names) - _NAMES_TOLD} more" if len(names) > _NAMES_TOLD else ""
    return ", ".join(names[:_NAMES_TOLD]) + more


def _boolean(value: Optional[bool]) -> Optional[str]:
    return None if value is None else "true" if value else "false"


def _number(value: Optional[int]) -> Optional[str]:
    return None if value is None else str(value)


def _given(filters: Mapping[str, Optional[str]]) -> Dict[str, str]:
    return {name: value for name, value in filters.items() if value}
