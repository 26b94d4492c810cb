"""A report as Markdown (CommonMark with tables), charts as SVG files beside it."""

from __future__ import annotations

import re
from collections.abc import Iterator

from fengping.reports.document import (
    Block,
    CaseCard,
    Cell,
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
from fengping.reports.render.charts import draw
from fengping.reports.render.html import anchor, value_of
from fengping.reports.wording import Fact, Figure, Text, clean, web_link

_SPECIAL = re.compile(r"([\\`*_\[\]<>|#~$&!])")


def render_markdown(report: Report, folder: str) -> tuple[str, dict[str, str]]:
    """The text, and the SVG of each picture by file name; the text links to them in *folder*."""
    first, last = full_day(report.window.first), full_day(report.window.last)
    generated = f"　编制时间：{report.generated}" if report.generated else ""
    parts = [
        f"# {_escape(report.title)}",
        f"监测期：{first}至{last}（{len(report.window.days)}天）{generated}",
        *(_escape(line) for line in (report.imprint.lines() if report.imprint else ())),
        "## 摘要",
        "\n".join(f"- {_text(line)}" for line in report.digest),
        *(part for block in report.blocks for part in _block(block, folder)),
    ]
    if report.imprint:
        parts += _imprint(report.imprint)
    pictures = {f"{picture.id}.svg": draw(picture.chart, picture.id) for picture in report.pictures()}
    return "\n\n".join(parts) + "\n", pictures


def _imprint(imprint: Imprint) -> Iterator[str]:
    """The end of an edition: its changes and its name."""
    if changes := imprint.revision():
        yield f"## 与{_escape(imprint.against)}相比的改动"
        yield "\n".join(f"- {_escape(change)}" for change in changes)
    yield f"---\n\n{_escape(imprint.foot())}"


def _block(block: Block, folder: str) -> Iterator[str]:
    match block:
        case Heading(level, text):
            yield f"{'#' * level} {_escape(text)}"
        case Paragraph(text, role):
            yield f"*{_text(text)}*" if role and not _has_figures(text) else _text(text)
        case Picture():
            yield f"![{_escape(block.caption)}]({folder}/{block.id}.svg)"
            yield f"*{_escape(block.caption)}*"
        case Table():
            yield from _table(block)
        case CaseCard():
            yield from _case(block)
        case Origins(facts):
            yield "正文中带链接的数字各链接到以下一项：取值、分母n、所用查询，以及该查询最早的几条文档。"
            yield "\n".join(_origin(fact) for fact in facts)


def _has_figures(text: Text) -> bool:
    return any(isinstance(run, Figure) for run in text)


def _table(table: Table) -> Iterator[str]:
    yield f"**{_escape(table.caption)}**"
    lines = [
        "| " + " | ".join(_escape(name) for name in table.columns) + " |",
        "| " + " | ".join("---:" if numeric else "---" for numeric in table.numeric) + " |",
    ]
    lines += ["| " + " | ".join(_cell(entry) for entry in row) + " |" for row in table.rows]
    yield "\n".join(lines)
    if table.note:
        yield _text(table.note)


def _cell(cell: Cell) -> str:
    text = _text(cell.text)
    return f"[{text}](<{cell.link}>)" if web_link(cell.link) else text


def _case(card: CaseCard) -> Iterator[str]:
    case = card.case
    yield f"#### {_escape(card.heading)}（{case.headed}）"
    yield _text(card.intro)
    source = f"\n>\n> ——{_source(case.opening)}" if case.is_quoted else ""
    yield f"> {_escape(case.opening.text)}{source}"
    for note in case.notes:
        yield f"按引文核算：{_escape(note)}。"
    for quote in case.claims:
        if quote.text not in case.opening.text:
            yield f"原文数字：“{_escape(quote.text)}”（{_source(quote)}）"
    for told in case.told:
        yield f"**{told.status}：**{_escape(told.quote.text)}（{_source(told.quote)}）"
    if case.silence:
        yield case.silence
    if case.further:
        yield "\n".join(f"- {_source(quote)}：{_escape(quote.text)}" for quote in case.further)


def _source(quote: Quote) -> str:
    link = web_link(quote.reference.url)
    return f"{_escape(quote.where)}，{quote.reference.published}" + (f"，[原文](<{link}>)" if link else "")


def _origin(fact: Fact) -> str:
    n = f"（n={fact.n}）" if fact.n is not None else ""
    lines = [
        f'- <a id="{anchor(fact.id)}"></a>`{_code(fact.id)}`　{_escape(fact.label)}：**{value_of(fact)}**{n}'
    ]
    basis = " ".join(f"[{_escape(part.id)}](#{anchor(part.id)})" for part in fact.basis)
    lines.append(f"  `{_code(fact.query.words())}`" + (f" ← {basis}" if basis else ""))
    for document in fact.documents:
        title, link = _escape(document.title), web_link(document.url)
        shown = f"[{title}](<{link}>)" if link else title
        lines.append(f"  - {document.published} {shown} `{document.id}`")
    return "\n".join(lines)


def _text(text: Text) -> str:
    return "".join(_figure(run) if isinstance(run, Figure) else _escape(run) for run in text)


def _figure(figure: Figure) -> str:
    n = f"（n={figure.n}）" if figure.n is not None else ""
    return f"[{figure.text}](#{anchor(figure.fact.id)}){n}"


def _escape(text: str) -> str:
    return _SPECIAL.sub(r"\\\1", clean(text))


def _code(text: str) -> str:
    """Text for a code span, which nothing in it may end."""
    return clean(text).replace("`", "'").replace("<", "‹").replace("](", "] (")
