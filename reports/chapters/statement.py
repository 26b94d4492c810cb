"""数据说明: what was counted, how, and what is missing. The CCA prints none; whoever signs needs one."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from fengping.analysis.reposts.kernel import MINIMUM
from fengping.clock import local
from fengping.reports import numbers
from fengping.reports.chapters.accuracy import accuracy_told
from fengping.reports.chapters.blocks import Pages
from fengping.reports.chapters.chapter import Brief, register
from fengping.reports.chapters.sentences import estimated
from fengping.reports.document import cell
from fengping.reports.facts import folding
from fengping.reports.facts.gather import Facts
from fengping.reports.facts.model import Coverage
from fengping.reports.facts.origins import Corrections
from fengping.reports.numbers import UNCOUNTED
from fengping.reports.wording import Text, compose, enumerate_texts, join, number, with_share

FIELD_NAMES = {"source": "来源为", "hosts": "提及主播", "event": "事件为", "group": "事件的文本组为"}

UNSIGNED = (
    "；本期信息均未载明发布主体（如热搜话题条目），一条指收录的一个条目，同一条目再次收录的另计一条，"
    "不等于转载；标题不同的条目，导语相同也分别计"
)
"""The unit that is counted where sources are lists: entries, of which none tells who published it."""

EVENTS_LEFT = (
    "事件归并尚未完成：全部事件正待重建，监测期内收录的信息可能尚未归入事件，"
    "按事件列出的案例、线索及其状态可能缺漏或并非最新，重建完成后应重新生成本报告。"
)

STATES = {
    "ok": "正常",
    "degraded": "部分正常",
    "failing": "失败",
    "blocked": "被拒绝访问",
    "silent": "无产出",
    "denied": "robots协议禁止",
}


@register
class Statement:
    name = "statement"

    def write(self, pages: Pages, facts: Facts, brief: Brief) -> None:
        pages.chapter("数据说明", numbered=False)
        for key, text in _scope(facts).items():
            pages.say(text, key=key)
        if not brief.focus:
            pages.say(_beyond(facts), key="beyond")
        if brief.running:
            pages.say(
                f"本期截至{numbers.full_day(facts.window.last)}，{brief.running}尚未结束；与前期比较的是各期相同的各日。",
                key="running",
            )
        if facts.window.cut:
            pages.say(
                f"本期末日截至{local(facts.window.cut):%H:%M}，尚未结束；日均仍按整日计算，不与前期比较升降。",
                key="unfinished",
            )
        for key, text in _counting(facts).items():
            pages.say(text, key=key)
        if facts.events_left:
            pages.say(EVENTS_LEFT, key="events")
        pages.say(accuracy_told(brief.accuracy), key="accuracy")
        pages.say(_silent(facts), key="days")
        _coverage(pages, facts.coverage)


def _scope(facts: Facts) -> dict[str, Text]:
    window, scope = facts.window, facts.scope
    store = "，".join(f"{key}={value}" for key, value in facts.index) or UNCOUNTED
    models = "、".join(facts.models) or UNCOUNTED
    chosen = [f"检索式为“{scope.words}”"] if scope.words else []
    chosen += [
        f"{FIELD_NAMES.get(key, f'{key}为')}{'、'.join(values)}" for key, values in scope.where.items()
    ]
    end = f"{local(window.cut):%H:%M}" if window.cut else "24时"
    judged = "判定为与消费维权有关" if scope.consumer else "不论是否判定为与消费维权有关"
    return {
        "scope": (
            f"监测范围：本系统收录的公开信息中，发布时间在{numbers.full_day(window.first)}0时至"
            f"{numbers.full_day(window.last)}{end}（北京时间）、{'，'.join([*chosen, judged])}的信息，"
            f"即本报告所称{scope.noun}；各项占比的分母在百分数旁以n标明。收录多少取决于所设的来源和检索词，条数与占比只反映收录的信息。",
        ),
        "collected": compose(
            "监测期内共收录信息{all}条，其中监测范围外{outside}条，不计入；{unjudged}"
            "无发布时间的信息{undated}条，不计入任何时间窗。",
            all=number(facts.collected),
            outside=number(facts.outside),
            unjudged=compose("其他语言或仅有图片、视频而未判{n}条，不计入；", n=number(facts.unjudged))
            if facts.unjudged
            else (),
            undated=number(facts.undated),
        ),
        "versions": (f"索引版本：{store}。判定模型版本：{models}。",),
    }


def _beyond(facts: Facts) -> Text:
    """Number of those on livestream selling, which titles name: the scope is all that concerns consumers."""
    live, whole = facts.live.count, facts.everything.count
    if not whole.value or live.value == whole.value:
        return ()
    return compose(
        "本报告不限于直播带货：{noun}{n}条中，判定与直播带货有关的{live}条。",
        noun=facts.scope.noun,
        n=number(whole),
        live=number(live),
    )


def _counting(facts: Facts) -> dict[str, Text]:
    lines: dict[str, Text] = {
        "folding": (
            f"去重口径：文字相同或相近的信息（不足{MINIMUM}字的除外）归为一组而不删除，“条数”为每条各计一次；“同文折叠后”每组只计一条，"
            "其首发不在统计之内的，计其余中最早的一条",
            "" if facts.ask.folding.is_whole else f"（同文逾{folding.MOST}条的，首发不在统计之内的组不计）",
            *with_share(f"；{facts.copied}占{{share}}", facts.reposts_share),
            "" if facts.signed else UNSIGNED,
            "。事件口径：同一事件的不同报道、不同文本归为一个事件，由系统按文本、时间和当事方归并。“首发”“最早”均就所收信息而言。",
        ),
        "classes": join(
            [
                "分类口径：“吐槽类”指判定为负面的信息，对指称的回应和监管规则除外；",
                *(
                    compose("其中判为回应而不计入的有{n}条，可能有并非回应的；", n=number(facts.answers))
                    if facts.answers.value
                    else ()
                ),
                "一条信息可归入多个领域、指向多位主播、"
                "提及多个平台，相应条数不可相加。分类由模型判定，个别信息可能误判；可测得误差时另列区间。百分数保留两位小数，"
                "四舍五入；样本不足30条不列占比。",
            ]
        ),
    }
    if facts.interval:
        low, high = facts.interval
        lines["interval"] = compose(
            "判定误差：{basis}，情感为负面的信息{answers}在{low}条至{high}条之间（95%区间）。",
            basis=estimated(own=facts.labelled),
            answers=compose("（含判为回应而不计入吐槽类的{n}条）", n=number(facts.answers))
            if facts.answers.value
            else (),
            low=number(low),
            high=number(high),
        )
    if facts.corrections is None:
        lines["corrections"] = (f"人工更正：{UNCOUNTED}。",)
    else:
        lines["corrections"] = _corrected(facts.corrections)
    return lines


def _corrected(found: Corrections) -> Text:
    """The corrected documents, with those that are counted no more, or only now, since they were."""
    left = compose("{n}条因此移出统计范围", n=number(found.left)) if found.left.value else ()
    came = compose("{n}条因此移入统计范围", n=number(found.came)) if found.came.value else ()
    moved = enumerate_texts([part for part in (left, came) if part])
    return compose(
        "人工更正：判定结果中有{n}条经分析人员更正{moved}。",
        n=number(found.all),
        moved=("，其中", *moved) if moved else (),
    )


def _silent(facts: Facts) -> Text:
    days, coverage = facts.silent_days, facts.coverage
    outside = len(facts.bare_days) - len(days)
    if coverage is None:
        if not facts.bare_days:
            return ("缺失日期：监测期内每天均有监测范围内的信息；系统未附采集运行记录。",)
        parts = [f"{_named(days)}未收到任何信息"] if days else ["监测期内每天均收到信息"]
        parts += [f"{'另' if days else '其中'}有{outside}天没有监测范围内的信息"] if outside else []
        parts.append("系统未附采集运行记录" + ("，无法区分当日无信息与当日未采集" if days else ""))
        known = "；".join(parts)
    else:
        missing = [day for day in facts.flagged_days if day not in coverage.failed_days]
        failed = [day for day in facts.flagged_days if day in coverage.failed_days]
        calm = [day for day in days if day not in coverage.missing_days]
        asked = "所选" if "source" in facts.scope.where else "任何"
        parts = [f"{_named(missing)}没有{asked}来源运行，为未采集"] if missing else []
        parts += [f"{_named(failed)}来源虽有运行而均失败，为采集不全"] if failed else []
        parts += [f"{_named(calm)}来源有运行，为当日无信息"] if calm else []
        parts = parts or ["监测期内每天均有来源运行，均有信息"]
        known = "；".join([*parts, *([f"另有{outside}天没有监测范围内的信息"] if outside else [])])
    return (f"缺失日期：{known}。日均按监测期全部天数计算。",)


def _named(days: Sequence[date]) -> str:
    name = numbers.day if days[0].year == days[-1].year else numbers.full_day
    return "、".join(name(day) for day in days[:12]) + (f"等{len(days)}天" if len(days) > 12 else "")


def _coverage(pages: Pages, coverage: Coverage | None) -> None:
    if coverage is None or not coverage.sources:
        pages.say(f"采集覆盖：来源运行情况{UNCOUNTED}。", key="coverage")
        return
    counts = [
        f"{name}{sum(source.state == state for source in coverage.sources)}个"
        for state, name in STATES.items()
    ]
    pages.say(f"采集覆盖：共{len(coverage.sources)}个来源，其中{'、'.join(counts)}。", key="coverage")
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
