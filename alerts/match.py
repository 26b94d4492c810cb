"""Match: documents that a rule counts, read from a store as plain values, and their counts.

No store adds likes, comments and reposts up: of a rule with ``min_engagement`` the documents that may have as
much are read and counted here.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

from fengping.alerts.baseline import hour_of, moment_of
from fengping.clock import day_of, day_start
from fengping.indexer import Bucket, Filter, Interval, Store
from fengping.models import FIELDS

if TYPE_CHECKING:
    from fengping.alerts.rules.rule import Rule

ALL = "全部"
"""The key of a rule that tells no keys apart."""

ENGAGEMENT = ("likes", "comments", "reposts")
_COLUMNS = (
    "id", "published_at", "indexed_at", "source", "site", "author_id", "issues", "act", "event", "group",
    "title",
)  # fmt: skip


@dataclass(frozen=True, slots=True, order=True)
class Match:
    """A document that counts for a key."""

    at: datetime
    """Publication time: windows are judged by it, whenever the document arrived."""
    id: str
    arrived: datetime = field(compare=False)
    """Moment at which it came into the index."""
    publisher: str = field(default="", compare=False)
    """The account, or the site where no account is known."""
    classes: tuple[str, ...] = field(default=(), compare=False)
    event: str = field(default="", compare=False)
    group: str = field(default="", compare=False)
    """Its repost group."""
    text: int = field(default=0, compare=False)
    """Of a document without an account, what tells its title from others of its group; else 0."""
    hit: bool = field(default=True, compare=False)
    """False for documents that are only counted as the whole of a share, and for answers."""
    answers: bool = field(default=False, compare=False)
    """True where the party of a watched event answers in it."""
    gravity: int = field(default=1, compare=False)
    """Its own :class:`~fengping.alerts.gravity.Gravity`, where an event is watched."""


def read_matches(
    rule: Rule, store: Store, since: datetime, until: datetime, keys: Sequence[str] = ()
) -> dict[str, list[Match]]:
    """Matches of *rule* published in ``[since, until)``, by key, in time order; only *keys* where given."""
    where = rule.selection(since, until)
    if keys and rule.key_field:
        where = _narrowed(where, rule.key_field, keys)
    found: dict[str, list[Match]] = defaultdict(list)
    for key, match in matches_of(rule, store, where):
        if not keys or key in keys:
            found[key].append(match)
    for matches in found.values():
        matches.sort()
    return found


class Documents:
    """Matches of one key, each time read once however often it is asked for, by one rule or several alike."""

    MOST = 200_000
    """Matches that are kept; beyond it they are read anew."""

    def __init__(self, rule: Rule, store: Store, key: str, known: Sequence[Match] | None = None) -> None:
        """*known*: all of them, where they were read together with those of other keys."""
        self._rule, self._store, self._key = rule, store, key
        self._whole = known is not None
        self._known = list(known or ())
        self._spans: list[tuple[datetime, datetime]] = []
        """Times that were read, apart from each other and in order."""

    def between(self, since: datetime, until: datetime) -> list[Match]:
        """Matches published in ``[since, until)``, in time order."""
        if len(self._known) > self.MOST and not self._whole:
            self._known, self._spans = [], []
        for start, stop in [] if self._whole else self._missing(since, until):
            read = read_matches(self._rule, self._store, start, stop, [self._key])
            self._known += read.get(self._key, ())
            self._known.sort()  # two runs in order, which Python merges
        low, high = (bisect_left(self._known, at, key=published) for at in (since, until))
        return self._known[low:high]

    def _missing(self, since: datetime, until: datetime) -> list[tuple[datetime, datetime]]:
        """The parts of a time that were not read yet; it counts as read from now on."""
        apart = [span for span in self._spans if span[1] < since or span[0] > until]
        touching = [span for span in self._spans if span not in apart]
        edges = [since, *(edge for span in touching for edge in span), until]
        missing = [(start, stop) for start, stop in zip(edges[::2], edges[1::2], strict=True) if start < stop]
        whole = (min(edges), max(edges))
        self._spans = sorted([*apart, whole])
        return missing


def published(match: Match) -> datetime:
    """The order of matches, by which places in time are found among them."""
    return match.at


def matches_of(rule: Rule, store: Store, where: Filter) -> Iterator[tuple[str, Match]]:
    """Each match with each of its keys, in no order; undated documents are none."""
    judged = () if rule.counts_hits_only else ("polarity",)
    counted = ENGAGEMENT if rule.min_engagement else ()
    names = dict.fromkeys((*_COLUMNS, *judged, *counted, *filter(None, [rule.key_field])))
    for row in store.columns(where, [*names]):
        values = dict(zip(names, row, strict=True))
        if values["published_at"] is not None and is_engaged(rule, values):
            for key in _keys(rule, values[rule.key_field] if rule.key_field else ALL):
                yield key, match_of(rule, values)


def _keys(rule: Rule, value: Any) -> Iterator[str]:
    if not rule.key_field:
        yield ALL
        return
    values = value if FIELDS[rule.key_field].many else [value]
    for one in values or ():
        key = str(one)
        if key and (not rule.keys or key in rule.keys):
            yield key


def match_of(rule: Rule, values: dict[str, Any]) -> Match:
    """A document as a match, by its fields."""
    return Match(
        at=values["published_at"],
        id=values["id"],
        arrived=values["indexed_at"],
        publisher=values["author_id"] or values["site"] or values["source"],
        classes=tuple(values["issues"] or ()),
        event=values["event"] or "",
        group=values["group"],
        # A list has many titles of one affair: only the same one is the same again.
        text=0 if values["author_id"] else hash(values["title"] or values["id"]),
        hit=rule.hits(values),
    )


def _narrowed(where: Filter, name: str, keys: Sequence[str]) -> Filter:
    given = where.where.get(name)
    kept = tuple(key for key in keys if given is None or key in given)
    return replace(where, where=where.where | {name: kept})


def is_engaged(rule: Rule, values: dict[str, Any]) -> bool:
    """True where a document has the engagement that *rule* asks, by its fields."""
    return not rule.min_engagement or sum(values[n] or 0 for n in ENGAGEMENT) >= rule.min_engagement


def count(rule: Rule, store: Store, where: Filter) -> int:
    """Documents of *where*, which is a selection of *rule* or a part of one."""
    if not rule.min_engagement:
        return store.count(where)
    return sum(1 for _ in _engaged(rule, store, where, ()))


def histogram(
    rule: Rule, store: Store, where: Filter, by: Interval, *, split: str | None = None
) -> list[Bucket]:
    """The same by hour or day, and by value of the keyword field *split*."""
    if not rule.min_engagement:
        return store.histogram(where, by, split=split)
    counts: Counter[tuple[datetime, str | None]] = Counter()
    names = ("published_at", *((split,) if split else ()))
    for values in _engaged(rule, store, where, names):
        if (at := values["published_at"]) is None:
            continue
        start = moment_of(hour_of(at)) if by is Interval.HOUR else day_start(day_of(at))
        found: list[str | None] = [None]
        if split:
            value = values[split]
            found = list(value or ()) if FIELDS[split].many else [value] if value else []
        counts.update((start, one) for one in found)
    return [Bucket(start, number, one) for (start, one), number in sorted(counts.items(), key=_in_time)]


def _engaged(rule: Rule, store: Store, where: Filter, names: tuple[str, ...]) -> Iterator[dict[str, Any]]:
    wanted = (*names, *ENGAGEMENT)
    for row in store.columns(where, wanted):
        values = dict(zip(wanted, row, strict=True))
        if is_engaged(rule, values):
            yield values


def _in_time(item: tuple[tuple[datetime, str | None], int]) -> tuple[datetime, str]:
    (start, value), _ = item
    return start, value or ""
