#!/usr/bin/python
# Copyright (c) 2026, the mdmkit.apps_books authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: vpp_drift_info
short_description: Tell how a location differs from its files
version_added: 0.2.0
description:
  - Compares a location with the folder that the role P(mdmkit.apps_books.location#role) would apply, and tells every difference, whether a run would mend it
    or not. It also tells which licences run low, and when the content token expires.
  - What a run would change is found by the same plan that a run makes. Whatever a run sends each time all the same is no difference, such as Managed Apple
    Accounts with C(managed_apple_id_policy=always). Neither is a notification secret, of which only whether there is one is compared.
  - It only reads. A content token with read-only rights will do. With such a token, only the holder of the client configuration is compared.
  - Without O(path) and without any other option that names what is wanted, nothing is compared. Then only the licences and the content token are looked at.
  - The playbook C(mdmkit.apps_books.drift) does this for all locations and makes one report of it.
options:
  name:
    description:
      - What the location is called in reports. The name of the folder by default.
    type: str
  low_stock:
    description:
      - A licence runs low if fewer than so many are free, a number or a percentage of those that are owned.
      - By default what C(low_stock) says in C(location.yml). Without either, no licence does.
    type: str
  expiry_days:
    description:
      - The content token is a finding if it expires within so many days.
      - By default what C(expiry_days) says in C(location.yml), or else V(30).
    type: int
  dest_json:
    description:
      - A file to write the whole to, in the format that M(mdmkit.apps_books.vpp_drift_report) reads.
      - Of each kind of finding it holds at most O(max_listed) things.
      - The file appears as a whole or not at all. What was there is replaced. Only the user who runs the module may read it.
      - The folder has to be there.
    type: path
author:
  - The mdmkit.apps_books authors (@mdmkit)
extends_documentation_fragment:
  - mdmkit.apps_books.tree
  - mdmkit.apps_books.connection
  - mdmkit.apps_books.token
  - mdmkit.apps_books.ownership.info
  - mdmkit.apps_books.ownership.meant
  - mdmkit.apps_books.snapshot
  - mdmkit.apps_books.listing
  - mdmkit.apps_books.attributes
  - mdmkit.apps_books.attributes.platform
  - mdmkit.apps_books.attributes.info_module
  - mdmkit.apps_books.attributes.actiongroup_vpp
seealso:
  - module: mdmkit.apps_books.vpp_drift_report
  - module: mdmkit.apps_books.vpp_asset_info
  - module: mdmkit.apps_books.vpp_client_config_info
"""

EXAMPLES = r"""
- name: See how a location differs from its files
  mdmkit.apps_books.vpp_drift_info:
    content_token_file: /etc/vpp/springfield.vpptoken
    path: "{{ playbook_dir }}/locations/springfield"
    low_stock: 10%
  register: springfield

- name: Stop if somebody has changed something by hand
  ansible.builtin.assert:
    that: springfield.drift.findings | selectattr('kind', 'equalto', 'assignment_extra') | length == 0

- name: Look at licences and content token only
  mdmkit.apps_books.vpp_drift_info:
    content_token_file: /etc/vpp/springfield.vpptoken
    name: springfield
    low_stock: "20"
    expiry_days: 60
    dest_json: /var/lib/vpp/stock/springfield.json
"""

RETURN = r"""
drift:
  description: What was found, as one location of C(drift.json) has it.
  type: dict
  returned: success
  contains:
    name:
      description: What the location is called.
      type: str
      returned: always
      sample: springfield
    made_at:
      description: When it was compared, in UTC.
      type: str
      returned: always
      sample: "2026-11-23T02:00:00Z"
    error:
      description: V(none), as the location could be read.
      type: str
      returned: always
    uid:
      description: Apple's number of the location.
      type: str
      returned: always
      sample: "2049025000431439"
    location_name:
      description: What the location is called at Apple. V(none) if the content token may not read it.
      type: str
      returned: always
      sample: Springfield Elementary School
    holder:
      description: Who manages the location, V(none) if nobody does or nobody told.
      type: dict
      returned: always
      contains:
        id:
          description: The id that decides.
          type: str
          returned: always
          sample: 5f2c9e44-6a57-4c55-9a5b-3f6e1c2d7a10
        name:
          description: A name for people.
          type: str
          returned: always
          sample: Example MDM
    token_expires_at:
      description: When the content token expires, in UTC, V(none) if nobody told.
      type: str
      returned: always
      sample: "2027-03-01T00:00:00Z"
    counts:
      description: How many active users, devices and assignments there are. Empty without O(path).
      type: dict
      returned: always
      sample: {users: 120, devices: 300, assignments: 4000}
    assets:
      description: The licences of each asset that is owned or wanted.
      type: list
      elements: dict
      returned: always
      contains:
        adam_id:
          description: The number of the product in the store.
          type: str
          returned: always
          sample: "1000000001"
        pricing_param:
          description: The pricing of the licence, V(STDQ) or V(PLUS).
          type: str
          returned: always
          sample: STDQ
        name:
          description: What the catalog calls it, V(none) if it does not.
          type: str
          returned: always
          sample: Number Garden
        product_type:
          description: V(App), V(Book) and so on, V(none) if it is not owned.
          type: str
          returned: always
          sample: App
        revocable:
          description: Whether it can be taken back, V(none) if it is not owned.
          type: bool
          returned: always
          sample: true
        total:
          description: How many licences are owned, V(none) if there is no limit.
          type: int
          returned: always
          sample: 500
        assigned:
          description: How many are assigned.
          type: int
          returned: always
          sample: 480
        available:
          description: How many are free, V(none) if there is no limit.
          type: int
          returned: always
          sample: 20
        wanted:
          description: How many would be assigned if everything were as the files say, V(none) if they say nothing of assignments.
          type: int
          returned: always
          sample: 510
    findings:
      description: What was found, one entry for each kind. Empty if all is as wanted.
      type: list
      elements: dict
      returned: always
      contains:
        kind:
          description:
            - V(user_missing), V(user_extra), V(user_changed), V(assignment_missing), V(assignment_extra), V(revocation_pending), V(client_config_changed)
              and V(ownership) are what a run would change, or stop at.
            - V(irrevocable_leftover) is what purge would take back although that can never be done, so a run stops at it too.
            - V(licence_shortage) and V(licence_low) are about licences, V(token_expiry) about the content token.
            - V(user_unlisted), V(assignment_unlisted), V(retired_user_assignment) and V(device_without_group) are only worth knowing.
          type: str
          returned: always
          sample: assignment_missing
        count:
          description: How many there are.
          type: int
          returned: always
          sample: 12
        left_out:
          description: How many of them are not in C(details).
          type: int
          returned: always
          sample: 2
        details:
          description: Each of them. Which members it has depends on the kind.
          type: list
          elements: dict
          returned: always
          sample:
            - adam_id: "1000000001"
              pricing_param: STDQ
              name: Number Garden
              serial_number: TESTSERIAL01
              title: Cart 1
found:
  description: What was found, in words, one text for each kind. Empty if all is as wanted.
  type: list
  elements: str
  returned: success
  sample: [3 missing users, 12 missing assignments]
assets_left_out:
  description: How many assets are not in C(drift.assets), because they are too many to show.
  type: int
  returned: success
  sample: 0
dest_json:
  description: The file that holds the whole.
  type: str
  returned: success, if O(dest_json) is set
  sample: /var/lib/vpp/drift/springfield.json
uid:
  description: Apple's number of the location, V(none) if no answer named it.
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
    - "locations/springfield/assignments.yml:7: users[2]: client_user_id is empty"
"""

from ansible_collections.mdmkit.apps_books.plugins.module_utils._module.drift import show_drift
from ansible_collections.mdmkit.apps_books.plugins.module_utils._module.options import listing, shared
from ansible_collections.mdmkit.apps_books.plugins.module_utils._module.task import run
from ansible_collections.mdmkit.apps_books.plugins.module_utils._module.tree import tree


def main() -> None:
    argument_spec = {
        **shared(),
        **listing(),
        **tree(),
        "dest_json": {"type": "path"},
        "name": {"type": "str"},
        "low_stock": {"type": "str"},
        "expiry_days": {"type": "int"},
    }
    run(argument_spec, show_drift)


if __name__ == "__main__":
    main()
