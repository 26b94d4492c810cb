"""A report as one HTML file: styles and charts inside, no script, nothing fetched."""

from __future__ import annotations

import functools
import itertools
import re
from collections.abc import Mapping
from urllib.parse import quote

import jinja2
from markupsafe import Markup, escape

from fengping.reports.document import Heading, Picture, Report, Table
from fengping.reports.numbers import UNCOUNTED, full_day
from fengping.reports.render.charts import draw
from fengping.reports.wording import Fact, Figure, Text, clean, plain, web_link

_HASH = re.compile("[0-9a-f]{32,64}$")
SHORT = 16
"""Characters up to which a text column stays on one line."""


def render_html(report: Report, paged: Mapping[str, int] | None = None) -> str:
    """The page; equal reports give equal text.

    With *paged*, the pages that headings stand on by their anchors, its contents are a page for print.
    """
    return (
        _environment()
        .get_template("report.html.j2")
        .render(
            report=report,
            paged=paged,
            contents=_contents(report),
            first=full_day(report.window.first),
            last=full_day(report.window.last),
            days=len(report.window.days),
        )
    )


def _contents(report: Report) -> list[tuple[Heading, str]]:
    """Headings of chapters and parts with their anchors."""
    counts = {2: itertools.count(1), 3: itertools.count(1)}
    names = {2: "chapter", 3: "part"}
    return [
        (block, f"{names[block.level]}-{next(counts[block.level])}")
        for block in report.blocks
        if isinstance(block, Heading) and block.level in names
    ]


@functools.cache
def _environment() -> jinja2.Environment:
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("fengping.reports.render", "templates"),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=jinja2.StrictUndefined,
    )
    environment.filters |= {
        "text": _text,
        "heading": _heading,
        "svg": _svg,
        "anchor": anchor,
        "classes": column_classes,
        "value": value_of,
        "clean": clean,
        "in_css": _in_css,
    }
    environment.filters |= {"web": web_link, "block": lambda block: type(block).__name__}
    return environment


def anchor(fact_id: str) -> str:
    """Return the page anchor of a fact's entry; ids may hold Chinese names."""
    return "fact-" + quote(fact_id, safe="").replace("%", "_")


def column_classes(table: Table) -> list[str]:
    """``num`` for figures; ``short`` for text that must not be broken over lines; ``hash`` for long ids."""
    classes = []
    for at, numeric in enumerate(table.numeric):
        longest = max((len(plain(row[at].text)) for row in table.rows), default=0)
        hashes = all(_HASH.match(plain(row[at].text)) for row in table.rows)
        text = "hash" if hashes else "short" if longest <= SHORT else ""
        classes.append("num" if numeric else text)
    return classes


def value_of(fact: Fact) -> str:
    """A fact's value as the appendix prints it."""
    if fact.value is None:
        return UNCOUNTED
    if isinstance(fact.value, int):
        return f"{fact.value}{fact.unit}"
    return f"{float(fact.value):.6g}" if fact.unit == "比例" else f"{float(fact.value):.2f}{fact.unit}"


def _text(text: Text) -> Markup:
    runs = [_figure(run) if isinstance(run, Figure) else escape(run) for run in text]
    return Markup("").join(runs)


def _heading(title: str) -> Markup:
    """A title whose last brackets stay together, on a line of their own where it must break."""
    head, bracket, rest = title.rpartition("（")
    if not (head and bracket):
        return escape(title)
    return Markup('<span class="whole">{}</span><span class="whole">{}</span>').format(head, bracket + rest)


def _figure(figure: Figure) -> Markup:
    n = Markup('<span class="n">（n={}）</span>').format(figure.n) if figure.n is not None else ""
    return Markup('<a class="fact" href="#{}">{}</a>{}').format(anchor(figure.fact.id), figure.text, n)


def _in_css(text: str) -> Markup:
    """Text for a string of a style sheet, which nothing in it may end."""
    return Markup(re.sub(r'["\\<>\n]', " ", text))


def _svg(picture: Picture) -> Markup:
    # Drawn by us from numbers and escaped labels.
    return Markup(draw(picture.chart, picture.id))
