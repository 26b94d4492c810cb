"""Windows of reports: the days that a kind, a week, a year or two dates give."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date, datetime, timedelta

from fengping.clock import day_of, day_start, parse_moment
from fengping.errors import UsageError
from fengping.reports.facts.model import Window
from fengping.reports.kinds import Days, Kind, last_week

LONGEST = 400
"""Days a window may span; longer ones have more days than a curve can show."""


def window_of(
    kind: Kind,
    first: str | None,
    last: str | None,
    now: datetime,
    *,
    year: int | None = None,
    week: str | None = None,
) -> Window:
    """The days to report on: Chinese days, never beyond today, which is cut at *now*. A week or a month that
    runs ends yesterday: it is compared with the same days of others, which are whole.

    *week* is ``last-week``, ``45`` (of *year* or this one) or ``2024-W45``. Raises :class:`UsageError` for a
    missing, reversed, future or overlong window, for days that are not of the kind, for a week or month of
    which no day is over, and for a year that would decide nothing.
    """
    today = day_of(now)
    if year and not (week and week.isdigit() if week else kind.yearly and not (first and last)):
        raise UsageError(
            "--year goes with a season's report or with the number of a week.",
            remedy="Give --from and --to, or --week 2024-W45.",
        )
    if week:
        if not kind.by_week or first or last:
            raise UsageError("--week gives the days of a weekly report alone.")
        default: Days | None = _week(week, year, today)
    else:
        default = kind.default(today, year) if kind.default else None
    if default is None and not (first and last):
        raise UsageError(f"The report {kind.name} needs its days.", remedy="Give --from and --to.")
    begin = _day(first) if first else default[0] if default else today
    end = _day(last) if last else default[1] if default else today
    _check(begin, end, today)
    if objection := kind.check((begin, end)):
        raise UsageError(
            f"{objection}, not of {begin} to {end}.", remedy="Ask for a custom report of these days."
        )
    end = min(end, today)
    if end == today and kind.running((begin, begin)):
        end -= timedelta(days=1)
        if end < begin:
            raise UsageError(
                f"No day of the period from {begin} on is over yet.", remedy="Ask for the one before."
            )
    return as_of(Window(day_start(begin), day_start(end + timedelta(days=1))), now)


def as_of(window: Window, now: datetime) -> Window:
    """The days of *window* as they stand *now*: cut where the last one is not over."""
    return replace(window, cut=now if window.since <= now < window.until else None)


def _check(begin: date, end: date, today: date) -> None:
    if begin > end:
        raise UsageError(f"The window {begin} … {end} is empty.", remedy="Put the earlier day first.")
    if begin > today:
        raise UsageError(
            f"The window begins on {begin}, which is in the future.", remedy=f"Today is {today}."
        )
    if (end - begin).days >= LONGEST:
        raise UsageError(f"The window {begin} … {end} is too long.", remedy=f"Give {LONGEST} days at most.")


def _week(text: str, year: int | None, today: date) -> Days:
    if text == "last-week":
        return last_week(today, None)
    found = re.fullmatch(r"(?:(\d{4})-?[Ww])?(\d{1,2})", text)
    try:
        if not found:
            raise ValueError
        monday = date.fromisocalendar(int(found[1] or year or today.isocalendar().year), int(found[2]), 1)
    except ValueError:
        raise UsageError(f"{text!r} is no week.", remedy="Write last-week, 45 or 2024-W45.") from None
    return monday, monday + timedelta(days=6)


def _day(text: str) -> date:
    day = day_of(parse_moment(text))
    if not 1990 <= day.year < 9999:
        raise UsageError(f"The day {text} is out of range.", remedy="Write a day such as 2020-11-11.")
    return day
