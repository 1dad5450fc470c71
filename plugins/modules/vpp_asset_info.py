#!/usr/bin/python
# Copyright (c) 2026, the mdmkit.apps_books authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: vpp_asset_info
short_description: List the apps and books that a location owns
version_added: 0.1.0
description:
  - Lists the assets of a location with their licence counts.
  - All options that narrow the list go together. An asset is listed only if all of them fit.
  - Apple gives no names here, only numbers.
options:
  adam_id:
    description:
      - Only the asset with this number. Write it in quotes.
    type: str
  product_type:
    description:
      - Only apps or only books.
    type: str
    choices: [App, Book]
  pricing_param:
    description:
      - Only licences with this pricing.
    type: str
    choices: [STDQ, PLUS]
  device_assignable:
    description:
      - Only assets that can be given to devices (V(true)), or only those that cannot (V(false)).
    type: bool
  revocable:
    description:
      - Only assets that can be taken back (V(true)), or only those that cannot (V(false)).
    type: bool
  unlimited:
    description:
      - With V(false) the free assets without a limit are left out.
      - With V(true) Apple lists them apart, without counts of free licences. Apple does not say that it leaves out the others then.
        To be sure, pick by RV(assets[].unlimited).
      - If it is not set, all are listed.
    type: bool
  min_available_count:
    description:
      - Only assets with at least so many free licences.
    type: int
  max_available_count:
    description:
      - Only assets with at most so many free licences.
    type: int
  min_assigned_count:
    description:
      - Only assets with at least so many assigned licences.
    type: int
  max_assigned_count:
    description:
      - Only assets with at most so many assigned licences.
    type: int
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
  - module: mdmkit.apps_books.vpp_assignment_info
  - module: mdmkit.apps_books.vpp_asset_assignment
"""

EXAMPLES = r"""
- name: List everything that the location owns
  mdmkit.apps_books.vpp_asset_info:
    content_token_file: /etc/vpp/springfield.vpptoken
  register: owned

- name: Show free and assigned licences
  ansible.builtin.debug:
    msg: "{{ item.adam_id }}: {{ item.assigned_count }} assigned, {{ 'unlimited' if item.unlimited else item.available_count ~ ' free' }}"
  loop: "{{ owned.assets }}"
  loop_control:
    label: "{{ item.adam_id }}"

- name: Look at one app
  mdmkit.apps_books.vpp_asset_info:
    content_token_file: /etc/vpp/springfield.vpptoken
    adam_id: "361309726"
  register: pages

- name: Find apps that are running out
  mdmkit.apps_books.vpp_asset_info:
    content_token_file: /etc/vpp/springfield.vpptoken
    product_type: App
    unlimited: false
    max_available_count: 5
  register: scarce

- name: Fail if an app is running out
  ansible.builtin.assert:
    that: scarce.count == 0
    fail_msg: "Five or fewer licences are left of {{ scarce.assets | map(attribute='adam_id') | join(', ') }}."

- name: List what cannot be taken back
  mdmkit.apps_books.vpp_asset_info:
    content_token_file: /etc/vpp/springfield.vpptoken
    revocable: false
    min_assigned_count: 1
"""

RETURN = r"""
assets:
  description: The assets, sorted by number.
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
    product_type:
      description: V(App) or V(Book).
      type: str
      returned: always
      sample: App
    device_assignable:
      description: Whether it can be given to devices.
      type: bool
      returned: always
      sample: true
    revocable:
      description: Whether it can be taken back. A book never can.
      type: bool
      returned: always
      sample: true
    supported_platforms:
      description: On what it runs.
      type: list
      elements: str
      returned: always
      sample: [iOS, macOS]
    assigned_count:
      description: How many licences are assigned.
      type: int
      returned: always
      sample: 12
    available_count:
      description: How many licences are free. V(none) if Apple does not say.
      type: int
      returned: always
      sample: 28
    retired_count:
      description: How many licences Apple counts as retired, presumably those of retired users that cannot be taken back. V(none) if Apple does not say.
      type: int
      returned: always
      sample: 0
    total_count:
      description: How many licences there are. For an asset without a limit V(2147483647), or V(none) with O(unlimited=true).
      type: int
      returned: always
      sample: 40
    unlimited:
      description: Whether the asset is free and without a limit.
      type: bool
      returned: always
      sample: false
count:
  description: How many assets there are in all.
  type: int
  returned: success
  sample: 2
left_out:
  description: How many of them are not in RV(assets), because they are too many to show, see O(max_listed).
  type: int
  returned: success
  sample: 0
dest:
  description: The file that holds the whole list.
  type: str
  version_added: 0.2.0
  returned: success, if O(dest) is set
  sample: /var/lib/vpp/springfield-assets.csv
uid:
  description:
    - Apple's number of the location. Two content tokens with the same number manage the same licences.
    - V(none) if no answer named it.
  type: str
  returned: success
  sample: "2049025000431439"
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

from ansible_collections.mdmkit.apps_books.plugins.module_utils._module.assignments import list_assets
from ansible_collections.mdmkit.apps_books.plugins.module_utils._module.options import dest, listing, shared
from ansible_collections.mdmkit.apps_books.plugins.module_utils._module.task import run


def main() -> None:
    argument_spec = {
        **shared(),
        **dest(),
        **listing(),
        "adam_id": {"type": "str"},
        "product_type": {"type": "str", "choices": ["App", "Book"]},
        "pricing_param": {"type": "str", "choices": ["STDQ", "PLUS"]},
        "device_assignable": {"type": "bool"},
        "revocable": {"type": "bool"},
        "unlimited": {"type": "bool"},
        "min_available_count": {"type": "int"},
        "max_available_count": {"type": "int"},
        "min_assigned_count": {"type": "int"},
        "max_assigned_count": {"type": "int"},
    }
    run(argument_spec, list_assets)


if __name__ == "__main__":
    main()
