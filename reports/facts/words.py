"""Words that mark the negatives of a report, with how many hold each."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from typing import NamedTuple

from fengping.analysis import HostRegistry
from fengping.reports.facts.counter import NAMING, Counter
from fengping.reports.facts.keyness import marking_words
from fengping.reports.facts.model import Word
from fengping.reports.facts.naming import folded
from fengping.reports.scope import ALL, NEGATIVE
from fengping.reports.wording import Fact, Query

TOP_WORDS = 40
NAMES = 1_000
"""Names of the negatives that are looked for among the words, besides those of the registries."""


class Counted(NamedTuple):
    """Key words with the documents that hold them."""

    inside: Mapping[str, int]
    """Those of negatives."""
    background: Mapping[str, int]


def count_words(ask: Counter) -> Counted:
    """Key words of the negatives and, where there are any, of all documents of the scope."""
    inside = dict(ask.store.terms(ask.within(NEGATIVE), "keywords", limit=2000))
    return Counted(inside, dict(ask.store.terms(ask.within(ALL), "keywords", limit=10_000)) if inside else {})


def words_of(ask: Counter, counted: Counted) -> tuple[Word, ...]:
    """Words that negatives hold more than others, strongest first.

    No names of those whom too few accuse, nor words of selling itself, which say nothing of a complaint.
    """
    named = _named(ask) if counted.inside else {}
    found = []
    for word, z in marking_words(*counted)[:TOP_WORDS]:
        bearers = named.get(folded(word), ())
        if word not in _trade_words() and all(ask.is_told(name, accused=True) for name in bearers):
            query = Query("count", ask.within(NEGATIVE.also(keywords=(word,))))
            found.append(Word(word, Fact(f"word.{word}", f"高频词：{word}", counted.inside[word], query), z))
    return tuple(found)


def _named(ask: Counter) -> Mapping[str, tuple[str, ...]]:
    """Folded forms of the names of all whom negatives name, with those who go by each."""
    fields = tuple(field for pair in NAMING for field in pair)
    stored = ask.store.facets(ask.within(NEGATIVE), fields, limit=NAMES)
    names = {name for values in stored.values() for name, _ in values} - ask.forms.platforms
    return {**{folded(name): (name,) for name in names}, **ask.forms.bearers}


@functools.cache
def _trade_words() -> frozenset[str]:
    """Words that any text on livestream selling holds."""
    selling = HostRegistry.load().groups["selling"]
    return frozenset((*selling, "直播", "直播带货", "平台", "网络", "网友"))
