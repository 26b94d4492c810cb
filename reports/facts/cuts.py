"""Breakdowns of a scope: by the values of one field, or the negatives by those of two."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice

from fengping.errors import UsageError, did_you_mean
from fengping.indexer import Filter
from fengping.indexer.search import Expression, Keyword, Or
from fengping.indexer.search.query.words import KEYWORD_NAMES
from fengping.models import FIELDS
from fengping.reports.chapters import TIERS, topic_texts
from fengping.reports.chapters.topics import CHANNELS, POLARITIES
from fengping.reports.facts.counter import LONGEST_NAME, NAMING, Counter
from fengping.reports.facts.model import share_of
from fengping.reports.scope import ALL, NEGATIVE, Cut
from fengping.reports.wording import Fact, Query, clean

LABELS = {
    "platforms": "平台", "brands": "品牌", "negative_brands": "被指品牌", "hosts": "主播",
    "negative_hosts": "被指主播", "issues": "问题类别", "channel": "渠道", "site": "站点", "region": "地区",
    "tier": "发布级别", "source": "来源", "kind": "体裁", "lang": "语言", "polarity": "情感", "act": "性质",
    "regulators": "监管部门", "tags": "标签",
}  # fmt: skip
"""Fields that a report is broken down by. Accounts are none of them: they are never listed by name."""
NAMED = {field: accused for accused, named in NAMING for field in (accused, named)}
"""Fields of names that need enough publishers, with the field of those who are accused."""
ROWS = 20
CROSS_ROWS, CROSS_COLUMNS = 12, 8
KNOWN = 10_000
"""Values of a field that are counted."""
_BETWEEN = re.compile(r"\s*×\s*|\s+[xX]\s+")

Counts = Sequence[tuple[str, int]]


@dataclass(frozen=True, slots=True)
class Row:
    """One value of a field, or all that are not listed: documents, and the negatives among them."""

    name: str
    count: Fact
    share: Fact
    negative: Fact
    negative_share: Fact


@dataclass(frozen=True, slots=True)
class Breakdown:
    """A scope by the values of one field."""

    held: Fact
    """Documents that hold any value."""
    rows: tuple[Row, ...]
    rest: bool
    """True where the last row is of all that are not listed."""
    whole: bool
    """False where there are more values than are counted."""


@dataclass(frozen=True, slots=True)
class Crossed:
    """The negatives by the values of two fields; the last row or column may be of all that are not listed."""

    columns: tuple[str, ...]
    rows: tuple[tuple[str, Fact, tuple[Fact, ...]], ...]
    """Name, negatives, and those of each column."""
    rest: bool


def cut_of(text: str) -> tuple[str, ...]:
    """The field, or the two, of ``platform`` or ``platform x issue``; raises :class:`UsageError`."""
    fields = tuple(map(_field, _BETWEEN.split(text.strip())))
    if len(fields) > 2 or len(set(fields)) < len(fields):
        raise UsageError(
            f"{text!r} is no cut.", remedy="Write one field, or two different ones: platform x issue."
        )
    return fields


def _field(name: str) -> str:
    known = {word: field for word, field in KEYWORD_NAMES.items() if field in LABELS}
    if name in known:
        return known[name]
    if name in KEYWORD_NAMES:
        raise UsageError(
            f"A report is not broken down by {name!r}.", remedy=f"Known: {', '.join(sorted(LABELS))}."
        )
    raise UsageError(f"Unknown field {name!r}.", remedy=did_you_mean(name, known))


def break_down(ask: Counter, field: str, whole: Fact) -> Breakdown:
    """The values of *field* with their documents and negatives, most first; shares are of *whole*."""
    counts = ask.store.terms(ask.within(ALL), field, limit=KNOWN)
    negative = dict(ask.store.terms(ask.within(NEGATIVE), field, limit=KNOWN))
    id, label = f"cut.{field}", LABELS[field]
    rows = []
    parts = list(_parts(field, _listed(ask, field, counts, ROWS), counts))
    for part in parts:
        told = (part.count, negative.get(part.keys[0], 0)) if part.listed else (None, None)
        name = f"{label}：{part.name}"
        count = _count(ask, f"{id}.{part.id}", name, ALL, {field: part}, told[0])
        against = _count(ask, f"{count.id}.negative", f"{name}，吐槽类", NEGATIVE, {field: part}, told[1])
        rows.append(Row(
            part.name, count, share_of(f"{count.id}.share", f"{name}占比", count, whole),
            against, share_of(f"{against.id}.share", f"{name}，吐槽类占比", against, count),
        ))  # fmt: skip
    every = _Part(tuple(key for key, _ in counts), "", 0, "any")
    held = _count(ask, id, f"载明{label}的信息", ALL, {field: every}, None if counts else 0)
    return Breakdown(held, tuple(rows), _folds(parts), len(counts) < KNOWN)


def cross(ask: Counter, row_field: str, column_field: str) -> Crossed:
    """Negatives by the most frequent values of two fields; those that are not listed are counted together."""
    where = ask.within(NEGATIVE)
    rows, columns = (ask.store.terms(where, field, limit=KNOWN) for field in (row_field, column_field))
    listed = _listed(ask, row_field, rows, CROSS_ROWS)
    pairs = ask.store.cross(where, row_field, column_field, listed)
    across = list(_parts(column_field, _listed(ask, column_field, columns, CROSS_COLUMNS), columns))
    found = []
    down = list(_parts(row_field, listed, rows))
    for row in down:
        id, name = f"cut.{row_field}.{column_field}.{row.id}", f"{LABELS[row_field]}：{row.name}，吐槽类"
        count = _count(ask, id, name, NEGATIVE, {row_field: row}, row.count if row.listed else None)
        cells = []
        for column in across:
            both = {row_field: row, column_field: column}
            known = pairs.get((row.keys[0], column.keys[0]), 0) if row.listed and column.listed else None
            own = f"{id}.{column.id}"
            cells.append(_count(ask, own, f"{name}，{column.name}", NEGATIVE, both, known, evidence=False))
        found.append((row.name, count, tuple(cells)))
    return Crossed(tuple(column.name for column in across), tuple(found), _folds([*down, *across]))


@dataclass(frozen=True, slots=True)
class _Part:
    """A value that is listed, or all others together."""

    keys: tuple[str, ...]
    name: str
    count: int
    words: str = ""
    """The words by which a query names values that it does not list."""

    @property
    def listed(self) -> bool:
        return not self.words

    @property
    def id(self) -> str:
        return clean(self.keys[0])[:LONGEST_NAME] if self.listed else f"other_{len(self.keys)}"


def _parts(field: str, listed: Sequence[str], counts: Counts) -> Iterator[_Part]:
    names, known = _names(field), dict(counts)
    for key in listed:
        yield _Part((key,), clean(names.get(key, key))[:LONGEST_NAME], known[key])
    if others := tuple(key for key in known if key not in set(listed)):
        yield _Part(others, f"其余{len(others)}个", 0, "any but the listed")


def _folds(parts: Sequence[_Part]) -> bool:
    return any(not part.listed for part in parts)


def _names(field: str) -> Mapping[str, str]:
    """Printed names of a field's values, where they have other ones."""
    if field == "issues":
        return {code: text.name for code, text in topic_texts().items()}
    own: Mapping[str, Mapping[str, str]] = {"channel": CHANNELS, "tier": TIERS, "polarity": POLARITIES}
    words = {value: word for word, value in FIELDS[field].values.items() if not word.isascii()}
    return own.get(field, words)


def _listed(ask: Counter, field: str, counts: Counts, most: int) -> list[str]:
    """The values that are printed, most frequent first: of names those that enough publishers tell of."""
    if field not in NAMED:
        return [key for key, _ in counts[:most]]
    free = {*ask.forms.platforms, *ask.scope.where.get("hosts", ())}
    accused = {name for name, _ in ask.store.terms(ask.within(NEGATIVE), NAMED[field], limit=KNOWN)}
    told = (
        name
        for name, n in counts[: 3 * most]
        if name in free or (n >= ask.least and ask.is_told(name, accused=name in accused))
    )
    return list(islice(told, most))


def _count(
    ask: Counter,
    id: str,
    label: str,
    cut: Cut,
    parts: Mapping[str, _Part],
    known: int | None,
    *,
    evidence: bool = True,
) -> Fact:
    """The documents of *cut* with one of each field's values; its query lists none that is not printed."""
    fact = ask.count(id, label, _having(ask.within(cut), parts), known, evidence=evidence)
    hidden = [f"{field}={part.words}" for field, part in parts.items() if part.words]
    if not hidden:
        return fact
    shown = _having(ask.within(cut), {field: part for field, part in parts.items() if part.listed})
    return replace(fact, query=Query(" ".join([Query("count", shown).words(), *hidden])))


def _having(where: Filter, parts: Mapping[str, _Part]) -> Filter:
    """*where* with one of the values of each field; what it asks of such a field already stays asked."""
    for field, part in parts.items():
        if field not in where.where:
            where = replace(where, where={**where.where, field: part.keys})
            continue
        values: tuple[Expression, ...] = tuple(Keyword(field, key) for key in part.keys)
        one = values[0] if len(values) == 1 else Or(values)
        where = where.holding(one)
    return where
