# Copyright (c) 2026, the mdmkit.apps_books authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the location owns, as far as a task needs to know."""

from __future__ import annotations

from typing import Collection, Dict, List, Optional

from ansible_collections.mdmkit.apps_books.plugins.module_utils._api.pages import TooManyPages
from ansible_collections.mdmkit.apps_books.plugins.module_utils._api.service import Service
from ansible_collections.mdmkit.apps_books.plugins.module_utils._model import Asset, AssetRecord
from ansible_collections.mdmkit.apps_books.plugins.module_utils._state.reading import ALL_PAGES, BY_ASSET, Reading


class OwnedAssets:
    """
    :param adam_ids: the products that matter; None where all do
    :ivar records: as last read
    :ivar complete: whether they are all that the location owns
    :ivar reading: how they were read last
    """

    def __init__(self, service: Service, adam_ids: Optional[Collection[str]] = None) -> None:
        self._service = service
        self._adam_ids = None if adam_ids is None else sorted(set(adam_ids))
        self.records: Dict[Asset, AssetRecord] = {}
        self.complete = True
        self.reading = Reading("assets", ALL_PAGES, 1, {})

    def read(self) -> Dict[Asset, AssetRecord]:
        """Read them, again too, with as few requests as can be."""
        self.records = {record.asset: record for record in self._read()}
        return self.records

    def _read(self) -> List[AssetRecord]:
        if self._adam_ids is None:
            return self._service.assets()
        if len(self._adam_ids) != 1 and self.complete:
            try:
                # How many pages there are, the first one tells.
                return self._service.assets(most_pages=max(1, len(self._adam_ids)))
            except TooManyPages:
                pass
        self.complete = False
        self.reading = Reading("assets", BY_ASSET, len(self._adam_ids), {})
        one_by_one = self._service.progress.each(self._adam_ids, "reading assets", "requests")
        return [record for adam_id in one_by_one for record in self._service.assets({"adam_id": adam_id})]
