# Copyright (c) 2026, the mdmkit.apps_books authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The work of vpp_asset_assignment, vpp_asset_revocation, vpp_asset_info and vpp_assignment_info."""

from __future__ import annotations

from typing import Collection, Iterator, List, Mapping, Sequence

from ansible_collections.mdmkit.apps_books.plugins.module_utils._api.service import Service
from ansible_collections.mdmkit.apps_books.plugins.module_utils._apply.readback import AssignmentReadBack
from ansible_collections.mdmkit.apps_books.plugins.module_utils._model import AppsBooksError, Asset, AssetRecord, Assignments, InputError, Targets
from ansible_collections.mdmkit.apps_books.plugins.module_utils._module.assumption import assumption, read_assumed
from ansible_collections.mdmkit.apps_books.plugins.module_utils._module.present import active_users, owned_assets, present_assignments
from ansible_collections.mdmkit.apps_books.plugins.module_utils._module.results import (
    Result,
    carry_out,
    listing,
    shown_asset_record,
    shown_assignment,
    shown_pairs,
)
from ansible_collections.mdmkit.apps_books.plugins.module_utils._module.task import Task, read_all
from ansible_collections.mdmkit.apps_books.plugins.module_utils._plan.assignments import (
    NotEnoughLicences,
    Shortage,
    affordable,
    compare,
    irrevocable_removals,
    plan_assignments,
)
from ansible_collections.mdmkit.apps_books.plugins.module_utils._plan.assumption import without_targets
from ansible_collections.mdmkit.apps_books.plugins.module_utils._plan.guards import check_not_empty, check_purge, some_of
from ansible_collections.mdmkit.apps_books.plugins.module_utils._plan.pairs import PairStep, count_pairs
from ansible_collections.mdmkit.apps_books.plugins.module_utils._plan.revocation import everybody_but, plan_revocation
from ansible_collections.mdmkit.apps_books.plugins.module_utils._state.assignments import Question, list_assignments
from ansible_collections.mdmkit.apps_books.plugins.module_utils._state.ownership import ensure_ours
from ansible_collections.mdmkit.apps_books.plugins.module_utils._wanted.assignments import PAIR_COLUMNS, WantedAssignments, read_assignments
from ansible_collections.mdmkit.apps_books.plugins.module_utils._wanted.catalog import read_catalog
from ansible_collections.mdmkit.apps_books.plugins.module_utils._wanted.groups import read_groups
from ansible_collections.mdmkit.apps_books.plugins.module_utils._wanted.targets import wanted_everybody_but, wanted_targets

_DEFAULT_CEILING = "20%"
_PLACES_TOLD = 5
_SHORTAGES_TOLD = 10
_ASSET_COLUMNS = (*Asset._fields, *(name for name in AssetRecord._fields if name != "asset"), "unlimited")
_ASSET_FILTERS = (
    "adam_id",
    "product_type",
    "pricing_param",
    "device_assignable",
    "revocable",
    "unlimited",
    "min_available_count",
    "max_available_count",
    "min_assigned_count",
    "max_assigned_count",
)


def manage_assignments(task: Task) -> Result:
    options = task.options
    state, purge = options["state"], options["purge"]
    service, wanted, ceiling, assumed, dummy = read_all(
        task.connect,
        lambda: _wanted(task),
        lambda: task.ceiling(None if purge == "none" else _DEFAULT_CEILING),
        lambda: read_assumed(task),
        lambda: check_purge(purge != "none", state),
    )
    pairs, named = wanted.assignments(), wanted.targets()
    check_not_empty(count_pairs(pairs), purge != "none", options["allow_empty"], "assignments")
    is_about_named_assets = purge in ("none", "assets") and assumed is None
    owned = owned_assets(task, service, {asset.adam_id for asset in pairs} if is_about_named_assets else None)
    ensure_ours(service, options["mdm_id"])
    before = assumption(task, service, assumed)
    present = present_assignments(task, service, owned, _question(purge, pairs, _together(named, before.leaving)))
    assignments, assets = without_targets(present.assignments, owned.records, before.leaving, before.retired)
    difference = compare(pairs, named, assignments, assets, state, purge)
    faults = list(_asset_faults(wanted, pairs, assets))
    unknown = _unknown_users(task, service, named.users - present.active_holders - before.created - before.retired)
    faults.extend(_user_faults(wanted, unknown + sorted(named.users & before.retired)))
    faults.extend(_irrevocable_faults(irrevocable_removals(difference, assets)))
    if faults:
        raise InputError(faults)
    partial = options["on_shortage"] == "partial"
    try:
        plan, shortages = plan_assignments(difference, assets, wanted.in_order, partial, ceiling, wanted.title_of())
    except NotEnoughLicences as error:
        raise AppsBooksError(error.message, error.hint, _shown_shortages(task, error.shortages)) from None

    def given_by_now(step: PairStep, records: Mapping[Asset, AssetRecord]) -> PairStep:
        step, found_meanwhile = affordable(step, records, wanted.in_order)
        shortages.extend(found_meanwhile)
        return step

    def told_shortages() -> Result:
        for shortage in shortages[:_SHORTAGES_TOLD]:
            left_out = shortage.needed - shortage.available
            task.warn(f"{shortage.asset}: {shortage.needed} licences are needed and {shortage.available} are free; {left_out} wanted assignments are left out.")
        if len(shortages) > _SHORTAGES_TOLD:
            task.warn(f"Licences of {len(shortages) - _SHORTAGES_TOLD} more assets are short.")
        return _shown_shortages(task, shortages)

    read_back = AssignmentReadBack(service, owned, given_by_now if partial else None, present.known)
    return carry_out(task, service, plan, (*PAIR_COLUMNS, "title"), read_back, told_shortages)


def _wanted(task: Task) -> WantedAssignments:
    options = task.options
    faults: List[str] = []
    catalog = read_catalog(options["catalog_files"] or [], faults)
    groups = read_groups(options["groups_files"] or [], options["inventory_devices"] or {}, faults)
    wanted = read_assignments(options["assignments"], options["assignments_files"], catalog, groups, faults)
    if faults:
        raise InputError(faults)
    return wanted


def revoke_assignments(task: Task) -> Result:
    options = task.options
    rest_of = options["everybody_but"]
    service, targets, others, spared, ceiling, assumed = read_all(
        task.connect,
        lambda: wanted_targets(options),
        lambda: wanted_everybody_but(rest_of, options["allow_empty"]) if rest_of is not None else None,
        lambda: wanted_targets(options["allow_list"] or {}, "allow_list"),
        lambda: task.ceiling(None if rest_of is None else _DEFAULT_CEILING),
        lambda: read_assumed(task),
    )
    named = targets.targets()
    owned = owned_assets(task, service)
    ensure_ours(service, options["mdm_id"])
    before = assumption(task, service, assumed)
    question = Question(targets=_together(named, before.leaving)) if others is None else Question()
    present = present_assignments(task, service, owned, question)
    assignments, assets = without_targets(present.assignments, owned.records, before.leaving, before.retired)
    why, kinds = "shall hold nothing revocable", []
    if others is not None:
        named = everybody_but(others.listed.targets(), others.users, others.devices, assignments)
        why = "not listed in everybody_but"
        kinds = [kind for kind in ("users", "devices") if getattr(others, kind)]
    # What retired users keep is no longer theirs to give back.
    named.users.difference_update(before.retired, spared.user_ids())
    named.devices.difference_update(spared.serial_numbers())
    plan, irrevocable = plan_revocation(named, assignments, assets, ceiling, why, kinds)
    kept = task.first("irrevocable", shown_pairs(irrevocable))
    also_held = {"irrevocable": kept, "irrevocable_left_out": count_pairs(irrevocable) - len(kept)}
    return carry_out(task, service, plan, PAIR_COLUMNS, AssignmentReadBack(service, owned, known=present.known), lambda: also_held)


def list_assets(task: Task) -> Result:
    service = task.connect()
    records = sorted(service.assets({name: task.options[name] for name in _ASSET_FILTERS}))
    return listing(task, service, "assets", _ASSET_COLUMNS, records, shown_asset_record)


def list_all_assignments(task: Task) -> Result:
    options = task.options
    filters = {name: options[name] for name in ("adam_id", "pricing_param", "client_user_id", "serial_number", "since_version_id")}
    # A flag that is not set is not sent: Apple does not say what false means.
    filters.update((name, options[name] or None) for name in ("exclude_inactive_users", "include_user_state"))
    service = task.connect()
    found = list_assignments(service, filters, task.snapshots)
    task.note(found.reading)
    columns = (*PAIR_COLUMNS, "user_status", "id_hash")
    return {**listing(task, service, "assignments", columns, found.records, shown_assignment), "version_id": found.version_id}


def _shown_shortages(task: Task, shortages: Sequence[Shortage]) -> Result:
    shown = task.first("shortages", (shortage.told() for shortage in shortages))
    return {"shortages": shown, "shortages_left_out": len(shortages) - len(shown)}


def _question(purge: str, pairs: Assignments, named: Targets) -> Question:
    return {
        "none": Question(assets=list(pairs), targets=named),
        "assets": Question(assets=list(pairs)),
        "targets": Question(targets=named),
        "location": Question(),
    }[purge]


def _together(left: Targets, right: Targets) -> Targets:
    return Targets(left.users | right.users, left.devices | right.devices)


def _unknown_users(task: Task, service: Service, client_user_ids: Collection[str]) -> List[str]:
    if not client_user_ids:
        return []
    active = active_users(task, service, sorted(client_user_ids)).by_id
    return sorted(client_user_id for client_user_id in client_user_ids if client_user_id not in active)


def _asset_faults(wanted: WantedAssignments, pairs: Assignments, assets: Mapping[Asset, AssetRecord]) -> Iterator[str]:
    for asset, place in wanted.asset_places().items():
        record = assets.get(asset)
        if record is None:
            yield f"{place}: asset {asset} is not owned by this location"
        elif pairs[asset].devices and not record.device_assignable:
            what = "a book" if record.product_type == "Book" else "not device-assignable"
            places = ", ".join(str(block_place) for block_place in wanted.device_block_places(asset)[:_PLACES_TOLD])
            yield f"{places}: asset {asset} is {what} and cannot be given to devices ({some_of(sorted(pairs[asset].devices), len(pairs[asset].devices))})"


def _user_faults(wanted: WantedAssignments, unknown: Sequence[str]) -> Iterator[str]:
    for client_user_id, place in wanted.user_places(unknown).items():
        yield f"{place}: {client_user_id} is no active user of this location (never created, or retired)"


def _irrevocable_faults(irrevocable: Assignments) -> Iterator[str]:
    for asset, holders in sorted(irrevocable.items()):
        who = some_of(sorted(holders.users) + sorted(holders.devices), holders.count)
        yield f"asset {asset} can never be taken back, but {who} would lose it; keep it for them in what is wanted"
