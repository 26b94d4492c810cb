"""A rule in words, and its history drawn for a terminal. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from math import ceil

from fengping.alerts.decide import Firing
from fengping.alerts.rules.rule import Rule, span
from fengping.alerts.rules.watch import Watch
from fengping.clock import day_of

_BLOCKS = " ▁▂▃▄▅▆▇█"


def sentence(rule: Rule) -> str:
    """The rule in one sentence."""
    name, condition, *limits, again, told = phrases(rule)
    only = f"；只计{'，'.join(limits)}" if limits else ""
    return f"{name}：{condition}{only}。{again}；{told}。"


def phrases(rule: Rule) -> tuple[str, ...]:
    """Its parts, each for itself: name, condition, what is counted, how often, who is told."""
    again = "每次检查都报"
    if rule.realert:
        # A share or a silence that goes on is told again after the cool-down alone.
        worse = "加重" if isinstance(rule, Watch) else "" if rule.every_tick else "翻倍"
        whose = "同一事件" if isinstance(rule, Watch) else "同一对象"
        again = f"{whose}{span(rule.realert)}内不重复{f'，除非{worse}' if worse else ''}"
    return (
        f"规则“{rule.name}”（{rule.kind}）", rule.in_words(), *_limits(rule), again,
        f"{'、'.join(rule.channels)}收到通知",
    )  # fmt: skip


def _limits(rule: Rule) -> list[str]:
    words = {"主播": rule.hosts, "类别": rule.classes, "平台": rule.platforms, "来源": rule.sources}
    found = [f"{name}{'、'.join(values)}" for name, values in words.items() if values]
    if rule.query:
        found.append(f"符合“{rule.query}”的")
    if rule.negative:
        # A negative is one against a host or a brand; of no key, a class or an event it is one at all.
        whose = "针对该对象的" if rule.key_field in ("negative_hosts", "negative_brands") else ""
        found.append(f"{whose}负面信息（回应、规则、推广不计）")
    if rule.min_relevance > 0:
        found.append("与直播带货有关的")
    if rule.min_publishers > 1:
        found.append(f"至少{rule.min_publishers}个发布者")
    if rule.min_engagement:
        found.append(f"互动不少于{rule.min_engagement}的")
    return found


def drawing(counts: Mapping[date, int], firings: Sequence[Firing], first: date, last: date) -> list[str]:
    """Counts by day as blocks, a line with a mark under each day that fired, and the days at both ends."""
    days = [first + timedelta(days=n) for n in range((last - first).days + 1)]
    highest = max((counts.get(day, 0) for day in days), default=0)
    blocks = "".join(_BLOCKS[ceil(8 * counts.get(day, 0) / (highest or 1))] for day in days)
    fired = Counter(day_of(firing.fired_at) for firing in firings)
    marks = "".join("▲" if fired[day] == 1 else "◆" if fired[day] else "·" for day in days)
    gap = " " * max(1, len(days) - 2 * len(first.isoformat()))
    return [
        f"▕{blocks}▏ 最多一天{highest}条",
        f"▕{marks}▏ ▲ 预警一次  ◆ 多次",
        f" {first.isoformat()}{gap}{last.isoformat()}",
    ]
