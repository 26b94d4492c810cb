"""Texts of the measuring part with what both judges say of them, and each claim with its probability."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np

from devtools.labelling import store
from devtools.labelling.packs import Answer, Party
from devtools.labelling.texts import Text
from devtools.reading.examples import FOLDERS
from devtools.reading.limits import Scored
from devtools.training.gather import gather
from fengping.analysis import Judge, Reader
from fengping.analysis.hosts import Kind
from fengping.analysis.mentions import Scan
from fengping.analysis.reading import FORMS, Name, clauses_of
from fengping.analysis.reading.derived import Sellers
from fengping.analysis.reading.names import occurrences
from fengping.analysis.reading.terms import CLASSES
from fengping.config import AnalysisConfig
from fengping.models import Judgement
from fengping.reading import Reading, Span

_BEGINNING, _SHORTEST = 14, 5
"""Characters by which a line is known again, and more than which it needs."""
ROLE = {"A": "accused", "V": "victim", "G": "authority"}
"""Roles that are graded, by their letters in the labels."""


@dataclass(frozen=True, slots=True)
class Row:
    """A labelled text with what both judges say of it."""

    text: Text
    gold: Answer
    reading: Reading
    named: Reading
    """The reading where the labelled parties are given."""
    judged: Judgement
    known: tuple[bool, ...]
    """Of each labelled party, whether a registry names it."""
    hosts: dict[str, list[Span]]
    """Where each host of the registry is named."""
    sellers: Sellers
    """Hosts and agencies of the registry that the text names."""


@cache
def labelled(data: Path) -> list[tuple[Text, Answer]]:
    """Texts of the measuring part, each with its settled label."""
    best: dict[str, store.Label] = {}
    rank = {3: 2, 1: 1, 2: 0}
    for label in store.read():
        there = best.get(label.key)
        if label.part == "measure" and (there is None or rank[label.reader] > rank[there.reader]):
            best[label.key] = label
    return [(text, label.answer) for text, label in store.join(data, best.values())]


@cache
def loaded() -> Reader:
    return Reader.load()


def untaught(found: Sequence[Row], data: Path) -> list[Row]:
    """The rows of which no line stands, by its beginning, in a text that taught today's judge."""
    sets = gather([data / folder for folder in FOLDERS])
    taught = {line for one in sets for text in one.texts for line in _lines(text)}
    return [row for row in found if taught.isdisjoint(_lines(row.text.content))]


def _lines(text: str) -> set[str]:
    """Beginnings of the lines and hashtags of a text."""
    parts = map(str.strip, text.replace("#", "\n").split("\n"))
    return {part[:_BEGINNING] for part in parts if len(part) > _SHORTEST}


def rows(data: Path) -> list[Row]:
    reader, judge = loaded(), Judge.load(AnalysisConfig())
    pairs = labelled(data)
    contents = [text.content for text, _ in pairs]
    gold = [[_name(text.content, party) for party in said.parties] for text, said in pairs]
    scans = [judge.lexicon.scan(content) for content in contents]
    known = [
        tuple(any(m.start < p.end and p.start < m.end for m in scan.mentions) for p in said.parties)
        for scan, (_, said) in zip(scans, pairs, strict=True)
    ]
    columns = zip(
        pairs, reader.read(contents, [scan.mentions for scan in scans]), reader.read(contents, named=gold),
        judge.judge(contents), known, scans,
        strict=True,
    )  # fmt: skip
    return [
        Row(t, said, r, n, j, k, _hosts(scan), judge.sellers(scan)) for (t, said), r, n, j, k, scan in columns
    ]


def _hosts(scan: Scan) -> dict[str, list[Span]]:
    found: dict[str, list[Span]] = {}
    for one in scan.mentions:
        if one.kind is Kind.HOST:
            found.setdefault(one.name, []).append((one.start, one.end))
    return found


def _name(content: str, party: Party) -> Name:
    word = content[party.start : party.end]
    return Name(word, list(occurrences(content, word)))


def scored(found: Sequence[Row]) -> dict[str, Scored]:
    """For each claim its probability wherever it may be made, and whether the label says so."""
    pairs: dict[str, list[tuple[float, bool]]] = {
        "negative": [(row.reading.negative, row.gold.polarity == "neg") for row in found],
        "positive": [(row.reading.positive, row.gold.polarity == "pos") for row in found],
        "relevant": [(row.reading.relevant, row.gold.relevant) for row in found if not any(row.sellers)],
        "host": [
            (row.reading.consumer, row.gold.relevant) for row in found if row.sellers == Sellers(host=True)
        ],
        "consumer": [(row.reading.consumer, row.gold.consumer) for row in found],
    }
    for letter, role in ROLE.items():
        pairs[role] = [
            (party.roles[role], letter in gold.roles)
            for row in found
            for party, gold in zip(row.named.parties, row.gold.parties, strict=True)
        ]
    for kind in FORMS:
        pairs[kind] = [pair for row in found for pair in _clause_pairs(row, kind)]
    pairs["class"] = [
        (shares.get(code, 0.0), code in gold)
        for row in found
        if (gold := {code for signal in row.gold.signals for code in signal.classes})
        for shares in [shares_of(row)]
        for code in CLASSES
    ]
    return _arrays(pairs)


def printed(found: Sequence[Row]) -> dict[str, Scored]:
    """The same of kinds of clauses as they are printed: whether the text tells such an act at all."""
    return _arrays({
        kind: [
            (
                max((s.probability for s in row.reading.signals if s.kind == kind), default=0.0),
                any(s.kind.partition(".")[0] == kind for s in row.gold.signals),
            )
            for row in found
        ]
        for kind in FORMS
    })  # fmt: skip


def _arrays(pairs: dict[str, list[tuple[float, bool]]]) -> dict[str, Scored]:
    return {name: (np.array([p for p, _ in of]), np.array([y for _, y in of])) for name, of in pairs.items()}


def _clause_pairs(row: Row, kind: str) -> Iterable[tuple[float, bool]]:
    gold = {s.clause - 1 for s in row.gold.signals if s.kind.partition(".")[0] == kind}
    said = {s.span[0]: s.probability for s in row.reading.signals if s.kind == kind}
    for number, span in enumerate(clauses_of(row.text.content)):
        if number in gold or span.start in said:
            yield said.get(span.start, 0.0), number in gold


def shares_of(row: Row) -> dict[str, float]:
    """The highest probability of each class over the text's charges."""
    found: dict[str, float] = {}
    for signal in row.reading.signals:
        for code, share in (signal.classes or {}).items():
            found[code] = max(found.get(code, 0.0), share)
    return found
