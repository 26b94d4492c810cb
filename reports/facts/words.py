"""Words that mark the negatives of a report, with how many hold each."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from typing import NamedTuple

from fengping.analysis import HostRegistry
from fengping.reports.facts.counter import Counter
from fengping.reports.facts.keyness import marking_words
from fengping.reports.facts.model import Word
from fengping.reports.scope import ALL, NEGATIVE
from fengping.reports.wording import Fact, Query

TOP_WORDS = 40


class Counted(NamedTuple):
    """Key words with the documents that hold them."""

    inside: Mapping[str, int]
    """Those of negatives."""
    background: Mapping[str, int]


def count_words(ask: Counter) -> Counted:
    """Key words of the negatives and, where there are any, of all documents of the scope."""
    inside = dict(ask.store.terms(ask.within(NEGATIVE), "keywords", limit=2000))
    return Counted(inside, dict(ask.store.terms(ask.within(ALL), "keywords", limit=10_000)) if inside else {})


def words_of(ask: Counter, counted: Counted, unnamed: AbstractSet[str]) -> tuple[Word, ...]:
    """Words that negatives hold more than others, strongest first, without the names that stay *unnamed*.

    Nor are there words of selling itself, which say nothing of what is complained of.
    """
    left_out = unnamed | _trade_words()
    found = []
    for word, z in marking_words(*counted)[:TOP_WORDS]:
        if word not in left_out:
            query = Query("count", ask.within(NEGATIVE.also(keywords=(word,))))
            found.append(Word(word, Fact(f"word.{word}", f"高频词：{word}", counted.inside[word], query), z))
    return tuple(found)


@functools.cache
def _trade_words() -> frozenset[str]:
    """Words that any text on livestream selling holds."""
    selling = HostRegistry.load().groups["selling"]
    return frozenset((*selling, "直播", "直播带货", "平台", "网络", "网友"))
