# Copyright (c) 2026, the mdmkit.apps_books authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations


class ModuleDocFragment:
    DOCUMENTATION = r"""
options:
  assume:
    description:
      - What earlier tasks of the same play would have done. For check mode only. In a real run the option is not looked at.
      - In check mode those tasks have changed nothing. So new users are not there yet, and licences that would come back are not free yet.
        With this option the plan is made as if the tasks had run, first the one for users and then the one for revocation.
      - Users who would be created count as active. Users who would be retired count as gone.
        They, and the targets that would be revoked, count as holding nothing that can be taken back.
    type: dict
    suboptions:
      users_files:
        description:
          - The files that the earlier task of M(mdmkit.apps_books.vpp_user) has in O(mdmkit.apps_books.vpp_user#module:users_files).
        type: list
        elements: path
      users_purge:
        description:
          - Whether that task has O(mdmkit.apps_books.vpp_user#module:purge=true).
        type: bool
        default: false
      revoked_users:
        description:
          - What the earlier task of M(mdmkit.apps_books.vpp_asset_revocation) has in O(mdmkit.apps_books.vpp_asset_revocation#module:users).
        type: list
        elements: str
      revoked_users_file:
        description:
          - What that task has in O(mdmkit.apps_books.vpp_asset_revocation#module:users_file).
        type: path
      revoked_devices:
        description:
          - What that task has in O(mdmkit.apps_books.vpp_asset_revocation#module:devices).
        type: list
        elements: str
      revoked_devices_file:
        description:
          - What that task has in O(mdmkit.apps_books.vpp_asset_revocation#module:devices_file).
        type: path
"""
