"""An edition as it stands: whether it is still what somebody saw, and what moved since it was drafted."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from fengping.errors import FengpingError, UsageError, changed_meanwhile
from fengping.home import Home
from fengping.reports import Report
from fengping.reports.archive import Change, Edition, Editions, EditionState, moved_since
from fengping.services.edition_files import drafted_report, sha, wanted_of
from fengping.services.report import build

OPEN = (EditionState.DRAFT, EditionState.REVIEWED)
TOLD = 3
"""Differences that a refusal names."""


def mark(home: Home, number: str) -> str:
    """A sum of what an edition says, its state, and the changes that hold in it: a page sends it back."""
    archive = Editions(home)
    return _mark(archive, archive.find(number))


def _mark(archive: Editions, edition: Edition) -> str:
    made = [(one.action, one.target, one.text, one.by, one.at) for one in archive.edits(edition.series)]
    return sha(repr((edition.hash, edition.state.value, made)).encode())[:16]


def check_seen(archive: Editions, edition: Edition, seen: str) -> None:
    """Refuses what is done to an edition of which another *seen* mark was shown; an empty one passes."""
    if seen and seen != _mark(archive, edition):
        raise changed_meanwhile(edition.number)


def moved(home: Home, number: str, now: datetime) -> list[Change]:
    """Figures of its own days, and cases, that changed since an edition was drafted; none once signed."""
    archive = Editions(home)
    edition = archive.find(number)
    if edition.state not in OPEN or edition.sealed:
        return []
    return list(_moved(home, edition, drafted_report(archive, edition), now))


def check_unmoved(home: Home, edition: Edition, made: Report, now: datetime) -> None:
    """Refuses an edition whose documents have changed since it was drafted, or may have."""
    number = edition.number
    try:
        found = _moved(home, edition, made, now)
    except FengpingError as error:
        raise UsageError(
            f"It cannot be told what has changed since {number} was drafted: {error}",
            remedy="Go on as drafted (--as-drafted).",
        ) from error
    if found:
        named = "; ".join([*map(str, found[:TOLD]), *(["…"] if len(found) > TOLD else [])])
        raise UsageError(
            f"The documents have changed since {number} was drafted: {named}.",
            remedy="Draft it anew: changes made so far hold there. Or go on as drafted (--as-drafted).",
        )


def _moved(home: Home, edition: Edition, made: Report, now: datetime) -> Sequence[Change]:
    if edition.redacts:
        return ()  # it tells what was signed, of documents that are gone from the store
    return moved_since(made, build(home, wanted_of(edition), now, window=made.window))
