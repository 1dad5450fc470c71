# Copyright (c) 2026, the mdmkit.apps_books authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where the secrets of a location are: by name only. The secrets themselves are read where they are used."""

from __future__ import annotations

import os
import re
from typing import Any, List, Mapping, NamedTuple, Optional

CONTENT_TOKEN = "content_token"
NOTIFICATION_AUTH_TOKEN = "notification_auth_token"

TOKEN_VARIABLE = "VPP_CONTENT_TOKEN"
TOKEN_FILE_VARIABLE = "VPP_CONTENT_TOKEN_FILE"

_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*\Z")
_LONGEST_VARIABLE = 200
_NO_NAME_CHARACTER = re.compile("[^A-Z0-9]")


class SecretPlaces(NamedTuple):
    """Where a secret may be.

    :ivar variable: the environment variable that holds it
    :ivar path: the file that holds it, empty where none is named
    :ivar path_first: whether the variable does not matter, since the file was named for this very run
    """

    variable: str
    path: str
    path_first: bool


class SecretOrder(NamedTuple):
    """The places of a secret in the order in which they count: the first that holds something.

    :ivar variables: environment variables that hold it
    :ivar path: the file that holds it, or empty
    :ivar path_variable: an environment variable that names the file, or empty
    """

    variables: List[str]
    path: str
    path_variable: str


class SecretSource(NamedTuple):
    """Where a secret is.

    :ivar variable: the environment variable, or empty
    :ivar path: the file, or empty
    """

    variable: str
    path: str

    def __str__(self) -> str:
        return f"the environment variable {self.variable}" if self.variable else f"the file {self.path}"


def secret_places(secret: str, name: str, folder: str, settings: Mapping[str, Any], variable: str = "", path: str = "") -> SecretPlaces:
    """
    :param secret: CONTENT_TOKEN or NOTIFICATION_AUTH_TOKEN
    :param name: what the location is called
    :param folder: what a path in location.yml is relative to
    :param settings: what location.yml holds, and has been found good
    :param variable: the name of a variable that comes before what location.yml says
    :param path: a file that comes before everything else
    """
    named = settings.get(secret + "_file")
    return SecretPlaces(
        variable or settings.get(secret + "_env") or f"VPP_{secret.upper()}_{_NO_NAME_CHARACTER.sub('_', name.upper())}",
        path or (os.path.join(folder, os.path.expanduser(named)) if named else ""),
        bool(path),
    )


def in_order(places: SecretPlaces, alone: bool = False) -> SecretOrder:
    """
    :param alone: whether the variables that name no location mean this one, since there is no other; they hold content tokens
    """
    if places.path:
        return SecretOrder([] if places.path_first else [places.variable], places.path, "")
    if alone:
        return SecretOrder([places.variable, TOKEN_VARIABLE], "", TOKEN_FILE_VARIABLE)
    return SecretOrder([places.variable], "", "")


def find_secret(order: SecretOrder, environment: Mapping[str, str]) -> Optional[SecretSource]:
    """
    :returns: None where nobody says where the secret is; a file that is named need not exist
    """
    for variable in order.variables:
        if environment.get(variable):
            return SecretSource(variable, "")
    path = order.path or os.path.expanduser(environment.get(order.path_variable, ""))
    return SecretSource("", path) if path else None


def no_content_token(name: str, places: SecretPlaces) -> str:
    """What to tell where find_secret found none."""
    return (
        f"there is no content token for {name}: put the text of its .vpptoken file into the environment variable {places.variable}, "
        "or name the file with content_token_file in location.yml"
    )


def variable_fault(value: Any, what: str) -> Optional[str]:
    """What is wrong with the name of an environment variable, or None. The value is not shown: it may be the secret itself."""
    if isinstance(value, str) and _VARIABLE.match(value) and len(value) <= _LONGEST_VARIABLE and not _is_mixed(value):
        return None
    return f"{what} is not the name of an environment variable"


def _is_mixed(value: str) -> bool:
    """Whether it is as long as a token and of as many kinds of letters, which no name of a variable is."""
    return len(value) >= 40 and bool(re.search("[a-z]", value) and re.search("[A-Z]", value) and re.search("[0-9]", value))
