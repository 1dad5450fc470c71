# Copyright (c) 2026, the mdmkit.apps_books authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Stands in for the collection awx.awx: its modules take the options of the true ones and write down what they were given."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Dict, List

import yaml

OPTIONS: Dict[str, Dict[str, Any]] = yaml.safe_load((Path(__file__).parent / "modules.yml").read_text(encoding="utf-8"))
RECORD = "PRETENDED_AWX_RECORD"
"""The environment variable that names the file with what the modules were given; nothing is written without it."""

MODULE = '''
import json
import os

from ansible.module_utils.basic import AnsibleModule

module = AnsibleModule(argument_spec=json.loads({options!r}), supports_check_mode=True)
if os.environ.get({record!r}) and not module.check_mode:
    with open(os.environ[{record!r}], "a") as stream:
        stream.write(json.dumps([{name!r}, module.params]) + "\\n")
module.exit_json(changed=True)
'''


def write_collection(folder: Path) -> None:
    """Write the collection below the folder, which is then to be named in ANSIBLE_COLLECTIONS_PATH."""
    root = folder / "ansible_collections" / "awx" / "awx"
    modules = root / "plugins" / "modules"
    modules.mkdir(parents=True)
    (root / "galaxy.yml").write_text("namespace: awx\nname: awx\nversion: 24.6.1\nauthors: []\nreadme: README.md\n", encoding="utf-8")
    (root / "MANIFEST.json").write_text(json.dumps({"collection_info": {"namespace": "awx", "name": "awx", "version": "24.6.1"}}), encoding="utf-8")
    for name, options in OPTIONS.items():
        (modules / f"{name}.py").write_text(MODULE.format(name=name, options=json.dumps(options), record=RECORD), encoding="utf-8")


def recorded(file: Path) -> List[Any]:
    """Pairs of a module's name and its options, in the order in which they ran; options that were not given are left out."""
    lines = [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()] if file.exists() else []
    return [(name, {option: value for option, value in options.items() if value is not None}) for name, options in lines]
