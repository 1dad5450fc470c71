#!/usr/bin/python
# Copyright (c) 2026, the mdmkit.apps_books authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: vpp_client_config_info
short_description: Show whose a location is and where its notifications go
version_added: 0.1.0
description:
  - Reads the client configuration of a location, together with its name, its country and the day when its content token expires.
  - The secret of the notifications is never shown.
  - This is the simplest way to find out whether a content token is good, and which location it belongs to.
author:
  - The mdmkit.apps_books authors (@mdmkit)
extends_documentation_fragment:
  - mdmkit.apps_books.connection
  - mdmkit.apps_books.token
  - mdmkit.apps_books.ownership.info
  - mdmkit.apps_books.ownership.meant
  - mdmkit.apps_books.snapshot
  - mdmkit.apps_books.attributes
  - mdmkit.apps_books.attributes.platform
  - mdmkit.apps_books.attributes.info_module
  - mdmkit.apps_books.attributes.actiongroup_vpp
seealso:
  - module: mdmkit.apps_books.vpp_client_config
  - module: mdmkit.apps_books.vpp_service_config_info
"""

EXAMPLES = r"""
- name: See which location a content token belongs to
  mdmkit.apps_books.vpp_client_config_info:
    content_token_file: /etc/vpp/springfield.vpptoken
  register: location

- name: Show its name and number
  ansible.builtin.debug:
    msg: "{{ location.client_config.location_name }} has the number {{ location.client_config.uid }}"

- name: Stop if another management service has claimed the location
  ansible.builtin.assert:
    that:
      - location.client_config.mdm_info is none or location.client_config.mdm_info.id == 'springfield-gitops'
    fail_msg: "The location is managed by {{ location.client_config.mdm_info.name | default('somebody else') }}."

- name: Warn two months before the content token expires
  ansible.builtin.debug:
    msg: "Renew the content token, it expires on {{ location.client_config.token_expiration_date }}."
  when:
    - location.client_config.token_expiration_date is not none
    - (location.client_config.token_expiration_date | to_datetime('%Y-%m-%dT%H:%M:%S%z')).timestamp() < now().timestamp() + 60 * 86400
"""

RETURN = r"""
client_config:
  description: What Apple stores for the location.
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
    - "base_url must begin with https: the content token is a full credential and must not travel in clear"
"""

from ansible_collections.mdmkit.apps_books.plugins.module_utils._module.configuration import show_client_config
from ansible_collections.mdmkit.apps_books.plugins.module_utils._module.options import shared
from ansible_collections.mdmkit.apps_books.plugins.module_utils._module.task import run


def main() -> None:
    argument_spec = shared()
    run(argument_spec, show_client_config)


if __name__ == "__main__":
    main()
