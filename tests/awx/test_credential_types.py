# Copyright (c) 2026, the mdmkit.apps_books authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The credential types, rendered by AWX's own code: they give the modules exactly the variables that these read, and keep secrets secret."""

from __future__ import annotations

import copy
import importlib
import stat
from pathlib import Path
from typing import Any, Callable, Dict, Set
from unittest import mock

import pytest
import yaml
from ansible_collections.mdmkit.apps_books.plugins.module_utils._module import task
from ansible_collections.mdmkit.apps_books.tests.awx.controller import COLLECTION, IN_CONTAINER, connection_type, inject, location_type
from ansible_collections.mdmkit.apps_books.tests.awx.rules import Refused, check_credential_type

TOKEN = "canary-content-token-of-awx"
SECRET = "canary-notification-secret-of-awx"
AUTHORITIES = "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n"
TYPES = {"connection": connection_type(), "location": location_type("springfield")}
EVERYTHING = {
    "content_token": TOKEN,
    "mdm_id": "ours",
    "base_url": "https://vpp.example.test/mdm/v2",
    "ca_certificates": AUTHORITIES,
    "skip_certificate_check": True,
    "snapshot_dir": "/var/cache/apps_books",
}


def variables_of_modules() -> Set[str]:
    """The environment variables that the options of all modules fall back to, and the two for the content token, which task.py reads."""
    found = {task.TOKEN_VARIABLE, task.TOKEN_FILE_VARIABLE}
    runtime = yaml.safe_load((COLLECTION / "meta" / "runtime.yml").read_text(encoding="utf-8"))
    for name in runtime["action_groups"]["vpp"]:
        module = importlib.import_module(f"ansible_collections.mdmkit.apps_books.plugins.modules.{name}")
        with mock.patch.object(module, "run") as run:
            module.main()
        found.update(variable for option in run.call_args.args[0].values() if "fallback" in option for variable in option["fallback"][1])
    return found


@pytest.mark.parametrize("name", TYPES)
def test_awx_takes_the_type(name: str) -> None:
    check_credential_type(**{member: TYPES[name][member] for member in ("name", "kind", "inputs", "injectors")})


BROKEN: Dict[str, Callable[[Dict[str, Any]], Any]] = {
    "kind": lambda broken: broken.update(kind="vault"),
    "a field twice": lambda broken: broken["inputs"]["fields"].append(broken["inputs"]["fields"][0]),
    "a secret switch": lambda broken: broken["inputs"]["fields"][4].update(secret=True),
    "an unknown field": lambda broken: broken["injectors"]["env"].update(VPP_MDM_ID="{{ mdmid }}"),
    "an unknown file": lambda broken: broken["injectors"]["env"].update(VPP_CA_PATH="{{ tower.filename.ca }}"),
    "a forbidden variable": lambda broken: broken["injectors"]["env"].update(ANSIBLE_FORKS="5"),
    "a required field that is not there": lambda broken: broken["inputs"].update(required=["token"]),
}


@pytest.mark.parametrize("fault", BROKEN)
def test_the_rules_refuse(fault: str) -> None:
    broken = copy.deepcopy(TYPES["connection"])
    BROKEN[fault](broken)
    with pytest.raises(Refused):
        check_credential_type(**{member: broken[member] for member in ("name", "kind", "inputs", "injectors")})


def test_the_variables_are_exactly_those_of_the_modules(tmp_path: Path) -> None:
    """The content token comes as a file, which no list of environment variables shows, so the variable for its text is not set."""
    env = inject(tmp_path, (TYPES["connection"], EVERYTHING)).env

    assert set(env) == variables_of_modules() - {task.TOKEN_VARIABLE}
    files = {name: Path(env[name].replace(IN_CONTAINER, f"{tmp_path}/")) for name in (task.TOKEN_FILE_VARIABLE, "VPP_CA_PATH")}
    assert {name: file.read_text(encoding="utf-8") for name, file in files.items()} == {task.TOKEN_FILE_VARIABLE: TOKEN, "VPP_CA_PATH": AUTHORITIES}
    assert all(stat.S_IMODE(file.stat().st_mode) == 0o600 for file in files.values())
    rest = {name: value for name, value in env.items() if name not in files}
    assert rest == {
        "VPP_MDM_ID": "ours",
        "VPP_BASE_URL": "https://vpp.example.test/mdm/v2",
        "VPP_VALIDATE_CERTS": "false",
        "VPP_SNAPSHOT_DIR": "/var/cache/apps_books",
    }


@pytest.mark.parametrize("inputs", [{}, dict.fromkeys(EVERYTHING, ""), {"skip_certificate_check": False}], ids=["new", "emptied", "untouched switch"])
def test_what_nobody_filled_in_counts_as_not_given(tmp_path: Path, inputs: Dict[str, Any]) -> None:
    assert set(inject(tmp_path, (TYPES["connection"], inputs)).env.values()) == {""}


@pytest.mark.parametrize("location, suffix", [("springfield", "SPRINGFIELD"), ("north-east.2", "NORTH_EAST_2")])
def test_the_variables_of_a_location_are_those_that_the_role_reads(tmp_path: Path, location: str, suffix: str) -> None:
    env = inject(tmp_path, (location_type(location), {"content_token": TOKEN, "notification_auth_token": SECRET})).env

    assert env == {f"VPP_CONTENT_TOKEN_{suffix}": TOKEN, f"VPP_NOTIFICATION_AUTH_TOKEN_{suffix}": SECRET}
    assert set(inject(tmp_path, (location_type(location), {"content_token": TOKEN})).env.values()) == {TOKEN, ""}


def test_secrets_are_masked(tmp_path: Path) -> None:
    """What AWX keeps of a job's environment shows no secret, and neither do arguments."""
    of_location = {"content_token": TOKEN, "notification_auth_token": SECRET}
    injected = inject(tmp_path, (TYPES["connection"], EVERYTHING), (TYPES["location"], of_location))

    assert not [value for value in [*injected.safe_env.values(), *injected.arguments] if TOKEN in value or SECRET in value]
    assert [injected.safe_env[name] for name in TYPES["location"]["injectors"]["env"]] == ["**********"] * 2
    assert set(injected.safe_env) == set(injected.env)


@pytest.mark.parametrize("name", TYPES)
def test_fields_for_secrets_are_secret(name: str) -> None:
    fields = {field["id"]: field.get("secret", False) for field in TYPES[name]["inputs"]["fields"]}
    assert {field for field, secret in fields.items() if secret} == {field for field in fields if "token" in field}


def test_no_two_types_are_the_same() -> None:
    """AWX lets a job have one credential of a type."""
    names = [TYPES["connection"]["name"], *(location_type(location)["name"] for location in ("springfield", "shelbyville"))]
    assert len(set(names)) == 3
