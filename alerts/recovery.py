"""Messages that affairs are over: one for what one receiver was told of a key, however many rules told it."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from fengping.alerts.decide import Standing
from fengping.alerts.ledger import SAID_TO_NOBODY, Kept
from fengping.alerts.message import FIRST_LINE, Text, holds, low, names, shortened
from fengping.alerts.route import joined, labels_of
from fengping.alerts.rules.rule import Rule, span
from fengping.clock import local
from fengping.delivery import Severity, escape


@dataclass(frozen=True, slots=True)
class Over:
    """An affair of one rule and key that is over, with its alarms, the newest first."""

    rule: Rule
    key: str
    standing: Standing
    """The last one before it was over."""
    alarms: Sequence[Kept]
    need: float
    """Documents that an alarm needs by now; more than it did where more have become usual."""

    @property
    def name(self) -> str:
        """The key and the charge as its first alarm told them."""
        told = self.alarms[-1].facts if self.alarms else {}
        parts = told.get("name") or names(self.rule, self.key), told.get("said", "")
        return shortened("：".join(filter(None, parts)), FIRST_LINE - len("【解除】"))

    @property
    def numbers(self) -> list[int]:
        return sorted(kept.id for kept in self.alarms)

    @property
    def untold(self) -> int:
        """Documents of its alarms of which nobody was told."""
        return sum(len(kept.firing.evidence) for kept in self.alarms if kept.told in SAID_TO_NOBODY)

    def course(self, now: datetime) -> str:
        """Its beginning, its documents and why it is over."""
        rule, standing = self.rule, self.standing
        began = f"{local(standing.began_at):%m-%d %H:%M}" if standing.began_at else "—"
        told = f"共报{standing.shown - self.untold}条" if standing.shown > self.untold else ""
        told += f"{'，另有' if told else '共'}{self.untold}条当时未通知" if self.untold else ""
        back = f"{span(rule.timeframe)}内已低于{low(rule, self.need)}条"
        if rule.every_tick:  # its need is a share, or what is missing
            back = f"已{rule.back_in_words()}"
        return f"自{began}起{told}；{back}{holds(rule)}，于{local(now):%m-%d %H:%M}解除。"


def in_words(overs: Sequence[Over], still: Collection[str], now: datetime) -> Text:
    """The message that *overs* of one key are over; *still*: rules by which the key fires on."""
    first, *others = overs
    several = [f"{escape(over.rule.name)}：" if others else "" for over in overs]
    lines = [f"{whose}{over.course(now)}" for whose, over in zip(several, overs, strict=True)]
    if still:
        lines.append(f"同一对象仍在预警：{'、'.join(map(escape, still))}。")
    labels = joined(labels_of(over.rule, over.key) for over in overs)
    return Text(f"【解除】{first.name}", tuple(lines), Severity.INFO, labels, {})
