"""Two texts of one frame with another name in it. Numba; nothing here touches Python objects."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from fengping.analysis.compiled import compiled
from fengping.analysis.reposts.shingles_kernel import Codes, Weights, bucket

NAME_RARITY = 9.0  # mean weight of the bigrams of a substituted name
LONGEST_NAME = 8  # its characters
ALIGNED = 300  # characters that are aligned

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
ENDINGS = np.array(sorted(ord(c) for c in "省市县区镇乡村店局院厂司校园馆"), dtype=np.uint16)


@compiled
def substituted_name(a: Codes, b: Codes, weights: Weights) -> bool:
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
    table = common(a, b)
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
def common(a: Codes, b: Codes) -> NDArray[np.int16]:
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
