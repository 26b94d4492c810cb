"""Candidates by rare keys, links between pairs, events out of links: compiled, over flat arrays.

A *slot* is the place of a document's sketch. Links are a function of two sketches; the order of arrival
decides which pairs are looked at where more than :data:`LOOKED_AT` documents within the window share a key,
and which links are kept where one has more than :data:`LINKS`. Events are a function of the links, of the
sketches and of what was set by hand, taken in the order of publication: neither batches nor the order within
them change them.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from fengping.analysis.compiled import compiled
from fengping.analysis.reposts.shingles_kernel import Weights
from fengping.events.matching.kernel import (
    CHARGED,
    FAR,
    FEATURES,
    OTHER,
    PARTIES,
    UNDATED,
    Array,
    common,
    score,
)

NONE = -1
HEAD_KEYS, GRAM_KEYS = 6, 5
KEYS = 4 + 6 + HEAD_KEYS + GRAM_KEYS
"""Most keys of a sketch: hashtags, numbers, rarest bigrams of its headline and of its text."""
LOOKED_AT = 48
"""Documents looked at under one key, the latest added first."""
STEPS = 400
"""Links of a chain followed under one key, those outside the window with them."""
LINKS = 12
"""Strongest links to documents that came in before it that are kept of a document."""
WINDOW = 14 * 86400
"""Seconds between two documents that may be linked."""
SPAN = 60 * 86400
"""Seconds from an event's first document to its last."""
SIZE = 20_000
"""Documents of one event."""
CORE = 6
"""Members by which an event is known: its first, then those that came at doubled sizes."""
LOOSE = -1.0
"""Mean log odds with the core under which a document does not join, however well it fits one member."""


@compiled
def _mix(value: Any, salt: int) -> Any:
    mixed = (np.uint64(value) + np.uint64(salt)) * np.uint64(0x9E3779B97F4A7C15)
    return mixed ^ (mixed >> np.uint64(29))


@compiled
def _rarest(grams: Array, weights: Weights, most: int, salt: int, keys: Array, count: int) -> int:
    used = np.zeros(len(grams), np.bool_)
    for _ in range(min(most, len(grams))):
        best = NONE
        for i in range(len(grams)):
            if not used[i] and (best == NONE or weights[grams[i]] > weights[grams[best]]):
                best = i
        used[best] = True
        keys[count] = _mix(grams[best], salt)
        count += 1
    return count


@compiled
def keys_of(sketch: Any, weights: Weights, keys: Array) -> int:
    """Fills *keys*; how many."""
    count = 0
    for tag in sketch.tags:
        if tag != 0:
            keys[count] = _mix(tag, 1)
            count += 1
    for number in sketch.numbers:
        if number != 0:
            keys[count] = _mix(number, 2)
            count += 1
    # One salt: what is in the headline of one may stand in the text of the other.
    count = _rarest(sketch.heads[: sketch.head_count], weights, HEAD_KEYS, 3, keys, count)
    return _rarest(sketch.grams[: sketch.gram_count], weights, GRAM_KEYS, 3, keys, count)


@compiled
def post(
    sketches: Array, weights: Weights, start: int, end: int, heads: Array, posts: Array, used: int,
    firsts: Array,
) -> int:  # fmt: skip
    """Lays the chains of keys for slots ``start … end``, behind *used* postings; how many there are then.

    ``firsts[i]`` is set to the first posting of slot ``start + i``, the last of *firsts* to the number.
    """
    keys = np.empty(KEYS, np.uint64)
    mask = np.uint64(len(heads) - 1)
    for slot in range(start, end):
        firsts[slot - start] = used
        for k in range(keys_of(sketches[slot], weights, keys)):
            chain = np.int64(keys[k] & mask)
            posts[used].next = heads[chain]
            posts[used].slot = slot
            posts[used].mark = keys[k] >> np.uint64(32)
            heads[chain] = used
            used += 1
    firsts[end - start] = used
    return used


@compiled
def link(
    sketches: Array, sums: Array, seconds: Array, weights: Weights, learnt: Array, threshold: float,
    start: int, end: int, posts: Array, firsts: Array, links: Array, odds: Array,
) -> int:  # fmt: skip
    """Writes the links (newer, older) of slots ``start … end`` and the log odds of each; how many.

    Chains are laid (:func:`post`), *firsts* from *start* on: each slot looks at what was laid before it.
    """
    seen = np.full(end, NONE, np.int32)
    found = np.zeros(len(FEATURES))
    best, best_odds = np.empty(LINKS, np.int64), np.empty(LINKS)
    written = 0
    for slot in range(start, end):
        mine = sketches[slot]
        kept = 0
        for first in range(firsts[slot - start], firsts[slot - start + 1]):
            post = posts[first].next
            steps = looked = 0
            while post != NONE and steps < STEPS and looked < LOOKED_AT:
                other = posts[post].slot
                same = posts[post].mark == posts[first].mark  # chains hold other keys as well
                post = posts[post].next
                steps += 1
                if not same or other == slot or not _near(seconds[slot], seconds[other]):
                    continue
                looked += 1
                if seen[other] == slot:
                    continue
                seen[other] = slot
                theirs = sketches[other]
                value = score(mine, theirs, sums[slot], sums[other], weights, learnt, threshold, found)
                if value >= threshold:
                    kept = _keep(best, best_odds, kept, other, value)
        for i in range(kept):
            links[written, 0], links[written, 1], odds[written] = slot, best[i], best_odds[i]
            written += 1
    return written


@compiled
def _near(a: int, b: int) -> bool:
    return a != UNDATED and b != UNDATED and abs(a - b) <= WINDOW


@compiled
def _keep(best: Array, best_odds: Array, kept: int, other: int, value: float) -> int:
    """Keeps the strongest links; of equal ones those met first."""
    if kept < LINKS:
        best[kept], best_odds[kept] = other, value
        return kept + 1
    weakest = 0
    for i in range(1, kept):
        if best_odds[i] < best_odds[weakest]:
            weakest = i
    if value > best_odds[weakest]:
        best[weakest], best_odds[weakest] = other, value
    return kept


@compiled
def neighbours(count: int, links: Array) -> tuple[Array, Array]:
    """The links of each slot in both directions: starts, and places in ``links`` two to a link."""
    starts = np.zeros(count + 1, np.int64)
    for i in range(len(links)):
        starts[links[i, 0] + 1] += 1
        starts[links[i, 1] + 1] += 1
    for slot in range(count):
        starts[slot + 1] += starts[slot]
    filled = starts[:-1].copy()
    places = np.empty(2 * len(links), np.int64)
    for i in range(len(links)):
        for side in range(2):
            slot = links[i, side]
            places[filled[slot]] = 2 * i + side
            filled[slot] += 1
    return starts, places


@compiled
def assign(
    sketches: Array, sums: Array, weights: Weights, learnt: Array, slots: Array, links: Array, odds: Array,
    pins: Array,
) -> Array:  # fmt: skip
    """The event of each of *slots*, named by the place in *slots* of the one that founded it.

    *slots*: whole components in the order of publication. All else is by places in it: *links*, ascending;
    *pins*: the place with whose event another stays by hand, or NONE.
    """
    count = len(slots)
    starts, places = neighbours(count, links)
    event = np.full(count, NONE, np.int64)
    core = np.full((count, CORE), NONE, np.int64)
    accused = np.zeros((count, PARTIES), np.uint64)
    """Whom all documents of an event accuse that accuse anybody."""
    size = np.zeros(count, np.int64)
    of_pin = np.full(count, NONE, np.int64)
    pull = np.zeros(count)
    found = np.zeros(len(FEATURES))
    for place in range(count):
        chosen = NONE
        if pins[place] != NONE:
            chosen = of_pin[pins[place]]
        else:
            strongest = 0.0
            for at in range(starts[place], starts[place + 1]):
                other = links[places[at] // 2, 1 - places[at] % 2]
                if event[other] != NONE:
                    pull[event[other]] += max(odds[places[at] // 2], 0.1)
            for at in range(starts[place], starts[place + 1]):
                other = links[places[at] // 2, 1 - places[at] % 2]
                joined = event[other]
                if joined == NONE or pull[joined] <= strongest:
                    continue
                mine = sketches[slots[place]]
                fits = (
                    size[joined] < SIZE
                    and not (mine.kind & CHARGED and _others(accused[joined], mine.parties))
                    and _fits(sketches, sums, weights, learnt, core[joined], slots[place], found)
                )
                if fits:
                    strongest, chosen = pull[joined], joined
            for at in range(starts[place], starts[place + 1]):
                other = links[places[at] // 2, 1 - places[at] % 2]
                if event[other] != NONE:
                    pull[event[other]] = 0.0
        if chosen == NONE:
            chosen = place
            if pins[place] != NONE:
                of_pin[pins[place]] = place
        event[place] = chosen
        size[chosen] += 1
        if sketches[slots[place]].kind & CHARGED:
            _narrow(accused[chosen], sketches[slots[place]].parties)
        for k in range(CORE):
            if size[chosen] == 1 << k:
                core[chosen, k] = slots[place]
    _join(sketches, sums, weights, learnt, links, event, core, accused, size, pins, found)
    return event


@compiled
def _fits(
    sketches: Array, sums: Array, weights: Weights, learnt: Array, core: Array, slot: int, found: Array
) -> bool:
    """True if a slot agrees with the core of an event, slots too, as a whole, is not too late for it, and is
    not of another matter than half of it."""
    mine = sketches[slot]
    if mine.seconds - sketches[core[0]].seconds > SPAN:
        return False
    total = 0.0
    count = others = 0
    for k in range(CORE):
        if core[k] != NONE:
            other = core[k]
            odds = score(mine, sketches[other], sums[slot], sums[other], weights, learnt, FAR, found)
            total += odds
            others += odds == OTHER
            count += 1
    return total >= LOOSE * count and 2 * others < count


@compiled
def _join(
    sketches: Array, sums: Array, weights: Weights, learnt: Array, links: Array, event: Array, core: Array,
    accused: Array, size: Array, pins: Array, found: Array,
) -> None:  # fmt: skip
    """Events begun apart become one where links between them are many and their cores agree.

    The links are counted for each pair of events; pairs are taken from the most linked down, the earlier
    founder first, so that the outcome is a function of the links alone.
    """
    count = len(event)
    total = 0
    pairs = np.empty((len(links), 2), np.int64)
    for i in range(len(links)):
        a, b = event[links[i, 0]], event[links[i, 1]]
        if a != b:
            pairs[total, 0], pairs[total, 1] = min(a, b), max(a, b)
            total += 1
    if total == 0:
        return
    codes = np.sort(pairs[:total, 0] * count + pairs[:total, 1])
    into = np.arange(count)
    by = np.empty((total, 2), np.int64)
    kinds = 0
    run = 1
    for i in range(1, total + 1):
        if i < total and codes[i] == codes[i - 1]:
            run += 1
            continue
        by[kinds, 0], by[kinds, 1] = run, codes[i - 1]
        kinds += 1
        run = 1
    # By the time of the founders, which the arrival cannot change.
    rank = np.empty(kinds)
    for i in range(kinds):
        a, b = by[i, 1] // count, by[i, 1] % count
        rank[i] = -by[i, 0] / min(size[a], size[b])
    for i in np.argsort(rank, kind="mergesort"):
        if rank[i] > -0.5:
            break
        a, b = by[i, 1] // count, by[i, 1] % count
        a, b = _root(into, a), _root(into, b)
        if a == b or size[a] + size[b] > SIZE:
            continue
        if pins[a] != NONE or pins[b] != NONE or _others(accused[a], accused[b]):
            continue
        if _agree(sketches, sums, weights, learnt, core[a], core[b], found):
            earlier = sketches[core[a, 0]].seconds, sketches[core[a, 0]].high
            later = sketches[core[b, 0]].seconds, sketches[core[b, 0]].high
            if later < earlier:
                a, b = b, a
            into[b] = a
            size[a] += size[b]
            _narrow(accused[a], accused[b])
    for slot in range(count):
        event[slot] = _root(into, event[slot])


@compiled
def _others(accused: Array, parties: Array) -> bool:
    """True if both accuse somebody and nobody in common."""
    return accused[0] != 0 and parties[0] != 0 and common(accused, parties) == 0


@compiled
def _narrow(accused: Array, parties: Array) -> None:
    """Leaves those of *accused* who are among *parties*; all of these where there were none."""
    if parties[0] == 0:
        return
    if accused[0] == 0:
        accused[:] = parties
        return
    kept = 0
    for i in range(len(accused)):
        one = accused[i]
        accused[i] = 0
        for other in parties:
            if one == other and one != 0:
                accused[kept] = one
                kept += 1
                break


@compiled
def _root(into: Array, event: int) -> int:
    while into[event] != event:
        event = into[event]
    return event


@compiled
def _agree(
    sketches: Array, sums: Array, weights: Weights, learnt: Array, a: Array, b: Array, found: Array
) -> bool:
    total = 0.0
    count = others = 0
    if abs(sketches[a[0]].seconds - sketches[b[0]].seconds) > SPAN:
        return False
    for i in range(CORE):
        for k in range(CORE):
            if a[i] != NONE and b[k] != NONE:
                x, y = a[i], b[k]
                odds = score(sketches[x], sketches[y], sums[x], sums[y], weights, learnt, FAR, found)
                total += odds
                others += odds == OTHER
                count += 1
    return total >= LOOSE * count and 2 * others < count
