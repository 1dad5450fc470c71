# Copyright (c) 2026, the mdmkit.apps_books authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The schemas in docs/schemas say what the reader says."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any, Dict, List

import jsonschema_rs
import pytest
import yaml
from ansible_collections.mdmkit.apps_books.plugins.module_utils._model import MdmInfo
from ansible_collections.mdmkit.apps_books.plugins.module_utils._wanted import assignments, catalog, client_config, groups, users
from ansible_collections.mdmkit.apps_books.plugins.module_utils._wanted.location import look_into_location
from ansible_collections.mdmkit.apps_books.plugins.module_utils._wanted.settings import SECRETS, SETTINGS, VARIABLE_PREFIX
from ansible_collections.mdmkit.apps_books.tests.unit.support.draw import examples
from ansible_collections.mdmkit.apps_books.tests.unit.support.files import addresses, id_lists, ids
from hypothesis import assume, event, given
from hypothesis import strategies as st

ROOT = Path(__file__).resolve().parents[2]
SCHEMAS = {path.name.partition(".")[0]: json.loads(path.read_text(encoding="utf-8")) for path in (ROOT / "docs" / "schemas").glob("*.schema.json")}
TREE = ("location", "client_config", "users", "groups", "revocations", "assignments", "catalog")
VALIDATORS = {name: jsonschema_rs.validator_for(SCHEMAS[name]) for name in TREE}
EXAMPLE = ROOT / "examples" / "gitops" / "locations"


def members(name: str, *steps: str) -> List[str]:
    """The members that a schema knows, of the mapping to which the steps lead."""
    schema: Any = SCHEMAS[name]
    for step in steps:
        schema = schema[step]
    return list(schema["properties"])


@pytest.mark.parametrize("name", TREE)
def test_a_schema_is_one_and_says_what_each_member_is_for(name: str) -> None:
    jsonschema_rs.meta.validate(SCHEMAS[name])
    assert SCHEMAS[name]["$id"].endswith(f"docs/schemas/{name}.schema.json") and SCHEMAS[name]["description"]

    def check(schema: Any) -> None:
        if isinstance(schema, dict):
            for member, about in schema.get("properties", {}).items() if schema.get("additionalProperties") is False else ():
                assert "description" in about or "$ref" in about or "enum" in about, member
            for part in schema.values():
                check(part)
        elif isinstance(schema, list):
            for part in schema:
                check(part)

    check(SCHEMAS[name])


def test_settings_are_the_same_in_the_schema_the_role_its_variables_and_the_reader() -> None:
    specs = yaml.safe_load((ROOT / "roles" / "location" / "meta" / "argument_specs.yml").read_text(encoding="utf-8"))["argument_specs"]
    variables = yaml.safe_load((ROOT / "roles" / "location" / "vars" / "main.yml").read_text(encoding="utf-8"))
    assert members("location") == list(SETTINGS) == variables["__location_settings_known"]
    of_role = specs["main"]["options"]
    assert {VARIABLE_PREFIX + name for name in (*SETTINGS, *SECRETS)} <= set(of_role)
    for name, setting in SETTINGS.items():
        schema, option = SCHEMAS["location"]["properties"][name], of_role[VARIABLE_PREFIX + name]
        assert option["type"] in {str: ("str", "path"), bool: ("bool",), float: ("float",), int: ("int",)}[setting.kind]
        assert option.get("choices") == schema.get("enum") and option.get("default") == schema.get("default")
    assert set(specs["validate"]["options"]) <= set(of_role)
    without = {"content_token", "content_token_file", "notification_auth_token", "notification_auth_token_file"}
    assert {VARIABLE_PREFIX + name for name in SETTINGS if name not in without} <= set(specs["validate"]["options"])


def test_members_are_the_same_in_the_schemas_and_the_reader() -> None:
    entry = ("items",)
    assert members("client_config") == list(client_config.MEMBERS)
    assert members("client_config", "properties", "mdm_info") == list(MdmInfo._fields)
    types = SCHEMAS["client_config"]["properties"]["notification_types"]["items"]["enum"]
    assert types == list(client_config.NOTIFICATION_TYPES)
    assert set(members("users", "items", "anyOf", 1)) == set(users.MEMBERS) | {"status", "id_hash"}
    assert members("groups", "additionalProperties") == list(groups.MEMBERS)
    assert set(members("assignments", *entry)) == set(assignments.MEMBERS)
    assert members("catalog", "additionalProperties", "anyOf", 1) == list(catalog.MEMBERS)


def kind_of(path: Path) -> str:
    return path.parent.name[:-2] if path.parent.name.endswith(".d") else path.stem


@pytest.mark.parametrize("path", sorted(path for ending in ("yml", "json") for path in EXAMPLE.rglob(f"*.{ending}")), ids=lambda path: path.stem)
def test_the_examples_are_valid(path: Path) -> None:
    VALIDATORS[kind_of(path)].validate(yaml.safe_load(path.read_text(encoding="utf-8")))


def optional(**strategies: st.SearchStrategy[Any]) -> st.SearchStrategy[Dict[str, Any]]:
    return st.fixed_dictionaries({}, optional=strategies)


def saying_who(**more: st.SearchStrategy[Any]) -> st.SearchStrategy[Dict[str, Any]]:
    files = {"users_file": st.just("lists/ids.txt"), "devices_file": st.sampled_from(["lists/ids.txt", "", None])}
    drawn = optional(users=id_lists(2), devices=id_lists(2), **files, **more)
    return drawn.filter(lambda entry: any(entry.get(name) not in (None, "") for name in groups.MEMBERS[:6]))


titles = st.text(st.characters(exclude_categories=("C", "Z")), min_size=1, max_size=30).filter(lambda text: not re.search(r"{[{%#]", text))
# In the catalog, what has no quotes is the text that is written.
catalog_titles = st.one_of(titles, st.sampled_from([2026, 1.5, True]))
adam_ids = st.one_of(st.integers(0, 10**10), st.integers(0, 10**10).map(str))
assets = st.one_of(
    adam_ids, st.sampled_from(["film", "river"]), st.fixed_dictionaries({"adam_id": adam_ids}, optional={"pricing_param": st.sampled_from(["PLUS", None])})
)
ceilings = st.sampled_from([0, 50, "50", "12.5%", "100%"])
seconds = st.one_of(st.integers(0, 9999), st.sampled_from([0.5, "60", "1.5"]))
FILES: Dict[str, st.SearchStrategy[Any]] = {
    "location": optional(
        uid=st.sampled_from(["7", 2049025000431439]), expected_location=titles, mdm_id=titles, content_token_env=st.just("A_B"), content_token_file=titles,
        users_purge=st.booleans(), users_max_removals=ceilings, managed_apple_id_policy=st.sampled_from(["on_create", "always"]),
        assignments_purge=st.sampled_from(["none", "location"]), assignments_max_removals=ceilings, on_shortage=st.just("partial"), wait_timeout=seconds,
        low_stock=ceilings, expiry_days=st.sampled_from([0, 30, "60"]),
    ),
    "client_config": optional(
        mdm_info=st.fixed_dictionaries({"id": titles, "name": titles, "metadata": titles}),
        notification_url=st.sampled_from(["", "https://hooks.example.test/a"]),
        notification_types=st.lists(st.sampled_from(client_config.NOTIFICATION_TYPES), max_size=3),
    ),
    "users": st.lists(
        st.one_of(
            ids,
            st.integers(0, 9**9),
            st.fixed_dictionaries(
                {"client_user_id": ids}, optional={"email": st.one_of(addresses, st.sampled_from(["", None])), "status": st.just("Registered")}
            ),
        ),
        max_size=3,
        unique_by=lambda user: str(user["client_user_id"] if isinstance(user, dict) else user),
    ),
    "groups": st.fixed_dictionaries(
        {"cart": saying_who(inventory_group=st.just("ipads"))}, optional={"class 3": saying_who(groups=st.sampled_from([["cart"], [], None]))}
    ),
    "revocations": optional(users=st.lists(ids, max_size=2), devices=st.lists(ids, max_size=2), devices_file=st.just("lists/ids.txt")),
    "assignments": st.lists(
        st.builds(
            lambda entry, own: {**entry, "assets": own},
            saying_who(groups=st.sampled_from([["cart"], []]), title=st.one_of(titles, st.sampled_from(["", None]))),
            st.lists(assets, max_size=3),
        ),
        max_size=3,
    ),
    "catalog": st.fixed_dictionaries(
        {
            "film": st.integers(10**11, 10**12),
            "river": st.fixed_dictionaries({"adam_id": st.integers(10**13, 10**14)}, optional={"irrevocable": st.booleans(), "title": catalog_titles}),
        }
    ),
}


def faults_of(folder: Path, tree: Dict[str, Any]) -> List[str]:
    """What the reader says. Ids of revocations are in a place of their own, so that nothing contradicts them."""
    location = folder / "springfield"
    (location / "lists").mkdir(parents=True)
    (location / "lists" / "ids.txt").write_text("in a file\n", encoding="utf-8")
    for name, content in tree.items():
        where = folder if name == "catalog" else location
        ending = "yml" if name in ("location", "client_config", "revocations", "catalog") else "json"
        text = yaml.safe_dump(content) if ending == "yml" else json.dumps(content)
        (where / f"{name}.{ending}").write_text(text, encoding="utf-8")
    of_several_files = ("nothing to apply", "to be given something, but", "another one than mdm_id")
    return [fault for fault in look_into_location(str(location))[1] if not any(text in fault for text in of_several_files)]


@examples(50)
@given(tree=st.fixed_dictionaries(FILES))
def test_what_the_reader_accepts_is_valid(tmp_path_factory: pytest.TempPathFactory, tree: Dict[str, Any]) -> None:
    assert faults_of(tmp_path_factory.mktemp("tree"), tree) == []
    for name, content in tree.items():
        VALIDATORS[name].validate(content)


WRONG = st.sampled_from([None, True, 5.5, [], {}, ["x", 5.5], {"x": 1}, -1, "%", " x", "x\u200b", "", "a\tb", "x" * 1001])


def spoilt(draw: st.DataObject, value: Any) -> Any:
    """The same with one change somewhere: another kind of value, a member that nobody knows, or a member less."""
    if isinstance(value, dict) and value and draw.draw(st.booleans()):
        name = draw.draw(st.sampled_from(sorted(value)))
        how = draw.draw(st.sampled_from(["within", "within", "unknown", "missing"]))
        rest = {key: member for key, member in value.items() if key != name}
        return {**value, "unknwon": value[name]} if how == "unknown" else rest if how == "missing" else {**value, name: spoilt(draw, value[name])}
    if isinstance(value, list) and value and draw.draw(st.booleans()):
        index = draw.draw(st.integers(0, len(value) - 1))
        return [*value[:index], spoilt(draw, value[index]), *value[index + 1:]]
    return draw.draw(WRONG)


@pytest.mark.parametrize("name", TREE)
def test_of_whatever_is_changed_the_reader_refuses_what_the_schema_does(tmp_path_factory: pytest.TempPathFactory, name: str) -> None:
    @examples(60)
    @given(tree=st.fixed_dictionaries(FILES), draw=st.data())
    def check(tree: Dict[str, Any], draw: st.DataObject) -> None:
        tree[name] = spoilt(draw, tree[name])
        # Only in YAML, an empty file of groups is one.
        assume(name != "groups" or tree[name] is not None)
        faults = faults_of(tmp_path_factory.mktemp("tree"), tree)
        # What is a matter of more than one entry, or of more than one file.
        across = (
            "No such file or directory", "File name too long", "there is no group", "nor a name in", "is said otherwise", "are both asset",
            "would belong to itself",
        )
        of_file = [fault for fault in faults if not any(text in fault for text in across)]
        valid = VALIDATORS[name].is_valid(tree[name])
        event("valid" if valid else "refused")
        assert not of_file if valid else faults, (tree[name], faults)

    check()
