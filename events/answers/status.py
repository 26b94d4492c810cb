"""The status of an event: what became of the charge, with the evidence for it and its history."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from fengping.clock import iso, parse_moment
from fengping.errors import UsageError
from fengping.events.answers.said import Act, Said


class Status(StrEnum):
    """Status of a charge; the words are printed as they stand."""

    UNPROVEN = "未证实"
    ANSWERED = "已回应"
    DENIED = "已否认"
    ADMITTED = "已承认"
    AMENDED = "已道歉赔付"
    JUDGED = "已判决"
    """By a court, for who sued; whether it may be appealed is not asked."""
    PENALISED = "已处罚"
    RETRACTED = "已撤回"
    REFUTED = "已辟谣"
    """By an authority; who denies a charge alone has denied it."""


def status_of(text: str) -> Status | None:
    """The status of that name; ``None`` for no name. Raises :class:`UsageError` for another one."""
    if not text:
        return None
    try:
        return Status(text)
    except ValueError:
        known = "、".join(status.value for status in Status)
        raise UsageError(f"There is no status {text!r}.", remedy=f"There are {known}.") from None


OF_ACT = {
    Act.ANSWER: Status.ANSWERED,
    Act.DENIAL: Status.DENIED,
    Act.ADMISSION: Status.ADMITTED,
    Act.AMENDS: Status.AMENDED,
    Act.JUDGMENT: Status.JUDGED,
    Act.PENALTY: Status.PENALISED,
    Act.RETRACTION: Status.RETRACTED,
    Act.REFUTATION: Status.REFUTED,
}
ANSWERS = frozenset({Act.ANSWER, Act.DENIAL, Act.ADMISSION, Act.AMENDS})
"""Acts of the accused; a judgment, a penalty, a retraction and a refutation are others'."""
ANSWERED = frozenset(OF_ACT[act] for act in ANSWERS)
"""Statuses that an answer of the accused gives."""
_RANK = {status: rank for rank, status in enumerate(Status)}
_EITHER_WAY = {Status.DENIED, Status.ADMITTED}
"""Of these the later one holds: who denied may admit, and take it back."""


@dataclass(frozen=True, slots=True)
class Step:
    """A change of status: since when, by which document and sentence."""

    status: Status
    at: datetime | None
    document: str
    sentence: str
    authority: str = ""
    confirmed: bool = False
    """A person gave it."""

    def record(self) -> dict[str, Any]:
        """The flat JSON form; ``at`` as ISO 8601 with ``+08:00``."""
        return {
            "status": self.status.value, "at": iso(self.at), "document": self.document,
            "sentence": self.sentence, "authority": self.authority, "confirmed": self.confirmed,
        }  # fmt: skip

    @classmethod
    def from_record(cls, record: Mapping[str, Any]) -> Step:
        """The inverse of :meth:`record`."""
        at = parse_moment(record["at"]) if record["at"] else None
        told = record["document"], record["sentence"], record["authority"], record.get("confirmed", False)
        return cls(Status(record["status"]), at, *told)


@dataclass(frozen=True, slots=True)
class Read:
    """A document of an event with what it says."""

    id: str
    at: datetime | None
    said: tuple[Said, ...]


def history(documents: Sequence[Read]) -> tuple[Step, ...]:
    """The steps an event's status took, in time; the last one holds, and none means 未证实.

    A weaker act after a stronger one changes nothing: who answers a fine was fined all the same. A retraction
    or a refutation ends a charge, except one that a court has judged or an authority punished.
    """
    return joined(
        Step(OF_ACT[said.act], document.at, document.id, said.sentence, said.authority)
        for document in documents
        for said in document.said
    )


def joined(steps: Iterable[Step]) -> tuple[Step, ...]:
    """The history that steps of several events make together, as if they were of one."""
    kept: list[Step] = []
    for step in sorted(steps, key=in_time):
        if _moves(kept[-1].status if kept else Status.UNPROVEN, step.status):
            kept.append(step)
    return tuple(kept)


def in_time(step: Step) -> tuple[bool, float, str]:
    """The order of steps: those without a time come last."""
    return step.at is None, step.at.timestamp() if step.at else 0.0, step.document


def _moves(now: Status, then: Status) -> bool:
    if {now, then} == _EITHER_WAY:
        return True
    if then in (Status.RETRACTED, Status.REFUTED) and now in (Status.JUDGED, Status.PENALISED):
        return False
    return _RANK[then] > _RANK[now]
