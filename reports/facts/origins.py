"""Origins of the figures of a report: versions that judged its documents, and corrections by analysts."""

from __future__ import annotations

from collections.abc import Collection

from fengping.indexer import Sort
from fengping.indexer.search.backends.memory import MemoryStore
from fengping.indexer.search.versions import judged_by
from fengping.reports.facts.counter import EVIDENCE, Counter
from fengping.reports.scope import ALL
from fengping.reports.wording import Fact, Query

DRAWN = 5_000
"""Documents that are looked at for the versions that judged them."""


def versions_of(ask: Counter, whole: int) -> tuple[str, ...]:
    """Versions that judged the *whole* scope's documents, each with its number where there are several."""
    judged = judged_by(ask.store, ask.within(ALL), most=DRAWN)
    drawn = sum(n for _, n in judged)
    found = [(version, n) for version, n in judged if version]
    if whole > drawn:
        return tuple(f"{version}（随机抽取的{drawn}条中{n}条）" for version, n in found)
    if len(found) < 2:
        return tuple(version for version, _ in found)
    return tuple(f"{version}（{n}条）" for version, n in found)


def corrections_of(ask: Counter, corrected: Collection[str]) -> Fact:
    """Those of the *corrected* documents that are in the scope, the oldest first."""
    apart = MemoryStore()
    apart.put(ask.store.get(sorted(set(corrected))))
    inside = apart.search(ask.within(ALL), limit=EVIDENCE, sort=Sort.OLDEST)
    shown = tuple(ask.shown(document) for document in inside.documents)
    query = Query("state database: documents of the scope with a correction in force")
    return Fact("corrections", "经人工更正的信息", inside.total, query, documents=shown)
