"""The watchman: troubles of a home, told to the operator as they begin and end."""

from __future__ import annotations

from datetime import datetime, timedelta

import structlog
from sqlalchemy import Column, String, Table, Text, delete, insert, select, update

from fengping.clock import iso
from fengping.delivery import Severity
from fengping.delivery.secrets import Secrets
from fengping.errors import FengpingError
from fengping.home import Home
from fengping.scheduler import notices, outgoing
from fengping.scheduler.checks import FILES
from fengping.scheduler.troubles import CHECKS, Look, Trouble
from fengping.state import Moment, State, metadata

log = structlog.get_logger()

CALM = timedelta(minutes=30)
"""Time that a trouble must have been away before it is told to be over: it may come and go."""
PING = 10.0

troubles = Table(
    "schedule_troubles",
    metadata,
    Column("key", String(128), primary_key=True),
    Column("since", Moment, nullable=False),
    Column("seen_at", Moment, nullable=False),
    Column("sentence", Text, nullable=False),
)


def found(look: Look) -> list[Trouble]:
    """Every trouble there is; a check that cannot be made is one itself."""
    all_: list[Trouble] = []
    for check in CHECKS:
        try:
            all_ += check(look)
        except FengpingError as error:
            all_.append(Trouble(f"check {check.__name__}", str(error)))
    return all_


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
            beside = outgoing.other_ways(home, now) if key in outgoing.STUCK else ()
            notices.tell(home, f"{key} {iso(now)}", trouble.sentence, [], now, severity, beside)
    over = [row for key, row in known.items() if key not in begun and abs(now - row.seen_at) >= _calm(key)]
    for row in over:
        lines = [f"{iso(row.since)} – {iso(row.seen_at)}"]
        told = notices.places(home, f"{row.key} {iso(row.since)}")
        notices.tell(home, f"over {row.key} {iso(row.since)}", f"已恢复：{row.sentence}", lines, now,
                     Severity.INFO, told)  # fmt: skip
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
