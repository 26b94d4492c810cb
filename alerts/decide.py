"""Whether a rule fires: a pure function of the rule, the events and what fired before."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Sequence
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


def firings(rule: Rule, key: str, events: Iterable[Event], past: Sequence[Firing] = ()) -> list[Firing]:
    """Alarms that *events* (any order) raise in a replay, each at its last event.

    A window is the ``timeframe`` up to and including an event. It fires when it holds ``num_events``
    documents that no earlier firing has shown (as ElastAlert2's frequency rule forgets what it
    matched) and the last firing is ``realert`` ago.
    """
    raised: list[Firing] = []
    cool_until = _cool_until(rule, past)
    shown: set[str] = set()
    for window in _windows(rule, events, past):
        new = [event for event in window if event.id not in shown]
        at = window[-1].at
        if len(new) >= rule.num_events and (cool_until is None or at >= cool_until):
            raised.append(Firing(rule.name, key, at, len(new), tuple(e.id for e in new)))
            cool_until = at + rule.realert
            shown |= {e.id for e in new}
    return raised


def alarm(
    rule: Rule, key: str, events: Iterable[Event], past: Sequence[Firing], now: datetime
) -> Firing | None:
    """The alarm that *events* raise at this moment, given the *past* ones: the fullest window, the latest
    of several. A late document counts wherever in time it stands: what no firing has shown is new."""
    cool_until = _cool_until(rule, past)
    if cool_until is not None and now < cool_until:
        return None
    window = max(_windows(rule, events, past), key=lambda w: (len(w), w[-1]), default=())
    if len(window) < rule.num_events:
        return None
    return Firing(rule.name, key, now, len(window), tuple(e.id for e in window))


def _cool_until(rule: Rule, past: Sequence[Firing]) -> datetime | None:
    return max((firing.fired_at + rule.realert for firing in past), default=None)


def _windows(rule: Rule, events: Iterable[Event], past: Sequence[Firing]) -> Iterator[tuple[Event, ...]]:
    """The window up to each event, in time order, without what *past* firings have shown."""
    shown = {id for firing in past for id in firing.evidence}
    window: deque[Event] = deque()
    for event in sorted(set(events)):
        if event.id in shown:
            continue
        window.append(event)
        while window[0].at <= event.at - rule.timeframe:
            window.popleft()
        yield tuple(window)
