"""槽点: the words that made documents a complaint of their class, and how many documents hold them."""

from __future__ import annotations

import functools
from collections import Counter as Tally
from dataclasses import replace
from itertools import islice

from fengping.analysis.text import fold
from fengping.reports.chapters.topics import issue_rules
from fengping.reports.facts.counter import Counter
from fengping.reports.facts.model import Point
from fengping.reports.scope import Cut
from fengping.reports.wording import clean

SAMPLE = 300
"""Documents of a class, drawn at random from the whole window, whose marked passages are read for words.

Those that hold a word are then counted among all of the class.
"""
LEAST = 5
"""Documents that must hold the words."""
MOST = 4
TRIED = 6
SHORTEST, LONGEST = 2, 12


def points_of(ask: Counter, id: str, name: str, cut: Cut, label: str) -> tuple[Point, ...]:
    """The words most documents of *cut*, a field called *name*, hold; most frequent first.

    *label* names marks (``issue:C05``).
    """
    asked, known = ask.within(cut), _listed()
    tally: Tally[str] = Tally()
    # In the order of their ids, which are hashes: a draw at random.
    for document in islice(ask.store.scan(asked), SAMPLE):
        content = document.raw.content
        marked = {
            clean(content[e.start : e.end])
            for e in document.judgement.evidence
            if e.label.startswith(label)
            and (e.label, e.rule) in known
            and SHORTEST <= e.end - e.start <= LONGEST
        }
        tally.update(word for word in marked if len(word) >= SHORTEST)
    found: list[Point] = []
    for word, _ in sorted(tally.items(), key=lambda item: (-item[1], item[0]))[:TRIED]:
        having = replace(asked, text=ask.scope.naming(word))
        count = ask.count(f"{id}.point.{word}", f"“{name}”中写有“{word}”的信息", having)
        if int(count.value or 0) >= LEAST:
            found.append(Point(word, count))
    found.sort(key=lambda point: (-int(point.count.value or 0), point.words))
    apart = [
        p
        for p in found
        if not any(p is not q and p.words in q.words and p.count.value == q.count.value for q in found)
    ]
    return tuple(apart[:MOST])


@functools.cache
def _listed() -> frozenset[tuple[str, str]]:
    """Words of the classes' own lists: what else marks a text (its goods, say) complains of nothing."""
    return frozenset(
        (f"issue:{rules.code}", fold(word)) for rules in issue_rules().file.classes for word in rules.triggers
    )
