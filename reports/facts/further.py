"""Acts of authorities against the accused of an event that no document of its affair tells."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from fengping import events
from fengping.clock import day_of
from fengping.events import Event, Move
from fengping.events.building.candidates import title_of
from fengping.events.deeds import is_only_opened
from fengping.events.knowing.affairs import has_other_cause
from fengping.events.knowing.charges import accused_in
from fengping.events.moves import is_against_critics
from fengping.indexer import Filter
from fengping.indexer.search import Keyword, Or, Term
from fengping.models import Document
from fengping.reports.facts.agencies import agencies_of
from fengping.reports.facts.counter import Counter
from fengping.reports.facts.quoting import shorten
from fengping.reports.facts.saying import Saying

WITHIN = timedelta(days=365)
"""Time after the beginning of an event within which an act may be of its matter."""

TITLE = 24
"""Characters of the title of an act that stand behind a status."""


@dataclass(frozen=True, slots=True)
class FurtherMove:
    """A penalty, an order or a case opened; whether it is about the matter of the event no one has judged."""

    move: Move
    document: Document
    of_agency: bool
    """True where it is against an agency of the accused, who are not accused in it themselves."""

    def words(self, said: Saying) -> str:
        """The words behind the status of the event, with the title of the act as it may be printed."""
        title = shorten(said.words(self.document, title_of(self.document)), TITLE)
        whom = "被指方所属机构" if self.of_agency else "被指方"
        what = "立案调查" if is_only_opened(self.document) else "查处"
        assert self.move.at
        return f"{day_of(self.move.at)}另有涉及{whom}的{what}“{title}”，未判定是否就此事"


def last_further(
    ask: Counter,
    event: Event,
    documents: Sequence[Document],
    side: Sequence[str],
    affair: Collection[str],
    known: Mapping[str, tuple[str, ...]],
) -> FurtherMove | None:
    """The last act after the first document of *event* against one of its *side*, or against an agency that
    spoke for one when it was told.

    One that says for what it was, of which none of the event's *documents* tells, is on another matter.
    *known*: hosts and their other names. *affair*: ids of the event and of all that are of one affair with
    it, and the groups of its documents (one that stands alone bears no event), which tell none.
    """
    if event.first_at is None or not side:
        return None
    until = event.first_at + WITHIN
    agencies = _agencies(ask, side, day_of(event.first_at), day_of(until)).difference(side)
    named = (Keyword(field, name) for name in side for field in ("hosts", "brands"))
    where = Filter(since=event.first_at, until=until).holding(Or((*named, *map(Term, sorted(agencies)))))
    moves = [one for one in events.moves_of(ask.store, where) if one.kind == "penalty"]
    acts = {one.id: one for one in ask.store.get([move.document for move in moves])}
    told = [one.raw.content for one in documents]
    for move in reversed(moves):
        document = acts.get(move.document)
        if document is None or not {document.event, document.group}.isdisjoint(affair):
            continue
        if is_against_critics(document) or has_other_cause(document, told, known):
            continue
        assert move.at
        accused, at = accused_in(document), day_of(move.at)
        if accused.intersection(side):
            return FurtherMove(move, document, of_agency=False)
        if accused & _agencies(ask, side, at, at):
            return FurtherMove(move, document, of_agency=True)
    return None


def _agencies(ask: Counter, side: Sequence[str], first: date, last: date) -> set[str]:
    """Those that spoke for one of *side* between two days."""
    return {name for host in side for name in agencies_of(ask.forms, host, first, last)}
