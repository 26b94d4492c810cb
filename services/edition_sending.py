"""Editions on their way to their readers, and what became of them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from fengping.delivery import Message, Outbox, Outcome, deliver_due
from fengping.delivery.message import EDITION
from fengping.delivery.rows import Letter
from fengping.errors import ConfigError, UsageError
from fengping.home import Home
from fengping.reports.archive import DONE, Edition, Editions, EditionState, unsealed
from fengping.services.edition_files import (
    check_whole,
    drafted_report,
    file_of,
    missing_formats,
    print_edition,
    read_json,
    wanted_of,
)
from fengping.services.report import kind_of
from fengping.services.sending import NOTHING, TYPES, hand_over, message_of

SHORTENED = "摘要各句经审阅删去，全文见附件。"


def send(home: Home, number: str, to: Sequence[str], now: datetime, *, test: bool = False) -> int:
    """Hands a signed edition over: PDF and DOCX attached, the digest as body; the messages that were made.

    It is sent once a recipient's side has taken it, now or at a later try (:func:`settle`). With *test* any
    edition goes, marked as a test, and its state stays. Nothing to say is one line that says so. Raises
    :class:`UsageError` for one that is not signed, sealed, changed beside the archive, or lacks a file.
    """
    archive = Editions(home)
    edition = archive.find(number)
    if not test and edition.state not in DONE:
        raise UsageError(
            f"{number} is {edition.state.value}, not signed.", remedy="Sign it first, or --test."
        )
    unsealed(edition)
    # What nobody has signed goes to those alone who are named.
    places = tuple(to) or (() if test else tuple(kind_of(home, wanted_of(edition))[0].recipients))
    if not places:
        raise UsageError("To whom?", remedy="Name channels or recipients of delivery.toml with --to.")
    _complete(archive, edition)
    if lacking := missing_formats(archive, edition):
        raise UsageError(
            f"{number} lacks its {', '.join(lacking).upper()} and is not sent cut.",
            remedy="Draft it anew where Chromium is installed, or with formats that leave it out.",
        )
    check_whole(archive, archive.find(number))
    data = read_json(archive, number)
    made = hand_over(home, _message(home, edition, data, now, test=test), places, now)
    deliver_due(home, now)
    settle(home)
    return made


def letters(home: Home, number: str) -> list[Letter]:
    """An edition's letters, one for each recipient, with their fate; none under a bad ``delivery.toml``."""
    try:
        return Outbox.open(home).of(_key(number))
    except ConfigError:
        return []


def settle(home: Home) -> None:
    """Signed editions that somebody has got are sent, since then."""
    archive = Editions(home)
    for edition in archive.all():
        if edition.state is EditionState.SIGNED and letters(home, edition.number):
            tries = Outbox.open(home).attempts(1000, key=_key(edition.number))
            if taken := [one.at for one in tries if one.outcome is Outcome.ACCEPTED]:
                archive.sent(edition.number, min(taken))


def _key(number: str) -> str:
    return f"{EDITION}{number}"


def _complete(archive: Editions, edition: Edition) -> None:
    """Writes the files of a draft that a quick change took away."""
    if edition.state is EditionState.DRAFT and missing_formats(archive, edition):
        edits, made = archive.edits_in(edition), drafted_report(archive, edition)
        printed, _ = print_edition(archive, edition, made, edits, edition.wanted["formats"])
        archive.save(printed, edition)


def _message(home: Home, edition: Edition, data: dict[str, Any], now: datetime, *, test: bool) -> Message:
    files: dict[str, Path] = {name: file_of(Editions(home), edition.number, name) for name in TYPES}
    total = next((fact["value"] for fact in data["facts"] if fact["id"] == "total"), None)
    imprint = data.get("edition", {})
    foot = "　".join(filter(None, (imprint.get(name) for name in ("number", "issuer", "state"))))
    digest = [NOTHING] if total == 0 else data["digest"] or [SHORTENED]
    key = _key(edition.number) + (f":test:{now:%Y%m%d%H%M%S}" if test else "")
    subject = ("【测试】" if test else "") + edition.title
    link = home.config.serve.link("reports", "editions", edition.number)
    return message_of(key, subject, [*digest, *([foot] if foot else [])], files, link)
