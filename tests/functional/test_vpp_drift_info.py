# Copyright (c) 2026, the mdmkit.apps_books authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""vpp_drift_info against the simulator: every kind of finding, what a run would do is what it tells, and it never writes."""

from __future__ import annotations

import datetime
import json
import pathlib
import stat
from typing import Any, Dict, List, Set, Tuple

import pytest
from vpp_simulator.testing import content_token

from .conftest import APP, BOOK, OTHER_APP, TOKEN, Location, asset, planned_pairs, seed

FILES = {
    "catalog.yml": f'garden: {{adam_id: "{APP}", title: Number Garden}}\n',
    "springfield/location.yml": 'uid: "2049025000431439"\nusers_purge: true\nassignments_purge: location\nusers_max_removals: 100%\n',
    "springfield/client_config.yml": "mdm_info: {id: ours, name: Example MDM, metadata: springfield}\n",
    "springfield/users.csv": "client_user_id,email\nu-1,other@example.test\nu-2,two@example.test\nu-new,new@example.test\n",
    "springfield/groups.yml": "cart: {devices: [D1, D3]}\n",
    "springfield/revocations.yml": "devices: [D2]\n",
    "springfield/assignments.yml": "- title: Cart\n  assets: [garden]\n  groups: [cart]\n",
}


@pytest.fixture(name="tree")
def fixture_tree(tmp_path: pathlib.Path) -> pathlib.Path:
    for name, text in FILES.items():
        path = tmp_path / "locations" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return tmp_path / "locations" / "springfield"


def found(result: Dict[str, Any]) -> Dict[str, List[Dict[str, Any]]]:
    findings = result["drift"]["findings"]
    assert all(finding["count"] == len(finding["details"]) + finding["left_out"] for finding in findings)
    return {finding["kind"]: finding["details"] for finding in findings}


def pairs(details: List[Dict[str, Any]]) -> Set[Tuple[str, str]]:
    return {(detail["adam_id"], detail.get("serial_number") or detail["client_user_id"]) for detail in details}


def test_every_difference_is_told_and_nothing_is_written(location: Location, tree: pathlib.Path) -> None:
    result = location.ok("vpp_drift_info", path=str(tree))

    drift, findings = result["drift"], found(result)
    assert not result["changed"] and location.write_count() == 0
    assert result["found"][:3] == ["1 holder that is not the wanted one", "1 missing user", "1 user too many"] and len(result["found"]) == len(findings)
    assert findings == {
        "ownership": [{"holder": None, "wanted": "ours"}],
        "user_missing": [{"client_user_id": "u-new", "email_before": None, "email_after": "new@example.test"}],
        "user_extra": [{"client_user_id": "u-3", "email_before": None, "email_after": None}],
        "user_changed": [{"client_user_id": "u-1", "email_before": "one@example.test", "email_after": "other@example.test"}],
        "assignment_missing": [{"adam_id": APP, "pricing_param": "STDQ", "name": "Number Garden", "serial_number": "D3", "title": "Cart"}],
        "assignment_extra": [
            {"adam_id": APP, "pricing_param": "STDQ", "name": "Number Garden", "client_user_id": "u-1", "title": None},
            {"adam_id": OTHER_APP, "pricing_param": "STDQ", "name": None, "serial_number": "D1", "title": None},
        ],
        "revocation_pending": [{"adam_id": APP, "pricing_param": "STDQ", "name": "Number Garden", "serial_number": "D2", "title": None}],
        "irrevocable_leftover": [{"adam_id": BOOK, "pricing_param": "STDQ", "name": None, "client_user_id": "u-1", "title": None}],
    }
    assert (drift["name"], drift["uid"], drift["error"], drift["holder"]) == ("springfield", "2049025000431439", None, None)
    assert drift["counts"] == {"users": 3, "devices": 2, "assignments": 5}
    garden = next(stock for stock in drift["assets"] if stock["adam_id"] == APP)
    assert (garden["name"], garden["total"], garden["assigned"], garden["available"], garden["wanted"]) == ("Number Garden", 20, 3, 17, 2)


def test_a_check_of_the_modules_says_the_same(location: Location, tree: pathlib.Path) -> None:
    findings = found(location.ok("vpp_drift_info", path=str(tree)))
    users = {"users_files": [str(tree / "users.csv")], "purge": True, "max_removals": "100%"}
    revoked = {"devices": ["D2"]}
    assume = {"users_files": users["users_files"], "users_purge": True, "revoked_devices": ["D2"]}

    planned = location.ok("vpp_user", check=True, **users)["plan"]["changes"]
    revocations = planned_pairs(location.ok("vpp_asset_revocation", check=True, **revoked))
    # A book that cannot be taken back would stop a run, so it stays wanted here.
    wanted = [{"assets": [APP], "devices": ["D1", "D3"]}, {"assets": [BOOK], "users": ["u-1"]}]
    assignments = planned_pairs(
        location.ok("vpp_asset_assignment", check=True, assignments=wanted, purge="location", max_removals="100%", assume=assume)
    )

    actions = {"create": "user_missing", "retire": "user_extra", "update": "user_changed"}
    assert {(change["action"], change["client_user_id"]) for change in planned} == {
        (action, detail["client_user_id"]) for action, kind in actions.items() for detail in findings[kind]
    }
    assert {(name.split()[0], target) for dummy, name, dummy_kind, target in revocations} == pairs(findings["revocation_pending"])
    for action, kind in (("associate", "assignment_missing"), ("disassociate", "assignment_extra")):
        assert {(name.split()[0], target) for done, name, dummy_kind, target in assignments if done == action} == pairs(findings[kind])


def test_what_the_purge_settings_leave_is_only_worth_knowing(location: Location, tree: pathlib.Path) -> None:
    result = location.ok("vpp_drift_info", path=str(tree), settings={"users_purge": False, "assignments_purge": "none", "mdm_id": ""})

    findings = found(result)
    assert [detail["client_user_id"] for detail in findings["user_unlisted"]] == ["u-3"]
    assert pairs(findings["assignment_unlisted"]) == {(APP, "u-1"), (OTHER_APP, "D1"), (BOOK, "u-1")}
    assert not {"user_extra", "assignment_extra", "irrevocable_leftover"} & set(findings)


def test_a_read_only_token_will_do(location: Location, tree: pathlib.Path) -> None:
    location.simulator.reset(seed(read_only=True, mdmInfo={"id": "theirs", "name": "Another MDM", "metadata": "-"}))

    result = location.ok("vpp_drift_info", path=str(tree))

    findings = found(result)
    assert findings["ownership"] == [{"holder": "Another MDM (id theirs)", "wanted": "ours"}]
    assert {"user_missing", "assignment_missing", "assignment_extra"} <= set(findings)
    assert result["drift"]["location_name"] is None
    assert {request["method"] for request in location.simulator.requests()} == {"GET"}


def test_a_location_that_is_as_wanted_has_no_findings(location: Location, tree: pathlib.Path) -> None:
    location.simulator.reset(
        seed(
            mdmInfo={"id": "ours", "name": "Example MDM", "metadata": "springfield"},
            users=[
                {"clientUserId": "u-1", "email": "other@example.test", "status": "Registered"},
                {"clientUserId": "u-2", "email": "two@example.test", "status": "Registered"},
                {"clientUserId": "u-new", "email": "new@example.test", "status": "Registered"},
            ],
            assignments=[{"adamId": APP, "pricingParam": "STDQ", "serialNumber": serial_number} for serial_number in ("D1", "D3")],
        )
    )

    assert location.ok("vpp_drift_info", path=str(tree))["drift"]["findings"] == []


def test_stock_and_expiry_need_no_files(location: Location) -> None:
    near = (datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(days=20, hours=1)).strftime("%Y-%m-%dT%H:%M:%S+0000")
    token = content_token(token="inner-of-a-token-that-ends", exp_date=near)
    location.simulator.reset(seed(content_token=token, assets=[asset(APP, 20), asset(OTHER_APP, 5)], assignments=[]))
    location.options["content_token"] = token

    result = location.ok("vpp_drift_info", name="north", low_stock="21")

    findings = found(result)
    assert set(findings) == {"licence_low", "token_expiry"}
    assert pairs([{**detail, "serial_number": "-"} for detail in findings["licence_low"]]) == {(APP, "-"), (OTHER_APP, "-")}
    assert findings["token_expiry"][0]["days_left"] == 20
    assert (result["drift"]["name"], result["drift"]["counts"]) == ("north", {})
    assert [stock["wanted"] for stock in result["drift"]["assets"]] == [None, None]
    assert not any(request["path"] in ("/users", "/assignments") for request in location.simulator.requests())
    assert location.ok("vpp_drift_info", expiry_days=19)["drift"]["findings"] == []


def test_what_is_low_or_soon_is_said_in_the_tree_too(location: Location, tree: pathlib.Path) -> None:
    near = (datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(days=40, hours=1)).strftime("%Y-%m-%dT%H:%M:%S+0000")
    token = content_token(token="inner-of-a-token-that-ends", exp_date=near)
    location.simulator.reset(seed(content_token=token, assets=[asset(APP, 20)], assignments=[{"adamId": APP, "serialNumber": "D1"}]))
    location.options["content_token"] = token
    kinds = {"licence_low", "token_expiry"}

    assert not kinds & set(found(location.ok("vpp_drift_info", path=str(tree))))
    (tree / "location.yml").write_text("low_stock: 100%\nexpiry_days: 41\n", encoding="utf-8")
    assert kinds <= set(found(location.ok("vpp_drift_info", path=str(tree))))
    assert kinds & set(found(location.ok("vpp_drift_info", path=str(tree), settings={"low_stock": "5%"}))) == {"token_expiry"}
    assert not kinds & set(found(location.ok("vpp_drift_info", path=str(tree), low_stock="5%", expiry_days=0)))


def test_the_file_holds_more_than_the_result_and_is_for_its_owner_only(location: Location, tree: pathlib.Path, tmp_path: pathlib.Path) -> None:
    location.simulator.reset(seed(assets=[], assignments=[], generate={"assets": 1, "users": 0, "devices": 3000, "assigned": 1.0}))
    dest = tmp_path / "springfield.json"

    result = location.ok("vpp_drift_info", path=str(tree), dest_json=str(dest), max_listed=2000)

    written = json.loads(dest.read_text(encoding="utf-8"))
    (part,) = written["locations"]
    drifts = {"file": part, "result": result["drift"]}
    extra = {name: next(each for each in drift["findings"] if each["kind"] == "assignment_extra") for name, drift in drifts.items()}
    assert extra["file"]["count"] == extra["result"]["count"] == 3000
    assert len(extra["file"]["details"]) == 2000 > len(extra["result"]["details"]) > 0
    assert stat.S_IMODE(dest.stat().st_mode) == 0o600
    assert TOKEN not in dest.read_text(encoding="utf-8")
    assert len(json.dumps(result)) < 1024 * 1024


@pytest.mark.parametrize(
    "options, told",
    [
        ({"low_stock": "many"}, "low_stock 'many' is neither a number such as 50 nor a percentage such as 20%"),
        ({"expiry_days": -1}, "expiry_days must not be less than 0"),
        ({"path": "nowhere"}, "nowhere is not a folder"),
        ({"dest_json": "nowhere/springfield.json"}, "there is no folder"),
    ],
)
def test_bad_options_are_refused_before_anything_is_sent(location: Location, options: Dict[str, Any], told: str) -> None:
    result = location.fails("vpp_drift_info", **options)

    assert told in result["msg"]
    assert location.simulator.requests() == []


def test_the_wrong_location_is_refused(location: Location, tree: pathlib.Path) -> None:
    result = location.fails("vpp_drift_info", path=str(tree), settings={"uid": "1"})

    assert "expected_uid is 1" in result["msg"]
