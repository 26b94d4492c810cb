"""Spans of sentences and clauses over the text, nothing copied."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import NamedTuple

# A single blank between Chinese characters stands for a full stop in titles. The look-ahead says nothing new:
# it lets the engine pass over all other characters in one step.
_SENTENCE = re.compile(
    r"(?=[。！？!?；;…#\s])"
    r"(?:[。！？!?\n；;…]+|(?<=\S)#\s*|\s{2,}|(?<=[\u4e00-\u9fff”」』》]) (?=[\u4e00-\u9fff“「『《]))"
)
_CLAUSE = re.compile(r"[，,、：:。！？!?\n；;…#\s（）()|｜]+")


class Span(NamedTuple):
    """``text[start:end]``, its closing mark included."""

    start: int
    end: int


Places = Mapping[str, Sequence[Span]]
"""Kind of word → where its words stand in a text."""


def sentences(text: str) -> list[Span]:
    """Sentences in order; they cover the whole text. A hashtag ``#…#`` is a sentence of its own."""
    return _cut(text, _SENTENCE)


def clauses(text: str) -> list[Span]:
    """Clauses in order: cut at every comma, colon, blank and full stop; they cover the whole text."""
    return _cut(text, _CLAUSE)


def _cut(text: str, mark: re.Pattern[str]) -> list[Span]:
    spans, start = [], 0
    for match in mark.finditer(text):
        if match.end() > start and match.start() > start:
            spans.append(Span(start, match.end()))
            start = match.end()
    if start < len(text):
        spans.append(Span(start, len(text)))
    return spans


def span_at(spans: list[Span], at: int) -> Span:
    """The one of *spans* that holds the offset *at*; spans must cover it."""
    low, high = 0, len(spans) - 1
    while low < high:
        middle = (low + high) // 2
        if spans[middle].end <= at:
            low = middle + 1
        else:
            high = middle
    return spans[low]
