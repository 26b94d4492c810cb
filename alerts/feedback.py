"""What readers say of an alarm: that they take care of it, that it is another affair, that it is useless."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from sqlalchemy import Connection, insert, select

from fengping.alerts import ledger, tables
from fengping.analysis.figures import wilson
from fengping.clock import day_of, iso
from fengping.errors import UsageError


class Verdict(StrEnum):
    """One answer to an alarm."""

    CLAIMED = "claimed"
    OTHER = "other"
    USELESS = "useless"


@dataclass(frozen=True, slots=True)
class Week:
    """Alarms of one week, Monday first, on Chinese clocks."""

    begins: date
    told: int
    answered: int
    """Alarms that somebody claimed or judged."""
    useful: int
    """Those of :attr:`answered` that nobody called useless or another affair."""
    unclaimed: int
    found: int
    """Events on which a person decided something and of which no alarm told."""

    @property
    def interval(self) -> tuple[float, float] | None:
        """Wilson's 95 % interval of the useful share; ``None`` where nobody answered."""
        return wilson(self.useful, self.answered) if self.answered else None


def say(connection: Connection, firing: int, verdict: Verdict, by: str, now: datetime) -> None:
    """Keeps what *by* says of an alarm; a claim also takes care of it.

    Raises :class:`UsageError` where that was said before.
    """
    table = tables.verdicts
    same = select(table).where(table.c.firing == firing, table.c.verdict == verdict.value)
    if (said := connection.execute(same).one_or_none()) is not None:
        raise UsageError(
            f"{said.by} said so of firing {firing} already, at {iso(said.at)}.",
            remedy="A link is good for one use.",
        )
    if verdict is Verdict.CLAIMED:
        ledger.acknowledge(connection, firing, by, now)
    connection.execute(insert(table).values(firing=firing, verdict=verdict.value, by=by, at=now))


def weeks(connection: Connection, first: datetime, decided: Collection[tuple[str, datetime]]) -> list[Week]:
    """Weeks from *first* on that have any alarm or decision; *decided*: events on which a person decided
    something, each with the moment."""
    said: dict[int, set[str]] = defaultdict(set)
    for row in connection.execute(select(tables.verdicts.c.firing, tables.verdicts.c.verdict)):
        said[row.firing].add(row.verdict)
    told, answered, useful, unclaimed, found = (defaultdict[date, int](int) for _ in range(5))
    known = set()
    for kept in ledger.latest(connection, None):
        known.add(str(kept.facts.get("event", "")))
        if kept.firing.fired_at < first or kept.told not in ("told", ledger.DIGEST):
            continue
        week, verdicts = _week(kept.firing.fired_at), said[kept.id]
        told[week] += 1
        unclaimed[week] += not kept.acknowledged_by
        if verdicts or kept.acknowledged_by:
            answered[week] += 1
            useful[week] += not verdicts & {Verdict.OTHER, Verdict.USELESS}
    for at in {event: at for event, at in decided if at >= first and event not in known}.values():
        found[_week(at)] += 1
    return [
        Week(week, told[week], answered[week], useful[week], unclaimed[week], found[week])
        for week in sorted({*told, *found})
    ]


def _week(moment: datetime) -> date:
    day = day_of(moment)
    return day - timedelta(days=day.weekday())
