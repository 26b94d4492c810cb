"""Blocks in the making, with the running numbers of figures and tables."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from fengping.reports.document import Block, Cell, Heading, Paragraph, Picture, Table
from fengping.reports.render.charts import Chart
from fengping.reports.wording import Text, plain

NUMERALS = "一二三四五六七八九十"


def numeral(value: int) -> str:
    """``三``, ``十二``, ``二十``."""
    tens, ones = divmod(value, 10)
    return ("" if tens == 0 else "十" if tens == 1 else NUMERALS[tens - 1] + "十") + (
        NUMERALS[ones - 1] if ones else ""
    )


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

    def say(self, *texts: Text | str, role: str = "") -> None:
        for text in texts:
            if text:
                self.blocks.append(Paragraph((text,) if isinstance(text, str) else text, role))

    def picture(self, caption: str, chart: Chart, alt: Text | str) -> None:
        self.pictures += 1
        shown = alt if isinstance(alt, str) else plain(alt)
        self.blocks.append(Picture(f"figure-{self.pictures}", f"图{self.pictures}　{caption}", chart, shown))

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
    ) -> None:
        """*spare* are columns that are left out where no row has anything in them."""
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
            )
        )
