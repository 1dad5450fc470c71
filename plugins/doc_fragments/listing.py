# Copyright (c) 2026, the mdmkit.apps_books authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations


class ModuleDocFragment:
    DOCUMENTATION = r"""
options:
  max_listed:
    description:
      - How many things each list of the result holds at most. What is left out is counted.
      - This limits only what is shown, never what is read or written.
      - With up to V(1000) a result stays smaller than 1 MiB, however large the location is. So a list can also be shorter, if much is to be said of each thing.
        With a higher number the result may grow in proportion.
      - Long results make Ansible slow. Raise the number only if you need the list in a variable.
    type: int
    default: 1000
"""
