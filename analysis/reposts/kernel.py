"""The compiled comparison of two normalised texts. Numba; nothing here touches Python objects."""

from __future__ import annotations

from typing import Any

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

MINIMUM = 8
"""Texts with fewer characters (转发微博, 哈哈哈) tell no story and are never grouped."""

# Chosen on labelled pairs and by reading what real streams' neighbours share; docs/judgement.md.
CONTAINED = 0.28  # shared weight over the lighter text's
MASS = 80.0  # shared weight, about 14 ordinary bigrams: less is a frame, and must agree as a whole
LIGHT = 350.0  # weight of a text, about 50 characters, up to which CONTAINED_LIGHT holds instead
CONTAINED_LIGHT = 0.55
EXCERPT = 3.0  # times the lighter text from which the lighter must be an excerpt, and
CONTAINED_EXCERPT = 0.8  # this much of it be found in the other
ALIKE = 0.6  # weighted Jaccard from which less mass is enough
NAME_RARITY = 9.0  # mean weight of the bigrams of a substituted name
LONGEST_NAME = 8  # its characters
HEADED = 0.25  # share of a headline found in the other text; with less both ways bodies must be ALIKE
UNDER_TITLE = 0.75  # containment of bodies under headlines that are not ALIKE: one is cut from the other
BRIEF = 20  # characters of a bare headline
BRIEF_ODD = 2  # characters that one of two bare headlines may have more, not in a row
SLOGAN_HEADS = 0.5  # share of the lighter headline in the other, over bodies of at most SHORT
SHORT = 30  # characters up to which other figures make another story (新增3例, 新增12例)
RUN = 5  # characters of a run that is sampled
ALIGNED = 300  # characters that are aligned
LONG_NUMBER = 7  # digits of a telephone or order number

# The hundred most common family names, provinces and large cities, what follows a seller's name, and the
# endings of places and bodies.
SURNAMES = np.array(
    sorted(
        ord(c)
        for c in "李王张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕苏卢蒋蔡贾"
        "丁魏薛叶阎"
        "余潘杜戴夏钟汪田任姜范方石姚谭廖邹熊金陆郝孔白崔康毛邱秦江史顾侯邵孟龙万段雷钱汤尹黎易常武乔贺赖龚文骆辛"
    ),
    dtype=np.uint16,
)
PLACES = (
    "北京天津上海重庆河北山西辽宁吉林江苏浙江安徽福建江西山东河南湖北湖南广东海南四川贵州云南"
    "陕西甘肃青海台湾广西西藏宁夏新疆香港澳门广州深圳杭州南京苏州成都武汉西安郑州长沙沈阳大连"
    "青岛济南厦门福州合肥南昌昆明贵阳南宁兰州太原宁波无锡佛山东莞温州金华义乌"
)
PLACE_PAIRS = np.array(
    sorted(ord(PLACES[i]) << 16 | ord(PLACES[i + 1]) for i in range(0, len(PLACES), 2)), dtype=np.int64
)
AFTER_NAMES = "直播带货团队助播工作女士先生公司回应道歉被罚偷税主播店铺"
AFTER_PAIRS = np.array(
    sorted(ord(AFTER_NAMES[i]) << 16 | ord(AFTER_NAMES[i + 1]) for i in range(0, len(AFTER_NAMES), 2)),
    dtype=np.int64,
)
STANCES = "回应否认承认辟谣道歉致歉澄清谈及批评"
STANCE_PAIRS = np.array(
    [ord(STANCES[i]) << 16 | ord(STANCES[i + 1]) for i in range(0, len(STANCES), 2)], dtype=np.int64
)
ENDINGS = np.array(sorted(ord(c) for c in "省市县区镇乡村店局院厂司校园馆"), dtype=np.uint16)


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
def compare(a: Codes, b: Codes, weights: Weights) -> bool:
    """Compare two normalised texts for the same story."""
    if len(a) == len(b) and np.all(a == b):
        return len(a) >= 2
    # In one fixed order, so that the answer is symmetric where the alignment has ties.
    if _less(b, a):
        a, b = b, a
    below_a, below_b = body_start(a), body_start(b)
    titled = below_a > 0 and below_b > 0 and a[below_a - 1] == HEAD_END and b[below_b - 1] == HEAD_END
    if _brief(a, below_a) and _brief(b, below_b):
        return _reworded(a, b)
    if _brief(a, below_a) and below_b:
        return _reworded(a, b[: below_b - 1])
    if _brief(b, below_b) and below_a:
        return _reworded(a[: below_a - 1], b)
    if _remark(a, below_a) or _remark(b, below_b):
        return np.array_equal(a[below_a:], b[below_b:])
    of_a, of_b, shared = overlap(a[below_a:], b[below_b:], weights)
    if shared <= 0.0:
        return False
    alike = shared >= ALIKE * (of_a + of_b - shared)
    if not alike:
        lighter = min(of_a, of_b)
        contained = CONTAINED if lighter > LIGHT else CONTAINED_LIGHT
        if titled:
            contained = UNDER_TITLE
        if max(of_a, of_b) > EXCERPT * lighter:
            contained = CONTAINED_EXCERPT
        if shared < MASS or shared < contained * lighter:
            return False
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
        if _disjoint(_numbers(head_a, 1), _numbers(head_b, 1)) or _substituted_name(head_a, head_b, weights):
            return False
    return not conflict(a[below_a:], b[below_b:], weights)


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
    table = _common(a, b)
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
    return _substituted_name(a, b, weights)


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
def _common(a: Codes, b: Codes) -> NDArray[np.int16]:
    """Length of the longest common subsequence of every two ends of *a* and *b*."""
    n, m = len(a), len(b)
    table = np.zeros((n + 1, m + 1), np.int16)
    for i in range(n - 1, -1, -1):
        for j in range(m - 1, -1, -1):
            if a[i] == b[j]:
                table[i, j] = table[i + 1, j + 1] + 1
            else:
                table[i, j] = max(table[i + 1, j], table[i, j + 1])
    return table


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


@compiled
def _substituted_name(a: Codes, b: Codes, weights: Weights) -> bool:
    """Walks a longest-common-subsequence alignment and looks at each short stretch that was replaced."""
    # What stands before the first difference and after the last is aligned without work, which is most
    # of a text copied from a frame; two characters of it stay as the frame around a name.
    equal = 0
    while equal < min(len(a), len(b)) and a[equal] == b[equal]:
        equal += 1
    skip = max(equal - 2, 0)
    a, b = a[skip:], b[skip:]
    equal = 0
    while equal < min(len(a), len(b)) and a[len(a) - 1 - equal] == b[len(b) - 1 - equal]:
        equal += 1
    if equal > 2:
        # The character after a name tells a place's ending, so it stays too.
        a, b = a[: len(a) - equal + 2], b[: len(b) - equal + 2]
    a, b = a[:ALIGNED], b[:ALIGNED]
    n, m = len(a), len(b)
    table = _common(a, b)
    i = j = 0
    matched = 0  # length of the run of equal characters just before
    while i < n and j < m:
        if a[i] == b[j]:
            matched += 1
            i += 1
            j += 1
            continue
        start_a, start_b = i, j
        while i < n and j < m and a[i] != b[j]:
            if table[i + 1, j] >= table[i, j + 1]:
                i += 1
            else:
                j += 1
        after = 0
        while i + after < n and j + after < m and a[i + after] == b[j + after]:
            after += 1
        framed = (matched >= 2 or start_a <= 2 or start_b <= 2) and after >= 2
        if framed and _names(a, start_a, i, weights) and _names(b, start_b, j, weights):
            return True
        matched = 0
    return False


@compiled
def _names(codes: Codes, start: int, end: int, weights: Weights) -> bool:
    """True if ``codes[start:end]`` reads like the name of a person, place or body."""
    length = end - start
    if length < 2 or length > LONGEST_NAME:
        return False
    for k in range(start, end):
        if codes[k] < 0x4E00 or codes[k] > 0x9FFF:
            return False
    if length <= 3 and _holds(SURNAMES, codes[start]):
        return True
    if end + 1 < len(codes):
        following = np.int64(codes[end]) << 16 | np.int64(codes[end + 1])
        if _holds(AFTER_PAIRS, following):
            return True
    if length == 2 and _holds(PLACE_PAIRS, np.int64(codes[start]) << 16 | np.int64(codes[start + 1])):
        return True
    if _holds(ENDINGS, codes[end - 1]) or (end < len(codes) and _holds(ENDINGS, codes[end])):
        return True
    total = 0.0
    for k in range(start, end - 1):
        total += weights[bucket(codes[k], codes[k + 1])]
    return total >= NAME_RARITY * (length - 1)


@compiled
def _holds(members: NDArray[Any], code: Any) -> bool:
    place = np.searchsorted(members, code)
    return bool(place < len(members) and members[place] == code)


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
