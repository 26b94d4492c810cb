"""Multi-word search: all words of a long list found in one pass over a text, by an Aho-Corasick automaton."""

from __future__ import annotations

import re
from collections.abc import Sequence

from ahocorasick_rs import AhoCorasick, MatchKind

_SURROGATE = re.compile("[\ud800-\udfff]")


class WordFinder:
    """Finds every occurrence of *words* (distinct, not empty), overlapping ones too. Immutable."""

    def __init__(self, words: Sequence[str]) -> None:
        self._automaton = AhoCorasick(words, MatchKind.Standard)

    def find(self, text: str) -> list[tuple[int, int, int]]:
        """End, start and number of each word found; by end, longer words first."""
        try:
            found = self._automaton.find_matches_as_indexes(text, overlapping=True)
        except UnicodeEncodeError:  # half of a surrogate pair, which no word holds
            return self.find(_SURROGATE.sub("\ufffd", text))
        return [(end, start, number) for number, start, end in found]
