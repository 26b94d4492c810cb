"""Multi-word search: all words of a long list found in one pass over a text, by a compiled hashed trie.

Words are short and Chinese texts rarely begin one, so from each place a step or two is looked up. A library's
automaton keeps the steps from a node in a row; the thousands of first characters made each place of a text
cost as much as ten here.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fengping.analysis.compiled import compiled

_CODE_BITS = 21
_MULTIPLIER = np.uint64(0x9E3779B97F4A7C15)


class WordFinder:
    """Finds every occurrence of *words* (distinct, not empty), overlapping ones too. Immutable."""

    def __init__(self, words: Sequence[str]) -> None:
        steps: dict[tuple[int, int], int] = {}
        ends = {0: -1}
        for number, word in enumerate(words):
            node = 0
            for character in word:
                node = steps.setdefault((node, ord(character)), len(steps) + 1)
            ends[node] = number
        # Half of the table stays free, so that most look-ups end at once.
        bits = max((2 * len(steps)).bit_length(), 4)
        self._keys = np.zeros(1 << bits, np.uint64)
        self._nodes = np.zeros(1 << bits, np.int32)
        self._shift = np.uint64(64 - bits)
        for (node, code), target in steps.items():
            key = np.uint64(node + 1 << _CODE_BITS | code)  # never 0, which marks a free slot
            slot = _slot(key, self._shift)
            while self._keys[slot]:
                slot = (slot + 1) % len(self._keys)
            self._keys[slot], self._nodes[slot] = key, target
        self._ends = np.array([ends.get(node, -1) for node in range(len(steps) + 1)], np.int32)

    def find(self, text: str) -> NDArray[np.int32]:
        """(n, 3) end, start and number of each word found; by end, longer words first."""
        codes = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), np.uint32)
        found: NDArray[np.int32] = _find(codes, self._keys, self._nodes, self._shift, self._ends)
        return found


@compiled
def _slot(key: Any, shift: Any) -> Any:
    return np.int64((key * _MULTIPLIER) >> shift)  # numba: an index of both signs would be a float


@compiled
def _find(codes: Any, keys: Any, nodes: Any, shift: Any, ends: Any) -> Any:
    found = np.empty((64, 3), np.int32)
    count = 0
    for start in range(codes.size):
        node = 0
        for at in range(start, codes.size):
            key = np.uint64(node + 1) << np.uint64(_CODE_BITS) | np.uint64(codes[at])
            slot = _slot(key, shift)
            while keys[slot] and keys[slot] != key:
                slot = (slot + 1) & (keys.size - 1)
            if not keys[slot]:
                break
            node = nodes[slot]
            if ends[node] >= 0:
                if count == len(found):
                    larger = np.empty((2 * count, 3), np.int32)
                    larger[:count] = found
                    found = larger
                # Starts come in order: what ends later than this one moves up.
                place = count
                while place and found[place - 1, 0] > at + 1:
                    found[place] = found[place - 1]
                    place -= 1
                found[place, 0], found[place, 1], found[place, 2] = at + 1, start, ends[node]
                count += 1
    return found[:count]
