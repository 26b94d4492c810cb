"""A report as DOCX: styles a Chinese office knows, charts as PNG, figures linked to the appendix."""

from __future__ import annotations

import io
import zipfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import docx
from docx.document import Document as WordDocument
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.opc.exceptions import PackageNotFoundError
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm, Pt, RGBColor

from fengping.errors import UsageError
from fengping.reports.document import (
    Block,
    CaseCard,
    Heading,
    Imprint,
    Origins,
    Paragraph,
    Picture,
    Report,
    Table,
)
from fengping.reports.facts.model import Quote
from fengping.reports.numbers import full_day
from fengping.reports.render.charts import draw, to_png
from fengping.reports.render.docx_runs import (
    SOFT,
    add_caption,
    add_link,
    add_runs,
    begin_field,
    bookmark_of,
    end_field,
)
from fengping.reports.render.docx_tables import TEXT_WIDTH, add_table
from fengping.reports.render.html import value_of
from fengping.reports.wording import Fact, clean, web_link

BODY, HEAD, LATIN = "宋体", "黑体", "Times New Roman"
"""The faces of Chinese official papers; every office on Windows, WPS and macOS has or replaces them."""
NO_CLOCK = datetime(2000, 1, 1, tzinfo=UTC)


STYLES = ("Normal", "Title", "Heading 1", "Heading 2", "Heading 3", "List Bullet", "Caption", "Quote")
CONTENTS = 2
"""Levels of headings in the contents."""
KEPT = frozenset(
    (
        "styles", "stylesWithEffects", "numbering", "settings", "webSettings", "fontTable", "theme", "header",
        "footer", "footnotes", "endnotes",
    )
)  # fmt: skip
"""Parts of a reference document that are more than its text."""
OUTSIDE = "TOC Heading"
"""Word's own style for the heading of the contents, which the contents leave out."""


def render_docx(report: Report, reference: Path | None = None) -> bytes:
    """The document; equal reports give equal bytes.

    With *reference* its page, styles, head and foot are taken from that DOCX, whose text is left out. Raises
    :class:`UsageError` for a file that is none or lacks a style.
    """
    word = docx.Document() if reference is None else _emptied(reference)
    if reference is None:
        _set_up(word)
    _properties(word, report)
    word.add_heading(clean(report.title), 0).alignment = WD_ALIGN_PARAGRAPH.CENTER
    first, last = full_day(report.window.first), full_day(report.window.last)
    generated = f"　编制时间：{report.generated}" if report.generated else ""
    line = word.add_paragraph(f"监测期：{first}至{last}（{len(report.window.days)}天）{generated}")
    line.alignment = WD_ALIGN_PARAGRAPH.CENTER
    if report.imprint:
        _imprint(word, report.imprint)
    word.add_heading("摘要", 1)
    for text in report.digest:
        add_runs(word.add_paragraph(style="List Bullet"), text)
    marks = _Bookmarks()
    _contents(word, report)
    for block in report.blocks:
        _block(word, block, marks)
    if report.imprint and (changes := report.imprint.revision()):
        word.add_heading(f"与{report.imprint.against}相比的改动", 1)
        for change in changes:
            word.add_paragraph(clean(change), style="List Bullet")
    return _timeless(word)


def _imprint(word: WordDocument, imprint: Imprint) -> None:
    """The edition, under the title and on the foot of every page."""
    for line in imprint.lines():
        paragraph = word.add_paragraph()
        paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
        add_runs(paragraph, (line,), soft=True, size=Pt(9))
    for section in word.sections:
        feet = [section.footer]
        feet += [section.first_page_footer] if section.different_first_page_header_footer else []
        for foot in feet:
            paragraph = foot.add_paragraph()
            paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
            add_runs(paragraph, (imprint.foot(),), soft=True, size=Pt(8))


def _emptied(reference: Path) -> WordDocument:
    try:
        word = docx.Document(str(reference))
    except (OSError, PackageNotFoundError, KeyError, ValueError, zipfile.BadZipFile):
        raise UsageError(
            f"{reference} is no DOCX that can be read.",
            remedy="Take a DOCX that `fengping report` printed and change its styles.",
        ) from None
    known = {style.name for style in word.styles}
    for name in STYLES:
        if name not in known:
            raise UsageError(
                f"{reference} has no style {name!r}.",
                remedy="Take a DOCX that `fengping report` printed and change its styles.",
            )
    body: Any = word.element.body
    for element in list(body):
        if element.tag != qn("w:sectPr"):
            body.remove(element)
    # Pictures, links and comments of its text would go along unseen.
    for name, part in list(word.part.rels.items()):
        if part.reltype.rpartition("/")[2] not in KEPT:
            del word.part.rels[name]
    return word


def _contents(word: WordDocument, report: Report) -> None:
    """Headings as a field of contents: links as they stand, page numbers once Word brings it up to date."""
    listed = [(at, block) for at, block in enumerate(_headings(report)) if block.level - 1 <= CONTENTS]
    if not listed:
        return
    title = word.add_heading("目录", 1)
    if OUTSIDE in {style.name for style in word.styles}:
        title.style = word.styles[OUTSIDE]
    for number, (at, block) in enumerate(listed):
        paragraph = word.add_paragraph()
        paragraph.paragraph_format.left_indent = Pt(14 * (block.level - 2))
        paragraph.paragraph_format.space_after = Pt(0)
        if number == 0:
            begin_field(paragraph, f' TOC \\o "1-{CONTENTS}" \\h \\z \\u ')
        add_link(paragraph, clean(block.text), bookmark=_place(at))
        if number == len(listed) - 1:
            end_field(paragraph)


def _headings(report: Report) -> list[Heading]:
    return [block for block in report.blocks if isinstance(block, Heading)]


def _place(at: int) -> str:
    """Bookmark of a heading."""
    return f"_Toc{at:08d}"


def _set_up(word: WordDocument) -> None:
    section = word.sections[0]
    section.page_width, section.page_height = Mm(210), Mm(297)
    section.left_margin = section.right_margin = Mm(25)
    section.top_margin = section.bottom_margin = Mm(24)
    for name, face, size in (
        ("Normal", BODY, 11), ("Title", HEAD, 20), ("Heading 1", HEAD, 15), ("Heading 2", HEAD, 13),
        ("Heading 3", HEAD, 11.5), ("List Bullet", BODY, 11), ("Caption", BODY, 9.5), ("Quote", BODY, 10.5),
    ):  # fmt: skip
        style: Any = word.styles[name]
        style.font.name, style.font.size = LATIN, Pt(size)
        style.font.color.rgb = RGBColor(0x1F, 0x1F, 0x1F)
        fonts = style.element.get_or_add_rPr().get_or_add_rFonts()
        for theme in ("asciiTheme", "hAnsiTheme", "eastAsiaTheme", "cstheme"):
            fonts.attrib.pop(qn(f"w:{theme}"), None)
        fonts.set(qn("w:eastAsia"), face)
        fonts.set(qn("w:hint"), "eastAsia")
        style.font.italic = False
    _speak_chinese(word)
    _page_number(section.footer.paragraphs[0])


def _properties(word: WordDocument, report: Report) -> None:
    properties = word.core_properties
    properties.title, properties.author, properties.comments = clean(report.title), "fengping", ""
    properties.created = properties.modified = NO_CLOCK
    properties.last_modified_by = ""


def _speak_chinese(word: WordDocument) -> None:
    """Without its language a text gets the glyphs of another region: 、 and 。 in mid-square."""
    for language in word.styles.element.iter(qn("w:lang")):
        language.set(qn("w:eastAsia"), "zh-CN")


def _page_number(paragraph: Any) -> None:
    paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
    field = OxmlElement("w:fldSimple")
    field.set(qn("w:instr"), "PAGE")
    paragraph._p.append(field)


class _Bookmarks:
    """Bookmark names: Word takes 40 characters of ASCII, so facts are numbered in order."""

    def __init__(self) -> None:
        self.last = self.headings = 0

    def heading(self, paragraph: Any) -> None:
        """Marks the next heading."""
        self._put(paragraph, _place(self.headings))
        self.headings += 1

    def put(self, paragraph: Any, fact: Fact) -> None:
        """Marks the entry of a fact."""
        self._put(paragraph, bookmark_of(fact))

    def _put(self, paragraph: Any, name: str) -> None:
        self.last += 1
        start, end = OxmlElement("w:bookmarkStart"), OxmlElement("w:bookmarkEnd")
        for mark in (start, end):
            mark.set(qn("w:id"), str(self.last))
        start.set(qn("w:name"), name)
        # Right after the paragraph's properties, which must come first.
        paragraph._p.insert(0 if paragraph._p.pPr is None else 1, start)
        paragraph._p.append(end)


def _block(word: WordDocument, block: Block, marks: _Bookmarks) -> None:
    match block:
        case Heading(level, text):
            marks.heading(word.add_heading(text, level - 1))
        case Paragraph(text, role):
            paragraph = word.add_paragraph()
            if not role:
                paragraph.paragraph_format.first_line_indent = Pt(22)
            add_runs(paragraph, text, soft=bool(role))
        case Picture():
            png = to_png(draw(block.chart, block.id))
            paragraph = word.add_paragraph()
            paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
            paragraph.paragraph_format.keep_with_next = True
            shape: Any = paragraph.add_run().add_picture(io.BytesIO(png), width=TEXT_WIDTH)
            shape._inline.docPr.set("descr", clean(block.alt))
            add_caption(word, block.caption)
        case Table():
            add_table(word, block)
        case CaseCard():
            _case(word, block)
        case Origins(facts):
            for fact in facts:
                _origin(word, fact, marks)


def _case(word: WordDocument, card: CaseCard) -> None:
    case = card.case
    word.add_heading(f"{clean(card.heading)}（{case.headed}）", 3)
    add_runs(word.add_paragraph(), card.intro)
    quote = word.add_paragraph(clean(case.opening.text), style="Quote")
    quote.paragraph_format.left_indent = Pt(22)
    if case.is_quoted:
        _source(word.add_paragraph(), case.opening, "——")
    for note in case.notes:
        add_runs(word.add_paragraph(), (f"按引文核算：{note}。",), soft=True)
    for claim in case.claims:
        if claim.text not in case.opening.text:
            _source(word.add_paragraph(), claim, f"原文数字：“{clean(claim.text)}”　——")
    for told in case.told:
        paragraph = word.add_paragraph()
        paragraph.add_run(f"{told.status}：").bold = True
        paragraph.add_run(clean(told.quote.text))
        _source(paragraph, told.quote, "　——")
    if case.silence:
        add_runs(word.add_paragraph(), (case.silence,), soft=True)
    for source in case.further:
        _source(word.add_paragraph(style="List Bullet"), source, f"{clean(source.text)}　")


def _source(paragraph: Any, quote: Quote, before: str) -> None:
    paragraph.add_run(f"{before}{quote.where}，{quote.reference.published}").font.color.rgb = SOFT
    if web_link(quote.reference.url):
        paragraph.add_run("，")
        add_link(paragraph, "原文", link=quote.reference.url)


def _origin(word: WordDocument, fact: Fact, marks: _Bookmarks) -> None:
    paragraph = word.add_paragraph()
    n = f"（n={fact.n}）" if fact.n is not None else ""
    paragraph.paragraph_format.space_after = Pt(3)
    small = Pt(8)
    head = paragraph.add_run(f"{fact.id}　{fact.label}：{value_of(fact)}{n}　")
    head.bold, head.font.size = True, small
    query = paragraph.add_run(fact.query.words())
    query.font.size, query.font.color.rgb = small, SOFT
    for document in fact.documents:
        paragraph.add_run().add_break()
        paragraph.add_run(f"{document.published}　").font.size = small
        title = f"{document.title}（{document.id}）"
        if web_link(document.url):
            add_link(paragraph, title, link=document.url, size=small)
        else:
            paragraph.add_run(title).font.size = small
    marks.put(paragraph, fact)


def _timeless(word: WordDocument) -> bytes:
    """The package with every entry dated alike: python-docx stamps them with the clock."""
    raw, fixed = io.BytesIO(), io.BytesIO()
    word.save(raw)
    with zipfile.ZipFile(raw) as source, zipfile.ZipFile(fixed, "w", zipfile.ZIP_DEFLATED) as target:
        for entry in sorted(source.infolist(), key=lambda entry: entry.filename):
            stamped = zipfile.ZipInfo(entry.filename, NO_CLOCK.timetuple()[:6])
            stamped.compress_type = zipfile.ZIP_DEFLATED
            target.writestr(stamped, source.read(entry))
    return fixed.getvalue()
