"""The question that a report puts to a store, and what those who know more answer to it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from fengping.indexer import Filter
from fengping.reports.facts.model import Window
from fengping.reports.facts.previous import Previous
from fengping.reports.scope import CONSUMER, Scope

Estimate = Callable[[Filter], tuple[float, float] | None]
Archived = Callable[[str, Window], Previous | None]
Ran = Callable[[Window], bool]


@dataclass(frozen=True, slots=True)
class Question:
    """Arguments of a report, besides the store."""

    window: Window
    scope: Scope = CONSUMER
    min_publishers: int = 3
    """Independent publishers below which an event is a lead, not a case, and nobody is named."""
    fields_first: tuple[str, ...] = ()
    """Codes of fields that come first, in this order; the others by count."""
    before: tuple[tuple[str, Window], ...] = ()
    """Names and windows to compare with, counted in the same store."""
