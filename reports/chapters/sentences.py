"""Sentence patterns of the CCA's reports, filled with figures. Pure: facts in, text out."""

from __future__ import annotations

from collections.abc import Sequence

from fengping.reports import numbers
from fengping.reports.facts.model import Facts, Slice, Story, Topic, Volume, Window, Word, derived
from fengping.reports.numbers import UNCOUNTED
from fengping.reports.wording import (
    Fact,
    Figure,
    Text,
    about,
    compose,
    enumerate_texts,
    exact,
    number,
    round_number,
    share,
)

NEGATIVE_DEFINITION = (
    "此类信息体现了消费者对其所接受商品和服务的负面评价，兼具引发消费维权负面舆情的“敏感”属性，"
    "本报告将其归纳表述为“吐槽类”信息。"
)
MARK_LEAST = 5
"""Documents from which a class is called leading, for all or for one host."""
NOTHING = "监测期内未收集到信息。"


def purpose(season: str, window: Window) -> Text:
    return compose(
        "为全面了解{season}消费者意见和建议，利用互联网舆情监测系统，对{span}期间相关消费维权情况"
        "进行了网络大数据舆情分析。",
        season=f"{season}期间" if season else "监测期内",
        span=f"{numbers.full_day(window.first)}至{numbers.full_day(window.last)}",
    )


def total(season: str, window: Window, everything: Volume) -> Text:
    """The opening sentence: days, total, daily mean, and the volume with reposts folded."""
    days = window.days
    occasion = f"{season}相关" if season else ""
    if not everything.count.value:
        return compose(
            "在{span}共计{days}天监测期内，未收集到{about}“消费维权”类信息。",
            span=window.words(),
            days=str(len(days)),
            about=occasion,
        )
    return compose(
        "在{span}共计{days}天监测期内，共收集{about}“消费维权”类信息{n}条，日均信息量{mean}条；"
        "转载折叠后为{folded}条。",
        span=window.words(),
        days=str(len(days)),
        about=occasion,
        n=number(everything.count),
        mean=about(everything.course.mean),
        folded=number(everything.folded),
    )


def curve(everything: Volume) -> Text:
    """The day curve: peaks in time order, then the highest day."""
    series = everything.course.series
    if not series.total:
        return ()
    by_day = everything.course.by_day
    peaks = series.peaks()
    if peaks:
        named = enumerate_texts([Figure(series.name(day), by_day) for day, _ in peaks])
        lower = len(series.peaks(limit=len(series.days))) - len(peaks)
        others = f"（另有{lower}处较低的局部峰值）" if lower else ""
        opening = compose("信息曲线呈波动走势，{p}出现舆情量峰值{others}。", p=named, others=others)
    elif series.shape() is None:
        opening = ("信息量较少，不判断走势与峰值。",)
    else:
        opening = ("信息曲线未出现明显峰值。",)
    return opening + _highest(everything)


def _highest(volume: Volume) -> Text:
    series = volume.course.series
    days = series.top_days
    named = numbers.listed([series.name(day) for day in days[:3]])
    if len(days) > 3:
        named += f"等{len(days)}天"
    return compose(
        "其中{days}{tie}最多，为{n}条。",
        days=named,
        tie="并列" if len(days) > 1 else "",
        n=number(volume.course.peak),
    )


def course(volume: Volume, story: Story | None) -> Text:
    """Shape, peak day and value, and what the peak day's largest repost group was."""
    series = volume.course.series
    shape = series.shape()
    text: Text = ()
    if not series.total:
        return text
    days = series.top_days
    if len(days) == 1:
        text = compose("{day}达到峰值，为{n}条", day=series.name(days[0]), n=number(volume.course.peak))
    else:
        text = compose("单日最高为{n}条（{count}天并列）", n=number(volume.course.peak), count=str(len(days)))
    if story:
        text += compose(
            "，当日信息量最大的同文信息为“{title}”（{n}条）", title=story.lead.title, n=number(story.count)
        )
    return (compose("信息量{shape}。", shape=shape) if shape else ()) + text + ("。",)


def channels(slices: Sequence[Slice]) -> Text:
    if not slices:
        return compose("传播渠道{unknown}。", unknown=UNCOUNTED)
    names = "、".join(s.name for s in slices)
    text = compose("传播渠道主要有{names}。其中，", names=names) if len(slices) > 1 else ()
    words = ("信息量最高，占比", "其次是{}，占比", "第三是{}，占比")
    parts: list[Text] = []
    for at, part in enumerate(slices[:3]):
        lead = f"{part.name}{words[0]}" if at == 0 else words[at].format(part.name)
        parts.append((lead, share(part.share)))
    return text + enumerate_texts(parts, "；") + ("。",)


def negatives(negative: Volume, whole_share: Fact) -> Text:
    """Count and share of the negative documents."""
    if not negative.count.value:
        return ("监测期内未监测到“吐槽类”“消费维权”信息。",)
    return compose(
        "共监测到“吐槽类”“消费维权”信息{n}条，占总量的{share}，日均{mean}条；转载折叠后为{folded}条。",
        n=number(negative.count),
        share=share(whole_share),
        folded=number(negative.folded),
        mean=exact(negative.course.mean),
    )


def compared(facts: Facts) -> Text:
    """Against the edition before: volume, and the negative share in percentage points."""
    before = facts.previous
    if before is None:
        return ()
    total_then, negative_then = before.total.value, before.negative.value
    total_now, negative_now = facts.everything.count.value, facts.negative.count.value
    if not total_then or negative_then is None or not total_now or negative_now is None:
        return compose("{name}的可比数据{unknown}，不作比较。", name=before.name, unknown=UNCOUNTED)
    change = numbers.points((int(negative_now), int(total_now)), (int(negative_then), int(total_then)))
    fact = derived(
        "negative.share.change",
        "吐槽类占比变化",
        float(change),
        "negative.share − previous.negative ÷ previous.total",
        facts.negative_share,
        before.negative,
        before.total,
        unit="百分点",
    )
    if change == 0:
        moved: Text = ("持平",)
    else:
        moved = compose(
            "{way}{points}个百分点",
            way="上升" if change > 0 else "下降",
            points=Figure(str(abs(change)), fact),
        )
    return compose(
        "{name}信息总量为{total}条，其中吐槽类{negative}条；吐槽类占比与{name}相比，{moved}。",
        name=before.name,
        total=number(before.total),
        negative=number(before.negative),
        moved=moved,
    )


def words(found: Sequence[Word]) -> Text:
    if not found:
        return compose("负面敏感信息高频词{unknown}。", unknown=UNCOUNTED)
    items = [compose("{word}（{n}）", word=w.text, n=number(w.count)) for w in found[:10]]
    return compose(
        "负面敏感信息高频词为{words}等，括号内为含该词的吐槽类信息条数。", words=enumerate_texts(items)
    )


def live(facts: Facts) -> Text:
    """State the share of livestream selling in everything, and the share of negatives in it."""
    if not facts.live.count.value:
        return ("监测期内未收集到直播带货相关信息。",)
    text = compose(
        "监测期内，共收集直播带货相关信息{n}条，占总量的{share}。",
        n=number(facts.live.count),
        share=share(facts.live_share),
    )
    if not facts.complaints.count.value:
        return (*text, "其中未监测到负面信息。")
    return text + compose(
        "其中直播带货类负面信息{n}条，占吐槽类信息的{share}，日均{mean}条；转载折叠后为{folded}条。",
        n=number(facts.complaints.count),
        share=share(facts.complaints_share),
        mean=exact(facts.complaints.course.mean),
        folded=number(facts.complaints.folded),
    )


def polarity(slices: Sequence[Slice]) -> Text:
    """正面x%、中性y%、负面z%。"""
    if not any(s.count.value for s in slices):
        return ()
    return (*enumerate_texts([(s.name, share(s.share)) for s in slices]), "。")


def focus(topics: Sequence[Topic], unclassified: Fact) -> Text:
    """Name the classes with the most complaints."""
    if not topics:
        return ("监测期内的负面信息未归入任何问题类别。",) if unclassified.value else (NOTHING,)
    if leading := leading_topics(topics):
        names = numbers.listed([topic.name for topic in leading])
        text = compose("监测发现，直播带货类负面信息主要集中在{names}方面。", names=names)
    else:
        text = (f"各类问题的信息均少于{MARK_LEAST}条，不判断集中方面。",)
    text += ("一条信息可归入多个问题类别，各类条数之和不等于总数。",)
    if unclassified.value:
        text += compose("另有{n}条未归入任何类别。", n=number(unclassified))
    return text


def leading_topics(topics: Sequence[Topic]) -> Sequence[Topic]:
    """The three largest classes, as far as they hold more than a handful."""
    return [topic for topic in topics[:3] if int(topic.volume.count.value or 0) >= MARK_LEAST]


def topic(found: Topic) -> Text:
    """The paragraph of one class."""
    text = compose(
        "监测期内，共收集有关“{name}”类负面信息{n}条，占直播带货类负面信息的{share}，日均{mean}条；"
        "转载折叠后为{folded}条。",
        name=found.name,
        n=number(found.volume.count),
        share=share(found.share),
        mean=exact(found.volume.course.mean),
        folded=number(found.volume.folded),
    )
    text += course(found.volume, found.story)
    if found.words:
        text += compose("与其他类别相比，突出的特征词为{words}。", words="、".join(found.words))
    return text


def growing(found: Sequence[Topic]) -> list[Text]:
    """苗头: classes whose second half runs well above their first; drawn from counts alone."""
    paragraphs = []
    for item in found:
        series, by_day = item.volume.course.series, item.volume.course.by_day
        if not series.grows():
            continue
        first, second = series.halves()
        paragraphs.append(
            compose(
                "“{name}”类信息增多的现象值得警惕：监测期后半段日均{second}条，前半段日均{first}条。",
                name=item.name,
                second=exact(_half(by_day, "second", second)),
                first=exact(_half(by_day, "first", first)),
            )
        )
    return paragraphs


def _half(by_day: Fact, which: str, value: float) -> Fact:
    label = f"{by_day.label}，{'后' if which == 'second' else '前'}半段日均"
    return derived(
        f"{by_day.id}.{which}_half", label, value, f"mean({by_day.id}, {which} half)", by_day, unit="条/日"
    )


def digest(facts: Facts) -> list[Text]:
    """摘要: what a reader who stops here must know."""
    if not facts.everything.count.value:
        return [(NOTHING,)]
    lines = [
        compose(
            "监测期{days}天，共收集信息{n}条，日均{mean}条。",
            days=str(len(facts.window.days)),
            n=round_number(facts.everything.count),
            mean=about(facts.everything.course.mean),
        ),
        compose(
            "吐槽类信息{n}条，占{share}。",
            n=round_number(facts.negative.count),
            share=share(facts.negative_share),
        ),
    ]
    if facts.complaints.count.value:
        lines.append(
            compose(
                "直播带货类负面信息{n}条，占吐槽类信息的{share}。",
                n=round_number(facts.complaints.count),
                share=share(facts.complaints_share),
            )
        )
    if facts.topics:
        items = [
            compose("{name}{n}条", name=t.name, n=round_number(t.volume.count)) for t in facts.topics[:3]
        ]
        lines.append(compose("问题较集中的类别：{items}（可多选）。", items=enumerate_texts(items)))
    if facts.cases:
        lines.append((f"典型案例{len(facts.cases)}个，均由至少{facts.min_publishers}个独立发布主体发布。",))
    return lines
