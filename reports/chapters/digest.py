"""摘要: what a reader who stops here must know; sentences of figures, and cases quoted with their source."""

from __future__ import annotations

from fengping.reports.chapters.chapter import Brief
from fengping.reports.chapters.leading import leading_fields, no_leading
from fengping.reports.chapters.makeup import advertised
from fengping.reports.chapters.sentences import interval
from fengping.reports.chapters.topics import NAMED
from fengping.reports.facts import Case
from fengping.reports.facts.excerpts import UNTOLD
from fengping.reports.facts.fields import hold_most
from fengping.reports.facts.gather import Facts
from fengping.reports.facts.quoting import SENTENCE, shorten
from fengping.reports.wording import (
    Text,
    about,
    compose,
    enumerate_texts,
    join,
    number,
    round_number,
    with_share,
)

QUOTED = 2


def digest(facts: Facts, brief: Brief) -> dict[str, Text]:
    """The lines under the title by their keys."""
    opening = compose(
        "监测期{days}天，共收集{noun}{n}条{promoted}",
        noun=facts.scope.noun,
        days=str(len(facts.window.days)),
        n=round_number(facts.everything.count),
        promoted=advertised(facts.promoted.count) if facts.everything.count.value else (),
    )
    if not facts.everything.count.value:
        return {"total": join([*opening, "。"])}
    mean = compose("，日均{mean}条", mean=about(facts.everything.course.mean))
    lines = {"total": join([*opening, *(mean if len(facts.window.days) > 1 else ()), "。"])}
    told = with_share("，占{share}", facts.negative_share)
    aimed = facts.aimed if facts.negative.count.value else None
    at_host = compose("（其中判定指向该主播的{n}条）", n=number(aimed)) if aimed else ()
    counted = compose("吐槽类信息{n}条{at_host}", n=round_number(facts.negative.count), at_host=at_host)
    lines["negative"] = join(
        [
            *counted,
            *told,
            *interval(facts.interval, facts.negative.count, facts.answers, own=facts.labelled),
            "。",
        ]
    )
    if leading := leading_fields(facts.fields):
        items = [compose("{name}{n}条", name=t.name, n=round_number(t.volume.count)) for t in leading]
        most = hold_most(facts.ask, leading, facts.negative.count)
        lines["fields"] = compose(
            "{what}的领域：{items}（可多选）。",
            what="问题较集中" if most else "信息较多",
            items=enumerate_texts(items),
        )
    elif facts.fields:
        lines["fields"] = (f"{no_leading(facts.fields)}。",)
    for case in facts.cases[:QUOTED]:
        told_by = compose("，事件先后有{p}个发布主体", p=number(case.publishers))
        lines[f"case:{case.event}"] = compose(
            "案例“{title}”（{status}）：监测期内相关信息{n}条{p}；{seen}。{lacking}{said}",
            title=case.title,
            status=case.headed,
            n=number(case.documents),
            p=() if case.publishers.value is None else told_by,
            seen=first_seen("" if case.since else case.opening.where, case.first, case.earlier),
            lacking=f"{case.lacking}。" if case.lacking else "",
            said=_telling(case),
        )
    return lines


def _telling(case: Case) -> Text:
    """The sentence of the first document that carries most, with its source: one with figures, else its first
    words. Nothing where the title has said it."""
    own = (claim for claim in case.claims if claim.reference.id == case.opening.reference.id)
    quote = next(own, case.opening)
    words = shorten(quote.text, SENTENCE).rstrip("。")
    if words in case.title or quote.text in UNTOLD:
        return ()
    within = words.replace("“", "‘").replace("”", "’")
    return (f"“{within}”（{quote.where}，{quote.reference.published}）。",)


def first_seen(where: str, when: str, earlier: str = "") -> Text:
    """Place and time of the first negative of an event in the window, with what came *earlier*; a channel
    that names no place, as ``网站`` alone, is left out."""
    place = f"{where}，" if "·" in where or where in NAMED else ""
    within, beside = ("监测期内", f"（{earlier}）") if earlier else ("", "")
    return (f"{within}归入该事件的负面信息最早见于{place}{when}{beside}",)
