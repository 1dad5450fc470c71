# Copyright (c) 2026, the mdmkit.apps_books authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Options that cannot mean anything."""

from __future__ import annotations

from typing import Any, List

from .bad_case import Case, options

USER, ASSIGNMENT, REVOCATION, CONFIG = "vpp_user", "vpp_asset_assignment", "vpp_asset_revocation", "vpp_client_config"
SPACE = "has white space around it or a control character in it"
APP = "1000000001"
HALF = "half a character"


def user(name: str, entry: Any, *told: str) -> Case:
    """A case of one wrong user behind a good one."""
    return options(f"user: {name}", USER, *told, users=[{"client_user_id": "u-1"}, entry])


def entry(name: str, wrong: Any, *told: str) -> Case:
    """A case of one wrong entry behind a good one."""
    return options(f"assignment: {name}", ASSIGNMENT, *told, assignments=[{"assets": [APP], "users": ["u-1"]}, wrong])


def asset(name: str, wrong: Any, *told: str) -> Case:
    return entry(f"asset {name}", {"assets": [APP, wrong], "users": ["u-1"]}, *told)


def removals(wrong: Any, told: str) -> List[Case]:
    return [
        options(f"max_removals {wrong!a:.60} of {module}", module, "max_removals", told, max_removals=wrong, **more)
        for module, more in (
            (USER, {"users": [{"client_user_id": "u-1"}], "purge": True}),
            (ASSIGNMENT, {"assignments": [{"assets": [APP], "users": ["u-1"]}], "purge": "assets"}),
            (REVOCATION, {"users": ["u-1"]}),
        )
    ]


def number(name: str, wrong: Any, told: str) -> Case:
    return options(f"{name} {wrong!r}", USER, told, users=[{"client_user_id": "u-2"}], **{name: wrong})


def url(wrong: Any, told: str) -> List[Case]:
    return [
        options(f"base_url {wrong!a:.60}", "vpp_client_config_info", "base_url", told, base_url=wrong),
        options(f"notification_url {wrong!a:.60}", CONFIG, "notification_url", told, notification_url=wrong, notification_auth_token="canary-notification"),
    ]


NEITHER = "is neither a number such as 50 nor a percentage such as 20%"
SECONDS = "is not a number of seconds"
YEAR = "is more than 31536000, a year in seconds"
NO_URL = "is not a URL such as https://"
QUOTES = "is not text; put it into quotes"
ZEROS = "since YAML reads 0017 as 15"

TYPES = [
    options("text for a list of users", USER, "users: a list is expected, not 'u-1'", users="u-1"),
    options("mapping for a list of users", USER, "users: a list is expected, not a mapping", users={"client_user_id": "u-1"}),
    options("number for a list of users", USER, "users: a list is expected, not 5", users=5),
    options("boolean for a list of users", USER, "users: a list is expected, not true", users=True),
    options("number for a list of files", USER, "users_files: a list is expected, not 1.5", users_files=1.5),
    options("mapping for a file", USER, "users_files[1]: a mapping is not a path", users_files=["/dev/null/x.csv", {"src": "users.csv"}]),
    options("null for a file", USER, "users_files[0]: text is expected, not null", users_files=[None]),
    options("nothing to do: users", USER, "none of users, users_files is given"),
    options("nothing to do: only empty texts", USER, "none of users, users_files is given", users="", users_files=[""]),
    options("nothing to do: assignments", ASSIGNMENT, "none of assignments, assignments_files is given"),
    options("nothing to do: revocation", REVOCATION, "none of users, users_file, devices, devices_file, everybody_but is given"),
    options("no events", "vpp_event_info", "event_ids is missing"),
    options("misspelt option", USER, "unknown option pruge (known: allow_empty, ", users=[], pruge=True),
    options("two misspelt options", USER, "unknown options colour, pruge (known: ", users=[], pruge=True, colour="red"),
    options("option of another module", "vpp_service_config_info", "unknown option users", users=["u-1"]),
    options("unknown state", USER, "state: 'gone' is not one of present, absent", users=[], state="gone"),
    options("state as a boolean", USER, "state: true is not one of present, absent", users=[], state=True),
    options("purge that says perhaps", USER, "purge: 'perhaps' is neither true nor false", users=[], purge="perhaps"),
    options("purge as a list", USER, "purge: a list is neither true nor false", users=[], purge=[True]),
    options("purge of assignments as a boolean", ASSIGNMENT, "purge: true is not one of none, assets, targets, location", assignments=[], purge=True),
    options("purge with absent: users", USER, "purge goes with state: present only", users=[], purge=True, state="absent"),
    options("purge with absent: assignments", ASSIGNMENT, "purge goes with state: present only", assignments=[], purge="assets", state="absent"),
    options("unknown policy", USER, "managed_apple_id_policy: 'never' is not one of on_create, always", users=[], managed_apple_id_policy="never"),
    options("unknown shortage", ASSIGNMENT, "on_shortage: 'wait' is not one of fail, partial", assignments=[], on_shortage="wait"),
    options("wait that says later", USER, "wait: 'later' is neither true nor false", users=[], wait="later"),
    options("certificates perhaps", USER, "validate_certs: 'perhaps' is neither true nor false", users=[], validate_certs="perhaps"),
    options("both filters", "vpp_user_info", "active_only and retired_only are both given; give one", active_only=True, retired_only=True),
    options("percentage without all users", USER, "max_removals 20%: with state: absent give a number", users=[], state="absent", max_removals="20%"),
    options(
        "three faults of three kinds",
        USER,
        "3 faults",
        "users[0]: client_user_id is missing",
        "state: 'gone'",
        "http_timeout: 'soon'",
        users=[{"email": "a@example.test"}],
        state="gone",
        http_timeout="soon",
    ),
    options(
        "faults of values and of the token",
        USER,
        "3 faults",
        "content_token is not a content token",
        "http_timeout must be more than 0",
        "users[0]: client_user_id is empty",
        users=[{"client_user_id": ""}],
        http_timeout=0,
        content_token="canary-cut-off",
    ),
    options("assumption as text", REVOCATION, "assume: a mapping is expected, not 'yes'", users=["u-1"], assume="yes"),
    options("unknown assumption", REVOCATION, "assume: unknown key user (known: ", users=["u-1"], assume={"user": []}),
    options("assumption of ids that are no text", REVOCATION, f"assume.revoked_users[0]: 83 {QUOTES}", users=["u-1"], assume={"revoked_users": [83]}),
]

USERS = [
    user("text", "u-2", "users[1]: a mapping is expected, not 'u-2'"),
    user("list", ["u-2"], "users[1]: a mapping is expected, not a list"),
    user("null", None, "users[1]: a mapping is expected, not null"),
    user("empty", {}, "users[1]: client_user_id is missing"),
    user("without id", {"email": "two@example.test"}, "users[1]: client_user_id is missing"),
    user("id null", {"client_user_id": None}, "users[1]: client_user_id is missing"),
    user("id empty", {"client_user_id": ""}, "users[1]: client_user_id is empty"),
    user("id that YAML read as octal (0123)", {"client_user_id": 83}, f"users[1].client_user_id: 83 {QUOTES}", ZEROS),
    user("id that YAML read as a float (1.5e+3)", {"client_user_id": 1500.0}, f"users[1].client_user_id: 1500.0 {QUOTES}", ZEROS),
    user("id that YAML read as a boolean (yes)", {"client_user_id": True}, f"users[1].client_user_id: true {QUOTES}"),
    user("id that YAML read as a boolean (off)", {"client_user_id": False}, f"users[1].client_user_id: false {QUOTES}"),
    user("id list", {"client_user_id": ["u-2"]}, "users[1].client_user_id: a list is not text"),
    user("id mapping", {"client_user_id": {"id": "u-2"}}, "users[1].client_user_id: a mapping is not text"),
    user("id with space before", {"client_user_id": " u-2"}, f"users[1]: client_user_id ' u-2' {SPACE}"),
    user("id with line break behind", {"client_user_id": "u-2\n"}, f"users[1]: client_user_id 'u-2\\n' {SPACE}"),
    user("id with tab within", {"client_user_id": "u\t2"}, f"users[1]: client_user_id 'u\\t2' {SPACE}"),
    user("id with NUL", {"client_user_id": "u\x002"}, f"users[1]: client_user_id 'u\\x002' {SPACE}"),
    user("id of spaces", {"client_user_id": "   "}, f"users[1]: client_user_id '   ' {SPACE}"),
    user("id with no-break space", {"client_user_id": "u-2\u00a0"}, f"users[1]: client_user_id 'u-2\\xa0' {SPACE}"),
    user("id with byte order mark", {"client_user_id": "\ufeffu-2"}, f"users[1]: client_user_id '\\ufeffu-2' {SPACE}"),
    user("id with half a character", {"client_user_id": "u\ud83c"}, "users[1].client_user_id", HALF),
    user("id of a whole file", {"client_user_id": "u" * 5000}, "users[1]: client_user_id 'uuu", "has 5000 characters, more than 1000"),
    user("misspelt member", {"client_user_id": "u-2", "mail": "two@example.test"}, "users[1]: unknown key mail (known: client_user_id, email, "),
    user("email without at", {"client_user_id": "u-2", "email": "two"}, "users[1]: email 'two' is not an address"),
    user("email with two", {"client_user_id": "u-2", "email": "a@b@c"}, "users[1]: email 'a@b@c' is not an address"),
    user("email with a space", {"client_user_id": "u-2", "email": "two @example.test"}, "users[1]: email 'two @example.test' is not an address"),
    user("email with a NUL", {"client_user_id": "u-2", "email": "t\x00@example.test"}, "users[1]: email 't\\x00@example.test' is not an address"),
    user("email with half a character", {"client_user_id": "u-2", "email": "\ud83c@example.test"}, "users[1].email", HALF),
    user("email list", {"client_user_id": "u-2", "email": ["two@example.test"]}, "users[1].email: a list is not text"),
    user("email boolean", {"client_user_id": "u-2", "email": False}, f"users[1].email: false {QUOTES}"),
    user("account without at", {"client_user_id": "u-2", "managed_apple_id": "two"}, "users[1]: managed_apple_id 'two' is not an address"),
    user("said otherwise", {"client_user_id": "u-1", "email": "one@example.test"}, "users[1]: user u-1 is said otherwise at users[0]"),
    options(
        "user: every member wrong",
        USER,
        "3 faults",
        "users[0]: client_user_id ' x'",
        "users[0]: email 'y'",
        "users[0]: managed_apple_id 'z'",
        users=[{"client_user_id": " x", "email": "y", "managed_apple_id": "z"}],
    ),
    options(
        "user: two hundred wrong",
        USER,
        "200 faults",
        "users[0]: client_user_id is empty",
        "users[49]: ",
        "and 150 more",
        users=[{"client_user_id": ""}] * 200,
    ),
]

ASSIGNMENTS = [
    entry("text", APP, f"assignments[1]: a mapping is expected, not '{APP}'"),
    entry("nobody", {"assets": [APP]}, "assignments[1]: none of users, users_file, devices, devices_file, groups is given"),
    entry("without assets", {"users": ["u-1"]}, "assignments[1]: assets is missing"),
    entry("assets null", {"assets": None, "users": ["u-1"]}, "assignments[1]: assets is missing"),
    entry("assets mapping", {"assets": {"adam_id": APP}, "users": ["u-1"]}, "assignments[1].assets: a list is expected, not a mapping"),
    entry(
        "misspelt member",
        {"assets": [APP], "user": ["u-1"]},
        "assignments[1]: unknown key user (known: assets, devices, devices_file, groups, title, users, users_file)",
    ),
    entry("users mapping", {"assets": [APP], "users": {"u-1": None}}, "assignments[1].users: a list is expected, not a mapping"),
    entry("user number", {"assets": [APP], "users": ["u-1", 83]}, f"assignments[1].users[1]: 83 {QUOTES}"),
    entry("user boolean", {"assets": [APP], "users": ["u-1", True]}, f"assignments[1].users[1]: true {QUOTES}"),
    entry("user null", {"assets": [APP], "users": [None]}, "assignments[1].users[0]: text is expected, not null"),
    entry("user empty", {"assets": [APP], "users": ["u-1", ""]}, "assignments[1].users[1]: client_user_id is empty"),
    entry("user with space", {"assets": [APP], "users": ["u-1 "]}, f"assignments[1].users[0]: client_user_id 'u-1 ' {SPACE}"),
    entry("device float", {"assets": [APP], "devices": [1e5]}, f"assignments[1].devices[0]: 100000.0 {QUOTES}"),
    entry("device list", {"assets": [APP], "devices": [["D1"]]}, "assignments[1].devices[0]: a list is not text"),
    entry("device with line break", {"assets": [APP], "devices": ["D1\r\n"]}, f"assignments[1].devices[0]: serial_number 'D1\\r\\n' {SPACE}"),
    entry("file list", {"assets": [APP], "users_file": ["a.csv"]}, "assignments[1].users_file: a list is not a path"),
    entry("file with NUL", {"assets": [APP], "devices_file": "a\x00.csv"}, "assignments[1].devices_file: 'a\\x00.csv' is not a path"),
    entry("file not there", {"assets": [APP], "devices_file": "/nonexistent/cart.txt"}, "/nonexistent/cart.txt: No such file or directory"),
    asset("letters", "Pages", "assignments[1].assets[1]: adam_id 'Pages' is not a number such as 1000000001"),
    asset("empty", "", "assignments[1].assets[1]: adam_id '' is not a number"),
    asset("null", None, "assignments[1].assets[1]: adam_id is missing"),
    asset("boolean", True, "assignments[1].assets[1]: adam_id True is not a number"),
    asset("float", 1.5, "assignments[1].assets[1]: adam_id 1.5 is not a number"),
    asset("negative", -1, "assignments[1].assets[1]: adam_id -1 is not a number"),
    asset("other digits", "\u0661\u0662\u0663", "assignments[1].assets[1]: adam_id '", "is not a number"),
    asset("too long", "1" * 30, "assignments[1].assets[1]: adam_id '1111", "is not a number"),
    asset("URL", "https://apps.apple.com/app/id361309726", "assignments[1].assets[1]: adam_id 'https://apps.apple.com/app/id361309726' is not a number"),
    asset("list", [[[APP]]], "assignments[1].assets[1]: adam_id [[", "is not a number"),
    asset("empty mapping", {}, "assignments[1].assets[1]: adam_id is missing"),
    asset("misspelt member", {"adam_id": APP, "pricing": "PLUS"}, "assignments[1].assets[1]: unknown key pricing (known: adam_id, pricing_param)"),
    asset("small pricing", {"adam_id": APP, "pricing_param": "plus"}, "assignments[1].assets[1]: pricing_param 'plus' is neither STDQ nor PLUS"),
    asset("pricing list", {"adam_id": APP, "pricing_param": ["PLUS"]}, "assignments[1].assets[1]: pricing_param ['PLUS'] is neither"),
    asset("pricing boolean", {"adam_id": APP, "pricing_param": False}, "assignments[1].assets[1]: pricing_param False is neither"),
    asset("half a character", "\ud83c", "assignments[1].assets[1]: half a character"),
    asset("half a character within", {"adam_id": "\ud83c"}, "assignments[1].assets[1]: adam_id '\\ud83c' is not a number"),
]

REVOCATIONS = [
    options("revocation: mapping for devices", REVOCATION, "devices: a list is expected, not a mapping", devices={"D1": 1}),
    options(
        "revocation: four wrong ids",
        REVOCATION,
        "4 faults",
        f"users[0]: 5 {QUOTES}",
        f"users[1]: true {QUOTES}",
        "users[2]: text is expected, not null",
        "devices[0]: a mapping is not text",
        users=[5, True, None],
        devices=[{"serial_number": "D1"}],
    ),
    options("revocation: list in a text with spaces", REVOCATION, "users[1]: client_user_id ' u-2' has white space", users="u-1, u-2"),
    options("revocation: list for a file", REVOCATION, "devices_file: a list is not a path", devices_file=["a.txt"]),
    options("revocation: file of another kind", REVOCATION, "/nonexistent/a.pdf: the ending '.pdf' is not one of .json", users_file="/nonexistent/a.pdf"),
]

GUARDS = [
    *removals("-1", NEITHER),
    *removals("101%", NEITHER),
    *removals("a few", NEITHER),
    *removals("5.5", NEITHER),
    *removals([5], "a list is not text"),
    *removals(True, QUOTES),
    number("max_listed", -1, "max_listed must not be less than 0"),
    number("max_listed", "many", "max_listed: 'many' is not a whole number"),
    number("max_listed", 1.5, "max_listed: 1.5 is not a whole number"),
    number("max_listed", True, "max_listed: true is not a whole number"),
    number("max_listed", "inf", "max_listed: 'inf' is not a whole number"),
    number("max_listed", 10**20, "is more than 2147483647"),
]

NUMBERS = [
    *(number(name, "soon", f"{name}: 'soon' {SECONDS}") for name in ("http_timeout", "retry_budget", "wait_timeout", "wait_interval")),
    *(number(name, "nan", f"{name}: 'nan' {SECONDS}") for name in ("http_timeout", "retry_budget", "wait_timeout", "wait_interval")),
    *(number(name, "inf", f"{name}: 'inf' {YEAR}") for name in ("http_timeout", "retry_budget", "wait_timeout", "wait_interval")),
    *(number(name, 1e300, f"{name}: 1e+300 {YEAR}") for name in ("http_timeout", "retry_budget", "wait_timeout", "wait_interval")),
    *(number(name, [60], f"{name}: a list {SECONDS}") for name in ("http_timeout", "wait_timeout")),
    *(number(name, True, f"{name}: true {SECONDS}") for name in ("http_timeout", "retry_budget")),
    *(number(name, 0, f"{name} must be more than 0") for name in ("http_timeout", "wait_interval")),
    *(number(name, -0.5, f"{name} must not be less than 0") for name in ("retry_budget", "wait_timeout")),
]

URLS = [
    *url("apple", NO_URL),
    *url("https://", NO_URL),
    *url("ftp://files.example.test/", NO_URL),
    *url("//hooks.example.test/", NO_URL),
    *url("https://two words.example.test/", NO_URL),
    *url("https://hooks.example.test:99999/", NO_URL),
    *url("https://hooks.example.test:https/", NO_URL),
    *url("https://[::1", NO_URL),
    *url("https://..", NO_URL),
    *url("https://" + "a" * 300 + ".example.test", NO_URL),
    *url("https://hooks.example.test/\n", NO_URL),
    *url("http://hooks.example.test/", "must begin with https"),
    *url("https://somebody:canary-password@hooks.example.test/", "may hold only host, port and path"),
    *url("https://somebody:canary-password@hooks.example.test:x/", NO_URL),
    *url("https://hooks.example.test/?secret=no", "may hold only host, port and path"),
    *url("https://hooks.example.test/#here", "may hold only host, port and path"),
    *url(["https://hooks.example.test/"], "a list is not text"),
    *url("https://\ud83c.example.test/", HALF),
]

CONFIGURATION = [
    options("mdm_info text", CONFIG, "mdm_info: a mapping is expected, not 'ours'", mdm_info="ours"),
    options("mdm_info list", CONFIG, "mdm_info: a mapping is expected, not a list", mdm_info=[{"id": "ours"}]),
    options("mdm_info of one", CONFIG, "2 faults", "mdm_info: name is missing", "mdm_info: metadata is missing", mdm_info={"id": "ours"}),
    options("mdm_info without id", CONFIG, "mdm_info: id is missing", mdm_info={"id": None, "name": "Us", "metadata": "x"}),
    options("mdm_info empty", CONFIG, "2 faults", "mdm_info.id is empty", "mdm_info.name is empty", mdm_info={"id": "", "name": " ", "metadata": "x"}),
    options(
        "mdm_info no text",
        CONFIG,
        "2 faults",
        f"mdm_info.id: true {QUOTES}",
        "mdm_info.name: a list is not text",
        mdm_info={"id": True, "name": [], "metadata": "x"},
    ),
    options("mdm_info more", CONFIG, "mdm_info: unknown key ID (known: id, metadata, name)", mdm_info={"id": "a", "name": "b", "metadata": "c", "ID": "d"}),
    options("two ids", CONFIG, "mdm_info.id is a, but mdm_id is b", mdm_info={"id": "a", "name": "b", "metadata": "c"}, mdm_id="b"),
    options("unknown types", CONFIG, "notification_types: 'EVERYTHING' is not one of ASSET_COUNT, ", notification_types=["ASSET_COUNT", "EVERYTHING"]),
    options("types mapping", CONFIG, "notification_types: a list is expected, not a mapping", notification_types={"ASSET_COUNT": True}),
    options("type mapping", CONFIG, "notification_types[0]: a mapping is not text", notification_types=[{"ASSET_COUNT": True}]),
    options("secret list", CONFIG, "notification_auth_token: what is given is not text", notification_auth_token=["canary-secret-1"]),
    options("secret mapping", CONFIG, "notification_auth_token: what is given is not text", notification_auth_token={"secret": "canary-secret-2"}),
    options("secret and a fault", CONFIG, "mdm_info: a mapping is expected", mdm_info=5, notification_auth_token="canary-secret-3"),
    options("takeover", CONFIG, "takeover: 'ask' is neither true nor false", takeover="ask"),
]

QUESTIONS = [
    options("event list", "vpp_event_info", "event_ids[0]: a list is not text", event_ids=[["a"]]),
    options("event null", "vpp_event_info", "event_ids[1]: text is expected, not null", event_ids=["a", None]),
    options("event empty", "vpp_event_info", "event_ids[1] is empty", event_ids=["a", ""]),
    options("event with line break", "vpp_event_info", f"event_ids[0] 'a\\n' {SPACE}", event_ids=["a\n"]),
    options("event mapping", "vpp_event_info", "event_ids[0]: a mapping is not text", event_ids=[{"event_id": "a"}]),
    options("filter by letters", "vpp_asset_info", "adam_id 'Pages' is not a number such as 1000000001", adam_id="Pages"),
    options("filter by letters: assignments", "vpp_assignment_info", "adam_id '1.5' is not a number", adam_id="1.5"),
    options("filter by list", "vpp_asset_info", "adam_id: a list is not text", adam_id=["1"]),
    options("unknown product type", "vpp_asset_info", "product_type: 'app' is not one of App, Book", product_type="app"),
    options("unknown pricing", "vpp_assignment_info", "pricing_param: 'FREE' is not one of STDQ, PLUS", pricing_param="FREE"),
    options("least below none", "vpp_asset_info", "min_available_count must not be less than 0", min_available_count=-1),
    options("most below least", "vpp_asset_info", "min_assigned_count 5 is more than max_assigned_count 1", min_assigned_count=5, max_assigned_count=1),
    options("count of words", "vpp_asset_info", "max_available_count: 'few' is not a whole number", max_available_count="few"),
    options("user with space", "vpp_user_info", f"client_user_id 'u-1 ' {SPACE}", client_user_id="u-1 "),
    options("user number", "vpp_user_info", f"client_user_id: 83 {QUOTES}", client_user_id=83),
    options("device boolean", "vpp_assignment_info", f"serial_number: true {QUOTES}", serial_number=True),
    options("version with line break", "vpp_user_info", f"since_version_id 'a\\nb' {SPACE}", since_version_id="a\nb"),
    options("uid of letters", "vpp_client_config_info", "expected_uid 'springfield' is not a number such as", expected_uid="springfield"),
    options("uid list", "vpp_service_config_info", "expected_uid: a list is not text", expected_uid=["1"]),
    options("authorities not there", "vpp_client_config_info", "ca_path /nonexistent/ca.pem does not exist", ca_path="/nonexistent/ca.pem"),
    options("authorities with NUL", "vpp_client_config_info", "ca_path: 'a\\x00' is not a path", ca_path="a\x00"),
    Case(
        "authorities of text",
        "vpp_client_config_info",
        ("ca_path FOLDER/ca.pem holds no certificates that can be read",),
        {"ca_path": "FOLDER/ca.pem"},
        {"ca.pem": "-----BEGIN NOTHING-----\n"},
    ),
]

READERS = ("vpp_user_info", "vpp_asset_info", "vpp_assignment_info")
DESTINATIONS = [
    *(options(f"dest of {module}", module, "dest /nonexistent/a.csv: there is no folder /nonexistent", dest="/nonexistent/a.csv") for module in READERS),
    options("dest without ending", "vpp_user_info", "dest /tmp/list: the ending '' is not one of .json, .jsonl (or .ndjson), .csv", dest="/tmp/list"),
    options("dest of YAML", REVOCATION, "dest /tmp/plan.yml: the ending '.yml' is not one of", users=["u-2"], dest="/tmp/plan.yml"),
    options("dest that is a folder", USER, "dest /proc/: there is something that is no file", users=[{"client_user_id": "u-2"}], dest="/proc/"),
    options("dest list", REVOCATION, "dest: a list is not a path", users=["u-2"], dest=["/tmp/plan.csv"]),
    options("dest with NUL", REVOCATION, "dest: 'a\\x00.csv' is not a path", users=["u-2"], dest="a\x00.csv"),
    options("dest and a user", USER, "2 faults", "dest /none/a.csv: ", "users[0]: client_user_id is empty", users=[{"client_user_id": ""}], dest="/none/a.csv"),
    Case(
        "dest in a file",
        USER,
        ("dest FOLDER/users.csv/plan.csv: there is no folder FOLDER/users.csv",),
        {"users_files": ["FOLDER/users.csv"], "dest": "FOLDER/users.csv/plan.csv"},
        {"users.csv": "client_user_id\nu-1\n"},
    ),
    options("events listed below none", "vpp_event_info", "max_listed must not be less than 0", event_ids=["a"], max_listed=-1),
]

CASES: List[Case] = [*TYPES, *USERS, *ASSIGNMENTS, *REVOCATIONS, *GUARDS, *NUMBERS, *URLS, *CONFIGURATION, *QUESTIONS, *DESTINATIONS]
