# Copyright (c) 2026, the mdmkit.apps_books authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import os
from typing import Any, Dict, Optional

import pytest
from ansible_collections.mdmkit.apps_books.plugins.module_utils._wanted.token_source import (
    CONTENT_TOKEN,
    NOTIFICATION_AUTH_TOKEN,
    SecretSource,
    find_secret,
    in_order,
    no_content_token,
    secret_places,
    variable_fault,
)

OWN = "VPP_CONTENT_TOKEN_NORTH"
EVERYTHING = {OWN: "x", "OTHER": "x", "VPP_CONTENT_TOKEN": "x", "VPP_CONTENT_TOKEN_FILE": "/env/x"}


def found(environment: Dict[str, str], settings: Optional[Dict[str, Any]] = None, alone: bool = False, **given: str) -> Optional[SecretSource]:
    return find_secret(in_order(secret_places(CONTENT_TOKEN, "north", "/tree/north", settings or {}, **given), alone), environment)


def variable(name: str) -> SecretSource:
    return SecretSource(name, "")


def file(path: str) -> SecretSource:
    return SecretSource("", path)


def test_the_order_in_which_places_are_looked_at() -> None:
    """As the README of the role tells it."""
    settings = {"content_token_file": "../north.vpptoken"}

    assert found(EVERYTHING, settings, True, path="/given/x", variable="OTHER") == file("/given/x")
    assert found(EVERYTHING, settings, True, variable="OTHER") == variable("OTHER")
    assert found(EVERYTHING, settings, True) == variable(OWN)
    assert found({**EVERYTHING, OWN: ""}, settings, True) == file("/tree/north/../north.vpptoken")
    assert found({**EVERYTHING, OWN: ""}, {}, True) == variable("VPP_CONTENT_TOKEN")
    assert found({"VPP_CONTENT_TOKEN_FILE": "/env/x"}, {}, True) == file("/env/x")
    assert found({}, {}, True) is None


def test_what_names_no_location_counts_for_the_only_one() -> None:
    assert found({"VPP_CONTENT_TOKEN": "x", "VPP_CONTENT_TOKEN_FILE": "/env/x"}) is None


def test_location_yml_names_another_variable() -> None:
    assert found(EVERYTHING, {"content_token_env": "OTHER"}) == variable("OTHER")
    assert found(EVERYTHING, {"content_token_env": "MISSING"}) is None
    assert found(EVERYTHING, {"content_token_env": "MISSING"}, variable=OWN) == variable(OWN)


def test_paths_begin_at_home_or_in_the_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "/home/me")

    assert found({}, {"content_token_file": "~/x"}) == file("/home/me/x")
    assert found({}, {"content_token_file": "/abs/x"}) == file("/abs/x")
    assert found({"VPP_CONTENT_TOKEN_FILE": "~/y"}, alone=True) == file("/home/me/y")
    assert os.path.normpath(found({}, {"content_token_file": "x"}).path) == "/tree/north/x"  # type: ignore[union-attr]


@pytest.mark.parametrize(
    "name, suffix", [("springfield", "SPRINGFIELD"), ("st-mary's 2", "ST_MARY_S_2"), ("Zürich", "Z_RICH"), ("0017", "0017")]
)
def test_the_variable_is_called_like_the_location(name: str, suffix: str) -> None:
    assert secret_places(CONTENT_TOKEN, name, "", {}).variable == "VPP_CONTENT_TOKEN_" + suffix
    assert secret_places(NOTIFICATION_AUTH_TOKEN, name, "", {}).variable == "VPP_NOTIFICATION_AUTH_TOKEN_" + suffix


def test_each_secret_has_its_own_settings() -> None:
    places = secret_places(NOTIFICATION_AUTH_TOKEN, "north", "/tree/north", {"content_token_file": "x", "notification_auth_token_file": "y"})

    assert places.path == "/tree/north/y"


def test_nobody_says_where_it_is() -> None:
    places = secret_places(CONTENT_TOKEN, "north", "", {"content_token_env": "OTHER"})

    told = no_content_token("north", places)
    assert told.startswith("there is no content token for north: put the text of its .vpptoken file into the environment variable OTHER,")


@pytest.mark.parametrize("name", ["A", "_a9", "VPP_CONTENT_TOKEN_A_VERY_LONG_NAME_OF_A_SCHOOL_IN_SPRINGFIELD_2"])
def test_names_of_variables(name: str) -> None:
    assert variable_fault(name, "content_token_env") is None


SECRET_LOOKING = "aB3dE5gH7jK9mN1pQ3sT5vW7yZ9bC1eF3hI5kL7n"


@pytest.mark.parametrize("value", ["", "9A", "A B", "A=B", "A\n", None, 5, ["A"], "A" * 201, SECRET_LOOKING])
def test_what_is_no_name_of_a_variable_is_not_shown(value: Any) -> None:
    assert variable_fault(value, "content_token_env") == "content_token_env is not the name of an environment variable"
