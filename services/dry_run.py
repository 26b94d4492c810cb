"""A dry run of delivery: to whom a message of each kind and severity would go, and nothing sent."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any

from fengping.alerts.manners import Manners
from fengping.alerts.route import QuietFor, by_day, no_quiet
from fengping.clock import local
from fengping.delivery import Book, Message, Severity
from fengping.errors import FengpingError
from fengping.home import Home
from fengping.services import alert_rules
from fengping.services.channels import configured

ALL = tuple(Severity)
Labels = Mapping[str, tuple[str, ...]]


@dataclass(frozen=True)
class Told:
    """One thing that is told, and who gets it."""

    kind: str
    """``rule``, ``report``, ``notice`` (of a source, of the schedule) or ``route``, ``recipient``."""
    name: str
    to: tuple[str, ...]
    """Names as a rule or the configuration writes them."""
    gets: Mapping[Severity, tuple[tuple[str, str], ...]]
    """Channels and addresses, of each severity that it can have; empty where nobody gets it at that time."""
    later: Mapping[Severity, tuple[tuple[str, str, str], ...]]
    """The same for those who get it when the hours of their route begin, and that time of day."""
    usual: Severity | None = None
    """The severity it has, where that is one."""
    fault: str = ""

    @property
    def alike(self) -> bool:
        """True if its severity makes no difference."""
        return len({(self.gets[one], self.later[one]) for one in self.gets}) == 1

    def to_record(self) -> dict[str, Any]:
        """The JSON form."""
        gets = {severity.value: list(map(written, found)) for severity, found in self.gets.items()}
        later = {
            severity.value: {written((channel, address)): at for channel, address, at in found}
            for severity, found in self.later.items()
        }
        usual = self.usual.value if self.usual else None
        return {
            "kind": self.kind, "name": self.name, "to": self.to, "gets": gets, "later": later, "usual": usual,
            "fault": self.fault,
        }  # fmt: skip


def written(receiver: tuple[str, str]) -> str:
    """A channel with its address in one word."""
    channel, address = receiver
    return f"{channel}:{address}" if address else channel


def listed(told: Told, severity: Severity) -> list[str]:
    """The receivers at one severity, those of a later hour with that."""
    later = (f"{written((channel, to))}（{at} 起）" for channel, to, at in told.later.get(severity, ()))
    return [*map(written, told.gets.get(severity, ())), *later]


def receivers(home: Home, now: datetime, labels: Labels, book: Book | None = None) -> list[Told]:
    """Everything that is told, with its receivers at *now* for messages of these *labels*. In quiet hours
    alarms that are not critical have them at the end of these.

    *book*: a draft of ``delivery.toml``; without one, the home's own.
    """
    book = book or Book.load(home)
    return [*_rules(home, book, now, labels), *_keys(home, book, now, labels), *_names(book, now, labels)]


def quiet_for(home: Home) -> QuietFor:
    """Time until the home's quiet hours end, in which only critical alarms are told."""
    return Manners(quiet_hours=home.config.alerts.quiet_hours).quiet_for


def _rules(home: Home, book: Book, now: datetime, labels: Labels) -> Iterator[Told]:
    quiet = quiet_for(home)
    for one in alert_rules.files(home):
        if one.rule and one.rule.enabled:
            rule = one.rule
            own = {"rule": (one.name,), "host": rule.hosts, "class": rule.classes, "platform": rule.platforms}
            own |= labels
            yield _told(book, "rule", one.name, rule.channels, ALL, now, own, rule.severity, quiet)


def _keys(home: Home, book: Book, now: datetime, labels: Labels) -> Iterator[Told]:
    for key, to in configured(home).items():
        if key == "schedule.notify":
            yield _told(book, "notice", key, to, ALL, now, {"about": ("operation",)})
        elif key == "crawl.notify":
            if to:
                yield _told(book, "notice", key, to, (Severity.WARNING,), now, labels, Severity.WARNING)
        elif to:
            yield _told(book, "report", key, to, (Severity.INFO,), now, {}, Severity.INFO)


def _names(book: Book, now: datetime, labels: Labels) -> Iterator[Told]:
    for name in dict.fromkeys(route.name for route in book.routes):
        yield _told(book, "route", name, (name,), ALL, now, labels)
    for name in book.recipients:
        yield _told(book, "recipient", name, (name,), ALL, now, labels)


def _told(
    book: Book, kind: str, name: str, to: Sequence[str], severities: Sequence[Severity], now: datetime,
    labels: Labels, usual: Severity | None = None, quiet: QuietFor = no_quiet,
) -> Told:  # fmt: skip
    gets, later, fault = {}, {}, ""
    for severity in severities:
        message = Message("dry run", name, severity=severity, labels=labels)
        try:
            ask = partial(book.receivers, to, message)
            is_held = severity is not Severity.CRITICAL
            places = (by_day(ask, now + quiet(now), quiet) if is_held else ask(now)).places
        except FengpingError as error:
            fault, places = str(error), {}
        gets[severity] = tuple(place for place, at in places.items() if at <= now)
        later[severity] = tuple((*place, f"{local(at):%H:%M}") for place, at in places.items() if at > now)
    return Told(kind, name, tuple(to), gets, later, usual, fault)
