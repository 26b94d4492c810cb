"""Messages that concern rules as a whole: a gap between checks, and that all is calm."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from fengping.alerts.message import Link
from fengping.alerts.rules.rule import Rule, span
from fengping.clock import day_of, iso, local
from fengping.delivery import Message, Severity, escape

LINES = 20
"""Lines of one message at most."""


def watching(rule: Rule) -> timedelta:
    """Time for which checks go on after a gap before anything is resolved."""
    return max(1, rule.recover_after) * rule.timeframe


def of_gaps(
    gaps: Sequence[tuple[Rule, timedelta, Sequence[str]]], now: datetime, clock: datetime, link: Link
) -> Message:
    """Affairs that would be over had their rules been checked meanwhile, by their names."""
    lines = [
        f"{escape(rule.name)}：上次检查在{local(now - lasting):%Y-%m-%d %H:%M}；再照常检查"
        f"{span(watching(rule))}仍平静才解除：{escape('、'.join(keys[:8]))}"
        f"{f'等{len(keys)}个对象' if len(keys) > 8 else ''}。"
        for rule, lasting, keys in gaps[: LINES - 3]
    ]
    if rest := len(gaps) - len(lines):
        lines.append(f"余{rest}条规则。")
    lines.append(f"这次在{local(now):%Y-%m-%d %H:%M}。若期间没有停机，请核对机器的时钟。")
    return Message(
        key=f"gap {iso(clock)} {' '.join(rule.name for rule, *_ in gaps)}",
        subject=f"【时钟】距上次检查{max(lasting for _, lasting, _ in gaps).days}天，暂不解除预警",
        lines=tuple(lines), severity=Severity.WARNING, link=link("alerts"),
    )  # fmt: skip


def of_calm(
    rules: int, now: datetime, lacking: Sequence[str], link: Link, came: tuple[datetime, int] | None = None
) -> Message:
    """Nothing fires by so many *rules*; in doubt where something is *lacking* for saying so.

    *came*: the documents that came in since a moment.
    """
    return Message(
        key=f"all calm {day_of(now)}",
        subject=f"【{'存疑' if lacking else '平安'}】{day_of(now)} 现无预警中的对象",
        lines=(
            f"{rules}条规则已于{local(now):%H:%M}检查，无预警中的对象。",
            *([f"自{local(came[0]):%m-%d %H:%M}起入库{came[1]}条信息。"] if came else []),
            *(["但还不能说平静：", *(f"- {one}" for one in lacking)] if lacking else []),
        ),
        severity=Severity.WARNING if lacking else Severity.INFO,
        link=link("alerts"),
    )
