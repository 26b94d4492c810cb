"""Erasure in reports: each goes in all its formats, drafts with their record; signed ones are held."""

from __future__ import annotations

from pathlib import Path

from fengping.erasure import Erased, Erasure, Holder, Stage
from fengping.erasure.files import delete_quoting, files_in
from fengping.erasure.traces import holding
from fengping.reports.archive import prints
from fengping.reports.archive.editions import FOLDER, Editions, EditionState

HELD = {EditionState.SIGNED, EditionState.SENT}


def erase_prints(erasure: Erasure) -> Erased:
    """Deletes reports and drafts that quote them, of other machines too; a signed edition is sealed, and
    named, with those whom it does not reach any more."""
    archive = Editions(erasure.home)
    if erasure.documents:
        archive.take_all()
    else:
        archive.prune()  # the machine that forgot them has looked through what is shared
    held = {edition.number for edition in archive.all() if edition.state in HELD}
    files = [path for path in files_in(erasure.home.reports) if path.name != prints.MARK]
    signed = [path for path in files if _edition(erasure.home.reports, path) in held]
    found, closed = holding(signed, erasure.traces)
    quoting = sorted({_edition(erasure.home.reports, path) for path in found})
    unsent = [sentence for number in quoting for sentence in archive.seal(number, erasure.now)]
    reports = erasure.home.reports
    erased = delete_quoting(
        erasure,
        [path for path in files if path not in set(signed)],
        lambda path: _edition(reports, path) or _report(path),
    )
    archive.erase({_edition(reports, path) for path in erased.files} - {""})
    archive.prune()
    later = [
        f"The signed edition {number} quotes it and is held, sealed; draft and sign a redacted edition."
        for number in quoting
    ]
    unknown = [
        path
        for path in closed
        if _edition(erasure.home.reports, path) not in quoting and path.suffix != ".pdf"
    ]
    return Erased(
        counts=erased.counts,
        files=erased.files,
        mentioned=[*erased.mentioned, *found, *unknown],
        later=[*erased.later, *later, *unsent],
    )


HOLDERS = (Holder(Stage.FILES, erase_prints, (prints.files.name, prints.parts.name)),)


def _edition(reports: Path, path: Path) -> str:
    """The number of the edition that a file belongs to; empty for other reports."""
    parts = path.relative_to(reports).parts
    return parts[1] if len(parts) > 2 and parts[0] == FOLDER else ""


def _report(path: Path) -> str:
    """The report that a file is part of."""
    if path.parent.name.endswith("-figures"):
        return str(path.parent).removesuffix("-figures")
    return str(path.with_suffix(""))
