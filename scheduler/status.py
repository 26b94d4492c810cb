"""State of a home on one screen: what runs, what is late, what was collected today, what is firing."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import closing, suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from fengping.clock import day_of, day_start, iso
from fengping.delivery import Outbox, Severity
from fengping.delivery.overdue import unsent
from fengping.errors import ConfigError, FengpingError, StoreDown
from fengping.events.evidence.keeping import Held
from fengping.home import Home
from fengping.indexer import Filter, open_store
from fengping.indexer.pipeline.quarantine import unjudged
from fengping.indexer.pipeline.unjudged import elsewhere
from fengping.indexer.search.versions import unread
from fengping.scheduler import ledger, notices, watchman
from fengping.scheduler.checks import SECRET
from fengping.scheduler.jobs import ALERTS, COLLECT, INDEX
from fengping.scheduler.roles import is_paused
from fengping.scheduler.troubles import Look
from fengping.scheduler.watchman import Past
from fengping.services import alert_desk, evidence, readiness, source, watching
from fengping.services.alert_desk import Watched
from fengping.spiders.health import Standing
from fengping.state import State

_MOST_SOURCES = 1_000
_DAY = timedelta(days=1)
NOT_RUNNING = "not running: fengping run"


@dataclass(frozen=True)
class SourceStatus:
    """One enabled source: its health and its last run."""

    source: str
    state: str
    reason: str
    last_run: datetime | None
    outcome: str
    said: str
    """Reason of the last run's outcome."""
    today: int
    """Documents collected today."""
    usual: float | None
    """Documents of a usual day; ``None`` where none is known yet."""


@dataclass(frozen=True)
class JobStatus:
    """One job: its last run and its next."""

    job: str
    last: ledger.Run | None
    next_at: datetime | None
    late: bool


@dataclass(frozen=True)
class Status:
    """Facts that a person wants to know in the morning."""

    at: datetime
    holder: str
    """Machine and process that run the schedule; empty for none."""
    jobs: tuple[JobStatus, ...]
    sources: tuple[SourceStatus, ...]
    documents: int | None
    """In the store; ``None`` where it does not answer."""
    lag_bytes: int
    """Bytes of journal that the index has not read."""
    damaged_segments: int
    firing: tuple[str, ...]
    """A line for each key that fires now, however long, the first of them; with who takes care of it, or that
    it is silenced."""
    fires: int
    """All keys that fire now."""
    evidence: Held
    troubles: tuple[str, ...]
    """A sentence for each thing that wants a person; none where all is well."""
    over: tuple[Past, ...] = ()
    """Troubles of the last day that are over."""
    indexed: Mapping[str, int] = field(default_factory=dict)
    """Documents that are in the index since today, however they came, by source."""
    crawled: frozenset[str] = frozenset()
    """Sources that a spider has ever run."""
    unjudged: int = 0
    """Documents that could not be judged, and so are not in the index."""
    unread: int | None = None
    """Documents that no encoder has read; ``None`` where it is off, or the store does not answer."""
    messages: Mapping[str, int] = field(default_factory=dict)
    """Messages that wait to be sent, and those that were given up; none where ``delivery.toml`` is bad."""
    unsent: Mapping[str, tuple[int, int]] = field(default_factory=dict)
    """The same by channel."""
    within: str = ""
    """How soon an alarm follows a post, in a sentence."""
    unwatched: tuple[str, ...] = ()
    """Saved queries that no rule goes by; "hosts" where no rule watches every host."""

    @property
    def today(self) -> int:
        """Documents that spiders collected today, of all sources."""
        return sum(one.today for one in self.sources)

    @property
    def usual(self) -> float | None:
        """The sum of what is usual; ``None`` where nothing is known yet."""
        known = [one.usual for one in self.sources if one.usual is not None]
        return sum(known) if known else None

    @property
    def collected(self) -> str:
        """Today's documents against usual, in words: what spiders collected, and what came by other ways."""
        usual = "nothing known yet" if self.usual is None else f"{self.usual:,.0f} on a whole day"
        said = f"{self.today:,} collected by spiders today; usual: {usual}"
        if self.indexed:
            said += f"; new in the index today, however it came: {sum(self.indexed.values()):,}"
        if self.handed_in:
            said += f"; by import or API: {', '.join(f'{n:,} {name}' for name, n in self.handed_in.items())}"
        return said

    @property
    def handed_in(self) -> dict[str, int]:
        """Those documents in the index since today whose source no spider runs."""
        return {name: count for name, count in self.indexed.items() if name not in self.crawled}

    def to_record(self) -> dict[str, Any]:
        """The JSON form."""
        return {
            "at": iso(self.at),
            "ok": not self.troubles,
            "troubles": self.troubles,
            "over": [
                {"sentence": one.sentence, "since": iso(one.since), "seen_at": iso(one.seen_at)}
                for one in self.over
            ],
            "schedule": {"process": self.holder},
            "documents": self.documents,
            "collected": {"today": self.today, "usual": self.usual},
            "indexed_today": {"all": sum(self.indexed.values()), "handed_in": self.handed_in},
            "index": {
                "lag_bytes": self.lag_bytes, "damaged_segments": self.damaged_segments,
                "unjudged": self.unjudged, "unread": self.unread,
            },
            "firing": self.firing,
            "fires": self.fires,
            "messages": {**self.messages, "channels": {name: {"waiting": waiting, "dead": dead}
                         for name, (waiting, dead) in self.unsent.items()}},
            "within": self.within,
            "unwatched": self.unwatched,
            "evidence": {
                "held": self.evidence.held, "waiting": self.evidence.waiting, "partly": self.evidence.partly,
            },
            "jobs": [
                {"job": one.job, "next_at": iso(one.next_at), "late": one.late, **run_record(one.last)}
                for one in self.jobs
            ],
            "sources": [
                {
                    "source": one.source, "state": one.state, "reason": one.reason,
                    "last_run": iso(one.last_run), "outcome": one.outcome, "said": one.said,
                    "today": one.today, "usual": one.usual,
                }
                for one in self.sources
            ],
        }  # fmt: skip


def run_record(run: ledger.Run | None) -> dict[str, Any]:
    """A row of the ledger as JSON; empty values for no run."""
    if run is None:
        return {"status": None, "started_at": None, "finished_at": None, "detail": "", "counts": {}}
    return {
        "status": run.status, "due_at": iso(run.due_at), "started_at": iso(run.started_at),
        "finished_at": iso(run.finished_at), "seconds": run.seconds, "detail": run.detail,
        "counts": run.counts,
    }  # fmt: skip


def status(home: Home, now: datetime) -> Status:
    """The state of *home* at *now*. Reads sizes and records, no content."""
    look = Look(home, State.open(home), now)
    documents, indexed, waiting, complaint = _documents(home, day_start(day_of(now)))
    troubles = [trouble.sentence for trouble in watchman.found(look)]
    if look.alive:
        troubles += watchman.noted(look.state, SECRET)
    holder = look.lease.holder.rpartition(":")[0] if look.lease and look.alive else ""
    return Status(
        now, holder, _jobs(look), tuple(_source(look, one) for one in look.sources), documents, _lag(look),
        _damaged(look), *_firing(home, now), evidence.counted(home), (*troubles, *complaint),
        tuple(watchman.lately(look.state, now - _DAY)), indexed, frozenset(look.crawls),
        _unjudged(home), waiting, _messages(look), unsent(look.state), _within(look),
        tuple(watching.unwatched(home)),
    )  # fmt: skip


def alive(home: Home, now: datetime) -> bool:
    """True if a process runs the schedule of *home*."""
    return Look(home, State.open(home), now).alive


def tell(home: Home, found: Status) -> None:
    """Enqueues the state as the day's digest to ``schedule.notify``; once a day."""
    more = found.fires - len(found.firing)
    lines = [found.collected, *(f"触发中：{line}" for line in found.firing)]
    lines += [f"另有{more}个对象触发中", *found.troubles] if more > 0 else found.troubles
    lines += [f"已恢复：{line.sentence}（{iso(line.since)} – {iso(line.seen_at)}）" for line in found.over]
    day = day_of(found.at)
    notices.tell(home, f"digest {day}", f"{day} 运行简报", lines, found.at, Severity.INFO)


def _jobs(look: Look) -> tuple[JobStatus, ...]:
    grace = timedelta(minutes=look.config.misfire_grace_minutes)
    found = []
    for name in sorted(look.jobs.keys() | look.places.keys()):
        place, run = look.places.get(name), look.jobs.get(name)
        running = run is not None and run.status == "running"
        held = running or is_paused(look.home, name)
        late = place is not None and not held and look.now - place.begin_at > grace
        found.append(JobStatus(name, run, place.begin_at if place else None, late))
    return tuple(found)


def _source(look: Look, standing: Standing) -> SourceStatus:
    run, verdict, known = look.crawls.get(standing.source), standing.verdict, source.last_day(standing)
    today, usual = 0, None
    if known:
        day, normal = known
        today = day.documents if day.day == day_of(look.now) else 0
        usual = round(normal.mean, 1) if normal.days else None
    return SourceStatus(
        standing.source, verdict.state.value, verdict.reason, run.started_at if run else None,
        run.outcome.value if run else "", run.reason if run else "", today, usual,
    )  # fmt: skip


_MOST_FIRING = 20
"""Lines of what fires that one screen shows."""


def _firing(home: Home, now: datetime) -> tuple[tuple[str, ...], int]:
    """The lines of what fires, the first of them, and the number of all."""
    duty = alert_desk.on_duty(home, now, limit=_MOST_FIRING, among=alert_desk.FIRES)
    lines = tuple(
        f"#{one.kept.id} {one.rule}: {one.name} since "
        f"{iso(one.began_at or one.since or one.kept.firing.fired_at)}{_mark(one)}"
        for one in duty.rows
        if one.kept
    )
    return lines, duty.fires


def _mark(one: Watched) -> str:
    marks = []
    if one.acknowledged_by:
        marks.append((f"taken care of by {one.acknowledged_by}", one.acknowledged_at))
    elif one.status.value == "acknowledged":
        marks.append(("taken care of", one.since))
    if one.status.value == "silenced":
        marks.append(("silenced", one.since))
    return "".join(f", {said} since {iso(since)}" if since else f", {said}" for said, since in marks)


def _messages(look: Look) -> dict[str, int]:
    with suppress(ConfigError):  # among the troubles
        counts = Outbox.open(look.home).count(look.now)
        return {name: counts[name] for name in ("waiting", "late", "dead")}
    return {}


def _within(look: Look) -> str:
    runs = [look.ended[name] for name in (COLLECT, INDEX, ALERTS) if name in look.ended]
    took = [timedelta(seconds=run.seconds) for run in runs if run.seconds is not None]
    return readiness.within(look.home, took, readiness.told(look.home, look.now - readiness.LATELY))


def _lag(look: Look) -> int:
    """The lag; 0 while the journal's broker is away, which is among the troubles."""
    try:
        return look.lag
    except StoreDown:
        return 0


def _unjudged(home: Home) -> int:
    with suppress(OSError):  # a quarantine of another user is among the troubles
        return unjudged(home).count + sum(one.count for one in elsewhere(home))
    return 0


def _damaged(look: Look) -> int:
    try:
        return len(look.damaged)
    except StoreDown:
        return 0


def _documents(home: Home, since: datetime) -> tuple[int | None, dict[str, int], int | None, list[str]]:
    """Documents in the store; by source those that came into it *since* then; those that no encoder read; a
    complaint."""
    try:
        with closing(open_store(home)) as store:
            fresh = store.terms(Filter(indexed_since=since), "source", limit=_MOST_SOURCES)
            waiting = unread(store, Filter()) if home.config.analysis.reader == "auto" else None
            return store.count(Filter()), dict(fresh), waiting, []
    except FengpingError as error:
        return None, {}, None, [str(error)]
