"""``watch``: each new event against a party, at once and by its gravity, and what becomes of it."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, ClassVar

from pydantic import Field, model_validator

from fengping.alerts.baseline import Reference, Terms
from fengping.alerts.gravity import of_trade
from fengping.alerts.match import Match
from fengping.alerts.rules.rule import Cooldown, Duration, Reading, Relevance, Rule, span
from fengping.indexer import Filter, Store
from fengping.indexer.search import And, Expression, Keyword, Or, Term, parse
from fengping.models import Act, Polarity, Role

DAY = timedelta(days=1)
_APART = " · "
"""Between the party and the event of a key."""
_ACCUSED = ("negative_hosts", "negative_brands", "accused")
_NAMED = ("hosts", "brands")
_CRITICS = (Role.ACCUSER, Role.VICTIM, Role.COMMENTATOR, Role.AUTHORITY)
_OPENING = ("charge", "harm", "test", "answer.admit", "answer.pay")
"""Signals by which an answer tells what it answers."""


def key_of(party: str, event: str) -> str:
    """The key of an event against a party."""
    return f"{party[:96]}{_APART}{event}"


def party_of(key: str) -> str:
    """The party of a key; of the key of another rule the key itself."""
    return key.rpartition(_APART)[0] or key


def event_of(key: str) -> str:
    """The event of a key, or the repost group of a text that had none; empty for another rule's key."""
    return key.rpartition(_APART)[2] if _APART in key else ""


class Watch(Rule):
    """Names of hosts and other parties, a query, or neither: then every host, of whom only charges about
    selling, business, tax or consumers count."""

    registered_as: ClassVar[tuple[str, ...]] = ("watch",)
    every_tick: ClassVar[bool] = True
    needs_history: ClassVar[bool] = True
    idle: ClassVar[frozenset[str]] = frozenset({
        "key_by", "negative", "min_publishers", "min_relevance", "repeats", "timeframe", "severity",
    })  # fmt: skip

    parties: tuple[str, ...] = ()
    """Persons, brands and shops, also such as no registry knows."""
    aliases: Mapping[str, tuple[str, ...]] = Field(default_factory=dict)
    """Further names of a party, as texts have them."""
    min_relevance: Relevance = 0.0
    realert: Cooldown = DAY
    quiet: Duration = 3 * DAY
    """An event without a new text for so long is over."""

    @model_validator(mode="after")
    def _aliases_fit(self) -> Watch:
        if unknown := sorted(set(self.aliases) - set(self.names)):
            raise ValueError(f"aliases names {unknown[0]!r}, which stands neither in parties nor in hosts")
        return self

    @property
    def names(self) -> tuple[str, ...]:
        """All that are watched by name."""
        return (*self.hosts, *self.parties)

    @property
    def key_field(self) -> str:
        return "" if self.names or self.query else "hosts"

    @property
    def is_of_registry(self) -> bool:
        """True of a watch on every host."""
        return bool(self.key_field)

    @property
    def horizon(self) -> timedelta:
        return max(14 * DAY, self.max_age + self.quiet)

    @property
    def terms(self) -> Terms:
        return Terms(self.timeframe, self.reference, self.max_age, 2, 3.0, 5.0, self.min_history, 1e9)

    def selection(self, since: datetime | None = None, until: datetime | None = None) -> Filter:
        """Charges: negative texts about whoever is watched, rules and promotion left out."""
        where = {
            name: values
            for name, values in (
                ("issues", self.classes), ("platforms", self.platforms), ("source", self.sources),
            )
            if values
        }  # fmt: skip
        where["polarity"] = (Polarity.NEG.value,)
        asked = [parse(self.query), Or(tuple(map(self._told_of, self.names))) if self.names else None]
        parts = tuple(part for part in asked if part)
        text = And(parts) if len(parts) > 1 else next(iter(parts), None)
        return Filter(
            text=text,
            since=since,
            until=until,
            where=where,
            exclude={"act": (Act.RULE.value, Act.PROMOTION.value)},
        )

    def of_parties(self, since: datetime, until: datetime, store: Store) -> Iterator[tuple[str, Filter]]:
        """The charges against each party; those against all hosts have the party ``""``."""
        whole = self.selection(since, until)
        if self.names:
            for name in self.names:
                yield name, replace(whole, text=parse(self.query)).holding(self._told_of(name))
        elif self.query:
            yield self.name, whole
        elif found := store.terms(whole, self.key_field, limit=10_000):
            named = tuple(name for name, _ in found)
            yield "", replace(whole, where=whole.where | {self.key_field: named})

    def charged(self, values: Mapping[str, Any], party: str) -> list[str]:
        """Those whom a text of :meth:`of_parties` charges, by its fields: accused hosts, and where none is
        accused, those named who accuse nobody. An answer charges where it tells what it answers: it may be
        the first text there is.

        Of a text that the judge knows the party in, or the encoder read, the name alone is not enough.
        """
        if values["act"] is Act.RESPONSE and not {*_OPENING} & {*(values["signals"] or ())}:
            return []
        accused, named = (
            {one for name in names for one in values[name] or ()} for names in (_ACCUSED, _NAMED)
        )
        roles = values["roles"] or {}
        if not party:
            of = values["negative_hosts"] or [
                n for n in values["hosts"] or () if roles.get(n) not in _CRITICS
            ]
            return list(of) if of_trade(values) else []
        if not self.names:
            return [party]
        is_judged = values["accused"] is not None or party in named
        among = accused or named
        told = any(word in one for one in among for word in self._called(party))
        return [party] if told or not is_judged else []

    def _called(self, party: str) -> tuple[str, ...]:
        return (party, *self.aliases.get(party, ()))

    def _told_of(self, party: str) -> Expression:
        words = self._called(party)
        keywords = [Keyword(name, word) for name in _ACCUSED for word in words]
        # Registered hosts are accused or not by every judge; of others an unread text has the name alone.
        told = [] if party in self.hosts else [Term(word) for word in words]
        return Or((*keywords, *told))

    def in_words(self) -> str:
        whom = "、".join(self.names) or ("符合条件的信息" if self.query else "名录中每一位主播")
        return f"{whom}有新事件即预警，分紧急、警告与每日汇总；加重、翻倍、回应与平息随后续报"

    def strongest(
        self, key: str, matches: Sequence[Match], shown: Collection[str], reference: Reference, now: datetime
    ) -> Reading | None:
        return None

    def high_until(self, matches: Sequence[Match], need: float, now: datetime) -> datetime | None:
        return None

    def back_in_words(self) -> str:
        return f"{span(self.quiet)}没有新信息"
