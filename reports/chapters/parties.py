"""Sentences about named parties: hosts, platforms, cases. Pure: facts in, text out."""

from __future__ import annotations

from collections.abc import Sequence

from fengping.reports.chapters.sentences import MARK_LEAST
from fengping.reports.facts.model import Case, Host, Rest, Slice
from fengping.reports.numbers import UNCOUNTED
from fengping.reports.wording import Fact, Text, compose, enumerate_texts, number, share

NAMED = 6
"""Hosts that the sentence names; the others are counted together."""


def hosts(found: Sequence[Host], rest: Rest | None, named: Fact) -> Text:
    """Name the sellers most complained of; the rest are counted, never computed."""
    if not found:
        return compose("指向具名主播的负面信息{unknown}。", unknown=UNCOUNTED)
    text = compose("指向具名主播的负面信息共{n}条。", n=number(named))
    lead = compose("涉及{name}的维权舆情最多，占比{share}", name=found[0].name, share=share(found[0].share))
    items = [lead]
    for at, host in enumerate(found[1:NAMED]):
        opening = "其次是" if at == 0 else ""
        items.append(compose("{o}{name}，占比{share}", o=opening, name=host.name, share=share(host.share)))
    text = (*text, *enumerate_texts(items, "；"), "。")
    if rest:
        text += compose("其余{hosts}位合计{share}。", hosts=str(rest.hosts), share=share(rest.share))
    for host in found[:3]:
        text += _mark(host)
    return (*text, "一条信息可指向多位主播。")


def _mark(host: Host) -> Text:
    """The class that leads a host's complaints, where it is more than a handful."""
    top = max(host.issues, key=lambda cell: int(cell.count.value or 0), default=None)
    if top is None or int(top.count.value or 0) < MARK_LEAST:
        return ()
    return compose(
        "其中{name}的“{issue}”舆情相对突出，占其负面信息的{share}。",
        name=host.name,
        issue=top.name,
        share=share(top.share),
    )


def platforms(found: Sequence[Slice], whole: Fact) -> Text:
    if not found:
        return compose("涉及平台的分布{unknown}。", unknown=UNCOUNTED)
    items = [compose("{name}占比{share}", name=s.name, share=share(s.share)) for s in found[:5]]
    return compose(
        "提及具体平台的直播带货类负面信息共{n}条，其中{items}。一条信息可提及多个平台，提及不等于指责。",
        n=number(whole),
        items=enumerate_texts(items),
    )


def case_intro(case: Case) -> Text:
    """据媒体报道/网友发文: when, who, where, how many."""
    source = "据媒体报道" if case.opening.where.startswith(("网站", "客户端")) else "据网友发文"
    platform = f"，涉及平台：{'、'.join(case.platforms)}" if case.platforms else ""
    text = compose(
        "{source}，{when}起出现指向{hosts}的负面信息{platform}。监测期内同文信息{n}条，独立发布主体{publishers}个，"
        "互动量{engagement}。",
        source=source,
        when=case.opening.reference.published,
        hosts="、".join(case.hosts),
        platform=platform,
        n=number(case.documents),
        publishers=number(case.publishers),
        engagement=number(case.engagement),
    )
    return text
