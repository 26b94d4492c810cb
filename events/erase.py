"""Events of erased documents: sketches, links, membership, titles, sentences and what was set by hand go."""

from __future__ import annotations

from fengping.erasure import Erased, Erasure, Holder, Stage
from fengping.events.building.update import forget


def erase_members(erasure: Erasure) -> Erased:
    """Takes the documents out of their events, which are written anew by the next update."""
    return Erased({"events": forget(erasure.home, erasure.ids)})


HOLDERS = (
    Holder(
        Stage.STATE,
        erase_members,
        ("event_members", "events", "event_answers", "event_hands", "event_aliases"),
    ),
)
