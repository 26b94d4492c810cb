"""Events: one happening across wordings, sources and days; its answers, and what became of it.

:func:`events_of` lists them, :func:`event` tells all that is known of one, :func:`event_of` finds that of a
document; :func:`update` takes in what was indexed.
"""

from typing import TYPE_CHECKING

from fengping.doors import front_door

DOOR = {
    "Asked": "asking",
    "Dossier": "asking",
    "Event": "asking",
    "Move": "moves",
    "Status": "answers.status",
    "as_record": "asking",
    "event": "asking",
    "event_of": "asking",
    "events_of": "asking",
    "events_of_documents": "asking",
    "moves_of": "moves",
    "update": "building.update",
}

if TYPE_CHECKING:
    from fengping.events.answers.status import Status as Status
    from fengping.events.asking import Asked as Asked
    from fengping.events.asking import Dossier as Dossier
    from fengping.events.asking import Event as Event
    from fengping.events.asking import as_record as as_record
    from fengping.events.asking import event as event
    from fengping.events.asking import event_of as event_of
    from fengping.events.asking import events_of as events_of
    from fengping.events.asking import events_of_documents as events_of_documents
    from fengping.events.building.update import update as update
    from fengping.events.moves import Move as Move
    from fengping.events.moves import moves_of as moves_of
else:
    __getattr__ = front_door(__name__, DOOR)
