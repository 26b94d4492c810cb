"""Back-test: firings beside labelled events, by key and month. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import median

from fengping.alerts.decide import Cause, Firing
from fengping.analysis.figures import wilson
from fengping.clock import local

EARLY = timedelta(hours=1)
"""Before the first charge's own time: hours are rounded down where minutes are unknown."""


@dataclass(frozen=True, slots=True)
class Incident:
    """A labelled event: who is accused, when the first charge was published, its documents where known."""

    key: str
    at: datetime
    title: str = ""
    documents: frozenset[str] = frozenset()
    until: datetime | None = None
    """The last document: without ids, alarms about the key up to a week later belong to it."""


@dataclass(frozen=True, slots=True)
class Caught:
    """An incident with the first firing that shows it."""

    incident: Incident
    firing: Firing | None

    @property
    def delay(self) -> timedelta | None:
        """Time from the first charge to the alarm; ``None`` where it was missed."""
        return max(timedelta(0), self.firing.fired_at - self.incident.at) if self.firing else None


@dataclass(frozen=True, slots=True)
class Month:
    """A key's month."""

    month: str
    key: str
    firings: int
    false: int | None
    """Firings that show no labelled event; ``None`` where none are labelled."""
    events: int
    caught: int
    delays: tuple[timedelta, ...]

    @property
    def delay_words(self) -> str:
        return f"{median(d.total_seconds() for d in self.delays) / 3600:.1f} h" if self.delays else ""


def shows(firing: Firing, incident: Incident) -> bool:
    """True if *firing* is about *incident*: the same key and one of its documents, or its time."""
    if firing.party != incident.key:
        return False
    if incident.documents:
        return not incident.documents.isdisjoint(firing.evidence)
    until = incident.until or incident.at
    return incident.at - EARLY <= firing.fired_at <= until + timedelta(days=7)


def caught(incidents: Iterable[Incident], firings: Sequence[Firing]) -> list[Caught]:
    """Each incident with the first firing that shows it."""
    return [
        Caught(incident, next((firing for firing in firings if shows(firing, incident)), None))
        for incident in incidents
    ]


def false_alarms(incidents: Sequence[Incident], firings: Iterable[Firing]) -> list[Firing]:
    """Firings that show none of *incidents*."""
    return [firing for firing in firings if not any(shows(firing, incident) for incident in incidents)]


def by_month(
    firings: Sequence[Firing], incidents: Sequence[Incident], labelled: Sequence[Incident] | None = None
) -> list[Month]:
    """Firings and incidents by key and month, in order; an alarm is false that shows none of *labelled*."""
    found = caught(incidents, firings)
    wrong = set(map(id, false_alarms(labelled or (), firings)))
    cells: dict[tuple[str, str], None] = {}
    for firing in firings:
        cells[_month(firing.fired_at), firing.party] = None
    for incident in incidents:
        cells[_month(incident.at), incident.key] = None
    months = []
    for month, key in sorted(cells):
        mine = [f for f in firings if f.party == key and _month(f.fired_at) == month]
        theirs = [c for c in found if c.incident.key == key and _month(c.incident.at) == month]
        false = sum(id(f) in wrong for f in mine) if labelled is not None else None
        delays = tuple(c.delay for c in theirs if c.delay is not None)
        months.append(Month(month, key, len(mine), false, len(theirs), len(delays), delays))
    return months


def _month(moment: datetime) -> str:
    return f"{local(moment):%Y-%m}"


def summary(
    firings: Sequence[Firing],
    incidents: Sequence[Incident],
    weeks: float,
    labelled: Sequence[Incident] | None,
) -> list[str]:
    """The back-test in sentences."""
    causes = Counter(firing.cause for firing in firings)
    by_cause = ", ".join(f"{causes[c]} {c.value}" for c in Cause if causes[c])
    divided = f" ({by_cause})" if by_cause else ""
    lines = [f"{len(firings)} firings{divided}, {len(firings) / max(weeks, 1e-9):.2f} a week"]
    if labelled is not None:
        found = caught(incidents, firings)
        delays = [one.delay for one in found if one.delay is not None]
        low, high = wilson(len(delays), len(found))
        false = len(false_alarms(labelled, firings))
        lines.append(
            f"caught {len(delays)} of {len(found)} events ({low:.0%}–{high:.0%}); false alarms {false}, "
            f"{false / max(weeks, 1e-9):.2f} a week"
        )
        if delays:
            hours = median(delay.total_seconds() for delay in delays) / 3600
            lines.append(f"median delay {hours:.1f} h (n={len(delays)})")
    return lines
