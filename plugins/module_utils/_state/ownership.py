# Copyright (c) 2026, the mdmkit.apps_books authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whose the location is (README section 4)."""

from __future__ import annotations

from typing import Optional

from ansible_collections.mdmkit.apps_books.plugins.module_utils._api.service import Service
from ansible_collections.mdmkit.apps_books.plugins.module_utils._model import AppsBooksError, MdmInfo


class NotOurs(AppsBooksError):
    """The location is managed by somebody else, or nobody has claimed it."""


def ensure_ours(service: Service, mdm_id: Optional[str]) -> None:
    """Make sure that the location carries our id, by what an earlier answer said or else by asking.

    :param mdm_id: None where the person does not want it checked
    :raises NotOurs: naming who holds the location
    """
    if not mdm_id:
        return
    # Most answers carry mdmInfo, but none has to.
    holder = service.facts.mdm_info or service.client_config().mdm_info
    if holder is None:
        raise NotOurs(f"Nobody has claimed this location, but mdm_id is {mdm_id}.", "Claim it first with vpp_client_config.")
    if holder.id != mdm_id:
        raise NotOurs(
            f"This location is managed by {told(holder)}, not by {mdm_id}. Nothing was written.", "Take it over with vpp_client_config if that is wanted."
        )


def told(holder: MdmInfo) -> str:
    return f"{holder.name or 'somebody without a name'} (id {holder.id})"
