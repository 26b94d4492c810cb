"""A home's reports: what goes into one, made and written."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any

import orjson

from fengping.chromium import has_chromium
from fengping.clock import day_of, parse_moment
from fengping.errors import UsageError
from fengping.events import asking
from fengping.home import Home
from fengping.indexer import Store
from fengping.indexer.search import parse
from fengping.reports import (
    Coverage,
    Kind,
    Report,
    Scope,
    SourceState,
    Window,
    Written,
    known_formats,
    window_of,
    write,
)
from fengping.reports import build as build_report
from fengping.reports import find_kind as kind_named
from fengping.reports.archive import Editions, EditionState, series_of
from fengping.reports.building import read_background, read_official
from fengping.reports.document import marked
from fengping.reports.facts import Agreement, Previous
from fengping.reports.facts.cases import values_of
from fengping.reports.facts.counter import Counter
from fengping.reports.kinds import KINDS
from fengping.reports.outlines import Outline, read_outline
from fengping.reports.render import read_previous
from fengping.reports.render.json import Like, Untold
from fengping.reports.scope import ALL
from fengping.services import evidence, label_sample
from fengping.services.correct import all_in_force
from fengping.services.counting import Negatives, count_negatives, has_labels
from fengping.services.lookup import lookup
from fengping.services.sending import TYPES
from fengping.services.source import check_names
from fengping.services.stores import the_store
from fengping.spiders.health import coverage as covered_by
from fengping.spiders.health import run_days
from fengping.state import State


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
    min_publishers: int | None = None
    """Publishers that make a case."""
    background: Path | None = None
    previous: Path | None = None
    focus: str = ""
    """The host, or the id of the event, that such a report is about."""
    year: int | None = None
    week: str | None = None
    query: str = ""
    sources: tuple[str, ...] = ()
    official: Path | None = None
    outline: Path | None = None
    """A user's own report in TOML, in place of the kind."""
    reference_docx: Path | None = None
    """A DOCX whose styles the DOCX takes."""


def coverage(
    home: Home, since: datetime, until: datetime, now: datetime, *, sources: Sequence[str] = ()
) -> Coverage | None:
    """Coverage of the collection in ``[since, until)``, of *sources* only where any are given.

    ``None`` (本期未统计) where none of them ran in it.
    """
    covered = covered_by(home, since, until, now, sources=sources)
    if covered is None:
        return None
    states = (SourceState(s.title, s.state, s.runs, s.documents, s.note) for s in covered.sources)
    return Coverage(tuple(states), covered.missing_days, covered.failed_days)


def kind_of(home: Home, wanted: Wanted) -> tuple[Outline, Kind]:
    """The kind, and the outline that a TOML file gives beside it."""
    if wanted.outline:
        return read_outline(wanted.outline, home)
    return Outline(), kind_named(wanted.kind)


def build(
    home: Home,
    wanted: Wanted,
    now: datetime,
    *,
    store: Store | None = None,
    window: Window | None = None,
    offered: Sequence[str] = (),
) -> Report:
    """The report as values, for a page or for :func:`write`; *window* in place of the days of *wanted*.

    *offered* are ids of events that a reviewer may add as cases; one that is unknown by now is left out.
    """
    given, kind = kind_of(home, wanted)
    sources, background = wanted.sources or given.sources, wanted.background or given.background
    official = wanted.official or given.official
    with the_store(home, store) as opened:
        focus = _focus(home, opened, kind, wanted, given)
        check_names(home, opened, sources)
        window = window or _window(home, kind, wanted, focus, now)
        query = " ".join(f"({text})" for text in (given.query, wanted.query) if text)
        where = {"source": sources} if sources else {}
        if kind.about:
            where |= {"hosts": (focus,)} if kind.about == "host" else values_of(home, opened, focus)
        scope = Scope(
            text=parse(query, lookup(home, now, opened)) if query else None,
            words=" ".join(text for text in (given.query, wanted.query) if text),
            where=where,
            consumer=not given.everything and kind.about != "event",
        )
        mark = _mark(given, kind, wanted, scope)
        like = Like(_called(kind, focus), Counter(opened, window, scope).within(ALL))
        made = build_report(
            opened,
            kind,
            window,
            home=home,
            scope=scope,
            subject=home.config.report.subject,
            focus=focus,
            title=wanted.title or given.title or home.config.report.title,
            generated_at=parse_moment(wanted.generated_at) if wanted.generated_at else None,
            min_publishers=wanted.min_publishers or given.min_publishers,
            coverage=coverage(home, window.since, window.until, now, sources=sources),
            corrected=all_in_force(home),
            background=read_background(background) if background else (),
            official_counts=read_official(official) if official else (),
            previous=read_previous(wanted.previous, like=like) if wanted.previous else None,
            fields_first=given.fields_first,
            breakdowns=given.breakdowns,
            archived=partial(_archived, home, wanted, like.kind, mark),
            estimate=lambda where: _bounds(count_negatives(home, where, store=opened)),
            labelled=has_labels(home),
            accuracy=_accuracy(home, opened),
            offered=[id for id in offered if _is_known(home, id)],
            ran=partial(_has_run, home, sources),
        )
        return replace(made, kind=like.kind, mark=mark)


def check(home: Home, wanted: Wanted, now: datetime, *, store: Store | None = None) -> None:
    """Raises as :func:`build` for a day, a host, an event, a source or a query that cannot be: before it."""
    given, kind = kind_of(home, wanted)
    with the_store(home, store) as opened:
        focus = _focus(home, opened, kind, wanted, given)
        check_names(home, opened, wanted.sources or given.sources)
        _window(home, kind, wanted, focus, now)
        if wanted.query:
            parse(wanted.query, lookup(home, now, opened))


def _is_known(home: Home, event: str) -> bool:
    with suppress(UsageError):
        return bool(asking.find(home, event))
    return False


def _called(kind: Kind, focus: str) -> str:
    """The kind, with the host or event that the report is about."""
    return f"{kind.name}-{focus}" if focus else kind.name


def _mark(given: Outline, kind: Kind, wanted: Wanted, scope: Scope) -> str:
    """Six digits of what narrows or widens *scope*, or of an outline named as a kind; empty for neither."""
    own = wanted.outline is not None and kind.name in KINDS
    asked = [" ".join(scope.words.split()), sorted(scope.where.get("source", ())), given.everything, own]
    return hashlib.sha256(orjson.dumps(asked)).hexdigest()[:6] if any(asked) else ""


def series_for(archive: Editions, made: Report, wanted: Wanted) -> str:
    """The series that an edition of *made* belongs to.

    One begun before scopes were marked goes on, where it holds no other scope's.
    """
    plain = series_of(made.kind, made.window)
    begun = [edition for edition in archive.all() if edition.series == plain]
    if begun and all(_alike(edition.wanted, wanted) for edition in begun):
        return plain
    return series_of(made.name, made.window)


COMPARABLE = ("focus", "query", "sources", "outline")
"""Wishes in which two editions must agree to be compared."""


def _has_run(home: Home, sources: Sequence[str], window: Window) -> bool:
    """True if a run of *sources* (of any, where none are given) finished in *window*."""
    with State.open(home).begin() as connection:
        runs = run_days(connection, window.last, sources)
    return any(runs.get(day) for day in window.days)


def _archived(home: Home, wanted: Wanted, kind: str, mark: str, name: str, window: Window) -> Previous | None:
    """The edition of *window* in the archive that is of the same kind and scope: signed before drafts, the
    latest first."""
    archive = Editions(home)
    series = {series_of(part, window) for part in (kind, marked(kind, mark))}  # scopes were not always marked
    alike = [
        edition
        for edition in archive.all()
        if edition.series in series and not edition.sealed and _alike(edition.wanted, wanted)
    ]
    done = (EditionState.SIGNED, EditionState.SENT)
    alike.sort(key=lambda edition: (edition.state not in done, -edition.revision))
    for edition in alike:
        path = Path(archive.folder(edition.number)) / f"{edition.number}.json"
        if path.exists():
            with suppress(Untold):
                return read_previous(path, f"{name}（{edition.number}）")
    return None


def _alike(record: Mapping[str, Any], wanted: Wanted) -> bool:
    return all(_plain(record.get(name)) == _plain(getattr(wanted, name)) for name in COMPARABLE)


def _plain(value: Any) -> str | list[str]:
    """A wish as it is compared: an edition keeps sources as a list, and paths whole."""
    if isinstance(value, tuple | list) and value:
        return list(value)
    return str(value.resolve()) if isinstance(value, Path) else str(value or "")


def _accuracy(home: Home, store: Store) -> dict[str, Agreement]:
    """Agreement of the judge with what analysts said of documents drawn at random."""
    drawn = label_sample.sample(home, store)
    return {
        key: Agreement(round(one.share * one.n), one.n, one.low, one.high, drawn.skipped)
        for key, one in drawn.figures.items()
    }


def _bounds(found: Negatives) -> tuple[float, float] | None:
    return (found.estimated.low, found.estimated.high) if found.estimated else None


def _focus(home: Home, store: Store, kind: Kind, wanted: Wanted, given: Outline) -> str:
    """The host's canonical name or the event's whole id; raises :class:`UsageError` for neither."""
    asked = wanted.focus or given.focus
    if not kind.about:
        if asked:
            raise UsageError(f"The report {kind.name} is about no {asked!r}.", remedy="Use --query.")
        return ""
    if not asked:
        raise UsageError(f"Whose {kind.name} report?", remedy=f"Write: fengping report {wanted.kind} NAME")
    if kind.about == "event":
        return asking.find(home, asked).id
    return lookup(home, None, store).value("hosts", asked)


def _window(home: Home, kind: Kind, wanted: Wanted, focus: str, now: datetime) -> Window:
    """The days asked for; an event's are its own where none are."""
    if kind.about == "event" and not (kind.default or wanted.first or wanted.last):
        event = asking.find(home, focus)
        if event.first_at and event.last_at:
            first, last = day_of(event.first_at), day_of(event.last_at)
            days = first.isoformat(), last.isoformat()
            return window_of(kind, *days, now, year=wanted.year, week=wanted.week)
    return window_of(kind, wanted.first, wanted.last, now, year=wanted.year, week=wanted.week)


def formats_of(home: Home, wanted: Wanted, names: str | None, *, sent: bool = False) -> tuple[str, ...]:
    """The formats *names* lists with commas, or those of the outline, or of the configuration.

    Of the last a report that is *sent* has a PDF and a DOCX beside them, where none of them could be
    attached; a machine without Chromium makes the DOCX alone. Raises :class:`UsageError` for an unknown one.
    """
    own = kind_of(home, wanted)[0].formats
    if not names and not own and sent and not TYPES.keys() & set(home.config.report.formats):
        own = (*home.config.report.formats, *(("pdf",) if has_chromium() else ()), "docx")
    return known_formats(names.split(",") if names else own or home.config.report.formats)


def make(
    home: Home, wanted: Wanted, formats: Sequence[str], now: datetime, *, out: Path | None = None
) -> tuple[Report, Written]:
    """Builds a report and writes it to *out*, or to the home's reports, a file a format."""
    made = build(home, wanted, now)
    evidence.want_cases(home, made, now)
    return made, write(made, formats, out or home.reports, reference=reference_of(home, wanted))


def reference_of(home: Home, wanted: Wanted) -> Path | None:
    """The DOCX whose styles are taken: the one asked for, else that of the outline."""
    return wanted.reference_docx or kind_of(home, wanted)[0].reference_docx
