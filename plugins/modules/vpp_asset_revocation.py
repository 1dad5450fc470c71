#!/usr/bin/python
# Copyright (c) 2026, the mdmkit.apps_books authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: vpp_asset_revocation
short_description: Take everything back from some users and devices
version_added: 0.1.0
description:
  - Makes sure that the listed users and devices hold nothing that can be taken back.
  - The module reads what they hold. It writes only if some of them hold something that can be taken back,
    with requests to C(assets/revoke) that name only those users and devices.
  - What can never be taken back, such as a book, stays with them. That is reported in RV(irrevocable) and is no failure.
  - Nobody but the listed users and devices loses anything, or with O(everybody_but) nobody who is listed there.
  - Users are not retired, use M(mdmkit.apps_books.vpp_user) for that.
  - A user or device that holds nothing, or that Apple does not know, is passed over.
  - To take back only some assets, use M(mdmkit.apps_books.vpp_asset_assignment) with C(state) set to V(absent) or with C(purge) set to V(targets).
options:
  everybody_but:
    description:
      - Take everything back from all users and devices that hold something and are not listed here.
      - Only the kind that is listed is meant. Where only devices are listed, users keep what they have, and the other way round.
      - All assignments are read for that. Not more than V(20%) of those of each kind are taken back, unless O(max_removals) says otherwise.
      - It does not go with O(users), O(users_file), O(devices) and O(devices_file).
    type: dict
    version_added: 0.2.0
    suboptions:
      users:
        description:
          - The C(client_user_id) of each user who keeps what there is.
        type: list
        elements: str
      users_file:
        description:
          - A file that lists such users, in the formats of O(users_file).
        type: path
      devices:
        description:
          - The serial number of each device that keeps what there is.
        type: list
        elements: str
      devices_file:
        description:
          - A file that lists such devices, in the formats of O(devices_file).
        type: path
  allow_list:
    description:
      - Users and devices that lose nothing, even if the other options mean them. For instance devices that no inventory lists.
      - Unlike O(everybody_but), it does not say that others of its kind are meant.
    type: dict
    version_added: 0.2.0
    suboptions:
      users:
        description:
          - The C(client_user_id) of each such user.
        type: list
        elements: str
      users_file:
        description:
          - A file that lists such users, in the formats of O(users_file).
        type: path
      devices:
        description:
          - The serial number of each such device.
        type: list
        elements: str
      devices_file:
        description:
          - A file that lists such devices, in the formats of O(devices_file).
        type: path
  allow_empty:
    description:
      - A list in O(everybody_but) without anybody means everybody, and is refused before anything is sent. An empty file must not empty a school.
      - Set this to V(true) if that is what you mean.
    type: bool
    default: false
    version_added: 0.2.0
attributes:
  check_mode:
    support: full
  diff_mode:
    support: full
  idempotent:
    support: full
    details:
      - After O(wait=false) a second run may not see yet what the first has started.
notes:
  - Never loop over this module. Give it the whole list in one task. A loop reads the state anew for each item.
  - Either O(everybody_but) or at least one of O(users), O(users_file), O(devices) and O(devices_file) is required.
requirements:
  - PyYAML, only to read C(.yml) and C(.yaml) files
author:
  - The mdmkit.apps_books authors (@mdmkit)
extends_documentation_fragment:
  - mdmkit.apps_books.connection
  - mdmkit.apps_books.token
  - mdmkit.apps_books.ownership
  - mdmkit.apps_books.ownership.meant
  - mdmkit.apps_books.snapshot
  - mdmkit.apps_books.locking
  - mdmkit.apps_books.removals
  - mdmkit.apps_books.targets
  - mdmkit.apps_books.assume
  - mdmkit.apps_books.sending
  - mdmkit.apps_books.waiting
  - mdmkit.apps_books.listing
  - mdmkit.apps_books.dest
  - mdmkit.apps_books.attributes
  - mdmkit.apps_books.attributes.platform
  - mdmkit.apps_books.attributes.actiongroup_vpp
seealso:
  - module: mdmkit.apps_books.vpp_asset_assignment
  - module: mdmkit.apps_books.vpp_assignment_info
  - module: mdmkit.apps_books.vpp_user
  - module: mdmkit.apps_books.vpp_event_info
"""

EXAMPLES = r"""
- name: Take everything back from a lost device
  mdmkit.apps_books.vpp_asset_revocation:
    content_token_file: /etc/vpp/springfield.vpptoken
    mdm_id: springfield-gitops
    devices: [TESTSERIAL01]

# returned.txt looks like this:
#   # sold in summer
#   TESTSERIAL02
#   TESTSERIAL03
- name: Take everything back from devices that were sold
  mdmkit.apps_books.vpp_asset_revocation:
    content_token_file: /etc/vpp/springfield.vpptoken
    mdm_id: springfield-gitops
    devices_file: "{{ playbook_dir }}/devices/returned.txt"
    max_removals: "500"

- name: Take everything back from leavers before they are retired
  mdmkit.apps_books.vpp_asset_revocation:
    content_token_file: /etc/vpp/springfield.vpptoken
    mdm_id: springfield-gitops
    users: ["0018", "0019"]
    users_file: "{{ playbook_dir }}/leavers.txt"
  register: taken

- name: Show what they keep
  ansible.builtin.debug:
    msg: "{{ item.client_user_id | default(item.serial_number) }} keeps {{ item.adam_id }}"
  loop: "{{ taken.irrevocable }}"

# active.csv is an export of the device management with a column serial_number
- name: See what devices hold that the device management does not know any more, and write nothing
  mdmkit.apps_books.vpp_asset_revocation:
    content_token_file: /etc/vpp/springfield.vpptoken
    everybody_but:
      devices_file: "{{ playbook_dir }}/active.csv"
    allow_list:
      devices: [TESTSERIAL09]
  check_mode: true
  diff: true

- name: See what would be taken back, and write nothing
  mdmkit.apps_books.vpp_asset_revocation:
    content_token_file: /etc/vpp/springfield.vpptoken
    devices_file: "{{ playbook_dir }}/devices/ipads.txt"
  check_mode: true
  diff: true
"""

RETURN = r"""
changed:
  description:
    - Whether anything was changed, or would be in check mode.
    - A failed task can have V(true) here. Then something was done before the failure, or may have been.
  type: bool
  returned: always
  sample: true
plan:
  description: What the task changes, or would change in check mode. A check-mode run and the real run show the same plan.
  type: dict
  returned: success, and on failure as soon as there was a plan
  contains:
    counts:
      description: How many changes of each kind there are.
      type: dict
      returned: always
      contains:
        revoked:
          description:
            - Assignments that are taken back.
          type: int
          returned: always
          sample: 0
    changes:
      description: The changes in the order in which they are sent, at most O(max_listed) of them.
      type: list
      elements: dict
      returned: always
      contains:
        action:
          description: The kind of the change.
          type: str
          returned: always
          sample: revoke
        why:
          description: Why this is changed, V(shall hold nothing revocable) or V(not listed in everybody_but).
          type: str
          returned: always
          sample: shall hold nothing revocable
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
    left_out:
      description: How many changes are not in RV(plan.changes), because they are too many to show, see O(max_listed).
      type: int
      returned: always
      sample: 0
    requests:
      description: How many write requests the plan takes.
      type: int
      returned: always
      sample: 1
    requests_at_least:
      description: No way of batching the same changes takes fewer write requests than this. In this module it is always as many as RV(plan.requests).
      type: int
      version_added: 0.2.0
      returned: always
      sample: 1
irrevocable:
  description: What the users and devices hold and keep, because it can never be taken back. At most O(max_listed) assignments.
  type: list
  elements: dict
  returned: success, and on failure as soon as there was a plan
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
irrevocable_left_out:
  description: How many of them are not in RV(irrevocable), because they are too many to show, see O(max_listed).
  type: int
  returned: success, and on failure as soon as there was a plan
  sample: 0
outcome:
  description:
    - What came of the planned changes, in numbers that add up to the number of changes. All are 0 in check mode.
    - It is decided by reading back what was to be changed, not by what Apple says of its own work.
  type: dict
  version_added: 0.2.0
  returned: success, and on failure as soon as there was a plan
  contains:
    done:
      description: Changes that are made.
      type: int
      returned: always
      sample: 1998
    already:
      description: Changes that Apple refused because somebody else, or an earlier run, had made them meanwhile.
      type: int
      returned: always
      sample: 0
    failed:
      description: Changes that Apple could not make. RV(not_done) says why.
      type: int
      returned: always
      sample: 2
    short:
      description: Always 0, since no licences are given. It is here so that all these modules return the same numbers.
      type: int
      returned: always
      sample: 0
    unknown:
      description: Changes that Apple may have made or may still make, such as those of pending events. With O(wait=false) all that were sent.
      type: int
      returned: always
      sample: 0
    unsent:
      description: Changes that were not sent, because of an earlier failure.
      type: int
      returned: always
      sample: 0
not_done:
  description: The planned changes that are not made, or not surely, at most O(max_listed) of them. Empty in check mode.
  type: list
  elements: dict
  version_added: 0.2.0
  returned: success, and on failure as soon as there was a plan
  contains:
    action:
      description: The kind of the change, V(revoke).
      type: str
      returned: always
      sample: revoke
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
    outcome:
      description: V(failed), V(short), V(unknown) or V(unsent), see RV(outcome).
      type: str
      returned: always
      sample: failed
    error_number:
      description: Apple's number of the error. V(none) if Apple named none.
      type: int
      returned: always
      sample: 9709
    error_message:
      description: Apple's text, or what is known instead. V(none) if nothing is.
      type: str
      returned: always
      sample: "There aren't enough assets available to complete this association."
    retryable:
      description: Whether the same can succeed later.
      type: bool
      returned: always
      sample: false
    hint:
      description: What to do about it. V(none) where nothing is known.
      type: str
      returned: always
      sample: Buy or free licences, then run again.
    event_id:
      description: The event that may still make the change. V(none) if there is none.
      type: str
      returned: always
      sample: 3a5c3336-3d0f-43d8-96b3-e76a8523bf14
not_done_left_out:
  description: How many changes are not in RV(not_done), because they are too many to show, see O(max_listed).
  type: int
  version_added: 0.2.0
  returned: success, and on failure as soon as there was a plan
  sample: 0
events:
  description:
    - One event for each write request that Apple accepted, in the order of the plan.
    - The list is empty in check mode, and where nothing changes.
  type: list
  elements: dict
  returned: success, and on failure as soon as there was a plan
  contains:
    event_id:
      description: The number under which Apple keeps the event.
      type: str
      returned: always
      sample: 3a5c3336-3d0f-43d8-96b3-e76a8523bf14
    event_type:
      description:
        - The kind of the event, V(REVOKE).
        - V(none) if nobody has asked about the event yet.
      type: str
      returned: always
      sample: REVOKE
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
events_left_out:
  description: How many events are not in RV(events), because they are too many to show. Those that did not succeed are shown first then.
  type: int
  version_added: 0.2.0
  returned: success, and on failure as soon as there was a plan
  sample: 0
failures:
  description:
    - What Apple said about changes that are not made.
  type: list
  elements: dict
  returned: success, and on failure as soon as there was a plan
  contains:
    action:
      description: The kind of change that failed, V(revoke).
      type: str
      returned: always
      sample: revoke
    error_number:
      description: Apple's number of the error.
      type: int
      returned: always
      sample: 9603
    error_message:
      description: Apple's text.
      type: str
      returned: always
      sample: "Internal error."
    retryable:
      description: Whether the same can succeed later. V(false) for numbers that are not known.
      type: bool
      returned: always
      sample: false
    hint:
      description: What to do about it. V(none) where nothing is known.
      type: str
      returned: always
      sample: Apple had an internal error; run again later.
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
  description: How many entries are not in RV(failures), because they are too many to show, see O(max_listed).
  type: int
  version_added: 0.2.0
  returned: success, and on failure as soon as there was a plan
  sample: 0
answers_lost:
  description:
    - Writes whose answer never came, so that nobody knew whether Apple had accepted them. What they were to change was read back.
    - A warning tells of each of them.
  type: list
  elements: dict
  version_added: 0.2.0
  returned: success, and on failure as soon as there was a plan
  contains:
    request:
      description: Method and path of the request.
      type: str
      returned: always
      sample: POST assets/revoke
    cause:
      description: What happened to the answer.
      type: str
      returned: always
      sample: no answer within 60 s
    found:
      description: How many of its changes were there when they were read back.
      type: int
      returned: always
      sample: 1000
    missing:
      description: How many were not.
      type: int
      returned: always
      sample: 0
    sent_again:
      description: Whether those were sent again. They are, as long as the retry budget and the time allow.
      type: bool
      returned: always
      sample: false
dest:
  description: The file that holds the whole plan.
  type: str
  version_added: 0.2.0
  returned: if O(dest) is set, on success and on failure as soon as there was a plan
  sample: /var/lib/vpp/springfield-plan.csv
uid:
  description:
    - Apple's number of the location. Two content tokens with the same number manage the same licences.
    - V(none) if no answer named it.
  type: str
  returned: success, and on failure as soon as there was a plan
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
      sample: 6
    writes:
      description: Requests that write. V(0) in check mode.
      type: int
      returned: always
      sample: 2
diff:
  description:
    - The objects that change, and no others. At most O(max_listed) of them. If there are more, RV(diff.after) says how many are missing.
  type: dict
  returned: in diff mode, where RV(plan) is returned
  contains:
    before:
      description: For each assignment that is taken away, by asset and target, that it is there. What is not there before is left out.
      type: dict
      returned: always
      sample: {"361309726 STDQ -> device TESTSERIAL01": assigned}
    after:
      description: The same after the change. What is not there then is left out.
      type: dict
      returned: always
      sample: {}
faults:
  description: Everything that is wrong with the input, each with its place. RV(ignore:msg) holds the first of them. Nothing was written.
  type: list
  elements: str
  returned: on failure, if the input is wrong
  sample:
    - "returned.txt:4: serial_number 'TEST\\t01' has white space around it or a control character in it"
removals:
  description: How many removals the plan has. Nothing was written.
  type: int
  returned: on failure, if O(max_removals) was exceeded
  sample: 120
present:
  description: The number from which a percentage in O(max_removals) counts.
  type: int
  returned: on failure, if O(max_removals) was exceeded
  sample: 300
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
  returned: on failure, if the service answered with an error, the retry budget was used up, or another task works on the location
  sample: false
lock_holder:
  description:
    - The other task that works on the location at this moment. Nothing was written.
    - Left out where that task has not said yet who it is.
  type: dict
  version_added: 0.2.0
  returned: on failure, if another task works on the location
  contains:
    process_id:
      description: The number of its process.
      type: int
      returned: always
      sample: 4711
    host_name:
      description: The name of the machine that it runs on.
      type: str
      returned: always
      sample: runner-1
    module:
      description: The module that it runs.
      type: str
      returned: always
      sample: mdmkit.apps_books.vpp_user
    since:
      description: Since when it works on the location, in UTC.
      type: str
      returned: always
      sample: "2026-11-22T03:00:05Z"
holder:
  description: Who has claimed the location.
  type: dict
  returned: on failure, if the location carries another id than O(mdm_id)
  contains:
    id:
      description: The id of the other management service.
      type: str
      returned: always
      sample: old-mdm
    name:
      description: Its name.
      type: str
      returned: always
      sample: Old MDM
    metadata:
      description: Whatever it wrote there.
      type: str
      returned: always
      sample: https://mdm.example.com
"""

from ansible_collections.mdmkit.apps_books.plugins.module_utils._module.assignments import revoke_assignments
from ansible_collections.mdmkit.apps_books.plugins.module_utils._module.options import (
    allow_empty,
    assume,
    dest,
    listing,
    locking,
    max_removals,
    sending,
    shared,
    targets,
    waiting,
)
from ansible_collections.mdmkit.apps_books.plugins.module_utils._module.task import run


def main() -> None:
    argument_spec = {
        **shared(),
        **allow_empty(),
        **assume(),
        **dest(),
        **listing(),
        **locking(),
        **max_removals(),
        **sending(),
        **targets(),
        **waiting(),
        "everybody_but": {"type": "dict", "options": targets()},
        "allow_list": {"type": "dict", "options": targets()},
    }
    run(
        argument_spec,
        revoke_assignments,
        required_one_of=[(*targets(), "everybody_but")],
        mutually_exclusive=[(name, "everybody_but") for name in targets()],
    )


if __name__ == "__main__":
    main()
