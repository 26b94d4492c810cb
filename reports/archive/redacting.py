"""Redaction of a signed report: what it prints of forgotten documents is blanked, its figures stay."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, fields, is_dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from fengping.erasure.traces import SHORTEST, Traces
from fengping.models import RawDocument
from fengping.reports.document import (
    Block,
    CaseCard,
    Cell,
    Heading,
    Origins,
    Paragraph,
    Picture,
    Report,
    Table,
)
from fengping.reports.facts import Case
from fengping.reports.facts.model import Quote
from fengping.reports.facts.quoting import SENTENCE, shorten
from fengping.reports.wording import Fact, Figure, Query, Reference, Text, clean, join, plain

BLANK = "〔已按要求删去〕"
ORIGINAL = "原文"
ALIKE = 16
"""Characters in a row that a report and a forgotten text share only where the report quotes it: it cuts
texts, and puts 〔某主播〕 in place of names."""


@dataclass(frozen=True, slots=True)
class Redacted:
    """A report without the words of forgotten documents."""

    report: Report
    places: tuple[str, ...]
    """Each place where something was blanked, as the list of changes tells it; empty where nothing was."""
    documents: frozenset[str]
    """Ids of the forgotten documents that it named as sources."""


def redact(
    report: Report, ids: Collection[str], traces: Traces, documents: Iterable[RawDocument] = ()
) -> Redacted:
    """*report* without what it prints of the documents of *ids*, of which *documents* are still known."""
    words = _Words.of(report, ids, traces, documents)
    blanked = _Blanking(words)
    digest = tuple(map(blanked.text, report.digest))
    blocks = tuple(blanked.value(block) for block in report.blocks)
    facts = {id: blanked.fact(fact) for id, fact in report.facts.items()}
    title = blanked.words(report.title)
    # Cases that were offered and not printed are not looked through, so none stays.
    made = replace(report, title=title, digest=digest, blocks=blocks, facts=facts, offers=())
    return Redacted(made, tuple(_places(report, made)), words.ids)


def blanking(traces: Traces, documents: Iterable[RawDocument]) -> Callable[[str], str]:
    """Takes words of *documents* out of texts that need not name them: titles, and what a reviewer wrote."""
    return _Blanking(
        _Words(frozenset(), frozenset(), frozenset(), (), _parts(_texts(documents)), traces)
    ).words


def _texts(documents: Iterable[RawDocument]) -> set[str]:
    return {clean(text) for document in documents for text in (document.title, document.text)}


def _parts(texts: Iterable[str]) -> frozenset[str]:
    return frozenset(text[at : at + ALIKE] for text in texts for at in range(len(text) - ALIKE + 1))


@dataclass(frozen=True)
class _Words:
    """Words and addresses by which forgotten documents are known in one report."""

    ids: frozenset[str]
    forgotten: frozenset[str]
    """Ids of all that are forgotten, named as a source or not."""
    whole: frozenset[str]
    """Titles, quotations, addresses and hashes, where one is all of a field or a cell."""
    passages: tuple[str, ...]
    """Those of them that are looked for inside sentences, the longest first."""
    parts: frozenset[str]
    """Every run of :data:`ALIKE` characters of the documents that are named as sources."""
    traces: Traces

    @classmethod
    def of(
        cls, report: Report, ids: Collection[str], traces: Traces, documents: Iterable[RawDocument]
    ) -> _Words:
        told = [(one, text) for one, text in _told_of(report) if one.id in ids]
        named = frozenset(reference.id for reference, _ in told)
        mine = [document for document in documents if document.id in named]
        texts = _texts(mine)
        said = {text.strip("…") for _, text in told} | {one.title.strip("…") for one, _ in told} | texts
        # Within quotation marks those of a passage are others, and the digest cuts it shorter.
        said |= {shorten(one, SENTENCE).rstrip("。…") for one in said}
        said |= {one.replace("“", "‘").replace("”", "’") for one in said}
        places = {place for one, _ in told for place in (one.url, one.hash)} | {one.url for one in mine}
        whole = {one for reference, text in told for one in (reference.title, text)} | said | places
        return cls(
            named,
            frozenset(ids),
            frozenset(whole - {""}),
            tuple(sorted((one for one in said if len(one) >= SHORTEST), key=lambda one: (-len(one), one))),
            _parts(texts),
            traces,
        )

    def spans(self, text: str) -> list[tuple[int, int]]:
        """Parts of *text* to blank, in order, none touching another."""
        found = list(self.traces.spans(text))
        for passage in self.passages:
            at = text.find(passage)
            while at >= 0:
                found.append((at, at + len(passage)))
                at = text.find(passage, at + 1)
        # Addresses of one site begin alike.
        if self.parts and not text.startswith(("http://", "https://")):
            starts = range(len(text) - ALIKE + 1)
            found += [(at, at + ALIKE) for at in starts if text[at : at + ALIKE] in self.parts]
        merged: list[tuple[int, int]] = []
        for start, end in sorted(found):
            if merged and start <= merged[-1][1]:
                merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
            else:
                merged.append((start, end))
        return merged


@dataclass
class _Blanking:
    """Walks a report's values; equal ones come out as one."""

    known: _Words
    _facts: dict[int, Fact] = field(default_factory=dict)

    def value(self, value: Any) -> Any:
        match value:
            case Fact():
                return self.fact(value)
            case Quote(reference=reference) if reference.id in self.known.ids:
                return Quote(_nobody(), BLANK, BLANK)
            case Reference(id=id) if id in self.known.ids:
                return _nobody()
            case Case():
                return self._case(value)
            case Table():
                return self._table(value)
            case Paragraph() | CaseCard() | Cell() | Figure():
                return self._parts(value)
            case str():
                return self.words(value)
            case tuple() if value and all(isinstance(run, str | Figure) for run in value):
                # A text, or a tuple of names: only in the former are neighbouring runs one sentence.
                texted = any(isinstance(run, Figure) for run in value) or len(value) == 1
                return self.text(value) if texted else tuple(map(self.words, value))
            case tuple() | list():
                return tuple(map(self.value, value))
            case Mapping():
                return {self.value(key): self.value(one) for key, one in value.items()}
            case _ if is_dataclass(value) and not isinstance(value, datetime | date | Decimal):
                return self._parts(value)
        return value

    def fact(self, fact: Fact) -> Fact:
        """A figure as it was, without the documents that were forgotten."""
        if id(fact) not in self._facts:
            self._facts[id(fact)] = replace(
                fact,
                label=self.words(fact.label),
                query=self._query(fact.query),
                basis=tuple(map(self.fact, fact.basis)),
                documents=tuple(self.value(one) for one in fact.documents if one.id not in self.known.ids),
            )
        return self._facts[id(fact)]

    def _query(self, query: Query) -> Query:
        """A query without the ids of what was forgotten: a group is called by its first document."""
        if (where := query.where) is None:
            return query

        def told(conditions: Mapping[str, tuple[str, ...]]) -> dict[str, tuple[str, ...]]:
            return {
                key: tuple(BLANK if value in self.known.forgotten else value for value in values)
                for key, values in conditions.items()
            }

        return replace(query, where=replace(where, where=told(where.where), exclude=told(where.exclude)))

    def words(self, text: str) -> str:
        """A string with its passages blanked."""
        if text in self.known.whole:
            return BLANK
        for start, end in reversed(self.known.spans(text)):
            text = text[:start] + BLANK + text[end:]
        return text

    def text(self, text: Text) -> Text:
        """A sentence with its passages blanked, figures within them too."""
        runs: list[str | Figure] = []
        spans, at = self.known.spans(plain(text)), 0
        for run in text:
            start, end = at, at + len(str(run))
            at = end
            inside = [(a, b) for a, b in spans if a < end and b > start]
            if not inside:
                runs.append(self.words(run) if isinstance(run, str) else self._parts(run))
                continue
            kept = start
            for a, b in inside:
                if isinstance(run, str):
                    runs.append(run[kept - start : max(a, start) - start])
                runs.append(BLANK if a >= start else "")
                kept = b
            if isinstance(run, str):
                runs.append(run[kept - start :] if kept < end else "")
        return join(runs)

    def _parts(self, value: Any) -> Any:
        changed = {one.name: self.value(getattr(value, one.name)) for one in fields(value) if one.init}
        return replace(value, **changed)

    def _case(self, case: Case) -> Case:
        made: Case = self._parts(case)
        # Ratios are computed from quoted words, and say them again.
        made = replace(made, masked=tuple(key for key in made.masked if key not in self.known.forgotten))
        same = made.claims == case.claims and made.title == case.title and made.opening == case.opening
        return made if same else replace(made, notes=())

    def _table(self, table: Table) -> Table:
        rows = tuple(tuple(map(self.value, row)) for row in table.rows)
        return replace(
            table,
            caption=self.words(table.caption),
            rows=tuple(map(self._row, table.rows, rows)),
            note=self.text(table.note),
        )

    def _row(self, was: tuple[Cell, ...], row: tuple[Cell, ...]) -> tuple[Cell, ...]:
        """A row of evidence: of one that is about a forgotten document no address, place or hash stays."""
        marks = [cell.link for cell in was] + [plain(cell.text) for cell in was]
        touched = row != was or not self.known.whole.isdisjoint(marks)
        if not touched:
            return row
        named = any(cell.link in self.known.whole or plain(cell.text) in self.known.whole for cell in was)
        return tuple(
            Cell((BLANK,), BLANK) if _tells(cell, before, named, at) else cell
            for at, (before, cell) in enumerate(zip(was, row, strict=True))
        )


def _tells(cell: Cell, before: Cell, named: bool, at: int) -> bool:
    """True for a cell that tells who, where or what: not for counts, nor for the first two columns."""
    if cell.text != before.text or (cell.link and cell.link != before.link):
        return True
    words_only = cell.text and all(isinstance(run, str) for run in cell.text)
    return bool(named and at > 1 and words_only)


def _nobody() -> Reference:
    return Reference("", BLANK)


def _told_of(value: Any) -> Iterator[tuple[Reference, str]]:
    """References anywhere in a report, with what is quoted of each."""
    match value:
        case Quote(reference=reference, text=text):
            yield reference, text
        case Reference():
            yield value, ""
        case tuple() | list():
            for one in value:
                yield from _told_of(one)
        case Mapping():
            yield from _told_of(tuple(value.values()))
        case Fact(documents=documents):
            yield from _told_of(documents)
        case _ if is_dataclass(value) and not isinstance(value, type):
            for one in fields(value):
                yield from _told_of(getattr(value, one.name))


def _places(before: Report, after: Report) -> Iterator[str]:
    """Places that differ, in print order."""
    pairs = zip(before.digest, after.digest, strict=True)
    yield from (f"摘要第{at}句" for at, (was, now) in enumerate(pairs, 1) if was != now)
    chapter = ""
    paragraphs = 0
    for was, now in zip(before.blocks, after.blocks, strict=True):
        if isinstance(now, Heading):
            chapter, paragraphs = now.text, 0
        paragraphs += isinstance(now, Paragraph)
        if was != now or _cells(was) != _cells(now):
            yield from _named(was, now, chapter, paragraphs)
    if gone := sum(len(was.documents) - len(after.facts[id].documents) for id, was in before.facts.items()):
        yield f"数据来源与查询所列文档{gone}条"


def _cells(block: Block) -> object:
    return [cell.link for row in block.rows for cell in row] if isinstance(block, Table) else None


def _named(was: Block, now: Block, chapter: str, paragraph: int) -> Iterator[str]:
    match now:
        case CaseCard(number=number):
            yield f"案例{number}"
        case Table(caption=caption) if isinstance(was, Table):
            for at, (one, other) in enumerate(zip(was.rows, now.rows, strict=True), 1):
                if one != other:
                    yield f"{caption.partition('　')[0]}第{at}行"
            if was.note != now.note or was.caption != now.caption:
                yield f"{caption.partition('　')[0]}的题注"
        case Picture(caption=caption):
            yield caption.partition("　")[0]
        case Heading():
            yield f"标题“{chapter}”"
        case Paragraph():
            yield f"“{chapter}”第{paragraph}段"
        case Origins():
            pass
