"""Documents that a count of negatives leaves out, told beside it: answers to charges, what is not judged."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from fengping.indexer import Filter, Store
from fengping.models import Act, Polarity


@dataclass(frozen=True, slots=True)
class Aside:
    """Matches that stand beside counts of negatives."""

    answers: int
    """Negatives in which the accused answers; reports do not count them again."""
    unjudged: int
    """Without a polarity: mostly in another language, or pictures without words."""

    def notes(self) -> Iterator[str]:
        """A sentence on each number that is not zero."""
        if self.answers:
            yield f"{self.answers:,} of the negatives are answers (act:response); reports leave them out."
        if self.unjudged:
            yield f"{self.unjudged:,} are not judged: in another language, or without words."


def aside_of(store: Store, where: Filter) -> Aside:
    """Both numbers of the matches of *where*."""
    asked = {"polarity": str(Polarity.NEG), "act": str(Act.RESPONSE)}
    possible = all(value in where.where.get(name, (value,)) for name, value in asked.items())
    narrowed = replace(where, where={**where.where, **{name: (value,) for name, value in asked.items()}})
    return Aside(
        store.count(narrowed) if possible else 0,
        0 if "polarity" in where.where else store.count(_without_polarity(where)),
    )


def _without_polarity(where: Filter) -> Filter:
    known = (*where.exclude.get("polarity", ()), *map(str, Polarity))
    return replace(where, exclude={**where.exclude, "polarity": known})
