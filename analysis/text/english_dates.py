"""Dates with English month names, as feeds, browsers, Java and Weibo's API write them; zones by name.

:data:`ENGLISH` are patterns for a date within a text, :func:`english_parts` reads a text that is nothing but
a date. Both give the same groups: ``name`` (of the month), ``day``, ``year``, and as far as given ``hour``,
``minute``, ``second``, ``after`` (AM or PM) and ``zone``, which :func:`zone_of` reads.
"""

from __future__ import annotations

import re
from datetime import UTC, timedelta, timezone, tzinfo

MONTHS = {
    name: number
    for number, name in enumerate(
        ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"), start=1
    )
}

_HOURS = {
    "Z": 0, "UT": 0, "UTC": 0, "GMT": 0, "CST": 8, "HKT": 8, "JST": 9, "KST": 9,
    "EST": -5, "EDT": -4, "CDT": -5, "MST": -7, "MDT": -6, "PST": -8, "PDT": -7,
}  # fmt: skip
"""Hours before UTC of the zones that are known by name. CST is China's here, as Java and ``date`` print it on
machines in China; RFC 2822 knows the one of Chicago alone, which is 14 hours off."""

_NAMED = rf"(?:{'|'.join(_HOURS)})\b"
ZONE_NAME = rf"(?<![A-Za-z]){_NAMED}"
"""A zone by name anywhere in a text."""
ZONE = (
    r"(?:\s?(?P<zone>[+-](?:1[0-4]|0\d):?[0-5]\d(?!\d)"
    # GMT+8: one digit is a shift only after the name.
    r"|(?:UTC|GMT)[+-](?:1[0-4]|0?\d)(?::?[0-5]\d)?(?![\d:])"
    # +00 of PostgreSQL, which always has seconds before it; without, 12:00-13 is a span of hours.
    r"|(?(second)[+-](?:1[0-4]|0\d)(?![\d:])|(?!))"
    rf"|{_NAMED}))?"
)
"""A zone after a clock, whose pattern has a group ``second``; for patterns that ignore the case."""

_MONTH = r"(?P<name>Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]{0,6}\.?"
_DAY = r"(?P<day>3[01]|[12]\d|0?[1-9])"
_YEAR = r"(?P<year>(?:19|20)\d\d)\b"
_CLOCK = r"(?P<hour>2[0-3]|[01]?\d):(?P<minute>[0-5]\d)(?::(?P<second>[0-5]\d))?(?:\s?(?P<after>AM|PM))?"
_FORMS = (
    # Wed Nov 11 20:00:00 +0800 2020: the date of Weibo's API, and with CST that of Java
    rf"\b{_MONTH}\s+{_DAY}\s+{_CLOCK}{ZONE}\s+{_YEAR}",
    # Wed, 11 Nov 2020 20:00:00 +0800: RFC 2822, the date of RSS
    rf"\b{_DAY}(?:\s+|-){_MONTH}(?:,?\s+|-){_YEAR}(?:,?\s+{_CLOCK}{ZONE})?",
    # November 11, 2020 8:00 PM; and Wed Nov 11 2020 20:00:00 GMT+0800, the date of browsers
    rf"\b{_MONTH}\s+{_DAY},?\s+{_YEAR}(?:,?\s+(?:at\s+)?{_CLOCK}{ZONE})?",
)
ENGLISH = tuple(re.compile(form, re.IGNORECASE) for form in _FORMS)
"""The three orders of day, month, year and clock."""

_WEEKDAY = r"(?:(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)[a-z]{0,6}\.?(?:,\s*|\s+))?"
# In brackets stands the name of a zone that was given before; alone it would be one that nobody reads.
_COMMENT = r"(?(zone)(?:\s*\([^()]*\))?)"
_WHOLE = tuple(re.compile(_WEEKDAY + form + _COMMENT, re.IGNORECASE) for form in _FORMS)


def english_parts(text: str) -> dict[str, str | None] | None:
    """The parts of a date that fills *text*, and ``month`` as digits; ``None`` if anything is left unread."""
    for pattern in _WHOLE:
        if found := pattern.fullmatch(text):
            return {**found.groupdict(), "month": str(MONTHS[found["name"].lower()])}
    return None


_SHIFT = re.compile(r"([+-])(\d\d?)(?::?(\d\d))?$")


def zone_of(text: str) -> tzinfo:
    """The zone that ``+0800``, ``GMT+8``, ``+00`` or one of the known names stands for.

    ``-0000`` is UTC, as RFC 2822 has it. Raises ``ValueError`` for what is no zone.
    """
    if found := _SHIFT.search(text):
        shift = timedelta(hours=int(found[2]), minutes=int(found[3] or 0))
        return timezone(-shift if found[1] == "-" else shift)
    try:
        hours = _HOURS[text.upper()]
    except KeyError:
        raise ValueError(f"{text!r} is no zone") from None
    return timezone(timedelta(hours=hours)) if hours else UTC
