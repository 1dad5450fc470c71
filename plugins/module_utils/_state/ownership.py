# Copyright (c) 2026, the mdmkit.apps_books authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whose the location is (README section 4)."""

from __future__ import annotations

from typing import Optional

from ansible_collections.mdmkit.apps_books.plugins.module_utils._api.errors import NotOurs, ServiceError
from ansible_collections.mdmkit.apps_books.plugins.module_utils._api.service import Service
from ansible_collections.mdmkit.apps_books.plugins.module_utils._model import ClientConfig


def ensure_ours(service: Service, mdm_id: Optional[str]) -> None:
    """Make sure that the location carries our id, by what an earlier answer said or else by asking, and that no write is sent once it does not.

    :param mdm_id: None where the person does not want it checked
    :raises NotOurs: naming who holds the location
    """
    if not mdm_id:
        return
    # Most answers carry mdmInfo, but none has to.
    if service.facts.mdm_info is None and service.client_config().mdm_info is None:
        raise NotOurs(f"Nobody has claimed this location, but mdm_id is {mdm_id}.", "Claim it first with vpp_client_config.")
    service.expected_holder = mdm_id
    service.ensure_not_taken_over()


def readable_client_config(service: Service) -> Optional[ClientConfig]:
    """The client configuration; None where the content token has no right to read it, as a read-only one (README section 2)."""
    try:
        return service.client_config()
    except ServiceError as error:
        if not error.no_right:
            raise
        return None
