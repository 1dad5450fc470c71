# Copyright (c) 2026, the mdmkit.apps_books authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The work of vpp_tree_info."""

from __future__ import annotations

import json
import os
import re
from typing import Any, Dict, Mapping, Optional

from ansible_collections.mdmkit.apps_books.plugins.module_utils._module.option_secrets import without_tokens_in
from ansible_collections.mdmkit.apps_books.plugins.module_utils._module.options import Spec, targets
from ansible_collections.mdmkit.apps_books.plugins.module_utils._module.space import first
from ansible_collections.mdmkit.apps_books.plugins.module_utils._module.task import LocalTask
from ansible_collections.mdmkit.apps_books.plugins.module_utils._wanted.client_config import MEMBERS as CLIENT_CONFIG_MEMBERS
from ansible_collections.mdmkit.apps_books.plugins.module_utils._wanted.location import OVERRIDING_PARTS, LocationFiles, look_into_location
from ansible_collections.mdmkit.apps_books.plugins.module_utils._wanted.settings import SETTINGS
from ansible_collections.mdmkit.apps_books.plugins.module_utils._wanted.token_source import (
    CONTENT_TOKEN,
    NOTIFICATION_AUTH_TOKEN,
    in_order,
    secret_places,
)

# Releases of Ansible before 2.19 would take what stands in a file for a template as soon as it is in a variable.
_BRACES = re.compile(r"\{(?=[{%#])")
_MOST_BYTES = 700000
"""Of all but the faults: a result is smaller than 1 MiB."""


def tree() -> Spec:
    """The files of a location, and what wins over them. What is wrong with the values is told together with the faults of the files."""
    return {
        "path": {"type": "path"},
        "catalog_file": {"type": "path"},
        "inventory_devices": {"type": "dict"},
        "settings": {"type": "dict", "options": {name: {"type": "raw", "no_log": False} for name in SETTINGS}},
        "client_config": {"type": "dict", "options": {name: {"type": "raw"} for name in CLIENT_CONFIG_MEMBERS}},
        "users_files": {"type": "list", "elements": "path"},
        "groups_files": {"type": "list", "elements": "path"},
        "revocations": {"type": "dict", "options": {name: {"type": "raw"} for name in targets()}},
        "assignments_files": {"type": "list", "elements": "path"},
    }


def places_of_secrets() -> Spec:
    """What decides where secrets are, beside the settings."""
    return {
        "name": {"type": "str"},
        "only_location": {"type": "bool", "default": False},
    }


def show_tree(task: LocalTask) -> Dict[str, Any]:
    options = task.options
    given = overrides_of(options)
    files, faults = look_into_location(options["path"], given, options["catalog_file"], options["inventory_devices"])
    result = without_tokens_in({
        "settings": files.settings,
        "client_config": None if given["client_config"] else files.client_config,
        "users_files": files.users_files,
        "groups_files": files.groups_files,
        "revocations": None if given["revocations"] else files.revocation_options,
        "assignments_files": files.assignments_files,
        "catalog_files": files.catalog_files,
        "inventory_groups": [{"name": name, **group._asdict()} for name, group in files.groups.inventory_groups.items()],
        "content_token_places": _places(CONTENT_TOKEN, options, files, options["only_location"]),
        "notification_auth_token_places": _places(NOTIFICATION_AUTH_TOKEN, options, files, False),
    })
    size = len(json.dumps(result))
    if size > _MOST_BYTES:
        what = "what its small files say and how its files are called"
        faults.append(f"{options['path']}: {what} takes {size} bytes, more than {_MOST_BYTES}; put long lists into files of their own")
        result = {name: value if name.endswith("_places") else [] if isinstance(value, list) else {} for name, value in result.items()}
    told = [_BRACES.sub("{ ", " ".join(fault.splitlines())) for fault in without_tokens_in(faults)]
    shown = first("faults", told, options["max_listed"])
    return {"changed": False, **result, "counts": _counts(files), "faults": shown, "faults_left_out": len(told) - len(shown)}


def overrides_of(options: Mapping[str, Any]) -> Dict[str, Any]:
    """What wins over the files, as read_location takes it."""
    given = {name: _given(options[name]) for name in ("settings", *OVERRIDING_PARTS)}
    return {**(given.pop("settings") or {}), **given}


def _places(secret: str, options: Mapping[str, Any], files: LocationFiles, alone: bool) -> Optional[Dict[str, Any]]:
    """Where a secret may be, in the order in which it counts; None where the location has no name."""
    folder = options["path"] or ""
    name = options["name"] or os.path.basename(os.path.abspath(folder) if folder else "")
    return in_order(secret_places(secret, name, folder, files.settings), alone)._asdict() if name else None


def _given(value: Any) -> Any:
    """An option without its members that are not given; None where it is not given itself."""
    if isinstance(value, Mapping):
        value = {name: member for name, member in value.items() if member is not None}
    return value or None


def _counts(files: LocationFiles) -> Dict[str, Optional[int]]:
    pairs = files.assignments.assignments() if files.assignments is not None else {}
    revoked = files.revocations
    return {
        "users": len(files.users or ()),
        "groups": len(files.groups.names()),
        "assets": len(pairs),
        "assignments": sum(targets_of_asset.count for targets_of_asset in pairs.values()),
        "revocations": len(set(revoked.user_ids())) + len(set(revoked.serial_numbers())) if revoked is not None else 0,
    }
