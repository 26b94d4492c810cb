"""An event that may become a case or a lead of a report, by what ranks it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from fengping.events import Event
from fengping.events.knowing.reach import Reach
from fengping.models import Document
from fengping.reports.facts.quoting import reference
from fengping.reports.facts.single import DISCUSSED, TALKED_OF, says_enough
from fengping.reports.facts.weighing import weight_of
from fengping.reports.scope import Cut


@dataclass(frozen=True, slots=True)
class Candidate:
    """An event that may become a case, by what ranks it: counts, and nothing that its texts say."""

    id: str
    cut: Cut
    """The documents that are counted for it."""
    event: Event
    told: int
    """Documents of it in the scope."""
    texts: int
    """Different texts among these, where no source tells who published; else all of them."""
    first: Document
    """The first negative of it there."""
    lead: Document
    """The first negative that brings its charge."""
    quoted: Document
    """The one of which a passage is printed where nobody is named."""
    charge: Document | None
    """The first that says what is complained of, and of whom; ``None`` where none says what."""
    documents: Sequence[Document]
    """Those that are read of it, in time order."""
    reach: Reach
    """Of the documents that are read."""
    independent: int
    """Publishers with a text that is no copy; at least so many where not all documents are read."""
    signed: bool
    """True where any source tells who published."""
    named: bool
    """True where any seller or brand is named in it, accused or not, in registries or not; a brand that is
    counterfeited is none."""
    bare: bool
    """True where nobody signed it and there is nothing but titles."""
    aimed: bool
    """True where it accuses the host whom the report is on, or the report is on none."""
    kin: tuple[Event, ...] = ()
    """Other events of its affair."""

    @property
    def rank(self) -> tuple[int, bool, bool, int, int, int, str, str]:
        return (
            -self.independent if self.signed else 0,
            not self.aimed,
            self.bare,
            0 if self.signed else -weight_of(self.event.status, (*self.documents, self.lead)),
            -self.texts,
            -(self.reach.engagement or 0),
            reference(self.lead).published,
            self.lead.id,  # an event is called by what came in first
        )

    @property
    def whole(self) -> bool:
        """True if all documents of the event are read."""
        return self.reach.read >= self.event.documents

    @property
    def says_enough(self) -> bool:
        """False of an entry of a list, taken in again or not, that says too little to be looked at alone."""
        return self.signed or self.texts > 1 or any(map(says_enough, (self.lead, *self.documents)))

    def told_by_enough(self, min_publishers: int) -> bool:
        """By so many independent publishers; where no source tells who published, much discussed and naming
        nobody."""
        if self.signed:
            return self.independent >= min_publishers
        return (self.reach.engagement or 0) >= (TALKED_OF if self.bare else DISCUSSED) and not self.named

    @property
    def nobody_answers(self) -> bool:
        """True of a single text that accuses nobody known: who should answer is not told."""
        return not (self.named or self.signed) and self.texts < 2
