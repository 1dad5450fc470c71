# Copyright (c) 2026, the mdmkit.apps_books authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is run, as data: every module, role and playbook, where it works and where it fails.

Secrets stand in no play: they come from the variables that World.write_inputs writes. A step says how it has to end, so that one that no longer
reaches what it is for makes the suite fail.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field
from typing import Any

from ansible_collections.mdmkit.apps_books.tests.canary.world import APP, BOOK, OURS, THEIRS

FQCN = "mdmkit.apps_books."
UNCHANGED, CHANGED, FAILED = "unchanged", "changed", "failed"


@dataclass(frozen=True)
class Step:
    """A module or a role with its options, and how it has to end.

    :ivar says: what the result holds
    :ivar keywords: further keywords of the task
    :ivar where: the location whose token is used, unless the options name one; None for no token
    """

    runs: str
    options: dict[str, Any] = field(default_factory=dict)
    ends: str = UNCHANGED
    says: str = ""
    keywords: dict[str, Any] = field(default_factory=dict)
    where: str | None = "good"


@dataclass(frozen=True)
class Play:
    """One run of a program.

    :ivar steps: what it runs, unless ``playbook`` is set
    :ivar playbook: a playbook of the collection, run on a tree with a good and a bad location
    :ivar tree: which of them; the bad location of the usual one fails where something is sent to it
    :ivar token_in_environment: whether the token of the location good is given in the environment of the program
    :ivar leaves: files and folders of the run that hold secrets by Ansible's own design, as docs/development.md tells
    :ivar shown_by_ansible: lines of the output that hold this text show secrets by Ansible's own design
    :ivar remembers: whether each result is kept as a fact, and so in the cache of facts
    :ivar shows_invitations: whether invite codes are asked for, and so shown
    :ivar held_by: who has claimed the location good before the run
    :ivar held_then: the id of who holds it after the run, if that is looked at
    """

    name: str
    steps: tuple[Step, ...] = ()
    playbook: str = ""
    tree: str = "apply"
    arguments: tuple[str, ...] = ("-vvvv", "--diff")
    environment: dict[str, str] = field(default_factory=dict)
    program: str = "ansible-playbook"
    token_in_environment: bool = False
    leaves: tuple[str, ...] = ()
    shown_by_ansible: str = ""
    remembers: bool = False
    shows_invitations: bool = False
    held_by: dict[str, str] | None = None
    held_then: str = ""
    status: int = 0

    @property
    def check(self) -> bool:
        """Whether nothing is to be written."""
        return "--check" in self.arguments

    def __str__(self) -> str:
        return self.name


NEW_USERS = [{"client_user_id": "u-2", "email": "second@example.test"}, {"client_user_id": "u-8", "email": "eight@example.test"}, {"client_user_id": "u-9"}]
GIVEN = [{"assets": [APP], "users": ["u-3"], "devices": ["D2", "D3"]}]
NOTIFIED = {"notification_url": "{{ receiver_url }}", "notification_auth_token": "{{ notification_secret }}", "notification_types": ["USER_MANAGEMENT"]}
QUICK = {"wait_interval": 0.05}
NO_TRIES = {"retry_budget": 0}

# What each module does on a good day. The second time nothing is left to do.
WRITING = (
    Step("vpp_client_config", {"mdm_info": OURS, **NOTIFIED}, CHANGED),
    Step("vpp_user", {"users": NEW_USERS, **QUICK}, CHANGED),
    Step("vpp_asset_assignment", {"assignments": GIVEN, **QUICK}, CHANGED),
    Step("vpp_asset_revocation", {"users": ["u-1"], "devices": ["D1"], **QUICK}, CHANGED),
)
AGAIN = tuple(Step(step.runs, step.options) for step in WRITING)
READING = (
    Step("vpp_client_config_info"),
    Step("vpp_service_config_info"),
    Step("vpp_user_info"),
    Step("vpp_asset_info"),
    Step("vpp_assignment_info", {"include_user_state": True}),
    Step("vpp_event_info", {"event_ids": []}),
    Step("vpp_location_export", {"path": "{{ playbook_dir }}/exported"}, CHANGED),
    Step("vpp_drift_info", {"path": "{{ inputs }}/tree/good", "dest_json": "{{ playbook_dir }}/found.json"}),
)
ONE_OF_EACH = {step.runs: step.options for step in (*WRITING, *READING)}


def everywhere(options: dict[str, Any], says: str, modules: tuple[str, ...] = tuple(ONE_OF_EACH), where: str | None = "good") -> tuple[Step, ...]:
    """The same trouble for each of the modules."""
    return tuple(Step(module, {**ONE_OF_EACH[module], **options}, FAILED, says, where=where) for module in modules)


WITH_TOKEN = tuple(module for module in ONE_OF_EACH if module != "vpp_service_config_info")
ASKING = tuple(module for module in WITH_TOKEN if module != "vpp_event_info")


def in_turn(troubles: tuple[tuple[dict[str, Any], str], ...], modules: tuple[str, ...]) -> tuple[Step, ...]:
    """Each trouble for one module after the other, in turn: more would cost minutes and the code is the same for all."""
    in_order = zip(troubles, itertools.cycle(modules))
    return tuple(Step(module, {**ONE_OF_EACH[module], **options}, FAILED, says, where=None) for (options, says), module in in_order)


OUTER = {"content_token": "{{ outer.good }}"}
WRONG_TOKENS = (
    ({"content_token": "{{ inner }}"}, "is not a content token"),
    ({"content_token": "{{ decoded }}"}, "is the decoded JSON"),
    ({"content_token": "{{ outer.good[:101] }}"}, "is not a content token"),
    ({"content_token": "{{ outer.good[:40] }} {{ outer.good[40:77] }}"}, "is not a content token"),
    ({"content_token": "{{ outer.expired }}"}, "expired on 2020-01-02"),
    ({"content_token": "{{ outer.revoked }}"}, "error 9625"),
    ({"content_token": ["{{ outer.good }}"]}, ""),
    ({**OUTER, "content_token_file": "{{ inputs }}/good.vpptoken"}, "both given"),
    ({"content_token_file": "{{ inputs }}/missing.vpptoken"}, "No such file"),
    ({"content_token_file": "{{ inputs }}"}, "cannot be read"),
    ({"content_token_file": "{{ inputs }}/undecodable.vpptoken"}, "is not a content token"),
    # The text itself where the name of the file is meant.
    ({"content_token_file": "{{ outer.good }}"}, "cannot be read"),
    ({"content_token_file": "{{ inner }}"}, "cannot be read"),
    ({"content_token_file": "{{ decoded }}"}, "cannot be read"),
)
BAD_ANSWERS = tuple(
    ({**OUTER, **NO_TRIES, "base_url": "{{ at['%s'] }}" % address}, says)
    for address, says in {
        "echo": "An error occurred",
        "echo-encoded": "HTTP 502",
        "echo-json": "Not understood",
        "not-json": "HTTP 200",
        "elsewhere": "redirects to another host",
        "no-address": "redirects to",
        "cut": "",
        "nobody": "refused",
        "insecure": "must begin with https",
        "tls-other-name": "cannot be trusted",
        "tls-expired": "cannot be trusted",
        "tls-self-signed": "cannot be trusted",
    }.items()
)
MISPLACED = (
    *everywhere({"content_tokn": "{{ outer.good }}"}, "unknown option content_tokn", ("vpp_event_info", "vpp_service_config_info"), None),
    Step("vpp_client_config", {"mdm_info": {**OURS, "notification_auth_token": "{{ notification_secret }}"}}, FAILED, "mdm_info: unknown"),
    Step("vpp_client_config_info", {"notification_auth_token": "{{ notification_secret }}"}, FAILED, "unknown option notification_auth_token"),
    Step("vpp_client_config", {"mdm_info": OURS, "notification_auth_token": {"secret": "{{ notification_secret }}"}, "mdm_id": "x"}, FAILED, "is not text"),
    Step("vpp_client_config", {"mdm_info": OURS, "notification_auth_token": ["{{ notification_secret }}"], "mdm_id": "x"}, FAILED, "is not text"),
    Step("vpp_user", {"users": "{{ outer.good }}", "wait": "perhaps"}, FAILED, "perhaps"),
    Step("vpp_user", {"users": [{"client_user_id": "u-1", "invite_code": 5, "content_token": "{{ outer.good }}"}]}, FAILED, "content_token"),
)
EVENTS = (
    Step("vpp_user", {"users": NEW_USERS, **QUICK}, CHANGED, "answers_lost", where="lost"),
    Step("vpp_asset_assignment", {"assignments": GIVEN, **QUICK}, FAILED, "9609", where="failing"),
    Step("vpp_user", {"users": NEW_USERS, **QUICK}, FAILED, "9609", where="failing"),
    Step("vpp_asset_revocation", {"devices": ["D1"], **QUICK, "wait_timeout": 0.2}, FAILED, "still pending", where="stuck"),
    Step("vpp_client_config", {"mdm_info": OURS}, CHANGED, "answers_lost", where="lost"),
    Step("vpp_client_config", {**NOTIFIED, "notification_url": "http://127.0.0.1:9/apple"}, FAILED, "9728"),
    Step("vpp_client_config", {"notification_auth_token": "{{ notification_secret }}"}, FAILED, "go together", where="second"),
    Step("vpp_client_config", {**NOTIFIED, "notification_url": "http://hooks.example.test/"}, FAILED, "must begin with https"),
    Step("vpp_user", {"users": NEW_USERS, "mdm_id": "ours", **QUICK}, FAILED, "managed by", where="taken"),
    Step("vpp_asset_assignment", {"assignments": GIVEN, "mdm_id": "ours"}, FAILED, "managed by", where="taken"),
    Step("vpp_client_config", {"mdm_info": {**OURS, "id": "mine"}}, FAILED, "managed by", where="taken"),
    Step("vpp_asset_assignment", {"assignments": [{"assets": [BOOK, "77"], "devices": ["D3"], "users": ["nobody"]}]}, FAILED, "is a book"),
    Step("vpp_event_info", {"event_ids": ["nobody-knows-this"]}, FAILED, "9708"),
)
ECHOED_WRITES = everywhere({**OUTER, "base_url": "{{ at['echo-writes'] }}"}, "Blocked", ("vpp_client_config", "vpp_user"), None)
# Members of another type than is meant, with the bearer in them.
CRASHES = tuple(
    Step(module, {**ONE_OF_EACH[module], **OUTER, **NO_TRIES, "base_url": "{{ at.%s }}" % address}, FAILED, where=None)
    for address, modules in {
        "numbers": ("vpp_user_info", "vpp_asset_info", "vpp_assignment_info", "vpp_asset_assignment"),
        "texts": ("vpp_client_config", "vpp_client_config_info", "vpp_user", "vpp_asset_revocation", "vpp_location_export"),
        "lists": ("vpp_asset_info",),
    }.items()
    for module in modules
)

ROLE = {"location_path": "{{ inputs }}/tree/good", "location_http_timeout": 20}
ROLE_STEPS = (
    Step("location", ROLE, CHANGED),
    Step("location", {**ROLE, "location_content_token": "{{ outer.good }}", "location_notification_auth_token": "{{ notification_secret }}"}, UNCHANGED),
)
ROLE_FAILURES = (
    Step("location", {**ROLE, "location_content_token": "{{ inner }}"}, FAILED, "is not a content token"),
    Step("location", {**ROLE, "location_content_token_file": "{{ inner }}"}, FAILED, "cannot be read"),
    Step("location", {**ROLE, "location_content_tokn": "{{ outer.good }}"}, FAILED, "location_content_tokn"),
    Step("location", {**ROLE, "location_client_config": {"notification_auth_token": "{{ notification_secret }}"}}, FAILED, "notification_auth_token"),
    Step("location", {**ROLE, "location_path": "{{ inputs }}/tree/misplaced"}, FAILED, "is a secret and must not stand in the tree"),
    Step("location", {**ROLE, "location_path": "{{ inputs }}/tree/broken"}, FAILED, "broken/client_config.yml"),
)

TREE_STEPS = (
    Step("vpp_tree_info", {"path": "{{ inputs }}/tree/good"}, where=None),
    Step("vpp_tree_info", {"path": "{{ inputs }}/tree/misplaced"}, says="is a secret and must not stand in the tree", where=None),
    Step("vpp_tree_info", {"settings": {"content_token": "{{ outer.good }}"}}, FAILED, "settings: unknown key content_token", where=None),
)

AWX = {
    "awx_setup_organization": "District",
    "awx_setup_scm_url": "https://git.example.test/apps.git",
    "awx_setup_locations": ["good"],
    "awx_setup_content_tokens": {"good": "{{ outer.good }}"},
    "awx_setup_notification_auth_tokens": {"good": "{{ notification_secret }}"},
}
AWX_STEPS = (
    Step("awx_setup", AWX),
    Step("awx_setup", {**AWX, "awx_setup_content_tokens": "{{ outer.good }}"}),
    Step("awx_setup", {**AWX, "awx_setup_job_slice_count": "many"}, FAILED, "awx_setup_job_slice_count"),
)

AFTERWARDS = (
    Step("vpp_user_info", keywords={"async": "{{ 0 if ansible_check_mode else 30 }}", "poll": 1}),
    Step("vpp_user", {"users": [{"client_user_id": "u-7"}], **QUICK}, CHANGED, keywords={"async": "{{ 0 if ansible_check_mode else 30 }}", "poll": 1}),
    Step("vpp_client_config_info", {"base_url": "{{ at.nobody }}", **NO_TRIES}, FAILED, "refused", keywords={"async": 30, "poll": 1}),
)

LITTLE = (*WRITING[:2], READING[0], Step("vpp_asset_info", {"base_url": "{{ at.nobody }}", **NO_TRIES}, FAILED, "refused"))

# The folders that are written are searched, too.
ADOPTING = ("-vvvv", "--diff", "-e", "locations_path=adopted", "-e", "location_mdm_id=ours")
RECLAIMING = ("-vvvv", "--diff", "-e", "location_reclaim_devices_file={{ locations_path }}/active.txt")
# So are reports.
REPORTING = ("-vvvv", "--diff", "-e", "drift_history_dir=earlier", "-e", "drift_parcel=true", "-e", "drift_fail_on=any")
STOCK = ("-vvvv", "-e", "location_low_stock=100%", "-e", "stock_history_dir=earlier", "-e", "stock_fail_on=any")
MERGING = ("-vvvv", "-e", "drift_parts={{ locations_path }}")

PLAYS = (
    Play("check", WRITING + READING, arguments=("-vvvv", "--diff", "--check"), environment={"ANSIBLE_CALLBACK_RESULT_FORMAT": "yaml"}),
    Play("success", WRITING + AGAIN + READING + AFTERWARDS, remembers=True),
    Play("a little of everything", LITTLE, environment={"ANSIBLE_PIPELINING": "1"}, token_in_environment=True),
    Play("wrong tokens", in_turn(WRONG_TOKENS, WITH_TOKEN), environment={"ANSIBLE_PIPELINING": "1"}),
    Play("bad answers", in_turn(BAD_ANSWERS, ASKING) + ECHOED_WRITES, environment={"ANSIBLE_PIPELINING": "1"}),
    Play("misplaced", MISPLACED, environment={"ANSIBLE_PIPELINING": "1"}),
    Play("events", EVENTS, environment={"ANSIBLE_PIPELINING": "1", "ANSIBLE_CALLBACK_RESULT_FORMAT": "yaml"}),
    Play("crashes", CRASHES, environment={"ANSIBLE_PIPELINING": "1"}),
    Play("invitations asked for", (Step("vpp_user_info", {"return_invitations": True}),), shows_invitations=True),
    Play("debug", WRITING[:2] + READING[:1], environment={"ANSIBLE_DEBUG": "1"}, shown_by_ansible="_execute_module ("),
    Play("remote files kept", WRITING[:1], environment={"ANSIBLE_KEEP_REMOTE_FILES": "1"}, leaves=("tmp/remote",)),
    Play("role", ROLE_STEPS),
    Play("role in check mode", ROLE_STEPS[:1], arguments=("-vvvv", "--diff", "--check")),
    Play("role failing", ROLE_FAILURES, environment={"ANSIBLE_CALLBACK_RESULT_FORMAT": "yaml"}),
    Play("AWX", AWX_STEPS),
    Play("AWX in check mode", AWX_STEPS[:1], arguments=("-vvvv", "--diff", "--check")),
    Play("runner, AWX", AWX_STEPS, program="ansible-runner"),
    Play("apply", playbook="apply", status=2),
    Play("apply in check mode", playbook="apply", arguments=("-vvvv", "--diff", "--check")),
    Play("tree", TREE_STEPS),
    Play("validate", playbook="validate", tree="validate", status=2),
    Play("validate in check mode", playbook="validate", tree="validate", arguments=("-vvvv", "--diff", "--check"), status=2),
    Play("takeover", playbook="takeover", arguments=("-vvvv", "--diff", "-e", "takeover_from=theirs"), held_by=THEIRS, held_then="ours", status=2),
    Play("takeover in check mode", playbook="takeover", arguments=("-vvvv", "--diff", "--check"), held_by=THEIRS, held_then="theirs"),
    Play("release", playbook="release", arguments=("-vvvv", "--diff", "-e", "release_id=released"), held_by=OURS, held_then="released", status=2),
    Play("release in check mode", playbook="release", arguments=("-vvvv", "--diff", "--check"), held_by=OURS, held_then="ours"),
    Play("adopt", playbook="adopt", arguments=(*ADOPTING, "-e", "locations_only=good,unknown"), status=2),
    Play("adopt in check mode", playbook="adopt", arguments=(*ADOPTING, "-e", "locations_only=good,bad", "--check")),
    Play("reclaim", playbook="reclaim", arguments=(*RECLAIMING, "-e", "location_reclaim_confirm=true"), held_by=OURS, held_then="ours", status=2),
    Play("reclaim in check mode", playbook="reclaim", arguments=(*RECLAIMING, "--check"), held_by=OURS, held_then="ours"),
    Play("drift", playbook="drift", arguments=REPORTING, status=2),
    Play("drift in check mode", playbook="drift", arguments=(*REPORTING, "--check"), status=2),
    Play("stock", playbook="report_stock", arguments=STOCK, status=2),
    Play("stock in check mode", playbook="report_stock", arguments=(*STOCK, "--check"), status=2),
    Play("merge", playbook="merge_drift", arguments=MERGING, status=2),
    Play("merge in check mode", playbook="merge_drift", arguments=(*MERGING, "--check"), status=2),
    Play("runner", WRITING + READING + in_turn(WRONG_TOKENS[:2], WITH_TOKEN), program="ansible-runner"),
    Play("runner, role", ROLE_STEPS[:1] + ROLE_FAILURES[:1], program="ansible-runner"),
    Play(
        "runner, token in the environment",
        WRITING[1:2] + READING[:1],
        program="ansible-runner",
        token_in_environment=True,
        leaves=("env/envvars", "artifacts/run/command"),
    ),
)
