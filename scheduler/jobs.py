"""The jobs of a home: one small record each, made by registered functions from its configuration.

A job is one command of fengping run as a child process: its memory and its crashes are its own, and what
it did can be repeated by hand.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from fengping.config import ScheduleConfig
from fengping.errors import UsageError
from fengping.home import Home
from fengping.reports import find_kind, window_of
from fengping.scheduler.times import Clock, Every, Times
from fengping.spiders import Catalogue

COLLECT = "collect"
INDEX = "index"
ALERTS = "alerts"
EVENTS = "events"
READER = "reader"
REPORT = "report-"
"""Begin of the names of reports."""
WEEKLY = f"{REPORT}weekly"

LANES = {"collect": 2, "watch": 1, EVENTS: 1, "desk": 1, "keep": 1}
"""Commands that may run at once; neither reports nor events built anew hold up an alarm."""

Command = tuple[str, ...]


@dataclass(frozen=True)
class Job:
    """One thing done by the clock."""

    name: str
    times: Times
    lane: str
    command: Callable[[datetime], Command]
    """The command of a due moment: its dates follow from that, however late it begins."""
    limit: timedelta
    """Time after which it is ended, with all its processes."""
    each: bool = False
    """True if every missed moment is made up for, in order; else several missed ones are one."""
    waits: tuple[timedelta, ...] = (timedelta(minutes=1), timedelta(minutes=5), timedelta(minutes=15))
    """Pauses before it is tried again; after the last one it waits for its next moment."""


Maker = Callable[[Home], Iterator[Job]]
_MAKERS: list[Maker] = []


def register(maker: Maker) -> Maker:
    """Adds the jobs that *maker* yields for a home; they begin in the order in which they are registered."""
    _MAKERS.append(maker)
    return maker


def jobs_of(home: Home) -> dict[str, Job]:
    """Every job of *home*, by name. Raises :class:`ConfigError` for a time or a name that is none."""
    found: dict[str, Job] = {}
    for maker in _MAKERS:
        for job in maker(home):
            minutes = home.config.schedule.limit_minutes.get(job.name)
            job = job if minutes is None else _limited(job, minutes)
            number = 2
            name = job.name
            while name in found:
                name = f"{job.name}-{number}"
                number += 1
            found[name] = job if name == job.name else _named(job, name)
    return found


def _limited(job: Job, minutes: int) -> Job:
    return Job(job.name, job.times, job.lane, job.command, timedelta(minutes=minutes), job.each, job.waits)


def _named(job: Job, name: str) -> Job:
    return Job(name, job.times, job.lane, job.command, job.limit, job.each, job.waits)


def always(*command: str) -> Callable[[datetime], Command]:
    """The same command at each moment."""
    return lambda due: command


@register
def collecting(home: Home) -> Iterator[Job]:
    """One job for all sources that have no times of their own, and one for each that has."""
    config = home.config.schedule
    catalogue = Catalogue.load(home)
    active = catalogue.active()
    if unknown := sorted(set(config.sources) - set(catalogue.all)):
        raise UsageError(
            f"schedule.sources: there is no source {unknown[0]!r}.", remedy="fengping source list"
        )
    # As long as the slowest source may take, and its processes to end.
    limit = timedelta(seconds=home.config.crawl.max_seconds * max(len(active), 2) / 2 + 300)
    if shared := [name for name in active if name not in config.sources]:
        yield Job(
            COLLECT,
            Every(config.crawl_every_minutes),
            "collect",
            always("crawl", *shared, "--json"),
            limit,
            waits=(),
        )
    for name, own in config.sources.items():
        if name in active:
            times = Every(own.every_minutes or config.crawl_every_minutes, own.hours)
            alone = timedelta(seconds=home.config.crawl.max_seconds + 300)
            yield Job(f"{COLLECT}-{name}", times, "collect", always("crawl", name, "--json"), alone, waits=())


@register
def watching(home: Home) -> Iterator[Job]:
    """Indexing, right behind it the rules, and the encoder."""
    config = home.config.schedule
    often = Every(config.index_every_minutes)
    yield Job(INDEX, often, "watch", always("index", "--json"), timedelta(hours=2))
    if home.config.analysis.reader == "auto":
        # In their lane, so that it never holds the index while the indexer wants it.
        again = always("rejudge", "--unread", "--seconds", str(config.reader_seconds), "--json")
        yield Job(READER, often, "watch", again, timedelta(minutes=10), waits=())
    yield Job(ALERTS, often, "watch", always("alerts", "check", "--counts"), timedelta(minutes=10))
    health = always("source", "health", "--notify", "--counts")
    yield Job("health", Every(config.crawl_every_minutes), "watch", health, timedelta(minutes=5))


@register
def desk(home: Home) -> Iterator[Job]:
    """Events, evidence and reports."""
    config = home.config.schedule
    hour = timedelta(hours=1)
    yield Job(EVENTS, Every(60), EVENTS, always("affairs", "update", "--json"), timedelta(hours=6))
    if home.config.evidence.automatic:
        often = Every(config.index_every_minutes)
        yield Job("keep", often, "keep", always("evidence", "keep", "--wanted", "--json"), hour)
    if config.evidence:
        yield _daily("evidence", config.evidence, always("evidence", "look", "--json"), hour)
    if home.config.evidence.timestamp:
        yield Job("stamp", Every(60), "keep", always("evidence", "stamp", "--json"), timedelta(minutes=5))
    for kind, text, to in _reports(config):
        key = (
            "schedule.weekly_report"
            if kind == "weekly" and text == config.weekly_report
            else "schedule.reports"
        )
        pauses = (timedelta(minutes=5), timedelta(minutes=15), *[hour] * 12)
        times = Clock(text, key).check()
        name, command = _report(home, kind, to)
        yield Job(f"{REPORT}{name}", times, "desk", command, hour, each=True, waits=pauses)


@register
def housekeeping(home: Home) -> Iterator[Job]:
    """The digest, the judge's self-check, and what keeps a home safe and small, where it is wished for."""
    config = home.config
    if config.schedule.digest:
        yield _daily(
            "digest", config.schedule.digest, always("status", "--tell", "--json"), timedelta(minutes=5)
        )
    if config.schedule.self_check:
        times = Clock(config.schedule.self_check, "schedule.self_check").check()
        drawing = always("correct", "queue", "--check", "--json")
        yield Job("check", times, "desk", drawing, timedelta(minutes=30))
    if config.canary.at:
        times = Clock(config.canary.at, "canary.at").check()
        yield Job("canary", times, "desk", always("deliver", "canary"), timedelta(minutes=5))
    if config.backup.folder:
        command = always("backup", config.backup.folder, "--keep", str(config.backup.keep), "--json")
        yield _daily("backup", config.schedule.backup, command, timedelta(hours=6))
    if any(config.retention.model_dump().values()):
        yield _daily(
            "retention", config.schedule.retention, always("retain", "--yes", "--json"), timedelta(hours=6)
        )


def _daily(name: str, text: str, command: Callable[[datetime], Command], limit: timedelta) -> Job:
    return Job(name, Clock(text, f"schedule.{name}").check(), "desk", command, limit)


def _reports(config: ScheduleConfig) -> list[tuple[str, str, tuple[str, ...]]]:
    """Kind, time and recipients of each report."""
    weekly = [("weekly", config.weekly_report, config.weekly_to)] if config.weekly_report else []
    return weekly + [(report.kind, report.at, report.to) for report in config.reports]


def _report(home: Home, kind: str, to: tuple[str, ...]) -> tuple[str, Callable[[datetime], Command]]:
    """The name and the command of a report: of a kind, or of an outline in the home with its recipients.

    Raises :class:`ConfigError` or :class:`UsageError` for one that cannot be written by itself.
    """
    path, made = kind, find_kind("custom" if kind.endswith(".toml") else kind)
    focus = ""
    if kind.endswith(".toml"):
        from fengping.reports.outlines import outline_of  # with it come all chapters

        given, made = outline_of(home, kind)
        path, focus, to = str(home.root / kind), given.focus, to or given.recipients
    if made.about and not focus:
        raise UsageError(
            f"schedule.reports: {kind} is about no {made.about}.",
            remedy="Name an outline, a TOML file in the home, that says focus.",
        )
    if made.default is None and made.about != "event":
        raise UsageError(
            f"schedule.reports: {kind} has no days.",
            remedy="Name an outline, a TOML file in the home, that says days, or first and last.",
        )

    def command(due: datetime) -> Command:
        days: Command = ()
        if made.default:
            window = window_of(made, None, None, due)
            days = ("--from", window.first.isoformat(), "--to", window.last.isoformat())
        return "report", path, *days, *(part for name in to for part in ("--send", name)), "--json"

    return made.name, command
