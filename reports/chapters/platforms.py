"""涉及平台: platforms that complaints of livestream selling name."""

from __future__ import annotations

from fengping.reports.chapters import sentences
from fengping.reports.chapters.blocks import Pages
from fengping.reports.chapters.chapter import Brief, register
from fengping.reports.chapters.rows import bar_rows, drawn_of
from fengping.reports.facts.gather import Facts
from fengping.reports.render import Bars


@register
class Platforms:
    name = "platforms"

    def write(self, pages: Pages, facts: Facts, brief: Brief) -> None:
        if not facts.platforms:
            return
        pages.part("涉及平台")
        text = sentences.platforms(facts.platforms, facts.on_platforms)
        pages.say(text, key="named")
        if int(facts.on_platforms.value or 0) >= sentences.CHART_LEAST:
            bars = Bars(bar_rows(facts.platforms), "#4f7f5c")
            pages.picture("涉及平台信息量图（多选，不可相加）", bars, text, drawn_of(facts.platforms))
