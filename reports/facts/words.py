"""Words that mark the negatives of a report, with how many hold each."""

from __future__ import annotations

import functools
from collections.abc import Set as AbstractSet

from fengping.analysis import HostRegistry
from fengping.reports.facts.counter import Counter
from fengping.reports.facts.keyness import marking_words
from fengping.reports.facts.model import Word
from fengping.reports.scope import ALL, NEGATIVE
from fengping.reports.wording import Fact, Query

TOP_WORDS = 40


def words_of(ask: Counter, unnamed: AbstractSet[str]) -> tuple[Word, ...]:
    """Words that negatives hold more than others, strongest first, without the names that stay *unnamed*.

    Nor are there words of selling itself, which say nothing of what is complained of.
    """
    inside = dict(ask.store.terms(ask.within(NEGATIVE), "keywords", limit=2000))
    if not inside:
        return ()
    background = dict(ask.store.terms(ask.within(ALL), "keywords", limit=10_000))
    left_out = unnamed | _trade_words()
    found = []
    for word, z in marking_words(inside, background)[:TOP_WORDS]:
        if word not in left_out:
            query = Query("count", ask.within(NEGATIVE.also(keywords=(word,))))
            found.append(Word(word, Fact(f"word.{word}", f"高频词：{word}", inside[word], query), z))
    return tuple(found)


@functools.cache
def _trade_words() -> frozenset[str]:
    """Words that any text on livestream selling holds."""
    selling = HostRegistry.load().groups["selling"]
    return frozenset((*selling, "直播", "直播带货", "平台", "网络", "网友"))
