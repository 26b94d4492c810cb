"""Words that mark the negatives of a report, with how many hold each."""

from __future__ import annotations

import functools
from collections.abc import Iterable, Mapping
from dataclasses import replace
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

    No names of those whom too few accuse, nor pieces of such names, nor words of selling itself, which say
    nothing of a complaint.
    """
    names = _names(ask) if counted.inside else []
    bearers = {**{folded(name): (name,) for name in names}, **ask.forms.bearers}
    forms = [(name, form, folded(form)) for name in names for form in ask.forms.known.get(name, (name,))]
    found = []
    for word, z in marking_words(*counted)[:TOP_WORDS]:
        if ask.hidden_in(word, frozenset()):
            continue  # one in no registry, who is masked elsewhere
        whose = bearers.get(folded(word), ())
        if word in _trade_words() or not all(ask.is_told(name, accused=True) for name in whose):
            continue
        if not _is_piece(ask, word, counted.inside[word], forms):
            query = Query("count", ask.within(NEGATIVE.also(keywords=(word,))))
            found.append(Word(word, Fact(f"word.{word}", f"高频词：{word}", counted.inside[word], query), z))
    return tuple(found)


def _names(ask: Counter) -> list[str]:
    """Names of all whom negatives name, and of those whom leads are about."""
    fields = tuple(field for pair in NAMING for field in pair)
    stored = ask.store.facets(ask.within(NEGATIVE), fields, limit=NAMES)
    names = {name for values in stored.values() for name, _ in values}
    return sorted(names.union(*ask.leads.values()) - ask.forms.platforms)


def _is_piece(ask: Counter, word: str, n: int, forms: Iterable[tuple[str, str, str]]) -> bool:
    """True if half at least of the *n* negatives with *word* hold a longer form of a name too few accuse.

    *forms* are names, each with one of its forms and that folded.
    """
    piece, asked = folded(word), ask.within(NEGATIVE.also(keywords=(word,)))
    return any(
        2 * ask.store.count(replace(asked, text=ask.scope.naming(form))) >= n
        for name, form, whole in forms
        if piece in whole and piece != whole and not ask.is_told(name, accused=True)
    )


@functools.cache
def _trade_words() -> frozenset[str]:
    """Words that any text on livestream selling holds."""
    selling = HostRegistry.load().groups["selling"]
    return frozenset((*selling, "直播", "直播带货", "平台", "网络", "网友"))
