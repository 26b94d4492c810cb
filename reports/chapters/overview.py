"""消费维权舆情基本情况: total, course, channels, negatives, and how they stand to earlier windows."""

from __future__ import annotations

from collections.abc import Sequence

from fengping.indexer.search import And, Expression, Near, Or, Term
from fengping.reports.chapters import comparison, makeup, sentences
from fengping.reports.chapters.blocks import Pages
from fengping.reports.chapters.chapter import Brief, register
from fengping.reports.chapters.leading import MARK_LEAST
from fengping.reports.chapters.rows import bar_rows, drawn_of
from fengping.reports.facts import Slice, share_of
from fengping.reports.facts.gather import Facts
from fengping.reports.facts.model import derived
from fengping.reports.render import Bars, Cloud, Curve, Parts
from fengping.reports.wording import FLOOR

SEASONS = {"“双11”": ("双11", "双十一"), "“6·18”": ("618", "6·18", "六一八")}
"""Words that name an occasion in a text."""


@register
class Overview:
    name = "overview"

    def write(self, pages: Pages, facts: Facts, brief: Brief) -> None:
        pages.chapter("消费维权舆情基本情况" if facts.scope.consumer else "舆情基本情况")
        pages.part("信息总量与走势")
        any_of = facts.everything.count.value
        about, noun = occasion(facts, brief), facts.scope.noun
        promoted = facts.promoted.count if any_of else None
        total = sentences.total(about, noun, facts.window, facts.everything, promoted)
        pages.say(total + makeup.concerning(facts.of_consumers if any_of else None), key="total")
        if facts.everything.count.value:
            _course(pages, facts)
            _channels(pages, facts)
            _negatives(pages, facts)
        comparison.write(pages, facts)


def occasion(facts: Facts, brief: Brief) -> str:
    """“双11”期间, or “双11”相关 where the query lets only what names it pass."""
    if not brief.season:
        return ""
    return f"{brief.season}{'相关' if _names(facts.scope.text, SEASONS[brief.season]) else '期间'}"


def _names(query: Expression | None, words: Sequence[str]) -> bool:
    """True if everything that *query* finds holds one of *words*."""
    match query:
        case Term(text):
            return any(word in text for word in words)
        case And(parts):
            return any(_names(part, words) for part in parts)
        case Or(parts):
            return all(_names(part, words) for part in parts)
        case Near(terms):
            return any(_names(term, words) for term in terms)
    return False


def _course(pages: Pages, facts: Facts) -> None:
    text = sentences.curve(facts.everything)
    text += makeup.peaks_of(facts.everything, facts.promoted, facts.negative)
    text += makeup.without_copies(facts.everything)
    pages.say(text, key="curve")
    series = facts.everything.course.series
    if not sentences.drawn(series):
        return
    pages.picture(
        f"{'“消费维权”' if facts.scope.consumer else ''}日信息量图",
        Curve(
            series,
            marks=series.peaks() or tuple((day, series.top) for day in facts.everything.highest[:1]),
            silent=facts.flagged_days,
            below=facts.negative.course.series if facts.negative.count.value else None,
            names=(facts.scope.noun, "其中吐槽类"),
        ),
        text or "每日信息量。",
        (facts.everything.course.by_day, facts.negative.course.by_day),
    )
    if facts.flagged_days:
        failed = "、运行均失败" if facts.coverage and facts.coverage.failed_days else ""
        shaded = f"图中灰色底纹为未采集{failed}或未收到任何信息的日期，详见数据说明。"
        pages.say(shaded, role="note", key="shading")


def _channels(pages: Pages, facts: Facts) -> None:
    pages.part("传播渠道")
    text = sentences.channels(facts.channels)
    pages.say(text, key="channels")
    if len(facts.channels) > 1 and int(facts.everything.count.value or 0) >= sentences.CHART_LEAST:
        pages.picture(
            "渠道信息量及占比分布图", Bars(bar_rows(facts.channels)), text, drawn_of(facts.channels)
        )


def _negatives(pages: Pages, facts: Facts) -> None:
    pages.part("吐槽类信息")
    negative = facts.negative
    bounds = sentences.interval(facts.interval, negative.count, facts.answers, own=facts.labelled)
    told = sentences.negatives(facts.scope, negative, facts.negative_share, bounds)
    if negative.count.value and facts.aimed:
        told += sentences.aimed(facts.aimed, negative.count)
    apart = sentences.left_out(facts.answers) if facts.answers.value else ()
    meaning = sentences.NEGATIVE_DEFINITION if facts.scope.consumer else makeup.OF_ANYTHING
    pages.say((*told, *apart, meaning), key="negative")
    text = sentences.polarity(facts.polarities)
    pages.say(text, key="polarity")
    whole = facts.everything.count
    if negative.count.value and int(whole.value or 0) >= FLOOR:
        left = int(whole.value or 0) - int(negative.count.value)
        rest = derived(
            "negative.rest", f"其他{facts.scope.noun}", left, "total − negative", whole, negative.count
        )
        parts = (
            Slice("neg", "吐槽类", negative.count, facts.negative_share),
            Slice("rest", "其他", rest, share_of("negative.rest.share", "其他占比", rest, whole)),
        )
        pages.picture(
            "“吐槽类”信息占比图",
            Parts(bar_rows(parts)),
            f"吐槽类与其他{facts.scope.noun}的条数和占比。",
            drawn_of(parts),
        )
    if len(facts.words) < MARK_LEAST:
        return
    pages.part("敏感信息高频词")
    text = sentences.words(facts.words)
    pages.say(text, key="words")
    cloud = Cloud(tuple((word.text, int(word.count.value or 0)) for word in facts.words))
    pages.picture("负面敏感信息词云图", cloud, text, (word.count for word in facts.words))
