"""Alarms as somebody on duty sees them: what is not calm now, with its last 24 hours."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from fengping.alerts import ledger, silences
from fengping.alerts.decide import Standing, Status
from fengping.alerts.ledger import Kept
from fengping.alerts.silences import Silence
from fengping.clock import iso
from fengping.errors import UsageError
from fengping.home import Home
from fengping.state import State

BLOCKS = 24
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


def watched(home: Home, now: datetime) -> list[Watched]:
    """Everything that is not calm, what nobody takes care of first, then the newest."""
    with State.open(home).begin() as connection:
        keys = ledger.standing_keys(connection)
        changes = ledger.changes_since(connection, now - timedelta(hours=BLOCKS))
        silenced = [one for one in silences.every(connection) if one.holds(now)]
        affairs = {(rule, key): ledger.affair(connection, rule, key) for rule, key, _ in keys}
    by_key: dict[tuple[str, str], list[Mapping[str, Any]]] = {}
    for change in changes:
        by_key.setdefault((change["rule"], change["key"]), []).append(change)
    found = []
    for rule, key, standing in keys:
        if standing.status is Status.RESOLVED and (rule, key) not in by_key:
            continue
        affair = affairs[rule, key]
        status, since = state_of(rule, key, standing, silenced)
        took = _taken_by(affair, standing)
        found.append(
            Watched(
                rule,
                key,
                status,
                since,
                standing.began_at if affair and standing.status is not Status.PENDING else None,
                next(iter(affair), None),
                hours(by_key.get((rule, key), []), standing.status, now),
                took.acknowledged_by if took else "",
                took.acknowledged_at if took else None,
            )
        )
    newest = sorted(found, key=lambda one: one.kept.firing.fired_at if one.kept else now, reverse=True)
    return sorted(newest, key=lambda one: _SEVEREST.index(one.status))


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


def unclaimed(rows: Sequence[Watched], key: str) -> list[Watched]:
    """Those of *rows* that fire for *key*, or are silenced, and that nobody takes care of; one a rule."""
    open_ = (Status.FIRING, Status.SILENCED)
    return [
        one for one in rows if one.key == key and one.status in open_ and one.kept and not one.acknowledged_by
    ]


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
    found = unclaimed(watched(home, now), key)
    if not found:
        raise UsageError(f"Nothing that fires for {key!r} is unclaimed.", remedy="See: fengping alerts list")
    taken = []
    with State.open(home).begin() as connection:
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
