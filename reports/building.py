"""The way from a store to a finished report."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path

from fengping.clock import local
from fengping.errors import UsageError
from fengping.events.asking import documents_read
from fengping.home import Home
from fengping.indexer import Store
from fengping.indexer.corrections import Correction
from fengping.reports.chapters import (  # noqa: F401  (each registers its chapter)
    Background,
    Official,
    advice,
    appendix,
    cases,
    cuts,
    diagnosis,
    dossier,
    fields,
    hosts,
    moves,
    official,
    overview,
    platforms,
    preface,
    spread,
    statement,
)
from fengping.reports.chapters.blocks import Pages
from fengping.reports.chapters.chapter import Brief, outline
from fengping.reports.chapters.digest import digest
from fengping.reports.document import CaseCard, Offer, Origins, Report, texts_of
from fengping.reports.facts import Agreement, Previous
from fengping.reports.facts.cases import case_of
from fengping.reports.facts.fields import LIVE_NAME
from fengping.reports.facts.gather import Facts
from fengping.reports.facts.model import Coverage, Window
from fengping.reports.facts.question import Archived, Estimate, Question, Ran
from fengping.reports.facts.saying import Saying
from fengping.reports.kinds import Kind
from fengping.reports.scope import CONSUMER, Scope
from fengping.reports.wording import facts_of
from fengping.toml import Strict, load_toml


def build(
    store: Store,
    kind: Kind,
    window: Window,
    *,
    home: Home | None = None,
    scope: Scope = CONSUMER,
    subject: str = "直播带货",
    focus: str = "",
    title: str = "",
    generated_at: datetime | None = None,
    min_publishers: int = 3,
    coverage: Coverage | None = None,
    corrected: Sequence[Correction] | None = None,
    background: Sequence[Background] = (),
    official_counts: Sequence[Official] = (),
    previous: Previous | None = None,
    fields_first: Sequence[str] = (),
    breakdowns: Sequence[tuple[str, ...]] = (),
    archived: Archived | None = None,
    estimate: Estimate | None = None,
    accuracy: Mapping[str, Agreement] | None = None,
    offered: Sequence[str] = (),
    labelled: bool = False,
    ran: Ran | None = None,
) -> Report:
    """A report of *kind* over *window*. The same store and arguments give an equal report.

    *home* is where events are kept; without one the report has no cases. *generated_at* is printed where
    given; nothing here reads a clock. *coverage* tells what the sources did, *corrected* are the corrections
    in force, in their order; both are 本期未统计 when absent. *focus* is the host or event of such a kind;
    *offered* are events that a reviewer may add as cases.
    """
    question = Question(window, scope, min_publishers, tuple(fields_first), tuple(kind.before(window)))
    running = kind.running((window.first, window.last))
    brief = Brief(
        kind.season, subject, focus, running, background, official_counts, accuracy or {}, breakdowns
    )
    pages = Pages()
    with ThreadPoolExecutor(1) as beside:
        facts = Facts(
            store, question, home, coverage, corrected, previous, "", archived, estimate,
            labelled, ran, beside,
        )  # fmt: skip
        facts.begin(kind.chapters)
        for chapter in outline(kind.chapters):
            pages.place = chapter.name
            chapter.write(pages, facts, brief)
        lines = digest(facts, brief)
        offers = tuple(offer for id in offered if (offer := _offer(facts, id)))
    printed = facts_of([*lines.values(), *texts_of(tuple(pages.blocks))])
    entries = Origins(tuple(printed.values()))
    return Report(
        kind=kind.name,
        title=title or kind.title(window, _named(facts, kind, focus) or _subject(facts, subject)),
        about=kind.about,
        focus=focus,
        subject=subject,
        window=window,
        generated=local(generated_at).strftime("%Y-%m-%d %H:%M") if generated_at else "",
        digest=tuple(lines.values()),
        blocks=tuple(entries if isinstance(block, Origins) else block for block in pages.blocks),
        facts=printed,
        digest_keys=tuple(f"digest.{key}" for key in lines),
        offers=offers,
    )


def _offer(facts: Facts, id: str) -> Offer | None:
    """The case of an event for a reviewer to add; ``None`` where nobody complains of it in the scope."""
    case = case_of(facts.home, facts.ask, id) if facts.home else None
    if case is None:
        return None
    card = CaseCard(1, f"案例1：{case.title}", cases.intro(case), replace(case, event=id), added=True)
    return Offer(f"case:{id}", card, appendix.evidence_of(facts, case))


def _subject(facts: Facts, subject: str) -> str:
    """*subject* for the title: livestream selling only where all that is counted is of it."""
    all_live = facts.live.count.value == facts.everything.count.value
    return subject if subject != LIVE_NAME or all_live else ""


COVER = 30
"""Characters of an event's title on a cover."""


def _named(facts: Facts, kind: Kind, focus: str) -> str:
    """The host, or the title of the event as its case has it.

    Of an event without a charge in the scope it is that of its first text, without names.
    """
    if kind.about != "event" or not facts.home:
        return focus
    case = case_of(facts.home, facts.ask, focus)
    title = case.title if case else _first_title(facts, facts.home, focus)
    return f"“{title[:COVER]}{'…' if len(title) > COVER else ''}”" if title else focus


def _first_title(facts: Facts, home: Home, id: str) -> str:
    event, documents = documents_read(home, facts.store, id)
    said = Saying(facts.ask, event.parties, frozenset(), named=False)
    return said.reference(documents[0]).title if documents else ""


class _Cited(Strict):
    text: str
    source: str
    url: str = ""


class _BackgroundFile(Strict):
    figure: tuple[_Cited, ...]


def read_background(path: Path) -> tuple[Background, ...]:
    """``[[figure]] text, source, url`` of a TOML file; raises :class:`ConfigError` for any other."""
    loaded = load_toml(_BackgroundFile, path)
    return tuple(Background(item.text, item.source, item.url) for item in loaded.figure)


COLUMNS = ("source", "first", "last", "what", "value")


def read_official(path: Path) -> tuple[Official, ...]:
    """Dated figures of complaint desks: a CSV of ``source,first,last,what,value,url``.

    Raises :class:`UsageError` with the line of a mistake.
    """
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file)
            if not set(COLUMNS) <= set(reader.fieldnames or ()):
                raise UsageError(f"{path} lacks columns.", remedy=f"It needs {', '.join(COLUMNS)} (and url).")
            return tuple(_official(row, path, reader.line_num) for row in reader)
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror}.") from None
    except UnicodeDecodeError:
        raise UsageError(f"{path} is not written in UTF-8.", remedy="Save it as CSV UTF-8.") from None


def _official(row: dict[str, str], path: Path, line: int) -> Official:
    try:
        first, last = date.fromisoformat(row["first"]), date.fromisoformat(row["last"])
        value = int(row["value"])
    except (TypeError, ValueError):
        raise UsageError(
            f"Line {line} of {path} has no dates and whole number.", remedy="Write 2024-10-20 and 68756."
        ) from None
    if first > last or value < 0:
        raise UsageError(
            f"Line {line} of {path} has a last day before its first, or a count below zero.",
            remedy="Put the earlier day first, and a count of 0 or more.",
        )
    return Official(row["source"], first, last, row["what"], value, row.get("url") or "")
