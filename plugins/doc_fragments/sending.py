# Copyright (c) 2026, the mdmkit.apps_books authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations


class ModuleDocFragment:
    DOCUMENTATION = r"""
options:
  on_failure:
    description:
      - What happens to the other requests when Apple refuses one, or cannot do all of it. The task fails in either case.
      - V(continue) sends those that do not rest on it. Many requests are worked off at once.
      - V(fail) sends one request at a time, waits for it, and sends nothing more after a failure. This takes much longer.
        With O(wait=false) it ends at the first request that is refused at once.
    type: str
    choices: [continue, fail]
    default: continue
    version_added: 0.2.0
  stuck_after:
    description:
      - After how many seconds without progress an event counts as stuck. More than 0. Apple names ten minutes.
      - What it was to change is read back, and what is missing is sent again, once. If that gets stuck too, the task fails and names the events.
      - This matters only if it is less than O(wait_timeout).
    type: float
    default: 600
    version_added: 0.2.0
"""
