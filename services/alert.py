"""Alert rules of a home: checked and sent, listed, silenced, taken care of."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from typing import Any, TextIO

from fengping.alerts import Checked, Moment, ledger, silences
from fengping.alerts.check import check as judge
from fengping.alerts.decide import Status as AlarmStatus
from fengping.alerts.escalating import escalate
from fengping.alerts.manners import Manners
from fengping.alerts.silences import Silence
from fengping.clock import going_on, iso
from fengping.clock import now as this_moment
from fengping.delivery import Counts, Outbox, deliver_due
from fengping.delivery.log import Unaccepted
from fengping.errors import UsageError
from fengping.events import events_of_documents
from fengping.home import Home
from fengping.indexer import Filter, Store
from fengping.models import Document
from fengping.services import calm, canary, claiming, evidence
from fengping.services.alert_desk import state_of
from fengping.services.alert_rules import usable
from fengping.services.silencing import check_matched
from fengping.services.stores import the_store
from fengping.state import State

KEPT = 20
"""Documents of an alarm that are kept as evidence, the earliest."""


@dataclass(frozen=True)
class Sent:
    """A check's decisions, and what became of the messages that were due."""

    checked: Checked
    delivery: Counts
    left_out: Sequence[str] = ()
    """Sentences on rules with a fault, which were not checked."""


def check(
    home: Home,
    now: datetime,
    clock: datetime,
    *,
    rule: str | None = None,
    screen: TextIO | None = None,
    store: Store | None = None,
    running: bool = False,
) -> Sent:
    """Judges the rules (or one) at *now*, writes down what fires, and sends what waits by *clock*.

    Without *screen* the messages of ``stdout`` wait for a process that a person looks at. *running*: a
    process runs the schedule; without one nothing is called calm.
    """
    outbox, present = Outbox.open(home), going_on(clock)
    with the_store(home, store) as opened:
        found = usable(home, opened, rule)
        wishes = manners(home, now, found.left_out, running=running)
        checked = judge(
            found.rules,
            opened,
            outbox,
            Moment(now, clock),
            # Of all that is calm one rule says nothing.
            replace(wishes, all_calm="") if rule else replace(wishes, came=partial(_came, opened)),
            partial(events_of_documents, home),
            found.beside,
        )
    canary.tell(home, outbox, clock)
    again = home.config.escalation
    if again.to:
        escalate(outbox, now, clock, timedelta(minutes=again.after_minutes), again.to, wishes)
    for firing in checked.firings:
        evidence.want(home, firing.evidence[:KEPT], clock, f"alarm {firing.rule} {firing.party}")
    return Sent(checked, deliver_due(home, present(), screen=screen), list(found.left_out.values()))


def manners(home: Home, now: datetime, left_out: Iterable[str], *, running: bool) -> Manners:
    """Wishes of the home about telling, with what is missing at *now* for calling anything calm; *left_out*:
    names of rules that are not checked; *running*: a process runs the schedule."""
    wanted = home.config.alerts
    lacking: tuple[str, ...] = ()
    if wanted.all_calm:
        unchecked = (f"规则“{name}”有误，没有查。" for name in left_out)
        lacking = (*calm.while_checking(home, now, running=running).sentences, *unchecked)
    return Manners(
        wanted.storm, wanted.quiet_hours, wanted.digest, wanted.all_calm, home.config.serve.link,
        partial(claiming.address, home), lacking,
    )  # fmt: skip


def _came(store: Store, since: datetime) -> int:
    return store.count(Filter(indexed_since=since))


def listed(
    home: Home, limit: int | None, offset: int = 0, *, now: datetime | None = None
) -> list[dict[str, Any]]:
    """Firings, newest first: the state of their key *now*, letters that wait, who takes care."""
    moment = now or this_moment()
    state = Outbox.open(home).state
    waiting = Unaccepted(state)
    with state.begin() as connection:
        rows = ledger.latest(connection, limit, offset)
        names = {kept.firing.rule for kept in rows}
        holding = [one for one in silences.every(connection) if one.holds(moment)]
        states = {
            (rule, key): state_of(rule, key, standing, holding)[0]
            for rule in names
            for key, standing in ledger.standings(connection, rule).items()
        }
        ended = {kept.id for kept in rows if ledger.ended_at(connection, kept) is not None}
    found = []
    for kept in rows:
        firing = kept.firing
        # What the key does by now may be another affair.
        status = AlarmStatus.RESOLVED if kept.id in ended else states.get((firing.rule, firing.key))
        found.append({
            "id": kept.id, "fired_at": iso(firing.fired_at), "rule": firing.rule, "key": firing.party,
            "name": kept.facts.get("name") or firing.key, "began_at": iso(firing.began_at),
            "count": firing.count, "cause": firing.cause.value,
            "status": status.value if status else "", "told": kept.told,
            "waiting": waiting.of(kept.letter) if kept.letter else 0,
            "evidence": list(firing.evidence), "message": kept.message,
            "acknowledged_by": kept.acknowledged_by, "acknowledged_at": iso(kept.acknowledged_at),
        })  # fmt: skip
    return found


def number(home: Home) -> int:
    """Firings that there ever were."""
    with State.open(home).begin() as connection:
        return ledger.number(connection)


def show(home: Home, number: int, *, store: Store | None = None) -> dict[str, Any]:
    """One alarm with everything its message says: documents, letters, and the history of its key."""
    outbox = Outbox.open(home)
    with outbox.state.begin() as connection:
        kept = ledger.find(connection, number)
        history = ledger.history(connection, kept.firing.rule, kept.firing.key)
    firing = kept.firing
    others = [id for id in kept.facts.get("window", ()) if id not in set(firing.evidence)]
    passed = [id for id in others if id in set(firing.passed)]
    told = [id for id in others if id not in passed]
    with the_store(home, store) as opened:
        documents = [_record(document) for document in opened.get(firing.evidence)]
        before, beside = ([_record(document) for document in opened.get(ids)] for ids in (told, passed))
    letters = outbox.of(kept.letter) if kept.letter else []
    return {
        "id": kept.id, "rule": firing.rule, "key": firing.key, "fired_at": iso(firing.fired_at),
        "count": firing.count, "cause": firing.cause.value, "need": firing.need, "usual": firing.usual,
        "before": firing.before, "began_at": iso(firing.began_at), "told": kept.told, "message": kept.message,
        "acknowledged_by": kept.acknowledged_by, "facts": kept.facts, "documents": documents,
        "window": {
            "count": len(kept.facts.get("window", firing.evidence)), "told_before": before, "beside": beside,
        },
        "letters": [
            {"channel": one.channel, "address": one.address, "status": one.status, "reply": one.reply}
            for one in letters
        ],
        "history": [row | {"at": iso(row["at"])} for row in history],
    }  # fmt: skip


def _record(document: Document) -> dict[str, Any]:
    return {
        "id": document.id, "published_at": iso(document.raw.published_at),
        "title": document.raw.title or document.raw.text[:60], "source": document.raw.source,
        "site": document.raw.site, "url": document.raw.url, "issues": list(document.judgement.issues),
    }  # fmt: skip


def acknowledge(home: Home, firing: int, by: str, now: datetime, over: str = "") -> bool:
    """Writes down who takes care of a firing; False where its affair is over, so that nothing is kept quiet.

    Raises :class:`UsageError` for an unknown number, and for one of somebody else, but whom it is taken
    *over* from.
    """
    with State.open(home).exclusive() as connection:  # a check at work writes what it read
        return ledger.acknowledge(connection, firing, by, now, over)


def silence(
    home: Home,
    matcher: Sequence[str],
    now: datetime,
    *,
    by: str,
    reason: str,
    lasting: timedelta,
    until_doubled: bool = False,
) -> int:
    """Silences what *matcher* names for a time and returns the silence's number.

    Raises :class:`UsageError` for a rule or class that there is not, and a key that is like one there is.
    """
    matched = silences.parse_matcher(matcher)
    check_matched(home, matched)
    if not by.strip() or not reason.strip():
        raise UsageError(
            "A silence needs an author and a reason.",
            remedy="Give --by and --reason.",
        )
    wanted = Silence(0, matched, by, reason, now, now + lasting, until_doubled)
    with State.open(home).exclusive() as connection:
        return silences.add(connection, wanted)


def silenced(home: Home) -> list[Silence]:
    """All silences, newest first."""
    with State.open(home).begin() as connection:
        return silences.every(connection)


def end_silence(home: Home, number: int, now: datetime) -> None:
    """Ends a silence; raises :class:`UsageError` where none of that number holds."""
    with State.open(home).exclusive() as connection:
        silences.end(connection, number, now)
