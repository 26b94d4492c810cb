"""引言: figures that others published, cited from a file, and why the report was made."""

from __future__ import annotations

from fengping.reports import numbers
from fengping.reports.chapters.blocks import Pages
from fengping.reports.chapters.chapter import Brief, register
from fengping.reports.facts.gather import Facts
from fengping.reports.facts.model import Window
from fengping.reports.scope import ALL
from fengping.reports.wording import FLOOR, Fact, Text, compose, number


@register
class Preface:
    name = "preface"

    def write(self, pages: Pages, facts: Facts, brief: Brief) -> None:
        pages.chapter("引言", numbered=False)
        for item in brief.background:
            source = "，".join(part for part in (item.source, item.url) if part)
            pages.say(f"{item.text.rstrip('。')}。（来源：{source}）")
        sources = len(facts.store.terms(facts.ask.within(ALL), "source", limit=2))
        text = purpose(brief.season, facts.window, facts.everything.count, sources)
        pages.say(text, key="purpose")


def purpose(season: str, window: Window, everything: Fact, sources: int) -> Text:
    """The aim of the report: of a few texts, or of one source, no analysis of big data is claimed."""
    when = f"{season}期间" if season else "监测期内"
    span = f"{numbers.full_day(window.first)}至{numbers.full_day(window.last)}"
    if int(everything.value or 0) < FLOOR or sources < 2:
        return compose(
            "为了解{season}消费维权舆情，对系统收录的、{span}期间发布的相关消费维权信息{n}条{source}作了整理。",
            season=when,
            span=span,
            n=number(everything),
            source="（取自一个来源）" if sources == 1 else "",
        )
    return compose(
        "为全面了解{season}消费者意见和建议，利用互联网舆情监测系统，对{span}期间相关消费维权情况"
        "进行了网络大数据舆情分析。",
        season=when,
        span=span,
    )
