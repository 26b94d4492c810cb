"""Rows of documents by their ids: open addressing over arrays, a tenth of what a search for the ids costs."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]

ID = np.dtype("S32")
_FACTORS = np.array(
    [0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F, 0x165667B19E3779F9, 0x27D4EB2F165667C5], np.uint64
)
_SMALLEST = 1 << 12
_AT_ONCE = 1 << 16


class Table:
    """The last row of each id of a column that grows."""

    def __init__(self) -> None:
        self._slots = np.full(_SMALLEST, -1, np.int32)
        self._rows = 0

    def find(self, wanted: Array, ids: Array, gone: Array) -> Array:
        """Rows of *wanted* in the column *ids*, which begins as it did before, but for those that are *gone*;
        -1 for one that it lacks."""
        self._take(ids, gone)
        found = np.full(len(wanted), -1, np.int64)
        left, at = np.arange(len(wanted)), self._first(wanted)
        while left.size:
            held = self._slots[at]
            there = held >= 0
            left, at, held = left[there], at[there], held[there]
            same = ids[held] == wanted[left]
            found[left[same]] = held[same]
            left, at = left[~same], self._next(at[~same])
        there = found >= 0
        found[there] = np.where(gone[found[there]], -1, found[there])
        return found

    def _take(self, ids: Array, gone: Array) -> None:
        if 2 * len(ids) > len(self._slots):
            self._slots = np.full(1 << (3 * len(ids)).bit_length(), -1, np.int32)
            self._rows = 0
        for start in range(self._rows, len(ids), _AT_ONCE):
            rows = np.arange(start, min(start + _AT_ONCE, len(ids)), dtype=np.int32)
            self._place(ids, rows[gone[rows] == 0])
        self._rows = len(ids)

    def _place(self, ids: Array, rows: Array) -> None:
        """Puts *rows* where their id stands, or into the first free place behind that of its hash."""
        at = self._first(ids[rows])
        while rows.size:
            held = self._slots[at]
            fits = (held < 0) | (ids[held] == ids[rows])
            self._slots[at[fits]] = rows[fits]  # of several, the last
            other = ids[self._slots[at]] != ids[rows]
            rows, at = rows[other], self._next(at[other])

    def _first(self, ids: Array) -> Array:
        words = np.ascontiguousarray(ids).view(np.uint64).reshape(-1, 4)
        mixed = (words * _FACTORS).sum(axis=1, dtype=np.uint64)
        spread = ((mixed ^ mixed >> np.uint64(29)) * _FACTORS[1]) >> np.uint64(32)
        first: Array = spread.astype(np.int64) & (len(self._slots) - 1)
        return first

    def _next(self, at: Array) -> Array:
        return (at + 1) & (len(self._slots) - 1)
