"""Steps of an event, and its status: what became of the charge, with the evidence for it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from fengping.clock import iso, parse_moment
from fengping.errors import UsageError


class Status(StrEnum):
    """Status of a charge; the words are printed as they stand."""

    UNPROVEN = "未证实"
    ANSWERED = "已回应"
    DENIED = "已否认"
    ADMITTED = "已承认"
    APOLOGISED = "已道歉"
    PAID = "已赔付"
    JUDGED = "已判决"
    """By a court, against the accused; whether it may be appealed is not asked."""
    PENALISED = "已处罚"
    RETRACTED = "已撤回"
    """By the source."""
    CLEARED = "已澄清"
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


ANSWERED = frozenset({Status.ANSWERED, Status.DENIED, Status.ADMITTED, Status.APOLOGISED, Status.PAID})
"""Statuses that an answer of the accused gives; others are given by others."""
_RANK = {status: rank for rank, status in enumerate(Status)}
_EITHER_WAY = {Status.DENIED, Status.ADMITTED}
"""Of these the later one holds: who denied may admit, and take it back."""


@dataclass(frozen=True, slots=True)
class Step:
    """An answer, an official act or a retraction: the status that it gives, and the clause that tells it."""

    status: Status
    at: datetime | None
    document: str
    sentence: str
    party: str = ""
    """The accused who answers, or upon whom an authority acts; empty where the text names none."""
    authority: str = ""
    publisher: str = ""
    """The site; accounts of persons are not named."""
    probability: float = 1.0
    confirmed: bool = False
    """A person gave it."""

    def record(self) -> dict[str, Any]:
        """The flat JSON form; ``at`` as ISO 8601 with ``+08:00``."""
        return {
            "status": self.status.value, "at": iso(self.at), "document": self.document,
            "sentence": self.sentence, "party": self.party, "authority": self.authority,
            "publisher": self.publisher, "probability": self.probability, "confirmed": self.confirmed,
        }  # fmt: skip

    @classmethod
    def from_record(cls, record: Mapping[str, Any]) -> Step:
        """The inverse of :meth:`record`; fields that an older version lacks take their defaults."""
        at = parse_moment(record["at"]) if record["at"] else None
        return cls(**{**record, "status": Status(record["status"]), "at": at})


def joined(steps: Iterable[Step]) -> tuple[Step, ...]:
    """The history that *steps* make, in time: those that change the status, and of each party the first of
    each kind."""
    kept: list[Step] = []
    now, told = Status.UNPROVEN, set[tuple[Status, str]]()
    for step in sorted(steps, key=_in_time):
        changes = _changes(now, step.status)
        if changes or (step.status, step.party) not in told:
            kept.append(step)
        now = step.status if changes else now
        told.add((step.status, step.party))
    return tuple(kept)


def standing(steps: Iterable[Step]) -> Status:
    """The status that *steps*, in time, leave; none means 未证实.

    A weaker act after a stronger one changes nothing: who answers a fine was fined all the same. A retraction
    or a clearing ends a charge, except one that a court has judged or an authority punished.
    """
    now = Status.UNPROVEN
    for step in steps:
        now = step.status if _changes(now, step.status) else now
    return now


def of_parties(steps: Iterable[Step], names: Collection[str]) -> tuple[Step, ...]:
    """Those of *steps* that are of a party called by one of *names*, or of nobody in particular."""
    return tuple(step for step in steps if not step.party or step.party in names)


def _in_time(step: Step) -> tuple[bool, float, str]:
    """The order of steps: those without a time come last."""
    return step.at is None, step.at.timestamp() if step.at else 0.0, step.document


def _changes(now: Status, then: Status) -> bool:
    if {now, then} == _EITHER_WAY:
        return True
    if then in (Status.RETRACTED, Status.CLEARED) and now in (Status.JUDGED, Status.PENALISED):
        return False
    return _RANK[then] > _RANK[now]
