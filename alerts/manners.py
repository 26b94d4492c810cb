"""Wishes of a home about telling: storms, quiet hours, calm, addresses of pages."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, time, timedelta

from fengping.alerts.feedback import Verdict
from fengping.alerts.message import Link, no_link
from fengping.clock import local

ACTIONS = {Verdict.CLAIMED: "认领", Verdict.OTHER: "不是同一件事", Verdict.USELESS: "无用"}


@dataclass(frozen=True, slots=True)
class Manners:
    """Wishes of a home about telling."""

    storm: int = 5
    """Keys that alarm at one tick from which on they are told as one digest."""
    quiet_hours: str = ""
    """``23:00-07:00``: only critical alarms are told in these, Chinese time; the others in a digest after."""
    digest: str = "09:00"
    """The time of day at which single complaints are told together."""
    all_calm: str = ""
    """``18:00``: the time of day at which is told that all is calm."""
    link: Link = no_link
    """Addresses of the console's pages for those who read the messages."""
    claim: Callable[[int], str] = no_link
    """The address at which the alarm of a number is claimed without an account; empty for none."""
    lacking: tuple[str, ...] = ()
    """Sentences of what is missing for that: collecting that ran, an index that is up to date."""
    came: Callable[[datetime], int] | None = None
    """The number of documents that came in since a moment, for the message of a calm day."""

    def actions(self, number: int) -> dict[str, str]:
        """Addresses at which a reader claims the alarm of a number, or says what is wrong with it."""
        address = self.claim(number)
        return {name: f"{address}?as={value}" for value, name in ACTIONS.items()} if address else {}

    def is_quiet(self, now: datetime) -> bool:
        """True within the quiet hours."""
        return self.quiet_for(now) > timedelta(0)

    def quiet_for(self, now: datetime) -> timedelta:
        """Time until the quiet hours end; zero outside of them."""
        if not self.quiet_hours:
            return timedelta(0)
        begin, end = (time.fromisoformat(part) for part in self.quiet_hours.split("-"))
        moment = local(now)
        at = moment.time()
        if not (begin <= at < end if begin < end else at >= begin or at < end):
            return timedelta(0)
        over = datetime.combine(moment.date(), end, moment.tzinfo)
        return (over if over > moment else over + timedelta(days=1)) - moment
