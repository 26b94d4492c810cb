"""Documents judged anew: by the judge as it is now, the encoder included where it is on."""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass
from time import monotonic

from fengping.analysis.reading.terms import READING
from fengping.home import Home
from fengping.indexer import Filter, changes, load_judge, open_store
from fengping.indexer.rejudging import CONSUMER, Rejudged, read_on
from fengping.indexer.rejudging import rejudge as judge_anew
from fengping.indexer.search import judged_by
from fengping.state import State


@dataclass(frozen=True)
class Outcome:
    """Result of a run."""

    done: Rejudged
    judged_by: list[tuple[str, int]]
    """Versions that judged the window, with how many each; empty where everything was asked for."""
    unheard: str
    """Reason why the encoder had no part; empty where it had."""


def rejudge(home: Home, where: Filter, *, unread: bool = False, seconds: float | None = None) -> Outcome:
    """Judges matches of *where* anew that another version judged, for *seconds* at most.

    With *unread* only those that the encoder has not read; where it is off, none, and the change log keeps
    nothing for it.
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
        return seconds is not None and monotonic() - begin >= seconds

    with closing(open_store(home)) as store:
        if unread and where == Filter():
            done = read_on(home, store, judge, needed, stopping=stopping)
        else:
            done = judge_anew(home, store, judge, where, needed, stopping=stopping)
        return Outcome(done, judged_by(store, where) if where != Filter() else [], unheard)
