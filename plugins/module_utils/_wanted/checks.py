# Copyright (c) 2026, the mdmkit.apps_books authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What single values must look like. Faults are collected, never raised one by one."""

from __future__ import annotations

import json
import re
import reprlib
from typing import Any, Callable, Dict, List, Mapping, Optional, Sequence
from urllib.parse import urlsplit

from ansible_collections.mdmkit.apps_books.plugins.module_utils._model import Asset

_LOOPBACK = frozenset(("localhost", "127.0.0.1", "::1"))
PRICING_PARAMS = ("STDQ", "PLUS")

_DIGITS = re.compile(r"[0-9]{1,20}\Z")
# Only the form that Apple refuses for sure (9717) is refused here; Apple's own rule is not documented.
_EMAIL = re.compile(r"[^@\s\x00-\x1f\x7f\ud800-\udfff]+@[^@\s\x00-\x1f\x7f\ud800-\udfff]+\Z")
# Byte order marks and spaces of no width stand for nothing, and nobody sees them.
_BAD_IN_AN_ID = re.compile("\\A[\\s\ufeff\u200b]|[\\s\ufeff\u200b]\\Z|[\\x00-\\x1f\\x7f]")
# Nearly all ids are of this form, and nothing is wrong with it.
_PLAIN_ID = re.compile(r"[!-~](?:[ -~]{0,98}[!-~])?\Z")
_HALF_A_CHARACTER = re.compile("[\ud800-\udfff]")
_BAD_IN_A_URL = re.compile(r"[\s\x00-\x1f\x7f\ud800-\udfff]")
_LONGEST_ID = 1000
"""Apple names no limit. Whatever is longer is a file of another kind, and would not fit into the address of a request."""
_LONGEST_NAME = 300
LONGEST_GIVEN_NAME = 100
LONGEST_TITLE = 200

_SHORT = reprlib.Repr()
_SHORT.maxstring = _SHORT.maxother = _SHORT.maxlong = 80
_SHORT.maxlevel = 2


def shown(value: Any) -> str:
    """A value in a message: on one line, short, and with every character visible."""
    return _SHORT.repr(value)


def shown_as_written(value: Any) -> str:
    """A value in a message, as YAML and JSON write it."""
    if isinstance(value, dict):
        return "a mapping"
    if isinstance(value, list):
        return "a list"
    return shown(value) if isinstance(value, str) else json.dumps(value, default=str)


def kind_of(value: Any) -> str:
    """What a value is, as YAML and JSON call it."""
    names: Dict[type, str] = {dict: "a mapping", str: "text", bool: "a boolean", int: "a number", float: "a number", type(None): "nothing"}
    return names.get(type(value), "a list")


def as_name(text: str) -> str:
    """A name or path in a message: as it is, unless nobody could read it then."""
    return text if text.isprintable() and text.strip() and len(text) <= _LONGEST_NAME else shown(text)


def id_fault(value: Any, what: str) -> Optional[str]:
    """What is wrong with a client_user_id or serial_number, or None. Exact matching is assumed, so white space would name another thing."""
    if isinstance(value, str) and _PLAIN_ID.match(value):
        return None
    if isinstance(value, bool) or not isinstance(value, (str, int)):
        return f"{what} must be text"
    text = str(value)
    if not text:
        return f"{what} is empty"
    if _BAD_IN_AN_ID.search(text):
        return f"{what} {shown(text)} has white space around it or a control character in it"
    if _HALF_A_CHARACTER.search(text):
        return f"{what} {shown(text)} has half a character in it"
    if len(text) > _LONGEST_ID:
        return f"{what} {shown(text)} has {len(text)} characters, more than {_LONGEST_ID}"
    return None


def name_fault(text: str, what: str) -> Optional[str]:
    """What is wrong with a name that somebody gave to an asset or a group, or None."""
    if not text.strip():
        return f"the name of {what} is empty"
    if text != text.strip() or not text.isprintable():
        return f"{what} {shown(text)} has white space around its name, or a character in it that nobody sees"
    if len(text) > LONGEST_GIVEN_NAME:
        return f"{what} {shown(text)} has a name of {len(text)} characters, more than {LONGEST_GIVEN_NAME}"
    return None


def title_fault(value: Any) -> Optional[str]:
    """What is wrong with a title, or None."""
    if not isinstance(value, str):
        return f"{shown_as_written(value)} is not text"
    if not value.strip() or not value.isprintable():
        return f"{shown(value)} is not a text on one line"
    if len(value) > LONGEST_TITLE:
        return f"{shown(value)} has {len(value)} characters, more than {LONGEST_TITLE}"
    return None


def adam_id_fault(value: Any) -> Optional[str]:
    if value is None:
        return "adam_id is missing"
    if isinstance(value, bool) or not isinstance(value, (str, int)) or not _DIGITS.match(str(value)):
        return f"adam_id {shown(value)} is not a number such as 1000000001"
    return None


def email_fault(value: Any, what: str) -> Optional[str]:
    if not isinstance(value, str) or not _EMAIL.match(value):
        return f"{what} {shown(value)} is not an address"
    return None


def url_fault(text: str, what: str, example: str) -> Optional[str]:
    """What is wrong with a URL to which secrets travel. Only the machine itself may be spoken to without TLS."""
    try:
        url = urlsplit(text)
        host = url.hostname if url.port != 0 and not _BAD_IN_A_URL.search(text) else None
        if host and ":" not in host and not all(0 < len(part) < 64 for part in host.rstrip(".").split(".")):
            host = None  # no name that the network could know
    except ValueError:
        host = None
    if not host or url.scheme not in ("https", "http"):
        # What stands before an @ may be a password.
        return f"{what}{'' if '@' in text.partition('//')[2] else ' ' + shown(text)} is not a URL such as {example}"
    if url.scheme == "http" and host not in _LOOPBACK:
        return f"{what} must begin with https"
    if url.query or url.fragment or url.username is not None or url.password is not None:
        return f"{what} may hold only host, port and path (no query, fragment or user)"
    return None


def unknown_members(entry: Mapping[str, Any], known: Sequence[str], told: Callable[..., str], faults: List[str]) -> None:
    unknown = sorted(str(name) for name in entry if name not in known)
    if unknown:
        keys = "key" if len(unknown) == 1 else "keys"
        faults.append(f"{told(near=unknown[0])}: unknown {keys} {', '.join(map(as_name, unknown))} (known: {', '.join(known)})")


def wanted_asset(value: Any, told: Callable[..., str], faults: List[str]) -> Optional[Asset]:
    """An asset written as an adam_id or as {adam_id, pricing_param}."""
    adam_id, pricing_param = value, None
    if isinstance(value, dict):
        unknown_members(value, Asset._fields, told, faults)
        adam_id, pricing_param = value.get("adam_id"), value.get("pricing_param")
    fault = adam_id_fault(adam_id)
    if fault:
        faults.append(f"{told(near='adam_id')}: {fault}")
    if pricing_param not in (None, "") and pricing_param not in PRICING_PARAMS:
        faults.append(f"{told(near='pricing_param')}: pricing_param {shown(pricing_param)} is neither STDQ nor PLUS")
        return None
    return None if fault else Asset(str(adam_id), pricing_param or "STDQ")
