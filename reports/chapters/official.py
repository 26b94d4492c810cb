"""官方投诉数据: dated figures of complaint desks, printed beside ours without a claim of correlation."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from fengping.clock import day_start
from fengping.reports.chapters.blocks import Pages
from fengping.reports.chapters.chapter import Brief, Official, register
from fengping.reports.document import cell
from fengping.reports.facts.gather import Facts
from fengping.reports.facts.model import Window
from fengping.reports.scope import NEGATIVE
from fengping.reports.wording import Fact, clean, number

OURS = "本报告同期"


@register
class OfficialCounts:
    name = "official"

    def write(self, pages: Pages, facts: Facts, brief: Brief) -> None:
        if not brief.official:
            return
        pages.chapter("投诉平台公布数据")
        pages.say(
            "下表为投诉平台自行公布的数据，口径与本报告不同，只作并列，不作换算或相关性判断。",
            role="note",
            key="about",
        )
        ours = [_ours(facts, published) for published in brief.official]
        beyond = "；公布的起止日不全在监测期内的，不列本报告条数" if None in ours else ""
        pages.table(
            "投诉平台公布数据",
            "投诉平台",
            ("来源", "起", "止", "项目", "数值", OURS),
            [
                (
                    cell(clean(o.source), link=o.url),
                    cell(o.first),
                    cell(o.last),
                    cell(clean(o.what)),
                    cell(o.value),
                    cell(number(own) if own else None),
                )
                for o, own in zip(brief.official, ours, strict=True)
            ],
            numeric=(4, 5),
            note=(f"“{OURS}”为同一起止日内的吐槽类信息条数{beyond}。",),
            spare=(OURS,),
        )


def _ours(facts: Facts, published: Official) -> Fact | None:
    """Negatives of the same days, where all of them lie in the window."""
    window = facts.window
    if (published.first, published.last) == (window.first, window.last):
        return facts.negative.count
    if not window.first <= published.first <= published.last <= window.last:
        return None
    days = Window(day_start(published.first), day_start(published.last + timedelta(days=1)))
    asked = replace(facts.ask, window=days).within(NEGATIVE)
    label = f"{days.words()}吐槽类信息"
    return facts.ask.count(f"negative.{published.first}_{published.last}", label, asked)
