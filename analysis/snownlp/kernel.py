"""SnowNLP's segmenter and classifier as one compiled loop over a whole batch of texts.

It follows ``snownlp.seg`` (blocks of Chinese characters, a character-based generative model with
trigrams) and ``snownlp.classification.bayes`` step by step. Every logarithm stands in the tables,
computed beforehand with the expressions SnowNLP uses, so that here nothing is left but additions and
comparisons in SnowNLP's own order: the sums come out equal to the last bit.
"""

from __future__ import annotations

from typing import Any, NamedTuple, TypeAlias

import numpy as np
import numpy.typing as npt

from fengping.analysis.compiled import compiled

# Compiled code knows numpy's scalars and Python's as one; the type checker does not.
Index: TypeAlias = Any
Code: TypeAlias = Any
Hash: TypeAlias = Any
Flag: TypeAlias = Any
Array: TypeAlias = npt.NDArray[Any]

HAN_FIRST, HAN_LAST = 0x4E00, 0x9FA5
"""The characters that SnowNLP segments; everything else it splits at white space alone."""
TAGS = ("b", "m", "e", "s")
B, M, E, S = range(4)
# Fibonacci hashing of a key, FNV-1a over the code points of a word.
GOLDEN = np.uint64(0x9E3779B97F4A7C15)
FNV_START, FNV_PRIME = np.uint64(0xCBF29CE484222325), np.uint64(0x100000001B3)
EMPTY = np.uint64(0xFFFFFFFFFFFFFFFF)
ENTRY_BITS = 26
LAST_ENTRY, TAG_BITS = np.uint8(0x80), np.uint8(0x3F)


class SegmenterTables(NamedTuple):
    """Log probabilities of the segmentation model, for *n* known characters and the sentence start."""

    character: npt.NDArray[np.uint16]
    """(20902,) code point - 0x4E00 → 1…n, 0 for a character that the model never saw; n + 1 = start."""
    unigram: npt.NDArray[np.float64]
    """(n + 1, 4) by character and tag."""
    bigram_slots: npt.NDArray[np.uint64]
    """(slots,) open addressing: key of two characters above, their first entry in the lowest 26 bits."""
    bigram_tags: npt.NDArray[np.uint8]
    """(entries,) tag 3 · 16 + tag 2 · 4, the last entry of a key marked by the high bit."""
    bigram: npt.NDArray[np.float64]
    trigram_slots: npt.NDArray[np.uint64]
    """(slots,) the same; the key is made of the first two characters' first entry and the third."""
    trigram_tags: npt.NDArray[np.uint8]
    """(entries,) tag 3 · 16 + tag 2 · 4 + tag 1."""
    trigram: npt.NDArray[np.float64]


class WordTables(NamedTuple):
    """Weights of each known word for the two classes of the classifier."""

    slots: npt.NDArray[np.int32]
    """(slots,) open addressing: number of the word, or -1."""
    pool: npt.NDArray[np.uint32]
    """Code points of all words, end to end."""
    offsets: npt.NDArray[np.int64]
    """(words + 1,) where each begins in the pool."""
    added: npt.NDArray[np.float64]
    """(words + 1, 2) log frequency in the first and second class; the last row for any other word,
    0 and 0 for a stop word (adding 0.0 changes no sum)."""
    prior: npt.NDArray[np.float64]
    """(2,) where the sums begin."""
    positive: npt.NDArray[np.int64]
    """(1,) which of the classes is the positive one."""


class Scratch(NamedTuple):
    """Room to work in, made once a batch."""

    back: Array
    """(characters, 16) best tag 1 of each state."""
    tags: Array
    """(characters,)"""
    step: Array
    """(64,)"""
    states: Array
    """(2, 16) sums before and after a step."""


@compiled
def _home(key: Hash, slots: Index) -> Index:
    """The slot where the search for *key* begins; *slots* is a power of two up to 2**32."""
    return np.int64((key * GOLDEN) >> np.uint64(32)) & (slots - 1)


@compiled
def _hash_step(value: Hash, code: Code) -> Hash:
    return (value ^ np.uint64(code)) * FNV_PRIME


@compiled
def _find_entry(slots: Array, key: Hash) -> Index:
    """First entry of *key*, or -1."""
    mask = slots.shape[0] - 1
    at = _home(key, slots.shape[0])
    while slots[at] != EMPTY:
        if slots[at] >> np.uint64(ENTRY_BITS) == key:
            return np.int64(slots[at]) & ((1 << ENTRY_BITS) - 1)
        at = (at + 1) & mask
    return -1


@compiled
def _find_word(codes: Array, start: Index, end: Index, value: Hash, words: WordTables) -> Index:
    """Number of the word ``codes[start:end]`` with hash *value*; one past the last when unknown."""
    mask = words.slots.shape[0] - 1
    slot = _home(value, words.slots.shape[0])
    while words.slots[slot] != -1:
        number = words.slots[slot]
        begin = words.offsets[number]
        if words.offsets[number + 1] - begin == end - start:
            same = True
            for at in range(end - start):
                if words.pool[begin + at] != codes[start + at]:
                    same = False
                    break
            if same:
                return number
        slot = (slot + 1) & mask
    return words.offsets.shape[0] - 1


@compiled
def _add_word(codes: Array, start: Index, end: Index, value: Hash, words: WordTables, sums: Array) -> None:
    number = _find_word(codes, start, end, value, words)
    sums[0] += words.added[number, 0]
    sums[1] += words.added[number, 1]


@compiled
def _override(entry: Index, tags: Array, values: Array, copies: Index, step: Array) -> None:
    """Lays the entries of one key over *step*; each stands for *copies* cells, 16 apart (one a tag 1)."""
    while True:
        cell = np.int64(tags[entry] & TAG_BITS)
        for copy in range(copies):
            step[cell + 16 * copy] = values[entry]
        if tags[entry] & LAST_ENTRY:
            return
        entry += 1


@compiled
def _transitions(pair: Index, two: Index, three: Index, seg: SegmenterTables, step: Array) -> Index:
    """Fills *step* (64: tag 1 · 16 + tag 3 · 4 + tag 2) with log probabilities of the third character.

    *pair*: first entry of the first two characters; -1 where they never stood beside each other in
    training, so that no trigram can begin with them. Returns the same for the last two.
    """
    for at in range(64):
        step[at] = seg.unigram[three, (at >> 2) & 3]
    size = np.uint64(seg.unigram.shape[0] + 1)
    next_pair = _find_entry(seg.bigram_slots, np.uint64(two) * size + np.uint64(three))
    if next_pair >= 0:
        _override(next_pair, seg.bigram_tags, seg.bigram, 4, step)
        if pair >= 0:
            entry = _find_entry(seg.trigram_slots, np.uint64(pair) * size + np.uint64(three))
            if entry >= 0:
                _override(entry, seg.trigram_tags, seg.trigram, 1, step)
    return next_pair


@compiled
def _advance(states: Array, step: Array, firsts: Index, back: Array, at: Index) -> None:
    """One Viterbi step to character *at*: sums of the 16 states from ``states[at & 1]`` to the other row,
    the best tag 1 of each into ``back[at]``.

    States stand as tag 3 · 4 + tag 2, the order in which SnowNLP's dictionary holds them, and only a
    greater sum displaces an earlier one, so ties fall as they fall there.
    """
    old, new = at & 1, ~at & 1
    for state in range(16):
        states[new, state] = states[old, 4 * (state & 3)] + step[state]
        back[at, state] = 0
    for one in range(1, firsts):
        for state in range(16):
            value = states[old, 4 * (state & 3) + one] + step[16 * one + state]
            if value > states[new, state]:
                states[new, state] = value
                back[at, state] = one


@compiled
def _advance_unknown(states: Array, firsts: Index, back: Array, at: Index) -> None:
    """The step over a character that the model never saw: SnowNLP lets the last first tag win."""
    old, new = at & 1, ~at & 1
    for state in range(16):
        states[new, state] = states[old, 4 * (state & 3) + firsts - 1]
        back[at, state] = firsts - 1


@compiled
def _tag(codes: Array, start: Index, end: Index, seg: SegmenterTables, scratch: Scratch) -> None:
    """Tags of the Chinese block ``codes[start:end]`` into ``scratch.tags[start:end]``."""
    back, states = scratch.back, scratch.states
    two = seg.unigram.shape[0]
    pair = seg.bigram.shape[0]
    states[start & 1, :] = -np.inf
    states[start & 1, 0] = 0.0
    for at in range(start, end):
        firsts = 1 if at < start + 2 else 4
        three = np.int64(seg.character[codes[at] - HAN_FIRST])
        if three == 0:
            _advance_unknown(states, firsts, back, at)
            pair = -1
        else:
            pair = _transitions(pair, two, three, seg, scratch.step)
            _advance(states, scratch.step, firsts, back, at)
        two = three
    best: Index = 0
    for state in range(1, 16):
        if states[end & 1, state] > states[end & 1, best]:
            best = state
    for at in range(end - 1, start - 1, -1):
        scratch.tags[at] = best >> 2
        best = ((best & 3) << 2) | np.int64(back[at, best])


@compiled
def _add_block(
    codes: Array,
    start: Index,
    end: Index,
    seg: SegmenterTables,
    words: WordTables,
    scratch: Scratch,
    sums: Array,
) -> None:
    """Segments a Chinese block and adds up its words; the rule of joining is ``snownlp.seg.seg.Seg.seg``."""
    _tag(codes, start, end, seg, scratch)
    tags = scratch.tags
    begin = start
    value = FNV_START
    for at in range(start, end):
        if (tags[at] == B or tags[at] == S) and at > begin:
            _add_word(codes, begin, at, value, words, sums)
            begin = at
            value = FNV_START
        value = _hash_step(value, codes[at])
        if tags[at] == E:
            _add_word(codes, begin, at + 1, value, words, sums)
            begin = at + 1
            value = FNV_START
    if end > begin:
        _add_word(codes, begin, end, value, words, sums)


@compiled
def _is_space(code: Code) -> Flag:
    """``str.isspace`` for one code point."""
    if code < 0x1680:
        return code == 0x20 or 0x09 <= code <= 0x0D or 0x1C <= code <= 0x1F or code == 0x85 or code == 0xA0
    if code <= 0x205F:
        return 0x2000 <= code <= 0x200A or code in (0x1680, 0x2028, 0x2029, 0x202F, 0x205F)
    return code == 0x3000


@compiled
def _is_han(code: Code) -> Flag:
    return HAN_FIRST <= code <= HAN_LAST


@compiled
def _add_text(
    codes: Array,
    start: Index,
    end: Index,
    seg: SegmenterTables,
    words: WordTables,
    scratch: Scratch,
    sums: Array,
) -> None:
    at = start
    while at < end:
        begin = at
        if _is_han(codes[at]):
            while at < end and _is_han(codes[at]):
                at += 1
            _add_block(codes, begin, at, seg, words, scratch, sums)
        elif _is_space(codes[at]):
            at += 1
        else:
            value = FNV_START
            while at < end and not _is_han(codes[at]) and not _is_space(codes[at]):
                value = _hash_step(value, codes[at])
                at += 1
            _add_word(codes, begin, at, value, words, sums)


@compiled
def class_sums(codes: Array, ends: Array, seg: SegmenterTables, words: WordTables) -> npt.NDArray[np.float64]:
    """(texts, 2) log likelihood of both classes, for the texts whose code points stand end to end.

    *ends* says where each text ends in *codes*.
    """
    sums = np.empty((ends.shape[0], 2), np.float64)
    scratch = Scratch(
        np.empty((codes.shape[0], 16), np.uint8),
        np.empty(codes.shape[0], np.uint8),
        np.empty(64, np.float64),
        np.empty((2, 16), np.float64),
    )
    start = 0
    for number in range(ends.shape[0]):
        sums[number] = words.prior
        _add_text(codes, start, ends[number], seg, words, scratch, sums[number])
        start = ends[number]
    return sums
