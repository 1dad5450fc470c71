# Copyright (c) 2026, the mdmkit.apps_books authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""vpp_asset_revocation against the simulator."""

from __future__ import annotations

import pathlib

from .conftest import APP, BOOK, OTHER_APP, Location, asset, planned_pairs, seed


def test_takes_everything_revocable_and_reports_the_rest(location: Location) -> None:
    shown = location.ok("vpp_asset_revocation", check=True, users=["u-1"], devices=["D1"])
    assert location.write_count() == 0
    assert set(planned_pairs(shown)) == {
        ("revoke", f"{APP} STDQ", "user", "u-1"),
        ("revoke", f"{APP} STDQ", "device", "D1"),
        ("revoke", f"{OTHER_APP} STDQ", "device", "D1"),
    }
    done = location.ok("vpp_asset_revocation", users=["u-1"], devices=["D1"])
    assert done["plan"] == shown["plan"] and shown["plan"]["requests"] == shown["plan"]["requests_at_least"] > 0
    assert done["irrevocable"] == [{"adam_id": BOOK, "pricing_param": "STDQ", "client_user_id": "u-1"}]
    (write,) = location.simulator.writes()
    assert (write["path"], write["body"]) == ("/assets/revoke", {"clientUserIds": ["u-1"], "serialNumbers": ["D1"]})
    assert location.pairs() == {(APP, "D2"), (BOOK, "u-1")}

    location.simulator.clear_requests()
    again = location.ok("vpp_asset_revocation", users=["u-1"], devices=["D1"])
    assert (again["changed"], location.write_count(), len(again["irrevocable"])) == (False, 0, 1)


def test_targets_that_hold_nothing_are_not_named_in_a_request(location: Location) -> None:
    location.ok("vpp_asset_revocation", users=["u-2", "u-unknown"], devices=["D2", "D-new"])
    assert [write["body"] for write in location.simulator.writes()] == [{"serialNumbers": ["D2"]}]


def test_many_targets_are_split_by_the_limits_for_revoking(location: Location, tmp_path: pathlib.Path) -> None:
    devices = [f"D{number:03}" for number in range(150)]
    held = [{"adamId": APP, "pricingParam": "STDQ", "serialNumber": device} for device in devices]
    location.simulator.reset(seed(assets=[asset(APP, 500)], assignments=held))
    (tmp_path / "leavers.txt").write_text("\n".join(devices), encoding="utf-8")
    location.ok("vpp_asset_revocation", devices_file=str(tmp_path / "leavers.txt"))
    assert [len(write["body"]["serialNumbers"]) for write in location.simulator.writes()] == [100, 50]
    assert location.pairs() == set()


def test_a_ceiling_holds_where_one_is_given(location: Location) -> None:
    devices = [f"D{number:03}" for number in range(20)]
    held = [{"adamId": APP, "pricingParam": "STDQ", "serialNumber": device} for device in devices]
    location.simulator.reset(seed(assignments=held))
    assert "20 of 20" in location.fails("vpp_asset_revocation", devices=devices, max_removals="50%")["msg"]
    assert location.write_count() == 0


def test_the_location_must_be_ours(location: Location) -> None:
    location.simulator.client_config(mdmInfo={"id": "theirs", "name": "Other MDM", "metadata": "x"})
    assert "Other MDM" in location.fails("vpp_asset_revocation", devices=["D1"], mdm_id="ours")["msg"]
    assert location.write_count() == 0


def test_everybody_else_loses_everything_of_the_kind_that_is_listed(location: Location) -> None:
    others = {"everybody_but": {"devices": ["D1", "D-new"]}}
    shown = location.ok("vpp_asset_revocation", check=True, **others)
    assert location.write_count() == 0
    done = location.ok("vpp_asset_revocation", **others)
    assert done["plan"] == shown["plan"]
    assert done["plan"]["changes"] == [
        {"action": "revoke", "why": "not listed in everybody_but", "adam_id": APP, "pricing_param": "STDQ", "serial_number": "D2"}
    ]
    assert [write["body"] for write in location.simulator.writes()] == [{"serialNumbers": ["D2"]}]

    location.simulator.clear_requests()
    of_both = location.ok("vpp_asset_revocation", everybody_but={"devices": ["D1"], "users": ["u-2"]})
    assert [write["body"] for write in location.simulator.writes()] == [{"clientUserIds": ["u-1"]}]
    assert of_both["irrevocable"] == [{"adam_id": BOOK, "pricing_param": "STDQ", "client_user_id": "u-1"}]
    assert location.pairs() == {(APP, "D1"), (OTHER_APP, "D1"), (BOOK, "u-1")}
    location.simulator.clear_requests()
    assert not location.ok("vpp_asset_revocation", everybody_but={"devices": ["D1"], "users": ["u-2"]})["changed"]


def test_who_is_on_the_allow_list_loses_nothing(location: Location, tmp_path: pathlib.Path) -> None:
    (tmp_path / "spare.csv").write_text("serial_number,model\nD1,iPad\n", encoding="utf-8")
    allowed = {"devices_file": str(tmp_path / "spare.csv")}
    location.ok("vpp_asset_revocation", everybody_but={"devices": ["D-new"]}, allow_list=allowed)
    assert [write["body"] for write in location.simulator.writes()] == [{"serialNumbers": ["D2"]}]
    assert not location.ok("vpp_asset_revocation", devices=["D1"], allow_list=allowed)["changed"]
    # Who is on it does not say that the others of its kind are meant.
    location.ok("vpp_asset_revocation", everybody_but={"devices": ["D1"]}, allow_list={"users": ["u-2"]})
    assert (APP, "u-1") in location.pairs()


def test_a_fifth_is_the_ceiling_for_everybody_else(location: Location) -> None:
    devices = [f"D{number:03}" for number in range(30)]
    held = [{"adamId": APP, "pricingParam": "STDQ", "serialNumber": device} for device in devices]
    location.simulator.reset(seed(assets=[asset(APP, 500)], assignments=held))
    refused = location.fails("vpp_asset_revocation", everybody_but={"devices": devices[:23]})
    assert "7 of 30 assignments of devices would be removed, but max_removals is 20%" in refused["msg"]
    assert "lists no devices" in location.fails("vpp_asset_revocation", everybody_but={"devices": []})["msg"]
    assert "devices and everybody_but are both given" in location.fails("vpp_asset_revocation", devices=["D1"], everybody_but={"users": ["u-1"]})["msg"]
    assert location.write_count() == 0
    location.ok("vpp_asset_revocation", everybody_but={"devices": devices[:23]}, max_removals="7")
    assert location.pairs() == {(APP, device) for device in devices[:23]}
    location.ok("vpp_asset_revocation", everybody_but={"devices": []}, allow_empty=True, max_removals="100%")
    assert location.pairs() == set()
