"""``percentage_match``: the share of negatives among all documents of a key is too large or too small."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import groupby
from operator import itemgetter
from typing import Annotated, Any, ClassVar, Self

from pydantic import Field, model_validator

from fengping.alerts.baseline import Reference
from fengping.alerts.match import Match, published
from fengping.alerts.rules.rule import NO_NEGATIVES, Enough, Reading, Rule, distinct, span
from fengping.indexer import Filter
from fengping.models import Polarity

_NEXT = timedelta(microseconds=1)


class PercentageMatch(Rule):
    """A share of hits, of at least ``min_denominator`` documents, outside of its bounds."""

    registered_as: ClassVar[tuple[str, ...]] = ("percentage_match",)
    every_tick: ClassVar[bool] = True
    unit: ClassVar[str] = "%"
    idle: ClassVar[frozenset[str]] = frozenset({"negative"})

    max_percentage: Annotated[float, Field(gt=0, le=100)] | None = None
    min_percentage: Annotated[float, Field(gt=0, le=100)] | None = None
    min_denominator: Enough = 10

    @model_validator(mode="after")
    def _bounded(self) -> Self:
        if self.max_percentage is None and self.min_percentage is None:
            raise ValueError("give max_percentage, min_percentage or both")
        return self

    @property
    def key_field(self) -> str:
        """All documents that name a key are the whole."""
        field = super().key_field
        return {"negative_hosts": "hosts", "negative_brands": "brands"}.get(field, field)

    @property
    def counts_hits_only(self) -> bool:
        return False

    def hits(self, values: dict[str, Any]) -> bool:
        return values["polarity"] == Polarity.NEG and values["act"] not in NO_NEGATIVES

    def counted(self) -> Filter:
        whole = self.selection()
        where = whole.where | {"polarity": (Polarity.NEG.value,)}
        return replace(whole, where=where, exclude=whole.exclude | {"act": NO_NEGATIVES})

    def in_words(self) -> str:
        over = f"高于{self.max_percentage:g}%" if self.max_percentage is not None else ""
        under = f"低于{self.min_percentage:g}%" if self.min_percentage is not None else ""
        bounds = "或".join(filter(None, (over, under)))
        return f"{span(self.timeframe)}内至少{self.min_denominator}条中，负面占比{bounds}即预警"

    def strongest(
        self, key: str, matches: Sequence[Match], shown: Collection[str], reference: Reference, now: datetime
    ) -> Reading | None:
        window = [match for match in matches if now - self.timeframe < match.at <= now]
        if len(window) < self.min_denominator or all(match.id in shown for match in window):
            return None
        hits = tuple(match for match in window if match.hit)
        fresh = tuple(match for match in hits if match.id not in shown)
        share = 100 * len(hits) / len(window)
        # Of a share that stays too large, what no alarm has shown is news; one that stays too small may rest
        # on others alone.
        if self.max_percentage is not None and share > self.max_percentage and fresh:
            told = distinct(hits) >= self.min_publishers
            return Reading(len(fresh), self.max_percentage, fresh, reached=told)
        if self.min_percentage is not None and share < self.min_percentage:
            told = distinct(window) >= self.min_publishers
            return Reading(len(fresh), self.min_percentage, fresh, reached=told)
        return None

    def high_until(self, matches: Sequence[Match], need: float, now: datetime) -> datetime | None:
        """The end of the last time at which the share was over the lower threshold, or too small.

        It changes where a document comes into the window, and where one leaves it.
        """
        moves = [(match.at, 1, match.hit) for match in matches if match.at <= now]
        moves += [(at + self.timeframe, -1, hit) for at, _, hit in moves if at + self.timeframe <= now]
        found: datetime | None = None
        whole = hits = 0
        was_high = False
        for at, together in groupby(sorted(moves), key=itemgetter(0)):
            for _, step, hit in together:
                whole, hits = whole + step, hits + step * hit
            is_high = self._is_high(hits, whole)
            if was_high and not is_high:
                found = at
            was_high = is_high
        return now + self.timeframe if was_high else found

    def _is_high(self, hits: int, whole: int) -> bool:
        share = 100 * hits / max(1, whole)
        over = self.max_percentage is not None and share > self.max_percentage * self.recover_ratio
        return over or (self.min_percentage is not None and whole > 0 and share < self.min_percentage)

    def leaves(self, matches: Sequence[Match], now: datetime) -> datetime | None:
        place = bisect_right(matches, now - self.timeframe, key=published)
        moments = [match.at + self.timeframe for match in matches[place : place + 1]]
        # A repost that was held back counts again where what it repeats is too old to be looked at.
        moments += [match.at + self.horizon + _NEXT for match in matches[:1]]
        return min(moments, default=None)

    def back_in_words(self) -> str:
        over = (
            f"不高于{self.max_percentage * self.recover_ratio:g}%" if self.max_percentage is not None else ""
        )
        under = f"不低于{self.min_percentage:g}%" if self.min_percentage is not None else ""
        bounds = "且".join(filter(None, (over, under)))
        return f"恢复到{span(self.timeframe)}内负面占比{bounds}"
