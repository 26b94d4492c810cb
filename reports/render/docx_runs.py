"""Runs of text in a paragraph of a DOCX: links, figures, soft words, fields and numbered captions."""

from __future__ import annotations

import re
import zlib
from typing import Any

from docx.document import Document as WordDocument
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.opc.constants import RELATIONSHIP_TYPE
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import RGBColor

from fengping.reports.render.html import anchor
from fengping.reports.wording import Fact, Figure, Text, clean

SOFT = RGBColor(0x5F, 0x63, 0x68)
BLUE = RGBColor(0x23, 0x52, 0x7C)


def add_runs(paragraph: Any, text: Text, *, soft: bool = False, size: Any = None) -> None:
    """Adds *text*; its figures lead to where they come from."""
    for piece in text:
        if isinstance(piece, Figure):
            add_link(paragraph, piece.text, bookmark=bookmark_of(piece.fact), size=size)
            rest = f"（n={piece.n}）" if piece.n is not None else ""
        else:
            rest = clean(piece) if piece.strip() else piece
        if rest:
            run = paragraph.add_run(rest)
            if size:
                run.font.size = size
            if soft:
                run.font.color.rgb = SOFT


def add_link(paragraph: Any, text: str, *, link: str = "", bookmark: str = "", size: Any = None) -> None:
    """A hyperlink to the web or to a bookmark; python-docx has no call for it."""
    element = OxmlElement("w:hyperlink")
    if link:
        element.set(qn("r:id"), paragraph.part.relate_to(link, RELATIONSHIP_TYPE.HYPERLINK, is_external=True))
    else:
        element.set(qn("w:anchor"), bookmark)
    run = paragraph.add_run(text)
    if link:
        run.font.color.rgb = BLUE
    if size:
        run.font.size = size
    element.append(run._r)
    paragraph._p.append(element)


_NUMBERED = re.compile(r"(图|表)(\d+)(　.*)", re.DOTALL)


def add_caption(word: WordDocument, caption: str) -> Any:
    """A caption whose number is a field, so that Word counts on where figures are added or taken out."""
    paragraph = word.add_paragraph(style="Caption")
    paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
    if numbered := _NUMBERED.fullmatch(caption):
        label, number, rest = numbered.groups()
        paragraph.add_run(label)
        begin_field(paragraph, f" SEQ {label} \\* ARABIC ")
        paragraph.add_run(number)
        end_field(paragraph)
        paragraph.add_run(rest)
    else:
        paragraph.add_run(caption)
    return paragraph


def begin_field(paragraph: Any, instruction: str) -> None:
    """Begins a field; text added next is its result, up to :func:`end_field`."""
    _mark(paragraph, "begin")
    told = OxmlElement("w:instrText")
    told.set(qn("xml:space"), "preserve")
    told.text = instruction
    paragraph.add_run()._r.append(told)
    _mark(paragraph, "separate")


def end_field(paragraph: Any) -> None:
    """The end of what :func:`begin_field` began."""
    _mark(paragraph, "end")


def _mark(paragraph: Any, kind: str) -> None:
    mark = OxmlElement("w:fldChar")
    mark.set(qn("w:fldCharType"), kind)
    paragraph.add_run()._r.append(mark)


def bookmark_of(fact: Fact) -> str:
    """The name of a fact's bookmark in the appendix, of at most 40 characters as Word asks."""
    name = anchor(fact.id).replace("-", "_").replace(".", "_")
    if len(name) <= 40:
        return name
    # CRC keeps long names apart and the same from run to run.
    return f"{name[:31]}_{zlib.crc32(fact.id.encode()):08x}"
