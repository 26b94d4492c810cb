"""History of one document: every version that was collected, and every reading of its counts."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select

from fengping.analysis import canonical_url
from fengping.clock import iso
from fengping.errors import Failed, UsageError
from fengping.home import Home
from fengping.indexer import open_journal
from fengping.models import Engagement, RawDocument, document_id
from fengping.spiders.seen import engagement_readings
from fengping.spiders.seen.urls import COUNTS
from fengping.state import State

_COMPARED = ("title", "text", "author", "site", "published_at", "engagement")


@dataclass(frozen=True, slots=True)
class Reading:
    """The counts that were shown at a moment."""

    read_at: datetime
    engagement: Engagement

    def to_record(self) -> dict[str, Any]:
        return {"read_at": iso(self.read_at)} | {name: getattr(self.engagement, name) for name in COUNTS}


@dataclass(frozen=True)
class History:
    """A document's versions, oldest first, and its readings."""

    versions: Sequence[RawDocument]
    readings: Sequence[Reading]

    def changed(self, number: int) -> tuple[str, ...]:
        """The fields in which version *number* (from 0) differs from the one before."""
        if number == 0:
            return ()
        before, now = self.versions[number - 1], self.versions[number]
        return tuple(name for name in _COMPARED if getattr(before, name) != getattr(now, name))

    def to_record(self) -> dict[str, Any]:
        versions = [
            version.to_record() | {"changed": list(self.changed(number))}
            for number, version in enumerate(self.versions)
        ]
        return {"versions": versions, "readings": [reading.to_record() for reading in self.readings]}


def history(home: Home, name: str) -> History:
    """The history of the document at an address, or with an id.

    Raises :class:`UsageError` for what is neither, :class:`Failed` where nothing was collected under it.
    """
    identity = name
    if re.fullmatch(r"[0-9a-f]{32}", name) is None:
        if not name.startswith(("http://", "https://")):
            raise UsageError(
                f"{name!r} is neither an address nor an id.",
                remedy="Take either from: fengping search … --json",
            )
        try:
            identity = document_id(canonical_url(name))
        except ValueError:
            raise UsageError(f"{name!r} is not an address.") from None
    versions = open_journal(home).versions(identity)
    if not versions:
        raise Failed(f"No document {name} was collected.", remedy="See fengping search, with its url or id.")
    table = engagement_readings
    query = select(table).where(table.c.document_id == identity).order_by(table.c.read_at)
    with State.open(home).begin() as connection:
        rows = connection.execute(query).all()
    readings = [Reading(row.read_at, Engagement(**{n: getattr(row, n) for n in COUNTS})) for row in rows]
    return History(versions, readings)
