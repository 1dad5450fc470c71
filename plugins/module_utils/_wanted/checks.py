# Copyright (c) 2026, the mdmkit.apps_books authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What single values must look like. Faults are collected, never raised one by one."""

from __future__ import annotations

import re
from typing import Any, List, Mapping, Optional, Sequence
from urllib.parse import urlsplit

from ansible_collections.mdmkit.apps_books.plugins.module_utils._model import Asset

_LOOPBACK = frozenset(("localhost", "127.0.0.1", "::1"))
PRICING_PARAMS = ("STDQ", "PLUS")

_DIGITS = re.compile(r"[0-9]{1,20}\Z")
# Only the form that Apple refuses for sure (9717) is refused here; Apple's own rule is not documented.
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\Z")
_BAD_IN_AN_ID = re.compile(r"\A\s|\s\Z|[\x00-\x1f\x7f]")


def id_fault(value: Any, what: str) -> Optional[str]:
    """What is wrong with a client_user_id or serial_number, or None. Exact matching is assumed, so white space would name another thing."""
    if isinstance(value, bool) or not isinstance(value, (str, int)):
        return f"{what} must be text"
    text = str(value)
    if not text:
        return f"{what} is empty"
    if _BAD_IN_AN_ID.search(text):
        return f"{what} {text!r} has white space around it or a control character in it"
    return None


def email_fault(value: Any, what: str) -> Optional[str]:
    if not isinstance(value, str) or not _EMAIL.match(value):
        return f"{what} {value!r} is not an address"
    return None


def url_fault(text: str, what: str, example: str) -> Optional[str]:
    """What is wrong with a URL to which secrets travel. Only the machine itself may be spoken to without TLS."""
    try:
        url = urlsplit(text)
        host = url.hostname
    except ValueError:
        host = None
    if not host or url.scheme not in ("https", "http"):
        return f"{what} {text!r} is not a URL such as {example}"
    if url.scheme == "http" and host not in _LOOPBACK:
        return f"{what} must begin with https"
    return None


def unknown_members(entry: Mapping[str, Any], known: Sequence[str], place: str, faults: List[str]) -> None:
    unknown = sorted(str(name) for name in entry if name not in known)
    if unknown:
        faults.append(f"{place}: unknown {', '.join(unknown)} (known: {', '.join(known)})")


def wanted_asset(value: Any, place: str, faults: List[str]) -> Optional[Asset]:
    """An asset written as an adam_id or as {adam_id, pricing_param}."""
    adam_id, pricing_param = value, None
    if isinstance(value, dict):
        unknown_members(value, Asset._fields, place, faults)
        adam_id, pricing_param = value.get("adam_id"), value.get("pricing_param")
    text = str(adam_id) if isinstance(adam_id, (str, int)) and not isinstance(adam_id, bool) else ""
    fine = True
    if not _DIGITS.match(text):
        faults.append(f"{place}: adam_id {adam_id!r} is not a number such as 1000000001" if adam_id is not None else f"{place}: adam_id is missing")
        fine = False
    if pricing_param and pricing_param not in PRICING_PARAMS:
        faults.append(f"{place}: pricing_param {pricing_param!r} is neither STDQ nor PLUS")
        fine = False
    return Asset(text, pricing_param or "STDQ") if fine else None
