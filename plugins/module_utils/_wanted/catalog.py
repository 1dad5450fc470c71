# Copyright (c) 2026, the mdmkit.apps_books authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The catalog: names for assets, which all locations share."""

from __future__ import annotations

import functools
from typing import Any, Dict, FrozenSet, List, Mapping, NamedTuple, Optional, Sequence

from ansible_collections.mdmkit.apps_books.plugins.module_utils._model import Asset
from ansible_collections.mdmkit.apps_books.plugins.module_utils._wanted.checks import (
    name_fault,
    shown,
    shown_as_written,
    title_fault,
    wanted_asset,
)
from ansible_collections.mdmkit.apps_books.plugins.module_utils._wanted.mappings import Document, document_of_file
from ansible_collections.mdmkit.apps_books.plugins.module_utils._wanted.places import Told
from ansible_collections.mdmkit.apps_books.plugins.module_utils._wanted.text_file import UnreadableFile

MEMBERS = ("adam_id", "pricing_param", "title", "irrevocable")


class CatalogEntry(NamedTuple):
    """
    :ivar asset: None where the catalog does not tell it in a way that can be read
    :ivar title: what people call it
    :ivar irrevocable: whether it can never be taken back
    :ivar place: such as ``catalog.yml:3``
    """

    asset: Optional[Asset]
    title: Optional[str]
    irrevocable: bool
    place: str


class Catalog(NamedTuple):
    """
    :ivar entries: by name
    :ivar files: where they come from
    :ivar complete: whether all files could be read, so that no name is missing
    """

    entries: Dict[str, CatalogEntry]
    files: Sequence[str]
    complete: bool

    def wanted_asset(self, value: Any, told: Told, faults: List[str]) -> Optional[Asset]:
        """An asset written as an adam_id, as {adam_id, pricing_param}, or as a name of the catalog."""
        if not self.files or not isinstance(value, str) or value.isdigit():
            return wanted_asset(value, told, faults)
        entry = self.entries.get(value)
        if entry is None and self.complete:
            faults.append(f"{told()}: {shown(value)} is neither an adam_id such as 1000000001 nor a name in {', '.join(self.files)}")
        return entry.asset if entry is not None else None

    def irrevocable(self) -> FrozenSet[Asset]:
        return frozenset(entry.asset for entry in self.entries.values() if entry.asset is not None and entry.irrevocable)

    def titles(self) -> Dict[Asset, str]:
        """What people call each asset: its title, or else its name."""
        return {entry.asset: entry.title or name for name, entry in self.entries.items() if entry.asset is not None}


NO_CATALOG = Catalog({}, (), True)


def read_catalog(files: Sequence[str], faults: List[str]) -> Catalog:
    """All files together. The same name in two of them has to stand for the same asset, and an asset has one name only."""
    entries: Dict[str, CatalogEntry] = {}
    names: Dict[Asset, str] = {}
    complete = True
    for path in files:
        try:
            document = document_of_file(path, as_written=True)
        except UnreadableFile as error:
            complete = False
            faults.extend(error.faults)
            continue
        for name, value in document.members.items():
            entry = _entry(document, name, value, faults)
            before = entries.setdefault(name, entry)
            if before[:3] != entry[:3]:
                faults.append(f"{entry.place}: {name} is said otherwise at {before.place}")
            # A line that was copied, and then only its name changed.
            other = names.setdefault(entry.asset, name) if entry.asset is not None else name
            if other != name:
                faults.append(f"{entry.place}: {name} and {other} ({entries[other].place}) are both asset {entry.asset}")
    return Catalog(entries, list(files), complete)


def _entry(document: Document, name: str, value: Any, faults: List[str]) -> CatalogEntry:
    place = document.place(name)
    fault = f"{shown(name)} is a number, which cannot be told from an adam_id; choose a name" if name.isdigit() else name_fault(name, "the asset")
    if fault:
        faults.append(f"{place}: {fault}")
    if not isinstance(value, dict):
        return CatalogEntry(wanted_asset(value, functools.partial(document.told, name), faults), None, False, place)
    document.check_names(MEMBERS, faults, name)
    title, irrevocable = value.get("title"), value.get("irrevocable")
    fault = title_fault(title) if title is not None else None
    if fault:
        faults.append(f"{document.told(name, 'title')}: {fault}")
    if str(irrevocable).lower() not in ("true", "false", "none"):
        faults.append(f"{document.told(name, 'irrevocable')}: {shown_as_written(irrevocable)} is neither true nor false")
    asset = wanted_asset(_asset_members(value), functools.partial(document.told, name), faults)
    return CatalogEntry(asset, title if not fault else None, str(irrevocable).lower() == "true", place)


def _asset_members(value: Mapping[str, Any]) -> Dict[str, Any]:
    return {member: value[member] for member in Asset._fields if member in value}
