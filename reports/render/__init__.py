"""Renderers: a tree of blocks as HTML, Markdown, JSON, DOCX, XLSX or PDF."""

from typing import TYPE_CHECKING

from fengping.doors import front_door

if TYPE_CHECKING:
    from fengping.reports.render.charts import Bars, Cloud, Curve, Heat, Parts, draw, to_png
    from fengping.reports.render.html import anchor, render_html
    from fengping.reports.render.json import read_previous
else:
    __getattr__ = front_door(__name__)
