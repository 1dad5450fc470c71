# Copyright (c) 2026, the mdmkit.apps_books authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Checks answers and notifications against the contract (contract.yaml), more strictly than the contract says.

The schemas of the contract leave every object open, as real clients must. Here every object with declared members is closed, so that a
member nobody documented or observed is found.
"""

from __future__ import annotations

from collections.abc import Mapping
from importlib import resources
from typing import Any

import orjson
import yaml

from vpp_simulator.errors import TABLE

try:
    import jsonschema_rs
except ImportError:
    AVAILABLE = False
else:
    AVAILABLE = True

Schema = dict[str, Any]

# Error statuses of the prose (apple-api section 10) that endpoint pages do not list.
_ERROR_STATUSES = frozenset({400, 401, 403, 405, 410, 415, 429, 500, 503})
_INT32 = {"minimum": -(2**31), "maximum": 2**31 - 1}


class Contract:
    """The contract, and the violations found so far."""

    def __init__(self) -> None:
        text = resources.files("vpp_simulator").joinpath("contract.yaml").read_text(encoding="utf-8")
        self._document = yaml.load(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
        self._validators: dict[tuple[str, str, int], Any] = {}
        self._error = self._validator({"$ref": "#/components/schemas/ErrorResponse"})
        self._notification = self._validator({"$ref": "#/components/schemas/Notification"})
        self.violations: list[dict[str, Any]] = []

    def check_answer(self, method: str, path: str, status: int, body: bytes) -> None:
        """One answer of the API. A status below 400 may carry an ErrorResponse too (behaviour ``errors_as_200``)."""
        content = orjson.loads(body)
        if isinstance(content, Mapping) and "errorNumber" in content:
            self._check(f"{method} {path}", status, self._error, content)
            if content["errorNumber"] not in TABLE or status not in _ERROR_STATUSES | {200}:
                self._note(f"{method} {path}", status, f"undocumented error {content['errorNumber']} with status {status}")
            return
        schema = self._answer_schema(method, path, status)
        if schema is None:
            self._note(f"{method} {path}", status, "the contract has no such answer")
            return
        key = (method, path, status)
        if key not in self._validators:
            self._validators[key] = self._validator(schema)
        self._check(f"{method} {path}", status, self._validators[key], content)

    def check_notification(self, payload: Any) -> None:
        """One notification as it is sent."""
        self._check("notification", None, self._notification, payload)

    def note_failure(self, request: str, problem: str) -> None:
        """A fault of the simulator itself."""
        self._note(request, 500, problem)

    def _check(self, subject: str, status: int | None, validator: Any, content: Any) -> None:
        for error in validator.iter_errors(content):
            self._note(subject, status, f"{'.'.join(map(str, error.instance_path))}: {error.message}")

    def _note(self, subject: str, status: int | None, problem: str) -> None:
        self.violations.append({"subject": subject, "status": status, "problem": problem})

    def _answer_schema(self, method: str, path: str, status: int) -> Schema | None:
        try:
            answer = self._document["paths"][path][method.lower()]["responses"][str(status)]
            return self._resolved(answer)["content"]["application/json"]["schema"]
        except KeyError:
            return None

    def _validator(self, schema: Schema) -> Any:
        return jsonschema_rs.Draft202012Validator(self._closed(schema), validate_formats=True)

    def _resolved(self, value: Any) -> Any:
        while isinstance(value, Mapping) and "$ref" in value:
            target: Any = self._document
            for step in value["$ref"].removeprefix("#/").split("/"):
                target = target[step]
            value = target
        return value

    def _closed(self, schema: Schema) -> Schema:
        """The schema without references and allOf, and closed where it declares members."""
        flat = self._flat(schema)
        result: Schema = {}
        for name, value in flat.items():
            if name == "properties":
                result[name] = {member: self._closed(inner) for member, inner in value.items()}
                if "additionalProperties" not in flat:
                    result["additionalProperties"] = False
            elif name in ("items", "additionalProperties"):
                result[name] = self._closed(value)
            elif name in ("oneOf", "anyOf"):
                result[name] = [self._closed(inner) for inner in value]
            elif name == "format" and value == "int32":
                result.update(_INT32 if "minimum" not in flat else {"maximum": _INT32["maximum"]})
            elif name not in ("description", "default"):
                result[name] = value
        return result

    def _flat(self, schema: Any) -> Schema:
        """References followed and the parts of allOf merged, at this level."""
        schema = self._resolved(schema)
        merged = {name: value for name, value in schema.items() if name != "allOf"}
        for part in schema.get("allOf", ()):
            merged = self._merged(merged, self._flat(part))
        return merged

    def _merged(self, one: Schema, other: Schema) -> Schema:
        result = {**one, **other}
        if "properties" in one and "properties" in other:
            members = {**one["properties"]}
            for name, schema in other["properties"].items():
                members[name] = {"allOf": [members[name], schema]} if name in members else schema
            result["properties"] = members
        if "required" in one and "required" in other:
            result["required"] = sorted({*one["required"], *other["required"]})
        return result
