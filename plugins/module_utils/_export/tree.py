# Copyright (c) 2026, the mdmkit.apps_books authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The files of a location, as texts: applied to the location that they were made of, they change nothing."""

from __future__ import annotations

import csv
import io
import re
from typing import Any, Dict, Iterable, List, Mapping, NamedTuple, Optional, Sequence, Set

from ansible_collections.mdmkit.apps_books.plugins.module_utils._export.adoptable import Adoptable, Found, adoptable
from ansible_collections.mdmkit.apps_books.plugins.module_utils._export.shape import Entry, NamedGroup, Shape, shape_of
from ansible_collections.mdmkit.apps_books.plugins.module_utils._export.yaml_writer import comment, listing, scalar
from ansible_collections.mdmkit.apps_books.plugins.module_utils._model import Asset, AssetRecord
from ansible_collections.mdmkit.apps_books.plugins.module_utils._wanted.catalog import Catalog

MEMBERS = "members"
"""The folder of long lists."""

_MOST_INLINE = 10
_NAMED = 3
# For the names of assets in a title. What else is in it takes no more, and titles must not be longer than LONGEST_TITLE.
_ROOM_FOR_NAMES = 90
_UID = re.compile("[0-9]+\\Z")
_COLUMNS = {"users": "client_user_id", "devices": "serial_number"}


class Tree(NamedTuple):
    """:ivar files: path within the location's folder to text"""

    files: Dict[str, str]
    adoptable: Adoptable
    shape: Shape


def tree_of(found: Found, our_mdm_id: Optional[str], catalog: Catalog) -> Tree:
    """
    :param our_mdm_id: whoever else holds the location is not written as its holder
    :param catalog: names that are written in place of numbers
    """
    what = adoptable(found)
    shape = shape_of(what.assignments, len(what.users))
    files = {"location.yml": _location(found, what)}
    if found.client_config is not None:
        files["client_config.yml"] = _client_config(what.client_config, our_mdm_id)
    # Without users and assignments, somebody is to fill in the former, and a location of which nothing is said is refused.
    if what.users or not shape.entries:
        files["users.csv"] = _table(("client_user_id", "email"), ((user.client_user_id, user.email) for user in what.users))
    words = _Words(found.assets, catalog, shape)
    if shape.groups:
        files["groups.yml"] = "---\n" + "\n".join(_group(group, words, files) for group in shape.groups)
    if shape.entries:
        files["assignments.yml"] = "---\n" + "\n".join(_entry(entry, words) for entry in shape.entries)
    return Tree(files, what, shape)


def _location(found: Found, what: Adoptable) -> str:
    name = found.client_config.location_name if found.client_config else None
    text = "---\n" + comment(f"{name or 'This location'}, as it was when this folder was made from it.")
    if found.uid and _UID.match(found.uid):
        text += f"uid: {scalar(found.uid)} # the library that the content token has to open; another one is refused before anything is written\n"
    text += "\n"
    untouched = "Whatever stands in none of the files is left alone."
    if what.may_purge:
        text += comment(f"{untouched} Set these as soon as nobody makes changes anywhere else:")
    else:
        text += comment(f"{untouched} Some of what is there cannot be written into files, and these would take it away:")
    text += comment("users_purge: true # retire active users that stand in none of the files")
    return text + comment("assignments_purge: location # nothing else may be assigned at all")


def _client_config(members: Mapping[str, Any], our_mdm_id: Optional[str]) -> str:
    text = "---\n" + comment("What Apple stores for this location. What is left out stays as it is.")
    info = members.get("mdm_info")
    if info:
        ours = info["id"] == our_mdm_id
        lines = ["mdm_info:\n", *(f"  {name}: {scalar(info[name])}\n" for name in ("id", "name", "metadata"))]
        if not ours:
            text += comment("This is who manages it now. If that is you, remove the # at the beginning of these lines.")
            text += comment("If not, write your own, and take the location over.")
        text += "".join(line if ours else "# " + line for line in lines)
    else:
        text += comment("To make the location yours, write mdm_info with id, name and metadata.")
    if "notification_url" in members:
        text += f"notification_url: {scalar(members['notification_url'])} # its secret is not here; what is stored stays as long as none is given\n"
    if "notification_types" in members:
        text += listing("notification_types", map(scalar, members["notification_types"]), "")
    return text


def _group(group: NamedGroup, words: _Words, files: Dict[str, str]) -> str:
    text = comment(f"{_number(group.count, group.kind[:-1])}: {words.of_assets(words.given_to(group.name))}")
    text += f"{group.name}:\n"
    if group.groups:
        text += listing("groups", map(scalar, group.groups), "  ")
    if len(group.members) > _MOST_INLINE:
        path = f"{MEMBERS}/{group.name}{_ending(group.members)}"
        files[path] = _list(group.members, _COLUMNS[group.kind])
        text += f"  {group.kind}_file: {path}\n"
    elif group.members:
        text += listing(group.kind, map(scalar, group.members), "  ")
    return text


def _entry(entry: Entry, words: _Words) -> str:
    text = f"- title: {scalar(words.of_assets(entry.assets) + ' for ' + words.of_targets(entry))}\n  assets:\n"
    text += "".join(f"    - {words.asset(asset)}\n" for asset in entry.assets)
    for name, texts in (("groups", entry.groups), ("users", entry.users), ("devices", entry.devices)):
        if texts:
            text += listing(name, map(scalar, texts), "  ")
    return text


class _Words:
    """How assets and targets are called."""

    def __init__(self, assets: Mapping[Asset, AssetRecord], catalog: Catalog, shape: Shape) -> None:
        self._assets = assets
        self._names = {entry.asset: name for name, entry in catalog.entries.items()}
        self._titles = catalog.titles()
        self._given: Dict[str, Set[Asset]] = {group.name: set() for group in shape.groups}
        for entry in shape.entries:
            for name in entry.groups:
                self._given[name].update(entry.assets)
        # The largest come first, so whoever a group belongs to comes before it or after it: this is done until nothing is new.
        changed = True
        while changed:
            changed = False
            for group in shape.groups:
                for part in group.groups:
                    if not self._given[group.name] <= self._given[part]:
                        self._given[part] |= self._given[group.name]
                        changed = True

    def given_to(self, group: str) -> List[Asset]:
        """What a group gets by entries, also as a part of others."""
        return sorted(self._given[group])

    def asset(self, asset: Asset) -> str:
        """As an entry names it, with a comment where the number alone says little."""
        if asset in self._names:
            return scalar(self._names[asset])
        number = scalar(asset.adam_id)
        text = number if asset.pricing_param == "STDQ" else f"{{adam_id: {number}, pricing_param: {asset.pricing_param}}}"
        return text if self._assets[asset].revocable else f"{text} # {self._kind(asset)}, can never be taken back"

    def of_assets(self, assets: Sequence[Asset]) -> str:
        known = [self._titles[asset] for asset in assets if asset in self._titles]
        if not known and len(assets) == 1:
            return f"{self._kind(assets[0])} {assets[0].adam_id}{'' if assets[0].pricing_param == 'STDQ' else ' PLUS'}"
        names = known if len(known) == len(assets) <= _NAMED else known[:_NAMED - 1]
        names = [_short(name, _ROOM_FOR_NAMES // len(names)) for name in names]
        rest = len(assets) - len(names)
        kinds = {self._kind(asset) for asset in assets}
        what = _number(rest, kinds.pop() if len(kinds) == 1 else "asset") if not names else f"{rest} more"
        return _joined([*names, what] if rest else names)

    def of_targets(self, entry: Entry) -> str:
        names = entry.groups if len(entry.groups) <= _NAMED else [_number(len(entry.groups), "group")]
        single = [_number(len(ids), kind) for ids, kind in ((entry.users, "user"), (entry.devices, "device")) if ids]
        return _joined([*names, *single])

    def _kind(self, asset: Asset) -> str:
        return {"App": "app", "Book": "book"}.get(self._assets[asset].product_type or "", "asset")


def _short(title: str, longest: int) -> str:
    return title if len(title) <= longest else title[:longest - 3].rstrip() + "..."


def _joined(texts: Sequence[str]) -> str:
    return " and ".join(filter(None, (", ".join(texts[:-1]), texts[-1])))


def _number(count: int, what: str) -> str:
    return f"{count} {what}{'' if count == 1 else 's'}"


def _ending(members: Sequence[str]) -> str:
    # In a list with one a line, this is a comment.
    return ".csv" if any(member.startswith("#") for member in members) else ".txt"


def _list(members: Sequence[str], column: str) -> str:
    if _ending(members) == ".csv":
        return _table((column,), ((member,) for member in members))
    return "".join(member + "\n" for member in members)


def _table(columns: Sequence[str], rows: Iterable[Sequence[Optional[str]]]) -> str:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows(rows)
    return text.getvalue()
