"""A table of a DOCX: widths by content, rules above and below, rows that stay whole."""

from __future__ import annotations

from typing import Any

from docx.document import Document as WordDocument
from docx.enum.table import WD_TABLE_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Emu, Mm, Pt

from fengping.reports.document import Table
from fengping.reports.render.docx_runs import add_caption, add_link, add_runs
from fengping.reports.wording import Text, plain, web_link

TEXT_WIDTH = Mm(160)


def add_table(word: WordDocument, table: Table) -> None:
    caption = add_caption(word, table.caption)
    caption.paragraph_format.keep_with_next = True
    grid = word.add_table(rows=0, cols=len(table.columns))
    grid.alignment, grid.autofit = WD_TABLE_ALIGNMENT.CENTER, False
    _rule(grid._tbl.tblPr, "w:tblBorders", {"top": 12, "bottom": 12, "insideH": 4})
    _tighten(grid)
    size = Pt(7.5 if len(table.columns) > 8 else 9)
    widths = _widths(table)
    for column, width in zip(grid.columns, widths, strict=True):
        column.width = Emu(width)
    head: list[Text] = [(name,) for name in table.columns]
    for at, texts in enumerate([head, *([cell.text for cell in row] for row in table.rows)]):
        row = grid.add_row()
        for column, (cell, text) in enumerate(zip(row.cells, texts, strict=True)):
            cell.width = Emu(widths[column])
            paragraph = cell.paragraphs[0]
            paragraph.paragraph_format.space_after = Pt(1)
            if table.numeric[column]:
                paragraph.alignment = WD_ALIGN_PARAGRAPH.RIGHT
            link = table.rows[at - 1][column].link if at else ""
            if web_link(link):
                add_link(paragraph, "".join(str(run) for run in text), link=link, size=size)
            else:
                add_runs(paragraph, text, size=size)
            if at == 0:
                paragraph.runs[0].bold = True
                _rule(cell._tc.get_or_add_tcPr(), "w:tcBorders", {"bottom": 8})
        _row_flags(row, header=at == 0)
    if table.note:
        add_runs(word.add_paragraph(), table.note, soft=True, size=Pt(9))


def _widths(table: Table) -> list[int]:
    """Column widths by their longest text in half-width characters, margins added, long ones cut at 34."""
    longest = [
        max(_half_widths(name), *(_half_widths(plain(row[at].text)) for row in table.rows), 0)
        for at, name in enumerate(table.columns)
    ]
    weights = [min(n, 34) + 3 for n in longest]
    return [int(TEXT_WIDTH * weight / sum(weights)) for weight in weights]


def _half_widths(text: str) -> int:
    return sum(2 if ord(letter) > 0x2E7F else 1 for letter in text)


def _tighten(grid: Any) -> None:
    """Cell margins of 1 mm at the sides; Word's own take 4 mm of every column."""
    margins = OxmlElement("w:tblCellMar")
    for side in ("left", "right"):
        margin = OxmlElement(f"w:{side}")
        margin.set(qn("w:w"), "57")
        margin.set(qn("w:type"), "dxa")
        margins.append(margin)
    grid._tbl.tblPr.insert_element_before(margins, "w:tblLook")


def _rule(properties: Any, element: str, lines: dict[str, int]) -> None:
    """Horizontal rules, in eighths of a point."""
    borders = OxmlElement(element)
    for side, width in lines.items():
        line = OxmlElement(f"w:{side}")
        for key, value in (("val", "single"), ("sz", str(width)), ("color", "8A8A84")):
            line.set(qn(f"w:{key}"), value)
        borders.append(line)
    # Word insists on the order of the schema.
    properties.insert_element_before(
        borders, "w:shd", "w:tblLayout", "w:tblCellMar", "w:tblLook", "w:noWrap", "w:vAlign"
    )


def _row_flags(row: Any, *, header: bool) -> None:
    """Rows stay whole across pages; the first one comes back on each."""
    properties = row._tr.get_or_add_trPr()
    properties.append(OxmlElement("w:cantSplit"))
    if header:
        properties.append(OxmlElement("w:tblHeader"))
