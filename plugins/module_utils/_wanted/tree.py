# Copyright (c) 2026, the mdmkit.apps_books authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is wrong with the files of a location, found before anything is sent: a fault in the last file must not come to light after the first was applied."""

from __future__ import annotations

import os
from typing import Any, Dict, Iterator, List, Mapping, Optional

from ansible_collections.mdmkit.apps_books.plugins.module_utils._model import InputError
from ansible_collections.mdmkit.apps_books.plugins.module_utils._wanted.assignments import wanted_assignments
from ansible_collections.mdmkit.apps_books.plugins.module_utils._wanted.checks import id_fault, shown_as_written
from ansible_collections.mdmkit.apps_books.plugins.module_utils._wanted.client_config import wanted_client_config
from ansible_collections.mdmkit.apps_books.plugins.module_utils._wanted.mappings import document_of_file
from ansible_collections.mdmkit.apps_books.plugins.module_utils._wanted.places import as_path
from ansible_collections.mdmkit.apps_books.plugins.module_utils._wanted.targets import read_targets
from ansible_collections.mdmkit.apps_books.plugins.module_utils._wanted.text_file import UnreadableFile
from ansible_collections.mdmkit.apps_books.plugins.module_utils._wanted.users import wanted_users

_WHATS = {"users": "client_user_id", "devices": "serial_number"}


def tree_faults(tree: Mapping[str, Any]) -> List[str]:
    """
    :param tree: any of ``folder`` (a path), ``small_files`` (paths of YAML files that hold a mapping), ``users_files`` and ``assignments_files`` (paths),
        ``client_config`` and ``revocations`` (what the small files or variables hold), and ``client_config_place``, ``revocations_place``,
        ``revocations_beside`` (the file to which paths in it are relative, or empty)
    :returns: one line for each fault
    """
    faults = list(_dead_links(tree.get("folder")))
    for path in tree.get("small_files") or []:
        try:
            document_of_file(path, as_written=False)
        except UnreadableFile as error:
            faults.extend(error.faults)
    faults.extend(_client_config_faults(tree))
    for wanted, files in ((wanted_users, tree.get("users_files")), (wanted_assignments, tree.get("assignments_files"))):
        try:
            wanted(None, list(files or []))
        except InputError as error:
            faults.extend(error.faults)
    faults.extend(_revocation_faults(tree))
    return faults


def _dead_links(folder: Optional[str]) -> Iterator[str]:
    """Links that lead nowhere. Whoever looks for files does not find them, as if nothing were wanted."""
    for root, folders, files in os.walk(folder) if folder else ():
        folders[:] = [name for name in folders if name.endswith(".d") and root == folder]
        for name in sorted(files):
            path = os.path.join(root, name)
            if not name.startswith(".") and not os.path.exists(path):
                yield f"{path}: a link that leads nowhere"


def _client_config_faults(tree: Mapping[str, Any]) -> Iterator[str]:
    config = tree.get("client_config") or {}
    info, url, types = config.get("mdm_info"), config.get("notification_url"), config.get("notification_types")
    try:
        wanted_client_config(
            info if isinstance(info, dict) and all(isinstance(info.get(name), str) for name in ("id", "name", "metadata")) else None,
            url if isinstance(url, str) else None,
            None,
            [name for name in types if isinstance(name, str)] if isinstance(types, list) else None,
        )
    except InputError as error:
        yield from (f"{tree.get('client_config_place')}: {fault}" for fault in error.faults)
    for index, name in enumerate(types if isinstance(types, list) else []):
        if not isinstance(name, str):
            yield f"{tree.get('client_config_place')}: notification_types[{index}]: {shown_as_written(name)} is not text"


def _revocation_faults(tree: Mapping[str, Any]) -> List[str]:
    revocations: Dict[str, Any] = tree.get("revocations") or {}
    place = tree.get("revocations_place")
    faults: List[str] = []
    for name, what in _WHATS.items():
        ids, path = revocations.get(name), revocations.get(name + "_file")
        for index, value in enumerate(ids if isinstance(ids, list) else []):
            fault = id_fault(value, what) if isinstance(value, str) else f"{shown_as_written(value)} is not text; put it into quotes"
            if fault:
                faults.append(f"{place}: {name}[{index}]: {fault}")
        if isinstance(path, str):
            read_targets({name + "_file": os.path.expanduser(path)}, as_path, tree.get("revocations_beside") or None, faults)
    return faults
