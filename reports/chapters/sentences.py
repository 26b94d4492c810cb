"""Sentence patterns of the CCA's reports, filled with figures. Pure: facts in, text out."""

from __future__ import annotations

from collections.abc import Sequence, Set
from datetime import date

from fengping.reports import numbers
from fengping.reports.chapters.leading import MARK_LEAST, leading_fields, no_leading
from fengping.reports.chapters.makeup import advertised
from fengping.reports.chapters.marks import Usual, mark_of
from fengping.reports.facts import Host, Rest, Series, Slice, Topic, Volume
from fengping.reports.facts.model import Story, Window, Word, derived
from fengping.reports.facts.series import FLUCTUATES, PEAK_LEAST
from fengping.reports.scope import Scope
from fengping.reports.wording import (
    FLOOR,
    Fact,
    Figure,
    Text,
    about,
    compose,
    enumerate_texts,
    exact,
    join,
    number,
    with_share,
)

NEGATIVE_DEFINITION = (
    "此类信息包括对商品和服务的负面评价，以及对相关问题的投诉、曝光、质疑和查处，兼具引发消费维权负面舆情的“敏感”属性，"
    "本报告将其归纳表述为“吐槽类”信息；对指称的回应和监管规则不计入。"
)
NAMED = 6
"""Hosts that the sentence names; the others are counted together."""


def total(occasion: str, noun: str, window: Window, everything: Volume, promoted: Fact | None = None) -> Text:
    """The opening sentence: days, total, daily mean, the volume with reposts folded, and how many of all are
    *promoted* goods."""
    head = compose("在{span}共计{days}天监测期内，", span=window.words(), days=str(len(window.days)))
    if not everything.count.value:
        return head + compose(
            "共收集{about}{noun}{n}条。", about=occasion, noun=noun, n=number(everything.count)
        )
    daily = compose("，日均信息量{mean}条", mean=about(everything.course.mean))
    return head + compose(
        "共收集{about}{noun}{n}条{promoted}{daily}；同文折叠后为{folded}条。",
        about=occasion,
        noun=noun,
        n=number(everything.count),
        promoted=advertised(promoted),
        daily=daily if len(window.days) > 1 else (),
        folded=number(everything.folded),
    )


def curve(everything: Volume) -> Text:
    """The day curve: peaks in time order, then the highest day."""
    series = everything.course.series
    if not series.total:
        return ()
    peaks = series.peaks()
    if peaks:
        by_day = everything.course.by_day
        named = enumerate_texts([Figure(series.name(day), by_day) for day, _ in peaks])
        lower = len(series.peaks(limit=len(series.days))) - len(peaks)
        others = f"（另有{lower}处较低的局部峰值）" if lower else ""
        opening = compose("{shape}{p}出现舆情量峰值", shape=_shape(series), p=named)
        if len(peaks) == 1 and everything.highest == (peaks[0][0],):
            # The only peak is the highest day: one sentence says both.
            height = compose("，为{n}条", n=number(everything.course.peak))
            return join([*opening, *height, others, "。"])
        opening = join([*opening, others, "。"])
    elif series.shape() is None:
        opening = ("信息量较少，不判断走势与峰值。",)
    else:
        opening = ("信息曲线未出现明显峰值。",)
    return opening + _highest(everything)


def _shape(series: Series) -> str:
    """The word for the whole course, by the rules of the appendix; none where these name none."""
    shape = series.shape()
    if shape is None:
        return ""
    return "信息曲线呈波动走势，" if shape == FLUCTUATES else f"信息量{shape}，"


def _highest(volume: Volume) -> Text:
    series = volume.course.series
    days = volume.highest
    if not days:
        return ()
    return compose(
        "其中{days}{tie}最多，为{n}条。",
        days=numbers.listed([series.name(day) for day in days]),
        tie="并列" if len(days) > 1 else "",
        n=number(volume.course.peak),
    )


def course(volume: Volume, story: Story | None) -> Text:
    """Shape, peak day and value, and what the peak day's largest repost group was."""
    series = volume.course.series
    shape = series.shape()
    text: Text = compose("信息量{shape}。", shape=shape) if shape else ()
    days = volume.highest if series.total >= FLOOR else ()
    if len(days) != 1:
        return text
    text += compose("{day}达到峰值，为{n}条", day=series.name(days[0]), n=number(volume.course.peak))
    if story:
        text += compose(
            "，当日同文最多的信息为“{title}”（{n}条）", title=story.lead.title, n=number(story.count)
        )
    return (*text, "。")


def peak_cell(volume: Volume) -> str | date | None:
    """The peak day for a table, or two that tie; nothing where there is none to name."""
    days = volume.highest
    return "、".join(day.isoformat() for day in days) if len(days) > 1 else next(iter(days), None)


def channels(slices: Sequence[Slice]) -> Text:
    """传播渠道: names, and shares where there is enough to share."""
    if not slices:
        return ()
    names = "、".join(s.name for s in slices)
    text: Text = (
        compose("传播渠道主要有{names}。", names=names) if len(slices) > 1 else (f"信息均来自{names}。",)
    )
    words = ("{name}信息量最高，占比{share}", "其次是{name}，占比{share}", "第三是{name}，占比{share}")
    counts, ranked, parts = [int(s.count.value or 0) for s in slices], True, []
    for at, part in enumerate(slices[:3] if len(slices) > 1 else ()):
        # None is called higher than one that has as many.
        ranked = ranked and counts[at : at + 1] > counts[at + 1 : at + 2]
        word = words[at] if ranked else "{name}占比{share}"
        parts.append(with_share(word.replace("{name}", part.name), part.share))
    told = [part for part in parts if part]
    return join([*text, "其中，" if told else "", *enumerate_texts(told, "；"), "。" if told else ""])


def negatives(scope: Scope, negative: Volume, whole_share: Fact, interval: Text = ()) -> Text:
    """Count and share of the negative documents, with the interval of the count where it is known."""
    what = "“吐槽类”“消费维权”信息" if scope.consumer else "“吐槽类”信息"
    counted = compose("共监测到{what}{n}条", what=what, n=number(negative.count))
    if not negative.count.value:
        return (*counted, "。")
    return join([
        *counted,
        *interval,
        *with_share("，占总量的{share}", whole_share),
        *_daily(negative),
        *compose("；同文折叠后为{folded}条。", folded=number(negative.folded)),
    ])  # fmt: skip


def aimed(accused: Fact, negative: Fact) -> Text:
    """Of the negatives of a report on one host, those that are judged to accuse the host."""
    others = "" if accused.value == negative.value else "，其余未判定指向该主播"
    return compose("吐槽类信息中判定指向该主播的{n}条{others}。", n=number(accused), others=others)


def _daily(volume: Volume) -> Text:
    """The daily mean; of a single day it is the count, and not said again."""
    course = volume.course
    return compose("，日均{mean}条", mean=exact(course.mean)) if len(course.series.days) > 1 else ()


def left_out(answers: Fact) -> Text:
    """Negatives that were judged answers, beside those that count."""
    return compose("判为负面的信息中另有{n}条判为对指称的回应，不计入。", n=number(answers))


def estimated(*, own: bool) -> str:
    """The rows that an interval rests on: those that come with the model are of other texts than these."""
    also = "和本系统人工标注的样本" if own else ""
    return f"按随系统附带、取自其他语料的标注样本{also}估计"


def interval(bounds: tuple[Fact, Fact] | None, negative: Fact, answers: Fact, *, own: bool = False) -> Text:
    """Bounds of the negatives, or nothing where they are not known; *own* where the home labelled some.

    They are of all that is judged negative: beside the *negative* ones the *answers*, with which they are
    counted together first.
    """
    if bounds is None:
        return ()
    also: Text = ()
    if answers.value:
        count = int(negative.value or 0) + int(answers.value)
        whole = derived(
            "negative.judged", "判为负面的信息，含回应", count, "negative + answers", negative, answers
        )
        also = compose("连同判为回应的{n}条共{whole}条；", n=number(answers), whole=number(whole))
    return compose(
        "（{also}{basis}，情感为负面的信息在{low}条至{high}条之间，95%区间）",
        also=also,
        basis=estimated(own=own),
        low=number(bounds[0]),
        high=number(bounds[1]),
    )


def words(found: Sequence[Word]) -> Text:
    frequent = sorted(found[:10], key=lambda word: -int(word.count.value or 0))
    items = [compose("{word}（{n}）", word=w.text, n=number(w.count)) for w in frequent]
    return compose(
        "负面敏感信息高频词为{words}等，括号内为以该词为关键词的吐槽类信息条数（每条只取主要的词）。",
        words=enumerate_texts(items),
    )


def polarity(slices: Sequence[Slice]) -> Text:
    """正面x%、中性y%、负面z%, or counts where there are too few."""
    shares = [with_share(f"{s.name}{{share}}", s.share) for s in slices]
    if not all(shares):
        shares = [compose(f"{s.name}{{n}}条", n=number(s.count)) for s in slices]
    return ("按文本情感判定（正面未必是消费者的好评），", *enumerate_texts(shares), "。")


def focus(fields: Sequence[Topic], unclassified: Fact, *, most: bool = False) -> Text:
    """Name the fields with the most complaints; *most*: these hold at least half of all."""
    leading = leading_fields(fields)
    if leading:
        names = numbers.listed([field.name for field in leading])
        text = compose(
            "监测发现，消费负面信息主要集中在{names}方面。"
            if most
            else "监测发现，归入领域的消费负面信息中，较多的是{names}。",
            names=names,
        )
    else:
        text = (f"{no_leading(fields)}，不判断集中方面。",)
    text += ("一条信息可归入多个领域，各领域条数之和不等于总数。",)
    if unclassified.value:
        text += compose("另有{n}条未归入任何领域。", n=number(unclassified))
    return text


def field_heading(found: Topic) -> str:
    """The name of a field, and the words that most of its documents hold, in quotation marks."""
    if not found.points:
        return found.name
    return f"{found.name}：{'、'.join(f'“{point.words}”' for point in found.points[:2])}"


def field(found: Topic, whole: str) -> Text:
    """The paragraph of one field; *whole* names what its share is of."""
    text = join([
        f"监测期内，共收集有关“{found.name}”类负面信息",
        *compose("{n}条", n=number(found.volume.count)),
        *with_share(f"，占{whole}的{{share}}", found.share),
        *_daily(found.volume),
        *compose("；同文折叠后为{folded}条。", folded=number(found.volume.folded)),
        *course(found.volume, found.story),
    ])  # fmt: skip
    if found.points:
        items = [compose("“{w}”（{n}）", w=point.words, n=number(point.count)) for point in found.points]
        text += compose(
            "“槽点”常见于{items}等写法，括号内为该领域中写有该词的信息条数。", items=enumerate_texts(items)
        )
    return join(text)


def hosts(
    found: Sequence[Host], rest: Rest | None, named: Fact, least: int, usual: Usual | None = None
) -> Text:
    """Name the sellers most complained of; the rest are counted, never computed.

    Where one that is not listed has as many as those called first, the list alone is spoken of.
    """
    text = compose("直播带货类负面信息中，指向具名主播（系统名录所载）的共{n}条。", n=number(named))
    if not found:
        return (*text, f"有原创文本的发布主体不足{least}个或不详，不列名。") if named.value else text
    counts = [int(host.volume.count.value or 0) for host in found]
    first = len(counts) > 1 and counts[0] > counts[1]
    second = first and counts[1:2] > counts[2:3]
    within = "列名的主播中，" if first and rest and rest.most >= counts[int(second)] else ""
    items = [_counted(found[0], f"{within}涉及{{name}}的维权舆情最多，", first)]
    items += [
        _counted(host, "其次是{name}，" if at == 1 and second else "涉及{name}的")
        for at, host in enumerate(found[1:NAMED], start=1)
    ]
    text = (*text, *enumerate_texts(items, "；"), "。")
    if rest and len(found) <= NAMED:
        text += compose("其余{hosts}位合计{n}条", hosts=str(rest.hosts), n=number(rest.count))
        text += (*with_share("，占比{share}", rest.share), "。")
    for host in found[:3]:
        text += mark_of(host, usual, MARK_LEAST)
    return join((*text, "一条信息可指向多位主播。"))


def _counted(host: Host, opening: str, alone: bool = True) -> Text:
    lead = opening.format(name=host.name) if alone else f"涉及{host.name}的"
    return join(
        [lead, *compose("{n}条", n=number(host.volume.count)), *with_share("，占比{share}", host.share)]
    )


def platforms(found: Sequence[Slice], whole: Fact) -> Text:
    items = [
        join([s.name, *(with_share("占比{share}", s.share) or compose("{n}条", n=number(s.count)))])
        for s in found[:5]
    ]
    return compose(
        "提及具体平台的直播带货类负面信息共{n}条，其中{items}。一条信息可提及多个平台，提及不等于指责。",
        n=number(whole),
        items=enumerate_texts(items),
    )


def growing(found: Sequence[Topic], left: Set[date] = frozenset()) -> list[Text]:
    """苗头: fields whose second half runs well above their first; drawn from counts alone. Days *left* out,
    on which nothing was collected, count in neither half."""
    paragraphs = []
    for item in found:
        series, by_day = item.volume.course.series, item.volume.course.by_day
        if not item.volume.grows(left):
            continue
        first, second = series.halves(left)
        paragraphs.append(
            compose(
                "“{name}”类信息增多的现象值得警惕：监测期后半段日均{second}条，前半段日均{first}条{left}。",
                name=item.name,
                second=exact(_half(by_day, "second", second, left)),
                first=exact(_half(by_day, "first", first, left)),
                left=f"（未采集或未收到任何信息的{len(left)}天不计）" if left else "",
            )
        )
    return paragraphs


def _half(by_day: Fact, which: str, value: float, left: Set[date]) -> Fact:
    label = f"{by_day.label}，{'后' if which == 'second' else '前'}半段日均"
    without = f", without {' '.join(map(str, sorted(left)))}" if left else ""
    formula = f"mean({by_day.id}, {which} half{without})"
    return derived(f"{by_day.id}.{which}_half", label, value, formula, by_day, unit="条/日")


CHART_LEAST = PEAK_LEAST
"""Documents below which a course is a line in a table, not a chart."""
COMB = 2
"""Documents up to which the highest day makes a course a comb."""


def drawn(series: Series) -> bool:
    """True where a course is worth a chart: enough documents, several days, and more than a comb."""
    return series.total >= CHART_LEAST and len(series.days) > 1 and series.top > COMB
