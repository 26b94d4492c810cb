"""The book of repost groups: its flat arrays, what is looked up in them, and their chains.

A *slot* is the place of one version of a document in the arrays. Slots with the same characters form one
*unit*; each unit has a *leader*, itself or an earlier one. Which one, the kernel beside this decides.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from fengping.analysis.compiled import compiled
from fengping.analysis.reposts.shingles_kernel import Codes

Array = NDArray[Any]

NONE = -1

POST = np.dtype([("key", np.uint32), ("slot", np.int32), ("next", np.int32), ("lead", np.int32)])
"""A posting, in one piece since each is met at a place of its own in memory: the run, the slot, and the
postings before it in the chain of all and in that of leaders."""

HEAD = np.dtype([("next", np.int32), ("lead", np.int32), ("count", np.int32)])
"""The latest posting of a chain, the latest of a leader, and how many there are."""


class Book(NamedTuple):
    """The arrays. Those of one length share a dimension: N slots, P postings; heads are powers of two."""

    begins: Array  # int64, N + 1, into the text
    published: Array  # int64, N, epoch milliseconds; the largest value where unknown
    high: Array  # uint64, N, first half of the id
    low: Array  # uint64, N, second half
    unit: Array  # int32, N, the slot that stands for the text of this one, or of the document's first version
    best: Array  # int32, N, at a unit: its slot published first
    leader: Array  # int32, N, at a unit: the unit it joined; itself where it leads
    twin: Array  # int32, N, next slot of the same unit
    after: Array  # int32, N, at a unit: next unit of the same leader, round and round
    before: Array  # int32, N, at a unit: the one before
    led: Array  # uint8, N, 1 where the unit stands in the chains of leaders
    text_hash: Array  # uint64, N, 0 where the slot stands in no chain of texts
    text_next: Array  # int32, N
    text_heads: Array  # int32
    keys_from: Array  # int32, N, first posting of the slot
    id_next: Array  # int32, N
    id_heads: Array  # int32
    posts: Array  # POST, P
    key_heads: Array  # HEAD


@compiled
def known(
    book: Book,
    text: Codes,
    high: Array,
    low: Array,
    published: Array,
    codes: Codes,
    ends: Array,
    found: Array,
) -> None:
    """Marks in *found* which documents are there already; their texts stand in a row in *codes*."""
    for i in range(len(high)):
        found[i] = _known(book, text, high[i], low[i], published[i], codes[ends[i] : ends[i + 1]])


@compiled
def _known(book: Book, text: Codes, high: Any, low: Any, published: Any, codes: Codes) -> bool:
    """True if a version of this id with this text and time (or an earlier time) is there already."""
    slot = book.id_heads[low & np.uint64(len(book.id_heads) - 1)]
    while slot != NONE:
        if (
            book.high[slot] == high
            and book.low[slot] == low
            and book.published[slot] <= published
            and np.array_equal(text[book.begins[slot] : book.begins[slot + 1]], codes)
        ):
            return True
        slot = book.id_next[slot]
    return False


@compiled
def state_of(book: Book, slots: Array, labels: Array, firsts: Array) -> None:
    """For each slot: the slot that names its group, and whether its document is that one."""
    for i in range(len(slots)):
        first = book.best[book.leader[book.unit[slots[i]]]]
        labels[i] = first
        firsts[i] = book.high[first] == book.high[slots[i]] and book.low[first] == book.low[slots[i]]


@compiled
def slots_of(book: Book, high: Array, low: Array, found: Array) -> None:
    """A slot of each id; ``NONE`` for ids not there."""
    for i in range(len(high)):
        found[i] = slot_of(book, high[i], low[i])


@compiled
def slot_of(book: Book, high: Any, low: Any) -> Any:
    slot = book.id_heads[low & np.uint64(len(book.id_heads) - 1)]
    while slot != NONE and (book.high[slot] != high or book.low[slot] != low):
        slot = book.id_next[slot]
    return slot


@compiled
def unit_of(book: Book, text: Codes, codes: Codes, mixed: Any) -> Any:
    """The unit of a text; ``NONE`` where it is new."""
    slot = book.text_heads[mixed & np.uint64(len(book.text_heads) - 1)]
    while slot != NONE:
        if book.text_hash[slot] == mixed and np.array_equal(
            text[book.begins[slot] : book.begins[slot + 1]], codes
        ):
            return slot
        slot = book.text_next[slot]
    return slot


@compiled
def latest_of(book: Book, count: int) -> int:
    """The slot published last of the first *count*; ``NONE`` where there is none."""
    latest = NONE
    for slot in range(count):
        if latest == NONE or earlier(book, latest, slot):
            latest = slot
    return latest


@compiled
def earlier(book: Book, a: Any, b: Any) -> Any:
    if book.published[a] != book.published[b]:
        return book.published[a] < book.published[b]
    return _smaller_id(book, a, b)


@compiled
def _smaller_id(book: Book, a: Any, b: Any) -> Any:
    return book.high[a] < book.high[b] or (book.high[a] == book.high[b] and book.low[a] < book.low[b])


@compiled
def rechain(book: Book, count: int, posts: int) -> None:
    """Fills all chains anew, after the heads were replaced by larger ones."""
    for chain in range(len(book.key_heads)):
        head = book.key_heads[chain]
        head.next = head.lead = NONE
        head.count = 0
    for at in range(posts):
        post = book.posts[at]
        head = book.key_heads[post.key & np.uint32(len(book.key_heads) - 1)]
        post.next = head.next
        head.next = at
        head.count += 1
    book.text_heads[:] = NONE
    book.id_heads[:] = NONE
    for slot in range(count):
        place = book.low[slot] & np.uint64(len(book.id_heads) - 1)
        book.id_next[slot] = book.id_heads[place]
        book.id_heads[place] = slot
        book.led[slot] = 0
        if book.text_hash[slot] != 0:
            place = book.text_hash[slot] & np.uint64(len(book.text_heads) - 1)
            book.text_next[slot] = book.text_heads[place]
            book.text_heads[place] = slot
            if book.leader[slot] == slot:
                chain_leader(book, slot, posts)


@compiled
def chain_leader(book: Book, unit: Any, posts: int) -> None:
    book.led[unit] = 1
    at = book.keys_from[unit]
    while at < posts and book.posts[at].slot == unit:
        post = book.posts[at]
        head = book.key_heads[post.key & np.uint32(len(book.key_heads) - 1)]
        post.lead = head.lead
        head.lead = at
        at += 1
