"""Runs of one to four characters of a text, looked up by their hashes: the compiled part of :mod:`.grams`.

A character of code 0 is one that says nothing: no run goes across it.
"""

from __future__ import annotations

import numpy as np

from fengping.analysis.compiled import compiled
from fengping.analysis.complaints.grams import Codes, Floats, Hashes, Rows, Steps

LONGEST = 4
"""Characters of the longest run."""
WIDEST = 8
"""Characters of the longest telling span."""

_SEED = np.uint64(1469598103934665603)
_PRIME = np.uint64(0x9E3779B97F4A7C15)
_SHIFT = np.uint64(29)


@compiled
def hash_start() -> np.uint64:
    """The hash of no character."""
    return _SEED


@compiled
def hash_step(mixed: np.uint64, code: np.uint32) -> np.uint64:
    """The hash of a run with one more character."""
    mixed = (mixed ^ np.uint64(code)) * _PRIME
    return mixed ^ (mixed >> _SHIFT)


@compiled
def hashes_of(codes: Codes) -> Hashes:
    """The hash of every run, those at one place after each other; 0 where none begins or ends."""
    found = np.zeros(len(codes) * LONGEST, np.uint64)
    for start in range(len(codes)):
        mixed = hash_start()
        for length in range(LONGEST):
            if start + length >= len(codes) or codes[start + length] == 0:
                break
            mixed = hash_step(mixed, codes[start + length])
            found[start * LONGEST + length] = mixed
    return found


@compiled
def place(keys: Hashes, slots: Hashes, rows: Rows) -> None:
    """Puts *keys* into an open-addressed table whose length is a power of two; ``rows``: which key."""
    last = np.uint64(len(slots) - 1)
    for row in range(len(keys)):
        slot = keys[row] & last
        while slots[slot] != 0:
            slot = (slot + np.uint64(1)) & last
        slots[slot] = keys[row]
        rows[slot] = row


@compiled
def find(key: np.uint64, slots: Hashes, rows: Rows) -> int:
    """Row of *key*; -1 where it has none."""
    last = np.uint64(len(slots) - 1)
    slot = key & last
    while slots[slot] != 0:
        if slots[slot] == key:
            return int(rows[slot])
        slot = (slot + np.uint64(1)) & last
    return -1


@compiled
def add_up(codes: Codes, slots: Hashes, rows: Rows, steps: Steps, scales: Floats) -> Floats:
    """Sum the weights of the runs for each class; a run counts once."""
    total = np.zeros(len(scales), np.int64)
    seen = np.zeros(len(steps), np.bool_)
    for key in hashes_of(codes):
        row = find(key, slots, rows) if key else -1
        if row >= 0 and not seen[row]:
            seen[row] = True
            for at in range(len(scales)):
                total[at] += steps[row, at]
    said = np.zeros(len(scales), np.float32)
    for at in range(len(scales)):
        said[at] = total[at] * scales[at]
    return said


@compiled
def strongest(codes: Codes, slots: Hashes, rows: Rows, steps: Steps, column: int) -> tuple[int, int]:
    """Start and end of the span of up to :data:`WIDEST` characters whose runs say most for a class."""
    hashes = hashes_of(codes)
    best, begin, end = 0, 0, 0
    # Narrow spans first: of two that say the same, the shorter is shown.
    for width in range(2, WIDEST + 1):
        for start in range(len(codes) - width + 1):
            said = 0
            for at in range(start, start + width):
                if codes[at] == 0:
                    said = 0
                    break
                for length in range(min(LONGEST, start + width - at)):
                    row = find(hashes[at * LONGEST + length], slots, rows)
                    if row >= 0:
                        said += steps[row, column]
            if said > best:
                best, begin, end = said, start, start + width
    return begin, end
