"""数据说明: what was counted, how, and what is missing. The CCA prints none; whoever signs needs one."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from fengping.reports import numbers
from fengping.reports.chapters.blocks import Pages
from fengping.reports.document import cell
from fengping.reports.facts.model import Coverage, Facts
from fengping.reports.numbers import UNCOUNTED
from fengping.reports.wording import Text, compose, number, share

STATES = {
    "ok": "正常",
    "degraded": "部分正常",
    "failing": "失败",
    "blocked": "被拒绝访问",
    "silent": "无产出",
    "denied": "robots协议禁止",
}


def write(pages: Pages, facts: Facts) -> None:
    pages.heading(2, "数据说明")
    pages.say(*_scope(facts))
    pages.say(*_counting(facts))
    pages.say(_silent(facts), _undated(facts))
    if facts.unjudged is not None:
        pages.say(
            compose(
                "未判定情感的信息{n}条（正文主要为外文），计入总量，不计入正面、中性、负面。",
                n=number(facts.unjudged),
            )
        )
    _coverage(pages, facts.coverage)


def _scope(facts: Facts) -> list[Text]:
    window = facts.window
    store = "，".join(f"{key}={value}" for key, value in facts.store) or UNCOUNTED
    models = "、".join(facts.models) or UNCOUNTED
    return [
        (
            f"数据范围：本系统收录的公开信息中，发布时间在{numbers.full_day(window.first)}0时至"
            f"{numbers.full_day(window.last)}24时（北京时间）的全部信息，即“消费维权类信息”；"
            "第一章以全部信息为总量，第二章只统计其中与直播带货相关的信息。",
        ),
        (f"索引版本：{store}。判定模型版本：{models}。",),
    ]


def _counting(facts: Facts) -> list[Text]:
    lines: list[Text] = [
        compose(
            "去重口径：同文转载归为一组而不删除，“条数”为每条各计一次；“转载折叠后”每组只计首发的一条"
            "（首发在监测期之外的组不计）。转载占全部信息的{share}。",
            share=share(facts.reposts_share),
        ),
        (
            "分类口径：“吐槽类”指判定为负面的信息；一条信息可归入多个问题类别、指向多位主播、提及多个平台，"
            "相应条数不可相加。各类占比的分母为直播带货类负面信息总数。百分数保留两位小数，四舍五入。",
        ),
    ]
    if facts.corrections is None:
        lines.append((f"人工更正：{UNCOUNTED}。",))
    else:
        lines.append(compose("人工更正：判定结果中有{n}条经分析人员更正。", n=number(facts.corrections)))
    return lines


def _silent(facts: Facts) -> Text:
    days, coverage = facts.silent_days, facts.coverage
    if coverage is None:
        if not days:
            return ("缺失日期：监测期内每天均有信息；系统未附采集运行记录。",)
        known = f"{_named(days)}未收到任何信息；系统未附采集运行记录，无法区分当日无信息与当日未采集"
    else:
        missing, calm = facts.flagged_days, [day for day in days if day not in coverage.missing_days]
        parts = [f"{_named(missing)}没有任何来源运行，为未采集"] if missing else []
        parts += [f"{_named(calm)}来源有运行，为当日无信息"] if calm else []
        known = "；".join(parts) or "监测期内每天均有来源运行，均有信息"
    return (f"缺失日期：{known}。日均按监测期全部天数计算。",)


def _named(days: Sequence[date]) -> str:
    name = numbers.day if days[0].year == days[-1].year else numbers.full_day
    return "、".join(name(day) for day in days[:12]) + (f"等{len(days)}天" if len(days) > 12 else "")


def _undated(facts: Facts) -> Text:
    return compose(
        "无发布时间的信息{n}条，不计入任何时间窗，也不在本报告各项统计之内。", n=number(facts.undated)
    )


def _coverage(pages: Pages, coverage: Coverage | None) -> None:
    if coverage is None or not coverage.sources:
        pages.say(f"采集覆盖：来源运行情况{UNCOUNTED}。")
        return
    counts = [
        f"{name}{sum(source.state == state for source in coverage.sources)}个"
        for state, name in STATES.items()
    ]
    pages.say(f"采集覆盖：共{len(coverage.sources)}个来源，其中{'、'.join(counts)}。")
    pages.table(
        "来源运行情况",
        "来源",
        ("来源", "状态", "运行次数", "收录条数", "说明"),
        [
            (
                cell(source.name),
                cell(STATES.get(source.state, source.state)),
                cell(UNCOUNTED if source.runs is None else source.runs),
                cell(UNCOUNTED if source.documents is None else source.documents),
                cell(source.note),
            )
            for source in coverage.sources
        ],
        numeric=(2, 3),
    )
