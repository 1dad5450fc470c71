# Copyright (c) 2026, the mdmkit.apps_books authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations


class ModuleDocFragment:
    # What vpp_tree_info and vpp_drift_info know of a location's files.
    DOCUMENTATION = r"""
options:
  path:
    description:
      - The folder of the location. The guide C(docs/guides/desired_state_files.md) tells which files it may hold.
      - Can be left out if other options name what is wanted.
    type: path
  catalog_file:
    description:
      - The file that gives names to assets. By default C(catalog.yml) beside the folder, if it is there.
    type: path
  settings:
    description:
      - Settings that win over those in C(location.yml), with the same keys.
    type: dict
    suboptions:
      uid:
        description: See C(location_uid) of the role. So are all of these.
        type: raw
      expected_location:
        description: See C(location_expected_location).
        type: raw
      mdm_id:
        description: See C(location_mdm_id).
        type: raw
      content_token_env:
        description: See C(location_content_token_env).
        type: raw
      content_token_file:
        description: See C(location_content_token_file).
        type: raw
      notification_auth_token_env:
        description: See C(location_notification_auth_token_env).
        type: raw
      notification_auth_token_file:
        description: See C(location_notification_auth_token_file).
        type: raw
      users_purge:
        description: See C(location_users_purge).
        type: raw
      users_max_removals:
        description: See C(location_users_max_removals).
        type: raw
      managed_apple_id_policy:
        description: See C(location_managed_apple_id_policy).
        type: raw
      revocations_max_removals:
        description: See C(location_revocations_max_removals).
        type: raw
      assignments_purge:
        description: See C(location_assignments_purge).
        type: raw
      assignments_max_removals:
        description: See C(location_assignments_max_removals).
        type: raw
      on_shortage:
        description: See C(location_on_shortage).
        type: raw
      wait_timeout:
        description: See C(location_wait_timeout).
        type: raw
      retry_budget:
        description: See C(location_retry_budget).
        type: raw
      lock_timeout:
        description: See C(location_lock_timeout).
        type: raw
      low_stock:
        description: See C(location_low_stock).
        type: raw
      expiry_days:
        description: See C(location_expiry_days).
        type: raw
  client_config:
    description: What is taken in place of C(client_config.yml).
    type: dict
    suboptions:
      mdm_info:
        description: Who manages the location, a mapping of C(id), C(name) and C(metadata).
        type: raw
      notification_url:
        description: Where Apple sends notifications.
        type: raw
      notification_types:
        description: What Apple sends notifications of, a list.
        type: raw
  users_files:
    description: Files of users that are taken in place of those in the folder.
    type: list
    elements: path
  groups_files:
    description: Files of groups that are taken in place of those in the folder.
    type: list
    elements: path
  revocations:
    description: What is taken in place of C(revocations.yml).
    type: dict
    suboptions:
      users:
        description: The C(client_user_id) of each user, a list.
        type: raw
      users_file:
        description: A file that lists users.
        type: raw
      devices:
        description: The serial number of each device, a list.
        type: raw
      devices_file:
        description: A file that lists devices.
        type: raw
  assignments_files:
    description: Files of assignments that are taken in place of those in the folder.
    type: list
    elements: path
  inventory_devices:
    description:
      - For each group in RV(mdmkit.apps_books.vpp_tree_info#module:inventory_groups), the serial numbers of its hosts,
        as M(mdmkit.apps_books.vpp_asset_assignment) takes them.
      - If this is not given, such groups count as empty.
    type: dict
"""
