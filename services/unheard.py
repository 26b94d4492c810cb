"""Alarms that would reach nobody: each rule asked for the keys and classes that routes name."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, time

from fengping.alerts import Rule, ledger
from fengping.alerts.ledger import Kept
from fengping.alerts.matches import ALL
from fengping.alerts.rules.rule import NO_KEY
from fengping.clock import SHANGHAI, local
from fengping.delivery import Book, Message
from fengping.delivery.book import Receivers
from fengping.errors import UsageError, did_you_mean
from fengping.home import Home
from fengping.services import alert_rules
from fengping.services.routing import LABELS, check_labels
from fengping.state import State

OTHER = ""
"""A key or class that no route names."""
BORNE = (*LABELS, "key", "source", "about")
"""Labels that messages of the program bear."""
_SHOWN = 8
_NOON = datetime(2026, 1, 1, 12, tzinfo=SHANGHAI)
"""A moment like any other: what a route takes at another hour waits for that."""


@dataclass(frozen=True)
class Unheard:
    """A rule whose alarms, or some of them, reach nobody."""

    rule: str
    sentence: str


def rules(home: Home, book: Book | None = None) -> list[Unheard]:
    """The enabled rules of a home of which some alarm reaches nobody at their own severity, at any hour."""
    book = book or Book.load(home)
    return [Unheard(rule.name, said) for rule in _rules(home) if (said := nobody(book, rule))]


def nobody(book: Book, rule: Rule) -> str:
    """The sentence that nobody gets the alarms of *rule*, or some of them; empty where all are heard.

    What a route sends nowhere on purpose is missed by nobody, but for a rule that it silences whole.
    """
    asked = _asked(book, rule)
    if not asked:
        return ""
    if not any(found.places for _, _, found in asked):
        return (
            f"Nobody gets the alarms of the rule {rule.name!r}: at the severity {rule.severity.value}, "
            f"{', '.join(rule.channels)} leads to nobody. "
            "Raise its severity, write another name into channels, or let a route take it in delivery.toml."
        )
    lost = {(key, code) for key, code, found in asked if not found.places and not found.dropped}
    if not lost:
        return ""
    keys = list(dict.fromkeys(key for key, _, _ in asked))
    codes = list(dict.fromkeys(code for _, code, _ in asked))
    if gone := [key for key in keys if all((key, code) in lost for code in codes)]:
        others = f"on others than {_listed([key for key in keys if key not in gone])}"
        which = others if OTHER in gone else f"about {_listed(gone)}"
    else:
        gone = [code for code in codes if any((key, code) in lost for key in keys)]
        others = f"without the classes {_listed([code for code in codes if code not in gone])}"
        which = others if OTHER in gone else f"of the classes {_listed(gone)}"
    return (
        f"Nobody gets alarms of the rule {rule.name!r} {which}: no route of {', '.join(rule.channels)} "
        "takes them at any hour. "
        "Add a route for them in delivery.toml, or one to nobody where they are to go nowhere."
    )


def alarms(home: Home, since: datetime) -> dict[str, list[Kept]]:
    """Alarms since then that no route took to anybody, by rule, oldest first."""
    found: dict[str, list[Kept]] = {}
    with State.open(home).begin() as connection:
        for kept in ledger.untold(connection):
            if kept.told == ledger.UNHEARD and kept.firing.fired_at >= since:
                found.setdefault(kept.firing.rule, []).append(kept)
    return found


def delays(home: Home) -> list[str]:
    """Each rule of which alarms wait for the hours of a route, with the times of day at which they do."""
    book, found = Book.load(home), []
    ends = {time.fromisoformat(end) for route in book.routes if route.hours for end in route.hours.split("-")}
    for rule in _rules(home):
        spans = set()
        for end in sorted(ends):
            now = datetime.combine(_NOON.date(), end, SHANGHAI)
            for _, _, to in _asked(book, rule, now):
                if to.places and (first := min(to.places.values())) > now:
                    spans.add(f"{end:%H:%M}–{local(first):%H:%M}")
        if spans:
            found.append(f"{rule.name} waits {', '.join(sorted(spans))}")
    return found


def mistyped(home: Home, book: Book | None = None) -> list[str]:
    """Sentences on routes that wait for a label that no message bears, or for a host, class, platform or rule
    that is none, with the nearest known."""
    found = []
    for route in (book or Book.load(home)).routes:
        try:
            for label in route.match:
                if label not in BORNE:
                    raise UsageError(f"There is no label {label!r}.", remedy=did_you_mean(label, BORNE))
            check_labels(home, route.match)
        except UsageError as error:
            found.append(f"The route {route.name!r} of delivery.toml waits for what never comes: {error}")
    return found


def _rules(home: Home) -> list[Rule]:
    return [one.rule for one in alert_rules.files(home) if one.rule and one.rule.enabled]


def _asked(book: Book, rule: Rule, now: datetime = _NOON) -> list[tuple[str, str, Receivers]]:
    """Receivers by key and class; none where a name leads nowhere, which is told where the rule is read."""
    try:
        return [
            (key, code, book.receivers(rule.channels, _message(rule, key, code), now))
            for key in _keys(book, rule)
            for code in sorted(rule.classes) or [*_named(book, "class"), OTHER]
        ]
    except UsageError:
        return []


def _keys(book: Book, rule: Rule) -> Sequence[str]:
    if rule.key_by == NO_KEY:
        return [ALL]
    return sorted(rule.keys) or [*dict.fromkeys((*_named(book, "host"), *_named(book, "key"))), OTHER]


def _named(book: Book, label: str) -> Iterator[str]:
    yield from dict.fromkeys(value for route in book.routes for value in route.match.get(label, ()))


def _message(rule: Rule, key: str, code: str) -> Message:
    labels = {"host": (key,), "key": (key,), "rule": (rule.name,), "class": (code,) if code else ()}
    return Message("alarm", "alarm", severity=rule.severity, labels=labels)


def _listed(names: Sequence[str]) -> str:
    rest = f", {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
    return ", ".join(map(repr, names[:_SHOWN])) + rest
