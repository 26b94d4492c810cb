"""Keys of a text's runs of characters, and the weights that they add up to: compiled.

A key is the hash of a run and of where it stands. A character of code 0 says nothing: no run goes across it.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from fengping.analysis.compiled import compiled
from fengping.analysis.complaints.gram_kernel import hash_start, hash_step

Codes = npt.NDArray[np.uint32]
Keys = npt.NDArray[np.uint64]
Rows = npt.NDArray[np.int32]
Steps = npt.NDArray[np.int8]
Floats = npt.NDArray[np.float32]

LONGEST = 4
"""Characters of the longest run."""
LEAD = 20
"""Runs that begin before so many characters also count as those of the beginning."""
SIDE = 12
"""Characters on each side of a name that tell its role."""

_ANYWHERE, _LEADING, _BEFORE, _BEHIND, _RIGHT_BEFORE, _RIGHT_BEHIND, _MARK = map(np.uint32, range(1, 8))


@compiled
def mark(kind: int, value: int) -> np.uint64:
    """The key of what is told by something else than characters."""
    return hash_step(hash_step(hash_step(hash_start(), _MARK), np.uint32(kind)), np.uint32(value))


@compiled
def text_keys(codes: Codes, begin: int, end: int) -> Keys:
    """Keys of the runs of one to four characters in ``codes[begin:end]``, those of the beginning twice."""
    found = np.empty((end - begin) * LONGEST * 2, np.uint64)
    count = 0
    for start in range(begin, end):
        anywhere, leading = hash_step(hash_start(), _ANYWHERE), hash_step(hash_start(), _LEADING)
        for at in range(start, min(start + LONGEST, end)):
            if codes[at] == 0:
                break
            anywhere = hash_step(anywhere, codes[at])
            found[count] = anywhere
            count += 1
            if start < LEAD:
                leading = hash_step(leading, codes[at])
                if at > start:
                    found[count] = leading
                    count += 1
    return found[:count]


@compiled
def name_keys(codes: Codes, start: int, end: int) -> Keys:
    """Keys of the runs of one to three characters beside the name ``codes[start:end]``, by their side, those
    right beside it twice."""
    found = np.empty(SIDE * 12, np.uint64)
    count = 0
    first, last = max(0, start - SIDE), min(len(codes), end + SIDE)
    for low, high, side, near in (
        (first, start, _BEFORE, _RIGHT_BEFORE),
        (end, last, _BEHIND, _RIGHT_BEHIND),
    ):
        for begin in range(low, high):
            run, close = hash_step(hash_start(), side), hash_step(hash_start(), near)
            for at in range(begin, min(begin + 3, high)):
                run = hash_step(run, codes[at])
                close = hash_step(close, codes[at])
                found[count] = run
                count += 1
                if (side == _BEFORE and at + 1 == start) or (side == _BEHIND and begin == end):
                    found[count] = close
                    count += 1
    return found[:count]


@compiled
def known(keys: Keys, slots: Keys, rows: Rows) -> Rows:
    """The rows of those *keys* that the table has, each once."""
    last = np.uint64(len(slots) - 1)
    size = 16
    while size < 2 * len(keys):
        size *= 2
    seen = np.full(size, -1, np.int32)
    found = np.empty(len(keys), np.int32)
    count = 0
    for key in keys:
        slot = key & last
        while slots[slot] != 0 and slots[slot] != key:
            slot = (slot + np.uint64(1)) & last
        if slots[slot] == 0:
            continue
        row = rows[slot]
        at = row & (size - 1)
        while seen[at] >= 0 and seen[at] != row:
            at = (at + 1) & (size - 1)
        if seen[at] < 0:
            seen[at] = row
            found[count] = row
            count += 1
    return found[:count]


@compiled
def add_up(keys: Keys, slots: Keys, rows: Rows, steps: Steps, scales: Floats) -> Floats:
    """(columns,) the weights of the known *keys*, divided by the root of their number."""
    there = known(keys, slots, rows)
    total = np.zeros(len(scales), np.int32)
    for row in there:
        for column in range(len(scales)):
            total[column] += steps[row, column]
    said = np.empty(len(scales), np.float32)
    root = np.sqrt(np.float32(max(len(there), 1)))
    for column in range(len(scales)):
        said[column] = total[column] * scales[column] / root
    return said
