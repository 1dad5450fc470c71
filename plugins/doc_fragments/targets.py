# Copyright (c) 2026, the mdmkit.apps_books authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations


class ModuleDocFragment:
    DOCUMENTATION = r"""
options:
  users:
    description:
      - The C(client_user_id) of each user.
    type: list
    elements: str
  users_file:
    description:
      - A file that lists users. Those of O(users) and those of the file count together.
      - The ending of its name tells the format. C(.txt), or no ending, is one C(client_user_id) a line,
        where empty lines and lines that begin with C(#) are left out.
        C(.csv) has the column C(client_user_id), and other columns are left out.
        C(.json), C(.jsonl), C(.ndjson), C(.yml) and C(.yaml) hold a list of C(client_user_id).
    type: path
  devices:
    description:
      - The serial number of each device.
    type: list
    elements: str
  devices_file:
    description:
      - A file that lists devices. Those of O(devices) and those of the file count together.
      - The formats are those of O(users_file). In C(.csv) the column is C(serial_number).
    type: path
"""
