"""The messages of alarms: whom, what, by whom it was published; answered or not; size against usual; links.

Every number that is printed stands with the ids of its documents in the facts kept beside the alarm. The
words stand in ``templates/``: ``chat.md`` for robots, ``whole.txt`` and ``mail.html`` with everything.
"""

from __future__ import annotations

import functools
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil
from typing import Any

import jinja2

from fengping.alerts.affairs import Known, nothing_known
from fengping.alerts.decide import Cause, Firing
from fengping.alerts.gravity import Gravity
from fengping.alerts.match import ALL, Match
from fengping.alerts.route import labels_of
from fengping.alerts.rules.rule import Rule, distinct, span
from fengping.alerts.rules.watch import Watch, party_of
from fengping.analysis import IssueRules
from fengping.clock import exactly, iso, local
from fengping.delivery import Severity, escape
from fengping.events import Event, Status
from fengping.indexer import Store
from fengping.models import Document

FIRST_LINE = 60
"""Characters of a subject."""
HEADING, SOURCE, PARTY = 40, 12, 16
"""Characters of a title, of a publisher's name and of a party's at most."""
SHOWN = 20
"""Documents that a mail lists."""
CLASSES = 4
_CAUSES = {
    Cause.FIRST: "", Cause.AGAIN: "【后续】", Cause.DOUBLED: "【翻倍】", Cause.GRAVER: "【更重】",
    Cause.ANSWERED: "【回应】",
}  # fmt: skip

Link = Callable[..., str]
"""The address of a page of the console by the parts of its path; ``""`` where nobody else reaches it."""


def no_link(*_path: object) -> str:
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
    plain: str = ""
    """Everything, for a file, a terminal and the plain half of a mail."""
    html: str = ""
    link: str = ""


@dataclass(frozen=True, slots=True)
class _Shown:
    """A document as messages list it; accounts of persons are not named."""

    at: str
    place: str
    heading: str
    url: str


def describe(
    rule: Rule,
    firing: Firing,
    window: Sequence[Match],
    store: Store,
    now: datetime,
    known: Known = nothing_known,
    link: Link = no_link,
    *,
    answered: bool = False,
    is_first: bool = False,
) -> Text:
    """The message of one alarm; its lines are Markdown.

    *window*: what the timeframe held, of an event all its charges, with what was told before; *answered*: a
    text in which the party answers is among its documents; *is_first*: nothing of it was told before.
    """
    new = set(firing.evidence)
    wanted = [*dict.fromkeys((*_gravest_first(window, new), *firing.evidence))][:SHOWN]
    found = {document.id: document for document in store.get(wanted)}
    documents = [found[id] for id in wanted if id in found]
    lead = documents[0] if documents else None
    event = known([lead.id]).get(lead.id) if lead and firing.gravity else None
    classes = Counter(code for match in window if match.id in new for code in match.classes)
    severity = Gravity(firing.gravity).severity if firing.gravity else rule.severity
    name, steps = names(rule, firing.key), _steps(event, now)
    said = _said(rule, firing, name, window, lead)
    critical = "【紧急】" if severity is Severity.CRITICAL else ""
    head = critical + ("" if is_first else _CAUSES[firing.cause])
    subject, said = _subject(head, name, window, lead, said)
    words: dict[str, Any] = {
        "subject": subject, "state": _state(firing, steps, answered=answered),
        "size": _size(rule, firing, window), "steps": steps, "classes": _mix(classes),
        "first": _shown(lead) if lead else None, "documents": [_shown(one) for one in documents],
        "rest": len({*new, *(match.id for match in window)}) - len(documents), "ends": _ends(rule, firing),
        "link": link("events", event.id) if event else "",
    }  # fmt: skip
    platforms = sorted({name for one in documents for name in one.judgement.platforms})
    facts = {
        "documents": list(firing.evidence), "window": [match.id for match in window],
        "passed": list(firing.passed), "before": firing.before, "need": firing.need, "usual": firing.usual,
        "hour": firing.hour_need and {"need": firing.hour_need}, "name": name, "gravity": firing.gravity,
        "lead": heading(lead) if lead else "", "said": said if firing.gravity else "",
        "event": event.id if event else "", "platforms": platforms,
        "classes": {code: [m.id for m in window if code in m.classes] for code in sorted(classes)},
        "publishers": distinct(window),
        "published_at": iso(lead.raw.published_at) if lead else None,
        "source": lead.raw.source if lead else "",
    }  # fmt: skip
    return Text(
        subject, tuple(filter(None, _template("chat.md").render(words).splitlines())), severity,
        labels_of(rule, firing.key, classes, platforms), facts,
        _template("whole.txt").render(words).strip(), _template("mail.html").render(words), words["link"],
    )  # fmt: skip


def _gravest_first(window: Sequence[Match], new: set[str]) -> list[str]:
    """Ids of the new documents of *window*, then the others: the gravest first, then the earliest."""
    return [one.id for one in sorted(window, key=lambda one: (one.id not in new, -one.gravity, one.at))]


def _said(rule: Rule, firing: Firing, name: str, window: Sequence[Match], lead: Document | None) -> str:
    """The charge as its first text has it, or what was counted."""
    if firing.gravity:
        title = heading(lead) if lead else ""
        return title.removeprefix(name).lstrip("：:，, ") or title
    return f"{span(rule.timeframe)}内{'负面信息' if rule.negative else '信息'}{len(window)}条"


def _subject(
    head: str, name: str, window: Sequence[Match], lead: Document | None, said: str
) -> tuple[str, str]:
    """The first line: party, charge, source and number of publishers; and the charge as it stands in it."""
    party, publishers = shortened(name, PARTY), distinct(window)
    several = f"等{publishers}家" if publishers > 1 else ""
    told = f"（{shortened(place(lead), SOURCE)}{several}）" if lead else ""
    charge = shortened(said, FIRST_LINE - len(head) - len(party) - len(told) - 1)
    return f"{head}{party}：{charge}{told}", charge


def _state(firing: Firing, steps: Sequence[str], *, answered: bool) -> str:
    """Whether an event was answered; nothing for a count."""
    if not firing.gravity:
        return ""
    said = "有回应，未复核" if answered else "未见回应"
    return f"{steps[-1]}；" if steps else f"{Status.UNPROVEN.value}，{said}；"


def _steps(event: Event | None, now: datetime) -> list[str]:
    """What became of an event until *now*, a step each."""
    steps = event.as_of(now).steps if event else ()
    return [
        f"{step.status.value}（{local(step.at):%m-%d %H:%M}）" if step.at else step.status.value
        for step in steps
        if step.status is not Status.UNPROVEN
    ]


def _size(rule: Rule, firing: Firing, window: Sequence[Match]) -> str:
    """The number of texts, once each, against what is usual."""
    count = rule.voices(window)
    if firing.usual is None:
        usual = "此前无历史可比，按绝对数判断" if firing.gravity else ""
    else:
        usual = f"平时每{span(rule.timeframe)}{firing.usual:g}条"
    before = f"，此前已报{firing.before}条" if firing.before else ""
    shown = f"共{count}条" if firing.gravity else f"新增{firing.count}条"
    return f"{shown}{before}{f'；{usual}' if usual else ''}"


def _ends(rule: Rule, firing: Firing) -> str:
    """The condition under which it is over."""
    back = f"{span(rule.timeframe)}内少于{low(rule, firing.need)}条"
    return f"{rule.back_in_words() if rule.every_tick else back}{holds(rule)}，即解除。"


def names(rule: Rule, key: str) -> str:
    """A key in words: a class by its name, an event by its party, all that a rule counts by the rule's."""
    if key == ALL and not rule.key_field:
        return rule.name
    name = IssueRules.load().names.get(key, "") if rule.is_of_classes else ""
    return f"{name}（{key}）" if name else party_of(key)


def low(rule: Rule, need: float) -> int:
    """Documents in a window under which an alarm recovers."""
    return max(1, ceil(need * rule.recover_ratio))


def holds(rule: Rule) -> str:
    """The time for which an affair must have been calm to be over."""
    lasting = timedelta(0) if isinstance(rule, Watch) else rule.recover_after * rule.timeframe
    return f"并持续{span(lasting)}" if lasting else ""


def _mix(classes: Counter[str]) -> str:
    known = IssueRules.load().names
    common = sorted(classes.items(), key=lambda item: (-item[1], item[0]))
    rest = f"、另有{len(common) - CLASSES}类" if len(common) > CLASSES else ""
    return "、".join(f"{code} {known.get(code, '')} {count}" for code, count in common[:CLASSES]) + rest


def _shown(document: Document) -> _Shown:
    raw = document.raw
    at = exactly(raw.published_at, raw.precision).partition("-")[2] if raw.published_at else ""
    return _Shown(at, place(document), heading(document), raw.url)


def place(document: Document) -> str:
    """The site or source of a document; accounts of persons are not named."""
    return document.raw.site or document.raw.source


def heading(document: Document) -> str:
    """A document's title, or the beginning of its text."""
    return shortened(document.raw.title or document.raw.text, HEADING)


def shortened(text: str, limit: int) -> str:
    """*text* on one line, cut with an ellipsis."""
    line = " ".join(text.split())
    return line if len(line) <= limit else line[: limit - 1] + "…"


@functools.cache
def _template(name: str) -> jinja2.Template:
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("fengping.alerts", "templates"),
        autoescape=name.endswith(".html"),
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=jinja2.StrictUndefined,
    )
    environment.filters["md"] = escape
    return environment.get_template(name)
