"""Documents that a rule counts, read from a store as plain values."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

from fengping.indexer import Filter, Store
from fengping.models import FIELDS

if TYPE_CHECKING:
    from fengping.alerts.rules.rule import Rule

ALL = "全部"
"""The key of a rule that tells no keys apart."""

_CENTRAL = "central"
_COLUMNS = (
    "id", "published_at", "indexed_at", "source", "site", "author_id", "issues", "regulators", "tier",
    "event", "group", "polarity", "act", "likes", "comments", "reposts",
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
    official: bool = field(default=False, compare=False)
    """True where a regulator is named or a central medium speaks."""
    event: str = field(default="", compare=False)
    group: str = field(default="", compare=False)
    """Its repost group."""
    hit: bool = field(default=True, compare=False)
    """False for documents that are only counted as the whole of a share."""


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


def matches_of(rule: Rule, store: Store, where: Filter) -> Iterator[tuple[str, Match]]:
    """Each match with each of its keys, in no order; undated documents are none."""
    names = (*_COLUMNS, rule.key_field) if rule.key_field else _COLUMNS
    for row in store.columns(where, names):
        values = dict(zip(_COLUMNS, row, strict=False))
        if values["published_at"] is None or _engagement(values) < rule.min_engagement:
            continue
        for key in _keys(rule, row[-1] if rule.key_field else ALL):
            yield key, _match(rule, values)


def _keys(rule: Rule, value: Any) -> Iterator[str]:
    if not rule.key_field:
        yield ALL
        return
    values = value if FIELDS[rule.key_field].many else [value]
    for one in values or ():
        key = str(one)
        if key and (not rule.keys or key in rule.keys):
            yield key


def _match(rule: Rule, values: dict[str, Any]) -> Match:
    return Match(
        at=values["published_at"],
        id=values["id"],
        arrived=values["indexed_at"],
        publisher=values["author_id"] or values["site"] or values["source"],
        classes=tuple(values["issues"] or ()),
        official=bool(values["regulators"]) or values["tier"] == _CENTRAL,
        event=values["event"] or "",
        group=values["group"],
        hit=rule.hits(values),
    )


def _engagement(values: dict[str, Any]) -> int:
    return sum(values[name] or 0 for name in ("likes", "comments", "reposts"))


def _narrowed(where: Filter, name: str, keys: Sequence[str]) -> Filter:
    given = where.where.get(name)
    kept = tuple(key for key in keys if given is None or key in given)
    return replace(where, where=where.where | {name: kept})
