# Copyright (c) 2026, the mdmkit.apps_books authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations


class ModuleDocFragment:
    DOCUMENTATION = r"""
options: {}
attributes:
  check_mode:
    description: Tells in check mode what it would change, and writes nothing.
  diff_mode:
    description: Shows in diff mode the objects that change, before and after.
  idempotent:
    description:
      - A second run with the same options changes nothing, unless somebody changed something in between.
  platform:
    description: The operating systems that the module runs on.
"""

    # Every module of the collection is of this kind. To be used after the first section.
    PLATFORM = r"""
options: {}
attributes:
  platform:
    support: full
    platforms: posix
"""

    # For modules that only read. To be used after the first section.
    INFO_MODULE = r"""
options: {}
attributes:
  check_mode:
    support: full
    details:
      - The module only reads.
  diff_mode:
    support: N/A
    details:
      - The module only reads.
  idempotent:
    support: full
    details:
      - The module only reads.
"""

    ACTIONGROUP_VPP = r"""
options: {}
attributes:
  action_group:
    description:
      - Use C(group/mdmkit.apps_books.vpp) in C(module_defaults) to set options for all modules of the collection at once.
        Every module has O(content_token), O(content_token_file), O(mdm_id), O(expected_uid), O(base_url), O(validate_certs), O(ca_path), O(http_timeout)
        and O(retry_budget). Do not set others there, because Ansible hands them to every module.
    support: full
    membership:
      - mdmkit.apps_books.vpp
"""
