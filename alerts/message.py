"""The messages of alarms: what came, what is usual, the events behind it, and what would end it.

Every number that is printed stands with the ids of its documents in the facts kept beside the alarm.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from math import ceil
from typing import Any

from fengping.alerts.baseline import HOUR
from fengping.alerts.decide import Cause, Firing, Standing
from fengping.alerts.event_lines import (
    TITLE,
    Beyond,
    Known,
    event_line,
    heading,
    joining_line,
    nothing_known,
    shortened,
    time_of,
)
from fengping.alerts.listing import command
from fengping.alerts.matches import ALL, Match
from fengping.alerts.publishers import by_publisher, told, unknown_of
from fengping.alerts.reach import labels_of
from fengping.alerts.rules.rule import Rule, span
from fengping.analysis import IssueRules
from fengping.clock import local
from fengping.delivery import Severity, escape
from fengping.indexer import Store
from fengping.models import Document

EVENTS = 3
CLASSES = 4
EVENT = "event"
_PARTIES = {"hosts", "negative_hosts", "brands", "negative_brands"}
"""Keys that name who may answer."""

_CAUSES = {
    Cause.FIRST: "",
    Cause.AGAIN: "（持续）",
    Cause.DOUBLED: "（此事合计已翻倍）",
    Cause.CLASS: "（出现新类别）",
    Cause.OFFICIAL: "（监管部门或中央媒体介入）",
    Cause.EVENT: "（另有新事件）",
}


Link = Callable[..., str]
"""The address of a page of the console by the parts of its path; ``""`` where nobody else reaches it."""


def no_link(*_path: str) -> str:
    """No address at all."""
    return ""


@dataclass(frozen=True, slots=True)
class Text:
    """An alarm in words, with what its numbers rest on."""

    subject: str
    lines: tuple[str, ...]
    severity: Severity
    labels: Mapping[str, tuple[str, ...]]
    facts: Mapping[str, Any]

    @property
    def plain(self) -> str:
        return "\n".join([self.subject, *self.lines])


def describe(
    rule: Rule,
    firing: Firing,
    standing: Standing,
    window: Sequence[Match],
    listed: Sequence[Match],
    store: Store,
    now: datetime,
    known: Known = nothing_known,
    link: Link = no_link,
    untold: int = 0,
) -> Text:
    """The message of one alarm; its lines are Markdown. *known* tells of events beyond this alarm; *untold*:
    documents of earlier alarms of the affair that nobody was told of.

    *window*: what the timeframe held whose end is the latest document, with what was told before; *listed*:
    the same with all that came since the first new document.
    """
    documents = store.get(firing.evidence)
    joining = [document for document in documents if document.id in firing.joined]
    classes = Counter(code for document in documents for code in document.judgement.issues)
    events = _events(documents, firing.joined)
    top = [event[0] for event in events[:EVENTS]]
    party = firing.key if rule.key_field in _PARTIES and firing.key != ALL else ""
    beyond = known(top, party, now)
    name = _named(rule, firing.key, top, beyond)
    what = "负面信息" if rule.negative else "信息"
    severity = Severity.CRITICAL if firing.official else rule.severity
    head = "【紧急预警】" if severity is Severity.CRITICAL else "【预警】"
    subject = f"{head}{name}：{_until(rule, window, now)}内{what}{len(window)}条{_cause(firing)}"
    hour = _hour(firing, listed)
    lines = [
        joining_line(joining),
        _came(rule, firing, window, documents, untold),
        _usual(rule, firing, hour),
    ]
    if classes:
        lines.append("类别：" + _mix(classes))
    lines += [
        event_line(number, event, beyond.get(event[0].id, Beyond()))
        for number, event in enumerate(events[:EVENTS], 1)
    ]
    leads = [beyond.get(lead.id, Beyond()) for lead in top]
    rest = len(documents) - sum(len(event) for event in events[:EVENTS])
    if rest > 0:
        lines.append(f"其余{len(events) - EVENTS}件事，{rest}条。")
    lines.append(_pages(party, top, link))
    engaged = f"，其中互动不少于{rule.min_engagement}的" if rule.min_engagement else ""
    lines += [f"查看：`{command(rule, firing.key, listed, now)}`{engaged}", _resolves(rule, firing, standing)]
    official = sorted({name for document in documents for name in document.judgement.regulators})
    platforms = sorted({name for document in documents for name in document.judgement.platforms})
    labels = labels_of(rule, firing.key, classes, platforms)
    facts = {
        "documents": list(firing.evidence), "passed": list(firing.passed), "before": firing.before,
        "window": [match.id for match in window], "listed": [match.id for match in listed],
        "need": firing.need, "hour": hour, "name": name, "official": firing.official,
        "titled": rule.key_field == EVENT and name != firing.key,
        "joined": list(firing.joined), "untold": untold,
        "lead": heading((joining or top)[0]) if top else "",
        "firsts": [lead.first.id if lead.first else None for lead in leads],
        "usual": firing.usual, "platforms": platforms,
        "classes": {code: _ids(documents, code) for code in sorted(classes)},
        "events": [[document.id for document in event] for event in events],
        "publishers": by_publisher(documents), "whole": [lead.whole for lead in leads],
        "unknown": sorted({*unknown_of(documents), *(id for lead in leads for id in lead.unknown)}),
        "regulators": official, "answers": [one.answer.document if one.answer else None for one in leads],
        "others": [one.other.id if one.other else None for one in leads],
        "unclaimed": [one.unclaimed.document if one.unclaimed else None for one in leads],
    }  # fmt: skip
    return Text(subject, tuple(line for line in lines if line), severity, labels, facts)


def _until(rule: Rule, window: Sequence[Match], now: datetime) -> str:
    """The timeframe, with its end where it holds what is older than the same time before *now*."""
    is_past = window and not rule.every_tick and min(match.at for match in window) <= now - rule.timeframe
    return f"{_end(window)}{span(rule.timeframe)}" if is_past else span(rule.timeframe)


def _end(window: Sequence[Match]) -> str:
    return f"截至{local(window[-1].at):%m-%d %H:%M}的" if window else ""


def _cause(firing: Firing) -> str:
    """The reason in words, a regulator or central medium that joins included."""
    words, joins = _CAUSES[firing.cause], _CAUSES[Cause.OFFICIAL]
    if not firing.official or firing.cause is Cause.OFFICIAL:
        return words
    return f"{words[:-1]}，{joins[1:]}" if words else joins


def _named(rule: Rule, key: str, top: Sequence[Document], beyond: Mapping[str, Beyond]) -> str:
    """The key in words: the id of an event says nothing to a reader."""
    if rule.key_field != EVENT or not top:
        return _in_words(rule, key)
    lead = top[0]
    return shortened(beyond.get(lead.id, Beyond()).title, TITLE) or heading(lead)


def _in_words(rule: Rule, key: str) -> str:
    """A class by its name; of all that a rule counts the rule's own."""
    if key == ALL and not rule.key_field:
        return rule.name
    name = IssueRules.load().names.get(key, "") if rule.is_of_classes else ""
    return f"{name}（{key}）" if name else key


def names(rule: Rule, firings: Sequence[Firing], store: Store) -> dict[str, str]:
    """The keys of alarms that nothing was told of, in words, where these are others."""
    if rule.key_field != EVENT:
        keys = {firing.key for firing in firings}
        return {key: words for key in keys if (words := _in_words(rule, key)) != key}
    first = {firing.key: firing.evidence[0] for firing in firings if firing.evidence}
    documents = {document.id: document for document in store.get([*first.values()])}
    return {key: heading(documents[id]) for key, id in first.items() if id in documents}


def low(rule: Rule, need: float) -> int:
    """Documents in a window under which an alarm recovers."""
    return max(1, ceil(need * rule.recover_ratio))


def _came(
    rule: Rule, firing: Firing, window: Sequence[Match], documents: Sequence[Document], untold: int
) -> str:
    publishers, told_before = told(documents), firing.before - untold
    before = f"，此前已报{told_before}条" if told_before > 0 else ""
    before += f"，此前另有{untold}条当时未通知" if untold else ""
    began = f"，始于{local(firing.began_at):%m-%d %H:%M}" if firing.began_at else ""
    passed = f"；另有{len(firing.passed)}条在此时段之外，不计" if firing.passed else ""
    new = set(firing.evidence)
    came = f"新增{firing.count}条，{publishers}"
    if new != {match.id for match in window}:
        # The number of the subject first, and how the new ones divide.
        fresh = sum(match.id in new for match in window)
        known = len(window) - fresh
        came = f"{_end(window)}{span(rule.timeframe)}内共{len(window)}条：新增{fresh}条"
        came += f"、报过或不另报的{known}条" if known not in (0, firing.before) else ""
        if fresh < firing.count:
            came += f"；更早的新增{firing.count - fresh}条，合计新增{firing.count}条"
        came += f"，{publishers}"
    return f"{came}{before}{began}{passed}。"


def _hour(firing: Firing, listed: Sequence[Match]) -> dict[str, Any] | None:
    """The need of one hour and its new documents, where these alone were enough."""
    if firing.hour_need is None:
        return None
    new = set(firing.evidence)
    times = {match.id: match.at for match in listed if match.id in new}
    last = max(times.values(), default=firing.fired_at)
    return {"need": firing.hour_need, "documents": [id for id, at in times.items() if at > last - HOUR]}


def _usual(rule: Rule, firing: Firing, hour: Mapping[str, Any] | None) -> str:
    usual = "" if firing.usual is None else f"往常同时段中位数{firing.usual:g}条；"
    need = f"阈值{firing.need:g}{rule.unit}"
    if hour:
        missed = f"，{span(rule.timeframe)}的{need}未到" if rule.timeframe > HOUR else ""
        need = f"1小时内{len(hour['documents'])}条（阈值{hour['need']}）{missed}"
    return f"{usual}{need}（规则 {escape(rule.name)}，{local(firing.fired_at):%Y-%m-%d %H:%M}）。"


def beside(rule: Rule, firing: Firing, facts: Mapping[str, Any], number: int) -> str:
    """An alarm in short, for the message of another about the same key."""
    hour = facts.get("hour")
    count = f"1小时内{len(hour['documents'])}条" if hour else f"{firing.count}条"
    need = hour["need"] if hour else firing.need
    return f"{escape(rule.name)} {count}（阈值{need:g}{rule.unit}，编号{number}）"


def _mix(classes: Counter[str]) -> str:
    names = IssueRules.load().names
    common = sorted(classes.items(), key=lambda item: (-item[1], item[0]))
    rest = f"、另有{len(common) - CLASSES}类" if len(common) > CLASSES else ""
    return "、".join(f"{code} {names.get(code, '')} {count}" for code, count in common[:CLASSES]) + rest


def _events(documents: Iterable[Document], joined: Collection[str]) -> list[list[Document]]:
    """Documents by event, or by repost group where none is known; first the one with a document of *joined*,
    then the most told."""
    found: dict[str, list[Document]] = {}
    for document in documents:
        found.setdefault(document.event or document.group, []).append(document)
    for event in found.values():
        event.sort(key=time_of)
    return sorted(
        found.values(),
        key=lambda event: (all(one.id not in joined for one in event), -len(event), time_of(event[0])),
    )


def _pages(party: str, leads: Sequence[Document], link: Link) -> str:
    """Links to the pages of the party and of the events; nothing where there are no addresses."""
    found = {escape(party): link("hosts", party)} if party else {}
    found |= {f"事件{n}": link("events", lead.event) for n, lead in enumerate(leads, 1) if lead.event}
    pages = "、".join(f"[{name}]({address})" for name, address in found.items() if address)
    return f"页面：{pages}" if pages else ""


def _resolves(rule: Rule, firing: Firing, standing: Standing) -> str:
    back = f"{span(rule.timeframe)}内少于{low(rule, standing.need)}条"
    if rule.every_tick:
        back = rule.back_in_words()
    return f"{back}{holds(rule)}，即解除。"


def holds(rule: Rule) -> str:
    """The time for which an affair must have been calm to be over."""
    lasting = rule.recover_after * rule.timeframe
    return f"并持续{span(lasting)}" if lasting else ""


def _ids(documents: Iterable[Document], code: str) -> list[str]:
    return [document.id for document in documents if code in document.judgement.issues]
