"""A report as a tree of blocks: what every renderer gets. No store, no clock, no file in sight."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from fengping.reports.facts import Case
from fengping.reports.facts.model import Window
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
    key: str = ""
    """Name of the sentence, the same in every edition: its chapter, and its place or leading figure there."""


@dataclass(frozen=True, slots=True)
class Picture:
    """A chart with its number and caption."""

    id: str
    caption: str
    chart: Chart
    alt: str
    """Content of the chart in one sentence, for those who cannot see it."""
    facts: tuple[str, ...] = ()
    """Ids of the facts that it draws or tells."""


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
    subjects: tuple[str, ...] = ()
    """The case or lead of each row, ``case:EVENT``; empty in other tables."""
    drawn: tuple[int, ...] = (1,)
    """Columns of counts that a workbook's chart draws side by side; of a table of days it draws all."""


@dataclass(frozen=True, slots=True)
class CaseCard:
    """A case in print: its number, its introduction and the case itself."""

    number: int
    heading: str
    intro: Text
    case: Case
    added: bool = False
    """True for one that a reviewer put there."""


@dataclass(frozen=True, slots=True)
class Offer:
    """A case that a reviewer chose: kept beside the report, and printed where a change puts it."""

    key: str
    """``case:EVENT``, as it was asked for."""
    card: CaseCard
    evidence: tuple[tuple[Cell, ...], ...]
    """Its rows in the table of evidence, with their column of addresses."""


@dataclass(frozen=True, slots=True)
class Origins:
    """The appendix entry of every printed figure; its place is at the end."""

    facts: tuple[Fact, ...]


NAME = 50
"""Characters of a kind that a mark is put behind."""

Block = Heading | Paragraph | Picture | Table | CaseCard | Origins


@dataclass(frozen=True, slots=True)
class Imprint:
    """The edition that a file belongs to, as its cover and foot say it."""

    number: str
    issuer: str
    drafted: str
    state: str
    """In words: drafted, reviewed or signed, by whom and when."""
    content: str
    """SHA-256 of its JSON without this imprint."""
    against: str = ""
    """The edition that its changes are told from; empty for a first one."""
    changes: tuple[str, ...] = ()
    beyond: int = 0
    """Figures reckoned from those that changed too, and are not listed one by one."""
    passed: tuple[str, ...] = ()
    """A reviewer's changes whose sentence it no longer holds."""

    def lines(self) -> tuple[str, ...]:
        """The lines under the title."""
        issuer = f"　编制单位：{self.issuer}" if self.issuer else ""
        revised = f"与{self.against}相比的改动列于文末" if self.against else ""
        return (
            f"编号：{self.number}{issuer}　起草：{self.drafted}",
            f"状态：{self.state}{'　' if revised else ''}{revised}",
            f"内容校验（JSON除edition一项的SHA-256）：{self.content}",
        )

    def foot(self) -> str:
        """One line for the foot of each page."""
        return "　".join(part for part in (self.number, self.issuer, self.state) if part)

    def revision(self) -> tuple[str, ...]:
        """The list of differences from the edition before; nothing of a first one."""
        if not self.against:
            return ()
        more = f"由条数算出的数值（占比、日均、峰值等）另有{self.beyond}项不同，" if self.beyond else ""
        return (*(self.changes or ("条数、案例和状态都没有变化",)), f"{more}文字和图表随之不同之处不逐项列出")


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
    digest_keys: tuple[str, ...] = ()
    """The key of each line of the digest."""
    imprint: Imprint | None = None
    """The edition that it is printed as; none for a report outside the archive."""
    mark: str = ""
    """Six digits that tell its scope from the kind's own; empty for that."""
    about: str = ""
    """``host`` or ``event`` where it is about one; else empty."""
    focus: str = ""
    """The name of that host, or the id of that event."""
    offers: tuple[Offer, ...] = ()
    """Cases that reviewers chose, of which no form prints any by itself."""

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
