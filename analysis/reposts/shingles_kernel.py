"""Runs of characters in a normalised text: bigrams, their weights, hashes and sketches. Numba only."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from fengping.analysis.compiled import compiled

Codes = NDArray[np.uint16]
Weights = NDArray[np.float32]

TABLE_BITS = 18

HEAD_END = 1
"""Code that closes the headline within a normalised text."""

TAGS_END = 2
"""Code that closes the hashtags over a post; all posts on a topic share them."""

RUN = 5
"""Characters of a run that is sampled."""


@compiled
def bucket(first: int, second: int) -> np.uint32:
    mixed = (np.uint32(first) * np.uint32(0x9E3779B1)) ^ (np.uint32(second) * np.uint32(0x85EBCA77))
    return np.uint32(mixed) >> np.uint32(32 - TABLE_BITS)


@compiled
def bigrams(codes: Codes) -> NDArray[np.uint32]:
    """Distinct bigram buckets of a text, sorted."""
    found = np.empty(max(len(codes) - 1, 0), np.uint32)
    for i in range(len(found)):
        found[i] = bucket(codes[i], codes[i + 1])
    found.sort()
    kept = 0
    for i in range(len(found)):
        if i == 0 or found[i] != found[i - 1]:
            found[kept] = found[i]
            kept += 1
    return found[:kept]


@compiled
def overlap(a: Codes, b: Codes, weights: Weights) -> tuple[float, float, float]:
    """Weight of the bigrams of *a*, of *b*, and of those in both."""
    left, right = bigrams(a), bigrams(b)
    of_a = 0.0
    for gram in left:
        of_a += weights[gram]
    of_b = 0.0
    shared = 0.0
    i = 0
    for gram in right:
        of_b += weights[gram]
        while i < len(left) and left[i] < gram:
            i += 1
        if i < len(left) and left[i] == gram:
            shared += weights[gram]
    return of_a, of_b, shared


@compiled
def body_start(codes: Codes) -> int:
    """Find the start of the text below the headline; 0 if there is no headline."""
    for i in range(len(codes)):
        if codes[i] == HEAD_END or codes[i] == TAGS_END:
            return i + 1
    return 0


@compiled
def text_hash(codes: Codes) -> np.uint64:
    """64-bit FNV-1a over the characters: equal texts, equal hash."""
    mixed = np.uint64(0xCBF29CE484222325)
    for code in codes:
        mixed = (mixed ^ np.uint64(code)) * np.uint64(0x100000001B3)
    return mixed


@compiled
def sample(codes: Codes, size: int) -> NDArray[np.uint32]:
    """The *size* smallest hashes of a text's runs of :data:`RUN` characters, ascending (a bottom-k sketch).

    Texts that share a passage draw the same runs from it. Runs of five are longer than the names and
    catchwords that half a day's posts share, and short enough to outlive rewording.
    """
    keys = np.full(size, 0xFFFFFFFF, np.uint32)
    count = 0
    for i in range(body_start(codes), len(codes) - RUN + 1):
        mixed = np.uint64(0xCBF29CE484222325)
        for k in range(RUN):
            mixed = (mixed ^ np.uint64(codes[i + k])) * np.uint64(0x9E3779B97F4A7C15)
        mixed ^= mixed >> np.uint64(29)
        mixed *= np.uint64(0xBF58476D1CE4E5B9)
        key = np.uint32(mixed >> np.uint64(32))
        if key >= keys[size - 1]:
            continue
        place = np.searchsorted(keys[:count], key)
        if place < count and keys[place] == key:
            continue
        count = min(count + 1, size)
        for k in range(count - 1, place, -1):
            keys[k] = keys[k - 1]
        keys[place] = key
    return keys[:count]
