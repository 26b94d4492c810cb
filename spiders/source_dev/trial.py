"""Trying a source: one live list, one entry, everything it would take; kept as a case where wanted."""

from __future__ import annotations

import json
import shutil
import tempfile
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path

from fengping.errors import Failed, UsageError
from fengping.home import Home
from fengping.spiders.run.context import alone
from fengping.spiders.run.records import CrawlResult
from fengping.spiders.run.statuses import FAILURES, Flag, Status
from fengping.spiders.run.supervisor import crawl
from fengping.spiders.source_dev.cases import Case, Reading, write_case
from fengping.spiders.source_dev.recording import INDEX, saved_responses
from fengping.spiders.sources import Catalogue, Source


@dataclass(frozen=True)
class Trial:
    """Result of a live trial of a source."""

    source: Source
    result: CrawlResult
    reading: Reading


def try_source(home: Home, name: str, now: datetime, *, keep: Path | None = None) -> Trial:
    """Fetches a list of *name* and its first entry, as a crawl would, into no journal of the home.

    With *keep* the responses and what came out of them are written there as a case. Raises
    :class:`UsageError` where *keep* holds a case already, :class:`Failed` where nothing came back.
    """
    source = Catalogue.load(home).get(name)
    if keep is not None and keep.exists() and any(keep.iterdir()):
        raise UsageError(f"{keep} is not empty.", remedy="Name another folder with --out.")
    with tempfile.TemporaryDirectory() as scratch:
        trial_home = _scratch_home(home, name, Path(scratch) / "home")
        result = crawl(trial_home, [name], at=now, sample=1)[0]
        folder = trial_home.var / "responses"
        saved = saved_responses(folder)
        if not saved:
            reason = result.reason or "; ".join(result.signals) or "no response"
            raise Failed(
                f"{name} returned nothing to read: {reason.rstrip('.')}.",
                remedy=f"See {name}'s urls and rate.",
            )
        write_case(folder, source, now, saved, Reading())
        reading = Case(folder).read(source)
        reading.signals += _silent(name, reading)
        write_case(folder, source, now, saved, reading)
        if keep is not None:
            shutil.copytree(folder, keep, dirs_exist_ok=True, ignore=shutil.ignore_patterns(INDEX))
    return Trial(source, result, reading)


def _silent(name: str, reading: Reading) -> list[str]:
    """The reason why nothing was read, where no page told one: a crawl counts such pages without a word."""
    if reading.documents or reading.signals:
        return []
    if reading.counts.get(Status.GONE):
        return [f"{name}: the page of the first entry is not there any more (404 or 410)"]
    ended = ", ".join(f"{status} {n}" for status, n in reading.counts.items())
    return [f"{name}: no document came of it ({ended or 'nothing was asked for'})"]


class Answer(StrEnum):
    """Outcome of trying a source live."""

    WORKS = "works"
    EMPTY = "empty"
    """It answers, and nothing is found."""
    BLOCKED = "blocked"
    """The site or its robots.txt refuses us."""
    NEEDS_LOGIN = "needs login"
    FAILS = "fails"
    """It cannot be reached, or answers with errors."""


@dataclass(frozen=True)
class Probe:
    """Answer of a source that was tried, with the reason where it does not work."""

    source: str
    answer: Answer
    reason: str = ""
    documents: int = 0

    def to_record(self) -> dict[str, str | int]:
        """The flat JSON form."""
        return {
            "source": self.source,
            "answer": self.answer.value,
            "reason": self.reason,
            "documents": self.documents,
        }


def probe(home: Home, name: str, now: datetime) -> Probe:
    """Tries the list of *name* and its first entry live, into no journal of the home."""
    source = Catalogue.load(home).get(name)
    session = source.browser.session if source.browser is not None else ""
    if session and not (home.var / "sessions" / f"{session}.json").exists():
        return Probe(name, Answer.NEEDS_LOGIN, f"log in with: fengping source login {session}")
    with tempfile.TemporaryDirectory() as scratch:
        trial_home = _scratch_home(home, name, Path(scratch) / "home")
        result = crawl(trial_home, [name], at=now, sample=1)[0]
    reason = result.reason or "; ".join(result.signals)
    return Probe(name, _answer(result), "" if result.documents else reason, result.documents)


def _answer(result: CrawlResult) -> Answer:
    counts, flags = result.counts, result.flags
    if result.documents:
        return Answer.WORKS
    if flags.get(Flag.LOGIN_PAGE):
        return Answer.NEEDS_LOGIN
    if counts.get(Status.BLOCKED) or counts.get(Status.ROBOTS_DENIED):
        return Answer.BLOCKED
    if any(counts.get(status) for status in (*FAILURES, Status.GONE, Status.PRIVATE_ADDRESS)):
        return Answer.FAILS
    return Answer.EMPTY if counts else Answer.FAILS


def _scratch_home(home: Home, name: str, root: Path) -> Home:
    """A home with the same manners and this one source, and a journal and state of its own."""
    (root / "sources").mkdir(parents=True)
    own = home.sources / f"{name}.toml"
    if own.exists():
        shutil.copy(own, root / "sources" / own.name)
    manners = home.config.crawl.model_dump(exclude={"frontier", "sources"})
    sessions = home.var / "sessions"
    if sessions.exists():
        shutil.copytree(sessions, root / "var" / "sessions")
    # A JSON text, number or truth value is TOML as well.
    lines = [f"{key} = {json.dumps(value)}" for key, value in manners.items()]
    (root / home.config_file.name).write_text("\n".join(["[crawl]", *lines]), encoding="utf-8")
    return alone(Home(root))
