# Copyright (c) 2026, the mdmkit.apps_books authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Malformed input: each fault at its exact place, and all faults of all sources in one message."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any, Callable, Dict, List, NamedTuple, Optional, Tuple, Union

import pytest
from ansible_collections.mdmkit.apps_books.plugins.module_utils._model import InputError
from ansible_collections.mdmkit.apps_books.plugins.module_utils._wanted.assignments import wanted_assignments
from ansible_collections.mdmkit.apps_books.plugins.module_utils._wanted.targets import wanted_targets
from ansible_collections.mdmkit.apps_books.plugins.module_utils._wanted.users import wanted_users

Fault = Tuple[str, str]
"""The place, in which FILE stands for the file's path, and a part of what is said about it."""


class Case(NamedTuple):
    """Either entries of the option, or a file's ending and content."""

    name: str
    source: Union[List[Any], Tuple[str, Union[str, bytes]]]
    faults: List[Fault]


def inline(name: str, entries: List[Any], *faults: Fault) -> Case:
    return Case(name, entries, list(faults))


def file(name: str, ending: str, content: Union[str, bytes], *faults: Fault) -> Case:
    return Case(name, (ending, content), list(faults))


ENTRY = "a user is a mapping or a client_user_id"
SPACE = "has white space around it or a control character in it"

# Nine lines that stand for two thousand million values.
LAUGHS = "- &a [x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"- &{after} [{', '.join(['*' + before] * 9)}]\n" for before, after in zip("abcdefgh", "bcdefghi")
)

USERS = [
    inline("float", [5.5], ("users[0]", ENTRY)),
    inline("boolean", [True], ("users[0]", ENTRY)),
    inline("nothing", [None], ("users[0]", ENTRY)),
    inline("list", [["u"]], ("users[0]", ENTRY)),
    inline("empty mapping", [{}], ("users[0]", "client_user_id is missing")),
    inline("null id", [{"client_user_id": None}], ("users[0]", "client_user_id is missing")),
    inline("empty id", [{"client_user_id": ""}], ("users[0]", "client_user_id is empty")),
    inline("empty text", [""], ("users[0]", "client_user_id is empty")),
    inline("leading space", [" u-1"], ("users[0]", f"client_user_id ' u-1' {SPACE}")),
    inline("trailing space", ["u-2 "], ("users[0]", f"client_user_id 'u-2 ' {SPACE}")),
    inline("trailing no-break space", ["u-2\u00a0"], ("users[0]", SPACE)),
    inline("trailing line break", ["u-3\n"], ("users[0]", SPACE)),
    inline("tab within", ["u\t4"], ("users[0]", SPACE)),
    inline("nul within", ["u\x005"], ("users[0]", SPACE)),
    inline("only spaces", ["   "], ("users[0]", SPACE)),
    inline("boolean id", [{"client_user_id": False}], ("users[0]", "client_user_id must be text")),
    inline("float id", [{"client_user_id": 1.5}], ("users[0]", "client_user_id must be text")),
    inline("list id", [{"client_user_id": ["u"]}], ("users[0]", "client_user_id must be text")),
    inline("unknown member", [{"client_user_id": "u-6", "mail": "x"}], ("users[0]", "unknown key mail (known: client_user_id, email, managed_apple_id)")),
    inline("unknown members", [{"client_user_id": "u-6b", "z": 1, "a": 2}], ("users[0]", "unknown keys a, z (known: ")),
    inline("member that is no text", [{"client_user_id": "u-6c", 5: "x"}], ("users[0]", "unknown key 5 (known: ")),
    inline("email without at", [{"client_user_id": "u-7", "email": "nobody"}], ("users[0]", "email 'nobody' is not an address")),
    inline("email with two", [{"client_user_id": "u-8", "email": "a@b@c"}], ("users[0]", "email 'a@b@c' is not an address")),
    inline("email with space", [{"client_user_id": "u-9", "email": "a b@example.test"}], ("users[0]", "is not an address")),
    inline("email without name", [{"client_user_id": "u-10", "email": "@example.test"}], ("users[0]", "is not an address")),
    inline("email without host", [{"client_user_id": "u-11", "email": "a@"}], ("users[0]", "is not an address")),
    inline("email number", [{"client_user_id": "u-12", "email": 5}], ("users[0]", "email 5 is not an address")),
    inline("email list", [{"client_user_id": "u-13", "email": ["a@example.test"]}], ("users[0]", "is not an address")),
    inline("bad account", [{"client_user_id": "u-14", "managed_apple_id": "x"}], ("users[0]", "managed_apple_id 'x' is not an address")),
    inline(
        "everything wrong",
        [{"client_user_id": "", "email": "x", "managed_apple_id": "y", "z": 1}],
        ("users[0]", "unknown key z"),
        ("users[0]", "client_user_id is empty"),
        ("users[0]", "email 'x'"),
        ("users[0]", "managed_apple_id 'y'"),
    ),
    inline("third of three", ["u-15", {"client_user_id": "u-16"}, {}], ("users[2]", "client_user_id is missing")),
    inline(
        "said otherwise",
        [{"client_user_id": "u-17", "email": "a@example.test"}, {"client_user_id": "u-17", "email": "b@example.test"}],
        ("users[1]", "user u-17 is said otherwise at users[0]"),
    ),
    file("csv email", ".csv", "client_user_id,email\nc-1,bad\n", ("FILE:2", "email 'bad' is not an address")),
    file("csv too many fields", ".csv", "client_user_id,email\nc-2,\nc-3,c3@example.test,x\n", ("FILE:3", "3 fields, but the first line names 2")),
    file("csv too few fields", ".csv", "client_user_id,email\n\nc-4\n", ("FILE:3", "1 field, but the first line names 2")),
    file(
        "csv unknown column",
        ".csv",
        "client_user_id,mail\nc-5,x\n",
        ("FILE:1", "the first line has to name columns of client_user_id, email, managed_apple_id; it has"),
    ),
    file("csv no known column", ".csv", "c-6\nc-7\n", ("FILE:1", "it has c-6")),
    file("csv double column", ".csv", "client_user_id,email,email\nc-8,,\n", ("FILE:1", "the column email comes twice")),
    file("csv empty", ".csv", "", ("FILE", "the file is empty; the first line of CSV names the columns")),
    file("csv only a mark", ".csv", b"\xef\xbb\xbf", ("FILE", "the file is empty")),
    file("csv open quote", ".csv", 'client_user_id,email\nc-9,"x\n', ("FILE:2", "not CSV: the quotation mark that is opened here is never closed")),
    file("csv text after quote", ".csv", 'client_user_id,email\nc-10,\n"c"11,\n', ("FILE:3", "not CSV: ")),
    file("csv huge field", ".csv", "client_user_id\n" + "x" * 200000 + "\n", ("FILE:2", "not CSV: field larger than field limit")),
    file("csv id missing", ".csv", "client_user_id,email\n,c@example.test\n", ("FILE:2", "client_user_id is missing")),
    file("csv control character", ".csv", "client_user_id\r\nc-12\r\nc\x0113\r\n", ("FILE:3", SPACE)),
    file("csv semicolon", ".csv", "client_user_id;email\nc-14;x\n", ("FILE:2", "email 'x' is not an address")),
    file("csv old line ends", ".csv", "client_user_id,email\rc-15,x\r", ("FILE:2", "email 'x' is not an address")),
    file("csv blank first line", ".csv", "\nclient_user_id\nc-16\n", ("FILE:1", "the first line is blank; it has to name columns of client_user_id")),
    file("csv quote opened early", ".csv", 'client_user_id,email\nc-17,\nc-18,"x\nc-19,\nc-20,\n', ("FILE:3", "not CSV: the quotation mark")),
    file("csv two lines of wrong length", ".csv", "client_user_id,email\nc-21\nc-22,\nc-23,,\n", ("FILE:2", "1 field, "), ("FILE:4", "3 fields, ")),
    file("csv account false", ".json", '[\n{"client_user_id": "c-24", "email": false}]', ("FILE:2", "email False is not an address")),
    file("json broken", ".json", "{", ("FILE:1", "not JSON, column 2: ")),
    file("json broken later", ".json", '[\n  "j-1",\n  "j-2" "j-3"\n]', ("FILE:3", "not JSON, column 9: Expecting ',' delimiter")),
    file("json trailing comma", ".json", '["j-4",]', ("FILE:1", "not JSON, column ")),
    file("json mapping", ".json", '{"client_user_id": "j-5"}', ("FILE", "a list is expected, not a mapping")),
    file("json text", ".json", '"j-6"', ("FILE", "a list is expected, not text")),
    file("json number", ".json", "5", ("FILE", "a list is expected, not a number")),
    file("json boolean", ".json", "true", ("FILE", "a list is expected, not a boolean")),
    file("json null", ".json", "null", ("FILE", "a list is expected, not nothing")),
    file("json empty", ".json", "", ("FILE", "the file is empty; an empty list is written []")),
    file("json blank", ".json", " \r\n\n", ("FILE", "the file is empty; an empty list is written []")),
    file("json entry", ".json", '[\n  {"client_user_id": "j-7"},\n\n  {\n    "client_user_id": ""\n  }\n]', ("FILE:5", "client_user_id is empty")),
    file("json two in a line", ".json", '["j-8",\n"j-9", {"client_user_id": "j-10"}, {}]', ("FILE:2", "client_user_id is missing")),
    file("json brackets in text", ".json", '["[,", "],\\"",\n5.5]', ("FILE:2", ENTRY)),
    file("json half a character", ".json", '["\\ud800"]', ("FILE:1", "half a character")),
    file("json half a character in a mapping", ".json", '["\\ud83c\\udf4e",\n{"\\udc00": 1}]', ("FILE:2", "half a character")),
    file("json not a number", ".json", '[\n"NaN",\nNaN]', ("FILE:3", "not JSON: 'NaN' is no number")),
    file("json endless", ".json", "[-Infinity]", ("FILE:1", "not JSON: '-Infinity' is no number")),
    file("json too many digits", ".json", "[1,\n" + "9" * 5000 + "]", ("FILE:2", "is no number that can be read")),
    file("json member twice", ".json", '["{:",\n{"client_user_id": "a",\n"client_user_id": "b"}]', ("FILE:3", "client_user_id comes twice in one mapping")),
    file("json member twice deep", ".json", '[{"x": [{}, {"a\\"": {}, "b": {"a": 1}, "\\u0061\\"": 2}]}]', ("FILE:1", "a\" comes twice in one mapping")),
    file(
        "json line member twice",
        ".jsonl",
        '"l-0"\n{"email": "a@b.test", "email": "b@b.test"}\n{\n',
        ("FILE:2", "email comes twice in one mapping"),
        ("FILE:3", "not JSON, column 2"),
    ),
    file("json too deep", ".json", "[" * 100000, ("FILE", "nested too deeply, or within itself")),
    file("json line broken", ".jsonl", '"l-1"\n{"client_user_id": }\n', ("FILE:2", "not JSON, column 20: ")),
    file("json line after blank", ".jsonl", '\n"l-2"\n\n{}\n', ("FILE:4", "client_user_id is missing")),
    file("json line float", ".ndjson", "1.5\n", ("FILE:1", ENTRY)),
    file("json line too deep", ".jsonl", '"l-3"\n' + "[" * 100000, ("FILE", "nested too deeply, or within itself")),
    file("yaml mapping", ".yml", "users: []\n", ("FILE", "a list is expected")),
    file("yaml text", ".yml", "y-1\n", ("FILE", "a list is expected")),
    file("yaml empty", ".yml", "", ("FILE", "the file is empty; an empty list is written []")),
    file("yaml comment", ".yaml", "---\n# nobody\n", ("FILE", "")),
    file("yaml open bracket", ".yml", "- y-1b\n- {client_user_id: y-2]\n- y-3\n", ("FILE:2", "not YAML: ")),
    file("yaml tab", ".yml", "- y-5\n-\n\tclient_user_id: y-6\n", ("FILE:3", "not YAML: found character that cannot start any token")),
    file("yaml member", ".yml", "---\n- y-7\n- {client_user_id: y-8, email: x}\n", ("FILE:3", "email 'x' is not an address")),
    file("yaml two faults", ".yml", "- y-9\n-\n  x: 1\n", ("FILE:3", "unknown key x"), ("FILE:3", "client_user_id is missing")),
    file("yaml list in list", ".yml", "- [y-10]\n", ("FILE:1", ENTRY)),
    file("yaml unknown alias", ".yml", "- y-11\n- *nobody\n", ("FILE:2", "not YAML: found undefined alias")),
    file("yaml two documents", ".yml", "- y-12\n---\n- y-13\n", ("FILE:2", "not YAML: a second document begins here")),
    file("yaml control character", ".yml", "- y-14\n- y\x0114\n", ("FILE:2", "not YAML: '\\x01' is not allowed")),
    file("yaml member twice", ".yml", "- client_user_id: y-14b\n  client_user_id: y-14c\n", ("FILE:2", "client_user_id comes twice in one mapping")),
    file("yaml vault", ".yml", "- y-14d\n- !vault |\n  $ANSIBLE_VAULT\n", ("FILE:2", "the tag '!vault' is not supported; a file is plain data")),
    file("yaml object", ".yml", "- {x: !!python/name:os.system a}\n", ("FILE:1", "the tag 'tag:yaml.org,2002:python/name:os.system' is not supported")),
    file("yaml laughs", ".yml", LAUGHS, ("FILE", "its aliases stand for more than 2000000 values")),
    file("yaml of itself", ".yml", "- y-15\n- &a [*a]\n", ("FILE", "nested too deeply, or within itself")),
    file("yaml too deep", ".yml", "- y-16\n- " + "[" * 900 + "]" * 900 + "\n", ("FILE", "nested too deeply, or within itself")),
    file("text control character", ".txt", "t-1\nt\x012\n", ("FILE:2", SPACE)),
    file("text tab", ".txt", "# ours\r\n\r\nt-3\r\nt\t4\r\n", ("FILE:4", f"client_user_id 't\\t4' {SPACE}")),
    file("wrong ending", ".xml", "<users/>", ("FILE", "the ending '.xml' is not one of .json, .jsonl ")),
    file("wrong ending without name", ".tar.gz", b"\x1f\x8b", ("FILE", "the ending '.gz' is not one of ")),
    file("latin-1", ".csv", b"client_user_id\nM\xfcller\n", ("FILE:2", "not UTF-8 text (byte 16 of the file)")),
    file("utf-16", ".txt", "t-5\n".encode("utf-16"), ("FILE", "not UTF-8 text but UTF-16")),
    file("latin-1 far inside", ".txt", b"x" * 100000 + b"\xff", ("FILE:1", "not UTF-8 text (byte 100000 of the file)")),
]

ASSIGNMENT = "an entry is a mapping of assets, users, users_file, devices, devices_file, groups, title"
NOBODY = "none of users, users_file, devices, devices_file, groups is given"
DIGITS = "is not a number such as 1000000001"

ASSIGNMENTS = [
    inline("text", ["1000000001"], ("assignments[0]", ASSIGNMENT)),
    inline("nothing", [None], ("assignments[0]", ASSIGNMENT)),
    inline("empty", [{}], ("assignments[0]", NOBODY), ("assignments[0].assets", "a list of adam_id is expected")),
    inline("all null", [{"assets": ["1"], "users": None, "devices_file": None}], ("assignments[0]", NOBODY)),
    inline("file without a name", [{"assets": ["1"], "users_file": "", "devices_file": ""}], ("assignments[0]", NOBODY)),
    inline("assets text", [{"assets": "1", "users": []}], ("assignments[0].assets", "a list of adam_id is expected")),
    inline("assets mapping", [{"assets": {"adam_id": "1"}, "users": []}], ("assignments[0].assets", "a list of adam_id is expected")),
    inline("asset letters", [{"assets": ["1", "abc"], "users": []}], ("assignments[0].assets[1]", f"adam_id 'abc' {DIGITS}")),
    inline("asset empty", [{"assets": [""], "users": []}], ("assignments[0].assets[0]", f"adam_id '' {DIGITS}")),
    inline("asset boolean", [{"assets": [True], "users": []}], ("assignments[0].assets[0]", f"adam_id True {DIGITS}")),
    inline("asset float", [{"assets": [1.0], "users": []}], ("assignments[0].assets[0]", f"adam_id 1.0 {DIGITS}")),
    inline("asset negative", [{"assets": [-1], "users": []}], ("assignments[0].assets[0]", f"adam_id -1 {DIGITS}")),
    inline("asset too long", [{"assets": ["1" * 21], "users": []}], ("assignments[0].assets[0]", DIGITS)),
    inline("asset other digits", [{"assets": ["\u0661\u0662"], "users": []}], ("assignments[0].assets[0]", DIGITS)),
    inline("asset line break", [{"assets": ["1\n"], "users": []}], ("assignments[0].assets[0]", DIGITS)),
    inline("asset nothing", [{"assets": [None], "users": []}], ("assignments[0].assets[0]", "adam_id is missing")),
    inline("asset empty mapping", [{"assets": [{}], "users": []}], ("assignments[0].assets[0]", "adam_id is missing")),
    inline("asset list", [{"assets": [["1"]], "users": []}], ("assignments[0].assets[0]", f"adam_id ['1'] {DIGITS}")),
    inline(
        "pricing",
        [{"assets": [{"adam_id": "1", "pricing_param": "stdq"}], "users": []}],
        ("assignments[0].assets[0]", "pricing_param 'stdq' is neither STDQ nor PLUS"),
    ),
    inline(
        "pricing list", [{"assets": [{"adam_id": "1", "pricing_param": ["PLUS"]}], "users": []}], ("assignments[0].assets[0]", "is neither STDQ nor PLUS")
    ),
    inline(
        "asset member",
        [{"assets": [{"adam_id": "1", "price": "PLUS"}], "users": []}],
        ("assignments[0].assets[0]", "unknown key price (known: adam_id, pricing_param)"),
    ),
    inline(
        "asset wrong in every member",
        [{"assets": [{"adam_id": "x", "pricing_param": "FREE", "z": 1}], "users": []}],
        ("assignments[0].assets[0]", "unknown key z"),
        ("assignments[0].assets[0]", f"adam_id 'x' {DIGITS}"),
        ("assignments[0].assets[0]", "pricing_param 'FREE' is neither"),
    ),
    inline(
        "member",
        [{"assets": ["1"], "users": [], "user": ["u"]}],
        ("assignments[0]", "unknown key user (known: assets, users, users_file, devices, devices_file, groups, title)"),
    ),
    inline("users text", [{"assets": ["1"], "users": "u-1"}], ("assignments[0].users", "a list is expected")),
    inline("devices mapping", [{"assets": ["1"], "devices": {"D1": 1}}], ("assignments[0].devices", "a list is expected")),
    inline("user empty", [{"assets": ["1"], "users": ["u-1", ""]}], ("assignments[0].users[1]", "client_user_id is empty")),
    inline("user nothing", [{"assets": ["1"], "users": [None]}], ("assignments[0].users[0]", "client_user_id must be text")),
    inline("device space", [{"assets": ["1"], "devices": ["D1 "]}], ("assignments[0].devices[0]", f"serial_number 'D1 ' {SPACE}")),
    inline(
        "second entry",
        [{"assets": ["1"], "users": []}, {"assets": ["1"], "devices": ["D1", 1.5]}],
        ("assignments[1].devices[1]", "serial_number must be text"),
    ),
    inline("file is not there", [{"assets": ["1"], "users_file": "/nonexistent/users.csv"}], ("/nonexistent/users.csv", "No such file or directory")),
    inline(
        "file of another kind",
        [{"assets": ["1"], "devices_file": "/nonexistent/devices.pdf"}],
        ("/nonexistent/devices.pdf", "the ending '.pdf' is not one of "),
    ),
    file("yaml text", ".yml", "- 1000000001\n", ("FILE:1 (entry 0)", ASSIGNMENT)),
    file(
        "yaml user",
        ".yml",
        "---\n- {assets: [1], users: [u]}\n- assets: [1]\n  users:\n    - u\n    - ''\n",
        ("FILE:6 (entry 1).users[1]", "client_user_id is empty"),
    ),
    file("yaml asset", ".yml", "- assets: [1, x]\n  users: []\n", ("FILE:1 (entry 0).assets[1]", f"adam_id 'x' {DIGITS}")),
    file("yaml misspelt", ".yml", "- assets: [1]\n  device: [D1]\n", ("FILE:2 (entry 0)", "unknown key device"), ("FILE:1 (entry 0)", NOBODY)),
    file("yaml member twice", ".yml", "- assets: [1]\n  users: [u]\n  devices: [D1]\n  users: [v]\n", ("FILE:4", "users comes twice in one mapping")),
    file("yaml asset member twice", ".yml", "- assets:\n    - adam_id: 1\n      adam_id: 2\n  users: []\n", ("FILE:3", "adam_id comes twice")),
    file("yaml empty member", ".yml", "- assets: [1]\n  users:\n", ("FILE:1 (entry 0)", NOBODY)),
    file("yaml empty list of assets", ".yml", "- assets:\n  users: [u]\n", ("FILE:1 (entry 0).assets", "a list of adam_id is expected")),
    file(
        "json entry",
        ".json",
        '[\n{"assets": ["1"], "users": []},\n{"assets": ["1"], "devices": [7.5]}]',
        ("FILE:3 (entry 1).devices[0]", "serial_number must be text"),
    ),
    file(
        "json line entry",
        ".jsonl",
        '{"assets": ["1"], "users": []}\n{"assets": 1, "users": []}\n',
        ("FILE:2 (entry 1).assets", "a list of adam_id is expected"),
    ),
    file(
        "pair of nobody", ".csv", "adam_id,client_user_id,serial_number\n1,,\n", ("FILE:2", "exactly one of client_user_id and serial_number is expected")
    ),
    file(
        "pair of both",
        ".csv",
        "adam_id,client_user_id,serial_number\n1,u,\n1,u,D1\n",
        ("FILE:3", "exactly one of client_user_id and serial_number is expected"),
    ),
    file("pair of letters", ".csv", "adam_id,client_user_id\n1,u\nx,u\n", ("FILE:3", f"adam_id 'x' {DIGITS}")),
    file("pair of letters twice", ".csv", "adam_id,client_user_id\nx,u\nx,v\n", ("FILE:2", DIGITS), ("FILE:3", DIGITS)),
    file("pair price", ".csv", "adam_id,pricing_param,client_user_id\n1,FREE,u\n", ("FILE:2", "pricing_param 'FREE' is neither STDQ nor PLUS")),
    file("pair without asset", ".csv", "adam_id,client_user_id\n,u\n", ("FILE:2", "adam_id is missing")),
    file("pairs without the column", ".csv", "client_user_id\nu\n", ("FILE:2", "adam_id is missing")),
    file("pair control character", ".csv", "adam_id,serial_number\n1,D\x011\n", ("FILE:2", f"serial_number 'D\\x011' {SPACE}")),
    file(
        "pair unknown column",
        ".csv",
        "adam_id,serial\n1,D1\n",
        ("FILE:1", "the first line has to name columns of adam_id, pricing_param, client_user_id, serial_number"),
    ),
    file(
        "pair wrong in every field",
        ".csv",
        "adam_id;pricing_param;client_user_id;serial_number\nx;FREE;u;D1\n",
        ("FILE:2", f"adam_id 'x' {DIGITS}"),
        ("FILE:2", "pricing_param 'FREE' is neither"),
        ("FILE:2", "exactly one of client_user_id and serial_number is expected"),
    ),
    file("text", ".txt", "1000000001\n", ("FILE:1 (entry 0)", ASSIGNMENT)),
    file("empty", ".json", "", ("FILE", "the file is empty")),
    file("wrong ending", ".ini", "", ("FILE", "the ending '.ini' is not one of ")),
]

Reader = Callable[[Optional[List[Any]], Optional[List[str]]], Any]


def prepared(case: Case, folder: Path, number: int = 0) -> Tuple[Optional[List[Any]], Optional[List[str]], List[Fault]]:
    """Entries, paths, and the faults with the paths filled in."""
    if isinstance(case.source, list):
        return case.source, None, case.faults
    ending, content = case.source
    path = folder / f"file{number}{ending}"
    path.write_bytes(content if isinstance(content, bytes) else content.encode("utf-8"))
    return None, [str(path)], [(place.replace("FILE", str(path)), text) for place, text in case.faults]


def check(told: List[str], faults: List[Fault]) -> None:
    assert len(told) == len(faults), told
    for fault, (place, text) in zip(told, faults):
        assert fault.startswith(place + ": "), fault
        assert text in fault


@pytest.mark.parametrize(
    "reader, case",
    [
        pytest.param(reader, case, id=f"{name}: {case.name}")
        for reader, name, cases in ((wanted_users, "users", USERS), (wanted_assignments, "assignments", ASSIGNMENTS))
        for case in cases
    ],
)
def test_a_fault_is_told_with_its_exact_place(tmp_path: Path, reader: Reader, case: Case) -> None:
    entries, paths, faults = prepared(case, tmp_path)

    with pytest.raises(InputError) as caught:
        reader(entries, paths)

    check(caught.value.faults, faults)
    assert all(fault in caught.value.message for fault in caught.value.faults)
    assert "nothing was written" in caught.value.message


@pytest.mark.parametrize("reader, option, cases", [(wanted_users, "users", USERS), (wanted_assignments, "assignments", ASSIGNMENTS)])
def test_all_faults_of_all_sources_come_in_one_message(tmp_path: Path, reader: Reader, option: str, cases: List[Case]) -> None:
    all_entries: List[Any] = []
    all_paths: List[str] = []
    of_entries: List[Fault] = []
    of_paths: List[Fault] = []
    for number, case in enumerate(cases):
        entries, paths, faults = prepared(case, tmp_path, number)
        if entries is None:
            all_paths.extend(paths or [])
            of_paths.extend(faults)
        else:
            first = len(all_entries)
            all_entries.extend(entries)
            of_entries.extend((_moved(place, option, first), _moved(text, option, first)) for place, text in faults)

    with pytest.raises(InputError) as caught:
        reader(all_entries, all_paths)

    # A file that cannot be read as a list at all is told before the entries of those that can.
    told = sorted(caught.value.faults)
    expected = of_entries + of_paths
    assert len(told) == len(expected)
    for place, text in expected:
        (fault,) = [fault for fault in told if fault.startswith(place + ": ") and text in fault][:1] or [None]
        assert fault is not None, (place, text)
        told.remove(fault)
    assert caught.value.message.startswith(f"{len(expected)} faults in the input, nothing was written: ")


def _moved(text: str, option: str, first: int) -> str:
    """The same place in a list that has so many entries before."""
    for index in (2, 1, 0):
        text = text.replace(f"{option}[{index}]", f"{option}[{index + first}]") if f"{option}[{index}]" in text else text
    return text


def test_there_are_plenty_of_cases() -> None:
    assert len(USERS) + len(ASSIGNMENTS) >= 120
    assert len({case.name for case in USERS}) == len(USERS)


@pytest.mark.parametrize(
    "options, faults",
    [
        ({"users": "u"}, [("users", "a list is expected")]),
        ({"users": ["u", ""]}, [("users[1]", "client_user_id is empty")]),
        ({"devices": [None, "D1", " D2"]}, [("devices[0]", "serial_number must be text"), ("devices[2]", SPACE)]),
        ({"users_file": "/nonexistent"}, [("/nonexistent", "No such file or directory")]),
        ({"users_file": "/nonexistent.xlsx", "devices": [""]}, [("/nonexistent.xlsx", "the ending '.xlsx'"), ("devices[0]", "serial_number is empty")]),
    ],
)
def test_targets_as_options_are_told_by_option_and_index(options: Dict[str, Any], faults: List[Fault]) -> None:
    with pytest.raises(InputError) as caught:
        wanted_targets(options)
    check(caught.value.faults, faults)


@pytest.mark.parametrize(
    "name, content, place, text",
    [
        ("devices.csv", "serial_number,model\nD1,iPad\n,iPad\n", ":3", "serial_number is empty"),
        ("devices.csv", "serial\nD1\n", ":1", "the first line has to name columns of serial_number; it has serial"),
        ("devices.csv", "model,serial_number,serial_number\nx,D1,D1\n", ":1", "the column serial_number comes twice"),
        ("devices.txt", "D1\nD\t2\n", ":2", SPACE),
        ("devices.json", '["D1",\n{"serial_number": "D2"}]', ":2", "serial_number must be text"),
        ("devices.yml", "- D1\n- \n", ":2", "serial_number must be text"),
        ("devices", "D1\nD\x002\n", ":2", "a NUL character"),
    ],
)
def test_targets_in_a_file_are_told_by_file_and_line(tmp_path: Path, name: str, content: str, place: str, text: str) -> None:
    path = tmp_path / name
    path.write_text(content)

    with pytest.raises(InputError) as caught:
        wanted_targets({"devices_file": str(path)})
    check(caught.value.faults, [(f"{path}{place}", text)])


def test_a_folder_is_no_file(tmp_path: Path) -> None:
    with pytest.raises(InputError) as caught:
        wanted_users(None, [str(tmp_path)])
    check(caught.value.faults, [(str(tmp_path), "Is a directory")])


@pytest.mark.parametrize("ending", [".json", ".jsonl", ".csv", ".yml"])
def test_a_file_of_nothing_but_faults_is_told_briefly_and_soon(tmp_path: Path, ending: str) -> None:
    """Twenty thousand faulty lines: the message holds fifty, the result a thousand, and all are counted."""
    number = 20000 if ending != ".yml" else 2000
    path = tmp_path / ("users" + ending)
    entries = [{"client_user_id": f"u-{index}", "email": "nobody"} for index in range(number)]
    path.write_text(
        {
            ".json": json.dumps(entries, indent=1),
            ".jsonl": "".join(json.dumps(entry) + "\n" for entry in entries),
            ".csv": "client_user_id,email\n" + "".join(f"u-{index},nobody\n" for index in range(number)),
            ".yml": "".join(f"- {{client_user_id: u-{index}, email: nobody}}\n" for index in range(number)),
        }[ending]
    )
    before = time.process_time()

    with pytest.raises(InputError) as caught:
        wanted_users(None, [str(path)])

    assert time.process_time() - before < 5
    last = {".json": 4 * number, ".csv": number + 1}.get(ending, number)
    assert caught.value.faults[-1] == f"{path}:{last}: email 'nobody' is not an address"
    assert caught.value.message.startswith(f"{number} faults in the input, nothing was written: {caught.value.faults[0]}; ")
    assert caught.value.message.endswith(f"; and {number - 50} more.")
    assert caught.value.message.count("is not an address") == 50
    assert caught.value.details == {"faults": caught.value.faults[:1000]}
