# Copyright (c) 2026, the mdmkit.apps_books authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The work of vpp_drift_info: how a location differs from its files. It only reads, and a read-only content token will do."""

from __future__ import annotations

import datetime
import itertools
import os
from typing import Any, Callable, Dict, Iterable, Iterator, List, Mapping, Optional, Sequence, Tuple

from ansible_collections.mdmkit.apps_books.plugins.module_utils._api.service import Service
from ansible_collections.mdmkit.apps_books.plugins.module_utils._api.token import days_left, parse_date
from ansible_collections.mdmkit.apps_books.plugins.module_utils._model import Asset, ClientConfig, InputError, Targets
from ansible_collections.mdmkit.apps_books.plugins.module_utils._module.dest import file_faults, write_text_file
from ansible_collections.mdmkit.apps_books.plugins.module_utils._module.present import active_users, owned_assets, present_assignments
from ansible_collections.mdmkit.apps_books.plugins.module_utils._module.results import Result
from ansible_collections.mdmkit.apps_books.plugins.module_utils._module.task import Task, read_all
from ansible_collections.mdmkit.apps_books.plugins.module_utils._module.tree import overrides_of
from ansible_collections.mdmkit.apps_books.plugins.module_utils._plan.client_config import plan_client_config
from ansible_collections.mdmkit.apps_books.plugins.module_utils._plan.drift import (
    Detail,
    Finding,
    Present,
    Stock,
    Wish,
    config_finding,
    expiry_finding,
    find_drift,
    ownership_finding,
)
from ansible_collections.mdmkit.apps_books.plugins.module_utils._plan.guards import parse_threshold
from ansible_collections.mdmkit.apps_books.plugins.module_utils._plan.pairs import count_pairs
from ansible_collections.mdmkit.apps_books.plugins.module_utils._plan.plan import Change
from ansible_collections.mdmkit.apps_books.plugins.module_utils._plan.users import UserWish
from ansible_collections.mdmkit.apps_books.plugins.module_utils._report import report
from ansible_collections.mdmkit.apps_books.plugins.module_utils._report.kinds import KINDS
from ansible_collections.mdmkit.apps_books.plugins.module_utils._report.reading import time_as_text
from ansible_collections.mdmkit.apps_books.plugins.module_utils._state.assignments import Question
from ansible_collections.mdmkit.apps_books.plugins.module_utils._state.ownership import readable_client_config
from ansible_collections.mdmkit.apps_books.plugins.module_utils._wanted.catalog import read_catalog
from ansible_collections.mdmkit.apps_books.plugins.module_utils._wanted.client_config import wanted_client_config
from ansible_collections.mdmkit.apps_books.plugins.module_utils._wanted.location import LocationFiles, read_location

_SOME_SECRET = "a secret"

USUAL_EXPIRY_DAYS = 30


def show_drift(task: Task) -> Result:
    options = task.options
    service, (files, names), low_stock, dummy = read_all(
        task.connect,
        lambda: _files(options),
        lambda: parse_threshold(options["low_stock"], "low_stock") if options["low_stock"] else None,
        lambda: _check(options["expiry_days"], options["dest_json"]),
    )
    settings = files.settings if files is not None else {}
    if low_stock is None and settings.get("low_stock"):
        low_stock = parse_threshold(settings["low_stock"], "low_stock")
    expiry_days = _first_given(options["expiry_days"], settings.get("expiry_days"), USUAL_EXPIRY_DAYS)
    config = _client_config(task, service, files)
    owned = owned_assets(task, service)
    counts: Dict[str, int] = {}
    wish, present = _nothing_wanted(names), Present({}, {}, {}, owned.records)
    if files is not None:
        held = present_assignments(task, service, owned, Question())
        present = Present(active_users(task, service).by_id, held.assignments, held.leftovers, owned.records)
        wish = _wish(files)
        devices = set().union(*(targets.devices for targets in held.assignments.values()))
        counts = {"users": len(present.users), "devices": len(devices), "assignments": count_pairs(held.assignments)}
    drift = find_drift(wish, present, low_stock)
    findings = [*drift.findings, *_other_findings(service, files, config, options["mdm_id"], expiry_days)]
    location = _location(options, service, config, counts, drift.stocks, wish.names)
    result: Result = {"changed": False, "uid": service.facts.uid}
    if options["dest_json"]:
        whole = location._replace(findings=_shown(findings, lambda details: itertools.islice(details, options["max_listed"])))
        result["dest_json"] = write_text_file("dest_json", options["dest_json"], report.report_as_json(report.merged([whole])))
    shown = location._replace(
        assets=tuple(task.first("assets", location.assets)), findings=_shown(findings, lambda details: task.first("details", details))
    )
    found = [str(finding) for finding in shown.findings]
    return {**result, "drift": report.as_data(shown), "found": found, "assets_left_out": len(location.assets) - len(shown.assets)}


def _files(options: Mapping[str, Any]) -> Tuple[Optional[LocationFiles], Mapping[Asset, str]]:
    """The files, or None where none are to be looked at; and the names of assets."""
    given = overrides_of(options)
    if options["path"] or any(given.values()):
        files = read_location(options["path"], given, options["catalog_file"], options["inventory_devices"])
        return files, files.catalog.titles()
    faults: List[str] = []
    catalog = read_catalog(list(filter(None, [options["catalog_file"]])), faults)
    if faults:
        raise InputError(faults)
    return None, catalog.titles()


def _first_given(*values: Optional[int]) -> int:
    return next(value for value in values if value is not None)


def _check(expiry_days: Optional[int], dest: Optional[str]) -> None:
    faults = ["expiry_days must not be less than 0"] if (expiry_days or 0) < 0 else []
    faults.extend(file_faults("dest_json", dest) if dest else ())
    if faults:
        raise InputError(faults)


def _client_config(task: Task, service: Service, files: Optional[LocationFiles]) -> Optional[ClientConfig]:
    """What is stored, as far as the token may read it; and whether it is the right location."""
    settings = files.settings if files is not None else {}
    service.expected_uid = service.expected_uid or settings.get("uid")
    service.expected_location = service.expected_location or settings.get("expected_location")
    config = readable_client_config(service)
    if config is None and service.expected_location:
        task.warn("A read-only token cannot tell which location it opens, so expected_location is not checked. Use uid.")
        service.expected_location = None
    task.hide(config.notification_auth_token if config is not None else None)
    return config


def _nothing_wanted(names: Mapping[Asset, str]) -> Wish:
    return Wish(None, False, Targets(set(), set()), None, "none", Targets(set(), set()), frozenset(), names, lambda asset, target, is_device: None)


def _wish(files: LocationFiles) -> Wish:
    settings, assignments, revoked = files.settings, files.assignments, files.revocations
    named = assignments.targets() if assignments is not None else Targets(set(), set())
    taken = Targets(set(), set()) if revoked is None else Targets(set(revoked.user_ids()), set(revoked.serial_numbers()))
    grouped = {serial_number for name in files.groups.names() for serial_number in files.groups.targets(name).serial_numbers()}
    return Wish(
        users=None if files.users is None else [UserWish(*user[:3]) for user in files.users],
        users_purge=bool(settings.get("users_purge")),
        revoked=taken,
        assignments=None if assignments is None else assignments.assignments(),
        assignments_purge=settings.get("assignments_purge") or "none",
        named=named,
        devices=grouped | named.devices | taken.devices,
        names=files.catalog.titles(),
        title=assignments.title_of() if assignments is not None else lambda asset, target, is_device: None,
    )


def _other_findings(
    service: Service, files: Optional[LocationFiles], config: Optional[ClientConfig], usual_mdm_id: Optional[str], expiry_days: int
) -> Iterator[Finding]:
    holder = service.facts.mdm_info
    if files is not None:
        wanted = files.client_config or {}
        mdm_id = files.settings.get("mdm_id") or (wanted.get("mdm_info") or {}).get("id") or usual_mdm_id
        yield ownership_finding(holder, mdm_id)
        yield config_finding(_config_changes(service, wanted, config or ClientConfig(holder, None, None, ()), config is not None))
    expires = parse_date(service.facts.token_expiration_date)
    left = None if expires is None else days_left(expires, datetime.datetime.now(datetime.timezone.utc))
    yield expiry_finding(_in_utc(expires), left, expiry_days)


def _config_changes(service: Service, wanted: Mapping[str, Any], present: ClientConfig, all_is_known: bool) -> Iterator[Change]:
    """
    :param all_is_known: else only who holds the location
    """
    members = {name: wanted.get(name) if all_is_known or name == "mdm_info" else None for name in ("mdm_info", "notification_url", "notification_types")}
    # Which secret is wanted nobody needs to know here. Where none is stored, one is missing.
    secret = _SOME_SECRET if members["notification_url"] and not present.notification_auth_token else None
    asked = wanted_client_config(members["mdm_info"], members["notification_url"], secret, members["notification_types"])
    return plan_client_config(present, service.limits(), takeover=True, **asked._asdict()).changes()


def _location(
    options: Mapping[str, Any],
    service: Service,
    config: Optional[ClientConfig],
    counts: Mapping[str, int],
    stocks: Sequence[Stock],
    names: Mapping[Asset, str],
) -> report.Location:
    """All but the findings."""
    facts = service.facts
    return report.Location(
        name=options["name"] or (os.path.basename(os.path.abspath(options["path"])) if options["path"] else facts.uid or "location"),
        made_at=time_as_text(datetime.datetime.now(datetime.timezone.utc)),
        uid=facts.uid,
        location_name=config.location_name if config is not None else None,
        holder=report.Holder(facts.mdm_info.id, facts.mdm_info.name) if facts.mdm_info is not None else None,
        token_expires_at=_in_utc(parse_date(facts.token_expiration_date)),
        counts=tuple(counts.items()),
        assets=tuple(
            report.Stock(*stock.asset, names.get(stock.asset), stock.product_type, stock.revocable, stock.total, stock.assigned, stock.available, stock.wanted)
            for stock in stocks
        ),
    )


def _in_utc(moment: Optional[datetime.datetime]) -> Optional[str]:
    return None if moment is None else time_as_text(moment.astimezone(datetime.timezone.utc))


def _shown(findings: Sequence[Finding], first: Callable[[Iterator[Detail]], Iterable[Detail]]) -> Tuple[report.Finding, ...]:
    """In the order of reports, each with its first details."""
    found = sorted((finding for finding in findings if finding.count), key=lambda finding: list(KINDS).index(finding.kind))
    return tuple(report.Finding(finding.kind, finding.count, tuple(first(finding.details()))) for finding in found)
