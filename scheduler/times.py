"""Times at which jobs are due, on Chinese clocks: every so many minutes, or by the clock and the week."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property
from typing import Protocol

from apscheduler.triggers.cron import CronTrigger

from fengping.clock import SHANGHAI, day_of, day_start
from fengping.errors import ConfigError

_ANCHOR = datetime(2020, 1, 1, tzinfo=SHANGHAI)
_DAY = timedelta(days=1)
_REMEDY = 'Write "mon 08:00", "08:00" or the five fields of cron with days by name ("0 8 * * mon").'


class Times(Protocol):
    """The moments of a job, given by the configuration alone: no process need have run before."""

    def after(self, moment: datetime) -> datetime:
        """The first moment later than *moment*."""
        ...


@dataclass(frozen=True)
class Every:
    """Rounds in even steps, counted from midnight or from the opening of *hours*."""

    minutes: int
    hours: str = ""

    def after(self, moment: datetime) -> datetime:
        step = timedelta(minutes=self.minutes)
        if not self.hours:
            return (_ANCHOR + ((moment - _ANCHOR) // step + 1) * step).astimezone(UTC)
        begin, end = (timedelta(hours=int(t[:2]), minutes=int(t[3:])) for t in self.hours.split("-"))
        length = end - begin if end > begin else end - begin + _DAY
        opening = day_start(day_of(moment)) + begin - _DAY
        while True:
            count = max((moment - opening) // step + 1, 0)
            if count * step < length:
                return opening + count * step
            opening += _DAY

    def __str__(self) -> str:
        return f"every {self.minutes} min" + (f", {self.hours}" if self.hours else "")


@dataclass(frozen=True)
class Clock:
    """Times of the day or week, or a line of cron."""

    text: str
    key: str
    """The key of the configuration, for the sentence about a bad one."""

    def after(self, moment: datetime) -> datetime:
        found = self._cron.get_next_fire_time(None, moment + timedelta(seconds=1))
        if found is None:
            raise ConfigError(f"{self.key}: {self.text!r} never comes.", remedy=_REMEDY)
        return found.replace(microsecond=0).astimezone(UTC)  # type: ignore[no-any-return]

    def check(self) -> Clock:
        """The same; raises :class:`ConfigError` for a text that is no time."""
        self.after(_ANCHOR)
        return self

    @cached_property
    def _cron(self) -> CronTrigger:
        fields = self.text.split()
        try:
            if len(fields) == 5:
                minute, hour, day, month, weekday = fields
                # APScheduler counts days of the week from Monday, cron from Sunday.
                if any(c.isdigit() for c in weekday):
                    raise ValueError(weekday)
                return CronTrigger(
                    minute=minute, hour=hour, day=day, month=month, day_of_week=weekday, timezone=SHANGHAI
                )
            weekday, time = fields if len(fields) == 2 else ("*", self.text.strip())
            hour, _, minute = time.partition(":")
            return CronTrigger(day_of_week=weekday, hour=int(hour), minute=int(minute), timezone=SHANGHAI)
        except ValueError:
            raise ConfigError(f"{self.key}: {self.text!r} is not a time.", remedy=_REMEDY) from None

    def __str__(self) -> str:
        return self.text
