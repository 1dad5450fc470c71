# Copyright (c) 2026, the mdmkit.apps_books authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""vpp_location_export against the simulator."""

from __future__ import annotations

import json
import pathlib
from typing import Any, Dict

import pytest
import yaml
from vpp_simulator.testing import notification_receiver

from .conftest import APP, BOOK, OTHER_APP, Location, asset, seed

SECRET = "canary-notification-secret-91b3"
INFO = {"id": "ours", "name": "Us", "metadata": "x"}


def contents(folder: pathlib.Path) -> Dict[str, str]:
    return {str(path.relative_to(folder)): path.read_text(encoding="utf-8") for path in folder.rglob("*") if path.is_file()}


def test_writes_what_is_there_and_nothing_to_apple(location: Location, tmp_path: pathlib.Path) -> None:
    folder = tmp_path / "locations" / "springfield"
    shown = location.ok("vpp_location_export", check=True, path=str(folder))
    assert shown["changed"] and not folder.parent.exists()

    done = location.ok("vpp_location_export", path=str(folder))

    files = contents(folder)
    assert {name: shown[name] for name in ("files", "counts", "not_adopted")} == {name: done[name] for name in ("files", "counts", "not_adopted")}
    assert {entry["path"]: entry["lines"] for entry in done["files"]} == {name: len(text.splitlines()) for name, text in files.items()}
    assert done["counts"] == {"users": 3, "assignments": 5, "groups": 0, "entries": 3}
    assert files["users.csv"] == "client_user_id,email\nu-1,one@example.test\nu-2,two@example.test\nu-3,\n"
    assert yaml.safe_load(files["location.yml"]) == {"uid": "2049025000431439"}
    entries = yaml.safe_load(files["assignments.yml"])
    assert [(entry["assets"], entry.get("users"), entry.get("devices")) for entry in entries] == [
        ([APP], ["u-1"], ["D1", "D2"]), ([OTHER_APP], None, ["D1"]), ([BOOK], ["u-1"], None)
    ]
    assert location.write_count() == 0 and done["uid"] == "2049025000431439"

    again = location.ok("vpp_location_export", path=str(folder))
    assert not again["changed"] and contents(folder) == files


def test_what_is_there_is_replaced_by_force_only(location: Location, tmp_path: pathlib.Path) -> None:
    folder = tmp_path / "springfield"
    location.ok("vpp_location_export", path=str(folder))
    written = contents(folder)
    (folder / "users.d").mkdir()
    (folder / "users.d" / "class.csv").write_text("client_user_id\nu-9\n", encoding="utf-8")
    (folder / "README.md").write_text("ours", encoding="utf-8")

    refused = location.fails("vpp_location_export", path=str(folder))
    assert "has other files already (assignments.yml, " in refused["msg"] and "set force: true" in refused["msg"]
    assert location.ok("vpp_location_export", check=True, path=str(folder), force=True)["changed"]
    assert (folder / "users.d" / "class.csv").exists()
    assert location.ok("vpp_location_export", path=str(folder), force=True)["changed"]
    assert contents(folder) == {**written, "README.md": "ours"}


@pytest.mark.parametrize("force", [False, True])
def test_a_folder_of_something_else_is_left_alone(location: Location, tmp_path: pathlib.Path, force: bool) -> None:
    (tmp_path / "springfield").mkdir()
    (tmp_path / "springfield" / "users.csv").write_text("client_user_id\n", encoding="utf-8")

    refused = location.fails("vpp_location_export", path=str(tmp_path), force=force)
    assert f"path {tmp_path} is not the folder of a location (springfield/users.csv), so nothing in it is replaced" in refused["msg"]
    file = location.fails("vpp_location_export", path=str(tmp_path / "springfield" / "users.csv"), force=force)
    assert "there is something that is no folder" in file["msg"]
    assert location.simulator.requests() == []


def test_a_read_only_token_is_enough(location: Location, tmp_path: pathlib.Path) -> None:
    location.simulator.reset(seed(read_only=True))
    done = location.ok("vpp_location_export", path=str(tmp_path / "springfield"))

    assert "client_config.yml" not in contents(tmp_path / "springfield")
    assert {"what": "client_config", "why": "the content token may not read it", "count": 1, "names": [], "kept": True} in done["not_adopted"]
    assert {request["method"] for request in location.simulator.requests()} == {"GET"}


def test_no_secret_is_in_any_file_or_result(location: Location, tmp_path: pathlib.Path) -> None:
    location.simulator.reset(seed(behaviour={"notification_http": True}))
    with notification_receiver() as receiver:
        location.simulator.client_config(mdmInfo=INFO, notificationUrl=receiver.url, notificationAuthToken=SECRET, notificationTypes=["ASSET_COUNT"])
        done = location.ok("vpp_location_export", path=str(tmp_path / "springfield"), mdm_id="ours")

        files = contents(tmp_path / "springfield")
        assert yaml.safe_load(files["client_config.yml"]) == {
            "mdm_info": INFO, "notification_url": receiver.url, "notification_types": ["ASSET_COUNT"]
        }
    assert SECRET not in json.dumps(done) + "".join(files.values())
    assert "warnings" not in done


def test_another_holder_is_named_and_only_a_comment(location: Location, tmp_path: pathlib.Path) -> None:
    location.simulator.client_config(mdmInfo={**INFO, "id": "theirs"})
    done = location.ok("vpp_location_export", path=str(tmp_path / "springfield"), mdm_id="ours")

    assert "This location is managed by Us (id theirs)" in str(done["warnings"])
    text = contents(tmp_path / "springfield")["client_config.yml"]
    assert "#   id: theirs\n" in text and yaml.safe_load(text) is None


def test_names_of_the_catalog_beside_it_are_used(location: Location, tmp_path: pathlib.Path) -> None:
    (tmp_path / "catalog.yml").write_text(f'number-garden: "{APP}"\n', encoding="utf-8")
    other: Dict[str, Any] = {"sketch": {"adam_id": APP, "title": "Sketch Studio"}}
    (tmp_path / "other.json").write_text(json.dumps(other), encoding="utf-8")
    location.ok("vpp_location_export", path=str(tmp_path / "springfield"))
    location.ok("vpp_location_export", path=str(tmp_path / "elsewhere"), catalog_file=str(tmp_path / "other.json"))

    (first, *dummy) = yaml.safe_load((tmp_path / "springfield" / "assignments.yml").read_text(encoding="utf-8"))
    assert (first["assets"], first["title"]) == (["number-garden"], "number-garden for 1 user and 2 devices")
    (first, *dummy) = yaml.safe_load((tmp_path / "elsewhere" / "assignments.yml").read_text(encoding="utf-8"))
    assert (first["assets"], first["title"]) == (["sketch"], "Sketch Studio for 1 user and 2 devices")
    (tmp_path / "catalog.yml").write_text("number-garden: x\n", encoding="utf-8")
    location.simulator.clear_requests()
    assert f"{tmp_path}/catalog.yml:1: " in location.fails("vpp_location_export", path=str(tmp_path / "third"))["msg"]
    assert location.simulator.requests() == []


def test_who_becomes_inactive_meanwhile_is_left_out(location: Location, tmp_path: pathlib.Path) -> None:
    """What a user holds who is no active one cannot be given to that user, so no file may say it."""
    held = [{"adamId": APP, "pricingParam": "STDQ", "clientUserId": "u-1"}, {"adamId": BOOK, "pricingParam": "STDQ", "clientUserId": "u-1"}]
    location.simulator.reset(seed(assignments=held, assets=[asset(APP, 9), asset(BOOK, 9, productType="Book", deviceAssignable=False, revocable=False)]))
    location.simulator.users(retire=["u-1"])

    done = location.ok("vpp_location_export", path=str(tmp_path / "springfield"))

    assert done["counts"] == {"users": 2, "assignments": 0, "groups": 0, "entries": 0}
    assert [(entry["what"], entry["count"]) for entry in done["not_adopted"]] == [("managed_apple_id", 2), ("retired_assignment", 1)]
