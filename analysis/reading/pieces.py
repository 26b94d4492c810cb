"""A text as windows of pieces for the encoder, each with its title and the clause of every piece."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from tokenizers import Tokenizer

from fengping.analysis.text import Span, clauses

LONGEST = 192
"""Most pieces of a window, [CLS] and [SEP] among them."""
WINDOWS = 5
"""Most windows of a text."""
SHORTEST = 3
"""Letters of the shortest clause; a shorter one belongs to the next."""
_TITLE = 64
"""Most pieces of a first line that is repeated as the title of every window."""
CHARACTERS = 4 * LONGEST * WINDOWS
"""Characters of a text that are looked at; what stands behind them is not read."""

Ints = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Window:
    """Pieces that are read together."""

    ids: Ints
    """[pieces], with [CLS] before and [SEP] behind."""
    offsets: Sequence[tuple[int, int]]
    """Characters of each piece in the whole text, without the two marks."""
    clause: Ints
    """[pieces - 2]: number of each piece's clause in the whole text."""
    title: int
    """Pieces at the beginning that an earlier window has told of already."""


def tokenizer_of(text: str) -> Tokenizer:
    """The tokenizer that the JSON *text* describes; it cuts and fills up nothing."""
    tokenizer = Tokenizer.from_str(text)
    tokenizer.no_truncation()
    tokenizer.no_padding()
    return tokenizer


def clauses_of(content: str) -> list[Span]:
    """Clauses of a text, those of fewer than `SHORTEST` letters joined to the next; they cover it whole."""
    found: list[Span] = []
    start = 0
    for span in clauses(content):
        if sum(map(str.isalnum, content[start : span.end])) >= SHORTEST:
            found.append(Span(start, span.end))
            start = span.end
    if start < len(content):
        found[-1:] = [Span(found[-1].start if found else 0, len(content))]
    return found


def windows(tokenizer: Tokenizer, content: str, spans: Sequence[Span]) -> Iterator[Window]:
    """Windows of *content*, whose clauses are *spans*: at most `WINDOWS`; none of a text without pieces."""
    coded = tokenizer.encode(content, add_special_tokens=False)
    ids, offsets = coded.ids, coded.offsets
    ends = [span.end for span in spans]
    clause = [bisect_right(ends, start) for start, _ in offsets]
    marks = tokenizer.token_to_id("[CLS]"), tokenizer.token_to_id("[SEP]")
    line = content.find("\n")
    title = sum(end <= line for _, end in offsets)
    title = title if title <= _TITLE else 0
    start = 0
    for _ in range(WINDOWS):
        head = min(title, start)
        end = min(start + LONGEST - 2 - head, len(ids))
        if start >= end:
            return
        chosen = [*range(head), *range(start, end)]
        yield Window(
            np.array([marks[0], *(ids[piece] for piece in chosen), marks[1]], np.int64),
            [offsets[piece] for piece in chosen],
            np.array([clause[piece] for piece in chosen], np.int64),
            head,
        )  # fmt: skip
        start = end
