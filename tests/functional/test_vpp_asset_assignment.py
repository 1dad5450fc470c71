# Copyright (c) 2026, the mdmkit.apps_books authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""vpp_asset_assignment against the simulator."""

from __future__ import annotations

import json
import pathlib
from typing import Any, Dict, List

import pytest

from .conftest import APP, BOOK, FREE_APP, OTHER_APP, USERS_ONLY, Location, asset, diff_keys, planned_pairs, seed, written_pairs

A, O, B, F = (f"{adam_id} STDQ" for adam_id in (APP, OTHER_APP, BOOK, FREE_APP))


def entry(assets: List[Any], **targets: Any) -> Dict[str, Any]:
    return {"assets": assets, **targets}


CASES: Dict[str, Dict[str, Any]] = {
    "give what is missing": {
        "options": {"assignments": [entry([APP, OTHER_APP], devices=["D1", "D2", "D3"])]},
        "pairs": {("associate", A, "device", "D3"), ("associate", O, "device", "D2"), ("associate", O, "device", "D3")},
    },
    "users and devices": {
        "options": {"assignments": [entry([APP, FREE_APP], users=["u-2"], devices=["D9"])]},
        "pairs": {
            ("associate", A, "user", "u-2"),
            ("associate", F, "user", "u-2"),
            ("associate", A, "device", "D9"),
            ("associate", F, "device", "D9"),
        },
    },
    "a book to a user": {"options": {"assignments": [entry([BOOK], users=["u-2"])]}, "pairs": {("associate", B, "user", "u-2")}},
    "the same pair twice is one": {
        "options": {"assignments": [entry([APP], devices=["D3", "D3"]), entry([{"adam_id": APP, "pricing_param": "STDQ"}], devices=["D3"])]},
        "pairs": {("associate", A, "device", "D3")},
    },
    "absent": {
        "options": {"assignments": [entry([APP, OTHER_APP], devices=["D1", "D9"], users=["u-2"])], "state": "absent"},
        "pairs": {("disassociate", A, "device", "D1"), ("disassociate", O, "device", "D1")},
    },
    "purge assets": {
        "options": {"assignments": [entry([APP], devices=["D1", "D3"])], "purge": "assets"},
        "pairs": {("associate", A, "device", "D3"), ("disassociate", A, "device", "D2"), ("disassociate", A, "user", "u-1")},
    },
    "purge assets down to nobody": {
        "options": {"assignments": [entry([APP], devices=[])], "purge": "assets", "allow_empty": True},
        "pairs": {("disassociate", A, "device", "D1"), ("disassociate", A, "device", "D2"), ("disassociate", A, "user", "u-1")},
    },
    "purge targets": {
        "options": {"assignments": [entry([APP], devices=["D1", "D3"])], "purge": "targets"},
        "pairs": {("associate", A, "device", "D3"), ("disassociate", O, "device", "D1")},
    },
    "purge location": {
        "options": {"assignments": [entry([FREE_APP], devices=["D1"]), entry([BOOK], users=["u-1"])], "purge": "location"},
        "pairs": {
            ("associate", F, "device", "D1"),
            ("disassociate", A, "device", "D1"),
            ("disassociate", A, "device", "D2"),
            ("disassociate", A, "user", "u-1"),
            ("disassociate", O, "device", "D1"),
        },
    },
}


@pytest.mark.parametrize("case", CASES.values(), ids=CASES.keys())
def test_check_mode_shows_pair_for_pair_what_a_run_sends_and_a_second_run_sends_nothing(location: Location, case: Dict[str, Any]) -> None:
    before = location.pairs()
    shown = location.ok("vpp_asset_assignment", check=True, **case["options"])
    assert location.write_count() == 0
    assert location.pairs() == before
    assert shown["changed"]
    planned = planned_pairs(shown)
    assert set(planned) == case["pairs"] and len(planned) == len(case["pairs"])
    assert diff_keys(shown) == {f"{product} -> {kind} {target}" for dummy, product, kind, target in case["pairs"]}

    done = location.ok("vpp_asset_assignment", **case["options"])
    assert (done["changed"], done["plan"], done["diff"]) == (True, shown["plan"], shown["diff"])
    writes = location.simulator.writes()
    sent = written_pairs(writes)
    assert sorted(sent) == sorted(planned)
    assert len(writes) == shown["plan"]["requests"] >= shown["plan"]["requests_at_least"] > 0
    gained = {(product.split()[0], target) for action, product, dummy, target in planned if action == "associate"}
    lost = {(product.split()[0], target) for action, product, dummy, target in planned if action == "disassociate"}
    assert location.pairs() == (before | gained) - lost

    location.simulator.clear_requests()
    again = location.ok("vpp_asset_assignment", **case["options"])
    assert (again["changed"], location.write_count(), again["diff"]) == (False, 0, {"before": {}, "after": {}})


def test_removals_are_sent_before_additions_so_that_licences_move(location: Location) -> None:
    location.simulator.reset(seed(assets=[asset(APP, 1)], assignments=[{"adamId": APP, "pricingParam": "STDQ", "serialNumber": "D1"}]))
    location.ok("vpp_asset_assignment", assignments=[entry([APP], devices=["D2"])], purge="assets")
    assert [write["path"] for write in location.simulator.writes()] == ["/assets/disassociate", "/assets/associate"]
    assert location.pairs() == {(APP, "D2")}


def test_a_shortage_is_refused_before_any_write_naming_every_asset(location: Location) -> None:
    devices = [f"X{number}" for number in range(18)]
    result = location.fails("vpp_asset_assignment", assignments=[entry([APP, OTHER_APP, FREE_APP], devices=devices)])
    assert f"{A}: 18 needed, 17 free" in result["msg"] and f"{O}: 18 needed, 4 free" in result["msg"]
    assert FREE_APP not in result["msg"]
    assert [(shortage["adam_id"], shortage["needed"], shortage["available"]) for shortage in result["shortages"]] == [(APP, 18, 17), (OTHER_APP, 18, 4)]
    assert location.write_count() == 0


def test_a_shortage_counts_the_licences_that_the_same_run_frees(location: Location) -> None:
    devices = [f"X{number}" for number in range(5)]
    location.ok("vpp_asset_assignment", assignments=[entry([OTHER_APP], devices=devices)], purge="assets")
    assert {target for adam_id, target in location.pairs() if adam_id == OTHER_APP} == set(devices)


def test_partial_gives_what_there_is_first_come_first_and_stays_stable(location: Location) -> None:
    devices = ["X9", "X1", "X5", "X3", "X7", "X2"]
    options = {"assignments": [entry([OTHER_APP], devices=devices)], "on_shortage": "partial"}
    result = location.ok("vpp_asset_assignment", **options)
    assert {target for adam_id, target in location.pairs() if adam_id == OTHER_APP} == {"D1", "X9", "X1", "X5", "X3"}
    assert result["shortages"] == [{"adam_id": OTHER_APP, "pricing_param": "STDQ", "needed": 6, "available": 4}]
    assert f"{O}: 6 licences are needed and 4 are free" in json.dumps(result["warnings"])
    location.simulator.clear_requests()
    again = location.ok("vpp_asset_assignment", **options)
    assert not again["changed"] and again["shortages"] and location.write_count() == 0


def test_everything_impossible_is_refused_in_one_message(location: Location, tmp_path: pathlib.Path) -> None:
    (tmp_path / "cart.txt").write_text("D1\n# spare\nD2\n", encoding="utf-8")
    assignments = [
        entry([BOOK], devices_file=str(tmp_path / "cart.txt")),
        entry([APP, "77"], users=["u-1", "u-unknown"]),
        entry([USERS_ONLY], devices=["D1"], users=["u-old"]),
    ]
    result = location.fails("vpp_asset_assignment", assignments=assignments)
    expected = (
        "assignments[0].assets[0]: asset 1000000003 STDQ is a book and cannot be given to devices (D1, D2)",
        "assignments[1].assets[1]: asset 77 STDQ is not owned by this location",
        "assignments[1].users[1]: u-unknown is no active user",
        "assignments[2].assets[0]: asset 1000000005 STDQ is not device-assignable",
        "assignments[2].users[0]: u-old is no active user",
    )
    for part in expected:
        assert part in result["msg"]
    assert len(result["faults"]) == len(expected)
    assert location.write_count() == 0


def test_impossible_things_are_refused_when_they_are_to_be_absent_too(location: Location) -> None:
    assignments = [entry([BOOK], users=["u-1"]), entry(["77"], users=["u-old"])]
    result = location.fails("vpp_asset_assignment", assignments=assignments, state="absent")
    assert "1000000003 STDQ can never be taken back, but u-1" in result["msg"]
    assert "77 STDQ is not owned" in result["msg"] and "u-old is no active user" in result["msg"]
    assert location.write_count() == 0


def test_purge_refuses_to_take_an_irrevocable_asset(location: Location) -> None:
    result = location.fails("vpp_asset_assignment", assignments=[entry([FREE_APP], devices=["D1"])], purge="location")
    assert f"asset {B} can never be taken back, but u-1 would lose it" in result["msg"]
    assert location.write_count() == 0


def test_what_retired_users_keep_does_not_stand_in_the_way_of_purge(location: Location) -> None:
    location.ok("vpp_user", users=[{"client_user_id": "u-1"}], state="absent")
    assert (BOOK, "u-1") in location.pairs()
    location.ok("vpp_asset_assignment", assignments=[entry([APP], devices=["D1", "D2"])], purge="location")
    assert location.pairs() == {(APP, "D1"), (APP, "D2"), (BOOK, "u-1")}


def test_purge_has_a_ceiling_of_a_fifth_unless_another_is_set(location: Location) -> None:
    devices = [f"D{number:03}" for number in range(50)]
    held = [{"adamId": FREE_APP, "pricingParam": "STDQ", "serialNumber": device} for device in devices]
    location.simulator.reset(seed(assignments=held))
    half = [entry([FREE_APP], devices=devices[:25])]
    for purge in ("assets", "location"):
        result = location.fails("vpp_asset_assignment", check=True, assignments=half, purge=purge)
        assert "25 of 50 assignments" in result["msg"] and f"{F} of device D025" in result["msg"]
    location.ok("vpp_asset_assignment", check=True, assignments=[entry([FREE_APP], devices=devices[:40])], purge="assets")
    assert location.write_count() == 0
    location.ok("vpp_asset_assignment", assignments=half, purge="assets", max_removals="50%")
    assert location.pairs() == {(FREE_APP, device) for device in devices[:25]}


def test_an_explicit_ceiling_holds_for_absent_too(location: Location) -> None:
    devices = [f"D{number:03}" for number in range(50)]
    location.simulator.reset(seed(assignments=[{"adamId": FREE_APP, "pricingParam": "STDQ", "serialNumber": device} for device in devices]))
    result = location.fails("vpp_asset_assignment", assignments=[entry([FREE_APP], devices=devices)], state="absent", max_removals="10%")
    assert "50 of 50 assignments" in result["msg"] and location.write_count() == 0


@pytest.mark.parametrize("purge", ["assets", "targets", "location"])
def test_purge_does_not_go_with_absent(location: Location, purge: str) -> None:
    assert "purge" in location.fails("vpp_asset_assignment", assignments=[entry([APP], devices=[])], state="absent", purge=purge)["msg"]
    assert location.simulator.requests() == []


def test_files_mean_the_same_as_inline(location: Location, tmp_path: pathlib.Path) -> None:
    (tmp_path / "cart.csv").write_text("name,serial_number\niPad 1,D1\niPad 3,D3\n", encoding="utf-8")
    (tmp_path / "assignments.yml").write_text(f"- assets: [{APP}]\n  devices_file: cart.csv\n", encoding="utf-8")
    (tmp_path / "assignments.json").write_text(json.dumps([entry([OTHER_APP], devices=["D2"])]), encoding="utf-8")
    (tmp_path / "pairs.csv").write_text(f"adam_id,client_user_id,serial_number\n{FREE_APP},u-2,\n{FREE_APP},,D1\n", encoding="utf-8")
    files = [str(tmp_path / name) for name in ("assignments.yml", "assignments.json", "pairs.csv")]
    inline = [entry([APP], devices=["D1", "D3"]), entry([OTHER_APP], devices=["D2"]), entry([FREE_APP], users=["u-2"], devices=["D1"])]
    from_files = location.ok("vpp_asset_assignment", check=True, assignments_files=files)
    from_option = location.ok("vpp_asset_assignment", check=True, assignments=inline)
    assert from_files["plan"] == from_option["plan"] and from_files["plan"]["counts"]["associated"] == 4


def test_a_fault_after_the_reading_names_file_and_line(location: Location, tmp_path: pathlib.Path) -> None:
    path = tmp_path / "pairs.csv"
    path.write_text(f"adam_id,client_user_id,serial_number\n{APP},,D1\n77,,D1\n{APP},u-nobody,\n", encoding="utf-8")
    result = location.fails("vpp_asset_assignment", assignments_files=[str(path)])
    assert f"{path}:3: asset 77 STDQ is not owned" in result["msg"] and f"{path}:4: u-nobody is no active user" in result["msg"]


def test_ten_thousand_devices_and_25_assets_take_ten_requests(location: Location, tmp_path: pathlib.Path) -> None:
    adam_ids = [str(2000000001 + number) for number in range(25)]
    location.simulator.reset(seed(assets=[], users=[], assignments=[], generate={"assets": 25, "users": 0, "devices": 10000, "assigned": 0.0}))
    (tmp_path / "devices.txt").write_text("".join(f"D{number:07}\n" for number in range(1, 10001)), encoding="utf-8")
    options = {"assignments": [entry(adam_ids, devices_file=str(tmp_path / "devices.txt"))]}
    plan = location.ok("vpp_asset_assignment", **options)["plan"]
    assert (plan["counts"]["associated"], plan["requests"], plan["requests_at_least"]) == (250000, 10, 10)
    assert [write["path"] for write in location.simulator.writes()] == ["/assets/associate"] * 10
    location.simulator.clear_requests()
    assert not location.ok("vpp_asset_assignment", **options)["changed"]
    assert location.write_count() == 0
    state = location.simulator.state(parts=["assets"])
    assert {product["assignedCount"] for product in state["assets"]} == {10000}


@pytest.mark.parametrize("associate_existing", ["noop", "fail"])
def test_nothing_that_is_held_is_sent_again(location: Location, associate_existing: str) -> None:
    location.simulator.behaviour(associate_existing=associate_existing)
    location.ok("vpp_asset_assignment", assignments=[entry([APP, FREE_APP], users=["u-1", "u-2"], devices=["D1", "D2", "D3"])])


def test_limits_that_shrink_between_planning_and_sending_split_the_request(location: Location) -> None:
    devices = [f"X{number}" for number in range(10)]
    refusal = {"match": {"method": "POST", "path": "/assets/associate", "nth": 1}, "do": {"status": 400, "errorNumber": 9702}, "times": 1}
    location.simulator.faults([refusal])
    location.ok("vpp_asset_assignment", assignments=[entry([FREE_APP], devices=devices)])
    assert {(FREE_APP, device) for device in devices} <= location.pairs()
    assert len([request for request in location.simulator.requests() if request["path"] == "/service/config"]) == 2


def test_the_location_must_be_ours_when_mdm_id_is_given(location: Location) -> None:
    options = {"assignments": [entry([APP], devices=["D3"])], "mdm_id": "ours"}
    assert "Nobody has claimed" in location.fails("vpp_asset_assignment", **options)["msg"]
    location.simulator.client_config(mdmInfo={"id": "theirs", "name": "Other MDM", "metadata": "x"})
    assert "Other MDM (id theirs)" in location.fails("vpp_asset_assignment", **options)["msg"]
    assert location.write_count() == 0
    location.simulator.client_config(mdmInfo={"id": "ours", "name": "Us", "metadata": "x"})
    assert location.ok("vpp_asset_assignment", **options)["changed"]


def test_plus_and_standard_quality_are_different_assets(location: Location) -> None:
    location.simulator.reset(seed(assets=[asset(APP, 5), asset(APP, 5, pricingParam="PLUS")], assignments=[]))
    location.ok("vpp_asset_assignment", assignments=[entry([{"adam_id": APP, "pricing_param": "PLUS"}], devices=["D1"])])
    held = location.simulator.state(parts=["assignments"])["assignments"]
    assert [(pair["pricingParam"], pair["serialNumber"]) for pair in held] == [("PLUS", "D1")]
    assert location.ok("vpp_asset_assignment", check=True, assignments=[entry([APP], devices=["D1"])])["plan"]["counts"]["associated"] == 1


def test_check_mode_can_assume_what_earlier_tasks_only_planned(location: Location, tmp_path: pathlib.Path) -> None:
    """A whole play in check mode shows the same as the play then does."""
    users = tmp_path / "users.csv"
    users.write_text("client_user_id\nu-2\nu-3\nu-new\n", encoding="utf-8")
    location.simulator.reset(all_licences_held())
    play = [
        ("vpp_user", {"users_files": [str(users)], "purge": True}),
        ("vpp_asset_revocation", {"devices": ["D1"], "assume": {"users_files": [str(users)], "users_purge": True}}),
        (
            "vpp_asset_assignment",
            {
                "assignments": [entry([APP], users=["u-new", "u-2"], devices=["D2"])],
                "purge": "assets",
                "assume": {"users_files": [str(users)], "users_purge": True, "revoked_devices": ["D1"]},
            },
        ),
    ]
    shown = [location.ok(module, check=True, **options)["plan"] for module, options in play]
    assert location.write_count() == 0
    assert set(planned_pairs({"plan": shown[2]})) == {("associate", A, "user", "u-new"), ("associate", A, "user", "u-2")}
    assert [location.ok(module, **options)["plan"] for module, options in play] == shown
    assert location.pairs() == {(APP, "u-new"), (APP, "u-2"), (APP, "D2"), (BOOK, "u-1")}


def all_licences_held() -> Dict[str, Any]:
    """All licences are held: by a user to be retired, a device to be cleared, and one who keeps it."""
    held = [{"serialNumber": "D1"}, {"serialNumber": "D2"}, {"clientUserId": "u-1"}]
    assignments = [{"adamId": APP, "pricingParam": "STDQ", **target} for target in held]
    assignments.append({"adamId": BOOK, "pricingParam": "STDQ", "clientUserId": "u-1"})
    assets = [asset(APP, 3), asset(BOOK, 10, productType="Book", deviceAssignable=False, revocable=False)]
    return seed(assets=assets, assignments=assignments)


def test_who_would_be_retired_can_get_nothing(location: Location, tmp_path: pathlib.Path) -> None:
    (tmp_path / "users.txt").write_text("u-2\n", encoding="utf-8")
    assume = {"users_files": [str(tmp_path / "users.txt")], "users_purge": True}
    result = location.fails("vpp_asset_assignment", check=True, assignments=[entry([APP], users=["u-1", "u-2"])], assume=assume)
    assert "assignments[0].users[0]: u-1 is no active user" in result["msg"] and len(result["faults"]) == 1


def test_a_takeover_in_the_middle_ends_the_writing_and_tells_what_was_done(location: Location) -> None:
    """Fifty requests are due; before the tenth, somebody else claims the location."""
    location.simulator.reset(
        seed(behaviour={"limits": {"maxRequestPerSecond": 5000, "maxSerialNumbers": 2}}, mdmInfo={"id": "ours", "name": "Us", "metadata": "x"})
    )
    taking = {"client_config": {"mdmInfo": {"id": "theirs", "name": "Other MDM", "metadata": "x"}}}
    location.simulator.faults([{"match": {"path": "/assets/associate", "nth": 10}, "do": {"meanwhile": [taking]}}])
    devices = [f"X{number:03}" for number in range(100)]
    result = location.fails("vpp_asset_assignment", assignments=[entry([FREE_APP], devices=devices)], mdm_id="ours")
    assert "Other MDM (id theirs)" in result["msg"] and "Done: 20 of 100 changes" in result["msg"] and result["holder"]["id"] == "theirs"
    assert result["changed"] and result["plan"]["requests"] == 50 and len(result["events"]) == 10
    assert (result["outcome"]["done"], result["outcome"]["unsent"]) == (20, 80)
    assert location.write_count() == 10


@pytest.mark.parametrize("purge", ["assets", "targets", "location"])
def test_an_empty_list_with_purge_is_refused(location: Location, tmp_path: pathlib.Path, purge: str) -> None:
    (tmp_path / "cart.txt").write_text("", encoding="utf-8")
    result = location.fails("vpp_asset_assignment", assignments=[entry([APP], devices_file=str(tmp_path / "cart.txt"))], purge=purge)
    assert "allow_empty" in result["msg"] and location.simulator.requests() == []


def test_an_empty_list_without_purge_is_nothing_to_do(location: Location) -> None:
    assert not location.ok("vpp_asset_assignment", assignments=[])["changed"]


def tree(folder: pathlib.Path) -> Dict[str, Any]:
    """Options with a catalog and groups."""
    files = {
        "catalog.yml": f"garden: '{APP}'\nsteps: {{adam_id: {OTHER_APP}}}\n",
        "groups.yml": "cart: {devices_file: cart.csv}\nclass: {users: [u-2], groups: [cart]}\nloan: {inventory_group: ipads}\n",
        "cart.csv": "serial_number,room\nD3,4\n",
        "groups.csv": "group,serial_number\nloan,D8\n",
        "assignments.yml": "- {title: Class 3a, assets: [garden], groups: [class]}\n- {assets: [steps], groups: [loan], devices: [D3], title: To borrow}\n",
    }
    for name, text in files.items():
        (folder / name).write_text(text, encoding="utf-8")
    return {
        "assignments_files": [str(folder / "assignments.yml")],
        "catalog_files": [str(folder / "catalog.yml")],
        "groups_files": [str(folder / "groups.yml"), str(folder / "groups.csv")],
        "inventory_devices": {"ipads": ["D7"]},
    }


def test_groups_and_names_are_given_what_an_entry_says_and_the_plan_tells_its_title(location: Location, tmp_path: pathlib.Path) -> None:
    options = tree(tmp_path)
    planned = location.ok("vpp_asset_assignment", check=True, dest=str(tmp_path / "plan.csv"), **options)
    titles = {(change["adam_id"], change.get("serial_number") or change["client_user_id"]): change["title"] for change in planned["plan"]["changes"]}
    assert titles == {
        (APP, "u-2"): "Class 3a", (APP, "D3"): "Class 3a", (OTHER_APP, "D3"): "To borrow", (OTHER_APP, "D7"): "To borrow", (OTHER_APP, "D8"): "To borrow"
    }
    assert planned["diff"]["after"][f"{A} -> device D3"] == "assigned (Class 3a)"
    assert f"associate,not there,{APP},STDQ,,D3,Class 3a" in (tmp_path / "plan.csv").read_text(encoding="utf-8").splitlines()
    location.ok("vpp_asset_assignment", **options)
    assert set(titles) <= location.pairs()
    assert not location.ok("vpp_asset_assignment", **options)["changed"]


def test_what_could_not_be_given_is_told_with_its_title(location: Location) -> None:
    location.simulator.faults([{"match": {"path": "/assets/associate"}, "do": {"status": 400, "errorNumber": 9602}}])
    result = location.fails("vpp_asset_assignment", assignments=[entry([APP], devices=["D3"], title="Class 3a")], retry_budget=0)
    assert [change["title"] for change in result["not_done"]] == ["Class 3a"]


def test_faults_of_catalog_groups_and_assignments_come_together(location: Location, tmp_path: pathlib.Path) -> None:
    options = tree(tmp_path)
    (tmp_path / "catalog.yml").write_text("garden: Garden\n", encoding="utf-8")
    (tmp_path / "groups.csv").write_text("group,serial_number\nloan,\n", encoding="utf-8")
    result = location.fails("vpp_asset_assignment", **{**options, "inventory_devices": {"ipads": "D7"}})
    assert [fault.replace(str(tmp_path), "HERE").partition(": ")[0] for fault in result["faults"]] == [
        "inventory_devices.ipads", "HERE/catalog.yml:1", "HERE/groups.yml:3", "HERE/groups.csv:2", "HERE/assignments.yml:2 (entry 1).assets[0]"
    ]
    assert location.simulator.requests() == []
