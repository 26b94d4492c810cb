"""Words of a text as the segmenter cuts them, each with its tag."""

from __future__ import annotations

import functools
import re
from typing import Any, NamedTuple

AROUND = 10
"""Characters on either side of a span that are read to see how it is cut."""
_HALF = re.compile("[\ud800-\udfff]")
_NAMES = ("nr", "nt", "nz", "eng")


class Word(NamedTuple):
    """``text[start:end]``; *known* to the dictionary, else made up of what stands between known words."""

    start: int
    end: int
    tag: str
    known: bool

    @property
    def is_name(self) -> bool:
        """True of a name, and of a word that no dictionary holds and that is no verb or number."""
        return self.tag.startswith(_NAMES) or not (self.known or self.tag.startswith(("v", "m")))


@functools.cache
def _jieba() -> Any:
    import rjieba  # reads its dictionary, a tenth of a second

    return rjieba.Jieba()


def words_around(text: str, start: int, end: int) -> list[Word]:
    """Words of *text* from :data:`AROUND` characters in front of ``[start, end)`` to as many behind it."""
    at = max(0, start - AROUND)
    return [Word(at + w.start, at + w.end, w.tag, w.known) for w in _words(text[at : end + AROUND])]


@functools.lru_cache(maxsize=4096)
def _words(text: str) -> tuple[Word, ...]:
    """Words of a short *text*."""
    at, found, jieba = 0, [], _jieba()
    # Half of a surrogate pair is no text to the segmenter.
    for word, tag in jieba.tag(_HALF.sub("□", text)):
        found.append(Word(at, at + len(word), tag, jieba.has_word(word)))
        at += len(word)
    return tuple(found)


@functools.lru_cache(maxsize=4096)
def is_common(name: str) -> bool:
    """True of a word of the dictionary that is no name: 方丈, 明明."""
    ((_, tag), *others) = _jieba().tag(name)
    return not others and _jieba().has_word(name) and not tag.startswith(("nr", "ns", *_NAMES))


def reaches_out(text: str, start: int, end: int) -> bool:
    """True if the last characters of the span belong to a word of the dictionary that goes on behind it."""
    return any(word.known and start < word.start < end < word.end for word in words_around(text, start, end))
