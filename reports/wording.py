"""Text whose figures know where they come from.

A sentence is a tuple of plain strings and :class:`Figure`; every renderer prints the figures as links
to their entry in the appendix, and the appendix is made of the figures that were really printed.
"""

from __future__ import annotations

import re
import string
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from fengping.clock import iso, local
from fengping.indexer import Filter
from fengping.indexer.search import render
from fengping.reports import numbers

Number = int | float | Decimal


@dataclass(frozen=True, slots=True)
class Reference:
    """A document as evidence: enough to find and recognise it."""

    id: str
    title: str = ""
    url: str = ""
    published: str = ""
    hash: str = ""
    """SHA-256 of title and text as they were taken in."""


@dataclass(frozen=True, slots=True)
class Query:
    """One of the fixed queries, as asked of the store, so that anyone can ask it again."""

    op: str
    """``count``, ``histogram``, ``terms``; for a figure made from others, the formula."""
    where: Filter | None = None
    field: str = ""
    """The field or the interval that ``terms`` and ``histogram`` split by."""

    def echo(self) -> dict[str, Any]:
        """The query as JSON; times in Chinese time."""
        if self.where is None:
            return {"formula": self.op}
        asked = self.where
        parts: dict[str, Any] = {"op": self.op}
        if self.field:
            parts["by"] = self.field
        if asked.since or asked.until:
            parts["published_at"] = {"gte": iso(asked.since), "lt": iso(asked.until)}
        if asked.undated:
            parts["published_at"] = None
        if asked.text is not None:
            parts["query"] = render(asked.text)
        for name, clause in (("where", asked.where), ("exclude", asked.exclude)):
            if clause:
                parts[name] = {key: list(values) for key, values in sorted(clause.items())}
        return parts

    def words(self) -> str:
        """The query in one line: ``count 2020-10-20…2020-11-15 polarity=neg issues=C02|C03``."""
        if self.where is None:
            return self.op
        asked = self.where
        parts = [f"{self.op} by {self.field}" if self.field else self.op]
        if asked.since and asked.until:
            parts.append(f"{_short(asked.since)}…{_short(asked.until - timedelta(seconds=1))}")
        if asked.undated:
            parts.append("published_at=∅")
        if asked.text is not None:
            parts.append(f"query=[{render(asked.text)}]")
        parts += [f"{name}={'|'.join(values)}" for name, values in sorted(asked.where.items())]
        parts += [f"{name}≠{'|'.join(values)}" for name, values in sorted(asked.exclude.items())]
        return clean(" ".join(parts))


def _short(moment: datetime) -> str:
    return local(moment).date().isoformat()


@dataclass(frozen=True, slots=True)
class Fact:
    """One value and its origin. ``value`` is ``None`` where nothing could be counted."""

    id: str
    label: str
    value: Number | None
    query: Query
    unit: str = "条"
    n: int | None = None
    """For a share: how many documents it is a share of."""
    basis: tuple[Fact, ...] = ()
    """The facts it was computed from."""
    documents: tuple[Reference, ...] = field(default=(), compare=False)
    """The first documents of the query, oldest first."""

    def __post_init__(self) -> None:
        # Names of hosts, sites and accounts stand in both; what no file format holds would end the report.
        for name in ("id", "label"):
            if _UNPRINTABLE.search(text := getattr(self, name)):
                object.__setattr__(self, name, clean(text))


@dataclass(frozen=True, slots=True)
class Figure:
    """A printed figure. ``n`` is set beside every percentage and nowhere else."""

    text: str
    fact: Fact
    n: int | None = None

    def __str__(self) -> str:
        return self.text if self.n is None else f"{self.text}（n={self.n}）"


Text = tuple[str | Figure, ...]


def compose(template: str, **parts: str | Figure | Text) -> Text:
    """*template* with its ``{names}`` replaced; text stays text, figures stay figures."""
    runs: list[str | Figure] = []
    for literal, name, _, _ in string.Formatter().parse(template):
        runs.append(literal)
        if name is not None:
            part = parts[name]
            runs.extend(part if isinstance(part, tuple) else (part,))
    return join(runs)


def join(runs: Iterable[str | Figure]) -> Text:
    """Runs with neighbouring strings melted together and empty ones left out."""
    melted: list[str | Figure] = []
    for run in runs:
        if isinstance(run, str) and melted and isinstance(melted[-1], str):
            melted[-1] += run
        elif run != "":
            melted.append(run)
    return tuple(melted)


def enumerate_texts(items: Iterable[Text | Figure | str], separator: str = "、") -> Text:
    """Texts with *separator* between them."""
    runs: list[str | Figure] = []
    for item in items:
        if runs:
            runs.append(separator)
        runs.extend(item if isinstance(item, tuple) else (item,))
    return join(runs)


def plain(text: Text) -> str:
    """The sentence as a reader sees it without links."""
    return "".join(str(run) for run in text)


def figures(text: Text) -> Iterator[Figure]:
    return (run for run in text if isinstance(run, Figure))


def number(fact: Fact) -> Figure:
    """A count in full."""
    return Figure(numbers.digits(None if fact.value is None else int(fact.value)), fact)


def round_number(fact: Fact) -> Figure:
    """A count in ten thousands, for titles and digests."""
    return Figure(numbers.wan(None if fact.value is None else int(fact.value)), fact)


def about(fact: Fact) -> Figure:
    """A daily mean of the overview."""
    return Figure(numbers.about(_decimal(fact.value)), fact)


def exact(fact: Fact) -> Figure:
    """A daily mean of a class."""
    return Figure(numbers.exact(_decimal(fact.value)), fact)


def share(fact: Fact) -> Figure:
    """A percentage, with its n beside it."""
    part = fact.basis[0].value if fact.basis else None
    text = numbers.percent(None if part is None else int(part), fact.n)
    return Figure(text, fact, fact.n if text != numbers.UNCOUNTED else None)


FLOOR = 30
"""Documents below which no share of them stands in prose."""


def with_share(template: str, fact: Fact) -> Text:
    """*template* with ``{share}``; nothing where the whole is missing or too small for a share in prose."""
    if fact.value is None or fact.n is None or fact.n < FLOOR:
        return ()
    return compose(template, share=share(fact))


def _decimal(value: Number | None) -> Decimal | None:
    return None if value is None else Decimal(value)


# Control characters, lone surrogates and direction overrides: illegal in XML or able to make a page lie.
_UNPRINTABLE = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff\u202a-\u202e\u2066-\u2069]"
)


def clean(text: str) -> str:
    """Collected text fit to print: one line, nothing invisible that could break or fake a page."""
    return re.sub(r"\s+", " ", printable(text)).strip()


def printable(text: str) -> str:
    """*text* without what no file format holds, its spaces as they are."""
    return _UNPRINTABLE.sub("", text)


def web_link(url: str) -> str:
    """*url* where it is an http(s) address, else nothing: collected pages may carry ``javascript:``."""
    return url if re.match(r"https?://[^\s\"'<>]+$", url) else ""


def facts_of(texts: Iterable[Text]) -> Mapping[str, Fact]:
    """Every fact printed in *texts*, and what each rests on, by id, in order of appearance."""
    found: dict[str, Fact] = {}

    def take(fact: Fact) -> None:
        if fact.id not in found:
            found[fact.id] = fact
            for part in fact.basis:
                take(part)

    for text in texts:
        for figure in figures(text):
            take(figure.fact)
    return found
