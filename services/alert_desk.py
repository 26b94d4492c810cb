"""Alarms as somebody on duty sees them: what is not calm now, with its last 24 hours."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection

from fengping.alerts import ledger, silences
from fengping.alerts.decide import Standing, Status
from fengping.alerts.ledger import Kept
from fengping.alerts.silences import Silence
from fengping.clock import iso
from fengping.errors import UsageError
from fengping.home import Home
from fengping.state import State

BLOCKS = 24
FIRES = (Status.FIRING, Status.ACKNOWLEDGED, Status.SILENCED)
OPEN = (Status.FIRING, Status.PENDING)
_CLAIMABLE = (Status.FIRING, Status.SILENCED)
_SEVEREST = (Status.FIRING, Status.ACKNOWLEDGED, Status.SILENCED, Status.PENDING, Status.RESOLVED, Status.OK)


@dataclass(frozen=True)
class Watched:
    """A key of a rule that is not calm."""

    rule: str
    key: str
    status: Status
    since: datetime | None
    """The moment from which it has that status; of a silence, its beginning."""
    began_at: datetime | None
    """The first document of the affair; none where there was no alarm."""
    kept: Kept | None
    """Its latest alarm; none while it only waits for another publisher."""
    blocks: Sequence[Status]
    """The severest state of each of the last 24 hours, the oldest first."""
    acknowledged_by: str = ""
    """Whoever takes care of it: of the latest alarm, or of any one of the affair until it gets worse."""
    acknowledged_at: datetime | None = None

    @property
    def name(self) -> str:
        """The key in words: the id of an event says nothing to a reader."""
        return str(self.kept.facts.get("name") or self.key) if self.kept else self.key

    def to_record(self) -> dict[str, Any]:
        """The flat JSON form."""
        firing = self.kept.firing if self.kept else None
        return {
            "rule": self.rule, "key": self.key, "status": self.status.value, "since": iso(self.since),
            "name": self.name, "began_at": iso(self.began_at),
            "firing": self.kept.id if self.kept else None, "count": firing.count if firing else None,
            "usual": firing.usual if firing else None,
            "acknowledged_by": self.acknowledged_by,
            "hours": [status.value for status in self.blocks],
        }  # fmt: skip


@dataclass(frozen=True)
class OnDuty:
    """Everything that is not calm: some rows of it, and all of it in numbers."""

    rows: Sequence[Watched]
    counts: Mapping[Status, int]
    """Keys of rules of each status."""

    @property
    def total(self) -> int:
        return sum(self.counts.values())

    @property
    def fires(self) -> int:
        return sum(self.counts.get(status, 0) for status in FIRES)

    @property
    def open(self) -> int:
        """Those that nobody takes care of."""
        return sum(self.counts.get(status, 0) for status in OPEN)

    @property
    def cared_for(self) -> int:
        """Those that somebody took over, or silenced."""
        return self.counts.get(Status.ACKNOWLEDGED, 0) + self.counts.get(Status.SILENCED, 0)


def on_duty(
    home: Home,
    now: datetime,
    *,
    limit: int | None = None,
    offset: int = 0,
    among: Collection[Status] = tuple(Status),
    key: str | None = None,
) -> OnDuty:
    """Everything that is not calm, or what is of one *key*: what nobody takes care of first, then the newest.

    *limit*, *offset*: which rows are read, of those of a status *among* these.
    """
    with State.open(home).begin() as connection:
        keys = _known(connection, now, key)
        newest = sorted(keys, key=lambda one: one.standing.fired_at or now, reverse=True)
        ordered = [one for one in sorted(newest, key=_severity) if one.status in among]
        shown = ordered[offset:] if limit is None else ordered[offset : offset + limit]
        changes = ledger.changes_since(connection, now - timedelta(hours=BLOCKS), {one.key for one in shown})
        rows = [one.row(connection, changes.get((one.rule, one.key), []), now) for one in shown]
    return OnDuty(rows, Counter(one.status for one in keys))


def together(home: Home, now: datetime, key: str | None = None) -> dict[str, int]:
    """Keys, or one *key*, for which several rules fire that nobody claimed, with the number of these."""
    with State.open(home).begin() as connection:
        fired = [one for one in _known(connection, now, key) if one.status in _CLAIMABLE]
        often = Counter(one.key for one in fired)
        rows = [one.row(connection, [], now) for one in fired if often[one.key] > 1]
    open_ = Counter(row.key for row in rows if is_unclaimed(row))
    return {name: count for name, count in open_.items() if count > 1}


def watched(home: Home, now: datetime) -> Sequence[Watched]:
    """All rows of :func:`on_duty`."""
    return on_duty(home, now).rows


@dataclass(frozen=True, slots=True)
class _Known:
    """A key of a rule that is not calm, before anything more is read of it."""

    rule: str
    key: str
    standing: Standing
    status: Status
    since: datetime | None

    def row(self, connection: Connection, changes: Sequence[Mapping[str, Any]], now: datetime) -> Watched:
        affair = ledger.affair(connection, self.rule, self.key)
        took = _taken_by(affair, self.standing)
        return Watched(
            self.rule,
            self.key,
            self.status,
            self.since,
            self.standing.began_at if affair and self.standing.status is not Status.PENDING else None,
            next(iter(affair), None),
            hours(changes, self.standing.status, now),
            took.acknowledged_by if took else "",
            took.acknowledged_at if took else None,
        )


def _known(connection: Connection, now: datetime, key: str | None) -> list[_Known]:
    """Everything that is not calm, or what is of one *key*."""
    silenced = [one for one in silences.every(connection) if one.holds(now)]
    return [
        _Known(rule, name, standing, *state_of(rule, name, standing, silenced))
        for rule, name, standing in ledger.standing_keys(connection, now - timedelta(hours=BLOCKS), key)
    ]


def _severity(one: _Known) -> int:
    return _SEVEREST.index(one.status)


@dataclass(frozen=True, slots=True)
class Hush:
    """A silence wanted beside a claim."""

    reason: str
    lasting: timedelta


@dataclass(frozen=True, slots=True)
class Taken:
    """One alarm that somebody took over, and the silence of its key if one was wanted."""

    firing: int
    rule: str
    silence: int | None = None


def is_unclaimed(row: Watched) -> bool:
    """True of what fires, or is silenced, and nobody takes care of."""
    return row.status in _CLAIMABLE and row.kept is not None and not row.acknowledged_by


def take_over(home: Home, key: str, by: str, now: datetime, hush: Hush | None = None) -> list[Taken]:
    """Writes down who takes care of all that fires for *key*, whatever the rule; all of it or nothing.

    With *hush* each of its rules is silenced for that key, and a rule that fires later is not. Raises
    :class:`UsageError` where nothing is left to be claimed, or the silence has no reason.
    """
    if hush and not hush.reason.strip():
        raise UsageError(
            "A silence needs an author and a reason.",
            remedy="Give --by and --reason.",
        )
    found = [one for one in on_duty(home, now, key=key).rows if is_unclaimed(one)]
    if not found:
        raise UsageError(f"Nothing that fires for {key!r} is unclaimed.", remedy="See: fengping alerts list")
    taken = []
    with State.open(home).exclusive() as connection:
        for one in found:
            assert one.kept is not None
            ledger.acknowledge(connection, one.kept.id, by, now)
            number = None
            if hush:
                matcher = {"key": [key], "rule": [one.rule]}
                wanted = Silence(0, matcher, by, hush.reason, now, now + hush.lasting, until_doubled=True)
                number = silences.add(connection, wanted)
            taken.append(Taken(one.kept.id, one.rule, number))
    return taken


def state_of(
    rule: str, key: str, standing: Standing, silenced: Sequence[Silence]
) -> tuple[Status, datetime | None]:
    """The status of a key and its beginning, with silences that no check has come upon yet; *silenced*: those
    that hold now."""
    labels = {"rule": [rule], "key": [key], "class": standing.classes}
    holding = [one.begins_at for one in silenced if one.matches(labels)]
    if holding and standing.status is not Status.RESOLVED:
        return Status.SILENCED, min(holding)
    return standing.status, standing.since


def _taken_by(affair: Sequence[Kept], standing: Standing) -> Kept | None:
    """The alarm of an affair by which somebody takes care of it. Whoever took an earlier one does so only
    while it is no worse: a further alarm asks for somebody again."""
    latest, *_ = affair or (None,)
    if latest is None or latest.acknowledged_by or standing.status is not Status.ACKNOWLEDGED:
        return latest if latest and latest.acknowledged_by else None
    taken = [kept for kept in affair if kept.acknowledged_by and kept.acknowledged_at]
    return max(taken, key=lambda kept: kept.acknowledged_at or kept.firing.fired_at, default=None)


def hours(changes: Sequence[Mapping[str, Any]], status: Status, now: datetime) -> list[Status]:
    """The severest state in each of the last 24 hours, by the *changes* in them and the *status* now."""
    state = Status(changes[0]["before"]) if changes else status
    start = now - timedelta(hours=BLOCKS)
    found, waiting = [], list(changes)
    for number in range(BLOCKS):
        stop = start + timedelta(hours=number + 1)
        seen = [state]
        while waiting and waiting[0]["at"] <= stop:
            state = Status(waiting.pop(0)["after"])
            seen.append(state)
        found.append(min(seen, key=_SEVEREST.index))
    return found
