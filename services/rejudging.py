"""Documents judged anew: by the judge as it is now, and by the second reader where it is installed."""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from time import monotonic

from fengping.analysis.reader import missing
from fengping.analysis.reader.model import Reader
from fengping.home import Home
from fengping.indexer import Filter, load_judge, open_store
from fengping.indexer.rejudging import Rejudged
from fengping.indexer.rejudging import rejudge as judge_anew
from fengping.indexer.search.versions import judged_by


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


def rejudge(
    home: Home, where: Filter, now: datetime, *, unread: bool = False, seconds: float | None = None
) -> Outcome:
    """Judges matches of *where* anew that another version judged, for *seconds* at most.

    With *unread* only those that the second reader has not read; none where it is not there.
    """
    reader, unheard = second_reader(home)
    if unread and reader is None:
        return Outcome(Rejudged(), [], unheard)
    judge = load_judge(home, reader)
    needed = [reader.version] if unread and reader else judge.version.split("+")
    begin = monotonic()
    with closing(open_store(home)) as store:
        done = judge_anew(
            home,
            store,
            judge,
            where,
            needed,
            now,
            stopping=lambda: seconds is not None and monotonic() - begin >= seconds,
        )
        return Outcome(done, judged_by(store, where) if where != Filter() else [], unheard)
