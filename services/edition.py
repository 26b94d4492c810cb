"""Editions of a home: drafted, reviewed, signed, sent, compared."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Any

import orjson

from fengping.clock import local
from fengping.delivery import Message, Outbox, deliver_due
from fengping.errors import UsageError
from fengping.events import asking
from fengping.home import Home
from fengping.progress import Listener, Step, emit
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
from fengping.reports.output import TASK
from fengping.reports.render.json import render_json
from fengping.services import evidence
from fengping.services.report import Wanted, build, kind_of, reference_of, series_for
from fengping.services.sending import NOTHING, TYPES, message_of

FORMATS = ("html", "pdf", "docx", "xlsx", "json")
PATHS = ("background", "previous", "official", "outline", "reference_docx")
CHANGES_SHOWN = 200


def draft(
    home: Home, wanted: Wanted, now: datetime, formats: Sequence[str] = FORMATS, *, show: Listener = emit
) -> Edition:
    """A new edition; a reviewer's changes of the same series hold in it, and what changed is listed."""
    archive = Editions(home)
    show(Step(TASK, note="counting"))
    made = build(home, wanted, now)
    evidence.want_cases(home, made, now)
    series = series_for(archive, made, wanted)
    reviewed = apply_edits(made, archive.edits(series))
    before = archive.latest(series)
    revision = archive.next_revision(series)
    number = f"{series}-{revision}"
    data = render_json(reviewed)
    changes = tuple(str(change) for change in _changes(archive, before, data)[:CHANGES_SHOWN])
    given, _ = kind_of(wanted)
    _write(archive, number, reviewed, formats, reference_of(wanted), show)
    archive.add(
        Edition(
            number, series, revision, reviewed.title, given.issuer, now, _sha(render_json(made)), _sha(data),
            EditionState.DRAFT, "", None, "", None, None, False, _record(wanted, formats), changes,
        )
    )  # fmt: skip
    return archive.find(number)


def edit(
    home: Home,
    number: str,
    action: Action,
    target: str,
    text: str,
    by: str,
    now: datetime,
    *,
    formats: Sequence[str] = (),
) -> Edition:
    """Changes a draft; raises :class:`UsageError` for what it does not hold, or data that moved on.

    With *formats* only these are written at once; files of others go, and come back when it is reviewed or
    sent, so that no stale one is ever handed over.
    """
    archive = Editions(home)
    edition, made = _open(home, archive, number, now)
    known = {key for key, _ in keys_of(made)} | {f"fact:{id}" for id in made.facts}
    if target not in known:
        raise UsageError(
            f"{number} holds no {target!r}.", remedy=f"fengping edition show {number} lists the keys."
        )
    if action is not Action.STRIKE and not text.strip():
        raise UsageError("The new words are missing.", remedy="Give them with --text.")
    archive.edit(edition.series, Edit(action, target, text, by, now))
    return _rewrite(archive, edition, made, formats)


def undo_edit(home: Home, number: str, now: datetime, *, formats: Sequence[str] = ()) -> Edition:
    """Takes back the latest change of a draft's series; raises and writes as :func:`edit`."""
    archive = Editions(home)
    edition, made = _open(home, archive, number, now)
    archive.undo_edit(edition.series)
    # The last change gone, all files are written: a review completes only what changes took away.
    return _rewrite(archive, edition, made, formats if archive.edits(edition.series) else ())


def edits(home: Home, number: str) -> list[Edit]:
    """A reviewer's changes that hold in an edition and its series, in the order of their making."""
    archive = Editions(home)
    return archive.edits(archive.find(number).series)


def case_sentence(home: Home, event: str) -> str:
    """An event in one sentence, for a reviewer to add; raises :class:`UsageError` for no such id."""
    found = asking.find(home, event)
    begun = f"{local(found.first_at):%Y-%m-%d}首见，" if found.first_at else ""
    return (
        f"“{found.title}”：{begun}{found.documents}条信息，{found.publishers}个来源，{found.status.value}。"
    )


def _open(home: Home, archive: Editions, number: str, now: datetime) -> tuple[Edition, Report]:
    """A draft that may be changed, and its report before any change."""
    edition = archive.find(number)
    if edition.state not in (EditionState.DRAFT, EditionState.REVIEWED):
        raise UsageError(
            f"{number} is {edition.state.value} and is not changed.", remedy="Draft a revised edition."
        )
    made = build(home, _wanted(edition.wanted), now)
    if _sha(render_json(made)) != edition.base:
        raise UsageError(
            f"The documents have changed since {number} was drafted.",
            remedy="Draft it anew: changes made so far hold there.",
        )
    return edition, made


def _rewrite(archive: Editions, edition: Edition, made: Report, formats: Sequence[str]) -> Edition:
    reviewed = apply_edits(made, archive.edits(edition.series))
    wanted = edition.wanted["formats"]
    for name in set(wanted) - set(formats) if formats else ():
        _file(archive, edition.number, name).unlink(missing_ok=True)
    kept = [name for name in wanted if not formats or name in formats]
    _write(archive, edition.number, reviewed, kept, reference_of(_wanted(edition.wanted)))
    archive.rewrite(edition.number, _sha(render_json(reviewed)))
    return archive.find(edition.number)


def keys(home: Home, number: str, now: datetime) -> list[tuple[str, str]]:
    """Keys and sentences of an edition, before a reviewer's changes."""
    return list(keys_of(build(home, _wanted(Editions(home).find(number).wanted), now)))


def advance(
    home: Home, number: str, to: EditionState, by: str, now: datetime, *, show: Listener = emit
) -> Edition:
    """Reviewed or signed; an edition whose file is not the one drafted is refused."""
    archive = Editions(home)
    edition = archive.find(number)
    if _sha(_json_file(archive, number).read_bytes()) != edition.hash:
        raise UsageError(f"The files of {number} are not those of the archive.", remedy="Draft it anew.")
    if to is EditionState.REVIEWED:
        _complete(home, archive, edition, now, show)
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
    if edition.state is EditionState.DRAFT:
        _complete(home, archive, edition, now)
    data = orjson.loads(_json_file(archive, number).read_bytes())
    made = Outbox.open(home).enqueue(_message(home, edition, data, now, test=test), places, now)
    deliver_due(home, now)
    if not test:
        archive.sent(number, now)
    return made


def _message(home: Home, edition: Edition, data: dict[str, Any], now: datetime, *, test: bool) -> Message:
    folder = Path(Editions(home).folder(edition.number))
    files = {name: folder / f"{edition.number}.{name}" for name in TYPES}
    total = next((fact["value"] for fact in data["facts"] if fact["id"] == "total"), 0)
    key = f"edition:{edition.number}" + (f":test:{now:%Y%m%d%H%M%S}" if test else "")
    subject = ("【测试】" if test else "") + edition.title
    link = home.config.serve.link("reports", "editions", edition.number)
    return message_of(key, subject, data["digest"] if total else [NOTHING], files, link)


def _write(
    archive: Editions,
    number: str,
    report: Report,
    formats: Sequence[str],
    reference: Path | None,
    show: Listener = emit,
) -> None:
    wanted = tuple(dict.fromkeys([*formats, "json"]))
    write(report, wanted, archive.folder(number), stem=number, reference=reference, show=show)


def _changes(archive: Editions, before: Edition | None, data: bytes) -> list[Change]:
    if before is None:
        return []
    path = _json_file(archive, before.number)
    return changes_between(orjson.loads(path.read_bytes()), orjson.loads(data)) if path.exists() else []


def _complete(home: Home, archive: Editions, edition: Edition, now: datetime, show: Listener = emit) -> None:
    """Writes the files of a draft that a quick change took away; raises where its documents moved on."""
    missing = [n for n in edition.wanted["formats"] if not _file(archive, edition.number, n).exists()]
    if missing and archive.edits(edition.series):
        show(Step(TASK, note="counting"))
        _, made = _open(home, archive, edition.number, now)
        _write(
            archive,
            edition.number,
            apply_edits(made, archive.edits(edition.series)),
            missing,
            reference_of(_wanted(edition.wanted)),
            show,
        )


def _file(archive: Editions, number: str, form: str) -> Path:
    return Path(archive.folder(number)) / f"{number}.{form}"


def _json_file(archive: Editions, number: str) -> Path:
    return _file(archive, number, "json")


def _record(wanted: Wanted, formats: Sequence[str]) -> dict[str, Any]:
    record = asdict(wanted) | {"formats": list(formats), "sources": list(wanted.sources)}
    return record | {name: str(record[name]) if record[name] else None for name in PATHS}


def _wanted(record: dict[str, Any]) -> Wanted:
    values = {name: value for name, value in record.items() if name != "formats"}
    values |= {name: Path(values[name]) if values.get(name) else None for name in PATHS}
    return Wanted(**values | {"sources": tuple(values["sources"])})


def _sha(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
