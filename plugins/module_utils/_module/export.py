# Copyright (c) 2026, the mdmkit.apps_books authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A location as files, for whoever begins to keep in Git what is there already."""

from __future__ import annotations

import os
from typing import Any, Dict, List, Mapping, Optional

from ansible_collections.mdmkit.apps_books.plugins.module_utils._api.errors import ServiceError
from ansible_collections.mdmkit.apps_books.plugins.module_utils._api.service import Service
from ansible_collections.mdmkit.apps_books.plugins.module_utils._export.adoptable import Found, NotAdopted
from ansible_collections.mdmkit.apps_books.plugins.module_utils._export.folder import files_in, holds, is_of_a_location, write_folder
from ansible_collections.mdmkit.apps_books.plugins.module_utils._export.tree import Tree, tree_of
from ansible_collections.mdmkit.apps_books.plugins.module_utils._model import AppsBooksError, ClientConfig, InputError
from ansible_collections.mdmkit.apps_books.plugins.module_utils._module.present import active_users, owned_assets, present_assignments
from ansible_collections.mdmkit.apps_books.plugins.module_utils._module.results import Result
from ansible_collections.mdmkit.apps_books.plugins.module_utils._module.task import Task, read_all
from ansible_collections.mdmkit.apps_books.plugins.module_utils._plan.guards import some_of
from ansible_collections.mdmkit.apps_books.plugins.module_utils._plan.pairs import count_pairs
from ansible_collections.mdmkit.apps_books.plugins.module_utils._state.assignments import Question
from ansible_collections.mdmkit.apps_books.plugins.module_utils._wanted.catalog import Catalog, read_catalog
from ansible_collections.mdmkit.apps_books.plugins.module_utils._wanted.checks import as_name
from ansible_collections.mdmkit.apps_books.plugins.module_utils._wanted.location import CATALOG_FILE

_FORBIDDEN = 403


def export_location(task: Task) -> Result:
    """
    :raises InputError: the folder has files already, and not force
    """
    options = task.options
    path = options["path"]
    service, catalog, dummy = read_all(task.connect, lambda: _catalog(path, options["catalog_file"]), lambda: _check_path(path))
    found = _found(task, service)
    tree = tree_of(found, options["mdm_id"], catalog)
    changed = _changed(path, tree.files, options["force"])
    holder = found.client_config.mdm_info if found.client_config else None
    if holder is not None and holder.id != options["mdm_id"]:
        task.warn(f"This location is managed by {holder}. If that is you, set mdm_id. If not, nobody else may write to it before it is yours.")
    if changed and not task.check_mode:
        try:
            write_folder(path, tree.files)
        except OSError as error:
            raise AppsBooksError(f"path {as_name(path)} cannot be written: {error.strerror or error}.") from None
    return {"changed": changed, "path": path, **_described(task, tree), "uid": service.facts.uid}


def _found(task: Task, service: Service) -> Found:
    config = _client_config(task, service)
    owned = owned_assets(task, service)
    present = present_assignments(task, service, owned, Question())
    users = active_users(task, service)
    holders = {client_user_id for targets in present.assignments.values() for client_user_id in targets.users}
    users.look_up(sorted(holders.difference(users.by_id)))
    return Found(service.facts.uid, users.by_id, owned.records, present.assignments, config)


def _client_config(task: Task, service: Service) -> Optional[ClientConfig]:
    try:
        config = service.client_config()
    except ServiceError as error:
        # A read-only token may list users and licences, but not read this.
        if error.status == _FORBIDDEN:
            return None
        raise
    task.hide(config.notification_auth_token)
    return config


def _catalog(path: str, catalog_file: Optional[str]) -> Catalog:
    """The one that the folder will be applied with."""
    beside = os.path.join(os.path.dirname(os.path.abspath(path)), CATALOG_FILE)
    faults: List[str] = []
    catalog = read_catalog([catalog_file] if catalog_file else [beside] if os.path.exists(beside) else [], faults)
    if faults:
        raise InputError(faults)
    return catalog


def _check_path(path: str) -> None:
    if os.path.lexists(path) and not os.path.isdir(path):
        raise InputError([f"path {as_name(path)}: there is something that is no folder"])
    present = sorted(files_in(path))
    if present and not is_of_a_location(path):
        raise InputError([f"path {as_name(path)} is not the folder of a location ({some_of(present, len(present))}), so nothing in it is replaced"])


def _changed(path: str, files: Mapping[str, str], force: bool) -> bool:
    try:
        if holds(path, files):
            return False
    except OSError as error:
        raise AppsBooksError(f"path {as_name(path)} cannot be read: {error.strerror or error}. Nothing was written.") from None
    present = sorted(files_in(path))
    if present and not force:
        raise InputError([f"path {as_name(path)} has other files already ({some_of(present, len(present))}); to replace all of them, set force: true"])
    return True


def _described(task: Task, tree: Tree) -> Result:
    files = [{"path": path, "lines": text.count("\n")} for path, text in tree.files.items()]
    shown = task.first("files", files)
    what = tree.adoptable
    return {
        "files": shown,
        "files_left_out": len(files) - len(shown),
        "counts": {
            "users": len(what.users),
            "assignments": count_pairs(what.assignments),
            "groups": len(tree.shape.groups),
            "entries": len(tree.shape.entries),
        },
        "not_adopted": [_told(left_out) for left_out in what.not_adopted],
    }


def _told(left_out: NotAdopted) -> Dict[str, Any]:
    return dict(left_out._asdict())
