"""Files of an edition: the record of what was drafted, and the forms that are printed from it."""

from __future__ import annotations

import hashlib
import re
import shutil
import zipfile
from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, replace
from datetime import datetime
from pathlib import Path
from typing import Any, BinaryIO

import orjson

from fengping.clock import local
from fengping.errors import NotInstalled, UsageError
from fengping.home import Home
from fengping.progress import Listener, emit
from fengping.reports import Report, Window, write
from fengping.reports.archive import (
    Action,
    Edit,
    Edition,
    Editions,
    EditionState,
    apply_edits,
    beyond,
    changes_between,
    faults,
    given_of,
    read_record,
    seal,
    targets_of,
    unsealed,
    write_record,
)
from fengping.reports.archive.prints import PATHS
from fengping.reports.document import Imprint
from fengping.reports.render.json import render_json
from fengping.services.report import Wanted

GIVEN = "given"
"""Folder of files that the console was sent for reports."""
RECORD, REFERENCE = "record.json", "reference.docx"


def print_edition(
    archive: Editions,
    edition: Edition,
    drafted: Report,
    edits: Sequence[Edit],
    formats: Sequence[str],
    *,
    reference: Path | None = None,
    show: Listener = emit,
) -> tuple[Edition, Mapping[str, NotInstalled]]:
    """Prints *edition* from what was drafted, for the archive to put in the place of its files so far; what
    they hold, and the formats that could not be made.

    Files of other formats than *formats* go, so that no stale one is ever handed over. A signed edition is
    printed with every format, or stays as it was: raises :class:`UsageError` for what is missing.
    """
    reviewed = apply_edits(drafted, edits)
    content = render_json(reviewed.report)
    struck = set(targets_of(edits, Action.STRIKE))
    before = None if edition.redacts else archive.before(edition)
    data, old = orjson.loads(content), _old(archive, before)
    signed = edition.state is EditionState.SIGNED
    record = write_record(reviewed.report if signed else drafted)
    printed = replace(
        edition,
        base=sha(record),
        hash=sha(content),
        changes=_changes(edition, old, data, struck),
    )
    imprint = Imprint(
        edition.number,
        edition.issuer,
        _moment(edition.made_at),
        state_in_words(edition),
        printed.hash,
        edition.redacts or (before.number if before and old else ""),
        printed.changes,
        beyond(old, data) if old else 0,
        tuple(map(str, reviewed.passed)),
    )
    folder, fresh = Path(archive.folder(edition.number)), archive.fresh(edition.number)
    kept = folder / REFERENCE
    house = reference or (kept if kept.exists() else None)
    names = tuple(dict.fromkeys([*formats, "json"]))
    written = write(
        replace(reviewed.report, imprint=imprint),
        names,
        fresh,
        stem=edition.number,
        reference=house,
        show=show,
    )
    if signed and written.missing:
        shutil.rmtree(fresh)
        raise _lacking(edition, written.missing)
    (fresh / RECORD).write_bytes(record)
    if house:
        shutil.copyfile(house, fresh / REFERENCE)
    return seal(archive.home, printed, fresh), written.missing


def _changes(
    edition: Edition, old: Mapping[str, Any] | None, data: Mapping[str, Any], struck: Collection[str]
) -> tuple[str, ...]:
    """The list of changes: of a redacted edition what was blanked, which stays as it was made."""
    if edition.redacts:
        return edition.changes
    return tuple(map(str, changes_between(old, data, struck))) if old else ()


def _lacking(edition: Edition, missing: Mapping[str, NotInstalled]) -> UsageError:
    name, error = next(iter(missing.items()))
    return UsageError(
        f"{edition.number} is not signed without its {name.upper()}: {error}",
        remedy="Or draft it with formats that leave it out.",
    )


def drafted_report(archive: Editions, edition: Edition) -> Report:
    """The report as it was drafted; once signed, as it was signed.

    Raises :class:`UsageError` where it was taken away or changed.
    """
    path = Path(archive.folder(edition.number)) / RECORD
    if not path.exists():
        raise UsageError(
            f"{edition.number} has no record of what was drafted.",
            remedy="Draft it anew: changes made so far hold there.",
        )
    content = path.read_bytes()
    if sha(content) != edition.base:
        raise _changed(edition)
    return read_record(content)


def faults_of(archive: Editions, edition: Edition, *, listed: bool = False) -> list[str]:
    """One sentence for everything that is not as it was printed, and once signed as it was signed; of many
    that are *listed*, files that have not been written since an earlier look are not read again."""
    if listed and archive.is_elsewhere(edition.number):
        return []  # taken, and looked at, when it is shown
    return faults(archive.home, edition, Path(archive.folder(edition.number)), listed=listed)


def check_whole(archive: Editions, edition: Edition) -> None:
    """Raises :class:`UsageError` for an edition of which a file is not the one that was printed."""
    if found := faults_of(archive, edition):
        raise UsageError(
            " ".join(found), remedy=f"Put the printed files back, or draft {edition.number} anew."
        )


def export(home: Home, number: str, target: Path | BinaryIO) -> int:
    """Packs an edition, with its manifest and the program that checks it, into a ZIP; how many files.

    Raises :class:`UsageError` for one that is sealed, or not as it was printed.
    """
    archive = Editions(home)
    edition = unsealed(archive.find(number))
    check_whole(archive, edition)
    if not given_of(edition):
        raise UsageError(
            f"{number} was printed by an earlier version and has no manifest.", remedy="Draft it anew."
        )
    folder = Path(archive.folder(number))
    there = [folder / name for name in given_of(edition) if (folder / name).is_file()]
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as pack:
        for path in there:
            pack.write(path, path.relative_to(folder))
    return len(there)


def _changed(edition: Edition) -> UsageError:
    return UsageError(f"The files of {edition.number} are not those of the archive.", remedy="Draft it anew.")


def read_json(archive: Editions, number: str) -> dict[str, Any]:
    """The JSON of an edition; raises :class:`UsageError` where there is none."""
    try:
        data: dict[str, Any] = orjson.loads(file_of(archive, number, "json").read_bytes())
    except (OSError, orjson.JSONDecodeError):
        raise UsageError(f"{number} has no JSON that can be read.", remedy="Draft it anew.") from None
    return data


def file_of(archive: Editions, number: str, form: str) -> Path:
    """One file of an edition."""
    return Path(archive.folder(number)) / f"{number}.{form}"


def missing_formats(archive: Editions, edition: Edition) -> tuple[str, ...]:
    """Formats that were asked for and are not there."""
    wanted = edition.wanted["formats"]
    return tuple(name for name in wanted if not file_of(archive, edition.number, name).exists())


def keep_given(home: Home, name: str, content: bytes) -> Path:
    """Keeps a file that a report is made from, under a name that its content gives."""
    plain = re.sub(r"[^\w.-]+", "-", Path(name.replace("\\", "/")).name).strip("-.")[-80:]
    folder = home.reports / GIVEN
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        path = folder / f"{sha(content)[:12]}-{plain or 'file'}"
        path.write_bytes(content)
    except OSError as error:
        raise UsageError(f"{name} cannot be kept: {error.strerror}.", remedy="Make room.") from None
    return path


def wishes(wanted: Wanted, formats: Sequence[str], window: Window) -> dict[str, Any]:
    """The wishes as an edition keeps them, with the days that they came to."""
    days = {"first": window.first.isoformat(), "last": window.last.isoformat(), "year": None, "week": None}
    record = asdict(wanted) | {"formats": list(formats), "sources": list(wanted.sources)} | days
    # Whole, since the console and a command stand in different folders.
    return record | {name: str(Path(record[name]).resolve()) if record[name] else None for name in PATHS}


def wanted_of(edition: Edition) -> Wanted:
    """The wishes that an edition was drafted by."""
    values = {name: value for name, value in edition.wanted.items() if name != "formats"}
    values |= {name: Path(values[name]) if values.get(name) else None for name in PATHS}
    return Wanted(**values | {"sources": tuple(values["sources"])})


def state_in_words(edition: Edition) -> str:
    """The state as the cover prints it."""
    reviewed = f"审阅：{edition.reviewed_by}，{_moment(edition.reviewed_at)}" if edition.reviewed_at else ""
    if edition.signed_at:
        return f"已签发（签发：{edition.signed_by}，{_moment(edition.signed_at)}；{reviewed}）"
    return f"已审阅，未签发（{reviewed}）" if reviewed else "草稿，未经审阅签发"


def sha(content: bytes) -> str:
    """SHA-256 as the archive keeps it."""
    return hashlib.sha256(content).hexdigest()


def _old(archive: Editions, before: Edition | None) -> dict[str, Any] | None:
    known = before is not None and file_of(archive, before.number, "json").exists()
    return read_json(archive, before.number) if before is not None and known else None


def _moment(at: datetime | None) -> str:
    return f"{local(at):%Y-%m-%d %H:%M}" if at else ""
