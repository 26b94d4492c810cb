"""官方投诉数据: dated figures of complaint desks, printed beside ours without a claim of correlation."""

from __future__ import annotations

from fengping.reports.chapters.blocks import Pages
from fengping.reports.chapters.chapter import Brief, register
from fengping.reports.document import cell
from fengping.reports.facts.gather import Facts


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
        pages.table(
            "投诉平台公布数据",
            "投诉平台",
            ("来源", "起", "止", "项目", "数值"),
            [
                (
                    cell(o.source, link=o.url),
                    cell(o.first),
                    cell(o.last),
                    cell(o.what),
                    cell(o.value),
                )
                for o in brief.official
            ],
            numeric=(4,),
        )
