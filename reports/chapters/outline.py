"""The CCA's outline: from facts to a report. Pure; the order of chapters is the association's."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from fengping.reports.chapters import appendix, method, parties, sentences
from fengping.reports.chapters.advice import advice
from fengping.reports.chapters.blocks import Pages
from fengping.reports.chapters.topics import POLARITIES, topic_texts
from fengping.reports.document import CaseCard, Cell, Heading, Origins, Report, cell, texts_of
from fengping.reports.facts.model import Case, Facts, Host, Slice, Topic
from fengping.reports.kinds import Kind
from fengping.reports.numbers import UNCOUNTED
from fengping.reports.render.charts import Bars, Cloud, Curve, Heat, Parts, Stack
from fengping.reports.wording import Fact, exact, facts_of, number, share

MATRIX_HOSTS = 10


@dataclass(frozen=True, slots=True)
class Background:
    """A figure that others published, cited in the preface and never computed."""

    text: str
    source: str
    url: str = ""


def lay_out(
    facts: Facts,
    kind: Kind,
    *,
    subject: str,
    title: str = "",
    generated: str = "",
    background: Sequence[Background] = (),
) -> Report:
    """The whole report of *facts*."""
    pages = Pages()
    _preface(pages, facts, kind, background)
    method.write(pages, facts)
    _overview(pages, facts, kind)
    _focus(pages, facts)
    _advice(pages, facts)
    appendix.write(pages, facts)
    digest = tuple(sentences.digest(facts))
    printed = facts_of([*digest, *texts_of(tuple(pages.blocks))])
    return Report(
        kind=kind.name,
        title=title or kind.title(facts.window, subject),
        subject=subject,
        window=facts.window,
        generated=generated,
        digest=digest,
        blocks=(*pages.blocks, Heading(3, "附录四　数据来源与查询"), Origins(tuple(printed.values()))),
        facts=printed,
    )


def _preface(pages: Pages, facts: Facts, kind: Kind, background: Sequence[Background]) -> None:
    pages.heading(2, "引言")
    for item in background:
        source = "，".join(part for part in (item.source, item.url) if part)
        pages.say(f"{item.text.rstrip('。')}。（来源：{source}）")
    pages.say(sentences.purpose(kind.season, facts.window))


def _overview(pages: Pages, facts: Facts, kind: Kind) -> None:
    pages.heading(2, "一、消费维权舆情基本情况")
    pages.heading(3, "（一）信息总量与走势")
    pages.say(sentences.total(kind.season, facts.window, facts.everything))
    if not facts.everything.count.value:
        pages.say(f"传播渠道、吐槽类占比与高频词{UNCOUNTED}。")
        return
    text = sentences.curve(facts.everything)
    pages.say(text)
    series = facts.everything.course.series
    pages.picture(
        "“消费维权”日信息量图",
        Curve(
            series,
            marks=series.peaks() or tuple((day, series.top) for day in series.top_days[:1]),
            silent=facts.flagged_days,
            below=facts.negative.course.series if facts.negative.count.value else None,
            names=("全部信息", "其中吐槽类"),
        ),
        text,
    )
    if facts.flagged_days:
        pages.say("图中灰色底纹为未采集或未收到任何信息的日期，详见数据说明。", role="note")
    pages.heading(3, "（二）传播渠道")
    text = sentences.channels(facts.channels)
    pages.say(text)
    if facts.channels:
        pages.picture("渠道信息量及占比分布图", Bars(_bar_rows(facts.channels)), text)
    _negatives(pages, facts)


def _negatives(pages: Pages, facts: Facts) -> None:
    pages.heading(3, "（三）吐槽类信息")
    pages.say(
        (*sentences.negatives(facts.negative, facts.negative_share), sentences.NEGATIVE_DEFINITION),
        sentences.compared(facts),
    )
    text = sentences.polarity(facts.polarities)
    pages.say(("全部信息中，", *text))
    pages.picture("“吐槽类”信息占比图", Parts(_bar_rows(facts.polarities)), text)
    pages.heading(3, "（四）敏感信息高频词")
    text = sentences.words(facts.words)
    pages.say(text)
    if facts.words:
        cloud = Cloud(tuple((word.text, int(word.count.value or 0)) for word in facts.words))
        pages.picture("负面敏感信息词云图", cloud, text)


def _focus(pages: Pages, facts: Facts) -> None:
    pages.heading(2, "二、问题集中领域及典型案例")
    pages.say(
        "本章只统计与直播带货相关的信息；占比的分母在每个百分数旁以n标明。",
        role="note",
    )
    pages.heading(3, "（一）直播带货类信息概况")
    pages.say(sentences.live(facts))
    if facts.live.count.value:
        pages.say(("直播带货相关信息中，", *sentences.polarity(facts.live_polarities)))
        layers = tuple(
            (POLARITIES[key], facts.live_days[key]) for key in ("neg", "neu", "pos") if key in facts.live_days
        )
        alt = "直播带货相关信息每日负面、中性、正面条数。"
        pages.picture("直播带货相关信息情绪逐日分布图", Stack(layers), alt)
    if facts.complaints.count.value:
        pages.say(sentences.course(facts.complaints, None))
        pages.say(sentences.focus(facts.topics, facts.unclassified))
        _topics(pages, facts)
        _hosts(pages, facts)
        _platforms(pages, facts)
    _cases(pages, facts)
    if growing := sentences.growing(facts.topics):
        pages.heading(3, "（六）值得警惕的苗头")
        pages.say(*growing)


def _topics(pages: Pages, facts: Facts) -> None:
    if not facts.topics:
        return
    pages.table(
        "问题类别统计",
        "问题类别",
        (
            "问题类别",
            "条数",
            "转载折叠后",
            f"占比（n={facts.complaints.count.value}）",
            "日均",
            "峰值日",
            "峰值",
            "走势",
        ),
        [_topic_row(topic) for topic in facts.topics],
        numeric=(1, 2, 3, 4, 6),
        note=("一条信息可归入多个类别，占比之和可超过100%。",),
    )
    rows = tuple((t.name, int(t.volume.count.value or 0), _percent(t.share)) for t in facts.topics)
    pages.picture(
        "各类问题信息量图（多选，不可相加）",
        Bars(rows, "#b3261e"),
        sentences.focus(facts.topics, facts.unclassified),
    )
    pages.heading(3, "（二）各类问题")
    texts = topic_texts()
    for at, topic in enumerate(facts.topics, start=1):
        heading = texts[topic.code].heading if topic.code in texts else topic.name
        pages.heading(4, f"{at}．{topic.name}：{heading}")
        text = sentences.topic(topic)
        pages.say(text)
        series = topic.volume.course.series
        marks = tuple((day, series.top) for day in series.top_days[:1])
        pages.picture(
            f"有关“{topic.name}”类负面信息日趋势图",
            Curve(series, marks=marks, silent=facts.flagged_days, colour="#b3261e", height=130),
            text,
        )


def _topic_row(topic: Topic) -> list[Cell]:
    series = topic.volume.course.series
    days = series.top_days
    day = f"{days[0]}" if len(days) == 1 else f"{len(days)}天并列"
    return [
        cell(topic.name),
        cell(number(topic.volume.count)),
        cell(number(topic.volume.folded)),
        cell(share(topic.share)),
        cell(exact(topic.volume.course.mean)),
        cell(day),
        cell(number(topic.volume.course.peak)),
        cell(series.shape() or "信息较少"),
    ]


def _hosts(pages: Pages, facts: Facts) -> None:
    pages.heading(3, "（三）主播分布")
    text = parties.hosts(facts.hosts, facts.rest, facts.named)
    pages.say(text)
    if not facts.hosts:
        return
    rows = [_host_row(host) for host in facts.hosts]
    if other := facts.table_rest:
        rest = [cell(f"其余{other.hosts}位"), cell(number(other.count)), cell(None), cell(share(other.share))]
        rows.append([*rest, cell(None), cell(None), cell(None)])
    pages.table(
        "主播负面信息统计",
        "主播",
        ("主播", "条数", "转载折叠后", f"占比（n={facts.named.value}）", "日均", "峰值日", "峰值"),
        rows,
        numeric=(1, 2, 3, 4, 6),
        note=("只统计判定为指向该主播的负面信息；一条信息可指向多位主播。未证实的指称不等于事实。",),
    )
    _matrix(pages, facts)


def _host_row(host: Host) -> list[Cell]:
    days = host.volume.course.series.top_days
    return [
        cell(host.name),
        cell(number(host.volume.count)),
        cell(number(host.volume.folded)),
        cell(share(host.share)),
        cell(exact(host.volume.course.mean)),
        cell(f"{days[0]}" if len(days) == 1 else f"{len(days)}天并列"),
        cell(number(host.volume.course.peak)),
    ]


def _matrix(pages: Pages, facts: Facts) -> None:
    if not facts.topics:
        return
    codes = [topic.code for topic in facts.topics]
    names = [topic.name for topic in facts.topics]
    cells = {(host.name, found.key): found for host in facts.hosts for found in host.issues}
    rows, counts = [], []
    for host in facts.hosts[:MATRIX_HOSTS]:
        found = [cells.get((host.name, code)) for code in codes]
        rows.append([cell(host.name), *(cell(number(f.count)) if f else cell(0) for f in found)])
        counts.append(tuple(int(f.count.value or 0) if f else 0 for f in found))
    alt = "每位主播在每个问题类别中的负面信息条数，颜色越深条数越多。"
    pages.picture(
        "主播×问题类别热力图（条）",
        Heat(tuple(h.name for h in facts.hosts[:MATRIX_HOSTS]), tuple(names), tuple(counts)),
        alt,
    )
    pages.table(
        "主播×问题类别（条）",
        "主播×问题",
        ("主播", *names),
        rows,
        numeric=range(1, len(names) + 1),
        note=("行与列均为多选，不可相加。",),
    )


def _platforms(pages: Pages, facts: Facts) -> None:
    pages.heading(3, "（四）涉及平台")
    text = parties.platforms(facts.platforms, facts.on_platforms)
    pages.say(text)
    if facts.platforms:
        pages.picture("涉及平台信息量图（多选，不可相加）", Bars(_bar_rows(facts.platforms), "#4f7f5c"), text)


def _cases(pages: Pages, facts: Facts) -> None:
    pages.heading(3, "（五）典型案例")
    if not facts.cases:
        pages.say(f"监测期内没有达到{facts.min_publishers}个独立发布主体的具名案例。")
    else:
        pages.say(
            f"以下案例按独立发布主体数、同文信息数、互动量排列，每例至少{facts.min_publishers}个独立发布主体。"
            "引文为公开发布的原话，不代表本报告认定其属实；“未证实”指系统内未见被指一方回应或处罚信息。",
            role="note",
        )
    for at, case in enumerate(facts.cases, start=1):
        heading = f"案例{at}：{case.opening.reference.title}"
        pages.blocks.append(CaseCard(at, heading, parties.case_intro(case), case))
    if facts.leads:
        pages.table(
            f"线索（独立发布主体不足{facts.min_publishers}个，未作为案例）",
            "线索",
            ("指向", "首发时间", "摘要", "同文条数", "发布主体", "状态"),
            [_lead_row(lead) for lead in facts.leads],
            numeric=(3, 4),
        )


def _lead_row(lead: Case) -> list[Cell]:
    return [
        cell("、".join(lead.hosts)),
        cell(lead.opening.reference.published),
        cell(lead.opening.reference.title, link=lead.opening.reference.url),
        cell(number(lead.documents)),
        cell(number(lead.publishers)),
        cell(lead.status),
    ]


def _advice(pages: Pages, facts: Facts) -> None:
    pages.heading(2, "三、消费维权舆情应对建议")
    pages.say(*advice(facts.topics))


def _bar_rows(slices: Sequence[Slice]) -> tuple[tuple[str, int, str], ...]:
    return tuple((s.name, int(s.count.value or 0), _percent(s.share)) for s in slices)


def _percent(fact: Fact) -> str:
    return share(fact).text
