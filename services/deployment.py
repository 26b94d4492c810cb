"""Checks of a deployment on several machines: which part or role is missing, and the remedy."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

from fengping.errors import Failed
from fengping.home import Home
from fengping.indexer import open_journal
from fengping.services import indexing, sharing
from fengping.spiders import Catalogue
from fengping.spiders.cluster import installed
from fengping.state import State
from fengping.state.lease import at_work, clock

APART = 60.0
"""Seconds that two clocks may be apart."""

_LEADING, _COLLECTING, _SERVING = indexing.INDEXING, "collect", "serve"


def check_deployment(home: Home) -> str:
    """Looks whether the parts are such as machines can share, and who is at work."""
    config = home.config
    if sharing.is_left(home):
        raise Failed(
            "The files here are a deployment's, but the state is a file of this machine: nothing reaches the "
            "others.",
            remedy=f"{sharing.AS_ELSEWHERE} A home that has left its deployment: rm var/shared.json.",
        )
    if not sharing.is_shared(home):
        shared = [name for name in ("journal", "store") if _is_served(getattr(config, name))]
        if not shared:
            return "one machine"
        return f"one machine: {' and '.join(shared)} could be shared, the state is a file of this one"
    working = at_work(State.open(home))
    roles = Counter(role for role, _ in working)
    machines = {process.rpartition(" on ")[2] for _, process in working}
    if len(machines) > 1:
        _refuse_files(home, roles)
    handed_on = list(_not_handed_on(home))
    _refuse_missing(home, roles)
    said = [f"{role} on {process.rpartition(' on ')[2]}" for role, process in working]
    if not roles[_SERVING]:
        said.append("no console is at work (fengping run --role serve)")
    return ", ".join([*said, *handed_on])


def _refuse_missing(home: Home, roles: Counter[str]) -> None:
    """Raises :class:`Failed` for a role that nobody is at work in, although the deployment stands still."""
    lacking = {}
    if not roles[_LEADING]:
        lacking[_LEADING] = "No machine indexes: nothing new is judged, no alarm goes out."
    if not roles[_COLLECTING] and Catalogue.load(home).active():
        lacking[_COLLECTING] = "No machine collects: nothing new comes in from the sources."
    if lacking:
        raise Failed(" ".join(lacking.values()), remedy=f"fengping run --role {','.join(lacking)}")


def _not_handed_on(home: Home) -> Iterator[str]:
    """A clause on files changed here alone; raises :class:`Failed` for one that others changed as well."""
    changes = sharing.standing(home)
    for name, change in changes.items():
        if change is sharing.Change.BOTH:
            raise Failed(sharing.BOTH_CHANGED.format(name), remedy=sharing.MERGE)
    here = [name for name, change in changes.items() if change is sharing.Change.HERE]
    if here:
        yield f"changed here alone: {', '.join(here)} (fengping share)"


def _refuse_files(home: Home, roles: Counter[str]) -> None:
    """Raises :class:`Failed` for a part in files of this machine, although several are at work."""
    remedies = {
        "journal": "kafka://host:9092/TOPIC", "store": "elasticsearch+http://host:9200/NAME",
    }  # fmt: skip
    for name, url in remedies.items():
        if not _is_served(getattr(home.config, name)):
            raise Failed(
                f"The {name} is a file of this machine; the others do not see it.",
                remedy=f'Write {name} = "{url}" in fengping.toml, then fengping share.',
            )
    if roles[_COLLECTING] > 1 and not home.config.crawl.frontier:
        raise Failed(
            f"{roles[_COLLECTING]} machines collect without a shared frontier: each asks every site.",
            remedy='Write crawl.frontier = "redis://host:6379/0" in fengping.toml, then fengping share.',
        )


def check_judge(home: Home) -> str:
    """Compares the files by which this machine judges with those of the machine that indexed last."""
    indexing.check_judge(home)
    return "one for all machines that index" if sharing.is_shared(home) else "one machine"


def check_frontier(home: Home) -> str:
    """Asks the shared frontier for a sign of life, and whose it is."""
    url = home.config.crawl.frontier
    if not url:
        return "none: this machine crawls alone"
    server = _frontier(url)
    server.check()
    server.belong(home.identity)
    return str(server.place)


def check_clocks(home: Home) -> str:
    """Compares this machine's clock with those of the servers that have one to ask."""
    asked: list[tuple[str, Callable[[], float]]] = []
    if sharing.is_shared(home):
        state = State.open(home)
        asked.append(("the state database", lambda: clock(state)))
    if _is_served(home.config.journal):
        asked.append(("the journal's broker", lambda: open_journal(home).clock() or 0.0))
    if url := home.config.crawl.frontier:
        asked.append(("Redis", _frontier(url).clock))
    for name, question in asked:
        before = time.time()
        # Of the time that the answer took, half is a fair guess.
        apart = question() - (before + time.time()) / 2
        if abs(apart) > APART:
            raise Failed(
                f"This machine's clock is {timedelta(seconds=round(abs(apart)))} "
                f"{'behind' if apart > 0 else 'ahead of'} that of {name}.",
                remedy="Set both by NTP (timedatectl set-ntp true). Nothing is lost, for leases and the "
                "journal go by the servers' clocks; times of fetching and the schedule go by this one.",
            )
    return f"as {', '.join(name for name, _ in asked)} say" if asked else "no server's to compare with"


def _frontier(url: str) -> Any:
    with installed():
        from fengping.spiders.cluster import connect
    return connect(url)


def _is_served(url: str) -> bool:
    return url.startswith(("kafka", "elasticsearch"))
