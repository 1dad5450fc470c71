# Copyright (c) 2026, the mdmkit.apps_books authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations


class ModuleDocFragment:
    DOCUMENTATION = r"""
options:
  lock_timeout:
    description:
      - How many seconds to wait while another task of this collection works on the same location. With V(0) the task fails at once then.
      - The message of the failure names the other task.
    type: float
    default: 0
    version_added: 0.2.0
notes:
  - While it runs, outside check mode, the module holds a lock of the location, so that no two writing tasks work on one location at once.
    It is taken as soon as the location is known, with O(expected_uid) before the first request. It is free again when the module ends,
    even if it is killed.
  - The lock works among tasks of one user on one machine that have the same temporary folder. It is a small file for each location in
    a folder C(mdmkit.apps_books-) with the number of the user, below the temporary folder, which E(TMPDIR) names. The file stays there.
    If it cannot be made, the module warns and goes on without.
  - The lock guards one task, not a whole play. Let jobs for one location not run at once all the same.
"""
