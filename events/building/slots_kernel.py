"""Slots looked up and sorted into parts that no link joins, compiled."""

from __future__ import annotations

import numpy as np

from fengping.analysis.compiled import compiled
from fengping.events.matching.kernel import Array

NONE = -1


@compiled
def components(count: int, links: Array) -> Array:
    """For each slot the first of those that links join to it, directly or through others."""
    into = np.arange(count).astype(np.int32)
    for i in range(len(links)):
        a, b = _top(into, links[i, 0]), _top(into, links[i, 1])
        if a != b:
            into[max(a, b)] = min(a, b)
    for slot in range(count):
        into[slot] = _top(into, slot)
    return into


@compiled
def _top(into: Array, slot: int) -> int:
    while into[slot] != slot:
        into[slot] = into[into[slot]]
        slot = into[slot]
    return slot


@compiled
def find(high: Array, low: Array, order: Array, asked_high: Array, asked_low: Array) -> Array:
    """The slot of each pair of halves asked for, or NONE; *order* sorts *high*."""
    found = np.full(len(asked_high), NONE, np.int64)
    for i in range(len(asked_high)):
        first, last = 0, len(order)
        while first < last:
            middle = (first + last) // 2
            if high[order[middle]] < asked_high[i]:
                first = middle + 1
            else:
                last = middle
        while first < len(order) and high[order[first]] == asked_high[i]:
            if low[order[first]] == asked_low[i]:
                found[i] = order[first]
                break
            first += 1
    return found
