"""Alarms that would reach nobody: each rule asked for the keys, classes and platforms that routes name; and
notices that would not."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, time
from itertools import product

from fengping.alerts import Rule, ledger
from fengping.alerts.ledger import Kept
from fengping.alerts.route import OTHER, Labels, QuietFor, Way, no_quiet, ways
from fengping.clock import SHANGHAI, local
from fengping.delivery import Book, Message, Severity
from fengping.errors import UsageError, did_you_mean
from fengping.home import Home
from fengping.services import alert_rules
from fengping.services.dry_run import quiet_for
from fengping.services.routing import LABELS, check_labels
from fengping.spiders import Catalogue
from fengping.state import State

BORNE = (*LABELS, "key", "source", "about")
"""Labels that messages of the program bear."""
OPERATION = {"about": ("operation",)}
"""Labels of a notice of the schedule."""
_WORDS = (
    (1, "of the classes", "without the classes"),
    (2, "on the platforms", "on no platform of"),
    (0, "about", "on others than"),
)
"""Parts of an alarm by which routes tell it from others: its place in a :class:`Way`, and words for it."""
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
    if not any(way.to.places for way in asked):
        return (
            f"Nobody gets the alarms of the rule {rule.name!r}: at the severity {rule.severity.value}, "
            f"{', '.join(rule.channels)} leads to nobody. "
            "Raise its severity, write another name into channels, or let a route take it in delivery.toml."
        )
    which = _lost(asked)
    if not which:
        return ""
    return (
        f"Nobody gets alarms of the rule {rule.name!r} {which}: no route of {', '.join(rule.channels)} "
        "takes them at any hour. "
        "Add a route for them in delivery.toml, or one to nobody where they are to go nowhere."
    )


def notices(home: Home, book: Book | None = None) -> dict[str, str]:
    """The settings whose notices reach nobody at any hour though they name somebody, each with a sentence.

    Each source that is crawled is asked for by its name; where none is, one that no route names.
    """
    book, found = book or Book.load(home), dict[str, str]()
    # Where no source is crawled, one that no route names is asked for.
    sources = Catalogue.load(home).there or [OTHER] if home.config.crawl.notify else []
    for key, names, what, asked in (
        ("schedule.notify", home.config.schedule.notify, "the schedule", {"": OPERATION}),
        ("crawl.notify", home.config.crawl.notify, "sources", {one: {"source": (one,)} for one in sources}),
    ):
        with suppress(UsageError):  # a name that leads nowhere is told by itself
            lost = [one for one, labels in asked.items() if names and _is_lost(book, names, labels)]
            if lost:
                named = f"the source{'s' if len(lost) > 1 else ''} {_listed(lost)}"
                which = what if len(lost) == len(asked) else named
                found[key] = (
                    f"Nobody gets the notices of {which}: at the severity warning, no route of "
                    f"{', '.join(names)} takes them at any hour. "
                    f"Let one take them in delivery.toml, or write another name into {key}."
                )
    return found


def _is_lost(book: Book, names: Sequence[str], labels: Labels) -> bool:
    """True where a notice of *labels* to *names* reaches nobody, and not on purpose."""
    notice = Message("notice", "notice", severity=Severity.WARNING, labels=labels)
    to = book.receivers(names, notice, _NOON)
    return not to.places and not to.dropped


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
    book, quiet, found = Book.load(home), quiet_for(home), []
    ends = {time.fromisoformat(end) for route in book.routes if route.hours for end in route.hours.split("-")}
    for rule in _rules(home):
        spans = set()
        for end in sorted(ends):
            now = datetime.combine(_NOON.date(), end, SHANGHAI)
            told = now if rule.severity is Severity.CRITICAL else now + quiet(now)
            for way in _asked(book, rule, told, quiet):
                if way.to.places and (first := min(way.to.places.values())) > told:
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


def _asked(book: Book, rule: Rule, now: datetime = _NOON, quiet: QuietFor = no_quiet) -> list[Way]:
    """Receivers of its alarms; none where a name leads nowhere, which is told where the rule is read."""
    try:
        return ways(book, rule, rule.severity, now, quiet)
    except UsageError:
        return []


def _lost(asked: Sequence[Way]) -> str:
    """The alarms of *asked* that nobody gets, in words; empty where there are none."""
    found = [(way.key, way.code, way.platform) for way in asked]
    lost = {one for one, way in zip(found, asked, strict=True) if not way.to.places and not way.to.dropped}
    for of, (at, these, others) in product((all, any), _WORDS):
        values = dict.fromkeys(one[at] for one in found)
        gone = [value for value in values if of(one in lost for one in found if one[at] == value)]
        rest = [value for value in values if value not in gone]
        if gone and rest:
            return f"{others} {_listed(rest)}" if OTHER in gone else f"{these} {_listed(gone)}"
    return f"about {_listed([*dict.fromkeys(key for key, *_ in lost)])}" if lost else ""


def _listed(names: Sequence[str]) -> str:
    rest = f", {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
    return ", ".join(map(repr, names[:_SHOWN])) + rest
