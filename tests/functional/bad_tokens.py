# Copyright (c) 2026, the mdmkit.apps_books authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Content tokens that cannot be used."""

from __future__ import annotations

import base64
import json
from typing import Any, List, Union

from .bad_case import Case
from .conftest import INNER_TOKEN, TOKEN

MODULE = "vpp_client_config_info"
SOURCE = "content_token_file FOLDER/springfield.vpptoken"
NEW_ONE = "Download a new token at school.apple.com or business.apple.com."
WHOLE = "Give the whole content of the downloaded .vpptoken file."
NO_TOKEN = (f"The text from {SOURCE} is not a content token. It may be the inner `token` alone, which Apple refuses (9622), or it was cut off.", WHOLE)
GOOD = {"token": "canary-inner-of-another", "expDate": "2036-01-02T03:04:05+0000", "orgName": "Springfield Schools"}


def encoded(content: Any) -> str:
    text = content if isinstance(content, bytes) else json.dumps(content).encode()
    return base64.b64encode(text).decode()


def file(name: str, content: Union[str, bytes], *told: str) -> Case:
    options = {"content_token": None, "content_token_file": "FOLDER/springfield.vpptoken"}
    return Case(f"token file: {name}", MODULE, told, options, {"springfield.vpptoken": content})


def path(name: str, given: str, *told: str) -> Case:
    return Case(f"token path: {name}", MODULE, told, {"content_token": None, "content_token_file": given})


def option(name: str, given: Any, *told: str) -> Case:
    return Case(f"token option: {name}", MODULE, told, {"content_token": given})


def environment(name: str, *told: str, **variables: str) -> Case:
    return Case(f"token variable: {name}", MODULE, told, {"content_token": None}, {}, variables)


def without_inner(name: str, content: Any) -> Case:
    return file(name, encoded(content), f"The content token from {SOURCE} decodes to JSON without the member `token`; it is not a .vpptoken file.", NEW_ONE)


CASES: List[Case] = [
    file("empty", "", f"The content token from {SOURCE} is empty.", NEW_ONE),
    file("blank", " \r\n\t\n", f"The content token from {SOURCE} is empty.", NEW_ONE),
    file("only a mark", "\ufeff\n", f"The content token from {SOURCE} is empty.", NEW_ONE),
    file("random bytes", bytes(range(128, 256)), SOURCE, "cannot be read: not UTF-8 text (byte 0 of the file); save it as UTF-8"),
    file("UTF-16", TOKEN.encode("utf-16"), SOURCE, "cannot be read: not UTF-8 text but UTF-16; save it as UTF-8"),
    file("UTF-16 without a mark", TOKEN.encode("utf-16-le"), SOURCE, "cannot be read: not UTF-8 text, since it holds a NUL character; save it as UTF-8"),
    file("inner token", INNER_TOKEN, *NO_TOKEN),
    file(
        "decoded",
        base64.b64decode(TOKEN),
        f"The content token from {SOURCE} is the decoded JSON.",
        "Give the downloaded .vpptoken file as it is: one long Base64 text.",
    ),
    file("decoded, pretty", json.dumps(GOOD, indent=2), f"The content token from {SOURCE} is the decoded JSON."),
    file("first half", TOKEN[: len(TOKEN) // 2], *NO_TOKEN),
    file("without its last characters", TOKEN[:-5], *NO_TOKEN),
    file("without its first character", TOKEN[1:], *NO_TOKEN),
    file("a strange character", TOKEN[:20] + "!" + TOKEN[20:], *NO_TOKEN),
    file("in quotes", f'"{TOKEN}"', *NO_TOKEN),
    file("as a line of an environment file", f"VPP_CONTENT_TOKEN={TOKEN}", *NO_TOKEN),
    file("web page", "<!DOCTYPE html><html></html>", *NO_TOKEN),
    file("certificate", "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n", *NO_TOKEN),
    file("Base64 of a list", encoded([GOOD]), *NO_TOKEN),
    file("Base64 of deep lists", encoded(b"[" * 50000), *NO_TOKEN),
    file("Base64 of a number of 5000 digits", encoded(b'{"token": ' + b"9" * 5000 + b"}"), *NO_TOKEN),
    file("Base64 of Latin-1", encoded('{"token": "a", "orgName": "Z\u00fcrich"}'.encode("latin-1")), *NO_TOKEN),
    file("twice Base64", encoded(TOKEN.encode()), *NO_TOKEN),
    file(
        "two tokens",
        f"{TOKEN}\n{encoded(GOOD)}\n",
        f"The text from {SOURCE} holds more than one content token.",
        "Keep the one of the location that is meant.",
    ),
    file("vault", "$ANSIBLE_VAULT;1.1;AES256\n6162\n", f"The content token from {SOURCE} is encrypted with Ansible Vault", "ansible.builtin.unvault"),
    without_inner("Base64 of nothing", {}),
    without_inner("Base64 of something else", {"access_token": "canary-other", "expDate": GOOD["expDate"]}),
    without_inner("inner token empty", {**GOOD, "token": ""}),
    without_inner("inner token null", {**GOOD, "token": None}),
    without_inner("inner token number", {**GOOD, "token": 5}),
    file("expired", encoded({**GOOD, "expDate": "2020-01-02T03:04:05+0000"}), f"The content token from {SOURCE} expired on 2020-01-02 03:04 +0000.", NEW_ONE),
    file("expired, west", encoded({**GOOD, "expDate": "2020-01-02T03:04:05-0700"}), f"{SOURCE} expired on 2020-01-02 03:04 -0700.", NEW_ONE),
    path(
        "not there",
        "/nonexistent/springfield.vpptoken",
        "The content token from content_token_file /nonexistent/springfield.vpptoken cannot be read: No such file or directory.",
    ),
    path("folder", "FOLDER", "The content token from content_token_file FOLDER cannot be read: Is a directory."),
    path("endless device", "/dev/zero", "The content token from content_token_file /dev/zero cannot be read: neither a file nor a pipe."),
    path("NUL", "a\x00b", "content_token_file: 'a\\x00b' is not a path"),
    option("mapping", GOOD, "content_token: what is given is not text"),
    option("list", [TOKEN], "content_token: what is given is not text"),
    option("boolean", True, "content_token: what is given is not text; put it into quotes"),
    option("half a character", TOKEN + "\ud83c", "content_token: half a character"),
    option("inner token", INNER_TOKEN, "The text from content_token is not a content token.", WHOLE),
    option("decoded", json.dumps(GOOD), "The content token from content_token is the decoded JSON."),
    Case(
        "token: both ways",
        MODULE,
        ("content_token and content_token_file are both given; give one",),
        {"content_token_file": "/nonexistent/springfield.vpptoken"},
    ),
    environment(
        "nothing",
        "No content token is given.",
        "Set content_token or content_token_file, or VPP_CONTENT_TOKEN or VPP_CONTENT_TOKEN_FILE in the environment.",
    ),
    environment("inner token", "The text from the environment variable VPP_CONTENT_TOKEN is not a content token.", WHOLE, VPP_CONTENT_TOKEN=INNER_TOKEN),
    environment(
        "file not there",
        "The content token from the file /nonexistent/t.vpptoken, named by VPP_CONTENT_TOKEN_FILE, cannot be read: No such file or directory.",
        VPP_CONTENT_TOKEN_FILE="/nonexistent/t.vpptoken",
    ),
    environment(
        "certificates perhaps",
        "the environment variable VPP_VALIDATE_CERTS: 'perhaps' is neither true nor false",
        VPP_CONTENT_TOKEN=TOKEN,
        VPP_VALIDATE_CERTS="perhaps",
    ),
    environment("no address", "base_url 'apple' is not a URL such as https://", VPP_CONTENT_TOKEN=TOKEN, VPP_BASE_URL="apple"),
    environment("no authorities", "ca_path /nonexistent/ca.pem does not exist", VPP_CONTENT_TOKEN=TOKEN, VPP_CA_PATH="/nonexistent/ca.pem"),
]
