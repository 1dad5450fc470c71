# Copyright (c) 2026, the mdmkit.apps_books authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which locations there are: folders of a tree, entries of a list, token files. Names only; nothing of users or assignments is read."""

from __future__ import annotations

import glob
import os
import re
from typing import Any, Dict, Iterator, List, Mapping, NamedTuple, Sequence

from ansible_collections.mdmkit.apps_books.plugins.module_utils._model import InputError
from ansible_collections.mdmkit.apps_books.plugins.module_utils._wanted.checks import as_name, id_fault
from ansible_collections.mdmkit.apps_books.plugins.module_utils._wanted.mappings import document_of_file
from ansible_collections.mdmkit.apps_books.plugins.module_utils._wanted.text_file import UnreadableFile
from ansible_collections.mdmkit.apps_books.plugins.module_utils._wanted.token_source import (
    CONTENT_TOKEN,
    SecretPlaces,
    secret_places,
    variable_fault,
)

_FILE_OF_A_LOCATION = re.compile(r"(location|client_config|users|groups|revocations|assignments)\.[a-z]+\Z")


class WantedLocation(NamedTuple):
    """One location, as far as files of our own tell.

    :ivar path: its folder, absolute; empty where it has none
    :ivar token: where its content token may be
    :ivar token_file: a file with the token that comes before everything else, absolute; empty where none is named
    :ivar mdm_id: the id that shall hold the location; empty where nobody says so
    :ivar own_mdm_id: whether it was said beside the name, and not in the folder's files
    :ivar faults: why the files of the folder do not tell
    """

    name: str
    path: str
    token: SecretPlaces
    token_file: str = ""
    mdm_id: str = ""
    own_mdm_id: bool = False
    faults: Sequence[str] = ()


def wanted_locations(base: str, tree: str, listed: Sequence[Mapping[str, Any]], token_files: Sequence[str]) -> List[WantedLocation]:
    """Every location once, in the order of the tree, the list, the token files. What is said of the same name is joined.

    :param base: the folder that paths are relative to
    :param tree: the folder whose folders are locations; empty for none
    :param listed: mappings with ``name`` and any of ``location_path``, ``content_token_env``, ``content_token_file``, ``mdm_id``
    :param token_files: paths, which may be patterns; a location is called like the file without its ending
    :raises InputError: with all faults, among them names that are those of groups
    """
    faults: List[str] = []
    members: Dict[str, Dict[str, str]] = {}
    for name, folder in _folders(os.path.join(base, tree), faults) if tree else ():
        members[name] = {"location_path": folder}
    seen: Dict[str, int] = {}
    for index, entry in enumerate(listed):
        place, name = f"locations[{index}]", entry["name"]
        faults.extend(_entry_faults(entry, place))
        if name in seen:
            faults.append(f"{place}: {as_name(name)} stands in locations[{seen[name]}] already")
        seen.setdefault(name, index)
        given = {member: value for member, value in entry.items() if value}
        for member in ("location_path", "content_token_file"):
            if member in given:
                given[member] = os.path.realpath(os.path.join(base, given[member]))
        members[name] = {**members.get(name, {}), **given}
    for name, path in _token_files(base, token_files, faults):
        if "content_token_file" in members.get(name, {}):
            faults.append(f"{as_name(name)} has two token files: {as_name(members[name]['content_token_file'])} and {as_name(path)}")
        members.setdefault(name, {})["content_token_file"] = path
    faults.extend(f"{as_name(name)} is the name of a group of the inventory; call the location something else" for name in members if _names_a_group(name))
    if not members and not faults:
        faults.append("there is no location: locations_path, locations and token_files name none")
    if faults:
        raise InputError(faults)
    return [_wanted_location(name, known) for name, known in members.items()]


def _names_a_group(name: str) -> bool:
    """Whether Ansible would take a host of this name for one of its groups or of ours."""
    return name in ("all", "ungrouped", "locations") or name.startswith("vpp_")


def _folders(tree: str, faults: List[str]) -> Iterator["tuple[str, str]"]:
    """Name and path of every folder that has something to apply, as the playbooks find them."""
    if not os.path.isdir(tree):
        faults.append(f"locations_path: {as_name(tree)} is not a folder")
        return
    names = sorted(name for name in os.listdir(tree) if not name.startswith("."))
    if any(_FILE_OF_A_LOCATION.match(name) and os.path.isfile(os.path.join(tree, name)) for name in names):
        faults.append(f"locations_path: {as_name(tree)} is itself the folder of a location; name the folder above it")
        return
    for name in names:
        folder = os.path.realpath(os.path.join(tree, name))
        if any(files for dummy, files in _visible(folder)):
            yield name, folder


def _visible(folder: str) -> Iterator["tuple[str, List[str]]"]:
    """The files of a folder and of those in it that are not hidden."""
    for root, folders, files in os.walk(folder, followlinks=True):
        folders[:] = [] if root != folder else [name for name in folders if not name.startswith(".")]
        yield root, [name for name in files if not name.startswith(".")]


def _entry_faults(entry: Mapping[str, Any], place: str) -> Iterator[str]:
    fault = id_fault(entry["name"], "name")
    if fault:
        yield f"{place}: {fault}"
    if entry.get("content_token_env"):
        fault = variable_fault(entry["content_token_env"], "content_token_env")
        if fault:
            yield f"{place}: {fault}"
        if entry.get("content_token_file"):
            yield f"{place}: content_token_env and content_token_file are both given; give one"


def _token_files(base: str, patterns: Sequence[str], faults: List[str]) -> Iterator["tuple[str, str]"]:
    """Name of the location and path of each file, those that one pattern finds by name."""
    seen: Dict[str, None] = {}
    for index, pattern in enumerate(patterns):
        path = os.path.join(base, pattern)
        found = sorted(glob.glob(path)) if glob.has_magic(path) else [path]
        if not found:
            faults.append(f"token_files[{index}]: no file is called like {as_name(path)}")
        seen.update(dict.fromkeys(map(os.path.realpath, found)))
    for path in seen:
        yield os.path.splitext(os.path.basename(path))[0], path


def _wanted_location(name: str, known: Mapping[str, str]) -> WantedLocation:
    folder = known.get("location_path", "")
    settings: Dict[str, Any] = {}
    faults: List[str] = []
    mdm_id = known.get("mdm_id", "")
    if folder:
        settings = _small_file(folder, "location.yml", faults)
        info = _small_file(folder, "client_config.yml", faults).get("mdm_info")
        mdm_id = mdm_id or _text(settings.get("mdm_id")) or _text(info.get("id") if isinstance(info, dict) else None)
        settings = _token_settings(settings, os.path.join(folder, "location.yml"), faults)
    token_file = known.get("content_token_file", "")
    token = secret_places(CONTENT_TOKEN, name, folder, settings, known.get("content_token_env", ""), token_file)
    return WantedLocation(name, folder, token, token_file, mdm_id, bool(known.get("mdm_id")), tuple(faults))


def _small_file(folder: str, name: str, faults: List[str]) -> Dict[str, Any]:
    path = os.path.join(folder, name)
    if not os.path.lexists(path):
        return {}
    try:
        return document_of_file(path, as_written=True).members
    except UnreadableFile as error:
        faults.extend(error.faults)
        return {}


def _token_settings(settings: Mapping[str, Any], place: str, faults: List[str]) -> Dict[str, str]:
    """Where location.yml says that the token is."""
    good: Dict[str, str] = {}
    for name in (CONTENT_TOKEN + "_env", CONTENT_TOKEN + "_file"):
        value = settings.get(name)
        fault = None
        if name in settings and name.endswith("_env"):
            fault = variable_fault(value, name)
        elif name in settings and not _text(value):
            fault = f"{name} is not a path"
        if fault:
            faults.append(f"{place}: {fault}")
        elif name in settings:
            good[name] = _text(value)
    return good


def _text(value: Any) -> str:
    return value.strip() if isinstance(value, str) else ""
