# Copyright (c) 2026, the mdmkit.apps_books authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The job templates, surveys and schedules in extensions/awx, by themselves and beside the playbooks that they run."""

from __future__ import annotations

import copy
import json
import re
from typing import Any, Callable, Dict, List, Set, Tuple

import pytest
import yaml
from ansible_collections.mdmkit.apps_books.tests.awx.controller import COLLECTION, PROJECT, loaded
from ansible_collections.mdmkit.apps_books.tests.awx.pretended import OPTIONS
from ansible_collections.mdmkit.apps_books.tests.awx.rules import Refused, check_rrule, check_survey, check_workflow

TEMPLATES: Dict[str, Dict[str, Any]] = {template["name"]: template for template in loaded("job_templates.yml")}
WORKFLOWS = {workflow["name"]: workflow for workflow in loaded("workflow_job_templates.yml")}
NO_SURVEY: Dict[str, Any] = {"survey_spec": {"spec": []}}
SCHEDULES = {schedule["name"]: schedule for schedule in loaded("schedules.yml")}


def variables_of(playbook: str) -> Set[str]:
    """What a playbook of the collection takes: the options of the role, and what its own text names."""
    specs = yaml.safe_load((COLLECTION / "roles" / "location" / "meta" / "argument_specs.yml").read_text(encoding="utf-8"))["argument_specs"]
    texts = [path.read_text(encoding="utf-8") for path in (COLLECTION / "playbooks" / f"{playbook}.yml", COLLECTION / "playbooks" / "find_locations.yml")]
    named = re.findall(r"\b(?:drift|stock|reclaim|takeover|release|locations)_\w+", "\n".join(texts))
    return {name for spec in specs.values() for name in spec["options"]}.union(named)


@pytest.mark.parametrize("name", TEMPLATES)
def test_it_runs_a_playbook_that_takes_what_the_survey_asks_for(name: str) -> None:
    (imported,) = yaml.safe_load((PROJECT / TEMPLATES[name]["playbook"]).read_text(encoding="utf-8"))
    namespace, playbook = imported["ansible.builtin.import_playbook"].rsplit(".", 1)

    assert namespace == "mdmkit.apps_books" and TEMPLATES[name]["playbook"] == f"{playbook}.yml"
    asked = {question["variable"] for question in TEMPLATES[name]["survey_spec"]["spec"]}
    assert asked <= variables_of(playbook)


@pytest.mark.parametrize("name", TEMPLATES)
def test_the_data_are_options_of_awx(name: str) -> None:
    assert set(TEMPLATES[name]) <= set(OPTIONS["job_template"])
    check_survey(TEMPLATES[name]["survey_spec"])


def test_every_file_of_the_project_that_runs_a_playbook_has_a_template() -> None:
    assert {template["playbook"] for template in TEMPLATES.values()} == {path.name for path in PROJECT.glob("*.yml")}


def test_plan_and_apply_ask_the_same() -> None:
    """So that a plan shows what the job with the same answers does."""
    plan, apply = TEMPLATES["Apps and Books: plan"], TEMPLATES["Apps and Books: apply"]
    assert plan["survey_spec"] == apply["survey_spec"] and (plan["job_type"], apply["job_type"]) == ("check", "run")


@pytest.mark.parametrize("name", WORKFLOWS)
def test_workflows_are_taken(name: str) -> None:
    assert set(WORKFLOWS[name]) <= set(OPTIONS["workflow_job_template"])
    check_workflow(WORKFLOWS[name]["schema"])


def followers(nodes: List[Dict[str, Any]]) -> Set[Tuple[str, str, str]]:
    """Each node with those that come after it, and on which condition."""
    return {(node["identifier"], relation, other["identifier"]) for node in nodes for relation, others in node["related"].items() for other in others}


def test_apply_follows_drift_only_where_somebody_approves() -> None:
    nodes = WORKFLOWS["Apps and Books: drift, approval, apply"]["schema"]
    assert followers(nodes) == {("drift", "failure_nodes", "approval"), ("approval", "success_nodes", "apply")}
    assert nodes[0]["extra_data"] == {"drift_fail_on": "drift"}


def test_the_reports_of_slices_are_merged_even_where_one_failed() -> None:
    nodes = WORKFLOWS["Apps and Books: drift in slices"]["schema"]
    assert followers(nodes) == {("drift", "always_nodes", "merge")}
    assert nodes[0]["extra_data"] == {"drift_parcel": "true"}


@pytest.mark.parametrize("name", WORKFLOWS)
def test_nodes_set_only_what_the_survey_of_their_template_asks_for(name: str) -> None:
    """AWX refuses anything else."""
    for node in WORKFLOWS[name]["schema"]:
        asked = {question["variable"] for question in TEMPLATES.get(node["unified_job_template"]["name"], NO_SURVEY)["survey_spec"]["spec"]}
        assert set(node.get("extra_data", {})) <= asked


def test_the_rules_refuse_a_workflow() -> None:
    broken = copy.deepcopy(WORKFLOWS["Apps and Books: drift, approval, apply"]["schema"])
    broken[0]["related"]["failure_nodes"][0]["identifier"] = "aproval"
    with pytest.raises(Refused):
        check_workflow(broken)


@pytest.mark.parametrize("name", SCHEDULES)
def test_schedules_are_taken(name: str) -> None:
    assert set(SCHEDULES[name]) <= set(OPTIONS["schedule"])
    check_rrule(SCHEDULES[name]["rrule"])


BROKEN: Dict[str, Callable[[Dict[str, Any]], Any]] = {
    "no description": lambda survey: survey.pop("description"),
    "a variable twice": lambda survey: survey["spec"].append(survey["spec"][0]),
    "a default that is no choice": lambda survey: survey["spec"][-1].update(default=""),
    "a default that is no text": lambda survey: survey["spec"][0].update(default=5),
    "a default that is too long": lambda survey: survey["spec"][0].update(default="5" * 21),
    "an unknown type": lambda survey: survey["spec"][0].update(type="str"),
}


@pytest.mark.parametrize("fault", BROKEN)
def test_the_rules_refuse_a_survey(fault: str) -> None:
    broken = copy.deepcopy(TEMPLATES["Apps and Books: apply"]["survey_spec"])
    BROKEN[fault](broken)
    with pytest.raises(Refused):
        check_survey(broken)


@pytest.mark.parametrize(
    "rrule",
    [
        "RRULE:FREQ=DAILY;INTERVAL=1",
        "DTSTART:20260105T010000 RRULE:FREQ=DAILY;INTERVAL=1",
        "DTSTART:20260105T010000Z RRULE:FREQ=DAILY",
        "DTSTART:20260105T010000Z RRULE:FREQ=SECONDLY;INTERVAL=1",
        "DTSTART:20260105T010000Z RRULE:FREQ=DAILY;INTERVAL=1;COUNT=1000",
    ],
)
def test_the_rules_refuse_a_schedule(rrule: str) -> None:
    with pytest.raises(Refused):
        check_rrule(rrule)


def test_nothing_in_the_data_is_of_one_site() -> None:
    """Names of organizations, projects, inventories and credentials are filled in by whoever sets it up."""
    site = {"organization", "project", "inventory", "credentials", "execution_environment", "instance_groups"}
    assert not [name for data in (*TEMPLATES.values(), *WORKFLOWS.values(), *SCHEDULES.values()) for name in site & set(data)]
    assert "location_content_token" not in json.dumps(TEMPLATES)
