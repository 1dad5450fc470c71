#!/usr/bin/python
# Copyright (c) 2026, the mdmkit.apps_books authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: vpp_user_info
short_description: List the users of a location
version_added: 0.1.0
description:
  - Lists user records. A C(client_user_id) has at most one active record, but it can have several retired ones.
  - Active is who has the status V(Registered) or V(Associated).
options:
  client_user_id:
    description:
      - Only the records of this user.
    type: str
  active_only:
    description:
      - Only active users.
      - Mutually exclusive with O(retired_only).
    type: bool
    default: false
  retired_only:
    description:
      - Only retired users.
      - Mutually exclusive with O(active_only).
    type: bool
    default: false
  since_version_id:
    description:
      - Only what changed since this version, a RV(version_id) of an earlier run.
      - If Apple does not know the version any more, the task fails with error 9721. Then read everything.
    type: str
  return_invitations:
    description:
      - Return for each user without an Apple Account also the code and the link of the invitation.
      - Whoever has the link can put an Apple Account of their own in the user's place. Set C(no_log) on the task.
      - Apple sends no invitation. Sending the link is up to you.
    type: bool
    default: false
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
  - module: mdmkit.apps_books.vpp_user
  - module: mdmkit.apps_books.vpp_assignment_info
"""

EXAMPLES = r"""
- name: List the active users
  mdmkit.apps_books.vpp_user_info:
    content_token_file: /etc/vpp/springfield.vpptoken
    active_only: true
  register: active

- name: Show who has no Apple Account yet
  ansible.builtin.debug:
    msg: "{{ active.users | selectattr('status', 'equalto', 'Registered') | map(attribute='client_user_id') }}"

- name: Look at one user, retired records included
  mdmkit.apps_books.vpp_user_info:
    content_token_file: /etc/vpp/springfield.vpptoken
    client_user_id: u-0003

- name: Count the retired users
  mdmkit.apps_books.vpp_user_info:
    content_token_file: /etc/vpp/springfield.vpptoken
    retired_only: true
    max_listed: 0

- name: Fetch invitation links
  mdmkit.apps_books.vpp_user_info:
    content_token_file: /etc/vpp/springfield.vpptoken
    active_only: true
    return_invitations: true
  register: invited
  no_log: true

- name: Write the links to a file for the school office
  ansible.builtin.copy:
    dest: "{{ playbook_dir }}/invitations.csv"
    content: |
      client_user_id,invitation_url
      {% for user in invited.users | selectattr('invitation_url', 'defined') %}
      {{ user.client_user_id }},{{ user.invitation_url }}
      {% endfor %}
    mode: "0600"
  no_log: true

- name: Begin the file of the users with those who are there, for Git
  mdmkit.apps_books.vpp_user_info:
    content_token_file: /etc/vpp/springfield.vpptoken
    active_only: true
    max_listed: 0
    dest: "{{ playbook_dir }}/users.csv"

- name: See whose record changed since the list was read
  mdmkit.apps_books.vpp_user_info:
    content_token_file: /etc/vpp/springfield.vpptoken
    since_version_id: "{{ active.version_id }}"
"""

RETURN = r"""
users:
  description: The records, active ones first.
  type: list
  elements: dict
  returned: success
  contains:
    client_user_id:
      description: Your own id of the user.
      type: str
      returned: always
      sample: u-0001
    email:
      description: The address of the user. V(none) if there is none.
      type: str
      returned: always
      sample: ada@example.org
    status:
      description: V(Registered), V(Associated), V(Retired) or V(Deleted).
      type: str
      returned: always
      sample: Registered
    id_hash:
      description: A hash of the Apple Account that the user has, or had. V(none) if there never was one.
      type: str
      returned: always
      sample: Sl5i1nwjdb7g1EJDZoYpZmDaK2pM
    invite_code:
      description: The code of the invitation.
      type: str
      returned: if O(return_invitations=true) and the user has no Apple Account yet
      sample: a84ab9ca143bd3ce98878df8c8357a1f
    invitation_url:
      description: The link to send to the user. V(none) if Apple does not say how to build it.
      type: str
      returned: if O(return_invitations=true) and the user has no Apple Account yet
      sample: https://buy.itunes.apple.com/WebObjects/MZFinance.woa/wa/associateVPPUserWithITSAccount?inviteCode=a84ab9ca143bd3ce98878df8c8357a1f&mt=8
count:
  description: How many records there are in all.
  type: int
  returned: success
  sample: 2
left_out:
  description: How many of them are not in RV(users), because they are too many to show, see O(max_listed).
  type: int
  returned: success
  sample: 0
counts_by_status:
  description: How many of RV(count) there are of each status. A status that nobody has is left out.
  type: dict
  version_added: 0.2.0
  returned: success
  sample: {Associated: 120, Registered: 31, Retired: 4}
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
  sample: /var/lib/vpp/springfield-users.csv
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

from ansible_collections.mdmkit.apps_books.plugins.module_utils._module.users import list_all_users
from ansible_collections.mdmkit.apps_books.plugins.module_utils._module.options import dest, listing, shared
from ansible_collections.mdmkit.apps_books.plugins.module_utils._module.task import run


def main() -> None:
    argument_spec = {
        **shared(),
        **dest(),
        **listing(),
        "client_user_id": {"type": "str"},
        "active_only": {"type": "bool", "default": False},
        "retired_only": {"type": "bool", "default": False},
        "since_version_id": {"type": "str"},
        "return_invitations": {"type": "bool", "default": False},
    }
    run(argument_spec, list_all_users, mutually_exclusive=[("active_only", "retired_only")])


if __name__ == "__main__":
    main()
