"""A report as XLSX: a sheet for each table, native numbers, and a sheet of facts with their queries."""

from __future__ import annotations

import io
import re
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import xlsxwriter

from fengping.reports.document import Cell, Imprint, Report, Table
from fengping.reports.numbers import UNCOUNTED
from fengping.reports.wording import Fact, clean, figures, plain, web_link

NO_CLOCK = datetime(2000, 1, 1)  # noqa: DTZ001  XlsxWriter takes naive times only
FONT = "Microsoft YaHei"
FACTS_SHEET = "指标与查询"
TIMES = ("时间", "首发时间")
"""Columns of moments, which are printed no finer than they are known: 2024-11-06 09:30, 2024-11-06 09时."""
_TIME = re.compile(r"((?:19|2\d)\d\d-\d\d-\d\d)(?: (\d\d)(?::(\d\d)|时))?")


@dataclass(frozen=True)
class _Styles:
    head: Any
    text: Any
    link: Any
    title: Any
    integer: Any
    decimal: Any
    percent: Any
    day: Any
    hour: Any
    minute: Any

    @classmethod
    def of(cls, book: Any) -> _Styles:
        def style(**more: Any) -> Any:
            return book.add_format({"font_name": FONT, "font_size": 10, "valign": "top"} | more)

        return cls(
            head=style(bold=True, bottom=1, top=2, text_wrap=True),
            text=style(text_wrap=True),
            link=style(font_color="#23527C", text_wrap=True),
            title=style(bold=True, font_size=13),
            integer=style(num_format="0"),
            decimal=style(num_format="0.00"),
            percent=style(num_format="0.00%"),
            day=style(num_format="yyyy-mm-dd", align="left"),
            hour=style(num_format='yyyy-mm-dd hh"时"', align="left"),
            minute=style(num_format="yyyy-mm-dd hh:mm", align="left"),
        )


def render_xlsx(report: Report) -> bytes:
    """The workbook; equal reports give equal bytes. Text is never taken for a formula."""
    target = io.BytesIO()
    book = xlsxwriter.Workbook(
        target,
        {
            "in_memory": True,
            "strings_to_formulas": False,
            "strings_to_urls": False,
            "strings_to_numbers": False,
        },
    )
    book.set_properties({"title": clean(report.title), "author": "fengping", "created": NO_CLOCK})
    styles = _Styles.of(book)
    _digest(book, styles, report)
    for table in report.tables():
        sheet = _table(book, styles, table)
        _chart(book, sheet, table)
    _facts(book, styles, report)
    if report.imprint:
        _imprint(book, styles, report.imprint)
    book.close()
    return target.getvalue()


def _digest(book: Any, styles: _Styles, report: Report) -> None:
    sheet = book.add_worksheet("摘要")
    sheet.set_column(0, 0, 100)
    sheet.write_string(0, 0, clean(report.title), styles.title)
    window = f"监测期：{report.window.first}至{report.window.last}（{len(report.window.days)}天）"
    sheet.write_string(
        1, 0, window + (f"，编制时间：{report.generated}" if report.generated else ""), styles.text
    )
    lines = report.imprint.lines() if report.imprint else ()
    for at, line in enumerate(lines, start=2):
        sheet.write_string(at, 0, line, styles.text)
    for at, text in enumerate(report.digest, start=3 + len(lines)):
        sheet.write_string(at, 0, plain(text), styles.text)


def _imprint(book: Any, styles: _Styles, imprint: Imprint) -> None:
    """The edition on the foot of every sheet, and a sheet of its changes."""
    if changes := imprint.revision():
        sheet = book.add_worksheet("本版改动")
        sheet.set_column(0, 0, 100)
        sheet.write_string(0, 0, f"与{imprint.against}相比的改动", styles.title)
        for at, line in enumerate(changes, start=2):
            sheet.write_string(at, 0, clean(line), styles.text)
    # Excel takes & for a code, and at most 255 characters.
    foot = next(text for text in (imprint.foot(), imprint.number) if len(text) < LONGEST_FOOT)
    for sheet in book.worksheets():
        sheet.set_footer(f"&L{foot.replace('&', '&&')}&R&P / &N")


LONGEST_FOOT = 200
ROW_HEIGHT = 26
"""Pixels of a name in a chart of bars, so that each is written out."""


def _chart(book: Any, sheet: Any, table: Table) -> None:
    """A native chart beside days and beside counts by name; none of fewer than three rows."""
    last = 2 + len(table.rows)
    days = all(isinstance(row[0].value, date) for row in table.rows)
    columns = [at for at in (range(1, len(table.columns)) if days else table.drawn) if _counted(table, at)]
    if len(table.rows) < 3 or not columns:
        return
    chart = book.add_chart({"type": "line" if days else "bar"})
    for column in columns:
        chart.add_series({
            "name": [table.sheet, 2, column],
            "categories": [table.sheet, 3, 0, last, 0],
            "values": [table.sheet, 3, column, last, column],
        })  # fmt: skip
    one = f"：{table.columns[columns[0]]}" if len(columns) == 1 else ""
    chart.set_title({"name": f"{table.caption}{one}", "name_font": {"name": FONT, "size": 11}})
    height = 360
    if days:
        chart.set_x_axis({"date_axis": True, "num_format": "mm-dd", "num_font": {"name": FONT}})
    else:
        chart.set_y_axis({"reverse": True, "num_font": {"name": FONT}})
        height = max(height, ROW_HEIGHT * len(columns) * len(table.rows))
    if len(columns) == 1:
        chart.set_legend({"none": True})
    chart.set_size({"width": 640, "height": height})
    sheet.insert_chart(2, len(table.columns) + 1, chart)


def _counted(table: Table, column: int) -> bool:
    return table.numeric[column] and all(isinstance(row[column].value, int) for row in table.rows)


def _table(book: Any, styles: _Styles, table: Table) -> Any:
    sheet = book.add_worksheet(table.sheet)
    sheet.write_string(0, 0, table.caption, styles.title)
    for column, name in enumerate(table.columns):
        sheet.write_string(2, column, name, styles.head)
        widest = max((len(plain(row[column].text)) for row in table.rows), default=0)
        sheet.set_column(
            column, column, min(60, max(10, 2 * len(name), 2 * widest if not table.numeric[column] else 0))
        )
    for at, row in enumerate(table.rows, start=3):
        for column, cell in enumerate(row):
            if table.columns[column] in TIMES and (told := _TIME.fullmatch(plain(cell.text))):
                _write_time(sheet, styles, at, column, *told.groups(""))
            else:
                _write(sheet, styles, at, column, cell)
    sheet.freeze_panes(3, 1)
    if table.note:
        sheet.write_string(len(table.rows) + 4, 0, plain(table.note))
    return sheet


def _write(sheet: Any, styles: _Styles, row: int, column: int, cell: Cell) -> None:
    fact = next((figure.fact for figure in figures(cell.text)), None)
    if isinstance(cell.value, date):
        sheet.write_datetime(row, column, cell.value, styles.day)
    elif isinstance(cell.value, int | float):
        sheet.write_number(row, column, _unrounded(cell.value, fact), _number_style(styles, cell.value, fact))
    elif fact is not None and fact.value is None:
        sheet.write_string(row, column, UNCOUNTED, styles.text)
    elif web_link(cell.link):
        # Excel keeps at most 2,079 characters of a link.
        sheet.write_url(row, column, cell.link[:2079], styles.link, clean(plain(cell.text)))
    elif cell.value:
        sheet.write_string(row, column, clean(plain(cell.text)), styles.text)


def _unrounded(value: float, fact: Fact | None) -> float:
    """*value*, of a share with all its places: Excel rounds what it shows, and would round twice."""
    if fact is None or fact.unit != "比例" or fact.value != value or len(fact.basis) != 2:
        return value
    part, whole = (one.value for one in fact.basis)
    return float(part) / float(whole) if part is not None and whole else value


def _write_time(sheet: Any, styles: _Styles, row: int, column: int, day: str, hour: str, minute: str) -> None:
    """A moment as one, shown no finer than it is known."""
    style = styles.minute if minute else styles.hour if hour else styles.day
    moment = datetime.fromisoformat(f"{day}T{hour or '00'}:{minute or '00'}")
    sheet.write_datetime(row, column, moment, style)


def _number_style(styles: _Styles, value: float, fact: Fact | None) -> Any:
    if fact is not None and fact.unit == "比例":
        return styles.percent
    return styles.integer if isinstance(value, int) else styles.decimal


def _facts(book: Any, styles: _Styles, report: Report) -> None:
    sheet = book.add_worksheet(FACTS_SHEET)
    columns = (
        ("编号", 30),
        ("指标", 34),
        ("取值", 14),
        ("单位", 8),
        ("n", 10),
        ("查询", 80),
        ("依据", 30),
        ("文档", 60),
    )
    for column, (name, width) in enumerate(columns):
        sheet.write_string(0, column, name, styles.head)
        sheet.set_column(column, column, width)
    for row, fact in enumerate(report.facts.values(), start=1):
        sheet.write_string(row, 0, fact.id, styles.text)
        sheet.write_string(row, 1, fact.label, styles.text)
        if fact.value is None:
            sheet.write_string(row, 2, UNCOUNTED, styles.text)
        else:
            value = fact.value if isinstance(fact.value, int) else float(fact.value)
            sheet.write_number(row, 2, _unrounded(value, fact), _number_style(styles, value, fact))
        sheet.write_string(row, 3, fact.unit, styles.text)
        if fact.n is not None:
            sheet.write_number(row, 4, fact.n, styles.integer)
        sheet.write_string(row, 5, fact.query.words(), styles.text)
        sheet.write_string(row, 6, "、".join(part.id for part in fact.basis), styles.text)
        documents = "\n".join(f"{d.published} {d.title} {d.url or d.id}" for d in fact.documents)
        sheet.write_string(row, 7, documents[:32_000], styles.text)
    sheet.freeze_panes(1, 1)
