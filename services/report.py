"""A home's reports: what goes into one, made and written."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from fengping.clock import parse_moment
from fengping.home import Home
from fengping.indexer import Store
from fengping.reports import Coverage, Report, SourceState, Written, known_formats, window_of, write
from fengping.reports import build as build_report
from fengping.reports import find_kind as kind_named
from fengping.reports.build import read_background
from fengping.reports.render.json import read_previous
from fengping.services.correct import corrected_ids
from fengping.services.stores import the_store
from fengping.spiders.health import coverage as covered_by


@dataclass(frozen=True)
class Wanted:
    """A report as it is asked for; what is left out follows the kind and the configuration."""

    kind: str
    first: str | None = None
    """First day."""
    last: str | None = None
    """Last day, included."""
    title: str | None = None
    generated_at: str | None = None
    """Time printed under the title; none by default, so that equal data give equal bytes."""
    min_publishers: int = 2
    """Independent publishers that make a case."""
    background: Path | None = None
    previous: Path | None = None


def coverage(home: Home, since: datetime, until: datetime, now: datetime) -> Coverage | None:
    """Coverage of the collection in ``[since, until)``; ``None`` (本期未统计) where no source ran in it."""
    covered = covered_by(home, since, until, now)
    if covered is None:
        return None
    states = (SourceState(s.title, s.state, s.runs, s.documents, s.note) for s in covered.sources)
    return Coverage(tuple(states), covered.missing_days)


def build(home: Home, wanted: Wanted, now: datetime, *, store: Store | None = None) -> Report:
    """The report as values, for a page or for :func:`write`."""
    kind = kind_named(wanted.kind)
    window = window_of(kind, wanted.first, wanted.last, now)
    with the_store(home, store) as opened:
        return build_report(
            opened,
            kind,
            window,
            subject=home.config.report.subject,
            title=wanted.title or home.config.report.title,
            generated_at=parse_moment(wanted.generated_at) if wanted.generated_at else None,
            min_publishers=wanted.min_publishers,
            coverage=coverage(home, window.since, window.until, now),
            corrected=corrected_ids(home),
            background=read_background(wanted.background) if wanted.background else (),
            previous=read_previous(wanted.previous) if wanted.previous else None,
        )


def formats_of(home: Home, names: str | None) -> tuple[str, ...]:
    """The formats *names* lists with commas, or those of the configuration; raises :class:`UsageError`."""
    return known_formats(names.split(",") if names else home.config.report.formats)


def make(
    home: Home, wanted: Wanted, formats: Sequence[str], now: datetime, *, out: Path | None = None
) -> tuple[Report, Written]:
    """Builds a report and writes it to *out*, or to the home's reports, a file a format."""
    made = build(home, wanted, now)
    return made, write(made, formats, out or home.reports)
