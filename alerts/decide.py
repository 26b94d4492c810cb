"""Whether a rule fires: a pure function of the rule, the events and what fired before."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from fengping.alerts.rules import Rule


@dataclass(frozen=True, slots=True, order=True)
class Event:
    """A negative document about a key."""

    at: datetime
    """When it was published: a window is judged by this, whenever the document arrived."""
    id: str


@dataclass(frozen=True, slots=True)
class Firing:
    """One alarm, with the documents that made it."""

    rule: str
    key: str
    fired_at: datetime
    count: int
    evidence: tuple[str, ...]
    """Ids of the documents in the window, in time order."""


def firings(
    rule: Rule,
    key: str,
    events: Iterable[Event],
    past: Sequence[Firing] = (),
    *,
    now: datetime | None = None,
) -> list[Firing]:
    """Alarms that *events* (any order) raise, given the *past* ones of the same rule and key.

    A window is the ``timeframe`` up to and including an event. It fires when it holds ``num_events``
    documents that no earlier firing has shown (as ElastAlert2's frequency rule forgets what it
    matched) and the last firing is ``realert`` ago. A late document still counts: it is new evidence,
    wherever in time it stands. In a replay a firing happens at its last event; with *now* (a live
    check) at that moment.
    """
    shown = {id for firing in past for id in firing.evidence}
    cool_until = max((firing.fired_at for firing in past), default=None)
    window: deque[Event] = deque()
    raised = []
    for event in sorted(set(events)):
        if event.id in shown:
            continue
        window.append(event)
        while window[0].at <= event.at - rule.timeframe:
            window.popleft()
        fired_at = now or event.at
        cooling = cool_until is not None and fired_at < cool_until + rule.realert
        if len(window) >= rule.num_events and not cooling:
            raised.append(Firing(rule.name, key, fired_at, len(window), tuple(e.id for e in window)))
            cool_until = fired_at
            window.clear()
    return raised
