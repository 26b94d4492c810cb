"""Events: one happening across wordings, sources and days; its answers, and what became of it.

:func:`events_of` lists them, :func:`event` tells all that is known of one, :func:`event_of` finds that of a
document; :func:`update` takes in what was indexed.
"""

from typing import TYPE_CHECKING

from fengping.doors import front_door

if TYPE_CHECKING:
    from fengping.events.answers.status import Status
    from fengping.events.asking import (
        Asked,
        Dossier,
        Event,
        as_record,
        event,
        event_of,
        events_of,
        events_of_documents,
    )
    from fengping.events.building.update import update
    from fengping.events.moves import Move, moves_of
else:
    __getattr__ = front_door(__name__)
