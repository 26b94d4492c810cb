"""Tables of the archive."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, Integer, String, Table, Text

from fengping.state import Moment, metadata

editions = Table(
    "editions",
    metadata,
    Column("number", String(128), primary_key=True),
    Column("series", String(120), nullable=False, index=True),
    Column("revision", Integer, nullable=False),
    Column("title", String(255), nullable=False),
    Column("issuer", String(120), nullable=False),
    Column("made_at", Moment, nullable=False),
    Column("base", String(64), nullable=False),
    Column("hash", String(64), nullable=False),
    Column("state", String(12), nullable=False),
    Column("reviewed_by", String(64), nullable=False),
    Column("reviewed_at", Moment),
    Column("signed_by", String(64), nullable=False),
    Column("signed_at", Moment),
    Column("sent_at", Moment),
    Column("sealed", Boolean, nullable=False),
    Column("wanted", Text, nullable=False),
    Column("changes", Text, nullable=False),
    Column("redacts", String(128), nullable=False, server_default=""),
    Column("hold", Text, nullable=False, server_default="{}"),
    Column("manifest", Text, nullable=False, server_default=""),
    Column("signature", String(128), nullable=False, server_default=""),
)

edits = Table(
    "edition_edits",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("series", String(120), nullable=False, index=True),
    Column("action", String(8), nullable=False),
    Column("target", String(255), nullable=False),
    Column("text", Text, nullable=False),
    Column("edited_by", String(64), nullable=False),
    Column("edited_at", Moment, nullable=False),
)
