#!/usr/bin/python
# Copyright (c) 2026, the mdmkit.apps_books authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: vpp_event_info
short_description: See how far Apple is with what it accepted, or wait for it
version_added: 0.1.0
description:
  - Apple accepts a write at once and works it off afterwards. This module asks how far it is.
  - Use it after a task with C(wait) set to V(false), or after a task whose C(wait_timeout) was too short.
  - An event that ended badly does not make this module fail. Look at RV(events[].status) and RV(events[].failures).
  - The module fails if an event is still pending after O(wait_timeout), and if Apple does not know an event, or has forgotten it (error 9708).
options:
  event_ids:
    description:
      - The ids of the events, as the writing modules return them.
      - They have to belong to the location of the content token. An id that comes twice counts once.
    type: list
    elements: str
    required: true
author:
  - The mdmkit.apps_books authors (@mdmkit)
extends_documentation_fragment:
  - mdmkit.apps_books.connection
  - mdmkit.apps_books.token
  - mdmkit.apps_books.ownership.info
  - mdmkit.apps_books.ownership.meant
  - mdmkit.apps_books.snapshot
  - mdmkit.apps_books.waiting.events
  - mdmkit.apps_books.listing
  - mdmkit.apps_books.attributes
  - mdmkit.apps_books.attributes.platform
  - mdmkit.apps_books.attributes.info_module
  - mdmkit.apps_books.attributes.actiongroup_vpp
seealso:
  - module: mdmkit.apps_books.vpp_asset_assignment
  - module: mdmkit.apps_books.vpp_asset_revocation
  - module: mdmkit.apps_books.vpp_user
"""

EXAMPLES = r"""
- name: Start a large task without waiting
  mdmkit.apps_books.vpp_asset_assignment:
    content_token_file: /etc/vpp/springfield.vpptoken
    assignments:
      - assets: ["361309726"]
        devices_file: "{{ playbook_dir }}/devices/ipads.txt"
    wait: false
  register: started

- name: Wait for it, up to an hour
  mdmkit.apps_books.vpp_event_info:
    content_token_file: /etc/vpp/springfield.vpptoken
    event_ids: "{{ started.events | map(attribute='event_id') }}"
    wait_timeout: 3600
  register: ended

- name: Fail if something went wrong
  ansible.builtin.assert:
    that: ended.events | rejectattr('status', 'equalto', 'COMPLETE') | length == 0
    fail_msg: "{{ ended.events | map(attribute='failures') | flatten | map(attribute='error_message') | unique | join(' ') }}"

- name: Look at an event once
  mdmkit.apps_books.vpp_event_info:
    content_token_file: /etc/vpp/springfield.vpptoken
    event_ids:
      - 3a5c3336-3d0f-43d8-96b3-e76a8523bf14
    wait: false
"""

RETURN = r"""
events:
  description: The events in the order of O(event_ids).
  type: list
  elements: dict
  returned: success, and on failure if the time was over
  contains:
    event_id:
      description: The number under which Apple keeps the event.
      type: str
      returned: always
      sample: 3a5c3336-3d0f-43d8-96b3-e76a8523bf14
    event_type:
      description:
        - The kind of the event, V(ASSOCIATE), V(DISASSOCIATE), V(REVOKE), V(CREATE), V(UPDATE) or V(RETIRE).
        - V(none) if nobody has asked about the event yet.
      type: str
      returned: always
      sample: ASSOCIATE
    status:
      description: V(PENDING), V(COMPLETE) or V(FAILED). Of a V(FAILED) event a part can have succeeded.
      type: str
      returned: always
      sample: COMPLETE
    num_requested:
      description: How many tasks the event has. V(none) if nobody has asked about the event yet.
      type: int
      returned: always
      sample: 2
    num_completed:
      description: How many of them have succeeded. V(none) if nobody has asked about the event yet.
      type: int
      returned: always
      sample: 2
    failures:
      description: What Apple could not do.
      type: list
      elements: dict
      returned: always
      contains:
        error_number:
          description: Apple's number of the error.
          type: int
          returned: always
          sample: 9709
        error_message:
          description: Apple's text.
          type: str
          returned: always
          sample: "There aren't enough assets available to complete this association."
        retryable:
          description: Whether the same can succeed later. V(false) for numbers that are not known.
          type: bool
          returned: always
          sample: false
        hint:
          description: What to do about it. V(none) where nothing is known.
          type: str
          returned: always
          sample: Buy or free licences, then run again.
        assets:
          description: The assets that Apple names. Apple groups failures by error and often names no asset.
          type: list
          elements: dict
          returned: always
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
        client_user_ids:
          description: The users that Apple names.
          type: list
          elements: str
          returned: always
          sample: [u-0001]
        serial_numbers:
          description: The devices that Apple names.
          type: list
          elements: str
          returned: always
          sample: []
        names_left_out:
          description: How many names are not in these three lists, because they are too many to show, see O(max_listed).
          type: int
          version_added: 0.2.0
          returned: always
          sample: 0
    failures_left_out:
      description: How many entries are not in RV(events[].failures), because they are too many to show, see O(max_listed).
      type: int
      version_added: 0.2.0
      returned: always
      sample: 0
events_left_out:
  description: How many events are not in RV(events), because they are too many to show, see O(max_listed).
  type: int
  version_added: 0.2.0
  returned: success, and on failure if the time was over
  sample: 0
uid:
  description:
    - Apple's number of the location. Two content tokens with the same number manage the same licences.
    - V(none) if no answer named it.
  type: str
  returned: success, and on failure if the time was over
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
    - "wait_interval must be more than 0"
"""

from ansible_collections.mdmkit.apps_books.plugins.module_utils._module.events import show_events
from ansible_collections.mdmkit.apps_books.plugins.module_utils._module.options import listing, shared, waiting
from ansible_collections.mdmkit.apps_books.plugins.module_utils._module.task import run


def main() -> None:
    argument_spec = {
        **shared(),
        **listing(),
        **waiting(),
        "event_ids": {"type": "list", "elements": "str", "required": True},
    }
    run(argument_spec, show_events)


if __name__ == "__main__":
    main()
