"""The decision which texts form a group, over the arrays of the book.

In the order of publication each unit joins the earliest *leader* with which it shares a sampled run
and the story, and leads where there is none. So every text of a group is a repost of one and the same text,
and no chain of slogans ties strangers together. A group is named by the document its leader first came in.

All of this is a function of what was added, not of when: what comes late has those decided anew, in the order
of publication, whose leader it may change. Of several versions of one document the first counts.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from fengping.analysis.compiled import compiled
from fengping.analysis.reposts.kernel import MINIMUM, compare, is_enough, is_titled, is_told
from fengping.analysis.reposts.shingles_kernel import (
    TABLE_BITS,
    Codes,
    Weights,
    body_start,
    bucket,
    sample,
    text_hash,
)
from fengping.indexer.groups.book_kernel import NONE, Array, Book, chain_leader, earlier, slot_of, unit_of

KEYS = 16
"""Runs sampled from a text; fewer miss pairs that the comparison accepts (docs/measurements/events.md)."""

COMMON = 32
"""Texts that share a run, from which on it speaks only together with a second one."""

RECENT = 64
"""Texts that are looked at under one run, the latest first. A run that more texts share is a set phrase,
and only for texts that share nothing rarer can the order of arrival matter."""

STAMPS = 2**32 - 2**20
"""Stamps after which the table of bigrams begins anew; a unit takes some thousand at most."""

STEPS = 1024
"""Postings of a chain that are walked under one run, those of other runs with them."""


class Work(NamedTuple):
    """Units to decide, the earliest published on top; marks of what was compared, and of what changed."""

    queue: Array  # int32, N, a heap
    queued: Array  # uint8, N
    seen: Array  # int32, N, three times the mark; one more where met, two where compared
    dirty: Array  # uint8, N, 1 where the group or rank of a slot changed
    changed: Array  # int32, N, those slots
    numbers: Array  # int64: size of the heap, latest mark, slots changed, the slot published last or NONE,
    # latest stamp, stamp of the unit that others are compared to
    stamps: Array  # uint32, (2 ** TABLE_BITS, 2), the last stamp of a bigram in a unit, and in another
    chains: Array  # int64, KEYS, of the runs of a unit
    at: Array  # int32, KEYS, the posting each chain is walked to
    met: Array  # int32, KEYS, how many leaders were met there
    leaders: Array  # int32, (KEYS, RECENT)


def work_for(room: int, latest: int, mark: int) -> Work:
    """Room for so many slots; only what is written to of it takes memory."""
    return Work(
        np.empty(room, np.int32), np.zeros(room, np.uint8), np.zeros(room, np.int32),
        np.zeros(room, np.uint8), np.empty(room, np.int32), np.array([0, mark, 0, latest, 0, 0]),
        np.zeros((1 << TABLE_BITS, 2), np.uint32),
        np.empty(KEYS, np.int64), np.empty(KEYS, np.int32), np.empty(KEYS, np.int32),
        np.empty((KEYS, RECENT), np.int32),
    )  # fmt: skip


@compiled
def place(book: Book, work: Work, text: Codes, weights: Weights, start: int, end: int, posts: int) -> int:
    """Takes slots ``start … end`` in; ``work.changed`` holds the slots whose group or rank changed.

    Returns the number of postings in use.
    """
    for i in range(work.numbers[2]):
        work.dirty[work.changed[i]] = 0
    work.numbers[2] = 0
    for slot in range(start, end):
        book.unit[slot] = book.best[slot] = book.leader[slot] = slot
        book.after[slot] = book.before[slot] = slot
        book.twin[slot] = NONE
        book.led[slot] = 0
        _mark(work, slot)
        posts = _take(book, work, text, slot, posts)
        latest = work.numbers[3]
        late = latest == NONE or earlier(book, latest, slot)
        if late:
            work.numbers[3] = slot
        while work.numbers[0]:
            _decide(book, work, text, weights, posts, late)
    return posts


@compiled
def _mark(work: Work, slot: Any) -> None:
    if not work.dirty[slot]:
        work.dirty[slot] = 1
        work.changed[work.numbers[2]] = slot
        work.numbers[2] += 1


@compiled
def _take(book: Book, work: Work, text: Codes, slot: Any, posts: int) -> int:
    """Finds the unit of a new slot and queues it where its leader is to be found."""
    version = slot_of(book, book.high[slot], book.low[slot])
    chain = book.low[slot] & np.uint64(len(book.id_heads) - 1)
    book.id_next[slot] = book.id_heads[chain]
    book.id_heads[chain] = slot
    codes = text[book.begins[slot] : book.begins[slot + 1]]
    told = len(codes) >= MINIMUM
    mixed = text_hash(codes)
    unit = unit_of(book, text, codes, mixed) if told else NONE
    if version != NONE:
        first = book.unit[version]
        counts = book.begins[first + 1] - book.begins[first] >= MINIMUM
        if not told or (counts and unit != first):
            book.unit[slot] = first
            return posts
    if not told:
        return posts
    if unit == NONE:
        unit = slot
        posts = _post(book, slot, codes, mixed, posts)
        _push(book, work, unit)
    else:
        book.unit[slot] = unit
        book.twin[slot] = book.twin[unit]
        book.twin[unit] = slot
        if earlier(book, slot, book.best[unit]):
            book.best[unit] = slot
            if book.leader[unit] == unit:
                _mark_group(book, work, unit)
            _push(book, work, unit)
    if version != NONE:
        # Versions too short to tell anything go where the first one that does goes.
        other = book.id_next[slot]
        while other != NONE:
            if book.high[other] == book.high[slot] and book.low[other] == book.low[slot]:
                book.unit[other] = unit
                _mark(work, other)
            other = book.id_next[other]
    return posts


@compiled
def _post(book: Book, slot: Any, codes: Codes, mixed: Any, posts: int) -> int:
    """Puts a new unit into the chains of texts and of keys."""
    chain = mixed & np.uint64(len(book.text_heads) - 1)
    book.text_hash[slot] = mixed
    book.text_next[slot] = book.text_heads[chain]
    book.text_heads[chain] = slot
    book.keys_from[slot] = posts
    for key in sample(codes, KEYS):
        head = book.key_heads[key & np.uint32(len(book.key_heads) - 1)]
        post = book.posts[posts]
        post.key, post.slot, post.next = key, slot, head.next
        head.next = posts
        head.count += 1
        posts += 1
    return posts


@compiled
def _decide(book: Book, work: Work, text: Codes, weights: Weights, posts: int, late: bool) -> None:
    """Finds the leader of the earliest queued unit, and queues those whom that may concern.

    *late*: nothing was published after the document that is taken in.
    """
    unit = _pop(book, work)
    leader = _find_leader(book, work, text, weights, unit, posts)
    if leader != book.leader[unit]:
        if book.leader[unit] == unit:
            follower = book.after[unit]
            while follower != unit:
                _push(book, work, follower)
                follower = book.after[follower]
        _move(book, unit, leader)
        _mark_unit(book, work, unit)
    if leader != unit:
        return
    if book.led[unit] == 0:
        chain_leader(book, unit, posts)
    if not late:
        _announce(book, work, text, weights, unit, posts)


@compiled
def _find_leader(book: Book, work: Work, text: Codes, weights: Weights, unit: Any, posts: int) -> Any:
    """The earliest leader published before a unit that tells its story; else the unit itself."""
    found = unit
    work.numbers[1] += 1
    codes = text[book.begins[unit] : book.begins[unit + 1]]
    below = body_start(codes)
    weight = _stamp(work, codes, below, weights)
    runs = _meet_leaders(book, work, unit, posts)
    for run in range(runs):
        texts = book.key_heads[work.chains[run]].count
        for i in range(work.met[run]):
            other = work.leaders[run, i]
            if (
                other != unit
                and _counts(work, other, texts)
                and earlier(book, book.best[other], book.best[found])
                and _is_same(
                    work, weight, codes, below, text[book.begins[other] : book.begins[other + 1]], weights
                )
            ):
                found = other
    return found


@compiled
def _meet_leaders(book: Book, work: Work, unit: Any, posts: int) -> int:
    """Fills ``work.leaders`` by the runs of a unit, the latest first; how many runs there are.

    All chains are walked side by side: each step waits for memory, and such waits can be shared.
    """
    runs = 0
    own = book.keys_from[unit]
    while own + runs < posts and book.posts[own + runs].slot == unit:
        chain = book.posts[own + runs].key & np.uint32(len(book.key_heads) - 1)
        work.chains[runs] = chain
        work.at[runs] = book.key_heads[chain].lead
        work.met[runs] = 0
        runs += 1
    steps = 0
    walking = runs
    while walking and steps < STEPS:
        steps += 1
        walking = 0
        for run in range(runs):
            if work.at[run] == NONE or work.met[run] == RECENT:
                continue
            walking += 1
            post = book.posts[work.at[run]]
            work.at[run] = post.lead
            if post.key == book.posts[own + run].key and book.leader[post.slot] == post.slot:
                work.leaders[run, work.met[run]] = post.slot
                work.met[run] += 1
    return runs


@compiled
def _announce(book: Book, work: Work, text: Codes, weights: Weights, unit: Any, posts: int) -> None:
    """Queues the units published after a leader that may join it: leaders, and those of later leaders."""
    work.numbers[1] += 1
    codes = text[book.begins[unit] : book.begins[unit + 1]]
    below = body_start(codes)
    weight = _stamp(work, codes, below, weights)
    own = book.keys_from[unit]
    while own < posts and book.posts[own].slot == unit:
        key = book.posts[own].key
        head = book.key_heads[key & np.uint32(len(book.key_heads) - 1)]
        at = head.next
        looked = steps = 0
        while at != NONE and looked < RECENT and steps < STEPS:
            post = book.posts[at]
            at = post.next
            steps += 1
            if post.key != key:
                continue
            looked += 1
            other = post.slot
            if (
                other != unit
                and _counts(work, other, head.count)
                and earlier(book, book.best[unit], book.best[book.leader[other]])
                and _is_same(
                    work, weight, codes, below, text[book.begins[other] : book.begins[other + 1]], weights
                )
            ):
                _push(book, work, other)
        own += 1


@compiled
def _stamp(work: Work, codes: Codes, below: int, weights: Weights) -> float:
    """Stamps the bigrams of a body, with which others are then compared; their weight."""
    if work.numbers[4] > STAMPS:
        work.numbers[4] = 0
        work.stamps[:] = 0
    work.numbers[4] += 1
    work.numbers[5] = work.numbers[4]
    stamp = np.uint32(work.numbers[5])
    weight = 0.0
    for i in range(below, len(codes) - 1):
        gram = bucket(codes[i], codes[i + 1])
        if work.stamps[gram, 0] != stamp:
            work.stamps[gram, 0] = stamp
            weight += weights[gram]
    return weight


@compiled
def _is_same(work: Work, weight: float, codes: Codes, below: int, other: Codes, weights: Weights) -> bool:
    """:func:`compare` with the unit stamped last; it is spared where bodies share too little, as most do that
    share a run. Weights are whole sixteenths: their sums do not depend on the order.
    """
    under = body_start(other)
    if is_told(codes, below) and is_told(other, under):
        work.numbers[4] += 1
        stamp, own = np.uint32(work.numbers[4]), np.uint32(work.numbers[5])
        of_other = shared = 0.0
        for i in range(under, len(other) - 1):
            gram = bucket(other[i], other[i + 1])
            if work.stamps[gram, 1] != stamp:
                work.stamps[gram, 1] = stamp
                of_other += weights[gram]
                if work.stamps[gram, 0] == own:
                    shared += weights[gram]
        if not is_enough(weight, of_other, shared, is_titled(codes, below) and is_titled(other, under)):
            return False
    return compare(codes, other, weights)


@compiled
def _counts(work: Work, other: Any, texts: int) -> bool:
    """True where a unit met under a run that so many *texts* share is to be compared, and was not yet."""
    mark = 3 * work.numbers[1]
    met = max(work.seen[other] - mark, 0)
    if met == 2 or (met == 0 and texts > COMMON):
        work.seen[other] = max(work.seen[other], mark + 1)
        return False
    work.seen[other] = mark + 2
    return True


@compiled
def _move(book: Book, unit: Any, leader: Any) -> None:
    """Takes a unit out of its ring into that of another leader; it leads no longer, or begins to."""
    if book.leader[unit] == unit:
        # Its followers are queued: each becomes alone until its own leader is found.
        follower = book.after[unit]
        while follower != unit:
            following = book.after[follower]
            book.after[follower] = book.before[follower] = follower
            follower = following
        book.after[unit] = book.before[unit] = unit
    book.after[book.before[unit]] = book.after[unit]
    book.before[book.after[unit]] = book.before[unit]
    book.after[unit] = book.before[unit] = unit
    book.leader[unit] = leader
    if leader != unit:
        following = book.after[leader]
        book.after[unit], book.before[unit] = following, leader
        book.after[leader] = book.before[following] = unit


@compiled
def _mark_unit(book: Book, work: Work, unit: Any) -> None:
    slot = unit
    while slot != NONE:
        _mark(work, slot)
        slot = book.twin[slot]


@compiled
def _mark_group(book: Book, work: Work, leader: Any) -> None:
    unit = leader
    while True:
        _mark_unit(book, work, unit)
        unit = book.after[unit]
        if unit == leader:
            break


@compiled
def _push(book: Book, work: Work, unit: Any) -> None:
    if work.queued[unit]:
        return
    work.queued[unit] = 1
    at = work.numbers[0]
    work.numbers[0] += 1
    while at > 0:
        above = (at - 1) // 2
        if not earlier(book, book.best[unit], book.best[work.queue[above]]):
            break
        work.queue[at] = work.queue[above]
        at = above
    work.queue[at] = unit


@compiled
def _pop(book: Book, work: Work) -> Any:
    first = work.queue[0]
    work.queued[first] = 0
    work.numbers[0] -= 1
    size = work.numbers[0]
    unit = work.queue[size]
    at = 0
    while 2 * at + 1 < size:
        below = 2 * at + 1
        if below + 1 < size and earlier(book, book.best[work.queue[below + 1]], book.best[work.queue[below]]):
            below += 1
        if not earlier(book, book.best[work.queue[below]], book.best[unit]):
            break
        work.queue[at] = work.queue[below]
        at = below
    if size:
        work.queue[at] = unit
    return first
