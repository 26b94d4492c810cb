"""The compiled comparison of two normalised texts. Numba; nothing here touches Python objects."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from fengping.analysis.compiled import compiled
from fengping.analysis.reposts.names_kernel import common, substituted_name
from fengping.analysis.reposts.shingles_kernel import HEAD_END, TAGS_END, Codes, Weights, body_start, overlap

MINIMUM = 8
"""Texts with fewer characters (转发微博, 哈哈哈) tell no story and are never grouped."""

# Chosen on labelled pairs and by reading what real streams' neighbours share; docs/measurements/events.md.
CONTAINED = 0.28  # shared weight over the lighter text's
MASS = 80.0  # shared weight, about 14 ordinary bigrams: less is a frame, and must agree as a whole
LIGHT = 350.0  # weight of a text, about 50 characters, up to which CONTAINED_LIGHT holds instead
CONTAINED_LIGHT = 0.55
EXCERPT = 3.0  # times the lighter text from which the lighter must be an excerpt, and
CONTAINED_EXCERPT = 0.8  # this much of it be found in the other
ALIKE = 0.6  # weighted Jaccard from which less mass is enough
HEADED = 0.25  # share of a headline found in the other text; with less both ways bodies must be ALIKE
UNDER_TITLE = 0.75  # containment of bodies under headlines that are not ALIKE: one is cut from the other
BRIEF = 20  # characters of a bare headline
BRIEF_ODD = 2  # characters that one of two bare headlines may have more, not in a row
SLOGAN_HEADS = 0.5  # share of the lighter headline in the other, over bodies of at most SHORT
SHORT = 30  # characters up to which other figures make another story (新增3例, 新增12例)
LONG_NUMBER = 7  # digits of a telephone or order number

STANCES = "回应否认承认辟谣道歉致歉澄清谈及批评"
STANCE_PAIRS = np.array(
    [ord(STANCES[i]) << 16 | ord(STANCES[i + 1]) for i in range(0, len(STANCES), 2)], dtype=np.int64
)


@compiled
def compare(a: Codes, b: Codes, weights: Weights) -> bool:
    """Compare two normalised texts for the same story."""
    if len(a) == len(b) and np.all(a == b):
        return len(a) >= 2
    # In one fixed order, so that the answer is symmetric where the alignment has ties.
    if _less(b, a):
        a, b = b, a
    below_a, below_b = body_start(a), body_start(b)
    titled = is_titled(a, below_a) and is_titled(b, below_b)
    if _brief(a, below_a) and _brief(b, below_b):
        return _reworded(a, b)
    if _brief(a, below_a) and below_b:
        return _reworded(a, b[: below_b - 1])
    if _brief(b, below_b) and below_a:
        return _reworded(a[: below_a - 1], b)
    if _remark(a, below_a) or _remark(b, below_b):
        return np.array_equal(a[below_a:], b[below_b:])
    of_a, of_b, shared = overlap(a[below_a:], b[below_b:], weights)
    if not is_enough(of_a, of_b, shared, titled):
        return False
    alike = _is_alike(of_a, of_b, shared)
    brief = min(len(a) - below_a, len(b) - below_b) <= SHORT
    same_body = not brief and np.array_equal(a[below_a:], b[below_b:])
    if below_a and below_b and (brief or not alike):
        # A shared tail (an advertisement, a programme note) under different news.
        of_head_a, _, in_b = overlap(a[: below_a - 1], b, weights)
        of_head_b, _, in_a = overlap(b[: below_b - 1], a, weights)
        if in_b < HEADED * of_head_a and in_a < HEADED * of_head_b:
            return False
        if brief and titled:
            # A slogan or a programme note, under headlines that must then agree by themselves.
            own_a, own_b, both = overlap(a[: below_a - 1], b[: below_b - 1], weights)
            if both < SLOGAN_HEADS * min(own_a, own_b):
                return False
    if titled and not same_body:
        head_a, head_b = a[: below_a - 1], b[: below_b - 1]
        if _disjoint(_numbers(head_a, 1), _numbers(head_b, 1)) or substituted_name(head_a, head_b, weights):
            return False
    return not conflict(a[below_a:], b[below_b:], weights)


@compiled
def is_titled(codes: Codes, below: int) -> bool:
    """True for a text under a headline of its own."""
    return below > 0 and codes[below - 1] == HEAD_END


@compiled
def is_told(codes: Codes, below: int) -> bool:
    """True for a text whose words below its headline or hashtags are compared by weight."""
    return not _brief(codes, below) and not _remark(codes, below)


@compiled
def is_enough(of_a: float, of_b: float, shared: float, titled: bool) -> bool:
    """True if the weight that two bodies share can make one story of them; *titled*: both have a headline."""
    if shared <= 0.0:
        return False
    if _is_alike(of_a, of_b, shared):
        return True
    lighter = min(of_a, of_b)
    contained = CONTAINED if lighter > LIGHT else CONTAINED_LIGHT
    if titled:
        contained = UNDER_TITLE
    if max(of_a, of_b) > EXCERPT * lighter:
        contained = CONTAINED_EXCERPT
    return shared >= MASS and shared >= contained * lighter


@compiled
def _is_alike(of_a: float, of_b: float, shared: float) -> bool:
    return shared >= ALIKE * (of_a + of_b - shared)


@compiled
def _brief(codes: Codes, below: int) -> bool:
    """True for a bare headline: few words, and nothing below them."""
    return below == 0 and len(codes) <= BRIEF


@compiled
def _remark(codes: Codes, below: int) -> bool:
    """True for a few words under hashtags (太可怕了): many say just that, of different things too."""
    return below > 0 and codes[below - 1] == TAGS_END and len(codes) - below < MINIMUM


@compiled
def _reworded(a: Codes, b: Codes) -> bool:
    """True if two headlines say the same: no word more or less, at most single characters.

    A word more makes another statement of a headline: that of an answer (回应), of a price, of a trailer.
    """
    if not np.array_equal(_numbers(a, 1), _numbers(b, 1)) or _stances(a) != _stances(b):
        return False
    table = common(a, b)
    i = j = 0
    odd = 0
    while i < len(a) or j < len(b):
        if i < len(a) and j < len(b) and a[i] == b[j]:
            i += 1
            j += 1
            continue
        start_a, start_b = i, j
        while (i < len(a) or j < len(b)) and not (i < len(a) and j < len(b) and a[i] == b[j]):
            if j == len(b) or (i < len(a) and table[i + 1, j] >= table[i, j + 1]):
                i += 1
            else:
                j += 1
        for codes, start, end, other in ((a, start_a, i, b), (b, start_b, j, a)):
            if not _within(codes[start:end], other):
                if end - start > 1 or codes[start] < 0x4E00:
                    return False
                odd += 1
        both = i > start_a and j > start_b
        if both and not (_ours(a[start_a]) and _ours(b[start_b])):
            return False
    return odd <= BRIEF_ODD


@compiled
def conflict(a: Codes, b: Codes, weights: Weights) -> bool:
    """True if two similar texts fill one frame with other persons, places, figures or numbers."""
    if _disjoint(_numbers(a, LONG_NUMBER), _numbers(b, LONG_NUMBER)):
        return True
    if max(len(a), len(b)) <= SHORT and not np.array_equal(_numbers(a, 1), _numbers(b, 1)):
        return True
    return substituted_name(a, b, weights)


@compiled
def _disjoint(numbers: NDArray[np.int64], others: NDArray[np.int64]) -> bool:
    """True if both hold numbers and share none."""
    for number in numbers:
        for other in others:
            if number == other:
                return False
    return len(numbers) > 0 and len(others) > 0


@compiled
def _stances(codes: Codes) -> int:
    """Bits for the words by which somebody answers, denies or admits."""
    found = 0
    for i in range(len(codes) - 1):
        pair = np.int64(codes[i]) << 16 | np.int64(codes[i + 1])
        for k in range(len(STANCE_PAIRS)):
            if STANCE_PAIRS[k] == pair:
                found |= 1 << k
    return found


@compiled
def _within(codes: Codes, other: Codes) -> bool:
    """True if *codes* stand in *other* as they are."""
    for start in range(len(other) - len(codes) + 1):
        if np.array_equal(other[start : start + len(codes)], codes):
            return True
    return False


@compiled
def _ours(code: Any) -> bool:
    """True for the first character of 中国 and 我国, which headlines exchange."""
    return bool(code == 0x4E2D or code == 0x6211)


@compiled
def _less(a: Codes, b: Codes) -> bool:
    for i in range(min(len(a), len(b))):
        if a[i] != b[i]:
            return bool(a[i] < b[i])
    return len(a) < len(b)


@compiled
def _numbers(codes: Codes, shortest: int) -> NDArray[np.int64]:
    """Numbers of at least *shortest* digits, in order."""
    found = np.empty(len(codes) // shortest + 1, np.int64)
    count = 0
    digits = 0
    value = np.int64(0)
    for i in range(len(codes) + 1):
        if i < len(codes) and 48 <= codes[i] <= 57:
            digits += 1
            value = value * 10 + (codes[i] - 48)  # wraps beyond 18 digits, equal numbers still equal
        else:
            if digits >= shortest:
                found[count] = value
                count += 1
            digits = 0
            value = np.int64(0)
    return found[:count]
