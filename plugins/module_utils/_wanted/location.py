# Copyright (c) 2026, the mdmkit.apps_books authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The folder of a location, read as a whole: a fault in the last file must not come to light after the first was applied."""

from __future__ import annotations

import os
import re
from typing import AbstractSet, Any, Callable, Dict, Iterator, List, Mapping, NamedTuple, Optional, Sequence, Set, Tuple

from ansible_collections.mdmkit.apps_books.plugins.module_utils._model import Asset, InputError
from ansible_collections.mdmkit.apps_books.plugins.module_utils._wanted.assignments import WantedAssignments, read_assignments
from ansible_collections.mdmkit.apps_books.plugins.module_utils._wanted.catalog import Catalog, read_catalog
from ansible_collections.mdmkit.apps_books.plugins.module_utils._wanted.checks import id_fault, shown_as_written
from ansible_collections.mdmkit.apps_books.plugins.module_utils._wanted.client_config import read_client_config
from ansible_collections.mdmkit.apps_books.plugins.module_utils._wanted.groups import Groups, Inventory, read_groups
from ansible_collections.mdmkit.apps_books.plugins.module_utils._wanted.listings import Listing, resolved
from ansible_collections.mdmkit.apps_books.plugins.module_utils._wanted.mappings import Document, document_of_file, document_of_option
from ansible_collections.mdmkit.apps_books.plugins.module_utils._wanted.places import Step
from ansible_collections.mdmkit.apps_books.plugins.module_utils._wanted.settings import VARIABLE_PREFIX, read_overrides, read_settings
from ansible_collections.mdmkit.apps_books.plugins.module_utils._wanted.targets import TargetList, read_targets
from ansible_collections.mdmkit.apps_books.plugins.module_utils._wanted.text_file import UnreadableFile
from ansible_collections.mdmkit.apps_books.plugins.module_utils._wanted.users import WantedUser, wanted_users

CATALOG_FILE = "catalog.yml"
_SMALL_FILES = ("location.yml", "client_config.yml", "revocations.yml")
_LISTS = "json|jsonl|ndjson|csv|yml|yaml|txt"
_ENDINGS = {"users": _LISTS, "groups": "json|csv|yml|yaml", "assignments": _LISTS}
_KNOWN_FILES = (
    "location.yml, client_config.yml, revocations.yml, users and assignments (.json, .jsonl, .csv, .yml, .txt), groups (.json, .csv, .yml)"
    " and what is in users.d, groups.d and assignments.d"
)
_PLACE = re.compile("(.+?):(?:([0-9]+)(?=[: ])| )")
_REVOCATIONS = {"users": "client_user_id", "users_file": None, "devices": "serial_number", "devices_file": None}

OVERRIDING_PARTS = ("client_config", "users_files", "groups_files", "revocations", "assignments_files")
"""What of the folder can be given otherwise, beside the settings."""


class LocationFiles(NamedTuple):
    """What the files of a location say. A part that no file tells of is None, or empty where it is a list of files.

    :ivar settings: location.yml under the variables that win over it
    :ivar client_config: options of vpp_client_config
    :ivar revocation_options: options of vpp_asset_revocation; their paths are absolute
    :ivar revocations: the same, read, each with its place
    """

    settings: Dict[str, Any]
    client_config: Optional[Dict[str, Any]]
    users_files: List[str]
    groups_files: List[str]
    assignments_files: List[str]
    catalog_files: List[str]
    revocation_options: Optional[Dict[str, Any]]
    revocations: Optional[TargetList]
    users: Optional[List[WantedUser]]
    catalog: Catalog
    groups: Groups
    assignments: Optional[WantedAssignments]


def read_location(
    path: Optional[str],
    overrides: Optional[Mapping[str, Any]] = None,
    catalog_file: Optional[str] = None,
    inventory: Optional[Inventory] = None,
) -> LocationFiles:
    """
    :raises InputError: with the faults of all files
    """
    files, faults = look_into_location(path, overrides, catalog_file, inventory)
    if faults:
        raise InputError(faults)
    return files


def look_into_location(
    path: Optional[str],
    overrides: Optional[Mapping[str, Any]] = None,
    catalog_file: Optional[str] = None,
    inventory: Optional[Inventory] = None,
) -> Tuple[LocationFiles, List[str]]:
    """
    :param path: the folder; None where all that is wanted is in the overrides
    :param overrides: settings, and any of OVERRIDING_PARTS; what is None or empty is not given
    :param catalog_file: by default catalog.yml beside the folder, if it is there
    :param inventory: None where it is not known: groups of the inventory count as empty then
    :returns: what is right of the files, and what is wrong with them, by file and line
    """
    faults: List[str] = []
    given = {name: value for name, value in (overrides or {}).items() if value not in (None, "", [], {})}
    parts = {name: given.pop(name, None) for name in OVERRIDING_PARTS}
    settings = read_overrides(given, faults)
    folder = _Folder(path, faults)
    settings = {**folder.read("location.yml", read_settings, faults, {}), **settings}
    client_config = _part(folder, "client_config", parts["client_config"], read_client_config, faults)
    catalog = read_catalog(_catalog_files(path, catalog_file, faults), faults)
    lists = {kind: list(parts[f"{kind}_files"] or folder.of_kind[kind]) for kind in _ENDINGS}
    groups = read_groups(lists["groups"], inventory, faults)
    users = None
    if lists["users"]:
        try:
            users = wanted_users(None, lists["users"])
        except InputError as error:
            faults.extend(error.faults)
    revoked = _part(folder, "revocations", parts["revocations"], _read_revocations, faults)
    assignments = read_assignments(None, lists["assignments"], catalog, groups, faults) if lists["assignments"] else None
    options, revocations = revoked if revoked is not None else (None, None)
    faults.extend(_two_holders(folder, given, settings, parts["client_config"], client_config or {}))
    if revocations is not None and assignments is not None:
        faults.extend(_given_and_taken(revocations, assignments, catalog.irrevocable()))
    if not faults:
        faults.extend(_nothing_to_do(path, client_config, lists["users"], options, lists["assignments"]))
    files = LocationFiles(
        settings, client_config, lists["users"], lists["groups"], lists["assignments"], list(catalog.files), options, revocations, users, catalog, groups,
        assignments,
    )
    return files, _by_line(faults)


def _by_line(faults: Sequence[str]) -> List[str]:
    """The faults of each file together and in the order of its lines. They were found in the order of what they are about."""
    files: Dict[str, int] = {}
    keyed = []
    for fault in faults:
        found = _PLACE.match(fault)
        name, line = found.groups() if found else (fault, None)
        keyed.append(((files.setdefault(name, len(files)), int(line or 0)), fault))
    return [fault for dummy, fault in sorted(keyed, key=lambda each: each[0])]


class _Folder:
    """Which of the files are there. Others find fault, but for those that nobody takes for files of a location.

    :ivar of_kind: for each of the lists its files in their order
    """

    def __init__(self, path: Optional[str], faults: List[str]) -> None:
        self._small: Dict[str, str] = {}
        self.of_kind: Dict[str, List[str]] = {kind: [] for kind in _ENDINGS}
        if path is None:
            return
        if not os.path.isdir(path):
            faults.append(f"location_path: {path} is not a folder")
            return
        before = len(faults)
        outer = list(_names(path, faults))
        inner = [f"{name}/{inner}" for name in _names(path, faults, folders=True) for inner in _names(os.path.join(path, name), faults)]
        if not outer and not inner and len(faults) == before:
            faults.append(f"location_path: {path} is empty")
        for name in [*outer, *inner]:
            if os.path.basename(name).startswith("README"):
                continue
            kind = next((kind for kind, endings in _ENDINGS.items() if re.match(rf"{kind}(\.d/[^/]*)?\.({endings})\Z", name)), None)
            if kind is not None:
                self.of_kind[kind].append(os.path.join(path, name))
            elif name in _SMALL_FILES:
                self._small[name] = os.path.join(path, name)
            else:
                known = f"(known: {_KNOWN_FILES}); other lists go into a folder of their own"
                faults.append(f"{os.path.join(path, name)}: not a file of a location {known}")

    def read(self, name: str, reader: Callable[[Document, List[str]], Any], faults: List[str], otherwise: Any) -> Any:
        """What a reader makes of a small file, or something else where there is none."""
        if name in self._small:
            try:
                return reader(document_of_file(self._small[name], as_written=False), faults)
            except UnreadableFile as error:
                faults.extend(error.faults)
        return otherwise

    def place(self, name: str, *steps: Step) -> str:
        """Where a member of a small file stands."""
        return document_of_file(self._small[name], as_written=False).place(*steps)


def _names(path: str, faults: List[str], folders: bool = False) -> Iterator[str]:
    """The files, or the folders of parts, that lie in a folder, in their order. Hidden ones are left alone."""
    try:
        names = sorted((entry.name for entry in os.scandir(path)), key=lambda name: (name.lower(), name))
    except OSError as error:
        faults.append(f"{path}: {error.strerror}")
        return
    for name in names:
        whole = os.path.join(path, name)
        if name.startswith("."):
            continue
        if os.path.isdir(whole):
            if folders and name.endswith(".d"):
                yield name
        elif not os.path.exists(whole):
            # Whoever only looks for files does not find it, as if nothing were wanted.
            if not folders:
                faults.append(f"{whole}: a link that leads nowhere")
        elif not folders:
            yield name


def _catalog_files(path: Optional[str], catalog_file: Optional[str], faults: List[str]) -> List[str]:
    if catalog_file:
        return [catalog_file]
    if path is None:
        return []
    beside = os.path.join(os.path.dirname(os.path.abspath(path)), CATALOG_FILE)
    if os.path.islink(beside) and not os.path.exists(beside):
        faults.append(f"{beside}: a link that leads nowhere")
    return [beside] if os.path.exists(beside) else []


def _part(folder: _Folder, name: str, given: Any, reader: Callable[[Document, List[str]], Any], faults: List[str]) -> Any:
    """What a reader makes of a variable, or else of the file."""
    if given is None:
        return folder.read(f"{name}.yml", reader, faults, None) or None
    if not isinstance(given, dict):
        faults.append(f"{VARIABLE_PREFIX}{name}: a mapping is expected, not {shown_as_written(given)}")
        return None
    return reader(document_of_option(VARIABLE_PREFIX + name, given), faults)


def _read_revocations(document: Document, faults: List[str]) -> Optional[Tuple[Dict[str, Any], TargetList]]:
    if not document.members:
        return None
    document.check_names(tuple(_REVOCATIONS), faults)
    options: Dict[str, Any] = {}
    listings: Dict[str, List[Listing]] = {}
    for name, what in _REVOCATIONS.items():
        value = document.members.get(name)
        if name not in document.members:
            continue
        if what is None and not isinstance(value, str):
            faults.append(f"{document.place(name)}: {name} is not a path")
        elif what is None:
            options[name] = os.path.abspath(resolved(os.path.expanduser(value), document.name)) if value else value
        elif not isinstance(value, list):
            faults.append(f"{document.place(name)}: {name} is not a list")
        else:
            # A number may have been an id without quotes, of which YAML made another one.
            listings[name] = [Listing(name, value, lambda index, name=name: document.told(name, index))]
            found = ((index, id_fault(id_, what) if isinstance(id_, str) else _no_text(id_)) for index, id_ in enumerate(value))
            faults.extend(f"{document.told(name, index)}: {fault}" for index, fault in found if fault)
            options[name] = [id_ for id_ in value if isinstance(id_, str)]
    by_file = read_targets({name: path for name, path in options.items() if name.endswith("_file")}, document.told, None, faults)
    return options, TargetList(listings.get("users", []) + by_file.users, listings.get("devices", []) + by_file.devices)


def _no_text(value: Any) -> str:
    return f"{shown_as_written(value)} is not text; put it into quotes"


def _given_and_taken(revoked: TargetList, assignments: WantedAssignments, irrevocable: AbstractSet[Asset]) -> Iterator[str]:
    """Who is to lose everything and to have something: each run would take it and the next one give it. What can never be taken back is no contradiction."""
    seen: Set[int] = set()
    for kind, what in (("users", "user"), ("devices", "device")):
        left = {id_: (listing, index) for listing in reversed(getattr(revoked, kind)) for index, id_ in enumerate(listing.entries) if isinstance(id_, str)}
        for block in assignments.blocks if left else ():
            if irrevocable.issuperset(block.assets):
                continue
            for listing in getattr(block.targets, kind):
                if id(listing) in seen:
                    continue
                seen.add(id(listing))
                for index, id_ in enumerate(listing.entries):
                    if isinstance(id_, str) and id_ in left:
                        other, other_index = left.pop(id_)
                        yield f"{listing.place(index)}: {what} {id_} is to be given something, but to lose everything at {other.place(other_index)}"


def _two_holders(
    folder: _Folder, given: Mapping[str, Any], settings: Mapping[str, Any], given_config: Any, client_config: Mapping[str, Any]
) -> Iterator[str]:
    """Whoever the client configuration makes the holder has to be the one that the other parts ask for."""
    mdm_id, stored = settings.get("mdm_id"), client_config.get("mdm_info", {}).get("id")
    if mdm_id and stored and mdm_id != stored:
        place = f"{VARIABLE_PREFIX}client_config" if given_config else folder.place("client_config.yml", "mdm_info", "id")
        other = f"{VARIABLE_PREFIX}mdm_id" if given.get("mdm_id") else folder.place("location.yml", "mdm_id")
        yield f"{place}: mdm_info.id is another one than mdm_id at {other}"


def _nothing_to_do(path: Optional[str], *parts: Sequence[Any]) -> Iterator[str]:
    if any(parts):
        return
    if path is None:
        yield "nothing to apply: neither location_path nor a variable for one of the parts is given"
    else:
        yield f"{path}: nothing to apply, there is neither client_config.yml nor users, revocations.yml or assignments"
