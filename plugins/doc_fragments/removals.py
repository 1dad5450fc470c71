# Copyright (c) 2026, the mdmkit.apps_books authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations


class ModuleDocFragment:
    DOCUMENTATION = r"""
options:
  max_removals:
    description:
      - The most that the task may take away. If it would be more, the task fails and writes nothing.
      - A number such as V(50), or a percentage such as V(20%). Five or fewer removals always pass, even with V(0).
      - A percentage counts from all assignments that the location has now. With O(everybody_but), it counts for users and devices each by themselves, from
        those of them that can be taken back at all.
      - If it is not set, the ceiling is V(20%) with O(everybody_but). Otherwise there is none.
    type: str
"""

    # For the modules that have purge.
    PURGE = r"""
options:
  max_removals:
    description:
      - The most that the task may take away. If it would be more, the task fails and writes nothing.
      - A number such as V(50), or a percentage such as V(20%). Five or fewer removals always pass, even with V(0).
      - A percentage counts from what is there now within reach of the task, see O(purge). With O(state=absent) give a number.
      - If it is not set, the ceiling is V(20%) as soon as O(purge) is used. Otherwise there is none.
    type: str
  allow_empty:
    description:
      - An empty list together with O(purge) would leave nothing, and is refused before anything is sent. An empty file must not empty a school.
      - Set this to V(true) if that is what you mean.
    type: bool
    default: false
"""
