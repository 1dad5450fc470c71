# Copyright (c) 2026, the mdmkit.apps_books authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any, Dict, List, Optional, Sequence, Tuple

import pytest
from ansible_collections.mdmkit.apps_books.plugins.module_utils._model import InputError
from ansible_collections.mdmkit.apps_books.plugins.module_utils._wanted.users import MEMBERS, wanted_users
from ansible_collections.mdmkit.apps_books.tests.unit.support.draw import examples
from ansible_collections.mdmkit.apps_books.tests.unit.support.files import Style, addresses, id_lists, styles, write
from hypothesis import given
from hypothesis import strategies as st

FORMATS = (".json", ".jsonl", ".ndjson", ".csv", ".CSV", ".yml", ".yaml", ".JSON")


def told(users: Sequence[Any]) -> List[Tuple[Any, ...]]:
    return [user[:3] for user in users]


@st.composite
def user_lists(draw: Any) -> List[Dict[str, str]]:
    users = []
    for client_user_id in draw(id_lists()):
        user = {"client_user_id": client_user_id}
        for member in MEMBERS[1:]:
            value = draw(st.one_of(st.none(), addresses))
            if value is not None:
                user[member] = value
        users.append(user)
    return users


@examples(100)
@given(users=user_lists(), style=styles(*FORMATS))
def test_every_format_says_the_same_as_the_option(tmp_path_factory: pytest.TempPathFactory, users: List[Dict[str, str]], style: Style) -> None:
    path = write(tmp_path_factory.mktemp("files"), "users", users, style, MEMBERS)
    expected = [tuple(user.get(member) for member in MEMBERS) for user in users]

    assert told(wanted_users(users, None)) == expected
    assert told(wanted_users(None, [path])) == expected


@examples(60)
@given(ids=id_lists(), style=styles(".json", ".jsonl", ".csv", ".yml", ".txt", ""))
def test_ids_alone_are_users_too(tmp_path_factory: pytest.TempPathFactory, ids: List[str], style: Style) -> None:
    if style.ending in ("", ".txt"):
        ids = [client_user_id for client_user_id in ids if not client_user_id.startswith("#")]
    path = write(tmp_path_factory.mktemp("files"), "users", ids, style, ["client_user_id"])

    assert told(wanted_users(None, [path])) == [(client_user_id, None, None) for client_user_id in ids]


def test_the_option_and_several_files_are_one_list_in_their_order(tmp_path: Path) -> None:
    (tmp_path / "one.txt").write_text("u-3\nu-1\n")
    (tmp_path / "two.csv").write_text("client_user_id,email\nu-2,\nu-4,u4@example.test\n")

    wanted = wanted_users([{"client_user_id": "u-9"}, {"client_user_id": "u-3"}], [str(tmp_path / "one.txt"), str(tmp_path / "two.csv")])

    assert told(wanted) == [("u-9", None, None), ("u-3", None, None), ("u-1", None, None), ("u-2", None, None), ("u-4", "u4@example.test", None)]
    assert [str(user.place) for user in wanted] == ["users[0]", "users[1]", f"{tmp_path}/one.txt:2", f"{tmp_path}/two.csv:2", f"{tmp_path}/two.csv:3"]


@pytest.mark.parametrize("email", ["", None])
@pytest.mark.parametrize("account", ["", None])
def test_an_empty_text_is_not_given(email: Optional[str], account: Optional[str]) -> None:
    assert told(wanted_users([{"client_user_id": "u", "email": email, "managed_apple_id": account}], None)) == [("u", None, None)]


def test_numbers_are_the_text_that_they_look_like(tmp_path: Path) -> None:
    (tmp_path / "users.json").write_text('[17, {"client_user_id": 18}]')

    assert told(wanted_users([{"client_user_id": 16}], [str(tmp_path / "users.json")])) == [("16", None, None), ("17", None, None), ("18", None, None)]


UNQUOTED = [
    "0017",
    "010",
    "0o17",
    "0x1F",
    "1_000",
    "1e3",
    "1.50",
    ".5",
    "12:30:45",
    "2026-01-31",
    "NO",
    "no",
    "Off",
    "y",
    "YES",
    "true",
    "False",
    "+1",
    "-0",
    "=",
    "<<",
]


@pytest.mark.parametrize("text", UNQUOTED)
@pytest.mark.parametrize("entry", ["- {}\n", "- client_user_id: {}\n", "- {{client_user_id: {}}}\n", "[{}]\n"])
def test_an_unquoted_id_in_yaml_stays_what_was_written(tmp_path: Path, text: str, entry: str) -> None:
    """YAML would make numbers, booleans and dates of them."""
    (tmp_path / "users.yml").write_text(entry.format(text))

    assert told(wanted_users(None, [str(tmp_path / "users.yml")])) == [(text, None, None)]


@pytest.mark.parametrize("text", ["null", "~", "Null", "NULL"])
def test_nothing_in_yaml_is_no_id_unless_quoted(tmp_path: Path, text: str) -> None:
    path = tmp_path / "users.yml"
    path.write_text(f'- "{text}"\n- !!str {text}\n')
    assert told(wanted_users(None, [str(path)])) == [(text, None, None)]

    path.write_text(f"- fine\n- {text}\n")
    with pytest.raises(InputError) as caught:
        wanted_users(None, [str(path)])
    assert caught.value.faults == [f"{path}:2: a user is a mapping or a client_user_id"]


def test_an_anchor_in_yaml_stands_for_what_it_names(tmp_path: Path) -> None:
    (tmp_path / "users.yml").write_text("- &one {client_user_id: u-1, email: &mail u@example.test}\n- {client_user_id: u-2, email: *mail}\n- *one\n")

    assert told(wanted_users(None, [str(tmp_path / "users.yml")])) == [("u-1", "u@example.test", None), ("u-2", "u@example.test", None)]


def test_the_same_user_twice_is_one_user_at_its_first_place() -> None:
    users = [{"client_user_id": "u-1", "email": "u@example.test"}, {"client_user_id": "u-2"}, {"client_user_id": "u-1", "email": "u@example.test"}]

    wanted = wanted_users(users, None)

    assert [(user.client_user_id, str(user.place)) for user in wanted] == [("u-1", "users[0]"), ("u-2", "users[1]")]


@pytest.mark.parametrize("member", ["email", "managed_apple_id"])
def test_a_contradiction_names_both_places(tmp_path: Path, member: str) -> None:
    path = tmp_path / "users.jsonl"
    path.write_text(json.dumps({"client_user_id": "u-1", member: "two@example.test"}) + "\n")

    with pytest.raises(InputError) as caught:
        wanted_users([{"client_user_id": "u-0"}, {"client_user_id": "u-1", member: "one@example.test"}], [str(path)])
    assert caught.value.faults == [f"{path}:1: user u-1 is said otherwise at users[1]"]


def test_a_user_file_may_be_empty_where_its_format_can_say_so(tmp_path: Path) -> None:
    for name, text in (("a.txt", ""), ("b.jsonl", "\n"), ("c.json", "[]"), ("d.yml", "[]"), ("e.csv", "client_user_id\n"), ("f.txt", "# nobody\n\n")):
        (tmp_path / name).write_text(text)
        assert wanted_users(None, [str(tmp_path / name)]) == []
    assert wanted_users(None, None) == wanted_users([], []) == []


def test_columns_may_stand_in_any_order_and_be_left_out(tmp_path: Path) -> None:
    path = tmp_path / "users.csv"
    path.write_text("managed_apple_id , client_user_id\na@example.test, u-1\n, u-2\n\n,\n")

    assert told(wanted_users(None, [str(path)])) == [("u-1", None, "a@example.test"), ("u-2", None, None)]


def test_a_hundred_thousand_users_are_read_in_little_time(tmp_path: Path) -> None:
    """The whole play has five seconds for them."""
    path = tmp_path / "users.csv"
    path.write_text("client_user_id,email\n" + "".join(f"u-{number},{number}@example.test\n" for number in range(100000)))
    before = time.process_time()

    assert len(wanted_users(None, [str(path)])) == 100000
    assert time.process_time() - before < 4
