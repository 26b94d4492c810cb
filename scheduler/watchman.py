"""The watchman: troubles of a home as sentences, told to the operator as they begin and end."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property

import structlog
from sqlalchemy import Column, String, Table, Text, delete, insert, select, update

from fengping.clock import iso
from fengping.config import ScheduleConfig
from fengping.delivery import Outbox, Severity
from fengping.delivery.secrets import Secrets
from fengping.errors import ConfigError, FengpingError
from fengping.home import Home
from fengping.indexer import open_journal
from fengping.indexer.pipeline.cursor import pending
from fengping.scheduler import ledger, notices, plan
from fengping.scheduler.faults import not_in_force
from fengping.scheduler.jobs import INDEX
from fengping.scheduler.lease import Held, held
from fengping.services import alert_rules, dry_run
from fengping.spiders import Catalogue, CrawlResult
from fengping.spiders.health import Health, Standing, standings
from fengping.spiders.run.records import Runs
from fengping.state import Moment, State, metadata

log = structlog.get_logger()

LATE = timedelta(days=1)
"""Time after which a source that did not run is told."""
DEAD = timedelta(minutes=1)
"""Time without a sign of life after which a service counts as dead."""
CALM = timedelta(minutes=30)
"""Time that a trouble must have been away before it is told to be over: it may come and go."""
FILES = "configuration "
"""Begin of the key of a trouble with a file of the owner's: its end is certain, and told at once."""
FREE = 0.10
PING = 10.0

troubles = Table(
    "schedule_troubles",
    metadata,
    Column("key", String(128), primary_key=True),
    Column("since", Moment, nullable=False),
    Column("seen_at", Moment, nullable=False),
    Column("sentence", Text, nullable=False),
)


@dataclass(frozen=True)
class Trouble:
    """One thing that wants a person."""

    key: str
    sentence: str
    grave: bool = False
    """True if the machine or the schedule itself fails: then the heartbeat says so as well."""


@dataclass(frozen=True)
class Look:
    """The home at one moment, read once for all checks."""

    home: Home
    state: State
    now: datetime

    @cached_property
    def jobs(self) -> dict[str, ledger.Run]:
        """The last run of each job."""
        return ledger.latest(self.state)

    @cached_property
    def places(self) -> dict[str, plan.Place]:
        return plan.places(self.state)

    @cached_property
    def lease(self) -> Held | None:
        return held(self.state)

    @property
    def alive(self) -> bool:
        """True if the process that runs the schedule has lately shown a sign of life."""
        if self.lease is None:
            return False
        age = self.now - self.lease.at if self.lease.age is None else self.lease.age
        return age <= DEAD

    @cached_property
    def sources(self) -> list[Standing]:
        """Every enabled source with its health."""
        return standings(self.home, self.now)

    @cached_property
    def crawls(self) -> dict[str, CrawlResult]:
        """The last run of each source."""
        return Runs(self.state).newest()

    @cached_property
    def lag(self) -> int:
        """Bytes of journal that the index has not read."""
        return pending(self.home)

    @property
    def unit(self) -> str:
        """Unit of the lag: bytes of files, records of a topic."""
        return open_journal(self.home).unit

    @cached_property
    def damaged(self) -> dict[str, str]:
        """Reason why a journal segment cannot be read, by its name."""
        return open_journal(self.home).damaged()

    @property
    def config(self) -> ScheduleConfig:
        return self.home.config.schedule


Check = Callable[[Look], Iterator[Trouble]]
_CHECKS: list[Check] = []


def register(check: Check) -> Check:
    """Adds a check."""
    _CHECKS.append(check)
    return check


def found(look: Look) -> list[Trouble]:
    """Every trouble there is; a check that cannot be made is one itself."""
    all_: list[Trouble] = []
    for check in _CHECKS:
        try:
            all_ += check(look)
        except FengpingError as error:
            all_.append(Trouble(f"check {check.__name__}", str(error)))
    return all_


@register
def _files(look: Look) -> Iterator[Trouble]:
    for name, sentence in not_in_force(look.home.root).items():
        yield Trouble(f"{FILES}{name}", sentence)


@register
def _service(look: Look) -> Iterator[Trouble]:
    if look.lease and not look.alive:
        yield Trouble(
            "service",
            f"The schedule stands still: its process ended without a word at {iso(look.lease.at)}.",
            True,
        )


@register
def _late(look: Look) -> Iterator[Trouble]:
    grace = timedelta(minutes=look.config.misfire_grace_minutes)
    for name, place in look.places.items():
        run = look.jobs.get(name)
        if look.now - place.begin_at > grace and not (run and run.status == "running"):
            yield Trouble(f"late {name}", f"{name} was due at {iso(place.due_at)} and has not begun.", True)


@register
def _failed(look: Look) -> Iterator[Trouble]:
    for name, run in look.jobs.items():
        if run.status not in {"ok", "running", "stopped"} and (name in look.places or not look.places):
            yield Trouble(f"job {name}", f"The last {name} {run.status}: {run.detail.rstrip('.')}.")


@register
def _no_source(look: Look) -> Iterator[Trouble]:
    if not Catalogue.load(look.home).active():
        yield Trouble("sources", "No source is enabled: nothing new is collected.")


@register
def _sources(look: Look) -> Iterator[Trouble]:
    for one in look.sources:
        run = look.crawls.get(one.source)
        if run is None and look.lease and look.now - one.since < LATE:
            continue  # a new source waits for its first round
        if run is not None and one.verdict.state != Health.OK:
            state = one.verdict.state.value
            yield Trouble(f"source {one.source}", f"{one.source} is {state}: {one.verdict.reason}.")
        if run is None:
            yield Trouble(f"never {one.source}", f"{one.source} never ran.")
        elif look.now - run.started_at > LATE:
            yield Trouble(f"still {one.source}", f"{one.source} did not run since {iso(run.started_at)}.")


@register
def _lag(look: Look) -> Iterator[Trouble]:
    if look.lag and INDEX in look.places:
        usual = timedelta(minutes=max(3 * look.config.index_every_minutes, 60))
        last = ledger.latest(look.state, status="ok").get(INDEX)
        if last is None or look.now - last.started_at > usual:
            since = f"since {iso(last.started_at)}" if last else "yet"
            yield Trouble(
                "index", f"The index lags: {look.lag:,} {look.unit} of journal, none read {since}.", True
            )


@register
def _disk(look: Look) -> Iterator[Trouble]:
    usage = shutil.disk_usage(look.home.root)
    if usage.free < FREE * usage.total:
        share, left = 100 * usage.free / usage.total, usage.free / 2**30
        yield Trouble("disk", f"The disk is nearly full: {share:.0f} % are free, {left:.1f} GiB.", True)


@register
def _journal(look: Look) -> Iterator[Trouble]:
    for path, reason in look.damaged.items():
        yield Trouble(f"journal {path}"[:128], f"{reason}.")


@register
def _spool(look: Look) -> Iterator[Trouble]:
    waiting = [path for path in look.home.spool.glob("*.jsonl*") if path.stat().st_size]
    if waiting:
        yield Trouble("spool", f"Documents wait in {look.home.spool} for the journal's broker.", True)


@register
def _letters(look: Look) -> Iterator[Trouble]:
    try:
        counts = Outbox.open(look.home).count(look.now)
    except ConfigError:  # a delivery.toml that cannot be used is told of by itself
        return
    if counts["dead"]:
        yield Trouble("letters", f"{counts['dead']:,} messages were given up: fengping deliver log --dead")


@register
def _rules(look: Look) -> Iterator[Trouble]:
    for name, sentence in alert_rules.without_source(look.home).items():
        yield Trouble(f"rule {name}", sentence)


@register
def _unheard(look: Look) -> Iterator[Trouble]:
    with suppress(ConfigError):  # a delivery.toml that cannot be used is told of by itself
        for one in dry_run.unheard(look.home):
            yield Trouble(f"unheard {one.rule}", one.sentence)


def round(home: Home, state: State, now: datetime, complaint: str = "") -> list[Trouble]:
    """Looks at the home, tells what has begun and what is over, and gives the heartbeat."""
    seen = found(Look(home, state, now))
    if complaint:
        seen.append(Trouble("notice", complaint))
    try:
        _tell(home, state, seen, now)
    except FengpingError as error:
        log.error("a notice cannot be delivered", reason=str(error))
        seen.append(Trouble("notices", str(error), True))
    ping(home, [trouble.sentence for trouble in seen if trouble.grave])
    return seen


def _tell(home: Home, state: State, seen: list[Trouble], now: datetime) -> None:
    with state.begin() as connection:
        known = {row.key: row for row in connection.execute(select(troubles))}
    # The message first, the row then: a process that dies between tells it again under the same key.
    begun = {trouble.key[:128]: trouble for trouble in seen}
    for key, trouble in begun.items():
        if key not in known:
            severity = Severity.CRITICAL if trouble.grave else Severity.WARNING
            notices.tell(home, f"{key} {iso(now)}", trouble.sentence, [], now, severity)
    over = [row for key, row in known.items() if key not in begun and now - row.seen_at >= _calm(key)]
    for row in over:
        notices.tell(home, f"over {row.key} {iso(row.since)}", f"已恢复：{row.sentence}",
                     [f"{iso(row.since)} – {iso(row.seen_at)}"], now, Severity.INFO)  # fmt: skip
    with state.begin() as connection:
        for key, trouble in begun.items():
            values = {"seen_at": now, "sentence": trouble.sentence}
            if key in known:
                connection.execute(update(troubles).where(troubles.c.key == key).values(values))
            else:
                connection.execute(insert(troubles).values(values | {"key": key, "since": now}))
        connection.execute(delete(troubles).where(troubles.c.key.in_([row.key for row in over])))


def _calm(key: str) -> timedelta:
    return timedelta() if key.startswith(FILES) else CALM


def ping(home: Home, grave: list[str]) -> None:
    """The sign of life to ``schedule.heartbeat``: ``/fail`` and the sentences where something is grave."""
    if not home.config.schedule.heartbeat:
        return
    import httpx

    secrets = Secrets(home.root)
    try:
        url = secrets.read(home.config.schedule.heartbeat).rstrip("/")
        answer = httpx.post(url + "/fail" if grave else url, content="\n".join(grave).encode(), timeout=PING)
        answer.raise_for_status()
    except (FengpingError, httpx.HTTPError, httpx.InvalidURL) as error:
        log.warning("the heartbeat was not taken", reason=secrets.mask(str(error)))
