"""引言: figures that others published, cited from a file, and why the report was made."""

from __future__ import annotations

from fengping.reports.chapters import sentences
from fengping.reports.chapters.blocks import Pages
from fengping.reports.chapters.chapter import Brief, register
from fengping.reports.facts.gather import Facts


@register
class Preface:
    name = "preface"

    def write(self, pages: Pages, facts: Facts, brief: Brief) -> None:
        pages.chapter("引言", numbered=False)
        for item in brief.background:
            source = "，".join(part for part in (item.source, item.url) if part)
            pages.say(f"{item.text.rstrip('。')}。（来源：{source}）")
        pages.say(
            sentences.purpose(brief.season, facts.window, facts.everything.count, facts.sources),
            key="purpose",
        )
