"""The compiled sketch of a text and the comparison of two sketches. Nothing here touches Python objects."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from fengping.analysis.compiled import compiled
from fengping.analysis.reposts.shingles_kernel import Codes, Weights, bigrams

Array = NDArray[Any]

HEADS, GRAMS, TAGS, NUMBERS, PARTIES, BESIDE = 32, 64, 4, 6, 4, 24
"""Most bigrams of headlines, rarest bigrams of a text, hashtags, numbers, and names that a sketch keeps."""

SKETCH = np.dtype(
    [
        ("high", np.uint64),  # first half of the document's id
        ("low", np.uint64),  # second half
        ("seconds", np.int64),  # published, since 1970; UNDATED where unknown
        ("twin", np.uint64),  # hash of the whole text
        ("tags", np.uint64, TAGS),  # hashes of hashtags
        ("numbers", np.uint64, NUMBERS),  # hashes of telling numbers
        ("parties", np.uint64, PARTIES),  # hashes of hosts and brands
        ("places", np.uint64),  # a bit for each province
        ("heads", np.uint32, HEADS),  # bigrams of headline and hashtags, ascending
        ("grams", np.uint32, GRAMS),  # rarest bigrams of all, ascending
        ("head_count", np.uint16),
        ("gram_count", np.uint16),
        ("length", np.uint16),  # characters of the whole
        ("own", np.uint16),  # characters outside hashtags
        ("coarse", np.uint8),  # 1 where only the day is known
        ("kind", np.uint8),  # what it may be in an event: see sketch.Part
        ("matter", np.uint16),  # a bit for each complaint class
        ("beside", np.uint32, BESIDE),  # bigrams of names of the accused and words of complaint
    ],
    align=True,
)

LONG = 12
"""Characters from which equal texts are one happening by that alone: a show's name returns each week."""
MADE_FROM = 0.7
"""Cosine of rare bigrams from which one text was made from the other."""

CHARGED = 32
""":attr:`.sketch.Part.CHARGED`."""
UNDATED = np.iinfo(np.int64).min

FAR = -np.inf
OTHER = -6.0
"""Log odds of two charges on different matters of one party."""
TELLING, SAME_MATTER = 5.5, 7.0
"""Rarity in nats from which a bigram may tell a matter, and of the shared ones together from which charges
against one party are of one matter."""
ALIKE, OTHER_CLASS = 0.15, 0.4
"""Share of the telling bigrams of the shorter that they share at least; where their classes are others."""
NO_GRAM = np.uint32(2**32 - 1)
SUMS = 4
"""Sums of a sketch that each comparison needs: the weights of its headline's bigrams, plain and squared, and
of its text's."""

FEATURES = (
    "alike", "heads_alike", "head_within", "head_within_least", "shared", "heads_shared", "same_tag",
    "numbers_shared", "numbers_differ", "places_shared", "places_differ", "parties_shared",
    "parties_differ", "gap", "length", "own",
)  # fmt: skip
"""Measures of a pair by :func:`features`, in order; each has a weight, and the intercept comes last."""


@compiled
def keep_rarest(codes: Codes, weights: Weights, most: int, into: Array) -> int:
    """Writes the rarest distinct bigrams of *codes*, at most *most*, ascending; how many."""
    grams = bigrams(codes)
    if len(grams) > most:
        rank = np.argsort(-weights[grams], kind="mergesort")[:most]
        grams = np.sort(grams[rank])
    into[: len(grams)] = grams
    return len(grams)


@compiled
def sums_of(sketches: Array, weights: Weights, start: int, end: int, into: Array) -> None:
    """Fills rows ``start … end`` of *into* with :data:`SUMS` of the sketches there."""
    for slot in range(start, end):
        mine = sketches[slot]
        into[slot, 0], into[slot, 1] = _sums(mine.heads[: mine.head_count], weights)
        into[slot, 2], into[slot, 3] = _sums(mine.grams[: mine.gram_count], weights)


@compiled
def _sums(grams: Array, weights: Weights) -> tuple[float, float]:
    plain = 0.0
    squared = 0.0
    for gram in grams:
        weight = weights[gram]
        plain += weight
        squared += weight * weight
    return plain, squared


@compiled
def _shared(a: Array, b: Array, weights: Weights) -> tuple[float, float]:
    """Weights of the bigrams in both, plain and squared; each list ascends."""
    plain = 0.0
    squared = 0.0
    i = j = 0
    while i < len(a) and j < len(b):
        x, y = a[i], b[j]
        if x == y:
            weight = weights[x]
            plain += weight
            squared += weight * weight
        # Without a branch on which is smaller, which no processor can foresee.
        i += x <= y
        j += y <= x
    return plain, squared


@compiled
def common(a: Array, b: Array) -> int:
    """Count of values other than 0 that stand in both."""
    count = 0
    for x in a:
        if x != 0:
            for y in b:
                if x == y:
                    count += 1
                    break
    return count


@compiled
def features(
    a: Any, b: Any, of_a: Array, of_b: Array, weights: Weights, learnt: Array, enough: float, found: Array
) -> bool:
    """Fills *found* with :data:`FEATURES` of two sketches; symmetric. *of_a*, *of_b*: their :data:`SUMS`.

    False, *found* then unfinished, as soon as no more than *enough* log odds can come of the pair.
    """
    found[6] = 1.0 if common(a.tags, b.tags) > 0 else 0.0
    numbers = common(a.numbers, b.numbers)
    found[7] = 1.0 if numbers > 0 else 0.0
    found[8] = 1.0 if numbers == 0 and a.numbers[0] != 0 and b.numbers[0] != 0 else 0.0
    found[9] = 1.0 if a.places & b.places != 0 else 0.0
    found[10] = 1.0 if a.places != 0 and b.places != 0 and a.places & b.places == 0 else 0.0
    parties = common(a.parties, b.parties)
    found[11] = 1.0 if parties > 0 else 0.0
    found[12] = 1.0 if parties == 0 and a.parties[0] != 0 and b.parties[0] != 0 else 0.0
    found[13] = np.log1p(gap_hours(a, b))
    found[14] = np.log1p(float(min(a.length, b.length)))
    found[15] = np.log1p(float(min(a.own, b.own)))
    so_far = learnt[len(found)]
    for i in range(6, len(found)):
        so_far += learnt[i] * found[i]
    # The measures of one kind lie between 0 and 1, the logarithms below those of the smaller sum.
    heads_most = max(learnt[5], 0.0) * np.log1p(min(of_a[0], of_b[0])) + max(learnt[1], 0.0)
    within_most = max(learnt[2], 0.0) + max(learnt[3], 0.0)

    heads_a, heads_b = a.heads[: a.head_count], b.heads[: b.head_count]
    grams_a, grams_b = a.grams[: a.gram_count], b.grams[: b.gram_count]
    whole, whole_squared = _shared(grams_a, grams_b, weights)
    found[0] = whole_squared / np.sqrt(of_a[3] * of_b[3]) if whole_squared > 0 else 0.0
    found[4] = np.log1p(whole)
    so_far += learnt[0] * found[0] + learnt[4] * found[4]
    if found[0] < MADE_FROM and so_far + heads_most + within_most < enough:
        return False
    heads, heads_squared = _shared(heads_a, heads_b, weights)
    found[1] = heads_squared / np.sqrt(of_a[1] * of_b[1]) if heads_squared > 0 else 0.0
    found[5] = np.log1p(heads)
    so_far += learnt[1] * found[1] + learnt[5] * found[5]
    if found[0] < MADE_FROM and so_far + within_most < enough:
        return False
    within_b = max(_shared(heads_a, grams_b, weights)[0], heads) / of_a[0] if of_a[0] > 0 else 0.0
    within_a = max(_shared(heads_b, grams_a, weights)[0], heads) / of_b[0] if of_b[0] > 0 else 0.0
    found[2] = max(within_a, within_b)
    found[3] = min(within_a, within_b)
    return True


@compiled
def of_other_matter(a: Any, b: Any, weights: Weights) -> bool:
    """True for two charges against one party that share no telling word for their matter.

    Where one has no such word itself (``某某被指售假``) nobody can tell.
    """
    if not a.kind & b.kind & CHARGED or gap_hours(a, b) > 14 * 24:
        return False
    mine = theirs = shared = 0.0
    i = j = 0
    while i < a.gram_count or j < b.gram_count:
        x = a.grams[i] if i < a.gram_count else NO_GRAM
        y = b.grams[j] if j < b.gram_count else NO_GRAM
        gram = min(x, y)
        weight = weights[gram]
        if weight >= TELLING and not _holds(a.beside, gram) and not _holds(b.beside, gram):
            mine += weight * (x == gram)
            theirs += weight * (y == gram)
            shared += weight * (x == y)
        i += x == gram
        j += y == gram
    apart = a.matter != 0 and b.matter != 0 and a.matter & b.matter == 0
    least = min(mine, theirs)
    return least >= SAME_MATTER and shared < max(SAME_MATTER, (OTHER_CLASS if apart else ALIKE) * least)


@compiled
def _holds(grams: Array, gram: Any) -> bool:
    found = False
    for one in grams:
        found |= one == gram
    return found


@compiled
def gap_hours(a: Any, b: Any) -> Any:
    """Hours between two sketches; half a day where one has but a day, a month where one has no time."""
    if a.seconds == UNDATED or b.seconds == UNDATED:
        return 720.0
    hours = abs(a.seconds - b.seconds) / 3600.0
    return max(hours - 12.0, 6.0) if a.coarse or b.coarse else hours


@compiled
def score(
    a: Any, b: Any, of_a: Array, of_b: Array, weights: Weights, learnt: Array, enough: float, found: Array
) -> Any:
    """Log odds that two sketches are about one happening; *found* is room for the features.

    Where they are sure to lie under *enough*, :data:`FAR` stands for them, and where they accuse others.
    """
    if a.kind & b.kind & CHARGED and common(a.parties, b.parties) == 0:
        return FAR
    if a.twin == b.twin and a.length >= LONG:
        return 6.0
    if of_other_matter(a, b, weights):
        return OTHER
    # A margin, for the sum below is taken in another order.
    if not features(a, b, of_a, of_b, weights, learnt, enough - 1e-6, found):
        return FAR
    total = learnt[len(found)]
    for i in range(len(found)):
        total += learnt[i] * found[i]
    # One made from the other is the same happening however late: no pair of those was there to learn from.
    if found[0] >= MADE_FROM and min(a.length, b.length) >= 2 * LONG and found[8] + found[10] == 0.0:
        return max(total, 3.0)
    return total
