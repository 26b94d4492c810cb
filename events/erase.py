"""Events of erased documents: sketches, links, membership, titles, sentences and what was set by hand go."""

from __future__ import annotations

from fengping.erasure import Erased, Erasure, Holder, Stage
from fengping.events.building.forgetting import forget
from fengping.events.evidence import keeping


def erase_members(erasure: Erasure) -> Erased:
    """Takes the documents out of their events, which are written anew by the next update."""
    return Erased({"events": forget(erasure.home, erasure.ids)})


def erase_evidence(erasure: Erasure) -> Erased:
    """Takes what was kept of the documents out of the archive, whose chain goes on."""
    return Erased({"evidence": keeping.archive(erasure.home).erase(erasure.ids, erasure.now)})


HOLDERS = (
    Holder(Stage.FILES, erase_evidence, ("evidence_holds",)),
    Holder(
        Stage.STATE,
        erase_members,
        ("event_members", "events", "event_parties", "event_answers", "event_hands", "event_aliases"),
    ),
)
