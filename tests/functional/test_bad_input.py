# Copyright (c) 2026, the mdmkit.apps_books authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Malformed input: every case ends in one message that says what is wrong and where, without a traceback and without a single request."""

from __future__ import annotations

import base64
import json
import os
import pathlib
import re
import textwrap
import threading
import time
from typing import Any, Dict, List, Optional, Tuple, Union

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from . import bad_files, bad_options, bad_tokens, bad_trees
from .bad_case import FOLDER, Case
from .conftest import INNER_TOKEN, TOKEN, Location, Playbooks, asset, documentation, seed

CASES = bad_options.CASES + bad_files.CASES + bad_tokens.CASES
SECRETS = (TOKEN, INNER_TOKEN, base64.b64decode(TOKEN).decode(), "canary-")
NOT_FOR_PEOPLE = re.compile(r"Traceback|<class|NoneType|\b\w+Error\b|'(str|dict|list|int|bool)' object|object at 0x|Errno|\n|[\x00-\x1f]")
ENVIRONMENT = ("VPP_CONTENT_TOKEN", "VPP_CONTENT_TOKEN_FILE", "VPP_BASE_URL", "VPP_VALIDATE_CERTS", "VPP_CA_PATH", "VPP_MDM_ID")


@pytest.fixture(autouse=True)
def bare_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ENVIRONMENT:
        monkeypatch.delenv(name, raising=False)


def in_folder(value: Any, folder: pathlib.Path) -> Any:
    """A value with the case's own folder filled in."""
    if isinstance(value, str):
        return value.replace(FOLDER, str(folder))
    if isinstance(value, list):
        return [in_folder(entry, folder) for entry in value]
    if isinstance(value, dict):
        return {name: in_folder(member, folder) for name, member in value.items()}
    return value


def write(folder: pathlib.Path, name: str, content: Union[str, bytes]) -> None:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content if isinstance(content, bytes) else content.encode("utf-8"))


def check_message(result: Dict[str, Any], told: Tuple[str, ...]) -> None:
    """Each part is there, nothing is there that only programmers understand, and there is one fault unless more are said to be."""
    message = result["msg"]
    for part in told:
        assert part in message
    assert not NOT_FOR_PEOPLE.search(message), message
    assert "exception" not in result
    counts = [int(part.split()[0]) for part in told if re.fullmatch("[0-9]+ faults", part)]
    # A token alone is told in a sentence of its own.
    assert len(result.get("faults", [message])) == (counts or [1])[0], message


def secrets_in(result: Dict[str, Any]) -> List[str]:
    text = json.dumps(result)
    return [secret for secret in SECRETS if secret in text or json.dumps(secret)[1:-1] in text]


@pytest.mark.parametrize("case", CASES, ids=[case.name.encode("ascii", "backslashreplace").decode() for case in CASES])
def test_malformed_input_ends_in_one_clear_message(location: Location, tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch, case: Case) -> None:
    for name, content in case.files.items():
        write(tmp_path, name, content)
    options = in_folder(case.options, tmp_path)
    for name, value in case.environment.items():
        monkeypatch.setenv(name, value)
        if name == "VPP_BASE_URL":
            location.options.pop("base_url")
    before = time.monotonic()
    result = location.fails(case.module, **options)
    assert time.monotonic() - before < 20
    check_message(result, tuple(in_folder(part, tmp_path) for part in case.told))
    assert location.simulator.requests() == []
    assert result.get("requests", {"reads": 0, "writes": 0}) == {"reads": 0, "writes": 0} and result.get("changed") is False
    assert secrets_in(result) == []


def test_there_are_plenty_of_cases() -> None:
    assert len(CASES) >= 150
    names = [case.name for case in CASES]
    assert sorted(set(names)) == sorted(names)
    assert {case.module for case in CASES} >= {"vpp_user", "vpp_asset_assignment", "vpp_asset_revocation", "vpp_client_config", "vpp_event_info"}


def test_the_search_for_secrets_finds_them() -> None:
    assert len(secrets_in({"a": [TOKEN, INNER_TOKEN, base64.b64decode(TOKEN).decode()]})) == len(SECRETS)


GOOD_TOKENS: Dict[str, bytes] = {
    "as downloaded": TOKEN.encode(),
    "with a line break behind": TOKEN.encode() + b"\n",
    "with a Windows line break behind": TOKEN.encode() + b"\r\n",
    "behind a byte order mark": b"\xef\xbb\xbf" + TOKEN.encode(),
    "on many lines": "\n".join(textwrap.wrap(TOKEN, 64)).encode(),
    "on many Windows lines": "\r\n".join(textwrap.wrap(TOKEN, 76)).encode() + b"\r\n",
}


@pytest.mark.parametrize("content", GOOD_TOKENS.values(), ids=GOOD_TOKENS.keys())
def test_a_token_file_works_however_it_was_saved(location: Location, tmp_path: pathlib.Path, content: bytes) -> None:
    (tmp_path / "springfield.vpptoken").write_bytes(content)
    result = location.ok("vpp_client_config_info", content_token=None, content_token_file=str(tmp_path / "springfield.vpptoken"))
    assert ("warnings" in result) == (content.strip().count(b"\n") > 0)
    assert secrets_in(result) == []


def test_a_date_of_expiry_that_cannot_be_read_is_left_to_the_service(location: Location, tmp_path: pathlib.Path) -> None:
    (tmp_path / "other.vpptoken").write_text(bad_tokens.encoded({**bad_tokens.GOOD, "expDate": "soon"}), encoding="utf-8")
    result = location.fails("vpp_client_config_info", content_token=None, content_token_file=str(tmp_path / "other.vpptoken"))
    assert result["error_number"] == 9622 and location.simulator.requests() != []


GOOD_FILES: Dict[str, Tuple[str, bytes]] = {
    "byte order mark": ("users.csv", b"\xef\xbb\xbfclient_user_id,email\nu-1,\n"),
    "Windows line ends": ("users.csv", b"client_user_id;email\r\nu-1;\r\n"),
    "old line ends": ("users.csv", b"client_user_id,email\ru-1,\r"),
    "quotes": ("users.csv", b'"client_user_id","email"\n"u-1",""\n'),
    "capital ending": ("USERS.JSON", b'["u-1"]'),
    "anchors": ("users.yml", b"- &a u-1\n- *a\n- {client_user_id: *a}\n"),
    "no line break at the end": ("users.txt", b"# ours\nu-1"),
    "a character in two halves": ("users.json", b'["u-1", {"client_user_id": "u-1", "email": null}]'),
}


@pytest.mark.parametrize("name, content", GOOD_FILES.values(), ids=GOOD_FILES.keys())
def test_what_is_unusual_but_clear_is_read(location: Location, tmp_path: pathlib.Path, name: str, content: bytes) -> None:
    (tmp_path / name).write_bytes(content)
    result = location.ok("vpp_user", check=True, users_files=[str(tmp_path / name)])
    assert (result["changed"], [user["client_user_id"] for user in result["users"]]) == (False, ["u-1"])


def test_a_pipe_is_read_like_a_file(location: Location) -> None:
    """What a shell makes of <(command)."""
    reading, writing = os.pipe()
    writer = threading.Thread(target=lambda: [time.sleep(0.05), os.write(writing, b"u-1\nu-2\n"), os.close(writing)])
    writer.start()
    try:
        result = location.ok("vpp_user", check=True, users_files=[f"/dev/fd/{reading}"])
    finally:
        writer.join()
        os.close(reading)
    assert [user["client_user_id"] for user in result["users"]] == ["u-1", "u-2"]


def test_a_link_to_a_file_is_followed(location: Location, tmp_path: pathlib.Path) -> None:
    (tmp_path / "real").write_text("u-1\n", encoding="utf-8")
    (tmp_path / "users.txt").symlink_to("real")
    assert location.ok("vpp_user", check=True, users_files=[str(tmp_path / "users.txt")])["users"][0]["client_user_id"] == "u-1"


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_that_may_not_be_read_is_told(location: Location, tmp_path: pathlib.Path) -> None:
    (tmp_path / "users.csv").write_text(bad_files.HEADER, encoding="utf-8")
    (tmp_path / "users.csv").chmod(0)
    assert f"{tmp_path}/users.csv: Permission denied" in location.fails("vpp_user", users_files=[str(tmp_path / "users.csv")])["msg"]
    assert location.simulator.requests() == []


def test_a_secret_is_kept_where_ansible_would_stop_before_it_knows_it(location: Location) -> None:
    """A list of numbers for a list of mappings once printed every option."""
    for wrong in (5, [5], "u-1", [["u-1"]], [None]):
        result = location.fails("vpp_user", users=wrong)
        assert secrets_in(result) == []


def test_texts_of_numbers_and_booleans_still_work(location: Location) -> None:
    """They come from variables of the command line and from job surveys."""
    numbers = {"http_timeout": "30", "retry_budget": "0", "wait_timeout": "10", "wait_interval": "0.02", "max_listed": "5"}
    location.ok("vpp_user", users=[{"client_user_id": "u-1"}], max_removals=3, validate_certs="yes", purge="no", expected_uid=2049025000431439, **numbers)
    location.ok("vpp_asset_revocation", devices="X1,X2", check=True)
    location.ok("vpp_asset_assignment", check=True, assignments=[{"assets": [1000000001, {"adam_id": 1000000002}], "users": "u-1,u-2"}])
    location.ok("vpp_client_config", check=True, mdm_info="id=ours name=Us metadata=x")


def lines_of_users(number: int) -> Dict[str, List[str]]:
    """The same users in every format, in lines. All lines but the last of JSON can be cut off without a fault in what is left."""
    ids = [f"u-{index:02}" for index in range(number)]
    entries = [json.dumps({"client_user_id": client_user_id, "email": f"{client_user_id}@example.test"}) for client_user_id in ids]
    return {
        ".csv": ["client_user_id,email"] + [f"{client_user_id},{client_user_id}@example.test" for client_user_id in ids],
        ".jsonl": entries,
        ".json": ["["] + [entry + "," for entry in entries[:-1]] + [entries[-1], "]"],
        ".yml": ["---"] + [f"- {{client_user_id: {client_user_id}, email: {client_user_id}@example.test}}" for client_user_id in ids],
        ".txt": ids,
    }


def lines_of_pairs(number: int) -> Dict[str, List[str]]:
    devices = [f"D{index:02}" for index in range(number)]
    entries = [json.dumps({"assets": [bad_options.APP], "devices": [device]}) for device in devices]
    return {
        ".csv": ["adam_id,serial_number"] + [f"{bad_options.APP},{device}" for device in devices],
        ".jsonl": entries,
        ".json": ["["] + [entry + "," for entry in entries[:-1]] + [entries[-1], "]"],
        ".yml": ["---"] + [f"- {entry}" for entry in entries],
    }


CUT_LISTS = {"vpp_user": lines_of_users, "vpp_asset_assignment": lines_of_pairs}
CUT_OPTIONS: Dict[str, Dict[str, Any]] = {"vpp_user": {"purge": True}, "vpp_asset_assignment": {"purge": "location"}}
REMOVED = {
    "vpp_user": ("active users would be removed", "u-20, u-21, u-22, u-23, u-24 and 15 more"),
    "vpp_asset_assignment": ("assignments would be removed", f"{bad_options.APP} STDQ of device D20"),
}


@pytest.fixture
def forty(location: Location) -> Location:
    """A location of forty users and forty devices with an app."""
    users = [{"clientUserId": f"u-{index:02}", "email": f"u-{index:02}@example.test", "status": "Registered"} for index in range(40)]
    held = [{"adamId": bad_options.APP, "pricingParam": "STDQ", "serialNumber": f"D{index:02}"} for index in range(40)]
    location.simulator.reset(seed(users=users, assignments=held, assets=[asset(bad_options.APP, 100)]))
    return location


def cut_file(folder: pathlib.Path, module: str, ending: str, within_a_line: bool) -> Dict[str, Any]:
    """The options with a file of which only the first half is left."""
    lines = CUT_LISTS[module](40)[ending]
    kept = [line for line in lines if not re.search(r"\b(u-|D)[23]\d", line) and line != "]"]
    text = "\n".join(kept) + "\n"
    if within_a_line:
        text += next(line for line in lines if re.search(r"\b(u-|D)20", line))[:3]
    (folder / f"list{ending}").write_text(text, encoding="utf-8")
    option = "users_files" if module == "vpp_user" else "assignments_files"
    return {option: [str(folder / f"list{ending}")], **CUT_OPTIONS[module]}


CUT_CASES = [(module, ending) for module, lists in CUT_LISTS.items() for ending in lists(1)]


@pytest.mark.parametrize("ceiling, shown", [(None, "20%"), ("19", "19"), ("49.9%", "49.9%"), ("0", "0")], ids=["default", "number", "percentage", "none"])
@pytest.mark.parametrize("module, ending", [case for case in CUT_CASES if case[1] != ".json"])
def test_a_file_cut_in_half_at_the_end_of_a_line_is_stopped(
    forty: Location, tmp_path: pathlib.Path, module: str, ending: str, ceiling: Optional[str], shown: str
) -> None:
    options = cut_file(tmp_path, module, ending, within_a_line=False)
    result = forty.fails(module, max_removals=ceiling, **options)
    what, names = REMOVED[module]
    parts = (f"20 of 40 {what}, but max_removals is {shown}: ", names, "and 15 more", "If that is meant, allow it with max_removals: 20.")
    check_message(result, parts)
    assert forty.write_count() == 0


@pytest.mark.parametrize("module, ending", CUT_CASES)
def test_a_file_cut_in_half_within_a_line_is_stopped(forty: Location, tmp_path: pathlib.Path, module: str, ending: str) -> None:
    options = cut_file(tmp_path, module, ending, within_a_line=True)
    result = forty.fails(module, **options)
    assert forty.write_count() == 0
    (path,) = options.get("users_files") or options["assignments_files"]
    last_line = len(pathlib.Path(path).read_text(encoding="utf-8").splitlines())
    if ending == ".txt":
        # The half of an id is an id.
        assert "20 of 40 active users would be removed" in result["msg"]
    else:
        assert f"{path}:{last_line}: " in result["msg"] and forty.simulator.requests() == []


@pytest.mark.parametrize("module", CUT_LISTS)
@pytest.mark.parametrize("ceiling", ["20", "50%", "100%"])
def test_what_the_message_names_lets_it_pass(forty: Location, tmp_path: pathlib.Path, module: str, ceiling: str) -> None:
    options = cut_file(tmp_path, module, ".csv", within_a_line=False)
    assert sum(forty.ok(module, check=True, max_removals=ceiling, **options)["plan"]["counts"].values()) == 20


VALUES = st.recursive(
    st.one_of(
        st.none(),
        st.booleans(),
        st.integers(-5, 2**40),
        st.floats(),
        st.sampled_from(["", " ", "u-1", "D1", bad_options.APP, "present", "a@b.test", "yes", "\ud800", "\x00", "a=b", "{", '{"a": 1}', "x" * 2000, "\u0661"]),
        st.text(max_size=5),
    ),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(st.sampled_from(["client_user_id", "email", "assets", "users", "devices", "users_file", "adam_id", "pricing_param", "id", "x"]), inner),
    ),
    max_leaves=6,
)
# These would only slow the test down or send requests elsewhere.
NOT_DRAWN = {"base_url", "ca_path", "http_timeout", "retry_budget", "wait", "wait_timeout", "wait_interval", "validate_certs"}
MODULES_DRAWN = [*CUT_LISTS, "vpp_asset_revocation", "vpp_client_config", "vpp_asset_info", "vpp_assignment_info", "vpp_user_info", "vpp_event_info"]


@pytest.mark.parametrize("module", MODULES_DRAWN)
def test_whatever_the_options_are_there_is_a_result(location: Location, module: str) -> None:
    own = set(documentation(module).get("options", {}))
    names = sorted(own - NOT_DRAWN | {"mdm_id", "expected_uid", "content_token", "content_token_file", "max_removals"})

    @settings(max_examples=25, deadline=None, derandomize=True, database=None)
    @given(st.dictionaries(st.sampled_from(names), VALUES, max_size=4))
    def check(options: Dict[str, Any]) -> None:
        location.simulator.clear_requests()
        result = location.run(module, True, **{"retry_budget": 0, **options})
        assert "exception" not in result
        if result.get("failed"):
            assert not NOT_FOR_PEOPLE.search(result["msg"]), result["msg"]
        if result["requests"] == {"reads": 0, "writes": 0}:
            assert location.simulator.requests() == []
        assert result["requests"]["writes"] == 0 == location.write_count()

    check()


def told_of_locations(output: str) -> Dict[str, List[str]]:
    """What the playbook prints of each location that failed."""
    told: Dict[str, List[str]] = {}
    for line in output.partition("TASK [Name the locations with what was done")[2].splitlines():
        found = re.match(r'\s+("([a-z-]+): .*"),?$', line)
        if found:
            text = json.loads(found.group(1))
            told.setdefault(found.group(2), []).append(text.partition(": ")[2])
    return told


def plant(folder: pathlib.Path, files: bad_trees.Files) -> None:
    folder.mkdir(parents=True)
    for name, content in files.items():
        if name.endswith("->"):
            link = folder / name.removesuffix("->")
            link.parent.mkdir(exist_ok=True)
            link.symlink_to(str(content))
        else:
            write(folder, name, content)


def test_broken_trees_are_told_fault_by_fault_and_nothing_is_sent(playbooks: Playbooks, tmp_path: pathlib.Path) -> None:
    """All of them as locations of one run, which shows as well that none of them stops the others."""
    environment = {"VPP_CONTENT_TOKEN": "", "ANSIBLE_FORKS": "4"}
    hosts = {}
    for name, tree in bad_trees.TREES.items():
        plant(tmp_path / "locations" / name, tree.files)
        hosts[name] = {"location_path": str(tmp_path / "locations" / name), **tree.variables}
        if tree.has_token:
            environment["VPP_CONTENT_TOKEN_" + name.upper().replace("-", "_")] = TOKEN
    (tmp_path / "hosts.json").write_text(json.dumps({"locations": {"hosts": hosts}}), encoding="utf-8")
    result = playbooks.run_file("mdmkit.apps_books.apply", "-i", str(tmp_path / "hosts.json"), environment=environment)
    told = told_of_locations(result.stdout)
    assert result.returncode == 2 and set(told) == set(bad_trees.TREES), result.stdout + result.stderr
    missing, more = [], []
    for name, tree in bad_trees.TREES.items():
        lines = [line for line in told[name] if not line.startswith("FAILED in: ")]
        for place, what in tree.told:
            place = place.replace("HERE", str(tmp_path / "locations" / name))
            matching = [line for line in lines if line.startswith(place) and what.replace("HERE", str(tmp_path / "locations" / name)) in line[len(place):]]
            if matching:
                lines.remove(matching[0])
            else:
                missing.append((name, place, what, lines))
        more.extend((name, line) for line in lines)
    assert (missing, more) == ([], [])
    assert "canary-" not in result.stdout + result.stderr and "Traceback" not in result.stdout + result.stderr
    assert playbooks.simulator.requests() == []


def test_there_are_plenty_of_broken_trees() -> None:
    assert sum(len(tree.told) for name, tree in bad_trees.TREES.items() if name != "many") >= 70


@pytest.mark.parametrize(
    "files, arguments, told",
    [
        ({}, [], ["locations_path is missing: name the folder"]),
        ({"locations": "x"}, ["locations_path=locations"], ["locations_path: ", "/locations is not a folder"]),
        (
            {"locations/users.csv": bad_trees.USERS},
            ["locations_path=locations", "locations_onyl=a"],
            [
                "/locations is itself the folder of a location; name the folder above it",
                "unknown variable locations_onyl (known: locations_path, locations_only",
            ],
        ),
        (
            {"locations/springfield/users.csv": bad_trees.USERS},
            ["locations_path=locations", "locations_only=sprinfield"],
            ["locations_only: ", "has no location sprinfield (there are: springfield)"],
        ),
    ],
    ids=["no path", "a file", "too deep", "misspelt location"],
)
def test_variables_of_the_playbook_are_checked_first(
    playbooks: Playbooks, tmp_path: pathlib.Path, files: Dict[str, str], arguments: List[str], told: List[str]
) -> None:
    for name, content in files.items():
        write(tmp_path, name, content)
    extra = [part for argument in arguments for part in ("-e", argument)]
    result = playbooks.run_file("mdmkit.apps_books.apply", *extra)
    assert result.returncode == 2
    for part in told:
        assert part in result.stdout, result.stdout
    assert playbooks.simulator.requests() == []
