"""附录: the daily table, the evidence of the cases with its hashes, and the thresholds that decided."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date

from fengping.reports.chapters import comparison
from fengping.reports.chapters.blocks import ADDRESS, EVIDENCE, Pages
from fengping.reports.chapters.chapter import Brief, register
from fengping.reports.document import Cell, Origins, cell
from fengping.reports.facts import Case, chance, keyness, naming, points, series
from fengping.reports.facts.excerpts import UNTOLD
from fengping.reports.facts.fields import LIVE_FIELD
from fengping.reports.facts.gather import Facts
from fengping.reports.facts.model import Quote
from fengping.reports.wording import FLOOR, Figure

FIELD_COLUMNS = 3
COLUMNS = ("案例", "作用", "时间", "渠道", "原文", ADDRESS, "原文SHA-256", "留存")
FOUND = {
    "kept": "已留存",
    "unchanged": "已留存，原文未见改动",
    "changed": "已留存，{day}查看时网址已不显示全部原文",
    "gone": "已留存，{day}查看时网址已无此文",
}


@register
class Appendix:
    name = "appendix"

    def write(self, pages: Pages, facts: Facts, brief: Brief) -> None:
        pages.chapter("附录", numbered=False)
        pages.appendix("每日信息量")
        _daily(pages, facts)
        if facts.cases or facts.leads:
            pages.appendix("案例证据")
            _evidence(pages, facts)
        pages.appendix("判定阈值")
        _thresholds(pages, facts)
        pages.appendix("数据来源与查询")
        pages.blocks.append(Origins(()))


def _daily(pages: Pages, facts: Facts) -> None:
    classes = [field for field in facts.fields if field.code != LIVE_FIELD][:FIELD_COLUMNS]
    courses = [
        (facts.scope.noun.removesuffix("信息"), facts.everything.course),
        ("吐槽类", facts.negative.course),
        ("直播带货负面", facts.complaints.course),
        *((field.name, field.volume.course) for field in classes),
    ]
    rows = []
    for at, day in enumerate(facts.window.days):
        # A cell's native value is the day's count; its fact is the whole series.
        counts = [
            Cell((Figure(str(course.series.counts[at]), course.by_day),), course.series.counts[at])
            for _, course in courses
        ]
        rows.append([cell(day), *counts, cell(_remark(facts, day))])
    names = [name for name, _ in courses]
    pages.table(
        "每日信息量（条）",
        "每日信息量",
        ("日期", *names, "备注"),
        rows,
        numeric=range(1, len(names) + 1),
        spare=("备注",),
    )


def _remark(facts: Facts, day: date) -> str:
    if facts.coverage and day in facts.coverage.failed_days:
        return "当日运行均失败"
    if facts.coverage and day in facts.flagged_days:
        return "未采集" if day in facts.silent_days else "当日无来源运行"
    return "未收到任何信息" if day in facts.silent_days else ""


def _evidence(pages: Pages, facts: Facts) -> None:
    labelled = [(f"案例{at}", case) for at, case in enumerate(facts.cases, start=1)]
    labelled += [(f"线索{at}", case) for at, case in enumerate(facts.leads, start=1)]
    quotes = [(label, case.event, what, quote) for label, case in labelled for what, quote in _quotes(case)]
    addressed = any(quote.reference.url for *_, quote in quotes)
    rows = [_row(facts, label, what, quote, addressed=addressed) for label, _, what, quote in quotes]
    address = (ADDRESS,) if addressed else ()
    kept = "和存证的" if any(quote.reference.id in facts.kept for *_, quote in quotes) else ""
    pages.table(
        "案例与线索的证据",
        EVIDENCE,
        (*COLUMNS[:5], *address, *COLUMNS[6:]),
        rows,
        note=(f"原文只摘录一部分；SHA-256按收录的标题与正文全文计算，全文以库中收录的{kept}为准。",),
        subjects=[f"case:{event}" for _, event, *_ in quotes],
    )


def evidence_of(facts: Facts, case: Case) -> tuple[tuple[Cell, ...], ...]:
    """The rows of one case in the table of evidence, with their column of addresses."""
    return tuple(_row(facts, "案例1", what, quote, addressed=True) for what, quote in _quotes(case))


def _row(facts: Facts, label: str, what: str, quote: Quote, *, addressed: bool) -> tuple[Cell, ...]:
    return (
        cell(label),
        cell(what),
        cell(quote.reference.published),
        cell(quote.where),
        cell(quote.text, link=quote.reference.url),
        *([cell(quote.reference.url)] if addressed else []),
        cell(quote.reference.hash),
        cell(_state(facts, quote.reference.id)),
    )


def _state(facts: Facts, document: str) -> str:
    """Kept or not, and since when its address shows something else."""
    finding, at = facts.kept.get(document, ("", ""))
    return FOUND[finding].format(day=at[:10]) if finding in FOUND else "未留存"


def _quotes(case: Case) -> Iterator[tuple[str, Quote]]:
    first = "监测期内最早的吐槽类信息" if case.earlier else "首发"
    opening = case.opening
    if opening.text in UNTOLD:
        opening = replace(opening, text=f"{opening.reference.title}{opening.text}")
    yield "摘要" if case.since else first, opening
    first = case.opening.reference.id
    yield from (("来源", quote) for quote in case.sources if quote.reference.id != first)
    yield from (("数字", quote) for quote in case.claims if quote.text not in case.opening.text)
    yield from ((told.status, told.quote) for told in case.told)
    yield from (("同属一事", quote) for quote in case.kin)


def _thresholds(pages: Pages, facts: Facts) -> None:
    rows = [
        (
            "峰值",
            f"局部最高，不少于{series.PEAK_LEAST}条，且不低于前后共{series.PEAK_WINDOW}天中位数的{series.PEAK_FACTOR}倍，且超过随机波动（z≥{chance.SIGNIFICANT}）；同文折叠后低于前后一天的另行说明",
        ),
        ("走势“较为平稳”", f"变异系数小于{series.STEADY}"),
        (
            "其他走势",
            f"只在离散度检验排除随机波动（z＞{series.CHANCE}）时使用，否则为“未见超出随机波动的变化”",
        ),
        ("走势“呈集中趋势”", f"最高日与日均之比大于{series.CONCENTRATED}"),
        ("走势“波动上升”", "线性趋势向上，后三分之一日均最高，且后半段日均高于前半段，差异超过随机波动"),
        ("走势“集中在前半段”", "前三分之一日均最高，且前半段日均高于后半段，差异超过随机波动"),
        ("走势“呈‘倒V’形”", "只有一个峰值；以上各项均不满足时为“有所波动”"),
        ("走势与峰值的下限", f"少于{series.ENOUGH}条不判断；日均不足1条不判断走势"),
        ("占比的下限", f"样本少于{FLOOR}条不列占比"),
        (
            "案例与具名",
            f"不少于{facts.min_publishers}个有原创文本的发布主体（转载不计；网站、客户端按站点计，其他渠道按账号计），"
            f"否则{naming.MASKED}；平台、检索式和所问主播不在此限；来源未载明发布主体的案例不具名"
            f"{'，条件见案例的说明' if facts.cases else ''}",
        ),
        (
            "槽点",
            f"从监测期内该领域的信息中随机抽取至多{points.SAMPLE}条，取其判定依据中的原词；全部信息中写有该词的不少于{points.LEAST}条",
        ),
        ("高频词", f"对数几率比z值不低于{keyness.SIGNIFICANT}（狄利克雷先验，权重{keyness.PRIOR:g}）"),
        (
            "上升、下降",
            f"两期之差超过随机波动（z≥{chance.SIGNIFICANT}，按每日离散度放宽；占比在同文折叠前后均须如此）；"
            f"任一期未收到任何信息的天数超过{comparison.EMPTY:.0%}的不判断",
        ),
        (
            "苗头",
            f"后半段除去最高的{series.HIGHEST:.0%}的日子，日均仍不低于前半段的{series.GROWTH}倍，且差异超过随机波动"
            f"（z≥{chance.SIGNIFICANT}，按每日离散度放宽），同文折叠前后均须如此",
        ),
    ]
    pages.table("判定阈值", "判定阈值", ("项目", "规则"), [(cell(name), cell(rule)) for name, rule in rows])
