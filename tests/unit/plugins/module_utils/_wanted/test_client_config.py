# Copyright (c) 2026, the mdmkit.apps_books authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from typing import Any, Dict, Optional

import pytest
from ansible_collections.mdmkit.apps_books.plugins.module_utils._model import InputError, MdmInfo
from ansible_collections.mdmkit.apps_books.plugins.module_utils._wanted.client_config import NOTIFICATION_TYPES, WantedClientConfig, wanted_client_config

INFO = {"id": "our-id", "name": "Our service", "metadata": "any"}


def test_everything_given() -> None:
    wanted = wanted_client_config(INFO, "https://hooks.example.org/apple", "secret", ["USER_MANAGEMENT", "ASSET_COUNT", "USER_MANAGEMENT"])

    assert wanted == WantedClientConfig(
        MdmInfo("our-id", "Our service", "any"), "https://hooks.example.org/apple", "secret", ("ASSET_COUNT", "USER_MANAGEMENT")
    )


@pytest.mark.parametrize("empty", [None, ""])
def test_what_is_not_given_is_left_alone(empty: Optional[str]) -> None:
    assert wanted_client_config(None, empty, empty, None) == WantedClientConfig(None, None, None, None)


def test_no_types_is_not_the_same_as_types_not_given() -> None:
    assert wanted_client_config(None, None, None, []).notification_types == ()


def test_the_seven_documented_types_can_be_subscribed_to() -> None:
    assert set(NOTIFICATION_TYPES) == {
        "ASSET_COUNT", "ASSET_MANAGEMENT", "SUBSCRIPTION_COUNT", "SUBSCRIPTION_MANAGEMENT", "UNLIMITED_ASSET", "USER_ASSOCIATED", "USER_MANAGEMENT"
    }
    assert wanted_client_config(None, None, None, NOTIFICATION_TYPES).notification_types == tuple(sorted(NOTIFICATION_TYPES))


@pytest.mark.parametrize("value", [None, "", " ", "missing"])
@pytest.mark.parametrize("name", ["id", "name", "metadata"])
def test_all_three_members_are_needed(name: str, value: Optional[str]) -> None:
    """Apple refuses anything less (9723)."""
    info: Dict[str, Any] = dict(INFO, **{name: value})
    if value == "missing":
        del info[name]

    with pytest.raises(InputError) as caught:
        wanted_client_config(info, None, None, None)
    assert caught.value.faults == [f"mdm_info.{name} is empty"]


@pytest.mark.parametrize(
    "url", ["hooks.example.org/apple", "/apple", "ftp://hooks.example.org", "https://", "https:///apple", "nonsense", "https://[::1", "mailto:a@example.test"]
)
def test_what_is_no_url_is_refused_by_its_name(url: str) -> None:
    with pytest.raises(InputError) as caught:
        wanted_client_config(None, url, "secret", None)
    assert caught.value.faults == [f"notification_url {url!r} is not a URL such as https://hooks.example.org/apple"]


@pytest.mark.parametrize(
    "url", ["https://h.example.org/a?b=c", "https://h.example.org/a#b", "https://user@h.example.org/a", "https://user:word@h.example.org/"]
)
def test_a_url_holds_host_port_and_path_only_and_is_not_repeated_otherwise(url: str) -> None:
    """What stands in the other parts may be a secret."""
    with pytest.raises(InputError) as caught:
        wanted_client_config(None, url, "secret", None)
    assert caught.value.faults == ["notification_url may hold only host, port and path (no query, fragment or user)"]
    assert "word" not in str(caught.value)


@pytest.mark.parametrize("url", ["http://hooks.example.org/apple", "http://192.0.2.1:8080/", "HTTP://hooks.example.org"])
def test_the_secret_does_not_travel_in_clear(url: str) -> None:
    """Apple takes https only (9712); plain http is for a test on the same machine."""
    with pytest.raises(InputError) as caught:
        wanted_client_config(None, url, "secret", None)
    assert caught.value.faults == ["notification_url must begin with https"]


@pytest.mark.parametrize("url", ["https://hooks.example.org", "https://hooks.example.org:8443/a/b", "http://127.0.0.1:8080/apple", "https://[::1]:443/"])
def test_urls_that_the_service_may_judge(url: str) -> None:
    assert wanted_client_config(None, url, "secret", None).notification_url == url


def test_all_faults_come_in_one_message() -> None:
    with pytest.raises(InputError) as caught:
        wanted_client_config({"id": ""}, "nonsense", None, ["ASSETS", "ASSET_COUNT", "USERS"])
    assert caught.value.faults[:4] == [
        "mdm_info.id is empty",
        "mdm_info.name is empty",
        "mdm_info.metadata is empty",
        "notification_url 'nonsense' is not a URL such as https://hooks.example.org/apple",
    ]
    assert [fault.partition(" is not one of ")[0] for fault in caught.value.faults[4:]] == ["notification_types: 'ASSETS'", "notification_types: 'USERS'"]
