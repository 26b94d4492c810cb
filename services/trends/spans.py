"""Recurring parts of headlines: spans that no dictionary has cut, and the headline with most of them."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Sequence
from math import sqrt

_LONGEST = 6
"""Characters of a span at most."""
_LOOSE = frozenset("与和及跟或的地得了着过在被把将说称谈问是就都也还对从向让给为不没再又很更最第个位名条")
"""Characters that stand beside any word and end no name."""
_CUT_OFF = 2
"""Characters that a cut may have taken off a name."""
_HEADLINE = 40
"""Characters of a headline at most, where shorter ones are at hand."""
_SURE = 3
"""Texts by which what stands beside a word belongs to it."""
_HAN = re.compile(r"[㐀-鿿]+")


def repeated_spans(titles: Sequence[str], least: int) -> list[str]:
    """Spans of Chinese characters in *least* different headlines that stand free on both sides.

    A span stands free where what is beside it changes, or is no Chinese character: "团收购" always follows
    the same character and so is a part of something longer.
    """
    different = sorted(set(titles))
    seen: dict[str, set[int]] = defaultdict(set)
    before: dict[str, set[str]] = defaultdict(set)
    after: dict[str, set[str]] = defaultdict(set)
    for number, title in enumerate(different):
        for run in _HAN.finditer(title):
            for begin in range(run.start(), run.end() - 1):
                for end in range(begin + 2, min(begin + _LONGEST, run.end()) + 1):
                    span = title[begin:end]
                    seen[span].add(number)
                    # An edge of the run is as free as a change, so it counts by the headline it is of.
                    before[span].add(title[begin - 1] if begin > run.start() else f"{number} edge")
                    after[span].add(title[end] if end < run.end() else f"{number} edge")
    return [
        span
        for span, where in seen.items()
        if len(where) >= max(2, least)
        and len(before[span]) > 1
        and len(after[span]) > 1
        and not _LOOSE & {span[0], span[-1]}
    ]


def whole(word: str, texts: Sequence[str]) -> str:
    """*word* with the characters that stand beside it wherever it stands, in three texts or more.

    A name is often cut short ("Maduro" to "duro"): what always stands beside a part belongs to it. A word
    that would grow by more is of a sentence that all of them repeat, and stays as it is.
    """
    grown = word
    while len(grown) <= len(word) + _CUT_OFF and _HAN.fullmatch(grown):
        beside = [found for found in (_beside(grown, text) for text in texts) if found]
        if len(beside) < _SURE:
            return word
        before, after = ({one for found in beside for one in found[side]} for side in (0, 1))
        fixed = [one for one in (after, before) if len(one) == 1 and all(map(_HAN.fullmatch, one))]
        if not fixed:
            return grown
        if any(_LOOSE & one for one in fixed):
            return word
        grown = grown + after.pop() if fixed[0] is after else before.pop() + grown
    return word


def _beside(word: str, text: str) -> tuple[set[str], set[str]] | None:
    """The characters before and after *word* in a text, empty at its ends."""
    places = [one.start() for one in re.finditer(re.escape(word), text)]
    if not places:
        return None
    return {text[at - 1 : at] for at in places}, {text[at + len(word) :][:1] for at in places}


def central(titles: Sequence[str], asked: Sequence[str] = ()) -> str:
    """The headline of which most recurs in the others, for its length; the first where nothing recurs.

    What was *asked* for recurs in all of them and does not count; a list of the day's news is no headline.
    """
    titles = [title for title in titles if len(title) <= _HEADLINE] or titles
    pairs = {title: _pairs(title, asked) for title in titles}
    held = Counter(pair for title in titles for pair in pairs[title])

    def weight(title: str) -> float:
        return sum(held[pair] - 1 for pair in pairs[title]) / sqrt(len(pairs[title]) or 1)

    return max(dict.fromkeys(titles), key=weight, default="")


def _pairs(title: str, asked: Sequence[str]) -> set[str]:
    for value in asked:
        title = title.replace(value, "\n")
    return {title[at : at + 2] for at in range(len(title) - 1) if "\n" not in title[at : at + 2]}
