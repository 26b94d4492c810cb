"""Checking a home's rules, live and in replay, and sending what fired."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, insert, select, update

from fengping.alerts import tables
from fengping.alerts.baseline import Reference
from fengping.alerts.channels import NotDelivered, send
from fengping.alerts.evaluate import Event, Firing, alarm, firings
from fengping.alerts.rules import Rule
from fengping.clock import iso, local
from fengping.errors import UsageError
from fengping.home import Home
from fengping.indexer import Filter, Interval, Store
from fengping.models import Polarity
from fengping.state import State

QUOTED = 5  # documents quoted in a message; the evidence holds all


@dataclass(frozen=True, slots=True)
class Delivery:
    """Counts of sent and waiting messages after a check, with the errors of delivery."""

    sent: int
    waiting: int
    errors: tuple[str, ...]


def replay(rules: Sequence[Rule], store: Store, since: datetime, until: datetime) -> Iterator[Firing]:
    """Firings of *rules* over stored history ``[since, until)``, in time order; nothing is sent or kept."""
    found: list[Firing] = []
    for rule in rules:
        # Events before the window fill the first timeframe, so that a replay's edge hides nothing.
        events = _events(rule, store, since - rule.timeframe, until)
        reference = _reference(rule, store, since - rule.timeframe, until)
        for key, of_key in events.items():
            raised = firings(rule, key, of_key, reference=reference)
            found += [firing for firing in raised if firing.fired_at >= since]
    yield from sorted(found, key=lambda f: (f.fired_at, f.rule, f.key))


def check(rules: Sequence[Rule], store: Store, state: State, now: datetime) -> list[Firing]:
    """Firings at this moment, each written down with its outbox in one transaction before any is sent.

    Running it again at once fires nothing: what has been shown does not count twice.
    """
    raised = []
    for rule in rules:
        events = _events(rule, store, now - rule.max_age, now)
        past = _past(rule, state, now - rule.max_age - rule.realert)
        reference = _reference(rule, store, now - rule.max_age, now)
        for key, of_key in sorted(events.items()):
            if firing := alarm(rule, key, of_key, past[key], now, reference):
                _keep(rule, firing, store, state, reference)
                raised.append(firing)
    return raised


def deliver(state: State, home: Home, now: datetime, *, quiet: bool = False) -> Delivery:
    """Sends every pending message; what a channel refuses stays pending with the reason.

    With *quiet* the ``stdout`` channel counts as sent without printing (its caller prints JSON).
    """
    fired = tables.firings
    with state.begin() as connection:
        pending = connection.execute(
            select(
                tables.outbox.c.id, tables.outbox.c.channel, tables.outbox.c.attempts,
                fired.c.rule, fired.c.key, fired.c.fired_at, fired.c["count"].label("n"), fired.c.evidence,
                fired.c.message,
            )
            .join(fired, fired.c.id == tables.outbox.c.firing)
            .where(tables.outbox.c.status == "pending")
            .order_by(tables.outbox.c.id)
        ).fetchall()  # fmt: skip
    errors: list[str] = []
    for row in pending:
        values: dict[str, Any] = {"attempts": row.attempts + 1}
        message = {
            "rule": row.rule, "key": row.key, "fired_at": iso(row.fired_at), "count": row.n,
            "evidence": row.evidence, "text": row.message,
        }  # fmt: skip
        try:
            if not (quiet and row.channel == "stdout"):
                send(row.channel, message, home.var / "alerts")
        except NotDelivered as error:
            values |= {"last_error": str(error)}
            errors.append(str(error))
        else:
            values |= {"status": "sent", "sent_at": now, "last_error": ""}
        with state.begin() as connection:
            connection.execute(update(tables.outbox).where(tables.outbox.c.id == row.id).values(values))
    return Delivery(len(pending) - len(errors), len(errors), tuple(dict.fromkeys(errors)))


def history(state: State, limit: int) -> list[dict[str, Any]]:
    """The latest firings, newest first, each with the number of messages still waiting."""
    fired, outbox = tables.firings, tables.outbox
    waiting = (
        select(func.count())
        .where(outbox.c.firing == fired.c.id, outbox.c.status == "pending")
        .scalar_subquery()
        .label("waiting")
    )
    with state.begin() as connection:
        rows = connection.execute(select(fired, waiting).order_by(fired.c.id.desc()).limit(limit)).mappings()
        return [
            {str(name): iso(value) if isinstance(value, datetime) else value for name, value in row.items()}
            for row in rows
        ]


def acknowledge(state: State, firing: int, by: str, now: datetime) -> None:
    """Writes down who takes care of a firing; raises :class:`UsageError` for an unknown number."""
    with state.begin() as connection:
        done = connection.execute(
            update(tables.firings)
            .where(tables.firings.c.id == firing)
            .values(acknowledged_by=by, acknowledged_at=now)
        )
    if not done.rowcount:
        raise UsageError(f"Unknown firing {firing}.", remedy="See: fengping alerts list")


def _selected(rule: Rule, since: datetime, until: datetime) -> Filter:
    where: dict[str, tuple[str, ...]] = {"polarity": (Polarity.NEG.value,)}
    if rule.issues:
        where["issues"] = rule.issues
    if rule.hosts:
        where["negative_hosts"] = rule.hosts
    return Filter(since=since, until=until, where=where)


def _reference(rule: Rule, store: Store, since: datetime, until: datetime) -> Reference | None:
    """Return the baseline before every moment of ``[since, until)``; ``None`` for a rule that needs none."""
    if rule.kind != "spike":
        return None
    begin = since - rule.reference - 2 * rule.timeframe
    negatives = store.histogram(_selected(rule, begin, until), Interval.HOUR, split="negative_hosts")
    return Reference(rule, negatives, store.histogram(Filter(since=begin, until=until), Interval.HOUR))


def _events(rule: Rule, store: Store, since: datetime, until: datetime) -> dict[str, list[Event]]:
    events: dict[str, list[Event]] = defaultdict(list)
    names = ("id", "published_at", "negative_hosts")
    for id, at, hosts in store.columns(_selected(rule, since, until), names):
        for host in hosts:
            if at is not None and (not rule.hosts or host in rule.hosts):
                events[host].append(Event(at, id))
    return events


def _past(rule: Rule, state: State, since: datetime) -> dict[str, list[Firing]]:
    table = tables.firings
    with state.begin() as connection:
        rows = connection.execute(
            select(table).where(table.c.rule == rule.name, table.c.fired_at >= since)
        ).fetchall()
    past: dict[str, list[Firing]] = defaultdict(list)
    for row in rows:
        past[row.key].append(
            Firing(row.rule, row.key, row.fired_at, row._mapping["count"], tuple(row.evidence))
        )
    return past


def _keep(rule: Rule, firing: Firing, store: Store, state: State, reference: Reference | None) -> None:
    message = describe(rule, firing, store, reference)
    values = asdict(firing) | {"evidence": list(firing.evidence), "message": message}
    with state.begin() as connection:
        key = connection.execute(insert(tables.firings).values(values)).inserted_primary_key
        assert key is not None
        rows = [{"firing": key[0], "channel": channel, "status": "pending"} for channel in rule.channels]
        connection.execute(insert(tables.outbox), rows)


def describe(rule: Rule, firing: Firing, store: Store, reference: Reference | None = None) -> str:
    """The message: why it fired and the latest documents, with their links."""
    at = local(firing.fired_at)
    why = f"阈值{rule.num_events}条"
    if reference is not None:
        usual = reference.need(firing.key, firing.fired_at).usual
        why = f"此前{_span(rule.reference)}内平均每{_span(rule.timeframe)}{usual:.1f}条"
    lines = [
        f"【预警】{firing.key}：{_span(rule.timeframe)}内负面信息{firing.count}条"
        f"（{why}，规则 {rule.name}，{at:%Y-%m-%d %H:%M}）"
    ]
    documents = store.get(firing.evidence[-QUOTED:])
    for document in reversed(documents):
        raw = document.raw
        when = f"{local(raw.published_at):%m-%d %H:%M} " if raw.published_at else ""
        excerpt = (raw.title or raw.text).replace("\n", " ")[:60]
        lines.append(f"  · {when}{raw.source}：{excerpt} {raw.url}".rstrip())
    if firing.count > len(documents):
        lines.append(f"  共{firing.count}条，其余见证据编号")
    return "\n".join(lines)


def _span(span: timedelta) -> str:
    minutes = int(span.total_seconds() // 60)
    if minutes % 1440 == 0:
        return f"{minutes // 1440}天"
    return f"{minutes // 60}小时" if minutes % 60 == 0 else f"{minutes}分钟"
