# Copyright (c) 2026, the mdmkit.apps_books authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the guides tell people to type is taken by Ansible for what it looks like."""

from __future__ import annotations

import json
import re
import shlex
from pathlib import Path
from typing import Iterator, List, Tuple

from ansible.parsing.splitter import parse_kv

COLLECTION = Path(__file__).parents[2]
PAGES = [COLLECTION / "README.md", *sorted(COLLECTION.glob("docs/**/*.md")), *sorted(COLLECTION.glob("roles/*/README.md"))]


def typed(page: Path) -> Iterator[List[str]]:
    """The words of each command for ansible-playbook in the blocks of a page."""
    for block in re.findall(r"(?ms)^ *```shell\n(.*?)^ *```$", page.read_text(encoding="utf-8")):
        for line in block.replace("\\\n", " ").splitlines():
            if "ansible-playbook " in line:
                yield shlex.split(line, comments=True)


def variables_typed() -> List[Tuple[str, str]]:
    """Each value of ``-e``, with the page that it stands on."""
    return [(page.name, words[index + 1]) for page in PAGES for words in typed(page) for index, word in enumerate(words) if word == "-e"]


def test_each_variable_has_the_whole_of_its_value() -> None:
    given = variables_typed()

    assert len(given) > 30
    for page, text in given:
        if text.startswith("{"):
            assert isinstance(json.loads(text), dict), (page, text)
        elif not text.startswith("@"):
            assert "_raw_params" not in parse_kv(text), (page, text)
