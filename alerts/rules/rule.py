"""The base of every kind of rule: the documents it selects, its keys, its cool-down and its receivers."""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from typing import Annotated, Any, ClassVar, Self

import numpy as np
from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from fengping.alerts.baseline import Counts, Ints, Reference, Terms
from fengping.alerts.match import ENGAGEMENT, Match
from fengping.analysis import IssueRules
from fengping.clock import USUAL_DAYS
from fengping.delivery import Severity
from fengping.errors import UsageError, did_you_mean
from fengping.indexer import Filter
from fengping.indexer.search import KEYWORD_FIELDS, And, Or, Range, parse
from fengping.models import Act, Polarity
from fengping.toml import Strict

_UNITS = {"m": "minutes", "h": "hours", "d": "days", "w": "weeks"}
NO_NEGATIVES = (Act.RESPONSE.value, Act.RULE.value, Act.PROMOTION.value)
"""Acts that are no negative against anybody, whatever their tone."""

_FIELDS = {
    "host": ("negative_hosts", "hosts"),
    "brand": ("negative_brands", "brands"),
    "class": ("issues", "issues"),
    "platform": ("platforms", "platforms"),
    "regulator": ("regulators", "regulators"),
}
"""Words for keys: the field of negatives, and of all documents."""

NO_KEY = "none"
_OF_NEW_EVENT = ("num_events", "min_publishers", "key_by")
OLD_KEYS = {"issues": "classes"}
"""Keys of the rules that 0.1 laid into homes, each with today's."""


def parse_duration(value: Any) -> timedelta:
    """``30m``, ``24h``, ``7d``, ``2w`` as a time span; raises ``ValueError`` for anything else."""
    if isinstance(value, timedelta):
        return value
    found = re.fullmatch(r"(\d{1,4})([mhdw])", str(value).strip())
    if not found:
        raise ValueError(f"{value!r} is not a time span: write 30m, 24h, 7d or 2w")
    return timedelta(**{_UNITS[found[2]]: int(found[1])})


def _positive(span: timedelta) -> timedelta:
    if not span:
        raise ValueError("a time span must be longer than zero")
    return span


def _key_name(name: str) -> str:
    known = (*_FIELDS, *KEYWORD_FIELDS, NO_KEY)
    if name not in known:
        raise ValueError(f"{name!r} is no keyword field. {did_you_mean(name, known)}")
    return name


def _readable(query: str) -> str:
    try:
        parse(query)
    except UsageError as error:
        raise ValueError(str(error)) from None
    return query


Duration = Annotated[timedelta, BeforeValidator(parse_duration), AfterValidator(_positive)]
Cooldown = Annotated[timedelta, BeforeValidator(parse_duration)]
Enough = Annotated[int, Field(ge=1, le=1_000_000)]
"""A number of documents or publishers: more than a million come never, and no file of counts holds them."""
Relevance = Annotated[float, Field(ge=0, le=1)]
"""Relevance is judged yes (1) or no (0): anything above 0 asks for a yes."""


@dataclass(frozen=True, slots=True)
class Reading:
    """The judgement of a key's window."""

    count: int
    need: float
    evidence: tuple[Match, ...]
    """New documents of the window, in time order."""
    usual: float | None = None
    reached: bool = True
    """False where only the number of publishers is missing."""
    hour_need: int | None = None
    """Documents that were enough within its last hour, where the timeframe does not hold ``need``."""


class Rule(Strict, ABC):
    """One rule: fields as in the TOML; every key it covers has counts, state and cool-down of its own.

    A subclass in a file of this folder is known as each ``kind`` that its ``registered_as`` names.
    """

    registered: ClassVar[dict[str, type[Rule]]] = {}
    registered_as: ClassVar[tuple[str, ...]]
    every_tick: ClassVar[bool] = False
    """True where time alone can raise an alarm."""
    by_silence: ClassVar[bool] = False
    """True where what does not come raises the alarm, so that what comes late raises none."""
    needs_history: ClassVar[bool] = False
    tells_the_new: ClassVar[bool] = False
    """True where a key makes no alarm once it is known, so that its affair may last as long as the key."""
    unit: ClassVar[str] = ""
    """Unit of the number that an alarm needs; empty for documents."""
    idle: ClassVar[frozenset[str]] = frozenset()
    """Keys of every rule that change nothing in this kind, or make another kind of it."""

    name: Annotated[str, Field(min_length=1, max_length=128)]
    kind: str = "frequency"
    enabled: bool = True
    """False: it is kept and can be tried, and no check looks at it."""
    query: Annotated[str, AfterValidator(_readable)] = ""
    hosts: tuple[str, ...] = ()
    classes: tuple[str, ...] = ()
    platforms: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    key_by: Annotated[str, AfterValidator(_key_name)] = "host"
    negative: bool = True
    """Only negatives count, and neither responses nor rules nor promotion."""
    min_relevance: Relevance = 0.5
    """Above 0, documents judged irrelevant never count."""
    min_publishers: Enough = 1
    min_engagement: Annotated[int, Field(ge=0)] = 0
    """Likes, comments and reposts together that a document must have to count."""
    repeats: bool = False
    """True: reposts of one account, and a title that a list shows again, count each time."""
    timeframe: Duration = timedelta(hours=24)
    realert: Cooldown = timedelta(hours=24)
    max_age: Duration = timedelta(hours=48)
    """A live check passes over documents published longer ago: a backfill raises no alarm, and is told."""
    reference: Duration = timedelta(days=USUAL_DAYS)
    min_history: Duration = timedelta(days=3)
    recover_ratio: Annotated[float, Field(gt=0, le=1)] = 0.5
    """Resolved is a window under this share of what the alarm needed …"""
    recover_after: Annotated[int, Field(ge=0)] = 1
    """… for so many timeframes."""
    severity: Severity = Severity.WARNING
    inhibits: tuple[str, ...] = ()
    """Rules that tell nothing about a key while this one fires for it."""
    channels: Annotated[tuple[str, ...], Field(min_length=1)] = ("stdout", "file")

    @classmethod
    def __pydantic_init_subclass__(cls, **_: Any) -> None:
        for name in cls.__dict__.get("registered_as", ()):
            Rule.registered[name] = cls

    @model_validator(mode="before")
    @classmethod
    def _old_names(cls, data: Any) -> Any:
        """Keys of the rules that 0.1 laid into homes."""
        if isinstance(data, dict):
            data = with_new_keys(data)
            if "alarms_per_timeframe" in data:
                data = {k: v for k, v in data.items() if k != "alarms_per_timeframe"}
        return data

    @model_validator(mode="after")
    def _keys_fit(self) -> Self:
        if len(set(self.hosts)) < len(self.hosts):
            raise ValueError("a host stands twice in hosts")
        return self

    @cached_property
    def key_field(self) -> str:
        """The field whose values are the keys; empty for one key."""
        if self.key_by == NO_KEY:
            return ""
        fields = _FIELDS.get(self.key_by, (self.key_by, self.key_by))
        return fields[0 if self.negative else 1]

    @property
    def is_of_classes(self) -> bool:
        """True if a key is a class: another one in its documents is another key's affair."""
        return self.key_field == "issues"

    @cached_property
    def keys(self) -> frozenset[str]:
        """The keys it is limited to; empty for all."""
        named = dict(zip(("host", "class", "platform", "source"), self._limits, strict=True))
        return frozenset(named.get(self.key_by, ()))

    @property
    def _limits(self) -> tuple[tuple[str, ...], ...]:
        return self.hosts, self.classes, self.platforms, self.sources

    @property
    def horizon(self) -> timedelta:
        """Age of the oldest document that a decision looks at."""
        return max(self.max_age + self.timeframe, (self.recover_after + 2) * self.timeframe)

    def selection(self, since: datetime | None = None, until: datetime | None = None) -> Filter:
        """The documents that the rule counts, published in ``[since, until)``."""
        where: dict[str, tuple[str, ...]] = {}
        hosts = "negative_hosts" if self.negative and self.counts_hits_only else "hosts"
        for name, values in zip((hosts, "issues", "platforms", "source"), self._limits, strict=True):
            if values:
                where[name] = values
        if self.min_relevance > 0:
            where["relevant"] = ("true",)
        exclude: dict[str, tuple[str, ...]] = {}
        if self.negative and self.counts_hits_only:
            where["polarity"] = (Polarity.NEG.value,)
            exclude["act"] = NO_NEGATIVES
        text = parse(self.query)
        if self.min_engagement:
            # As much together is a third of it by one of them; the rest is counted where documents are read.
            third = Or(tuple(Range(name, -(-self.min_engagement // 3)) for name in ENGAGEMENT))
            text = And((text, third)) if text else third
        return Filter(text=text, since=since, until=until, where=where, exclude=exclude)

    def counted(self) -> Filter:
        """The documents of the selection that are counted, and no others."""
        return self.selection()

    def reads_like(self, other: Rule) -> bool:
        """True where *other* rests on the same counts and documents, and differs in its judgement alone."""
        return self._read() == other._read()

    def _read(self) -> tuple[Any, ...]:
        terms = self.terms
        return (
            type(self), self.selection(), self.key_field, self.keys, self.min_engagement, self.realert,
            self.horizon, self.timeframe, self.reference, self.max_age, terms.reference, terms.lag,
        )  # fmt: skip

    @property
    def counts_hits_only(self) -> bool:
        return True

    def hits(self, values: dict[str, Any]) -> bool:
        """True if a document of the selection, by its fields, is what the rule counts."""
        return True

    @property
    def terms(self) -> Terms:
        """The parts that say what is unusual."""
        return Terms(self.timeframe, self.reference, self.max_age, 1, 1.0, 0.0, self.min_history, 1e9)

    @abstractmethod
    def in_words(self) -> str:
        """Its condition in Chinese, without a full stop."""

    @abstractmethod
    def strongest(
        self, key: str, matches: Sequence[Match], shown: Collection[str], reference: Reference, now: datetime
    ) -> Reading | None:
        """The fullest window that is enough, the latest of several, by documents that no alarm has shown.

        Only windows that end within ``max_age`` before *now*. A reading that is not ``reached`` lacks nothing
        but publishers.
        """

    @abstractmethod
    def high_until(self, matches: Sequence[Match], need: float, now: datetime) -> datetime | None:
        """The end of the last time at which the window was at or over the lower threshold; it may be to come,
        by what is known at *now*. ``None`` where it was under it all the time."""

    def voice(self, match: Match) -> tuple[Any, ...]:
        """The text and its publisher: matches that do not differ in it count once."""
        return (match.id,) if self.repeats else (match.group or match.id, match.publisher, match.text)

    def voices(self, matches: Iterable[Match]) -> int:
        """Number of matches as they count."""
        return len({self.voice(match) for match in matches})

    def back_in_words(self) -> str:
        """The condition under which an affair is over that no number of documents ends, in Chinese."""
        return "恢复到阈值以内"

    def needed_now(self, key: str, reference: Reference, now: datetime) -> float:
        """Documents that an alarm would need at *now*."""
        return 0.0

    def usual_by_now(self, key: str, reference: Reference, now: datetime) -> float:
        """Documents beneath which an affair is usual by now, though it holds what once made an alarm."""
        return self.needed_now(key, reference, now)

    def leaves(self, matches: Sequence[Match], now: datetime) -> datetime | None:
        """The next moment at which one of *matches* leaves the window or is too old to be looked at, where
        that alone may raise an alarm."""
        return None

    def candidates(self, key: str, counts: Counts, reference: Reference, hours: Ints) -> Ints:
        """Those of *hours* in which an alarm cannot be ruled out by the hourly counts alone."""
        return hours

    def prepare(self, key: str, reference: Reference, hours: Ints) -> None:
        """Reckons at once what will be asked of *reference* hour by hour."""

    def live_keys(self, reference: Reference, now: datetime) -> Collection[str]:
        """Keys to be judged although nothing came in about them."""
        return ()


def with_new_keys(data: Mapping[str, Any]) -> dict[str, Any]:
    """The keys of a rule's file, old ones under today's names; one that stands under both stays as it is.

    Classes may be called by their names, as in queries. The kind ``new_event`` is the watch that replaced it.
    """
    found = {key if (new := OLD_KEYS.get(key, key)) in data else new: value for key, value in data.items()}
    if found.get("kind") == "new_event":
        found = {key: one for key, one in found.items() if key not in _OF_NEW_EVENT} | {"kind": "watch"}
    if isinstance(classes := found.get("classes"), list):
        codes = {name: code for code, name in IssueRules.load().names.items()} if classes else {}
        found["classes"] = [codes.get(one, one) if isinstance(one, str) else one for one in classes]
    return found


def span(value: timedelta) -> str:
    """A time span in Chinese."""
    minutes = int(value.total_seconds() // 60)
    if minutes % 1440 == 0:
        return f"{minutes // 1440}天"
    return f"{minutes // 60}小时" if minutes % 60 == 0 else f"{minutes}分钟"


def distinct(matches: Sequence[Match]) -> int:
    """Number of publishers."""
    return len({match.publisher for match in matches})


def hours_between(first: int, last: int) -> Ints:
    """Hours from *first* to *last*, both included."""
    return np.arange(first, last + 1)
