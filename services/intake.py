"""Documents handed in by programs: into the journal first, each content once, one status each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from fengping.clock import parse_moment
from fengping.errors import UsageError
from fengping.home import Home
from fengping.indexer import import_lock, open_journal
from fengping.indexer.importing import Importer
from fengping.indexer.importing.documents import Found, assemble
from fengping.indexer.importing.run import side_file
from fengping.models import Kind
from fengping.services.importing import terms_of
from fengping.state import State

MOST = 500
"""Documents of one call."""
LONGEST = 200_000
"""Characters of a text."""
AHEAD = timedelta(days=2)
"""Time by which a clock may be ahead, as for an import: what is dated later would never alarm in time."""


@dataclass(frozen=True, slots=True)
class Taken:
    """The end of one document: ``new``, ``updated``, ``again``, ``forgotten`` or ``refused``."""

    id: str
    status: str
    reason: str = ""

    def to_record(self) -> dict[str, Any]:
        return {"id": self.id, "status": self.status, "reason": self.reason}


def take(home: Home, rows: Sequence[Mapping[str, Any]], source: str, now: datetime) -> list[Taken]:
    """Takes *rows*, mappings with the keys that :func:`_found` reads.

    What is returned as taken outlives a loss of power; the next ``index`` judges it. The same row again is
    ``again``. Raises :class:`UsageError` for too many, :class:`HomeBusy` beside an import.
    """
    if len(rows) > MOST:
        raise UsageError(f"At most {MOST} documents at once, not {len(rows):,}.", remedy="Send fewer.")
    terms = terms_of(home, source, now)
    taken = []
    with import_lock(home), open_journal(home).writer() as journal:
        importer = Importer(State.open(home), journal, side_file(home, terms.fetched_at))
        for row in rows:
            try:
                document = assemble(_found(row, now), terms)
            except (ValueError, UsageError) as error:
                taken.append(Taken("", "refused", str(error)))
                continue
            before = importer.statuses.copy()
            importer.take([document], "intake")
            [status] = importer.statuses - before
            taken.append(Taken(document.id, status))
    return taken


def _found(row: Mapping[str, Any], now: datetime) -> Found:
    text, title = str(row.get("text") or ""), str(row.get("title") or "")
    if len(text) > LONGEST or len(title) > LONGEST:
        raise ValueError(f"the text is longer than {LONGEST:,} characters")
    url, post = str(row.get("url") or ""), str(row.get("post_id") or "")
    if not (url or post):
        raise ValueError("neither url nor post_id, by which it would be known again")
    at = parse_moment(str(said)) if (said := row.get("published_at")) else None
    if at and at > now + AHEAD:
        raise ValueError(f"published_at {said!r} lies in the future")
    return Found(
        title=title, text=text, url=url, post_id=post, author=str(row.get("author") or ""),
        site=str(row.get("site") or ""), kind=Kind(row["kind"]) if row.get("kind") else None,
        published_at=at,
    )  # fmt: skip
