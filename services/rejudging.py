"""Documents judged anew: by the judge as it is now, the encoder included where it is on."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from time import monotonic

from fengping.alerts import ledger
from fengping.alerts.rules import read_rules
from fengping.analysis.reading.terms import READING
from fengping.home import Home
from fengping.indexer import Filter, Store, changes, load_judge
from fengping.indexer.rejudging import CONSUMER, Awaited, Rejudged, read_on
from fengping.indexer.rejudging import rejudge as judge_anew
from fengping.indexer.search import judged_by
from fengping.services.stores import the_store
from fengping.state import State
from fengping.toml import read_toml


@dataclass(frozen=True)
class Outcome:
    """Result of a run."""

    done: Rejudged
    judged_by: list[tuple[str, int]]
    """Versions that judged the window, with how many each; empty where everything was asked for."""
    unheard: str
    """Reason why the encoder had no part; empty where it had."""


def rejudge(
    home: Home, where: Filter, *, unread: bool = False, seconds: float | None = None,
    store: Store | None = None, asked: Callable[[], bool] = bool,
) -> Outcome:  # fmt: skip
    """Judges matches of *where* anew that another version judged, for *seconds* at most: first those of open
    alarms, and of hosts that are the home's own or that a rule names, then the newest.

    Ends early once *asked* says so. With *unread* only those that the encoder has not read; where it is off,
    none, and the change log keeps nothing for it.
    """
    off = home.config.analysis.reader == "off"
    unheard = "The encoder is off: analysis.reader in fengping.toml." if off else ""
    if unread and off:
        with State.open(home).begin() as connection:
            changes.leave(connection, CONSUMER)
        return Outcome(Rejudged(), [], unheard)
    judge = load_judge(home, reading=True)
    needed = [one for one in judge.version.split("+") if not unread or one.startswith(READING)]
    begin = monotonic()

    def stopping() -> bool:
        return asked() or (seconds is not None and monotonic() - begin >= seconds)

    with the_store(home, store) as opened:
        if unread and where == Filter():
            done = read_on(home, opened, judge, needed, stopping=stopping, awaited=_awaited(home))
        else:
            done = judge_anew(home, opened, judge, where, needed, stopping=stopping, awaited=_awaited(home))
        return Outcome(done, judged_by(opened, where) if where != Filter() else [], unheard)


def _awaited(home: Home) -> Awaited:
    rules, _ = read_rules(home.alerts)
    own = [host.get("name", "") for file in home.registries for host in read_toml(file).get("host", ())]
    with State.open(home).begin() as connection:
        alarms = [ledger.affair(connection, *key) for key in ledger.active(connection)]
    ids = {id for affair in alarms for alarm in affair for id in alarm.firing.evidence}
    return Awaited(ids, {*own, *(host for rule in rules.values() for host in rule.hosts)})
