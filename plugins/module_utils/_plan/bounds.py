# Copyright (c) 2026, the mdmkit.apps_books authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How many requests a set of pairs takes at least, whatever way they are batched.

Three arguments, of which the strongest counts:

* Capacity. A target with more assets than a request takes is in several requests, and a request takes so many targets. The same holds for an asset with
  more targets than a request takes.
* Assets in turn. Put the assets in any order, and look of each target only at the first asset that it needs. Say one target is looked at for asset A, another
  one for a later asset B. Then the second does not need A (else A would be its first), so no rectangle holds both. Each asset takes its requests alone.
* Groups in turn. The same the other way round: put the groups in any order, and look of each asset only at the first group that needs it. What is looked at
  of a group is a full rectangle, and no other rectangle reaches from one such into another.

Whatever order gives a true bound. Starting with what is rare leaves most to be looked at later.
"""

from __future__ import annotations

from collections import defaultdict
from typing import Dict, Iterable, List, Set, Tuple

from ansible_collections.mdmkit.apps_books.plugins.module_utils._model import Limits
from ansible_collections.mdmkit.apps_books.plugins.module_utils._plan.islands import Island, Size, sizes_by_asset


def fewest_for(island: Island, limits: Limits) -> int:
    return max(
        _capacity([(len(group.assets), group.size) for group in island], sizes_by_asset(island).values(), limits),
        _assets_in_turn(island, limits),
        _groups_in_turn(island, limits),
    )


def _capacity(wants: Iterable[Tuple[int, Size]], holders: Iterable[Size], limits: Limits) -> int:
    """
    :param wants: how many targets need how many assets
    :param holders: of each asset, how many targets need it
    """
    users = devices = 0
    for assets, size in wants:
        times = -(-assets // limits.assets)
        users += times * size.users
        devices += times * size.devices
    return max(Size(users, devices).requests(limits), -(-sum(size.requests(limits) for size in holders) // limits.assets))


def _assets_in_turn(island: Island, limits: Limits) -> int:
    by_rarity = sorted(sizes_by_asset(island).items(), key=lambda item: (item[1].users + item[1].devices, item[0]))
    turns = {asset: turn for turn, (asset, dummy) in enumerate(by_rarity)}
    looked_at: Dict[int, List[int]] = defaultdict(lambda: [0, 0])
    for group in island:
        sums = looked_at[min(map(turns.__getitem__, group.assets))]
        sums[0] += len(group.users)
        sums[1] += len(group.devices)
    return sum(Size(*sums).requests(limits) for sums in looked_at.values())


def _groups_in_turn(island: Island, limits: Limits) -> int:
    seen: Set[int] = set()
    total = 0
    for group in sorted(island, key=lambda group: (len(group.assets), -len(group.users) - len(group.devices), group.assets)):
        assets = len(set(group.assets) - seen)
        if assets:
            total += _capacity([(assets, group.size)], [group.size] * assets, limits)
            seen.update(group.assets)
    return total
