"""问题集中领域及典型案例: fields by complaint class, livestream selling one of them and opened up."""

from __future__ import annotations

from itertools import repeat

from fengping.reports.chapters import sentences
from fengping.reports.chapters.blocks import Pages
from fengping.reports.chapters.chapter import Brief, register
from fengping.reports.chapters.leading import is_told, leading_fields
from fengping.reports.chapters.rows import bar_share, field_row
from fengping.reports.chapters.topics import topic_texts
from fengping.reports.document import Cell, cell
from fengping.reports.facts import Topic
from fengping.reports.facts.fields import LIVE_FIELD, LIVE_NAME, hold_most
from fengping.reports.facts.gather import Facts
from fengping.reports.facts.hosts import aimed_of
from fengping.reports.render import Bars, Curve
from fengping.reports.scope import COMPLAINT, NEGATIVE, Cut
from fengping.reports.wording import FLOOR, compose, enumerate_texts, number


@register
class Fields:
    name = "fields"

    def write(self, pages: Pages, facts: Facts, brief: Brief) -> None:
        pages.chapter("问题集中领域及典型案例" if facts.cases or facts.leads else "问题集中领域")
        if not facts.fields:
            n = number(facts.negative.count)
            pages.say(compose("监测期内吐槽类信息{n}条，归入各领域的0条。", n=n), key="none")
            return
        leading = leading_fields(facts.fields)
        most = hold_most(facts.ask, leading, facts.negative.count)
        focus = sentences.focus(facts.fields, facts.unclassified, most=most)
        pages.say(focus, key="focus")
        _table(pages, facts, "问题领域统计", "问题领域", facts.fields, NEGATIVE)
        if leading:
            rows = tuple((t.name, int(t.volume.count.value or 0), bar_share(t.share)) for t in facts.fields)
            counted = (fact for t in facts.fields for fact in (t.volume.count, t.share))
            pages.picture("各领域信息量图（多选，不可相加）", Bars(rows, "#b3261e"), focus, counted)
        for field in facts.fields:
            if is_told(field):
                _field(pages, facts, field)
        _small(pages, facts)


def _table(pages: Pages, facts: Facts, caption: str, sheet: str, fields: tuple[Topic, ...], cut: Cut) -> None:
    whole = facts.negative.count if cut is NEGATIVE else facts.complaints.count
    shares = f"占比（n={whole.value}）"
    shown = int(whole.value or 0) >= FLOOR
    aimed = _aimed(facts, fields, cut)
    several = f"一条信息可归入多个领域，{'占比之和可超过100%' if shown else '条数不可相加'}。"
    pages.table(
        caption,
        sheet,
        ("领域", "条数", "同文折叠后", shares, "日均", "峰值日", "走势", *(["指向该主播"] if aimed else [])),
        [[*field_row(field), *more] for field, more in zip(fields, aimed or repeat(()), strict=False)],
        numeric=(1, 2, 3, 4, *([7] if aimed else [])),
        note=(several, *_held(fields)),
        spare=(shares, "峰值日"),
    )


def _held(fields: tuple[Topic, ...]) -> list[str]:
    """Remarks on those of *fields* whose names say less than they hold."""
    known = topic_texts()
    return [f"“{t.name}”含{known[t.code].holds}。" for t in fields if t.code in known and known[t.code].holds]


def _aimed(facts: Facts, fields: tuple[Topic, ...], cut: Cut) -> list[tuple[Cell]]:
    """Of each of *fields* of a report on one host, those that accuse the host, where not all negatives do."""
    if not facts.aimed or facts.aimed.value == facts.negative.count.value:
        return []
    own = (COMPLAINT if t.code == LIVE_FIELD else cut.also(issues=(t.code,)) for t in fields)
    counted = (aimed_of(facts.ask, t.volume.count.id, t.name, of) for t, of in zip(fields, own, strict=True))
    return [(cell(number(n)),) for n in counted if n]


def _field(pages: Pages, facts: Facts, found: Topic) -> None:
    pages.part(sentences.field_heading(found))
    text = sentences.field(found, "吐槽类信息")
    pages.say(text, key=found.code)
    series = found.volume.course.series
    if sentences.drawn(series):
        marks = tuple((day, series.top) for day in found.volume.highest[:1])
        curve = Curve(series, marks=marks, silent=facts.flagged_days, colour="#b3261e", height=130)
        daily = (found.volume.course.by_day,)
        pages.picture(f"有关“{found.name}”类负面信息日趋势图", curve, text, daily)
    if found.code == LIVE_FIELD and facts.live_topics:
        items = [compose("{name}{n}条", name=t.name, n=number(t.volume.count)) for t in facts.live_topics[:3]]
        pages.say(("直播带货类负面信息中，", *enumerate_texts(items), "（可多选）。"), key="live.issues")
        _table(pages, facts, f"{LIVE_NAME}类问题统计", "直播带货问题", facts.live_topics, COMPLAINT)


def _small(pages: Pages, facts: Facts) -> None:
    """Fields of a few documents: one line, no heading of their own."""
    if facts.fields and not any(map(is_told, facts.fields)):
        pages.say("信息较少的领域见上表，不逐一分析。", role="note", key="small")
