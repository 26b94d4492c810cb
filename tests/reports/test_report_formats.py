"""PDF, XLSX and DOCX read back by other libraries: pages, bookmarks, dates, charts, fields, styles."""

from __future__ import annotations

import io
import re
import unicodedata
import zipfile
from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path
from typing import Any

import docx
import openpyxl
import pytest
from docx.oxml.ns import qn
from docx.shared import Pt
from lxml import html
from openpyxl.utils import range_boundaries
from pypdf import PdfReader
from tests.golden.report_corpus import corpus
from tests.making import LONG
from tests.reports.printing import in_form
from tests.reports.test_report_kinds import unsigned
from tests.reports.test_report_truth import DOUBLE11, WINDOW, case_report, post, spoken, story, table
from tests.reports.test_report_truth import build as build_of

from fengping import events, reports
from fengping.clock import parse_moment
from fengping.home import Home
from fengping.indexer import open_store, open_store_url
from fengping.reports import Report
from fengping.reports.document import Heading
from fengping.reports.render import pdf, render_html
from fengping.reports.wording import clean


@pytest.fixture(scope="module")
def report() -> Report:
    kind = reports.find_kind("double11")
    store = open_store_url("memory:")
    store.put(corpus(80))
    window = reports.window_of(kind, "2020-10-20", "2020-11-15", parse_moment("2020-12-01T09:00"))
    return reports.build(store, kind, window)


def headings(report: Report, *levels: int) -> list[str]:
    return [b.text for b in report.blocks if isinstance(b, Heading) and b.level in levels]


def bare(text: str | None) -> str:
    """Text without spaces; a PDF may tell a letter by a radical of the same looks."""
    return re.sub(r"\s+", "", unicodedata.normalize("NFKC", (text or "").translate(RADICALS)))


RADICALS = str.maketrans("⻅⻉⻋⻓⻔⻘⻚⻛⻜⻝⻢⻥⻩⻬", "见贝车长门青页风飞食马鱼黄齐")


# PDF


@pytest.fixture(
    scope="module",
    params=[pdf.LONGEST, pytest.param(150_000, marks=pytest.mark.long)],
    ids=["whole", "parts"],
)
def printed(report: Report, request: pytest.FixtureRequest) -> Iterator[PdfReader]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pdf, "LONGEST", request.param)
        yield PdfReader(io.BytesIO(in_form(report, "pdf")))


def test_the_links_of_a_pdf_lead_to_a_fact_and_its_tags_to_its_pages(printed: PdfReader) -> None:
    numbers = printed.root_object["/StructTreeRoot"]["/ParentTree"]["/Nums"]  # type: ignore[index]
    tags = dict(zip(numbers[::2], numbers[1::2], strict=True))
    ends = {name.removeprefix("/") for name in printed.named_destinations}
    links = 0
    for page in printed.pages:
        assert page["/StructParents"] in tags
        for link in (one.get_object() for one in page.get("/Annots", ())):
            assert tags[link["/StructParent"]].get_object()["/S"] == "/Link"
            if "/Dest" in link:
                links += 1
                assert str(link["/Dest"]).removeprefix("/") in ends
    assert links > 100


@pytest.mark.long
def test_the_contents_of_a_pdf_give_the_pages_that_its_headings_stand_on(
    report: Report, printed: PdfReader
) -> None:
    pages = [bare(page.extract_text()) for page in printed.pages]
    contents = next(text for text in pages if "目录" in text).partition("目录")[2]
    for heading in map(bare, headings(report, 2, 3)):
        listed = re.search(re.escape(heading) + r"(\d+)", contents)
        assert listed, heading
        assert heading in pages[int(listed[1]) - 1], heading


def test_each_page_of_a_pdf_says_which_of_how_many_it_is(printed: PdfReader) -> None:
    count = len(printed.pages)
    assert count > 5
    # To read the text of every page takes five seconds.
    for at in range(count) if LONG else {0, 1, count // 2, count - 1}:
        assert f"{at + 1}/{count}" in bare(printed.pages[at].extract_text())


def outlined(printed: PdfReader, entries: list[Any] | None = None) -> Iterator[tuple[str, int | None]]:
    for entry in printed.outline if entries is None else entries:
        if isinstance(entry, list):
            yield from outlined(printed, entry)
        else:
            yield bare(entry.title), printed.get_destination_page_number(entry)


@pytest.mark.long
def test_the_bookmarks_of_a_pdf_are_its_headings_and_lead_to_them(report: Report, printed: PdfReader) -> None:
    marks = list(outlined(printed))
    names = [name for name, _ in marks]
    wanted = list(map(bare, headings(report, 2, 3)))
    assert [name for name in names if name in wanted] == wanted
    for name, page in marks:
        assert page is not None and name in bare(printed.pages[page].extract_text()), name


@pytest.mark.long
def test_equal_reports_are_equal_pdfs(report: Report, printed: PdfReader) -> None:
    assert printed.stream.seek(0) == 0
    assert in_form(report, "pdf") == printed.stream.read()


def test_a_long_table_is_cut_between_its_rows(report: Report, monkeypatch: pytest.MonkeyPatch) -> None:
    page = html.fromstring(whole := render_html(report, {}))
    rows, ids = page.xpath("//tbody/tr"), page.xpath("//@id")
    longest = max(len(html.tostring(one, encoding="unicode")) for one in page.xpath("//table"))
    monkeypatch.setattr(pdf, "LONGEST", longest // 3)
    parts = [html.fromstring(part) for part in pdf.cut(whole)]
    assert [bare(row.text_content()) for part in parts for row in part.xpath("//tbody/tr")] == [
        bare(row.text_content()) for row in rows
    ]
    assert [id for part in parts for id in part.xpath("//@id")] == ids
    assert all(len(body.xpath("../thead")) == 1 for part in parts for body in part.xpath("//tbody"))
    tables = page.xpath("//table"), [table for part in parts for table in part.xpath("//table")]
    assert len(tables[1]) > len(tables[0]) == sum(len(part.xpath("//caption")) for part in parts)


def test_one_heading_alone_begins_a_page_wherever_the_report_is_cut(
    report: Report, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pdf, "LONGEST", 20_000)
    whole = render_html(report, {})
    parts = pdf.cut(whole)
    assert len(parts) > 3 and "last-of-type" not in whole
    names = [h2.get("id") for part in parts for h2 in html.fromstring(part).xpath("//h2[@class='last']")]
    assert names == [f"chapter-{len(headings(report, 2))}"]


# XLSX


def workbook(report: Report) -> Any:
    return openpyxl.load_workbook(io.BytesIO(in_form(report, "xlsx")))


@pytest.fixture(scope="module")
def book(report: Report) -> Any:
    return workbook(report)


def test_cells_of_a_workbook_are_of_the_kind_of_what_they_hold(report: Report, book: Any) -> None:
    for found in report.tables():
        sheet = book[found.sheet]
        for at, row in enumerate(found.rows, start=4):
            for column, cell in enumerate(row, start=1):
                kept = sheet.cell(at, column)
                if isinstance(cell.value, date):
                    assert kept.is_date and kept.value.date() == cell.value
                elif isinstance(cell.value, int | float):
                    assert kept.data_type == "n" and kept.value == pytest.approx(cell.value, abs=1e-6)


def test_moments_of_a_workbook_are_dates_shown_no_finer_than_they_are_known(home: Home) -> None:
    made = case_report(home, 4)
    evidence = table(made, "案例证据")
    assert evidence
    sheet = workbook(made)["案例证据"]
    column = evidence.columns.index("时间") + 1
    kept = [sheet.cell(at, column) for at in range(4, 4 + len(evidence.rows))]
    assert kept and all(isinstance(cell.value, datetime) for cell in kept)
    assert {cell.number_format for cell in kept} == {"yyyy-mm-dd hh:mm"}
    assert [f"{cell.value:%Y-%m-%d %H:%M}" for cell in kept] == [
        row[column - 1].value for row in evidence.rows
    ]


def test_an_hour_that_alone_is_known_is_shown_alone(home: Home) -> None:
    with_hours = open_store(home)
    with_hours.put([unsigned(document) for document in story(4)])
    events.update(home, with_hours)
    made = reports.build(with_hours, DOUBLE11, WINDOW, home=home)
    with_hours.close()
    leads = table(made, "线索")
    assert leads
    cell = workbook(made)["线索"].cell(4, leads.columns.index("首发时间") + 1)
    assert isinstance(cell.value, datetime)
    assert cell.number_format == 'yyyy-mm-dd hh"时"'
    assert f"{cell.value:%Y-%m-%d %H}时" == leads.rows[0][0].value


def drawn(sheet: Any) -> list[tuple[str, list[list[object]], list[object]]]:
    """Names, values and categories of the series of a sheet's chart, from the cells that they point to."""

    def cells(reference: str) -> list[object]:
        name, _, area = reference.rpartition("!")
        assert name.strip("'") == sheet.title
        left, top, right, bottom = range_boundaries(area)
        return [
            sheet.cell(row, col).value for col in range(left, right + 1) for row in range(top, bottom + 1)
        ]

    [chart] = sheet._charts
    return [
        (
            cells(one.tx.strRef.f)[0],
            cells(one.val.numRef.f),
            cells((one.cat.numRef or one.cat.strRef).f),
        )
        for one in chart.series
    ]


def test_the_chart_of_days_draws_every_count_of_each_day(report: Report, book: Any) -> None:
    daily = table(report, "每日信息量")
    assert daily
    series = drawn(book["每日信息量"])
    assert [name for name, *_ in series] == [
        name for name, numeric in zip(daily.columns, daily.numeric, strict=True) if numeric
    ]
    for at, (_, values, days) in enumerate(series, start=1):
        assert values == [row[at].value for row in daily.rows]
        assert [day.date() for day in days] == [row[0].value for row in daily.rows]


def test_a_chart_of_bars_draws_the_counts_that_its_title_names(report: Report, book: Any) -> None:
    fields = table(report, "问题领域")
    assert fields
    [(name, values, categories)] = drawn(book["问题领域"])
    assert name == "条数"
    assert values == [row[1].value for row in fields.rows]
    assert categories == [row[0].value for row in fields.rows]
    title = "".join(run.t for p in book["问题领域"]._charts[0].title.tx.rich.paragraphs for run in p.r or ())
    assert title == f"{fields.caption}：条数"


def test_a_table_of_two_kinds_of_rows_and_columns_is_drawn_in_no_chart(report: Report, book: Any) -> None:
    assert table(report, "主播×问题")
    assert not book["主播×问题"]._charts


def test_a_comparison_is_drawn_with_both_periods() -> None:
    now = [post(f"n{n}-{c}", f"第{n}件", day=n, issues=(c,)) for n in range(6) for c in ("C03", "C04", "C08")]
    then = [post(f"t{n}", f"此前第{n}件", day=n - 366, issues=("C03",)) for n in range(9)]
    made = build_of([*now, *then])
    rows = table(made, "比较1")
    assert rows
    series = drawn(workbook(made)["比较1"])
    same = len(made.window.days) == 28 and "各28天" in "".join(str(run) for run in rows.note)
    assert [name for name, *_ in series] == (list(rows.columns[1:3]) if same else [])
    for at, (_, values, _) in enumerate(series, start=1):
        assert values == [row[at].value for row in rows.rows]


# DOCX


@pytest.fixture(scope="module")
def content(report: Report) -> bytes:
    return in_form(report, "docx")


def test_a_docx_has_the_headings_of_the_report_in_their_levels(report: Report, content: bytes) -> None:
    word = docx.Document(io.BytesIO(content))
    styled = [(p.style.name, p.text) for p in word.paragraphs if p.style and p.style.name.startswith("Head")]
    wanted = [(f"Heading {b.level - 1}", b.text) for b in report.blocks if isinstance(b, Heading)]
    assert styled == [("Heading 1", "摘要"), *wanted]
    assert [p.style.name for p in word.paragraphs if p.text == "目录"] == ["TOC Heading"]
    assert [p.text for p in word.paragraphs if p.style and p.style.name == "Title"] == [report.title]


def fields_of(content: bytes) -> list[tuple[str, str]]:
    """Instructions of the fields of a document, with the results that stand in it."""
    found: list[tuple[str, str]] = []
    told, result, inside = "", "", ""
    for run in docx.Document(io.BytesIO(content)).element.body.iter(qn("w:r")):
        for part in run:
            kind = part.get(qn("w:fldCharType")) if part.tag == qn("w:fldChar") else None
            if kind == "begin":
                told, result, inside = "", "", "told"
            elif kind == "separate":
                inside = "result"
            elif kind == "end":
                found.append((told.strip(), result))
                inside = ""
            elif part.tag == qn("w:instrText"):
                told += part.text or ""
            elif part.tag == qn("w:t") and inside == "result":
                result += part.text or ""
    return found


def test_the_contents_of_a_docx_are_a_field_and_its_figures_are_numbered_by_fields(
    report: Report, content: bytes
) -> None:
    fields = fields_of(content)
    [contents] = [result for told, result in fields if told.startswith("TOC ")]
    assert contents == "".join(map(clean, headings(report, 2, 3)))
    for label, found in (("图", report.pictures()), ("表", report.tables())):
        numbers = [result for told, result in fields if told == f"SEQ {label} \\* ARABIC"]
        assert numbers == [str(at) for at, _ in enumerate(found, start=1)]
    captions = [
        p.text for p in docx.Document(io.BytesIO(content)).paragraphs if p.style and p.style.name == "Caption"
    ]
    assert set(captions) == {one.caption for one in (*report.pictures(), *report.tables())}


def test_the_tables_of_a_docx_are_its_own_and_repeat_their_heads(report: Report, content: bytes) -> None:
    word = docx.Document(io.BytesIO(content))
    for found, native in zip(report.tables(), word.tables, strict=True):
        assert [cell.text for cell in native.rows[0].cells] == list(found.columns)
        assert len(native.rows) == 1 + len(found.rows)
        head = native.rows[0]._tr.trPr
        assert head is not None and head.find(qn("w:tblHeader")) is not None


def test_a_users_docx_restyles_the_report_and_leaves_out_its_own_text(
    report: Report, content: bytes, tmp_path: Path
) -> None:
    own = docx.Document(io.BytesIO(content))
    own.styles["Heading 1"].font.size = Pt(26)
    own.styles["Normal"].font.name = "Sample Face"
    own.sections[0].left_margin = Pt(99)
    own.sections[0].header.paragraphs[0].text = "样本协会"
    own.add_paragraph("前一份报告的一句话")
    own.save(str(tmp_path / "own.docx"))
    word = docx.Document(io.BytesIO(in_form(report, "docx", tmp_path / "own.docx")))
    assert word.styles["Heading 1"].font.size == Pt(26)
    assert word.styles["Normal"].font.name == "Sample Face"
    assert word.sections[0].left_margin == Pt(99)
    assert word.sections[0].header.paragraphs[0].text == "样本协会"
    said = [p.text for p in word.paragraphs]
    assert said == [p.text for p in docx.Document(io.BytesIO(content)).paragraphs]
    with zipfile.ZipFile(io.BytesIO(in_form(report, "docx", tmp_path / "own.docx"))) as package:
        pictures = [name for name in package.namelist() if name.startswith("word/media/")]
    assert len(pictures) == len(list(report.pictures()))


def test_a_share_in_the_workbook_has_all_its_places() -> None:
    """Excel shows 12 of 107 as 11.21 %, as the text does, and not what is left of 0.11215."""
    posts = [
        post(f"{n}", f"第{n}件", polarity="neg" if n < 12 else "neu", day=5 + n / 50) for n in range(107)
    ]
    made = build_of(posts)
    assert "11.21%" in spoken(made)
    book = openpyxl.load_workbook(io.BytesIO(in_form(made, "xlsx")))
    values = (value for sheet in book for row in sheet.iter_rows(values_only=True) for value in row)
    near = [value for value in values if isinstance(value, float) and abs(value - 12 / 107) < 1e-5]
    assert near and all(abs(value - 12 / 107) < 1e-12 for value in near)
