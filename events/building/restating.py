"""The accused of events, said anew once their documents are corrected; the next update does the rest."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import bindparam, update

from fengping.events import tables
from fengping.events.answers.parties import accused_by
from fengping.events.building.candidates import member_of
from fengping.events.building.opening import event_lock, stored_events
from fengping.events.building.writing import members_of
from fengping.events.by_hand import LastWord
from fengping.home import Home
from fengping.indexer import Store
from fengping.state import State


def restate(home: Home, store: Store, ids: Sequence[str]) -> None:
    """Writes the part and parties of *ids* as they are judged now, and whom their events accuse by that.

    Raises :class:`~fengping.errors.HomeBusy` where an update is at work.
    """
    with event_lock(home) as tenure, tenure.state(State.open(home)).begin() as connection:
        events = stored_events(connection, ids)
        members = [member_of(document) for document in store.get(list(events))]
        if not members:
            return
        table = tables.members
        rows = [
            {
                "id": m.document, "now": int(m.part), "of": "|".join(m.parties)[:255],
                "on": "|".join(m.matter)[:64],
            }
            for m in members
        ]  # fmt: skip
        changed = update(table).where(table.c.document == bindparam("id"))
        connection.execute(
            changed.values(part=bindparam("now"), parties=bindparam("of"), matter=bindparam("on")), rows
        )
        groups = members_of(connection, sorted(set(events.values())))
        word = LastWord(connection)
        accused = [
            {"id_": id, "now": word.over({"accused": "|".join(accused_by(group))[:255]}, own)["accused"]}
            for id, group in groups.items()
            for own in [[member.document for member in group]]
        ]
        named = update(tables.events).where(tables.events.c.id == bindparam("id_"))
        connection.execute(named.values(accused=bindparam("now")), accused)
