"""Redacted editions: issued in place of signed ones that tell of forgotten documents."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from fengping.erasure import Erased, Erasure, Holder, Stage
from fengping.erasure.files import files_in
from fengping.erasure.traces import holding
from fengping.errors import FengpingError, UsageError
from fengping.reports.archive import Edition, Editions, EditionState, redact
from fengping.reports.archive.prints import PATHS
from fengping.services.edition_files import REFERENCE, drafted_report, print_edition

LATER = ("pdf",)
"""Formats that are made when it is reviewed: an erasure waits for no browser."""


def issue(erasure: Erasure) -> Erased:
    """Issues a redacted edition of each that is held and has none; which, as sentences.

    It is a draft with a number of its own, and goes to nobody by itself.
    """
    if erasure.keep_printed:
        return Erased()
    archive = Editions(erasure.home)
    everything = archive.all()
    replaced = {one.redacts for one in everything}
    told = []
    # The oldest first, so that numbers follow those that they replace.
    for edition in sorted(everything, key=lambda one: (one.series, one.revision)):
        if edition.sealed and edition.hold and edition.number not in replaced and erasure.documents:
            try:
                made = _issue(archive, edition, erasure)
            except FengpingError as error:
                told.append(f"{edition.number} is held without a redacted edition: {error} Draft it anew.")
            else:
                told.append(
                    f"{made.number} is issued in its place ({edition.number}): review, sign, send it."
                )
    return Erased(later=told)


HOLDERS = (Holder(Stage.FILES, issue),)


def _issue(archive: Editions, edition: Edition, erasure: Erasure) -> Edition:
    ids = {*edition.hold.get("documents", ()), *erasure.ids}
    found = redact(drafted_report(archive, edition), ids, erasure.traces, erasure.documents)
    revision = archive.next_revision(edition.series)
    folder = Path(archive.folder(edition.number))
    kept = folder / REFERENCE
    fresh = replace(
        edition,
        number=f"{edition.series}-{revision}", revision=revision, title=found.report.title,
        made_at=erasure.now, state=EditionState.DRAFT, reviewed_by="", reviewed_at=None, signed_by="",
        signed_at=None, sent_at=None, sealed=False, wanted=_wanted(edition.wanted, erasure),
        changes=found.places, redacts=edition.number, hold={},
    )  # fmt: skip
    formats = [name for name in edition.wanted["formats"] if name not in LATER]
    printed, _ = print_edition(
        archive, fresh, found.report, (), formats, reference=kept if kept.exists() else None
    )
    place = archive.fresh_folder(printed.number)
    if left := [path.name for path in holding(files_in(place), erasure.traces)[0]]:
        archive.discard(printed.number)
        raise UsageError(f"what was forgotten could not be blanked in its {', '.join(sorted(left))}.")
    archive.add(printed)
    return printed


def _wanted(wanted: Mapping[str, Any], erasure: Erasure) -> dict[str, Any]:
    """Wishes without files that quote what is forgotten."""
    given = {name: Path(wanted[name]) for name in PATHS if wanted.get(name)}
    there = [path for path in given.values() if path.is_file()]
    quoting = set(holding(there, erasure.traces)[0])
    return {**wanted, **{name: None for name, path in given.items() if path in quoting or path not in there}}
