# Copyright (c) 2026, the mdmkit.apps_books authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whatever a module promises it has: tests, attributes, a place in the action group, and exactly the documented returns."""

from __future__ import annotations

import importlib
import json
import pathlib
import re
from typing import Any, Dict, Iterator, List, Set

import pytest
import yaml
from ansible_collections.mdmkit.apps_books.plugins.module_utils._apply.lock import LocationLock

from .conftest import APP, FREE_APP, LOCAL_MODULES, MODULES, OTHER_APP, Location, documentation, returns, seed

COLLECTION = pathlib.Path(__file__).parents[2]
MODULE_NAMES = sorted(path.stem for path in (COLLECTION / "plugins" / "modules").glob("*.py"))
ATTRIBUTES = {"check_mode", "diff_mode", "idempotent", "platform", "action_group"}
# Given by Ansible itself, or part of every result.
_COMMON = {"changed", "diff", "failed", "msg"}

Calls = List[Dict[str, Any]]
SCENARIOS: Dict[str, Calls] = {
    "vpp_user": [
        {"users": [{"client_user_id": "u-9", "email": "nine@example.test"}, {"client_user_id": "u-2"}], "return_invitations": True},
        {"users": [{"client_user_id": "x y\n"}]},
        {"users": [{"client_user_id": f"u-{number}"} for number in range(10, 20)]},
        {"users": [], "purge": True, "allow_empty": True, "check": True},
    ],
    "vpp_asset_assignment": [
        {"assignments": [{"assets": [APP], "devices": ["D3"], "users": ["u-2"]}]},
        {"assignments": [{"assets": [OTHER_APP], "devices": [f"X{number}" for number in range(9)]}]},
        {"assignments": [{"assets": ["77"], "devices": ["D3"]}]},
        {"assignments": [{"assets": [APP], "devices": [f"X{number}" for number in range(9)]}]},
        {"assignments": [{"assets": [APP], "devices": []}], "purge": "assets", "allow_empty": True},
    ],
    "vpp_asset_revocation": [
        {"users": ["u-1"], "devices": ["D1"]},
        {"devices": [f"X{number}" for number in range(9)], "max_removals": "5"},
        {"everybody_but": {"devices": ["D1"]}, "max_removals": "50"},
    ],
    "vpp_client_config": [
        {"mdm_info": {"id": "ours", "name": "Us", "metadata": "x"}},
        {"mdm_info": {"id": "theirs", "name": "Them", "metadata": "x"}},
    ],
    "vpp_location_export": [{"path": "$TMPDIR/springfield"}, {"path": "$TMPDIR"}],
    "vpp_service_config_info": [{}],
    "vpp_client_config_info": [{}],
    "vpp_asset_info": [{}],
    "vpp_assignment_info": [{"include_user_state": True}],
    "vpp_user_info": [{"return_invitations": True}],
    "vpp_event_info": [{"event_ids": ["nobody-knows-this"]}],
    "vpp_tree_info": [
        {"path": str(COLLECTION / "examples" / "gitops" / "locations" / "springfield")},
        {"path": str(COLLECTION / "examples" / "gitops" / "locations" / "shelbyville"), "settings": {"uid": "none"}},
        {"path": str(COLLECTION / "examples"), "client_config": {}},
        {"settings": {"unknown": 1}},
    ],
    "vpp_drift_info": [{"users_files": [str(COLLECTION / "examples" / "gitops" / "locations" / "shelbyville" / "users.csv")], "low_stock": "50"}],
    "vpp_drift_report": [
        {"errors": {"north": "No answer."}, "fail_on": "any"},
        {"errors": {"north": "No answer."}, "fail_on": "any", "fail": True},
        {"errors": {"north": "No answer."}, "parcel": True},
        {"parts": []},
    ],
}
SPEAKING_NAMES = [name for name in MODULE_NAMES if name not in LOCAL_MODULES]


REFUSAL = {"match": {}, "do": {"status": 400, "errorNumber": 9602}}
LOST_ANSWER = {"match": {"method": "POST"}, "do": {"drop_after": True}, "times": 1}


def every_kind_of_result(module: str, location: Location) -> Iterator[Dict[str, Any]]:
    """The results of good and bad runs, each from the same start where the service fails."""
    location.simulator.assign([{"adamId": FREE_APP, "pricingParam": "STDQ", "serialNumber": f"X{number}"} for number in range(9)])
    for call in SCENARIOS[module]:
        yield location.run(module, **call)
    if module in LOCAL_MODULES:
        return
    yield location.run(module, **{**SCENARIOS[module][0], "base_url": "nonsense"})
    location.simulator.client_config(mdmInfo={"id": "theirs", "name": "Other MDM", "metadata": "x"})
    yield location.run(module, **SCENARIOS[module][0], mdm_id="ours")
    other_task = LocationLock("another task", 0, print)
    other_task.take("2049025000431439")
    try:
        yield location.run(module, **SCENARIOS[module][0])
    finally:
        other_task.release()
    for fault in (REFUSAL, LOST_ANSWER):
        location.simulator.reset(seed())
        location.simulator.faults([fault])
        yield location.run(module, **SCENARIOS[module][0])
    if module == "vpp_event_info":
        location.simulator.reset(seed(behaviour={"event_seconds": 30}))
        event_id = location.ok("vpp_user", users=[{"client_user_id": "u-9"}], wait=False)["events"][0]["event_id"]
        yield location.run(module, event_ids=[event_id], wait=False)


def test_there_are_modules() -> None:
    assert len(MODULE_NAMES) >= 10


@pytest.mark.parametrize("module", MODULE_NAMES)
def test_has_tests(module: str) -> None:
    """Its own file, or for info modules a share of the common one; and in either case a test function that runs it."""
    texts = [path.read_text(encoding="utf-8") for path in pathlib.Path(__file__).parent.glob("test_*.py") if path != pathlib.Path(__file__)]
    functions = [function for text in texts for function in re.split(r"(?m)^def (?=test_)", text)[1:]]
    assert any(f'("{module}"' in function and "assert" in function for function in functions)


@pytest.mark.parametrize("module", MODULE_NAMES)
def test_documents_its_attributes(module: str) -> None:
    documented = documentation(module)
    used: Set[str] = set(documented.get("attributes") or {})
    for fragment in documented["extends_documentation_fragment"]:
        name, dummy, section = fragment.removeprefix("mdmkit.apps_books.").partition(".")
        plugin = importlib.import_module(f"ansible_collections.mdmkit.apps_books.plugins.doc_fragments.{name}").ModuleDocFragment
        used |= set(yaml.safe_load(getattr(plugin, (section or "documentation").upper())).get("attributes") or {})
    assert ATTRIBUTES - ({"action_group"} if module in LOCAL_MODULES else set()) <= used


@pytest.mark.parametrize("module", SPEAKING_NAMES)
def test_is_in_the_action_group(module: str) -> None:
    runtime = yaml.safe_load((COLLECTION / "meta" / "runtime.yml").read_text(encoding="utf-8"))
    assert module in {name.rsplit(".", 1)[-1] for name in runtime["action_groups"]["vpp"]}


def test_the_action_group_has_nothing_else() -> None:
    runtime = yaml.safe_load((COLLECTION / "meta" / "runtime.yml").read_text(encoding="utf-8"))
    assert sorted(name.rsplit(".", 1)[-1] for name in runtime["action_groups"]["vpp"]) == SPEAKING_NAMES


@pytest.mark.parametrize("module", LOCAL_MODULES)
def test_what_does_not_speak_to_apple_takes_no_token(module: str) -> None:
    assert "content_token" not in documentation(module).get("options", {})
    assert not {"mdmkit.apps_books.token", "mdmkit.apps_books.connection"} & set(documentation(module)["extends_documentation_fragment"])


@pytest.mark.parametrize("module", MODULE_NAMES)
def test_gives_every_return_that_it_documents(module: str, location: Location, tmp_path: pathlib.Path) -> None:
    given: Set[str] = set()
    for name in {"dest", "dest_json"} & set(returns(module)):
        given |= set(location.ok(module, check=True, **SCENARIOS[module][0], **{name: str(tmp_path / "whole.json")}))
    for result in every_kind_of_result(module, location):
        given |= set(result)
    assert set(returns(module)) - _COMMON <= given


def _check_shape(value: Any, documented: Dict[str, Any], place: str) -> None:
    """Every member of a returned value is documented, and every documented type is the real one."""
    if value is None:
        return
    kinds = {"str": str, "int": int, "bool": bool, "list": list, "dict": dict, "float": (int, float), "raw": object}
    assert isinstance(value, kinds[documented["type"]]), f"{place} is {type(value).__name__}, documented {documented['type']}"
    contains = documented.get("contains")
    if isinstance(value, list):
        for entry in value:
            if contains:
                assert isinstance(entry, dict), place
                _check_members(entry, contains, place)
            else:
                assert isinstance(entry, kinds[documented["elements"]]), f"{place} holds {type(entry).__name__}"
    elif isinstance(value, dict) and contains:
        _check_members(value, contains, place)


def _check_members(value: Dict[str, Any], contains: Dict[str, Any], place: str) -> None:
    assert set(value) <= set(contains), f"{place} holds undocumented {set(value) - set(contains)}"
    for name, member in value.items():
        _check_shape(member, contains[name], f"{place}.{name}")


@pytest.mark.parametrize("module", MODULE_NAMES)
def test_what_it_returns_has_the_documented_shape(module: str, location: Location) -> None:
    for result in every_kind_of_result(module, location):
        for name, documented in returns(module).items():
            if name in result:
                _check_shape(result[name], documented, f"{module}: {name}")


@pytest.mark.parametrize("module", MODULE_NAMES)
def test_samples_are_json(module: str) -> None:
    json.dumps(returns(module))
    assert importlib.import_module(MODULES + module).EXAMPLES.strip()


def test_the_version_is_the_same_everywhere() -> None:
    transport = importlib.import_module("ansible_collections.mdmkit.apps_books.plugins.module_utils._api.transport")
    assert yaml.safe_load((COLLECTION / "galaxy.yml").read_text(encoding="utf-8"))["version"] == transport.COLLECTION_VERSION
