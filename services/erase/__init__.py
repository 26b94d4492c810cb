"""Erasure of documents for good, out of every file of a home.

What is erased is not collected again: its id stays in the state, without address or text.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from fengping import events
from fengping.alerts import erase as of_alerts
from fengping.delivery import erase as of_delivery
from fengping.erasure import Erased, Erasure, Holder, Stage
from fengping.erasure.traces import Traces
from fengping.errors import UsageError
from fengping.events import erase as of_events
from fengping.events.evidence import keeping
from fengping.home import Home
from fengping.indexer import Filter, import_lock, index_lock, open_journal, open_store
from fengping.indexer import erase as of_indexer
from fengping.indexer.journal import Fault
from fengping.indexer.journal.files import CLOSED, PLAIN
from fengping.indexer.pipeline.standing import check_groups
from fengping.indexer.search import SavedQuery
from fengping.models import RawDocument
from fengping.reports import erase as of_reports
from fengping.services import edition_redacting, queries, query_users
from fengping.services.erase import beside, elsewhere
from fengping.services.erase.wanted import Wanted
from fengping.services.events import is_due_elsewhere
from fengping.services.integrity import refuse_foreign
from fengping.spiders import erase as of_spiders

__all__ = ["Forgotten", "Found", "Wanted", "again", "find", "forget", "holders", "reposts"]

ROOMS: tuple[Iterable[Holder], ...] = (
    of_delivery.HOLDERS, of_alerts.HOLDERS, of_indexer.HOLDERS, of_spiders.HOLDERS, of_events.HOLDERS,
    of_reports.HOLDERS, of_delivery.SENT,
)  # fmt: skip
"""Whoever holds anything about documents; alarms look at the store before they leave it, and take out of all
letters what tells that a report quotes them."""

_AUTHOR = re.compile(r'(?:author|作者)[:：]\s*(?:"([^"]*)"|([^\s()"]+))')
_COUNTS = ("documents", "versions", "stored", "regrouped", "readings", "corrections", "lines", "alarms")


@dataclass
class Found:
    """Documents and traces that an erasure would remove."""

    documents: list[RawDocument]
    """Every version."""
    lines: int
    """Lines of the journal that hold no whole document, and rows that imports set aside."""
    damaged: list[Path]
    """Files of the journal that cannot be unpacked to their ends."""
    queries: list[str] = field(default_factory=list)
    """Saved queries that name whom or what is to be forgotten."""

    @property
    def ids(self) -> set[str]:
        return {document.id for document in self.documents}


@dataclass(frozen=True)
class Forgotten:
    """Counts of what was removed, and the files that a person must still look at."""

    counts: dict[str, int]
    """Documents, versions (lines of the journal), and what each room removed, by name."""
    files: tuple[str, ...]
    """Printed reports and recorded pages that quoted it and were deleted."""
    mentioned: tuple[str, ...]
    """Files that still hold it, or cannot be searched."""
    later: tuple[str, ...]
    """Sentences on the work left undone."""

    def to_record(self) -> dict[str, Any]:
        """The flat JSON form."""
        return self.counts | {"files": self.files, "mentioned": self.mentioned, "later": self.later}


def holders() -> list[Holder]:
    """Every holder, in the order in which they are walked."""
    registered = [holder for room in ROOMS for holder in room]
    tables = {table for holder in registered for table in holder.tables}
    last = (*beside.holders(tables), *edition_redacting.HOLDERS)
    return sorted((*registered, *last), key=lambda holder: holder.stage)


def find(home: Home, wanted: Wanted) -> Found:
    """Everything that *wanted* names, from the whole journal and the side files of imports."""
    lines = sum(wanted.names(row, at) for row, at in of_indexer.refused_rows(home))
    found = Found([], lines, [], [one.name for one in queries.saved(home) if _names(wanted, one)])
    damaged: set[Path] = set()
    for batch in open_journal(home).read({}, 5000, salvage=True):
        for line in batch.lines:
            if line.document is not None:
                if wanted.holds(line.document, home.salt):
                    found.documents.append(line.document)
            elif line.fault is Fault.DAMAGED:
                damaged.add(home.journal / f"{line.file}{CLOSED}")
            else:
                found.lines += wanted.names(of_indexer.readings(line.data), None)
    found.damaged.extend(sorted(damaged))
    return found


def _names(wanted: Wanted, query: SavedQuery) -> bool:
    """True if a saved query names whom or what is to be forgotten; an age alone names nobody, and a field of
    authors only whom it has whole."""
    text = _AUTHOR.sub(lambda one: one[0] if wanted.author in one.groups() else " ", query.text)
    text = f"{query.name}\n{text}\n{query.note}"
    return bool(wanted.author or wanted.url_ids) and wanted.names(text, query.saved_at, running=True)


def reposts(home: Home, wanted: Wanted, found: Found) -> list[RawDocument]:
    """Every version of other documents that quote what *found* holds together with its author's name."""
    names = {document.author for document in found.documents} | {wanted.author}
    names = {name for name in names if len(name) > 1 and "*" not in name}
    said = Traces(replace(document, url="", canonical_url="") for document in found.documents)
    ids, quoting, versions = found.ids, set[str](), list[RawDocument]()
    for batch in open_journal(home).read({}, 5000, salvage=True):
        for line in batch.lines:
            document = line.document
            if document is None or document.id in ids or not any(map(document.content.__contains__, names)):
                continue
            versions.append(document)
            if said.within(document.content):
                quoting.add(document.id)
    return [document for document in versions if document.id in quoting]


def forget(
    home: Home,
    wanted: Wanted,
    found: Found,
    now: datetime,
    *,
    keep_printed: bool = False,
    elsewhere_too: bool = True,
) -> Forgotten:
    """Removes what *found* holds, and whatever else stands in the home about it, room by room.

    With *elsewhere_too* the other machines of a deployment are told to look through their files, and an
    edition that is printed meanwhile is not entered. The journal
    comes last, so that a second call finishes what was interrupted. Raises :class:`HomeBusy` beside an
    indexer or an import, :class:`UsageError` while a crawl is writing.
    """
    if held := keeping.held(home, found.ids):
        raise UsageError(
            f"{len(held):,} of these documents are on hold as evidence.",
            remedy=f"fengping evidence release {' '.join(held)}",
        )
    traces = Traces(found.documents)
    with index_lock(home) as right, import_lock(home):
        erasure = Erasure(home, found.documents, traces, wanted.names, now, keep_printed, right)
        _refuse_early(home, found.ids)
        if elsewhere_too:
            elsewhere.note(home, found.ids, now, keep_printed=keep_printed)
        keeping.unwant(home, sorted(found.ids))
        done = [holder.erase(erasure) for holder in holders()]
    if any(one.counts.get("events") for one in done) and not is_due_elsewhere(home):
        # Documents left of an event bear the id of one that nobody finds before it is written anew.
        with closing(open_store(home)) as store:
            events.update(home, store)
    done.append(_forget_queries(home, found.queries))
    counts = Counter({"documents": len(found.ids), "versions": len(found.documents)})
    return _forgotten(counts, done, found.damaged)


def _forget_queries(home: Home, names: Iterable[str]) -> Erased:
    """Removes saved queries; one that a rule, a report or another query needs is named."""
    removed, later = 0, []
    for name in names:
        try:
            query_users.remove(home, name)
            removed += 1
        except UsageError as error:
            later.append(f"The saved query {name!r} names what was forgotten. {error}")
    return Erased({"queries": removed}, later=later)


def _refuse_early(home: Home, ids: Collection[str]) -> None:
    """Raises what a room would raise half-way, before anything is removed: repost groups of another version,
    a store that does not answer, files that this user cannot write, a segment that a process writes."""
    check_groups(home)
    refuse_foreign(home)
    with closing(open_store(home)) as store:
        store.count(Filter())
    open_journal(home).settle()
    for path in sorted(home.journal.glob(f"*{PLAIN}")):  # what a crawl or an import writes just now
        said = path.read_text(encoding="utf-8", errors="replace")
        if any(id in said for id in ids):
            raise UsageError(
                f"A running process writes {path}, which holds documents to be erased.",
                remedy="Wait until the crawl or import has ended and run again.",
            )


def again(home: Home, now: datetime) -> Forgotten | None:
    """Takes what other machines have forgotten out of the files of this one; ``None`` where nothing waits.

    Raises :class:`HomeBusy` while another process of this machine indexes or imports.
    """
    if not elsewhere.waiting(home):
        return None
    counts, done = Counter[str](), list[Erased]()
    with elsewhere.batches(home) as batches:
        for batch in batches:
            counts["documents"] += len(batch.ids)
            traces = elsewhere.TracesById(batch.ids)
            erasure = Erasure(home, (), traces, lambda _line, _at: False, now, batch.keep_printed)
            done += [holder.erase(erasure) for holder in holders() if _is_of_this_machine(holder)]
    return _forgotten(counts, done, ())


def _is_of_this_machine(holder: Holder) -> bool:
    """True if it holds files; alarms hold those of the file channel beside their rows."""
    return holder.stage is Stage.FILES or (holder.stage is Stage.STATE and holder in of_alerts.HOLDERS)


def _forgotten(counts: Counter[str], done: Sequence[Erased], damaged: Sequence[Path]) -> Forgotten:
    for one in done:
        counts.update(one.counts)
    return Forgotten(
        {name: counts[name] for name in (*_COUNTS, *sorted(counts.keys() - set(_COUNTS)))},
        tuple(str(path) for one in done for path in one.files),
        tuple(str(path) for path in (*_mentioned(done), *damaged)),
        tuple(sentence for one in done for sentence in one.later),
    )


def _mentioned(done: Iterable[Erased]) -> list[Path]:
    return [path for one in done for path in one.mentioned]
