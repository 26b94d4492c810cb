"""Editions as rows of a table and as JSON."""

from __future__ import annotations

from typing import Any

from fengping.clock import iso
from fengping.reports.archive import Edition


def record(edition: Edition) -> dict[str, Any]:
    """The flat JSON form."""
    return {
        "number": edition.number, "title": edition.title, "issuer": edition.issuer,
        "state": edition.state.value,
        "revision": edition.revision, "made_at": iso(edition.made_at), "hash": edition.hash,
        "reviewed_by": edition.reviewed_by, "reviewed_at": iso(edition.reviewed_at),
        "signed_by": edition.signed_by, "signed_at": iso(edition.signed_at), "sent_at": iso(edition.sent_at),
        "sealed": edition.sealed, "changes": list(edition.changes),
    }  # fmt: skip


def line(edition: Edition) -> str:
    """One line for a terminal."""
    signed = f"　{edition.signed_by}签发" if edition.signed_by else ""
    sealed = "　已封存" if edition.sealed else ""
    return f"{edition.number}　{edition.state.value}{signed}{sealed}　{edition.hash[:12]}　{edition.title}"
