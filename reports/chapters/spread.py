"""传播情况: tiers, regions and engagement where told, sites that wrote first, accounts that wrote most."""

from __future__ import annotations

from collections.abc import Sequence

from fengping.reports.chapters import sentences
from fengping.reports.chapters.blocks import Pages
from fengping.reports.chapters.chapter import Brief, register
from fengping.reports.document import cell
from fengping.reports.facts.gather import Facts
from fengping.reports.facts.model import Slice, share_of
from fengping.reports.facts.shares import BUSIEST, Engagement, engagement_of
from fengping.reports.wording import Text, compose, enumerate_texts, join, number, share, with_share

LEAST = 30


@register
class Spread:
    name = "spread"

    def write(self, pages: Pages, facts: Facts, brief: Brief) -> None:
        if int(facts.negative.count.value or 0) < LEAST:
            return
        pages.chapter("传播情况")
        if reposts := with_share(f"{facts.scope.noun}中，转载占{{share}}。", facts.reposts_share):
            pages.say(reposts, key="reposts")
        accounts, busiest = facts.busiest
        if busiest.value is not None:
            whole = share_of("negative.busiest.share", f"{busiest.label}占比", busiest, facts.negative.count)
            told = with_share("，占{share}。", whole)
            said = (
                f"载明账号的吐槽类信息出自{accounts}个账号，共{{n}}条"
                if accounts < BUSIEST
                else f"发布吐槽类信息最多的{accounts}个账号共发布{{n}}条"
            )
            pages.say(compose(said, n=number(busiest)) + told, key="busiest")
        told_by = (
            ("tiers", f"{facts.scope.noun}按发布级别，", facts.tiers),
            ("regions", "已标明地区的吐槽类信息中，", facts.regions),
        )
        for key, opening, slices in told_by:
            if slices:
                pages.say((opening, *_listed(slices), "。"), key=key)
        pages.say(_engagement(engagement_of(facts.ask, facts.negative.count)), key="engagement")
        if len(facts.sites) > 1:
            pages.table(
                "首发吐槽类信息的站点",
                "首发站点",
                ("站点", "首发条数", f"占比（n={facts.negative.folded.value}）"),
                [(cell(s.name), cell(number(s.count)), cell(share(s.share))) for s in facts.sites],
                numeric=(1, 2),
            )


def _engagement(found: Engagement | None) -> Text:
    if found is None:
        return ("吐槽类信息较多，互动量本期未统计。",)
    if not found.told.value:
        return ("吐槽类信息均未载明互动量。",)
    n, total = number(found.told), number(found.total)
    text = compose("载明互动量的吐槽类信息{n}条，点赞、评论、转发合计{total}次", n=n, total=total)
    if len(found.channels) > 1:
        items = [compose("{name}{n}次", name=name, n=number(part)) for name, part in found.channels]
        text += ("，其中", *enumerate_texts(items))
    return join([*text, "。"])


def _listed(slices: Sequence[Slice]) -> Text:
    items = [compose("{name}{n}条", name=s.name, n=number(s.count)) for s in slices[: sentences.NAMED]]
    return enumerate_texts(items)
