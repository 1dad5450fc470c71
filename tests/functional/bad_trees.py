# Copyright (c) 2026, the mdmkit.apps_books authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Folders of locations that cannot mean anything."""

from __future__ import annotations

from typing import Any, Dict, List, NamedTuple, Tuple

from .bad_case import Files

USERS = "client_user_id,email\nu-1,\n"
KNOWN = "(known: uid, expected_location, mdm_id, content_token_env, "
DATA_ONLY = "the tree holds data only, no templates"
CEILING = "is not a number such as 50 or a percentage such as 20%"
SECRET = "is a secret and must not stand in the tree"
QUOTES = "is not text; put it into quotes"


class Tree(NamedTuple):
    """
    :ivar files: by name, within the folder; a name that ends in -> is a link to the content
    :ivar told: how each fault is told, in two parts that follow each other: its place, and what is wrong. HERE stands for the folder
    :ivar variables: of the role
    :ivar has_token: whether the environment holds a content token for it
    """

    files: Files
    told: List[Tuple[str, str]]
    variables: Dict[str, Any] = {}
    has_token: bool = True


TREES: Dict[str, Tree] = {
    "empty": Tree({}, [("location_path: HERE", " is empty")]),
    "only-settings": Tree(
        {"location.yml": "users_purge: true\n", "README.md": "x"}, [("HERE:", " nothing to apply, there is neither client_config.yml nor users")]
    ),
    "strangers": Tree(
        {"users.csv": USERS, "asignments.yml": "[]\n", "users.xlsx": b"PK\x03\x04", "users.CSV": USERS, "users.d/b.bak": "x"},
        [
            ("HERE/asignments.yml:", " not a file of a location (known: location.yml, client_config.yml, "),
            ("HERE/users.xlsx:", " not a file of a location"),
            ("HERE/users.CSV:", " not a file of a location"),
            ("HERE/users.d/b.bak:", " not a file of a location"),
        ],
    ),
    "dead-links": Tree(
        {"users.csv": USERS, "assignments.yml->": "assignments.yml", "users.d/more.csv->": "nowhere.csv"},
        [("HERE/assignments.yml:", " a link that leads nowhere"), ("HERE/users.d/more.csv:", " a link that leads nowhere")],
    ),
    "shapes": Tree(
        {"users.csv": USERS, "location.yml": "- users_purge: true\n", "client_config.yml": "claimed\n", "revocations.yml": "---\n\n- u-1\n"},
        [
            ("HERE/location.yml:1:", " keys and values are expected, not a list"),
            ("HERE/client_config.yml:1:", " keys and values are expected, not text"),
            ("HERE/revocations.yml:3:", " keys and values are expected, not a list"),
        ],
    ),
    "no-yaml": Tree(
        {
            "users.csv": USERS,
            "location.yml": "users_purge: [true\n",
            "client_config.yml": "mdm_info:\n\tid: ours\n",
            "revocations.yml": "users: [u-1]\n---\nusers: []\n",
        },
        [
            ("HERE/location.yml:1:", " not YAML: "),
            ("HERE/client_config.yml:2:", " not YAML: found character that cannot start any token; indent with spaces"),
            ("HERE/revocations.yml:2:", " not YAML: a second document begins here"),
        ],
    ),
    "no-text": Tree(
        {
            "users.csv": USERS,
            "location.yml": "mdm_id: ours\n".encode("utf-16"),
            "client_config.yml": "---\nmdm_info: {id: ours, name: Z\u00fcrich, metadata: x}\n".encode("latin-1"),
            "revocations.yml": "users: [u-1]\nx: \x07\n",
        },
        [
            ("HERE/location.yml:", " not UTF-8 text but UTF-16; save it as UTF-8"),
            ("HERE/client_config.yml:2:", " not UTF-8 text (byte 32 of the file)"),
            ("HERE/revocations.yml:2:", " not YAML: '\\x07' is not allowed"),
        ],
    ),
    "tricks": Tree(
        {
            "users.csv": USERS,
            "location.yml": "a: &a [x, x, x, x, x, x, x, x, x]\n"
            + "".join(f"{after}: &{after} [{', '.join(['*' + before] * 9)}]\n" for before, after in zip("abcdefgh", "bcdefghi")),
            "client_config.yml": "mdm_info:\n  id: \"{{ lookup('env', 'HOME') }}\"\n",
            "revocations.yml": "users: !secret u-1\n",
        },
        [
            ("HERE/location.yml:", " its aliases stand for more than 2000000 values"),
            ("HERE/client_config.yml:2:", f" {DATA_ONLY}"),
            ("HERE/revocations.yml:1:", " the tag '!secret' is not supported"),
        ],
    ),
    "twice": Tree(
        {
            "users.csv": USERS,
            "location.yml": "users_purge: true\nusers_max_removals: 5\nusers_purge: false\n",
            "client_config.yml": "mdm_info:\n  id: a\n  id: b\n  name: n\n  metadata: m\n",
            "revocations.yml": "true: [u-1]\n17: [u-2]\n",
        },
        [
            ("HERE/location.yml:3:", " users_purge comes twice"),
            ("HERE/client_config.yml:3:", " id comes twice"),
            ("HERE/revocations.yml:1:", " the key 'true' is not text"),
            ("HERE/revocations.yml:2:", " the key '17' is not text"),
        ],
    ),
    "settings": Tree(
        {
            "users.csv": USERS,
            "location.yml": "user_purge: true\nusers_purge: perhaps\nusers_max_removals: -5\nrevocations_max_removals: 150%\nassignments_purge: yes\n"
            "on_shortage: [fail]\nwait_timeout: soon\nretry_budget: .inf\nuid: springfield\nmdm_id: 0123\nmanaged_apple_id_policy: never\n"
            "content_token_env: A B\nnotification_auth_token_file: 5\n",
        },
        [
            ("HERE/location.yml:", f" unknown key user_purge {KNOWN}"),
            ("HERE/location.yml:", ' users_purge: "perhaps" is not true or false'),
            ("HERE/location.yml:", f" users_max_removals: -5 {CEILING}"),
            ("HERE/location.yml:", f' revocations_max_removals: "150%" {CEILING}'),
            ("HERE/location.yml:", " assignments_purge: true is not none, assets, targets or location"),
            ("HERE/location.yml:", ' on_shortage: ["fail"] is not fail or partial'),
            ("HERE/location.yml:", ' wait_timeout: "soon" is not a number of seconds'),
            ("HERE/location.yml:", " retry_budget: Infinity is not a number of seconds"),
            ("HERE/location.yml:", ' uid: "springfield" is not the digits of a uid'),
            ("HERE/location.yml:", " mdm_id: 83 is not text in quotes"),
            ("HERE/location.yml:", ' managed_apple_id_policy: "never" is not on_create or always'),
            ("HERE/location.yml:", ' content_token_env is not the name of an environment variable'),
            ("HERE/location.yml:", " notification_auth_token_file: 5 is not a path"),
        ],
    ),
    "secrets": Tree(
        {
            "users.csv": USERS,
            "location.yml": "content_token: canary-secret\n",
            "client_config.yml": "notification_auth_token: canary-secret\n",
        },
        [("HERE/location.yml:", f" content_token {SECRET}"), ("HERE/client_config.yml:", f" notification_auth_token {SECRET}")],
    ),
    "config-members": Tree(
        {"client_config.yml": "mdm_info: {id: 0123, name: yes, x: y}\nnotification_url: [a]\nnotification_types: ASSET_COUNT\nurl: x\n"},
        [
            ("HERE/client_config.yml:", f" mdm_info.id: 83 {QUOTES}"),
            ("HERE/client_config.yml:", f" mdm_info.name: true {QUOTES}"),
            ("HERE/client_config.yml:", " mdm_info.metadata is missing"),
            ("HERE/client_config.yml:", " unknown key mdm_info.x (known: id, name, metadata)"),
            ("HERE/client_config.yml:", " notification_url is not text"),
            ("HERE/client_config.yml:", " notification_types is not a list"),
            ("HERE/client_config.yml:", " unknown key url (known: mdm_info, notification_url, notification_types)"),
        ],
    ),
    "config-values": Tree(
        {
            "client_config.yml": "mdm_info: {id: '', name: n, metadata: m}\n"
            "notification_url: http://hooks.example.test/\nnotification_types: [ASSET_COUNT, ALL, 5]\n"
        },
        [
            ("HERE/client_config.yml:", " mdm_info.id is empty"),
            ("HERE/client_config.yml:", " notification_url must begin with https"),
            ("HERE/client_config.yml:", " notification_types: 'ALL' is not one of ASSET_COUNT"),
            ("HERE/client_config.yml:", " notification_types[2]: 5 is not text"),
        ],
    ),
    "config-nothing": Tree(
        {"client_config.yml": "mdm_info:\n"}, [("HERE/client_config.yml:", " mdm_info is a mapping of id, name, metadata")]
    ),
    "revocations-members": Tree(
        {"revocations.yml": "user: [u-1]\nusers: u-1\ndevices: {D1: x}\ndevices_file: [a.txt]\n"},
        [
            ("HERE/revocations.yml:", " unknown key user (known: users, users_file, devices, devices_file)"),
            ("HERE/revocations.yml:", " users is not a list"),
            ("HERE/revocations.yml:", " devices is not a list"),
            ("HERE/revocations.yml:", " devices_file is not a path"),
        ],
    ),
    "revocations-values": Tree(
        {
            "revocations.yml": "users: [0123, yes, ' u-1', null, 2026-01-31]\nusers_file: lists/left.txt\ndevices_file: lists/lost.txt\n",
            "lists/lost.txt": "D1\nD\t2\n",
        },
        [
            ("HERE/revocations.yml:", f" users[0]: 83 {QUOTES}"),
            ("HERE/revocations.yml:", f" users[1]: true {QUOTES}"),
            ("HERE/revocations.yml:", " users[2]: client_user_id ' u-1' has white space around it"),
            ("HERE/revocations.yml:", f" users[3]: null {QUOTES}"),
            ("HERE/revocations.yml:", f' users[4]: "2026-01-31" {QUOTES}'),
            ("HERE/lists/left.txt:", " No such file or directory"),
            ("HERE/lists/lost.txt:2:", " serial_number 'D\\t2' has white space"),
        ],
    ),
    "lists": Tree(
        {
            "client_config.yml": "mdm_info: {id: a, name: b, metadata: c}\n",
            "users.csv": "client_user_id,email\nu-1,one\n,two@example.test\n",
            "users.d/10.json": "[{]",
            "users.d/20.csv": "client_userid\nu-1\n",
            "users.d/30.yml": "- \"{{ lookup('env', 'HOME') }} \"\n",
            "assignments.yml": "- assets: [Pages]\n  devices_file: carts/1.txt\n- assets: [1000000001]\n  user: [u-1]\n",
            "assignments.d/10.csv": "adam_id,serial_number\n1000000001,\n",
            "assignments.d/20.json": '{"assets": []}',
        },
        [
            ("HERE/users.csv:2:", " email 'one' is not an address"),
            ("HERE/users.csv:3:", " client_user_id is missing"),
            ("HERE/users.d/10.json:1:", " not JSON, column 3"),
            ("HERE/users.d/20.csv:1:", " the first line has to name columns of client_user_id"),
            ("HERE/users.d/30.yml:1:", " client_user_id \"{ { lookup('env', 'HOME') }} \" has white space around it"),
            ("HERE/assignments.yml:1", " (entry 0).assets[0]: adam_id 'Pages' is not a number"),
            ("HERE/carts/1.txt:", " No such file or directory"),
            ("HERE/assignments.yml:4", " (entry 1): unknown key user "),
            ("HERE/assignments.yml:3", " (entry 1): none of users, users_file, "),
            ("HERE/assignments.d/10.csv:2:", " exactly one of client_user_id and serial_number is expected"),
            ("HERE/assignments.d/20.json:", " a list is expected, not a mapping"),
        ],
    ),
    "many": Tree(
        {"users.csv": "client_user_id,email\n" + "".join(f"u-{number},nobody\n" for number in range(1000))},
        [("HERE/users.csv:" + str(number), ": email 'nobody' is not an address") for number in range(2, 52)] + [("and 950", " more")],
    ),
    "without-token": Tree(
        {"users.csv": USERS},
        [("there is no content token for without-token:", " put the text of its .vpptoken file into the environment variable VPP_CONTENT_TOKEN_WITHOUT_TOKEN")],
        has_token=False,
    ),
    "token-lost": Tree(
        {"users.csv": USERS, "location.yml": "content_token_file: ../springfield.vpptoken\n"},
        [("The content token from content_token_file ", "HERE/../springfield.vpptoken cannot be read: No such file or directory.")],
        has_token=False,
    ),
    "token-inner": Tree(
        {"users.csv": USERS, "location.yml": "content_token_file: keys/one.vpptoken\n", "keys/one.vpptoken": "canary-inner-token\n"},
        [("The text from content_token_file HERE/keys/one.vpptoken", " is not a content token.")],
        has_token=False,
    ),
    "variables": Tree(
        {"users.csv": USERS},
        [
            ("location_uid:", ' "springfield" is not the digits of a uid'),
            ("location_users_max_removals:", f' "most" {CEILING}'),
            ("unknown variable location_user_purge", " (known: "),
            ("location_path:", "/NOT is not a folder"),
        ],
        {"location_uid": "springfield", "location_users_max_removals": "most", "location_user_purge": True, "location_path": "NOT"},
    ),
}
