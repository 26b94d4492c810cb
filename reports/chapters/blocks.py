"""Blocks in the making, with the running numbers of figures and tables."""

from __future__ import annotations

import hashlib
import itertools
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from fengping.reports.document import Block, Cell, Heading, Paragraph, Picture, Table
from fengping.reports.numbers import numeral
from fengping.reports.render.charts import Chart
from fengping.reports.wording import Fact, Text, figures, plain

ABOUT = "about"
"""Key of the sentence on the choice of cases, which goes with the last of them."""
LEADS = "线索"
"""Sheet of the leads."""
EVIDENCE = "案例证据"
"""Sheet of the evidence of cases and leads."""
ADDRESS = "网址"
"""Its column of addresses, left out where no source has any."""
CASES = "典型案例"
"""Heading over the cases."""


@dataclass
class Pages:
    """Blocks of a report, appended by the chapters in print order; headings are numbered as they come."""

    blocks: list[Block] = field(default_factory=list)
    pictures: int = 0
    tables: int = 0
    chapters: int = 0
    parts: int = 0
    items: int = 0
    appendices: int = 0
    place: str = ""
    """Name of the chapter that is being written."""
    keys: set[str] = field(default_factory=set)

    def chapter(self, text: str, *, numbered: bool = True) -> None:
        """一、"""
        self.chapters += numbered
        self.parts = 0
        self.blocks.append(Heading(2, f"{numeral(self.chapters)}、{text}" if numbered else text))

    def part(self, text: str) -> None:
        """（一）"""
        self.parts += 1
        self.items = 0
        self.blocks.append(Heading(3, f"（{numeral(self.parts)}）{text}"))

    def item(self, text: str) -> None:
        """1．"""
        self.items += 1
        self.blocks.append(Heading(4, f"{self.items}．{text}"))

    def appendix(self, text: str) -> None:
        """附录一"""
        self.appendices += 1
        self.blocks.append(Heading(3, f"附录{numeral(self.appendices)}　{text}"))

    def say(self, *texts: Text | str, role: str = "", key: str = "") -> None:
        """*key* names a sentence whose leading figure or words differ from edition to edition."""
        for given in texts:
            if given:
                text = (given,) if isinstance(given, str) else given
                self.blocks.append(Paragraph(text, role, self._key(text, key)))

    def _key(self, text: Text, key: str) -> str:
        leading = next((figure.fact.id for figure in figures(text)), "")
        name = f"{self.place}.{key or leading or hashlib.sha256(plain(text).encode()).hexdigest()[:8]}"
        numbered = (f"{name}.{number}" for number in itertools.count(2))
        found = next(one for one in itertools.chain([name], numbered) if one not in self.keys)
        self.keys.add(found)
        return found

    def picture(self, caption: str, chart: Chart, alt: Text | str, facts: Iterable[Fact] = ()) -> None:
        """*facts* are those that the chart draws."""
        self.pictures += 1
        told, shown = ((), alt) if isinstance(alt, str) else (figures(alt), plain(alt))
        ids = dict.fromkeys([*(fact.id for fact in facts), *(figure.fact.id for figure in told)])
        self.blocks.append(
            Picture(f"figure-{self.pictures}", f"图{self.pictures}　{caption}", chart, shown, tuple(ids))
        )

    def table(
        self,
        caption: str,
        sheet: str,
        columns: Sequence[str],
        rows: Sequence[Sequence[Cell]],
        *,
        numeric: Sequence[int] = (),
        note: Text = (),
        spare: Sequence[str] = (),
        subjects: Sequence[str] = (),
        drawn: Sequence[int] = (1,),
    ) -> None:
        """*spare* are columns that are left out where no row has anything in them; *subjects* names the case
        of each row; *drawn* are columns of counts that a workbook draws."""
        kept = [
            at for at, name in enumerate(columns) if name not in spare or any(row[at].text for row in rows)
        ]
        columns, rows = [columns[at] for at in kept], [[row[at] for at in kept] for row in rows]
        numeric = [new for new, at in enumerate(kept) if at in numeric]
        self.tables += 1
        self.blocks.append(
            Table(
                f"table-{self.tables}",
                f"表{self.tables}　{caption}",
                sheet,
                tuple(columns),
                tuple(tuple(row) for row in rows),
                tuple(at in numeric for at in range(len(columns))),
                note,
                tuple(subjects),
                tuple(new for new, at in enumerate(kept) if at in drawn),
            )
        )
