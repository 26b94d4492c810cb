"""Evaluation of a rule: a pure function of the rule, the events and its earlier firings."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from fengping.alerts.baseline import Reference
from fengping.alerts.rules import Rule

HOUR = timedelta(hours=1)


@dataclass(frozen=True, slots=True, order=True)
class Event:
    """A negative document about a key."""

    at: datetime
    """Publication time: a window is judged by this, whenever the document arrived."""
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
    reference: Reference | None = None,
) -> list[Firing]:
    """Alarms that *events* (any order) raise in a replay, each at its last event.

    A window is the ``timeframe`` up to and including an event. It fires when it holds enough documents
    that no earlier firing has shown (as ElastAlert2's frequency rule forgets what it matched) and the
    last firing is ``realert`` ago. Enough is ``num_events``, or what *reference* says for a ``spike``.
    """
    raised: list[Firing] = []
    cool_until = _cool_until(rule, past)
    window = Window(rule, key, reference)
    for event in _unseen(events, past):
        window.add(event)
        if (cool_until is None or event.at >= cool_until) and window.is_enough():
            raised.append(Firing(rule.name, key, event.at, len(window.events), window.ids()))
            cool_until = event.at + rule.realert
            window.events.clear()
    return raised


def alarm(
    rule: Rule,
    key: str,
    events: Iterable[Event],
    past: Sequence[Firing],
    now: datetime,
    reference: Reference | None = None,
) -> Firing | None:
    """The alarm that *events* raise at this moment, given the *past* ones: the fullest window, the latest
    of several. A late document counts wherever in time it stands: what no firing has shown is new."""
    cool_until = _cool_until(rule, past)
    if cool_until is not None and now < cool_until:
        return None
    window = Window(rule, key, reference)
    fullest: tuple[str, ...] = ()
    for event in _unseen(events, past):
        window.add(event)
        if len(window.events) >= len(fullest) and window.is_enough():
            fullest = window.ids()
    return Firing(rule.name, key, now, len(fullest), fullest) if fullest else None


class Window:
    """The documents of the last ``timeframe`` that no firing has shown."""

    def __init__(self, rule: Rule, key: str, reference: Reference | None) -> None:
        self.events: deque[Event] = deque()
        self._rule, self._key, self._reference = rule, key, reference

    def add(self, event: Event) -> None:
        self.events.append(event)
        while self.events[0].at <= event.at - self._rule.timeframe:
            self.events.popleft()

    def ids(self) -> tuple[str, ...]:
        return tuple(event.id for event in self.events)

    def is_enough(self) -> bool:
        """True if the window fires at its last event."""
        if self._reference is None:
            return len(self.events) >= self._rule.num_events
        at = self.events[-1].at
        need = self._reference.need(self._key, at)
        if len(self.events) >= need.timeframe:
            return True
        # The need of an hour is reached when the event so many places back is less than an hour old.
        return len(self.events) >= need.hour and self.events[-need.hour].at > at - HOUR


def _cool_until(rule: Rule, past: Sequence[Firing]) -> datetime | None:
    return max((firing.fired_at + rule.realert for firing in past), default=None)


def _unseen(events: Iterable[Event], past: Sequence[Firing]) -> list[Event]:
    """In time order, without what *past* firings have shown."""
    shown = {id for firing in past for id in firing.evidence}
    return [event for event in sorted(set(events)) if event.id not in shown]
