"""A user's own report in TOML: scope, days, chapters, cuts, order, title, issuer, recipients."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Annotated

from pydantic import Field, model_validator

from fengping.errors import ConfigError, UsageError, did_you_mean
from fengping.home import Home
from fengping.reports.building import read_background, read_official
from fengping.reports.chapters import topic_texts
from fengping.reports.chapters.chapter import outline
from fengping.reports.facts import cut_of
from fengping.reports.facts.fields import LIVE_FIELD
from fengping.reports.kinds import Days, Kind, find_kind, period_before
from fengping.reports.output import known_formats
from fengping.reports.windows import LONGEST
from fengping.toml import Strict, load_toml

PLAIN = "custom"
"""The kind that has no days and no comparison of its own."""
CUTS = "cuts"
"""The chapter of the cuts."""
FILES = ("background", "official", "reference_docx")
A_THURSDAY = date(2004, 1, 1)
"""A day on which no period begins but a month's, for kinds that take whole weeks or months alone."""


class Outline(Strict):
    """Keys of such a file; those left out are as in ``like``."""

    like: str = PLAIN
    """The kind whose days, comparisons and chapters are taken."""
    name: str = ""
    focus: str = ""
    """The host or the event that a report like ``host`` or ``event`` is about."""
    title: str = ""
    issuer: str = ""
    first: date | None = None
    last: date | None = None
    """First and last day, included."""
    days: Annotated[int, Field(ge=1, le=LONGEST)] | None = None
    """So many whole days up to yesterday, in place of ``first`` and ``last``."""
    query: str = ""
    """A query; ``query:名`` is a saved one."""
    sources: tuple[str, ...] = ()
    everything: bool = False
    """Also what is not judged to concern consumers."""
    chapters: tuple[str, ...] = ()
    cuts: tuple[str, ...] = ()
    """Fields to break the scope down by: ``platform``, or ``platform x issue``."""
    fields_first: tuple[str, ...] = ()
    """Codes of fields that come first (``live`` is livestream selling); the others by count."""
    min_publishers: Annotated[int, Field(ge=1)] = 3
    background: Path | None = None
    """Cited figures for the preface; this path and the next two are taken from the file."""
    official: Path | None = None
    """Figures of complaint desks."""
    reference_docx: Path | None = None
    """A DOCX whose styles the DOCX takes."""
    recipients: tuple[str, ...] = ()
    """Names of ``delivery.toml`` that an edition, or a report of the schedule, is sent to."""
    formats: tuple[str, ...] = ()

    @property
    def breakdowns(self) -> tuple[tuple[str, ...], ...]:
        """The fields of each cut; raises :class:`UsageError` with the nearest known."""
        return tuple(dict.fromkeys(map(cut_of, self.cuts)))

    @model_validator(mode="after")
    def _days_once(self) -> Outline:
        if (self.first is None) != (self.last is None):
            raise ValueError("first and last go together: write both")
        if self.first and self.last and self.first > self.last:
            raise ValueError(f"{self.first} to {self.last} are no days: put the earlier one first")
        if self.first and self.days:
            raise ValueError("days stands in place of first and last: write the one or the other")
        return self


def read_outline(path: Path, home: Home | None = None) -> tuple[Outline, Kind]:
    """The file and the kind that it makes; of a file in *home* the copy that is in force.

    Raises :class:`ConfigError` or :class:`UsageError` for what cannot be, also of the files that it names.
    """
    found = load_toml(Outline, home.in_hand(path) if home else path)
    kind = find_kind(found.like)
    found.breakdowns  # noqa: B018  a cut that cannot be is told before any work begins
    chapters = _with_cuts(found.chapters or kind.chapters, found)
    outline(chapters)
    if found.formats:
        known_formats(found.formats)
    fields = tuple(_field(code) for code in found.fields_first)
    files = {key: _beside(path, key, value) for key in FILES if (value := getattr(found, key))}
    _check_content(files)
    made = replace(_with_days(kind, found), name=found.name or path.stem, chapters=chapters)
    return found.model_copy(update=files | {"fields_first": fields}), made


def outline_of(home: Home, name: str) -> tuple[Outline, Kind]:
    """The outline of that path from *home*, as it is in force; raises as :func:`read_outline`."""
    path = home.root / name
    if not home.in_hand(path).is_file():
        raise ConfigError(
            f"There is no outline {name} in the home.", remedy="Put it there, or name it no longer."
        )
    return read_outline(path, home)


def _with_cuts(chapters: tuple[str, ...], found: Outline) -> tuple[str, ...]:
    """*chapters* with that of the cuts, where there are any: before the appendix unless it has a place."""
    if CUTS in chapters and not found.cuts:
        raise UsageError("The chapter cuts has no cuts.", remedy='Write for instance cuts = ["platform"].')
    if CUTS in chapters or not found.cuts:
        return chapters
    at = len(chapters) - (chapters[-1:] == ("appendix",))
    return (*chapters[:at], CUTS, *chapters[at:])


def _field(code: str) -> str:
    """The code of a field, also by its name; raises :class:`UsageError` with the nearest."""
    texts = topic_texts()
    known = {LIVE_FIELD: LIVE_FIELD} | {code: code for code in texts}
    known |= {text.name: code for code, text in texts.items()}
    if code not in known:
        raise UsageError(f"fields_first names no field {code!r}.", remedy=did_you_mean(code, known))
    return known[code]


def _beside(path: Path, key: str, value: Path) -> Path:
    """A file that the outline names, from its own folder."""
    found = path.parent / value
    if not found.is_file():
        raise ConfigError(
            f"{path}: {key} names {found}, which does not exist.", remedy=f"Put it there, or take {key} out."
        )
    return found


def _check_content(files: dict[str, Path]) -> None:
    if "background" in files:
        read_background(files["background"])
    if "official" in files:
        read_official(files["official"])


def _with_days(kind: Kind, found: Outline) -> Kind:
    """*kind* with the days of the file, where it gives any; one without a comparison gets the period before.

    Raises :class:`UsageError` for days that such a kind never has.
    """
    if found.first and found.last:
        own: Days = (found.first, found.last)
    elif found.days:
        own = _up_to(A_THURSDAY, found.days)
    else:
        return kind
    if objection := kind.check(own):
        raise UsageError(
            f"{objection}, not of the days of this file.", remedy=f'Take them out, or write like = "{PLAIN}".'
        )

    def default(today: date, year: int | None) -> Days:
        return _up_to(today, found.days) if found.days else own

    earlier = period_before if found.like == PLAIN else kind.earlier
    return replace(kind, default=default, earlier=earlier, yearly=False)


def _up_to(today: date, days: int) -> Days:
    """So many days that end with the one before *today*."""
    return today - timedelta(days=days), today - timedelta(days=1)
