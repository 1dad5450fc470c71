# Copyright (c) 2026, the mdmkit.apps_books authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The settings of a location: what location.yml says, and the variables that win over it."""

from __future__ import annotations

import json
import re
from typing import Any, Dict, List, Mapping, NamedTuple

from ansible_collections.mdmkit.apps_books.plugins.module_utils._wanted.checks import as_name
from ansible_collections.mdmkit.apps_books.plugins.module_utils._wanted.mappings import Document

SECRETS = ("content_token", "notification_auth_token")
VARIABLE_PREFIX = "location_"


class Setting(NamedTuple):
    """
    :ivar kind: what the setting becomes: a text, a number or a boolean
    :ivar form: what its value looks like as text
    :ivar told: how that is said
    :ivar text_only: whether a number is a mistake, because it was meant as text
    :ivar is_shown: whether a wrong value may be repeated; in place of where a secret is, the secret itself may stand
    """

    kind: type
    form: "re.Pattern[str]"
    told: str
    text_only: bool = False
    is_shown: bool = True


def _text(form: str, told: str, text_only: bool = False) -> Setting:
    return Setting(str, re.compile(f"(?:{form})\\Z"), told, text_only)


_CEILING = _text("[0-9]+|[0-9]{1,2}([.][0-9]+)?%|100([.]0+)?%", "a number such as 50 or a percentage such as 20%")
_SECONDS = Setting(float, re.compile("[0-9]{1,7}([.][0-9]+)?\\Z"), "a number of seconds")
_VARIABLE = _text("[A-Za-z_][A-Za-z0-9_]*", "the name of an environment variable")._replace(is_shown=False)

SETTINGS: Dict[str, Setting] = {
    "uid": _text("[0-9]+", "the digits of a uid"),
    "expected_location": _text(r"\s*\S.*", "text in quotes", text_only=True),
    "mdm_id": _text(r"\S.*", "text in quotes", text_only=True),
    "content_token_env": _VARIABLE,
    "content_token_file": _text(r"\S.*", "a path", text_only=True),
    "notification_auth_token_env": _VARIABLE,
    "notification_auth_token_file": _text(r"\S.*", "a path", text_only=True),
    "users_purge": Setting(bool, re.compile("True|False"), "true or false"),
    "users_max_removals": _CEILING,
    "managed_apple_id_policy": _text("on_create|always", "on_create or always"),
    "revocations_max_removals": _CEILING,
    "assignments_purge": _text("none|assets|targets|location", "none, assets, targets or location"),
    "assignments_max_removals": _CEILING,
    "on_shortage": _text("fail|partial", "fail or partial"),
    "wait_timeout": _SECONDS,
    "retry_budget": _SECONDS,
    "lock_timeout": _SECONDS,
    "low_stock": _CEILING,
    "expiry_days": Setting(int, re.compile("[0-9]{1,5}\\Z"), "a number of days"),
}

_WORDS = {"true": True, "yes": True, "on": True, "1": True, "false": False, "no": False, "off": False, "0": False}
"""What Ansible takes for a boolean on its command line, and this in variables only."""

_LONGEST_SHOWN = 40
"""Longer texts may be a secret in the wrong place."""


def read_settings(document: Document, faults: List[str]) -> Dict[str, Any]:
    """
    :returns: those settings of location.yml that are right
    """
    settings = {}
    for name, value in document.members.items():
        if name in SECRETS:
            how = f"name a file with {name}_file or an environment variable with {name}_env"
            faults.append(f"{document.place(name)}: {name} is a secret and must not stand in the tree; {how}")
        elif name not in SETTINGS:
            faults.append(f"{document.place(name)}: unknown key {as_name(name)} (known: {', '.join(SETTINGS)})")
        elif _fits(SETTINGS[name], value):
            settings[name] = SETTINGS[name].kind(value)
        else:
            faults.append(f"{document.told(name)}{_shown(value, SETTINGS[name])} is not {SETTINGS[name].told}")
    return settings


def read_overrides(overrides: Mapping[str, Any], faults: List[str]) -> Dict[str, Any]:
    """
    :param overrides: settings that come from variables; nothing or an empty text is not given
    """
    settings = {}
    for name, value in overrides.items():
        setting = SETTINGS.get(name)
        if setting is None:
            faults.append(f"unknown setting {as_name(name)} (known: {', '.join(SETTINGS)})")
        elif value not in (None, ""):
            value = _WORDS.get(str(value).lower(), value) if setting.kind is bool else value
            if _fits(setting, value):
                settings[name] = setting.kind(value)
            else:
                faults.append(f"{VARIABLE_PREFIX}{name}{_shown(value, setting)} is not {setting.told}")
    return settings


def _fits(setting: Setting, value: Any) -> bool:
    if isinstance(value, bool) or setting.kind is bool:
        return isinstance(value, bool) and setting.kind is bool
    if isinstance(value, (int, float)) and not setting.text_only:
        value = str(value)
    return isinstance(value, str) and bool(setting.form.match(value))


def _shown(value: Any, setting: Setting) -> str:
    """The value as it stands behind its name, if it may be repeated."""
    if not setting.is_shown:
        return ""
    if isinstance(value, str) and len(value) > _LONGEST_SHOWN:
        return f": a text of {len(value)} characters"
    shown = json.dumps(value, default=str)
    return f": {shown if len(shown) <= 2 * _LONGEST_SHOWN else 'what stands there'}"
