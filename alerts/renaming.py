"""A rule under another name: its alarms, states and silences go with it, so that nothing alarms anew."""

from __future__ import annotations

from sqlalchemy import Connection, Table, select, update

from fengping.alerts import tables
from fengping.errors import UsageError

_KEPT: tuple[Table, ...] = (tables.firings, tables.states, tables.changes, tables.checks)


def rename(connection: Connection, was: str, name: str) -> None:
    """Writes the ledger of the rule *was* under *name*; messages that were told keep the words they had.

    Raises :class:`UsageError` where an earlier rule of that name has left alarms: two histories would be one.
    """
    for table in _KEPT:
        if connection.execute(select(table.c.rule).where(table.c.rule == name).limit(1)).first():
            raise UsageError(f"An earlier rule {name!r} has left alarms.", remedy="Take another name.")
    for table in _KEPT:
        connection.execute(update(table).where(table.c.rule == was).values(rule=name))
    silences = tables.silences
    for row in connection.execute(select(silences.c.id, silences.c.matcher)).all():
        if was in row.matcher.get("rule", ()):
            rules = [name if rule == was else rule for rule in row.matcher["rule"]]
            changed = update(silences).where(silences.c.id == row.id)
            connection.execute(changed.values(matcher={**row.matcher, "rule": rules}))
