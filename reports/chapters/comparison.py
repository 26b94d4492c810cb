"""环比、同比: this window beside earlier ones, each change tested against chance before it is named."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from fengping.reports import numbers
from fengping.reports.chapters.blocks import Pages
from fengping.reports.document import Cell, cell
from fengping.reports.facts import Previous, Series, Volume, rates_differ, shares_differ, spread_of_shares
from fengping.reports.facts.chance import spread_of
from fengping.reports.facts.earlier import part_name, part_of
from fengping.reports.facts.fields import LIVE_FIELD
from fengping.reports.facts.gather import Facts
from fengping.reports.facts.hosts import OTHERS
from fengping.reports.facts.model import derived
from fengping.reports.wording import FLOOR, Fact, Figure, Text, compose, number

WITHIN_CHANCE = "变化未超出随机波动"
UNFINISHED = "本期末日尚未结束，不判断升降"
"""Stands in place of any 上升 and 下降 where the last day is not over."""
LATE = "该期没有来源运行成功，所收录的不全或是事后收到的，不判断升降"
"""The same of an earlier window in which nothing was collected, and whose documents came in later."""
EMPTY = 0.1
"""Part of a period's days without any document from which it tells of collection, not of opinion."""
MOST = 5
"""Hosts, platforms, and parts of a kind that are there no more, in a table."""


def write(pages: Pages, facts: Facts) -> None:
    if not facts.compared:
        return
    pages.part("与前期比较")
    for at, before in enumerate(facts.compared, start=1):
        # The file of an earlier edition comes first where one is given, and moves no other's key.
        key = "previous" if before is facts.previous else str(at - bool(facts.previous))
        pages.say(compared(facts, before), key=f"compared.{key}")
        rows = list(_rows(facts, before))
        if rows and before.total.value:
            pages.table(
                f"与{before.name}比较",
                f"比较{at}",
                ("项目", "本期", before.name, "变化"),
                rows,
                numeric=(1, 2),
                # Counts over unlike numbers of days lie beside each other in no chart.
                drawn=(1, 2) if len(facts.window.days) == (before.days or len(facts.window.days)) else (),
                note=(
                    "“变化”按日均比较，只在超出随机波动时标明升降；"
                    f"{_days(facts, before)}{_empty(facts, before)}。",
                ),
            )


def compared(facts: Facts, before: Previous) -> Text:
    """Volume and negative share against an earlier window."""
    total, negative = facts.everything.count, facts.negative.count
    if not before.total.value:
        return _nothing(facts, before)
    text = compose(
        "{name}{noun}{total}条，其中吐槽类{negative}条。",
        name=before.name,
        noun=facts.scope.noun,
        total=number(before.total),
        negative=number(before.negative),
    )
    text += _volume(facts, before)
    if untold(facts, before):
        return (*text, "。")
    now, then = (
        (int(negative.value or 0), int(total.value or 0)),
        (int(before.negative.value or 0), int(before.total.value)),
    )
    if min(now[1], then[1]) < FLOOR:
        return (*text, "。")
    change = numbers.points(now, then)
    fact = derived(
        f"negative.share.change.{before.total.id}",
        "吐槽类占比变化",
        float(change),
        f"negative.share − {before.negative.id} ÷ {before.total.id}",
        facts.negative_share,
        before.negative,
        before.total,
        unit="百分点",
    )
    if not share_differs(facts.negative, facts.everything, before):
        return (*text, f"；吐槽类占比{WITHIN_CHANCE}。")
    way = "上升" if change > 0 else "下降"
    return text + compose(
        "；吐槽类占比{way}{points}个百分点（本期n={now}，{name}n={then}）{cause}。",
        cause=_cause(facts, before, rises=change > 0),
        way=way,
        points=Figure(str(abs(change)), fact),
        now=number(facts.everything.count),
        name=before.name,
        then=number(before.total),
    )


def _cause(facts: Facts, before: Previous, *, rises: bool) -> Text:
    """Both counts, where a share rose though no more negatives came in a day, or fell though no fewer did."""
    days = len(facts.window.days)
    now, then = int(facts.negative.count.value or 0), int(before.negative.value or 0)
    rate, rate_then = now / days, then / (before.days or days)
    if rate > rate_then if rises else rate < rate_then:
        return ()
    return compose(
        "，吐槽类{name}{then}条、本期{now}条，占比{way}因日均总量{cause}",
        name=before.name,
        then=number(before.negative),
        now=number(facts.negative.count),
        way="上升" if rises else "下降",
        cause="减少" if rises else "增加",
    )


def share_differs(negative: Volume, every: Volume, before: Previous) -> bool:
    """True if the share of negatives differs by more than chance, copies counted or not, and the same way."""
    days = negative.course.series.counts, every.course.series.counts
    now = sum(days[0]), sum(days[1])
    then = int(before.negative.value or 0), int(before.total.value or 0)
    spread = max(before.spread_of_shares, spread_of_shares(*days))
    if not shares_differ(*now, *then, spread=spread):
        return False
    if before.folded is None:
        return True
    apart, folded = (negative.apart.total, every.apart.total), before.folded
    return shares_differ(*apart, *folded) and _above(*now, *then) is _above(*apart, *folded)


def _above(part: int, whole: int, part_then: int, whole_then: int) -> bool:
    return part * whole_then > part_then * whole


def untold(facts: Facts, before: Previous) -> str:
    """The reason for which nothing is called risen or fallen; empty where there is none.

    Days on which nothing came in at all would make a rise of an empty store, or a fall of a stopped crawl.
    """
    if facts.window.cut:
        return UNFINISHED
    if before.late:
        return LATE
    days = len(facts.window.days)
    for name, empty, whole in (("该期", before.empty, before.days or days), ("本期", _silent(facts), days)):
        if empty > EMPTY * whole:
            return f"{name}{whole}天中有{empty}天未收到任何信息，不判断升降"
    return ""


def _silent(facts: Facts) -> int:
    """Days of this period on which nothing was collected, or, where no one says so, nothing came in."""
    return len(set(facts.flagged_days).intersection(facts.silent_days))


def _empty(facts: Facts, before: Previous) -> str:
    told = ((before.name, before.empty), ("本期", _silent(facts)))
    return "".join(f"，{name}有{empty}天未收到任何信息" for name, empty in told if empty)


def _nothing(facts: Facts, before: Previous) -> Text:
    """An earlier window without a document of the scope: a zero only where anything was collected then."""
    known = before.collected
    if before.cited:
        told = f"载有{facts.scope.noun}0条" if known is None or known.value else "载明系统没有采集到信息"
        return (f"{before.name}{told}，不作比较。",)
    if known is None or not known.value:
        kept = "，档案中也没有可比的该期报告" if facts.archived else ""
        return (f"{before.name}系统内没有信息{kept}，不作比较。",)
    text = compose(
        "{name}系统采集到信息{collected}条，其中属于本报告范围的{noun}{total}条。",
        name=before.name,
        collected=number(known),
        noun=facts.scope.noun,
        total=number(before.total),
    )
    return (*text, *_volume(facts, before), "。")


def _volume(facts: Facts, before: Previous) -> Text:
    if reason := untold(facts, before):
        return (reason,)
    series, days = facts.everything.course.series, before.days or len(facts.window.days)
    return ("与之相比，日均信息量", _moved(facts.everything.count, before.total, series, days, before.spread))


def _moved(now: Fact, then: Fact, series: Series, days: int, spread_then: float) -> str:
    """上升, 下降, or that chance may have done it; days that vary, now or then, widen the bounds."""
    spread = max(spread_of(series.counts), spread_then)
    here, there = int(now.value or 0), int(then.value or 0)
    if not rates_differ(here, len(series.days), there, days, spread=spread):
        return WITHIN_CHANCE
    return "上升" if here / len(series.days) > there / days else "下降"


def _rows(facts: Facts, before: Previous) -> Iterator[list[Cell]]:
    days = before.days or len(facts.window.days)
    for name, count, series, id in _items(facts, before):
        then = before.parts.get(id)
        if then is None:
            continue
        spread = before.spreads.get(id, before.spread)
        moved = "不判断" if untold(facts, before) else _moved(count, then, series, days, spread)
        yield [cell(name), cell(number(count)), cell(number(then)), cell(moved)]


def _items(facts: Facts, before: Previous) -> Iterator[tuple[str, Fact, Series, str]]:
    """Fields, hosts, platforms, channels, and those that only *before* had; where no series is known, that of
    all stands in."""
    series = facts.everything.course.series
    for field in facts.fields:
        id = "complaints" if field.code == LIVE_FIELD else f"issue.{field.code}"
        yield f"领域：{field.name}", field.volume.count, field.volume.course.series, id
    yield from _gone("领域", "issue", {f"issue.{field.code}" for field in facts.fields}, facts, before)
    for host in facts.hosts[:MOST]:
        yield f"主播：{host.name}", host.volume.count, host.volume.course.series, f"host.{host.name}"
    yield from _gone("主播", "host", {f"host.{host.name}" for host in facts.hosts}, facts, before)
    for label, prefix, slices, shown in (
        ("平台", "platform", facts.platforms, MOST),
        ("渠道", "channel", facts.channels, len(facts.channels)),
    ):
        for part in slices[:shown]:
            yield f"{label}：{part.name}", part.count, series, f"{prefix}.{part.key}"
        yield from _gone(label, prefix, {f"{prefix}.{part.key}" for part in slices}, facts, before)


def _gone(
    label: str, prefix: str, present: Collection[str], facts: Facts, before: Previous
) -> Iterator[tuple[str, Fact, Series, str]]:
    """Parts that *before* had and that have nothing now, most of them first."""
    then = {id: int(fact.value or 0) for id, fact in before.parts.items() if id.startswith(f"{prefix}.")}
    gone = sorted((id for id, n in then.items() if n and id not in present), key=lambda id: (-then[id], id))
    parts = {id: part_of(facts.ask, id, part_name(id), 0) for id in gone[: 3 * MOST]}
    gone = [id for id, now in parts.items() if _is_gone(facts, now, before.parts[id], part_name(id))]
    for id in gone[:MOST]:
        yield f"{label}：{part_name(id)}", parts[id], Series.fill(facts.window.days, {}), id


def _is_gone(facts: Facts, now: Fact, then: Fact, name: str) -> bool:
    """True if there is nothing of a part now: one that is not listed, for others have more, is not gone. Of a
    host enough publishers told then as well.

    An edition names those alone; a host whom a few still tell of now is neither gone nor named.
    """
    if name.startswith(OTHERS) or (now.query.where and facts.ask.store.count(now.query.where)):
        return False
    if not now.id.startswith(f"{facts.ask.prefix}host."):
        return True
    return then.query.where is None or facts.ask.told_by(then.query.where, facts.min_publishers)


def _days(facts: Facts, before: Previous) -> str:
    now, then = len(facts.window.days), before.days or len(facts.window.days)
    return f"两期各{now}天" if now == then else f"本期{now}天，{before.name}{then}天"
