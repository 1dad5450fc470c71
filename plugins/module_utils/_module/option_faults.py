# Copyright (c) 2026, the mdmkit.apps_books authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Options that cannot mean anything, each with its place and all of them at once.

Ansible checks them too. But it stops at the first fault, does not tell which entry of a list it is in, speaks of Python's types, shows secrets before
it knows them as such, and makes an id out of everything: the user ``True`` out of ``yes``.
"""

from __future__ import annotations

import math
import os
from typing import Any, Callable, Dict, Iterator, List, Mapping, NamedTuple, Sequence

from ansible.module_utils.common.validation import check_type_bool, check_type_dict, check_type_float, check_type_int
from ansible_collections.mdmkit.apps_books.plugins.module_utils._module.options import Spec
from ansible_collections.mdmkit.apps_books.plugins.module_utils._wanted.checks import as_name, shown, shown_as_written

_IDS = frozenset(("client_user_id", "serial_number", "users", "devices", "revoked_users", "revoked_devices"))
"""Options whose texts are ids. A number there was an id without quotes, and YAML may have made another number of it."""

MOST_SECONDS = 31536000
MOST_COUNT = 2147483647


class Rules(NamedTuple):
    """What AnsibleModule takes: the options, and what holds between them."""

    argument_spec: Spec
    required_one_of: Sequence[Sequence[str]] = ()
    mutually_exclusive: Sequence[Sequence[str]] = ()


def option_faults(rules: Rules, options: Mapping[str, Any]) -> List[str]:
    """
    :param options: as the task gives them; what is None is not given
    :returns: what is wrong; empty if Ansible can go on
    """
    faults = list(_member_faults(rules.argument_spec, options, ""))
    faults.extend(
        f"none of {', '.join(names)} is given" for names in rules.required_one_of if all(options.get(name) is None for name in names)
    )
    for names in rules.mutually_exclusive:
        given = [name for name in names if options.get(name) is not None]
        if len(given) > 1:
            faults.append(f"{' and '.join(given)} are both given; give one")
    for name, option in rules.argument_spec.items():
        variable = option["fallback"][1][0] if "fallback" in option and option["type"] == "bool" and options.get(name) is None else ""
        if os.environ.get(variable) and not _converts(check_type_bool, os.environ[variable]):
            faults.append(f"the environment variable {variable}: {shown(os.environ[variable])} is neither true nor false")
    return faults


def _member_faults(spec: Spec, members: Mapping[str, Any], place: str) -> Iterator[str]:
    """:param place: of the mapping, empty for the options themselves"""
    prefix, members_of = (f"{place}: ", f"{place}.") if place else ("", "")
    unknown = sorted(name for name in members if name not in spec)
    if unknown:
        kind = ("key" if place else "option") + ("" if len(unknown) == 1 else "s")
        yield f"{prefix}unknown {kind} {', '.join(map(as_name, unknown))} (known: {', '.join(sorted(spec))})"
    for name, option in spec.items():
        value = members.get(name)
        if value is not None:
            yield from _value_faults(option, value, members_of + name, name)
        elif option.get("required"):
            yield f"{prefix}{name} is missing"


def _value_faults(option: Mapping[str, Any], value: Any, place: str, name: str) -> Iterator[str]:
    kind, choices = option["type"], option.get("choices")
    if not _is_whole(value):
        yield f"{place}: half a character (\\ud800 to \\udfff) is in the text"
    elif choices and value not in choices:
        yield f"{place}: {_told(option, value)} is not one of {', '.join(choices)}"
    elif kind == "list":
        yield from _list_faults(option, value, place, name)
    elif kind == "dict":
        if not _converts(check_type_dict, value):
            yield f"{place}: a mapping is expected, not {_told(option, value)}"
        elif "options" in option:
            yield from _member_faults(option["options"], check_type_dict(value), place)
    elif kind in _SCALARS:
        fault = _SCALARS[kind](value, name)
        if fault:
            yield f"{place}: {_told(option, value)} {fault}"


def _list_faults(option: Mapping[str, Any], value: Any, place: str, name: str) -> Iterator[str]:
    entries = value.split(",") if isinstance(value, str) else value
    entry_option = {**option, "type": option["elements"]}
    of_mappings = option["elements"] == "dict"
    if not isinstance(entries, list) or (isinstance(value, str) and of_mappings and not all(_converts(check_type_dict, entry) for entry in entries)):
        yield f"{place}: a list is expected, not {_told(option, value)}"
        return
    for index, entry in enumerate(entries):
        if entry is None and option["elements"] != "raw":
            yield f"{place}[{index}]: {'a mapping' if of_mappings else 'text'} is expected, not null"
        elif entry is not None:
            yield from _value_faults(entry_option, entry, f"{place}[{index}]", name)


def _text_fault(value: Any, name: str) -> str:
    if isinstance(value, (bool, list, dict)):
        return "is not text" + ("; put it into quotes" if isinstance(value, bool) else "")
    if not isinstance(value, str) and name in _IDS:
        return "is not text; put it into quotes, since YAML reads 0017 as 15"
    return ""


def _path_fault(value: Any, name: str) -> str:
    return "is not a path" if not isinstance(value, str) or "\0" in value else ""


def _bool_fault(value: Any, dummy: str) -> str:
    return "" if _converts(check_type_bool, value) else "is neither true nor false"


def _int_fault(value: Any, dummy: str) -> str:
    if isinstance(value, bool) or not _converts(check_type_int, value):
        return "is not a whole number"
    return "" if abs(check_type_int(value)) <= MOST_COUNT else f"is more than {MOST_COUNT}"


def _float_fault(value: Any, dummy: str) -> str:
    if isinstance(value, bool) or not _converts(check_type_float, value) or math.isnan(check_type_float(value)):
        return "is not a number of seconds"
    return "" if check_type_float(value) <= MOST_SECONDS else f"is more than {MOST_SECONDS}, a year in seconds"


_SCALARS: Dict[str, Callable[[Any, str], str]] = {
    "str": _text_fault, "path": _path_fault, "bool": _bool_fault, "int": _int_fault, "float": _float_fault
}


def _converts(check: Callable[[Any], Any], value: Any) -> bool:
    try:
        check(value)
    except (TypeError, ValueError, ArithmeticError):
        return False
    return True


def _is_whole(value: Any) -> bool:
    if not isinstance(value, str):
        return True
    try:
        value.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True


def _told(option: Mapping[str, Any], value: Any) -> str:
    """A value as far as it may be shown."""
    return "what is given" if option.get("no_log") else shown_as_written(value)
