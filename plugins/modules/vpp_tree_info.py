#!/usr/bin/python
# Copyright (c) 2026, the mdmkit.apps_books authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: vpp_tree_info
short_description: Read the folder of a location, and tell everything that is wrong in it
version_added: 0.2.0
description:
  - Reads the files that the role P(mdmkit.apps_books.location#role) applies, all of them, and names everything that is wrong in them.
    So a fault in the last file is found before the first one is applied.
  - Returns the settings, and which files hold the users, groups and assignments. Large lists are counted, not returned.
  - Tells where the secrets of the location are to be looked for. It does not look there.
  - Nothing is sent anywhere, and no content token is needed.
  - It does not fail where files are wrong. Look at RV(faults).
attributes:
  check_mode:
    support: full
    details:
      - The module only reads.
  diff_mode:
    support: N/A
    details:
      - The module only reads.
  idempotent:
    support: full
    details:
      - The module only reads.
notes:
  - Faults of options are told by the names that the role gives them, such as C(location_uid).
  - Braces in RV(faults) that Ansible could take for a template are pulled apart.
options:
  name:
    description:
      - What the location is called in the names of environment variables.
      - By default the name of the folder O(path).
    type: str
  only_location:
    description: Whether this is the only location of the run, so that environment variables that name no location mean this one.
    type: bool
    default: false
requirements:
  - PyYAML, only to read C(.yml) and C(.yaml) files
author:
  - The mdmkit.apps_books authors (@mdmkit)
extends_documentation_fragment:
  - mdmkit.apps_books.tree
  - mdmkit.apps_books.listing
  - mdmkit.apps_books.attributes
  - mdmkit.apps_books.attributes.platform
seealso:
  - module: mdmkit.apps_books.vpp_asset_assignment
  - module: mdmkit.apps_books.vpp_user
  - name: Files of the desired state
    description: All files of a location, and what may stand in them.
    link: https://github.com/mdmkit/apps_books/blob/main/docs/guides/desired_state_files.md
"""

EXAMPLES = r"""
- name: Look into the folder of a location
  mdmkit.apps_books.vpp_tree_info:
    path: "{{ playbook_dir }}/locations/springfield"
  register: springfield

- name: Stop if something is wrong
  ansible.builtin.assert:
    that: springfield.faults | length == 0
    fail_msg: "{{ springfield.faults }}"

- name: Tell how much is wanted
  ansible.builtin.debug:
    msg: "{{ springfield.counts.users }} users, {{ springfield.counts.assignments }} assignments"
"""

RETURN = r"""
settings:
  description: What C(location.yml) says, under the settings that win over it. Keys that nobody gives are left out, and so are those that are wrong.
  type: dict
  returned: always
  sample:
    uid: "2049025000431439"
    users_purge: true
    assignments_purge: location
    assignments_max_removals: 10%
client_config:
  description:
    - What C(client_config.yml) says, as options of M(mdmkit.apps_books.vpp_client_config).
    - V(none) if there is no such file, or O(client_config) takes its place.
  type: dict
  returned: always
  sample:
    mdm_info:
      id: springfield-gitops
      name: Springfield Ansible
      metadata: springfield
users_files:
  description: The files with users, in their order.
  type: list
  elements: str
  returned: always
  sample: [/srv/apps/locations/springfield/users.csv]
groups_files:
  description: The files with groups, in their order.
  type: list
  elements: str
  returned: always
  sample: [/srv/apps/locations/springfield/groups.yml]
revocations:
  description:
    - What C(revocations.yml) says, as options of M(mdmkit.apps_books.vpp_asset_revocation), with absolute paths.
    - V(none) if there is no such file, or O(revocations) takes its place.
  type: dict
  returned: always
  sample:
    devices: [TESTSERIAL09]
assignments_files:
  description: The files with assignments, in their order.
  type: list
  elements: str
  returned: always
  sample: [/srv/apps/locations/springfield/assignments.yml]
catalog_files:
  description: The file that gives names to assets, if there is one.
  type: list
  elements: str
  returned: always
  sample: [/srv/apps/locations/catalog.yml]
inventory_groups:
  description: The groups of Ansible's inventory that groups of the location name.
  type: list
  elements: dict
  returned: always
  contains:
    name:
      description: The name of the group in the inventory.
      type: str
      returned: always
      sample: library_ipads
    serial_number_variable:
      description: The variable of each host that holds its serial number.
      type: str
      returned: always
      sample: serial_number
    place:
      description: Where it is named first.
      type: str
      returned: always
      sample: "/srv/apps/locations/springfield/groups.yml:7: library.inventory_group"
content_token_places:
  description:
    - Where the content token may be. The first place that holds something counts, variables before the file.
    - V(none) without O(name) and O(path).
  type: dict
  returned: always
  contains:
    variables:
      description: Names of environment variables.
      type: list
      elements: str
      returned: always
      sample: [VPP_CONTENT_TOKEN_SPRINGFIELD]
    path:
      description: The file that is named, or an empty text. It need not be there.
      type: str
      returned: always
      sample: /srv/apps/locations/springfield/../../tokens/springfield.vpptoken
    path_variable:
      description: The environment variable that names the file, where O(only_location=true) and nobody else names one. Otherwise an empty text.
      type: str
      returned: always
      sample: ""
notification_auth_token_places:
  description: The same of the secret that Apple sends with each notification.
  type: dict
  returned: always
  sample:
    variables: [VPP_NOTIFICATION_AUTH_TOKEN_SPRINGFIELD]
    path: ""
    path_variable: ""
counts:
  description: How much is wanted. Where something is wrong, what cannot be read is not counted.
  type: dict
  returned: always
  contains:
    users:
      description: Users.
      type: int
      returned: always
      sample: 120
    groups:
      description: Groups.
      type: int
      returned: always
      sample: 9
    assets:
      description: Assets that are named in assignments.
      type: int
      returned: always
      sample: 25
    assignments:
      description: Pairs of an asset, and a user or device.
      type: int
      returned: always
      sample: 4000
    revocations:
      description: Users and devices that shall hold nothing.
      type: int
      returned: always
      sample: 1
faults:
  description: Everything that is wrong, each with its place, at most O(max_listed) of them.
  type: list
  elements: str
  returned: always
  sample:
    - "/srv/apps/locations/springfield/users.csv:17: email 'nobody' is not an address"
    - "/srv/apps/locations/springfield/assignments.yml:9 (entry 1).assets[0]: 'number-gardn' is neither an adam_id such as 1000000001 nor a name in catalog.yml"
faults_left_out:
  description: How many faults are not in RV(faults), because they are too many to show.
  type: int
  returned: always
  sample: 0
"""

from ansible_collections.mdmkit.apps_books.plugins.module_utils._module.options import listing
from ansible_collections.mdmkit.apps_books.plugins.module_utils._module.task import run_local
from ansible_collections.mdmkit.apps_books.plugins.module_utils._module.tree import places_of_secrets, show_tree, tree


def main() -> None:
    argument_spec = {
        **listing(),
        **tree(),
        **places_of_secrets(),
    }
    run_local(argument_spec, show_tree)


if __name__ == "__main__":
    main()
