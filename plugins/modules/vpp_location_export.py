#!/usr/bin/python
# Copyright (c) 2026, the mdmkit.apps_books authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: vpp_location_export
short_description: Write what a location has into the files of a repository
version_added: 0.2.0
description:
  - Reads the users, the assignments and the client configuration of a location, and writes the folder that the role
    P(mdmkit.apps_books.location#role) applies. Applied to the same location, this folder changes nothing. Nor does it with purge, unless
    RV(not_adopted) says so.
  - It is meant for the beginning, when a location is in use already and shall be kept in Git from now on.
  - Targets that hold the same become groups, and groups that are made of others name them. Who holds what is written in as few entries as a person
    would need. The names of groups, such as C(devices-1), and the titles of entries are there to be changed. The same location always gives the same files.
  - Apple tells no names of apps. Where O(catalog_file) names assets, these names are written, otherwise their numbers.
  - RV(not_adopted) tells what is there and cannot be written into files.
  - Nothing at Apple is changed. A read-only content token is enough, but with such a token there is no C(client_config.yml).
options:
  path:
    description:
      - The folder to write. It appears as a whole or not at all, and folders above it are made as well.
      - If it is there, it must be empty, or hold just what would be written. Whatever lies directly in it and is hidden or called C(README) does not count,
        and stays.
      - The files can be read by whoever may read other new files of the same user (C(umask)). They hold email addresses, but no secret.
    type: path
    required: true
  force:
    description:
      - Replace all files that are in the folder. It has to be the folder of a location, otherwise nothing is replaced.
    type: bool
    default: false
  catalog_file:
    description:
      - The catalog that all locations of the repository share. Assets that have a name there are written with this name.
      - By default C(catalog.yml) beside O(path), if it is there. With a catalog at another place, the folder has to be applied with that one, too.
    type: path
attributes:
  check_mode:
    support: full
    details:
      - Everything is read, and RV(files) tells what would be written.
  diff_mode:
    support: none
  idempotent:
    support: full
requirements:
  - PyYAML, only to read a O(catalog_file) in YAML
author:
  - The mdmkit.apps_books authors (@mdmkit)
extends_documentation_fragment:
  - mdmkit.apps_books.connection
  - mdmkit.apps_books.token
  - mdmkit.apps_books.ownership.export
  - mdmkit.apps_books.ownership.meant
  - mdmkit.apps_books.snapshot
  - mdmkit.apps_books.attributes
  - mdmkit.apps_books.attributes.platform
  - mdmkit.apps_books.attributes.actiongroup_vpp
seealso:
  - module: mdmkit.apps_books.vpp_assignment_info
  - module: mdmkit.apps_books.vpp_user_info
  - module: mdmkit.apps_books.vpp_client_config
"""

EXAMPLES = r"""
- name: Write what Springfield has into a folder
  mdmkit.apps_books.vpp_location_export:
    content_token_file: /etc/vpp/springfield.vpptoken
    mdm_id: springfield-gitops
    path: "{{ playbook_dir }}/locations/springfield"

- name: The same with names of apps
  mdmkit.apps_books.vpp_location_export:
    content_token_file: /etc/vpp/springfield.vpptoken
    mdm_id: springfield-gitops
    path: "{{ playbook_dir }}/locations/springfield"
    catalog_file: "{{ playbook_dir }}/locations/catalog.yml"
    force: true
  register: springfield

- name: Tell what is in no file
  ansible.builtin.debug:
    msg: "{{ item.count }} x {{ item.what }}: {{ item.why }}"
  loop: "{{ springfield.not_adopted }}"

- name: See how large the files would be, and write none
  mdmkit.apps_books.vpp_location_export:
    content_token_file: /etc/vpp/springfield.vpptoken
    path: "{{ playbook_dir }}/locations/springfield"
  check_mode: true
"""

RETURN = r"""
changed:
  description: Whether files were written, or would be in check mode.
  type: bool
  returned: always
  sample: true
path:
  description: The folder.
  type: str
  returned: success
  sample: /srv/apps/locations/springfield
files:
  description: The files, at most 1,000 of them.
  type: list
  elements: dict
  returned: success
  contains:
    path:
      description: The path within O(path).
      type: str
      returned: always
      sample: assignments.yml
    lines:
      description: How many lines the file has.
      type: int
      returned: always
      sample: 40
files_left_out:
  description: How many files are not in RV(files), because they are too many to show.
  type: int
  returned: success
  sample: 0
counts:
  description: What the files say, in numbers.
  type: dict
  returned: success
  contains:
    users:
      description: Active users.
      type: int
      returned: always
      sample: 120
    assignments:
      description: Pairs of an asset and a user or device.
      type: int
      returned: always
      sample: 4000
    groups:
      description: Named groups of users or devices.
      type: int
      returned: always
      sample: 7
    entries:
      description: Entries, each of which gives some assets to some groups, users or devices.
      type: int
      returned: always
      sample: 9
not_adopted:
  description: What is there, but in no file.
  type: list
  elements: dict
  returned: success
  contains:
    what:
      description:
        - The kind of thing, V(user), V(email), V(managed_apple_id), V(assignment), V(retired_assignment) or V(client_config).
      type: str
      returned: always
      sample: retired_assignment
    why:
      description: Why it is in no file.
      type: str
      returned: always
      sample: retired users keep it, and nobody can give it or take it back
    count:
      description: How many of them there are.
      type: int
      returned: always
      sample: 3
    names:
      description: The first ten of them, where they have names.
      type: list
      elements: str
      returned: always
      sample: []
    kept:
      description: Whether it stays as it is even where the folder is applied with purge. With V(false) it would be taken away then.
      type: bool
      returned: always
      sample: true
uid:
  description:
    - Apple's number of the location. Two content tokens with the same number manage the same licences.
    - V(none) if no answer named it.
  type: str
  returned: success
  sample: "2049025000431439"
reads:
  description:
    - How the task came to know what is there, one entry for each thing that it read, in order.
    - Of all ways that answer the question the one with the fewest requests is taken.
  type: list
  elements: dict
  returned: as soon as something was read where there is more than one way
  contains:
    what:
      description: What was read, V(assets), V(assignments) or V(users).
      type: str
      returned: always
      sample: assignments
    way:
      description: V(all pages), V(asset by asset), V(target by target), or V(snapshot), which is what changed since an earlier task.
      type: str
      returned: always
      sample: all pages
    estimated_requests:
      description: How many requests this way was estimated to take. What was really sent is in C(requests).
      type: int
      returned: always
      sample: 40
    other_ways:
      description: The ways that were not taken, with their estimates.
      type: dict
      returned: always
      sample: {}
requests:
  description: How many requests the task sent, those that were repeated included.
  type: dict
  returned: always
  contains:
    reads:
      description: Requests that only read.
      type: int
      returned: always
      sample: 43
    writes:
      description: Requests that write. V(0), because this module never writes.
      type: int
      returned: always
      sample: 0
error_number:
  description: Apple's number of the error, or V(none) if the answer had none.
  type: int
  returned: on failure, if the service answered with an error
  sample: 9625
error_message:
  description: The text of the answer.
  type: str
  returned: on failure, if the service refused the request
  sample: The server has revoked the sToken.
http_status:
  description: The HTTP status of the answer.
  type: int
  returned: on failure, if the service refused the request
  sample: 401
retryable:
  description: Whether the same can succeed later.
  type: bool
  returned: on failure, if the service answered with an error or the retry budget was used up
  sample: false
faults:
  description: Everything that is wrong with the input, each with its place. RV(ignore:msg) holds the first of them.
  type: list
  elements: str
  returned: on failure, if the input is wrong
  sample:
    - "path locations/springfield has other files already (users.csv); to replace all of them, set force: true"
"""

from ansible_collections.mdmkit.apps_books.plugins.module_utils._module.export import export_location
from ansible_collections.mdmkit.apps_books.plugins.module_utils._module.options import shared
from ansible_collections.mdmkit.apps_books.plugins.module_utils._module.task import run


def main() -> None:
    argument_spec = {
        **shared(),
        "path": {"type": "path", "required": True},
        "force": {"type": "bool", "default": False},
        "catalog_file": {"type": "path"},
    }
    run(argument_spec, export_location)


if __name__ == "__main__":
    main()
