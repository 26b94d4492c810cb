"""Scope of a report: the documents that it speaks of, and the words that name them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from fengping.indexer.search import And, Expression, Term

Values = Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Scope:
    """A selection within the store; by default everything judged to concern consumers."""

    text: Expression | None = None
    """A query, saved queries and word lists filled in."""
    words: str = ""
    """The query as its author wrote it."""
    where: Values = field(default_factory=dict)
    """Fixed values: sources, a host, an event."""
    consumer: bool = True
    """Only what is judged to be about buying, goods, services or rights of consumers."""

    @property
    def narrowed(self) -> bool:
        """True where a query or fixed values select, besides the judgement."""
        return self.text is not None or bool(self.where)

    @property
    def noun(self) -> str:
        """The words by which a report calls its documents."""
        return "“消费维权”类信息" if self.consumer else "监测范围内信息"

    def naming(self, term: str) -> Expression:
        """The query, and *term* as well."""
        return Term(term) if self.text is None else And((self.text, Term(term)))


CONSUMER = Scope()
"""Everything judged to concern consumers."""


@dataclass(frozen=True, slots=True)
class Cut:
    """Documents of a scope that hold some values and none of others."""

    where: Values = field(default_factory=dict)
    exclude: Values = field(default_factory=dict)

    def also(self, **where: tuple[str, ...]) -> Cut:
        return Cut({**self.where, **where}, self.exclude)


ALL = Cut()
NEGATIVE = Cut({"polarity": ("neg",)}, {"act": ("response", "rule")})
"""吐槽类: negative, and neither an answer to a charge nor a rule of an authority."""
ANSWERS = Cut({"polarity": ("neg",), "act": ("response",)})
"""Judged negative, but an answer to a charge."""
PROMOTION = Cut({"act": ("promotion",)})
LIVE = Cut({"relevant": ("true",)})
COMPLAINT = NEGATIVE.also(relevant=("true",))
