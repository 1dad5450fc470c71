# Copyright (c) 2026, the mdmkit.apps_books authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations


class ModuleDocFragment:
    DOCUMENTATION = r"""
options:
  wait:
    description:
      - Whether to wait until Apple has worked off what was sent.
      - With V(false) the task ends as soon as Apple has accepted the requests.
        Then nobody knows yet whether they succeed. Hand the event ids on to M(mdmkit.apps_books.vpp_event_info).
    type: bool
    default: true
  wait_timeout:
    description:
      - How many seconds to wait for all events together, and until what they did can be read back.
      - If some are still pending then, the task fails and names them. Apple goes on with the work.
    type: float
    default: 900
  wait_interval:
    description:
      - How many seconds to pause between two questions, at most. More than 0.
      - The module asks after 1, 2, 4, 8 and 15 seconds, and then every O(wait_interval) seconds.
        A smaller number makes the first pauses shorter too.
    type: float
    default: 30
"""

    # For the module that does nothing but look at events.
    EVENTS = r"""
options:
  wait:
    description:
      - Whether to wait until none of the events is pending.
      - With V(false) each event is looked at once.
    type: bool
    default: true
  wait_timeout:
    description:
      - How many seconds to wait for all events together.
      - If some are still pending then, the task fails and names them.
    type: float
    default: 900
  wait_interval:
    description:
      - How many seconds to pause between two questions, at most. More than 0.
      - The module asks after 1, 2, 4, 8 and 15 seconds, and then every O(wait_interval) seconds.
        A smaller number makes the first pauses shorter too.
    type: float
    default: 30
"""
