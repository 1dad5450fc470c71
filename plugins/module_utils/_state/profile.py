# Copyright (c) 2026, the mdmkit.apps_books authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What can be told of a location with a request or two, with a read-only token too."""

from __future__ import annotations

from typing import List, NamedTuple, Optional

from ansible_collections.mdmkit.apps_books.plugins.module_utils._api.service import Service
from ansible_collections.mdmkit.apps_books.plugins.module_utils._model import AssetRecord, ClientConfig, MdmInfo
from ansible_collections.mdmkit.apps_books.plugins.module_utils._state.ownership import readable_client_config


class Profile(NamedTuple):
    """Each member is None where the service did not tell it.

    :ivar holder: who has claimed the location
    :ivar holder_known: whether a missing holder means that nobody has
    :ivar token_expiration_date: in the service's own form
    :ivar stock: all owned products; None where they were not asked for
    """

    uid: Optional[str]
    location_name: Optional[str]
    country: Optional[str]
    platform: Optional[str]
    holder: Optional[MdmInfo]
    holder_known: bool
    token_expiration_date: Optional[str]
    stock: Optional[List[AssetRecord]]


def read_profile(service: Service, with_stock: bool) -> Profile:
    """One request, and as many as there are pages of assets with the stock.

    A read-only token may not read the client configuration (README section 2); then what the list of assets says on the side has to do.

    :raises AppsBooksError: the service refused or could not be reached
    """
    readable = readable_client_config(service)
    config = readable or ClientConfig(None, None, None, ())
    stock = service.assets() if with_stock else None
    uid = service.uid()
    holder = service.facts.mdm_info
    return Profile(
        uid,
        config.location_name,
        config.country_iso2_a_code,
        config.default_platform,
        holder,
        readable is not None or holder is not None,
        service.facts.token_expiration_date,
        stock,
    )
