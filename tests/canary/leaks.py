# Copyright (c) 2026, the mdmkit.apps_books authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Deliberate leaks, as small patches: the suite has to find each of them in a copy of the collection."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
PARTS = ("galaxy.yml", "meta", "playbooks", "plugins", "roles")


@dataclass(frozen=True)
class Leak:
    """What is written in place of what, and where the suite has to find which secret.

    :ivar found: what the report has to say
    """

    name: str
    file: str
    before: str
    after: str
    found: str

    def __str__(self) -> str:
        return self.name


LEAKS = (
    Leak(
        "the beginning of the Authorization header in a message",
        "plugins/module_utils/_api/transport.py",
        """f"The last one: {cause.rstrip('.')}.",""",
        """f"The last one: {cause.rstrip('.')} {str(self._authorization)[:100]}.",""",
        "Authorization header of good (plain) in standard output",
    ),
    Leak(
        "the token in a temporary file",
        "plugins/module_utils/_module/task.py",
        "        self.hide(*token.secrets)\n",
        "        self.hide(*token.secrets)\n"
        "        with open(os.environ['TMPDIR'] + '/debug.txt', 'w') as stream:\n"
        "            stream.write(token.inner)\n",
        "inner token of good (plain) in tmp/debug.txt",
    ),
    Leak(
        "the notification secret in the result, in a form that Ansible does not know",
        "plugins/module_utils/_module/configuration.py",
        """return {"changed": False, "client_config": shown_client_config(config)}""",
        """return {"changed": False, "debug": __import__("base64").b64encode(b"x " + config.notification_auth_token.encode()).decode()}""",
        "notification secret (Base64, 2 bytes into a group) in standard output",
    ),
    Leak(
        "invite codes that nobody asked for",
        "plugins/module_utils/_module/users.py",
        """shown_user(present.by_id[key], service, options["return_invitations"])""",
        """shown_user(present.by_id[key], service, True)""",
        "invite code of u-9 in good (plain) in standard output",
    ),
)


def leaking_build(leak: Leak, folder: Path) -> Path:
    """A copy of the collection with the leak; returns the folder that holds ansible_collections.

    :raises ValueError: the patch no longer applies
    """
    collection = folder / "ansible_collections" / "mdmkit" / "apps_books"
    collection.mkdir(parents=True)
    for part in PARTS:
        if (ROOT / part).is_dir():
            shutil.copytree(ROOT / part, collection / part, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(ROOT / part, collection / part)
    file = collection / leak.file
    text = file.read_text(encoding="utf-8")
    if text.count(leak.before) != 1:
        raise ValueError(f"{leak.file} has not exactly one place with {leak.before!r}")
    file.write_text(text.replace(leak.before, leak.after), encoding="utf-8")
    return folder
