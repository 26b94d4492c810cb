"""附录: the daily table, the evidence of the cases, and the thresholds that decided."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from fengping.reports.chapters.blocks import Pages
from fengping.reports.document import Cell, cell
from fengping.reports.facts import cases, collect, keyness, series
from fengping.reports.facts.model import Case, Facts, Quote
from fengping.reports.wording import Figure

TOPIC_COLUMNS = 3


def write(pages: Pages, facts: Facts) -> None:
    pages.heading(2, "附录")
    pages.heading(3, "附录一　每日信息量")
    _daily(pages, facts)
    if facts.cases or facts.leads:
        pages.heading(3, "附录二　案例证据")
        _evidence(pages, facts)
    pages.heading(3, "附录三　判定阈值")
    _thresholds(pages, facts)


def _daily(pages: Pages, facts: Facts) -> None:
    courses = [
        ("全部信息", facts.everything.course),
        ("吐槽类", facts.negative.course),
        ("直播带货", facts.live.course),
        ("直播带货负面", facts.complaints.course),
        *((topic.name, topic.volume.course) for topic in facts.topics[:TOPIC_COLUMNS]),
    ]
    rows = []
    for at, day in enumerate(facts.window.days):
        # A cell's native value is the day's count; its fact is the whole series.
        counts = [
            Cell((Figure(str(course.series.counts[at]), course.by_day),), course.series.counts[at])
            for _, course in courses
        ]
        rows.append([cell(day.isoformat()), *counts, cell(_remark(facts, day))])
    names = [name for name, _ in courses]
    pages.table(
        "每日信息量（条）", "每日信息量", ("日期", *names, "备注"), rows, numeric=range(1, len(names) + 1)
    )


def _remark(facts: Facts, day: date) -> str:
    if facts.coverage and day in facts.flagged_days:
        return "未采集"
    return "未收到任何信息" if day in facts.silent_days else ""


def _evidence(pages: Pages, facts: Facts) -> None:
    labelled = [(f"案例{at}", case) for at, case in enumerate(facts.cases, start=1)]
    labelled += [(f"线索{at}", case) for at, case in enumerate(facts.leads, start=1)]
    rows = []
    for label, case in labelled:
        for what, quote in _quotes(case):
            rows.append(
                (
                    cell(label),
                    cell(what),
                    cell(quote.reference.published),
                    cell(quote.where),
                    cell(quote.reference.title, link=quote.reference.url),
                    cell(quote.reference.id),
                )
            )
    pages.table("案例与线索的证据", "案例证据", ("案例", "作用", "时间", "渠道", "标题", "文档编号"), rows)


def _quotes(case: Case) -> Iterator[tuple[str, Quote]]:
    yield from (("来源", quote) for quote in case.sources)
    if case.response:
        yield "回应", case.response
    if case.penalty:
        yield "处罚", case.penalty


def _thresholds(pages: Pages, facts: Facts) -> None:
    rows = [
        (
            "峰值",
            f"局部最高且不低于前后共{series.PEAK_WINDOW}天中位数的{series.PEAK_FACTOR}倍，且超过随机波动（z≥{series.SIGNIFICANT}）",
        ),
        ("走势“较为平稳”", f"变异系数小于{series.STEADY}"),
        ("走势“呈集中趋势”", f"最高日与日均之比大于{series.CONCENTRATED}"),
        ("走势“波动上升”", "线性趋势向上且后三分之一日均最高"),
        ("走势“集中在前半段”", "前三分之一日均最高"),
        ("走势“呈‘倒V’形”", "只有一个峰值；以上各项均不满足时为“有所波动”"),
        ("走势与峰值的下限", f"少于{series.ENOUGH}条不判断；日均不足1条不判断走势"),
        ("案例", f"不少于{facts.min_publishers}个独立发布主体（网站、客户端按站点计，其他渠道按账号计）"),
        ("回应、处罚的查找期", f"首发之后至监测期结束后{cases.ANSWER_DAYS}天"),
        ("高频词", f"对数几率比z值不低于{keyness.SIGNIFICANT}（狄利克雷先验，权重{keyness.PRIOR:g}）"),
        ("峰值日信息", f"峰值日同文信息不少于{collect.STORY_LEAST}条时列出"),
        ("苗头", f"后半段日均不低于前半段的{series.GROWTH}倍，且差异超过随机波动（z≥{series.SIGNIFICANT}）"),
    ]
    pages.table("判定阈值", "判定阈值", ("项目", "规则"), [(cell(name), cell(rule)) for name, rule in rows])
