# Copyright (c) 2026, the mdmkit.apps_books authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations


class ModuleDocFragment:
    DOCUMENTATION = r"""
options:
  content_token:
    description:
      - The content token of the location. It decides which location the task works on.
      - Give the whole text of the downloaded C(.vpptoken) file, not the inner token that stands in it.
      - Set this or O(content_token_file), not both.
      - If the task sets neither, the environment variable E(VPP_CONTENT_TOKEN) is used, and without it E(VPP_CONTENT_TOKEN_FILE).
    type: str
  content_token_file:
    description:
      - The downloaded C(.vpptoken) file, as it is.
      - What the task sets comes before what the environment says, so E(VPP_CONTENT_TOKEN) does not stand in its way.
    type: path
notes:
  - The content token is checked before the first request. If it expires within 15 days, the module warns and names the date.
"""

    # For the module that asks nothing about a location.
    UNUSED = r"""
options:
  content_token:
    description:
      - The module needs no content token, and does not look at it.
        It takes the option so that it can be set for all modules of the collection at once.
    type: str
  content_token_file:
    description:
      - Like O(content_token).
    type: path
"""
