"""Everyone whom alarms of a rule may reach: routes asked for each key, class and platform that they name."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial, reduce
from itertools import product
from operator import or_

from fengping.alerts.match import ALL
from fengping.alerts.rules.rule import NO_KEY, Rule
from fengping.alerts.rules.watch import party_of
from fengping.delivery import Book, Message, Severity
from fengping.delivery.book import Receivers

OTHER = ""
"""A key, class or platform that no route names."""
Labels = Mapping[str, tuple[str, ...]]
Place = tuple[str, str]
QuietFor = Callable[[datetime], timedelta]
"""Time until the quiet hours end that a moment lies in; zero outside of them."""


def no_quiet(now: datetime) -> timedelta:
    """Of a home without quiet hours."""
    return timedelta(0)


@dataclass(frozen=True, slots=True)
class Way:
    """Alarms of one key, class and platform, and everyone who gets them."""

    key: str
    code: str
    platform: str
    to: Receivers


def labels_of(
    rule: Rule, key: str, classes: Iterable[str] = (), platforms: Iterable[str] = ()
) -> dict[str, tuple[str, ...]]:
    """The labels of an alarm of *rule* about *key*; *classes* and *platforms* are those of its documents."""
    party = party_of(key)
    own = {key} if rule.key_field == "platforms" and key != OTHER else set()
    return {
        "host": (party,), "key": tuple(dict.fromkeys((key, party))), "rule": (rule.name,),
        "class": tuple(sorted(classes)), "platform": tuple(sorted(own | set(platforms))),
    }  # fmt: skip


def joined(labels: Iterable[Labels]) -> dict[str, tuple[str, ...]]:
    """The labels of a message of several alarms: whoever gets one of them gets it."""
    every = [*labels]
    return {
        name: tuple(sorted({value for one in every for value in one.get(name, ())}))
        for name in ("host", "key", "rule", "class", "platform")
    }


def reached(
    book: Book, rule: Rule, severity: Severity, labels: Labels, now: datetime, quiet_for: QuietFor = no_quiet
) -> Receivers:
    """Everyone who gets an alarm of *rule* by its severity and labels at *now*; what is not critical waits
    for the end of quiet hours (:func:`by_day`)."""
    message = Message("alarm", "alarm", severity=severity, labels=labels)
    ask = partial(book.receivers, rule.channels, message)
    return ask(now) if severity is Severity.CRITICAL else by_day(ask, now, quiet_for)


def by_day(ask: Callable[[datetime], Receivers], now: datetime, quiet_for: QuietFor) -> Receivers:
    """Everyone whom *ask* names at *now*, but where somebody would get it later and in quiet hours, as those
    of a route begin by night, whoever gets it when these end. Whose hours are quiet ones alone gets it in
    these, and so does who gets it beside others."""
    to, moments = ask(now), dict[Place, datetime]()
    for place, at in to.places.items():
        found = {place: at}
        if at > now and (held := quiet_for(at)):
            later = ask(at + held).places
            found = {one: moment for one, moment in later.items() if not quiet_for(moment)}
            if place in later or place in to.beside or not found:
                found.setdefault(place, at)
        for one, moment in found.items():
            moments[one] = min(moment, moments.get(one, moment))
    return replace(to, places=moments)


def ways(
    book: Book, rule: Rule, severity: Severity, now: datetime, quiet_for: QuietFor = no_quiet
) -> list[Way]:
    """Receivers of a message of *severity* at *now*, for whatever alarm of *rule* routes can tell apart.

    Raises :class:`UsageError` for a name that leads nowhere.
    """
    keys = sorted(rule.keys) or [*dict.fromkeys((*_named(book, "host"), *_named(book, "key"))), OTHER]
    codes = sorted(rule.classes) or [*_named(book, "class"), OTHER]
    platforms = sorted(rule.platforms) or [*_named(book, "platform"), OTHER]
    found = []
    for key, code, platform in product([ALL] if rule.key_by == NO_KEY else keys, codes, platforms):
        labels = labels_of(rule, key, {code} - {OTHER}, {platform} - {OTHER})
        found.append(Way(key, code, platform, reached(book, rule, severity, labels, now, quiet_for)))
    return found


def everyone(book: Book, rules: Iterable[Rule], severity: Severity, now: datetime) -> Receivers:
    """Everyone who gets messages of *severity* about *rules* as a whole: all whom some alarm may reach."""
    return reduce(or_, (way.to for rule in rules for way in ways(book, rule, severity, now)), Receivers())


def _named(book: Book, label: str) -> Iterator[str]:
    yield from dict.fromkeys(value for route in book.routes for value in route.match.get(label, ()))
