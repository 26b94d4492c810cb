"""Files of an edition: the record of what was drafted, and the forms that are printed from it."""

from __future__ import annotations

import hashlib
import re
import shutil
from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, replace
from datetime import datetime
from pathlib import Path
from typing import Any

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
    read_record,
    targets_of,
    write_record,
)
from fengping.reports.archive.prints import PATHS
from fengping.reports.archive.sums import altered
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
    return printed, written.missing


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


def check_untouched(archive: Editions, edition: Edition) -> dict[str, Any]:
    """The JSON of an edition; raises :class:`UsageError` where it is not the one that was printed."""
    data = read_json(archive, edition.number)
    content = {name: value for name, value in data.items() if name != "edition"}
    if sha(orjson.dumps(content, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)) != edition.hash:
        raise _changed(edition)
    return data


def check_whole(archive: Editions, number: str) -> None:
    """Raises :class:`UsageError` for an edition of which a file is not the one that was printed."""
    if changed := altered(archive.state, Path(archive.folder(number))):
        raise UsageError(
            f"{', '.join(changed)} was changed since it was printed.",
            remedy=f"Put the printed file back, or draft {number} anew.",
        )


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
