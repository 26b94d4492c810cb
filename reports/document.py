"""A report as a tree of blocks: what every renderer gets. No store, no clock, no file in sight."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from fengping.reports.facts.model import Case, Window
from fengping.reports.render.charts import Chart
from fengping.reports.wording import Fact, Figure, Text


@dataclass(frozen=True, slots=True)
class Heading:
    level: int
    """2 for chapters (一、), 3 for parts (（一）), 4 for a single class or case."""
    text: str


@dataclass(frozen=True, slots=True)
class Paragraph:
    text: Text
    role: str = ""
    """``note`` for method and reservations, else body text."""


@dataclass(frozen=True, slots=True)
class Picture:
    """A chart with its number and caption."""

    id: str
    caption: str
    chart: Chart
    alt: str
    """Content of the chart in one sentence, for those who cannot see it."""


@dataclass(frozen=True, slots=True)
class Cell:
    """A table cell: what is printed, and the native value for a spreadsheet."""

    text: Text
    value: str | int | float | date | None
    link: str = ""


@dataclass(frozen=True, slots=True)
class Table:
    """``numeric`` columns are set to the right. ``sheet`` names it in a workbook (≤ 31 characters)."""

    id: str
    caption: str
    sheet: str
    columns: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    numeric: tuple[bool, ...]
    note: Text = ()


@dataclass(frozen=True, slots=True)
class CaseCard:
    """A case in print: its number, its introduction and the case itself."""

    number: int
    heading: str
    intro: Text
    case: Case


@dataclass(frozen=True, slots=True)
class Origins:
    """The appendix entry of every printed figure; its place is at the end."""

    facts: tuple[Fact, ...]


NAME = 50
"""Characters of a kind that a mark is put behind."""

Block = Heading | Paragraph | Picture | Table | CaseCard | Origins


@dataclass(frozen=True, slots=True)
class Report:
    """A finished report. Equal reports render to equal bytes."""

    kind: str
    title: str
    subject: str
    window: Window
    generated: str
    """The time that the caller named, printed under the title; empty: none is printed."""
    digest: tuple[Text, ...]
    blocks: tuple[Block, ...]
    facts: Mapping[str, Fact]
    """Every printed fact by id, with what it rests on, in order of appearance."""
    mark: str = ""
    """Six digits that tell its scope from the kind's own; empty for that."""

    @property
    def name(self) -> str:
        """The name that its files, its series of editions and its messages go by, beside its days."""
        return marked(self.kind, self.mark)

    def tables(self) -> Iterator[Table]:
        return (block for block in self.blocks if isinstance(block, Table))

    def pictures(self) -> Iterator[Picture]:
        return (block for block in self.blocks if isinstance(block, Picture))


def marked(kind: str, mark: str) -> str:
    """A kind, with the mark of a scope other than its own."""
    return f"{kind[:NAME]}-{mark}" if mark else kind


def cell(content: Figure | str | int | float | date | None, *, link: str = "") -> Cell:
    """A cell from a figure (its own text and its fact's value) or from plain text."""
    if isinstance(content, Figure):
        value = content.fact.value
        return Cell(
            (Figure(content.text, content.fact),), float(value) if isinstance(value, Decimal) else value
        )
    text = "" if content is None else str(content)
    return Cell((text,) if text else (), content, link)


def texts_of(blocks: tuple[Block, ...]) -> Iterator[Text]:
    """Every text with figures in it, in print order."""
    for block in blocks:
        match block:
            case Paragraph(text=text):
                yield text
            case Table(rows=rows, note=note):
                for row in rows:
                    for entry in row:
                        yield entry.text
                yield note
            case CaseCard(intro=intro):
                yield intro
            case _:
                continue
