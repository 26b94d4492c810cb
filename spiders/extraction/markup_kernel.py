"""The marks of serialised HTML, compiled: tags, attributes, entities, and the kinds of characters in text."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from fengping.analysis.compiled import compiled

INLINE, LINK, VOID, BREAK, SILENT, BLOCK = range(6)
"""Effects of a tag. Beyond `BLOCK` stands the number of the block-level tag."""
TABLE = 512

AUTHOR, SOURCE, ACCOUNT, TIME = 1, 2, 4, 8
"""Contents that an element's attributes may declare."""
_NAMED: tuple[tuple[str, int, int], ...] = (  # a word, and what it says in a class and in an id
    ("author", AUTHOR, AUTHOR),
    ("laiyuan", SOURCE, SOURCE),
    ("media-name", SOURCE, 0),
    ("nickname", AUTHOR | ACCOUNT, 0),
    ("source", SOURCE, SOURCE),
    ("user-name", AUTHOR, 0),
    ("username", AUTHOR, 0),
)
_WORDS = np.zeros((len(_NAMED) + 1, 12), np.uint32)
"""The words' letters, ended by 0, in the order of the alphabet."""
_SAYS = np.zeros((len(_NAMED), 2), np.int64)
_BEGIN = np.full(128, len(_NAMED), np.int64)
"""First word with each first letter."""
for _row, (_word, *_kinds) in reversed(tuple(enumerate(_NAMED))):
    _WORDS[_row, : len(_word)] = [ord(c) for c in _word]
    _SAYS[_row] = _kinds
    _BEGIN[ord(_word[0])] = _row


def table(kinds: dict[str, int]) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Tags and what they do, as :func:`scan` looks them up."""
    keys = np.zeros(TABLE, np.int64)
    values = np.zeros(TABLE, np.int64)
    for name, kind in kinds.items():
        key = 0
        for c in name:
            key = hash_next(key, ord(c))
        at = key % TABLE
        while keys[at]:
            at = (at + 1) % TABLE
        keys[at], values[at] = key, kind
    return keys, values


@compiled
def hash_next(key: int, c: int) -> int:
    return (key * 131 + c) & 0x7FFFFFFFFFFF


@compiled
def is_space(c: int) -> bool:
    if c <= 32:
        return c == 32 or 9 <= c <= 13 or 28 <= c <= 31
    if c < 0x1680:
        return c == 0x85 or c == 0xA0
    return (
        c == 0x1680 or 0x2000 <= c <= 0x200A or c == 0x2028 or c == 0x2029 or c == 0x202F
        or c == 0x205F or c == 0x3000
    )  # fmt: skip


@compiled
def is_invisible(c: int) -> bool:
    """Zero-width marks, and private characters that only an icon font draws."""
    if c < 0x200B:
        return c == 0xAD
    return c <= 0x200F or 0x2028 <= c <= 0x202E or c == 0x2060 or 0xE000 <= c <= 0xF8FF or c == 0xFEFF


@compiled
def ends_sentence(c: int) -> bool:
    return c == 0x3002 or c == 0xFF01 or c == 0xFF1F or c == 0x2026 or c == 33 or c == 63


@compiled
def is_mark(c: int) -> bool:
    if c < 0x80:
        return c == 44 or c == 58 or c == 59 or c == 33 or c == 63
    return (
        ends_sentence(c) or c == 0xFF1B or c == 0xFF0C or c == 0x3001 or c == 0xFF1A or c == 0x201D
        or c == 0x300D or c == 0x300F
    )  # fmt: skip


@compiled
def entity(html: Any, at: int, end: int) -> tuple[int, int]:
    """The character that the entity at *at* stands for and its length; 0 where it is none."""
    rest = end - at
    if rest >= 4 and html[at + 2] == 116 and html[at + 3] == 59:  # &lt; &gt;
        if html[at + 1] == 108:
            return 60, 4
        if html[at + 1] == 103:
            return 62, 4
    if (
        rest >= 5
        and html[at + 1] == 97
        and html[at + 2] == 109
        and html[at + 3] == 112
        and html[at + 4] == 59
    ):
        return 38, 5
    if rest >= 6 and html[at + 5] == 59:
        if html[at + 1] == 110 and html[at + 2] == 98 and html[at + 3] == 115 and html[at + 4] == 112:
            return 0xA0, 6
        if html[at + 1] == 113 and html[at + 2] == 117 and html[at + 3] == 111 and html[at + 4] == 116:
            return 34, 6
    return 0, 1


@compiled
def _lower(c: int) -> int:
    return c + 32 if 65 <= c <= 90 else c


@compiled
def _displays_none(html: Any, at: int, end: int) -> bool:
    """True if a style holds ``display: none``."""
    while at + 12 <= end:
        if _lower(html[at]) == 100 and (
            _lower(html[at + 1]) == 105 and _lower(html[at + 2]) == 115 and _lower(html[at + 3]) == 112
            and _lower(html[at + 4]) == 108 and _lower(html[at + 5]) == 97 and _lower(html[at + 6]) == 121
            and html[at + 7] == 58
        ):  # fmt: skip
            to = at + 8
            while to < end and is_space(html[to]):
                to += 1
            if (
                to + 4 <= end and _lower(html[to]) == 110 and _lower(html[to + 1]) == 111
                and _lower(html[to + 2]) == 110 and _lower(html[to + 3]) == 101
            ):  # fmt: skip
                return True
        at += 1
    return False


@compiled
def _named(html: Any, at: int, end: int, column: int) -> int:
    """Classify the words in a class (*column* 0) or id (1) by the content they name."""
    says = 0
    while at < end:
        c = html[at] | 32
        row = _BEGIN[c] if c < 128 else len(_BEGIN)
        while row < len(_SAYS) and _WORDS[row, 0] == c:
            length = 1
            while (
                _WORDS[row, length] and at + length < end and _lower(html[at + length]) == _WORDS[row, length]
            ):
                length += 1
            if not _WORDS[row, length]:
                says |= _SAYS[row, column]
            row += 1
        at += 1
    return says


@compiled
def _is(html: Any, at: int, end: int, first: int, last: int, length: int) -> bool:
    """True if a word has these letters: enough to tell the attributes and values of interest apart."""
    return end - at == length and html[at] == first and html[end - 1] == last


@compiled
def attributes(html: Any, at: int, names: Any, row: int) -> tuple[int, bool, int]:
    """Reads a tag's attributes from *at*: the place after its ``>``, whether they hide the element, and what
    they say that it holds.

    Where class and id stand goes into ``names[row]``.
    """
    hides = False
    found = says = 0
    n = html.size
    while at < n and html[at] != 62:
        if html[at] == 32 or html[at] == 47:
            at += 1
            continue
        start = at
        while at < n and html[at] != 61 and html[at] != 32 and html[at] != 62:
            at += 1
        length = at - start
        value = at
        end = at
        if at + 1 < n and html[at] == 61 and html[at + 1] == 34:
            value = end = at + 2
            while end < n and html[end] != 34:
                end += 1
            at = end + 1
        elif at < n and html[at] == 61:
            at += 1
        is_id = length == 2 and html[start] == 105 and html[start + 1] == 100
        is_class = length == 5 and html[start] == 99 and html[start + 1] == 108 and html[start + 4] == 115
        if is_id or is_class:
            if found < 4:
                names[row, found], names[row, found + 1] = value, end
                found += 2
            says |= _named(html, value, end, 1 if is_id else 0)
        elif (
            length == 5 and html[start] == 115 and html[start + 1] == 116 and html[start + 4] == 101
        ):  # style
            hides = hides or _displays_none(html, value, end)
        elif (
            length == 6 and html[start] == 104 and html[start + 1] == 105 and html[start + 5] == 110
        ):  # hidden
            hides = True
        elif _is(html, start, start + length, 100, 101, 8) or _is(html, start, start + length, 112, 101, 7):
            says |= TIME  # datetime, pubdate
        elif _is(html, start, start + length, 105, 112, 8):  # itemprop
            if _is(html, value, end, 97, 114, 6):  # author
                says |= AUTHOR
            elif _is(html, value, end, 100, 100, 13):  # datePublished
                says |= TIME
        elif _is(html, start, start + length, 114, 108, 3) and _is(html, value, end, 97, 114, 6):
            says |= AUTHOR  # rel="author"
    return at + 1, hides, says


@compiled
def after_silent(html: Any, at: int, name: int, length: int) -> int:
    """The place after the end tag of the element whose name stands at *name*; -1 where there is none."""
    n = html.size
    while at + length + 2 < n:
        if html[at] == 60 and html[at + 1] == 47:
            same = True
            for i in range(length):
                if html[at + 2 + i] != html[name + i]:
                    same = False
                    break
            if same and html[at + 2 + length] == 62:
                return at + length + 3
        at += 1
    return -1
