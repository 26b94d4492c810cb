"""Content of the small topic beside a journal's: whose the journal is, and what was erased from it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Erasing:
    """The erasure of one version."""

    at: datetime
    forgotten: bool
    """True if its document is to be unknown for good."""
    stored: int
    """Milliseconds by the broker's clock."""


@dataclass
class About:
    """Content of the small topic."""

    home: str = ""
    version: int = 0
    erased: dict[bytes, Erasing] = field(default_factory=dict)
    """By version id."""
