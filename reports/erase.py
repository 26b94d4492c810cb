"""Erasure in reports: each goes in all its formats, drafts with their record; signed ones are held."""

from __future__ import annotations

from pathlib import Path

from fengping.erasure import Erased, Erasure, Holder, Stage
from fengping.erasure.files import delete_quoting, files_in
from fengping.erasure.traces import holding
from fengping.errors import UsageError
from fengping.reports.archive import prints, read_record
from fengping.reports.archive.editions import FOLDER, Edition, Editions
from fengping.reports.archive.redacting import Redacted, blanking, redact

RECORD = "record.json"
"""File of an edition's folder with what was drafted, and once signed what was signed."""


def erase_prints(erasure: Erasure) -> Erased:
    """Deletes reports and drafts that quote them, of other machines too; a signed edition is sealed, and
    named, with those whom it does not reach any more. Its redacted edition is issued later on."""
    archive = Editions(erasure.home)
    if erasure.documents:
        archive.take_all()
    else:
        archive.prune()  # the machine that forgot them has looked through what is shared
    known = {edition.number: edition for edition in archive.all() if edition.is_held}
    held = known.keys()
    files = [path for path in files_in(erasure.home.reports) if path.name != prints.MARK]
    signed = [path for path in files if _edition(erasure.home.reports, path) in held]
    found, closed = holding(signed, erasure.traces)
    reports = erasure.home.reports
    redacted = {number: _redacted(reports / FOLDER / number / RECORD, erasure) for number in held}
    # Quotations are cut short in print, or stand beside another name.
    cut = {number for number, one in redacted.items() if one and one.places}
    quoting = sorted({_edition(reports, path) for path in found} | cut)
    erased = delete_quoting(
        erasure,
        [path for path in files if path not in set(signed)],
        lambda path: _edition(reports, path) or _report(path),
    )
    if erasure.keep_printed:
        stay = [f"The signed edition {number} quotes it, and stays as it is." for number in quoting]
        return Erased(mentioned=[*erased.mentioned, *found], later=stay)
    unsent = [s for number in quoting for s in _seal(archive, known[number], redacted[number], erasure)]
    archive.blank(blanking(erasure.traces, erasure.documents))
    archive.erase({_edition(reports, path) for path in erased.files} - {""})
    archive.prune()
    later = [
        f"The signed edition {number} quotes it: it is held, sealed and shown to nobody."
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


def _seal(archive: Editions, edition: Edition, found: Redacted | None, erasure: Erasure) -> list[str]:
    title = found.report.title if found else erasure.traces.blanked(edition.title)
    return archive.seal(edition.number, erasure.now, found.documents if found else (), title)


def _redacted(record: Path, erasure: Erasure) -> Redacted | None:
    """The signed report without the documents to erase; ``None`` where its record cannot be read."""
    try:
        return redact(read_record(record.read_bytes()), erasure.ids, erasure.traces, erasure.documents)
    except (OSError, UsageError):
        return None


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
