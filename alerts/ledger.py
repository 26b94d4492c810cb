"""Rows of alarms: standings, what fired, changes. Functions work within their caller's transaction."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, func, insert, select, update

from fengping.alerts import tables
from fengping.alerts.decide import ACTIVE, Cause, Firing, Standing, Status
from fengping.clock import iso
from fengping.errors import UsageError
from fengping.state import upsert

UNHEARD = "unheard"
"""Mark of an alarm that no route of delivery.toml took to anybody."""
DIGEST = "digest"
"""Mark of an alarm that waits for the day's digest."""
UNTOLD = ("held", DIGEST, "silenced", "inhibited", UNHEARD)
ASKED = 500
"""Keys that are asked for by name; of more all are read."""
SAID_TO_NOBODY = ("held", DIGEST, "silenced", "dropped", UNHEARD)
"""Marks of alarms of which no message of another rule told either."""


@dataclass(frozen=True, slots=True)
class Kept:
    """An alarm as it is written down."""

    id: int
    firing: Firing
    told: str
    letter: str
    message: str
    acknowledged_by: str
    acknowledged_at: datetime | None
    facts: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class LastCheck:
    """The last check of a rule: when it was made, and the moment that it judged."""

    rule: str
    at: datetime
    until: datetime


def last_check(connection: Connection, rule: str) -> LastCheck | None:
    """The last check of a rule; ``None`` where there was none."""
    row = connection.execute(select(tables.checks).where(tables.checks.c.rule == rule)).one_or_none()
    return None if row is None else LastCheck(row.rule, row.at, row.until)


def checked(connection: Connection) -> dict[str, datetime]:
    """The time of the last check of each rule."""
    return {row.rule: row.at for row in connection.execute(select(tables.checks))}


def keep_check(connection: Connection, check: LastCheck) -> None:
    """Writes the last check of a rule."""
    upsert(connection, tables.checks, {"rule": check.rule}, {"at": check.at, "until": check.until})


def standings(connection: Connection, rule: str) -> dict[str, Standing]:
    """The standing of every key that a rule ever had something on."""
    rows = connection.execute(select(tables.states).where(tables.states.c.rule == rule))
    return {row.key: _standing(row) for row in rows}


def past(connection: Connection, rule: str, since: datetime) -> dict[str, list[Firing]]:
    """Alarms of a rule since a moment, by key."""
    fired = tables.firings.c
    rows = connection.execute(select(tables.firings).where(fired.rule == rule, fired.fired_at >= since))
    found: dict[str, list[Firing]] = defaultdict(list)
    for row in rows:
        found[row.key].append(_firing(row))
    return found


def keep_standing(connection: Connection, rule: str, key: str, standing: Standing) -> None:
    """Writes a key's standing."""
    values = asdict(standing) | {"status": standing.status.value}
    values["classes"] = list(standing.classes)
    upsert(connection, tables.states, {"rule": rule, "key": key}, values)


def keep_change(
    connection: Connection,
    rule: str,
    key: str,
    before: Status,
    after: Status,
    reason: str,
    now: datetime,
    firing: int | None = None,
) -> None:
    """Writes one line of a key's history."""
    connection.execute(insert(tables.changes).values(
        at=now, rule=rule, key=key, before=before.value, after=after.value, reason=reason, firing=firing
    ))  # fmt: skip


def keep_firing(
    connection: Connection, firing: Firing, message: str, facts: Mapping[str, Any], told: str
) -> int:
    """Writes an alarm and returns its number."""
    values = asdict(firing) | {"evidence": list(firing.evidence), "cause": firing.cause.value}
    values["passed"] = list(firing.passed)
    del values["hour_need"], values["gravity"]  # they stand in the facts
    made = connection.execute(
        insert(tables.firings).values(message=message, facts=facts, told=told, letter="", **values)
    ).inserted_primary_key
    assert made is not None
    return int(made[0])


def mark_told(connection: Connection, ids: Sequence[int], told: str, letter: str = "") -> None:
    """Writes what became of alarms."""
    fired = tables.firings
    connection.execute(update(fired).where(fired.c.id.in_(ids)).values(told=told, letter=letter))


def waiting_with(connection: Connection, ids: Sequence[int]) -> list[int]:
    """Alarms of the same events as *ids* that wait for the day's digest."""
    fired = tables.firings.c
    places = connection.execute(select(fired.rule, fired.key).where(fired.id.in_(ids))).all()
    waiting = connection.execute(select(fired.id, fired.rule, fired.key).where(fired.told == DIGEST))
    return [row.id for row in waiting if (row.rule, row.key) in places]


def untold(connection: Connection) -> list[Kept]:
    """Alarms that were held, silenced, inhibited or reached nobody, oldest first."""
    fired = tables.firings
    query = select(fired).where(fired.c.told.in_(UNTOLD)).order_by(fired.c.id)
    return [_kept(row) for row in connection.execute(query)]


def affair(connection: Connection, rule: str, key: str) -> list[Kept]:
    """Alarms of a key's latest affair, newest first."""
    fired = tables.firings
    query = select(fired).where(fired.c.rule == rule, fired.c.key == key).order_by(fired.c.id.desc())
    found = []
    for row in connection.execute(query):
        found.append(_kept(row))
        if row.cause == Cause.FIRST:
            break
    return found


def ended_at(connection: Connection, kept: Kept) -> datetime | None:
    """The moment at which the affair of an alarm was over; ``None`` while it goes on."""
    table, firing = tables.changes.c, kept.firing
    over = select(table.at).where(
        table.rule == firing.rule, table.key == firing.key, table.at > firing.fired_at,
        table.after == Status.RESOLVED.value,
    )  # fmt: skip
    ended = connection.scalar(over.order_by(table.id).limit(1))
    state = tables.states.c
    status = select(state.status).where(state.rule == firing.rule, state.key == firing.key)
    if ended is None or connection.scalar(status) not in ACTIVE:
        return ended
    # Where its key was another event's, an affair of that may have been over meanwhile.
    goes_on = any(one.id == kept.id for one in affair(connection, firing.rule, firing.key))
    return None if goes_on else ended


def shown_at(connection: Connection, rule: str, key: str, moment: datetime) -> int:
    """Documents that the affair of a key had shown at a moment; where none was told then, those of the first
    alarm after it, and 0 without one."""
    fired, table = tables.firings.c, tables.changes.c
    of_key = fired.rule == rule, fired.key == key
    shown = select(fired.before + fired["count"])
    last = select(table.after).where(table.rule == rule, table.key == key, table.at <= moment)
    status = connection.scalar(last.order_by(table.id.desc()).limit(1))
    if status in ACTIVE:
        told = shown.where(*of_key, fired.fired_at <= moment).order_by(fired.id.desc())
    else:
        told = shown.where(*of_key, fired.fired_at > moment).order_by(fired.id)
    return connection.scalar(told.limit(1)) or 0


def latest(connection: Connection, limit: int | None, offset: int = 0) -> list[Kept]:
    """Alarms, newest first; all of them where *limit* is ``None``."""
    fired = tables.firings
    query = select(fired).order_by(fired.c.id.desc()).limit(limit).offset(offset)
    return [_kept(row) for row in connection.execute(query)]


def number(connection: Connection) -> int:
    """Alarms that there ever were."""
    return connection.scalar(select(func.count()).select_from(tables.firings)) or 0


def find(connection: Connection, number: int) -> Kept:
    """The alarm of that number; raises :class:`UsageError`."""
    row = connection.execute(select(tables.firings).where(tables.firings.c.id == number)).one_or_none()
    if row is None:
        raise UsageError(f"Unknown firing {number}.", remedy="See: fengping alerts list")
    return _kept(row)


def history(connection: Connection, rule: str, key: str, limit: int = 50) -> list[dict[str, Any]]:
    """Changes of a key, newest first."""
    table = tables.changes
    query = select(table).where(table.c.rule == rule, table.c.key == key).order_by(table.c.id.desc())
    rows = connection.execute(query.limit(limit)).mappings()
    return [{str(name): value for name, value in row.items()} for row in rows]


def known(connection: Connection) -> tuple[set[str], set[str]]:
    """Rules and keys that anything was ever known of."""
    rows = connection.execute(select(tables.states.c.rule, tables.states.c.key)).all()
    return {rule for rule, _ in rows}, {key for _, key in rows}


def acknowledge(connection: Connection, number: int, by: str, now: datetime, over: str = "") -> bool:
    """Writes down who takes care of an alarm; its key stays quiet until it gets worse or is resolved.

    False where its affair is over already: what fires for the key by now is another, and is not kept quiet.
    Raises :class:`UsageError` for one that somebody else took care of, unless it is taken *over* from them,
    and for one after which a later alarm of its affair came: that has to be seen before it is kept quiet.
    """
    kept = find(connection, number)
    fired = tables.firings.c
    free = fired.acknowledged_by.in_({"", by, over})
    claim = update(tables.firings).where(fired.id == number, free)
    if not connection.execute(claim.values(acknowledged_by=by, acknowledged_at=now)).rowcount:
        kept = find(connection, number)
        raise UsageError(
            f"Firing {number} was claimed by {kept.acknowledged_by} already, at {iso(kept.acknowledged_at)}.",
            remedy="Take it over from them on its page, or with --from.",
        )
    if ended_at(connection, kept) is not None:
        return False
    rule, key = kept.firing.rule, kept.firing.key
    standing = standings(connection, rule).get(key)
    if standing and standing.status in (Status.FIRING, Status.SILENCED):
        latest = affair(connection, rule, key)[0].id
        if latest != number:
            raise UsageError(
                f"Firing {number} is not the latest of its affair: firing {latest} came after it.",
                remedy=f"Look at firing {latest}, and acknowledge that one.",
            )
        after = replace(standing, status=Status.ACKNOWLEDGED, since=now)
        keep_standing(connection, rule, key, after)
        keep_change(connection, rule, key, standing.status, after.status, f"by {by}", now, number)
    return standing is not None and standing.status in ACTIVE


def changes_since(
    connection: Connection, since: datetime, keys: Collection[str]
) -> dict[tuple[str, str], list[dict[str, Any]]]:
    """Changes from *since* on of those *keys*, oldest first, by rule and key."""
    table = tables.changes
    query = select(table).where(table.c.at >= since).order_by(table.c.id)
    if len(keys) <= ASKED:
        query = query.where(table.c.key.in_(keys))
    found: dict[tuple[str, str], list[dict[str, Any]]] = defaultdict(list)
    for row in connection.execute(query).mappings():
        found[row["rule"], row["key"]].append({str(name): value for name, value in row.items()})
    return found


def standing_keys(
    connection: Connection, over_since: datetime, key: str | None = None
) -> list[tuple[str, str, Standing]]:
    """Rule, key and standing of everything that is not calm, or of one *key*; what is over only where that
    came after *over_since*."""
    state = tables.states.c
    over = (state.status == Status.RESOLVED.value) & (state.since < over_since)
    query = select(tables.states).where(state.status != Status.OK.value, ~over)
    if key is not None:
        query = query.where(state.key == key)
    rows = connection.execute(query.order_by(state.rule, state.key))
    return [(row.rule, row.key, _standing(row)) for row in rows]


def active(connection: Connection) -> dict[tuple[str, str], Standing]:
    """Standings of all rules that are firing, acknowledged or silenced, by rule and key."""
    wanted = [Status.FIRING.value, Status.ACKNOWLEDGED.value, Status.SILENCED.value]
    rules = connection.scalars(
        select(tables.states.c.rule).where(tables.states.c.status.in_(wanted)).distinct()
    ).all()
    return {
        (rule, key): standing
        for rule in rules
        for key, standing in standings(connection, rule).items()
        if standing.status.value in wanted
    }


def mark(connection: Connection, name: str) -> datetime | None:
    """The last time of something that happens once a day."""
    return connection.scalar(select(tables.marks.c.at).where(tables.marks.c.name == name))


def set_mark(connection: Connection, name: str, at: datetime) -> None:
    """Writes the last time."""
    upsert(connection, tables.marks, {"name": name}, {"at": at})


def _standing(row: Row[Any]) -> Standing:
    return Standing(
        Status(row.status), row.since, row.fired_at, row.began_at, row.base, row.shown, row.need,
        tuple(row.classes), row.gravity, row.answered,
    )  # fmt: skip


def _firing(row: Row[Any]) -> Firing:
    return Firing(
        row.rule, row.key, row.fired_at, row._mapping["count"], tuple(row.evidence), _cause(row.cause),
        row.need, row.usual, row.before, row.began_at, tuple(row.passed or ()),
        ((row.facts or {}).get("hour") or {}).get("need"), (row.facts or {}).get("gravity", 0),
    )  # fmt: skip


def _cause(text: str) -> Cause:
    """The cause by its name; of those of earlier versions, which broke through a cool-down, the nearest."""
    return Cause(text) if text in list(Cause) else Cause.AGAIN


def _kept(row: Row[Any]) -> Kept:
    return Kept(
        row.id, _firing(row), row.told, row.letter, row.message, row.acknowledged_by, row.acknowledged_at,
        row.facts or {},
    )  # fmt: skip
