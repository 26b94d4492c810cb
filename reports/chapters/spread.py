"""传播情况: tiers, regions and engagement where told, sites that wrote first, accounts that wrote most."""

from __future__ import annotations

from collections.abc import Sequence

from fengping.reports.chapters import sentences
from fengping.reports.chapters.blocks import Pages
from fengping.reports.chapters.chapter import Brief, register
from fengping.reports.chapters.rows import share_cell
from fengping.reports.chapters.topics import TIERS
from fengping.reports.document import cell
from fengping.reports.facts import Slice, share_of
from fengping.reports.facts.gather import Facts
from fengping.reports.facts.publishers import publishers_of
from fengping.reports.facts.shares import BUSIEST, Engagement, engagement_of
from fengping.reports.wording import Text, compose, enumerate_texts, join, number, with_share

LEAST = 30


@register
class Spread:
    name = "spread"

    def write(self, pages: Pages, facts: Facts, brief: Brief) -> None:
        event = not {"event", "group"}.isdisjoint(facts.scope.where)
        if int(facts.negative.count.value or 0) < LEAST:
            if event and facts.everything.count.value:
                _few(pages, facts)
            return
        pages.chapter("传播情况")
        if reposts := with_share(f"{facts.scope.noun}中，{facts.copied}占{{share}}。", facts.reposts_share):
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
            shares = f"占比（n={facts.negative.folded.value}）"
            pages.table(
                "首发吐槽类信息的站点",
                "首发站点",
                ("站点", "首发条数", shares),
                [(cell(s.name), cell(number(s.count)), share_cell(s.share)) for s in facts.sites],
                numeric=(1, 2),
                spare=(shares,),
            )
        if event:
            _publishers(pages, facts)


def _few(pages: Pages, facts: Facts) -> None:
    """The spread of an event of a few documents: counts alone, and who published in which order."""
    pages.chapter("传播情况")
    reposts = facts.reposts_share.basis[0]
    said = "其中{what}{copies}条。" if reposts.value else "未见{what}。"
    said = f"监测期内事件信息{{n}}条，{said}"
    n, copies = number(facts.everything.count), number(reposts)
    pages.say(compose(said, n=n, what=facts.copied, copies=copies), key="reposts")
    if facts.tiers:
        pages.say(("按发布级别，", *_listed(facts.tiers), "。"), key="tiers")
    if facts.negative.count.value:
        pages.say(_engagement(engagement_of(facts.ask, facts.negative.count)), key="engagement")
    _publishers(pages, facts)


def _publishers(pages: Pages, facts: Facts) -> None:
    """Publishers of the event in the order of their first documents; accounts are not named."""
    if not facts.signed:
        return  # the one row there would be of whatever nobody signed
    found = publishers_of(facts.ask, facts.everything.count)
    if not found.first:
        return
    unsaid = f"发布主体另有{found.others}个，未列出。" if found.others else ""
    read = f"按最早的{found.read}条信息统计。" if found.partly else ""
    pages.table(
        "发布主体（按监测期内首次发布先后）",
        "首发主体",
        ("首发时间", "渠道与站点", "发布级别", "条数", "其中转载"),
        [
            (
                cell(one.first.published),
                cell(one.where),
                cell(TIERS.get(one.tier, one.tier)),
                cell(number(one.count)),
                cell(number(one.copies)),
            )
            for one in found.first
        ],
        numeric=(3, 4),
        note=(f"{read}{unsaid}个人账号不具名，一行为一个账号或站点；转载指文本与更早的信息相同的信息。",),
    )


def _engagement(found: Engagement | None) -> Text:
    if found is None:
        return ("吐槽类信息较多，互动量本期未统计。",)
    if not found.told.value:
        return ("吐槽类信息均未载明互动量。",)
    n, total = number(found.told), number(found.total)
    text = compose(
        "载明互动量的吐槽类信息{n}条，{measures}合计{about}{total}次{once}",
        n=n,
        measures="、".join(found.measures),
        about="约" if found.listed else "",
        total=total,
        once="（同一条目再次收录的只取最高的一次）" if found.once else "",
    )
    if len(found.channels) > 1:
        items = [compose("{name}{n}次", name=name, n=number(part)) for name, part in found.channels]
        text += ("，其中", *enumerate_texts(items))
    return join([*text, "。"])


def _listed(slices: Sequence[Slice]) -> Text:
    """The largest, and that there are others."""
    items = [compose("{name}{n}条", name=s.name, n=number(s.count)) for s in slices[: sentences.NAMED]]
    return join([*enumerate_texts(items), "等" if len(slices) > sentences.NAMED else ""])
