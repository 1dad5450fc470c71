# Copyright (c) 2026, the mdmkit.apps_books authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Covering a sheet with few blocks: greedily first, then by taking a part of the blocks away and doing that part again.

The smallest number of exact rectangles is a hard problem, so this is a heuristic. What makes it good:

* Whatever is left over is sent column by column, and can always be sent so. A block is worth what it saves there. Seven columns that have 30 targets more than
  full requests take lose a request each through one block of these seven columns with 30 targets, however small it is. Early on, though, where each column
  takes many requests, plain area is the better guide. So a block's worth is a mixture: of the requests that it surely saves, and of the share of a request that
  it holds.
* A block is grown from one column by adding, again and again, the column that is worth most beside it. Of too many targets it takes those with the fewest marks
  left, since so the marks that stay are together and not scattered.
* Blocks grown from each column wait in a queue with their worths. Taking one changes those that have a column in common with it, but nearly always to
  the worse, so only the first of the queue is grown anew, until the first one is fresh; all of them, before the last word is spoken.
* The greedy choice is good at placing targets once the columns of the blocks are chosen (within about 1% of what linear programming allows); what can be
  better is which columns go together. Hence a part of the best solution's blocks, chosen by lot, is kept, and the rest is done again with another mixture.

The lots are the same each time, effort is counted in bits looked at, and worths are whole numbers: the same sheet gives the same blocks on every machine.
"""

from __future__ import annotations

import heapq
import math
from typing import Dict, List, NamedTuple, Optional, Tuple

from ansible_collections.mdmkit.apps_books.plugins.module_utils._plan.sheet import REQUEST, Block, Sheet

MANY_ROUNDS = 100
"""So many rounds without a better solution are enough."""
MANY_BITS = 3 * 10 ** 6
"""A sheet with more is covered in larger steps, since the effort is for a few rounds only."""
LONGEST_DOUBT = 2
"""A block is grown no further when so many columns in a row have not made it better."""
BITS_OF_OVERHEAD = 20000
"""Looking at a set of targets takes as long as this many bits, beside the bits that it has."""


class Effort:
    """:ivar bits: how many bits may still be looked at"""

    def __init__(self, bits: int) -> None:
        self.bits = bits

    @property
    def spent(self) -> bool:
        return self.bits <= 0


class Lots:
    """Numbers by lot, the same ones each time, and on every version of Python: a linear congruential generator with Knuth's factors."""

    def __init__(self) -> None:
        self._state = 6

    def draw(self, below: int) -> int:
        self._state = (self._state * 6364136223846793005 + 1442695040888963407) % 2 ** 64
        return (self._state >> 32) * below >> 32


class Taste(NamedTuple):
    """What makes a block good.

    :ivar sure: how much a saved request counts, in twentieths; the rest is for the share of a request that the block holds
    :ivar slimness: how many assets of a block do not count as held, in quarters; the more, the better are blocks with many assets and few targets
    :ivar whim: by how many hundredths a worth may be raised by lot
    """

    sure: int
    slimness: int
    whim: int


class Grown(NamedTuple):
    """:ivar worth: in eightieths of the worth of a request"""

    worth: int
    block: Block
    saved: int
    """Requests that the columns take less after the block."""


class Solution(NamedTuple):
    """:ivar found: the blocks that save something
    :ivar rest: what is left, column by column
    :ivar rank: requests first, then how little the last requests of the columns could be done without; less is better
    """

    found: List[Block]
    rest: List[Block]
    rank: Tuple[int, int]

    @property
    def requests(self) -> int:
        return self.rank[0]

    @property
    def blocks(self) -> List[Block]:
        return self.found + self.rest


def search(sheet: Sheet, enough: int, effort: Effort) -> Solution:
    """Blocks that hold every mark of the sheet once and nothing else; never more requests than column by column.

    :param enough: as few requests as there can be, so that looking for fewer is vain
    """
    lots = Lots()
    best = _solution(sheet, [], dict(enumerate(sheet.columns)))
    taste = Taste(12, 0, 0)
    fruitless = 0
    while best.requests > enough and not effort.spent and fruitless < MANY_ROUNDS:
        kept_share = lots.draw(90)
        kept = [block for block in best.found if lots.draw(100) < kept_share]
        other = _done(sheet, kept, taste, lots, effort)
        fruitless = 0 if other.requests < best.requests else fruitless + 1
        if other.rank <= best.rank:
            best = other
        taste = Taste(10 + lots.draw(7), lots.draw(4), 20 + lots.draw(31))
    return best


def _done(sheet: Sheet, kept: List[Block], taste: Taste, lots: Lots, effort: Effort) -> Solution:
    marks = dict(enumerate(sheet.columns))
    for block in kept:
        for column in block.columns:
            marks[column] &= ~block.rows
    greedy = Greedy(sheet, {column: rows for column, rows in marks.items() if rows}, taste, lots, effort)
    return _solution(sheet, kept + greedy.blocks(at_once=sheet.height * len(sheet.columns) > MANY_BITS), greedy.marks)


def _solution(sheet: Sheet, found: List[Block], marks: Dict[int, int]) -> Solution:
    rest = _merged(sheet, marks)
    sizes = [sheet.size(block.rows) for block in found + rest]
    # Two last requests of which one is full and the other nearly empty are nearer to one request than two half full ones.
    roughness = sum(math.isqrt(sheet.share(sheet.excess(size))) for size in sizes)
    return Solution(found, rest, (sum(size.requests(sheet.limits) for size in sizes), roughness))


def _merged(sheet: Sheet, marks: Dict[int, int]) -> List[Block]:
    """Columns of which the same is left go together, as far as a request takes them."""
    blocks: List[Block] = []
    last_with: Dict[int, int] = {}
    for column, rows in marks.items():
        place = last_with.get(rows)
        columns = (*blocks[place].columns, column) if place is not None else ()
        if place is not None and sum(sheet.widths[other] for other in columns) <= sheet.limits.assets:
            blocks[place] = Block(columns, rows)
        else:
            last_with[rows] = len(blocks)
            blocks.append(Block((column,), rows))
    return blocks


class Greedy:
    """:ivar marks: what is not covered yet: rows of columns"""

    def __init__(self, sheet: Sheet, marks: Dict[int, int], taste: Taste, lots: Lots, effort: Effort) -> None:
        self.marks = marks
        self._sheet = sheet
        self._taste = taste
        self._lots = lots
        self._effort = effort
        self._price = sheet.height + BITS_OF_OVERHEAD
        self._saving = REQUEST * 4 * taste.sure
        self._holding = 20 - taste.sure
        self._excess = {column: sheet.excess(sheet.size(rows)) for column, rows in marks.items()}
        self._known: Dict[int, List[int]] = {}
        self._grown: Dict[int, Optional[Grown]] = {}
        self._stale = set(marks)
        self._queue: List[Tuple[float, int]] = [(-math.inf, column) for column in marks]

    def blocks(self, at_once: bool) -> List[Block]:
        """Takes block after block as long as they save something, and takes their marks away.

        :param at_once: take a block as many times as it fills whole requests; it is faster, and a little worse
        """
        taken = []
        while not self._effort.spent:
            grown = self._best()
            if not _pays(grown):
                # What is further down may have become better: a few targets less, and a little block saves a request.
                self._queue = [(-math.inf if column in self._stale else worth, column) for worth, column in self._queue]
                heapq.heapify(self._queue)
                grown = self._best()
            if grown is None or not _pays(grown):
                break
            block = self._fitting(grown.block, at_once)
            self._remove(block)
            taken.append(block)
        return taken

    def _best(self) -> Optional[Grown]:
        """The best block, with the queue made fresh as far as needed."""
        while self._queue and not self._effort.spent:
            column = self._queue[0][1]
            if column not in self.marks:
                heapq.heappop(self._queue)
            elif column in self._stale:
                self._stale.remove(column)
                grown = self._grown[column] = self._grown_from(column)
                heapq.heapreplace(self._queue, (-grown.worth if grown else 0, column))
            else:
                return self._grown[column]
        return None

    def _grown_from(self, first: int) -> Optional[Grown]:
        """The block with the most worth among those that come up while columns are added; None if no other column goes with the first."""
        sheet, marks, excess = self._sheet, self.marks, self._excess
        measure, widths = sheet.measure, sheet.widths
        columns, rows, width = [first], marks[first], widths[first]
        holding, saving, most_assets = 4 * self._holding, self._saving, sheet.limits.assets
        known = self._known_beside(first)
        # What each other column has in common with the block: its share of a request, the column, what a request takes of the share, and the worth of the
        # request that the column saves, if any. What is known from earlier, when more marks were left or the block was higher, is an upper bound.
        pool = [(known[column], column, min(known[column], REQUEST), saving) for column in marks if column != first and known[column]]
        best: Optional[Grown] = None
        looks = 0
        while pool:
            pool.sort(reverse=True)
            chosen, chosen_worth, chosen_share, chosen_rows, others = -1, -1, 0, 0, []
            for common in pool:
                share, column, held, saved = common
                wider = width + widths[column]
                if wider > most_assets:
                    continue
                worth = holding * held * wider + saved
                if worth > chosen_worth or worth == chosen_worth and share > chosen_share:
                    common_rows = rows & marks[column]
                    looks += 1
                    if not common_rows:
                        continue
                    share, held, users, devices = measure(common_rows)
                    needed_users, needed_devices = excess[column]
                    saved = saving if needed_users <= users and needed_devices <= devices else 0
                    common = (share, column, held, saved)
                    if len(columns) == 1:
                        known[column] = share
                    worth = holding * held * wider + saved
                    # Of equal worth, more in common is better: it may be for another block.
                    if worth > chosen_worth or worth == chosen_worth and share > chosen_share:
                        chosen, chosen_worth, chosen_share, chosen_rows = column, worth, share, common_rows
                others.append(common)
            if not chosen_rows:
                break
            columns.append(chosen)
            rows, width = chosen_rows, width + widths[chosen]
            held, saved_requests = self._outcome(columns, rows)
            worth = self._holding * held * (4 * width - self._taste.slimness) + saving * saved_requests
            if best is None or worth > best.worth:
                best = Grown(worth, Block(tuple(columns), rows), saved_requests)
            if len(columns) == len(best.block.columns) + LONGEST_DOUBT:
                break
            pool = [common for common in others if common[1] != chosen]
        self._effort.bits -= looks * self._price
        return best and best._replace(worth=best.worth * (100 + self._lots.draw(self._taste.whim + 1)) // 100)

    def _known_beside(self, first: int) -> List[int]:
        """Of each column, at most what share of a request it has in common with the first."""
        if first not in self._known:
            self._effort.bits -= self._price * len(self._sheet.columns)
            self._known[first] = list(self._sheet.common_shares(first))
        return self._known[first]

    def _outcome(self, columns: List[int], rows: int) -> Tuple[int, int]:
        """The share of a request that a request takes of the rows, and the requests that the columns save thereby."""
        dummy, held, users, devices = self._sheet.measure(rows)
        excess = map(self._excess.__getitem__, columns)
        return held, sum(needed.users <= users and needed.devices <= devices for needed in excess)

    def _fitting(self, block: Block, at_once: bool) -> Block:
        """As much of the block as goes into a request, or into as many as it fills."""
        sheet = self._sheet
        size = sheet.size(block.rows)
        whole = sheet.capped(size)
        times = 1
        if at_once:
            times = max(1, min(all_of // one for all_of, one in zip(size, whole) if one))
        most = sheet.capped(size, times)
        if most == size:
            return block
        self._effort.bits -= 3 * self._price * len(self.marks)
        return block._replace(rows=sheet.take(block.rows, most, self.marks))

    def _remove(self, block: Block) -> None:
        for column in block.columns:
            self.marks[column] &= ~block.rows
            if self.marks[column]:
                self._excess[column] = self._sheet.excess(self._sheet.size(self.marks[column]))
            else:
                del self.marks[column], self._excess[column]
        for column, grown in self._grown.items():
            if grown is not None and not set(block.columns).isdisjoint(grown.block.columns):
                self._stale.add(column)


def _pays(grown: Optional[Grown]) -> bool:
    """A block costs a request itself."""
    return grown is not None and (grown.saved > 1 or grown.worth > REQUEST * 80)
