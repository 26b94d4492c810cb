"""Events: one happening across wordings, sources and days; its answers, and what became of it."""

from fengping.events.answers.status import Status, Step, status_of
from fengping.events.asking import (
    Asked,
    Dossier,
    Event,
    as_record,
    documents_of,
    event,
    event_of,
    events_of,
    events_of_documents,
    find,
    merge,
    split,
)
from fengping.events.building.update import Updated, forget, update
from fengping.events.moves import Move, moves_of

__all__ = [
    "Asked",
    "Dossier",
    "Event",
    "Move",
    "Status",
    "Step",
    "Updated",
    "as_record",
    "documents_of",
    "event",
    "event_of",
    "events_of",
    "events_of_documents",
    "find",
    "forget",
    "merge",
    "moves_of",
    "split",
    "status_of",
    "update",
]
