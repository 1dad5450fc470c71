# Copyright (c) 2026, the mdmkit.apps_books authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What AWX accepts, as far as it matters here: its rules for credential types, surveys, schedules, workflows and what refers to what.

They are those of AWX's own checks (its serializers and the fields of its models, version 24.6).
"""

from __future__ import annotations

import re
from typing import Any, Dict, List, Sequence, Tuple

from jinja2 import StrictUndefined
from jinja2.sandbox import ImmutableSandboxedEnvironment

NAME = re.compile(r"[a-zA-Z_][a-zA-Z0-9_]*\Z")
FIELD_KEYS = {"id", "label", "type", "format", "choices", "secret", "multiline", "help_text", "default"}
QUESTION_KEYS = {"question_name", "question_description", "variable", "type", "required", "default", "min", "max", "choices", "new_question"}
TYPES = {"text": str, "textarea": str, "password": str, "integer": int, "float": float, "multiplechoice": str, "multiselect": list}
NODE_KINDS = ("job_template", "workflow_approval")


class Refused(Exception):
    """AWX would not take it."""


def refuse_unless(condition: object, reason: str) -> None:
    if not condition:
        raise Refused(reason)


def check_credential_type(name: str, kind: str, inputs: Dict[str, Any], injectors: Dict[str, Any]) -> None:
    """:raises Refused: with the reason"""
    refuse_unless(kind in ("cloud", "net"), f"{name}: a type of one's own is of kind cloud or net")
    refuse_unless(set(inputs) <= {"fields", "required"}, f"{name}: unknown members of inputs")
    ids = [field.get("id") for field in inputs["fields"]]
    refuse_unless(len(set(ids)) == len(ids) and "tower" not in ids, f"{name}: ids of fields are unique, and not tower")
    for field in inputs["fields"]:
        refuse_unless({"id", "label"} <= set(field) <= FIELD_KEYS and NAME.match(field["id"]), f"{name}: {field}")
        refuse_unless(field["type"] in ("string", "boolean"), f"{name}: {field['id']} has no type")
        refuse_unless(field["type"] == "string" or not {"choices", "multiline", "format", "secret"} & set(field), f"{name}: {field['id']} is a switch")
    refuse_unless(set(inputs.get("required", [])) <= set(ids), f"{name}: a required field is not there")
    refuse_unless(set(injectors) <= {"file", "env", "extra_vars"}, f"{name}: unknown injectors")
    files = injectors.get("file", {})
    refuse_unless(all(re.match(r"template(\.[a-zA-Z_][a-zA-Z0-9_]*)?\Z", label) for label in files), f"{name}: labels of files")
    refuse_unless("template" not in files or len(files) == 1, f"{name}: one file without a name, or several with names")
    filename: Any = "EXAMPLE" if "template" in files else {label.split(".")[1]: "EXAMPLE" for label in files}
    known = {**dict.fromkeys(ids, "EXAMPLE"), "tower": {"filename": filename}}
    environment = ImmutableSandboxedEnvironment(undefined=StrictUndefined)
    for kind_of_injector in ("file", "env", "extra_vars"):
        for label, template in injectors.get(kind_of_injector, {}).items():
            refuse_unless(kind_of_injector == "file" or NAME.match(label), f"{name}: {label} is no name of a variable")
            refuse_unless(kind_of_injector != "env" or not label.startswith("ANSIBLE_"), f"{name}: {label} may not be set")
            refuse_unless(template.isascii(), f"{name}: {label} is not ASCII")
            try:
                environment.from_string(template).render(known)
            except Exception as error:
                raise Refused(f"{name}: {label}: {error}") from error


def check_answer(question: Dict[str, Any], value: Any) -> None:
    """:raises Refused: with the reason"""
    name = question["variable"]
    refuse_unless(isinstance(value, TYPES[question["type"]]) and not isinstance(value, bool), f"{name}: {value!r} is of the wrong type")
    if question["type"] in ("text", "textarea", "password"):
        refuse_unless(question["min"] <= len(value) <= question["max"], f"{name}: {value!r} is too short or too long")
    elif question["type"] in ("integer", "float"):
        refuse_unless(question["min"] <= value <= question["max"], f"{name}: {value} is too small or too large")
    else:
        refuse_unless(set([value] if isinstance(value, str) else value) <= set(question["choices"]), f"{name}: {value!r} is no choice")


def check_survey(survey: Dict[str, Any]) -> None:
    """:raises Refused: with the reason"""
    refuse_unless(set(survey) == {"name", "description", "spec"} and survey["spec"], "a survey has a name, a description and questions")
    names = [question.get("variable") for question in survey["spec"]]
    refuse_unless(len(set(names)) == len(names), "a variable is asked twice")
    for question in survey["spec"]:
        refuse_unless({"question_name", "variable", "type", "required"} <= set(question) <= QUESTION_KEYS, f"{question}")
        refuse_unless(question["type"] in TYPES and NAME.match(question["variable"]), f"{question['variable']}: type or name")
        check_answer(question, question["default"])


def answers_of_nobody(survey: Dict[str, Any]) -> Dict[str, Any]:
    """What a job gets where nobody filled anything in: the defaults."""
    return {question["variable"]: question["default"] for question in survey["spec"]}


def check_rrule(rrule: str) -> None:
    """:raises Refused: with the reason"""
    starts = re.findall(r"DTSTART(;TZID=[^:]+)?:[0-9]{8}T[0-9]{6}(Z?) ", rrule)
    rules = re.findall(r"RRULE:(\S+)", rrule)
    refuse_unless(len(starts) == 1 and any(starts[0]), "one DTSTART, in UTC or with a TZID")
    refuse_unless(len(rules) == 1 and "INTERVAL=" in rules[0] and "FREQ=SECONDLY" not in rules[0], "one RRULE, with INTERVAL, not every second")
    refuse_unless(not re.search(r"COUNT=[0-9]{4}|EXDATE|RDATE", rrule), "no more than 999 times, no single dates")


class Awx:
    """What there is, by kind and name."""

    def __init__(self, organization: str, playbooks: Sequence[str]) -> None:
        self.objects: Dict[str, Dict[str, Dict[str, Any]]] = {"organization": {organization: {}}}
        self.playbooks = playbooks

    def take(self, calls: Sequence[Tuple[str, Dict[str, Any]]]) -> None:
        """Carry out what modules of awx.awx were given.

        :raises Refused: with the reason
        """
        for kind, options in calls:
            getattr(self, f"_check_{kind}")(options)
            self.objects.setdefault(kind, {})[options["name"]] = options

    def _there(self, kind: str, name: str) -> Dict[str, Any]:
        refuse_unless(name in self.objects.get(kind, {}), f"there is no {kind} {name}")
        return self.objects[kind][name]

    def _check_credential_type(self, options: Dict[str, Any]) -> None:
        check_credential_type(options["name"], options["kind"], options["inputs"], options["injectors"])
        before = self.objects.get("credential_type", {}).get(options["name"])
        used = any(credential["credential_type"] == options["name"] for credential in self.objects.get("credential", {}).values())
        refuse_unless(not before or not used or before["inputs"] == options["inputs"], f"{options['name']} is in use, its inputs cannot be changed")

    def _check_credential(self, options: Dict[str, Any]) -> None:
        self._there("organization", options["organization"])
        fields = {field["id"]: field for field in self._there("credential_type", options["credential_type"])["inputs"]["fields"]}
        for name, value in options.get("inputs", {}).items():
            refuse_unless(name in fields, f"{options['name']}: {name} is no field")
            refuse_unless(isinstance(value, bool if fields[name]["type"] == "boolean" else str), f"{options['name']}: {name} is of the wrong type")

    def _check_project(self, options: Dict[str, Any]) -> None:
        self._there("organization", options["organization"])
        if "credential" in options:
            self._there("credential", options["credential"])

    def _check_inventory(self, options: Dict[str, Any]) -> None:
        self._there("organization", options["organization"])

    def _check_host(self, options: Dict[str, Any]) -> None:
        self._there("inventory", options["inventory"])

    def _check_group(self, options: Dict[str, Any]) -> None:
        self._there("inventory", options["inventory"])
        for name in options["hosts"]:
            self._there("host", name)

    def _check_job_template(self, options: Dict[str, Any]) -> None:
        self._there("organization", options["organization"])
        self._there("project", options["project"])
        self._there("inventory", options["inventory"])
        types = [self._there("credential", name)["credential_type"] for name in options["credentials"]]
        refuse_unless(len(set(types)) == len(types), "there are two credentials of one type")
        refuse_unless(options["playbook"] in self.playbooks, f"the project has no {options['playbook']}")
        if options["survey_enabled"]:
            check_survey(options["survey_spec"])

    def _check_workflow_job_template(self, options: Dict[str, Any]) -> None:
        self._there("organization", options["organization"])
        check_workflow(options["schema"])
        for node in options["schema"]:
            if node["unified_job_template"]["type"] == "job_template":
                template = self._there("job_template", node["unified_job_template"]["name"])
                refuse_unless(node["unified_job_template"]["organization"]["name"] == options["organization"], "a node is of another organization")
                questions = {question["variable"]: question for question in template["survey_spec"]["spec"]}
                for name, value in node.get("extra_data", {}).items():
                    refuse_unless(name in questions, f"{template['name']} does not ask for {name}")
                    check_answer(questions[name], value)

    def _check_schedule(self, options: Dict[str, Any]) -> None:
        name = options["unified_job_template"]
        refuse_unless(name in {**self.objects.get("job_template", {}), **self.objects.get("workflow_job_template", {})}, f"there is no template {name}")
        check_rrule(options["rrule"])


def check_workflow(nodes: List[Dict[str, Any]]) -> None:
    """:raises Refused: with the reason"""
    identifiers = [node["identifier"] for node in nodes]
    refuse_unless(len(set(identifiers)) == len(identifiers), "an identifier comes twice")
    for node in nodes:
        refuse_unless(node["unified_job_template"]["type"] in NODE_KINDS, f"{node['identifier']}: unknown kind")
        for relation, others in node["related"].items():
            refuse_unless(relation in ("success_nodes", "failure_nodes", "always_nodes", "credentials"), f"{node['identifier']}: {relation}")
            refuse_unless(all(other["identifier"] in identifiers for other in others), f"{node['identifier']}: {relation} names a node that is not there")
