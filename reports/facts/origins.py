"""Origins of the figures of a report: versions that judged its documents, and corrections by analysts."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import UTC, datetime

from fengping.indexer.corrections import Correction, revert
from fengping.indexer.search import MemoryStore, judged_by
from fengping.indexer.search.versions import by_encoder
from fengping.models import Document
from fengping.reports.facts.counter import EVIDENCE, Counter
from fengping.reports.scope import ALL
from fengping.reports.wording import Fact, Query


def versions_of(ask: Counter) -> tuple[str, ...]:
    """Versions that judged the scope's documents, each with its number where there are several."""
    found = judged_by(ask.store, ask.within(ALL))
    if len(found) < 2:
        return tuple(version for version, _ in found)
    mixed = len({by_encoder(version) for version, _ in found}) > 1
    who = {True: "编码器，", False: "快速判读，编码器尚未读，"} if mixed else {True: "", False: ""}
    return tuple(f"{version}（{who[by_encoder(version)]}{n}条）" for version, n in found)


@dataclass(frozen=True, slots=True)
class Corrections:
    """Documents of the window that analysts corrected, each with the oldest of them."""

    all: Fact
    """Those that are in the scope, or would be without the corrections."""
    left: Fact
    """Those that are in the scope no more."""
    came: Fact
    """Those that were not in it."""


def corrections_of(ask: Counter, corrected: Sequence[Correction]) -> Corrections:
    """Documents with a correction in force that are in the scope, or would be without it."""
    made = defaultdict(list)
    for one in corrected:
        made[one.document_id].append(one)
    documents = ask.store.get(sorted(made))
    now = _within(ask, documents)
    before = _within(ask, [revert(document, made[document.id]) for document in documents])

    def fact(id: str, label: str, words: str, ids: AbstractSet[str]) -> Fact:
        found = [document for document in documents if document.id in ids]
        oldest = sorted(
            found, key=lambda one: (one.raw.published_at or datetime.max.replace(tzinfo=UTC), one.id)
        )
        shown = tuple(ask.shown(document) for document in oldest[:EVIDENCE])
        return Fact(id, label, len(found), Query(f"state database: {words}"), documents=shown)

    return Corrections(
        fact(
            "corrections", "经人工更正的信息",
            "documents with a correction in force, of the scope as they are or as they were judged",
            now | before,
        ),
        fact(
            "corrections.left", "经人工更正而移出统计范围的信息",
            "documents that a correction in force took out of the scope", before - now,
        ),
        fact(
            "corrections.came", "经人工更正而移入统计范围的信息",
            "documents that a correction in force brought into the scope", now - before,
        ),
    )  # fmt: skip


def _within(ask: Counter, documents: Sequence[Document]) -> set[str]:
    """Ids of those of *documents* that are in the scope."""
    apart = MemoryStore()
    apart.put(documents)
    return {document.id for document in apart.scan(ask.within(ALL))}
