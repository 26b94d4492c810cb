"""Erasure in the spiders: seen URLs, readings of counts, logs, saved responses, cases."""

from __future__ import annotations

import shutil

from sqlalchemy import delete, update

from fengping.erasure import Erased, Erasure, Holder, Stage, in_parts
from fengping.erasure.files import delete_quoting, files_in
from fengping.erasure.traces import blank_lines
from fengping.home import Home
from fengping.spiders.run.statuses import Status
from fengping.spiders.seen import Memory, Seen, engagement_readings, seen_urls
from fengping.state import State

CASES = "cases"
"""Folder of a home that holds recorded pages."""

_NO_TRACE = {"url": "", "stated": None}
"""Columns of a seen URL that tell what it was, emptied."""


def erase_state(erasure: Erasure) -> Erased:
    """Blanks addresses, deletes readings, and leaves that what is forgotten is not collected again."""
    state, readings = erasure.state(), 0
    with state.begin() as connection:
        for part in in_parts(erasure.traces.addresses):
            connection.execute(update(seen_urls).where(seen_urls.c.url.in_(part)).values(_NO_TRACE))
        for part in in_parts(erasure.ids):
            hangs = engagement_readings.c.document_id.in_(part)
            readings += connection.execute(delete(engagement_readings).where(hangs)).rowcount
    _leave_tombstones(erasure, state)
    return Erased({"readings": readings})


def erase_files(erasure: Erasure) -> Erased:
    """Blanks lines of logs, deletes saved responses, and cases that quote them."""
    home = erasure.home
    lines = sum(blank_lines(path, erasure.traces) for path in files_in(home.var / "log"))
    saved = files_in(home.var / "responses")
    shutil.rmtree(home.var / "responses", ignore_errors=True)
    cases = delete_quoting(erasure, files_in(home.root / CASES), lambda path: str(path.parent))
    return Erased({"lines": lines}, [*saved, *cases.files], cases.mentioned)


HOLDERS = (
    Holder(Stage.STATE, erase_state, ("seen_urls", "engagement_readings")),
    Holder(Stage.FILES, erase_files),
)


def _leave_tombstones(erasure: Erasure, state: State) -> None:
    memories: dict[str, list[Memory]] = {}
    for document in erasure.documents:
        if document.source not in memories:
            memories[document.source] = _memories(erasure.home, state, document.source)
        for memory in memories[document.source]:
            memory.mark(Seen(document.id, "", Status.FORGOTTEN, erasure.now, erasure.now))
    for kept in memories.values():
        for memory in kept:
            memory.save()


def _memories(home: Home, state: State, source: str) -> list[Memory]:
    """The state, which lasts, and the memory of the machines that share a frontier."""
    crawl = home.config.crawl
    if not crawl.frontier:
        return [Memory(state, source)]
    from fengping.spiders.cluster import (
        Frontier,  # of the extra "redis"
        SharedMemory,
    )

    frontier = Frontier(crawl.frontier, home, source, crawl.frontier_lease, works=False)
    return [Memory(state, source), SharedMemory(state, source, frontier)]
