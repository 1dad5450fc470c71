# Copyright (c) 2026, the mdmkit.apps_books authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Secrets in options, where they belong and where they do not: Ansible shows every option at -vvv that it does not know to be secret."""

from __future__ import annotations

import re
from typing import Any, Dict, Iterator, Mapping

from ansible_collections.mdmkit.apps_books.plugins.module_utils._api.token import is_a_token
from ansible_collections.mdmkit.apps_books.plugins.module_utils._module.options import Spec

_PASSWORD = re.compile("//[^/@]*:([^/@]+)@")
_SHORTEST_SECRET = 8
"""What is hidden is taken out of messages wherever it stands, also within words."""


def secret_texts(spec: Spec, options: Mapping[str, Any]) -> Iterator[str]:
    """Every text that stands in an option which must not be shown, and passwords in addresses."""
    for name, option in spec.items():
        value = options.get(name)
        if option.get("no_log"):
            yield from _texts(value)
        elif isinstance(value, str):
            yield from _PASSWORD.findall(value)


def without_secrets(spec: Spec, options: Mapping[str, Any]) -> Dict[str, Any]:
    """The options as a result may show them."""
    return {name: "VALUE_SPECIFIED_IN_NO_LOG_PARAMETER" if spec.get(name, {}).get("no_log") else value for name, value in options.items()}


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list):
        for entry in value:
            yield from _texts(entry)
    elif isinstance(value, str) and len(value) >= _SHORTEST_SECRET:
        yield value


def without_misplaced_secrets(options: Mapping[str, Any], spec: Mapping[str, Any]) -> Dict[str, Any]:
    """The options without secrets in the wrong place: Ansible shows them all at -vvv, also beside the complaint about one of them.

    That is a content token given for something else, and whatever is given for an option that does not exist: it may be a misspelt one.
    """
    shown: Dict[str, Any] = {}
    for name, value in options.items():
        option = spec.get(name, {})
        suboptions = option.get("options")
        if name not in spec and not name.startswith("_ansible_"):
            shown[name] = "(not shown)"
        elif option.get("no_log"):
            shown[name] = value
        elif suboptions and isinstance(value, dict):
            shown[name] = without_misplaced_secrets(value, suboptions)
        elif suboptions and isinstance(value, list):
            shown[name] = [without_misplaced_secrets(entry, suboptions) if isinstance(entry, dict) else without_tokens_in(entry) for entry in value]
        else:
            shown[name] = without_tokens_in(value)
    return shown


def holds_a_token(value: Any) -> bool:
    """Whether a content token stands anywhere in what is given for an option."""
    return without_tokens_in(value) != value


def without_tokens_in(value: Any) -> Any:
    """The same, with a remark in place of every text that is a content token."""
    if isinstance(value, list):
        return [without_tokens_in(entry) for entry in value]
    if isinstance(value, dict):
        return {name: without_tokens_in(entry) for name, entry in value.items()}
    return "(a content token, not shown)" if isinstance(value, str) and is_a_token(value) else value
