# Copyright (c) 2026, the mdmkit.apps_books authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: tree_faults
short_description: What is wrong with the files of a location
version_added: 0.2.0
description:
  - Reads the files that the role P(mdmkit.apps_books.location#role) would apply, on the controller, and names everything that is wrong in them.
  - Nothing is sent. So a fault in the last file is found before the first file is applied.
author:
  - The mdmkit.apps_books authors (@mdmkit)
positional: _input
options:
  _input:
    description:
      - What to look at. Every member may be missing.
      - C(folder) is the folder of the location. Links in it that lead nowhere are faults.
      - C(small_files) are YAML files that hold keys and values, such as C(location.yml).
      - C(users_files) and C(assignments_files) are files as M(mdmkit.apps_books.vpp_user) and M(mdmkit.apps_books.vpp_asset_assignment) take them.
      - C(client_config) and C(revocations) are what the files of these names hold. C(client_config_place) and C(revocations_place) tell where they come from.
      - C(revocations_beside) is the file that paths in C(revocations) are relative to.
    type: dict
    required: true
notes:
  - Braces in the answer that Ansible could take for a template are pulled apart.
"""

EXAMPLES = r"""
- name: Look into a file of users without sending anything
  ansible.builtin.debug:
    msg: "{{ {'users_files': ['locations/springfield/users.csv']} | mdmkit.apps_books.tree_faults }}"
# ["locations/springfield/users.csv:3: email 'nobody' is not an address"]
"""

RETURN = r"""
_value:
  description: One line for each fault, with file and line. Empty if there is none.
  type: list
  elements: str
"""

import re
from typing import Any, Callable, Dict, List, Mapping

from ansible.errors import AnsibleFilterError
from ansible_collections.mdmkit.apps_books.plugins.module_utils._wanted.tree import tree_faults as _tree_faults

_MOST_FAULTS = 50
_BRACES = re.compile(r"\{(?=[{%#])")


def tree_faults(tree: Mapping[str, Any]) -> List[str]:
    if not isinstance(tree, Mapping):
        raise AnsibleFilterError("tree_faults takes a mapping")
    # Releases of Ansible before 2.19 would take what stands in a file for a template as soon as it is in a variable.
    faults = [_BRACES.sub("{ ", " ".join(fault.splitlines())) for fault in _tree_faults(tree)]
    return faults[:_MOST_FAULTS] + ([f"and {len(faults) - _MOST_FAULTS} more"] if len(faults) > _MOST_FAULTS else [])


class FilterModule:
    def filters(self) -> Dict[str, Callable[..., Any]]:
        return {"tree_faults": tree_faults}
