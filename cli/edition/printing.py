"""Editions as rows of a table and as JSON."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from fengping.cli.terminal import remark
from fengping.clock import iso, local, now
from fengping.errors import FengpingError
from fengping.home import Home
from fengping.reports.archive import Edit, Edition
from fengping.services.edition import moved
from fengping.services.edition_reviewing import untraced


def record(edition: Edition) -> dict[str, Any]:
    """The flat JSON form."""
    return {
        "number": edition.number, "title": edition.title, "issuer": edition.issuer,
        "state": edition.state.value,
        "revision": edition.revision, "made_at": iso(edition.made_at), "hash": edition.hash,
        "reviewed_by": edition.reviewed_by, "reviewed_at": iso(edition.reviewed_at),
        "signed_by": edition.signed_by, "signed_at": iso(edition.signed_at), "sent_at": iso(edition.sent_at),
        "sealed": edition.sealed, "held_since": edition.hold.get("since"), "redacts": edition.redacts,
        "changes": list(edition.changes) if not edition.sealed else [],
    }  # fmt: skip


def passed(edits: Sequence[Edit]) -> list[dict[str, Any]]:
    """Changes that find nothing to change, as JSON."""
    return [
        {"action": one.action.value, "target": one.target, "by": one.by, "at": iso(one.at)} for one in edits
    ]


def tell_moved(home: Home, number: str) -> None:
    """Says what is no more as it was drafted, which hinders nothing."""
    try:
        for change in moved(home, number, now()):
            remark(f"Changed since it was drafted: {change}")
    except FengpingError as error:
        remark(f"It cannot be told what has changed since {number} was drafted: {error}")


def tell_untraced(home: Home, number: str) -> None:
    """Says the numbers of a reviewer's changes that the report does not hold, which hinders nothing."""
    if numbers := untraced(home, number):
        remark(f"Numbers in the changes have no source in {number}: {', '.join(numbers)}.")


def tell_faults(edition: Edition, faults: Sequence[str]) -> None:
    """Says what is not as it was printed: the edition is not what it says it is."""
    for sentence in faults:
        remark(f"{edition.number} is not as it was printed: {sentence}", style="red")


def line(edition: Edition) -> str:
    """One line for a terminal."""
    signed = f"　{edition.signed_by} {_day(edition.signed_at)}签发" if edition.signed_by else ""
    sealed = "　已封存" if edition.sealed else ""
    sealed += f"　替代{edition.redacts}" if edition.redacts else ""
    issuer = f"　{edition.issuer}" if edition.issuer else ""
    state = f"{edition.state.value}{signed}{sealed}"
    made = _day(edition.made_at)
    return f"{edition.number}　{made}　{state}　{edition.hash[:12]}{issuer}　{edition.title}"


def _day(at: datetime | None) -> str:
    return f"{local(at):%Y-%m-%d}" if at else ""
