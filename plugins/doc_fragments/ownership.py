# Copyright (c) 2026, the mdmkit.apps_books authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations


class ModuleDocFragment:
    DOCUMENTATION = r"""
options:
  mdm_id:
    description:
      - The C(id) under which you have claimed the location with M(mdmkit.apps_books.vpp_client_config).
      - If it is set, the module makes sure before any write that the location still carries this id.
        It fails and writes nothing if another management service has claimed the location, or if nobody has.
      - If somebody else takes the location over while the task runs, no further write is sent as soon as an answer of Apple shows it.
      - If it is not set, the environment variable E(VPP_MDM_ID) is used. If that is not set either, nobody checks whose location it is.
    type: str
"""

    # For modules that only read.
    INFO = r"""
options:
  mdm_id:
    description:
      - The module only reads, so it does not check whose the location is.
        It takes the option so that it can be set for all modules of the collection at once.
      - If it is not set, the environment variable E(VPP_MDM_ID) is used.
    type: str
"""

    # For the module that writes files.
    EXPORT = r"""
options:
  mdm_id:
    description:
      - The C(id) under which you manage the location, or are going to.
      - If the location carries this id, it is written into C(client_config.yml). If it carries another one, that is written there as a comment only,
        so that nobody works on the location in the name of another management service by mistake.
      - If it is not set, the environment variable E(VPP_MDM_ID) is used.
    type: str
"""

    # For all modules.
    MEANT = r"""
options:
  expected_uid:
    description:
      - Apple's number of the location that the content token has to open, as the modules return it in C(uid).
      - A token of another location is refused with the first answer, before anything is written. Useful where many tokens are in use.
    type: str
  expected_location:
    description:
      - The name of the location that the content token has to open, as Apple shows it and M(mdmkit.apps_books.vpp_client_config_info) returns it
        in C(location_name). It is compared exactly, apart from white space around it.
      - A token of another location is refused before anything else is read or written.
      - Only the client configuration tells the name, so this costs one more request. O(expected_uid) costs none, and the number stays if
        somebody renames the location.
      - A read-only token may not read the client configuration, so the option does not go with it. Use O(expected_uid) there.
    type: str
    version_added: 0.2.0
"""
