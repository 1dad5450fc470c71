# Copyright (c) 2026, the mdmkit.apps_books authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations


class ModuleDocFragment:
    DOCUMENTATION = r"""
options:
  snapshot_dir:
    description:
      - A folder in which tasks leave what they read of a location, so that later tasks and runs ask only what changed since.
        Without it, every task reads what it needs in full.
      - Nothing in it is believed without asking. The service tells whether anything changed, and where it did, the number of assignments of
        each asset has to agree before they are used; see the guide on large locations.
      - The folder is made if it is not there, and only its owner can read it. It holds names of users with their email addresses, and the
        serial numbers of devices, but neither tokens nor invite codes. It can be deleted at any time. Files that are damaged, of another
        service, or writable for others are not used, with a warning.
      - It is written in check mode, too, since that changes nothing at Apple.
      - If it is not set, the environment variable E(VPP_SNAPSHOT_DIR) is used.
    type: path
    version_added: 0.2.0
  snapshot_max_age:
    description:
      - How many seconds after all users were read they are all read again, whatever O(snapshot_dir) holds.
      - The service tells which users were retired since, but has no count of users that would prove it.
    type: float
    default: 604800
    version_added: 0.2.0
"""
