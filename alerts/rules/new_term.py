"""``new_term``: a key of which the time before knew nothing."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar

from fengping.alerts.baseline import Counts, Ints, Need, Reference
from fengping.alerts.rules.counting import Counting
from fengping.alerts.rules.rule import Enough, span

_NEVER = 2**40


class NewTerm(Counting):
    """A host, brand or any other value that was not there in ``reference`` before."""

    registered_as: ClassVar[tuple[str, ...]] = ("new_term",)
    needs_history: ClassVar[bool] = True
    tells_the_new: ClassVar[bool] = True

    num_events: Enough = 1

    @property
    def least(self) -> int:
        return self.num_events

    def in_words(self) -> str:
        return f"此前{span(self.reference)}未出现过的对象有{self.num_events}条即预警"

    def need(self, key: str, reference: Reference, at: datetime) -> Need:
        known = reference.is_known(key, at)
        return Need(_NEVER, _NEVER) if known else Need(self.num_events, self.num_events)

    def usual_by_now(self, key: str, reference: Reference, now: datetime) -> float:
        return self.num_events  # what is new no longer goes on all the same

    def prepare(self, key: str, reference: Reference, hours: Ints) -> None:
        reference.look_back(key, hours)

    def rising(self, key: str, reference: Reference, hours: Ints, counts: Counts) -> Ints:
        unknown: Ints = hours[reference.before(key, hours) == 0]
        return unknown
