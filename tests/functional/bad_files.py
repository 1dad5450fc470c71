# Copyright (c) 2026, the mdmkit.apps_books authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Files that cannot mean anything."""

from __future__ import annotations

from typing import List, Union

from .bad_case import Case
from .bad_options import APP, ASSIGNMENT, REVOCATION, SPACE, USER

HEADER = "client_user_id,email\n"
COLUMNS = "the first line has to name columns of client_user_id, email, managed_apple_id"
TWICE = "comes twice in one mapping"
DEEP = "nested too deeply, or within itself"


def users(name: str, file: str, content: Union[str, bytes], *told: str) -> Case:
    """A file of users. In what is told, a text that begins with a colon follows the file's path."""
    return _case(USER, "users_files", name, file, content, told)


def assignments(name: str, file: str, content: Union[str, bytes], *told: str) -> Case:
    return _case(ASSIGNMENT, "assignments_files", name, file, content, told)


def devices(name: str, file: str, content: Union[str, bytes], *told: str) -> Case:
    return _case(REVOCATION, "devices_file", name, file, content, told)


def _case(module: str, option: str, name: str, file: str, content: Union[str, bytes], told: "tuple[str, ...]") -> Case:
    path = f"FOLDER/{file}"
    places = tuple(path + text if text.startswith(":") else text for text in told)
    return Case(f"{option}, {file}: {name}", module, places, {option: [path] if option.endswith("s") else path}, {file: content})


def named(name: str, path: str, *told: str) -> Case:
    """A file that the case does not write."""
    return Case(f"file: {name}", USER, told, {"users_files": [path]})


LAUGHS = "&a [x, x, x, x, x, x, x, x, x]" + "".join(
    f", &{after} [{', '.join(['*' + before] * 9)}]" for before, after in zip("abcdefgh", "bcdefghi")
)

PATHS = [
    named("not there", "/nonexistent/users.csv", "/nonexistent/users.csv: No such file or directory"),
    named("folder", "/tmp/", "/tmp/: Is a directory"),
    named("a file for a folder", "/dev/null/users.csv", "/dev/null/users.csv: Not a directory"),
    named("path of a thousand folders", "/" + "a/" * 3000 + "users.csv", "File name too long"),
    named("name with NUL", "/tmp/a\x00.csv", "users_files[0]: '/tmp/a\\x00.csv' is not a path"),
    named("name with half a character", "/tmp/\ud83c.csv", "users_files[0]", "half a character"),
    named("endless device", "/dev/zero", "/dev/zero: neither a file nor a pipe"),
    named("endless random device", "/dev/urandom", "/dev/urandom: neither a file nor a pipe"),
    named("device of nothing", "/dev/null", "/dev/null: neither a file nor a pipe"),
    named("memory of the process", "/proc/self/mem", "/proc/self/mem: "),
    named(
        "table of another program",
        "/nonexistent/users.xlsx",
        "the ending '.xlsx' is not one of .json, .jsonl (or .ndjson), .csv, .yml (or .yaml), .txt (or none)",
    ),
    named("token in its place", "/nonexistent/springfield.vpptoken", "the ending '.vpptoken' is not one of"),
]

ENCODINGS = [
    users("UTF-16", "users.csv", HEADER.encode("utf-16"), ": not UTF-8 text but UTF-16; save it as UTF-8"),
    users("UTF-16, big-endian", "users.txt", b"\xfe\xff" + "u-1\n".encode("utf-16-be"), ": not UTF-8 text but UTF-16; save it as UTF-8"),
    users("UTF-16 without a mark", "users.csv", HEADER.encode("utf-16-le"), ":1: not UTF-8 text, since it holds a NUL character; save it as UTF-8"),
    users("Latin-1", "users.csv", (HEADER + "u-1,\nM\u00fcller,\n").encode("latin-1"), ":3: not UTF-8 text (byte 27 of the file); save it as UTF-8"),
    users("Latin-1 behind a mark", "users.csv", b"\xef\xbb\xbf" + (HEADER + "M\u00fcller,\n").encode("latin-1"), ":2: not UTF-8 text (byte 25 of the file)"),
    users("Latin-1 in YAML", "users.yml", "- u-1\n- M\u00fcller\n".encode("latin-1"), ":2: not UTF-8 text (byte 9 of the file)"),
    users("picture", "users.csv", b"\x89PNG\r\n\x1a\n\x00\x00", ":1: not UTF-8 text (byte 0 of the file)"),
    users("archive", "users.json", b"PK\x03\x04\x14\x00\x06\x00", ":1: not UTF-8 text, since it holds a NUL character"),
    users("NUL in CSV", "users.csv", HEADER + "u-1,\nu\x002,\n", ":3: not UTF-8 text, since it holds a NUL character"),
    users("NUL in JSON Lines", "users.jsonl", '"u-1"\n"u\x002"\n', ":2: not UTF-8 text, since it holds a NUL character"),
    devices("NUL in text", "cart.txt", "D1\n\nD\x002\n", ":3: not UTF-8 text, since it holds a NUL character"),
    devices("two files with marks, put together", "cart.txt", "\ufeffD1\n\ufeffD2\n", ":2: serial_number '\\ufeffD2'", SPACE),
    devices("one endless line", "cart.txt", "D" * 1000000, ":1: serial_number 'DDD", "has 1000000 characters, more than 1000"),
    devices("tab in a line", "cart.txt", "# cart\r\n\r\nD1\r\nD2\tiPad\r\n", f":4: serial_number 'D2\\tiPad' {SPACE}"),
]

TABLES = [
    users("empty", "users.csv", "", ": the file is empty; the first line of CSV names the columns (client_user_id, email, managed_apple_id)"),
    users("only a mark", "users.csv", b"\xef\xbb\xbf", ": the file is empty"),
    users("only blank lines", "users.csv", "\n\n\n", ":"),
    users("blank first line", "users.csv", "\n" + HEADER + "u-1,\n", ":1: the first line is blank; it has to name columns of client_user_id"),
    users("without header", "users.csv", "u-1,one@example.test\n", f":1: {COLUMNS}; it has u-1, one@example.test"),
    users("misspelt column", "users.csv", "client_userid,email\nu-1,\n", f":1: {COLUMNS}; it has client_userid, email"),
    users("unknown column", "users.csv", "client_user_id,name\nu-1,One\n", f":1: {COLUMNS}; it has client_user_id, name"),
    users("column twice", "users.csv", "client_user_id,email,email\nu-1,,\n", ":1: the column email comes twice"),
    users("column in capitals", "users.csv", "CLIENT_USER_ID\nu-1\n", f":1: {COLUMNS}; it has CLIENT_USER_ID"),
    users("other delimiter", "users.csv", "client_user_id|email\nu-1|\n", f":1: {COLUMNS}; it has client_user_id|email"),
    users("delimiter changes", "users.csv", HEADER + "u-1;one@example.test\n", ":2: 1 field, but the first line names 2"),
    users("too many fields", "users.csv", HEADER + "u-1,\nu-2,two@example.test,x\n", ":3: 3 fields, but the first line names 2"),
    users("lines of all lengths", "users.csv", HEADER + "u-1\nu-2,\nu-3,,\nu-4,,,\n", "3 faults", ":2: 1 field", ":4: 3 fields", ":5: 4 fields"),
    users("id missing", "users.csv", HEADER + "u-1,\n,two@example.test\n", ":3: client_user_id is missing"),
    users("address wrong", "users.csv", HEADER + "u-1,\n\nu-2,two\n", ":4: email 'two' is not an address"),
    users(
        "quote never closed",
        "users.csv",
        HEADER + 'u-1,\nu-2,"two@example.test\nu-3,\nu-4,\n',
        ":3: not CSV: the quotation mark that is opened here is never closed",
    ),
    users("text behind a quote", "users.csv", HEADER + 'u-1,\n"u"2,\n', ":3: not CSV: "),
    users("huge cell", "users.csv", HEADER + "u" * 200000 + ",\n", ":2: not CSV: field larger than field limit"),
    users("old line ends", "users.csv", "client_user_id,email\ru-1,\ru-2,two\r", ":3: email 'two' is not an address"),
    users("Windows line ends", "users.csv", "client_user_id,email\r\nu-1,\r\nu-2,two\r\n", ":3: email 'two' is not an address"),
    users("line break in a cell", "users.csv", HEADER + '"u\n1",\n', f":3: client_user_id 'u\\n1' {SPACE}"),
    users("said otherwise", "users.csv", HEADER + "u-1,a@example.test\nu-1,b@example.test\n", ":3: user u-1 is said otherwise at FOLDER/users.csv:2"),
    users("web page", "users.csv", "<!DOCTYPE html>\n<html></html>\n", f":1: {COLUMNS}; it has <!DOCTYPE html>"),
    assignments("pair of nobody", "pairs.csv", f"adam_id,serial_number\n{APP},D1\n{APP},\n", ":3: exactly one of client_user_id and serial_number is expected"),
    assignments("pair of both", "pairs.csv", f"adam_id,client_user_id,serial_number\n{APP},u-1,D1\n", ":2: exactly one of client_user_id and serial_number"),
    assignments("pair without asset", "pairs.csv", "adam_id,serial_number\n,D1\n", ":2: adam_id is missing"),
    assignments("pair of letters", "pairs.csv", f"adam_id,serial_number\n{APP},D1\nPages,D1\n", ":3: adam_id 'Pages' is not a number such as 1000000001"),
    assignments("asset as a spreadsheet writes it", "pairs.csv", "adam_id,serial_number\n1E+09,D1\n", ":2: adam_id '1E+09' is not a number"),
    assignments("unknown pricing", "pairs.csv", f"adam_id,pricing_param,serial_number\n{APP},FREE,D1\n", ":2: pricing_param 'FREE' is neither STDQ nor PLUS"),
    assignments("pairs without the column", "pairs.csv", "serial_number\nD1\n", ":2: adam_id is missing"),
    devices("no column of devices", "cart.csv", "serial,model\nD1,iPad\n", ":1: the first line has to name columns of serial_number; it has serial, model"),
    devices("device missing", "cart.csv", "serial_number,model\nD1,iPad\n,iPad\n", ":3: serial_number is empty"),
]

JSON = [
    users("empty", "users.json", "", ": the file is empty; an empty list is written []"),
    users("blank", "users.json", " \r\n", ": the file is empty; an empty list is written []"),
    users("cut off", "users.json", '[\n{"client_user_id": "u-1"},\n{"client_user_', ":3: not JSON, column 2: Unterminated string"),
    users("trailing comma", "users.json", '[\n"u-1",\n]', "not JSON, column"),
    users("single quotes", "users.json", "[\n'u-1']", ":2: not JSON, column 1"),
    users("comment", "users.json", '[\n"u-1", // one\n"u-2"]', ":2: not JSON, column 8"),
    users("leading zeros", "users.json", "[\n0017]", ":2: not JSON, column 2"),
    users("more behind", "users.json", '["u-1"]\n["u-2"]', ":2: not JSON, column 1: Extra data"),
    users("mapping", "users.json", '{"users": []}', ": a list is expected, not a mapping"),
    users("text", "users.json", '"u-1"', ": a list is expected, not text"),
    users("null", "users.json", "null", ": a list is expected, not nothing"),
    users(
        "entries of all kinds",
        "users.json",
        '["u-1",\n5.5,\nnull,\n[],\ntrue]',
        "4 faults",
        ":2: a user is a mapping",
        ":3: a user",
        ":4: a user",
        ":5: a user",
    ),
    users("id null", "users.json", '[{"client_user_id": "u-1"},\n{"client_user_id": null}]', ":2: client_user_id is missing"),
    users("id boolean", "users.json", '[\n\n{"client_user_id": true}]', ":3: client_user_id must be text"),
    users("email false", "users.json", '[\n{"client_user_id": "u-1", "email": false}]', ":2: email False is not an address"),
    users("member twice", "users.json", '["u-1",\n{"client_user_id": "u-2",\n"client_user_id": "u-3"}]', f":3: client_user_id {TWICE}"),
    users("member twice in two ways of writing", "users.json", '[{"email": "a@b.test", "\\u0065mail": "c@d.test"}]', f":1: email {TWICE}"),
    users("not a number", "users.json", '["NaN",\nNaN]', ":2: not JSON: 'NaN' is no number"),
    users("endless number", "users.json", "[Infinity]", ":1: not JSON: 'Infinity' is no number"),
    users("number of 5000 digits", "users.json", "[1,\n" + "9" * 5000 + "]", ":2: not JSON: '9999", "is no number that can be read"),
    users("half a character", "users.json", '["u-1",\n"u\\ud83c"]', ":2: half a character"),
    users("half a character as a member", "users.json", '["u-1",\n{"\\udf4e": 1}]', ":2: half a character"),
    users("deep", "users.json", "[" * 100000, f": {DEEP}"),
    users("line 17", "users.jsonl", '"u-1"\n' * 16 + '{"client_user_id": "u-2"\n' + '"u-3"\n', ":17: not JSON, column"),
    users("two bad lines", "users.jsonl", '"u-1"\n{]\n\n"u-2\n', "2 faults", ":2: not JSON, column 2", ":4: not JSON, column 1"),
    users("JSON that is no JSON Lines", "users.jsonl", '["u-1"]\n', ":1: a user is a mapping or a client_user_id"),
    users("member twice in a line", "users.ndjson", '"u-1"\n{"email": "a@b.test", "client_user_id": "u-2", "email": "c@d.test"}\n', f":2: email {TWICE}"),
    users("deep line", "users.jsonl", '"u-1"\n' + '{"a":' * 100000, f": {DEEP}"),
    assignments("mapping", "assignments.json", f'{{"assets": ["{APP}"]}}', ": a list is expected, not a mapping"),
    assignments("user twice", "assignments.json", f'[\n{{"assets": ["{APP}"], "users": ["u-1"], "devices": [],\n"users": []}}]', f":3: users {TWICE}"),
    assignments("file false", "assignments.json", f'[{{"assets": ["{APP}"], "users_file": false}}]', ":1 (entry 0).users_file: a path is expected, not False"),
    assignments("ids in a text", "assignments.json", f'[{{"assets": ["{APP}"], "users": "u-1,u-2"}}]', ":1 (entry 0).users: a list is expected"),
    devices("mappings for texts", "cart.json", '["D1",\n{"serial_number": "D2"}]', ":2: serial_number must be text"),
]

YAML = [
    users("empty", "users.yml", "", ": the file is empty; an empty list is written []"),
    users("only comments", "users.yml", "---\n# nobody\n", "users.yml"),
    users("mapping", "users.yml", "users:\n  - u-1\n", ": a list is expected"),
    users("text", "users.yml", "u-1 u-2\n", ": a list is expected"),
    users("tab", "users.yml", "- client_user_id: u-1\n-\tclient_user_id: u-2\n\temail: two@example.test\n", "indent with spaces, never with tabs"),
    users("open bracket", "users.yml", "- u-1\n- {client_user_id: u-2]\n- u-3\n", ":2: not YAML: "),
    users("colon in a text", "users.yml", "- client_user_id: u-1\n- client_user_id: a: b\n", ":2: not YAML: "),
    users("two documents", "users.yml", "---\n- u-1\n---\n- u-2\n", ":3: not YAML: a second document begins here, but a file is one list"),
    users("control character", "users.yml", "- u-1\n- u\x072\n", ":2: not YAML: '\\x07' is not allowed"),
    users("vault", "users.yml", "- u-1\n- !vault |\n  $ANSIBLE_VAULT;1.1;AES256\n  6162\n", ":2: the tag '!vault' is not supported; a file is plain data"),
    users(
        "call of Python",
        "users.yml",
        '- !!python/object/apply:os.system ["true"]\n',
        ":1: the tag 'tag:yaml.org,2002:python/object/apply:os.system' is not supported",
    ),
    users("set", "users.yml", "- u-1\n- !!set {u-2}\n", ":2: the tag 'tag:yaml.org,2002:set' is not supported"),
    users("binary", "users.yml", "- !!binary dS0x\n", ":1: the tag 'tag:yaml.org,2002:binary' is not supported"),
    users("unknown alias", "users.yml", "- u-1\n- *two\n", ":2: not YAML: found undefined alias"),
    users("of itself", "users.yml", "- u-1\n- &a [*a]\n", f": {DEEP}"),
    users("laughs", "users.yml", f"[{LAUGHS}]\n", ": its aliases stand for more than 2000000 values"),
    users("deep", "users.yml", "- " + "[" * 1000 + "]" * 1000, f": {DEEP}"),
    users("deep blocks", "users.yml", "".join(" " * depth + "-\n" for depth in range(1000)), f": {DEEP}"),
    users("member twice", "users.yml", "- client_user_id: u-1\n  email: a@b.test\n  email: c@d.test\n", f":3: email {TWICE}"),
    users("null", "users.yml", "- u-1\n-\n- ~\n", "2 faults", ":2: a user is a mapping", ":3: a user is a mapping"),
    users(
        "merge key",
        "users.yml",
        "- &a {client_user_id: u-1}\n- <<: *a\n",
        "2 faults",
        ":2: unknown key << (known: client_user_id, email, managed_apple_id)",
        ":2: client_user_id is missing",
    ),
    assignments("laughs", "assignments.yml", f"- assets: [{LAUGHS}]\n  users: [u-1]\n", ": its aliases stand for more than 2000000 values"),
    assignments(
        "small laughs",
        "assignments.yml",
        "- assets: [&a [x, x], &b [*a, *a], [*b, *b]]\n  users: [u-1]\n",
        "3 faults",
        ".assets[2]: adam_id [[",
        "is not a number",
    ),
    assignments("users twice", "assignments.yml", f"- assets: [{APP}]\n  users: [u-1]\n  devices: [D1]\n  users: [u-2]\n", f":4: users {TWICE}"),
    assignments("members without indent", "assignments.yml", f"- assets: [{APP}]\nusers: [u-1]\n", ":2: not YAML: "),
    assignments(
        "misspelt member",
        "assignments.yml",
        f"- assets: [{APP}]\n  users: []\n- assets: [{APP}]\n  device: [D1]\n",
        "2 faults",
        ":4 (entry 1): unknown key device",
        ":3 (entry 1): none of users, ",
    ),
    assignments(
        "name for an id",
        "assignments.yml",
        f"- assets:\n    - {APP}\n    - Pages\n  users: [u-1]\n",
        ":3 (entry 0).assets[1]: adam_id 'Pages' is not a number",
    ),
    assignments(
        "lists that are not there",
        "assignments.yml",
        f"- assets: [{APP}]\n  users_file: groups/9a.txt\n  devices_file: ../carts/1.txt\n",
        "2 faults",
        "FOLDER/groups/9a.txt: No such file or directory",
        "/carts/1.txt: No such file or directory",
    ),
    assignments("list that is itself", "assignments.yml", f"- assets: [{APP}]\n  devices_file: assignments.yml\n", ":1: serial_number must be text"),
    devices("mapping", "cart.yml", "serial_number: D1\n", ": a list is expected"),
]

WITHIN = [
    Case(
        "list within a file: its own line is told",
        ASSIGNMENT,
        ("FOLDER/carts/1.txt:2: serial_number 'D\\t2'",),
        {"assignments_files": ["FOLDER/assignments.yml"]},
        {"assignments.yml": f"- assets: [{APP}]\n  devices_file: carts/1.txt\n", "carts/1.txt": "D1\nD\t2\n"},
    ),
    Case(
        "faults of all files",
        USER,
        ("4 faults", "users[0]: client_user_id is empty", "FOLDER/a.csv:2: email", "FOLDER/b.json:1: not JSON", "FOLDER/c.yml: No such file"),
        {"users": [{"client_user_id": ""}], "users_files": ["FOLDER/a.csv", "FOLDER/b.json", "FOLDER/c.yml"]},
        {"a.csv": HEADER + "u-1,one\n", "b.json": "{]"},
    ),
    Case(
        "two files that contradict each other",
        USER,
        ("FOLDER/b.jsonl:1: user u-1 is said otherwise at FOLDER/a.csv:2",),
        {"users_files": ["FOLDER/a.csv", "FOLDER/b.jsonl"]},
        {"a.csv": HEADER + "u-1,a@example.test\n", "b.jsonl": '{"client_user_id": "u-1", "email": "b@example.test"}\n'},
    ),
    Case(
        "assumption from a broken file",
        ASSIGNMENT,
        ("FOLDER/users.csv:2: email 'one' is not an address",),
        {"assignments": [], "assume": {"users_files": ["FOLDER/users.csv"]}, "check": True},
        {"users.csv": HEADER + "u-1,one\n"},
    ),
    Case(
        "nothing wanted: users",
        USER,
        ("there are no users in the input, so purge would leave none; if that is meant, set allow_empty: true",),
        {"users_files": ["FOLDER/users.csv"], "purge": True},
        {"users.csv": HEADER},
    ),
    Case(
        "nothing wanted: assignments",
        ASSIGNMENT,
        ("there are no assignments in the input, so purge would leave none; if that is meant, set allow_empty: true",),
        {"assignments_files": ["FOLDER/assignments.yml"], "purge": "location"},
        {"assignments.yml": "[]\n"},
    ),
    Case(
        "nobody wanted for an asset",
        ASSIGNMENT,
        ("there are no assignments in the input", "allow_empty: true"),
        {"assignments_files": ["FOLDER/assignments.yml"], "purge": "assets"},
        {"assignments.yml": f"- assets: [{APP}]\n  devices_file: cart.txt\n", "cart.txt": "# nobody yet\n"},
    ),
]

CASES: List[Case] = [*PATHS, *ENCODINGS, *TABLES, *JSON, *YAML, *WITHIN]
