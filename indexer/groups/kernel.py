"""Compiled bookkeeping of repost groups over flat arrays: chains of keys, a disjoint-set forest, rings.

A *slot* is the place of one version of a document in the arrays. Versions with the same characters form
one *text*; only the first of them stands in the chains of keys. Groups are the connected components of
the graph in which two texts are joined when they share a sampled run and tell the same story, and
the versions of one document always. All of this is a function of what was added, not of when, so neither
the order nor the batches in which documents come can change a group.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from fengping.analysis.compiled import compiled
from fengping.analysis.reposts.kernel import MINIMUM, Codes, Weights, compare, sample, text_hash

Array = NDArray[Any]

KEYS = 16
"""Runs sampled from a text; finds 52 of the 53 labelled pairs that the comparison accepts."""

COMMON = 32
"""Texts that share a run, from which on it speaks only together with a second one."""

RECENT = 64
"""Texts that are looked at under one run, the latest first. A run that more texts share is a set phrase,
and only for texts that share nothing rarer can the order of arrival matter."""

NONE = -1


class Book(NamedTuple):
    """The arrays. Those of one length share a dimension: N slots, P postings; heads are powers of two."""

    begins: Array  # int64, N + 1, into the text
    published: Array  # int64, N, epoch milliseconds; the largest value where unknown
    high: Array  # uint64, N, first half of the id
    low: Array  # uint64, N, second half
    parent: Array  # int32, N, disjoint-set forest
    ring: Array  # int32, N, next member of the same group, round and round
    label: Array  # int32, N, at a root: the slot whose id names the group
    first: Array  # int32, N, at a root: the slot published first
    text_hash: Array  # uint64, N, 0 where the slot stands in no chain of texts
    text_next: Array  # int32, N
    text_heads: Array  # int32
    keys_from: Array  # int32, N, first posting of the slot
    id_next: Array  # int32, N
    id_heads: Array  # int32
    post_key: Array  # uint32, P
    post_slot: Array  # int32, P
    post_next: Array  # int32, P
    key_heads: Array  # int32
    key_counts: Array  # int32, postings under each head


@compiled
def find(parent: Array, slot: Any) -> Any:
    """Root of a slot's group, the path to it halved on the way."""
    while parent[slot] != slot:
        parent[slot] = parent[parent[slot]]
        slot = parent[slot]
    return slot


@compiled
def place(book: Book, text: Codes, weights: Weights, start: int, end: int, posts: int,
          dirty: Array) -> int:  # fmt: skip
    """Takes slots ``start … end`` in; marks in *dirty* (N) the slots whose group or rank changed.

    Returns the number of postings in use.
    """
    seen = np.full(end, NONE, np.int32)
    for slot in range(start, end):
        book.parent[slot] = book.ring[slot] = book.label[slot] = book.first[slot] = slot
        dirty[slot] = 1
        earlier_version = _slot_of(book, book.high[slot], book.low[slot])
        if earlier_version != NONE:
            _join(book, slot, earlier_version, dirty)
        chain = book.low[slot] & np.uint64(len(book.id_heads) - 1)
        book.id_next[slot] = book.id_heads[chain]
        book.id_heads[chain] = slot
        codes = text[book.begins[slot] : book.begins[slot + 1]]
        if len(codes) < MINIMUM:
            continue
        mixed = text_hash(codes)
        twin = _twin(book, text, codes, mixed)
        if twin != NONE:
            _join(book, slot, twin, dirty)
            continue
        chain = mixed & np.uint64(len(book.text_heads) - 1)
        book.text_hash[slot] = mixed
        book.text_next[slot] = book.text_heads[chain]
        book.text_heads[chain] = slot
        keys = sample(codes, KEYS)
        for key in keys:
            chain = key & np.uint32(len(book.key_heads) - 1)
            common = book.key_counts[chain] > COMMON
            post = book.key_heads[chain]
            looked = 0
            while post != NONE and looked < RECENT:
                looked += 1
                other = book.post_slot[post]
                new = book.post_key[post] == key and seen[other] != slot
                if new and (not common or _share_two(book, other, keys, posts)):
                    seen[other] = slot
                    if find(book.parent, other) != find(book.parent, slot) and compare(
                        codes, text[book.begins[other] : book.begins[other + 1]], weights
                    ):
                        _join(book, slot, other, dirty)
                post = book.post_next[post]
        book.keys_from[slot] = posts
        for key in keys:
            chain = key & np.uint32(len(book.key_heads) - 1)
            book.post_key[posts] = key
            book.post_slot[posts] = slot
            book.post_next[posts] = book.key_heads[chain]
            book.key_heads[chain] = posts
            book.key_counts[chain] += 1
            posts += 1
    return posts


@compiled
def _share_two(book: Book, other: Any, keys: Array, posts: int) -> bool:
    """True if a slot has at least two of these sampled runs."""
    shared = 0
    post = book.keys_from[other]
    while post < posts and book.post_slot[post] == other:
        for key in keys:
            if book.post_key[post] == key:
                shared += 1
        post += 1
    return shared >= 2


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
    """For each slot: the slot that names its group, and whether its document is the first of it."""
    for i in range(len(slots)):
        root = find(book.parent, slots[i])
        first = book.first[root]
        labels[i] = book.label[root]
        firsts[i] = book.high[first] == book.high[slots[i]] and book.low[first] == book.low[slots[i]]


@compiled
def slots_of(book: Book, high: Array, low: Array, found: Array) -> None:
    """A slot of each id; ``NONE`` for ids not there."""
    for i in range(len(high)):
        found[i] = _slot_of(book, high[i], low[i])


@compiled
def rechain(book: Book, count: int, posts: int) -> None:
    """Fills all chains anew, after the heads were replaced by larger ones."""
    book.key_heads[:] = NONE
    book.key_counts[:] = 0
    for post in range(posts):
        chain = book.post_key[post] & np.uint32(len(book.key_heads) - 1)
        book.post_next[post] = book.key_heads[chain]
        book.key_heads[chain] = post
        book.key_counts[chain] += 1
    book.text_heads[:] = NONE
    book.id_heads[:] = NONE
    for slot in range(count):
        place = book.low[slot] & np.uint64(len(book.id_heads) - 1)
        book.id_next[slot] = book.id_heads[place]
        book.id_heads[place] = slot
        if book.text_hash[slot] != 0:
            place = book.text_hash[slot] & np.uint64(len(book.text_heads) - 1)
            book.text_next[slot] = book.text_heads[place]
            book.text_heads[place] = slot


@compiled
def _slot_of(book: Book, high: Any, low: Any) -> Any:
    slot = book.id_heads[low & np.uint64(len(book.id_heads) - 1)]
    while slot != NONE and (book.high[slot] != high or book.low[slot] != low):
        slot = book.id_next[slot]
    return slot


@compiled
def _twin(book: Book, text: Codes, codes: Codes, mixed: Any) -> Any:
    slot = book.text_heads[mixed & np.uint64(len(book.text_heads) - 1)]
    while slot != NONE:
        if book.text_hash[slot] == mixed and np.array_equal(
            text[book.begins[slot] : book.begins[slot + 1]], codes
        ):
            return slot
        slot = book.text_next[slot]
    return slot


@compiled
def _join(book: Book, one: Any, other: Any, dirty: Array) -> None:
    """Makes one group of two, named by the smallest id, led by the earliest publication."""
    a, b = find(book.parent, one), find(book.parent, other)
    if a == b:
        return
    if a > b:
        a, b = b, a
    if _smaller_id(book, book.label[b], book.label[a]):
        _mark(book, a, dirty)
        book.label[a] = book.label[b]
    elif book.label[a] != book.label[b]:
        _mark(book, b, dirty)
    dirty[book.first[a]] = dirty[book.first[b]] = 1
    if _earlier(book, book.first[b], book.first[a]):
        book.first[a] = book.first[b]
    book.parent[b] = a
    book.ring[a], book.ring[b] = book.ring[b], book.ring[a]


@compiled
def _mark(book: Book, root: Any, dirty: Array) -> None:
    slot = root
    while True:
        dirty[slot] = 1
        slot = book.ring[slot]
        if slot == root:
            break


@compiled
def _smaller_id(book: Book, a: Any, b: Any) -> Any:
    return book.high[a] < book.high[b] or (book.high[a] == book.high[b] and book.low[a] < book.low[b])


@compiled
def _earlier(book: Book, a: Any, b: Any) -> Any:
    if book.published[a] != book.published[b]:
        return book.published[a] < book.published[b]
    return _smaller_id(book, a, b)
