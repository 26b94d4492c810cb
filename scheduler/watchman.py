"""The watchman: troubles of a home, told to the operator as they begin and end."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, TypeVar

import structlog
from sqlalchemy import Column, Integer, Row, String, Table, Text, delete, insert, select, update

from fengping.clock import iso
from fengping.delivery import Severity
from fengping.delivery.secrets import Secrets
from fengping.errors import FengpingError, StoreError
from fengping.home import Home
from fengping.indexer.pipeline.standing import check_groups
from fengping.scheduler import ledger, notices, outgoing
from fengping.scheduler import machines as machines
from fengping.scheduler.checks import FILES, SECRET, SOURCE
from fengping.scheduler.jobs import COLLECT
from fengping.scheduler.roles import is_paused
from fengping.scheduler.troubles import Look, Trouble
from fengping.scheduler.troubles import found as found
from fengping.services import canary, source, unset
from fengping.spiders import Outcome, Runs
from fengping.spiders.health import Health
from fengping.state import Moment, State, metadata

_Keyed = TypeVar("_Keyed", Trouble, Row[Any])

log = structlog.get_logger()

MANY = 3
"""Troubles that begin or end in one round, from above which on one notice lists them."""
SHOWN = 15
"""Of these, lines at most."""
KEPT = timedelta(days=7)
CALM = timedelta(minutes=30)
"""Time that a trouble must have been away before it is told to be over: it may come and go."""
PING = 10.0
_COLLECTING = f"job {COLLECT}"

troubles = Table(
    "schedule_troubles",
    metadata,
    Column("key", String(128), primary_key=True),
    Column("since", Moment, nullable=False),
    Column("seen_at", Moment, nullable=False),
    Column("sentence", Text, nullable=False),
)
over_ = Table(
    "schedule_troubles_over",
    metadata,
    Column("number", Integer, primary_key=True),
    Column("key", String(128), nullable=False),
    Column("since", Moment, nullable=False),
    Column("seen_at", Moment, nullable=False),
    Column("sentence", Text, nullable=False),
)
"""Troubles that are over, for a week."""


@dataclass(frozen=True, slots=True)
class Past:
    """A trouble that is over."""

    sentence: str
    since: datetime
    seen_at: datetime
    """The last moment at which it was there."""

    def __str__(self) -> str:
        return f"{self.sentence} ({iso(self.since)} – {iso(self.seen_at)})"


def beginning(home: Home) -> list[str]:
    """Troubles that are known before the schedule has begun: repost groups to be made anew, secrets."""
    found = unset.sentences(home)
    try:
        check_groups(home)
    except StoreError as error:
        found.append(str(error))
    return found


def lately(state: State, since: datetime) -> list[Past]:
    """Troubles that were there after *since* and are over, oldest first."""
    query = select(over_).where(over_.c.seen_at >= since).order_by(over_.c.since, over_.c.number)
    with state.begin() as connection:
        return [Past(row.sentence, row.since, row.seen_at) for row in connection.execute(query)]


def noted(state: State, begin: str) -> list[str]:
    """Troubles that the service found in its last round, those whose keys begin so."""
    query = select(troubles.c.key, troubles.c.sentence).order_by(troubles.c.key)
    with state.begin() as connection:
        return [row.sentence for row in connection.execute(query) if row.key.startswith(begin)]


def round(home: Home, state: State, now: datetime, complaint: str = "") -> list[Trouble]:
    """Looks at the home, tells what has begun and what is over, and gives the heartbeat."""
    seen = found(Look(home, state, now, within=True))
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
    for troubles_ in _together([trouble for key, trouble in begun.items() if key not in known]):
        _tell_begun(home, troubles_, now)
    gone = [row for key, row in known.items() if key not in begun and abs(now - row.seen_at) >= _calm(key)]
    # That an alarm was given up is never over: nobody has got it since.
    over = [row for row in gone if not row.key.startswith(outgoing.GIVEN_UP)]
    for rows in _together(over):
        _tell_over(home, rows, now)
    with state.begin() as connection:
        for key, trouble in begun.items():
            values = {"seen_at": now, "sentence": trouble.sentence}
            if key in known:
                connection.execute(update(troubles).where(troubles.c.key == key).values(values))
            else:
                connection.execute(insert(troubles).values(values | {"key": key, "since": now}))
        connection.execute(delete(troubles).where(troubles.c.key.in_([row.key for row in gone])))
        connection.execute(delete(over_).where(over_.c.seen_at < now - KEPT))
        if over:
            connection.execute(insert(over_), [row._asdict() for row in over])


def _together(found: Sequence[_Keyed]) -> Iterator[Sequence[_Keyed]]:
    """Those to be told in one message: all of a kind where they are many, as after a machine was off."""
    kinds: dict[str, list[_Keyed]] = {}
    for one in found:
        kinds.setdefault(_kind(one.key), []).append(one)
    for many in kinds.values():
        yield from [many] if len(many) > MANY else ([one] for one in many)


def _tell_begun(home: Home, begun: Sequence[Trouble], now: datetime) -> None:
    first = begun[0]
    lines = [f"- {one.sentence}" for one in sorted(begun, key=lambda one: not one.grave)]
    severity = Severity.CRITICAL if any(one.grave or one.urgent for one in begun) else Severity.WARNING
    beside = outgoing.other_ways(home, now) if outgoing.is_of_letters(first.key) else ()
    if any(one.key == outgoing.CANARY for one in begun):
        beside = [*beside, *canary.others(home, now)]
    without = _told_by_crawl(home, [one.key for one in begun], now)
    if len(begun) > 1:
        key, subject, shown = _several(first.key, now), f"{len(begun)}件事同时出了问题", _cut(lines)
    else:
        key, subject, shown = f"{first.key} {iso(now)}", first.sentence, []
    notices.tell(home, key, subject, shown, now, severity, beside, without)


def _tell_over(home: Home, over: Sequence[Row[Any]], now: datetime) -> None:
    first = over[0]
    begun = dict.fromkeys(f"{row.key} {iso(row.since)}" for row in over) | dict.fromkeys(
        _several(row.key, row.since) for row in over
    )
    told = dict.fromkeys(place for key in begun for place in notices.places(home, key))
    keys = [row.key for row in over]
    without = {*_told_by_crawl(home, keys, now), *_never_told(home, keys, told, now)}
    if len(over) > 1:
        subject = f"已恢复：{len(over)}件事"
        lines = _cut([f"- {row.sentence}（{iso(row.since)} – {iso(row.seen_at)}）" for row in over])
    else:
        subject, lines = f"已恢复：{first.sentence}", [f"{iso(first.since)} – {iso(first.seen_at)}"]
    key = f"over {first.key} {iso(first.since)}"
    notices.tell(home, key, subject, lines, now, Severity.INFO, [*told], without)


def _several(key: str, at: datetime) -> str:
    """The key of the notice of many troubles, one of them of that *key*, that began at a moment."""
    return f"several {_kind(key)}{iso(at)}"


def _kind(key: str) -> str:
    """Kind of a trouble by its key: those of letters take ways that no others do, and of the health of
    sources ``crawl.notify`` tells, so that whoever is told there must not be told again among others."""
    if outgoing.is_of_letters(key):
        return "letters "
    return "sources " if key.startswith(SOURCE) else ""


def _cut(lines: list[str]) -> list[str]:
    rest = len(lines) - SHOWN
    return [*lines[:SHOWN], f"余{rest}件：fengping status"] if rest > 0 else lines


def _told_by_crawl(home: Home, keys: Sequence[str], now: datetime) -> Collection[tuple[str, str]]:
    """Whoever is told of all these sources at once by ``crawl.notify``; nobody where anything else is among
    them, or while nothing tells of sources."""
    of_keys = [_sources_of(home, key, now) for key in keys]
    if not all(of_keys) or is_paused(home, "health"):
        return ()
    return source.told_at_once(home, [name for names in of_keys for name in names], now)


def _sources_of(home: Home, key: str, now: datetime) -> list[str]:
    """The sources that a trouble is of: its own, or those by whose failure alone a round of collecting
    failed, where each of them is not well; none for another trouble."""
    if key.startswith(SOURCE):
        return [key.removeprefix(SOURCE)]
    if not key.startswith(_COLLECTING):
        return []
    state, alone = State.open(home), key.removeprefix(_COLLECTING).removeprefix("-")
    run = ledger.latest(state).get(key.removeprefix("job "))
    if run is None or not run.detail.startswith("exit 1,"):
        return []
    ended = Runs(state).outcomes(now)
    failed = {name for name, how in ended.items() if how is not Outcome.FINISHED and alone in ("", name)}
    standings = [one for one in source.standings(home, now) if one.source in failed]
    well = any(one.verdict.state is Health.OK for one in standings)
    return [] if well else [one.source for one in standings]


def _never_told(
    home: Home, keys: Sequence[str], told: Collection[str], now: datetime
) -> set[tuple[str, str]]:
    """Of a round of collecting that is over: whoever was told of its sources, and not of it."""
    if not all(key.startswith(_COLLECTING) for key in keys):
        return set()
    names = [one.source for one in source.standings(home, now)]
    places = source.told_at_once(home, names, now) if names else set()
    return {(name, to) for name, to in places if (f"{name}:{to}" if to else name) not in told}


def _calm(key: str) -> timedelta:
    return timedelta() if key.startswith((FILES, SECRET)) else CALM


def ping(home: Home, grave: list[str]) -> None:
    """The sign of life to ``schedule.heartbeat``: ``/fail`` and the sentences where something is grave."""
    if not home.config.schedule.heartbeat:
        return
    import httpx2

    secrets = Secrets(home.root)
    try:
        url = secrets.address(home.config.schedule.heartbeat).rstrip("/")
        answer = httpx2.post(url + "/fail" if grave else url, content="\n".join(grave).encode(), timeout=PING)
        answer.raise_for_status()
    except (FengpingError, httpx2.HTTPError, httpx2.InvalidURL) as error:
        log.warning("the heartbeat was not taken", reason=secrets.mask(str(error)))
