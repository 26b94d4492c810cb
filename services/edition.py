"""Editions of a home: drafted, reviewed, signed, sent, compared."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Any

import orjson

from fengping.delivery import Attachment, Message, Outbox, deliver_due, escape
from fengping.errors import UsageError
from fengping.home import Home
from fengping.reports import Report, write
from fengping.reports.archive import (
    Action,
    Change,
    Edit,
    Edition,
    Editions,
    EditionState,
    apply_edits,
    changes_between,
    keys_of,
)
from fengping.reports.render.json import render_json
from fengping.services import evidence
from fengping.services.report import Wanted, build, kind_of

FORMATS = ("html", "pdf", "docx", "xlsx", "json")
TYPES = {
    "pdf": "application/pdf",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
}
PATHS = ("background", "previous", "official", "outline")
CHANGES_SHOWN = 200


def draft(home: Home, wanted: Wanted, now: datetime, formats: Sequence[str] = FORMATS) -> Edition:
    """A new edition; a reviewer's changes of the same series hold in it, and what changed is listed."""
    archive = Editions(home)
    made = build(home, wanted, now)
    evidence.want_cases(home, made, now)
    series = _series(made)
    reviewed = apply_edits(made, archive.edits(series))
    before = archive.latest(series)
    revision = archive.next_revision(series)
    number = f"{series}-{revision}"
    data = render_json(reviewed)
    changes = tuple(str(change) for change in _changes(archive, before, data)[:CHANGES_SHOWN])
    given, _ = kind_of(wanted)
    _write(archive, number, reviewed, formats)
    archive.add(
        Edition(
            number, series, revision, reviewed.title, given.issuer, now, _sha(render_json(made)), _sha(data),
            EditionState.DRAFT, "", None, "", None, None, False, _record(wanted, formats), changes,
        )
    )  # fmt: skip
    return archive.find(number)


def edit(home: Home, number: str, action: Action, target: str, text: str, by: str, now: datetime) -> Edition:
    """Changes a draft; raises :class:`UsageError` for what it does not hold, or data that moved on."""
    archive = Editions(home)
    edition = archive.find(number)
    if edition.state not in (EditionState.DRAFT, EditionState.REVIEWED):
        raise UsageError(
            f"{number} is {edition.state.value} and is not changed.", remedy="Draft a revised edition."
        )
    wanted = _wanted(edition.wanted)
    made = build(home, wanted, now)
    if _sha(render_json(made)) != edition.base:
        raise UsageError(
            f"The documents have changed since {number} was drafted.",
            remedy="Draft it anew: changes made so far hold there.",
        )
    known = {key for key, _ in keys_of(made)} | {f"fact:{id}" for id in made.facts}
    if target not in known:
        raise UsageError(
            f"{number} holds no {target!r}.", remedy=f"fengping edition show {number} lists the keys."
        )
    if action is not Action.STRIKE and not text.strip():
        raise UsageError("The new words are missing.", remedy="Give them with --text.")
    archive.edit(edition.series, Edit(action, target, text, by, now))
    reviewed = apply_edits(made, archive.edits(edition.series))
    _write(archive, number, reviewed, edition.wanted["formats"])
    archive.rewrite(number, _sha(render_json(reviewed)))
    return archive.find(number)


def keys(home: Home, number: str, now: datetime) -> list[tuple[str, str]]:
    """Keys and sentences of an edition, before a reviewer's changes."""
    return list(keys_of(build(home, _wanted(Editions(home).find(number).wanted), now)))


def advance(home: Home, number: str, to: EditionState, by: str, now: datetime) -> Edition:
    """Reviewed or signed; an edition whose file is not the one drafted is refused."""
    archive = Editions(home)
    edition = archive.find(number)
    if _sha(_json_file(archive, number).read_bytes()) != edition.hash:
        raise UsageError(f"The files of {number} are not those of the archive.", remedy="Draft it anew.")
    return archive.advance(number, to, by, now)


def diff(home: Home, first: str, second: str) -> list[Change]:
    """Differences between two editions."""
    archive = Editions(home)
    one, other = (
        orjson.loads(_json_file(archive, archive.find(n).number).read_bytes()) for n in (first, second)
    )
    return changes_between(one, other)


def send(home: Home, number: str, to: Sequence[str], now: datetime, *, test: bool = False) -> int:
    """Hands a signed edition over: PDF and DOCX attached, the digest as body; the messages that were made.

    With *test* any edition goes, marked as a test, and its state stays. Nothing to say is one line that says
    so.
    """
    archive = Editions(home)
    edition = archive.find(number)
    if not test and edition.state not in (EditionState.SIGNED, EditionState.SENT):
        raise UsageError(
            f"{number} is {edition.state.value}, not signed.", remedy="Sign it first, or --test."
        )
    if edition.sealed:
        raise UsageError(
            f"{number} is sealed: something in it was forgotten.", remedy="Send the redacted edition."
        )
    places = tuple(to) or tuple(kind_of(_wanted(edition.wanted))[0].recipients)
    if not places:
        raise UsageError("To whom?", remedy="Name channels or recipients of delivery.toml with --to.")
    data = orjson.loads(_json_file(archive, number).read_bytes())
    made = Outbox.open(home).enqueue(_message(archive, edition, data, now, test=test), places, now)
    deliver_due(home, now)
    if not test:
        archive.sent(number, now)
    return made


def _message(
    archive: Editions, edition: Edition, data: dict[str, Any], now: datetime, *, test: bool
) -> Message:
    folder = archive.folder(edition.number)
    attachments = []
    for name, type_ in TYPES.items():
        path = folder / f"{edition.number}.{name}"
        if path.exists():
            attachments.append(Attachment(path.name, path.read_bytes(), type_))
    total = next((fact["value"] for fact in data["facts"] if fact["id"] == "total"), 0)
    lines = data["digest"] if total else ["监测期内没有监测范围内的信息。"]
    key = f"edition:{edition.number}" + (f":test:{now:%Y%m%d%H%M%S}" if test else "")
    subject = ("【测试】" if test else "") + edition.title
    return Message(
        key, subject, tuple(escape(line) for line in lines), html=_digest_page(edition.title, lines),
        plain="\n".join([edition.title, *lines]), attachments=tuple(attachments),
    )  # fmt: skip


def _digest_page(title: str, lines: Sequence[str]) -> str:
    from markupsafe import escape as html

    items = "".join(f"<li>{html(line)}</li>" for line in lines)
    return f"<h1>{html(title)}</h1><ul>{items}</ul><p>全文见附件。</p>"


def _write(archive: Editions, number: str, report: Report, formats: Sequence[str]) -> None:
    folder = archive.folder(number)
    write(report, tuple(dict.fromkeys([*formats, "json"])), folder, stem=number)


def _changes(archive: Editions, before: Edition | None, data: bytes) -> list[Change]:
    if before is None:
        return []
    path = _json_file(archive, before.number)
    return changes_between(orjson.loads(path.read_bytes()), orjson.loads(data)) if path.exists() else []


def _json_file(archive: Editions, number: str) -> Path:
    return Path(archive.folder(number)) / f"{number}.json"


def _series(report: Report) -> str:
    name = re.sub(r"[^\w-]+", "_", report.kind)[:60]
    return f"{name}-{report.window.first:%Y%m%d}-{report.window.last:%Y%m%d}"


def _record(wanted: Wanted, formats: Sequence[str]) -> dict[str, Any]:
    record = asdict(wanted) | {"formats": list(formats), "sources": list(wanted.sources)}
    return record | {name: str(record[name]) if record[name] else None for name in PATHS}


def _wanted(record: dict[str, Any]) -> Wanted:
    values = {name: value for name, value in record.items() if name != "formats"}
    values |= {name: Path(values[name]) if values[name] else None for name in PATHS}
    return Wanted(**values | {"sources": tuple(values["sources"])})


def _sha(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
