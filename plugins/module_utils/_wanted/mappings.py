# Copyright (c) 2026, the mdmkit.apps_books authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Files that hold keys and values, and options in their place, with the place of every member."""

from __future__ import annotations

import functools
import os
import re
from typing import Any, Dict, List, Mapping, NamedTuple, Optional, Sequence

from ansible_collections.mdmkit.apps_books.plugins.module_utils._wanted.checks import as_name, kind_of, shown
from ansible_collections.mdmkit.apps_books.plugins.module_utils._wanted.json_text import decoded_json, is_whole, lines_of_json
from ansible_collections.mdmkit.apps_books.plugins.module_utils._wanted.places import Lines, Step, Told, as_path
from ansible_collections.mdmkit.apps_books.plugins.module_utils._wanted.text_file import LINE_END, UnreadableFile, text_of

FORMATS = ".yml, .yaml, .json"
_TEMPLATE = re.compile(r"\{[{%]")


class Document(NamedTuple):
    """
    :ivar name: the file's path, or the option's name
    :ivar place: such as ``location.yml:3``
    """

    name: str
    members: Dict[str, Any]
    place: Told

    def told(self, *steps: Step, near: Optional[Step] = None) -> str:
        """Such as ``location.yml:3: uid``."""
        return f"{self.place(*steps, near=near)}: {as_path(*steps)}"

    def check_names(self, known: Sequence[str], faults: List[str], *steps: Step) -> None:
        """Find fault with members that nobody knows, of the document or of the mapping that the steps lead to."""
        members: Any = self.members
        for step in steps:
            members = members[step]
        for name in members:
            if name not in known:
                faults.append(f"{self.place(*steps, name)}: unknown key {as_path(*steps, as_name(name))} (known: {', '.join(known)})")


def document_of_option(name: str, members: Mapping[str, Any]) -> Document:
    return Document(name, dict(members), lambda *dummy, near=None: name)


def document_of_file(path: str, as_written: bool, most_characters: Optional[int] = None, other_formats: str = "") -> Document:
    """Read a file of YAML or JSON. It is data: templates are refused.

    :param as_written: whether every scalar of YAML stays the text that is written; otherwise it becomes what Ansible makes of it
    :param most_characters: how long the file may be, where its content is to be shown
    :param other_formats: what else could stand in its place, for messages
    :raises UnreadableFile: with everything that keeps the file from being read
    """
    ending = os.path.splitext(path)[1].lower()
    if ending not in (".yml", ".yaml", ".json"):
        raise UnreadableFile(f"{as_name(path)}: the ending {shown(ending)} is not one of {FORMATS}{other_formats}")
    text = text_of(path)
    if most_characters is not None and len(text) > most_characters:
        raise UnreadableFile(f"{path}: it has {len(text)} characters, more than {most_characters}; put long lists into files of their own")
    found = _TEMPLATE.search(text)
    if found:
        raise UnreadableFile(f"{path}:{1 + len(LINE_END.findall(text[:found.start()]))}: the tree holds data only, no templates")
    try:
        return _json_document(path, text) if ending == ".json" else _yaml_document(path, text, as_written)
    except RecursionError:
        raise UnreadableFile(f"{path}: nested too deeply, or within itself") from None


def _yaml_document(path: str, text: str, as_written: bool) -> Document:
    from ansible_collections.mdmkit.apps_books.plugins.module_utils._wanted.yaml_text import read_yaml_mapping

    members, lines = read_yaml_mapping(path, text, as_written)
    return Document(path, members, lambda *steps, near=None: f"{path}:{lines.of(steps, near)}")


def _json_document(path: str, text: str) -> Document:
    members = decoded_json(path, text, empty="an empty mapping is written {}")
    if not isinstance(members, dict):
        raise UnreadableFile(f"{path}: a mapping is expected, not {kind_of(members)}")
    if not is_whole(members):
        raise UnreadableFile(f"{path}: half a character (\\ud800 to \\udfff) is in a text")

    @functools.lru_cache(maxsize=None)
    def lines() -> Lines:
        return lines_of_json(text)

    return Document(path, members, lambda *steps, near=None: f"{path}:{lines().of(steps, near)}")
