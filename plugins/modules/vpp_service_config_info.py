#!/usr/bin/python
# Copyright (c) 2026, the mdmkit.apps_books authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: vpp_service_config_info
short_description: Show limits, addresses and error codes of Apple's App and Book Management
version_added: 0.1.0
description:
  - Reads what Apple says about the service itself. It is the same for every location and for everybody.
  - The answer needs no content token, so it does not prove that a token is good.
    To try a token, use M(mdmkit.apps_books.vpp_client_config_info).
  - The other modules read the limits by themselves. You need this module only to look at them.
notes:
  - No location is opened, so O(expected_uid) and O(expected_location) are not checked. The module takes them so that they can be set for all
    modules of the collection at once.
author:
  - The mdmkit.apps_books authors (@mdmkit)
extends_documentation_fragment:
  - mdmkit.apps_books.connection
  - mdmkit.apps_books.token.unused
  - mdmkit.apps_books.ownership.info
  - mdmkit.apps_books.ownership.meant
  - mdmkit.apps_books.snapshot
  - mdmkit.apps_books.attributes
  - mdmkit.apps_books.attributes.platform
  - mdmkit.apps_books.attributes.info_module
  - mdmkit.apps_books.attributes.actiongroup_vpp
seealso:
  - module: mdmkit.apps_books.vpp_client_config_info
  - module: mdmkit.apps_books.vpp_event_info
"""

EXAMPLES = r"""
- name: Read what Apple says about the service
  mdmkit.apps_books.vpp_service_config_info:
  register: service

- name: Show how much one request may hold
  ansible.builtin.debug:
    var: service.limits

- name: Look up an error number
  ansible.builtin.debug:
    msg: "{{ service.error_codes | selectattr('error_number', 'equalto', 9709) | map(attribute='error_message') | first }}"

- name: Read it from a simulator on this machine
  mdmkit.apps_books.vpp_service_config_info:
    base_url: http://127.0.0.1:8765/mdm/v2
"""

RETURN = r"""
limits:
  description:
    - How much one request may hold, and how many requests a second are allowed.
    - The keys are Apple's own. Which of them there are is up to Apple.
  type: dict
  returned: success
  sample:
    maxAssets: 25
    maxClientUserIds: 1000
    maxSerialNumbers: 1000
    maxUsers: 100
    maxRequestPerSecond: 15
urls:
  description:
    - Where each call of the service goes. The keys are Apple's own.
  type: dict
  returned: success
  sample:
    getAssets: https://vpp.itunes.apple.com/mdm/v2/assets
    getUsers: https://vpp.itunes.apple.com/mdm/v2/users
notification_types:
  description: The kinds of notifications that Apple names here. The service knows more than it names.
  type: list
  elements: str
  returned: success
  sample: [ASSET_MANAGEMENT, USER_MANAGEMENT, USER_ASSOCIATED, ASSET_COUNT]
error_codes:
  description: The error numbers that Apple names here. The service knows more than it names.
  type: list
  elements: dict
  returned: success
  contains:
    error_number:
      description: The number.
      type: int
      returned: always
      sample: 9709
    error_message:
      description: Its text.
      type: str
      returned: always
      sample: There aren't enough assets available to complete this association.
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
    - "base_url 'vpp' is not a URL"
"""

from ansible_collections.mdmkit.apps_books.plugins.module_utils._module.configuration import show_service_config
from ansible_collections.mdmkit.apps_books.plugins.module_utils._module.options import shared
from ansible_collections.mdmkit.apps_books.plugins.module_utils._module.task import run


def main() -> None:
    argument_spec = shared()
    run(argument_spec, show_service_config)


if __name__ == "__main__":
    main()
