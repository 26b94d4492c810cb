"""Things struck from a report: figures and cases, wherever they stand."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

from fengping.reports.document import Block, CaseCard, Cell, Paragraph, Picture, Report, Table
from fengping.reports.facts import Case
from fengping.reports.wording import Fact, Figure, Reference, Text, figures, plain

CASE = "case:"
"""Begins the key of a case."""
STRUCK = "（删去）"
OWN = ("by_day", "folded", "mean", "peak", "share")
"""Figures that tell a count again: its days, reposts folded, a day's mean, the highest day, its share."""
LONG = 8
"""Characters from which a struck row's text is looked for elsewhere: shorter ones are words of any row."""
TELLING = frozenset(("原文", "摘要", "标题", "网址", "原文SHA-256"))
"""Columns by whose words the case of a struck row would be known; times, channels and roles others share."""


@dataclass
class Struck:
    """Ids of struck figures, and the struck cases with all words by which they would be known."""

    ids: frozenset[str] = frozenset()
    subjects: frozenset[str] = frozenset()
    """``case:EVENT``, of cases and of leads."""
    said: frozenset[str] = frozenset()
    """Titles, quotations and hashes of the struck cases."""
    _swapped: dict[int, Fact] = field(default_factory=dict)
    """Facts as they are printed, by the identity of the fact before."""

    @classmethod
    def of(cls, report: Report, targets: Sequence[str]) -> Struck:
        """All that strikes of *targets* take out of *report*."""
        ids = {target.removeprefix("fact:") for target in targets if target.startswith("fact:")}
        own = {f"{id}.{part}" for id in ids for part in OWN}
        subjects = frozenset(target for target in targets if target.startswith(CASE))
        said = {one for block in report.blocks for one in _said(block, subjects)}
        return cls(frozenset(ids | own), subjects, frozenset(said - {""}))

    def table(self, table: Table) -> list[Table]:
        """The table without struck rows and figures; none where no row is left."""
        subjects = table.subjects or ("",) * len(table.rows)
        kept = [at for at, subject in enumerate(subjects) if subject not in self.subjects]
        if table.rows and not kept:
            return []
        rows = tuple(tuple(map(self._cell, table.rows[at])) for at in kept)
        note = () if self._holds(table.note) else table.note
        return [
            replace(
                table, rows=rows, note=note, subjects=tuple(subjects[at] for at in kept if table.subjects)
            )
        ]

    def case(self, case: Case) -> Case:
        """A case that stays, without its struck figures."""
        names = ("documents", "publishers", "independent", "engagement")
        found: dict[str, Fact] = {name: getattr(case, name) for name in names}
        gone = {
            name: replace(fact, value=None, documents=())
            for name, fact in found.items()
            if fact.id in self.ids
        }
        return replace(case, **gone)  # type: ignore[arg-type]

    def block(self, block: Block) -> Block:
        """A block that stays, without the words of what was struck."""
        match block:
            case Paragraph(text=text):
                return replace(block, text=self.text(text))
            case Picture(alt=alt):
                return replace(block, alt=self._words(alt))
            case CaseCard(intro=intro):
                return replace(block, intro=self.text(intro))
            case Table(rows=rows, note=note):
                told = tuple(tuple(map(self._told, row)) for row in rows)
                return replace(block, rows=told, note=self.text(note))
        return block

    def text(self, text: Text) -> Text:
        """A text that stays: quoted titles of struck cases blanked, its figures' documents as well."""
        if not (self.ids or self.said):
            return text
        return tuple(
            replace(run, fact=self._fact(run.fact)) if isinstance(run, Figure) else self._words(run)
            for run in text
        )

    def _words(self, words: str) -> str:
        for one in self.said:
            words = words.replace(f"“{one}”", f"“{STRUCK}”")
        return words

    def _holds(self, text: Text) -> bool:
        return any(figure.fact.id in self.ids for figure in figures(text))

    def _cell(self, cell: Cell) -> Cell:
        if self._holds(cell.text) or plain(cell.text) in self.said:
            return Cell((STRUCK,), STRUCK)
        return cell

    def _told(self, cell: Cell) -> Cell:
        """A cell that stays, its words as printed and as a value."""
        value = self._words(cell.value) if isinstance(cell.value, str) else cell.value
        return replace(cell, text=self.text(cell.text), value=value)

    def _fact(self, fact: Fact) -> Fact:
        if id(fact) not in self._swapped:
            basis = tuple(self._fact(part) for part in fact.basis if part.id not in self.ids)
            documents = tuple(map(self._reference, fact.documents))
            self._swapped[id(fact)] = replace(fact, basis=basis, documents=documents)
        return self._swapped[id(fact)]

    def _reference(self, reference: Reference) -> Reference:
        if self.said.isdisjoint({reference.title, reference.hash} - {""}):
            return reference
        return replace(reference, title=STRUCK, url="", hash="")


def _said(block: Block, subjects: frozenset[str]) -> Iterator[str]:
    """Words by which a struck case would be known."""
    if isinstance(block, CaseCard) and f"case:{block.case.event}" in subjects:
        case = block.case
        quotes = [case.opening, *case.sources, *case.claims, *(told.quote for told in case.told)]
        yield case.title
        for reference in [*(quote.reference for quote in quotes), *case.documents.documents]:
            yield from (reference.title, reference.hash)
    elif isinstance(block, Table):
        for subject, row in zip(block.subjects, block.rows, strict=False):
            if subject in subjects:
                yield from (
                    text
                    for column, cell in zip(block.columns, row, strict=True)
                    if column in TELLING and len(text := plain(cell.text)) >= LONG
                )
