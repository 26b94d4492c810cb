"""Sellers of a report: those that enough publishers complain of by name, the others counted together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import islice

from fengping.reports.facts.counter import Counter
from fengping.reports.facts.model import Host, Rest, share_of
from fengping.reports.scope import COMPLAINT, Cut
from fengping.reports.wording import Fact, Query

TOP_HOSTS = 20
OTHERS = "other_"
"""Begins the id, in place of a name, of hosts that are counted together."""

Counts = Sequence[tuple[str, int]]
"""Names of sellers with the complaints directed at each, most first."""


def spoken_of(ask: Counter, counts: Counts, min_publishers: int) -> list[str]:
    """Sellers that enough publishers complain of, most complained of first."""
    if not ask.told_by(ask.within(COMPLAINT), min_publishers):
        return []  # nor is any of them told by so many
    names = [name for name, n in counts[: 3 * TOP_HOSTS] if n >= min_publishers]
    asked = {name: ask.within(COMPLAINT.also(negative_hosts=(name,))) for name in names}
    enough = (name for name, where in asked.items() if ask.told_by(where, min_publishers))
    return list(islice(enough, TOP_HOSTS))


def hosts_of(ask: Counter, spoken: Sequence[str], named: Fact, classes: Sequence[str]) -> tuple[Host, ...]:
    """The sellers *spoken* of, with their days and *classes* of complaint; shares are of those *named*."""
    asked = ask.within(COMPLAINT)
    days = ask.by_day_and(asked, "negative_hosts")
    folded = ask.folded_by(COMPLAINT, "negative_hosts")
    pairs = ask.store.cross(asked, "negative_hosts", "issues", spoken)
    found = []
    for name in spoken:
        cut = COMPLAINT.also(negative_hosts=(name,))
        volume = ask.volume(f"host.{name}", name, cut, days=days[name], folded=folded.get(name, {}))
        counts = {code: n for code in classes if (n := pairs.get((name, code), 0))}
        issues = ask.sliced(f"host.{name}.issue", name, cut, "issues", volume.count, counts)
        share = share_of(f"host.{name}.share", f"{name}占具名负面信息", volume.count, named)
        found.append(Host(name, volume, share, issues))
    return tuple(found)


def rest_of(ask: Counter, counts: Counts, hosts: Sequence[Host], named: Fact) -> Rest | None:
    """Sellers that are none of *hosts*, counted together, never computed: one document may name two."""
    shown = {host.name for host in hosts}
    names = tuple(name for name, _ in counts if name not in shown)
    if not names:
        return None
    id = f"host.{OTHERS}{len(names)}"
    counted = ask.count(id, f"其余{len(names)}位主播", ask.within(COMPLAINT.also(negative_hosts=names)))
    count = unnamed(counted, ask, "any negative_hosts but the named")
    share = share_of(f"{id}.share", f"{count.label}占具名负面信息", count, named)
    return Rest(len(names), count, share, max(n for name, n in counts if name not in shown))


def named_of(ask: Counter, counts: Counts) -> Fact:
    """Complaints that name any of the sellers of *counts*."""
    names = tuple(name for name, _ in counts)
    asked = ask.within(COMPLAINT.also(negative_hosts=names))
    counted = ask.count("hosts", "指向具名主播的直播带货类负面信息", asked, known=None if names else 0)
    return unnamed(counted, ask, "any negative_hosts")


def aimed_of(ask: Counter, id: str, label: str, cut: Cut) -> Fact | None:
    """Negatives of *cut* that accuse the host whom the report is on; ``None`` where it is on no one host."""
    hosts = ask.scope.where.get("hosts", ())
    if len(hosts) != 1:
        return None
    return ask.count(f"{id}.aimed", f"{label}中指向该主播的", ask.within(cut.also(negative_hosts=hosts)))


def unnamed(counted: Fact, ask: Counter, words: str) -> Fact:
    """*counted* with a query in *words*: its filter would list names that are not printed."""
    within = Query("count", ask.within(COMPLAINT)).words()
    return replace(counted, query=Query(f"{within} {words}"))
