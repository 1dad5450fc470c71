# Copyright (c) 2026, the mdmkit.apps_books authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Option specs that modules share. Their documentation: plugins/doc_fragments."""

from __future__ import annotations

import os
from typing import Any, Dict

from ansible.module_utils.basic import AnsibleFallbackNotFound

Spec = Dict[str, Dict[str, Any]]

DEFAULT_BASE_URL = "https://vpp.itunes.apple.com/mdm/v2"


def _from_environment(name: str) -> str:
    """Like env_fallback, but an empty variable means that it is not given."""
    value = os.environ.get(name)
    if not value:
        raise AnsibleFallbackNotFound
    return value


def _environment(name: str) -> tuple:
    return (_from_environment, [name])


def shared() -> Spec:
    """The options of every module, so that they can be set for the whole action group."""
    return {
        # The environment stands in for both in task.py: a fallback here would hide which of them the task itself gives.
        "content_token": {"type": "str", "no_log": True},
        "content_token_file": {"type": "path", "no_log": False},
        "mdm_id": {"type": "str", "fallback": _environment("VPP_MDM_ID")},
        "expected_uid": {"type": "str"},
        "expected_location": {"type": "str"},
        "base_url": {"type": "str", "default": DEFAULT_BASE_URL, "fallback": _environment("VPP_BASE_URL")},
        "validate_certs": {"type": "bool", "default": True, "fallback": _environment("VPP_VALIDATE_CERTS")},
        "ca_path": {"type": "path", "fallback": _environment("VPP_CA_PATH")},
        "http_timeout": {"type": "float", "default": 60},
        "retry_budget": {"type": "float", "default": 300},
        "snapshot_dir": {"type": "path", "fallback": _environment("VPP_SNAPSHOT_DIR")},
        "snapshot_max_age": {"type": "float", "default": 604800},
    }


def waiting() -> Spec:
    return {
        "wait": {"type": "bool", "default": True},
        "wait_timeout": {"type": "float", "default": 900},
        "wait_interval": {"type": "float", "default": 30},
    }


def sending() -> Spec:
    return {
        "on_failure": {"type": "str", "choices": ["continue", "fail"], "default": "continue"},
        "stuck_after": {"type": "float", "default": 600},
    }


def locking() -> Spec:
    """For the modules that write: whoever has it holds the lock of the location while it runs."""
    return {"lock_timeout": {"type": "float", "default": 0}}


def listing() -> Spec:
    return {"max_listed": {"type": "int", "default": 1000}}


def dest() -> Spec:
    return {"dest": {"type": "path"}}


def state() -> Spec:
    return {"state": {"type": "str", "choices": ["present", "absent"], "default": "present"}}


def max_removals() -> Spec:
    return {"max_removals": {"type": "str"}}


def allow_empty() -> Spec:
    return {"allow_empty": {"type": "bool", "default": False}}


def targets() -> Spec:
    return {
        "users": {"type": "list", "elements": "str"},
        "users_file": {"type": "path"},
        "devices": {"type": "list", "elements": "str"},
        "devices_file": {"type": "path"},
    }


def assume() -> Spec:
    suboptions = {"users_files": {"type": "list", "elements": "path"}, "users_purge": {"type": "bool", "default": False}}
    suboptions.update({"revoked_" + name: dict(option) for name, option in targets().items()})
    return {"assume": {"type": "dict", "options": suboptions}}
