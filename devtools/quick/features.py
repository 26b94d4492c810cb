"""A text and its names as keys: what the quick reader learns from and reads by."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

import numpy as np

from devtools.quick.gram_kernel import Codes, Floats, Keys, mark, name_keys, text_keys
from fengping.analysis.hosts import Kind
from fengping.analysis.mentions import Scan
from fengping.analysis.reading import KINDS, Name, clauses_of
from fengping.analysis.text import Span, written_alike

CHARACTERS = 1200
"""Characters of a text that are read."""
_MASKS = {Kind.HOST: 1, Kind.BRAND: 2}
"""Codes that stand for names, so that no name carries a prior."""
_NAMED = (Kind.HOST, Kind.BRAND, Kind.PLATFORM, Kind.REGULATOR)
_LENGTHS = (12, 20, 30, 45, 70, 110, 180, 300, 500, 800)
_MOST = 6
"""Occurrences of a name that tell its role."""
PLAIN = len(KINDS) + 6
"""Features of a name that are no keys."""


class Features(NamedTuple):
    """A text as the quick reader sees it."""

    codes: Codes
    """The folded text, each host's or brand's name as one code."""
    keys: Keys
    clauses: list[tuple[Span, int, int]]
    """Each clause, and where it begins and ends in :attr:`codes`."""


def features_of(scan: Scan) -> Features:
    """The features of a scanned text."""
    folded = written_alike(scan.folded[:CHARACTERS])
    codes = np.frombuffer(folded.encode("utf-32-le", "surrogatepass"), np.uint32)
    places = {(m.start, m.end) for m in scan.mentions if m.kind is Kind.PLATFORM}
    kept, at = [], 0
    starts: list[int] = []
    for m in scan.mentions:
        mask = _MASKS.get(m.kind)
        if mask and m.start >= at and m.end <= len(codes) and (m.start, m.end) not in places:
            kept += [codes[at : m.start], np.array([mask], np.uint32)]
            starts += [*range(at, m.start), m.start]
            at = m.end
    kept.append(codes[at:])
    starts += range(at, len(codes))
    masked = np.concatenate(kept)
    spans = clauses_of(folded)
    ends = [bisect_right(starts, span.end - 1) for span in spans]
    clauses = [(span, a, b) for span, (a, b) in zip(spans, pairwise([0, *ends]), strict=True)]
    marks = [mark(0, kind) for number, kind in enumerate(_NAMED) if scan.of(kind)]
    marks.append(mark(1, bisect_right(_LENGTHS, len(codes))))
    keys = np.concatenate([text_keys(masked, 0, len(masked)), np.array(marks, np.uint64)])
    return Features(masked, keys, clauses)


def keys_of_name(folded: str, name: Name) -> Keys:
    """Keys of the characters beside a name, wherever it stands."""
    codes = np.frombuffer(written_alike(folded[:CHARACTERS]).encode("utf-32-le", "surrogatepass"), np.uint32)
    spans = [span for span in name.spans[:_MOST] if span[1] <= len(codes)]
    return np.concatenate([np.zeros(0, np.uint64), *(name_keys(codes, *span) for span in spans)])


def plain_of(name: Name, kind: str, names: Sequence[Name], length: int) -> Floats:
    """(PLAIN,) kind and place of a name among the others of its text."""
    found = np.zeros(PLAIN, np.float32)
    found[KINDS.index(kind)] = 1
    others = len(names) - 1
    found[len(KINDS) :] = (
        1.0, name is names[0], others == 0, min(others, 5) / 5, min(len(name.spans), 4) / 4,
        name.spans[0][0] / max(length, 1),
    )  # fmt: skip
    return found
