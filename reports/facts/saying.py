"""Words of an event's documents as its case, or its lead, may print them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

from fengping.models import Document
from fengping.reports.facts import quoting
from fengping.reports.facts.counter import Counter, unlisted_in
from fengping.reports.facts.model import Quote
from fengping.reports.facts.naming import nicknames
from fengping.reports.facts.unlisted import PARTY, SELLER, unlisted
from fengping.reports.wording import Reference, clean


@dataclass(frozen=True, slots=True)
class Saying:
    """Decides for one event who is named in the words of its documents."""

    ask: Counter
    parties: tuple[str, ...]
    """Those whom the event is about, in registries or not."""
    free: frozenset[str]
    """Those whom enough independent publishers of the event accuse."""
    named: bool
    """False where the event is told by too few: nobody is named then, whatever is told elsewhere."""

    def words(self, document: Document, text: str) -> str:
        """*text*, taken from *document*, without the names that may not be printed."""
        if self.named:
            return self.ask.said(document, text, free=self.free)
        ask = self.ask
        also = ask.hidden.within(text)
        return ask.forms.hide_everyone(text, document, self.parties, ask.masks, keep=ask.subjects, also=also)

    def names_others(self, title: str, lead: Document, documents: Sequence[Document]) -> bool:
        """True if *title*, given by *lead* or another of *documents*, holds any but the free names and that
        of the report's subject."""
        found, keep = (*documents, lead), {*self.free, *self.ask.subjects}
        names = {name: word for one in found for name, word in self.ask.forms.of(one).items()}
        if self.named:
            accused = {name for one in found for name in one.judgement.negative_brands or ()}
            names = {name: word for name, word in names.items() if word == SELLER or name in accused}
            also = {form: party for one in found for form, party in unlisted_in(one).items()}
            others = self.ask.hidden_in(title, keep, also)
        else:
            others = {form: party for one in found for form, party in unlisted(one.raw.content).items()}
            names |= dict.fromkeys(self.parties, PARTY)
            names |= {name: word for one in found for name, word in nicknames(one).items()}
        return self.ask.forms.names_any(title, names, lead, keep=keep, others=others)

    def reference(self, document: Document) -> Reference:
        """*document* as evidence."""
        return quoting.reference(document, partial(self.words, document))

    def quote(self, document: Document, sentence: str, limit: int = quoting.EXCERPT) -> Quote:
        """A passage of *document*, with its source."""
        told = quoting.in_context(document, sentence)
        limit = limit if told == clean(sentence) else max(limit, quoting.CONTEXT)
        words = quoting.shorten(self.words(document, told), limit)
        return Quote(self.reference(document), self.where(document), words)

    def where(self, document: Document) -> str:
        """Channel and site of *document*; the channel alone where the site holds a name that may not be."""
        where = quoting.where_published(document)
        return where if self.words(document, where) == where else where.partition("·")[0]
