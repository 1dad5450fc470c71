#!/usr/bin/python
# Copyright (c) 2026, the mdmkit.apps_books authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: vpp_assignment_info
short_description: List who holds which app or book
version_added: 0.1.0
description:
  - Lists the assignments of a location. Each is an asset together with the user or the device that holds it.
  - All options that narrow the list go together. An assignment is listed only if all of them fit.
  - Without any of them the module reads everything, page by page. A location with 250,000 assignments takes 250 requests or more.
options:
  adam_id:
    description:
      - Only assignments of the asset with this number. Write it in quotes.
    type: str
  pricing_param:
    description:
      - Only licences with this pricing.
    type: str
    choices: [STDQ, PLUS]
  client_user_id:
    description:
      - Only what this user holds.
    type: str
  serial_number:
    description:
      - Only what this device holds.
    type: str
  exclude_inactive_users:
    description:
      - Leave out what retired users still hold. Such assignments cannot be taken back.
    type: bool
    default: false
  include_user_state:
    description:
      - Tell of each user also the status and the Apple Account's hash.
    type: bool
    default: false
  since_version_id:
    description:
      - Only what changed since this version, a RV(version_id) of an earlier run.
      - An assignment that was taken away does not appear then. Read everything to find those.
      - If Apple does not know the version any more, the task fails with error 9721. Then read everything.
    type: str
author:
  - The mdmkit.apps_books authors (@mdmkit)
extends_documentation_fragment:
  - mdmkit.apps_books.connection
  - mdmkit.apps_books.token
  - mdmkit.apps_books.ownership.info
  - mdmkit.apps_books.ownership.meant
  - mdmkit.apps_books.snapshot
  - mdmkit.apps_books.listing
  - mdmkit.apps_books.dest.info
  - mdmkit.apps_books.attributes
  - mdmkit.apps_books.attributes.platform
  - mdmkit.apps_books.attributes.info_module
  - mdmkit.apps_books.attributes.actiongroup_vpp
seealso:
  - module: mdmkit.apps_books.vpp_asset_assignment
  - module: mdmkit.apps_books.vpp_asset_info
  - module: mdmkit.apps_books.vpp_user_info
"""

EXAMPLES = r"""
- name: See who holds an app
  mdmkit.apps_books.vpp_assignment_info:
    content_token_file: /etc/vpp/springfield.vpptoken
    adam_id: "361309726"
  register: holders

- name: Keep the serial numbers in a file
  ansible.builtin.copy:
    dest: "{{ playbook_dir }}/pages-devices.txt"
    content: |
      {% for serial_number in holders.assignments | selectattr('serial_number', 'defined') | map(attribute='serial_number') | sort %}
      {{ serial_number }}
      {% endfor %}
    mode: "0644"

- name: See what a device holds
  mdmkit.apps_books.vpp_assignment_info:
    content_token_file: /etc/vpp/springfield.vpptoken
    serial_number: TESTSERIAL01

- name: See what a user holds
  mdmkit.apps_books.vpp_assignment_info:
    content_token_file: /etc/vpp/springfield.vpptoken
    client_user_id: u-0002
    include_user_state: true

- name: Only count all assignments
  mdmkit.apps_books.vpp_assignment_info:
    content_token_file: /etc/vpp/springfield.vpptoken
    exclude_inactive_users: true
    max_listed: 0
  register: everything

- name: Write all assignments to a file that vpp_asset_assignment can read
  mdmkit.apps_books.vpp_assignment_info:
    content_token_file: /etc/vpp/springfield.vpptoken
    exclude_inactive_users: true
    max_listed: 0
    dest: "{{ playbook_dir }}/assignments.csv"

- name: See what was assigned meanwhile
  mdmkit.apps_books.vpp_assignment_info:
    content_token_file: /etc/vpp/springfield.vpptoken
    since_version_id: "{{ everything.version_id }}"
"""

RETURN = r"""
assignments:
  description: The assignments in the order in which Apple lists them.
  type: list
  elements: dict
  returned: success
  contains:
    adam_id:
      description: The number of the product in the store.
      type: str
      returned: always
      sample: "361309726"
    pricing_param:
      description: The pricing of the licence, V(STDQ) or V(PLUS).
      type: str
      returned: always
      sample: STDQ
    client_user_id:
      description: The user.
      type: str
      returned: if the target is a user
      sample: u-0001
    serial_number:
      description: The device.
      type: str
      returned: if the target is a device
      sample: TESTSERIAL01
    user_status:
      description: V(Registered), V(Associated), V(Retired) or V(Deleted).
      type: str
      returned: if the target is a user and O(include_user_state=true)
      sample: Associated
    id_hash:
      description: A hash of the Apple Account that the user has, or had.
      type: str
      returned: if the target is a user with an Apple Account and O(include_user_state=true)
      sample: Sl5i1nwjdb7g1EJDZoYpZmDaK2pM
count:
  description: How many assignments there are in all.
  type: int
  returned: success
  sample: 2
left_out:
  description: How many of them are not in RV(assignments), because they are too many to show, see O(max_listed).
  type: int
  returned: success
  sample: 0
version_id:
  description: The version that the reading began with. Hand it to O(since_version_id) later to see only what changed.
  type: str
  returned: success
  sample: 97823e6b-a742-42f4-8cf5-f9ae310caff5
dest:
  description: The file that holds the whole list.
  type: str
  version_added: 0.2.0
  returned: success, if O(dest) is set
  sample: /var/lib/vpp/springfield-assignments.csv
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
  version_added: 0.2.0
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
      sample: target by target
    estimated_requests:
      description: How many requests this way was estimated to take. What was really sent is in C(requests).
      type: int
      returned: always
      sample: 1
    other_ways:
      description: The ways that were not taken, with their estimates.
      type: dict
      returned: always
      sample:
        all pages: 1000
        asset by asset: 40
requests:
  description: How many requests the task sent, those that were repeated included.
  type: dict
  returned: always
  contains:
    reads:
      description: Requests that only read.
      type: int
      returned: always
      sample: 2
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
    - "max_listed must not be less than 0"
"""

from ansible_collections.mdmkit.apps_books.plugins.module_utils._module.assignments import list_all_assignments
from ansible_collections.mdmkit.apps_books.plugins.module_utils._module.options import dest, listing, shared
from ansible_collections.mdmkit.apps_books.plugins.module_utils._module.task import run


def main() -> None:
    argument_spec = {
        **shared(),
        **dest(),
        **listing(),
        "adam_id": {"type": "str"},
        "pricing_param": {"type": "str", "choices": ["STDQ", "PLUS"]},
        "client_user_id": {"type": "str"},
        "serial_number": {"type": "str"},
        "exclude_inactive_users": {"type": "bool", "default": False},
        "include_user_state": {"type": "bool", "default": False},
        "since_version_id": {"type": "str"},
    }
    run(argument_spec, list_all_assignments)


if __name__ == "__main__":
    main()
