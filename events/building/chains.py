"""Documents by their keys, in two mapped files, so that a new one finds those that share a key with it.

    PATH/heads.bin    for each chain of keys the last posting in it
    PATH/posts.bin    postings: the one before it in the chain, the slot, more of the key

Derived from the sketches; :meth:`Chains.lay` makes them anew.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from fengping.analysis.reposts import compare as reposts
from fengping.events.building import kernel
from fengping.events.building.kernel import KEYS, NONE
from fengping.events.building.mapped import Mapped
from fengping.events.matching.kernel import Array

POST = np.dtype([("next", np.int32), ("slot", np.int32), ("mark", np.uint32)])
_LEAST = 14


class Chains:
    """Chains on disk; one process at a time."""

    def __init__(self, path: Path, heads: int, used: int) -> None:
        """*heads*, *used*: the chains and the postings that are known to be whole."""
        self._heads = Mapped(path / "heads.bin", np.dtype(np.int32), heads)
        self._posts = Mapped(path / "posts.bin", POST, used)
        self.used = used
        self.whole = bool(heads) and self._heads.whole and self._posts.whole
        """False where nothing is known, or the files have lost some of it."""
        self._weights = reposts.rarity()

    @property
    def heads(self) -> int:
        """Number of chains."""
        return len(self._heads.rows)

    @property
    def posts(self) -> Array:
        return self._posts.rows

    def full(self, slots: int) -> bool:
        """True if so many *slots* want more chains."""
        return 4 * slots > self.heads

    def lay(self, sketches: Array, room: int) -> None:
        """Makes all anew, for the slots there are and with chains for *room* of them."""
        chains = 4 << max(_LEAST, (2 * room - 1).bit_length())
        self._heads.rewrite(np.full(chains, NONE, np.int32))
        self.used = 0
        self.add(sketches, 0)

    def add(self, sketches: Array, start: int) -> Array:
        """Takes in the slots from *start* on; the first posting of each, and behind them the end."""
        count = len(sketches) - start
        self._posts.reserve(self.used + count * KEYS)
        firsts = np.empty(count + 1, np.int64)
        self.used = kernel.post(
            sketches,
            self._weights,
            start,
            len(sketches),
            self._heads.rows,
            self._posts.rows,
            self.used,
            firsts,
        )
        return firsts

    def flush(self) -> None:
        """Has the kernel write what was changed."""
        self._heads.flush()
        self._posts.flush()
