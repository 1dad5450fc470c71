# Copyright (c) 2026, the mdmkit.apps_books authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations


class ModuleDocFragment:
    DOCUMENTATION = r"""
options:
  dest:
    description:
      - A file to write the whole plan to, whatever O(max_listed) is. Its entries are those of RV(plan.changes).
      - It is written before anything is sent, also in check mode, and also if nothing changes. It is only a report, so it does not count as a change.
      - The ending of its name tells the format. C(.csv) is a table, C(.json) a list, and C(.jsonl) or C(.ndjson) one mapping on each line.
      - The file appears as a whole or not at all. What was there is replaced. Only the user who runs the module may read it.
      - The folder has to be there. A relative path counts from the folder of the playbook if C(connection) is V(local). Otherwise write absolute paths.
      - Give each location a file of its own, for instance with C({{ inventory_hostname }}) in its name.
    type: path
    version_added: 0.2.0
"""

    # For the modules that list.
    INFO = r"""
options:
  dest:
    description:
      - A file to write the whole list to, whatever O(max_listed) is. Its entries are those of the result.
      - It is also written in check mode. It is only a report, so it does not count as a change.
      - The ending of its name tells the format. C(.csv) is a table, C(.json) a list, and C(.jsonl) or C(.ndjson) one mapping on each line.
      - The file appears as a whole or not at all. What was there is replaced. Only the user who runs the module may read it.
      - The folder has to be there. A relative path counts from the folder of the playbook if C(connection) is V(local). Otherwise write absolute paths.
      - Give each location a file of its own, for instance with C({{ inventory_hostname }}) in its name.
    type: path
    version_added: 0.2.0
"""
