"""Group: alarms of one key or event as one message, and many alarms as lists."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from fengping.alerts.decide import Firing
from fengping.alerts.manners import Manners
from fengping.alerts.message import Text
from fengping.alerts.overall import LINES
from fengping.alerts.route import joined
from fengping.alerts.rules.rule import Rule
from fengping.clock import iso
from fengping.delivery import Message, Severity, escape
from fengping.delivery.book import Receivers
from fengping.delivery.cut import utf8

LISTED = LINES - 3
"""Alarms that one message of a digest names."""
ROOM = 3_000
"""Bytes of their lines at most: of the channels the narrowest takes 4,096 with subject, link and foot, and
what is left out of a message counts as told."""


def in_messages(lines: Sequence[str]) -> list[tuple[int, int]]:
    """The places of *lines* that go into each of several messages, from and up to."""
    found, first, size = [], 0, 0
    for place, line in enumerate(lines):
        size += utf8(line) + 1
        if place > first and (place - first >= LISTED or size > ROOM):
            found.append((first, place))
            first, size = place, utf8(line) + 1
    return [*found, (first, len(lines))] if lines else []


@dataclass(frozen=True, slots=True)
class Ready:
    """An alarm that may be told."""

    id: int
    rule: Rule
    firing: Firing
    text: Text

    @property
    def is_critical(self) -> bool:
        return self.text.severity is Severity.CRITICAL


@dataclass(frozen=True, slots=True)
class Entry:
    """An alarm as one of several in a digest, and everyone who gets it."""

    id: int
    line: str
    count: int
    severity: Severity
    labels: Mapping[str, tuple[str, ...]]
    to: Receivers


def of_group(group: Sequence[Ready], manners: Manners) -> Message:
    """One message for a key or an event, however many rules and parties it concerns."""
    first, *others = sorted(group, key=lambda ready: (-ready.text.severity.urgency, -ready.firing.count))
    text, lines = first.text, [*first.text.lines]
    if others:
        lines.append("同时：" + "；".join(escape(one.text.subject) for one in others))
    return Message(
        key=f"alarm {first.rule.name} {first.firing.key} {iso(first.firing.fired_at)}",
        subject=text.subject, lines=tuple(lines), severity=text.severity,
        labels=joined([ready.text.labels for ready in group]), thread=f"alarm {first.firing.key}",
        link=text.link or manners.link("alerts", str(first.id)),
        plain="\n\n".join(one.text.plain for one in (first, *others)),
        html="".join(one.text.html for one in (first, *others)), actions=manners.actions(first.id),
    )  # fmt: skip


def of_many(
    subject: str, alarms: Sequence[Entry], kind: str, least: Severity, now: datetime, link: str
) -> Iterator[tuple[Message, Sequence[Entry]]]:
    """Messages that name each alarm, the most urgent first, with those that each of them names."""
    ordered = sorted(alarms, key=lambda one: (-one.severity.urgency, -one.count))
    listed = [f"- {escape(one.line)}（编号{one.id}）" for one in ordered]
    parts = [(ordered[first:last], listed[first:last]) for first, last in in_messages(listed)]
    for number, (part, lines) in enumerate(parts, 1):
        place = f"（{number}/{len(parts)}）" if len(parts) > 1 else ""
        yield (
            Message(
                key=f"alarm {kind} {iso(now)} {part[0].id}", subject=f"{subject}{place}",
                lines=tuple(lines), thread="alarms",
                severity=max((least, *(one.severity for one in part)), key=lambda one: one.urgency),
                labels=joined([one.labels for one in part]), link=link,
            ),
            part,
        )  # fmt: skip
