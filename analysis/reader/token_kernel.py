"""The hot loop of the tokenizer: a table of pieces by the hashes of their characters, and the cutting."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from fengping.analysis.compiled import compiled

BITS = 20
"""Of the number of places in the table: four times as many as there are pieces."""
_BASIS = np.uint64(1469598103934665603)
_PRIME = np.uint64(1099511628211)
_MIX = np.uint64(0x9E3779B97F4A7C15)
_SHIFT = np.uint64(64 - BITS)
_NONE = np.float32(-1e30)


class Table(NamedTuple):
    """An open hash table; a key of zero is an empty place."""

    keys: npt.NDArray[np.uint64]
    ids: npt.NDArray[np.int32]
    scores: npt.NDArray[np.float32]
    """By the number of a piece."""


@compiled
def _fill(
    points: npt.NDArray[np.uint32],
    starts: npt.NDArray[np.int64],
    keys: npt.NDArray[np.uint64],
    ids: npt.NDArray[np.int32],
) -> None:
    mask = len(keys) - 1
    for piece in range(len(starts) - 1):
        key = _BASIS
        for at in range(starts[piece], starts[piece + 1]):
            key = (key ^ np.uint64(points[at])) * _PRIME
        if starts[piece + 1] > starts[piece]:
            place = np.int64((key * _MIX) >> _SHIFT)
            while keys[place] != 0:
                place = (place + 1) & mask
            keys[place], ids[place] = key, piece


def hash_pieces(
    points: npt.NDArray[np.uint32], starts: npt.NDArray[np.int64], scores: npt.NDArray[np.float32]
) -> Table:
    keys, ids = np.zeros(1 << BITS, np.uint64), np.zeros(1 << BITS, np.int32)
    _fill(points, starts, keys, ids)
    return Table(keys, ids, scores)


@compiled
def cut(
    points: npt.NDArray[np.uint32], table: Table, unknown_score: float, unknown: int, longest: int
) -> npt.NDArray[np.int32]:
    """The pieces whose scores add up highest (Viterbi 1967); a character in no piece is *unknown*."""
    n, mask = len(points), len(table.keys) - 1
    best = np.full(n + 1, _NONE, np.float32)
    piece, before = np.zeros(n + 1, np.int32), np.zeros(n + 1, np.int32)
    best[0] = 0
    for start in range(n):
        key = _BASIS
        for end in range(start + 1, min(n, start + longest) + 1):
            key = (key ^ np.uint64(points[end - 1])) * _PRIME
            place = np.int64((key * _MIX) >> _SHIFT)
            while table.keys[place] != 0 and table.keys[place] != key:
                place = (place + 1) & mask
            if table.keys[place] == key and table.ids[place] != unknown:
                score = best[start] + table.scores[table.ids[place]]
                if score > best[end]:
                    best[end], piece[end], before[end] = score, table.ids[place], start
        score = best[start] + np.float32(unknown_score)
        if score > best[start + 1]:
            best[start + 1], piece[start + 1], before[start + 1] = score, unknown, start
    found = np.zeros(n, np.int32)
    count, at = 0, n
    while at > 0:
        found[count] = piece[at]
        count, at = count + 1, before[at]
    return found[:count][::-1].copy()
