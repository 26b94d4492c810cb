"""典型案例: events, with their status, its evidence, the answer, and numbers as quoted."""

from __future__ import annotations

import re
from collections.abc import Sequence

from fengping.events import Status
from fengping.reports.chapters.blocks import ABOUT, CASES, LEADS, Pages
from fengping.reports.chapters.chapter import Brief, register
from fengping.reports.document import CaseCard, Cell, cell
from fengping.reports.facts import Case
from fengping.reports.facts.gather import Facts
from fengping.reports.facts.model import HEADLINE
from fengping.reports.facts.naming import MASKED
from fengping.reports.facts.single import DISCUSSED, FEW, TALKED_OF
from fengping.reports.wording import Text, compose, join, number

JUDGED = "“已判决”指信息称法院已作出支持原告或者判处刑罚的判决，是否生效未核。"
HEADLINES = f"“{HEADLINE}”指所收信息没有正文，未载可供核实的指称；互动量不少于{TALKED_OF}次的方作为案例。"
KIN = (
    "“同属一事”指系统另有指向同一方、所涉之物相同的事件（由系统按文字判定，可能有误）；起始时间、状态与回应按其全部计，"
    "条数只计监测期内的；所指事件见{where}。"
)
NAMES = "案例和线索的名称多取自信息标题或正文开头，为信息所称，所收正文未必载明。"
"""Printed wherever there are cases or leads."""
UNMET = "，或不详而不符合案例的其他条件"
"""Behind the number of publishers that a lead lacks, where sources tell of none."""
SINGLE = (
    "监测期内只有一条信息的事件（同一条目再次收录的不另计），该条已归入问题类别、并非推广，且载有数量、金额或占比，"
    f"或者互动量不少于{DISCUSSED}次的，方列为案例或线索（不指向具体一方的提示、设问、盘点、个人议论不列）；"
    f"吐槽类信息多于{FEW}条时，仅收录一次的不列入。"
)
"""Printed wherever there are cases or leads."""
ORDER = (
    "按有原创文本的发布主体数、信息条数（同一条目再次收录的不另计）、互动量排列，仅有标题的列于其后，"
    "来源未载明发布主体的，先列处罚、判决，再列检验和消费者组织的调查。"
)
"""Printed wherever there are cases or leads."""
_OFFICIAL = re.compile("局|政府|法院|检察|公安|消协|消保委|消委会|协会|官网|官方")
"""In the name of a site that is no medium."""
MORE_LEADS = "按同一次序只列前{shown}件，另有{n}件符合线索的条件，未列出。"


@register
class Cases:
    name = "cases"

    def write(self, pages: Pages, facts: Facts, brief: Brief) -> None:
        if not (facts.cases or facts.leads):
            return
        pages.part(CASES)
        if facts.cases:
            whose = "所问主播" if facts.ask.subjects else "事件首条负面信息所指一方"
            several = any(told.other for case in facts.cases for told in case.told)
            pages.say(
                f"以下案例为监测期内的事件，{ORDER}{_conditions(facts)}{SINGLE}{NAMES}引文为公开发布的原话，不代表本报告认定其属实；“未证实”指归入该事件的信息中未见可确认的被指一方回应或处罚、判决；状态由系统判读。"
                f"{f'一事指向多方的，状态为{whose}的状态。' if several else ''}"
                f"{''.join(remarks(facts.cases))}",
                role="note",
                key=ABOUT,
            )
        else:
            unknown = any(lead.publishers.value is None for lead in facts.leads)
            known = "可确认" if unknown else ""
            note = "来源未载明发布主体的，无从确认。" if unknown else ""
            pages.say(
                f"监测期内没有{known}达到{facts.min_publishers}个有原创文本的发布主体的案例。{note}",
                key="none",
            )
        for at, case in enumerate(facts.cases, start=1):
            pages.blocks.append(CaseCard(at, f"案例{at}：{case.title}", intro(case), case))
        least = "至少" if facts.found.least else ""
        if facts.found.more_cases:
            pages.say(f"另有{least}{facts.found.more_cases}件符合上述条件，未列出。", key="more")
        if facts.leads:
            unsigned = any(lead.publishers.value is None for lead in facts.leads)
            lacking = f"不足{facts.min_publishers}个{UNMET if unsigned else ''}"
            more = facts.found.more_leads
            others = [MORE_LEADS.format(shown=len(facts.leads), n=f"{least}{more}")] if more else []
            pages.table(
                f"线索（有原创文本的发布主体{lacking}，未作为案例）",
                LEADS,
                ("首发时间", "摘要", "条数", "发布主体", "有原创文本", "状态"),
                [_lead_row(lead) for lead in facts.leads],
                numeric=(2, 3, 4),
                note=(
                    f"线索不具名（平台{'和所问主播' if facts.ask.subjects else ''}除外）："
                    f"摘要与证据中系统名录所载的名称和系统识别的当事方{MASKED}。",
                    "条数为监测期内的信息，发布主体按整个事件计。",
                    *([] if facts.cases else [f"线索{ORDER}", _conditions(facts), SINGLE, NAMES]),
                    *others,
                    *remarks(facts.leads),
                ),
                subjects=[f"case:{lead.event}" for lead in facts.leads],
            )


def _conditions(facts: Facts) -> str:
    """Sentence on what makes an event a case and no lead."""
    return (
        f"载明发布主体的，每例至少{facts.min_publishers}个有原创文本的发布主体（转载不计）；"
        f"来源未载明发布主体的，互动量不少于{DISCUSSED}次且有正文（或仅有标题而不少于{TALKED_OF}次）、"
        "未指名（被仿冒的品牌除外），方列为案例。"
    )


def remarks(cases: Sequence[Case], kin_in: str = "案例证据") -> list[str]:
    """Sentences on statuses that *cases* bear and that say less than their words; *kin_in*: where the other
    events of their affairs are listed."""
    judged = any(told.status.startswith(Status.JUDGED.value) for case in cases for told in case.told)
    return [
        *([JUDGED] if judged else []),
        *([HEADLINES] if any(case.verdict == HEADLINE for case in cases) else []),
        *([KIN.format(where=kin_in)] if any(case.kin for case in cases) else []),
    ]


def intro(case: Case) -> Text:
    """据媒体报道/网友发文: when, who, where, how many."""
    where = case.opening.where
    edited = where.startswith(("网站", "客户端")) and not _OFFICIAL.search(where)
    blog = not where.startswith(("网站", "客户端"))
    unknown = case.publishers.value is None
    source = "据媒体报道" if edited else "据网友发文" if blog and not unknown else "据网络公开信息"
    counted: Text = ()
    if case.engagement.value is not None:
        about = _least(case) or ("约" if unknown else "")
        counted = compose(f"，{_measure(case)}{about}{{n}}", n=number(case.engagement))
    return join([
        f"{source}，{_first(case)}。{_others(case)}",
        *compose("监测期内有关该事件的信息{n}条，", n=number(case.documents)),
        *_publishers(case),
        *counted,
        f"。状态：{case.standing}。{f'{case.lacking}。' if case.lacking else ''}",
    ])  # fmt: skip


def _first(case: Case) -> str:
    """The time of the window's first document, whom it accuses, and the beginning if that was before."""
    whom = "、".join(case.aimed_at)
    beside = [case.earlier] if case.earlier else []
    beside += [f"与另{len(case.kin)}个事件同属一事"] if case.kin else []
    beside += [f"提及平台：{'、'.join(case.platforms)}"] if case.platforms else []
    told = f"（{'；'.join(beside)}）" if beside else ""
    published = case.first
    within = "监测期内" if case.begun else ""
    return f"{within}归入该事件{f'、指向{whom}' if whom else ''}的负面信息最早见于{published}{told}"


def _others(case: Case) -> str:
    """The accused whom later documents accuse."""
    others = "、".join(party for party in case.parties if party not in case.aimed_at)
    if not others:
        return ""
    return f"监测期内{'另有负面信息' if case.aimed_at else '该事件的负面信息主要'}指向{others}。"


def _publishers(case: Case) -> Text:
    if case.publishers.value is None:
        return ("来源未载明发布主体",)
    return compose(
        "事件先后有{p}个发布主体，其中有原创文本的{least}{i}个",
        p=number(case.publishers),
        least=_least(case),
        i=number(case.independent),
    )


def _measure(case: Case) -> str:
    """评论量 or 互动量."""
    return case.engagement.label[:3]


def _least(case: Case) -> str:
    return "至少" if case.partly else ""


def _lead_row(lead: Case) -> list[Cell]:
    beside = [f"监测期内该事件最早的吐槽类信息；{lead.earlier}"] if lead.earlier else []
    beside += [f"与另{len(lead.kin)}个事件同属一事"] if lead.kin else []
    begun = f"（{'；'.join(beside)}）" if beside else ""
    return [
        cell(f"{lead.first}{begun}"),
        cell(lead.opening.reference.title, link=lead.opening.reference.url),
        cell(number(lead.documents)),
        cell(number(lead.publishers)),
        cell(number(lead.independent)),
        cell(lead.standing),
    ]
