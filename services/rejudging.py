"""Documents judged anew: by the judge as it is now, and by the second reader where it is installed."""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass
from time import monotonic

from fengping.analysis.reader import missing
from fengping.analysis.reader.model import Reader
from fengping.home import Home
from fengping.indexer import Filter, changes, load_judge, open_store
from fengping.indexer.rejudging import CONSUMER, Rejudged, read_on
from fengping.indexer.rejudging import rejudge as judge_anew
from fengping.indexer.search.versions import judged_by
from fengping.state import State


@dataclass(frozen=True)
class Outcome:
    """Result of a run."""

    done: Rejudged
    judged_by: list[tuple[str, int]]
    """Versions that judged the window, with how many each; empty where everything was asked for."""
    unheard: str
    """Reason why the second reader had no part; empty where it had."""


def second_reader(home: Home) -> tuple[Reader | None, str]:
    """The home's second reader, or the reason why there is none."""
    if home.config.analysis.reader == "off":
        return None, "The second reader is off: analysis.reader in fengping.toml."
    if why := missing():
        return None, why
    return Reader.load(), ""


def rejudge(home: Home, where: Filter, *, unread: bool = False, seconds: float | None = None) -> Outcome:
    """Judges matches of *where* anew that another version judged, for *seconds* at most.

    With *unread* only those that the second reader has not read; where it is not there, none, and the change
    log keeps nothing for it.
    """
    reader, unheard = second_reader(home)
    if unread and reader is None:
        with State.open(home).begin() as connection:
            changes.leave(connection, CONSUMER)
        return Outcome(Rejudged(), [], unheard)
    judge = load_judge(home, reader)
    begin = monotonic()

    def stopping() -> bool:
        return seconds is not None and monotonic() - begin >= seconds

    with closing(open_store(home)) as store:
        if unread and reader and where == Filter():
            done = read_on(home, store, judge, reader.version, stopping=stopping)
        else:
            needed = [reader.version] if unread and reader else judge.version.split("+")
            done = judge_anew(home, store, judge, where, needed, stopping=stopping)
        return Outcome(done, judged_by(store, where) if where != Filter() else [], unheard)
