#!/usr/bin/python
# Copyright (c) 2026, the mdmkit.apps_books authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: vpp_client_config
short_description: Claim a location and set where its notifications go
version_added: 0.1.0
description:
  - Sets the client configuration of a location. That is who manages it, and where Apple sends notifications.
  - The module reads the stored configuration first and compares. It writes only if something differs, with one request to C(client/config).
  - What is not set is kept as it is. The lists of notification types are compared as sets.
  - The secret of the notifications is compared too, but it is never shown, not in the diff either.
  - A location that carries another id is never taken over unless O(takeover=true).
  - Nothing can be cleared. An id, an address and a secret can only be replaced by others, because Apple documents no way to remove them.
options:
  mdm_info:
    description:
      - Who manages the location. Apple shows this to every management service that has a content token of the location.
      - All three members are needed, and none may be empty.
    type: dict
    suboptions:
      id:
        description:
          - Your id. It decides whether the location is yours, so keep it for good. At most 100 characters as of now.
          - Give the same to the other modules as O(mdm_id).
        type: str
        required: true
      name:
        description:
          - A name for people. At most 100 characters as of now.
        type: str
        required: true
      metadata:
        description:
          - Anything you like, such as the address of your repository. At most 255 characters as of now.
        type: str
        required: true
  notification_url:
    description:
      - Where Apple sends notifications. It has to begin with V(https://) and may hold only host, port and path.
      - Apple sends a test notification there while it stores the configuration.
        If that is not answered, nothing is stored and the task fails with error 9728. So the receiver has to be up before.
      - It goes together with O(notification_auth_token). Each of the two has to be given, unless it is stored already.
    type: str
  notification_auth_token:
    description:
      - The secret that Apple sends along with each notification, so that the receiver knows that it comes from Apple.
    type: str
  notification_types:
    description:
      - The kinds of notifications to subscribe to. They replace those that are stored. An empty list ends all subscriptions.
      - The kinds are V(ASSET_COUNT), V(ASSET_MANAGEMENT), V(SUBSCRIPTION_COUNT), V(SUBSCRIPTION_MANAGEMENT),
        V(UNLIMITED_ASSET), V(USER_ASSOCIATED) and V(USER_MANAGEMENT).
    type: list
    elements: str
  takeover:
    description:
      - Whether O(mdm_info) may replace another id than O(mdm_info.id).
      - With V(false) the task fails then and names who has claimed the location.
      - Talk to them first. Two services that manage one location undo each other's work. Set this for one run only.
    type: bool
    default: false
notes:
  - If O(mdm_info) is given, O(mdm_id) is not needed. If it is set all the same, both ids have to be equal, and O(takeover) decides what happens
    to a location that carries another id.
attributes:
  check_mode:
    support: full
    details:
      - RV(client_config) shows in check mode what is stored now.
  diff_mode:
    support: full
    details:
      - The secret is never shown, only whether it changes.
  idempotent:
    support: full
author:
  - The mdmkit.apps_books authors (@mdmkit)
extends_documentation_fragment:
  - mdmkit.apps_books.connection
  - mdmkit.apps_books.token
  - mdmkit.apps_books.ownership
  - mdmkit.apps_books.ownership.meant
  - mdmkit.apps_books.snapshot
  - mdmkit.apps_books.locking
  - mdmkit.apps_books.listing
  - mdmkit.apps_books.attributes
  - mdmkit.apps_books.attributes.platform
  - mdmkit.apps_books.attributes.actiongroup_vpp
seealso:
  - module: mdmkit.apps_books.vpp_client_config_info
  - module: mdmkit.apps_books.vpp_asset_assignment
  - module: mdmkit.apps_books.vpp_user
"""

EXAMPLES = r"""
- name: Claim a location
  mdmkit.apps_books.vpp_client_config:
    content_token_file: /etc/vpp/springfield.vpptoken
    mdm_info:
      id: springfield-gitops
      name: Springfield Schools, Ansible
      metadata: https://git.example.org/licences

- name: Read the content token from the environment of the job
  mdmkit.apps_books.vpp_client_config:
    content_token: "{{ lookup('ansible.builtin.env', 'SPRINGFIELD_TOKEN') }}"
    mdm_info:
      id: springfield-gitops
      name: Springfield Schools, Ansible
      metadata: https://git.example.org/licences

- name: Subscribe to notifications
  mdmkit.apps_books.vpp_client_config:
    content_token_file: /etc/vpp/springfield.vpptoken
    mdm_id: springfield-gitops
    notification_url: https://hooks.example.org/apple
    notification_auth_token: "{{ springfield_notification_secret }}"
    notification_types:
      - ASSET_COUNT
      - ASSET_MANAGEMENT
      - USER_ASSOCIATED

- name: End all subscriptions, but keep the address
  mdmkit.apps_books.vpp_client_config:
    content_token_file: /etc/vpp/springfield.vpptoken
    mdm_id: springfield-gitops
    notification_types: []

- name: Take a location over from another management service, once
  mdmkit.apps_books.vpp_client_config:
    content_token_file: /etc/vpp/shelbyville.vpptoken
    mdm_info:
      id: springfield-gitops
      name: Springfield Schools, Ansible
      metadata: https://git.example.org/licences
    takeover: true

- name: See what would change, and write nothing
  mdmkit.apps_books.vpp_client_config:
    content_token_file: /etc/vpp/springfield.vpptoken
    mdm_info:
      id: springfield-gitops
      name: Springfield Schools, Ansible
      metadata: https://git.example.org/licences, contact it@example.org
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
        configured:
          description:
            - How many members of the configuration change.
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
          sample: configure
        why:
          description: Why this is changed.
          type: str
          returned: always
          sample: differs
        member:
          description: Which member changes, V(mdm_info), V(notification_url), V(notification_auth_token) or V(notification_types).
          type: str
          returned: always
          sample: mdm_info
        before:
          description: What it is before. V(none) if nothing is stored. Of the secret only whether there is one.
          type: raw
          returned: always
          sample: null
        after:
          description: What it is afterwards. Of the secret only that there is one.
          type: raw
          returned: always
          sample: {id: springfield-gitops, name: "Springfield Schools, Ansible", metadata: "https://git.example.org/licences"}
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
events:
  description: Always empty, because Apple stores a configuration at once. It is here so that all writing modules return the same keys.
  type: list
  elements: dict
  returned: success, and on failure as soon as there was a plan
  sample: []
events_left_out:
  description: Always V(0), see RV(events).
  type: int
  version_added: 0.2.0
  returned: success, and on failure as soon as there was a plan
  sample: 0
failures:
  description: Always empty, like RV(events).
  type: list
  elements: dict
  returned: success, and on failure as soon as there was a plan
  sample: []
failures_left_out:
  description: Always V(0), see RV(failures).
  type: int
  version_added: 0.2.0
  returned: success, and on failure as soon as there was a plan
  sample: 0
client_config:
  description: What Apple stores for the location after the task. In check mode what is stored now.
  type: dict
  returned: success
  contains:
    mdm_info:
      description: Who has claimed the location. V(none) if nobody has.
      type: dict
      returned: always
      contains:
        id:
          description: The id of the management service.
          type: str
          returned: always
          sample: springfield-gitops
        name:
          description: Its name.
          type: str
          returned: always
          sample: Springfield Schools, Ansible
        metadata:
          description: Whatever it wrote there.
          type: str
          returned: always
          sample: https://git.example.org/licences
    notification_url:
      description: Where Apple sends notifications. V(none) if it sends none.
      type: str
      returned: always
      sample: https://hooks.example.org/apple
    notification_auth_token_set:
      description: Whether a secret for the notifications is stored. The secret itself is never shown.
      type: bool
      returned: always
      sample: true
    notification_types:
      description: The kinds of notifications that are subscribed to, sorted.
      type: list
      elements: str
      returned: always
      sample: [ASSET_COUNT, ASSET_MANAGEMENT]
    uid:
      description: Apple's number of the location. Two content tokens with the same number manage the same licences.
      type: str
      returned: always
      sample: "2049025000431439"
    location_name:
      description: The name of the location.
      type: str
      returned: always
      sample: Springfield
    country_iso2_a_code:
      description: The country of the location.
      type: str
      returned: always
      sample: US
    default_platform:
      description: V(volumestore) for education, V(enterprisestore) for business.
      type: str
      returned: always
      sample: volumestore
    website_url:
      description: Where the location is managed by hand.
      type: str
      returned: always
      sample: https://school.apple.com
    token_expiration_date:
      description: When the content token expires.
      type: str
      returned: always
      sample: "2031-03-04T05:06:07+0000"
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
      sample: POST client/config
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
uid:
  description:
    - Apple's number of the location. Two content tokens with the same number manage the same licences.
    - V(none) if no answer named it.
  type: str
  returned: success, and on failure as soon as there was a plan
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
  returned: in diff mode, on success
  contains:
    before:
      description: The members that change, as they are before. What is not there before is left out.
      type: dict
      returned: always
      sample: {}
    after:
      description: The same after the change. What is not there then is left out.
      type: dict
      returned: always
      sample: {mdm_info: {id: springfield-gitops, name: "Springfield Schools, Ansible", metadata: "https://git.example.org/licences"}}
holder:
  description: Who has claimed the location. Nothing was written.
  type: dict
  returned: on failure, if another id is stored and not O(takeover=true), or if it is another than O(mdm_id)
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
faults:
  description: Everything that is wrong with the input, each with its place. RV(ignore:msg) holds the first of them. Nothing was written.
  type: list
  elements: str
  returned: on failure, if the input is wrong
  sample:
    - "notification_url and notification_auth_token go together; one of them is neither given nor stored"
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
"""

from ansible_collections.mdmkit.apps_books.plugins.module_utils._module.configuration import manage_client_config
from ansible_collections.mdmkit.apps_books.plugins.module_utils._module.options import listing, locking, shared
from ansible_collections.mdmkit.apps_books.plugins.module_utils._module.task import run


def main() -> None:
    argument_spec = {
        **shared(),
        **listing(),
        **locking(),
        "mdm_info": {
            "type": "dict",
            "options": {
                "id": {"type": "str", "required": True},
                "name": {"type": "str", "required": True},
                "metadata": {"type": "str", "required": True},
            },
        },
        "notification_url": {"type": "str"},
        "notification_auth_token": {"type": "str", "no_log": True},
        "notification_types": {"type": "list", "elements": "str"},
        "takeover": {"type": "bool", "default": False},
    }
    run(argument_spec, manage_client_config)


if __name__ == "__main__":
    main()
