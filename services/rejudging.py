"""Documents judged anew: by the judge as it is now, the encoder included where it is on."""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from time import monotonic

from fengping.analysis.reading.terms import READING
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
    """Reason why the encoder had no part; empty where it had."""


def rejudge(
    home: Home, where: Filter, now: datetime, *, unread: bool = False, seconds: float | None = None
) -> Outcome:
    """Judges matches of *where* anew that another version judged, for *seconds* at most.

    With *unread* only those that the encoder has not read; none where it is off.
    """
    off = home.config.analysis.reader == "off"
    unheard = "The encoder is off: analysis.reader in fengping.toml." if off else ""
    if unread and off:
        return Outcome(Rejudged(), [], unheard)
    judge = load_judge(home, reading=True)
    needed = judge.version.split("+")
    if unread:
        needed = [version for version in needed if version.startswith(READING)]
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
