"""Nearness of words in texts that lie one after the other, compiled."""

from __future__ import annotations

from typing import Any

import numpy as np

from fengping.analysis.compiled import compiled

NO, YES, UNSURE = range(3)
_LETTER, _DIGIT = 1, 2
_FIRST, _SECOND = 1, 2
"""Codes that a form begins with, and those of the second half of a character."""


@compiled
def stand_near(
    codes: Any, kinds: Any, places: Any, fields: Any, forms: Any, bounds: Any, sizes: Any, terms: Any,
    orders: Any, distance: int, head: int,
) -> Any:  # fmt: skip
    """For each of *places*: do the terms stand near each other in its title or its text?

    A place begins with *head* codes, the first four of them the lengths of title and text, low halves first.
    *fields*: (2,) whether to look in title and text. Form f of term ``terms[f]`` is
    ``forms[bounds[f]:bounds[f + 1]]``, ``sizes[f]`` its characters. *orders*: (o, t) the orders that count.
    """
    longest = 0
    for place in places:
        longest = max(longest, _length(codes, place), _length(codes, place + 2))
    count = orders.shape[1]
    room = longest * (sizes.size - count + 1) + 1
    starts = np.empty((count, room), np.int64)
    ends = np.empty((count, room), np.int64)
    found = np.empty(count, np.int64)
    reached = np.empty((2, room), np.int64)
    answers = np.zeros(places.size, np.uint8)
    marks = np.zeros(1 << 16, np.uint8)
    marks[0xDC00:0xE000] = _SECOND
    for form in range(sizes.size):
        marks[forms[bounds[form]]] = _FIRST
    for number in range(places.size):
        begin = places[number] + head
        for field in range(2):
            end = begin + _length(codes, places[number] + 2 * field)
            if fields[field] and answers[number] != YES:
                sure = _spans(
                    codes, kinds, marks, begin, end, forms, bounds, sizes, terms, starts, ends, found
                )
                for order in range(orders.shape[0]):
                    if _chain(starts, ends, found, orders[order], distance, reached):
                        answers[number] = YES if sure else UNSURE
                        break
            begin = end
    return answers


@compiled
def _length(codes: Any, at: int) -> Any:
    return np.int64(codes[at]) | np.int64(codes[at + 1]) << 16


@compiled
def _spans(
    codes: Any, kinds: Any, marks: Any, begin: int, end: int, forms: Any, bounds: Any, sizes: Any, terms: Any,
    starts: Any, ends: Any, found: Any,
) -> bool:  # fmt: skip
    """Fills in where each term stands, counted in characters; false where a character beside one was cut.

    Of a character beyond the basic plane it is not known here whether it is a letter.
    """
    sure = True
    found[:] = 0
    seconds = 0
    for i in range(begin, end):
        code = codes[i]
        mark = marks[code]
        if mark == 0:
            continue
        if mark == _SECOND:
            seconds += 1
            continue
        for form in range(sizes.size):
            first, last = bounds[form], bounds[form + 1]
            size = last - first
            if forms[first] != code or i + size > end:
                continue
            same = True
            for k in range(1, size):
                if codes[i + k] != forms[first + k]:
                    same = False
                    break
            if not same:
                continue
            kind = kinds[code]
            if i > begin and kind in (_LETTER, _DIGIT):
                before = codes[i - 1]
                if kinds[before] == kind:
                    continue
                sure = sure and not 0xD800 <= before < 0xE000
            kind = kinds[codes[i + size - 1]]
            if i + size < end and kind in (_LETTER, _DIGIT):
                after = codes[i + size]
                if kinds[after] == kind:
                    continue
                sure = sure and not 0xD800 <= after < 0xE000
            term = terms[form]
            at = i - begin - seconds
            starts[term, found[term]] = at
            ends[term, found[term]] = at + sizes[form]
            found[term] += 1
    return sure


@compiled
def _chain(starts: Any, ends: Any, found: Any, order: Any, distance: int, reached: Any) -> bool:
    """True if one span of each term can be picked, in *order*, with gaps of 0 … *distance*."""
    now = 0
    term = order[0]
    count = found[term]
    for i in range(count):
        _insert(reached[now], i, ends[term, i])
    for step in range(1, order.size):
        term = order[step]
        reach = 0
        for i in range(found[term]):
            start = starts[term, i]
            low, high = 0, count
            while low < high:
                middle = (low + high) // 2
                if reached[now, middle] < start - distance:
                    low = middle + 1
                else:
                    high = middle
            if low < count and reached[now, low] <= start:
                _insert(reached[1 - now], reach, ends[term, i])
                reach += 1
        if reach == 0:
            return False
        count = reach
        now = 1 - now
    return bool(count > 0)


@compiled
def _insert(values: Any, count: int, value: int) -> None:
    """Keeps the first *count* values in order with one more; those that come are nearly in order."""
    at = count
    while at > 0 and values[at - 1] > value:
        values[at] = values[at - 1]
        at -= 1
    values[at] = value
