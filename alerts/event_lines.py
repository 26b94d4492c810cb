"""Lines of an alarm on the events behind it: when first seen, how much told, what was answered, who joins."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from fengping.alerts.publishers import told
from fengping.clock import exactly, local
from fengping.delivery import escape
from fengping.events.answers.linking import ANSWER_DAYS
from fengping.events.answers.status import Step
from fengping.models import Document

TITLE = 40
ANSWER = 80
"""Characters of an answer's sentence."""


@dataclass(frozen=True, slots=True)
class Beyond:
    """Knowledge of the event a document tells of, beyond this alarm."""

    words: str = ""
    """Number of documents and publishers that told it, and its status."""
    answer: Step | None = None
    """The latest answer to its matter by the party of the alarm."""
    other: Document | None = None
    """The latest one of that party to anything, where none is to its matter."""
    unclaimed: Step | None = None
    """The latest answer within the event, where none is known to be the party's."""
    title: str = ""
    whole: tuple[tuple[str, ...], ...] = ()
    """Ids of all its documents, those of a publisher together."""
    unknown: tuple[str, ...] = ()
    """Ids of those of them whose publisher nobody knows."""
    first: Document | None = None
    """The one of these that was published first."""


Known = Callable[[Sequence[Document], str, datetime], Mapping[str, Beyond]]
"""Knowledge of the events of documents by their ids, for the party of an alarm (``""``: any) at a time."""


def nothing_known(_documents: Sequence[Document], _party: str, _now: datetime) -> Mapping[str, Beyond]:
    """Knowledge of no event at all."""
    return {}


def time_of(document: Document) -> tuple[datetime, str]:
    """The order of documents: by publication."""
    assert document.raw.published_at is not None
    return document.raw.published_at, document.id


def event_line(number: int, event: Sequence[Document], beyond: Beyond) -> str:
    """One event: its first document, its numbers, and what was answered."""
    first = event[0]
    count = f"{len(event)}条，{told(event)}"
    seen = f"首见于{_seen(first)}，{count}"
    began = beyond.first
    if began and began.raw.published_at and time_of(began) < time_of(first):
        seen = f"首见于{_seen(began)}；本次最早的见于{_seen(first)}，{count}"
    reply = _reply(beyond)
    whole = f"；{beyond.words}" if beyond.words else ""
    return f"{number}. {escape(heading(first))}（{seen}{whole}{reply}）"


def _reply(beyond: Beyond) -> str:
    """The answer to a matter: the party's own, else what else the event or the party has said."""
    if beyond.answer:
        return f"；回应：{_said(beyond.answer)}"
    reply = "；此事未见回应" if beyond.other else "；未见回应"
    if beyond.unclaimed:
        reply = f"；事件中有回应：{_said(beyond.unclaimed)}，未能认定为被指对象的回应"
    if beyond.other:
        # The store holds what this title did not lead to: that it is none is for a reader to say.
        said = f"{escape(heading(beyond.other))}（{_when(beyond.other)}）"
        reply += f"；该对象近{ANSWER_DAYS}天另有回应：{said}"
    return reply


def _said(step: Step) -> str:
    at = f"（{local(step.at):%m-%d %H:%M}）" if step.at else ""
    return f"{escape(shortened(step.sentence, ANSWER))}{at}"


def joining_line(documents: Sequence[Document]) -> str:
    """The documents by which an authority or central medium joins, the first by its title; empty for none."""
    if not documents:
        return ""
    names = dict.fromkeys(name for one in documents for name in one.judgement.regulators)
    whose = f"{escape('、'.join(names))}，" if names else ""
    first, rest = documents[0], len(documents) - 1
    return f"介入：{whose}{escape(heading(first))}（{_seen(first)}）{f'，另{rest}条' if rest else ''}"


def _seen(document: Document) -> str:
    return f"{escape(place(document))} {_when(document)}"


def _when(document: Document) -> str:
    """The time of a document without its year: of one dated by its day alone no hour is known."""
    return exactly(time_of(document)[0], document.raw.precision).partition("-")[2]


def place(document: Document) -> str:
    """The site or source of a document; accounts of persons are not named."""
    return document.raw.site or document.raw.source


def heading(document: Document) -> str:
    """A document's title, or the beginning of its text."""
    return shortened(document.raw.title or document.raw.text, TITLE)


def shortened(text: str, limit: int) -> str:
    """*text* on one line, cut with an ellipsis."""
    line = " ".join(text.split())
    return line if len(line) <= limit else line[: limit - 1] + "…"
