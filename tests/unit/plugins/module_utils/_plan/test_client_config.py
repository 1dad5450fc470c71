# Copyright (c) 2026, the mdmkit.apps_books authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import json
from typing import Any, Dict, Optional, Tuple

import pytest
from ansible_collections.mdmkit.apps_books.plugins.module_utils._model import ClientConfig, InputError, Limits, MdmInfo
from ansible_collections.mdmkit.apps_books.plugins.module_utils._plan.client_config import ConfigStep, HeldByAnother, plan_client_config
from ansible_collections.mdmkit.apps_books.plugins.module_utils._plan.plan import Plan
from ansible_collections.mdmkit.apps_books.tests.unit.support.draw import examples
from hypothesis import given
from hypothesis import strategies as st

LIMITS = Limits(25, 1000, 1000, 100, 100, 100, 512, 100, 100, 255)
OURS = MdmInfo("ours", "Our service", "meta")
THEIRS = MdmInfo("theirs", "Their service", "other")
EMPTY = ClientConfig(None, None, None, ())

infos = st.sampled_from([None, OURS, OURS._replace(name="Renamed"), THEIRS])
hooks = st.sampled_from([(None, None), ("https://one.example.test", "secret-one"), ("https://two.example.test", "secret-two")])
types = st.sampled_from([(), ("ASSET_COUNT",), ("ASSET_COUNT", "USER_MANAGEMENT")])


def stored_by(plan: Plan) -> Optional[ClientConfig]:
    """What carrying out the plan stores; None where it sends nothing."""
    (step,) = plan.steps
    assert isinstance(step, ConfigStep)
    requests = plan.requests(LIMITS)
    assert [request.kind for request in requests] == (["configure"] if plan.changed else [])
    return step.config if requests else None


@examples(200)
@given(
    held=infos,
    present_hook=hooks,
    present_types=types,
    info=infos,
    hook=hooks,
    wanted_types=st.one_of(st.none(), types),
    takeover=st.booleans(),
)
def test_what_is_given_is_stored_and_what_is_not_given_is_kept(
    held: Optional[MdmInfo],
    present_hook: Tuple[Any, Any],
    present_types: Tuple[str, ...],
    info: Optional[MdmInfo],
    hook: Tuple[Any, Any],
    wanted_types: Optional[Tuple[str, ...]],
    takeover: bool,
) -> None:
    present = ClientConfig(held, *present_hook, present_types, uid="7", location_name="Springfield")
    wish: Dict[str, Any] = {"mdm_info": info, "notification_url": hook[0], "notification_auth_token": hook[1], "notification_types": wanted_types}
    if info is not None and held is not None and info.id != held.id and not takeover:
        with pytest.raises(HeldByAnother):
            plan_client_config(present, LIMITS, **wish, takeover=takeover)
        return
    goal = present._replace(
        mdm_info=info or held,
        notification_url=hook[0] or present_hook[0],
        notification_auth_token=hook[1] or present_hook[1],
        notification_types=present_types if wanted_types is None else wanted_types,
    )

    plan = plan_client_config(present, LIMITS, **wish, takeover=takeover)

    stored = stored_by(plan)
    assert stored == (goal if goal != present else None)
    again = plan_client_config(stored or present, LIMITS, **wish, takeover=takeover)
    assert not again.changed
    differing = {
        name for name in ("mdm_info", "notification_url", "notification_auth_token", "notification_types") if getattr(goal, name) != getattr(present, name)
    }
    diff = plan.diff(10)
    assert set(diff["before"]) | set(diff["after"]) == differing
    assert {change["member"] for change in plan.told()} == differing
    assert plan.counts() == {"configure": len(differing)}


@pytest.mark.parametrize("before, after", [(None, "new-secret"), ("old-secret", "new-secret")])
def test_the_secret_is_compared_and_never_shown(before: Optional[str], after: str) -> None:
    present = ClientConfig(OURS, "https://one.example.test", before, ()) if before else EMPTY
    plan = plan_client_config(present, LIMITS, notification_url="https://one.example.test", notification_auth_token=after)

    assert stored_by(plan) == present._replace(notification_url="https://one.example.test", notification_auth_token=after)
    shown = json.dumps([plan.diff(10), list(plan.told())])
    assert "notification_auth_token" in shown
    assert "new-secret" not in shown and "old-secret" not in shown
    assert plan.diff(10)["before"].get("notification_auth_token") != plan.diff(10)["after"]["notification_auth_token"]


def test_the_same_secret_is_no_change() -> None:
    present = ClientConfig(OURS, "https://one.example.test", "the-secret", ("ASSET_COUNT",))

    assert stored_by(plan_client_config(present, LIMITS, OURS, "https://one.example.test", "the-secret", ("ASSET_COUNT",))) is None


def test_another_holder_is_named() -> None:
    with pytest.raises(HeldByAnother) as caught:
        plan_client_config(EMPTY._replace(mdm_info=THEIRS), LIMITS, OURS)

    assert caught.value.message == "This location is managed by Their service (id theirs), not by ours. Nothing was written."
    assert caught.value.hint == "If you mean to take it over, set takeover: true once."
    assert caught.value.details == {"holder": {"id": "theirs", "name": "Their service", "metadata": "other"}}


def test_a_holder_without_a_name_is_told_too() -> None:
    with pytest.raises(HeldByAnother, match=r"managed by somebody without a name \(id theirs\)"):
        plan_client_config(EMPTY._replace(mdm_info=THEIRS._replace(name="")), LIMITS, OURS)


def test_the_id_decides_never_the_name() -> None:
    renamed = OURS._replace(name="Their service")

    assert stored_by(plan_client_config(EMPTY._replace(mdm_info=renamed), LIMITS, OURS)) == EMPTY._replace(mdm_info=OURS)
    with pytest.raises(HeldByAnother):
        plan_client_config(EMPTY._replace(mdm_info=THEIRS._replace(name="Our service")), LIMITS, OURS)


def test_taking_over_shows_who_held_it() -> None:
    plan = plan_client_config(EMPTY._replace(mdm_info=THEIRS), LIMITS, OURS, takeover=True)

    assert plan.diff(10) == {"before": {"mdm_info": dict(THEIRS._asdict())}, "after": {"mdm_info": dict(OURS._asdict())}}


def test_nothing_given_changes_nothing_whoever_holds_it() -> None:
    assert stored_by(plan_client_config(EMPTY._replace(mdm_info=THEIRS), LIMITS)) is None


@pytest.mark.parametrize("wish", [{"notification_url": "https://one.example.test"}, {"notification_auth_token": "secret"}])
def test_url_and_secret_go_together(wish: Dict[str, str]) -> None:
    with pytest.raises(InputError) as caught:
        plan_client_config(EMPTY, LIMITS, **wish)
    assert caught.value.faults == ["notification_url and notification_auth_token go together; one of them is neither given nor stored"]


@pytest.mark.parametrize("wish", [{"notification_url": "https://two.example.test"}, {"notification_auth_token": "secret-two"}])
def test_one_of_url_and_secret_is_enough_where_the_other_is_stored(wish: Dict[str, str]) -> None:
    present = ClientConfig(OURS, "https://one.example.test", "secret-one", ())

    assert stored_by(plan_client_config(present, LIMITS, **wish)) == present._replace(**wish)


@pytest.mark.parametrize("length, fine", [(10, True), (11, False)])
@pytest.mark.parametrize(
    "limit, name, wish",
    [
        ("mdm_id_length", "mdm_info.id", lambda text: {"mdm_info": MdmInfo(text, "n", "m")}),
        ("mdm_name_length", "mdm_info.name", lambda text: {"mdm_info": MdmInfo("i", text, "m")}),
        ("mdm_metadata_length", "mdm_info.metadata", lambda text: {"mdm_info": MdmInfo("i", "n", text)}),
        ("notification_length", "notification_url", lambda text: {"notification_url": text, "notification_auth_token": "s"}),
        ("notification_length", "notification_auth_token", lambda text: {"notification_url": "u", "notification_auth_token": text}),
    ],
)
def test_lengths_are_held_to_the_announced_limits(limit: str, name: str, wish: Any, length: int, fine: bool) -> None:
    limits = LIMITS._replace(**{limit: 10})
    text = "x" * length
    if fine:
        assert stored_by(plan_client_config(EMPTY, limits, **wish(text))) is not None
        return
    with pytest.raises(InputError) as caught:
        plan_client_config(EMPTY, limits, **wish(text))
    assert caught.value.faults == [f"{name} has 11 characters; Apple takes 10 at most"]
    assert text not in str(caught.value)


def test_all_faults_come_in_one_message() -> None:
    limits = LIMITS._replace(mdm_id_length=1, mdm_name_length=1, mdm_metadata_length=1, notification_length=1)

    with pytest.raises(InputError) as caught:
        plan_client_config(EMPTY, limits, MdmInfo("id", "name", "meta"), "url")
    assert len(caught.value.faults) == 5
