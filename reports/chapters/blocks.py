"""Blocks in the making, with the running numbers of figures and tables."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from fengping.reports.document import Block, Cell, Heading, Paragraph, Picture, Table
from fengping.reports.render.charts import Chart
from fengping.reports.wording import Text, plain


@dataclass
class Pages:
    """Blocks of a report, appended by the chapters in print order."""

    blocks: list[Block] = field(default_factory=list)
    pictures: int = 0
    tables: int = 0

    def heading(self, level: int, text: str) -> None:
        self.blocks.append(Heading(level, text))

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
    ) -> None:
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
